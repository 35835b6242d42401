/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-app"

#include "config.h"

#include "app/new-passphrase.h"

#include <glib/gi18n.h>

#include "app/wrong-entry.h"
#include "base/text.h"
#include "seal/passphrase.h"

struct _PlazaNewPassphrase
{
  AdwBin parent_instance;

  GStrv context;
  guint acceptable : 1;

  GtkEditable *first;
  GtkEditable *second;
  GtkLabel *verdict;
  GtkLabel *match;
};

G_DEFINE_FINAL_TYPE (PlazaNewPassphrase, plaza_new_passphrase, ADW_TYPE_BIN)

enum
{
  PROP_0,
  PROP_ACCEPTABLE,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

enum
{
  ACTIVATE,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

static char *
words_for_verdict (PlazaPassphraseVerdict verdict, const char *text)
{
  gsize length;

  switch (verdict)
    {
    case PLAZA_PASSPHRASE_GOOD:
      return g_strdup (_ ("Good: long enough that guessing it takes years."));
    case PLAZA_PASSPHRASE_TOO_SHORT:
      length = plaza_text_length (text);
      return g_strdup_printf (
          ngettext ("%d character more: four or five words are easy to remember.",
                    "%d characters more: four or five words are easy to remember.",
                    (gulong) (PLAZA_PASSPHRASE_MIN_CHARS - length)),
          (int) (PLAZA_PASSPHRASE_MIN_CHARS - length));
    case PLAZA_PASSPHRASE_TOO_LONG:
      return g_strdup (_ ("This is longer than Plaza accepts."));
    case PLAZA_PASSPHRASE_NOT_TEXT:
      return g_strdup (_ ("This holds something that is not text."));
    case PLAZA_PASSPHRASE_COMMON:
      return g_strdup (_ ("This is one of the first that a thief tries. Choose other words."));
    case PLAZA_PASSPHRASE_GUESSABLE:
      return g_strdup (_ ("This is little more than the names of the campaign, the place or the "
                          "person. Choose other words."));
    }
  return g_strdup ("");
}

static void
judge (PlazaNewPassphrase *self)
{
  const char *first = gtk_editable_get_text (self->first);
  const char *second = gtk_editable_get_text (self->second);
  PlazaPassphraseVerdict verdict =
      plaza_passphrase_judge (first, (const char *const *) self->context);
  gboolean same = g_str_equal (first, second);
  gboolean acceptable = verdict == PLAZA_PASSPHRASE_GOOD && same;
  g_autofree char *words = words_for_verdict (verdict, first);

  if (*first == '\0')
    gtk_label_set_label (self->verdict,
                         _ ("At least 15 characters: four or five words are easy to remember."));
  else
    gtk_label_set_label (self->verdict, words);
  /* A person still typing is not told that both differ. */
  if (same && *first != '\0')
    gtk_label_set_label (self->match, _ ("Both are the same."));
  else if (!g_str_has_prefix (first, second))
    gtk_label_set_label (self->match, _ ("They are not the same yet."));
  else
    gtk_label_set_label (self->match, "");
  plaza_wrong_entry_mark (GTK_WIDGET (self->second),
                          *second != '\0' && !g_str_has_prefix (first, second));

  if (acceptable != self->acceptable)
    {
      self->acceptable = acceptable;
      g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_ACCEPTABLE]);
    }
}

void
plaza_new_passphrase_complain (PlazaNewPassphrase *self)
{
  const char *first = gtk_editable_get_text (self->first);
  gboolean good;

  g_return_if_fail (PLAZA_IS_NEW_PASSPHRASE (self));

  good =
      plaza_passphrase_judge (first, (const char *const *) self->context) == PLAZA_PASSPHRASE_GOOD;
  plaza_wrong_entry_mark (GTK_WIDGET (self->first), !good);
  if (!good)
    {
      gtk_widget_grab_focus (GTK_WIDGET (self->first));
      return;
    }
  plaza_wrong_entry_mark (GTK_WIDGET (self->second), !self->acceptable);
  if (!self->acceptable)
    {
      gtk_label_set_label (self->match, _ ("They are not the same yet."));
      gtk_widget_grab_focus (GTK_WIDGET (self->second));
    }
}

static void
on_first_changed_cb (PlazaNewPassphrase *self)
{
  plaza_wrong_entry_mark (GTK_WIDGET (self->first), FALSE);
  judge (self);
}

static void
on_first_activate_cb (PlazaNewPassphrase *self)
{
  gtk_widget_grab_focus (GTK_WIDGET (self->second));
}

static void
on_second_changed_cb (PlazaNewPassphrase *self)
{
  judge (self);
}

static void
on_second_activate_cb (PlazaNewPassphrase *self)
{
  g_signal_emit (self, signals[ACTIVATE], 0);
}

void
plaza_new_passphrase_set_context (PlazaNewPassphrase *self, const char *const *context)
{
  g_return_if_fail (PLAZA_IS_NEW_PASSPHRASE (self));

  g_strfreev (self->context);
  self->context = g_strdupv ((char **) context);
  judge (self);
}

gboolean
plaza_new_passphrase_get_acceptable (PlazaNewPassphrase *self)
{
  g_return_val_if_fail (PLAZA_IS_NEW_PASSPHRASE (self), FALSE);

  return self->acceptable;
}

const char *
plaza_new_passphrase_get_text (PlazaNewPassphrase *self)
{
  g_return_val_if_fail (PLAZA_IS_NEW_PASSPHRASE (self), NULL);

  return gtk_editable_get_text (self->first);
}

void
plaza_new_passphrase_clear (PlazaNewPassphrase *self)
{
  g_return_if_fail (PLAZA_IS_NEW_PASSPHRASE (self));

  gtk_editable_set_text (self->first, "");
  gtk_editable_set_text (self->second, "");
}

GtkWidget *
plaza_new_passphrase_new (void)
{
  return g_object_new (PLAZA_TYPE_NEW_PASSPHRASE, NULL);
}

static gboolean
plaza_new_passphrase_grab_focus (GtkWidget *widget)
{
  return gtk_widget_grab_focus (GTK_WIDGET (PLAZA_NEW_PASSPHRASE (widget)->first));
}

static void
plaza_new_passphrase_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  PlazaNewPassphrase *self = PLAZA_NEW_PASSPHRASE (object);

  switch (id)
    {
    case PROP_ACCEPTABLE:
      g_value_set_boolean (value, self->acceptable);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
plaza_new_passphrase_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), PLAZA_TYPE_NEW_PASSPHRASE);
  G_OBJECT_CLASS (plaza_new_passphrase_parent_class)->dispose (object);
}

static void
plaza_new_passphrase_finalize (GObject *object)
{
  g_strfreev (PLAZA_NEW_PASSPHRASE (object)->context);
  G_OBJECT_CLASS (plaza_new_passphrase_parent_class)->finalize (object);
}

static void
plaza_new_passphrase_class_init (PlazaNewPassphraseClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  object_class->get_property = plaza_new_passphrase_get_property;
  object_class->dispose = plaza_new_passphrase_dispose;
  object_class->finalize = plaza_new_passphrase_finalize;
  widget_class->grab_focus = plaza_new_passphrase_grab_focus;

  properties[PROP_ACCEPTABLE] = g_param_spec_boolean ("acceptable", NULL, NULL, FALSE,
                                                      G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  signals[ACTIVATE] = g_signal_new ("activate", G_TYPE_FROM_CLASS (class), G_SIGNAL_RUN_LAST, 0,
                                    NULL, NULL, NULL, G_TYPE_NONE, 0);

  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/gobabiertomx/Plaza/new-passphrase.ui");
  gtk_widget_class_bind_template_child (widget_class, PlazaNewPassphrase, first);
  gtk_widget_class_bind_template_child (widget_class, PlazaNewPassphrase, second);
  gtk_widget_class_bind_template_child (widget_class, PlazaNewPassphrase, verdict);
  gtk_widget_class_bind_template_child (widget_class, PlazaNewPassphrase, match);
  gtk_widget_class_bind_template_callback (widget_class, on_first_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_first_activate_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_second_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_second_activate_cb);
}

static void
plaza_new_passphrase_init (PlazaNewPassphrase *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  judge (self);
}
