/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-store"

#include "store/safe-copy.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "store/backup.h"
#include "store/folio-mark.h"
#include "store/joining.h"
#include "store/profile-private.h"
#include "store/replica.h"
#include "store/safe-copy-private.h"
#include "store/store-private.h"
#include "wire/envelope.h"

#define FOLDER_VALUE "safe-copy-folder"
#define INFO_FILE "copied"
#define CHUNK 65536u
/* What a file system takes beside the bytes themselves. */
#define FILE_OVERHEAD 8192u

struct _PlazaSafeCopy
{
  char *folder;         /* that the person chose */
  char *profile_folder; /* on the laptop */
  char *package;        /* the campaign's, on the laptop */
  int database;         /* the copy taken aside, which has no name any more */
  char *fingerprint;
  char *id;
};

void
plaza_safe_copy_free (PlazaSafeCopy *self)
{
  if (self->database >= 0)
    close (self->database);
  g_free (self->folder);
  g_free (self->profile_folder);
  g_free (self->package);
  g_free (self->fingerprint);
  g_free (self->id);
  g_free (self);
}

static char *
copies_folder (const char *folder)
{
  return g_build_filename (folder, PLAZA_SAFE_COPY_FOLDER, NULL);
}

char *
plaza_safe_copy_profile_folder (const char *folder, const char *profile)
{
  return g_build_filename (folder, PLAZA_SAFE_COPY_FOLDER, "profiles", profile, NULL);
}

/* What is known of the last try */

void
plaza_safe_copy_get_info (PlazaProfile *profile, PlazaSafeCopyInfo *out)
{
  g_autofree char *path = g_build_filename (plaza_profile_get_folder (profile), INFO_FILE, NULL);
  g_autoptr (GBytes) bytes = plaza_file_read (path, 200, NULL);
  g_autoptr (JsonObject) object =
      bytes != NULL ? plaza_json_parse_object (bytes, NULL, NULL) : NULL;
  gint64 state = 0;

  *out = (PlazaSafeCopyInfo){ 0 };
  if (object == NULL ||
      !plaza_json_get_int (object, "state", 0, PLAZA_SAFE_COPY_FAILED, &state, NULL) ||
      !plaza_json_get_int (object, "made", 0, G_MAXINT64, &out->made_ms, NULL))
    return;
  out->state = (PlazaSafeCopyState) state;
}

static void
note (const char *profile_folder, PlazaSafeCopyState state)
{
  g_autofree char *path = g_build_filename (profile_folder, INFO_FILE, NULL);
  g_autoptr (JsonObject) object = json_object_new ();
  g_autoptr (GBytes) before = plaza_file_read (path, 200, NULL);
  g_autoptr (JsonObject) known =
      before != NULL ? plaza_json_parse_object (before, NULL, NULL) : NULL;
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GError) error = NULL;
  gint64 made = 0;

  if (state == PLAZA_SAFE_COPY_MADE)
    made = plaza_clock_now_ms ();
  else if (known != NULL)
    {
      gint64 before_state = -1;

      plaza_json_get_int (known, "state", 0, PLAZA_SAFE_COPY_FAILED, &before_state, NULL);
      /* Nothing new: a stick that stays away is looked for every minute. */
      if (before_state == (gint64) state)
        return;
      plaza_json_get_int (known, "made", 0, G_MAXINT64, &made, NULL);
    }
  json_object_set_int_member (object, "made", made);
  json_object_set_int_member (object, "state", state);
  bytes = plaza_json_write_object (object);
  if (!plaza_file_write (path, bytes, &error))
    g_warning ("how the copy went was not noted: %s", error->message);
}

/* The chosen folder */

typedef struct
{
  const char *set;
  char *folder;
} FolderValue;

static gboolean
read_folder_job (PlazaStore *store, PlazaDatabase *db, gpointer data, GError **error)
{
  FolderValue *value = data;
  g_autoptr (GError) local = NULL;
  g_autoptr (GBytes) bytes = plaza_store_read_value (store, db, FOLDER_VALUE, &local);

  if (local != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  if (bytes != NULL && g_bytes_get_size (bytes) > 0)
    value->folder = g_strndup (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  return TRUE;
}

char *
plaza_safe_copy_get_folder (PlazaStore *store, GError **error)
{
  FolderValue value = { 0 };

  return plaza_store_call (store, PLAZA_STORE_READ, read_folder_job, &value, error) ? value.folder
                                                                                    : NULL;
}

char *
plaza_safe_copy_find (PlazaStore *store, PlazaDatabase *db)
{
  FolderValue value = { 0 };
  g_autofree char *target = NULL;
  g_autofree char *path = NULL;

  if (!read_folder_job (store, db, &value, NULL) || value.folder == NULL)
    return NULL;
  target = plaza_safe_copy_profile_folder (value.folder,
                                           plaza_profile_get_id (plaza_store_get_profile (store)));
  path = g_build_filename (target, "plaza.db", NULL);
  g_free (value.folder);
  return g_file_test (path, G_FILE_TEST_IS_REGULAR) ? g_steal_pointer (&path) : NULL;
}

static gboolean
write_folder_job (PlazaStore *store, PlazaDatabase *db, gpointer data, GError **error)
{
  const FolderValue *value = data;
  g_autoptr (GBytes) bytes = g_bytes_new (value->set, strlen (value->set));

  return plaza_store_write_value (store, db, FOLDER_VALUE, bytes, error);
}

gboolean
plaza_safe_copy_set_folder (PlazaStore *store, const char *folder, GError **error)
{
  FolderValue value = { .set = folder != NULL ? folder : "" };
  g_autofree char *copies = folder != NULL ? copies_folder (folder) : NULL;

  /* Where a stick is mounted a folder may stay without it: ours inside tells them apart. */
  if (folder != NULL && !g_file_test (folder, G_FILE_TEST_IS_DIR))
    return plaza_throw (error, PLAZA_ERROR_NOT_FOUND, "the folder for copies is not there");
  if (copies != NULL && !plaza_dir_make (copies, error))
    return FALSE;
  if (!plaza_store_call (store, PLAZA_STORE_WRITE, write_folder_job, &value, error))
    return FALSE;
  note (plaza_store_get_folder (store), PLAZA_SAFE_COPY_NONE);
  return TRUE;
}

/* Taking aside */

static char *
aside_path (const char *profile_folder)
{
  return g_build_filename (profile_folder, PLAZA_SAFE_COPY_ASIDE, NULL);
}

static gboolean
take_aside_job (PlazaStore *store, PlazaDatabase *db, gpointer data, GError **error)
{
  return plaza_database_copy (db, data, PLAZA_BACKUP_STRIP "; " PLAZA_REPLICA_EMPTY, error);
}

/* The file without its name: it goes with the program, whatever happens. */
static int
take_aside (PlazaStore *store, GError **error)
{
  g_autofree char *aside = aside_path (plaza_store_get_folder (store));
  int fd;

  if (!plaza_store_call (store, PLAZA_STORE_PLAIN, take_aside_job, aside, error))
    return -1;
  fd = g_open (aside, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  if (fd < 0)
    plaza_throw (error, PLAZA_ERROR_DISK, "taking a copy aside: %s", g_strerror (errno));
  g_unlink (aside);
  return fd;
}

PlazaSafeCopy *
plaza_safe_copy_prepare (PlazaStore *store, GError **error)
{
  PlazaProfile *profile = plaza_store_get_profile (store);
  g_autofree char *folder = plaza_safe_copy_get_folder (store, error);
  g_autofree char *copies = folder != NULL ? copies_folder (folder) : NULL;
  g_autoptr (PlazaSafeCopy) self = NULL;
  g_autofree char *name = NULL;
  int database;

  if (folder == NULL)
    return NULL;
  if (!g_file_test (copies, G_FILE_TEST_IS_DIR))
    {
      note (plaza_store_get_folder (store), PLAZA_SAFE_COPY_ABSENT);
      return NULL;
    }
  database = take_aside (store, error);
  if (database < 0)
    {
      note (plaza_store_get_folder (store), PLAZA_SAFE_COPY_FAILED);
      return NULL;
    }
  self = g_new0 (PlazaSafeCopy, 1);
  self->database = database;
  self->folder = g_steal_pointer (&folder);
  self->profile_folder = g_strdup (plaza_store_get_folder (store));
  self->id = g_strdup (plaza_profile_get_id (profile));
  self->fingerprint = g_strdup (plaza_profile_get_campaign_fingerprint (profile));
  name = g_strconcat (self->fingerprint, ".plzcmp", NULL);
  self->package = g_build_filename (plaza_profile_get_data_root (profile), "campaigns", name, NULL);
  return g_steal_pointer (&self);
}

/* Writing */

static gboolean
throw_errno (GError **error, const char *doing)
{
  int saved = errno;

  return plaza_throw (error,
                      saved == ENOSPC || saved == EDQUOT ? PLAZA_ERROR_LIMIT : PLAZA_ERROR_DISK,
                      "%s the copy: %s", doing, g_strerror (saved));
}

static gboolean
pump (int from, int to, GError **error)
{
  g_autofree guint8 *chunk = g_malloc (CHUNK);

  for (;;)
    {
      ssize_t n = read (from, chunk, CHUNK);
      ssize_t done = 0;

      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        return throw_errno (error, "reading for");
      if (n == 0)
        return fsync (to) == 0 || throw_errno (error, "syncing");
      while (done < n)
        {
          ssize_t wrote = write (to, chunk + done, (size_t) (n - done));

          if (wrote < 0 && errno == EINTR)
            continue;
          if (wrote < 0)
            return throw_errno (error, "writing");
          done += wrote;
        }
    }
}

static gssize
read_whole (int fd, guint8 *buffer)
{
  gsize got = 0;

  while (got < CHUNK)
    {
      ssize_t n = read (fd, buffer + got, CHUNK - got);

      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        return -1;
      if (n == 0)
        break;
      got += (gsize) n;
    }
  return (gssize) got;
}

/* What the medium gives back, past the cache, is what was written. */
static gboolean
compare (int from, int to, GError **error)
{
  g_autofree guint8 *first = g_malloc (CHUNK);
  g_autofree guint8 *second = g_malloc (CHUNK);
  gssize n, m;

  posix_fadvise (to, 0, 0, POSIX_FADV_DONTNEED);
  if (lseek (from, 0, SEEK_SET) != 0 || lseek (to, 0, SEEK_SET) != 0)
    return throw_errno (error, "reading back");
  do
    {
      n = read_whole (from, first);
      m = read_whole (to, second);
      if (n < 0 || m < 0)
        return throw_errno (error, "reading back");
      if (n != m || memcmp (first, second, (gsize) n) != 0)
        return plaza_throw (error, PLAZA_ERROR_DISK, "the medium gives back other bytes");
    }
  while (n > 0);
  return TRUE;
}

static gboolean
sync_folder_of (const char *path, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (path);
  int fd = g_open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  /* Some file systems of sticks cannot sync a folder and say so. */
  gboolean ok = fd >= 0 && (fsync (fd) == 0 || errno == EINVAL || errno == ENOTSUP);

  if (!ok)
    throw_errno (error, "keeping");
  if (fd >= 0)
    close (fd);
  return ok;
}

static gboolean
copy_open (int from, const char *to_path, GError **error)
{
  g_autofree char *part = g_strconcat (to_path, ".part", NULL);
  int to;
  gboolean ok;

  g_unlink (part);
  to = g_open (part, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  ok = (to >= 0 || throw_errno (error, "beginning")) && pump (from, to, error) &&
       compare (from, to, error);
  if (ok && g_rename (part, to_path) != 0)
    ok = throw_errno (error, "naming");
  if (to >= 0)
    close (to);
  if (!ok)
    g_unlink (part);
  return ok && sync_folder_of (to_path, error);
}

static gboolean
copy_file (const char *from_path, const char *to_path, GError **error)
{
  int from = g_open (from_path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  gboolean ok = from >= 0 ? copy_open (from, to_path, error) : throw_errno (error, "beginning");

  if (from >= 0)
    close (from);
  return ok;
}

static gint64
size_of (const char *path)
{
  GStatBuf info;

  return g_lstat (path, &info) == 0 && S_ISREG (info.st_mode) ? (gint64) info.st_size : -1;
}

/* One file of this copy. */
typedef struct
{
  char *from;
  char *to;
} Item;

static void
item_free (gpointer data)
{
  Item *item = data;

  g_free (item->from);
  g_free (item->to);
  g_free (item);
}

/* Files named by their content never change; the others are always written again. */
static void
add_item (GPtrArray *items, const char *from, const char *to, gboolean by_content)
{
  Item *item;
  gint64 size = size_of (from);

  if (size < 0 || (by_content && size_of (to) == size))
    return;
  item = g_new (Item, 1);
  item->from = g_strdup (from);
  item->to = g_strdup (to);
  g_ptr_array_add (items, item);
}

static void
add_named (GPtrArray *items, const char *from_folder, const char *to_folder, const char *name)
{
  g_autofree char *from = g_build_filename (from_folder, name, NULL);
  g_autofree char *to = g_build_filename (to_folder, name, NULL);

  add_item (items, from, to, FALSE);
}

static GPtrArray *
list_items (PlazaSafeCopy *self, const char *target, const char *package)
{
  GPtrArray *items = g_ptr_array_new_with_free_func (item_free);
  g_autofree char *outbox = g_build_filename (self->profile_folder, "outbox", NULL);
  g_autofree char *target_outbox = g_build_filename (target, "outbox", NULL);
  g_auto (GStrv) names = plaza_dir_list (outbox, ".plz", NULL);

  add_named (items, self->profile_folder, target, "profile.key");
  add_named (items, self->profile_folder, target, "device");
  add_named (items, self->profile_folder, target, PLAZA_PROFILE_CODE);
  add_named (items, self->profile_folder, target, PLAZA_FOLIO_MARK);
  add_item (items, self->package, package, FALSE);
  for (guint i = 0; names != NULL && names[i] != NULL; i++)
    {
      g_autofree char *from = g_build_filename (outbox, names[i], NULL);
      g_autofree char *to = g_build_filename (target_outbox, names[i], NULL);

      add_item (items, from, to, TRUE);
    }
  return items;
}

static gboolean
check_room (PlazaSafeCopy *self, const char *folder, GPtrArray *items, GError **error)
{
  struct statvfs info;
  GStatBuf database;
  guint64 needed = FILE_OVERHEAD, room;

  if (fstat (self->database, &database) == 0)
    needed += (guint64) database.st_size;

  for (guint i = 0; i < items->len; i++)
    needed += (guint64) size_of (((Item *) g_ptr_array_index (items, i))->from) + FILE_OVERHEAD;
  if (statvfs (folder, &info) != 0)
    return throw_errno (error, "looking at the room for");
  room = (guint64) info.f_bavail * info.f_frsize;
  return room >= needed ||
         plaza_throw (error, PLAZA_ERROR_LIMIT,
                      "the copy needs %" G_GUINT64_FORMAT " bytes, there are %" G_GUINT64_FORMAT,
                      needed, room);
}

/* Envelopes that were delivered meanwhile. */
static gboolean
remove_delivered (PlazaSafeCopy *self, const char *target, GError **error)
{
  g_autofree char *folder = g_build_filename (target, "outbox", NULL);
  g_auto (GStrv) names = plaza_dir_list (folder, ".plz", NULL);

  for (guint i = 0; names != NULL && names[i] != NULL; i++)
    {
      g_autofree char *here = g_build_filename (self->profile_folder, "outbox", names[i], NULL);
      g_autofree char *there = g_build_filename (folder, names[i], NULL);

      if (!g_file_test (here, G_FILE_TEST_EXISTS) && !plaza_file_remove (there, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
write_items (PlazaSafeCopy *self, GError **error)
{
  g_autofree char *copies = copies_folder (self->folder);
  g_autofree char *target = plaza_safe_copy_profile_folder (self->folder, self->id);
  g_autofree char *outbox = g_build_filename (target, "outbox", NULL);
  g_autofree char *campaigns = g_build_filename (copies, "campaigns", NULL);
  g_autofree char *name = g_strconcat (self->fingerprint, ".plzcmp", NULL);
  g_autofree char *package = g_build_filename (campaigns, name, NULL);
  g_autofree char *database = g_build_filename (target, "plaza.db", NULL);
  g_autoptr (GPtrArray) items = NULL;

  if (!plaza_dir_make (outbox, error) || !plaza_dir_make (campaigns, error))
    return FALSE;
  items = list_items (self, target, package);
  if (!check_room (self, copies, items, error))
    return FALSE;
  for (guint i = 0; i < items->len; i++)
    {
      const Item *item = g_ptr_array_index (items, i);

      if (!copy_file (item->from, item->to, error))
        return FALSE;
    }
  /* The database last: once it is there the rest of this copy is. */
  return lseek (self->database, 0, SEEK_SET) == 0
             ? copy_open (self->database, database, error) && remove_delivered (self, target, error)
             : throw_errno (error, "beginning");
}

gboolean
plaza_safe_copy_write (PlazaSafeCopy *self, GError **error)
{
  g_autofree char *copies = copies_folder (self->folder);
  GError *local = NULL;
  PlazaSafeCopyState state = PLAZA_SAFE_COPY_MADE;

  if (!write_items (self, &local))
    {
      state = g_error_matches (local, PLAZA_ERROR, PLAZA_ERROR_LIMIT) ? PLAZA_SAFE_COPY_FULL
                                                                      : PLAZA_SAFE_COPY_FAILED;
      if (!g_file_test (copies, G_FILE_TEST_IS_DIR))
        state = PLAZA_SAFE_COPY_ABSENT;
      g_propagate_error (error, local);
    }
  /* The profile may have been handed in meanwhile. */
  if (g_file_test (self->profile_folder, G_FILE_TEST_IS_DIR))
    note (self->profile_folder, state);
  return state == PLAZA_SAFE_COPY_MADE;
}

static void
write_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  GError *error = NULL;

  if (plaza_safe_copy_write (data, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

void
plaza_safe_copy_write_async (PlazaSafeCopy *self, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, NULL, callback, user_data);

  g_task_set_source_tag (task, plaza_safe_copy_write_async);
  g_task_set_task_data (task, self, (GDestroyNotify) plaza_safe_copy_free);
  g_task_run_in_thread (task, write_thread);
}

gboolean
plaza_safe_copy_write_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

/* Removing */

gboolean
plaza_safe_copy_remove (PlazaProfile *profile,
                        const char *folder,
                        gboolean *out_there,
                        GError **error)
{
  g_autofree char *copies = copies_folder (folder);
  g_autofree char *target = plaza_safe_copy_profile_folder (folder, plaza_profile_get_id (profile));

  *out_there = g_file_test (copies, G_FILE_TEST_IS_DIR);
  if (!*out_there || !g_file_test (target, G_FILE_TEST_IS_DIR))
    return TRUE;
  return plaza_profile_remove_folder (target, error);
}
