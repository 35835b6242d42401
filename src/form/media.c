/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-form"

#include "form/media.h"

#include <string.h>

#include "base/error.h"
#include "base/file.h"

struct _PlazaMedia
{
  GObject parent_instance;

  GPtrArray *directories;
  GHashTable *files; /* name → GBytes */
};

G_DEFINE_FINAL_TYPE (PlazaMedia, plaza_media, G_TYPE_OBJECT)

static void
plaza_media_finalize (GObject *object)
{
  PlazaMedia *self = PLAZA_MEDIA (object);

  g_ptr_array_unref (self->directories);
  g_hash_table_unref (self->files);
  G_OBJECT_CLASS (plaza_media_parent_class)->finalize (object);
}

static void
plaza_media_class_init (PlazaMediaClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = plaza_media_finalize;
}

static void
plaza_media_init (PlazaMedia *self)
{
  self->directories = g_ptr_array_new_with_free_func (g_free);
  self->files =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_bytes_unref);
}

PlazaMedia *
plaza_media_new (void)
{
  return g_object_new (PLAZA_TYPE_MEDIA, NULL);
}

PlazaMedia *
plaza_media_new_for_directory (const char *path)
{
  PlazaMedia *self = plaza_media_new ();

  plaza_media_add_directory (self, path);
  return self;
}

void
plaza_media_add_directory (PlazaMedia *self, const char *path)
{
  g_return_if_fail (PLAZA_IS_MEDIA (self));

  g_ptr_array_add (self->directories, g_strdup (path));
}

void
plaza_media_add (PlazaMedia *self, const char *name, GBytes *bytes)
{
  g_return_if_fail (PLAZA_IS_MEDIA (self));

  g_hash_table_replace (self->files, g_strdup (name), g_bytes_ref (bytes));
}

GBytes *
plaza_media_read (PlazaMedia *self, const char *uri, gsize max_bytes, GError **error)
{
  g_return_val_if_fail (PLAZA_IS_MEDIA (self), NULL);

  const char *name = uri;
  if (g_str_has_prefix (uri, "jr://"))
    {
      name = strchr (uri + strlen ("jr://"), '/');
      name = name != NULL ? name + 1 : "";
    }
  if (*name == '\0' || *name == '.' || strpbrk (name, "/\\") != NULL)
    {
      plaza_throw (error, PLAZA_ERROR_INVALID, "“%s” is not the name of a form's file", name);
      return NULL;
    }

  GBytes *held = g_hash_table_lookup (self->files, name);
  if (held != NULL)
    {
      if (g_bytes_get_size (held) <= max_bytes)
        return g_bytes_ref (held);
      plaza_throw (error, PLAZA_ERROR_LIMIT, "%s is larger than %" G_GSIZE_FORMAT " bytes", name,
                   max_bytes);
      return NULL;
    }
  for (guint i = 0; i < self->directories->len; i++)
    {
      g_autofree char *path =
          g_build_filename (g_ptr_array_index (self->directories, i), name, NULL);
      g_autoptr (GError) local = NULL;
      GBytes *bytes = plaza_file_read (path, max_bytes, &local);
      if (bytes != NULL)
        return bytes;
      if (!g_error_matches (local, PLAZA_ERROR, PLAZA_ERROR_NOT_FOUND))
        {
          g_propagate_error (error, g_steal_pointer (&local));
          return NULL;
        }
    }
  plaza_throw (error, PLAZA_ERROR_NOT_FOUND, "%s is not there", name);
  return NULL;
}
