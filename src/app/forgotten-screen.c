/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-app"

#include "config.h"

#include "app/forgotten-screen.h"

#include <glib/gi18n.h>

#include "app/new-passphrase.h"
#include "app/recovery-view.h"
#include "app/scroll-to.h"
#include "app/window.h"
#include "app/words.h"
#include "base/error.h"
#include "store/recovery.h"

struct _PlazaForgottenScreen
{
  PlazaScreen parent_instance;

  PlazaProfile *profile;
  GBytes *answer; /* that fits, or NULL */
  guint busy : 1;

  GtkLabel *code;
  PlazaRecoveryView *request_view;
  GtkTextView *answer_text;
  GtkLabel *answer_message;
  GtkWidget *passphrase_box;
  PlazaNewPassphrase *passphrase;
  GtkWidget *finish_button;
  GtkLabel *message;
};

G_DEFINE_FINAL_TYPE (PlazaForgottenScreen, plaza_forgotten_screen, PLAZA_TYPE_SCREEN)

static void
say (GtkLabel *label, const char *words)
{
  gtk_label_set_label (label, words);
  gtk_widget_set_visible (GTK_WIDGET (label), *words != '\0');
}

static void
take_answer (PlazaForgottenScreen *self, GBytes *answer)
{
  g_autoptr (GError) error = NULL;

  g_clear_pointer (&self->answer, g_bytes_unref);
  if (plaza_recovery_check (self->profile, answer, &error))
    {
      self->answer = g_bytes_ref (answer);
      say (self->answer_message, _ ("The answer is right. Now choose a new passphrase."));
      gtk_widget_set_visible (self->passphrase_box, TRUE);
      gtk_widget_child_focus (GTK_WIDGET (self->passphrase), GTK_DIR_TAB_FORWARD);
      plaza_scroll_to (self->passphrase_box);
      return;
    }
  g_debug ("Recovery: %s", error->message);
  gtk_widget_set_visible (self->passphrase_box, FALSE);
  if (g_error_matches (error, PLAZA_ERROR, PLAZA_ERROR_SIGNATURE))
    say (self->answer_message,
         _ ("This is the answer to another request, or of another laptop. Compare the code above "
            "with the one your coordination has."));
  else if (g_error_matches (error, PLAZA_ERROR, PLAZA_ERROR_INVALID))
    say (self->answer_message,
         _ ("This is no answer. The lines above are the request; the answer comes from your "
            "coordination."));
  else
    say (self->answer_message, plaza_words_for_error (error));
}

static void
on_answer_changed_cb (PlazaForgottenScreen *self)
{
  GtkTextBuffer *buffer = gtk_text_view_get_buffer (self->answer_text);
  GtkTextIter start, end;
  g_autofree char *text = NULL;
  g_autofree char *words = NULL;
  g_autoptr (GBytes) answer = NULL;
  guint line = 0;

  gtk_text_buffer_get_bounds (buffer, &start, &end);
  text = gtk_text_buffer_get_text (buffer, &start, &end, FALSE);
  answer = plaza_recovery_from_text (text, &line, NULL);
  if (answer != NULL)
    {
      take_answer (self, answer);
      return;
    }
  g_clear_pointer (&self->answer, g_bytes_unref);
  gtk_widget_set_visible (self->passphrase_box, FALSE);
  if (line > 0)
    words = g_strdup_printf (_ ("Line %u is not right. Ask for it once more."), line);
  else if (strlen (text) > 12)
    words = g_strdup (_ ("The answer is not complete yet."));
  say (self->answer_message, words != NULL ? words : "");
}

static void
on_file_cb (GFile *file, gpointer data)
{
  PlazaForgottenScreen *self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) answer = plaza_recovery_view_read (file, &error);
  g_autofree char *text = NULL;

  if (answer == NULL)
    {
      g_debug ("Recovery: %s", error->message);
      say (self->answer_message, _ ("There is no answer in this file."));
      return;
    }
  /* As if it had been typed: what is in the field is what counts. */
  text = plaza_recovery_to_text (answer);
  gtk_text_buffer_set_text (gtk_text_view_get_buffer (self->answer_text), text, -1);
}

static void
on_open_cb (PlazaForgottenScreen *self)
{
  plaza_recovery_view_choose (GTK_WIDGET (self), _ ("Open the answer"), on_file_cb, self);
}

static void
on_unlocked_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (PlazaForgottenScreen) self = data;
  g_autoptr (GError) error = NULL;
  PlazaWindow *window = plaza_screen_get_window (PLAZA_SCREEN (self));
  gboolean unlocked = plaza_profile_unlock_finish (self->profile, result, &error);

  self->busy = FALSE;
  plaza_new_passphrase_clear (self->passphrase);
  gtk_widget_set_sensitive (self->finish_button, TRUE);
  if (!unlocked)
    {
      say (self->message, plaza_words_for_error (error));
      return;
    }
  if (window == NULL)
    {
      plaza_profile_lock (self->profile, NULL);
      return;
    }
  plaza_window_set_profile (window, self->profile);
  plaza_window_toast (window, _ ("The new passphrase is in place."));
}

static void
finish_in_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  PlazaForgottenScreen *self = source;
  GError *error = NULL;

  if (plaza_recovery_finish (self->profile, self->answer, data, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
on_finished_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  PlazaForgottenScreen *self = PLAZA_FORGOTTEN_SCREEN (source);
  g_autoptr (GError) error = NULL;

  if (g_task_propagate_boolean (G_TASK (result), &error))
    {
      plaza_profile_unlock_async (self->profile, data, NULL, on_unlocked_cb, g_object_ref (self));
      return;
    }
  self->busy = FALSE;
  gtk_widget_set_sensitive (self->finish_button, TRUE);
  say (self->message, plaza_words_for_error (error));
}

static void
on_finish_cb (PlazaForgottenScreen *self)
{
  g_autoptr (GTask) task = NULL;
  const char *text;

  if (self->busy || self->answer == NULL)
    return;
  if (!plaza_new_passphrase_get_acceptable (self->passphrase))
    {
      plaza_new_passphrase_complain (self->passphrase);
      return;
    }
  self->busy = TRUE;
  gtk_root_set_focus (gtk_widget_get_root (GTK_WIDGET (self)), NULL);
  gtk_widget_set_sensitive (self->finish_button, FALSE);
  say (self->message, _ ("A moment: everything is sealed under a new key."));
  /* The text stays in the entry's locked memory, which nobody edits meanwhile. */
  text = plaza_new_passphrase_get_text (self->passphrase);
  task = g_task_new (self, NULL, on_finished_cb, (gpointer) text);
  g_task_set_task_data (task, (gpointer) text, NULL);
  g_task_run_in_thread (task, finish_in_thread);
}

PlazaScreen *
plaza_forgotten_screen_new (PlazaProfile *profile, GError **error)
{
  g_autoptr (GBytes) request = plaza_recovery_ask (profile, error);
  g_autoptr (PlazaCampaign) campaign = NULL;
  g_autofree char *code = NULL;
  PlazaForgottenScreen *self;
  const char *context[3] = { plaza_profile_get_name (profile), NULL, NULL };

  if (request == NULL)
    return NULL;
  self = g_object_new (PLAZA_TYPE_FORGOTTEN_SCREEN, NULL);
  self->profile = g_object_ref (profile);
  code = plaza_recovery_code (request);
  gtk_label_set_label (self->code, code);
  plaza_recovery_view_show (self->request_view, request, "plaza" PLAZA_RECOVERY_REQUEST_SUFFIX);
  campaign = plaza_data_load_campaign (plaza_profile_get_data_root (profile),
                                       plaza_profile_get_campaign_fingerprint (profile), NULL);
  if (campaign != NULL)
    context[1] = campaign->title;
  plaza_new_passphrase_set_context (self->passphrase, context);
  plaza_screen_set_subtitle (PLAZA_SCREEN (self), plaza_profile_get_name (profile));
  return PLAZA_SCREEN (self);
}

static void
plaza_forgotten_screen_shown (PlazaScreen *screen)
{
  /* The call begins with the code. */
  gtk_widget_grab_focus (GTK_WIDGET (PLAZA_FORGOTTEN_SCREEN (screen)->code));
}

static void
plaza_forgotten_screen_dispose (GObject *object)
{
  PlazaForgottenScreen *self = PLAZA_FORGOTTEN_SCREEN (object);

  g_clear_object (&self->profile);
  g_clear_pointer (&self->answer, g_bytes_unref);
  gtk_widget_dispose_template (GTK_WIDGET (object), PLAZA_TYPE_FORGOTTEN_SCREEN);
  G_OBJECT_CLASS (plaza_forgotten_screen_parent_class)->dispose (object);
}

static void
plaza_forgotten_screen_class_init (PlazaForgottenScreenClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  g_type_ensure (PLAZA_TYPE_RECOVERY_VIEW);
  g_type_ensure (PLAZA_TYPE_NEW_PASSPHRASE);
  object_class->dispose = plaza_forgotten_screen_dispose;
  PLAZA_SCREEN_CLASS (class)->shown = plaza_forgotten_screen_shown;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/gobabiertomx/Plaza/forgotten-screen.ui");
  gtk_widget_class_bind_template_child (widget_class, PlazaForgottenScreen, code);
  gtk_widget_class_bind_template_child (widget_class, PlazaForgottenScreen, request_view);
  gtk_widget_class_bind_template_child (widget_class, PlazaForgottenScreen, answer_text);
  gtk_widget_class_bind_template_child (widget_class, PlazaForgottenScreen, answer_message);
  gtk_widget_class_bind_template_child (widget_class, PlazaForgottenScreen, passphrase_box);
  gtk_widget_class_bind_template_child (widget_class, PlazaForgottenScreen, passphrase);
  gtk_widget_class_bind_template_child (widget_class, PlazaForgottenScreen, finish_button);
  gtk_widget_class_bind_template_child (widget_class, PlazaForgottenScreen, message);
  gtk_widget_class_bind_template_callback (widget_class, on_open_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_finish_cb);
}

static void
plaza_forgotten_screen_init (PlazaForgottenScreen *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  g_signal_connect_object (gtk_text_view_get_buffer (self->answer_text), "changed",
                           G_CALLBACK (on_answer_changed_cb), self, G_CONNECT_SWAPPED);
}
