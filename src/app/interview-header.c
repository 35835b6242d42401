/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-app"

#include "config.h"

#include "app/interview-private.h"

#include <glib/gi18n.h>
#include <string.h>

static PlazaInterview *
interview_of (PlazaInterviewScreen *self)
{
  return plaza_capture_get_interview (self->capture);
}

/* Language */

void
plaza_interview_screen_set_language (PlazaInterviewScreen *self, const char *language)
{
  g_autoptr (GError) error = NULL;

  if (!plaza_capture_set_language (self->capture, language, &error))
    g_warning ("cannot change the language: %s", error->message);
}

/* "ES" of "Español (es)": the header is narrow on a small screen. */
static char *
dup_language_code (const char *language)
{
  const char *open = language != NULL ? strrchr (language, '(') : NULL;
  const char *close = open != NULL ? strchr (open, ')') : NULL;
  g_autofree char *code = NULL;

  if (close == NULL)
    return g_strdup (language != NULL ? language : "");
  code = g_strndup (open + 1, (gsize) (close - open - 1));
  return g_utf8_strup (code, -1);
}

/* The language after the one that is shown, or NULL when there is but one. */
const char *
plaza_interview_screen_next_language (PlazaInterviewScreen *self)
{
  PlazaForm *form = plaza_interview_get_form (interview_of (self));
  const char *const *languages = plaza_form_get_languages (form);
  const char *now = plaza_interview_get_language (interview_of (self));
  guint n = g_strv_length ((char **) languages);

  for (guint i = 0; i < n && n > 1; i++)
    if (g_strcmp0 (languages[i], now) == 0)
      return languages[(i + 1) % n];
  return NULL;
}

void
plaza_interview_screen_language_changed (PlazaInterviewScreen *self)
{
  const char *next = plaza_interview_screen_next_language (self);
  const char *language = plaza_interview_get_language (interview_of (self));
  GAction *action = g_action_map_lookup_action (G_ACTION_MAP (self->actions), "language");
  g_autofree char *code = dup_language_code (language);

  g_simple_action_set_state (G_SIMPLE_ACTION (action),
                             g_variant_new_string (language != NULL ? language : ""));
  gtk_menu_button_set_label (GTK_MENU_BUTTON (self->language_button), code);
  gtk_widget_set_visible (GTK_WIDGET (self->other_language_button), next != NULL);
  gtk_button_set_label (self->other_language_button, next != NULL ? next : "");
  if (self->started)
    plaza_interview_screen_update_frame (self);
}

static GtkWidget *
make_language_button (PlazaInterviewScreen *self)
{
  const char *const *languages =
      plaza_form_get_languages (plaza_interview_get_form (interview_of (self)));
  g_autoptr (GMenu) menu = g_menu_new ();
  GtkWidget *button = gtk_menu_button_new ();

  for (guint i = 0; languages[i] != NULL; i++)
    {
      g_autoptr (GMenuItem) item = g_menu_item_new (languages[i], NULL);

      g_menu_item_set_action_and_target (item, "interview.language", "s", languages[i]);
      g_menu_append_item (menu, item);
    }
  gtk_menu_button_set_menu_model (GTK_MENU_BUTTON (button), G_MENU_MODEL (menu));
  gtk_widget_set_tooltip_text (button, _ ("Language of the questionnaire (F7)"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Language of the questionnaire"), -1);
  gtk_widget_set_visible (button, languages[0] != NULL && languages[1] != NULL);
  return button;
}

/* The header */

static GtkWidget *
make_menu_button (const char *icon, const char *name)
{
  GtkWidget *button = gtk_menu_button_new ();

  gtk_menu_button_set_icon_name (GTK_MENU_BUTTON (button), icon);
  gtk_widget_set_tooltip_text (button, name);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
  return button;
}

/* A menu that closes leaves the keys to the question, not to the button it hung from. */
static void
on_menu_closed_cb (PlazaInterviewScreen *self)
{
  if (!gtk_widget_get_mapped (GTK_WIDGET (self)))
    return;
  if (!plaza_page_view_focus_field (self->view, plaza_capture_get_focus (self->capture)))
    gtk_widget_grab_focus (self->next_button);
}

static void
give_focus_back (PlazaInterviewScreen *self, GtkWidget *button)
{
  g_signal_connect_object (gtk_menu_button_get_popover (GTK_MENU_BUTTON (button)), "closed",
                           G_CALLBACK (on_menu_closed_cb), self, G_CONNECT_SWAPPED);
}

/* Before it is shown: what was just typed counts among what is missing. */
static void
on_outline_wanted_cb (GtkMenuButton *button, gpointer data)
{
  PlazaInterviewScreen *self = data;

  plaza_page_view_commit (self->view);
  plaza_outline_set_current (PLAZA_OUTLINE (gtk_menu_button_get_popover (button)),
                             plaza_page_view_get_page (self->view));
}

void
plaza_interview_screen_make_header (PlazaInterviewScreen *self, GMenuModel *menu)
{
  GtkWidget *start = make_menu_button ("view-list-symbolic", _ ("Pages of the interview (F6)"));
  GtkWidget *end = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *outline = plaza_outline_new (self->capture);

  g_signal_connect_object (outline, "jump", G_CALLBACK (plaza_interview_screen_jump), self,
                           G_CONNECT_SWAPPED);
  gtk_menu_button_set_popover (GTK_MENU_BUTTON (start), outline);
  gtk_menu_button_set_create_popup_func (GTK_MENU_BUTTON (start), on_outline_wanted_cb, self, NULL);
  plaza_screen_set_header_start (PLAZA_SCREEN (self), start);

  self->language_button = make_language_button (self);
  self->menu_button =
      make_menu_button ("view-more-symbolic", _ ("End or leave the interview (F4)"));
  gtk_menu_button_set_menu_model (GTK_MENU_BUTTON (self->menu_button), menu);
  give_focus_back (self, start);
  give_focus_back (self, self->language_button);
  give_focus_back (self, self->menu_button);
  gtk_box_append (GTK_BOX (end), self->language_button);
  gtk_box_append (GTK_BOX (end), self->menu_button);
  /* The header is the window's: the actions must be known there too. */
  gtk_widget_insert_action_group (start, "interview", G_ACTION_GROUP (self->actions));
  gtk_widget_insert_action_group (end, "interview", G_ACTION_GROUP (self->actions));
  plaza_screen_set_header_end (PLAZA_SCREEN (self), end);
}
