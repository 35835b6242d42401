/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "store/store.h"

G_BEGIN_DECLS

/**
 * A sealed copy of a profile outside the laptop, in a folder or on a stick that the person chose
 * once: the database as backups have it, the envelopes that wait, the keyfile and the campaign's
 * package. It opens with what the laptop opens with: the passphrase, or the recovery key
 * (store/rescue.h). What was delivered leaves it with the next copy.
 *
 * Below the chosen folder it is a data root:
 * PLAZA_SAFE_COPY_FOLDER/{campaigns/<fingerprint>.plzcmp, profiles/<id>/{profile.key, device, code,
 * folios, plaza.db, outbox/<envelope id>.plz}}.
 */

#define PLAZA_SAFE_COPY_FOLDER "Plaza copies"

/** PlazaSafeCopyState: how the last try ended. */
typedef enum
{
  PLAZA_SAFE_COPY_NONE,   /* no folder was chosen, or nothing was tried yet */
  PLAZA_SAFE_COPY_MADE,   /* written, read back and compared */
  PLAZA_SAFE_COPY_ABSENT, /* the folder is not there: nothing is wrong, it waits for the stick */
  PLAZA_SAFE_COPY_FULL,   /* no room on it; the copy before is whole */
  PLAZA_SAFE_COPY_FAILED, /* it refused, was pulled out, or gives back other bytes than written */
} PlazaSafeCopyState;

/** PlazaSafeCopyInfo: what is known of a profile's copy; nothing needs to be unlocked. */
typedef struct
{
  PlazaSafeCopyState state; /* of the last try */
  gint64 made_ms;           /* when the last whole copy was made, 0 for never */
} PlazaSafeCopyInfo;

void plaza_safe_copy_get_info (PlazaProfile *profile, PlazaSafeCopyInfo *out);

/** plaza_safe_copy_get_folder: (transfer full) (nullable): the chosen folder; NULL without @error
 * when there is none. */
char *plaza_safe_copy_get_folder (PlazaStore *store, GError **error);

/**
 * plaza_safe_copy_set_folder: chooses @folder, which must be there and take files; durable. The
 * copy in a folder chosen before is left where it is. @folder: NULL for no copies any more
 * Errors: PLAZA_ERROR_NOT_FOUND, PLAZA_ERROR_DISK, G_IO_ERROR.
 */
gboolean plaza_safe_copy_set_folder (PlazaStore *store, const char *folder, GError **error);

/** PlazaSafeCopy: one copy to be made. */
typedef struct _PlazaSafeCopy PlazaSafeCopy;

/**
 * plaza_safe_copy_prepare: takes a stripped copy of the database aside, on the laptop's own disk,
 * which is quick. NULL without @error when no folder was chosen or it is not there now.
 */
PlazaSafeCopy *plaza_safe_copy_prepare (PlazaStore *store, GError **error);

/**
 * plaza_safe_copy_write: takes it to the folder; slow, any thread, the profile may be locked
 * meanwhile. Each file is written under another name, synced, renamed, read back past the cache
 * and compared, the database last. The outcome is kept for plaza_safe_copy_get_info().
 */
gboolean plaza_safe_copy_write (PlazaSafeCopy *self, GError **error);
void plaza_safe_copy_free (PlazaSafeCopy *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlazaSafeCopy, plaza_safe_copy_free)

/** plaza_safe_copy_write_async: in a thread; takes @self. */
void
plaza_safe_copy_write_async (PlazaSafeCopy *self, GAsyncReadyCallback callback, gpointer user_data);
gboolean plaza_safe_copy_write_finish (GAsyncResult *result, GError **error);

/**
 * plaza_safe_copy_remove: takes the profile's copy away from @folder, because nothing of it is
 * needed any more. @out_there: (out): FALSE when the folder is not there now
 */
gboolean plaza_safe_copy_remove (PlazaProfile *profile,
                                 const char *folder,
                                 gboolean *out_there,
                                 GError **error);

G_END_DECLS
