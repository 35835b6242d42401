/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-sync"

#include "sync/stick-private.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "store/data.h"
#include "wire/campaign.h"

/* Names of any kind that are looked at, so that a stick of a million photographs ends too. */
#define MAX_NAMES 1000000u
/* Files without a name of ours that are looked into: each costs a stick a read. */
#define MAX_STRANGERS 100000u
/* In a row: after so many files that cannot be read the stick is at its end. */
#define MAX_UNREADABLE 3u

/* Finding files */

/* One file of ours: the folders that lead to it from a root, and its name. */
typedef struct
{
  PlazaStickKind kind;
  int root;
  GStrv folders;
  char *name;
  PlazaStickReason reason; /* why it need not be read at all */
} Found;

typedef struct
{
  PlazaStickWork *work;
  GArray *roots;    /* int */
  GPtrArray *found; /* Found */
  GPtrArray *way;   /* names of the folders down to here */
  guint names;
  guint strangers;
} Search;

static void
found_free (gpointer data)
{
  Found *found = data;

  g_strfreev (found->folders);
  g_free (found->name);
  g_free (found);
}

static GStrv
copy_way (const Search *search)
{
  GStrv folders = g_new0 (char *, search->way->len + 1);

  for (guint i = 0; i < search->way->len; i++)
    folders[i] = g_strdup (g_ptr_array_index (search->way, i));
  return folders;
}

static mode_t
mode_of (int folder, const struct dirent *entry)
{
  struct stat info;

  if (entry->d_type != DT_UNKNOWN)
    return DTTOIF (entry->d_type);
  return fstatat (folder, entry->d_name, &info, AT_SYMLINK_NOFOLLOW) == 0 ? info.st_mode : 0;
}

static void
add_found (Search *search, int root, const char *name, PlazaStickKind kind, PlazaStickReason reason)
{
  Found *found = g_new0 (Found, 1);

  found->kind = kind;
  found->root = root;
  found->folders = copy_way (search);
  found->name = g_strdup (name);
  found->reason = reason;
  g_ptr_array_add (search->found, found);
}

/* A folder that the stick cannot list hides envelopes: that is told like one of them that cannot be
 * read. What another system keeps for itself is not ours to tell. */
static void
note_unlisted (Search *search, int root, const char *name, int saved)
{
  if (saved != EACCES && saved != EPERM)
    add_found (search, root, name, PLAZA_STICK_ENVELOPE, PLAZA_STICK_UNREADABLE);
}

static gboolean search_folder (Search *search, int root, int folder, GError **error);

static gboolean
search_below (Search *search, int root, int folder, const char *name, GError **error)
{
  int below = openat (folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  gboolean ok;

  if (below < 0)
    {
      note_unlisted (search, root, name, errno);
      return TRUE;
    }
  g_ptr_array_add (search->way, g_strdup (name));
  ok = search_folder (search, root, below, error);
  g_ptr_array_remove_index (search->way, search->way->len - 1);
  close (below);
  return ok;
}

/* A regular file is what it begins with. Its name only counts where that says nothing: then it is
 * damaged, empty or cannot be read, and somebody should hear of it. */
static void
look_into (Search *search, int root, int folder, const char *name)
{
  PlazaStickKind kind = PLAZA_STICK_ENVELOPE;
  gboolean named = plaza_stick_kind_of_name (name, &kind);
  guint8 head[PLAZA_STICK_STEM_SIZE];

  if (plaza_stick_is_leftover (name))
    return;
  if (!named && search->strangers++ >= MAX_STRANGERS)
    {
      search->work->left_out = TRUE;
      return;
    }
  if (plaza_stick_read_head (folder, name, PLAZA_CAMPAIGN_MAX_BYTES, head, sizeof head))
    named = plaza_stick_kind_of_content (head, &kind) || named;
  else if (!named && errno == EIO)
    {
      add_found (search, root, name, kind, PLAZA_STICK_UNREADABLE);
      return;
    }
  if (named)
    add_found (search, root, name, kind, PLAZA_STICK_NO_REASON);
}

static gboolean
look_at (Search *search, int root, int folder, const struct dirent *entry, GError **error)
{
  mode_t mode = mode_of (folder, entry);
  PlazaStickKind kind;

  /* What other systems leave behind; and Plaza names nothing so. */
  if (entry->d_name[0] == '.')
    return TRUE;
  if (S_ISREG (mode))
    look_into (search, root, folder, entry->d_name);
  else if (plaza_stick_kind_of_name (entry->d_name, &kind))
    add_found (search, root, entry->d_name, kind, PLAZA_STICK_NOT_A_FILE);
  else if (S_ISDIR (mode) && search->way->len + 1 < PLAZA_STICK_MAX_DEPTH)
    return search_below (search, root, folder, entry->d_name, error);
  return TRUE;
}

static gboolean
search_folder (Search *search, int root, int folder, GError **error)
{
  int again = openat (folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR *dir = again >= 0 ? fdopendir (again) : NULL;
  const struct dirent *entry;
  gboolean ok = TRUE;

  if (dir == NULL)
    {
      note_unlisted (search, root, ".", errno);
      if (again >= 0)
        close (again);
      return TRUE;
    }
  while (ok)
    {
      errno = 0;
      entry = readdir (dir);
      if (entry == NULL)
        {
          if (errno != 0)
            note_unlisted (search, root, ".", errno);
          break;
        }
      if (search->found->len >= PLAZA_STICK_MAX_FILES || search->names++ >= MAX_NAMES)
        {
          search->work->left_out = TRUE;
          break;
        }
      ok = plaza_stick_work_goes_on (search->work, error) &&
           look_at (search, root, folder, entry, error);
    }
  closedir (dir);
  return ok;
}

/* Packages first, because they say whose the rest is; receipts before envelopes, so that what is
 * delivered already is not taken along. */
static int
order_of (PlazaStickKind kind)
{
  static const int order[PLAZA_STICK_N_KINDS] = {
    [PLAZA_STICK_CAMPAIGN] = 0,     [PLAZA_STICK_INVITATIONS] = 1, [PLAZA_STICK_RECEIPT] = 2,
    [PLAZA_STICK_REGISTRATION] = 3, [PLAZA_STICK_ENVELOPE] = 4,
  };

  return order[kind];
}

static int
compare_found (gconstpointer a, gconstpointer b)
{
  const Found *first = *(const Found *const *) a;
  const Found *second = *(const Found *const *) b;
  int difference = order_of (first->kind) - order_of (second->kind);

  if (difference == 0)
    difference = first->root - second->root;
  for (guint i = 0; difference == 0 && (first->folders[i] != NULL || second->folders[i] != NULL);
       i++)
    {
      difference = g_strcmp0 (first->folders[i], second->folders[i]);
      if (first->folders[i] == NULL || second->folders[i] == NULL)
        break;
    }
  return difference != 0 ? difference : strcmp (first->name, second->name);
}

/* Taking files in */

typedef struct
{
  PlazaStickWork *work;
  PlazaCarried *carried;
  GArray *roots;
  int folder; /* of the file before, -1 for none */
  const Found *folder_of;
  guint unreadable; /* in a row */
} Taking;

static char *
shown_path (const Found *found)
{
  g_autoptr (GString) path = g_string_new (NULL);
  g_autofree char *shown = NULL;

  for (guint i = 0; found->folders[i] != NULL; i++)
    g_string_append_printf (path, "%s/", found->folders[i]);
  g_string_append (path, found->name);
  shown = g_filename_display_name (path->str);
  for (char *c = shown; *c != '\0'; c++)
    if (g_ascii_iscntrl (*c))
      *c = '?';
  return g_steal_pointer (&shown);
}

/* The id that a name begins with, if it does: copies are called "… (1).plz". People and programs
 * rename files, but not to the id of another envelope: what has such a name was damaged. */
static char *
claimed_id (const Found *found)
{
  g_autofree char *id = NULL;
  PlazaHash hash;

  if (found->kind != PLAZA_STICK_ENVELOPE && found->kind != PLAZA_STICK_RECEIPT)
    return NULL;
  id = g_ascii_strdown (found->name, strspn (found->name, "0123456789abcdefABCDEF"));
  return plaza_hash_parse (id, &hash, NULL) ? g_steal_pointer (&id) : NULL;
}

/* The folder of @found, held open for the files beside it. */
static int
open_way (Taking *self, const Found *found, PlazaStickTrouble *trouble, GError **error)
{
  int folder;

  if (self->folder_of != NULL && self->folder_of->root == found->root &&
      g_strv_equal ((const char *const *) self->folder_of->folders,
                    (const char *const *) found->folders))
    return self->folder;
  if (self->folder >= 0)
    close (self->folder);
  self->folder_of = NULL;
  folder = openat (g_array_index (self->roots, int, found->root), ".",
                   O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  for (guint i = 0; folder >= 0 && found->folders[i] != NULL; i++)
    {
      int below = plaza_stick_open_folder (folder, found->folders[i], FALSE, trouble, error);

      close (folder);
      folder = below;
    }
  self->folder = folder;
  if (folder >= 0)
    self->folder_of = found;
  else if (trouble->reason == PLAZA_STICK_NO_REASON)
    {
      trouble->reason = PLAZA_STICK_UNREADABLE;
      plaza_throw (error, PLAZA_ERROR_DISK, "the folder does not open");
    }
  return folder;
}

static GBytes *
read_found (Taking *self, const Found *found, PlazaStickTrouble *trouble, GError **error)
{
  int folder;

  if (found->reason != PLAZA_STICK_NO_REASON)
    {
      trouble->reason = found->reason;
      plaza_throw (error, PLAZA_ERROR_INVALID, "not a regular file, or not readable");
      return NULL;
    }
  folder = open_way (self, found, trouble, error);
  return folder >= 0
             ? plaza_stick_read_file (folder, found->name, plaza_stick_kind_max (found->kind),
                                      FALSE, trouble, error)
             : NULL;
}

static PlazaStickFate
fate_of (PlazaCarriedFate fate)
{
  switch (fate)
    {
    case PLAZA_CARRIED_NEW:
      return PLAZA_STICK_NEW;
    case PLAZA_CARRIED_HERE:
      return PLAZA_STICK_HERE;
    case PLAZA_CARRIED_DELIVERED:
      return PLAZA_STICK_DELIVERED;
    case PLAZA_CARRIED_OURS:
    default:
      return PLAZA_STICK_OURS;
    }
}

/* A package of a campaign that this laptop does not have is for joining, not for reading. */
static gboolean
take_campaign (Taking *self, GBytes *bytes, PlazaStickItem *item, GError **error)
{
  PlazaCampaignTaken taken;

  if (!plaza_campaign_take (self->work->data_root, NULL, bytes, &taken, error))
    return FALSE;
  if (taken == PLAZA_CAMPAIGN_FOREIGN)
    return plaza_throw (error, PLAZA_ERROR_NOT_FOUND, "nobody here has joined that campaign");
  item->fate = taken == PLAZA_CAMPAIGN_TAKEN ? PLAZA_STICK_NEW : PLAZA_STICK_HERE;
  return TRUE;
}

static gboolean
take_carried (Taking *self, GBytes *bytes, PlazaStickItem *item, GError **error)
{
  PlazaCarriedFate fate = PLAZA_CARRIED_NEW;
  g_autofree char *id = NULL;
  gboolean ok;

  /* Made late: the packages of the stick are taken in by now. */
  if (self->carried == NULL)
    self->carried = plaza_carried_new (self->work->data_root, error);
  if (self->carried == NULL)
    return FALSE;
  switch (item->kind)
    {
    case PLAZA_STICK_ENVELOPE:
      ok = plaza_carried_take_envelope (self->carried, item->id, bytes, &fate, &id, error);
      break;
    case PLAZA_STICK_RECEIPT:
      ok = plaza_carried_take_receipt (self->carried, bytes, &fate, &id, error);
      break;
    case PLAZA_STICK_REGISTRATION:
      ok = plaza_carried_take_registration (self->carried, bytes, &fate, &id, error);
      break;
    case PLAZA_STICK_INVITATIONS:
    case PLAZA_STICK_CAMPAIGN:
    default:
      ok = plaza_carried_take_invitations (self->carried, bytes, &fate, error);
      break;
    }
  if (!ok)
    return FALSE;
  if (id != NULL)
    {
      g_free (item->id);
      item->id = g_steal_pointer (&id);
    }
  item->fate = fate_of (fate);
  return TRUE;
}

static PlazaStickReason
reason_of (const GError *error)
{
  if (error->domain != PLAZA_ERROR)
    return PLAZA_STICK_NO_REASON;
  switch ((PlazaError) error->code)
    {
    case PLAZA_ERROR_INVALID:
      return PLAZA_STICK_DAMAGED;
    case PLAZA_ERROR_NOT_FOUND:
      return PLAZA_STICK_FOREIGN;
    case PLAZA_ERROR_SIGNATURE:
      return PLAZA_STICK_FORGED;
    case PLAZA_ERROR_LIMIT:
      return PLAZA_STICK_TOO_LARGE;
    case PLAZA_ERROR_NEWER:
      return PLAZA_STICK_NEWER;
    default:
      return PLAZA_STICK_NO_REASON;
    }
}

/* Whether the stick answers no more; one bad file does not say so yet. */
static gboolean
is_over (Taking *self, const Found *found, const PlazaStickTrouble *trouble)
{
  if (trouble->problem != PLAZA_STICK_NO_PROBLEM)
    return TRUE;
  if (trouble->reason != PLAZA_STICK_UNREADABLE)
    {
      self->unreadable = 0;
      return FALSE;
    }
  self->unreadable++;
  return self->unreadable > MAX_UNREADABLE ||
         plaza_stick_is_gone (g_array_index (self->roots, int, found->root));
}

/* FALSE only for what ends the work: the stick is gone, or this laptop cannot keep more. */
static gboolean
take_found (Taking *self, const Found *found, GError **error)
{
  PlazaStickWork *work = self->work;
  PlazaStickItem *item =
      plaza_stick_work_add (work, found->kind, shown_path (found), claimed_id (found), 0);
  PlazaStickTrouble trouble = { 0 };
  g_autoptr (GError) local = NULL;
  g_autoptr (GBytes) bytes = read_found (self, found, &trouble, &local);
  gboolean ok = FALSE;

  if (bytes != NULL)
    {
      item->size = g_bytes_get_size (bytes);
      self->unreadable = 0;
      ok = found->kind == PLAZA_STICK_CAMPAIGN ? take_campaign (self, bytes, item, &local)
                                               : take_carried (self, bytes, item, &local);
      if (!ok)
        trouble.reason = reason_of (local);
      if (!ok && trouble.reason == PLAZA_STICK_NO_REASON)
        trouble.problem = PLAZA_STICK_LAPTOP;
    }
  else if (is_over (self, found, &trouble) && trouble.problem == PLAZA_STICK_NO_PROBLEM)
    trouble.problem = PLAZA_STICK_GONE;
  if (ok)
    return TRUE;
  if (trouble.problem != PLAZA_STICK_NO_PROBLEM)
    {
      /* Nothing was found out about this file. */
      g_ptr_array_remove_index (work->items, work->items->len - 1);
      work->trouble = trouble;
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  g_debug ("a file of the stick is refused: %s", local->message);
  item->fate = PLAZA_STICK_REFUSED;
  item->reason = trouble.reason;
  return TRUE;
}

static gboolean
take_all (PlazaStickWork *work, GArray *roots, GPtrArray *found, GError **error)
{
  Taking taking = { .work = work, .roots = roots, .folder = -1 };
  gboolean ok = TRUE;

  g_atomic_int_set (&work->phase, PLAZA_STICK_READING);
  g_atomic_int_set (&work->total, found->len);
  for (guint i = 0; ok && i < found->len; i++)
    {
      ok = plaza_stick_work_goes_on (work, error) &&
           take_found (&taking, g_ptr_array_index (found, i), error);
      g_atomic_int_set (&work->done, i + 1);
    }
  if (taking.folder >= 0)
    close (taking.folder);
  g_clear_pointer (&taking.carried, plaza_carried_free);
  return ok;
}

static gboolean
open_roots (PlazaStickWork *work, GArray *roots, GError **error)
{
  for (guint i = 0; work->folders[i] != NULL; i++)
    {
      int root = plaza_stick_open_root (work->folders[i], &work->trouble, error);

      if (root < 0)
        return FALSE;
      g_array_append_val (roots, root);
    }
  return TRUE;
}

gboolean
plaza_stick_read_work (PlazaStickWork *work, GError **error)
{
  g_autoptr (GArray) roots = g_array_new (FALSE, FALSE, sizeof (int));
  g_autoptr (GPtrArray) found = g_ptr_array_new_with_free_func (found_free);
  g_autoptr (GPtrArray) way = g_ptr_array_new_with_free_func (g_free);
  Search search = { .work = work, .roots = roots, .found = found, .way = way };
  gboolean ok = open_roots (work, roots, error);

  g_atomic_int_set (&work->phase, PLAZA_STICK_LOOKING);
  for (guint i = 0; ok && i < roots->len; i++)
    ok = search_folder (&search, (int) i, g_array_index (roots, int, i), error);
  g_ptr_array_sort (found, compare_found);
  ok = ok && take_all (work, roots, found, error);
  for (guint i = 0; i < roots->len; i++)
    close (g_array_index (roots, int, i));
  return ok;
}
