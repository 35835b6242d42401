/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "wire/receipt.h"

#include "sample.h"

typedef struct
{
  PlazaPublicKey current, spare, stranger;
  PlazaSecret *current_secret, *spare_secret, *stranger_secret;
  PlazaHash envelope;
  PlazaReceipt receipt;
  guint8 statuses[5];
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  plaza_sign_keypair (&f->current, &f->current_secret);
  plaza_sign_keypair (&f->spare, &f->spare_secret);
  plaza_sign_keypair (&f->stranger, &f->stranger_secret);
  plaza_hash_data ("envelope", 8, &f->envelope);
  for (guint8 i = 0; i < 5; i++)
    f->statuses[i] = i + 1;
  f->receipt = (PlazaReceipt){ .envelope = f->envelope,
                               .audit_sequence = 42,
                               .time_ms = 1559700309123,
                               .n_statuses = 5,
                               .statuses = f->statuses };
  plaza_hash_data ("head", 4, &f->receipt.audit_head);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  plaza_secret_unref (f->current_secret);
  plaza_secret_unref (f->spare_secret);
  plaza_secret_unref (f->stranger_secret);
}

static void
test_verify (Fixture *f, gconstpointer data)
{
  g_autoptr (GBytes) bytes = plaza_receipt_sign (&f->receipt, f->current_secret, NULL);
  g_autoptr (GBytes) by_spare = plaza_receipt_sign (&f->receipt, f->spare_secret, NULL);
  g_autoptr (GBytes) forged = plaza_receipt_sign (&f->receipt, f->stranger_secret, NULL);
  g_autoptr (PlazaReceipt) read =
      plaza_receipt_verify (bytes, &f->envelope, 5, &f->current, &f->spare, NULL);
  g_autoptr (PlazaReceipt) spare =
      plaza_receipt_verify (by_spare, &f->envelope, 0, &f->current, &f->spare, NULL);
  g_autoptr (GError) error = NULL;
  PlazaHash other;

  g_assert_cmpmem (read->statuses, read->n_statuses, f->statuses, 5);
  g_assert_cmpuint (read->audit_sequence, ==, 42);
  g_assert_cmpint (read->time_ms, ==, 1559700309123);
  g_assert_true (plaza_hash_equal (&read->audit_head, &f->receipt.audit_head));
  g_assert_nonnull (spare);
  g_assert_null (plaza_receipt_verify (by_spare, &f->envelope, 5, &f->current, NULL, &error));
  g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_SIGNATURE);
  g_clear_error (&error);
  g_assert_null (plaza_receipt_verify (forged, &f->envelope, 5, &f->current, &f->spare, &error));
  g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_SIGNATURE);
  g_clear_error (&error);
  g_assert_null (plaza_receipt_verify (bytes, &f->envelope, 4, &f->current, &f->spare, &error));
  g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_INVALID);
  g_clear_error (&error);
  plaza_hash_data ("another", 7, &other);
  g_assert_null (plaza_receipt_verify (bytes, &other, 5, &f->current, &f->spare, &error));
  g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_INVALID);
}

static void
test_damage (Fixture *f, gconstpointer data)
{
  g_autoptr (GBytes) bytes = plaza_receipt_sign (&f->receipt, f->current_secret, NULL);
  gsize length = g_bytes_get_size (bytes);

  for (gsize bit = 0; bit < 8 * length; bit++)
    {
      g_autoptr (GBytes) flipped = flip_bit (bytes, bit);

      g_assert_null (plaza_receipt_verify (flipped, &f->envelope, 0, &f->current, &f->spare, NULL));
    }
  for (gsize cut = 0; cut < length; cut++)
    {
      g_autoptr (GBytes) part = g_bytes_new_from_bytes (bytes, 0, cut);

      g_assert_null (plaza_receipt_verify (part, &f->envelope, 0, &f->current, &f->spare, NULL));
    }
}

/* What a captive portal may answer in the central's place. */
static void
test_lies (Fixture *f, gconstpointer data)
{
  static const char *const lies[] = {
    "", "OK", "{\"ok\":true}", "<html><body>Bienvenido</body>", "PLZRCP01", "PLZRCP01stored"
  };

  for (gsize i = 0; i < G_N_ELEMENTS (lies); i++)
    {
      g_autoptr (GBytes) bytes = g_bytes_new (lies[i], strlen (lies[i]));

      g_assert_null (plaza_receipt_verify (bytes, &f->envelope, 0, &f->current, &f->spare, NULL));
    }
}

static void
test_statuses (Fixture *f, gconstpointer data)
{
  static const gboolean delivered[] = { TRUE, TRUE, TRUE, FALSE, FALSE };

  for (guint i = 0; i < 5; i++)
    {
      g_assert_nonnull (plaza_receipt_status_name (f->statuses[i]));
      g_assert_true (plaza_receipt_status_is_delivered (f->statuses[i]) == delivered[i]);
    }
  f->statuses[2] = 6;
  g_assert_null (plaza_receipt_sign (&f->receipt, f->current_secret, NULL));
  f->statuses[2] = 0;
  g_assert_null (plaza_receipt_sign (&f->receipt, f->current_secret, NULL));
  f->receipt.n_statuses = 0;
  g_assert_null (plaza_receipt_sign (&f->receipt, f->current_secret, NULL));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/wire/receipt/verify", Fixture, NULL, set_up, test_verify, tear_down);
  g_test_add ("/wire/receipt/damage", Fixture, NULL, set_up, test_damage, tear_down);
  g_test_add ("/wire/receipt/lies", Fixture, NULL, set_up, test_lies, tear_down);
  g_test_add ("/wire/receipt/statuses", Fixture, NULL, set_up, test_statuses, tear_down);
  return g_test_run ();
}
