/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-wire"

#include "wire/entry.h"

#include <string.h>

#include "base/error.h"
#include "base/json.h"
#include "base/uuid.h"
#include "wire/bytes.h"

static const struct
{
  PlazaEntryKind kind;
  const char *name;
} kinds[] = {
  { PLAZA_ENTRY_REVISION, "revision" },
  { PLAZA_ENTRY_OUTCOME, "outcome" },
  { PLAZA_ENTRY_VOID, "void" },
  { PLAZA_ENTRY_WITHDRAWAL, "withdrawal" },
  { PLAZA_ENTRY_SESSION, "session" },
  { PLAZA_ENTRY_CONTACT, "contact" },
  { PLAZA_ENTRY_CONTACT_TOTAL, "contact-total" },
};

const char *
plaza_entry_kind_name (PlazaEntryKind kind)
{
  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (kinds[i].kind == kind)
      return kinds[i].name;
  return "unknown";
}

gboolean
plaza_entry_kind_parse (const char *name, PlazaEntryKind *out, GError **error)
{
  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (strcmp (kinds[i].name, name) == 0)
      {
        *out = kinds[i].kind;
        return TRUE;
      }
  return plaza_throw (error, PLAZA_ERROR_INVALID, "Not a kind of entry");
}

gboolean
plaza_entry_kind_is_contact (PlazaEntryKind kind)
{
  return kind == PLAZA_ENTRY_CONTACT || kind == PLAZA_ENTRY_CONTACT_TOTAL;
}

PlazaEntry *
plaza_entry_ref (PlazaEntry *entry)
{
  return g_atomic_rc_box_acquire (entry);
}

static void
entry_clear (gpointer data)
{
  PlazaEntry *entry = data;

  g_free (entry->id);
  g_clear_pointer (&entry->payload, g_bytes_unref);
  g_clear_pointer (&entry->revision, plaza_revision_unref);
}

void
plaza_entry_unref (PlazaEntry *entry)
{
  g_atomic_rc_box_release_full (entry, entry_clear);
}

static PlazaRevision *read_revision (GBytes *payload, GError **error);

/* Reads the payload as its kind demands; sets the hash, and the id that the payload itself states.
 */
static gboolean
read_payload (PlazaEntry *entry, char **own_id, GError **error)
{
  plaza_hash_bytes (entry->payload, &entry->hash);
  switch (entry->kind)
    {
    case PLAZA_ENTRY_REVISION:
      {
        entry->revision = read_revision (entry->payload, error);
        if (entry->revision == NULL)
          return FALSE;
        entry->hash = entry->revision->hash;
        *own_id = g_strdup (entry->revision->header.revision);
        return TRUE;
      }
    case PLAZA_ENTRY_OUTCOME:
      {
        g_auto (PlazaHeader) header = { 0 };

        return plaza_entry_get_outcome (entry, &header, error);
      }
    case PLAZA_ENTRY_VOID:
    case PLAZA_ENTRY_WITHDRAWAL:
      {
        g_auto (PlazaRemoval) removal = { 0 };

        return plaza_entry_get_removal (entry, &removal, error);
      }
    case PLAZA_ENTRY_SESSION:
      {
        g_auto (PlazaSessionState) session = { 0 };

        return plaza_entry_get_session (entry, &session, error);
      }
    case PLAZA_ENTRY_CONTACT:
      {
        g_auto (PlazaContact) contact = { 0 };

        return plaza_entry_get_contact (entry, &contact, error);
      }
    case PLAZA_ENTRY_CONTACT_TOTAL:
      {
        g_autofree char *device = NULL;
        guint64 count;

        return plaza_entry_get_contact_total (entry, &device, &count, error);
      }
    default:
      return plaza_throw (error, PLAZA_ERROR_NEWER, "An entry of a kind that nobody knows");
    }
}

PlazaEntry *
plaza_entry_new (
    PlazaEntryKind kind, const char *id, guint64 sequence, GBytes *payload, GError **error)
{
  g_autoptr (PlazaEntry) entry = g_atomic_rc_box_new0 (PlazaEntry);
  g_autofree char *own_id = NULL;

  entry->kind = kind;
  entry->sequence = sequence;
  entry->payload = g_bytes_ref (payload);
  if (!read_payload (entry, &own_id, error))
    {
      g_prefix_error (error, "Entry (%s): ", plaza_entry_kind_name (kind));
      return NULL;
    }
  if (own_id != NULL && id != NULL && strcmp (own_id, id) != 0)
    {
      plaza_throw (error, PLAZA_ERROR_INVALID, "Entry: its id is not its revision's");
      return NULL;
    }
  entry->id = own_id != NULL ? g_steal_pointer (&own_id) : g_strdup (id);
  if (!plaza_uuid_is_valid (entry->id))
    {
      plaza_throw (error, PLAZA_ERROR_INVALID, "Entry: its id is not a UUID");
      return NULL;
    }
  /* The numbering shows what of a device's responses is missing; a contact must not be dated by it.
   */
  if (plaza_entry_kind_is_contact (kind) != (sequence == 0))
    {
      plaza_throw (error, PLAZA_ERROR_INVALID, "Entry: a sequence that its kind does not have");
      return NULL;
    }
  return g_steal_pointer (&entry);
}

static PlazaRevision *split_revision (GBytes *payload, GError **error);

PlazaEntry *
plaza_entry_new_stored (
    PlazaEntryKind kind, const char *id, guint64 sequence, GBytes *payload, GError **error)
{
  g_autoptr (PlazaEntry) entry = g_atomic_rc_box_new0 (PlazaEntry);

  entry->kind = kind;
  entry->id = g_strdup (id);
  entry->sequence = sequence;
  entry->payload = g_bytes_ref (payload);
  if (kind == PLAZA_ENTRY_REVISION)
    {
      g_autoptr (PlazaRevision) revision = split_revision (payload, error);

      if (revision == NULL)
        return NULL;
      entry->hash = revision->hash;
    }
  else
    plaza_hash_bytes (payload, &entry->hash);
  return g_steal_pointer (&entry);
}

static void
hash_revision (GBytes *header_json,
               const PlazaHash *xml,
               const PlazaHash *annotations,
               GBytes *attachments,
               PlazaHash *out)
{
  PlazaHashPart parts[4] = { { NULL, 0 },
                             { xml->bytes, PLAZA_HASH_SIZE },
                             { annotations->bytes, PLAZA_HASH_SIZE },
                             { NULL, 0 } };

  parts[0].data = g_bytes_get_data (header_json, &parts[0].length);
  if (attachments != NULL)
    parts[3].data = g_bytes_get_data (attachments, &parts[3].length);
  plaza_hash_parts (parts, G_N_ELEMENTS (parts), out);
}

void
plaza_revision_hash (
    GBytes *header_json, GBytes *xml, GBytes *annotations, GBytes *attachments, PlazaHash *out)
{
  PlazaHash of_xml, of_annotations;

  plaza_hash_bytes (xml, &of_xml);
  if (annotations != NULL)
    plaza_hash_bytes (annotations, &of_annotations);
  else
    plaza_hash_data ("{}", 2, &of_annotations);
  hash_revision (header_json, &of_xml, &of_annotations, attachments, out);
}

static void
append_part (GByteArray *out, GBytes *part)
{
  plaza_append_u32 (out, (guint32) g_bytes_get_size (part));
  plaza_append_bytes (out, part);
}

GBytes *
plaza_revision_payload (GBytes *header_json, GBytes *xml, GBytes *annotations, GBytes *attachments)
{
  GByteArray *out = g_byte_array_new ();

  append_part (out, header_json);
  append_part (out, xml);
  append_part (out, annotations);
  append_part (out, attachments);
  return g_byte_array_free_to_bytes (out);
}

PlazaEntry *
plaza_entry_new_revision (const PlazaHeader *header,
                          guint64 sequence,
                          GBytes *xml,
                          GBytes *annotations,
                          GBytes *attachments,
                          GError **error)
{
  g_autoptr (GBytes) header_json = plaza_header_to_json (header, error);
  g_autoptr (GBytes) notes =
      annotations != NULL ? g_bytes_ref (annotations) : g_bytes_new_static ("{}", 2);
  g_autoptr (GBytes) attached =
      attachments != NULL ? g_bytes_ref (attachments) : g_bytes_new_static (NULL, 0);
  g_autoptr (GBytes) payload = NULL;

  if (header_json == NULL)
    return NULL;
  payload = plaza_revision_payload (header_json, xml, notes, attached);
  return plaza_entry_new (PLAZA_ENTRY_REVISION, header->revision, sequence, payload, error);
}

static GBytes *
take_part (PlazaReader *reader, GBytes *payload)
{
  guint32 length;
  gsize begin;

  if (!plaza_reader_u32 (reader, &length))
    return NULL;
  begin = reader->at;
  if (plaza_reader_take (reader, length) == NULL)
    return NULL;
  return g_bytes_new_from_bytes (payload, begin, length);
}

/* The four parts of @payload and the hashes over them; nothing is read within them. */
static PlazaRevision *
split_revision (GBytes *payload, GError **error)
{
  g_autoptr (PlazaRevision) revision = g_atomic_rc_box_new0 (PlazaRevision);
  PlazaReader reader = { 0 };

  reader.data = g_bytes_get_data (payload, &reader.length);
  if ((revision->header_json = take_part (&reader, payload)) == NULL ||
      (revision->xml = take_part (&reader, payload)) == NULL ||
      (revision->annotations = take_part (&reader, payload)) == NULL ||
      (revision->attachments = take_part (&reader, payload)) == NULL || reader.at != reader.length)
    {
      plaza_throw (error, PLAZA_ERROR_INVALID, "Revision: its parts do not add up");
      return NULL;
    }
  plaza_hash_bytes (revision->xml, &revision->xml_hash);
  plaza_hash_bytes (revision->annotations, &revision->annotations_hash);
  hash_revision (revision->header_json, &revision->xml_hash, &revision->annotations_hash,
                 revision->attachments, &revision->hash);
  return g_steal_pointer (&revision);
}

static PlazaRevision *
read_revision (GBytes *payload, GError **error)
{
  g_autoptr (PlazaRevision) revision = split_revision (payload, error);

  if (revision == NULL || !plaza_header_parse (revision->header_json, &revision->header, error))
    return NULL;
  if (revision->header.revision == NULL || g_bytes_get_size (revision->xml) == 0 ||
      g_bytes_get_size (revision->attachments) % PLAZA_HASH_SIZE != 0)
    {
      plaza_throw (error, PLAZA_ERROR_INVALID, "Revision: a part is missing or cut");
      return NULL;
    }
  if (!plaza_json_check (g_bytes_get_data (revision->annotations, NULL),
                         g_bytes_get_size (revision->annotations), NULL, error) ||
      *(const char *) g_bytes_get_data (revision->annotations, NULL) != '{')
    {
      if (error != NULL && *error == NULL)
        plaza_throw (error, PLAZA_ERROR_INVALID, "not an object");
      g_prefix_error (error, "Revision: annotations: ");
      return NULL;
    }
  return g_steal_pointer (&revision);
}

PlazaRevision *
plaza_entry_get_revision (PlazaEntry *entry, GError **error)
{
  if (entry->revision != NULL)
    return g_atomic_rc_box_acquire (entry->revision);
  if (entry->kind == PLAZA_ENTRY_REVISION)
    return read_revision (entry->payload, error);
  plaza_throw (error, PLAZA_ERROR_INVALID, "not a revision");
  return NULL;
}

static void
revision_clear (gpointer data)
{
  PlazaRevision *revision = data;

  plaza_header_clear (&revision->header);
  g_clear_pointer (&revision->header_json, g_bytes_unref);
  g_clear_pointer (&revision->xml, g_bytes_unref);
  g_clear_pointer (&revision->annotations, g_bytes_unref);
  g_clear_pointer (&revision->attachments, g_bytes_unref);
}

void
plaza_revision_unref (PlazaRevision *revision)
{
  g_atomic_rc_box_release_full (revision, revision_clear);
}
