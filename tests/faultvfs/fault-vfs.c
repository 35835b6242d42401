/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fault-vfs.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <sqlite3.h>
#include <string.h>
#include <unistd.h>

#define SECTOR 512

/* A write or truncation that no sync made durable yet. */
typedef struct
{
  gint64 offset;
  GBytes *data; /* NULL: truncation to offset */
} Pending;

/* What is known of one path since writes are followed. */
typedef struct
{
  char *path;
  GByteArray *durable;
  GQueue pending;    /* (element-type Pending) */
  gboolean exists;   /* its directory entry is durable */
  gboolean vanished; /* deleted, and the deletion is not durable */
} Record;

typedef struct
{
  sqlite3_file base;
  char *path; /* NULL for a temporary file */
  sqlite3_file *real;
} File;

static sqlite3_vfs *real_vfs;
static GMutex lock; /* of everything below */
static FaultPlan plan;
static guint64 count;
static guint64 fired;
static gboolean following;
static gboolean dead;
static GRand *chance;
static GHashTable *records; /* path → Record */

static void
pending_free (gpointer data)
{
  Pending *pending = data;

  g_clear_pointer (&pending->data, g_bytes_unref);
  g_free (pending);
}

static void
record_free (gpointer data)
{
  Record *record = data;

  g_queue_clear_full (&record->pending, pending_free);
  g_byte_array_unref (record->durable);
  g_free (record->path);
  g_free (record);
}

/* The record of @path; what is on disk when it is first asked for is durable. */
static Record *
find_record (const char *path)
{
  Record *record = g_hash_table_lookup (records, path);
  g_autofree char *contents = NULL;
  gsize length = 0;

  if (record != NULL)
    return record;
  record = g_new0 (Record, 1);
  record->path = g_strdup (path);
  record->durable = g_byte_array_new ();
  if (g_file_get_contents (path, &contents, &length, NULL))
    {
      record->exists = TRUE;
      g_byte_array_append (record->durable, (const guint8 *) contents, (guint) length);
    }
  g_hash_table_insert (records, record->path, record);
  return record;
}

static void
apply_bytes (Record *record, gint64 offset, const guint8 *data, gsize length)
{
  guint end = (guint) offset + (guint) length;
  guint old = record->durable->len;

  if (length == 0)
    return;
  if (end > old)
    {
      g_byte_array_set_size (record->durable, end);
      memset (record->durable->data + old, 0, end - old);
    }
  memcpy (record->durable->data + offset, data, length);
}

static void
apply (Record *record, const Pending *pending)
{
  gsize length;
  const guint8 *data;

  if (pending->data == NULL)
    {
      if (pending->offset < record->durable->len)
        g_byte_array_set_size (record->durable, (guint) pending->offset);
      return;
    }
  data = g_bytes_get_data (pending->data, &length);
  apply_bytes (record, pending->offset, data, length);
}

/* Only some sectors of a write reach the disk. */
static void
apply_torn (Record *record, const Pending *pending)
{
  gsize length;
  const guint8 *data = g_bytes_get_data (pending->data, &length);

  for (gsize at = 0, step; at < length; at += step)
    {
      step = MIN (SECTOR - (gsize) (pending->offset + (gint64) at) % SECTOR, length - at);
      if (g_rand_boolean (chance))
        apply_bytes (record, pending->offset + (gint64) at, data + at, step);
    }
}

static void
settle (Record *record)
{
  Pending *pending;

  while ((pending = g_queue_pop_head (&record->pending)) != NULL)
    {
      apply (record, pending);
      pending_free (pending);
    }
}

static void
follow (const char *path, gint64 offset, const void *data, int length)
{
  Pending *pending;

  if (!following || dead || path == NULL)
    return;
  pending = g_new0 (Pending, 1);
  pending->offset = offset;
  pending->data = data != NULL ? g_bytes_new (data, (gsize) length) : NULL;
  g_queue_push_tail (&find_record (path)->pending, pending);
}

/* TRUE: @operation has to fail. Called and left with the lock held. */
static gboolean
fails (FaultOperations operation)
{
  if (dead)
    return TRUE;
  if ((plan.operations & operation) == 0)
    return FALSE;
  count++;
  if (plan.kind == FAULT_NONE || (plan.persistent ? count < plan.nth : count != plan.nth))
    return FALSE;
  if (plan.kind == FAULT_FULL && (operation & (FAULT_WRITE | FAULT_TRUNCATE)) == 0)
    return FALSE;
  dead = plan.kind == FAULT_POWER;
  fired++;
  return TRUE;
}

/* Tells the test, outside the lock, since it may restore. */
static void
tell (gboolean failed)
{
  void (*func) (void) = NULL;

  if (!failed)
    return;
  g_mutex_lock (&lock);
  func = plan.fired;
  plan.fired = NULL;
  g_mutex_unlock (&lock);
  if (func != NULL)
    func ();
}

static int
check (FaultOperations operation, int code)
{
  gboolean failed;

  g_mutex_lock (&lock);
  failed = fails (operation);
  g_mutex_unlock (&lock);
  tell (failed);
  return failed ? code : SQLITE_OK;
}

/* The methods of a file */

#define REAL(file) (((File *) (file))->real)

static int
file_close (sqlite3_file *file)
{
  File *self = (File *) file;
  int code = self->real->pMethods != NULL ? self->real->pMethods->xClose (self->real) : SQLITE_OK;

  g_clear_pointer (&self->path, g_free);
  return code;
}

static int
file_read (sqlite3_file *file, void *buffer, int length, sqlite3_int64 offset)
{
  int code = check (FAULT_READ, SQLITE_IOERR_READ);

  return code != SQLITE_OK ? code
                           : REAL (file)->pMethods->xRead (REAL (file), buffer, length, offset);
}

static int
file_write (sqlite3_file *file, const void *data, int length, sqlite3_int64 offset)
{
  File *self = (File *) file;
  gboolean failed, full;

  g_mutex_lock (&lock);
  follow (self->path, offset, data, length); /* the write on which the power fails may be torn */
  failed = fails (FAULT_WRITE);
  full = failed && !dead && plan.kind == FAULT_FULL;
  g_mutex_unlock (&lock);
  tell (failed);
  if (full && length > 1)
    self->real->pMethods->xWrite (self->real, data, length / 2, offset);
  if (failed)
    return full ? SQLITE_FULL : SQLITE_IOERR_WRITE;
  return self->real->pMethods->xWrite (self->real, data, length, offset);
}

static int
file_truncate (sqlite3_file *file, sqlite3_int64 size)
{
  File *self = (File *) file;
  gboolean failed;

  g_mutex_lock (&lock);
  follow (self->path, size, NULL, 0);
  failed = fails (FAULT_TRUNCATE);
  g_mutex_unlock (&lock);
  tell (failed);
  return failed ? SQLITE_IOERR_TRUNCATE : self->real->pMethods->xTruncate (self->real, size);
}

static int
file_sync (sqlite3_file *file, int flags)
{
  File *self = (File *) file;
  gboolean followed;
  gulong delay;
  int code = check (FAULT_SYNC, SQLITE_IOERR_FSYNC);

  if (code != SQLITE_OK)
    return code;
  g_mutex_lock (&lock);
  delay = plan.sync_delay;
  followed = following && !dead && self->path != NULL;
  if (followed)
    {
      Record *record = find_record (self->path);

      settle (record);
      record->exists = TRUE;
    }
  g_mutex_unlock (&lock);
  if (delay > 0)
    g_usleep (delay);
  /* what is synced is known here, and the real disk need not be waited for */
  return followed ? SQLITE_OK : self->real->pMethods->xSync (self->real, flags);
}

static int
file_size (sqlite3_file *file, sqlite3_int64 *size)
{
  return REAL (file)->pMethods->xFileSize (REAL (file), size);
}

static int
file_lock (sqlite3_file *file, int level)
{
  return REAL (file)->pMethods->xLock (REAL (file), level);
}

static int
file_unlock (sqlite3_file *file, int level)
{
  return REAL (file)->pMethods->xUnlock (REAL (file), level);
}

static int
file_check_lock (sqlite3_file *file, int *reserved)
{
  return REAL (file)->pMethods->xCheckReservedLock (REAL (file), reserved);
}

static int
file_control (sqlite3_file *file, int operation, void *argument)
{
  return REAL (file)->pMethods->xFileControl (REAL (file), operation, argument);
}

static int
file_sector_size (sqlite3_file *file)
{
  return REAL (file)->pMethods->xSectorSize (REAL (file));
}

static int
file_characteristics (sqlite3_file *file)
{
  /* sectors beside a write stay whole here, so a powersafe overwrite may be counted on */
  return REAL (file)->pMethods->xDeviceCharacteristics (REAL (file)) &
         SQLITE_IOCAP_POWERSAFE_OVERWRITE;
}

static int
file_shm_map (sqlite3_file *file, int region, int size, int extend, void volatile **out)
{
  return REAL (file)->pMethods->xShmMap (REAL (file), region, size, extend, out);
}

static int
file_shm_lock (sqlite3_file *file, int offset, int n, int flags)
{
  return REAL (file)->pMethods->xShmLock (REAL (file), offset, n, flags);
}

static void
file_shm_barrier (sqlite3_file *file)
{
  REAL (file)->pMethods->xShmBarrier (REAL (file));
}

static int
file_shm_unmap (sqlite3_file *file, int remove)
{
  return REAL (file)->pMethods->xShmUnmap (REAL (file), remove);
}

static const sqlite3_io_methods methods = {
  .iVersion = 2,
  .xClose = file_close,
  .xRead = file_read,
  .xWrite = file_write,
  .xTruncate = file_truncate,
  .xSync = file_sync,
  .xFileSize = file_size,
  .xLock = file_lock,
  .xUnlock = file_unlock,
  .xCheckReservedLock = file_check_lock,
  .xFileControl = file_control,
  .xSectorSize = file_sector_size,
  .xDeviceCharacteristics = file_characteristics,
  .xShmMap = file_shm_map,
  .xShmLock = file_shm_lock,
  .xShmBarrier = file_shm_barrier,
  .xShmUnmap = file_shm_unmap,
};

/* The methods of the VFS */

static int
vfs_open (sqlite3_vfs *vfs, sqlite3_filename name, sqlite3_file *file, int flags, int *out_flags)
{
  File *self = (File *) file;
  int code = check (FAULT_OPEN, SQLITE_CANTOPEN);

  memset (self, 0, sizeof *self);
  self->real = (sqlite3_file *) (self + 1);
  if (code == SQLITE_OK && name != NULL)
    {
      g_mutex_lock (&lock);
      if (following && !dead)
        {
          Record *record = find_record (name);

          if (record->vanished) /* made anew: the old one does not come back */
            {
              g_queue_clear_full (&record->pending, pending_free);
              g_byte_array_set_size (record->durable, 0);
              record->exists = record->vanished = FALSE;
            }
        }
      g_mutex_unlock (&lock);
    }
  if (code == SQLITE_OK)
    code = real_vfs->xOpen (real_vfs, name, self->real, flags, out_flags);
  if (code != SQLITE_OK)
    return code;
  self->path = g_strdup (name);
  self->base.pMethods = &methods;
  return SQLITE_OK;
}

static int
vfs_delete (sqlite3_vfs *vfs, const char *name, int sync_directory)
{
  int code = check (FAULT_DELETE, SQLITE_IOERR_DELETE);

  if (code != SQLITE_OK)
    return code;
  g_mutex_lock (&lock);
  if (following && !dead)
    {
      Record *record = find_record (name);

      record->vanished = record->exists && !sync_directory;
      if (sync_directory)
        {
          g_queue_clear_full (&record->pending, pending_free);
          g_byte_array_set_size (record->durable, 0);
          record->exists = FALSE;
        }
    }
  g_mutex_unlock (&lock);
  return real_vfs->xDelete (real_vfs, name, sync_directory);
}

static int
vfs_access (sqlite3_vfs *vfs, const char *name, int flags, int *out)
{
  return real_vfs->xAccess (real_vfs, name, flags, out);
}

static int
vfs_full_pathname (sqlite3_vfs *vfs, const char *name, int length, char *out)
{
  return real_vfs->xFullPathname (real_vfs, name, length, out);
}

void
fault_vfs_register (void)
{
  static sqlite3_vfs vfs;

  if (real_vfs != NULL || sqlite3_initialize () != SQLITE_OK)
    g_error ("SQLite does not start, or was registered with before");
  real_vfs = sqlite3_vfs_find (NULL);
  vfs = *real_vfs;
  vfs.zName = "fault";
  vfs.szOsFile = (int) sizeof (File) + real_vfs->szOsFile;
  vfs.xOpen = vfs_open;
  vfs.xDelete = vfs_delete;
  vfs.xAccess = vfs_access;
  vfs.xFullPathname = vfs_full_pathname;
  chance = g_rand_new_with_seed (0);
  records = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, record_free);
  if (sqlite3_vfs_register (&vfs, TRUE) != SQLITE_OK)
    g_error ("SQLite takes no VFS");
}

void
fault_vfs_arm (const FaultPlan *wanted)
{
  g_mutex_lock (&lock);
  plan = wanted != NULL ? *wanted : (FaultPlan){ 0 };
  count = fired = 0;
  following = following || plan.kind == FAULT_POWER;
  g_rand_set_seed (chance, plan.seed);
  g_mutex_unlock (&lock);
}

guint64
fault_vfs_count (void)
{
  guint64 n;

  g_mutex_lock (&lock);
  n = count;
  g_mutex_unlock (&lock);
  return n;
}

guint64
fault_vfs_fired (void)
{
  guint64 n;

  g_mutex_lock (&lock);
  n = fired;
  g_mutex_unlock (&lock);
  return n;
}

void
fault_vfs_settle_folder (const char *folder)
{
  GHashTableIter iter;
  gpointer value;

  if (records == NULL) /* not registered */
    return;
  g_mutex_lock (&lock);
  g_hash_table_iter_init (&iter, records);
  while (!dead && g_hash_table_iter_next (&iter, NULL, &value))
    {
      Record *record = value;
      g_autofree char *parent = g_path_get_dirname (record->path);

      if (!record->vanished || strcmp (parent, folder) != 0)
        continue;
      g_queue_clear_full (&record->pending, pending_free);
      g_byte_array_set_size (record->durable, 0);
      record->exists = record->vanished = FALSE;
    }
  g_mutex_unlock (&lock);
}

/* What the cut leaves of one file. */
static void
restore_record (Record *record)
{
  g_autofree char *index = g_strconcat (record->path, "-shm", NULL);
  gboolean left = record->exists;
  Pending *pending;

  g_unlink (index);
  /* moved or removed, and not by SQLite: whether that lasted is not known here */
  if (!record->vanished && !g_file_test (record->path, G_FILE_TEST_EXISTS))
    return;
  if (record->vanished && g_rand_boolean (chance))
    left = FALSE;
  else
    while ((pending = g_queue_pop_head (&record->pending)) != NULL)
      {
        switch (g_rand_int_range (chance, 0, 3))
          {
          case 0:
            break;
          case 1:
            apply (record, pending);
            left = TRUE;
            break;
          default:
            if (pending->data != NULL)
              {
                apply_torn (record, pending);
                left = TRUE;
              }
          }
        pending_free (pending);
      }
  if (!left)
    g_unlink (record->path);
  else
    {
      g_autoptr (GError) error = NULL;

      /* without a temporary name: the file keeps its inode, whoever holds it; GLib leaves what is
       * longer as it is */
      if (truncate (record->path, 0) != 0 && errno != ENOENT)
        g_error ("restoring: %s", g_strerror (errno));
      if (!g_file_set_contents_full (record->path, (const char *) record->durable->data,
                                     (gssize) record->durable->len, G_FILE_SET_CONTENTS_NONE, 0600,
                                     &error))
        g_error ("restoring: %s", error->message);
    }
}

static int
compare_paths (const void *a, const void *b)
{
  return strcmp (*(char *const *) a, *(char *const *) b);
}

void
fault_vfs_restore (void)
{
  g_autofree gpointer *paths = NULL;
  guint n = 0;

  g_mutex_lock (&lock);
  paths = g_hash_table_get_keys_as_array (records, &n);
  qsort (paths, n, sizeof *paths, compare_paths); /* the same seed leaves the same */
  for (guint i = 0; i < n; i++)
    restore_record (g_hash_table_lookup (records, paths[i]));
  g_hash_table_remove_all (records);
  plan = (FaultPlan){ 0 };
  following = dead = FALSE;
  g_mutex_unlock (&lock);
}
