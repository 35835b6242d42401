/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-central"

#include <string.h>

#include "base/clock.h"
#include "central/log.h"
#include "central/request.h"
#include "wire/device-list.h"

/* Gaps of all devices together: a list that somebody can read. */
#define MAX_GAPS 20000u

/* GET /v1/devices */

typedef struct
{
  GPtrArray *devices; /* (element-type PlazaDeviceSummary) */
  GHashTable *by_id;
  guint gaps;
} Listing;

static char *
format_time (gint64 ms)
{
  return ms != 0 ? plaza_clock_format_utc (ms) : NULL;
}

static gboolean
add_device (gpointer record, gpointer data, GError **error)
{
  const PlazaDeviceFacts *facts = record;
  Listing *listing = data;
  PlazaDeviceSummary *summary = plaza_device_summary_new ();

  summary->device = g_strdup (facts->device.id);
  summary->person = g_strdup (facts->device.person);
  summary->organisation = g_strdup (facts->device.organisation);
  summary->role = g_strdup (facts->device.role);
  summary->enrolled = format_time (facts->device.enrolled);
  summary->revoked = format_time (facts->device.revoked);
  summary->reason = g_strdup (facts->reason);
  summary->last_seen = format_time (facts->device.last_seen);
  summary->envelopes = facts->envelopes;
  summary->entries = facts->entries;
  summary->quarantined = facts->quarantined;
  summary->newest_sequence = facts->newest_sequence;
  g_ptr_array_add (listing->devices, summary);
  g_hash_table_insert (listing->by_id, summary->device, summary);
  return TRUE;
}

static gboolean
add_gap (gpointer record, gpointer data, GError **error)
{
  const PlazaGap *gap = record;
  Listing *listing = data;
  PlazaDeviceSummary *summary = g_hash_table_lookup (listing->by_id, gap->device);
  PlazaSequenceRange range = { gap->from, gap->to };

  if (summary != NULL && summary->missing->len < PLAZA_DEVICE_MAX_GAPS && listing->gaps < MAX_GAPS)
    {
      g_array_append_val (summary->missing, range);
      listing->gaps++;
    }
  return TRUE;
}

/* A coordinator sees the own organisation, an administrator the whole campaign. */
static const char *
scope_of (const PlazaRequest *self)
{
  return plaza_role_parse (self->device.role) == PLAZA_ROLE_ADMINISTRATOR
             ? NULL
             : self->device.organisation;
}

static void
answer_devices (PlazaRequest *self, PlazaStorage *reader)
{
  g_autoptr (GPtrArray) devices =
      g_ptr_array_new_with_free_func ((GDestroyNotify) plaza_device_summary_free);
  g_autoptr (GHashTable) by_id = g_hash_table_new (g_str_hash, g_str_equal);
  Listing listing = { devices, by_id, 0 };
  g_autoptr (GError) error = NULL;

  if (!reader->table->each_device_facts (reader, self->device.campaign, scope_of (self), add_device,
                                         &listing, &error) ||
      !reader->table->each_gap (reader, self->device.campaign, add_gap, &listing, &error))
    plaza_request_refuse_for (self, error);
  else
    plaza_request_answer (self, plaza_device_list_to_json (devices), PLAZA_TYPE_JSON);
}

const PlazaRouteWork plaza_route_devices = { .read = answer_devices };

/* POST /v1/devices/{device}/revoke */

static void
read_reason (PlazaRequest *self)
{
  g_autoptr (GBytes) body = plaza_request_take_body (self);

  self->state = plaza_revocation_parse (body, NULL);
  self->state_free = g_free;
  if (self->state == NULL)
    plaza_request_refuse (self, PLAZA_RESULT_BAD_REQUEST);
}

/* What is outside one's scope is not there. Nobody revokes somebody of a higher role. */
static PlazaResult
judge_revocation (const PlazaRequest *self, const PlazaDevice *device, gboolean found)
{
  const char *organisation = scope_of (self);

  if (!found || strcmp (device->campaign, self->device.campaign) != 0 ||
      (organisation != NULL && strcmp (device->organisation, organisation) != 0))
    return PLAZA_RESULT_NOT_FOUND;
  return plaza_role_parse (device->role) > plaza_role_parse (self->device.role)
             ? PLAZA_RESULT_FORBIDDEN
             : PLAZA_RESULT_OK;
}

static gboolean
revoke_device (PlazaRequest *self, PlazaStorage *storage, GError **error)
{
  g_auto (PlazaDevice) device = { 0 };
  gint64 now = plaza_clock_now_ms ();
  gboolean found, fresh;

  if (!storage->table->find_device (storage, self->parameter, &device, &found, error))
    return FALSE;
  self->result = judge_revocation (self, &device, found);
  if (self->result != PLAZA_RESULT_OK || device.revoked != 0)
    return TRUE;
  return storage->table->revoke_device (storage, device.id, now, &fresh, error) &&
         storage->table->put_revocation_reason (storage, device.id, self->state, error) &&
         plaza_storage_audit (storage, now, self->device.id, "revoke", device.id, "", NULL, error);
}

static void
answer_revoked (PlazaRequest *self)
{
  JsonObject *object = json_object_new ();

  plaza_log (G_LOG_LEVEL_MESSAGE, "device-revoked", "device", self->parameter, "by",
             self->device.id, NULL);
  json_object_set_string_member (object, "device", self->parameter);
  plaza_request_answer_json (self, object);
}

const PlazaRouteWork plaza_route_revoke = { .work = read_reason,
                                            .write = revoke_device,
                                            .written = answer_revoked };
