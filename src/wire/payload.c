/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-wire"

#include <string.h>

#include "base/base32.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/random.h"
#include "base/uuid.h"
#include "wire/entry.h"
#include "wire/record.h"

/* The payloads of the entries that are not revisions. */

#define CONTACT_NUMBER_SIZE 8
#define DATE_SIZE 10
#define MAX_COUNT (G_GINT64_CONSTANT (1) << 53)

static const PlazaJsonLimits limits = { .max_bytes = 16384, .max_depth = 1, .max_values = 32 };

PlazaEntry *
plaza_entry_new_outcome (const char *id,
                         const PlazaHeader *header,
                         guint64 sequence,
                         GError **error)
{
  g_autoptr (GBytes) payload = plaza_header_to_json (header, error);

  return payload == NULL ? NULL
                         : plaza_entry_new (PLAZA_ENTRY_OUTCOME, id, sequence, payload, error);
}

gboolean
plaza_entry_get_outcome (PlazaEntry *entry, PlazaHeader *out, GError **error)
{
  g_return_val_if_fail (entry->kind == PLAZA_ENTRY_OUTCOME, FALSE);
  if (!plaza_header_parse (entry->payload, out, error))
    return FALSE;
  if (out->revision == NULL)
    return TRUE;
  plaza_header_clear (out);
  return plaza_throw (error, PLAZA_ERROR_INVALID, "An outcome with a revision");
}

#define REMOVAL(member, type, max, optional) \
  { \
#member, G_STRUCT_OFFSET(PlazaRemoval, member), PLAZA_FIELD_##type, max, optional \
  }

static const PlazaField removal_fields[] = {
  REMOVAL (campaign, FINGERPRINT, 0, FALSE),
  REMOVAL (response, UUID, 0, TRUE),
  REMOVAL (folio, NAME, 40, TRUE),
  REMOVAL (device, UUID, 0, FALSE),
  REMOVAL (author, NAME, 100, FALSE),
  REMOVAL (reason, NAME, 200, TRUE),
  REMOVAL (at, TIME, 0, FALSE),
};

void
plaza_removal_clear (PlazaRemoval *removal)
{
  plaza_fields_clear (removal_fields, G_N_ELEMENTS (removal_fields), removal);
}

static gboolean
check_removal (PlazaEntryKind kind, const PlazaRemoval *removal, GError **error)
{
  gboolean is_void = kind == PLAZA_ENTRY_VOID;

  if (is_void != (removal->reason != NULL))
    return plaza_throw (error, PLAZA_ERROR_INVALID,
                        "Removal: a void states its reason, a withdrawal has none to give");
  if (is_void ? removal->response == NULL || removal->folio != NULL
              : (removal->response == NULL) == (removal->folio == NULL))
    return plaza_throw (error, PLAZA_ERROR_INVALID,
                        "Removal: names its response, or only for a withdrawal its folio");
  return TRUE;
}

PlazaEntry *
plaza_entry_new_removal (PlazaEntryKind kind,
                         const char *id,
                         const PlazaRemoval *removal,
                         guint64 sequence,
                         GError **error)
{
  g_autoptr (JsonObject) object = json_object_new ();
  g_autoptr (GBytes) payload = NULL;

  g_return_val_if_fail (kind == PLAZA_ENTRY_VOID || kind == PLAZA_ENTRY_WITHDRAWAL, NULL);
  if (!check_removal (kind, removal, error) ||
      !plaza_fields_write (removal_fields, G_N_ELEMENTS (removal_fields), removal, object, error))
    return NULL;
  payload = plaza_json_write_object (object);
  return plaza_entry_new (kind, id, sequence, payload, error);
}

gboolean
plaza_entry_get_removal (PlazaEntry *entry, PlazaRemoval *out, GError **error)
{
  g_autoptr (JsonObject) object = NULL;
  g_auto (PlazaRemoval) removal = { 0 };

  g_return_val_if_fail (entry->kind == PLAZA_ENTRY_VOID || entry->kind == PLAZA_ENTRY_WITHDRAWAL,
                        FALSE);
  object = plaza_json_parse_object (entry->payload, &limits, error);
  if (object == NULL ||
      !plaza_fields_only (removal_fields, G_N_ELEMENTS (removal_fields), object, NULL, error) ||
      !plaza_fields_read (removal_fields, G_N_ELEMENTS (removal_fields), object, &removal, error) ||
      !check_removal (entry->kind, &removal, error))
    return FALSE;
  *out = removal;
  removal = (PlazaRemoval){ 0 };
  return TRUE;
}

#define SESSION(member, type, max) \
  { \
#member, G_STRUCT_OFFSET(PlazaSessionState, member), PLAZA_FIELD_##type, max, FALSE \
  }

static const PlazaField session_fields[] = {
  SESSION (campaign, FINGERPRINT, 0),
  SESSION (session, UUID, 0),
  SESSION (device, UUID, 0),
  SESSION (author, NAME, 100),
  SESSION (organisation, TEXT, 100),
  SESSION (team, TEXT, 200),
  SESSION (facilitator, TEXT, 200),
  SESSION (state, TEXT, 20),
  SESSION (municipality, TEXT, 20),
  SESSION (place, TEXT, 200),
  SESSION (date, DATE, 0),
  SESSION (language, TEXT, 100),
  SESSION (mode, MODE, 0),
  SESSION (at, TIME, 0),
};

void
plaza_session_state_clear (PlazaSessionState *session)
{
  plaza_fields_clear (session_fields, G_N_ELEMENTS (session_fields), session);
}

PlazaEntry *
plaza_entry_new_session (const char *id,
                         const PlazaSessionState *session,
                         guint64 sequence,
                         GError **error)
{
  g_autoptr (JsonObject) object = json_object_new ();
  g_autoptr (GBytes) payload = NULL;

  if (!plaza_fields_write (session_fields, G_N_ELEMENTS (session_fields), session, object, error))
    return NULL;
  json_object_set_int_member (object, "revision", session->revision);
  if (session->attendance >= 0)
    json_object_set_int_member (object, "attendance", session->attendance);
  payload = plaza_json_write_object (object);
  return plaza_entry_new (PLAZA_ENTRY_SESSION, id, sequence, payload, error);
}

gboolean
plaza_entry_get_session (PlazaEntry *entry, PlazaSessionState *out, GError **error)
{
  static const char *const others[] = { "attendance", "revision", NULL };
  g_autoptr (JsonObject) object = NULL;
  g_auto (PlazaSessionState) session = { 0 };
  gint64 revision;

  g_return_val_if_fail (entry->kind == PLAZA_ENTRY_SESSION, FALSE);
  object = plaza_json_parse_object (entry->payload, &limits, error);
  if (object == NULL ||
      !plaza_fields_only (session_fields, G_N_ELEMENTS (session_fields), object, others, error) ||
      !plaza_fields_read (session_fields, G_N_ELEMENTS (session_fields), object, &session, error) ||
      !plaza_json_get_int (object, "revision", 1, G_MAXINT32, &revision, error) ||
      !plaza_json_find_int (object, "attendance", 0, 1000000, -1, &session.attendance, error))
    return FALSE;
  session.revision = (guint) revision;
  *out = session;
  session = (PlazaSessionState){ 0 };
  return TRUE;
}

/* One way, so that whoever sees the id cannot give the number that proves whose it is. */
static char *
contact_id (const guint8 number[CONTACT_NUMBER_SIZE])
{
  static const char purpose[] = "plaza contact";
  const PlazaHashPart parts[] = { { purpose, sizeof purpose - 1 },
                                  { number, CONTACT_NUMBER_SIZE } };
  PlazaHash hash;

  plaza_hash_parts (parts, G_N_ELEMENTS (parts), &hash);
  hash.bytes[6] = (hash.bytes[6] & 0x0F) | 0x40;
  hash.bytes[8] = (hash.bytes[8] & 0x3F) | 0x80;
  return plaza_uuid_format (hash.bytes);
}

char *
plaza_contact_id (const char *number, GError **error)
{
  g_autoptr (GBytes) bytes = plaza_base32_decode_checked (number, CONTACT_NUMBER_SIZE, error);

  if (bytes == NULL)
    {
      g_prefix_error (error, "Contact number: ");
      return NULL;
    }
  return contact_id (g_bytes_get_data (bytes, NULL));
}

PlazaEntry *
plaza_entry_new_contact (const PlazaPublicKey *custody,
                         const char *campaign_date,
                         GBytes *plain,
                         char **out_number,
                         GError **error)
{
  guint8 number[CONTACT_NUMBER_SIZE];
  guint8 key_id[PLAZA_KEY_ID_SIZE];
  g_autofree char *id = NULL;
  g_autoptr (GBytes) sealed = NULL;
  g_autoptr (GBytes) payload = NULL;
  g_autoptr (PlazaEntry) entry = NULL;
  GByteArray *out;

  if (!plaza_clock_is_date (campaign_date))
    {
      plaza_throw (error, PLAZA_ERROR_INVALID, "Contact: not a date");
      return NULL;
    }
  sealed = plaza_sealbox_seal_padded (custody, plain, error);
  if (sealed == NULL)
    return NULL;
  plaza_random_fill (number, sizeof number);
  id = contact_id (number);
  plaza_public_key_id (custody, key_id);

  out = g_byte_array_new ();
  g_byte_array_append (out, (const guint8 *) campaign_date, DATE_SIZE);
  g_byte_array_append (out, key_id, sizeof key_id);
  g_byte_array_append (out, g_bytes_get_data (sealed, NULL), (guint) g_bytes_get_size (sealed));
  payload = g_byte_array_free_to_bytes (out);
  entry = plaza_entry_new (PLAZA_ENTRY_CONTACT, id, 0, payload, error);
  if (entry != NULL && out_number != NULL)
    *out_number = plaza_base32_encode_checked (number, sizeof number);
  return g_steal_pointer (&entry);
}

gboolean
plaza_entry_get_contact (PlazaEntry *entry, PlazaContact *out, GError **error)
{
  gsize length;
  const guint8 *data = g_bytes_get_data (entry->payload, &length);
  const gsize fixed = DATE_SIZE + PLAZA_KEY_ID_SIZE;
  g_autofree char *date = NULL;

  g_return_val_if_fail (entry->kind == PLAZA_ENTRY_CONTACT, FALSE);
  if (length < fixed + PLAZA_SEALBOX_OVERHEAD + PLAZA_SEALBOX_BLOCK ||
      (length - fixed - PLAZA_SEALBOX_OVERHEAD) % PLAZA_SEALBOX_BLOCK != 0)
    return plaza_throw (error, PLAZA_ERROR_INVALID, "Contact: not a padded sealed box");
  date = g_strndup ((const char *) data, DATE_SIZE);
  if (!plaza_clock_is_date (date))
    return plaza_throw (error, PLAZA_ERROR_INVALID, "Contact: not a date");
  out->date = g_steal_pointer (&date);
  memcpy (out->custody_key_id, data + DATE_SIZE, PLAZA_KEY_ID_SIZE);
  out->sealed = g_bytes_new_from_bytes (entry->payload, fixed, length - fixed);
  return TRUE;
}

void
plaza_contact_clear (PlazaContact *contact)
{
  g_clear_pointer (&contact->date, g_free);
  g_clear_pointer (&contact->sealed, g_bytes_unref);
}

PlazaEntry *
plaza_entry_new_contact_total (const char *device, guint64 count, GError **error)
{
  g_autoptr (JsonObject) object = json_object_new ();
  g_autoptr (GBytes) payload = NULL;
  g_autofree char *id = plaza_uuid_random ();

  json_object_set_string_member (object, "device", device);
  json_object_set_int_member (object, "count", (gint64) MIN (count, (guint64) MAX_COUNT + 1));
  payload = plaza_json_write_object (object);
  return plaza_entry_new (PLAZA_ENTRY_CONTACT_TOTAL, id, 0, payload, error);
}

gboolean
plaza_entry_get_contact_total (PlazaEntry *entry, char **device, guint64 *count, GError **error)
{
  g_autoptr (JsonObject) object = NULL;
  const char *text;
  gint64 value;

  g_return_val_if_fail (entry->kind == PLAZA_ENTRY_CONTACT_TOTAL, FALSE);
  object = plaza_json_parse_object (entry->payload, &limits, error);
  if (object == NULL || !plaza_json_only (object, error, "count", "device", NULL) ||
      (text = plaza_json_get_string (object, "device", 36, error)) == NULL ||
      !plaza_json_get_int (object, "count", 0, MAX_COUNT, &value, error))
    return FALSE;
  if (!plaza_uuid_is_valid (text))
    return plaza_throw (error, PLAZA_ERROR_INVALID, "Contact total: the device is not a UUID");
  *device = g_strdup (text);
  *count = (guint64) value;
  return TRUE;
}
