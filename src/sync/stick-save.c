/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-sync"

#include "sync/stick-private.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "store/joining.h"
#include "wire/envelope.h"
#include "wire/invitation.h"
#include "wire/registration.h"

/* Room that is left free: sticks slow down and fail when they are filled to the brim. */
#define MARGIN (1u << 20)
/* What a file takes at least, as far as the file system's own word for it is believed. */
#define MIN_CLUSTER 4096u
#define MAX_CLUSTER (128u * 1024)

/* One file that should be on the stick. */
typedef struct
{
  PlazaStickKind kind;
  char *fingerprint;
  char *id; /* NULL for package and invitations */
  char *name;
  char *source; /* on this laptop; or */
  GBytes *bytes;
  gboolean authored; /* by a profile of this laptop */
  gsize size;
} Planned;

typedef struct
{
  PlazaStickWork *work;
  PlazaCarried *carried;
  int root;
  GPtrArray *files; /* Planned, in the order of their folders */
} Saving;

static void
planned_free (gpointer data)
{
  Planned *planned = data;

  g_free (planned->fingerprint);
  g_free (planned->id);
  g_free (planned->name);
  g_free (planned->source);
  g_clear_pointer (&planned->bytes, g_bytes_unref);
  g_free (planned);
}

/* NULL for files that stand beside the folders. */
static const char *
folder_of (PlazaStickKind kind)
{
  switch (kind)
    {
    case PLAZA_STICK_ENVELOPE:
      return "envelopes";
    case PLAZA_STICK_RECEIPT:
      return "receipts";
    case PLAZA_STICK_REGISTRATION:
      return "registrations";
    case PLAZA_STICK_CAMPAIGN:
    case PLAZA_STICK_INVITATIONS:
    default:
      return NULL;
    }
}

static char *
name_of (PlazaStickKind kind, const char *id)
{
  if (kind == PLAZA_STICK_CAMPAIGN)
    return g_strdup ("campaign.plzcmp");
  if (kind == PLAZA_STICK_INVITATIONS)
    return g_strdup ("invitations.plzinv");
  return g_strconcat (id, plaza_stick_kind_suffix (kind), NULL);
}

/* Planning */

static Planned *
plan (Saving *self, PlazaStickKind kind, const char *fingerprint, const char *id)
{
  Planned *planned = g_new0 (Planned, 1);

  planned->kind = kind;
  planned->fingerprint = g_strdup (fingerprint);
  planned->id = g_strdup (id);
  planned->name = name_of (kind, id);
  g_ptr_array_add (self->files, planned);
  return planned;
}

static void
plan_file (Saving *self,
           PlazaStickKind kind,
           const char *fingerprint,
           const char *id,
           const char *source,
           gboolean authored)
{
  Planned *planned;
  struct stat info;

  if (stat (source, &info) < 0)
    return;
  planned = plan (self, kind, fingerprint, id);
  planned->source = g_strdup (source);
  planned->authored = authored;
  planned->size = (gsize) info.st_size;
}

static void
plan_carried (Saving *self, PlazaStickKind kind, GPtrArray *files)
{
  for (guint i = 0; i < files->len; i++)
    {
      const PlazaCarriedFile *file = g_ptr_array_index (files, i);

      plan_file (self, kind, file->fingerprint, file->id, file->path, FALSE);
    }
}

/* The package and the invitations of each campaign that the rest is of. */
static void
plan_campaign (Saving *self, const char *fingerprint)
{
  g_autofree char *invitations = plaza_carried_invitations (self->work->data_root, fingerprint);
  PlazaCampaign *campaign = plaza_carried_campaign (self->carried, fingerprint);
  Planned *planned;

  if (campaign == NULL)
    return;
  planned = plan (self, PLAZA_STICK_CAMPAIGN, fingerprint, NULL);
  planned->bytes = g_bytes_ref (plaza_campaign_package (campaign));
  planned->size = g_bytes_get_size (planned->bytes);
  plan_file (self, PLAZA_STICK_INVITATIONS, fingerprint, NULL, invitations, FALSE);
}

static void
plan_campaigns (Saving *self)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  guint n = self->files->len;

  if (self->work->own != NULL)
    {
      g_hash_table_add (seen, self->work->own);
      plan_campaign (self, self->work->own);
    }
  for (guint i = 0; i < n; i++)
    {
      const Planned *planned = g_ptr_array_index (self->files, i);

      if (g_hash_table_add (seen, planned->fingerprint))
        plan_campaign (self, planned->fingerprint);
    }
}

/* Of who joined here without a connection. */
static gboolean
plan_registration (Saving *self, PlazaProfile *profile, GError **error)
{
  g_auto (PlazaRegistration) registration = { 0 };
  g_autoptr (GError) local = NULL;
  g_autoptr (GBytes) bytes = plaza_profile_read_registration (profile, &local);
  Planned *planned;

  if (local != NULL)
    g_propagate_error (error, g_steal_pointer (&local));
  else if (bytes != NULL && plaza_registration_check (bytes, &registration, error))
    {
      planned = plan (self, PLAZA_STICK_REGISTRATION, registration.campaign, registration.device);
      planned->size = g_bytes_get_size (bytes);
      planned->bytes = g_steal_pointer (&bytes);
      planned->authored = TRUE;
    }
  return error == NULL || *error == NULL;
}

static gboolean
plan_registrations (Saving *self, GError **error)
{
  g_autoptr (GPtrArray) profiles = plaza_profile_list (self->work->data_root, error);
  g_autoptr (GPtrArray) carried = plaza_carried_list_registrations (self->work->data_root, NULL);

  if (profiles == NULL)
    return FALSE;
  for (guint i = 0; i < profiles->len; i++)
    if (!plan_registration (self, g_ptr_array_index (profiles, i), error))
      return FALSE;
  plan_carried (self, PLAZA_STICK_REGISTRATION, carried);
  return TRUE;
}

static gboolean
plan_all (Saving *self, GError **error)
{
  const char *data_root = self->work->data_root;
  g_autoptr (GPtrArray) envelopes = plaza_outbox_list (data_root, NULL, error);
  g_autoptr (GPtrArray) receipts = plaza_carried_list_receipts (data_root, NULL);

  if (envelopes == NULL || !plan_registrations (self, error))
    return FALSE;
  for (guint i = 0; i < envelopes->len; i++)
    {
      const PlazaOutboxItem *item = g_ptr_array_index (envelopes, i);

      if (item->refused == NULL)
        plan_file (self, PLAZA_STICK_ENVELOPE, item->fingerprint, item->envelope, item->path,
                   !plaza_outbox_item_is_carried (item));
    }
  plan_carried (self, PLAZA_STICK_RECEIPT, receipts);
  plan_campaigns (self);
  return TRUE;
}

/* Looking at what is there */

static GBytes *
read_source (const Planned *planned, GError **error)
{
  if (planned->bytes != NULL)
    return g_bytes_ref (planned->bytes);
  return plaza_file_read (planned->source, plaza_stick_kind_max (planned->kind), error);
}

static gboolean
is_envelope (GBytes *bytes, const char *id)
{
  g_autofree char *text = NULL;
  PlazaEnvelopeInfo info;

  if (!plaza_envelope_peek (bytes, &info, NULL))
    return FALSE;
  text = plaza_hash_to_string (&info.id);
  return strcmp (text, id) == 0;
}

static gboolean
is_receipt (GBytes *bytes, const char *id, PlazaCampaign *campaign)
{
  g_autoptr (PlazaReceipt) receipt = NULL;
  PlazaHash hash;

  if (campaign == NULL || !plaza_hash_parse (id, &hash, NULL))
    return FALSE;
  receipt = plaza_receipt_verify (bytes, &hash, 0, &campaign->key_central_sign,
                                  &campaign->key_central_sign_spare, NULL);
  return receipt != NULL;
}

static gboolean
is_registration (GBytes *bytes, const char *device)
{
  g_auto (PlazaRegistration) registration = { 0 };

  return plaza_registration_check (bytes, &registration, NULL) &&
         strcmp (registration.device, device) == 0;
}

static gboolean
has_as_many (GBytes *there, GBytes *ours, PlazaCampaign *campaign)
{
  g_autoptr (PlazaInvitations) first = plaza_invitations_parse (there, campaign, NULL);
  g_autoptr (PlazaInvitations) second = plaza_invitations_parse (ours, campaign, NULL);

  return first != NULL && (second == NULL || plaza_invitations_get_size (first) >=
                                                 plaza_invitations_get_size (second));
}

static gboolean
is_as_new (GBytes *there, PlazaCampaign *campaign)
{
  g_autoptr (PlazaCampaign) package = plaza_campaign_parse (there, campaign->fingerprint, NULL);

  return package != NULL && package->serial >= campaign->serial;
}

/* Whether what the stick has instead of @bytes is whole and may stay. */
static gboolean
may_stay (Saving *self, const Planned *planned, GBytes *there, GBytes *bytes)
{
  PlazaCampaign *campaign = plaza_carried_campaign (self->carried, planned->fingerprint);

  switch (planned->kind)
    {
    case PLAZA_STICK_ENVELOPE:
      /* Only its signature differs, and whoever wrote an envelope knows which is right. */
      return !planned->authored && is_envelope (there, planned->id);
    case PLAZA_STICK_RECEIPT:
      return is_receipt (there, planned->id, campaign);
    case PLAZA_STICK_REGISTRATION:
      return !planned->authored && is_registration (there, planned->id);
    case PLAZA_STICK_INVITATIONS:
      return campaign != NULL && has_as_many (there, bytes, campaign);
    case PLAZA_STICK_CAMPAIGN:
    default:
      return campaign != NULL && is_as_new (there, campaign);
    }
}

typedef enum
{
  THERE_NOT,  /* to be written */
  THERE_GOOD, /* stays */
  THERE_ODD,  /* a folder has the name */
  THERE_TROUBLE,
} There;

static There
look_at (
    Saving *self, const Planned *planned, int folder, PlazaStickTrouble *trouble, GError **error)
{
  g_autoptr (GBytes) there = NULL;
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GError) local = NULL;
  struct stat info;

  if (folder < 0 || fstatat (folder, planned->name, &info, AT_SYMLINK_NOFOLLOW) < 0)
    return THERE_NOT;
  if (S_ISDIR (info.st_mode))
    return THERE_ODD;
  if (!S_ISREG (info.st_mode))
    return THERE_NOT;
  there = plaza_stick_read_file (folder, planned->name, plaza_stick_kind_max (planned->kind), TRUE,
                                 trouble, &local);
  if (there == NULL && trouble->problem == PLAZA_STICK_NO_PROBLEM)
    return THERE_NOT;
  if (there == NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return THERE_TROUBLE;
    }
  bytes = read_source (planned, error);
  if (bytes == NULL)
    {
      trouble->problem = PLAZA_STICK_LAPTOP;
      return THERE_TROUBLE;
    }
  return g_bytes_equal (there, bytes) || may_stay (self, planned, there, bytes) ? THERE_GOOD
                                                                                : THERE_NOT;
}

/* Plaza/<fingerprint>/<kind>: the folder held open for the files of one kind after another. */
typedef struct
{
  int root;
  gboolean make;
  int fd;
  const Planned *of;
} Place;

static int
open_place (Place *self, const Planned *planned, PlazaStickTrouble *trouble, GError **error)
{
  const char *names[] = { PLAZA_STICK_FOLDER, planned->fingerprint, folder_of (planned->kind) };
  int folder;

  if (self->of != NULL && folder_of (self->of->kind) == folder_of (planned->kind) &&
      strcmp (self->of->fingerprint, planned->fingerprint) == 0)
    return self->fd;
  if (self->fd >= 0)
    close (self->fd);
  folder = plaza_stick_open_folder (self->root, ".", self->make, trouble, error);
  for (guint i = 0; folder >= 0 && i < G_N_ELEMENTS (names) && names[i] != NULL; i++)
    {
      int below = plaza_stick_open_folder (folder, names[i], self->make, trouble, error);

      close (folder);
      folder = below;
    }
  self->fd = folder;
  self->of = planned;
  return folder;
}

static void
place_clear (Place *self)
{
  if (self->fd >= 0)
    close (self->fd);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Place, place_clear)

static PlazaStickItem *
add_item (Saving *self, const Planned *planned, PlazaStickFate fate)
{
  const char *folder = folder_of (planned->kind);
  char *path =
      folder != NULL
          ? g_build_filename (PLAZA_STICK_FOLDER, planned->fingerprint, folder, planned->name, NULL)
          : g_build_filename (PLAZA_STICK_FOLDER, planned->fingerprint, planned->name, NULL);
  PlazaStickItem *item =
      plaza_stick_work_add (self->work, planned->kind, path, g_strdup (planned->id), planned->size);

  item->fate = fate;
  return item;
}

/* Notes what is there and takes it off the plan. */
static gboolean
look_at_all (Saving *self, GError **error)
{
  g_auto (Place) place = { .root = self->root, .fd = -1 };
  guint kept = 0;

  for (guint i = 0; i < self->files->len; i++)
    {
      Planned *planned = g_ptr_array_index (self->files, i);
      PlazaStickTrouble trouble = { 0 };
      There there;

      if (!plaza_stick_work_goes_on (self->work, error))
        return FALSE;
      there =
          look_at (self, planned, open_place (&place, planned, &trouble, NULL), &trouble, error);
      if (there == THERE_TROUBLE)
        {
          self->work->trouble = trouble;
          return FALSE;
        }
      if (there == THERE_GOOD)
        add_item (self, planned, PLAZA_STICK_HERE);
      else if (there == THERE_ODD)
        add_item (self, planned, PLAZA_STICK_REFUSED)->reason = PLAZA_STICK_NOT_A_FILE;
      else
        {
          self->files->pdata[i] = self->files->pdata[kept];
          self->files->pdata[kept++] = planned;
        }
      g_atomic_int_set (&self->work->done, i + 1);
    }
  g_ptr_array_set_size (self->files, (int) kept);
  return TRUE;
}

static gboolean
check_room (Saving *self, GError **error)
{
  guint64 needed = MARGIN;
  guint64 room, cluster;
  struct statvfs info;

  if (self->files->len == 0)
    return TRUE;
  if (fstatvfs (self->root, &info) < 0)
    {
      self->work->trouble.problem = PLAZA_STICK_GONE;
      return plaza_throw (error, PLAZA_ERROR_DISK, "asking for room: %s", g_strerror (errno));
    }
  cluster = CLAMP (info.f_bsize, MIN_CLUSTER, MAX_CLUSTER);
  for (guint i = 0; i < self->files->len; i++)
    {
      const Planned *planned = g_ptr_array_index (self->files, i);

      needed += (planned->size / cluster + 1) * cluster;
    }
  room = (guint64) info.f_bavail * info.f_frsize;
  if (needed <= room)
    return TRUE;
  self->work->trouble.problem = PLAZA_STICK_FULL;
  self->work->missing = needed - room;
  return plaza_throw (error, PLAZA_ERROR_DISK,
                      "%" G_GUINT64_FORMAT " bytes are free, %" G_GUINT64_FORMAT " are needed",
                      room, needed);
}

/* Writing */

/* Only what a batch finished counts as written. */
static gboolean
finish_batch (Saving *self,
              PlazaStickBatch *batch,
              guint begin,
              guint end,
              PlazaStickTrouble *trouble,
              GError **error)
{
  if (!plaza_stick_batch_finish (batch, trouble, error))
    return FALSE;
  for (guint i = begin; i < end; i++)
    add_item (self, g_ptr_array_index (self->files, i), PLAZA_STICK_NEW);
  g_atomic_int_set (&self->work->done, end);
  return TRUE;
}

static gboolean
write_one (Saving *self,
           const Planned *planned,
           PlazaStickBatch *batch,
           PlazaStickTrouble *trouble,
           GError **error)
{
  g_autoptr (GBytes) bytes = read_source (planned, error);

  if (bytes != NULL)
    return plaza_stick_batch_add (batch, planned->name, bytes, trouble, error);
  trouble->problem = PLAZA_STICK_LAPTOP;
  return FALSE;
}

/* The files from @begin on that share a folder. @next: where the next folder's begin. */
static gboolean
write_folder (Saving *self,
              Place *place,
              guint begin,
              guint *next,
              PlazaStickTrouble *trouble,
              GError **error)
{
  const Planned *first = g_ptr_array_index (self->files, begin);
  int folder = open_place (place, first, trouble, error);
  g_autoptr (PlazaStickBatch) batch = NULL;
  guint done = begin;
  guint i;

  if (folder < 0)
    return FALSE;
  batch = plaza_stick_batch_new (folder);
  for (i = begin; i < self->files->len; i++)
    {
      const Planned *planned = g_ptr_array_index (self->files, i);

      if (folder_of (planned->kind) != folder_of (first->kind) ||
          strcmp (planned->fingerprint, first->fingerprint) != 0)
        break;
      if (!plaza_stick_work_goes_on (self->work, error) ||
          !write_one (self, planned, batch, trouble, error))
        return FALSE;
      if (!plaza_stick_batch_is_full (batch))
        continue;
      if (!finish_batch (self, batch, done, i + 1, trouble, error))
        return FALSE;
      done = i + 1;
    }
  *next = i;
  return finish_batch (self, batch, done, i, trouble, error);
}

static gboolean
write_all (Saving *self, GError **error)
{
  g_auto (Place) place = { .root = self->root, .make = TRUE, .fd = -1 };
  guint next = 0;

  g_atomic_int_set (&self->work->phase, PLAZA_STICK_WRITING);
  g_atomic_int_set (&self->work->done, 0);
  g_atomic_int_set (&self->work->total, self->files->len);
  while (next < self->files->len)
    {
      PlazaStickTrouble trouble = { 0 };

      if (write_folder (self, &place, next, &next, &trouble, error))
        continue;
      self->work->trouble = trouble;
      if (trouble.problem == PLAZA_STICK_FAULTY && plaza_stick_is_gone (self->root))
        self->work->trouble.problem = PLAZA_STICK_GONE;
      return FALSE;
    }
  return TRUE;
}

static int
compare_place (gconstpointer a, gconstpointer b)
{
  const Planned *first = *(const Planned *const *) a;
  const Planned *second = *(const Planned *const *) b;
  int difference = strcmp (first->fingerprint, second->fingerprint);

  if (difference == 0)
    difference = g_strcmp0 (folder_of (first->kind), folder_of (second->kind));
  return difference != 0 ? difference : strcmp (first->name, second->name);
}

gboolean
plaza_stick_save_work (PlazaStickWork *work, GError **error)
{
  g_autoptr (PlazaCarried) carried = NULL;
  g_autoptr (GPtrArray) files = g_ptr_array_new_with_free_func (planned_free);
  Saving self = { .work = work, .files = files };
  gboolean ok;

  g_atomic_int_set (&work->phase, PLAZA_STICK_LOOKING);
  self.root = plaza_stick_open_root (work->folders[0], &work->trouble, error);
  if (self.root < 0)
    return FALSE;
  carried = self.carried = plaza_carried_new (work->data_root, error);
  ok = carried != NULL && plan_all (&self, error);
  if (!ok)
    work->trouble.problem = PLAZA_STICK_LAPTOP;
  g_ptr_array_sort (files, compare_place);
  g_atomic_int_set (&work->total, files->len);
  ok = ok && look_at_all (&self, error) && check_room (&self, error) && write_all (&self, error);
  close (self.root);
  return ok;
}
