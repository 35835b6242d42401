/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "form/form.h"
#include "wire/campaign.h"

G_BEGIN_DECLS

/**
 * plaza_samples_make: @n made-up revisions of @form, as envelopes carry them, for a compression
 * dictionary: what all submissions of a questionnaire have in common is in it, and nobody's answer.
 * @campaign_fingerprint: as it will stand in the headers
 * Returns: (transfer full) (element-type GBytes)
 */
GPtrArray *
plaza_samples_make (PlazaForm *form, const char *campaign_fingerprint, guint n, GError **error);

G_END_DECLS
