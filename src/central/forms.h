/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "central/central.h"
#include "form/form.h"

G_BEGIN_DECLS

/**
 * PlazaForms: the questionnaires of a central's campaigns, loaded when first asked for and kept.
 * One thread.
 */
typedef struct _PlazaForms PlazaForms;

PlazaForms *plaza_forms_new (PlazaCentral *central);
void plaza_forms_free (PlazaForms *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlazaForms, plaza_forms_free)

/**
 * plaza_forms_find: Returns: (transfer full): or NULL with PLAZA_ERROR_NOT_FOUND when no campaign
 * has that form and version, or why it does not load.
 */
PlazaForm *plaza_forms_find (PlazaForms *self, const char *id, const char *version, GError **error);

/** plaza_forms_load: a questionnaire straight from its campaign. Returns: (transfer full). */
PlazaForm *plaza_forms_load (PlazaCampaign *campaign,
                             const PlazaCampaignQuestionnaire *questionnaire,
                             GError **error);

G_END_DECLS
