/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-app"

#include "config.h"

#include "app/window-private.h"

#include <glib/gi18n.h>

#include "app/ask.h"
#include "app/application.h"
#include "app/delivery-screen.h"
#include "app/home-screen.h"
#include "app/join-screen.h"
#include "app/passphrase-dialog.h"
#include "app/session-screen.h"
#include "app/unlock-screen.h"
#include "store/hand-in.h"
#include "sync/devices.h"

PlazaProfile *
plaza_window_get_profile (PlazaWindow *self)
{
  g_return_val_if_fail (PLAZA_IS_WINDOW (self), NULL);

  return self->profile;
}

PlazaDelivery *
plaza_window_get_delivery (PlazaWindow *self)
{
  g_return_val_if_fail (PLAZA_IS_WINDOW (self), NULL);

  return self->delivery;
}

static PlazaApplication *
get_application (PlazaWindow *self)
{
  return PLAZA_APPLICATION (gtk_window_get_application (GTK_WINDOW (self)));
}

/* An interview on screen is left by its own buttons, never by a shortcut that goes elsewhere. */
static gboolean
is_interviewing (PlazaWindow *self)
{
  PlazaScreen *screen = plaza_window_get_screen (self);

  return screen != NULL && plaza_screen_get_response (screen) != NULL;
}

/* Whoever looks after others' laptops. */
static gboolean
is_staff (PlazaWindow *self)
{
  const PlazaEnrolment *enrolment = plaza_profile_get_enrolment (self->profile);

  return enrolment != NULL && plaza_devices_role_may (enrolment->role);
}

void
plaza_window_update_actions (PlazaWindow *self)
{
  GtkWidget *widget = GTK_WIDGET (self);
  PlazaScreen *screen = plaza_window_get_screen (self);
  gboolean open = self->profile != NULL && !self->handed_over;
  gboolean free_to_go = open && !is_interviewing (self);

  gtk_widget_action_set_enabled (widget, "win.back", !self->handed_over);
  gtk_widget_action_set_enabled (widget, "win.lock", open);
  gtk_widget_action_set_enabled (widget, "win.new-interview", free_to_go);
  gtk_widget_action_set_enabled (widget, "win.session", free_to_go);
  gtk_widget_action_set_enabled (widget, "win.deliver", free_to_go);
  gtk_widget_action_set_enabled (widget, "win.hand-in", free_to_go);
  gtk_widget_action_set_enabled (widget, "win.devices", free_to_go && is_staff (self));
  gtk_widget_action_set_enabled (widget, "win.answer", free_to_go && is_staff (self));
  gtk_widget_action_set_enabled (widget, "win.search", open && PLAZA_IS_HOME_SCREEN (screen));
  gtk_widget_action_set_enabled (widget, "win.join", self->profile == NULL);
}

/* The screen on which nobody is unlocked yet: the profiles, or joining when there are none. */
void
plaza_window_show_entrance (PlazaWindow *self)
{
  const char *data_dir = plaza_application_get_data_dir (get_application (self));
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) profiles = plaza_profile_list (data_dir, &error);

  gtk_widget_set_visible (self->practice_banner, FALSE);
  gtk_widget_remove_css_class (GTK_WIDGET (self), "practice");
  if (profiles == NULL)
    g_debug ("No profiles: %s", error->message);
  plaza_window_drop_all (self);
  if (profiles != NULL && profiles->len > 0)
    plaza_window_push (self, plaza_unlock_screen_new (profiles, self->resume_profile));
  if (self->rejoining || profiles == NULL || profiles->len == 0)
    plaza_window_show_join (self, NULL);
  self->rejoining = FALSE;
}

void
plaza_window_show_join (PlazaWindow *self, GFile *file)
{
  PlazaApplication *application;
  PlazaScreen *screen;

  g_return_if_fail (PLAZA_IS_WINDOW (self));

  application = get_application (self);
  screen = plaza_window_get_screen (self);

  if (self->profile != NULL)
    {
      plaza_window_toast (self, _ ("Lock this profile first, then open the invitation again."));
      return;
    }
  if (!PLAZA_IS_JOIN_SCREEN (screen))
    {
      g_autofree char *demonstration = plaza_application_find_demonstration (application);

      screen = plaza_join_screen_new (plaza_application_get_data_dir (application), demonstration);
      plaza_window_push (self, screen);
    }
  if (file != NULL)
    plaza_join_screen_open (PLAZA_JOIN_SCREEN (screen), file);
}

void
plaza_window_show_session (PlazaWindow *self, gboolean correct)
{
  g_autoptr (PlazaSession) session = NULL;
  g_autoptr (GError) error = NULL;
  PlazaStore *store;

  g_return_if_fail (PLAZA_IS_WINDOW (self));
  g_return_if_fail (self->profile != NULL);

  store = plaza_profile_get_store (self->profile);
  session = plaza_session_current (store, &error);
  if (error != NULL)
    {
      plaza_window_show_error (self, _ ("The field session cannot be read"), error);
      return;
    }
  plaza_window_push (self, plaza_session_screen_new (store, session, correct && session != NULL));
}

void
plaza_window_show_delivery (PlazaWindow *self)
{
  g_return_if_fail (PLAZA_IS_WINDOW (self));
  g_return_if_fail (self->profile != NULL);

  if (!PLAZA_IS_DELIVERY_SCREEN (plaza_window_get_screen (self)))
    plaza_window_push (self, plaza_delivery_screen_new (self->profile, self->delivery));
}

void
plaza_window_show_passphrase (PlazaWindow *self)
{
  g_return_if_fail (PLAZA_IS_WINDOW (self));
  g_return_if_fail (self->profile != NULL);

  gtk_window_present (GTK_WINDOW (plaza_passphrase_dialog_new (self, self->profile)));
}

static gboolean
on_delivery_nudge_cb (gpointer data)
{
  PlazaWindow *self = data;
  PlazaCounts counts = { 0 };
  guint waiting;

  self->delivery_nudge = 0;
  if (self->delivery == NULL ||
      !plaza_store_get_counts (plaza_profile_get_store (self->profile), &counts, NULL))
    return G_SOURCE_REMOVE;
  waiting = counts.waiting + counts.other_waiting + counts.contacts_waiting;
  if (waiting > self->waiting &&
      plaza_delivery_get_state (self->delivery) != PLAZA_DELIVERY_STOPPED)
    plaza_delivery_wake (self->delivery);
  self->waiting = waiting;
  return G_SOURCE_REMOVE;
}

/* What was just finished goes at once; a moment is left for several things done together. */
static void
on_counts_changed_cb (PlazaWindow *self)
{
  if (self->delivery_nudge == 0 && self->closing == NULL)
    self->delivery_nudge = g_timeout_add (500, on_delivery_nudge_cb, self);
  self->copy_due = TRUE;
  plaza_window_plan_copy (self);
}

void
plaza_window_set_profile (PlazaWindow *self, PlazaProfile *profile)
{
  GtkApplication *application = gtk_window_get_application (GTK_WINDOW (self));
  GSettings *settings = PLAZA_IS_APPLICATION (application)
                            ? plaza_application_get_settings (PLAZA_APPLICATION (application))
                            : NULL;
  PlazaCampaign *campaign;
  g_autofree char *response = NULL;

  g_return_if_fail (PLAZA_IS_WINDOW (self));
  g_return_if_fail (self->profile == NULL);
  g_return_if_fail (plaza_profile_is_unlocked (profile));

  g_debug ("Unlocked");
  g_set_object (&self->profile, profile);
  campaign = plaza_profile_get_campaign (profile);
  gtk_widget_set_visible (self->practice_banner, campaign->practice);
  if (campaign->practice)
    gtk_widget_add_css_class (GTK_WIDGET (self), "practice");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (self), "practice");
  plaza_watch_set_minutes (self->watch, campaign->idle_lock_minutes);

  g_clear_object (&self->delivery);
  self->delivery = plaza_delivery_new (profile);
  if (settings != NULL)
    g_settings_bind (settings, "deliver-over-metered", self->delivery, "over-metered",
                     G_SETTINGS_BIND_GET);
  plaza_delivery_start (self->delivery);
  self->campaign_watch = plaza_campaign_watch_new (profile);
  plaza_campaign_watch_start (self->campaign_watch);
  self->waiting = 0;
  g_signal_connect_object (plaza_profile_get_store (profile), "counts-changed",
                           G_CALLBACK (on_counts_changed_cb), self, G_CONNECT_SWAPPED);

  if (g_strcmp0 (self->resume_profile, plaza_profile_get_id (profile)) == 0)
    response = g_steal_pointer (&self->resume_response);
  g_clear_pointer (&self->resume_response, g_free);
  g_free (self->resume_profile);
  self->resume_profile = g_strdup (plaza_profile_get_id (profile));

  plaza_window_show_home (self);
  plaza_window_plan_copy (self);
  if (response != NULL)
    plaza_window_resume (self, response);
}

void
plaza_window_ask_for_campaign (PlazaWindow *self)
{
  g_return_if_fail (PLAZA_IS_WINDOW (self));

  if (self->campaign_watch != NULL)
    plaza_campaign_watch_now (self->campaign_watch);
}

static void
save_screens (PlazaWindow *self)
{
  for (guint i = 0; i < self->screens->len; i++)
    plaza_screen_save (g_ptr_array_index (self->screens, i));
}

/* Locks at once, without waiting for an envelope on its way: the outbox has it. */
void
plaza_window_forget_profile (PlazaWindow *self)
{
  PlazaSafeCopy *copy = plaza_window_take_copy (self);
  g_autoptr (GError) error = NULL;

  if (self->closing != NULL)
    g_cancellable_cancel (self->closing);
  g_clear_handle_id (&self->delivery_nudge, g_source_remove);
  g_clear_object (&self->delivery);
  if (self->campaign_watch != NULL)
    plaza_campaign_watch_stop (self->campaign_watch);
  g_clear_object (&self->campaign_watch);
  if (self->profile != NULL && plaza_profile_is_unlocked (self->profile) &&
      !plaza_profile_lock (self->profile, &error))
    g_warning ("Locking: %s", error->message);
  plaza_window_write_copy (self, copy);
  g_clear_object (&self->profile);
  if (self->watch != NULL)
    plaza_watch_set_minutes (self->watch, 0);
}

static void
leave_background (PlazaWindow *self)
{
  if (!self->in_background)
    return;
  self->in_background = FALSE;
  g_application_release (G_APPLICATION (gtk_window_get_application (GTK_WINDOW (self))));
}

static void
on_delivery_stopped_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (PlazaWindow) self = data;
  g_autoptr (GError) error = NULL;

  if (!plaza_delivery_stop_finish (PLAZA_DELIVERY (source), result, &error))
    g_warning ("Stopping the delivery: %s", error->message);
  g_clear_object (&self->closing);
  plaza_window_forget_profile (self);
  plaza_watch_locked (self->watch);
  if (self->quitting)
    {
      leave_background (self);
      gtk_window_destroy (GTK_WINDOW (self));
      return;
    }
  plaza_window_show_entrance (self);
}

/* What hangs over the window shows the profile too, and holds on to its store. */
static void
close_dialogs (PlazaWindow *self)
{
  g_autoptr (GPtrArray) dialogs = g_ptr_array_new_with_free_func (g_object_unref);
  GListModel *toplevels = gtk_window_get_toplevels ();

  for (guint i = 0; i < g_list_model_get_n_items (toplevels); i++)
    {
      g_autoptr (GtkWindow) toplevel = g_list_model_get_item (toplevels, i);

      if (gtk_window_get_transient_for (toplevel) != NULL)
        g_ptr_array_add (dialogs, g_steal_pointer (&toplevel));
    }
  for (guint i = dialogs->len; i > 0; i--)
    gtk_window_destroy (g_ptr_array_index (dialogs, i - 1));
}

/* Nothing is readable on screen from the first moment; the profile closes when the envelope on its
 * way is through, which @at_once cuts short. */
static void
close_profile (PlazaWindow *self, gboolean at_once)
{
  PlazaScreen *screen = plaza_window_get_screen (self);
  const char *response;

  if (self->profile == NULL)
    return;
  if (self->closing != NULL)
    {
      if (at_once)
        g_cancellable_cancel (self->closing);
      return;
    }
  save_screens (self);
  response = screen != NULL ? plaza_screen_get_response (screen) : NULL;
  g_free (self->resume_response);
  self->resume_response = g_strdup (response);
  plaza_window_set_handed_over (self, FALSE);
  plaza_window_dismiss_toast (self);
  close_dialogs (self);
  plaza_window_drop_all (self);

  self->closing = g_cancellable_new ();
  plaza_watch_set_minutes (self->watch, 0);
  if (at_once)
    g_cancellable_cancel (self->closing);
  plaza_delivery_stop_async (self->delivery, self->closing, on_delivery_stopped_cb,
                             g_object_ref (self));
}

void
plaza_window_lock (PlazaWindow *self)
{
  g_return_if_fail (PLAZA_IS_WINDOW (self));

  close_profile (self, FALSE);
}

void
plaza_window_terminate (PlazaWindow *self)
{
  g_return_if_fail (PLAZA_IS_WINDOW (self));

  self->quitting = TRUE;
  if (self->profile != NULL)
    close_profile (self, TRUE);
  else
    gtk_window_destroy (GTK_WINDOW (self));
}

static void
on_watch_lock_cb (PlazaWindow *self, gboolean going_to_sleep)
{
  if (self->profile == NULL)
    {
      plaza_watch_locked (self->watch);
      return;
    }
  /* A window that only stayed to deliver ends with the idle lock. */
  if (self->in_background)
    self->quitting = TRUE;
  close_profile (self, going_to_sleep);
}

static void
on_background_delivery_cb (PlazaWindow *self)
{
  if (!self->in_background || self->delivery == NULL ||
      plaza_delivery_get_state (self->delivery) != PLAZA_DELIVERY_IDLE)
    return;
  self->quitting = TRUE;
  close_profile (self, FALSE);
}

static void
on_quit_answered_cb (PlazaWindow *self, const char *answer)
{
  if (g_str_equal (answer, "stay") && self->delivery != NULL)
    {
      save_screens (self);
      self->in_background = TRUE;
      g_application_hold (G_APPLICATION (gtk_window_get_application (GTK_WINDOW (self))));
      gtk_widget_set_visible (GTK_WIDGET (self), FALSE);
      g_signal_connect_object (self->delivery, "notify::state",
                               G_CALLBACK (on_background_delivery_cb), self, G_CONNECT_SWAPPED);
      on_background_delivery_cb (self);
    }
  else if (g_str_equal (answer, "quit"))
    {
      self->quitting = TRUE;
      close_profile (self, FALSE);
    }
}

static gboolean
delivery_is_moving (PlazaWindow *self)
{
  PlazaDeliveryState state = plaza_delivery_get_state (self->delivery);

  return plaza_delivery_get_waiting (self->delivery) > 0 &&
         (state == PLAZA_DELIVERY_PACKING || state == PLAZA_DELIVERY_SENDING);
}

/* TRUE: not yet, the profile is being locked first. */
gboolean
plaza_window_close_request (PlazaWindow *self)
{
  GtkWidget *dialog;

  if (self->handed_over)
    return TRUE;
  plaza_window_save_size (self);
  if (self->profile == NULL)
    return FALSE;
  if (!delivery_is_moving (self))
    {
      self->quitting = TRUE;
      close_profile (self, FALSE);
      return TRUE;
    }
  dialog = adw_message_dialog_new (GTK_WINDOW (self), _ ("Responses are on their way"),
                                   _ ("Everything is safe on this laptop either way. Plaza can go "
                                      "on delivering without its window and then end by itself."));
  adw_message_dialog_add_responses (ADW_MESSAGE_DIALOG (dialog), "cancel", _ ("_Cancel"), "quit",
                                    _ ("_Quit now"), "stay", _ ("_Deliver, then quit"), NULL);
  adw_message_dialog_set_response_appearance (ADW_MESSAGE_DIALOG (dialog), "stay",
                                              ADW_RESPONSE_SUGGESTED);
  adw_message_dialog_set_default_response (ADW_MESSAGE_DIALOG (dialog), "stay");
  adw_message_dialog_set_close_response (ADW_MESSAGE_DIALOG (dialog), "cancel");
  g_signal_connect_object (dialog, "response", G_CALLBACK (on_quit_answered_cb), self,
                           G_CONNECT_SWAPPED);
  plaza_ask (dialog);
  return TRUE;
}

static void
lock_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  plaza_window_lock (PLAZA_WINDOW (widget));
}

static void
join_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  plaza_window_show_join (PLAZA_WINDOW (widget), NULL);
}

/* Joining is done while nobody is unlocked. */
static void
rejoin_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  PlazaWindow *self = PLAZA_WINDOW (widget);

  self->rejoining = TRUE;
  plaza_window_lock (self);
}

static void
new_interview_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  plaza_window_new_interview (PLAZA_WINDOW (widget));
}

static void
session_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  if (!PLAZA_IS_SESSION_SCREEN (plaza_window_get_screen (PLAZA_WINDOW (widget))))
    plaza_window_show_session (PLAZA_WINDOW (widget), FALSE);
}

static void
correct_session_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  plaza_window_show_session (PLAZA_WINDOW (widget), TRUE);
}

static void
deliver_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  plaza_window_show_delivery (PLAZA_WINDOW (widget));
}

static void
search_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  PlazaScreen *screen = plaza_window_get_screen (PLAZA_WINDOW (widget));

  if (PLAZA_IS_HOME_SCREEN (screen))
    plaza_home_screen_search (PLAZA_HOME_SCREEN (screen));
}

void
plaza_window_install_profile_actions (GtkWidgetClass *widget_class)
{
  gtk_widget_class_install_action (widget_class, "win.lock", NULL, lock_action);
  gtk_widget_class_install_action (widget_class, "win.join", NULL, join_action);
  gtk_widget_class_install_action (widget_class, "win.rejoin", NULL, rejoin_action);
  gtk_widget_class_install_action (widget_class, "win.new-interview", NULL, new_interview_action);
  gtk_widget_class_install_action (widget_class, "win.session", NULL, session_action);
  gtk_widget_class_install_action (widget_class, "win.correct-session", NULL,
                                   correct_session_action);
  gtk_widget_class_install_action (widget_class, "win.deliver", NULL, deliver_action);
  gtk_widget_class_install_action (widget_class, "win.search", NULL, search_action);
  plaza_window_install_keeping_actions (widget_class);
}

void
plaza_window_begin (PlazaWindow *self)
{
  self->watch = plaza_watch_new (GTK_WIDGET (self));
  g_signal_connect_object (self->watch, "lock", G_CALLBACK (on_watch_lock_cb), self,
                           G_CONNECT_SWAPPED);
  /* A laptop that was switched off while it was handed in ends that first. */
  plaza_hand_in_clean (plaza_application_get_data_dir (get_application (self)));
  plaza_window_show_entrance (self);
}
