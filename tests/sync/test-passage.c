/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sync/passage.h"

#include <string.h>

#include "base/error.h"
#include "base/random.h"
#include "fake-central.h"
#include "store/outbox.h"
#include "store/response-list.h"
#include "wire/envelope.h"
#include "wire/piece.h"
#include "wire/receipt.h"

/* One envelope, by whole or by piece, cut wherever a network may cut it. */

typedef struct
{
  FakeCentral *central;
  char *root;
  PlazaProfile *profile;
  PlazaOutboxItem *item;
  GBytes *envelope;
  PlazaClient *client;
  PlazaPace pace;
  guint64 halt_at; /* bytes on their way, 0 for never */
  gboolean halted;
} Fixture;

static void
renew_client (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;

  g_clear_object (&fixture->client);
  fixture->client =
      plaza_client_new_for_campaign (fake_central_campaign (fixture->central), &error);
  g_assert_no_error (error);
  plaza_client_set_token (fixture->client, "ccd_token");
  plaza_client_set_patience (fixture->client, 3, 2);
}

/* About 80 kB: random words do not compress. */
static void
make_envelope (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;

  fake_laptop_respond_at_length (fixture->profile, 10, 9000);
  plaza_outbox_pack (plaza_profile_get_store (fixture->profile), PLAZA_PACK_NONE, NULL, &error);
  g_assert_no_error (error);
  g_autoptr (GPtrArray) items = plaza_outbox_list (fixture->root, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (items->len, ==, 1);
  fixture->item = g_ptr_array_steal_index (items, 0);
  fixture->envelope = plaza_outbox_read (fixture->item, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (fixture->item->size, >, 3 * PLAZA_PACE_FIRST_PIECE);
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->central = fake_central_new ();
  fixture->root = fake_laptop_root ();
  fixture->profile = fake_laptop_profile (fixture->central, fixture->root, "Ana");
  make_envelope (fixture);
  renew_client (fixture);
  plaza_pace_init (&fixture->pace);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_clear_object (&fixture->client);
  g_bytes_unref (fixture->envelope);
  plaza_outbox_item_free (fixture->item);
  plaza_profile_lock (fixture->profile, &error);
  g_assert_no_error (error);
  g_clear_object (&fixture->profile);
  fake_central_free (fixture->central);
  fake_laptop_remove (fixture->root);
  g_free (fixture->root);
}

static void
on_done (GObject *source, GAsyncResult *result, gpointer user_data)
{
  *(GAsyncResult **) user_data = g_object_ref (result);
}

static void
on_sent (guint64 bytes, gpointer user_data)
{
  Fixture *fixture = user_data;

  g_assert_cmpuint (bytes, <=, fixture->item->size);
  if (fixture->halt_at > 0 && bytes >= fixture->halt_at)
    fixture->halted = TRUE;
}

static GBytes *
pass (Fixture *fixture, gboolean again, PlazaPassageEnd *end, GError **error)
{
  const PlazaPassage passage = { .id = fixture->item->envelope,
                                 .envelope = fixture->envelope,
                                 .again = again,
                                 .halted = &fixture->halted,
                                 .pace = &fixture->pace,
                                 .on_sent = on_sent,
                                 .sent_data = fixture };
  g_autoptr (GAsyncResult) result = NULL;

  plaza_passage_async (fixture->client, &passage, NULL, on_done, &result);
  while (!result)
    g_main_context_iteration (NULL, TRUE);
  return plaza_passage_finish (fixture->client, result, end, error);
}

static void
assert_receipt (Fixture *fixture, GBytes *bytes)
{
  PlazaCampaign *campaign = fake_central_campaign (fixture->central);
  g_autoptr (GError) error = NULL;
  PlazaHash id;

  g_assert_nonnull (bytes);
  plaza_hash_parse (fixture->item->envelope, &id, &error);
  g_assert_no_error (error);
  g_autoptr (PlazaReceipt) receipt =
      plaza_receipt_verify (bytes, &id, 11, &campaign->key_central_sign, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (fake_central_n_envelopes (fixture->central), ==, 1);
  g_assert_cmpuint (fake_central_n_entries (fixture->central), ==, 11);
}

static void
test_pieces (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  PlazaPassageEnd end;
  g_autoptr (GBytes) receipt = pass (fixture, FALSE, &end, &error);

  g_assert_no_error (error);
  assert_receipt (fixture, receipt);
  g_assert_true (end.advanced);
  FakeCounts counts = fake_central_counts (fixture->central);
  g_assert_cmpuint (counts.asked, ==, 0);
  g_assert_cmpuint (counts.pieces, >=, 2);
  g_assert_cmpuint (counts.piece_bytes, ==, fixture->item->size);
  /* A fast link: pieces grow. */
  g_assert_cmpuint (fixture->pace.piece, >, PLAZA_PACE_FIRST_PIECE);

  /* Once more: asked, not sent. */
  g_autoptr (GBytes) again = pass (fixture, TRUE, &end, &error);
  g_assert_no_error (error);
  assert_receipt (fixture, again);
  counts = fake_central_counts (fixture->central);
  g_assert_cmpuint (counts.asked, ==, 1);
  g_assert_cmpuint (counts.piece_bytes, ==, fixture->item->size);
  g_assert_cmpuint (fake_central_n_repeats (fixture->central), ==, 0);
}

/* What a good link takes at once goes as one request. */
static void
test_whole (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  PlazaPassageEnd end;

  fixture->pace.piece = PLAZA_PACE_MAX_PIECE;
  g_autoptr (GBytes) receipt = pass (fixture, FALSE, &end, &error);
  g_assert_no_error (error);
  assert_receipt (fixture, receipt);
  g_assert_cmpuint (fake_central_counts (fixture->central).requests, ==, 1);
  g_assert_cmpuint (fake_central_counts (fixture->central).pieces, ==, 0);
}

/* At whatever byte the link dies, the next try goes on, on another client, as after a restart: no
 * piece that arrived is ever sent again. */
static void
test_cut (Fixture *fixture, gconstpointer data)
{
  FakeServer *server = fake_central_server (fixture->central);
  g_autoptr (GBytes) receipt = NULL;
  guint cuts = 0;

  while (!receipt)
    {
      g_autoptr (GError) error = NULL;
      PlazaPassageEnd end;
      fake_server_cut (server, g_test_rand_int_range (100, 24000),
                       g_test_rand_int_range (0, 4) == 0 ? g_test_rand_int_range (1, 400) : -1);
      receipt = pass (fixture, cuts > 0, &end, &error);
      g_test_message ("%s", receipt ? "arrived" : error->message);
      g_assert_true (receipt || g_error_matches (error, PLAZA_ERROR, PLAZA_ERROR_OFFLINE));
      renew_client (fixture);
      fixture->pace.piece = PLAZA_PACE_MIN_PIECE << g_test_rand_int_range (0, 3);
      g_assert_cmpuint (++cuts, <, 200);
    }
  assert_receipt (fixture, receipt);
  FakeCounts counts = fake_central_counts (fixture->central);
  g_test_message ("%u tries, %u pieces", cuts, counts.pieces);
  g_assert_cmpuint (cuts, >, 2);
  g_assert_cmpuint (counts.piece_bytes, ==, fixture->item->size);
}

/* Told to stop, the piece on its way arrives and no other begins; another time it goes on. */
static void
test_halted (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  PlazaPassageEnd end;

  fixture->halt_at = 1000;
  g_assert_null (pass (fixture, FALSE, &end, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  g_assert_true (end.advanced);
  g_assert_cmpuint (fake_central_counts (fixture->central).pieces, ==, 1);

  fixture->halt_at = 0;
  fixture->halted = FALSE;
  g_autoptr (GBytes) receipt = pass (fixture, TRUE, &end, &error);
  g_assert_no_error (error);
  assert_receipt (fixture, receipt);
  g_assert_cmpuint (fake_central_counts (fixture->central).piece_bytes, ==, fixture->item->size);
}

/* A piece that was changed on its way goes once more. */
static void
test_digest (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  PlazaPassageEnd end;

  fake_central_lie (fixture->central, LIE_DIGEST);
  g_autoptr (GBytes) receipt = pass (fixture, FALSE, &end, &error);
  g_assert_no_error (error);
  assert_receipt (fixture, receipt);
}

/* The central dropped what it had, and says so. */
static void
test_dropped (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  PlazaPassageEnd end;

  fixture->halt_at = 1000;
  g_assert_null (pass (fixture, FALSE, &end, &error));
  g_clear_error (&error);
  g_assert_true (end.advanced);
  fake_central_drop_uploads (fixture->central);
  fixture->halt_at = 0;
  fixture->halted = FALSE;
  g_autoptr (GBytes) receipt = pass (fixture, TRUE, &end, &error);
  g_assert_no_error (error);
  assert_receipt (fixture, receipt);
}

typedef struct
{
  guint n;
  gsize size;
} Liar;

/* Says at each piece that it has nothing. */
static void
contradict (const FakeRequest *request, FakeAnswer *answer, gpointer user_data)
{
  Liar *liar = user_data;

  liar->n++;
  fake_answer (answer, "409 Conflict", PLAZA_CLIENT_TYPE_JSON, NULL,
               "{\"code\":\"offset\",\"message\":\"x\",\"offset\":0}", -1);
}

static void
test_contradictions (Fixture *fixture, gconstpointer data)
{
  Liar liar = { 0 };
  g_autoptr (FakeServer) server = fake_server_new (NULL, contradict, &liar);
  g_autoptr (GError) error = NULL;
  PlazaPassageEnd end;

  g_clear_object (&fixture->client);
  fixture->client = plaza_client_new (fake_server_url (server), fake_server_ca (server), &error);
  g_assert_no_error (error);
  g_assert_null (pass (fixture, FALSE, &end, &error));
  g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_INVALID);
  g_assert_cmpuint (liar.n, <, 20);
}

/* All of it is there, and still no receipt. */
static void
withhold (const FakeRequest *request, FakeAnswer *answer, gpointer user_data)
{
  Liar *liar = user_data;
  g_autofree char *state = g_strdup_printf ("{\"offset\":%zu}", liar->size);

  liar->n++;
  fake_answer (answer, "200 OK", PLAZA_CLIENT_TYPE_JSON, NULL, state, -1);
}

static void
test_withheld (Fixture *fixture, gconstpointer data)
{
  Liar liar = { .size = fixture->item->size };
  g_autoptr (FakeServer) server = fake_server_new (NULL, withhold, &liar);
  g_autoptr (GError) error = NULL;
  PlazaPassageEnd end;

  g_clear_object (&fixture->client);
  fixture->client = plaza_client_new (fake_server_url (server), fake_server_ca (server), &error);
  g_assert_no_error (error);
  g_assert_null (pass (fixture, FALSE, &end, &error));
  g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_INVALID);
  g_assert_cmpuint (liar.n, <, 20);
}

/* Takes pieces in their order, and the first only when the one after it has come too, which it
 * refuses as having come too early. */
typedef struct
{
  GMutex lock;
  GCond came;
  gsize size;
  gsize durable;
  guint n_early;
} Orderly;

static gsize
header_number (const FakeRequest *request, const char *name)
{
  const char *line = strstr (request->head, name);

  g_assert_nonnull (line);
  return (gsize) g_ascii_strtoull (line + strlen (name) + 2, NULL, 10);
}

static void
take_in_order (const FakeRequest *request, FakeAnswer *answer, gpointer user_data)
{
  Orderly *orderly = user_data;
  g_autofree char *state = NULL;

  if (!g_str_equal (request->method, "PATCH"))
    {
      fake_answer (answer, "200 OK", PLAZA_CLIENT_TYPE_JSON, NULL, "{}", -1);
      return;
    }
  gsize offset = header_number (request, PLAZA_PIECE_OFFSET_HEADER);
  gint64 deadline = g_get_monotonic_time () + 20 * G_USEC_PER_SEC;
  g_mutex_lock (&orderly->lock);
  if (offset > orderly->durable)
    orderly->n_early++;
  g_cond_signal (&orderly->came);
  while (offset == 0 && orderly->n_early == 0 &&
         g_cond_wait_until (&orderly->came, &orderly->lock, deadline))
    continue;
  gboolean fits = offset == orderly->durable;
  if (fits)
    orderly->durable += g_bytes_get_size (request->body);
  state = g_strdup_printf ("{%s\"offset\":%zu}",
                           fits ? "" : "\"code\":\"offset\",\"message\":\"x\",", orderly->durable);
  if (fits && orderly->durable == orderly->size)
    fake_answer (answer, "200 OK", PLAZA_RECEIPT_MEDIA_TYPE, NULL, "receipt", -1);
  else
    fake_answer (answer, fits ? "200 OK" : "409 Conflict", PLAZA_CLIENT_TYPE_JSON, NULL, state, -1);
  g_mutex_unlock (&orderly->lock);
}

/* The next piece leaves before the answer to the one before it; one that came too early goes once
 * more. */
static void
test_two_at_a_time (Fixture *fixture, gconstpointer data)
{
  Orderly orderly = { .size = fixture->item->size };
  g_autoptr (FakeServer) server = fake_server_new (NULL, take_in_order, &orderly);
  g_autoptr (GError) error = NULL;
  PlazaPassageEnd end;

  g_clear_object (&fixture->client);
  fixture->client = plaza_client_new (fake_server_url (server), fake_server_ca (server), &error);
  g_assert_no_error (error);
  g_autoptr (GBytes) receipt = pass (fixture, FALSE, &end, &error);
  g_assert_no_error (error);
  g_assert_cmpmem (g_bytes_get_data (receipt, NULL), g_bytes_get_size (receipt), "receipt", 7);
  g_assert_cmpuint (orderly.durable, ==, fixture->item->size);
  g_assert_cmpuint (orderly.n_early, >=, 1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, function) g_test_add (name, Fixture, NULL, set_up, function, tear_down)
  ADD ("/passage/pieces", test_pieces);
  ADD ("/passage/whole", test_whole);
  ADD ("/passage/cut", test_cut);
  ADD ("/passage/halted", test_halted);
  ADD ("/passage/digest", test_digest);
  ADD ("/passage/dropped", test_dropped);
  ADD ("/passage/contradictions", test_contradictions);
  ADD ("/passage/withheld", test_withheld);
  ADD ("/passage/two-at-a-time", test_two_at_a_time);
  return g_test_run ();
}
