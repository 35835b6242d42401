/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-app"

#include "config.h"

#include "app/unlock-screen.h"

#include <glib/gi18n.h>

#include "app/window.h"
#include "app/words.h"
#include "app/wrong-entry.h"
#include "base/error.h"
#include "base/file.h"

struct _PlazaUnlockScreen
{
  PlazaScreen parent_instance;

  PlazaProfile *selected;
  GCancellable *titles; /* stops reading the campaigns' titles */
  guint wait_timer;
  guint busy : 1;
  guint damaged : 1; /* the button repairs instead */

  GtkLabel *heading;
  GtkListBox *profiles;
  GtkEditable *passphrase_entry;
  GtkLabel *message;
  GtkWidget *unlock_button;
  GtkLabel *unlock_label;
  GtkSpinner *spinner;
  GtkWidget *forgotten_button;
  GtkWidget *join_button;
};

G_DEFINE_FINAL_TYPE (PlazaUnlockScreen, plaza_unlock_screen, PLAZA_TYPE_SCREEN)

static void
say (PlazaUnlockScreen *self, const char *words, gboolean wrong)
{
  GtkWidget *entry = GTK_WIDGET (self->passphrase_entry);

  gtk_label_set_label (self->message, words);
  gtk_widget_set_visible (GTK_WIDGET (self->message), *words != '\0');
  plaza_wrong_entry_mark (entry, wrong);
}

static void
update_button (PlazaUnlockScreen *self)
{
  gboolean waiting = self->wait_timer != 0;
  const char *words = self->damaged ? _ ("_Recover") : _ ("_Unlock");
  g_autofree char *name = g_strdup (words);
  char *underline = strchr (name, '_');

  memmove (underline, underline + 1, strlen (underline));
  gtk_label_set_label (self->unlock_label, words);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->unlock_button),
                                  GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
  gtk_widget_set_sensitive (self->unlock_button, !self->busy && !waiting);
  gtk_widget_set_sensitive (GTK_WIDGET (self->passphrase_entry), !self->busy);
  gtk_widget_set_sensitive (GTK_WIDGET (self->profiles), !self->busy);
  gtk_widget_set_sensitive (self->forgotten_button, !self->busy);
  gtk_widget_set_sensitive (self->join_button, !self->busy);
  gtk_widget_set_visible (GTK_WIDGET (self->spinner), self->busy);
  gtk_spinner_set_spinning (self->spinner, self->busy);
}

static gboolean
on_wait_cb (gpointer data)
{
  PlazaUnlockScreen *self = data;
  guint wait = self->selected != NULL ? plaza_profile_get_wait (self->selected) : 0;
  g_autofree char *words = NULL;

  if (wait == 0)
    {
      self->wait_timer = 0;
      say (self, _ ("You can try again now."), FALSE);
      update_button (self);
      return G_SOURCE_REMOVE;
    }
  words = g_strdup_printf (ngettext ("That was not the passphrase. Nothing is lost; after several "
                                     "tries Plaza waits a little: %u second more.",
                                     "That was not the passphrase. Nothing is lost; after several "
                                     "tries Plaza waits a little: %u seconds more.",
                                     wait),
                           wait);
  say (self, words, FALSE);
  return G_SOURCE_CONTINUE;
}

static void
begin_wait (PlazaUnlockScreen *self)
{
  g_clear_handle_id (&self->wait_timer, g_source_remove);
  if (self->selected == NULL || plaza_profile_get_wait (self->selected) == 0)
    return;
  self->wait_timer = g_timeout_add_seconds (1, on_wait_cb, self);
  on_wait_cb (self);
}

static void
report (PlazaUnlockScreen *self, const GError *error)
{
  if (g_error_matches (error, PLAZA_ERROR, PLAZA_ERROR_PASSPHRASE) ||
      g_error_matches (error, PLAZA_ERROR, PLAZA_ERROR_REFUSED))
    {
      say (self,
           _ ("That is not the passphrase of this profile. Look at the keyboard layout and Caps "
              "Lock, and try again."),
           TRUE);
      begin_wait (self);
    }
  else if (g_error_matches (error, PLAZA_ERROR, PLAZA_ERROR_CORRUPT))
    {
      self->damaged = TRUE;
      say (
          self,
          _ ("What this profile keeps is damaged, so it was not opened. What was delivered is safe "
             "at the central database and the last copy is safe here. Recover puts that copy in "
             "place and sets the damaged file aside; nothing is deleted."),
          FALSE);
    }
  else if (g_error_matches (error, PLAZA_ERROR, PLAZA_ERROR_NOT_FOUND))
    say (self,
         _ ("The campaign of this profile is not on this laptop any more. Its answers are safe. "
            "Open the campaign file your coordination gives you."),
         FALSE);
  else
    say (self, plaza_words_for_error (error), FALSE);
  g_debug ("Unlocking: %s", error->message);
}

static void
on_unlocked_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (PlazaUnlockScreen) self = data;
  g_autoptr (GError) error = NULL;
  gboolean unlocked = plaza_profile_unlock_finish (PLAZA_PROFILE (source), result, &error);
  PlazaWindow *window = plaza_screen_get_window (PLAZA_SCREEN (self));

  self->busy = FALSE;
  if (unlocked && window != NULL)
    {
      gtk_editable_set_text (self->passphrase_entry, "");
      plaza_window_set_profile (window, PLAZA_PROFILE (source));
      return;
    }
  if (unlocked)
    {
      plaza_profile_lock (PLAZA_PROFILE (source), NULL);
      return;
    }
  report (self, error);
  update_button (self);
  gtk_widget_grab_focus (GTK_WIDGET (self->passphrase_entry));
  gtk_editable_select_region (self->passphrase_entry, 0, -1);
}

static void
repair (PlazaUnlockScreen *self)
{
  g_autoptr (GError) error = NULL;
  PlazaRepair outcome = { 0 };

  self->damaged = FALSE;
  if (plaza_profile_repair (self->selected, &outcome, &error) && outcome.pools_lost > 0)
    say (
        self,
        _ ("The last copy is in place, but a list of contacts is lost or cannot be read. Tell your "
           "coordination. Write the passphrase to go on."),
        TRUE);
  else if (error == NULL)
    say (self, _ ("The last copy is in place. Write the passphrase to go on."), FALSE);
  else
    say (self, plaza_words_for_error (error), FALSE);
  update_button (self);
  gtk_widget_grab_focus (GTK_WIDGET (self->passphrase_entry));
}

static void
on_unlock_cb (PlazaUnlockScreen *self)
{
  const char *passphrase = gtk_editable_get_text (self->passphrase_entry);

  if (self->busy || self->wait_timer != 0 || self->selected == NULL)
    return;
  if (self->damaged)
    {
      repair (self);
      return;
    }
  if (*passphrase == '\0')
    {
      say (self, _ ("Write the passphrase of this profile."), TRUE);
      gtk_widget_grab_focus (GTK_WIDGET (self->passphrase_entry));
      return;
    }
  self->busy = TRUE;
  /* An entry must not turn insensitive with the focus in it: GTK warns. */
  gtk_root_set_focus (gtk_widget_get_root (GTK_WIDGET (self)), NULL);
  say (self, "", FALSE);
  update_button (self);
  plaza_profile_unlock_async (self->selected, passphrase, NULL, on_unlocked_cb,
                              g_object_ref (self));
}

static void
on_forgotten_cb (PlazaUnlockScreen *self)
{
  PlazaWindow *window = plaza_screen_get_window (PLAZA_SCREEN (self));

  if (self->busy || self->selected == NULL || window == NULL)
    return;
  gtk_editable_set_text (self->passphrase_entry, "");
  plaza_window_show_forgotten (window, self->selected);
}

static void
on_passphrase_changed_cb (PlazaUnlockScreen *self)
{
  if (self->wait_timer == 0 && !self->damaged)
    say (self, "", FALSE);
}

/* The demonstration leaves its passphrase beside its profile: there is nothing in it to protect. */
static void
tell_demonstration (PlazaUnlockScreen *self)
{
  g_autofree char *path = g_build_filename (plaza_profile_get_folder (self->selected),
                                            "demonstration.passphrase", NULL);
  g_autoptr (GBytes) bytes = plaza_file_read (path, 200, NULL);
  g_autofree char *passphrase = NULL;
  g_autofree char *words = NULL;

  if (bytes == NULL)
    return;
  passphrase =
      g_utf8_make_valid (g_bytes_get_data (bytes, NULL), (gssize) g_bytes_get_size (bytes));
  words = g_strdup_printf (_ ("This is the demonstration. Its passphrase is: %s"),
                           g_strstrip (passphrase));
  say (self, words, FALSE);
}

static void
on_profile_selected_cb (PlazaUnlockScreen *self, GtkListBoxRow *row)
{
  if (row == NULL)
    return;
  g_clear_handle_id (&self->wait_timer, g_source_remove);
  self->selected = g_object_get_data (G_OBJECT (row), "profile");
  self->damaged = FALSE;
  gtk_editable_set_text (self->passphrase_entry, "");
  say (self, "", FALSE);
  tell_demonstration (self);
  begin_wait (self);
  update_button (self);
}

static void
on_profile_activated_cb (PlazaUnlockScreen *self)
{
  gtk_widget_grab_focus (GTK_WIDGET (self->passphrase_entry));
}

/* The profiles are one stop of Tab, the chosen one: a list box would stop at each of them, and
 * choose the one it comes to. */
static gboolean
on_profiles_key_cb (PlazaUnlockScreen *self, guint keyval)
{
  return keyval == GDK_KEY_Tab && gtk_widget_grab_focus (GTK_WIDGET (self->passphrase_entry));
}

static gboolean
on_entry_key_cb (PlazaUnlockScreen *self, guint keyval)
{
  GtkListBoxRow *row = gtk_list_box_get_selected_row (self->profiles);

  return keyval == GDK_KEY_ISO_Left_Tab && row != NULL && gtk_widget_grab_focus (GTK_WIDGET (row));
}

static void
add_keys (PlazaUnlockScreen *self, GtkWidget *widget, GCallback callback)
{
  GtkEventController *keys = gtk_event_controller_key_new ();

  gtk_event_controller_set_propagation_phase (keys, GTK_PHASE_CAPTURE);
  g_signal_connect_swapped (keys, "key-pressed", callback, self);
  gtk_widget_add_controller (widget, keys);
}

static void
read_title (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PlazaCampaign) campaign =
      plaza_data_load_campaign (g_object_get_data (G_OBJECT (task), "data-root"), data, &error);

  if (campaign == NULL)
    g_task_return_error (task, g_steal_pointer (&error));
  else if (campaign->practice)
    g_task_return_pointer (task,
                           /* Translators: the title of a campaign that is for practice */
                           g_strdup_printf (_ ("%s · practice"), campaign->title), g_free);
  else
    g_task_return_pointer (task, g_strdup (campaign->title), g_free);
}

static void
on_title_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (AdwActionRow) row = data;
  g_autofree char *title = g_task_propagate_pointer (G_TASK (result), NULL);

  if (title != NULL)
    adw_action_row_set_subtitle (row, title);
}

/* Verifying a package takes longer than the first frame may: the titles come a moment later. */
static void
read_title_async (PlazaUnlockScreen *self, PlazaProfile *profile, AdwActionRow *row)
{
  g_autoptr (GTask) task = g_task_new (self, self->titles, on_title_cb, g_object_ref (row));

  g_object_set_data_full (G_OBJECT (task), "data-root",
                          g_strdup (plaza_profile_get_data_root (profile)), g_free);
  g_task_set_task_data (task, g_strdup (plaza_profile_get_campaign_fingerprint (profile)), g_free);
  g_task_run_in_thread (task, read_title);
}

static void
add_profile (PlazaUnlockScreen *self, PlazaProfile *profile, const char *selected)
{
  GtkWidget *row = adw_action_row_new ();
  GtkWidget *icon = gtk_image_new_from_icon_name ("avatar-default-symbolic");

  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), plaza_profile_get_name (profile));
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), TRUE);
  adw_action_row_add_prefix (ADW_ACTION_ROW (row), icon);
  g_object_set_data_full (G_OBJECT (row), "profile", g_object_ref (profile), g_object_unref);
  gtk_list_box_append (self->profiles, row);
  if (self->selected == NULL || g_strcmp0 (plaza_profile_get_id (profile), selected) == 0)
    gtk_list_box_select_row (self->profiles, GTK_LIST_BOX_ROW (row));
  read_title_async (self, profile, ADW_ACTION_ROW (row));
}

PlazaScreen *
plaza_unlock_screen_new (GPtrArray *profiles, const char *selected)
{
  PlazaUnlockScreen *self = g_object_new (PLAZA_TYPE_UNLOCK_SCREEN, NULL);

  for (guint i = 0; i < profiles->len; i++)
    add_profile (self, g_ptr_array_index (profiles, i), selected);
  return PLAZA_SCREEN (self);
}

static void
plaza_unlock_screen_shown (PlazaScreen *screen)
{
  gtk_widget_grab_focus (GTK_WIDGET (PLAZA_UNLOCK_SCREEN (screen)->passphrase_entry));
}

static void
plaza_unlock_screen_dispose (GObject *object)
{
  PlazaUnlockScreen *self = PLAZA_UNLOCK_SCREEN (object);

  g_cancellable_cancel (self->titles);
  g_clear_handle_id (&self->wait_timer, g_source_remove);
  self->selected = NULL;
  gtk_widget_dispose_template (GTK_WIDGET (object), PLAZA_TYPE_UNLOCK_SCREEN);
  G_OBJECT_CLASS (plaza_unlock_screen_parent_class)->dispose (object);
}

static void
plaza_unlock_screen_finalize (GObject *object)
{
  g_object_unref (PLAZA_UNLOCK_SCREEN (object)->titles);
  G_OBJECT_CLASS (plaza_unlock_screen_parent_class)->finalize (object);
}

static void
plaza_unlock_screen_class_init (PlazaUnlockScreenClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  object_class->dispose = plaza_unlock_screen_dispose;
  object_class->finalize = plaza_unlock_screen_finalize;
  PLAZA_SCREEN_CLASS (class)->shown = plaza_unlock_screen_shown;

  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/gobabiertomx/Plaza/unlock-screen.ui");
  gtk_widget_class_bind_template_child (widget_class, PlazaUnlockScreen, heading);
  gtk_widget_class_bind_template_child (widget_class, PlazaUnlockScreen, profiles);
  gtk_widget_class_bind_template_child (widget_class, PlazaUnlockScreen, passphrase_entry);
  gtk_widget_class_bind_template_child (widget_class, PlazaUnlockScreen, message);
  gtk_widget_class_bind_template_child (widget_class, PlazaUnlockScreen, unlock_button);
  gtk_widget_class_bind_template_child (widget_class, PlazaUnlockScreen, unlock_label);
  gtk_widget_class_bind_template_child (widget_class, PlazaUnlockScreen, spinner);
  gtk_widget_class_bind_template_child (widget_class, PlazaUnlockScreen, forgotten_button);
  gtk_widget_class_bind_template_child (widget_class, PlazaUnlockScreen, join_button);
  gtk_widget_class_bind_template_callback (widget_class, on_forgotten_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_unlock_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_passphrase_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_profile_selected_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_profile_activated_cb);
}

static void
plaza_unlock_screen_init (PlazaUnlockScreen *self)
{
  self->titles = g_cancellable_new ();
  gtk_widget_init_template (GTK_WIDGET (self));
  add_keys (self, GTK_WIDGET (self->profiles), G_CALLBACK (on_profiles_key_cb));
  add_keys (self, GTK_WIDGET (self->passphrase_entry), G_CALLBACK (on_entry_key_cb));
}
