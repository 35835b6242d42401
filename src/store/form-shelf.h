/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "form/form.h"
#include "wire/campaign.h"

G_BEGIN_DECLS

/** PlazaFormShelf: the questionnaires of a campaign, each loaded once. Any thread. */
typedef struct _PlazaFormShelf PlazaFormShelf;

PlazaFormShelf *plaza_form_shelf_new (const char *data_root, PlazaCampaign *campaign);
void plaza_form_shelf_free (PlazaFormShelf *self);

/** plaza_form_shelf_set_campaign: a newer package of the same campaign. */
void plaza_form_shelf_set_campaign (PlazaFormShelf *self, PlazaCampaign *campaign);

/** plaza_form_shelf_get: see plaza_store_get_form(). (transfer full)
 * @out_campaign: (out) (nullable) (transfer full): the package that has it */
PlazaForm *plaza_form_shelf_get (PlazaFormShelf *self,
                                 const char *form_id,
                                 const char *version,
                                 PlazaCampaign **out_campaign,
                                 GError **error);

G_END_DECLS
