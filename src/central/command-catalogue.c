/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-central"

#include "config.h"

#include <glib/gi18n.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/error.h"
#include "central/catalogue-update.h"
#include "central/command.h"

#define MAX_BYTES (64 * 1024 * 1024)

typedef struct
{
  char *out;
  char *from;
  char *complete;
  char *url;
  char *ca;
  char **states;
  gboolean localities;
  gboolean dry;
} Options;

static void
options_clear (Options *options)
{
  g_free (options->out);
  g_free (options->from);
  g_free (options->complete);
  g_free (options->url);
  g_free (options->ca);
  g_strfreev (options->states);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, options_clear)

static void
set_counts (JsonObject *object, const PlazaCatalogueCounts *counts)
{
  json_object_set_int_member (object, "states", counts->states);
  json_object_set_int_member (object, "municipalities", counts->municipalities);
  json_object_set_int_member (object, "localities", counts->localities);
  json_object_set_int_member (object, "homonyms", counts->homonyms);
}

static void
print_counts (const PlazaCatalogueCounts *counts)
{
  g_print (_ ("%u states, %u municipalities (%u told apart by their label), %u localities.\n"),
           counts->states, counts->municipalities, counts->homonyms, counts->localities);
}

/* Import */

static int
import (PlazaCentralCli *cli, const Options *options, const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = plaza_file_read (path, MAX_BYTES, &error);
  PlazaCatalogueCounts counts;
  JsonObject *object;

  if (bytes == NULL ||
      !plaza_catalogue_import (bytes, options->complete, options->out, &counts, &error))
    {
      plaza_error_name_subject (&error, path);
      return plaza_central_cli_fail (cli, error);
    }
  if (!cli->json)
    {
      print_counts (&counts);
      return PLAZA_CENTRAL_EXIT_OK;
    }
  object = json_object_new ();
  set_counts (object, &counts);
  plaza_central_cli_emit (object);
  return PLAZA_CENTRAL_EXIT_OK;
}

/* Update */

static const char *const kinds[] = { "added", "renamed", "gone" };

static void
print_change (gpointer item, gpointer data)
{
  const PlazaCatalogueChange *change = item;

  if (change->kind == PLAZA_CATALOGUE_ADDED)
    g_print ("+ %s  %s\n", change->code, change->after);
  else if (change->kind == PLAZA_CATALOGUE_GONE)
    g_print ("- %s  %s\n", change->code, change->before);
  else
    g_print ("~ %s  %s → %s\n", change->code, change->before, change->after);
}

static void
emit_changes (GPtrArray *changes, const PlazaCatalogueCounts *counts, gboolean dry)
{
  JsonObject *document = json_object_new ();

  for (guint kind = 0; kind < G_N_ELEMENTS (kinds); kind++)
    {
      JsonArray *array = json_array_new ();

      for (guint i = 0; i < changes->len; i++)
        {
          const PlazaCatalogueChange *change = g_ptr_array_index (changes, i);

          if ((guint) change->kind == kind)
            json_array_add_string_element (array, change->code);
        }
      json_object_set_array_member (document, kinds[kind], array);
    }
  if (!dry)
    set_counts (document, counts);
  plaza_central_cli_emit (document);
}

static int
update (PlazaCentralCli *cli, const Options *options)
{
  g_autofree char *today = plaza_clock_today ();
  g_autoptr (GPtrArray) changes = NULL;
  g_autoptr (GError) error = NULL;
  const PlazaCatalogueSource source = {
    .url = options->url != NULL ? options->url : PLAZA_CATALOGUE_URL,
    .ca = options->ca,
    .states = (const char *const *) options->states,
    .localities = options->localities,
    .from = options->from,
    .out = options->dry ? NULL : options->out,
    .today = today,
  };
  PlazaCatalogueCounts counts;

  if (!plaza_catalogue_update (&source, &changes, &counts, &error))
    return plaza_central_cli_fail (cli, error);
  if (cli->json)
    {
      emit_changes (changes, &counts, options->dry);
      return PLAZA_CENTRAL_EXIT_OK;
    }
  g_ptr_array_foreach (changes, print_change, NULL);
  g_print (_ ("%u changes (+ new, ~ renamed, - gone: it stays, marked).\n"), changes->len);
  if (options->dry)
    g_print ("%s\n", _ ("Nothing was written."));
  else
    print_counts (&counts);
  return PLAZA_CENTRAL_EXIT_OK;
}

int
plaza_central_command_catalogue (int argc, char **argv)
{
  g_auto (PlazaCentralCli) cli = { 0 };
  g_auto (Options) options = { 0 };
  gboolean importing;
  const GOptionEntry entries[] = {
    { "out", 'o', 0, G_OPTION_ARG_FILENAME, &options.out, N_ ("Folder for the catalogues"),
      N_ ("DIR") },
    { "complete", 0, 0, G_OPTION_ARG_STRING, &options.complete,
      N_ ("For a list in our own layout: the states of which it has every municipality"),
      N_ ("all|CODES") },
    { "from", 0, 0, G_OPTION_ARG_FILENAME, &options.from,
      N_ ("Update: the folder with the catalogues so far, to compare with and to keep"),
      N_ ("DIR") },
    { "state", 0, 0, G_OPTION_ARG_STRING_ARRAY, &options.states,
      N_ ("Update: only this state; may be given several times"), "EE" },
    { "localities", 0, 0, G_OPTION_ARG_NONE, &options.localities,
      N_ ("Update: the localities too, one question for each municipality"), NULL },
    { "dry-run", 'n', 0, G_OPTION_ARG_NONE, &options.dry, N_ ("Update: only say what would change"),
      NULL },
    { "url", 0, 0, G_OPTION_ARG_STRING, &options.url, N_ ("Update: the service (default INEGI's)"),
      "URL" },
    { "ca", 0, 0, G_OPTION_ARG_FILENAME, &options.ca,
      N_ ("Update: authority to trust instead of the system's"), N_ ("FILE") },
    G_OPTION_ENTRY_NULL,
  };

  if (!plaza_central_cli_parse (&cli, N_ ("import FILE | update"), entries, &argc, &argv))
    return PLAZA_CENTRAL_EXIT_USAGE;
  importing = argc == 3 && strcmp (argv[1], "import") == 0;
  if (!importing && !(argc == 2 && strcmp (argv[1], "update") == 0))
    return plaza_central_cli_usage (_ ("catalogue needs import and a file, or update"));
  if (options.out == NULL && !(options.dry && !importing))
    return plaza_central_cli_usage (_ ("catalogue needs --out"));
  return importing ? import (&cli, &options, argv[2]) : update (&cli, &options);
}
