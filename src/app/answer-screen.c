/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-app"

#include "config.h"

#include "app/answer-screen.h"

#include <glib/gi18n.h>

#include "app/recovery-view.h"
#include "app/scroll-to.h"
#include "app/window.h"
#include "app/words.h"
#include "base/error.h"
#include "store/recovery.h"

struct _PlazaAnswerScreen
{
  PlazaScreen parent_instance;

  PlazaStore *store;
  GBytes *request; /* that is well formed, or NULL */

  GtkTextView *request_text;
  GtkLabel *request_message;
  GtkWidget *check_box;
  GtkLabel *code;
  GtkCheckButton *known_check;
  GtkWidget *key_button;
  GtkLabel *key_message;
  GtkWidget *answer_box;
  PlazaRecoveryView *answer_view;
};

G_DEFINE_FINAL_TYPE (PlazaAnswerScreen, plaza_answer_screen, PLAZA_TYPE_SCREEN)

static void
say (GtkLabel *label, const char *words)
{
  gtk_label_set_label (label, words);
  gtk_widget_set_visible (GTK_WIDGET (label), *words != '\0');
}

static void
set_request (PlazaAnswerScreen *self, GBytes *request)
{
  PlazaRecoveryRequest parsed;
  g_autofree char *code = NULL;

  g_clear_pointer (&self->request, g_bytes_unref);
  gtk_widget_set_visible (self->answer_box, FALSE);
  gtk_check_button_set_active (self->known_check, FALSE);
  say (self->key_message, "");
  if (request == NULL || !plaza_recovery_request_parse (request, &parsed, NULL))
    {
      gtk_widget_set_visible (self->check_box, FALSE);
      return;
    }
  self->request = g_bytes_ref (request);
  code = plaza_recovery_code (request);
  gtk_label_set_label (self->code, code);
  gtk_widget_set_visible (self->check_box, TRUE);
  say (self->request_message, _ ("The request is complete."));
}

static void
on_request_changed_cb (PlazaAnswerScreen *self)
{
  GtkTextBuffer *buffer = gtk_text_view_get_buffer (self->request_text);
  GtkTextIter start, end;
  g_autofree char *text = NULL;
  g_autofree char *words = NULL;
  g_autoptr (GBytes) request = NULL;
  guint line = 0;

  gtk_text_buffer_get_bounds (buffer, &start, &end);
  text = gtk_text_buffer_get_text (buffer, &start, &end, FALSE);
  request = plaza_recovery_from_text (text, &line, NULL);
  if (line > 0)
    words = g_strdup_printf (_ ("Line %u is not right. Ask for it once more."), line);
  else if (strlen (text) > 12)
    words = g_strdup (_ ("The request is not complete yet."));
  say (self->request_message, words != NULL ? words : "");
  set_request (self, request);
}

static void
on_request_file_cb (GFile *file, gpointer data)
{
  PlazaAnswerScreen *self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) request = plaza_recovery_view_read (file, &error);
  g_autofree char *text = NULL;

  if (request == NULL)
    {
      g_debug ("Recovery: %s", error->message);
      say (self->request_message, _ ("There is no request in this file."));
      return;
    }
  text = plaza_recovery_to_text (request);
  gtk_text_buffer_set_text (gtk_text_view_get_buffer (self->request_text), text, -1);
}

static void
on_open_cb (PlazaAnswerScreen *self)
{
  plaza_recovery_view_choose (GTK_WIDGET (self), _ ("Open the request"), on_request_file_cb, self);
}

static void
on_known_cb (PlazaAnswerScreen *self)
{
  gtk_widget_set_sensitive (self->key_button, gtk_check_button_get_active (self->known_check));
}

static void
on_key_file_cb (GFile *file, gpointer data)
{
  PlazaAnswerScreen *self = data;
  PlazaProfile *profile = plaza_store_get_profile (self->store);
  g_autoptr (GError) error = NULL;
  g_autoptr (PlazaSecret) recovery = NULL;
  g_autoptr (GBytes) answer = NULL;

  if (self->request == NULL || profile == NULL)
    return;
  recovery = plaza_recovery_key_load (g_file_peek_path (file),
                                      plaza_store_get_campaign (self->store), &error);
  if (recovery != NULL)
    answer = plaza_recovery_give (plaza_profile_get_data_root (profile), self->request, recovery,
                                  &error);
  if (answer == NULL)
    {
      g_debug ("Recovery: %s", error->message);
      if (g_error_matches (error, PLAZA_ERROR, PLAZA_ERROR_DISK))
        say (self->key_message, plaza_words_for_error (error));
      else
        say (self->key_message,
             _ ("This file is not the recovery key of this campaign, or the request is of another "
                "campaign."));
      return;
    }
  say (self->key_message, "");
  plaza_recovery_view_show (self->answer_view, answer, "plaza" PLAZA_RECOVERY_ANSWER_SUFFIX);
  gtk_widget_set_visible (self->answer_box, TRUE);
  gtk_widget_child_focus (self->answer_box, GTK_DIR_TAB_FORWARD);
  plaza_scroll_to (self->answer_box);
}

static void
on_key_cb (PlazaAnswerScreen *self)
{
  plaza_recovery_view_choose (GTK_WIDGET (self), _ ("Open the recovery key"), on_key_file_cb, self);
}

PlazaScreen *
plaza_answer_screen_new (PlazaStore *store)
{
  PlazaAnswerScreen *self = g_object_new (PLAZA_TYPE_ANSWER_SCREEN, NULL);

  self->store = g_object_ref (store);
  return PLAZA_SCREEN (self);
}

static void
plaza_answer_screen_shown (PlazaScreen *screen)
{
  gtk_widget_grab_focus (GTK_WIDGET (PLAZA_ANSWER_SCREEN (screen)->request_text));
}

static void
plaza_answer_screen_dispose (GObject *object)
{
  PlazaAnswerScreen *self = PLAZA_ANSWER_SCREEN (object);

  g_clear_object (&self->store);
  g_clear_pointer (&self->request, g_bytes_unref);
  gtk_widget_dispose_template (GTK_WIDGET (object), PLAZA_TYPE_ANSWER_SCREEN);
  G_OBJECT_CLASS (plaza_answer_screen_parent_class)->dispose (object);
}

static void
plaza_answer_screen_class_init (PlazaAnswerScreenClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  g_type_ensure (PLAZA_TYPE_RECOVERY_VIEW);
  object_class->dispose = plaza_answer_screen_dispose;
  PLAZA_SCREEN_CLASS (class)->shown = plaza_answer_screen_shown;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/gobabiertomx/Plaza/answer-screen.ui");
  gtk_widget_class_bind_template_child (widget_class, PlazaAnswerScreen, request_text);
  gtk_widget_class_bind_template_child (widget_class, PlazaAnswerScreen, request_message);
  gtk_widget_class_bind_template_child (widget_class, PlazaAnswerScreen, check_box);
  gtk_widget_class_bind_template_child (widget_class, PlazaAnswerScreen, code);
  gtk_widget_class_bind_template_child (widget_class, PlazaAnswerScreen, known_check);
  gtk_widget_class_bind_template_child (widget_class, PlazaAnswerScreen, key_button);
  gtk_widget_class_bind_template_child (widget_class, PlazaAnswerScreen, key_message);
  gtk_widget_class_bind_template_child (widget_class, PlazaAnswerScreen, answer_box);
  gtk_widget_class_bind_template_child (widget_class, PlazaAnswerScreen, answer_view);
  gtk_widget_class_bind_template_callback (widget_class, on_open_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_known_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_key_cb);
}

static void
plaza_answer_screen_init (PlazaAnswerScreen *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  g_signal_connect_object (gtk_text_view_get_buffer (self->request_text), "changed",
                           G_CALLBACK (on_request_changed_cb), self, G_CONNECT_SWAPPED);
}
