/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-central"

#include "config.h"

#include <glib/gi18n.h>

#include "base/clock.h"
#include "base/error.h"
#include "central/command.h"

/* Everybody who was given a code or has a laptop, by name. */
typedef struct
{
  GTree *people; /* name → JsonObject */
  gint64 now;
} People;

static int
compare_names (gconstpointer a, gconstpointer b, gpointer data)
{
  return strcmp (a, b);
}

static JsonObject *
find (People *self, const char *person, const char *organisation, const char *role)
{
  JsonObject *object = g_tree_lookup (self->people, person);

  if (object != NULL)
    return object;
  object = json_object_new ();
  json_object_set_string_member (object, "person", person);
  json_object_set_string_member (object, "organisation", organisation);
  json_object_set_string_member (object, "role", role);
  json_object_set_int_member (object, "codes", 0);
  json_object_set_array_member (object, "devices", json_array_new ());
  g_tree_insert (self->people, g_strdup (person), object);
  return object;
}

static gboolean
add_device (gpointer record, gpointer data, GError **error)
{
  const PlazaDevice *device = record;
  JsonObject *person = find (data, device->person, device->organisation, device->role);
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "device", device->id);
  json_object_set_string_member (object, "batch", device->batch);
  json_object_set_boolean_member (object, "revoked", device->revoked != 0);
  json_array_add_object_element (json_object_get_array_member (person, "devices"), object);
  return TRUE;
}

static gboolean
add_code (gpointer record, gpointer data, GError **error)
{
  People *self = data;
  const PlazaJoinCode *code = record;
  JsonObject *person = find (self, code->person, code->organisation, code->role);

  if (code->used == 0 && code->expires > self->now)
    json_object_set_int_member (person, "codes", json_object_get_int_member (person, "codes") + 1);
  return TRUE;
}

static gboolean
print_person (gpointer name, gpointer value, gpointer data)
{
  JsonObject *object = value;
  JsonArray *devices = json_object_get_array_member (object, "devices");

  g_print ("%s  %s  %s", (const char *) name,
           json_object_get_string_member (object, "organisation"),
           plaza_central_role_words (json_object_get_string_member (object, "role")));
  g_print (_ ("  open codes: %ld\n"), (long) json_object_get_int_member (object, "codes"));
  for (guint i = 0; i < json_array_get_length (devices); i++)
    {
      JsonObject *device = json_array_get_object_element (devices, i);

      g_print ("    %s  %s%s\n", json_object_get_string_member (device, "device"),
               json_object_get_string_member (device, "batch"),
               json_object_get_boolean_member (device, "revoked") ? _ ("  (revoked)") : "");
    }
  return FALSE;
}

static gboolean
emit_person (gpointer name, gpointer value, gpointer data)
{
  json_array_add_object_element (data, json_object_ref (value));
  return FALSE;
}

static gboolean
list (PlazaCentralCli *cli, PlazaCentral *central, GError **error)
{
  g_autoptr (PlazaStorage) storage = plaza_central_storage (central, FALSE, error);
  g_autoptr (GTree) people =
      g_tree_new_full (compare_names, NULL, g_free, (GDestroyNotify) json_object_unref);
  People self = { people, plaza_clock_now_ms () };
  JsonObject *document;
  JsonArray *array;

  if (storage == NULL || !storage->table->each_device (storage, add_device, &self, error) ||
      !storage->table->each_code (storage, add_code, &self, error))
    return FALSE;
  if (!cli->json)
    {
      g_tree_foreach (people, print_person, NULL);
      return TRUE;
    }
  array = json_array_new ();
  g_tree_foreach (people, emit_person, array);
  document = json_object_new ();
  json_object_set_array_member (document, "people", array);
  plaza_central_cli_emit (document);
  return TRUE;
}

/* Revoking somebody: every laptop of theirs and every code that is still open */

typedef struct
{
  const char *person;
  GPtrArray *devices; /* (element-type utf8) */
} Search;

static gboolean
note_device (gpointer record, gpointer data, GError **error)
{
  const PlazaDevice *device = record;
  Search *search = data;

  if (device->revoked == 0 && strcmp (device->person, search->person) == 0)
    g_ptr_array_add (search->devices, g_strdup (device->id));
  return TRUE;
}

static gboolean
revoke_all (PlazaStorage *storage, Search *search, guint64 *codes, GError **error)
{
  const PlazaStorageTable *table = storage->table;
  gint64 now = plaza_clock_now_ms ();
  g_autofree char *details = NULL;

  if (!table->each_device (storage, note_device, search, error) ||
      !table->expire_codes (storage, search->person, now, codes, error))
    return FALSE;
  if (search->devices->len == 0 && *codes == 0)
    return plaza_throw_words (
        error, PLAZA_ERROR_NOT_FOUND,
        _ ("nobody of this name has a laptop or an open code; see plaza-central people list"));
  for (guint i = 0; i < search->devices->len; i++)
    {
      const char *device = g_ptr_array_index (search->devices, i);
      gboolean found;

      if (!table->revoke_device (storage, device, now, &found, error) ||
          !plaza_storage_audit (storage, now, "operator", "revoke", device, "", NULL, error))
        return FALSE;
    }
  details = g_strdup_printf ("codes=%" G_GUINT64_FORMAT, *codes);
  return *codes == 0 ||
         plaza_storage_audit (storage, now, "operator", "codes-expired", "", details, NULL, error);
}

static gboolean
revoke_person (PlazaCentralCli *cli, PlazaCentral *central, const char *person, GError **error)
{
  g_autoptr (PlazaStorage) storage = plaza_central_storage (central, TRUE, error);
  g_autoptr (GPtrArray) devices = g_ptr_array_new_with_free_func (g_free);
  Search search = { person, devices };
  guint64 codes = 0;
  JsonObject *object;

  if (storage == NULL || !storage->table->begin (storage, error))
    return FALSE;
  if (!revoke_all (storage, &search, &codes, error))
    {
      storage->table->rollback (storage);
      return FALSE;
    }
  if (!storage->table->commit (storage, error))
    return FALSE;
  if (!cli->json)
    {
      g_print (_ ("Revoked: %u laptops, %u open codes.\n"), devices->len, (guint) codes);
      return TRUE;
    }
  object = json_object_new ();
  json_object_set_int_member (object, "devices", devices->len);
  json_object_set_int_member (object, "codes", (gint64) codes);
  plaza_central_cli_emit (object);
  return TRUE;
}

int
plaza_central_command_people (int argc, char **argv)
{
  g_auto (PlazaCentralCli) cli = { 0 };
  g_autoptr (GError) error = NULL;
  g_autoptr (PlazaCentral) central = NULL;
  gboolean listing;

  if (!plaza_central_cli_parse (&cli, N_ ("list | revoke PERSON"), NULL, &argc, &argv))
    return PLAZA_CENTRAL_EXIT_USAGE;
  listing = argc == 2 && strcmp (argv[1], "list") == 0;
  if (!listing && !(argc == 3 && strcmp (argv[1], "revoke") == 0))
    return plaza_central_cli_usage (_ ("people needs list, or revoke and a name"));
  central = plaza_central_cli_open (&cli, &error);
  if (central == NULL ||
      !(listing ? list (&cli, central, &error) : revoke_person (&cli, central, argv[2], &error)))
    return plaza_central_cli_fail (&cli, error);
  return PLAZA_CENTRAL_EXIT_OK;
}
