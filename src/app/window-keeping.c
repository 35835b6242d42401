/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-app"

#include "config.h"

#include "app/window-private.h"

#include <glib/gi18n.h>

#include "app/answer-screen.h"
#include "app/application.h"
#include "app/devices-screen.h"
#include "app/forgotten-screen.h"
#include "app/hand-in-done.h"
#include "app/hand-in-screen.h"
#include "app/home-screen.h"
#include "app/words.h"
#include "base/error.h"
#include "store/hand-in.h"
#include "sync/proof.h"

/* What becomes of laptops: copies, handing in, lost ones, forgotten passphrases. */

/* A moment for several responses finished together. */
#define COPY_SECONDS 20
/* How often to look whether the stick is there again. */
#define ABSENT_SECONDS 60

/* Copies */

static void
update_home (PlazaWindow *self)
{
  for (guint i = 0; i < self->screens->len; i++)
    if (PLAZA_IS_HOME_SCREEN (g_ptr_array_index (self->screens, i)))
      plaza_home_screen_update_copy (g_ptr_array_index (self->screens, i));
}

static void
on_copied_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (PlazaWindow) self = data;
  g_autoptr (GError) error = NULL;
  GApplication *application = g_application_get_default ();

  self->copying = FALSE;
  /* Home tells how old the copy is; that there is none now is nothing to interrupt anybody for. */
  if (!plaza_safe_copy_write_finish (result, &error))
    g_message ("The sealed copy: %s", error->message);
  self->copy_due = self->copy_due || error != NULL;
  update_home (self);
  if (application != NULL)
    g_application_release (application);
}

PlazaSafeCopy *
plaza_window_take_copy (PlazaWindow *self)
{
  g_autoptr (GError) error = NULL;
  PlazaSafeCopy *copy;

  g_clear_handle_id (&self->copy_timer, g_source_remove);
  if (!self->copy_due || self->copying || self->profile == NULL ||
      !plaza_profile_is_unlocked (self->profile))
    return NULL;
  copy = plaza_safe_copy_prepare (plaza_profile_get_store (self->profile), &error);
  if (error != NULL)
    g_message ("The sealed copy: %s", error->message);
  return copy;
}

void
plaza_window_write_copy (PlazaWindow *self, PlazaSafeCopy *copy)
{
  GApplication *application = g_application_get_default ();

  if (copy == NULL)
    return;
  self->copying = TRUE;
  self->copy_due = FALSE;
  if (application != NULL)
    g_application_hold (application);
  plaza_safe_copy_write_async (copy, on_copied_cb, g_object_ref (self));
}

static gboolean
on_copy_time_cb (gpointer data)
{
  PlazaWindow *self = data;

  PlazaSafeCopy *copy;
  PlazaSafeCopyInfo info = { 0 };

  self->copy_timer = 0;
  copy = plaza_window_take_copy (self);
  if (copy != NULL)
    {
      plaza_window_write_copy (self, copy);
      return G_SOURCE_REMOVE;
    }
  if (self->profile != NULL)
    plaza_safe_copy_get_info (self->profile, &info);
  if (self->copy_due && (self->copying || info.state == PLAZA_SAFE_COPY_ABSENT))
    self->copy_timer = g_timeout_add_seconds (ABSENT_SECONDS, on_copy_time_cb, self);
  update_home (self);
  return G_SOURCE_REMOVE;
}

void
plaza_window_plan_copy (PlazaWindow *self)
{
  PlazaSafeCopyInfo info;

  g_return_if_fail (PLAZA_IS_WINDOW (self));

  if (self->profile == NULL || self->copy_timer != 0)
    return;
  plaza_safe_copy_get_info (self->profile, &info);
  /* What could not be made last time is tried again. */
  self->copy_due = self->copy_due || info.state != PLAZA_SAFE_COPY_MADE;
  if (self->copy_due)
    self->copy_timer = g_timeout_add_seconds (COPY_SECONDS, on_copy_time_cb, self);
}

/* Handing in */

static void
finish_hand_in (PlazaWindow *self)
{
  g_auto (PlazaProof) proof = { 0 };
  g_autoptr (GError) error = NULL;
  g_autofree char *problem = NULL;

  if (!plaza_proof_make (self->profile, &proof, &error))
    {
      plaza_window_show_error (self, _ ("The laptop is not handed in"), error);
      plaza_delivery_start (self->delivery);
      return;
    }
  if (!plaza_hand_in_erase (self->profile, &error))
    {
      g_warning ("Erasing: %s", error->message);
      if (plaza_profile_is_unlocked (self->profile))
        {
          plaza_window_show_error (self, _ ("The laptop is not handed in"), error);
          plaza_delivery_start (self->delivery);
          return;
        }
      problem = g_strdup (_ ("Everything is at the central database. The disk of this laptop "
                             "refused to erase all of it: Plaza goes on when it starts again."));
    }
  self->copy_due = FALSE;
  g_clear_pointer (&self->resume_response, g_free);
  plaza_window_drop_all (self);
  plaza_window_forget_profile (self);
  gtk_widget_set_visible (self->practice_banner, FALSE);
  gtk_widget_remove_css_class (GTK_WIDGET (self), "practice");
  plaza_window_push (self, plaza_hand_in_done_new (&proof, problem));
}

static void
on_stopped_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (PlazaWindow) self = data;

  plaza_delivery_stop_finish (PLAZA_DELIVERY (source), result, NULL);
  g_clear_object (&self->closing);
  if (self->profile != NULL)
    finish_hand_in (self);
}

void
plaza_window_hand_in (PlazaWindow *self)
{
  g_return_if_fail (PLAZA_IS_WINDOW (self));
  g_return_if_fail (self->profile != NULL);

  if (self->closing != NULL || self->copying)
    return;
  g_clear_handle_id (&self->copy_timer, g_source_remove);
  self->closing = g_cancellable_new ();
  plaza_delivery_stop_async (self->delivery, self->closing, on_stopped_cb, g_object_ref (self));
}

/* Screens */

void
plaza_window_show_hand_in (PlazaWindow *self)
{
  g_return_if_fail (PLAZA_IS_WINDOW (self));
  g_return_if_fail (self->profile != NULL);

  if (!PLAZA_IS_HAND_IN_SCREEN (plaza_window_get_screen (self)))
    plaza_window_push (self, plaza_hand_in_screen_new (self->profile, self->delivery));
}

void
plaza_window_show_devices (PlazaWindow *self)
{
  g_return_if_fail (PLAZA_IS_WINDOW (self));
  g_return_if_fail (self->profile != NULL);

  if (!PLAZA_IS_DEVICES_SCREEN (plaza_window_get_screen (self)))
    plaza_window_push (self, plaza_devices_screen_new (self->profile));
}

void
plaza_window_show_answer (PlazaWindow *self)
{
  g_return_if_fail (PLAZA_IS_WINDOW (self));
  g_return_if_fail (self->profile != NULL);

  if (!PLAZA_IS_ANSWER_SCREEN (plaza_window_get_screen (self)))
    plaza_window_push (self, plaza_answer_screen_new (plaza_profile_get_store (self->profile)));
}

void
plaza_window_show_forgotten (PlazaWindow *self, PlazaProfile *profile)
{
  g_autoptr (GError) error = NULL;
  PlazaScreen *screen;

  g_return_if_fail (PLAZA_IS_WINDOW (self));

  screen = plaza_forgotten_screen_new (profile, &error);
  if (screen != NULL)
    plaza_window_push (self, screen);
  else
    plaza_window_show_error (self, _ ("Help cannot be asked for"), error);
}

static void
hand_in_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  plaza_window_show_hand_in (PLAZA_WINDOW (widget));
}

static void
devices_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  plaza_window_show_devices (PLAZA_WINDOW (widget));
}

static void
answer_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  plaza_window_show_answer (PLAZA_WINDOW (widget));
}

void
plaza_window_install_keeping_actions (GtkWidgetClass *widget_class)
{
  gtk_widget_class_install_action (widget_class, "win.hand-in", NULL, hand_in_action);
  gtk_widget_class_install_action (widget_class, "win.devices", NULL, devices_action);
  gtk_widget_class_install_action (widget_class, "win.answer", NULL, answer_action);
}
