/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What the reader and the builder of campaign packages share. */

#define PLAZA_CAMPAIGN_MAGIC "PLZCMP01"
#define PLAZA_CAMPAIGN_MAGIC_STEM 6
#define PLAZA_CAMPAIGN_MAGIC_SIZE 8
/** Magic, campaign key, length of the manifest. */
#define PLAZA_CAMPAIGN_HEAD_SIZE (PLAZA_CAMPAIGN_MAGIC_SIZE + 32 + 4)

/** plaza_campaign_name_is_safe: whether @name may name a file of a package. */
gboolean plaza_campaign_name_is_safe (const char *name);

G_END_DECLS
