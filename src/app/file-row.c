/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-app"

#include "app/file-row.h"

struct _PlazaFileRow
{
  GObject parent_instance;

  char *icon_name;
  char *title;
  char *subtitle;
};

G_DEFINE_FINAL_TYPE (PlazaFileRow, plaza_file_row, G_TYPE_OBJECT)

enum
{
  PROP_0,
  PROP_ICON_NAME,
  PROP_TITLE,
  PROP_SUBTITLE,
  N_PROPS,
};
static GParamSpec *properties[N_PROPS];

PlazaFileRow *
plaza_file_row_new (const char *icon_name, const char *title, const char *subtitle)
{
  return g_object_new (PLAZA_TYPE_FILE_ROW, "icon-name", icon_name, "title", title, "subtitle",
                       subtitle, NULL);
}

static char **
field (PlazaFileRow *self, guint id)
{
  return id == PROP_ICON_NAME ? &self->icon_name
         : id == PROP_TITLE   ? &self->title
                              : &self->subtitle;
}

static void
plaza_file_row_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  g_value_set_string (value, *field (PLAZA_FILE_ROW (object), id));
}

static void
plaza_file_row_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  *field (PLAZA_FILE_ROW (object), id) = g_value_dup_string (value);
}

static void
plaza_file_row_finalize (GObject *object)
{
  PlazaFileRow *self = PLAZA_FILE_ROW (object);

  g_free (self->icon_name);
  g_free (self->title);
  g_free (self->subtitle);
  G_OBJECT_CLASS (plaza_file_row_parent_class)->finalize (object);
}

static void
plaza_file_row_class_init (PlazaFileRowClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS;

  object_class->get_property = plaza_file_row_get_property;
  object_class->set_property = plaza_file_row_set_property;
  object_class->finalize = plaza_file_row_finalize;
  properties[PROP_ICON_NAME] = g_param_spec_string ("icon-name", NULL, NULL, NULL, flags);
  properties[PROP_TITLE] = g_param_spec_string ("title", NULL, NULL, NULL, flags);
  properties[PROP_SUBTITLE] = g_param_spec_string ("subtitle", NULL, NULL, NULL, flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
plaza_file_row_init (PlazaFileRow *self)
{
}
