/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-central"

#include "config.h"

#include <glib/gi18n.h>
#include <string.h>

#include "base/csv.h"
#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "central/central.h"
#include "central/contact-open.h"

#define KEY_SIZE 32
#define MAX_CONTACT_BYTES (256 * 1024)
#define SUFFIX ".contact"

typedef struct
{
  PlazaSecret *secret;
  guint8 key_id[PLAZA_KEY_ID_SIZE];
  char *folder;
  GPtrArray *objects; /* (element-type JsonObject): with "contact" and "date" beside its fields */
  GTree *columns;     /* (element-type utf8): names of fields, in order */
} Opening;

static int
compare_names (gconstpointer a, gconstpointer b, gpointer data)
{
  return strcmp (a, b);
}

static gboolean
load_key (Opening *self, const char *path, GError **error)
{
  PlazaPublicKey key;

  self->secret = plaza_central_secret_load (path, KEY_SIZE, error);
  if (self->secret == NULL || !plaza_sealbox_public (self->secret, &key, error))
    return FALSE;
  plaza_public_key_id (&key, self->key_id);
  return TRUE;
}

static GBytes *
open_sealed (Opening *self, const char *id, const char *path, char **date, GError **error)
{
  g_autoptr (GBytes) payload = plaza_file_read (path, MAX_CONTACT_BYTES, error);
  g_autoptr (PlazaEntry) entry =
      payload != NULL ? plaza_entry_new (PLAZA_ENTRY_CONTACT, id, 0, payload, error) : NULL;
  g_auto (PlazaContact) contact = { 0 };

  if (entry == NULL || !plaza_entry_get_contact (entry, &contact, error))
    return NULL;
  if (memcmp (contact.custody_key_id, self->key_id, sizeof self->key_id) != 0)
    {
      plaza_throw_words (error, PLAZA_ERROR_SIGNATURE, _ ("it is sealed to another custody key"));
      return NULL;
    }
  *date = g_steal_pointer (&contact.date);
  return plaza_sealbox_open_padded (self->secret, contact.sealed, error);
}

static void
note_columns (JsonObject *object, const char *name, JsonNode *node, gpointer data)
{
  Opening *self = data;

  (void) object;
  (void) node;
  if (g_tree_lookup (self->columns, name) == NULL)
    g_tree_insert (self->columns, g_strdup (name), GINT_TO_POINTER (1));
}

static gboolean
open_one (Opening *self, const char *name, GError **error)
{
  g_autofree char *id = g_strndup (name, strlen (name) - strlen (SUFFIX));
  g_autofree char *path = g_build_filename (self->folder, name, NULL);
  g_autofree char *date = NULL;
  g_autoptr (GBytes) plain = open_sealed (self, id, path, &date, error);
  g_autoptr (JsonObject) object =
      plain != NULL ? plaza_json_parse_object (plain, NULL, error) : NULL;

  if (object == NULL)
    {
      plaza_error_name_subject (error, name);
      return FALSE;
    }
  json_object_foreach_member (object, note_columns, self);
  json_object_set_string_member (object, "contact", id);
  json_object_set_string_member (object, "date", date);
  g_ptr_array_add (self->objects, g_steal_pointer (&object));
  return TRUE;
}

static gboolean
open_all (Opening *self, const char *folder, GError **error)
{
  g_autofree char *inner = g_build_filename (folder, "contacts", NULL);
  g_auto (GStrv) names = NULL;

  self->folder = g_strdup (g_file_test (inner, G_FILE_TEST_IS_DIR) ? inner : folder);
  names = plaza_dir_list (self->folder, SUFFIX, error);
  if (names == NULL)
    return FALSE;
  for (guint i = 0; names[i] != NULL; i++)
    if (!open_one (self, names[i], error))
      return FALSE;
  return self->objects->len > 0 ||
         plaza_throw_words (error, PLAZA_ERROR_NOT_FOUND, _ ("there is no contact in %s"), folder);
}

/* Text as it is, anything else as JSON. */
static char *
cell (JsonObject *object, const char *name)
{
  JsonNode *node = json_object_get_member (object, name);

  if (node == NULL || JSON_NODE_HOLDS_NULL (node))
    return g_strdup ("");
  if (JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING)
    return g_strdup (json_node_get_string (node));
  return plaza_json_write_string (node);
}

static gboolean
add_column (gpointer key, gpointer value, gpointer data)
{
  (void) value;
  g_ptr_array_add (data, key);
  return FALSE;
}

static gboolean
write_table (Opening *self, const char *out, GError **error)
{
  g_autoptr (GPtrArray) columns = g_ptr_array_new ();
  GString *text = g_string_new (NULL);
  g_autoptr (GBytes) bytes = NULL;

  g_ptr_array_add (columns, (gpointer) "contact");
  g_ptr_array_add (columns, (gpointer) "date");
  g_tree_foreach (self->columns, add_column, columns);
  plaza_csv_append_row (text, (const char *const *) columns->pdata, columns->len, TRUE);
  for (guint i = 0; i < self->objects->len; i++)
    {
      g_autoptr (GPtrArray) cells = g_ptr_array_new_with_free_func (g_free);

      for (guint j = 0; j < columns->len; j++)
        g_ptr_array_add (
            cells, cell (g_ptr_array_index (self->objects, i), g_ptr_array_index (columns, j)));
      plaza_csv_append_row (text, (const char *const *) cells->pdata, cells->len, TRUE);
    }
  bytes = g_string_free_to_bytes (text);
  return plaza_file_write_new (out, bytes, error);
}

gboolean
plaza_contacts_open (const char *folder, const char *key, const char *out, guint *n, GError **error)
{
  Opening self = { NULL };
  gboolean done;

  self.objects = g_ptr_array_new_with_free_func ((GDestroyNotify) json_object_unref);
  self.columns = g_tree_new_full (compare_names, NULL, g_free, NULL);
  done = load_key (&self, key, error) && open_all (&self, folder, error) &&
         write_table (&self, out, error);
  *n = self.objects->len;
  g_clear_pointer (&self.secret, plaza_secret_unref);
  g_free (self.folder);
  g_ptr_array_unref (self.objects);
  g_tree_unref (self.columns);
  return done;
}
