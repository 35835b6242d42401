/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "store/safe-copy.h"
#include "store/store-private.h"

G_BEGIN_DECLS

/** In a profile's folder, for the moment that a copy is made; cut then, it is removed later. */
#define PLAZA_SAFE_COPY_ASIDE "plaza.db.copy"

/** plaza_safe_copy_profile_folder: (transfer full): of a profile's copy below the chosen folder. */
char *plaza_safe_copy_profile_folder (const char *folder, const char *profile);

/** plaza_safe_copy_find: worker only: (transfer full) (nullable): the database of the profile's
 * copy when a folder was chosen and it is there. */
char *plaza_safe_copy_find (PlazaStore *store, PlazaDatabase *db);

G_END_DECLS
