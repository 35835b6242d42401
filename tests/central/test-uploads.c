/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Envelopes that arrive in pieces: cut anywhere, from several sides, and always as if whole. */
#include "base/clock.h"
#include "base/error.h"
#include "served.h"
#include "wire/piece.h"

#define DAY_MS (24 * 60 * 60 * G_GINT64_CONSTANT (1000))

static char *
upload_path (GBytes *envelope)
{
  PlazaEnvelopeInfo info;
  g_autofree char *id = NULL;
  g_autoptr (GError) error = NULL;

  plaza_envelope_peek (envelope, &info, &error);
  g_assert_no_error (error);
  id = plaza_hash_to_string (&info.id);
  return g_strconcat ("/v1/uploads/", id, NULL);
}

/* Sends @n bytes from @offset on as they are. */
static void
send_piece (Served *served, const char *token, GBytes *envelope, gsize offset, gsize n, Answer *out)
{
  g_autofree char *path = upload_path (envelope);
  g_autoptr (GBytes) piece = g_bytes_new_from_bytes (envelope, offset, n);
  g_autofree char *digest = plaza_piece_digest (g_bytes_get_data (piece, NULL), n);
  g_autofree char *fields =
      g_strdup_printf ("Upload-Offset: %" G_GSIZE_FORMAT "\r\nUpload-Length: %" G_GSIZE_FORMAT
                       "\r\nContent-Digest: %s\r\n",
                       offset, g_bytes_get_size (envelope), digest);

  served_send (served, "PATCH", path, token, fields, PLAZA_PIECE_MEDIA_TYPE, piece, out);
}

static guint64
offset_of (const Answer *answer)
{
  guint64 offset;
  g_autoptr (GError) error = NULL;

  plaza_piece_offset_parse (answer->body, &offset, &error);
  g_assert_no_error (error);
  return offset;
}

static void
get_upload (Served *served, const char *token, GBytes *envelope, Answer *out)
{
  g_autofree char *path = upload_path (envelope);

  served_send (served, "GET", path, token, NULL, NULL, NULL, out);
  g_assert_cmpuint (out->status, ==, 200);
}

static guint64
held (Served *served, const char *token, GBytes *envelope)
{
  g_auto (Answer) answer = { 0 };

  get_upload (served, token, envelope, &answer);
  return offset_of (&answer);
}

static void
assert_receipt (Served *served, const Answer *answer, GBytes *envelope, PlazaReceiptStatus status)
{
  g_autofree char *type = answer_field (answer, "Content-Type");
  g_autoptr (PlazaReceipt) receipt = NULL;

  g_assert_cmpuint (answer->status, ==, 200);
  g_assert_cmpstr (type, ==, PLAZA_RECEIPT_MEDIA_TYPE);
  receipt = served_read_receipt (served, answer->body, envelope);
  for (guint i = 0; i < receipt->n_statuses; i++)
    g_assert_cmpint (receipt->statuses[i], ==, status);
}

static void
assert_code (const Answer *answer, guint status, const char *code)
{
  g_autofree char *given = NULL;

  g_assert_cmpuint (answer->status, ==, status);
  given = answer_code (answer);
  g_assert_cmpstr (given, ==, code);
}

static GBytes *
new_envelope (Laptop *laptop, gsize text)
{
  g_autofree char *words = g_malloc (text + 1);

  for (gsize i = 0; i < text; i++)
    words[i] = (char) ('a' + g_random_int_range (0, 26));
  words[text] = '\0';
  return laptop_pack (laptop, laptop_response (laptop, words, NULL, NULL),
                      laptop_response (laptop, "b", NULL, NULL), NULL);
}

static gboolean
count_record (gpointer record, gpointer data, GError **error)
{
  (*(guint *) data)++;
  return TRUE;
}

static guint
count_revisions (Served *served)
{
  PlazaStorage *storage = served->fixture->storage;
  g_autoptr (GError) error = NULL;
  guint n = 0;

  storage->table->each_revision (storage, count_record, &n, &error);
  g_assert_no_error (error);
  return n;
}

static guint64
count_uploads (Served *served)
{
  PlazaStorage *storage = served->fixture->storage;
  g_autoptr (GError) error = NULL;
  guint64 n, bytes;

  storage->table->count_uploads (storage, &n, &bytes, &error);
  g_assert_no_error (error);
  return n;
}

/* Piece by piece, with a restart between, by somebody else, and asked for again */
static void
test_pieces (gconstpointer engine)
{
  g_autoptr (Served) served = served_new (engine);
  g_autoptr (Laptop) laptop = laptop_new (served->fixture, "Ana", "a");
  g_autoptr (Laptop) carrier = laptop_new (served->fixture, "Bea", "b");
  g_autoptr (GBytes) envelope = new_envelope (laptop, 200000);
  gsize length = g_bytes_get_size (envelope);
  g_auto (Answer) answer = { 0 };
  g_autoptr (GBytes) replay = NULL;
  guint status;

  g_assert_cmpuint (length, >, 100000);
  g_assert_cmpuint (held (served, carrier->token, envelope), ==, 0);
  for (gsize at = 0; at < length;)
    {
      gsize n = MIN (40000, length - at);

      g_assert_cmpuint (held (served, carrier->token, envelope), ==, at);
      send_piece (served, carrier->token, envelope, at, n, &answer);
      g_assert_cmpuint (answer.status, ==, 200);
      at += n;
      if (at == length)
        break;
      g_assert_cmpuint (offset_of (&answer), ==, at);
      /* the answer was lost: the same piece is not taken twice */
      send_piece (served, carrier->token, envelope, at - n, n, &answer);
      assert_code (&answer, 409, "offset");
      g_assert_cmpuint (offset_of (&answer), ==, at);
      if (at == 80000)
        served_restart (served);
      /* nobody else's upload is touched by it */
      g_assert_cmpuint (held (served, laptop->token, envelope), ==, 0);
    }
  assert_receipt (served, &answer, envelope, PLAZA_RECEIPT_STORED);
  g_assert_cmpuint (count_revisions (served), ==, 2);
  g_assert_cmpuint (count_uploads (served), ==, 0);

  /* the last answer was lost: asking, sending the piece again or the whole all say the same */
  get_upload (served, carrier->token, envelope, &answer);
  assert_receipt (served, &answer, envelope, PLAZA_RECEIPT_STORED);
  send_piece (served, carrier->token, envelope, length - 1, 1, &answer);
  assert_receipt (served, &answer, envelope, PLAZA_RECEIPT_STORED);
  send_piece (served, laptop->token, envelope, 0, 1000, &answer);
  assert_receipt (served, &answer, envelope, PLAZA_RECEIPT_STORED);
  replay = served_post_envelope (served, laptop->token, envelope, &status);
  g_assert_cmpuint (status, ==, 200);
  g_assert_cmpuint (count_revisions (served), ==, 2);
  g_assert_cmpuint (count_uploads (served), ==, 0);
}

/* The whole in one piece; and what came whole is known to whoever asks */
static void
test_whole (gconstpointer engine)
{
  g_autoptr (Served) served = served_new (engine);
  g_autoptr (Laptop) laptop = laptop_new (served->fixture, "Ana", "a");
  g_autoptr (GBytes) first = new_envelope (laptop, 10);
  g_autoptr (GBytes) second = new_envelope (laptop, 10);
  g_autoptr (GBytes) posted = NULL;
  g_auto (Answer) answer = { 0 };
  guint status;

  send_piece (served, laptop->token, first, 0, g_bytes_get_size (first), &answer);
  assert_receipt (served, &answer, first, PLAZA_RECEIPT_STORED);
  posted = served_post_envelope (served, laptop->token, second, &status);
  g_assert_cmpuint (status, ==, 200);
  get_upload (served, laptop->token, second, &answer);
  assert_receipt (served, &answer, second, PLAZA_RECEIPT_STORED);
}

/* What a revoked device wrote is kept apart, and the receipt says so until somebody decides */
static void
test_quarantined (gconstpointer engine)
{
  g_autoptr (Served) served = served_new (engine);
  PlazaStorage *storage = served->fixture->storage;
  g_autoptr (Laptop) laptop = laptop_new (served->fixture, "Ana", "a");
  g_autoptr (Laptop) carrier = laptop_new (served->fixture, "Bea", "b");
  g_autoptr (GBytes) envelope = new_envelope (laptop, 3000);
  g_auto (Answer) answer = { 0 };
  g_autoptr (GError) error = NULL;
  gboolean found;
  guint n;

  storage->table->begin (storage, &error);
  storage->table->revoke_device (storage, laptop->id, 1, &found, &error);
  storage->table->commit (storage, &error);
  g_assert_no_error (error);
  send_piece (served, carrier->token, envelope, 0, 1000, &answer);
  g_assert_cmpuint (answer.status, ==, 200);
  send_piece (served, carrier->token, envelope, 1000, g_bytes_get_size (envelope) - 1000, &answer);
  assert_receipt (served, &answer, envelope, PLAZA_RECEIPT_QUARANTINED);
  get_upload (served, carrier->token, envelope, &answer);
  assert_receipt (served, &answer, envelope, PLAZA_RECEIPT_QUARANTINED);

  storage->table->begin (storage, &error);
  plaza_intake_accept (served->fixture->central, storage, laptop->id, &n, &error);
  storage->table->commit (storage, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (n, ==, 2);
  get_upload (served, carrier->token, envelope, &answer);
  assert_receipt (served, &answer, envelope, PLAZA_RECEIPT_STORED);
}

/* Every way of asking wrongly, and nothing is left behind */
static void
test_refused (gconstpointer engine)
{
  static const struct
  {
    const char *offset;
    const char *length;
    const char *digest; /* NULL: the right one */
    guint status;
  } wrong[] = {
    { NULL, "100", NULL, 400 },
    { "0", NULL, NULL, 400 },
    { "0", "100", "", 400 },
    { "-1", "100", NULL, 400 },
    { "0x0", "100", NULL, 400 },
    { "0", "99", NULL, 400 },
    { "1", "100", NULL, 400 },
    { "0", "4194305", NULL, 413 },
    { "0", "1e3", NULL, 400 },
    { "0", "100", "sha-256=:AAAA:", 400 },
    { "99999999999999999999", "100", NULL, 400 },
    { "0", "100", "blake2b-256=:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=:", 422 },
    { "50", "200", NULL, 409 },
  };
  g_autoptr (Served) served = served_new (engine);
  g_autoptr (Laptop) laptop = laptop_new (served->fixture, "Ana", "a");
  g_autoptr (GBytes) envelope = new_envelope (laptop, 3000);
  g_autoptr (GBytes) piece = g_bytes_new_from_bytes (envelope, 0, 100);
  g_autofree char *right = plaza_piece_digest (g_bytes_get_data (piece, NULL), 100);
  g_autofree char *path = upload_path (envelope);
  g_auto (Answer) answer = { 0 };

  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_autoptr (GString) fields = g_string_new (NULL);

      if (wrong[i].offset != NULL)
        g_string_append_printf (fields, "Upload-Offset: %s\r\n", wrong[i].offset);
      if (wrong[i].length != NULL)
        g_string_append_printf (fields, "Upload-Length: %s\r\n", wrong[i].length);
      g_string_append_printf (fields, "Content-Digest: %s\r\n",
                              wrong[i].digest != NULL ? wrong[i].digest : right);
      served_send (served, "PATCH", path, laptop->token, fields->str, PLAZA_PIECE_MEDIA_TYPE, piece,
                   &answer);
      if (answer.status != wrong[i].status)
        g_test_message ("case %u: %u", i, answer.status);
      g_assert_cmpuint (answer.status, ==, wrong[i].status);
    }
  served_send (served, "GET", "/v1/uploads/abc", laptop->token, NULL, NULL, NULL, &answer);
  g_assert_cmpuint (answer.status, ==, 400);
  served_send (served, "GET", path, NULL, NULL, NULL, NULL, &answer);
  g_assert_cmpuint (answer.status, ==, 401);
  g_assert_cmpuint (count_uploads (served), ==, 0);
}

/* Pieces that make up no envelope, or another than they were said to: all of them are dropped */
static void
test_spoiled (gconstpointer engine)
{
  g_autoptr (Served) served = served_new (engine);
  g_autoptr (Laptop) laptop = laptop_new (served->fixture, "Ana", "a");
  g_autoptr (GBytes) envelope = new_envelope (laptop, 3000);
  g_autoptr (GBytes) other = new_envelope (laptop, 3000);
  gsize length = g_bytes_get_size (envelope);
  guint8 *bytes = g_memdup2 (g_bytes_get_data (envelope, NULL), length);
  g_autoptr (GBytes) flipped = NULL;
  g_autoptr (GBytes) cut = g_bytes_new_from_bytes (envelope, 0, length - 1);
  g_autofree char *path = upload_path (envelope);
  g_autofree char *digest = NULL;
  g_autofree char *fields = NULL;
  g_auto (Answer) answer = { 0 };

  bytes[length / 2] ^= 1;
  flipped = g_bytes_new_take (bytes, length);
  digest = plaza_piece_digest (g_bytes_get_data (flipped, NULL), length);
  fields = g_strdup_printf ("Upload-Offset: 0\r\nUpload-Length: %" G_GSIZE_FORMAT
                            "\r\nContent-Digest: %s\r\n",
                            length, digest);
  served_send (served, "PATCH", path, laptop->token, fields, PLAZA_PIECE_MEDIA_TYPE, flipped,
               &answer);
  assert_code (&answer, 422, "envelope");

  /* another's bytes under this name */
  g_free (digest);
  g_free (fields);
  digest = plaza_piece_digest (g_bytes_get_data (other, NULL), g_bytes_get_size (other));
  fields = g_strdup_printf ("Upload-Offset: 0\r\nUpload-Length: %" G_GSIZE_FORMAT
                            "\r\nContent-Digest: %s\r\n",
                            g_bytes_get_size (other), digest);
  served_send (served, "PATCH", path, laptop->token, fields, PLAZA_PIECE_MEDIA_TYPE, other,
               &answer);
  assert_code (&answer, 422, "envelope");
  g_assert_cmpuint (count_revisions (served), ==, 0);

  /* two pieces of different wholes */
  send_piece (served, laptop->token, envelope, 0, 1000, &answer);
  g_assert_cmpuint (answer.status, ==, 200);
  {
    g_autoptr (GBytes) tail = g_bytes_new_from_bytes (other, 1000, 500);
    g_autofree char *tail_digest = plaza_piece_digest (g_bytes_get_data (tail, NULL), 500);
    g_autofree char *tail_fields = g_strdup_printf (
        "Upload-Offset: 1000\r\nUpload-Length: 1500\r\nContent-Digest: %s\r\n", tail_digest);

    served_send (served, "PATCH", path, laptop->token, tail_fields, PLAZA_PIECE_MEDIA_TYPE, tail,
                 &answer);
    assert_code (&answer, 422, "envelope");
  }
  g_assert_cmpuint (count_uploads (served), ==, 0);
  /* another length is another whole: it begins anew */
  send_piece (served, laptop->token, envelope, 0, 1000, &answer);
  {
    g_autoptr (GBytes) tail = g_bytes_new_from_bytes (envelope, 1000, 100);
    g_autofree char *tail_digest = plaza_piece_digest (g_bytes_get_data (tail, NULL), 100);
    g_autofree char *tail_fields = g_strdup_printf (
        "Upload-Offset: 1000\r\nUpload-Length: 4000000\r\nContent-Digest: %s\r\n", tail_digest);

    served_send (served, "PATCH", path, laptop->token, tail_fields, PLAZA_PIECE_MEDIA_TYPE, tail,
                 &answer);
    assert_code (&answer, 409, "offset");
    g_assert_cmpuint (offset_of (&answer), ==, 0);
  }
  send_piece (served, laptop->token, envelope, 0, length, &answer);
  assert_receipt (served, &answer, envelope, PLAZA_RECEIPT_STORED);
  g_assert_cmpuint (g_bytes_get_size (cut), ==, length - 1);
}

/* What is begun and left does not fill the database */
static void
test_bounds (gconstpointer engine)
{
  g_autoptr (Fixture) owned = fixture_new (engine);
  g_autoptr (Served) served = NULL;
  g_autoptr (Laptop) laptop = NULL;
  g_autoptr (Laptop) other = NULL;
  g_autoptr (GPtrArray) envelopes = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  g_auto (Answer) answer = { 0 };

  owned->central->uploads_mib = 1;
  served = served_new_on (g_steal_pointer (&owned));
  laptop = laptop_new (served->fixture, "Ana", "a");
  other = laptop_new (served->fixture, "Bea", "a");
  for (guint i = 0; i < 10; i++)
    {
      g_ptr_array_add (envelopes, new_envelope (laptop, 150000));
      plaza_clock_set_shift (i * 1000); /* one rested longer than the next */
      send_piece (served, laptop->token, envelopes->pdata[i], 0, 1000, &answer);
      g_assert_cmpuint (answer.status, ==, 200);
    }
  g_assert_cmpuint (count_uploads (served), ==, 8);
  g_assert_cmpuint (held (served, laptop->token, envelopes->pdata[0]), ==, 0);
  g_assert_cmpuint (held (served, laptop->token, envelopes->pdata[1]), ==, 0);
  g_assert_cmpuint (held (served, laptop->token, envelopes->pdata[2]), ==, 1000);

  /* all together have a bound as well, and there is room again when the old ones are gone */
  for (guint i = 0; i < 10 && answer.status == 200; i++)
    {
      g_ptr_array_add (envelopes, new_envelope (laptop, 150000));
      send_piece (served, other->token, envelopes->pdata[10 + i], 0, 1000, &answer);
    }
  assert_code (&answer, 503, "disk");
  plaza_clock_set_shift (15 * DAY_MS);
  send_piece (served, other->token, envelopes->pdata[envelopes->len - 1], 0, 1000, &answer);
  g_assert_cmpuint (answer.status, ==, 200);
  g_assert_cmpuint (count_uploads (served), ==, 1);
  /* nor do they stay when nobody sends anything any more */
  plaza_clock_set_shift (30 * DAY_MS);
  served_restart (served);
  for (guint i = 0; i < 100 && count_uploads (served) > 0; i++)
    g_usleep (20 * 1000);
  g_assert_cmpuint (count_uploads (served), ==, 0);
  plaza_clock_set_shift (0);
}

/* Several threads push the same envelope from the same device */

typedef struct
{
  Served *served;
  Laptop *laptop;
  GBytes *envelope;
  guint receipts;
} Pusher;

static gpointer
push (gpointer data)
{
  Pusher *self = data;
  gsize length = g_bytes_get_size (self->envelope);
  guint64 at = 0;
  g_auto (Answer) answer = { 0 };

  while (self->receipts == 0)
    {
      send_piece (self->served, self->laptop->token, self->envelope, at,
                  (gsize) MIN (7000, length - at), &answer);
      if (answer.status == 200 && g_bytes_get_size (answer.body) > 0 &&
          ((const char *) g_bytes_get_data (answer.body, NULL))[0] == 'P')
        {
          g_autoptr (PlazaReceipt) receipt =
              served_read_receipt (self->served, answer.body, self->envelope);

          self->receipts += receipt->n_statuses == 2;
        }
      else
        {
          g_assert_true (answer.status == 200 || answer.status == 409);
          at = offset_of (&answer);
        }
    }
  return NULL;
}

static void
test_concurrent (gconstpointer engine)
{
  g_autoptr (Served) served = served_new (engine);
  g_autoptr (Laptop) laptop = laptop_new (served->fixture, "Ana", "a");
  g_autoptr (GBytes) envelope = new_envelope (laptop, 120000);
  Pusher pushers[6];
  GThread *threads[G_N_ELEMENTS (pushers)];

  for (guint i = 0; i < G_N_ELEMENTS (pushers); i++)
    {
      pushers[i] = (Pusher){ served, laptop, envelope, 0 };
      threads[i] = g_thread_new ("pusher", push, &pushers[i]);
    }
  for (guint i = 0; i < G_N_ELEMENTS (pushers); i++)
    g_thread_join (threads[i]);
  g_assert_cmpuint (count_revisions (served), ==, 2);
  g_assert_cmpuint (count_uploads (served), ==, 0);
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *name;
    GTestDataFunc func;
  } tests[] = {
    { "pieces", test_pieces },   { "whole", test_whole },   { "quarantined", test_quarantined },
    { "spoiled", test_spoiled }, { "bounds", test_bounds }, { "concurrent", test_concurrent },
    { "refused", test_refused },
  };
  const char *const *engines;
  int status;

  g_test_init (&argc, &argv, NULL);
  plaza_seal_init ();
  engines = fixture_databases ();
  for (guint i = 0; engines[i] != NULL; i++)
    for (guint j = 0; j < G_N_ELEMENTS (tests); j++)
      {
        g_autofree char *path = g_strdup_printf ("/uploads/%s/%s", engines[i], tests[j].name);

        g_test_add_data_func (path, engines[i], tests[j].func);
      }
  status = g_test_run ();
  fixture_stop ();
  return status;
}
