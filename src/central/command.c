/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-central"

#include "config.h"

#include <errno.h>
#include <glib/gi18n.h>
#include <glib/gstdio.h>
#include <unistd.h>

#include "base/error.h"
#include "base/json.h"
#include "central/command.h"

void
plaza_central_cli_clear (PlazaCentralCli *self)
{
  g_clear_pointer (&self->directory, g_free);
}

gboolean
plaza_central_cli_parse (
    PlazaCentralCli *self, const char *usage, const GOptionEntry *entries, int *argc, char ***argv)
{
  const GOptionEntry common[] = {
    { "central", 'C', 0, G_OPTION_ARG_FILENAME, &self->directory,
      N_ ("The central's directory (default: $PLAZA_CENTRAL_DIR, else the current one)"),
      N_ ("DIR") },
    { "json", 0, 0, G_OPTION_ARG_NONE, &self->json, N_ ("Print one JSON document"), NULL },
    { "verbose", 0, 0, G_OPTION_ARG_NONE, &self->verbose,
      N_ ("Say the technical details of what fails too, in English"), NULL },
    G_OPTION_ENTRY_NULL,
  };
  g_autoptr (GOptionContext) context = g_option_context_new (usage != NULL ? _ (usage) : NULL);
  g_autoptr (GError) error = NULL;

  g_option_context_set_translation_domain (context, GETTEXT_PACKAGE);
  g_option_context_add_main_entries (context, common, GETTEXT_PACKAGE);
  if (entries != NULL)
    g_option_context_add_main_entries (context, entries, GETTEXT_PACKAGE);
  if (!g_option_context_parse (context, argc, argv, &error))
    {
      plaza_central_cli_usage (error->message);
      return FALSE;
    }
  if (self->directory == NULL)
    {
      const char *set = g_getenv ("PLAZA_CENTRAL_DIR");

      self->directory = g_strdup (set != NULL && set[0] != '\0' ? set : ".");
    }
  return TRUE;
}

int
plaza_central_cli_usage (const char *message)
{
  g_printerr ("plaza-central: %s\n", message);
  return PLAZA_CENTRAL_EXIT_USAGE;
}

static const struct
{
  PlazaError code;
  PlazaCentralExit exit;
  const char *words;
} failures[] = {
  { PLAZA_ERROR_FAILED, PLAZA_CENTRAL_EXIT_FAILED, N_ ("Something went wrong") },
  { PLAZA_ERROR_INVALID, PLAZA_CENTRAL_EXIT_FAILED, N_ ("This is not well formed") },
  { PLAZA_ERROR_UNSUPPORTED, PLAZA_CENTRAL_EXIT_FAILED,
    N_ ("This asks for something Plaza does not do") },
  { PLAZA_ERROR_LIMIT, PLAZA_CENTRAL_EXIT_FAILED, N_ ("This is larger than allowed") },
  { PLAZA_ERROR_NOT_FOUND, PLAZA_CENTRAL_EXIT_FAILED, N_ ("There is no such thing here") },
  { PLAZA_ERROR_EXISTS, PLAZA_CENTRAL_EXIT_REFUSED, N_ ("It exists already") },
  { PLAZA_ERROR_BUSY, PLAZA_CENTRAL_EXIT_BUSY,
    N_ ("The database does not answer, or somebody else writes it: see that it runs, and try "
        "again") },
  { PLAZA_ERROR_LOCKED, PLAZA_CENTRAL_EXIT_FAILED, N_ ("A passphrase is needed") },
  { PLAZA_ERROR_PASSPHRASE, PLAZA_CENTRAL_EXIT_FAILED,
    N_ ("The passphrase is not right, or not allowed") },
  { PLAZA_ERROR_CORRUPT, PLAZA_CENTRAL_EXIT_CORRUPT,
    N_ ("What is kept here is damaged or was changed; do not write to it, and restore the last "
        "backup elsewhere") },
  { PLAZA_ERROR_SIGNATURE, PLAZA_CENTRAL_EXIT_FAILED,
    N_ ("It is signed or sealed with another key, or was changed") },
  { PLAZA_ERROR_NEWER, PLAZA_CENTRAL_EXIT_FAILED,
    N_ ("This was written by a newer version of Plaza") },
  { PLAZA_ERROR_OFFLINE, PLAZA_CENTRAL_EXIT_FAILED,
    N_ ("The other server cannot be reached: look at the address and the network") },
  { PLAZA_ERROR_PORTAL, PLAZA_CENTRAL_EXIT_FAILED,
    N_ ("Another machine answered in the server's place") },
  { PLAZA_ERROR_REFUSED, PLAZA_CENTRAL_EXIT_REFUSED, N_ ("It was refused") },
  { PLAZA_ERROR_DISK, PLAZA_CENTRAL_EXIT_FAILED,
    N_ ("The disk is full, or refuses to be written: make room and repeat") },
};

static gsize
failure_index (const GError *error)
{
  if (error->domain == PLAZA_ERROR)
    for (gsize i = 0; i < G_N_ELEMENTS (failures); i++)
      if ((int) failures[i].code == error->code)
        return i;
  return 0;
}

int
plaza_central_cli_fail (PlazaCentralCli *self, const GError *error)
{
  gsize i = failure_index (error);
  const char *told = plaza_error_get_words (error);
  const char *words = told != NULL ? told : _ (failures[i].words);
  const char *about = told == NULL ? plaza_error_get_subject (error) : NULL;

  g_printerr ("plaza-central: %s%s%s\n", words, about != NULL ? ": " : "",
              about != NULL ? about : "");
  if (told == NULL && self->verbose)
    g_printerr ("  [%s]\n", error->message);
  else if (told == NULL && g_strcmp0 (about, error->message) != 0)
    g_printerr ("  %s\n", _ ("(--verbose says the technical details, for whoever helps you)"));
  if (self->json)
    {
      JsonObject *inner = json_object_new ();
      JsonObject *outer = json_object_new ();

      json_object_set_int_member (inner, "code", failures[i].exit);
      json_object_set_string_member (inner, "message", words);
      json_object_set_string_member (inner, "detail", error->message);
      json_object_set_object_member (outer, "error", inner);
      plaza_central_cli_emit (outer);
    }
  return failures[i].exit;
}

const char *
plaza_central_role_words (const char *role)
{
  if (g_strcmp0 (role, "coordinator") == 0)
    return _ ("Coordinator");
  if (g_strcmp0 (role, "administrator") == 0)
    return _ ("Administrator");
  return g_strcmp0 (role, "facilitator") == 0 ? _ ("Facilitator") : role;
}

PlazaCentral *
plaza_central_cli_open (PlazaCentralCli *self, GError **error)
{
  g_autofree char *config = g_build_filename (self->directory, "central.conf", NULL);

  if (g_access (config, F_OK) != 0 && errno == ENOENT)
    {
      plaza_throw_words (
          error, PLAZA_ERROR_NOT_FOUND,
          _ ("there is no central in %s: name its folder with --central, or make one "
             "with plaza-central init"),
          self->directory);
      return NULL;
    }
  return plaza_central_open (self->directory, error);
}

void
plaza_central_cli_emit (JsonObject *object)
{
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_OBJECT);
  g_autofree char *text = NULL;

  json_node_take_object (node, object);
  text = plaza_json_write_string (node);
  g_print ("%s\n", text);
}

PlazaCampaign *
plaza_central_cli_campaign (PlazaCentral *central, const char *fingerprint, GError **error)
{
  g_autoptr (GPtrArray) campaigns = plaza_central_campaigns (central);
  PlazaCampaign *campaign;

  if (fingerprint != NULL)
    {
      campaign = plaza_central_find_campaign (central, fingerprint);
      if (campaign == NULL)
        plaza_throw_words (error, PLAZA_ERROR_NOT_FOUND, _ ("no campaign %s here"), fingerprint);
      return campaign;
    }
  if (campaigns->len == 1)
    return plaza_campaign_ref (g_ptr_array_index (campaigns, 0));
  plaza_throw_words (error, PLAZA_ERROR_NOT_FOUND,
                     campaigns->len == 0
                         ? _ ("there is no campaign here yet: see campaign build and sign")
                         : _ ("there are several campaigns here: say which with --campaign"));
  return NULL;
}
