/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-central"

#include "config.h"

#include <glib/gi18n.h>

#include "base/clock.h"
#include "base/day-words.h"
#include "central/command.h"
#include "central/status.h"

static gint64
number (JsonObject *object, const char *name)
{
  return json_object_get_int_member (object, name);
}

/* (transfer full) */
static char *
moment (JsonObject *object, const char *name)
{
  gint64 ms;

  if (json_object_get_null_member (object, name) ||
      !plaza_clock_parse (json_object_get_string_member (object, name), &ms, NULL, NULL))
    return g_strdup (_ ("never"));
  return plaza_moment_words (ms);
}

static const char *
outcome_words (const char *name)
{
  static const char *const words[] = { N_ ("completed"), N_ ("partial"),
                                       N_ ("minor-without-guardian"), N_ ("under-age"),
                                       N_ ("withdrawn") };

  /* Translators: the person did not want to answer; not what the central refused. */
  if (strcmp (name, "refused") == 0)
    return C_ ("outcome", "refused");
  for (gsize i = 0; i < G_N_ELEMENTS (words); i++)
    if (strcmp (words[i], name) == 0)
      return _ (words[i]);
  return name;
}

static void
print_campaign (JsonArray *array, guint index, JsonNode *node, gpointer data)
{
  JsonObject *object = json_node_get_object (node);
  JsonObject *outcomes = json_object_get_object_member (object, "outcomes");
  g_autofree char *newest = moment (object, "newest");
  g_autoptr (GList) names = json_object_get_members (outcomes);

  g_print ("%s  %s\n", json_object_get_string_member (object, "campaign"),
           json_object_get_null_member (object, "title")
               ? ""
               : json_object_get_string_member (object, "title"));
  g_print (_ ("  responses: %ld, late: %ld, void: %ld, withdrawn: %ld, contradicting: %ld\n"),
           (long) number (object, "responses"), (long) number (object, "late"),
           (long) number (object, "void"), (long) number (object, "withdrawn"),
           (long) number (object, "conflicts"));
  for (GList *l = names; l != NULL; l = l->next)
    g_print ("    %s: %ld\n", outcome_words (l->data), (long) number (outcomes, l->data));
  g_print (_ ("  sessions: %u, envelopes: %ld, of revoked laptops: %ld, the newest: %s\n"),
           json_array_get_length (json_object_get_array_member (object, "sessions")),
           (long) number (object, "envelopes"), (long) number (object, "quarantined_envelopes"),
           newest);
}

static void
print_device (JsonArray *array, guint index, JsonNode *node, gpointer data)
{
  JsonObject *object = json_node_get_object (node);
  const char *missing = json_object_get_string_member (object, "missing");

  g_print ("  %-4s %s", json_object_get_string_member (object, "batch"),
           json_object_get_string_member (object, "person"));
  g_print (json_object_get_boolean_member (object, "revoked") ? _ ("  (revoked)") : "");
  if (*missing != '\0')
    g_print (_ ("  missing up to %ld: %s"), (long) number (object, "last"), missing);
  g_print ("\n");
}

static void
print_status (JsonObject *status)
{
  JsonObject *contacts = json_object_get_object_member (status, "contacts");
  JsonObject *codes = json_object_get_object_member (status, "codes");
  JsonObject *disk = json_object_get_object_member (status, "disk");
  JsonArray *devices = json_object_get_array_member (status, "devices");

  json_array_foreach_element (json_object_get_array_member (status, "campaigns"), print_campaign,
                              NULL);
  g_print (_ ("Laptops: %u\n"), json_array_get_length (devices));
  json_array_foreach_element (devices, print_device, NULL);
  g_print (_ ("Codes nobody used yet: %ld, expired: %ld\n"), (long) number (codes, "open"),
           (long) number (codes, "expired"));
  g_print (_ ("Contacts: %ld of %ld, of revoked laptops: %ld\n"),
           (long) number (contacts, "present"), (long) number (contacts, "expected"),
           (long) number (contacts, "quarantined"));
  g_print (_ ("Entries of revoked laptops that wait for a decision: %ld\n"),
           (long) number (status, "quarantined"));
  g_print (_ ("Disk: %ld MiB free, floor %ld MiB%s\n"), (long) number (disk, "free_mib"),
           (long) number (disk, "floor_mib"),
           json_object_get_boolean_member (disk, "enough") ? "" : _ (": nothing new is taken in!"));
  if (json_object_get_null_member (status, "backup"))
    g_print ("%s\n", _ ("Last backup: never"));
  else
    {
      JsonObject *backup = json_object_get_object_member (status, "backup");
      g_autofree char *made = moment (backup, "time");

      g_print (_ ("Last backup: %s, %s\n"), made, json_object_get_string_member (backup, "file"));
    }
}

int
plaza_central_command_status (int argc, char **argv)
{
  g_auto (PlazaCentralCli) cli = { 0 };
  g_autoptr (GError) error = NULL;
  g_autoptr (PlazaCentral) central = NULL;
  g_autoptr (PlazaStorage) storage = NULL;
  JsonObject *status;

  if (!plaza_central_cli_parse (&cli, NULL, NULL, &argc, &argv))
    return PLAZA_CENTRAL_EXIT_USAGE;
  if (argc != 1)
    return plaza_central_cli_usage (_ ("status takes no arguments"));
  central = plaza_central_cli_open (&cli, &error);
  if (central != NULL)
    storage = plaza_central_storage (central, FALSE, &error);
  status = storage != NULL ? plaza_status (central, storage, &error) : NULL;
  if (status == NULL)
    return plaza_central_cli_fail (&cli, error);
  if (cli.json)
    plaza_central_cli_emit (status);
  else
    {
      print_status (status);
      json_object_unref (status);
    }
  return PLAZA_CENTRAL_EXIT_OK;
}
