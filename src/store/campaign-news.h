/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "store/store.h"

G_BEGIN_DECLS

/** What differs from the package that people were last told of. */
typedef enum
{
  PLAZA_NEWS_NONE = 0,
  PLAZA_NEWS_QUESTIONNAIRES = 1 << 0, /* another version is asked, or another questionnaire */
  PLAZA_NEWS_DATES = 1 << 1,          /* the end of asking or of keying moved */
} PlazaNews;

/**
 * plaza_store_get_news: compares the campaign with what plaza_store_settle_news() noted. A profile
 * that never noted anything, as after joining, has no news and notes.
 */
gboolean plaza_store_get_news (PlazaStore *store, PlazaNews *out, GError **error);

/** plaza_store_settle_news: people were told of the campaign as it is. */
gboolean plaza_store_settle_news (PlazaStore *store, GError **error);

G_END_DECLS
