/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "central/central.h"
#include "wire/feed.h"

G_BEGIN_DECLS

/**
 * plaza_feed_read: the page after @asked for @reader: a coordinator reads the responses of their
 * own organisation, an administrator those of the campaign, nobody else any. A cursor of another
 * scope begins afresh.
 * @campaign: the reader's
 * Errors: PLAZA_ERROR_REFUSED (nothing is theirs to read), the storage's.
 */
PlazaFeedPage *plaza_feed_read (PlazaStorage *reader_storage,
                                PlazaCampaign *campaign,
                                const PlazaDevice *reader,
                                const PlazaFeedCursor *asked,
                                GError **error);

G_END_DECLS
