/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "seal/recovery.h"

#include <string.h>

#include "base/error.h"
#include "seal/sealbox.h"

#define PASSPHRASE "la milpa crece despacio en abril"
#define CAMPAIGN "0000000000000000000000000000000000000000000000000000"
#define PROFILE "017f22e2-79b0-7cc3-98c4-dc0c0c07398f"
#define DEVICE "017f22e2-79b0-7cc3-98c4-dc0c0c073990"

typedef struct
{
  PlazaSecret *recovery;
  PlazaSecret *key;
  PlazaSecret *secret; /* of the request */
  PlazaKeyfile *keyfile;
  GBytes *request;
  GBytes *answer;
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  PlazaPublicKey recovery;

  plaza_sealbox_keypair (&recovery, &f->recovery);
  f->keyfile = plaza_keyfile_new (PROFILE, "Ana", CAMPAIGN, &recovery, PASSPHRASE, &f->key, &error);
  g_assert_no_error (error);
  f->request = plaza_recovery_request_new (f->keyfile, DEVICE, &f->secret, &error);
  g_assert_no_error (error);
  f->answer = plaza_recovery_answer_new (f->request, f->recovery, &error);
  g_assert_no_error (error);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  plaza_keyfile_unref (f->keyfile);
  plaza_secret_unref (f->recovery);
  plaza_secret_unref (f->key);
  plaza_secret_unref (f->secret);
  g_bytes_unref (f->request);
  g_bytes_unref (f->answer);
}

static void
test_round_trip (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PlazaSecret) key = NULL;
  PlazaRecoveryRequest parsed;

  g_assert_cmpuint (g_bytes_get_size (f->request), ==, PLAZA_RECOVERY_REQUEST_SIZE);
  g_assert_cmpuint (g_bytes_get_size (f->answer), ==, PLAZA_RECOVERY_ANSWER_SIZE);
  g_assert_true (plaza_recovery_request_parse (f->request, &parsed, &error));
  g_assert_no_error (error);
  g_assert_cmpstr (parsed.profile, ==, PROFILE);
  g_assert_cmpstr (parsed.device, ==, DEVICE);
  key = plaza_recovery_answer_open (f->answer, f->request, f->secret, &error);
  g_assert_no_error (error);
  g_assert_true (plaza_secret_equal (key, f->key));
}

static void
test_unknown_device (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PlazaSecret) secret = NULL;
  g_autoptr (GBytes) request = plaza_recovery_request_new (f->keyfile, NULL, &secret, &error);
  PlazaRecoveryRequest parsed;

  g_assert_no_error (error);
  g_assert_true (plaza_recovery_request_parse (request, &parsed, NULL));
  g_assert_cmpstr (parsed.device, ==, "");
  g_assert_null (plaza_recovery_request_new (f->keyfile, "equipo 1", &secret, &error));
  g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_INVALID);
}

/* The answer opens with the request's own secret alone, and the request with the recovery key. */
static void
test_others (Fixture *f, gconstpointer data)
{
  g_autoptr (PlazaSecret) stranger = plaza_secret_new_random (32);
  g_autoptr (PlazaSecret) other_secret = NULL;
  g_autoptr (GBytes) other = plaza_recovery_request_new (f->keyfile, DEVICE, &other_secret, NULL);
  g_autoptr (GError) error = NULL;

  g_assert_null (plaza_recovery_answer_new (f->request, stranger, &error));
  g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_SIGNATURE);
  g_clear_error (&error);
  g_assert_null (plaza_recovery_answer_open (f->answer, other, other_secret, &error));
  g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_SIGNATURE);
  g_clear_error (&error);
  g_assert_null (plaza_recovery_answer_open (f->answer, f->request, other_secret, &error));
  g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_SIGNATURE);
  g_clear_error (&error);
  g_assert_null (plaza_recovery_answer_open (f->request, f->request, f->secret, &error));
  g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_INVALID);
  g_clear_error (&error);
  g_assert_null (plaza_recovery_answer_new (f->answer, f->recovery, &error));
  g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_INVALID);
}

static GBytes *
flip (GBytes *bytes, gsize bit)
{
  gsize size;
  const guint8 *data = g_bytes_get_data (bytes, &size);
  guint8 *copy = g_memdup2 (data, size);

  copy[bit / 8] ^= (guint8) (1 << bit % 8);
  return g_bytes_new_take (copy, size);
}

static void
test_damage (Fixture *f, gconstpointer data)
{
  PlazaRecoveryRequest parsed;

  for (gsize bit = 0; bit < PLAZA_RECOVERY_REQUEST_SIZE * 8; bit++)
    {
      g_autoptr (GBytes) request = flip (f->request, bit);

      g_assert_false (plaza_recovery_request_parse (request, &parsed, NULL));
      g_assert_null (plaza_recovery_answer_new (request, f->recovery, NULL));
    }
  for (gsize bit = 0; bit < PLAZA_RECOVERY_ANSWER_SIZE * 8; bit++)
    {
      g_autoptr (GBytes) answer = flip (f->answer, bit);

      g_assert_null (plaza_recovery_answer_open (answer, f->request, f->secret, NULL));
    }
  for (gsize size = 0; size < PLAZA_RECOVERY_REQUEST_SIZE; size++)
    {
      g_autoptr (GBytes) request = g_bytes_new_from_bytes (f->request, 0, size);

      g_assert_false (plaza_recovery_request_parse (request, &parsed, NULL));
    }
  for (gsize size = 0; size < PLAZA_RECOVERY_ANSWER_SIZE; size++)
    {
      g_autoptr (GBytes) answer = g_bytes_new_from_bytes (f->answer, 0, size);

      g_assert_null (plaza_recovery_answer_open (answer, f->request, f->secret, NULL));
    }
}

static void
test_newer (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) newer = flip (f->request, 7 * 8 + 1); /* '1' to '3' */
  PlazaRecoveryRequest parsed;

  g_assert_false (plaza_recovery_request_parse (newer, &parsed, &error));
  g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_NEWER);
}

static void
check_text (GBytes *bytes, guint lines)
{
  g_autofree char *text = plaza_recovery_to_text (bytes);
  g_autofree char *lower = g_ascii_strdown (text, -1);
  g_autoptr (GBytes) again = plaza_recovery_from_text (text, NULL, NULL);
  g_auto (GStrv) split = g_strsplit (text, "\n", -1);
  g_autofree char *joined = g_strjoinv ("  ", split);
  g_autoptr (GBytes) tolerant = plaza_recovery_from_text (joined, NULL, NULL);
  g_autoptr (GBytes) small = plaza_recovery_from_text (lower, NULL, NULL);
  /* as somebody writes who heard B, 0 and 1 */
  g_autofree char *heard =
      g_strdelimit (g_strdelimit (g_strdelimit (g_strdup (text), "B", 'V'), "0", 'O'), "1", 'L');
  g_autoptr (GBytes) written = plaza_recovery_from_text (heard, NULL, NULL);

  g_assert_cmpuint (g_strv_length (split), ==, lines);
  g_assert_true (again != NULL && g_bytes_equal (again, bytes));
  g_assert_true (tolerant != NULL && g_bytes_equal (tolerant, bytes));
  g_assert_true (small != NULL && g_bytes_equal (small, bytes));
  g_assert_true (written != NULL && g_bytes_equal (written, bytes));
  g_assert_cmpuint (strspn (text, "0123456789ABCDEFGHJKMNPQRSTUWXYZ-\n"), ==, strlen (text));
}

/* A line that was heard wrong is named, and the first of two that changed places. */
static void
test_text (Fixture *f, gconstpointer data)
{
  g_autofree char *text = plaza_recovery_to_text (f->answer);
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  g_autofree char *swapped = NULL;
  g_autofree char *cut = NULL;
  g_autoptr (GError) error = NULL;
  char *third = lines[2];
  guint line = 99;

  check_text (f->request, 16);
  check_text (f->answer, 11);

  lines[2] = lines[3];
  lines[3] = third;
  swapped = g_strjoinv ("\n", lines);
  g_assert_null (plaza_recovery_from_text (swapped, &line, &error));
  g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_INVALID);
  g_assert_cmpuint (line, ==, 3);
  g_clear_error (&error);

  third = strchr (text, '\n') + 1;
  third = strchr (third, '\n') + 1;
  *third = *third == '7' ? '8' : '7';
  g_assert_null (plaza_recovery_from_text (text, &line, &error));
  g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_INVALID);
  g_assert_cmpuint (line, ==, 3);
  g_clear_error (&error);

  cut = g_strndup (swapped, strlen (swapped) - 3);
  g_assert_null (plaza_recovery_from_text (cut, &line, &error));
  g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_INVALID);
  g_clear_error (&error);
  g_assert_null (plaza_recovery_from_text ("", &line, &error));
  g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_INVALID);
}

static void
test_code (Fixture *f, gconstpointer data)
{
  g_autofree char *code = plaza_recovery_code (f->request);
  g_autofree char *same = plaza_recovery_code (f->request);
  g_autoptr (PlazaSecret) secret = NULL;
  g_autoptr (GBytes) other = plaza_recovery_request_new (f->keyfile, DEVICE, &secret, NULL);
  g_autofree char *other_code = plaza_recovery_code (other);

  g_assert_cmpuint (strlen (code), ==, 19);
  g_assert_null (strpbrk (code, "ILOV"));
  g_assert_cmpstr (code, ==, same);
  g_assert_cmpstr (code, !=, other_code);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name) g_test_add ("/recovery/" #name, Fixture, NULL, set_up, test_##name, tear_down)
  ADD (round_trip);
  ADD (unknown_device);
  ADD (others);
  ADD (damage);
  ADD (newer);
  ADD (text);
  ADD (code);
  return g_test_run ();
}
