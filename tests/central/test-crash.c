/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The server is killed while it takes envelopes in; what it acknowledged is there, once. */
#include <gio/gunixsocketaddress.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "central/verify.h"
#include "fixture.h"

#define N_ENVELOPES 60
#define N_EACH 5
#define N_KILLS 8

static GPid
serve (Fixture *fixture, const char *socket)
{
  const char *program = g_getenv ("PLAZA_CENTRAL");
  const char *const argv[] = { program,    "serve", "--central", fixture->directory,
                               "--socket", socket,  NULL };
  g_autoptr (GError) error = NULL;
  GPid pid;

  g_spawn_async (NULL, (char **) argv, NULL, G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_STDOUT_TO_DEV_NULL,
                 NULL, NULL, &pid, &error);
  g_assert_no_error (error);
  return pid;
}

/* FALSE: the server died on us, or has not risen yet. */
static gboolean
post (Fixture *fixture, const char *socket, Laptop *laptop, GBytes *envelope)
{
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  g_autoptr (GSocketAddress) address = g_unix_socket_address_new (socket);
  g_autoptr (GSocketConnection) connection =
      g_socket_client_connect (client, G_SOCKET_CONNECTABLE (address), NULL, NULL);
  g_autoptr (GByteArray) answer = g_byte_array_new ();
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (PlazaReceipt) receipt = NULL;
  g_autofree char *head = g_strdup_printf (
      "POST /v1/envelopes HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer %s\r\nConnection: close\r\n"
      "Content-Type: application/vnd.plaza.envelope\r\nContent-Length: %" G_GSIZE_FORMAT "\r\n\r\n",
      laptop->token, g_bytes_get_size (envelope));
  PlazaEnvelopeInfo info;
  guint8 buffer[8192];
  const char *end;
  gssize n;

  if (connection == NULL)
    return FALSE;
  g_output_stream_write_all (g_io_stream_get_output_stream (G_IO_STREAM (connection)), head,
                             strlen (head), NULL, NULL, NULL);
  g_output_stream_write_all (g_io_stream_get_output_stream (G_IO_STREAM (connection)),
                             g_bytes_get_data (envelope, NULL), g_bytes_get_size (envelope), NULL,
                             NULL, NULL);
  while ((n = g_input_stream_read (g_io_stream_get_input_stream (G_IO_STREAM (connection)), buffer,
                                   sizeof buffer, NULL, NULL)) > 0)
    g_byte_array_append (answer, buffer, (guint) n);
  end =
      answer->len > 0 ? g_strstr_len ((const char *) answer->data, answer->len, "\r\n\r\n") : NULL;
  if (end == NULL)
    return FALSE;
  end += 4;
  bytes = g_bytes_new (end, answer->len - (gsize) (end - (const char *) answer->data));
  plaza_envelope_peek (envelope, &info, NULL);
  receipt = plaza_receipt_verify (bytes, &info.id, N_EACH, &fixture->campaign->key_central_sign,
                                  NULL, NULL);
  return receipt != NULL;
}

typedef struct
{
  GPid pid;
  gulong after; /* µs */
} Killer;

static gpointer
kill_later (gpointer data)
{
  const Killer *killer = data;

  g_usleep (killer->after);
  kill (killer->pid, SIGKILL);
  return NULL;
}

typedef struct
{
  GHashTable *texts; /* response → what it says */
  guint seen;
} Check;

static gboolean
check_revision (gpointer record, gpointer data, GError **error)
{
  const PlazaExportRevision *item = record;
  Check *check = data;
  const char *text = g_hash_table_lookup (check->texts, item->response.id);
  g_autoptr (GBytes) xml = NULL;

  g_assert_nonnull (text);
  xml = laptop_xml (text);
  g_assert_true (g_bytes_equal (xml, item->revision.xml));
  check->seen++;
  return TRUE;
}

static void
test_kill (gconstpointer engine)
{
  g_autoptr (Fixture) fixture = fixture_new (engine);
  g_autoptr (Laptop) laptop = laptop_new (fixture, "Ana", "a");
  g_autofree char *socket = g_build_filename (fixture->directory, "http.sock", NULL);
  g_autoptr (GPtrArray) envelopes = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  Check check = { g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free), 0 };
  g_autoptr (GError) error = NULL;
  PlazaVerified verified;
  guint next = 0;
  guint kills = 0;
  int status;

  for (guint i = 0; i < N_ENVELOPES; i++)
    {
      g_autoptr (GPtrArray) entries =
          g_ptr_array_new_with_free_func ((GDestroyNotify) plaza_entry_unref);

      for (guint j = 0; j < N_EACH; j++)
        {
          char *text = g_strdup_printf ("agua %u", i * N_EACH + j);
          char *response;

          g_ptr_array_add (entries, laptop_response (laptop, text, &response, NULL));
          g_hash_table_insert (check.texts, response, text);
        }
      g_ptr_array_add (envelopes, laptop_pack_all (laptop, entries));
    }

  while (next < envelopes->len)
    {
      GPid pid = serve (fixture, socket);
      Killer killer = { pid, 0 };
      GThread *thread = NULL;
      gboolean up = FALSE;

      for (guint i = 0; i < 400 && !up; i++)
        {
          up = post (fixture, socket, laptop, g_ptr_array_index (envelopes, 0));
          if (!up)
            g_usleep (10 * 1000);
        }
      g_assert_true (up);
      if (kills < N_KILLS)
        {
          killer.after = (gulong) g_random_int_range (1000, 40000);
          thread = g_thread_new ("killer", kill_later, &killer);
          kills++;
        }
      while (next < envelopes->len &&
             post (fixture, socket, laptop, g_ptr_array_index (envelopes, next)))
        next++;
      if (thread != NULL)
        g_thread_join (thread);
      else
        kill (pid, SIGTERM);
      waitpid (pid, &status, 0);
      if (thread == NULL)
        g_assert_true (WIFEXITED (status) && WEXITSTATUS (status) == 0);
      g_spawn_close_pid (pid);
    }
  g_assert_cmpuint (kills, >, 1);
  fixture->storage->table->each_revision (fixture->storage, check_revision, &check, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (check.seen, ==, N_ENVELOPES * N_EACH);
  plaza_verify (fixture->storage, &verified, &error);
  g_assert_no_error (error);
  g_hash_table_unref (check.texts);
}

/* A clean stop under load: exit status 0, and every receipt that was given is kept */

typedef struct
{
  Fixture *fixture;
  Laptop *laptop;
  const char *socket;
  GPtrArray *envelopes; /* its own */
  guint taken;          /* so many of them, from the first */
} Poster;

static gpointer
post_until_refused (gpointer data)
{
  Poster *self = data;

  while (self->taken < self->envelopes->len &&
         post (self->fixture, self->socket, self->laptop,
               g_ptr_array_index (self->envelopes, self->taken)))
    self->taken++;
  return NULL;
}

static gboolean
count_envelope (gpointer record, gpointer data, GError **error)
{
  g_hash_table_add (data, plaza_hash_to_string (&((PlazaStoredEnvelope *) record)->hash));
  return TRUE;
}

static void
test_stop (gconstpointer engine)
{
  g_autoptr (Fixture) fixture = fixture_new (engine);
  g_autoptr (Laptop) laptop = laptop_new (fixture, "Ana", "a");
  g_autofree char *socket = g_build_filename (fixture->directory, "http.sock", NULL);
  g_autoptr (GHashTable) kept = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GError) error = NULL;
  Poster posters[4];
  GThread *threads[G_N_ELEMENTS (posters)];
  gboolean up = FALSE;
  guint taken = 0;
  GPid pid;
  int status;

  for (guint i = 0; i < G_N_ELEMENTS (posters); i++)
    {
      posters[i] = (Poster){ fixture, laptop, socket,
                             g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref), 0 };
      for (guint j = 0; j < 150; j++)
        {
          g_autoptr (GPtrArray) entries =
              g_ptr_array_new_with_free_func ((GDestroyNotify) plaza_entry_unref);

          for (guint k = 0; k < N_EACH; k++)
            g_ptr_array_add (entries, laptop_response (laptop, "agua", NULL, NULL));
          g_ptr_array_add (posters[i].envelopes, laptop_pack_all (laptop, entries));
        }
    }
  pid = serve (fixture, socket);
  for (guint i = 0; i < 400 && !up; i++)
    {
      up = post (fixture, socket, laptop, g_ptr_array_index (posters[0].envelopes, 0));
      if (!up)
        g_usleep (10 * 1000);
    }
  g_assert_true (up);
  for (guint i = 0; i < G_N_ELEMENTS (posters); i++)
    threads[i] = g_thread_new ("poster", post_until_refused, &posters[i]);
  g_usleep (100 * 1000);
  kill (pid, SIGTERM);
  for (guint i = 0; i < G_N_ELEMENTS (posters); i++)
    g_thread_join (threads[i]);
  waitpid (pid, &status, 0);
  g_spawn_close_pid (pid);
  g_assert_true (WIFEXITED (status));
  g_assert_cmpint (WEXITSTATUS (status), ==, 0);

  fixture->storage->table->each_envelope (fixture->storage, count_envelope, kept, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < G_N_ELEMENTS (posters); i++)
    {
      for (guint j = 0; j < posters[i].taken; j++)
        {
          g_autofree char *hash = NULL;
          PlazaEnvelopeInfo info;

          plaza_envelope_peek (g_ptr_array_index (posters[i].envelopes, j), &info, NULL);
          hash = plaza_hash_to_string (&info.id);
          g_assert_true (g_hash_table_contains (kept, hash));
        }
      taken += posters[i].taken;
      g_ptr_array_unref (posters[i].envelopes);
    }
  g_test_message ("%u envelopes were taken before the stop", taken);
  g_assert_cmpuint (taken, >, 0);
}

int
main (int argc, char **argv)
{
  const char *const *engines;
  int status;

  g_test_init (&argc, &argv, NULL);
  plaza_seal_init ();
  if (g_getenv ("PLAZA_CENTRAL") == NULL)
    {
      g_print ("1..0 # SKIP PLAZA_CENTRAL names no program\n");
      return 0;
    }
  engines = fixture_databases ();
  for (guint i = 0; engines[i] != NULL; i++)
    {
      g_autofree char *path = g_strdup_printf ("/crash/%s/kill", engines[i]);

      g_autofree char *stop = g_strdup_printf ("/crash/%s/stop", engines[i]);

      g_test_add_data_func (path, engines[i], test_kill);
      g_test_add_data_func (stop, engines[i], test_stop);
    }
  status = g_test_run ();
  fixture_stop ();
  return status;
}
