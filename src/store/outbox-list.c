/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-store"

#include <glib/gstdio.h>

#include "base/error.h"
#include "base/file.h"
#include "store/carried-private.h"
#include "store/outbox-private.h"
#include "wire/envelope.h"

/* What waits, of every profile and of others, without any key. A profile keeps it in outbox/ and a
 * campaign's carried folder in envelopes/; receipts/ is beside either. */

void
plaza_outbox_item_free (PlazaOutboxItem *self)
{
  g_free (self->profile);
  g_free (self->fingerprint);
  g_free (self->envelope);
  g_free (self->path);
  g_free (self->refused);
  g_free (self);
}

gboolean
plaza_outbox_item_is_carried (const PlazaOutboxItem *self)
{
  return *self->profile == '\0';
}

static char *
path_beside (const char *folder, const char *envelope, const char *suffix)
{
  g_autofree char *name = g_strconcat (envelope, suffix, NULL);

  return g_build_filename (folder, name, NULL);
}

static char *
read_reason (const char *folder, const char *envelope)
{
  g_autofree char *path = path_beside (folder, envelope, ".refused");
  g_autoptr (GBytes) bytes = plaza_file_read (path, 256, NULL);

  return bytes ? g_strndup (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes)) : NULL;
}

char *
plaza_outbox_read_reason (const char *profile_folder, const char *envelope)
{
  g_autofree char *folder = g_build_filename (profile_folder, "outbox", NULL);

  return read_reason (folder, envelope);
}

/* Where envelopes of one owner wait. */
typedef struct
{
  const char *profile;
  const char *fingerprint;
  const char *folder;
} Place;

static char *
receipt_path (const char *folder, const char *envelope)
{
  g_autofree char *owner = g_path_get_dirname (folder);
  g_autofree char *name = g_strconcat (envelope, ".rcp", NULL);

  return g_build_filename (owner, "receipts", name, NULL);
}

static PlazaOutboxItem *
make_item (const Place *place, const char *name)
{
  g_autofree char *envelope = g_strndup (name, strlen (name) - strlen (".plz"));
  g_autofree char *receipt = receipt_path (place->folder, envelope);
  PlazaOutboxItem *item;
  PlazaHash hash;
  GStatBuf info;

  if (!plaza_hash_parse (envelope, &hash, NULL) || g_file_test (receipt, G_FILE_TEST_EXISTS))
    return NULL;
  item = g_new0 (PlazaOutboxItem, 1);
  item->profile = g_strdup (place->profile);
  item->fingerprint = g_strdup (place->fingerprint);
  item->path = path_beside (place->folder, envelope, ".plz");
  item->refused = read_reason (place->folder, envelope);
  item->envelope = g_steal_pointer (&envelope);
  if (g_stat (item->path, &info) == 0)
    item->size = (gsize) info.st_size;
  return item;
}

/* Oldest first; of one second, by name. */
typedef struct
{
  gint64 time;
  PlazaOutboxItem *item;
} Aged;

static int
compare_age (gconstpointer a, gconstpointer b)
{
  const Aged *first = a;
  const Aged *second = b;

  if (first->time != second->time)
    return first->time < second->time ? -1 : 1;
  return strcmp (first->item->envelope, second->item->envelope);
}

static gint64
file_time (const char *path)
{
  GStatBuf info;

  return g_stat (path, &info) == 0
             ? (gint64) info.st_mtim.tv_sec * G_USEC_PER_SEC + info.st_mtim.tv_nsec / 1000
             : 0;
}

static void
list_place (const Place *place, GArray *found)
{
  g_auto (GStrv) names = plaza_dir_list (place->folder, ".plz", NULL);

  for (guint i = 0; names != NULL && names[i] != NULL; i++)
    {
      Aged aged = { .item = make_item (place, names[i]) };

      if (aged.item == NULL)
        continue;
      aged.time = file_time (aged.item->path);
      g_array_append_val (found, aged);
    }
}

static void
list_profile (PlazaProfile *profile, GArray *found)
{
  g_autofree char *folder = g_build_filename (plaza_profile_get_folder (profile), "outbox", NULL);
  const Place place = {
    .profile = plaza_profile_get_id (profile),
    .fingerprint = plaza_profile_get_campaign_fingerprint (profile),
    .folder = folder,
  };

  list_place (&place, found);
}

static void
list_carried (const char *data_root, const char *fingerprint, GArray *found)
{
  g_autofree char *folder = plaza_carried_folder (data_root, fingerprint, PLAZA_CARRIED_ENVELOPES);
  const Place place = { .profile = "", .fingerprint = fingerprint, .folder = folder };

  list_place (&place, found);
}

GPtrArray *
plaza_outbox_list (const char *data_root, const char *fingerprint, GError **error)
{
  g_autoptr (GPtrArray) profiles = plaza_profile_list (data_root, error);
  g_auto (GStrv) campaigns = NULL;
  g_autoptr (GArray) found = g_array_new (FALSE, FALSE, sizeof (Aged));
  GPtrArray *items;

  if (profiles == NULL)
    return NULL;
  for (guint i = 0; i < profiles->len; i++)
    {
      PlazaProfile *profile = g_ptr_array_index (profiles, i);

      if (fingerprint == NULL ||
          strcmp (plaza_profile_get_campaign_fingerprint (profile), fingerprint) == 0)
        list_profile (profile, found);
    }
  campaigns = plaza_carried_campaigns (data_root, fingerprint);
  for (guint i = 0; campaigns[i] != NULL; i++)
    list_carried (data_root, campaigns[i], found);
  g_array_sort (found, compare_age);
  items = g_ptr_array_new_with_free_func ((GDestroyNotify) plaza_outbox_item_free);
  for (guint i = 0; i < found->len; i++)
    g_ptr_array_add (items, g_array_index (found, Aged, i).item);
  return items;
}

/* Whether @bytes are the envelope that @item's name says. */
static gboolean
check_bytes (const PlazaOutboxItem *item, GBytes *bytes, GError **error)
{
  g_autofree char *id = NULL;
  PlazaEnvelopeInfo info;

  if (!plaza_envelope_peek (bytes, &info, error))
    return FALSE;
  id = plaza_hash_to_string (&info.id);
  return strcmp (id, item->envelope) == 0 ||
         plaza_throw (error, PLAZA_ERROR_INVALID, "Not the envelope of its name");
}

GBytes *
plaza_outbox_read (const PlazaOutboxItem *item, GError **error)
{
  g_autoptr (GBytes) bytes = plaza_file_read (item->path, PLAZA_ENVELOPE_MAX_BYTES, error);
  g_autoptr (GError) damage = NULL;

  if (bytes == NULL)
    return NULL;
  if (check_bytes (item, bytes, &damage))
    return g_steal_pointer (&bytes);
  if (g_error_matches (damage, PLAZA_ERROR, PLAZA_ERROR_NEWER))
    g_propagate_error (error, g_steal_pointer (&damage));
  /* Its profile has the bytes and writes the file again; so has the one it was carried for. */
  else if (plaza_file_remove (item->path, error))
    plaza_throw (error, PLAZA_ERROR_CORRUPT, "the envelope %s was damaged: %s", item->envelope,
                 damage->message);
  return NULL;
}

gboolean
plaza_outbox_keep_receipt (const PlazaOutboxItem *item,
                           PlazaCampaign *campaign,
                           GBytes *receipt,
                           GError **error)
{
  g_autoptr (PlazaReceipt) verified = NULL;
  g_autofree char *folder = g_path_get_dirname (item->path);
  g_autofree char *path = receipt_path (folder, item->envelope);
  g_autofree char *parent = g_path_get_dirname (path);
  PlazaHash envelope;

  if (!plaza_hash_parse (item->envelope, &envelope, error))
    return FALSE;
  verified = plaza_receipt_verify (receipt, &envelope, 0, &campaign->key_central_sign,
                                   &campaign->key_central_sign_spare, error);
  if (verified == NULL || !plaza_dir_make (parent, error) ||
      !plaza_file_write (path, receipt, error))
    return FALSE;
  /* Of a profile's envelope its store decides, when it absorbs the receipt. */
  return !plaza_outbox_item_is_carried (item) ||
         (plaza_file_remove (item->path, error) && plaza_outbox_set_aside (item, NULL, error));
}

gboolean
plaza_outbox_set_aside (const PlazaOutboxItem *item, const char *reason, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (item->path);
  g_autofree char *path = path_beside (folder, item->envelope, ".refused");
  g_autoptr (GBytes) bytes = NULL;

  if (reason == NULL)
    return plaza_file_remove (path, error);
  bytes = g_bytes_new (reason, strlen (reason));
  return plaza_file_write (path, bytes, error);
}
