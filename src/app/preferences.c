/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-app"

#include "config.h"

#include "app/preferences.h"

#include <glib/gi18n.h>

#include "app/copy-words.h"
#include "store/safe-copy.h"

struct _PlazaPreferences
{
  AdwPreferencesWindow parent_instance;

  AdwComboRow *language_row;
  AdwComboRow *size_row;
  AdwComboRow *scheme_row;
  GtkSwitch *metered_switch;
  GtkWidget *profile_group;
  AdwActionRow *copy_row;
  GtkWidget *copy_off_button;
};

G_DEFINE_FINAL_TYPE (PlazaPreferences, plaza_preferences, ADW_TYPE_PREFERENCES_WINDOW)

/* In the order of the rows' models. */
static const char *const languages[] = { "", "es", "en" };
static const int sizes[] = { 100, 125, 150, 175, 200 };

static gboolean
language_to_row (GValue *value, GVariant *variant, gpointer data)
{
  for (guint i = 0; i < G_N_ELEMENTS (languages); i++)
    if (g_str_equal (g_variant_get_string (variant, NULL), languages[i]))
      g_value_set_uint (value, i);
  return TRUE;
}

static GVariant *
language_from_row (const GValue *value, const GVariantType *type, gpointer data)
{
  return g_variant_new_string (
      languages[MIN (g_value_get_uint (value), G_N_ELEMENTS (languages) - 1)]);
}

static gboolean
size_to_row (GValue *value, GVariant *variant, gpointer data)
{
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    if (g_variant_get_int32 (variant) >= sizes[i])
      g_value_set_uint (value, i);
  return TRUE;
}

static GVariant *
size_from_row (const GValue *value, const GVariantType *type, gpointer data)
{
  return g_variant_new_int32 (sizes[MIN (g_value_get_uint (value), G_N_ELEMENTS (sizes) - 1)]);
}

static gboolean
scheme_to_row (GValue *value, GVariant *variant, gpointer data)
{
  const char *nick = g_variant_get_string (variant, NULL);

  g_value_set_uint (value, g_str_equal (nick, "light") ? 1 : g_str_equal (nick, "dark") ? 2 : 0);
  return TRUE;
}

static GVariant *
scheme_from_row (const GValue *value, const GVariantType *type, gpointer data)
{
  static const char *const nicks[] = { "system", "light", "dark" };

  return g_variant_new_string (nicks[MIN (g_value_get_uint (value), G_N_ELEMENTS (nicks) - 1)]);
}

static void
bind_row (AdwComboRow *row,
          GSettings *settings,
          const char *key,
          GSettingsBindGetMapping get,
          GSettingsBindSetMapping set)
{
  if (settings != NULL)
    g_settings_bind_with_mapping (settings, key, row, "selected", G_SETTINGS_BIND_DEFAULT, get, set,
                                  NULL, NULL);
  else
    gtk_widget_set_sensitive (GTK_WIDGET (row), FALSE);
}

/* The sealed copy */

static PlazaWindow *
get_window (PlazaPreferences *self)
{
  return PLAZA_WINDOW (gtk_window_get_transient_for (GTK_WINDOW (self)));
}

static void
update_copy (PlazaPreferences *self)
{
  PlazaProfile *profile = plaza_window_get_profile (get_window (self));
  g_autofree char *folder = NULL;
  g_autofree char *words = NULL;

  if (profile == NULL)
    return;
  folder = plaza_safe_copy_get_folder (plaza_profile_get_store (profile), NULL);
  words = plaza_copy_words_folder (profile, folder);
  adw_action_row_set_subtitle (self->copy_row, words);
  gtk_widget_set_visible (self->copy_off_button, folder != NULL);
}

static void
set_copy_folder (PlazaPreferences *self, const char *folder)
{
  PlazaWindow *window = get_window (self);
  PlazaProfile *profile = plaza_window_get_profile (window);
  g_autoptr (GError) error = NULL;

  if (profile == NULL)
    return;
  if (plaza_safe_copy_set_folder (plaza_profile_get_store (profile), folder, &error))
    plaza_window_plan_copy (window);
  else
    plaza_window_show_error (window, _ ("Copies cannot go there"), error);
  update_copy (self);
}

static void
on_copy_chosen_cb (PlazaPreferences *self, int response, GtkNativeDialog *dialog)
{
  if (response == GTK_RESPONSE_ACCEPT)
    {
      g_autoptr (GFile) folder = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog));

      set_copy_folder (self, g_file_peek_path (folder));
    }
  g_object_unref (dialog);
}

static void
on_copy_choose_cb (PlazaPreferences *self)
{
  GtkFileChooserNative *dialog =
      gtk_file_chooser_native_new (_ ("Choose the USB stick or folder"), GTK_WINDOW (self),
                                   GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER, _ ("_Choose"), NULL);

  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (dialog), TRUE);
  g_signal_connect_object (dialog, "response", G_CALLBACK (on_copy_chosen_cb), self,
                           G_CONNECT_SWAPPED);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (dialog));
}

static void
on_copy_off_cb (PlazaPreferences *self)
{
  set_copy_folder (self, NULL);
}

PlazaPreferences *
plaza_preferences_new (PlazaWindow *window, GSettings *settings)
{
  PlazaPreferences *self = g_object_new (PLAZA_TYPE_PREFERENCES, "transient-for", window, NULL);

  bind_row (self->language_row, settings, "language", language_to_row, language_from_row);
  bind_row (self->size_row, settings, "text-size", size_to_row, size_from_row);
  bind_row (self->scheme_row, settings, "color-scheme", scheme_to_row, scheme_from_row);
  if (settings != NULL)
    g_settings_bind (settings, "deliver-over-metered", self->metered_switch, "active",
                     G_SETTINGS_BIND_DEFAULT);
  else
    gtk_widget_set_sensitive (GTK_WIDGET (self->metered_switch), FALSE);
  gtk_widget_set_visible (self->profile_group, plaza_window_get_profile (window) != NULL);
  update_copy (self);
  plaza_window_fit (window, GTK_WINDOW (self));
  return self;
}

static void
change_passphrase_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  g_autoptr (GtkWindow) window = gtk_window_get_transient_for (GTK_WINDOW (widget));

  g_object_ref (window);
  gtk_window_close (GTK_WINDOW (widget));
  plaza_window_show_passphrase (PLAZA_WINDOW (window));
}

static void
plaza_preferences_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), PLAZA_TYPE_PREFERENCES);
  G_OBJECT_CLASS (plaza_preferences_parent_class)->dispose (object);
}

static void
plaza_preferences_class_init (PlazaPreferencesClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  object_class->dispose = plaza_preferences_dispose;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/gobabiertomx/Plaza/preferences.ui");
  gtk_widget_class_bind_template_child (widget_class, PlazaPreferences, language_row);
  gtk_widget_class_bind_template_child (widget_class, PlazaPreferences, size_row);
  gtk_widget_class_bind_template_child (widget_class, PlazaPreferences, scheme_row);
  gtk_widget_class_bind_template_child (widget_class, PlazaPreferences, metered_switch);
  gtk_widget_class_bind_template_child (widget_class, PlazaPreferences, profile_group);
  gtk_widget_class_bind_template_child (widget_class, PlazaPreferences, copy_row);
  gtk_widget_class_bind_template_child (widget_class, PlazaPreferences, copy_off_button);
  gtk_widget_class_bind_template_callback (widget_class, on_copy_choose_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_copy_off_cb);
  gtk_widget_class_install_action (widget_class, "win.change-passphrase", NULL,
                                   change_passphrase_action);
}

static void
plaza_preferences_init (PlazaPreferences *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
