/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "wire/campaign.h"

G_BEGIN_DECLS

/** The data root: campaigns/<fingerprint>.plzcmp and profiles/<id>/. */

/** plaza_data_root: $PLAZA_DATA_DIR, else $XDG_DATA_HOME/plaza. (transfer full) */
char *plaza_data_root (void);

/** plaza_data_save_campaign: keeps a verified package as campaigns/<fingerprint>.plzcmp; another
 * one that was there stays as campaigns/<fingerprint>-<hash>.plzcmp, for what was begun on it. */
gboolean plaza_data_save_campaign (const char *data_root, PlazaCampaign *campaign, GError **error);

/** plaza_data_load_campaign: verified again. (transfer full) PLAZA_ERROR_NOT_FOUND. */
PlazaCampaign *
plaza_data_load_campaign (const char *data_root, const char *fingerprint, GError **error);

/** plaza_data_list_earlier: the campaign's earlier packages that verify. (transfer full)
 * (element-type PlazaCampaign) */
GPtrArray *plaza_data_list_earlier (const char *data_root, const char *fingerprint);

G_END_DECLS
