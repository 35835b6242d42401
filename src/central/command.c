/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-central"

#include "config.h"

#include <glib/gi18n.h>

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
    G_OPTION_ENTRY_NULL,
  };
  g_autoptr (GOptionContext) context = g_option_context_new (usage);
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

static PlazaCentralExit
exit_code (const GError *error)
{
  if (error->domain != PLAZA_ERROR)
    return PLAZA_CENTRAL_EXIT_FAILED;
  switch ((PlazaError) error->code)
    {
    case PLAZA_ERROR_BUSY:
      return PLAZA_CENTRAL_EXIT_BUSY;
    case PLAZA_ERROR_REFUSED:
    case PLAZA_ERROR_EXISTS:
      return PLAZA_CENTRAL_EXIT_REFUSED;
    case PLAZA_ERROR_CORRUPT:
      return PLAZA_CENTRAL_EXIT_CORRUPT;
    default:
      return PLAZA_CENTRAL_EXIT_FAILED;
    }
}

int
plaza_central_cli_fail (PlazaCentralCli *self, const GError *error)
{
  PlazaCentralExit code = exit_code (error);

  g_printerr ("plaza-central: %s\n", error->message);
  if (self->json)
    {
      JsonObject *inner = json_object_new ();
      JsonObject *outer = json_object_new ();

      json_object_set_int_member (inner, "code", code);
      json_object_set_string_member (inner, "message", error->message);
      json_object_set_object_member (outer, "error", inner);
      plaza_central_cli_emit (outer);
    }
  return code;
}

PlazaCentral *
plaza_central_cli_open (PlazaCentralCli *self, GError **error)
{
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
        plaza_throw (error, PLAZA_ERROR_NOT_FOUND, "no campaign %s here", fingerprint);
      return campaign;
    }
  if (campaigns->len == 1)
    return plaza_campaign_ref (g_ptr_array_index (campaigns, 0));
  plaza_throw (error, PLAZA_ERROR_NOT_FOUND,
               campaigns->len == 0 ? "there is no campaign here yet: see campaign build and sign"
                                   : "there are several campaigns here: say which with --campaign");
  return NULL;
}
