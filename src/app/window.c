/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-app"

#include "config.h"

#include "app/window.h"

#include <glib/gi18n.h>

#include "app/application.h"
#include "app/home-screen.h"
#include "app/interview-page.h"

struct _PlazaWindow
{
  AdwApplicationWindow parent_instance;

  GPtrArray *pages; /* of PlazaScreen, the last one is on screen */
  GtkWidget *header_start;
  GtkWidget *header_end;
  guint handed_over : 1;

  AdwToastOverlay *toasts;
  AdwHeaderBar *header;
  AdwWindowTitle *title;
  GtkButton *back_button;
  GtkMenuButton *menu_button;
  GtkWidget *practice_banner;
  GtkStack *stack;
};

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
  PlazaScreen *page = plaza_window_get_screen (self);
  const char *title = page != NULL ? plaza_screen_get_title (page) : NULL;
  const char *subtitle = page != NULL ? plaza_screen_get_subtitle (page) : NULL;

  adw_window_title_set_title (self->title, title != NULL ? title : _ ("Plaza"));
  adw_window_title_set_subtitle (self->title, subtitle != NULL ? subtitle : "");
  swap_header_widget (self, &self->header_start,
                      page != NULL ? plaza_screen_get_header_start (page) : NULL, TRUE);
  swap_header_widget (self, &self->header_end,
                      page != NULL ? plaza_screen_get_header_end (page) : NULL, FALSE);
  gtk_widget_set_visible (GTK_WIDGET (self->back_button), page != NULL && self->pages->len > 1 &&
                                                              plaza_screen_get_can_go_back (page));
}

PlazaScreen *
plaza_window_get_screen (PlazaWindow *self)
{
  return self->pages->len > 0 ? g_ptr_array_index (self->pages, self->pages->len - 1) : NULL;
}

static void
show_top (PlazaWindow *self)
{
  PlazaScreen *page = plaza_window_get_screen (self);

  if (page == NULL)
    return;
  gtk_stack_set_visible_child (self->stack, GTK_WIDGET (page));
  update_header (self);
  plaza_screen_shown (page);
}

static void
drop_top (PlazaWindow *self)
{
  g_autoptr (PlazaScreen) page = g_object_ref (plaza_window_get_screen (self));

  g_signal_handlers_disconnect_by_func (page, update_header, self);
  g_ptr_array_set_size (self->pages, self->pages->len - 1);
  gtk_stack_remove (self->stack, GTK_WIDGET (page));
}

static void
add_page (PlazaWindow *self, PlazaScreen *page)
{
  g_ptr_array_add (self->pages, g_object_ref_sink (page));
  gtk_stack_add_child (self->stack, GTK_WIDGET (page));
  g_signal_connect_object (page, "notify", G_CALLBACK (update_header), self, G_CONNECT_SWAPPED);
}

void
plaza_window_push (PlazaWindow *self, PlazaScreen *page)
{
  g_return_if_fail (PLAZA_IS_WINDOW (self));
  g_return_if_fail (PLAZA_IS_SCREEN (page));

  add_page (self, page);
  show_top (self);
}

void
plaza_window_replace (PlazaWindow *self, PlazaScreen *page)
{
  PlazaScreen *old;

  g_return_if_fail (PLAZA_IS_WINDOW (self));
  g_return_if_fail (PLAZA_IS_SCREEN (page));

  /* The new page is shown before the old one goes, so that nothing flashes between them. */
  old = plaza_window_get_screen (self);
  add_page (self, page);
  show_top (self);
  if (old != NULL)
    {
      g_signal_handlers_disconnect_by_func (old, update_header, self);
      gtk_stack_remove (self->stack, GTK_WIDGET (old));
      g_ptr_array_remove (self->pages, old);
      update_header (self);
    }
}

void
plaza_window_pop (PlazaWindow *self)
{
  g_return_if_fail (PLAZA_IS_WINDOW (self));

  if (self->pages->len < 2)
    return;
  drop_top (self);
  show_top (self);
}

void
plaza_window_show_home (PlazaWindow *self)
{
  g_return_if_fail (PLAZA_IS_WINDOW (self));

  while (self->pages->len > 1)
    drop_top (self);
  if (PLAZA_IS_HOME_SCREEN (plaza_window_get_screen (self)))
    show_top (self);
  else
    plaza_window_replace (self, plaza_home_screen_new ());
}

void
plaza_window_show_interview (PlazaWindow *self, PlazaCapture *capture)
{
  g_return_if_fail (PLAZA_IS_WINDOW (self));

  while (self->pages->len > 1)
    drop_top (self);
  plaza_window_push (self, plaza_interview_page_new (capture));
}

void
plaza_window_toast (PlazaWindow *self, const char *text)
{
  g_return_if_fail (PLAZA_IS_WINDOW (self));

  adw_toast_overlay_add_toast (self->toasts, adw_toast_new (text));
}

void
plaza_window_toast_with_action (PlazaWindow *self,
                                const char *text,
                                const char *label,
                                const char *action)
{
  AdwToast *toast;

  g_return_if_fail (PLAZA_IS_WINDOW (self));

  toast = adw_toast_new (text);
  adw_toast_set_button_label (toast, label);
  adw_toast_set_detailed_action_name (toast, action);
  adw_toast_overlay_add_toast (self->toasts, toast);
}

void
plaza_window_set_handed_over (PlazaWindow *self, gboolean handed_over)
{
  g_return_if_fail (PLAZA_IS_WINDOW (self));

  self->handed_over = !!handed_over;
  gtk_widget_set_visible (GTK_WIDGET (self->header), !handed_over);
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
  PlazaScreen *page = plaza_window_get_screen (self);

  if (page != NULL && !plaza_screen_back (page))
    plaza_window_pop (self);
}

PlazaWindow *
plaza_window_new (PlazaApplication *application)
{
  return g_object_new (PLAZA_TYPE_WINDOW, "application", application, NULL);
}

static void
plaza_window_dispose (GObject *object)
{
  PlazaWindow *self = PLAZA_WINDOW (object);

  if (self->pages != NULL)
    for (guint i = 0; i < self->pages->len; i++)
      g_signal_handlers_disconnect_by_func (g_ptr_array_index (self->pages, i), update_header,
                                            self);
  g_clear_pointer (&self->pages, g_ptr_array_unref);
  g_clear_object (&self->header_start);
  g_clear_object (&self->header_end);
  gtk_widget_dispose_template (GTK_WIDGET (object), PLAZA_TYPE_WINDOW);
  G_OBJECT_CLASS (plaza_window_parent_class)->dispose (object);
}

static void
plaza_window_class_init (PlazaWindowClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  object_class->dispose = plaza_window_dispose;

  gtk_widget_class_set_template_from_resource (widget_class, "/org/gobabiertomx/Plaza/window.ui");
  gtk_widget_class_bind_template_child (widget_class, PlazaWindow, toasts);
  gtk_widget_class_bind_template_child (widget_class, PlazaWindow, header);
  gtk_widget_class_bind_template_child (widget_class, PlazaWindow, title);
  gtk_widget_class_bind_template_child (widget_class, PlazaWindow, back_button);
  gtk_widget_class_bind_template_child (widget_class, PlazaWindow, menu_button);
  gtk_widget_class_bind_template_child (widget_class, PlazaWindow, practice_banner);
  gtk_widget_class_bind_template_child (widget_class, PlazaWindow, stack);

  gtk_widget_class_install_action (widget_class, "win.back", NULL, back_action);
}

static void
plaza_window_init (PlazaWindow *self)
{
  self->pages = g_ptr_array_new_with_free_func (g_object_unref);
  gtk_widget_init_template (GTK_WIDGET (self));
  plaza_window_push (self, plaza_home_screen_new ());
}
