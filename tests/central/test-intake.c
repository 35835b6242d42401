/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What becomes of an envelope, on every storage engine there is. */
#include "base/clock.h"
#include "base/error.h"
#include "base/folio.h"
#include "base/uuid.h"
#include "central/verify.h"
#include "fixture.h"

typedef struct
{
  guint revisions;
  guint effective;
  guint with_content;
  guint conflicts;
  guint voided;
  guint withdrawn;
  guint asked;
  char *last_effective;
  char *marks;
} Seen;

static gboolean
see_revision (gpointer record, gpointer data, GError **error)
{
  const PlazaExportRevision *item = record;
  Seen *seen = data;

  seen->revisions++;
  seen->with_content += item->revision.xml != NULL;
  g_free (seen->marks);
  seen->marks = g_strdup (item->marks);
  if (strcmp (item->revision.id, item->response.effective) != 0)
    return TRUE;
  seen->effective++;
  seen->conflicts += item->response.conflict;
  seen->voided += item->response.voided;
  seen->withdrawn += item->response.withdrawal == PLAZA_WITHDRAWAL_DONE;
  seen->asked += item->response.withdrawal == PLAZA_WITHDRAWAL_ASKED;
  g_free (seen->last_effective);
  seen->last_effective = g_strdup (item->revision.id);
  return TRUE;
}

static void
seen_clear (Seen *seen)
{
  g_free (seen->last_effective);
  g_free (seen->marks);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Seen, seen_clear)

static Seen
look (Fixture *fixture)
{
  Seen seen = { 0 };
  g_autoptr (GError) error = NULL;

  fixture->storage->table->each_revision (fixture->storage, see_revision, &seen, &error);
  g_assert_no_error (error);
  return seen;
}

static void
assert_verifies (Fixture *fixture)
{
  PlazaVerified verified;
  g_autoptr (GError) error = NULL;

  plaza_verify (fixture->storage, &verified, &error);
  g_assert_no_error (error);
}

/* Exactly once, whatever comes how often */
static void
test_once (gconstpointer engine)
{
  g_autoptr (Fixture) fixture = fixture_new (engine);
  g_autoptr (Laptop) laptop = laptop_new (fixture, "Ana", "a");
  g_autoptr (PlazaEntry) first = laptop_response (laptop, "agua", NULL, NULL);
  g_autoptr (PlazaEntry) second = laptop_response (laptop, "luz", NULL, NULL);
  g_autoptr (GBytes) envelope =
      laptop_pack (laptop, plaza_entry_ref (first), plaza_entry_ref (second), NULL);
  g_autoptr (GBytes) again = laptop_pack (laptop, plaza_entry_ref (second), NULL);
  g_autoptr (PlazaReceipt) one = fixture_take (fixture, envelope);
  g_autoptr (PlazaReceipt) two = fixture_take (fixture, envelope);
  g_autoptr (PlazaReceipt) three = fixture_take (fixture, again);
  g_auto (Seen) seen = look (fixture);

  g_assert_cmpint (one->statuses[0], ==, PLAZA_RECEIPT_STORED);
  g_assert_cmpint (one->statuses[1], ==, PLAZA_RECEIPT_STORED);
  g_assert_cmpint (two->statuses[0], ==, PLAZA_RECEIPT_DUPLICATE);
  g_assert_cmpint (two->statuses[1], ==, PLAZA_RECEIPT_DUPLICATE);
  g_assert_cmpint (three->statuses[0], ==, PLAZA_RECEIPT_DUPLICATE);
  g_assert_cmpuint (two->audit_sequence, ==, one->audit_sequence);
  g_assert_cmpuint (seen.revisions, ==, 2);
  g_assert_cmpuint (seen.with_content, ==, 2);
  assert_verifies (fixture);
}

/* The same id with other content is kept beside the first */
static void
test_same_id (gconstpointer engine)
{
  g_autoptr (Fixture) fixture = fixture_new (engine);
  g_autoptr (Laptop) laptop = laptop_new (fixture, "Ana", "a");
  g_auto (PlazaHeader) header = { 0 };
  g_autoptr (GBytes) envelope = NULL;
  g_autoptr (GBytes) other = NULL;
  g_autoptr (PlazaReceipt) one = NULL;
  g_autoptr (PlazaReceipt) two = NULL;
  g_auto (Seen) seen = { 0 };

  laptop_header (laptop, &header);
  envelope = laptop_pack (laptop, laptop_revision (laptop, &header, "agua"), NULL);
  other = laptop_pack (laptop, laptop_revision (laptop, &header, "fuego"), NULL);
  one = fixture_take (fixture, envelope);
  two = fixture_take (fixture, other);
  g_assert_cmpint (one->statuses[0], ==, PLAZA_RECEIPT_STORED);
  g_assert_cmpint (two->statuses[0], ==, PLAZA_RECEIPT_CONFLICT);
  seen = look (fixture);
  g_assert_cmpuint (seen.revisions, ==, 1);
  assert_verifies (fixture);
}

/* A correction holds; two of one parent are both kept; the first line holds */
static void
test_revisions (gconstpointer engine)
{
  g_autoptr (Fixture) fixture = fixture_new (engine);
  g_autoptr (Laptop) laptop = laptop_new (fixture, "Ana", "a");
  g_auto (PlazaHeader) header = { 0 };
  g_autofree char *root = NULL;
  g_autofree char *child = NULL;

  laptop_header (laptop, &header);
  root = g_strdup (header.revision);
  for (guint i = 0; i < 3; i++)
    {
      g_autoptr (GBytes) envelope =
          laptop_pack (laptop, laptop_revision (laptop, &header, i == 0 ? "a" : "b"), NULL);
      g_autoptr (PlazaReceipt) receipt = fixture_take (fixture, envelope);
      g_auto (Seen) seen = look (fixture);

      g_assert_cmpint (receipt->statuses[0], ==,
                       i < 2 ? PLAZA_RECEIPT_STORED : PLAZA_RECEIPT_CONFLICT);
      g_assert_cmpuint (seen.effective, ==, 1);
      g_assert_cmpuint (seen.conflicts, ==, i == 2);
      if (i == 1)
        child = g_strdup (header.revision);
      g_assert_cmpstr (seen.last_effective, ==, i == 0 ? root : child);
      /* the next two correct the root */
      g_free (header.revision);
      g_free (header.parent);
      g_free (header.parent_hash);
      header.revision = plaza_uuid_random ();
      header.parent = g_strdup (root);
      header.parent_hash = g_strnfill (64, 'a');
    }
  assert_verifies (fixture);
}

/* Child first, parent later: no conflict remains */
static void
test_out_of_order (gconstpointer engine)
{
  g_autoptr (Fixture) fixture = fixture_new (engine);
  g_autoptr (Laptop) laptop = laptop_new (fixture, "Ana", "a");
  g_auto (PlazaHeader) header = { 0 };
  g_auto (GStrv) ids = g_new0 (char *, 4);
  const guint order[] = { 0, 2, 1 };
  g_auto (Seen) seen = { 0 };

  for (guint i = 0; i < 3; i++)
    ids[i] = plaza_uuid_random ();
  laptop_header (laptop, &header);
  for (guint i = 0; i < 3; i++)
    {
      g_autoptr (GBytes) envelope = NULL;
      g_autoptr (PlazaReceipt) receipt = NULL;
      guint which = order[i];

      g_free (header.revision);
      g_clear_pointer (&header.parent, g_free);
      g_clear_pointer (&header.parent_hash, g_free);
      header.revision = g_strdup (ids[which]);
      if (which > 0)
        {
          header.parent = g_strdup (ids[which - 1]);
          header.parent_hash = g_strnfill (64, 'a');
        }
      envelope = laptop_pack (laptop, laptop_revision (laptop, &header, "a"), NULL);
      receipt = fixture_take (fixture, envelope);
    }
  seen = look (fixture);
  g_assert_cmpuint (seen.revisions, ==, 3);
  g_assert_cmpuint (seen.conflicts, ==, 0);
  g_assert_cmpstr (seen.last_effective, ==, ids[2]);
}

/* Somebody else's revision is kept and never holds */
static void
test_foreign (gconstpointer engine)
{
  g_autoptr (Fixture) fixture = fixture_new (engine);
  g_autoptr (Laptop) ana = laptop_new (fixture, "Ana", "a");
  g_autoptr (Laptop) eve = laptop_new (fixture, "Eve", "b");
  g_autofree char *response = NULL;
  g_autofree char *revision = NULL;
  g_autoptr (GBytes) own =
      laptop_pack (ana, laptop_response (ana, "agua", &response, &revision), NULL);
  g_auto (PlazaHeader) header = { 0 };
  g_autoptr (GBytes) forged = NULL;
  g_autoptr (PlazaReceipt) one = fixture_take (fixture, own);
  g_autoptr (PlazaReceipt) two = NULL;
  g_auto (Seen) seen = { 0 };

  laptop_header (eve, &header);
  g_free (header.response);
  header.response = g_strdup (response);
  header.parent = g_strdup (revision);
  header.parent_hash = g_strnfill (64, 'a');
  forged = laptop_pack (eve, laptop_revision (eve, &header, "nada"), NULL);
  two = fixture_take (fixture, forged);
  g_assert_cmpint (two->statuses[0], ==, PLAZA_RECEIPT_CONFLICT);
  seen = look (fixture);
  g_assert_cmpuint (seen.revisions, ==, 2);
  g_assert_cmpuint (seen.conflicts, ==, 1);
  g_assert_cmpstr (seen.last_effective, ==, revision);
  seen_clear (&seen);

  /* A name that is not the signing device's gives no right either. */
  g_free (header.author);
  header.author = g_strdup (ana->person);
  g_free (header.revision);
  header.revision = plaza_uuid_random ();
  g_clear_pointer (&forged, g_bytes_unref);
  forged = laptop_pack (eve, laptop_revision (eve, &header, "nada"), NULL);
  g_clear_pointer (&two, plaza_receipt_free);
  two = fixture_take (fixture, forged);
  g_assert_cmpint (two->statuses[0], ==, PLAZA_RECEIPT_CONFLICT);
  seen = look (fixture);
  g_assert_cmpuint (seen.revisions, ==, 3);
  g_assert_cmpstr (seen.last_effective, ==, revision);
}

/* One central may hold several campaigns whose organisations have the same ids. */
static void
test_removal_elsewhere (gconstpointer engine)
{
  g_autoptr (Fixture) fixture = fixture_new (engine);
  g_autoptr (Laptop) ana = laptop_new (fixture, "Ana", "a");
  g_autoptr (Laptop) luz = laptop_new (fixture, "Luz", "a");
  g_autofree char *response = NULL;
  g_autoptr (GBytes) sent = laptop_pack (ana, laptop_response (ana, "agua", &response, NULL), NULL);
  g_autoptr (PlazaReceipt) one = fixture_take (fixture, sent);
  g_autoptr (GBytes) removal =
      laptop_pack (luz, laptop_removal (luz, PLAZA_ENTRY_WITHDRAWAL, response, NULL), NULL);
  g_autoptr (PlazaReceipt) two = NULL;
  g_auto (Seen) seen = { 0 };

  if (strcmp (engine, "postgresql") == 0)
    fixture_sql (fixture, "SELECT open_campaign ('another')");
  fixture_sql (fixture, "UPDATE response SET campaign = 'another'");
  two = fixture_take (fixture, removal);
  seen = look (fixture);
  g_assert_cmpuint (seen.withdrawn, ==, 0);
  g_assert_cmpuint (seen.asked, ==, 1);
  g_assert_cmpuint (seen.with_content, ==, 1);
}

static void
test_removals (gconstpointer engine)
{
  g_autoptr (Fixture) fixture = fixture_new (engine);
  g_autoptr (Laptop) ana = laptop_new (fixture, "Ana", "a");
  g_autoptr (Laptop) eve = laptop_new (fixture, "Eve", "b");
  g_autoptr (Laptop) luz = laptop_new (fixture, "Luz", "a");
  g_autofree char *mine = NULL;
  g_autofree char *theirs = NULL;
  g_autofree char *unread = NULL;
  g_autofree char *folio = plaza_folio_make ("26", ana->batch, 3, NULL);
  g_autoptr (GBytes) sent = laptop_pack (ana, laptop_response (ana, "agua", &mine, NULL),
                                         laptop_response (ana, "luz", &theirs, NULL), NULL);
  g_autoptr (GBytes) late = laptop_pack (ana, laptop_response (ana, "gas", &unread, NULL), NULL);
  g_autoptr (GBytes) void_one =
      laptop_pack (ana, laptop_removal (ana, PLAZA_ENTRY_VOID, mine, NULL), NULL);
  g_autoptr (GBytes) foreign =
      laptop_pack (eve, laptop_removal (eve, PLAZA_ENTRY_WITHDRAWAL, theirs, NULL), NULL);
  g_autoptr (GBytes) colleague =
      laptop_pack (luz, laptop_removal (luz, PLAZA_ENTRY_WITHDRAWAL, theirs, NULL), NULL);
  g_autoptr (GBytes) by_folio =
      laptop_pack (luz, laptop_removal (luz, PLAZA_ENTRY_WITHDRAWAL, NULL, folio), NULL);
  g_autoptr (PlazaReceipt) receipt = NULL;
  g_auto (Seen) seen = { 0 };

  receipt = fixture_take (fixture, sent);
  g_clear_pointer (&receipt, plaza_receipt_free);
  receipt = fixture_take (fixture, void_one);
  g_clear_pointer (&receipt, plaza_receipt_free);
  receipt = fixture_take (fixture, foreign);
  g_clear_pointer (&receipt, plaza_receipt_free);
  seen = look (fixture);
  g_assert_cmpuint (seen.voided, ==, 1);
  g_assert_cmpuint (seen.asked, ==, 1);
  g_assert_cmpuint (seen.with_content, ==, 2); /* nobody without the right destroys */
  seen_clear (&seen);

  receipt = fixture_take (fixture, colleague);
  g_clear_pointer (&receipt, plaza_receipt_free);
  receipt = fixture_take (fixture, by_folio); /* before its response came */
  g_clear_pointer (&receipt, plaza_receipt_free);
  receipt = fixture_take (fixture, late);
  g_assert_cmpint (receipt->statuses[0], ==, PLAZA_RECEIPT_STORED);
  seen = look (fixture);
  g_assert_cmpuint (seen.withdrawn, ==, 2);
  g_assert_cmpuint (seen.with_content, ==, 1);
  assert_verifies (fixture); /* the tombstones still prove what was there */
}

static void
test_quarantine (gconstpointer engine)
{
  g_autoptr (Fixture) fixture = fixture_new (engine);
  g_autoptr (Laptop) laptop = laptop_new (fixture, "Ana", "a");
  g_autoptr (GBytes) before = laptop_pack (laptop, laptop_response (laptop, "a", NULL, NULL), NULL);
  g_autoptr (GBytes) after = laptop_pack (laptop, laptop_response (laptop, "b", NULL, NULL), NULL);
  g_autoptr (GBytes) contact = laptop_pack (laptop, laptop_contact (laptop, "951"), NULL);
  g_autoptr (PlazaReceipt) one = fixture_take (fixture, before);
  g_autoptr (PlazaReceipt) two = NULL;
  g_autoptr (PlazaReceipt) three = NULL;
  g_autoptr (PlazaReceipt) four = NULL;
  g_autoptr (PlazaReceipt) five = NULL;
  guint accepted = 0;
  g_autoptr (GError) error = NULL;
  const PlazaStorageTable *table = fixture->storage->table;
  PlazaDevice device = { 0 };
  PlazaHash token;
  gboolean found;
  guint64 n;
  g_auto (Seen) seen = { 0 };

  table->begin (fixture->storage, &error);
  table->revoke_device (fixture->storage, laptop->id, 1, &found, &error);
  table->commit (fixture->storage, &error);
  g_assert_no_error (error);
  g_assert_true (found);
  plaza_hash_data (laptop->token, strlen (laptop->token), &token);
  table->find_device_by_token (fixture->storage, &token, &device, &found, &error);
  g_assert_no_error (error);
  g_assert_false (found);

  two = fixture_take (fixture, after);
  three = fixture_take (fixture, after);
  four = fixture_take (fixture, contact);
  g_assert_cmpint (two->statuses[0], ==, PLAZA_RECEIPT_QUARANTINED);
  g_assert_cmpint (three->statuses[0], ==, PLAZA_RECEIPT_QUARANTINED);
  g_assert_cmpint (four->statuses[0], ==, PLAZA_RECEIPT_QUARANTINED);
  seen = look (fixture);
  g_assert_cmpuint (seen.revisions, ==, 1); /* out of the counts */
  table->count_contacts (fixture->storage, FALSE, &n, &error);
  g_assert_cmpuint (n, ==, 0);
  table->count_contacts (fixture->storage, TRUE, &n, &error);
  g_assert_cmpuint (n, ==, 1);
  assert_verifies (fixture);

  /* an administrator decides that it was sent before the laptop was lost */
  table->begin (fixture->storage, &error);
  plaza_intake_accept (fixture->central, fixture->storage, laptop->id, &accepted, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (accepted, ==, 1);
  table->accept_contacts (fixture->storage, &n, &error);
  g_assert_no_error (error);
  plaza_storage_audit (fixture->storage, 0, "operator", "contacts-accepted", "", "contacts=1", NULL,
                       &error);
  table->commit (fixture->storage, &error);
  g_assert_no_error (error);
  seen_clear (&seen);
  seen = look (fixture);
  g_assert_cmpuint (seen.revisions, ==, 2);
  table->count_contacts (fixture->storage, FALSE, &n, &error);
  g_assert_cmpuint (n, ==, 1);
  five = fixture_take (fixture, after);
  g_assert_cmpint (five->statuses[0], ==, PLAZA_RECEIPT_DUPLICATE);
  assert_verifies (fixture);
}

static void
test_refused (gconstpointer engine)
{
  g_autoptr (Fixture) fixture = fixture_new (engine);
  g_autoptr (Laptop) laptop = laptop_new (fixture, "Ana", "a");
  g_autoptr (Laptop) other = laptop_new (fixture, "Eva", "a");
  g_autoptr (GBytes) envelope =
      laptop_pack (laptop, laptop_response (laptop, "a", NULL, NULL), NULL);
  g_autoptr (GBytes) impostor = NULL;
  gsize length = g_bytes_get_size (envelope);
  g_autofree guint8 *copy = g_memdup2 (g_bytes_get_data (envelope, NULL), length);
  g_autoptr (GBytes) cut = g_bytes_new_from_bytes (envelope, 0, length - 1);
  g_auto (Seen) seen = { 0 };

  g_assert_cmpint (fixture_try (fixture, cut), ==, PLAZA_RESULT_ENVELOPE);
  for (gsize i = 0; i < length; i += 97)
    {
      g_autoptr (GBytes) flipped = NULL;

      copy[i] ^= 1;
      flipped = g_bytes_new (copy, length);
      g_assert_cmpint (fixture_try (fixture, flipped), !=, PLAZA_RESULT_OK);
      copy[i] ^= 1;
    }
  /* signed by one device in the name of another */
  g_free (other->id);
  other->id = g_strdup (laptop->id);
  impostor = laptop_pack (other, laptop_response (other, "a", NULL, NULL), NULL);
  g_assert_cmpint (fixture_try (fixture, impostor), ==, PLAZA_RESULT_ENVELOPE);
  seen = look (fixture);
  g_assert_cmpuint (seen.revisions, ==, 0);
}

static void
test_marks (gconstpointer engine)
{
  g_autoptr (Fixture) fixture = fixture_new (engine);
  g_autoptr (Laptop) laptop = laptop_new (fixture, "Ana", "a");
  g_auto (PlazaHeader) header = { 0 };
  g_autoptr (GBytes) envelope = NULL;
  g_autoptr (PlazaReceipt) receipt = NULL;
  g_auto (Seen) seen = { 0 };

  laptop_header (laptop, &header);
  g_free (header.folio);
  g_free (header.session_date);
  header.folio = g_strdup ("lo que sea");
  header.session_date = g_strdup ("2031-01-01");
  envelope = laptop_pack (laptop, laptop_revision (laptop, &header, "a"), NULL);
  receipt = fixture_take (fixture, envelope);
  g_assert_cmpint (receipt->statuses[0], ==, PLAZA_RECEIPT_STORED);
  seen = look (fixture);
  g_assert_cmpstr (seen.marks, ==, "folio-unknown late");
}

/* Clocks lie: what the laptop says, its sequence and our own time are all kept, each apart */

static gboolean
check_times (gpointer record, gpointer data, GError **error)
{
  const PlazaExportRevision *item = record;
  g_auto (PlazaHeader) header = { 0 };
  gint64 now = plaza_clock_now_ms ();

  g_assert_true (plaza_header_parse (item->revision.header, &header, error));
  g_assert_cmpstr (header.ended, ==, "1999-12-31T23:59:59.000-06:00");
  g_assert_cmpint (item->revision.received, <=, now);
  g_assert_cmpint (item->revision.received, >, now - 60 * 1000);
  return TRUE;
}

static gboolean
check_sequence (gpointer record, gpointer data, GError **error)
{
  g_assert_cmpuint (((PlazaStoredEntry *) record)->sequence, ==, 7);
  (*(guint *) data)++;
  return TRUE;
}

static void
test_times (gconstpointer engine)
{
  g_autoptr (Fixture) fixture = fixture_new (engine);
  g_autoptr (Laptop) laptop = laptop_new (fixture, "Ana", "a");
  g_auto (PlazaHeader) header = { 0 };
  g_autoptr (GBytes) envelope = NULL;
  g_autoptr (PlazaReceipt) receipt = NULL;
  g_autoptr (GError) error = NULL;
  guint entries = 0;

  laptop_header (laptop, &header);
  g_free (header.ended);
  header.ended = g_strdup ("1999-12-31T23:59:59.000-06:00");
  laptop->sequence = 6;
  envelope = laptop_pack (laptop, laptop_revision (laptop, &header, "a"), NULL);
  receipt = fixture_take (fixture, envelope);
  fixture->storage->table->each_revision (fixture->storage, check_times, NULL, &error);
  g_assert_no_error (error);
  fixture->storage->table->each_entry (fixture->storage, check_sequence, &entries, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (entries, ==, 1);
}

/* Contacts: nothing beside them */

static gboolean
collect_contact (gpointer record, gpointer data, GError **error)
{
  g_ptr_array_add (data, g_strdup (((PlazaStoredContact *) record)->id));
  return TRUE;
}

static void
test_contacts (gconstpointer engine)
{
  g_autoptr (Fixture) fixture = fixture_new (engine);
  g_autoptr (Laptop) laptop = laptop_new (fixture, "Ana", "a");
  g_autoptr (GPtrArray) entries =
      g_ptr_array_new_with_free_func ((GDestroyNotify) plaza_entry_unref);
  g_autoptr (GPtrArray) ids = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GError) error = NULL;
  g_autoptr (PlazaEntry) total = plaza_entry_new_contact_total (laptop->id, 6, &error);
  g_autoptr (GBytes) envelope = NULL;
  g_autoptr (GBytes) last = NULL;
  g_autoptr (PlazaReceipt) one = NULL;
  g_autoptr (PlazaReceipt) two = NULL;
  g_autoptr (PlazaReceipt) three = NULL;
  guint64 expected = 0;

  for (guint i = 0; i < 6; i++)
    g_ptr_array_add (entries, laptop_contact (laptop, "9511234567"));
  g_ptr_array_add (entries, g_steal_pointer (&total));
  envelope = laptop_pack_all (laptop, entries);
  one = fixture_take (fixture, envelope);
  two = fixture_take (fixture, envelope);
  last = laptop_pack (laptop, laptop_contact (laptop, "1"), NULL);
  three = fixture_take (fixture, last);
  for (guint i = 0; i < 7; i++)
    g_assert_cmpint (one->statuses[i], ==, PLAZA_RECEIPT_STORED);
  g_assert_cmpuint (two->audit_sequence, ==, one->audit_sequence);

  fixture->storage->table->each_contact (fixture->storage, collect_contact, ids, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (ids->len, ==, 7);
  for (guint i = 1; i < ids->len; i++)
    g_assert_cmpstr (ids->pdata[i - 1], <, ids->pdata[i]);
  fixture->storage->table->expected_contacts (fixture->storage, &expected, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (expected, ==, 6);
  assert_verifies (fixture);
}

/* Contacts: neither pages, rows nor row versions tell the order they came in */

#define N_CONTACT_ENVELOPES 12
#define N_CONTACTS (N_CONTACT_ENVELOPES * 5)

/* Where each of @needles lies in the database file; the write-ahead log must be empty. */
static void
find_offsets (Fixture *fixture, GPtrArray *needles, gsize *offsets)
{
  g_autofree char *path = g_build_filename (fixture->directory, "central.db", NULL);
  g_autofree char *log = g_strconcat (path, "-wal", NULL);
  g_autofree char *content = NULL;
  g_autofree char *rest = NULL;
  g_autoptr (GError) error = NULL;
  gsize length;

  fixture->storage->table->checkpoint (fixture->storage, &error);
  g_assert_no_error (error);
  g_file_get_contents (path, &content, &length, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < needles->len; i++)
    {
      GBytes *needle = g_ptr_array_index (needles, i);
      gsize size = g_bytes_get_size (needle);
      char *at = memmem (content, length, g_bytes_get_data (needle, NULL), size);

      g_assert_nonnull (at);
      offsets[i] = (gsize) (at - content);
      g_assert_null (
          memmem (at + 1, length - offsets[i] - 1, g_bytes_get_data (needle, NULL), size));
    }
  if (g_file_get_contents (log, &rest, &length, NULL))
    g_assert_cmpuint (length, ==, 0);
}

/* Kendall's tau of @offsets against their index, ×100. */
static int
order_kept (const gsize *offsets, guint n)
{
  int sum = 0;

  for (guint i = 0; i < n; i++)
    for (guint j = i + 1; j < n; j++)
      sum += offsets[j] > offsets[i] ? 1 : -1;
  return 100 * sum / (int) (n * (n - 1) / 2);
}

static void
test_unlinkable (gconstpointer engine)
{
  g_autoptr (Fixture) fixture = fixture_new (engine);
  g_autoptr (Laptop) laptop = laptop_new (fixture, "Ana", "a");
  g_autoptr (GPtrArray) needles = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  g_autoptr (PlazaReceipt) receipt = NULL;

  for (guint i = 0; i < N_CONTACT_ENVELOPES; i++)
    {
      g_autoptr (GPtrArray) entries =
          g_ptr_array_new_with_free_func ((GDestroyNotify) plaza_entry_unref);
      g_autoptr (GBytes) contacts = NULL;
      g_autoptr (GBytes) responses =
          laptop_pack (laptop, laptop_response (laptop, "agua", NULL, NULL), NULL);

      for (guint j = 0; j < 5; j++)
        {
          PlazaEntry *entry = laptop_contact (laptop, "9511234567");

          /* 32 bytes of the box, far enough in to lie on the row's spilled page */
          g_ptr_array_add (needles, g_bytes_new_from_bytes (entry->payload, 1500, 32));
          g_ptr_array_add (entries, entry);
        }
      contacts = laptop_pack_all (laptop, entries);
      g_clear_pointer (&receipt, plaza_receipt_free);
      receipt = fixture_take (fixture, responses);
      g_clear_pointer (&receipt, plaza_receipt_free);
      receipt = fixture_take (fixture, contacts);
    }
  if (strcmp (engine, "sqlite") == 0)
    {
      gsize offsets[N_CONTACTS];

      find_offsets (fixture, needles, offsets);
      /* by chance alone it stays within a quarter but once in ten thousand runs */
      g_assert_cmpint (ABS (order_kept (offsets, N_CONTACTS)), <, 35);
    }
  else
    fixture_sql (fixture,
                 "DO $$ BEGIN"
                 " ASSERT (SELECT count (DISTINCT xmin::text) FROM contact) = 1;"
                 " ASSERT (SELECT array_agg (id ORDER BY ctid) = array_agg (id ORDER BY id)"
                 "         FROM contact);"
                 " END $$");
}

/* A job that fails leaves no trace and does not hurt its neighbours */
static void
test_marks_of_jobs (gconstpointer engine)
{
  g_autoptr (Fixture) fixture = fixture_new (engine);
  const PlazaStorageTable *table = fixture->storage->table;
  g_autoptr (GError) error = NULL;
  gboolean found;

  g_assert_true (table->begin (fixture->storage, &error));
  g_assert_true (table->mark (fixture->storage, &error));
  g_assert_true (table->put_batch (fixture->storage, 900, "XA", &error));
  g_assert_true (table->unmark (fixture->storage, &error));
  g_assert_true (table->mark (fixture->storage, &error));
  g_assert_true (table->put_batch (fixture->storage, 901, "XB", &error));
  g_assert_false (table->put_batch (fixture->storage, 900, "XC", &error));
  g_assert_nonnull (error);
  g_clear_error (&error);
  g_assert_true (table->back (fixture->storage, &error));
  g_assert_true (table->commit (fixture->storage, &error));
  g_assert_true (table->find_batch (fixture->storage, "XA", &found, &error));
  g_assert_true (found);
  g_assert_true (table->find_batch (fixture->storage, "XB", &found, &error));
  g_assert_false (found);
  g_assert_true (table->migrate (fixture->storage, &error)); /* again: nothing to do */
  fixture_sql (fixture, "INSERT INTO migration SELECT (SELECT max (number) + 1 FROM migration), "
                        "'later', hash FROM migration WHERE number = 1");
  g_assert_false (table->migrate (fixture->storage, &error));
  g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_NEWER);
}

/* Whoever changes the database by hand is named */

static const struct
{
  const char *script;
  const char *names;
} tampering[] = {
  { "UPDATE revision SET xml = annotations", "revision " },
  { "UPDATE revision SET header = annotations", "revision " },
  { "UPDATE revision SET xml = NULL", "revision " },
  { "UPDATE response SET withdrawal = 2", NULL }, /* content is still there: it verifies */
  { "DELETE FROM revision", "entry " },
  { "DELETE FROM contact", "contact" },
};

static void
test_tampering (gconstpointer engine)
{
  for (guint i = 0; i < G_N_ELEMENTS (tampering); i++)
    {
      g_autoptr (Fixture) fixture = fixture_new (engine);
      g_autoptr (Laptop) laptop = laptop_new (fixture, "Ana", "a");
      g_autoptr (GBytes) envelope =
          laptop_pack (laptop, laptop_response (laptop, "a", NULL, NULL), NULL);
      g_autoptr (GBytes) contact = laptop_pack (laptop, laptop_contact (laptop, "1"), NULL);
      g_autoptr (PlazaReceipt) one = fixture_take (fixture, envelope);
      g_autoptr (PlazaReceipt) two = fixture_take (fixture, contact);
      g_autoptr (GError) error = NULL;
      PlazaVerified verified;

      fixture_sql (fixture, tampering[i].script);
      plaza_verify (fixture->storage, &verified, &error);
      if (tampering[i].names == NULL)
        {
          g_assert_no_error (error);
          continue;
        }
      g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_CORRUPT);
      g_assert_true (g_str_has_prefix (error->message, tampering[i].names));
    }
}

/* The log: its triggers refuse, and past them verify names the row */
static void
test_log (gconstpointer engine)
{
  const gboolean sqlite = strcmp (engine, "sqlite") == 0;
  const char *const open_log = sqlite
                                   ? "DROP TRIGGER audit_no_update; DROP TRIGGER audit_no_delete;"
                                   : "DROP TRIGGER audit_append_only ON audit;";
  const char *const edits[] = { "UPDATE audit SET actor = 'x' WHERE sequence = 2",
                                "DELETE FROM audit WHERE sequence = 2",
                                "UPDATE audit SET hash = previous WHERE sequence = 2" };

  for (guint i = 0; i < G_N_ELEMENTS (edits); i++)
    {
      g_autoptr (Fixture) fixture = fixture_new (engine);
      g_autoptr (Laptop) laptop = laptop_new (fixture, "Ana", "a");
      g_autoptr (GBytes) envelope =
          laptop_pack (laptop, laptop_response (laptop, "a", NULL, NULL), NULL);
      g_autoptr (PlazaReceipt) receipt = fixture_take (fixture, envelope);
      g_autofree char *script = g_strconcat (open_log, edits[i], NULL);
      g_autoptr (GError) error = NULL;
      PlazaVerified verified;

      plaza_verify_receipt (fixture->storage, receipt, &error);
      g_assert_no_error (error);
      fixture_sql (fixture, script);
      plaza_verify (fixture->storage, &verified, &error);
      g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_CORRUPT);
      g_assert_true (g_str_has_prefix (error->message, "audit 2:"));
    }
  {
    g_autoptr (Fixture) fixture = fixture_new (engine);
    g_autoptr (Laptop) laptop = laptop_new (fixture, "Ana", "a");
    g_autoptr (GBytes) envelope =
        laptop_pack (laptop, laptop_response (laptop, "a", NULL, NULL), NULL);
    g_autoptr (PlazaReceipt) receipt = fixture_take (fixture, envelope);
    g_autofree char *script = g_strconcat (open_log, "DELETE FROM audit WHERE sequence = 3", NULL);
    g_autoptr (GError) error = NULL;

    /* a tail cut off whole is what only a receipt can show */
    fixture_sql (fixture, script);
    plaza_verify_receipt (fixture->storage, receipt, &error);
    g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_CORRUPT);
  }
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *name;
    GTestDataFunc func;
  } tests[] = {
    { "once", test_once },
    { "same-id", test_same_id },
    { "revisions", test_revisions },
    { "out-of-order", test_out_of_order },
    { "foreign", test_foreign },
    { "removal-elsewhere", test_removal_elsewhere },
    { "removals", test_removals },
    { "quarantine", test_quarantine },
    { "refused", test_refused },
    { "marks", test_marks },
    { "times", test_times },
    { "contacts", test_contacts },
    { "unlinkable", test_unlinkable },
    { "jobs", test_marks_of_jobs },
    { "tampering", test_tampering },
    { "log", test_log },
  };
  const char *const *engines;
  int status;

  g_test_init (&argc, &argv, NULL);
  plaza_seal_init ();
  engines = fixture_databases ();
  for (guint i = 0; engines[i] != NULL; i++)
    for (guint j = 0; j < G_N_ELEMENTS (tests); j++)
      {
        g_autofree char *path = g_strdup_printf ("/intake/%s/%s", engines[i], tests[j].name);

        g_test_add_data_func (path, engines[i], tests[j].func);
      }
  status = g_test_run ();
  fixture_stop ();
  return status;
}
