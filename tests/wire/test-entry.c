/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "wire/entry.h"

#include "sample.h"

static void
test_header (void)
{
  g_auto (PlazaHeader) header = { 0 };
  g_auto (PlazaHeader) read = { 0 };
  g_auto (PlazaHeader) broken = { 0 };
  g_autoptr (GBytes) json = NULL;
  g_autoptr (GBytes) again = NULL;
  g_autofree char *text = NULL;

  header_init (&header);
  json = plaza_header_to_json (&header, NULL);
  g_assert_true (plaza_header_parse (json, &read, NULL));
  again = plaza_header_to_json (&read, NULL);
  g_assert_true (g_bytes_equal (json, again));
  g_assert_cmpstr (read.folio, ==, header.folio);
  g_assert_null (read.parent);

  /* A member that nobody knows may be an answer that does not belong there. */
  text = g_strndup (g_bytes_get_data (json, NULL), g_bytes_get_size (json));
  text[strlen (text) - 1] = '\0';
  {
    g_autofree char *more = g_strconcat (text, ",\"answer\":\"x\"}", NULL);
    g_autoptr (GBytes) bytes = g_bytes_new (more, strlen (more));

    g_assert_false (plaza_header_parse (bytes, &broken, NULL));
    g_assert_null (broken.campaign);
  }
}

static void
test_header_refused (void)
{
  const struct
  {
    gsize offset;
    const char *value;
  } cases[] = {
    { G_STRUCT_OFFSET (PlazaHeader, campaign), "abc" },
    { G_STRUCT_OFFSET (PlazaHeader, campaign), NULL },
    { G_STRUCT_OFFSET (PlazaHeader, form_id), " " },
    { G_STRUCT_OFFSET (PlazaHeader, response), "1" },
    { G_STRUCT_OFFSET (PlazaHeader, revision), NULL },
    { G_STRUCT_OFFSET (PlazaHeader, parent), DEVICE },
    { G_STRUCT_OFFSET (PlazaHeader, parent_hash), "00" },
    { G_STRUCT_OFFSET (PlazaHeader, mode), "telephone" },
    { G_STRUCT_OFFSET (PlazaHeader, session_date), "29/05/2019" },
    { G_STRUCT_OFFSET (PlazaHeader, session_state), NULL },
    { G_STRUCT_OFFSET (PlazaHeader, ended), "2019-05-29T14:31:39" },
    { G_STRUCT_OFFSET (PlazaHeader, author), "\xFF" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (PlazaHeader) header = { 0 };
      char **slot = G_STRUCT_MEMBER_P (&header, cases[i].offset);
      g_autoptr (GError) error = NULL;

      header_init (&header);
      g_free (*slot);
      *slot = g_strdup (cases[i].value);
      g_assert_null (plaza_header_to_json (&header, &error));
      g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_INVALID);
    }
}

static void
test_revision (void)
{
  g_autoptr (PlazaEntry) entry = new_revision (7);
  g_autoptr (PlazaRevision) revision = plaza_entry_get_revision (entry, NULL);
  g_autoptr (PlazaEntry) stored =
      plaza_entry_new (PLAZA_ENTRY_REVISION, NULL, 7, entry->payload, NULL);
  g_autoptr (GBytes) other_xml = g_bytes_new_static ("<data/>", 7);
  g_autoptr (GBytes) attachments = g_bytes_new_static (entry->hash.bytes, PLAZA_HASH_SIZE);
  PlazaHash of_xml, of_notes, by_hand, other;
  gsize length = g_bytes_get_size (entry->payload);
  guint accepted = 0;

  g_assert_cmpstr (stored->id, ==, entry->id);
  g_assert_cmpstr (entry->id, ==, revision->header.revision);
  g_assert_true (plaza_hash_equal (&stored->hash, &entry->hash));

  /* BLAKE2b-256 (header ‖ hash (xml) ‖ hash (annotations) ‖ attachments) */
  plaza_hash_bytes (revision->xml, &of_xml);
  plaza_hash_data ("{}", 2, &of_notes);
  {
    const PlazaHashPart parts[] = { { g_bytes_get_data (revision->header_json, NULL),
                                      g_bytes_get_size (revision->header_json) },
                                    { of_xml.bytes, PLAZA_HASH_SIZE },
                                    { of_notes.bytes, PLAZA_HASH_SIZE } };

    plaza_hash_parts (parts, 3, &by_hand);
  }
  g_assert_true (plaza_hash_equal (&by_hand, &entry->hash));
  plaza_revision_hash (revision->header_json, other_xml, revision->annotations, NULL, &other);
  g_assert_false (plaza_hash_equal (&other, &entry->hash));
  plaza_revision_hash (revision->header_json, revision->xml, revision->annotations, attachments,
                       &other);
  g_assert_false (plaza_hash_equal (&other, &entry->hash));

  for (gsize cut = 0; cut < length; cut++)
    {
      g_autoptr (GBytes) bytes = g_bytes_new_from_bytes (entry->payload, 0, cut);

      g_assert_null (plaza_entry_new (PLAZA_ENTRY_REVISION, NULL, 7, bytes, NULL));
    }
  /* A flipped bit may still be well-formed, but then it is another revision. */
  for (gsize bit = 0; bit < 8 * length; bit++)
    {
      g_autoptr (GBytes) bytes = flip_bit (entry->payload, bit);
      g_autoptr (PlazaEntry) flipped = plaza_entry_new (PLAZA_ENTRY_REVISION, NULL, 7, bytes, NULL);

      if (flipped != NULL)
        {
          g_assert_false (plaza_hash_equal (&flipped->hash, &entry->hash));
          accepted++;
        }
    }
  g_assert_cmpuint (accepted, <, 8 * length);
}

static void
test_rules (void)
{
  g_autoptr (PlazaEntry) entry = new_revision (1);
  g_auto (PlazaHeader) header = { 0 };
  g_autofree char *id = plaza_uuid_v7 ();
  g_autoptr (GBytes) xml = g_bytes_new_static ("<data/>", 7);
  g_autoptr (GBytes) no_object = g_bytes_new_static ("[]", 2);
  g_autoptr (GBytes) odd = g_bytes_new_static ("abc", 3);
  g_autoptr (GBytes) none = g_bytes_new_static ("", 0);
  g_autoptr (PlazaEntry) outcome = NULL;
  g_auto (PlazaHeader) read = { 0 };

  g_assert_null (plaza_entry_new (PLAZA_ENTRY_REVISION, NULL, 0, entry->payload, NULL));
  g_assert_null (plaza_entry_new (PLAZA_ENTRY_REVISION, id, 1, entry->payload, NULL));
  g_assert_null (plaza_entry_new ((PlazaEntryKind) 99, id, 1, entry->payload, NULL));

  header_init (&header);
  g_assert_null (plaza_entry_new_revision (&header, 1, xml, no_object, NULL, NULL));
  g_assert_null (plaza_entry_new_revision (&header, 1, xml, NULL, odd, NULL));
  g_assert_null (plaza_entry_new_revision (&header, 1, none, NULL, NULL, NULL));
  g_assert_null (plaza_entry_new_outcome (id, &header, 1, NULL));
  header.outcome = PLAZA_OUTCOME_REFUSED;
  g_assert_null (plaza_entry_new_revision (&header, 1, xml, NULL, NULL, NULL));
  g_clear_pointer (&header.revision, g_free);
  outcome = plaza_entry_new_outcome (id, &header, 1, NULL);
  g_assert_true (plaza_entry_get_outcome (outcome, &read, NULL));
  g_assert_cmpint (read.outcome, ==, PLAZA_OUTCOME_REFUSED);

  for (PlazaOutcome o = 0; o < PLAZA_N_OUTCOMES; o++)
    {
      PlazaOutcome back;

      g_assert_true (plaza_outcome_parse (plaza_outcome_name (o), &back, NULL));
      g_assert_cmpint (back, ==, o);
    }
  g_assert_false (plaza_outcome_parse ("finished", &read.outcome, NULL));
}

static void
test_removal (void)
{
  PlazaRemoval test = { (char *) FINGERPRINT,
                        (char *) DEVICE,
                        NULL,
                        (char *) DEVICE,
                        (char *) "F16",
                        (char *) "test",
                        (char *) "2019-05-29T14:31:39Z" };
  g_autofree char *id = plaza_uuid_v7 ();
  g_autoptr (PlazaEntry) made = plaza_entry_new_removal (PLAZA_ENTRY_VOID, id, &test, 3, NULL);
  g_auto (PlazaRemoval) read = { 0 };
  g_autoptr (PlazaEntry) withdrawal = NULL;

  g_assert_true (plaza_entry_get_removal (made, &read, NULL));
  g_assert_cmpstr (read.reason, ==, "test");
  g_assert_null (read.folio);
  g_assert_null (plaza_entry_new_removal (PLAZA_ENTRY_WITHDRAWAL, id, &test, 3, NULL));
  g_assert_null (plaza_entry_new (PLAZA_ENTRY_WITHDRAWAL, id, 3, made->payload, NULL));
  test.reason = NULL;
  g_assert_null (plaza_entry_new_removal (PLAZA_ENTRY_VOID, id, &test, 3, NULL));
  test.folio = (char *) "26-K7-00001-Z";
  g_assert_null (plaza_entry_new_removal (PLAZA_ENTRY_WITHDRAWAL, id, &test, 3, NULL));
  test.response = NULL;
  withdrawal = plaza_entry_new_removal (PLAZA_ENTRY_WITHDRAWAL, id, &test, 3, NULL);
  g_assert_nonnull (withdrawal);
}

static void
test_session (void)
{
  const PlazaSessionState session = { .campaign = (char *) FINGERPRINT,
                                      .session = (char *) SESSION,
                                      .revision = 2,
                                      .device = (char *) DEVICE,
                                      .author = (char *) "F16",
                                      .organisation = (char *) "sfp",
                                      .team = (char *) "Equipo 1",
                                      .facilitator = (char *) "Xóchitl",
                                      .state = (char *) "20",
                                      .municipality = (char *) "20208",
                                      .place = (char *) "",
                                      .date = (char *) "2019-06-04",
                                      .language = (char *) "es",
                                      .mode = (char *) "interview",
                                      .attendance = -1,
                                      .at = (char *) "2019-06-04T10:00:00-05:00" };
  g_autofree char *id = plaza_uuid_v7 ();
  g_autoptr (PlazaEntry) entry = plaza_entry_new_session (id, &session, 4, NULL);
  g_auto (PlazaSessionState) read = { 0 };
  PlazaSessionState wrong = session;

  g_assert_true (plaza_entry_get_session (entry, &read, NULL));
  g_assert_cmpuint (read.revision, ==, 2);
  g_assert_cmpint (read.attendance, ==, -1);
  g_assert_cmpstr (read.municipality, ==, "20208");
  wrong.revision = 0;
  g_assert_null (plaza_entry_new_session (id, &wrong, 4, NULL));
}

static void
test_contact (void)
{
  g_auto (Keys) keys = { 0 };
  g_autoptr (GBytes) plain = g_bytes_new_static ("{\"tel\":\"951 123\"}", 17);
  g_autofree char *number = NULL;
  g_autofree char *other_number = NULL;
  g_autofree char *id = NULL;
  g_autofree char *device = NULL;
  g_autoptr (PlazaEntry) entry = NULL;
  g_autoptr (PlazaEntry) other = NULL;
  g_autoptr (PlazaEntry) total = NULL;
  g_autoptr (GBytes) opened = NULL;
  g_autoptr (GBytes) cut = NULL;
  g_auto (PlazaContact) contact = { 0 };
  guint8 key_id[PLAZA_KEY_ID_SIZE];
  guint64 count;

  keys_init (&keys);
  entry = plaza_entry_new_contact (&keys.custody, "2019-05-24", plain, &number, NULL);
  other = plaza_entry_new_contact (&keys.custody, "2019-05-24", plain, &other_number, NULL);
  g_assert_cmpstr (entry->id, !=, other->id);
  g_assert_cmpstr (number, !=, other_number);
  g_assert_cmpuint (entry->sequence, ==, 0);
  g_assert_cmpint (plaza_uuid_v7_time (entry->id), ==, -1);
  id = plaza_contact_id (number, NULL);
  g_assert_cmpstr (id, ==, entry->id);
  number[0] = number[0] == '7' ? '8' : '7';
  g_assert_null (plaza_contact_id (number, NULL));

  g_assert_true (plaza_entry_get_contact (entry, &contact, NULL));
  plaza_public_key_id (&keys.custody, key_id);
  g_assert_cmpmem (contact.custody_key_id, sizeof key_id, key_id, sizeof key_id);
  g_assert_cmpstr (contact.date, ==, "2019-05-24");
  opened = plaza_sealbox_open_padded (keys.custody_secret, contact.sealed, NULL);
  g_assert_true (g_bytes_equal (opened, plain));
  g_assert_null (plaza_sealbox_open_padded (keys.central_secret, contact.sealed, NULL));
  g_assert_null (plaza_entry_new_contact (&keys.custody, "today", plain, NULL, NULL));
  g_assert_null (plaza_entry_new (PLAZA_ENTRY_CONTACT, entry->id, 1, entry->payload, NULL));
  cut = g_bytes_new_from_bytes (entry->payload, 0, g_bytes_get_size (entry->payload) - 1);
  g_assert_null (plaza_entry_new (PLAZA_ENTRY_CONTACT, entry->id, 0, cut, NULL));

  total = plaza_entry_new_contact_total (DEVICE, 12, NULL);
  g_assert_true (plaza_entry_get_contact_total (total, &device, &count, NULL));
  g_assert_cmpstr (device, ==, DEVICE);
  g_assert_cmpuint (count, ==, 12);
  g_assert_null (plaza_entry_new_contact_total ("x", 12, NULL));
  g_assert_null (plaza_entry_new_contact_total (DEVICE, G_MAXUINT64, NULL));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/wire/entry/header", test_header);
  g_test_add_func ("/wire/entry/header-refused", test_header_refused);
  g_test_add_func ("/wire/entry/revision", test_revision);
  g_test_add_func ("/wire/entry/rules", test_rules);
  g_test_add_func ("/wire/entry/removal", test_removal);
  g_test_add_func ("/wire/entry/session", test_session);
  g_test_add_func ("/wire/entry/contact", test_contact);
  return g_test_run ();
}
