/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "store/response.h"

G_BEGIN_DECLS

/**
 * PlazaResponseList: GListModel of PlazaResponse, newest first, kept up to date by itself.
 */
#define PLAZA_TYPE_RESPONSE_LIST (plaza_response_list_get_type ())
G_DECLARE_FINAL_TYPE (PlazaResponseList, plaza_response_list, PLAZA, RESPONSE_LIST, GObject)

/**
 * plaza_response_list_new: everything that began or ended at or after @since_ms (0: all), loaded.
 * Drafts are always in.
 */
PlazaResponseList *plaza_response_list_new (PlazaStore *store, gint64 since_ms, GError **error);

/**
 * plaza_response_list_new_day: as plaza_response_list_new(), and everything of @session, NULL for
 * none: its day is what the people said, whatever the clock of the computer said meanwhile.
 */
PlazaResponseList *plaza_response_list_new_day (PlazaStore *store,
                                                gint64 since_ms,
                                                const char *session,
                                                GError **error);

/** plaza_response_list_find: index of a response, or -1. */
int plaza_response_list_find (PlazaResponseList *self, const char *id);

G_END_DECLS
