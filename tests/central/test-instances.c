/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Several servers on one PostgreSQL, and a PostgreSQL that is killed under them: each envelope is
 * taken in once, one audit log vouches for all, and nothing that was receipted is gone.
 *   test-central-instances [--kills N] */

#include <glib/gstdio.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "central/enrolment.h"
#include "central/verify.h"
#include "served.h"
#include "wire/piece.h"
#include "wire/token.h"

#define N_INSTANCES 2
#define N_LAPTOPS 4
#define N_ENVELOPES 40
#define N_EACH 3
#define DAY_MS (24 * 60 * 60 * G_GINT64_CONSTANT (1000))

static guint n_kills = 2;

/* A server in a process of its own. */
typedef struct
{
  Served served; /* its address, for the client's functions */
  GPid pid;
} Instance;

static void
instance_start (Instance *self, Fixture *fixture, guint number)
{
  g_autofree char *name = g_strdup_printf ("http-%u.sock", number);
  const char *argv[] = {
    g_getenv ("PLAZA_CENTRAL"), "serve", "--central", fixture->directory, "--socket", NULL, NULL
  };
  g_autoptr (GError) error = NULL;

  self->served.fixture = fixture;
  self->served.socket = g_build_filename (fixture->directory, name, NULL);
  argv[5] = self->served.socket;
  g_spawn_async (NULL, (char **) argv, NULL,
                 G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_STDOUT_TO_DEV_NULL |
                     G_SPAWN_STDERR_TO_DEV_NULL,
                 NULL, NULL, &self->pid, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < 500 && !g_file_test (self->served.socket, G_FILE_TEST_EXISTS); i++)
    g_usleep (10 * 1000);
}

/* It must have run until now, and stop when it is told to. */
static void
instance_stop (Instance *self)
{
  int status;

  g_assert_cmpint (waitpid (self->pid, &status, WNOHANG), ==, 0);
  kill (self->pid, SIGTERM);
  waitpid (self->pid, &status, 0);
  g_spawn_close_pid (self->pid);
  g_assert_true (WIFEXITED (status) && WEXITSTATUS (status) == 0);
  g_free (self->served.socket);
}

/* Sends one laptop's envelopes, to the instances in turn. */
typedef struct
{
  Instance *instances;
  guint first; /* instance */
  Laptop *laptop;
  GPtrArray *envelopes;
  guint receipted;
} Sender;

static GPtrArray *
make_envelopes (Laptop *laptop, guint n)
{
  GPtrArray *envelopes = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (GPtrArray) entries =
          g_ptr_array_new_with_free_func ((GDestroyNotify) plaza_entry_unref);

      for (guint j = 0; j < N_EACH; j++)
        g_ptr_array_add (entries, laptop_response (laptop, "agua", NULL, NULL));
      g_ptr_array_add (envelopes, laptop_pack_all (laptop, entries));
    }
  return envelopes;
}

/* Until it is receipted; a server that cannot just now says so and is asked again. */
static void
send_one (Sender *self, guint number)
{
  GBytes *envelope = g_ptr_array_index (self->envelopes, number);

  for (guint i = 0; i < 600; i++)
    {
      Instance *instance = &self->instances[(self->first + number + i) % N_INSTANCES];
      g_autoptr (PlazaReceipt) receipt = NULL;
      g_autoptr (GBytes) body = NULL;
      guint status;

      body = served_post_envelope (&instance->served, self->laptop->token, envelope, &status);
      if (status == 200)
        {
          receipt = served_read_receipt (&instance->served, body, envelope);
          g_assert_cmpuint (receipt->n_statuses, ==, N_EACH);
          for (guint j = 0; j < N_EACH; j++)
            g_assert_true (receipt->statuses[j] == PLAZA_RECEIPT_STORED ||
                           receipt->statuses[j] == PLAZA_RECEIPT_DUPLICATE);
          self->receipted++;
          return;
        }
      g_assert_cmpuint (status, ==, 503);
      g_usleep (50 * 1000);
    }
  g_assert_not_reached ();
}

static gpointer
send_all (gpointer data)
{
  Sender *self = data;

  for (guint i = 0; i < self->envelopes->len; i++)
    send_one (self, i);
  return NULL;
}

static guint64
count_revisions (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;
  PlazaVerified verified;

  plaza_verify (fixture->storage, &verified, &error);
  g_assert_no_error (error);
  return verified.revisions;
}

/* Every envelope goes to both at the same time, by two threads. */
static void
test_two (void)
{
  g_autoptr (Fixture) fixture = fixture_new ("postgresql");
  Instance instances[N_INSTANCES] = { 0 };
  Laptop *laptops[N_LAPTOPS];
  Sender senders[2 * N_LAPTOPS];
  GThread *threads[2 * N_LAPTOPS];

  for (guint i = 0; i < N_LAPTOPS; i++)
    laptops[i] = laptop_new (fixture, "Ana", "a");
  for (guint i = 0; i < N_INSTANCES; i++)
    instance_start (&instances[i], fixture, i);
  for (guint i = 0; i < 2 * N_LAPTOPS; i++)
    {
      Laptop *laptop = laptops[i / 2];

      senders[i] = (Sender){ instances, i % 2, laptop,
                             i % 2 == 0 ? make_envelopes (laptop, N_ENVELOPES)
                                        : g_ptr_array_ref (senders[i - 1].envelopes),
                             0 };
    }
  for (guint i = 0; i < 2 * N_LAPTOPS; i++)
    threads[i] = g_thread_new ("sender", send_all, &senders[i]);
  for (guint i = 0; i < 2 * N_LAPTOPS; i++)
    {
      g_thread_join (threads[i]);
      g_assert_cmpuint (senders[i].receipted, ==, N_ENVELOPES);
      g_ptr_array_unref (senders[i].envelopes);
    }
  for (guint i = 0; i < N_INSTANCES; i++)
    instance_stop (&instances[i]);
  g_assert_cmpuint (count_revisions (fixture), ==, N_LAPTOPS * N_ENVELOPES * N_EACH);
  for (guint i = 0; i < N_LAPTOPS; i++)
    laptop_free (laptops[i]);
}

static guint
post (Instance *instance, const char *token, GBytes *envelope, PlazaReceiptStatus *first)
{
  g_autoptr (PlazaReceipt) receipt = NULL;
  g_autoptr (GBytes) body = NULL;
  guint status;

  body = served_post_envelope (&instance->served, token, envelope, &status);
  if (status == 200)
    {
      receipt = served_read_receipt (&instance->served, body, envelope);
      *first = (PlazaReceiptStatus) receipt->statuses[0];
    }
  return status;
}

/* What one of them, or a command beside them, changes, all see at the next request. */
static void
test_revoked (void)
{
  g_autoptr (Fixture) fixture = fixture_new ("postgresql");
  g_autoptr (Laptop) ana = laptop_new (fixture, "Ana", "a");
  g_autoptr (Laptop) luz = laptop_new (fixture, "Luz", "a");
  g_autoptr (GPtrArray) sent = make_envelopes (ana, 4);
  const PlazaStorageTable *table = fixture->storage->table;
  Instance instances[N_INSTANCES] = { 0 };
  g_autoptr (GError) error = NULL;
  PlazaReceiptStatus first = 0;
  PlazaHash hash;
  gboolean found;

  for (guint i = 0; i < N_INSTANCES; i++)
    {
      instance_start (&instances[i], fixture, i);
      g_assert_cmpuint (post (&instances[i], ana->token, sent->pdata[i], &first), ==, 200);
      g_assert_cmpint (first, ==, PLAZA_RECEIPT_STORED);
    }
  plaza_enrolment_hash_token ("another-token-of-luz-that-is-long-enough", &hash);
  table->begin (fixture->storage, &error);
  table->revoke_device (fixture->storage, ana->id, plaza_clock_now_ms (), &found, &error);
  table->set_token (fixture->storage, luz->id, &hash, plaza_clock_now_ms () + DAY_MS, &error);
  table->commit (fixture->storage, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < N_INSTANCES; i++)
    {
      g_assert_cmpuint (post (&instances[i], ana->token, sent->pdata[2 + i], &first), ==, 401);
      g_assert_cmpuint (post (&instances[i], luz->token, sent->pdata[2 + i], &first), ==, 401);
      g_assert_cmpuint (post (&instances[i], "another-token-of-luz-that-is-long-enough",
                              sent->pdata[2 + i], &first),
                        ==, 200);
      g_assert_cmpint (first, ==, PLAZA_RECEIPT_QUARANTINED);
      instance_stop (&instances[i]);
    }
  g_assert_cmpuint (count_revisions (fixture), ==, 2 * N_EACH);
}

/* An envelope's pieces and a token's renewal need no instance in particular. */
static void
test_shared (void)
{
  g_autoptr (Fixture) fixture = fixture_new ("postgresql");
  g_autoptr (Laptop) laptop = laptop_new (fixture, "Ana", "a");
  g_autoptr (GPtrArray) sent = make_envelopes (laptop, 1);
  GBytes *envelope = sent->pdata[0];
  gsize length = g_bytes_get_size (envelope);
  PlazaEnvelopeInfo info;
  Instance instances[N_INSTANCES] = { 0 };
  g_auto (Answer) answer = { 0 };
  g_auto (PlazaTokenRequest) request = { 0 };
  g_auto (PlazaTokenGrant) grant = { 0 };
  g_autoptr (GBytes) challenge = NULL;
  g_autoptr (GBytes) body = NULL;
  g_autoptr (PlazaReceipt) receipt = NULL;
  g_autofree char *id = NULL;
  g_autofree char *path = NULL;
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < N_INSTANCES; i++)
    instance_start (&instances[i], fixture, i);
  plaza_envelope_peek (envelope, &info, &error);
  g_assert_no_error (error);
  id = plaza_hash_to_string (&info.id);
  path = g_strconcat ("/v1/uploads/", id, NULL);
  for (gsize at = 0, n = 300, turn = 0; at < length; at += n, turn++)
    {
      g_autoptr (GBytes) piece = NULL;
      g_autofree char *digest = NULL;
      g_autofree char *fields = NULL;

      n = MIN (n, length - at);
      piece = g_bytes_new_from_bytes (envelope, at, n);
      digest = plaza_piece_digest (g_bytes_get_data (piece, NULL), n);
      fields = g_strdup_printf ("Upload-Offset: %" G_GSIZE_FORMAT "\r\nUpload-Length: "
                                "%" G_GSIZE_FORMAT "\r\nContent-Digest: %s\r\n",
                                at, length, digest);
      served_send (&instances[turn % N_INSTANCES].served, "PATCH", path, laptop->token, fields,
                   PLAZA_PIECE_MEDIA_TYPE, piece, &answer);
      g_assert_cmpuint (answer.status, ==, 200);
    }
  receipt = served_read_receipt (&instances[0].served, answer.body, envelope);
  g_assert_cmpint (receipt->statuses[0], ==, PLAZA_RECEIPT_STORED);

  served_send (&instances[0].served, "GET", "/v1/challenge", NULL, NULL, NULL, NULL, &answer);
  challenge = plaza_challenge_parse (answer.body, &error);
  g_assert_no_error (error);
  plaza_token_request_sign (&request, fixture->campaign->fingerprint, laptop->id, challenge,
                            laptop->secret, &error);
  g_assert_no_error (error);
  body = plaza_token_request_to_json (&request);
  served_send (&instances[1].served, "POST", "/v1/token", NULL, NULL, "application/json", body,
               &answer);
  g_assert_cmpuint (answer.status, ==, 200);
  plaza_token_grant_parse (answer.body, &grant, &error);
  g_assert_no_error (error);
  served_send (&instances[0].served, "GET", "/v1/probe", grant.token, NULL, NULL, NULL, &answer);
  g_assert_cmpuint (answer.status, ==, 200);
  served_send (&instances[1].served, "GET", "/v1/probe", laptop->token, NULL, NULL, NULL, &answer);
  g_assert_cmpuint (answer.status, ==, 401);
  for (guint i = 0; i < N_INSTANCES; i++)
    instance_stop (&instances[i]);
}

/* PostgreSQL dies at any moment and comes back. */
static void
test_killed (void)
{
  g_autoptr (Fixture) fixture = fixture_new ("postgresql");
  Instance instances[N_INSTANCES] = { 0 };
  Laptop *laptops[N_LAPTOPS];
  Sender senders[N_LAPTOPS];
  GThread *threads[N_LAPTOPS];
  guint n = N_ENVELOPES * MAX (n_kills, 1);

  for (guint i = 0; i < N_LAPTOPS; i++)
    {
      laptops[i] = laptop_new (fixture, "Ana", "a");
      senders[i] =
          (Sender){ instances, i % N_INSTANCES, laptops[i], make_envelopes (laptops[i], n), 0 };
    }
  for (guint i = 0; i < N_INSTANCES; i++)
    instance_start (&instances[i], fixture, i);
  for (guint i = 0; i < N_LAPTOPS; i++)
    threads[i] = g_thread_new ("sender", send_all, &senders[i]);
  for (guint i = 0; i < n_kills; i++)
    {
      g_usleep ((gulong) g_random_int_range (20 * 1000, 200 * 1000));
      fixture_kill_postgresql ();
    }
  for (guint i = 0; i < N_LAPTOPS; i++)
    {
      g_thread_join (threads[i]);
      g_assert_cmpuint (senders[i].receipted, ==, n);
      g_ptr_array_unref (senders[i].envelopes);
      laptop_free (laptops[i]);
    }
  for (guint i = 0; i < N_INSTANCES; i++)
    instance_stop (&instances[i]);
  g_assert_cmpuint (count_revisions (fixture), ==, N_LAPTOPS * n * N_EACH);
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  if (argc == 3 && strcmp (argv[1], "--kills") == 0)
    n_kills = (guint) atoi (argv[2]);
  plaza_seal_init ();
  if (g_getenv ("PLAZA_CENTRAL") == NULL || fixture_databases ()[1] == NULL)
    {
      g_print ("1..0 # SKIP PLAZA_CENTRAL names no program, or PostgreSQL is not installed\n");
      return 0;
    }
  g_test_add_func ("/instances/two", test_two);
  g_test_add_func ("/instances/revoked", test_revoked);
  g_test_add_func ("/instances/shared", test_shared);
  g_test_add_func ("/instances/killed", test_killed);
  status = g_test_run ();
  fixture_stop ();
  return status;
}
