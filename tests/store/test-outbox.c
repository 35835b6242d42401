/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gstdio.h>
#include <string.h>

#include "laptop.h"

#include "base/clock.h"
#include "base/file.h"
#include "seal/sealbox.h"

static PlazaStore *
store_of (PlazaProfile *profile)
{
  return plaza_profile_get_store (profile);
}

static guint
pack (PlazaProfile *profile, PlazaPackFlags flags)
{
  g_autoptr (GError) error = NULL;
  guint packed = 0;

  g_assert_true (plaza_outbox_pack (store_of (profile), flags, &packed, &error));
  g_assert_no_error (error);
  return packed;
}

static GPtrArray *
list (Laptop *laptop)
{
  g_autoptr (GError) error = NULL;
  GPtrArray *items = plaza_outbox_list (laptop->root, NULL, &error);

  g_assert_no_error (error);
  return items;
}

static void
test_deliver (void)
{
  g_autoptr (Laptop) laptop = laptop_new ();
  g_autoptr (PlazaProfile) profile = laptop_profile (laptop, "Ana");
  g_autofree char *response = laptop_respond (profile, "No hay agua");
  g_autofree char *later = NULL;
  g_autoptr (GPtrArray) items = NULL;
  g_autoptr (GPtrArray) entries = NULL;
  g_autoptr (GError) error = NULL;
  PlazaCounts counts;

  g_assert_cmpuint (pack (profile, PLAZA_PACK_NONE), ==, 1);
  g_assert_cmpuint (pack (profile, PLAZA_PACK_NONE), ==, 0);
  g_assert_cmpint (laptop_state (profile, response), ==, PLAZA_RESPONSE_PACKED);
  items = list (laptop);
  g_assert_cmpuint (items->len, ==, 1);
  entries = laptop_open (laptop, profile, items->pdata[0]);
  g_assert_cmpuint (entries->len, ==, 2);
  for (guint i = 0; i < entries->len; i++)
    g_assert_cmpuint (((PlazaEntry *) entries->pdata[i])->sequence, ==, i + 1);

  g_assert_cmpuint (laptop_deliver (laptop, profile, PLAZA_PACK_NONE), ==, 2);
  g_assert_cmpint (laptop_state (profile, response), ==, PLAZA_RESPONSE_DELIVERED);
  g_ptr_array_unref (g_steal_pointer (&items));
  items = list (laptop);
  g_assert_cmpuint (items->len, ==, 0);
  g_assert_true (plaza_store_get_counts (store_of (profile), &counts, &error));
  g_assert_cmpuint (counts.delivered, ==, 1);
  g_assert_cmpuint (counts.waiting, ==, 0);
  g_assert_cmpint (counts.last_delivered_ms, >, 0);

  /* The device's numbers go on without a gap. */
  later = laptop_respond (profile, "Tampoco luz");
  g_assert_cmpuint (pack (profile, PLAZA_PACK_NONE), ==, 1);
  g_ptr_array_unref (g_steal_pointer (&items));
  g_ptr_array_unref (g_steal_pointer (&entries));
  items = list (laptop);
  entries = laptop_open (laptop, profile, items->pdata[0]);
  g_assert_cmpuint (entries->len, ==, 1);
  g_assert_cmpuint (((PlazaEntry *) entries->pdata[0])->sequence, ==, 3);
}

/* What arrives is what was stored, byte for byte. */
static void
test_same_bytes (void)
{
  g_autoptr (Laptop) laptop = laptop_new ();
  g_autoptr (PlazaProfile) profile = laptop_profile (laptop, "Ana");
  g_autofree char *response = laptop_respond (profile, "Ñandú «agua» 🌊");
  g_autofree char *xml = laptop_xml (profile, response);
  g_autoptr (GPtrArray) items = NULL;
  g_autoptr (GPtrArray) entries = NULL;
  g_autoptr (PlazaRevision) revision = NULL;
  g_autoptr (GError) error = NULL;

  pack (profile, PLAZA_PACK_NONE);
  items = list (laptop);
  entries = laptop_open (laptop, profile, items->pdata[0]);
  revision = plaza_entry_get_revision (entries->pdata[1], &error);
  g_assert_no_error (error);
  g_assert_cmpmem (g_bytes_get_data (revision->xml, NULL), g_bytes_get_size (revision->xml), xml,
                   strlen (xml));
}

static void
put_receipt (PlazaProfile *profile, const PlazaOutboxItem *item, GBytes *bytes)
{
  g_autofree char *name = g_strconcat (item->envelope, ".rcp", NULL);
  g_autofree char *path =
      g_build_filename (plaza_profile_get_folder (profile), "receipts", name, NULL);
  g_autoptr (GError) error = NULL;

  plaza_file_write (path, bytes, &error);
  g_assert_no_error (error);
}

static void
test_false_receipts (void)
{
  g_autoptr (Laptop) laptop = laptop_new ();
  g_autoptr (PlazaProfile) profile = laptop_profile (laptop, "Ana");
  g_autofree char *response = laptop_respond (profile, "No hay agua");
  g_autoptr (GPtrArray) items = NULL;
  g_autoptr (GBytes) good = NULL;
  g_autoptr (GBytes) short_one = NULL;
  g_autoptr (GBytes) forged = NULL;
  g_autoptr (GBytes) other = NULL;
  g_autoptr (GError) error = NULL;
  PlazaSecret *central;
  PlazaPublicKey stranger;
  const PlazaOutboxItem *item;
  PlazaOutboxItem another;
  guint delivered;

  pack (profile, PLAZA_PACK_NONE);
  items = list (laptop);
  item = items->pdata[0];
  good = laptop_receipt (laptop, item, 2, PLAZA_RECEIPT_STORED);
  short_one = laptop_receipt (laptop, item, 1, PLAZA_RECEIPT_STORED);
  another = *item;
  another.envelope = (char *) "00000000000000000000000000000000000000000000000000000000000000ff";
  other = laptop_receipt (laptop, &another, 2, PLAZA_RECEIPT_STORED);
  central = laptop->central_sign;
  plaza_sign_keypair (&stranger, &laptop->central_sign);
  forged = laptop_receipt (laptop, item, 2, PLAZA_RECEIPT_STORED);
  plaza_secret_unref (laptop->central_sign);
  laptop->central_sign = central;

  g_assert_false (plaza_outbox_keep_receipt (item, laptop->campaign, forged, &error));
  g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_SIGNATURE);
  g_clear_error (&error);
  g_assert_false (plaza_outbox_keep_receipt (item, laptop->campaign, other, &error));
  g_clear_error (&error);

  /* Put there by hand, they prove nothing either. */
  GBytes *lies[] = { forged, other, short_one };

  for (guint i = 0; i < G_N_ELEMENTS (lies); i++)
    {
      put_receipt (profile, item, lies[i]);
      g_assert_true (plaza_outbox_absorb (store_of (profile), &delivered, &error));
      g_assert_no_error (error);
      g_assert_cmpuint (delivered, ==, 0);
      g_assert_cmpint (laptop_state (profile, response), ==, PLAZA_RESPONSE_PACKED);
    }
  put_receipt (profile, &another, good);
  g_assert_true (plaza_outbox_absorb (store_of (profile), &delivered, &error));
  g_assert_cmpuint (delivered, ==, 0);

  g_ptr_array_unref (g_steal_pointer (&items));
  items = list (laptop);
  g_assert_cmpuint (items->len, ==, 1);
  g_assert_true (plaza_outbox_keep_receipt (items->pdata[0], laptop->campaign, good, &error));
  g_assert_no_error (error);
  g_assert_true (plaza_outbox_absorb (store_of (profile), &delivered, &error));
  g_assert_cmpuint (delivered, ==, 2);
  g_assert_cmpint (laptop_state (profile, response), ==, PLAZA_RESPONSE_DELIVERED);
}

static void
test_refused_entries (void)
{
  const struct
  {
    guint8 status;
    PlazaResponseState state;
    const char *problem;
  } cases[] = {
    { PLAZA_RECEIPT_DUPLICATE, PLAZA_RESPONSE_DELIVERED, NULL },
    { PLAZA_RECEIPT_CONFLICT, PLAZA_RESPONSE_DELIVERED, NULL },
    { PLAZA_RECEIPT_QUARANTINED, PLAZA_RESPONSE_REFUSED, "quarantined" },
    { PLAZA_RECEIPT_REJECTED, PLAZA_RESPONSE_REFUSED, "rejected" },
  };
  g_autoptr (Laptop) laptop = laptop_new ();
  g_autoptr (PlazaProfile) profile = laptop_profile (laptop, "Ana");
  g_autoptr (PlazaSession) session = laptop_session (profile);
  PlazaCounts counts;

  laptop_deliver (laptop, profile, PLAZA_PACK_NONE);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *response = laptop_respond (profile, "No hay agua");
      g_autoptr (GPtrArray) items = NULL;
      g_autoptr (GBytes) receipt = NULL;
      g_autoptr (PlazaResponse) row = NULL;
      g_autoptr (GError) error = NULL;

      pack (profile, PLAZA_PACK_NONE);
      items = list (laptop);
      g_assert_cmpuint (items->len, ==, 1);
      receipt = laptop_receipt (laptop, items->pdata[0], 1, cases[i].status);
      g_assert_true (
          plaza_outbox_keep_receipt (items->pdata[0], laptop->campaign, receipt, &error));
      g_assert_true (plaza_outbox_absorb (store_of (profile), NULL, &error));
      g_assert_no_error (error);
      row = plaza_response_load (store_of (profile), response, &error);
      g_assert_cmpint (plaza_response_get_state (row), ==, cases[i].state);
      g_assert_cmpstr (plaza_response_get_problem (row), ==, cases[i].problem);
    }
  g_assert_true (plaza_store_get_counts (store_of (profile), &counts, NULL));
  g_assert_cmpuint (counts.delivered, ==, 2);
  g_assert_cmpuint (counts.refused, ==, 2);
  g_assert_cmpuint (counts.quarantined, ==, 1);
}

static void
test_set_aside (void)
{
  g_autoptr (Laptop) laptop = laptop_new ();
  g_autoptr (PlazaProfile) profile = laptop_profile (laptop, "Ana");
  g_autofree char *response = laptop_respond (profile, "No hay agua");
  g_autoptr (GPtrArray) items = NULL;
  g_autoptr (PlazaResponse) row = NULL;
  g_autoptr (GError) error = NULL;

  pack (profile, PLAZA_PACK_NONE);
  items = list (laptop);
  g_assert_true (plaza_outbox_set_aside (items->pdata[0], "envelope", &error));
  g_assert_true (plaza_outbox_absorb (store_of (profile), NULL, &error));
  g_assert_no_error (error);
  row = plaza_response_load (store_of (profile), response, &error);
  g_assert_cmpint (plaza_response_get_state (row), ==, PLAZA_RESPONSE_REFUSED);
  g_assert_cmpstr (plaza_response_get_problem (row), ==, "envelope");
  g_ptr_array_unref (g_steal_pointer (&items));
  items = list (laptop);
  g_assert_cmpstr (((PlazaOutboxItem *) items->pdata[0])->refused, ==, "envelope");
  g_assert_true (plaza_outbox_set_aside (items->pdata[0], NULL, &error));
  g_assert_true (plaza_outbox_absorb (store_of (profile), NULL, &error));
  g_assert_cmpint (laptop_state (profile, response), ==, PLAZA_RESPONSE_PACKED);
}

/* A file that is lost, or a crash before it was written, gives the same bytes again. */
static void
test_lost_file (void)
{
  g_autoptr (Laptop) laptop = laptop_new ();
  g_autoptr (PlazaProfile) profile = laptop_profile (laptop, "Ana");
  g_autofree char *response = laptop_respond (profile, "No hay agua");
  g_autofree char *id = g_strdup (plaza_profile_get_id (profile));
  g_autoptr (GPtrArray) before = NULL;
  g_autoptr (GPtrArray) after = NULL;
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GBytes) again = NULL;
  g_autoptr (GError) error = NULL;

  pack (profile, PLAZA_PACK_NONE);
  before = list (laptop);
  bytes = plaza_outbox_read (before->pdata[0], &error);
  g_assert_no_error (error);
  g_assert_true (plaza_profile_lock (profile, &error));
  g_remove (((PlazaOutboxItem *) before->pdata[0])->path);
  g_clear_object (&profile);
  profile = laptop_unlock (laptop, id);
  after = list (laptop);
  g_assert_cmpuint (after->len, ==, 1);
  again = plaza_outbox_read (after->pdata[0], &error);
  g_assert_no_error (error);
  g_assert_true (g_bytes_equal (bytes, again));
}

/* A file of the outbox that was cut, or damaged within, is written again from the store. */
static void
test_damaged_file (void)
{
  g_autoptr (Laptop) laptop = laptop_new ();
  g_autoptr (PlazaProfile) profile = laptop_profile (laptop, "Ana");
  g_autofree char *response = laptop_respond (profile, "No hay agua");
  g_autoptr (GPtrArray) items = NULL;
  g_autoptr (GBytes) whole = NULL;
  g_autoptr (GBytes) cut = NULL;
  g_autoptr (GBytes) flipped = NULL;
  g_autoptr (GBytes) again = NULL;
  g_autofree guint8 *data = NULL;
  g_autoptr (GError) error = NULL;
  const PlazaOutboxItem *item;
  gsize length;

  pack (profile, PLAZA_PACK_NONE);
  items = list (laptop);
  item = items->pdata[0];
  whole = plaza_outbox_read (item, &error);
  g_assert_no_error (error);

  cut = g_bytes_new_from_bytes (whole, 0, 500);
  g_assert_true (plaza_file_write (item->path, cut, &error));
  pack (profile, PLAZA_PACK_NONE);
  again = plaza_outbox_read (item, &error);
  g_assert_no_error (error);
  g_assert_true (g_bytes_equal (whole, again));

  length = g_bytes_get_size (whole);
  data = g_memdup2 (g_bytes_get_data (whole, NULL), length);
  data[length / 2] ^= 1;
  flipped = g_bytes_new (data, length);
  g_assert_true (plaza_file_write (item->path, flipped, &error));
  g_assert_null (plaza_outbox_read (item, &error));
  g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_CORRUPT);
  g_clear_error (&error);
  pack (profile, PLAZA_PACK_NONE);
  g_clear_pointer (&again, g_bytes_unref);
  again = plaza_outbox_read (item, &error);
  g_assert_no_error (error);
  g_assert_true (g_bytes_equal (whole, again));
}

/* Locking packs; another profile may carry it and the owner takes the receipt in when unlocked. */
static void
test_carried (void)
{
  g_autoptr (Laptop) laptop = laptop_new ();
  g_autoptr (PlazaProfile) ana = laptop_profile (laptop, "Ana");
  g_autofree char *response = laptop_respond (ana, "No hay agua");
  g_autofree char *id = g_strdup (plaza_profile_get_id (ana));
  g_autoptr (GPtrArray) items = NULL;
  g_autoptr (GBytes) receipt = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (plaza_profile_lock (ana, &error));
  g_assert_no_error (error);
  items = list (laptop);
  g_assert_cmpuint (items->len, ==, 1);
  g_assert_cmpstr (((PlazaOutboxItem *) items->pdata[0])->profile, ==, id);
  receipt = laptop_receipt (laptop, items->pdata[0], 2, PLAZA_RECEIPT_STORED);
  g_assert_true (plaza_outbox_keep_receipt (items->pdata[0], laptop->campaign, receipt, &error));
  g_assert_no_error (error);
  g_ptr_array_unref (g_steal_pointer (&items));
  items = list (laptop);
  g_assert_cmpuint (items->len, ==, 0);
  g_assert_true (plaza_profile_unlock (ana, LAPTOP_PASSPHRASE, &error));
  g_assert_cmpint (laptop_state (ana, response), ==, PLAZA_RESPONSE_DELIVERED);
}

static void
count_kinds (Laptop *laptop, PlazaProfile *profile, guint kinds[32], guint *mixed)
{
  g_autoptr (GPtrArray) items = list (laptop);

  for (guint i = 0; i < items->len; i++)
    {
      g_autoptr (GPtrArray) entries = laptop_open (laptop, profile, items->pdata[i]);
      guint contacts = 0;

      for (guint j = 0; j < entries->len; j++)
        {
          const PlazaEntry *entry = entries->pdata[j];

          kinds[entry->kind]++;
          contacts += plaza_entry_kind_is_contact (entry->kind);
        }
      if (contacts != 0 && contacts != entries->len)
        ++*mixed;
    }
}

static void
test_contacts (void)
{
  g_autoptr (Laptop) laptop = laptop_new ();
  g_autoptr (PlazaProfile) profile = laptop_profile (laptop, "Ana");
  guint kinds[32] = { 0 }, mixed = 0;

  for (guint i = 0; i < 4; i++)
    {
      g_autofree char *response = laptop_respond_with_contact (profile, "agua", "Epifania");
    }
  g_assert_cmpuint (pack (profile, PLAZA_PACK_NONE), ==, 1);
  g_assert_cmpuint (laptop_deliver (laptop, profile, PLAZA_PACK_NONE), ==, 5);
  g_autofree char *fifth = laptop_respond_with_contact (profile, "agua", "Epifania");
  g_assert_cmpuint (pack (profile, PLAZA_PACK_NONE), ==, 1);
  /* Five, but not together with the responses that left them: neither packed nor sent. */
  plaza_clock_set_shift (31 * 60 * 1000);
  g_assert_cmpuint (pack (profile, PLAZA_PACK_NONE), ==, 0);
  laptop_deliver (laptop, profile, PLAZA_PACK_NONE);
  plaza_clock_set_shift (60 * 60 * 1000);
  g_assert_cmpuint (pack (profile, PLAZA_PACK_NONE), ==, 0);
  plaza_clock_set_shift (62 * 60 * 1000);
  g_assert_cmpuint (pack (profile, PLAZA_PACK_NONE), ==, 1);
  plaza_clock_set_shift (0);
  count_kinds (laptop, profile, kinds, &mixed);
  g_assert_cmpuint (kinds[PLAZA_ENTRY_CONTACT], ==, 5);
  g_assert_cmpuint (kinds[PLAZA_ENTRY_CONTACT_TOTAL], ==, 0);
  g_assert_cmpuint (mixed, ==, 0);
  laptop_deliver (laptop, profile, PLAZA_PACK_NONE);

  /* The total is told even when nothing is left. */
  g_assert_cmpuint (laptop_deliver (laptop, profile, PLAZA_PACK_HAND_IN), ==, 1);

  /* At hand-in, what is left goes with how many there were ever. */
  g_autofree char *sixth = laptop_respond_with_contact (profile, "agua", "Epifania");
  memset (kinds, 0, sizeof kinds);
  g_assert_cmpuint (pack (profile, PLAZA_PACK_HAND_IN), ==, 2);
  count_kinds (laptop, profile, kinds, &mixed);
  g_assert_cmpuint (kinds[PLAZA_ENTRY_CONTACT], ==, 1);
  g_assert_cmpuint (kinds[PLAZA_ENTRY_CONTACT_TOTAL], ==, 1);
  g_assert_cmpuint (mixed, ==, 0);
  g_assert_cmpuint (pack (profile, PLAZA_PACK_HAND_IN), ==, 0);
}

static void
test_purge (void)
{
  g_autoptr (Laptop) laptop = laptop_new ();
  g_autoptr (PlazaProfile) profile = laptop_profile (laptop, "Ana");
  g_autofree char *response = laptop_respond (profile, "No hay agua");
  g_autofree char *waiting = NULL;
  g_autoptr (PlazaResponse) row = NULL;
  g_autoptr (GError) error = NULL;
  gint64 day = 24 * 60 * 60 * 1000;
  guint purged;

  laptop_deliver (laptop, profile, PLAZA_PACK_NONE);
  waiting = laptop_respond (profile, "Tampoco luz");
  g_assert_true (
      plaza_outbox_purge (store_of (profile), plaza_clock_now_ms () + 6 * day, &purged, &error));
  g_assert_cmpuint (purged, ==, 0);
  g_assert_true (
      plaza_outbox_purge (store_of (profile), plaza_clock_now_ms () + 8 * day, &purged, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (purged, ==, 2);
  row = plaza_response_load (store_of (profile), response, &error);
  g_assert_no_error (error);
  g_assert_true (plaza_response_get_purged (row));
  g_assert_cmpint (plaza_response_get_state (row), ==, PLAZA_RESPONSE_DELIVERED);
  g_assert_null (plaza_response_read (store_of (profile), response, &error));
  g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_NOT_FOUND);
  g_clear_error (&error);
  g_assert_null (plaza_capture_correct (store_of (profile), response, &error));
  g_clear_error (&error);
  g_autofree char *kept = laptop_xml (profile, waiting);
}

static void
test_many (void)
{
  g_autoptr (Laptop) laptop = laptop_new ();
  g_autoptr (PlazaProfile) profile = laptop_profile (laptop, "Ana");
  g_autofree char *words = g_strnfill (90000, 'a');
  g_autoptr (GPtrArray) items = NULL;

  for (guint i = 0; i < 50; i++)
    {
      g_autofree char *response = laptop_respond (profile, words);
    }
  g_assert_cmpuint (pack (profile, PLAZA_PACK_NONE), >=, 2);
  items = list (laptop);
  for (guint i = 0; i < items->len; i++)
    g_assert_cmpuint (((PlazaOutboxItem *) items->pdata[i])->size, <=, PLAZA_OUTBOX_MAX_BYTES);
  g_assert_cmpuint (laptop_deliver (laptop, profile, PLAZA_PACK_NONE), ==, 51);
}

static void
on_packed (GObject *source, GAsyncResult *result, gpointer data)
{
  *(GAsyncResult **) data = g_object_ref (result);
}

static PlazaPacked
pack_some (PlazaProfile *profile, PlazaPackFlags flags, guint entries, guint envelopes)
{
  const PlazaPackLimits limits = { .entries = entries, .envelopes = envelopes };
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  PlazaPacked packed = { 0 };

  plaza_outbox_pack_async (store_of (profile), flags, &limits, NULL, on_packed, &result);
  while (result == NULL)
    g_main_context_iteration (NULL, TRUE);
  plaza_outbox_pack_finish (store_of (profile), result, &packed, &error);
  g_assert_no_error (error);
  return packed;
}

/* What a slow link asks for: a few entries at a time, contacts last. */
static void
test_limits (void)
{
  g_autoptr (Laptop) laptop = laptop_new ();
  g_autoptr (PlazaProfile) profile = laptop_profile (laptop, "Ana");
  g_autoptr (GPtrArray) items = NULL;
  PlazaPacked packed;
  guint64 bytes = 0;

  for (guint i = 0; i < 9; i++)
    {
      g_autofree char *response = laptop_respond_with_contact (profile, "No hay agua", "Ana");
    }
  /* The session is the tenth. */
  packed = pack_some (profile, PLAZA_PACK_HAND_IN, 3, 2);
  g_assert_cmpuint (packed.envelopes, ==, 2);
  g_assert_cmpuint (packed.entries, ==, 6);
  g_assert_cmpuint (packed.left, ==, 4);
  g_assert_cmpuint (packed.contacts, ==, 0);
  items = list (laptop);
  g_assert_cmpuint (items->len, ==, 2);
  for (guint i = 0; i < items->len; i++)
    bytes += ((PlazaOutboxItem *) items->pdata[i])->size;
  g_assert_cmpuint (packed.bytes, ==, bytes);

  packed = pack_some (profile, PLAZA_PACK_HAND_IN | PLAZA_PACK_NO_CONTACTS, 100, 0);
  g_assert_cmpuint (packed.envelopes, ==, 1);
  g_assert_cmpuint (packed.entries, ==, 4);
  g_assert_cmpuint (packed.left, ==, 0);
  g_assert_cmpuint (packed.contacts, ==, 0);

  packed = pack_some (profile, PLAZA_PACK_HAND_IN, 100, 1);
  g_assert_cmpuint (packed.envelopes, ==, 0);
  g_assert_cmpuint (packed.contacts, ==, 1);
  g_assert_cmpuint (laptop_deliver (laptop, profile, PLAZA_PACK_NONE), ==, 20);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  /* False receipts are logged; here they are expected. */
  g_log_set_always_fatal (G_LOG_LEVEL_CRITICAL | G_LOG_FATAL_MASK);
  g_test_add_func ("/outbox/deliver", test_deliver);
  g_test_add_func ("/outbox/same-bytes", test_same_bytes);
  g_test_add_func ("/outbox/false-receipts", test_false_receipts);
  g_test_add_func ("/outbox/refused-entries", test_refused_entries);
  g_test_add_func ("/outbox/set-aside", test_set_aside);
  g_test_add_func ("/outbox/limits", test_limits);
  g_test_add_func ("/outbox/lost-file", test_lost_file);
  g_test_add_func ("/outbox/damaged-file", test_damaged_file);
  g_test_add_func ("/outbox/carried", test_carried);
  g_test_add_func ("/outbox/contacts", test_contacts);
  g_test_add_func ("/outbox/purge", test_purge);
  g_test_add_func ("/outbox/many", test_many);
  return g_test_run ();
}
