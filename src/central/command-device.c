/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-central"

#include "config.h"

#include <glib/gi18n.h>

#include "base/clock.h"
#include "base/error.h"
#include "central/command.h"
#include "central/intake.h"

static gboolean
add_device (gpointer record, gpointer data, GError **error)
{
  const PlazaDevice *device = record;
  g_autofree char *enrolled = plaza_clock_format_utc (device->enrolled);
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "device", device->id);
  json_object_set_string_member (object, "batch", device->batch);
  json_object_set_string_member (object, "person", device->person);
  json_object_set_string_member (object, "organisation", device->organisation);
  json_object_set_string_member (object, "role", device->role);
  json_object_set_string_member (object, "enrolled", enrolled);
  json_object_set_boolean_member (object, "revoked", device->revoked != 0);
  json_array_add_object_element (data, object);
  return TRUE;
}

static void
print_device (JsonArray *array, guint index, JsonNode *node, gpointer data)
{
  JsonObject *object = json_node_get_object (node);

  g_print ("%s  %-4s  %s  %s%s\n", json_object_get_string_member (object, "device"),
           json_object_get_string_member (object, "batch"),
           plaza_central_role_words (json_object_get_string_member (object, "role")),
           json_object_get_string_member (object, "person"),
           json_object_get_boolean_member (object, "revoked") ? _ ("  (revoked)") : "");
}

static gboolean
list (PlazaCentralCli *cli, PlazaCentral *central, GError **error)
{
  g_autoptr (PlazaStorage) storage = plaza_central_storage (central, FALSE, error);
  g_autoptr (JsonArray) devices = json_array_new ();
  JsonObject *document;

  if (storage == NULL || !storage->table->each_device (storage, add_device, devices, error))
    return FALSE;
  if (!cli->json)
    {
      json_array_foreach_element (devices, print_device, NULL);
      return TRUE;
    }
  document = json_object_new ();
  json_object_set_array_member (document, "devices", g_steal_pointer (&devices));
  plaza_central_cli_emit (document);
  return TRUE;
}

static gboolean
revoke_one (PlazaCentral *central, const char *device, GError **error)
{
  g_autoptr (PlazaStorage) storage = plaza_central_storage (central, TRUE, error);
  gint64 now = plaza_clock_now_ms ();
  gboolean found = FALSE;

  if (storage == NULL || !storage->table->begin (storage, error))
    return FALSE;
  if (storage->table->revoke_device (storage, device, now, &found, error) &&
      (found ||
       plaza_throw_words (
           error, PLAZA_ERROR_NOT_FOUND,
           _ ("no laptop has this id, or it was revoked before; see plaza-central device list"))) &&
      plaza_storage_audit (storage, now, "operator", "revoke", device, "", NULL, error))
    return storage->table->commit (storage, error);
  storage->table->rollback (storage);
  return FALSE;
}

static gboolean
accept_all (PlazaCentralCli *cli, PlazaCentral *central, const char *device, GError **error)
{
  g_autoptr (PlazaStorage) storage = plaza_central_storage (central, TRUE, error);
  JsonObject *object;
  guint n = 0;

  if (storage == NULL || !storage->table->begin (storage, error))
    return FALSE;
  if (!plaza_intake_accept (central, storage, device, &n, error))
    {
      storage->table->rollback (storage);
      return FALSE;
    }
  if (!storage->table->commit (storage, error))
    return FALSE;
  if (!cli->json)
    {
      g_print (_ ("%u entries were taken in.\n"), n);
      return TRUE;
    }
  object = json_object_new ();
  json_object_set_int_member (object, "entries", n);
  plaza_central_cli_emit (object);
  return TRUE;
}

int
plaza_central_command_device (int argc, char **argv)
{
  g_auto (PlazaCentralCli) cli = { 0 };
  g_autoptr (GError) error = NULL;
  g_autoptr (PlazaCentral) central = NULL;
  const char *what;
  gboolean done;

  if (!plaza_central_cli_parse (&cli, N_ ("list | revoke DEVICE | accept DEVICE"), NULL, &argc,
                                &argv))
    return PLAZA_CENTRAL_EXIT_USAGE;
  what = argc > 1 ? argv[1] : "";
  if (!(argc == 2 && strcmp (what, "list") == 0) && !(argc == 3 && strcmp (what, "revoke") == 0) &&
      !(argc == 3 && strcmp (what, "accept") == 0))
    return plaza_central_cli_usage (_ ("device needs list, or revoke or accept and a device"));
  central = plaza_central_cli_open (&cli, &error);
  done = central != NULL &&
         (argc == 2                      ? list (&cli, central, &error)
          : strcmp (what, "revoke") == 0 ? revoke_one (central, argv[2], &error)
                                         : accept_all (&cli, central, argv[2], &error));
  return done ? PLAZA_CENTRAL_EXIT_OK : plaza_central_cli_fail (&cli, error);
}
