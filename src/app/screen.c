/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-app"

#include "app/screen.h"

#include "app/window.h"

typedef struct
{
  char *title;
  char *subtitle;
  GtkWidget *header_start;
  GtkWidget *header_end;
  guint can_go_back : 1;
} PlazaScreenPrivate;

G_DEFINE_ABSTRACT_TYPE_WITH_PRIVATE (PlazaScreen, plaza_screen, ADW_TYPE_BIN)

enum
{
  PROP_0,
  PROP_TITLE,
  PROP_SUBTITLE,
  PROP_CAN_GO_BACK,
  PROP_HEADER_START,
  PROP_HEADER_END,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

PlazaWindow *
plaza_screen_get_window (PlazaScreen *page)
{
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (page));

  return PLAZA_IS_WINDOW (root) ? PLAZA_WINDOW (root) : NULL;
}

const char *
plaza_screen_get_title (PlazaScreen *page)
{
  PlazaScreenPrivate *priv = plaza_screen_get_instance_private (page);

  return priv->title;
}

static void
set_string (PlazaScreen *page, char **field, const char *value, guint prop)
{
  if (g_strcmp0 (*field, value) == 0)
    return;
  g_free (*field);
  *field = g_strdup (value);
  g_object_notify_by_pspec (G_OBJECT (page), properties[prop]);
}

void
plaza_screen_set_title (PlazaScreen *page, const char *title)
{
  PlazaScreenPrivate *priv = plaza_screen_get_instance_private (page);

  set_string (page, &priv->title, title, PROP_TITLE);
}

const char *
plaza_screen_get_subtitle (PlazaScreen *page)
{
  PlazaScreenPrivate *priv = plaza_screen_get_instance_private (page);

  return priv->subtitle;
}

void
plaza_screen_set_subtitle (PlazaScreen *page, const char *subtitle)
{
  PlazaScreenPrivate *priv = plaza_screen_get_instance_private (page);

  set_string (page, &priv->subtitle, subtitle, PROP_SUBTITLE);
}

gboolean
plaza_screen_get_can_go_back (PlazaScreen *page)
{
  PlazaScreenPrivate *priv = plaza_screen_get_instance_private (page);

  return priv->can_go_back;
}

void
plaza_screen_set_can_go_back (PlazaScreen *page, gboolean can_go_back)
{
  PlazaScreenPrivate *priv = plaza_screen_get_instance_private (page);

  if (priv->can_go_back == !!can_go_back)
    return;
  priv->can_go_back = !!can_go_back;
  g_object_notify_by_pspec (G_OBJECT (page), properties[PROP_CAN_GO_BACK]);
}

static void
set_widget (PlazaScreen *page, GtkWidget **field, GtkWidget *widget, guint prop)
{
  if (*field == widget)
    return;
  g_clear_object (field);
  if (widget != NULL)
    *field = g_object_ref_sink (widget);
  g_object_notify_by_pspec (G_OBJECT (page), properties[prop]);
}

GtkWidget *
plaza_screen_get_header_start (PlazaScreen *page)
{
  PlazaScreenPrivate *priv = plaza_screen_get_instance_private (page);

  return priv->header_start;
}

void
plaza_screen_set_header_start (PlazaScreen *page, GtkWidget *widget)
{
  PlazaScreenPrivate *priv = plaza_screen_get_instance_private (page);

  set_widget (page, &priv->header_start, widget, PROP_HEADER_START);
}

GtkWidget *
plaza_screen_get_header_end (PlazaScreen *page)
{
  PlazaScreenPrivate *priv = plaza_screen_get_instance_private (page);

  return priv->header_end;
}

void
plaza_screen_set_header_end (PlazaScreen *page, GtkWidget *widget)
{
  PlazaScreenPrivate *priv = plaza_screen_get_instance_private (page);

  set_widget (page, &priv->header_end, widget, PROP_HEADER_END);
}

void
plaza_screen_shown (PlazaScreen *page)
{
  PlazaScreenClass *class = PLAZA_SCREEN_GET_CLASS (page);

  if (class->shown != NULL)
    class->shown (page);
}

void
plaza_screen_save (PlazaScreen *page)
{
  PlazaScreenClass *class = PLAZA_SCREEN_GET_CLASS (page);

  if (class->save != NULL)
    class->save (page);
}

const char *
plaza_screen_get_response (PlazaScreen *page)
{
  PlazaScreenClass *class = PLAZA_SCREEN_GET_CLASS (page);

  return class->get_response != NULL ? class->get_response (page) : NULL;
}

gboolean
plaza_screen_back (PlazaScreen *page)
{
  PlazaScreenClass *class = PLAZA_SCREEN_GET_CLASS (page);

  return class->back != NULL && class->back (page);
}

static void
plaza_screen_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  PlazaScreen *self = PLAZA_SCREEN (object);

  switch (id)
    {
    case PROP_TITLE:
      g_value_set_string (value, plaza_screen_get_title (self));
      break;
    case PROP_SUBTITLE:
      g_value_set_string (value, plaza_screen_get_subtitle (self));
      break;
    case PROP_CAN_GO_BACK:
      g_value_set_boolean (value, plaza_screen_get_can_go_back (self));
      break;
    case PROP_HEADER_START:
      g_value_set_object (value, plaza_screen_get_header_start (self));
      break;
    case PROP_HEADER_END:
      g_value_set_object (value, plaza_screen_get_header_end (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
plaza_screen_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  PlazaScreen *self = PLAZA_SCREEN (object);

  switch (id)
    {
    case PROP_TITLE:
      plaza_screen_set_title (self, g_value_get_string (value));
      break;
    case PROP_SUBTITLE:
      plaza_screen_set_subtitle (self, g_value_get_string (value));
      break;
    case PROP_CAN_GO_BACK:
      plaza_screen_set_can_go_back (self, g_value_get_boolean (value));
      break;
    case PROP_HEADER_START:
      plaza_screen_set_header_start (self, g_value_get_object (value));
      break;
    case PROP_HEADER_END:
      plaza_screen_set_header_end (self, g_value_get_object (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
plaza_screen_dispose (GObject *object)
{
  PlazaScreenPrivate *priv = plaza_screen_get_instance_private (PLAZA_SCREEN (object));

  g_clear_object (&priv->header_start);
  g_clear_object (&priv->header_end);
  G_OBJECT_CLASS (plaza_screen_parent_class)->dispose (object);
}

static void
plaza_screen_finalize (GObject *object)
{
  PlazaScreenPrivate *priv = plaza_screen_get_instance_private (PLAZA_SCREEN (object));

  g_free (priv->title);
  g_free (priv->subtitle);
  G_OBJECT_CLASS (plaza_screen_parent_class)->finalize (object);
}

static void
plaza_screen_class_init (PlazaScreenClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GParamFlags flags = G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  object_class->get_property = plaza_screen_get_property;
  object_class->set_property = plaza_screen_set_property;
  object_class->dispose = plaza_screen_dispose;
  object_class->finalize = plaza_screen_finalize;

  properties[PROP_TITLE] = g_param_spec_string ("title", NULL, NULL, NULL, flags);
  properties[PROP_SUBTITLE] = g_param_spec_string ("subtitle", NULL, NULL, NULL, flags);
  properties[PROP_CAN_GO_BACK] = g_param_spec_boolean ("can-go-back", NULL, NULL, TRUE, flags);
  properties[PROP_HEADER_START] =
      g_param_spec_object ("header-start", NULL, NULL, GTK_TYPE_WIDGET, flags);
  properties[PROP_HEADER_END] =
      g_param_spec_object ("header-end", NULL, NULL, GTK_TYPE_WIDGET, flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
plaza_screen_init (PlazaScreen *self)
{
  PlazaScreenPrivate *priv = plaza_screen_get_instance_private (self);

  priv->can_go_back = TRUE;
}
