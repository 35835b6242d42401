/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-central"

#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "central/backup.h"
#include "central/operations.h"
#include "central/status.h"
#include "central/tally.h"

typedef struct
{
  PlazaCentral *central;
  PlazaStorage *storage;
  GHashTable *campaigns; /* fingerprint → JsonObject, owned by the list */
  JsonArray *list;
  JsonArray *devices;
  PlazaTally *tally;
  gint64 now;
  gint64 open_codes;
  gint64 expired_codes;
} Status;

static void
add_to (JsonObject *object, const char *name, guint64 n)
{
  gint64 before =
      json_object_has_member (object, name) ? json_object_get_int_member (object, name) : 0;

  json_object_set_int_member (object, name, before + (gint64) n);
}

static void
set_time (JsonObject *object, const char *name, gint64 ms)
{
  g_autofree char *text = ms > 0 ? plaza_clock_format_utc (ms) : NULL;

  if (text != NULL)
    json_object_set_string_member (object, name, text);
  else
    json_object_set_null_member (object, name);
}

static void
set_text (JsonObject *object, const char *name, const char *text)
{
  if (text != NULL)
    json_object_set_string_member (object, name, text);
  else
    json_object_set_null_member (object, name);
}

/* Campaigns */

static JsonObject *
find_campaign (Status *self, const char *fingerprint)
{
  static const char *const zero[] = { "envelopes", "entries",   "quarantined_envelopes",
                                      "responses", "late",      "conflicts",
                                      "void",      "withdrawn", "withdrawal_asked" };
  JsonObject *object = g_hash_table_lookup (self->campaigns, fingerprint);
  g_autoptr (PlazaCampaign) campaign = NULL;

  if (object != NULL)
    return object;
  campaign = plaza_central_find_campaign (self->central, fingerprint);
  object = json_object_new ();
  json_object_set_string_member (object, "campaign", fingerprint);
  set_text (object, "title", campaign != NULL ? campaign->title : NULL);
  set_text (object, "asking_ends", campaign != NULL ? campaign->asking_ends : NULL);
  set_text (object, "keying_ends", campaign != NULL ? campaign->keying_ends : NULL);
  json_object_set_boolean_member (object, "practice", self->central->practice);
  for (guint i = 0; i < G_N_ELEMENTS (zero); i++)
    json_object_set_int_member (object, zero[i], 0);
  json_object_set_object_member (object, "outcomes", json_object_new ());
  json_object_set_array_member (object, "sessions", json_array_new ());
  json_object_set_null_member (object, "newest");
  g_hash_table_insert (self->campaigns, g_strdup (fingerprint), object);
  json_array_add_object_element (self->list, object);
  return object;
}

/* Sessions come in order, one after the other within a campaign. */
static JsonObject *
find_session (JsonObject *campaign, const char *id)
{
  JsonArray *sessions = json_object_get_array_member (campaign, "sessions");
  guint n = json_array_get_length (sessions);
  JsonObject *session = n > 0 ? json_array_get_object_element (sessions, n - 1) : NULL;

  if (session != NULL && strcmp (json_object_get_string_member (session, "session"), id) == 0)
    return session;
  session = json_object_new ();
  json_object_set_string_member (session, "session", id);
  json_object_set_int_member (session, "responses", 0);
  json_object_set_int_member (session, "late", 0);
  json_object_set_object_member (session, "outcomes", json_object_new ());
  json_array_add_object_element (sessions, session);
  return session;
}

static gboolean
add_responses (gpointer record, gpointer data, GError **error)
{
  Status *self = data;
  const PlazaResponseCount *count = record;
  JsonObject *campaign = find_campaign (self, count->campaign);
  JsonObject *session = find_session (campaign, count->session);

  if (count->withdrawal == PLAZA_WITHDRAWAL_DONE)
    add_to (campaign, "withdrawn", count->count);
  else if (count->withdrawal == PLAZA_WITHDRAWAL_ASKED)
    add_to (campaign, "withdrawal_asked", count->count);
  else if (count->voided)
    add_to (campaign, "void", count->count);
  else
    {
      /* late ones are apart: whoever counts decides whether they count */
      const char *where = count->late ? "late" : "responses";

      add_to (campaign, where, count->count);
      add_to (session, where, count->count);
      add_to (json_object_get_object_member (campaign, "outcomes"), count->outcome, count->count);
      add_to (json_object_get_object_member (session, "outcomes"), count->outcome, count->count);
      if (count->conflict)
        add_to (campaign, "conflicts", count->count);
    }
  return TRUE;
}

static gboolean
add_envelopes (gpointer record, gpointer data, GError **error)
{
  const PlazaEnvelopeCount *count = record;
  JsonObject *campaign = find_campaign (data, count->campaign);

  add_to (campaign, count->quarantined ? "quarantined_envelopes" : "envelopes", count->envelopes);
  if (count->quarantined)
    return TRUE;
  add_to (campaign, "entries", count->entries);
  set_time (campaign, "newest", count->newest);
  return TRUE;
}

/* What left no answers: refused, under age and the like; their header says whose they are. */
static gboolean
add_outcome (gpointer record, gpointer data, GError **error)
{
  const PlazaStoredOutcome *outcome = record;
  g_autoptr (JsonObject) header = plaza_json_parse_object (outcome->header, NULL, error);
  const char *fingerprint =
      header != NULL ? plaza_json_get_string (header, "campaign", 200, error) : NULL;

  if (fingerprint == NULL)
    return FALSE;
  add_to (json_object_get_object_member (find_campaign (data, fingerprint), "outcomes"),
          outcome->outcome, 1);
  return TRUE;
}

static gboolean
add_campaigns (Status *self, GError **error)
{
  const PlazaStorageTable *table = self->storage->table;
  g_autoptr (GPtrArray) campaigns = plaza_central_campaigns (self->central);

  for (guint i = 0; i < campaigns->len; i++)
    find_campaign (self, ((PlazaCampaign *) g_ptr_array_index (campaigns, i))->fingerprint);
  return table->each_response_count (self->storage, add_responses, self, error) &&
         table->each_envelope_count (self->storage, add_envelopes, self, error) &&
         table->each_outcome (self->storage, add_outcome, self, error);
}

/* Devices and codes */

static gboolean
add_sequence (gpointer record, gpointer data, GError **error)
{
  const PlazaStoredEntry *entry = record;

  plaza_tally_add_sequence (((Status *) data)->tally, entry->device, entry->sequence);
  return TRUE;
}

static gboolean
add_device (gpointer record, gpointer data, GError **error)
{
  Status *self = data;
  const PlazaDevice *device = record;
  guint64 last = 0;
  g_autofree char *missing = plaza_tally_missing (self->tally, device->id, &last);
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "device", device->id);
  json_object_set_string_member (object, "batch", device->batch);
  json_object_set_string_member (object, "person", device->person);
  json_object_set_string_member (object, "organisation", device->organisation);
  json_object_set_string_member (object, "role", device->role);
  json_object_set_boolean_member (object, "revoked", device->revoked != 0);
  json_object_set_int_member (object, "last", (gint64) last);
  json_object_set_string_member (object, "missing", missing);
  json_array_add_object_element (self->devices, object);
  return TRUE;
}

static gboolean
add_code (gpointer record, gpointer data, GError **error)
{
  Status *self = data;
  const PlazaJoinCode *code = record;

  if (code->used == 0 && code->expires > self->now)
    self->open_codes++;
  else if (code->used == 0)
    self->expired_codes++;
  return TRUE;
}

/* The rest */

static JsonObject *
count_contacts (Status *self, GError **error)
{
  const PlazaStorageTable *table = self->storage->table;
  guint64 expected, present, quarantined;
  JsonObject *object;

  if (!table->expected_contacts (self->storage, &expected, error) ||
      !table->count_contacts (self->storage, FALSE, &present, error) ||
      !table->count_contacts (self->storage, TRUE, &quarantined, error))
    return NULL;
  object = json_object_new ();
  json_object_set_int_member (object, "expected", (gint64) expected);
  json_object_set_int_member (object, "present", (gint64) present);
  json_object_set_int_member (object, "quarantined", (gint64) quarantined);
  return object;
}

static JsonObject *
look_at_disk (PlazaCentral *central)
{
  JsonObject *object = json_object_new ();
  guint64 room = 0;
  gboolean enough = plaza_operations_has_room (central, &room);

  json_object_set_int_member (object, "free_mib", (gint64) (room / (1024 * 1024)));
  json_object_set_int_member (object, "floor_mib", central->disk_floor_mib);
  json_object_set_boolean_member (object, "enough", enough);
  return object;
}

static gboolean
fill (Status *self, JsonObject *out, GError **error)
{
  const PlazaStorageTable *table = self->storage->table;
  g_autoptr (JsonObject) backup = NULL;
  JsonObject *contacts;
  JsonObject *codes;
  guint64 quarantined;

  if (!add_campaigns (self, error) ||
      !table->each_sequence (self->storage, add_sequence, self, error) ||
      !table->each_device (self->storage, add_device, self, error) ||
      !table->each_code (self->storage, add_code, self, error) ||
      !table->count_quarantined (self->storage, &quarantined, error) ||
      (contacts = count_contacts (self, error)) == NULL)
    return FALSE;
  json_object_set_array_member (out, "campaigns", json_array_ref (self->list));
  json_object_set_array_member (out, "devices", json_array_ref (self->devices));
  json_object_set_object_member (out, "contacts", contacts);
  json_object_set_int_member (out, "quarantined", (gint64) quarantined);
  codes = json_object_new ();
  json_object_set_int_member (codes, "open", self->open_codes);
  json_object_set_int_member (codes, "expired", self->expired_codes);
  json_object_set_object_member (out, "codes", codes);
  json_object_set_object_member (out, "disk", look_at_disk (self->central));
  json_object_set_string_member (out, "database", table->name);
  backup = plaza_backup_last (self->central);
  if (backup != NULL)
    json_object_set_object_member (out, "backup", g_steal_pointer (&backup));
  else
    json_object_set_null_member (out, "backup");
  return TRUE;
}

JsonObject *
plaza_status (PlazaCentral *central, PlazaStorage *storage, GError **error)
{
  Status self = { central, storage };
  g_autoptr (JsonObject) out = json_object_new ();
  gboolean done;

  self.campaigns = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self.list = json_array_new ();
  self.devices = json_array_new ();
  self.tally = plaza_tally_new ();
  self.now = plaza_clock_now_ms ();
  done = storage->table->snapshot (storage, error);
  if (done)
    {
      done = fill (&self, out, error);
      storage->table->rollback (storage);
    }
  g_hash_table_unref (self.campaigns);
  json_array_unref (self.list);
  json_array_unref (self.devices);
  plaza_tally_free (self.tally);
  return done ? g_steal_pointer (&out) : NULL;
}
