/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <json-glib/json-glib.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"
#include "cli/command.h"
#include "sync/fake-central.h"

/* The program itself, as a person or a script runs it: what it prints, what it returns. */

typedef struct
{
  FakeCentral *central;
  char *root;
  char *passphrase_file;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  fixture->central = fake_central_new ();
  fixture->root = fake_laptop_root ();
  fixture->passphrase_file = g_build_filename (fixture->root, "frase.txt", NULL);
  g_file_set_contents (fixture->passphrase_file, FAKE_PASSPHRASE "\n", -1, &error);
  g_assert_no_error (error);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  fake_central_free (fixture->central);
  fake_laptop_remove (fixture->root);
  g_free (fixture->root);
  g_free (fixture->passphrase_file);
}

/* Runs "plazactl WORDS…" with --json; @out is what it answered, NULL when it was no JSON. */
static int
run_with (Fixture *fixture,
          const char *passphrase_file,
          const char *input,
          JsonNode **out,
          const char *const *words)
{
  g_autoptr (GSubprocessLauncher) launcher =
      g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE |
                                 G_SUBPROCESS_FLAGS_STDERR_PIPE);
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_autofree char *option =
      g_strconcat ("--passphrase-file=", passphrase_file ? passphrase_file : "", NULL);
  g_autofree char *output = NULL;
  g_autofree char *trouble = NULL;
  g_autoptr (GError) error = NULL;

  g_strv_builder_add (builder, g_getenv ("PLAZACTL"));
  g_strv_builder_addv (builder, (const char **) words);
  g_strv_builder_add (builder, "--json");
  if (passphrase_file)
    g_strv_builder_add (builder, option);
  g_auto (GStrv) argv = g_strv_builder_end (builder);
  g_subprocess_launcher_setenv (launcher, "PLAZA_DATA_DIR", fixture->root, TRUE);
  g_autoptr (GSubprocess) process =
      g_subprocess_launcher_spawnv (launcher, (const char *const *) argv, &error);
  g_assert_no_error (error);
  g_subprocess_communicate_utf8 (process, input, NULL, &output, &trouble, &error);
  g_assert_no_error (error);
  g_test_message ("%s %s → %d\n%s%s", words[0], words[1] ? words[1] : "",
                  g_subprocess_get_exit_status (process), output, trouble);
  if (out)
    {
      *out = plaza_json_parse_data (output, -1, NULL, &error);
      g_assert_no_error (error);
    }
  return g_subprocess_get_exit_status (process);
}

#define RUN(fixture, out, ...) \
  run_with (fixture, (fixture)->passphrase_file, NULL, out, \
            (const char *const[]){ __VA_ARGS__, NULL })

static gint64
number (JsonNode *node, const char *name)
{
  return json_object_get_int_member (json_node_get_object (node), name);
}

static const char *
failure (JsonNode *node)
{
  JsonObject *object = json_node_get_object (node);

  g_assert_true (json_object_has_member (object, "error"));
  return json_object_get_string_member (json_object_get_object_member (object, "error"), "code");
}

static void
join_as (Fixture *fixture, const char *name)
{
  g_autofree char *link = fake_central_link (fixture->central);
  g_autofree char *option = g_strconcat ("--name=", name, NULL);
  g_autoptr (JsonNode) joined = NULL;

  g_assert_cmpint (RUN (fixture, &joined, "join", link, option), ==, PLAZA_EXIT_OK);
  g_assert_cmpstr (json_object_get_string_member (json_node_get_object (joined), "name"), ==, name);
}

/* Join, answer, look, deliver, look again. */
static void
test_day (Fixture *fixture, gconstpointer data)
{
  g_autoptr (JsonNode) taken = NULL;
  g_autoptr (JsonNode) before = NULL;
  g_autoptr (JsonNode) delivered = NULL;
  g_autoptr (JsonNode) after = NULL;
  g_autoptr (JsonNode) list = NULL;
  g_autoptr (JsonNode) session = NULL;
  const char *const respond[] = { "respond", "--from=-", NULL };

  join_as (fixture, "Ana");
  g_assert_cmpint (RUN (fixture, &session, "session", "start", "--state=20", "--municipality=20067",
                        "--place=Ñumí", "--date=2019-06-04"),
                   ==, PLAZA_EXIT_OK);
  int status = run_with (fixture, fixture->passphrase_file,
                         "{\"texto\":\"uno\"}\n"
                         "\n"
                         "{\"texto\":\"dos\",\"numero\":2,\"_nota\":[]}\n"
                         "{\"texto\":\"tres\",\"numero\":\"muchos\"}\n"
                         "{\"texto\":\"cuatro\",\"nadie\":1}\n"
                         "{\"numero\":5}\n"
                         "[[[[[[[[[[[[[[\n"
                         "{\"texto\":\"a\",\"texto\":\"b\"}\n"
                         "not json\n"
                         "{\"texto\":\"último\"}",
                         &taken, respond);
  g_assert_cmpint (status, ==, PLAZA_EXIT_LINES);
  g_assert_cmpint (number (taken, "lines"), ==, 10);
  g_assert_cmpint (number (taken, "taken"), ==, 3);
  JsonArray *refused = json_object_get_array_member (json_node_get_object (taken), "refused");
  const int lines[] = { 4, 5, 6, 7, 8, 9 };
  g_assert_cmpuint (json_array_get_length (refused), ==, G_N_ELEMENTS (lines));
  for (guint i = 0; i < G_N_ELEMENTS (lines); i++)
    g_assert_cmpint (
        json_object_get_int_member (json_array_get_object_element (refused, i), "line"), ==,
        lines[i]);

  g_assert_cmpint (RUN (fixture, &before, "status"), ==, PLAZA_EXIT_OK);
  g_assert_cmpint (number (before, "waiting"), ==, 3);
  g_assert_cmpint (number (before, "drafts"), ==, 0);
  g_assert_cmpint (number (before, "delivered"), ==, 0);

  g_assert_cmpint (RUN (fixture, &delivered, "deliver"), ==, PLAZA_EXIT_OK);
  g_assert_cmpint (number (delivered, "delivered"), ==, 4);
  g_assert_cmpuint (fake_central_n_entries (fixture->central), ==, 4);

  g_assert_cmpint (RUN (fixture, &after, "status"), ==, PLAZA_EXIT_OK);
  g_assert_cmpint (number (after, "waiting"), ==, 0);
  g_assert_cmpint (number (after, "delivered"), ==, 3);

  g_assert_cmpint (RUN (fixture, &list, "response", "list", "--state=delivered"), ==,
                   PLAZA_EXIT_OK);
  JsonArray *rows = json_node_get_array (list);
  g_assert_cmpuint (json_array_get_length (rows), ==, 3);
  for (guint i = 0; i < 3; i++)
    {
      g_autoptr (JsonNode) shown = NULL;
      const char *folio =
          json_object_get_string_member (json_array_get_object_element (rows, i), "folio");
      g_assert_cmpint (RUN (fixture, &shown, "response", "show", folio), ==, PLAZA_EXIT_OK);
      JsonObject *object = json_node_get_object (shown);
      g_autoptr (GBytes) there =
          fake_central_xml (fixture->central, json_object_get_string_member (object, "revision"));
      g_assert_nonnull (there);
      const char *xml = json_object_get_string_member (object, "xml");
      g_assert_cmpmem (g_bytes_get_data (there, NULL), g_bytes_get_size (there), xml, strlen (xml));
    }
}

static void
test_exit_codes (Fixture *fixture, gconstpointer data)
{
  g_autoptr (JsonNode) none = NULL;
  g_autoptr (JsonNode) wrong = NULL;
  g_autoptr (JsonNode) offline = NULL;
  g_autoptr (JsonNode) portal = NULL;
  g_autoptr (JsonNode) busy = NULL;
  g_autoptr (JsonNode) refused = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *other = g_build_filename (fixture->root, "otra.txt", NULL);
  const char *const status[] = { "status", NULL };
  const char *const usage[] = { "deliver", "--faster", NULL };

  g_assert_cmpint (RUN (fixture, &none, "status"), ==, PLAZA_EXIT_FAILED);
  g_assert_cmpstr (failure (none), ==, "not-found");
  g_assert_cmpint (run_with (fixture, NULL, NULL, NULL, usage), ==, PLAZA_EXIT_USAGE);

  join_as (fixture, "Ana");
  g_file_set_contents (other, "otra frase que no es la buena", -1, &error);
  g_assert_no_error (error);
  g_assert_cmpint (run_with (fixture, other, NULL, &wrong, status), ==, PLAZA_EXIT_LOCKED);
  g_assert_cmpstr (failure (wrong), ==, "passphrase");

  g_autoptr (GPtrArray) profiles = plaza_profile_list (fixture->root, &error);
  g_assert_no_error (error);
  PlazaProfile *profile = profiles->pdata[0];
  plaza_profile_unlock (profile, FAKE_PASSPHRASE, &error);
  g_assert_no_error (error);
  fake_laptop_respond (profile, 1);
  g_assert_cmpint (RUN (fixture, &busy, "status"), ==, PLAZA_EXIT_BUSY);
  g_assert_cmpstr (failure (busy), ==, "busy");
  plaza_profile_lock (profile, &error);
  g_assert_no_error (error);

  fake_central_lie (fixture->central, LIE_HTML);
  g_assert_cmpint (RUN (fixture, &portal, "deliver"), ==, PLAZA_EXIT_PORTAL);
  g_assert_cmpstr (failure (portal), ==, "portal");
  fake_central_lie (fixture->central, LIE_TOKEN);
  g_assert_cmpint (RUN (fixture, &refused, "deliver"), ==, PLAZA_EXIT_REFUSED);
  g_assert_cmpstr (failure (refused), ==, "refused");
  fake_server_stop (fake_central_server (fixture->central));
  g_assert_cmpint (RUN (fixture, &offline, "deliver"), ==, PLAZA_EXIT_OFFLINE);
  g_assert_cmpstr (failure (offline), ==, "offline");
  g_assert_cmpuint (fake_central_n_entries (fixture->central), ==, 0);
}

/* Whoever guesses has to wait, and that is told apart from a wrong passphrase. */
static void
test_too_many_tries (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *other = g_build_filename (fixture->root, "otra.txt", NULL);
  const char *const status[] = { "status", NULL };
  const char *told = "passphrase";

  join_as (fixture, "Ana");
  g_file_set_contents (other, "otra frase que no es la buena", -1, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < 20 && g_str_equal (told, "passphrase"); i++)
    {
      g_autoptr (JsonNode) wrong = NULL;
      g_assert_cmpint (run_with (fixture, other, NULL, &wrong, status), ==, PLAZA_EXIT_LOCKED);
      told = g_intern_string (failure (wrong));
    }
  g_assert_cmpstr (told, ==, "locked");
}

/* What the central refuses is kept, and said by an exit code until it is taken. */
static void
test_refused_envelope (Fixture *fixture, gconstpointer data)
{
  g_autoptr (JsonNode) kept = NULL;
  g_autoptr (JsonNode) again = NULL;
  g_autoptr (GError) error = NULL;

  join_as (fixture, "Ana");
  g_autoptr (GPtrArray) profiles = plaza_profile_list (fixture->root, &error);
  g_assert_no_error (error);
  PlazaProfile *profile = profiles->pdata[0];
  plaza_profile_unlock (profile, FAKE_PASSPHRASE, &error);
  g_assert_no_error (error);
  fake_laptop_respond (profile, 2);
  plaza_profile_lock (profile, &error);
  g_assert_no_error (error);

  fake_central_lie (fixture->central, LIE_REFUSE);
  g_assert_cmpint (RUN (fixture, &kept, "deliver"), ==, PLAZA_EXIT_PARTLY);
  g_assert_cmpint (number (kept, "set_aside"), ==, 1);
  fake_central_lie (fixture->central, LIE_NONE);
  g_assert_cmpint (RUN (fixture, &again, "deliver", "--again"), ==, PLAZA_EXIT_OK);
  g_assert_cmpint (number (again, "set_aside"), ==, 0);
  g_assert_cmpuint (fake_central_n_envelopes (fixture->central), ==, 1);
}

static void
test_profiles (Fixture *fixture, gconstpointer data)
{
  g_autoptr (JsonNode) list = NULL;
  g_autoptr (JsonNode) unclear = NULL;
  g_autoptr (JsonNode) one = NULL;

  join_as (fixture, "Ana");
  join_as (fixture, "Benita");
  g_assert_cmpint (RUN (fixture, &list, "profile", "list"), ==, PLAZA_EXIT_OK);
  g_assert_cmpuint (json_array_get_length (json_node_get_array (list)), ==, 2);
  g_assert_cmpint (RUN (fixture, &unclear, "status"), ==, PLAZA_EXIT_FAILED);
  g_assert_cmpstr (failure (unclear), ==, "not-found");
  g_assert_cmpint (RUN (fixture, &one, "status", "--profile=Benita"), ==, PLAZA_EXIT_OK);
}

/* A store that does not open says how to go on, and the copy made when it was closed gives back
 * what it held. */
static void
test_repair (Fixture *fixture, gconstpointer data)
{
  g_autoptr (JsonNode) list = NULL;
  g_autoptr (JsonNode) before = NULL;
  g_autoptr (JsonNode) whole = NULL;
  g_autoptr (JsonNode) damaged = NULL;
  g_autoptr (JsonNode) repaired = NULL;
  g_autoptr (JsonNode) after = NULL;
  g_autofree char *path = NULL;
  const char *id;

  join_as (fixture, "Ana");
  g_assert_cmpint (RUN (fixture, &before, "status"), ==, PLAZA_EXIT_OK);
  g_assert_cmpint (RUN (fixture, &whole, "profile", "repair"), ==, PLAZA_EXIT_OK);
  g_assert_cmpint (number (whole, "restored"), ==, 0);
  g_assert_cmpint (RUN (fixture, &list, "profile", "list"), ==, PLAZA_EXIT_OK);
  id = json_object_get_string_member (json_array_get_object_element (json_node_get_array (list), 0),
                                      "id");
  path = g_build_filename (fixture->root, "profiles", id, "plaza.db", NULL);
  g_assert_cmpint (truncate (path, 5000), ==, 0);

  g_assert_cmpint (RUN (fixture, &damaged, "status"), ==, PLAZA_EXIT_FAILED);
  g_assert_cmpstr (failure (damaged), ==, "corrupt");
  /* nobody knows whether there were contacts since the copy, and that is told */
  g_assert_cmpint (RUN (fixture, &repaired, "profile", "repair"), ==, PLAZA_EXIT_PARTLY);
  g_assert_cmpint (number (repaired, "restored"), >, 0);
  g_assert_cmpint (number (repaired, "pools_lost"), ==, 1);
  g_assert_cmpint (RUN (fixture, &after, "status"), ==, PLAZA_EXIT_OK);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, function) g_test_add (name, Fixture, NULL, set_up, function, tear_down)
  ADD ("/plazactl/day", test_day);
  ADD ("/plazactl/exit-codes", test_exit_codes);
  ADD ("/plazactl/too-many-tries", test_too_many_tries);
  ADD ("/plazactl/refused-envelope", test_refused_envelope);
  ADD ("/plazactl/profiles", test_profiles);
  ADD ("/plazactl/repair", test_repair);
  return g_test_run ();
}
