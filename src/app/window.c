/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-app"

#include "config.h"

#include "app/window-private.h"

#include <glib/gi18n.h>

#include "app/application.h"
#include "app/button-text.h"
#include "app/home-screen.h"
#include "app/interview-screen.h"
#include "app/words.h"

G_DEFINE_FINAL_TYPE (PlazaWindow, plaza_window, ADW_TYPE_APPLICATION_WINDOW)

static void
swap_header_widget (PlazaWindow *self, GtkWidget **slot, GtkWidget *widget, gboolean at_start)
{
  if (*slot == widget)
    return;
  if (*slot != NULL)
    adw_header_bar_remove (self->header, *slot);
  g_clear_object (slot);
  if (widget == NULL)
    return;
  *slot = g_object_ref (widget);
  if (at_start)
    adw_header_bar_pack_start (self->header, widget);
  else
    adw_header_bar_pack_end (self->header, widget);
}

static void
update_header (PlazaWindow *self)
{
  PlazaScreen *screen = plaza_window_get_screen (self);
  const char *title = screen != NULL ? plaza_screen_get_title (screen) : NULL;
  const char *subtitle = screen != NULL ? plaza_screen_get_subtitle (screen) : NULL;

  adw_window_title_set_title (self->title, title != NULL ? title : _ ("Plaza"));
  adw_window_title_set_subtitle (self->title, subtitle != NULL ? subtitle : "");
  swap_header_widget (self, &self->header_start,
                      screen != NULL ? plaza_screen_get_header_start (screen) : NULL, TRUE);
  swap_header_widget (self, &self->header_end,
                      screen != NULL ? plaza_screen_get_header_end (screen) : NULL, FALSE);
  gtk_widget_set_visible (GTK_WIDGET (self->back_button),
                          screen != NULL && self->screens->len > 1 &&
                              plaza_screen_get_can_go_back (screen));
}

PlazaScreen *
plaza_window_get_screen (PlazaWindow *self)
{
  return self->screens->len > 0 ? g_ptr_array_index (self->screens, self->screens->len - 1) : NULL;
}

static void
show_top (PlazaWindow *self)
{
  PlazaScreen *screen = plaza_window_get_screen (self);

  if (screen == NULL)
    return;
  self->unpainted = TRUE;
  gtk_stack_set_visible_child (self->stack, GTK_WIDGET (screen));
  update_header (self);
  plaza_window_update_actions (self);
  plaza_screen_shown (screen);
}

static void
drop (PlazaWindow *self, PlazaScreen *screen)
{
  GtkWidget *focus = gtk_window_get_focus (GTK_WINDOW (self));

  /* An entry that goes away with the focus keeps blinking into the void, and GTK warns. */
  if (focus != NULL && gtk_widget_is_ancestor (focus, GTK_WIDGET (screen)))
    gtk_window_set_focus (GTK_WINDOW (self), NULL);
  g_signal_handlers_disconnect_by_func (screen, update_header, self);
  gtk_stack_remove (self->stack, GTK_WIDGET (screen));
  g_ptr_array_remove (self->screens, screen);
}

static void
drop_top (PlazaWindow *self)
{
  drop (self, plaza_window_get_screen (self));
}

static void
add_screen (PlazaWindow *self, PlazaScreen *screen)
{
  g_ptr_array_add (self->screens, g_object_ref_sink (screen));
  plaza_button_text_wrap (GTK_WIDGET (screen));
  gtk_stack_add_child (self->stack, GTK_WIDGET (screen));
  g_signal_connect_object (screen, "notify", G_CALLBACK (update_header), self, G_CONNECT_SWAPPED);
}

void
plaza_window_push (PlazaWindow *self, PlazaScreen *screen)
{
  g_return_if_fail (PLAZA_IS_WINDOW (self));
  g_return_if_fail (PLAZA_IS_SCREEN (screen));

  add_screen (self, screen);
  show_top (self);
}

void
plaza_window_replace (PlazaWindow *self, PlazaScreen *screen)
{
  PlazaScreen *old;

  g_return_if_fail (PLAZA_IS_WINDOW (self));
  g_return_if_fail (PLAZA_IS_SCREEN (screen));

  /* The new screen is shown before the old one goes, so that nothing flashes between them. */
  old = plaza_window_get_screen (self);
  add_screen (self, screen);
  show_top (self);
  if (old != NULL)
    {
      drop (self, old);
      update_header (self);
    }
}

void
plaza_window_pop (PlazaWindow *self)
{
  g_return_if_fail (PLAZA_IS_WINDOW (self));

  if (self->screens->len < 2)
    return;
  drop_top (self);
  show_top (self);
}

void
plaza_window_drop_all (PlazaWindow *self)
{
  while (self->screens->len > 0)
    drop_top (self);
}

void
plaza_window_show_home (PlazaWindow *self)
{
  g_return_if_fail (PLAZA_IS_WINDOW (self));

  while (self->screens->len > 1)
    drop_top (self);
  if (self->screens->len == 1 && PLAZA_IS_HOME_SCREEN (plaza_window_get_screen (self)))
    show_top (self);
  else
    plaza_window_replace (
        self, plaza_home_screen_new (plaza_profile_get_store (self->profile), self->delivery));
}

void
plaza_window_show_interview (PlazaWindow *self, PlazaCapture *capture)
{
  g_return_if_fail (PLAZA_IS_WINDOW (self));

  while (self->screens->len > 1)
    drop_top (self);
  plaza_window_push (self, plaza_interview_screen_new (capture));
}

void
plaza_window_save_size (PlazaWindow *self)
{
  PlazaApplication *application =
      PLAZA_APPLICATION (gtk_window_get_application (GTK_WINDOW (self)));
  GSettings *settings = application != NULL ? plaza_application_get_settings (application) : NULL;
  int width, height;

  if (settings == NULL)
    return;
  gtk_window_get_default_size (GTK_WINDOW (self), &width, &height);
  g_settings_set (settings, "window-size", "(ii)", width, height);
  g_settings_set_boolean (settings, "maximized", gtk_window_is_maximized (GTK_WINDOW (self)));
}

static void
restore_size (PlazaWindow *self, GSettings *settings)
{
  int width, height;

  if (settings == NULL)
    return;
  g_settings_get (settings, "window-size", "(ii)", &width, &height);
  if (width >= 360 && height >= 300)
    gtk_window_set_default_size (GTK_WINDOW (self), width, height);
  if (g_settings_get_boolean (settings, "maximized"))
    gtk_window_maximize (GTK_WINDOW (self));
}

static void
on_toast_dismissed_cb (PlazaWindow *self, AdwToast *toast)
{
  if (self->toast == toast)
    g_clear_object (&self->toast);
}

void
plaza_window_dismiss_toast (PlazaWindow *self)
{
  if (self->toast != NULL)
    adw_toast_dismiss (self->toast);
}

void
plaza_window_toast_with_action (PlazaWindow *self,
                                const char *text,
                                const char *label,
                                const char *action)
{
  g_autofree char *escaped = NULL;

  g_return_if_fail (PLAZA_IS_WINDOW (self));

  /* One at a time, the newest: what happened before it is no news any more. */
  plaza_window_dismiss_toast (self);
  /* The title of a toast is markup in libadwaita 1.2. */
  escaped = g_markup_escape_text (text, -1);
  self->toast = adw_toast_new (escaped);
  g_signal_connect_object (self->toast, "dismissed", G_CALLBACK (on_toast_dismissed_cb), self,
                           G_CONNECT_SWAPPED);
  if (label != NULL)
    {
      adw_toast_set_button_label (self->toast, label);
      adw_toast_set_detailed_action_name (self->toast, action);
    }
  else
    adw_toast_set_timeout (self->toast, 3);
  adw_toast_overlay_add_toast (self->toasts, g_object_ref (self->toast));
}

void
plaza_window_toast (PlazaWindow *self, const char *text)
{
  plaza_window_toast_with_action (self, text, NULL, NULL);
}

void
plaza_window_fit (PlazaWindow *self, GtkWindow *dialog)
{
  int width, height, available = gtk_widget_get_width (GTK_WIDGET (self));

  g_return_if_fail (PLAZA_IS_WINDOW (self));
  g_return_if_fail (GTK_IS_WINDOW (dialog));

  gtk_window_get_default_size (dialog, &width, &height);
  if (available > 0 && width > available)
    gtk_window_set_default_size (dialog, available, height);
}

void
plaza_window_show_error (PlazaWindow *self, const char *heading, const GError *error)
{
  GtkWidget *dialog;

  g_return_if_fail (PLAZA_IS_WINDOW (self));

  g_warning ("%s: %s", heading, error != NULL ? error->message : "no reason given");
  dialog = adw_message_dialog_new (GTK_WINDOW (self), heading, plaza_words_for_error (error));
  adw_message_dialog_add_response (ADW_MESSAGE_DIALOG (dialog), "close", _ ("_Close"));
  gtk_window_present (GTK_WINDOW (dialog));
}

void
plaza_window_set_handed_over (PlazaWindow *self, gboolean handed_over)
{
  g_return_if_fail (PLAZA_IS_WINDOW (self));

  self->handed_over = !!handed_over;
  gtk_widget_set_visible (GTK_WIDGET (self->header), !handed_over);
  plaza_window_update_actions (self);
}

gboolean
plaza_window_get_handed_over (PlazaWindow *self)
{
  g_return_val_if_fail (PLAZA_IS_WINDOW (self), FALSE);

  return self->handed_over;
}

static void
back_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  PlazaWindow *self = PLAZA_WINDOW (widget);
  PlazaScreen *screen = plaza_window_get_screen (self);

  if (self->handed_over)
    return;
  if (screen != NULL && !plaza_screen_back (screen))
    plaza_window_pop (self);
}

PlazaWindow *
plaza_window_new (PlazaApplication *application)
{
  PlazaWindow *self = g_object_new (PLAZA_TYPE_WINDOW, "application", application, NULL);

  restore_size (self, plaza_application_get_settings (application));
  plaza_window_begin (self);
  return self;
}

static void
plaza_window_dispose (GObject *object)
{
  PlazaWindow *self = PLAZA_WINDOW (object);

  plaza_window_forget_profile (self);
  if (self->screens != NULL)
    for (guint i = 0; i < self->screens->len; i++)
      g_signal_handlers_disconnect_by_func (g_ptr_array_index (self->screens, i), update_header,
                                            self);
  g_clear_pointer (&self->screens, g_ptr_array_unref);
  g_clear_object (&self->header_start);
  g_clear_object (&self->header_end);
  g_clear_object (&self->toast);
  g_clear_pointer (&self->resume_profile, g_free);
  g_clear_pointer (&self->resume_response, g_free);
  g_clear_pointer (&self->other_day_session, g_free);
  g_clear_pointer (&self->form_id, g_free);
  gtk_widget_dispose_template (GTK_WIDGET (object), PLAZA_TYPE_WINDOW);
  G_OBJECT_CLASS (plaza_window_parent_class)->dispose (object);
}

/* How long a screen takes to be there is measured from outside, by these lines. */
static void
on_after_paint_cb (PlazaWindow *self)
{
  if (!self->unpainted)
    return;
  self->unpainted = FALSE;
  g_debug ("Painted: %s", G_OBJECT_TYPE_NAME (plaza_window_get_screen (self)));
}

static void
plaza_window_realize (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (plaza_window_parent_class)->realize (widget);
  g_signal_connect_object (
      gdk_surface_get_frame_clock (gtk_native_get_surface (GTK_NATIVE (widget))), "after-paint",
      G_CALLBACK (on_after_paint_cb), widget, G_CONNECT_SWAPPED);
}

static gboolean
on_close_request_cb (GtkWindow *window)
{
  if (plaza_window_close_request (PLAZA_WINDOW (window)))
    return TRUE;
  return GTK_WINDOW_CLASS (plaza_window_parent_class)->close_request (window);
}

static void
plaza_window_class_init (PlazaWindowClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  object_class->dispose = plaza_window_dispose;
  widget_class->realize = plaza_window_realize;
  GTK_WINDOW_CLASS (class)->close_request = on_close_request_cb;

  gtk_widget_class_set_template_from_resource (widget_class, "/org/gobabiertomx/Plaza/window.ui");
  gtk_widget_class_bind_template_child (widget_class, PlazaWindow, toasts);
  gtk_widget_class_bind_template_child (widget_class, PlazaWindow, header);
  gtk_widget_class_bind_template_child (widget_class, PlazaWindow, title);
  gtk_widget_class_bind_template_child (widget_class, PlazaWindow, back_button);
  gtk_widget_class_bind_template_child (widget_class, PlazaWindow, menu_button);
  gtk_widget_class_bind_template_child (widget_class, PlazaWindow, practice_banner);
  gtk_widget_class_bind_template_child (widget_class, PlazaWindow, stack);

  gtk_widget_class_install_action (widget_class, "win.back", NULL, back_action);
  plaza_window_install_profile_actions (widget_class);
}

static void
plaza_window_init (PlazaWindow *self)
{
  self->screens = g_ptr_array_new_with_free_func (g_object_unref);
  gtk_widget_init_template (GTK_WIDGET (self));
}
