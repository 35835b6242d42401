/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fault-files.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SECTOR 512

/* A name that was made, moved or removed, and may be undone while its folder is not synced. */
typedef struct
{
  char *path;
  char *from;    /* NULL unless it was moved */
  GBytes *there; /* what the name stood for before, NULL for nothing */
} Change;

static GRecMutex lock;
static char *root;
static FaultPlan plan;
static guint64 count;
static guint64 fired;
static gboolean following;
static gboolean dead;
static gboolean restoring; /* what this file does itself is no operation */
static GHashTable *torn;   /* paths of files with bytes that were never synced */
static GQueue changes;     /* Change, oldest first */
static GRand *chance;

/* The C library's own. */
#define REAL(type, name) ((type) dlsym (RTLD_NEXT, name))
typedef ssize_t (*Write) (int, const void *, size_t);
typedef int (*Fsync) (int);
typedef int (*Rename) (const char *, const char *);
typedef int (*Renameat2) (int, const char *, int, const char *, unsigned int);
typedef int (*Unlink) (const char *);

static void
change_free (gpointer data)
{
  Change *change = data;

  g_free (change->path);
  g_free (change->from);
  g_clear_pointer (&change->there, g_bytes_unref);
  g_free (change);
}

static gboolean
is_ours (const char *path)
{
  return following && !restoring && path != NULL && g_str_has_prefix (path, root);
}

static char *
path_of (int fd)
{
  g_autofree char *link = NULL;

  if (!following || restoring)
    return NULL;
  link = g_strdup_printf ("/proc/self/fd/%d", fd);
  return g_file_read_link (link, NULL);
}

static gboolean
is_database (const char *path)
{
  return strstr (path, ".db") != NULL;
}

/* What SQLite makes and removes by itself, through the VFS. */
static gboolean
is_log (const char *path)
{
  return g_str_has_suffix (path, "-wal") || g_str_has_suffix (path, "-shm") ||
         g_str_has_suffix (path, "-journal");
}

static GBytes *
contents_of (const char *path)
{
  char *contents;
  gsize length;

  return g_file_get_contents (path, &contents, &length, NULL) ? g_bytes_new_take (contents, length)
                                                              : NULL;
}

/* TRUE: @operation fails, with errno set. Called and left with the lock held. */
static gboolean
fails (FaultOperations operation)
{
  void (*func) (void) = NULL;

  errno = EIO;
  if (dead)
    return TRUE;
  if ((plan.operations & operation) == 0)
    return FALSE;
  count++;
  if (plan.kind == FAULT_NONE || (plan.persistent ? count < plan.nth : count != plan.nth))
    return FALSE;
  if (plan.kind == FAULT_FULL && (operation & (FAULT_WRITE | FAULT_RENAME)) == 0)
    return FALSE;
  dead = plan.kind == FAULT_POWER;
  fired++;
  func = plan.fired;
  plan.fired = NULL;
  if (func != NULL)
    func ();
  errno = plan.kind == FAULT_FULL ? ENOSPC : EIO;
  return TRUE;
}

static void
note (const char *path, const char *from, GBytes *there)
{
  Change *change = g_new0 (Change, 1);

  change->path = g_strdup (path);
  change->from = g_strdup (from);
  change->there = there;
  g_queue_push_tail (&changes, change);
}

ssize_t
write (int fd, const void *data, size_t length)
{
  g_autofree char *path = path_of (fd);
  struct stat status;
  ssize_t result;

  if (!is_ours (path) || is_database (path) || fstat (fd, &status) != 0 ||
      !S_ISREG (status.st_mode))
    return REAL (Write, "write") (fd, data, length);
  g_rec_mutex_lock (&lock);
  if (!dead && status.st_size == 0)
    note (path, NULL, NULL); /* files are made new and written at once */
  if (!dead)
    g_hash_table_add (torn, g_strdup (path));
  if (fails (FAULT_WRITE))
    {
      int saved = errno;

      if (saved == ENOSPC && length > 1)
        REAL (Write, "write") (fd, data, length / 2);
      errno = saved;
      result = -1;
    }
  else
    result = REAL (Write, "write") (fd, data, length);
  g_rec_mutex_unlock (&lock);
  return result;
}

static void
settle_folder (const char *folder)
{
  for (GList *l = changes.head, *next; l != NULL; l = next)
    {
      Change *change = l->data;
      g_autofree char *parent = g_path_get_dirname (change->path);

      next = l->next;
      if (strcmp (parent, folder) != 0)
        continue;
      change_free (change);
      g_queue_delete_link (&changes, l);
    }
}

int
fsync (int fd)
{
  g_autofree char *path = path_of (fd);
  gboolean failed;

  if (!is_ours (path))
    return REAL (Fsync, "fsync") (fd);
  g_rec_mutex_lock (&lock);
  failed = fails (FAULT_SYNC);
  if (!failed && !g_hash_table_remove (torn, path))
    {
      settle_folder (path);
      fault_vfs_settle_folder (path);
    }
  g_rec_mutex_unlock (&lock);
  /* What is synced is known here, and the real disk need not be waited for. */
  return failed ? -1 : 0;
}

static void
move_torn (const char *from, const char *to)
{
  g_hash_table_remove (torn, to);
  if (g_hash_table_remove (torn, from))
    g_hash_table_add (torn, g_strdup (to));
}

int
renameat2 (int from_folder, const char *from, int to_folder, const char *to, unsigned int flags)
{
  g_autoptr (GBytes) there = NULL;
  int result = -1;

  if (!is_ours (to))
    return REAL (Renameat2, "renameat2") (from_folder, from, to_folder, to, flags);
  g_rec_mutex_lock (&lock);
  if (!fails (FAULT_RENAME))
    {
      there = contents_of (to);
      result = REAL (Renameat2, "renameat2") (from_folder, from, to_folder, to, flags);
      if (result == 0)
        {
          note (to, from, g_steal_pointer (&there));
          move_torn (from, to);
        }
    }
  g_rec_mutex_unlock (&lock);
  return result;
}

int
rename (const char *from, const char *to)
{
  return is_ours (to) ? renameat2 (AT_FDCWD, from, AT_FDCWD, to, 0)
                      : REAL (Rename, "rename") (from, to);
}

int
link (const char *from, const char *to)
{
  int result = -1;

  if (!is_ours (to))
    return REAL (Rename, "link") (from, to);
  g_rec_mutex_lock (&lock);
  if (!fails (FAULT_RENAME) && (result = REAL (Rename, "link") (from, to)) == 0)
    note (to, NULL, NULL);
  g_rec_mutex_unlock (&lock);
  return result;
}

int
unlink (const char *path)
{
  g_autoptr (GBytes) there = NULL;
  int result = -1;

  if (!is_ours (path) || is_log (path))
    return REAL (Unlink, "unlink") (path);
  g_rec_mutex_lock (&lock);
  if (!fails (FAULT_DELETE))
    {
      there = contents_of (path);
      result = REAL (Unlink, "unlink") (path);
      if (result == 0 && there != NULL)
        note (path, NULL, g_steal_pointer (&there));
    }
  g_rec_mutex_unlock (&lock);
  return result;
}

static void
forget (void)
{
  g_hash_table_remove_all (torn);
  g_queue_clear_full (&changes, change_free);
  dead = FALSE;
}

void
fault_files_arm (const char *folder, const FaultPlan *wanted)
{
  g_rec_mutex_lock (&lock);
  if (torn == NULL)
    {
      torn = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
      chance = g_rand_new_with_seed (0);
    }
  g_free (root);
  root = g_strdup (folder);
  if (root == NULL)
    forget ();
  plan = wanted != NULL ? *wanted : (FaultPlan){ 0 };
  count = fired = 0;
  following = root != NULL;
  g_rand_set_seed (chance, plan.seed);
  g_rec_mutex_unlock (&lock);
}

guint64
fault_files_count (void)
{
  return count;
}

guint64
fault_files_fired (void)
{
  return fired;
}

static void
put (const char *path, GBytes *bytes)
{
  gsize length;
  const char *data = g_bytes_get_data (bytes, &length);

  /* GLib writes over what is there, and leaves what is longer as it is. */
  if ((truncate (path, 0) != 0 && errno != ENOENT) ||
      !g_file_set_contents_full (path, data ? data : "", (gssize) length, G_FILE_SET_CONTENTS_NONE,
                                 0600, NULL))
    g_error ("restoring %s", path);
}

/* Some of the first changes of a folder are kept: undoes @change when this is not one of them. */
static void
undo (const Change *change)
{
  if (change->from != NULL)
    REAL (Rename, "rename") (change->path, change->from);
  else if (change->there == NULL)
    REAL (Unlink, "unlink") (change->path);
  if (change->there != NULL)
    put (change->path, change->there);
}

static void
undo_some (void)
{
  g_autoptr (GHashTable) kept = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  Change *change;

  /* Backwards: the first that stays keeps all before it in its folder. */
  while ((change = g_queue_pop_tail (&changes)) != NULL)
    {
      g_autofree char *folder = g_path_get_dirname (change->path);

      if (!g_hash_table_contains (kept, folder) && g_rand_boolean (chance))
        {
          undo (change);
          if (change->from != NULL)
            move_torn (change->path, change->from);
        }
      else
        g_hash_table_add (kept, g_steal_pointer (&folder));
      change_free (change);
    }
}

static void
tear (const char *path)
{
  g_autoptr (GBytes) bytes = contents_of (path);
  g_autoptr (GBytes) left = NULL;
  g_autoptr (GByteArray) array = NULL;

  if (bytes == NULL || g_bytes_get_size (bytes) == 0)
    return;
  array = g_bytes_unref_to_array (g_steal_pointer (&bytes));
  g_byte_array_set_size (array, (guint) g_rand_int_range (chance, 0, (gint32) array->len + 1));
  for (guint at = 0; at < array->len; at += SECTOR)
    if (g_rand_int_range (chance, 0, 4) == 0)
      memset (array->data + at, 0, MIN (SECTOR, array->len - at));
  left = g_byte_array_free_to_bytes (g_steal_pointer (&array));
  put (path, left);
}

void
fault_files_restore (void)
{
  GHashTableIter iter;
  gpointer path;

  g_rec_mutex_lock (&lock);
  restoring = TRUE;
  undo_some ();
  g_hash_table_iter_init (&iter, torn);
  while (g_hash_table_iter_next (&iter, &path, NULL))
    tear (path);
  forget ();
  plan = (FaultPlan){ 0 };
  restoring = following = FALSE;
  g_rec_mutex_unlock (&lock);
}
