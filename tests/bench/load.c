/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Many laptops at once against servers of their own, over TLS. Envelopes are made before, by
 * devices that joined without a passphrase; each request's time runs until its receipt. Prints
 * lines of `name value`; what was receipted is counted again in the database afterwards. */

#include <curl/curl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../central/fixture.h"
#include "central/verify.h"

#define MAX_SERVERS 4
#define TEXT_LENGTH 1200

static struct
{
  char *program;
  char *engine;
  char *slow_sync;
  int connections;
  int laptops;
  int responses;
  int each;
  int servers;
  gboolean again;
} options = {
  .engine = (char *) "sqlite", .connections = 16, .responses = 100, .each = 1, .servers = 1
};

static const GOptionEntry entries[] = {
  { "server", 0, 0, G_OPTION_ARG_FILENAME, &options.program, "plaza-central", "PATH" },
  { "engine", 0, 0, G_OPTION_ARG_STRING, &options.engine, "sqlite or postgresql", "NAME" },
  { "connections", 0, 0, G_OPTION_ARG_INT, &options.connections, "at once", "N" },
  { "laptops", 0, 0, G_OPTION_ARG_INT, &options.laptops, "one a connection by default", "N" },
  { "responses", 0, 0, G_OPTION_ARG_INT, &options.responses, "of each laptop", "N" },
  { "each", 0, 0, G_OPTION_ARG_INT, &options.each, "responses in an envelope", "N" },
  { "servers", 0, 0, G_OPTION_ARG_INT, &options.servers, "on one database", "N" },
  { "slow-sync", 0, 0, G_OPTION_ARG_FILENAME, &options.slow_sync, "preloaded into the server",
    "LIBRARY" },
  { "again", 0, 0, G_OPTION_ARG_NONE, &options.again, "sends everything twice", NULL },
  G_OPTION_ENTRY_NULL,
};

typedef struct
{
  GPid pid;
  char *url;
} Server;

/* An envelope to send. */
typedef struct
{
  Laptop *laptop;
  GBytes *bytes;
  PlazaHash id;
  gint64 begun; /* its first try */
  gint64 after; /* not before, when the server asked to wait */
  double ms;
} Parcel;

/* One connection: it sends its laptops' envelopes one after the other. */
typedef struct
{
  CURL *easy;
  struct curl_slist *headers;
  GByteArray *answer;
  GQueue *parcels;
  Parcel *current;
} Line;

static struct
{
  Fixture *fixture;
  GPtrArray *laptops;
  GPtrArray *parcels;
  Server servers[MAX_SERVERS];
  guint receipted, busy, failed;
} load;

static void
check (const GError *error)
{
  if (error == NULL)
    return;
  fprintf (stderr, "bench-load: %s\n", error->message);
  exit (1);
}

/* Words that do not compress better than people's do. */
static char *
make_text (void)
{
  GString *text = g_string_new (NULL);

  while (text->len < TEXT_LENGTH)
    {
      for (int i = g_random_int_range (2, 10); i > 0; i--)
        g_string_append_c (text, "aeiosrnldtcmup"[g_random_int_range (0, 14)]);
      g_string_append_c (text, ' ');
    }
  return g_string_free (text, FALSE);
}

static void
make_parcels (void)
{
  for (int i = 0; i < options.laptops; i++)
    {
      g_autofree char *name = g_strdup_printf ("Persona %d", i);
      Laptop *laptop = laptop_new (load.fixture, name, "a");

      g_ptr_array_add (load.laptops, laptop);
      for (int j = 0; j < options.responses; j += options.each)
        {
          g_autoptr (GPtrArray) packed =
              g_ptr_array_new_with_free_func ((GDestroyNotify) plaza_entry_unref);
          Parcel *parcel = g_new0 (Parcel, 1);
          PlazaEnvelopeInfo info;

          for (int k = j; k < MIN (j + options.each, options.responses); k++)
            {
              g_autofree char *text = make_text ();
              g_ptr_array_add (packed, laptop_response (laptop, text, NULL, NULL));
            }
          parcel->laptop = laptop;
          parcel->bytes = laptop_pack_all (laptop, packed);
          plaza_envelope_peek (parcel->bytes, &info, NULL);
          parcel->id = info.id;
          g_ptr_array_add (load.parcels, parcel);
        }
    }
}

/* Servers */

static void
start_server (Server *server)
{
  const char *argv[] = { options.program, "serve",       "-C", load.fixture->directory,
                         "--listen",      "127.0.0.1:0", NULL };
  g_auto (GStrv) environment = g_get_environ ();
  g_autoptr (GError) error = NULL;
  char line[200] = "";
  FILE *out;
  int fd;

  if (options.slow_sync != NULL)
    environment = g_environ_setenv (environment, "LD_PRELOAD", options.slow_sync, TRUE);
  g_spawn_async_with_pipes (NULL, (char **) argv, environment,
                            G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_STDERR_TO_DEV_NULL, NULL, NULL,
                            &server->pid, NULL, &fd, NULL, &error);
  check (error);
  out = fdopen (fd, "r");
  if (out == NULL || fgets (line, sizeof line, out) == NULL || strrchr (line, ' ') == NULL)
    {
      fprintf (stderr, "bench-load: the server did not start\n");
      exit (1);
    }
  server->url =
      g_strdup_printf ("https://127.0.0.1:%d/v1/envelopes", atoi (strrchr (line, ' ') + 1));
  fclose (out);
}

static double
peak_mb (const Server *server)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/status", server->pid);
  g_autofree char *text = NULL;
  const char *line;

  if (!g_file_get_contents (path, &text, NULL, NULL) || (line = strstr (text, "VmHWM:")) == NULL)
    return 0;
  return g_ascii_strtod (line + strlen ("VmHWM:"), NULL) / 1024;
}

static void
stop_server (Server *server)
{
  int status;

  kill (server->pid, SIGTERM);
  waitpid (server->pid, &status, 0);
  g_spawn_close_pid (server->pid);
  g_free (server->url);
}

/* Lines */

static size_t
take_answer (char *data, size_t size, size_t n, void *line)
{
  g_byte_array_append (((Line *) line)->answer, (const guint8 *) data, (guint) (size * n));
  return size * n;
}

static CURL *
make_handle (Line *line, const char *url)
{
  struct curl_blob ca = { load.fixture->central->ca_pem, strlen (load.fixture->central->ca_pem),
                          CURL_BLOB_NOCOPY };
  CURL *easy = curl_easy_init ();

  curl_easy_setopt (easy, CURLOPT_URL, url);
  curl_easy_setopt (easy, CURLOPT_CAINFO_BLOB, &ca);
  curl_easy_setopt (easy, CURLOPT_WRITEFUNCTION, take_answer);
  curl_easy_setopt (easy, CURLOPT_WRITEDATA, line);
  curl_easy_setopt (easy, CURLOPT_PRIVATE, line);
  curl_easy_setopt (easy, CURLOPT_HTTP_VERSION, (long) CURL_HTTP_VERSION_1_1);
  return easy;
}

/* Gives the line its next envelope. FALSE: there is none, or it has to wait. */
static gboolean
send_next (Line *line)
{
  Parcel *parcel = g_queue_peek_head (line->parcels);
  g_autofree char *authorization = NULL;
  gint64 now = g_get_monotonic_time ();

  if (parcel == NULL || parcel->after > now)
    return FALSE;
  line->current = g_queue_pop_head (line->parcels);
  if (parcel->begun == 0)
    parcel->begun = now;
  authorization = g_strdup_printf ("Authorization: Bearer %s", parcel->laptop->token);
  g_clear_pointer (&line->headers, curl_slist_free_all);
  line->headers = curl_slist_append (NULL, "Content-Type: application/vnd.plaza.envelope");
  line->headers = curl_slist_append (line->headers, "Expect:");
  line->headers = curl_slist_append (line->headers, authorization);
  curl_easy_setopt (line->easy, CURLOPT_HTTPHEADER, line->headers);
  curl_easy_setopt (line->easy, CURLOPT_POSTFIELDS, g_bytes_get_data (parcel->bytes, NULL));
  curl_easy_setopt (line->easy, CURLOPT_POSTFIELDSIZE, (long) g_bytes_get_size (parcel->bytes));
  g_byte_array_set_size (line->answer, 0);
  return TRUE;
}

static gboolean
is_receipt (const Line *line)
{
  g_autoptr (GBytes) bytes = g_bytes_new (line->answer->data, line->answer->len);
  g_autoptr (PlazaReceipt) receipt = plaza_receipt_verify (
      bytes, &line->current->id, (guint) options.each, &load.fixture->campaign->key_central_sign,
      &load.fixture->campaign->key_central_sign_spare, NULL);

  return receipt != NULL;
}

static void
finish (Line *line)
{
  curl_off_t wait = 0;
  long status = 0;

  curl_easy_getinfo (line->easy, CURLINFO_RESPONSE_CODE, &status);
  curl_easy_getinfo (line->easy, CURLINFO_RETRY_AFTER, &wait);
  line->current->ms = (double) (g_get_monotonic_time () - line->current->begun) / 1e3;
  if (status == 200 && is_receipt (line))
    load.receipted++;
  else if (status == 503 && wait > 0)
    {
      load.busy++;
      line->current->after = g_get_monotonic_time () + wait * G_USEC_PER_SEC;
      g_queue_push_head (line->parcels, line->current);
    }
  else
    {
      if (load.failed++ == 0)
        fprintf (stderr, "bench-load: status %ld, %u bytes\n", status, line->answer->len);
    }
  line->current = NULL;
}

/* Sends every parcel once; returns how many seconds it took. */
static double
send_all (void)
{
  g_autofree Line *lines = g_new0 (Line, options.connections);
  CURLM *multi = curl_multi_init ();
  gint64 begun;
  int running = 0;
  gboolean waiting = TRUE;

  curl_multi_setopt (multi, CURLMOPT_MAXCONNECTS, (long) options.connections);
  curl_multi_setopt (multi, CURLMOPT_PIPELINING, (long) CURLPIPE_NOTHING);
  for (int i = 0; i < options.connections; i++)
    {
      lines[i].answer = g_byte_array_new ();
      lines[i].parcels = g_queue_new ();
      lines[i].easy = make_handle (&lines[i], load.servers[i % options.servers].url);
    }
  for (guint i = 0; i < load.parcels->len; i++)
    {
      Parcel *parcel = g_ptr_array_index (load.parcels, i);
      guint per_laptop = load.parcels->len / load.laptops->len;

      parcel->begun = parcel->after = 0;
      g_queue_push_tail (lines[i / per_laptop % (guint) options.connections].parcels, parcel);
    }
  begun = g_get_monotonic_time ();
  while (running > 0 || waiting)
    {
      CURLMsg *message;
      int left;

      waiting = FALSE;
      for (int i = 0; i < options.connections; i++)
        if (lines[i].current == NULL)
          {
            if (send_next (&lines[i]))
              curl_multi_add_handle (multi, lines[i].easy);
            waiting = waiting || !g_queue_is_empty (lines[i].parcels);
          }
      curl_multi_perform (multi, &running);
      while ((message = curl_multi_info_read (multi, &left)) != NULL)
        if (message->msg == CURLMSG_DONE)
          {
            Line *line;

            curl_easy_getinfo (message->easy_handle, CURLINFO_PRIVATE, (char **) &line);
            curl_multi_remove_handle (multi, line->easy);
            finish (line);
            waiting = TRUE;
          }
      if (running > 0)
        curl_multi_poll (multi, NULL, 0, 20, NULL);
      else if (waiting)
        g_usleep (200);
    }
  begun = g_get_monotonic_time () - begun;
  for (int i = 0; i < options.connections; i++)
    {
      curl_easy_cleanup (lines[i].easy);
      curl_slist_free_all (lines[i].headers);
      g_byte_array_unref (lines[i].answer);
      g_queue_free (lines[i].parcels);
    }
  curl_multi_cleanup (multi);
  return (double) begun / G_USEC_PER_SEC;
}

static int
compare_parcels (gconstpointer a, gconstpointer b)
{
  double first = (*(Parcel *const *) a)->ms, second = (*(Parcel *const *) b)->ms;

  return (first > second) - (first < second);
}

static double
percentile (guint percent)
{
  guint index = load.parcels->len * percent / 100;

  return ((Parcel *) g_ptr_array_index (load.parcels, MIN (index, load.parcels->len - 1)))->ms;
}

static void
report (double seconds)
{
  g_ptr_array_sort (load.parcels, compare_parcels);
  printf ("seconds %.3f\nrate %.0f\np50 %.1f\np99 %.1f\nmax %.1f\n", seconds,
          options.laptops * options.responses / seconds, percentile (50), percentile (99),
          percentile (100));
}

static gboolean
drop_parcel (gpointer record, gpointer data, GError **error)
{
  g_autofree char *hash = plaza_hash_to_string (&((PlazaStoredEnvelope *) record)->hash);

  g_hash_table_remove (data, hash);
  return TRUE;
}

/* How many parcels are not in the database; the audit log must hold. */
static guint
count_missing (void)
{
  g_autoptr (GHashTable) missing = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (PlazaStorage) storage = NULL;
  g_autoptr (GError) error = NULL;
  PlazaVerified verified;

  for (guint i = 0; i < load.parcels->len; i++)
    g_hash_table_add (missing,
                      plaza_hash_to_string (&((Parcel *) g_ptr_array_index (load.parcels, i))->id));
  storage = plaza_central_storage (load.fixture->central, FALSE, &error);
  check (error);
  plaza_verify (storage, &verified, &error);
  check (error);
  storage->table->each_envelope (storage, drop_parcel, missing, &error);
  check (error);
  if (verified.revisions != (guint64) options.laptops * (guint64) options.responses)
    fprintf (stderr, "bench-load: %" G_GUINT64_FORMAT " revisions\n", verified.revisions);
  return g_hash_table_size (missing);
}

int
main (int argc, char **argv)
{
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  g_autoptr (GError) error = NULL;
  double seconds, peak = 0;

  g_option_context_add_main_entries (context, entries, NULL);
  g_option_context_parse (context, &argc, &argv, &error);
  check (error);
  if (options.program == NULL || options.servers > MAX_SERVERS || options.each < 1 ||
      options.responses % options.each != 0)
    {
      fprintf (stderr, "bench-load: --server is needed, and --each divides --responses\n");
      return 2;
    }
  if (options.laptops == 0)
    options.laptops = options.connections;
  g_random_set_seed (2019);
  plaza_seal_init ();
  curl_global_init (CURL_GLOBAL_DEFAULT);
  g_setenv ("PLAZA_TEST_DURABLE", "1", TRUE);
  fixture_databases ();
  load.fixture = fixture_new (options.engine);
  load.laptops = g_ptr_array_new_with_free_func ((GDestroyNotify) laptop_free);
  load.parcels = g_ptr_array_new ();
  make_parcels ();
  g_clear_pointer (&load.fixture->storage, plaza_storage_close);

  for (int i = 0; i < options.servers; i++)
    start_server (&load.servers[i]);
  seconds = send_all ();
  report (seconds);
  if (options.again)
    printf ("again %.0f\n", options.laptops * options.responses / send_all ());
  for (int i = 0; i < options.servers; i++)
    {
      peak = MAX (peak, peak_mb (&load.servers[i]));
      stop_server (&load.servers[i]);
    }
  printf ("receipted %u\nbusy %u\nfailed %u\nmissing %u\npeak_mb %.0f\n", load.receipted, load.busy,
          load.failed, count_missing (), peak);

  load.fixture->storage = plaza_central_storage (load.fixture->central, TRUE, NULL);
  for (guint i = 0; i < load.parcels->len; i++)
    g_bytes_unref (((Parcel *) g_ptr_array_index (load.parcels, i))->bytes);
  g_ptr_array_set_free_func (load.parcels, g_free);
  g_ptr_array_unref (load.parcels);
  g_ptr_array_unref (load.laptops);
  fixture_free (load.fixture);
  fixture_stop ();
  return 0;
}
