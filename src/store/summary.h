/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "store/store-private.h"

G_BEGIN_DECLS

/** PlazaSummary: what a list shows of a response, sealed under the profile's key so that it stays
 * readable when the interview's key is gone. */
typedef struct
{
  char *folio;
  char *mode;
  char *form_id;
  char *form_version;
} PlazaSummary;

void plaza_summary_clear (PlazaSummary *summary);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PlazaSummary, plaza_summary_clear)

GBytes *plaza_summary_seal (PlazaStore *store, const char *response, const PlazaSummary *summary);
gboolean plaza_summary_open (
    PlazaStore *store, const char *response, GBytes *sealed, PlazaSummary *out, GError **error);

G_END_DECLS
