/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-app"

#include "config.h"

#include "app/interview-private.h"

#include <glib/gi18n.h>

#include "app/ask.h"
#include "app/finish-screen.h"
#include "app/return-dialog.h"
#include "app/window.h"
#include "app/words.h"
#include "base/error.h"

static PlazaWindow *
window_of (PlazaInterviewScreen *self)
{
  return plaza_screen_get_window (PLAZA_SCREEN (self));
}

static void
show_ending (PlazaInterviewScreen *self, const PlazaEnding *ending)
{
  PlazaWindow *window = window_of (self);

  if (window != NULL)
    plaza_window_replace (
        window, plaza_finish_screen_new (ending, plaza_capture_is_correction (self->capture),
                                         plaza_interview_screen_is_handed_over (self)));
}

static void
show_error (PlazaInterviewScreen *self, const char *heading, const GError *error)
{
  PlazaWindow *window = window_of (self);

  if (window != NULL)
    plaza_window_show_error (window, heading, error);
}

/* Finishing */

static gboolean
show_missing (PlazaInterviewScreen *self)
{
  g_autoptr (GPtrArray) missing = plaza_capture_get_missing (self->capture);

  if (missing->len == 0)
    return FALSE;
  gtk_stack_set_visible_child_name (self->stack, "missing");
  plaza_missing_view_show (self->missing, missing);
  return TRUE;
}

static void
on_finished_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (PlazaInterviewScreen) self = data;
  g_autoptr (GError) error = NULL;
  g_auto (PlazaEnding) ending = { 0 };

  if (plaza_capture_finish_finish (PLAZA_CAPTURE (source), result, &ending, &error))
    {
      show_ending (self, &ending);
      return;
    }
  self->ending = FALSE;
  gtk_widget_set_sensitive (self->next_button, TRUE);
  if (!g_error_matches (error, PLAZA_ERROR, PLAZA_ERROR_REFUSED) || !show_missing (self))
    show_error (self, _ ("The interview could not be finished"), error);
}

void
plaza_interview_screen_finish (PlazaInterviewScreen *self)
{
  if (show_missing (self))
    return;
  self->ending = TRUE;
  gtk_widget_set_sensitive (self->next_button, FALSE);
  plaza_capture_finish_async (self->capture, NULL, on_finished_cb, g_object_ref (self));
}

/* Ending otherwise */

static void
end (PlazaInterviewScreen *self, PlazaOutcome outcome)
{
  g_autoptr (GError) error = NULL;
  g_auto (PlazaEnding) ending = { 0 };

  if (self->ending)
    return;
  if (plaza_outcome_keeps_answers (outcome))
    plaza_page_view_commit (self->view);
  self->ending = TRUE;
  if (plaza_capture_end (self->capture, outcome, &ending, &error))
    {
      show_ending (self, &ending);
      return;
    }
  self->ending = FALSE;
  show_error (self, _ ("The interview could not be ended"), error);
}

void
plaza_interview_screen_end_due (PlazaInterviewScreen *self)
{
  end (self, (PlazaOutcome) plaza_capture_get_outcome_due (self->capture));
}

static const char *
words_for_due (int outcome)
{
  switch (outcome)
    {
    case PLAZA_OUTCOME_REFUSED:
      return _ ("The person does not want to take part. Thank them. Nothing they said is kept; the "
                "refusal is counted.");
    case PLAZA_OUTCOME_MINOR_WITHOUT_GUARDIAN:
      return _ ("Without a parent or guardian who agrees, the interview ends here. Thank them. "
                "Nothing they said is kept; the visit is counted.");
    case PLAZA_OUTCOME_UNDER_AGE:
      return _ (
          "The person is too young to be interviewed. Thank them. Nothing they said is kept; the "
          "visit is counted.");
    default:
      return _ ("The interview ends here. Thank the person.");
    }
}

void
plaza_interview_screen_show_due (PlazaInterviewScreen *self)
{
  int outcome = plaza_capture_get_outcome_due (self->capture);

  if (outcome >= 0)
    gtk_label_set_text (self->due_label, plaza_interview_screen_is_handed_over (self)
                                             ? _ ("The questionnaire ends here. Thank you.")
                                             : words_for_due (outcome));
  gtk_widget_set_visible (self->due_line, outcome >= 0);
}

/* What would destroy answers says so and asks first. */

typedef struct
{
  const char *action;
  PlazaOutcome outcome;
  const char *heading;
  const char *body;
  const char *verb;
  gboolean destroys;
} Question;

static const Question QUESTIONS[] = {
  { "refuse", PLAZA_OUTCOME_REFUSED, N_ ("The person does not want to take part?"),
    N_ ("Everything answered so far is destroyed. Only the refusal is counted with the field "
        "session."),
    N_ ("_End and count the refusal"), TRUE },
  { "withdraw", PLAZA_OUTCOME_WITHDRAWN, N_ ("The person withdraws?"),
    N_ ("Everything the person said is destroyed, on this laptop and wherever it was sent. Only "
        "that somebody withdrew is counted. This cannot be undone."),
    N_ ("_Withdraw and destroy"), TRUE },
  { "partial", PLAZA_OUTCOME_PARTIAL, N_ ("End the interview here?"),
    N_ ("What was answered is kept and counts as a partial response. It gets a folio."),
    N_ ("_End here"), FALSE },
};

static void
on_question_response_cb (PlazaInterviewScreen *self, const char *response, GtkWidget *dialog)
{
  const Question *question = g_object_get_data (G_OBJECT (dialog), "plaza-question");

  if (g_str_equal (response, "end"))
    end (self, question->outcome);
}

static GtkWidget *
new_dialog (PlazaInterviewScreen *self, const char *heading, const char *body)
{
  GtkWidget *dialog = adw_message_dialog_new (GTK_WINDOW (window_of (self)), heading, body);

  adw_message_dialog_add_response (ADW_MESSAGE_DIALOG (dialog), "cancel", _ ("_Cancel"));
  adw_message_dialog_set_default_response (ADW_MESSAGE_DIALOG (dialog), "cancel");
  adw_message_dialog_set_close_response (ADW_MESSAGE_DIALOG (dialog), "cancel");
  return dialog;
}

static void
ask_action (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  PlazaInterviewScreen *self = data;
  const char *name = g_action_get_name (G_ACTION (action));
  const Question *question = NULL;
  GtkWidget *dialog;

  for (guint i = 0; i < G_N_ELEMENTS (QUESTIONS); i++)
    if (g_str_equal (QUESTIONS[i].action, name))
      question = &QUESTIONS[i];
  if (question == NULL || self->ending || window_of (self) == NULL)
    return;
  dialog = new_dialog (self, _ (question->heading), _ (question->body));
  adw_message_dialog_add_response (ADW_MESSAGE_DIALOG (dialog), "end", _ (question->verb));
  adw_message_dialog_set_response_appearance (ADW_MESSAGE_DIALOG (dialog), "end",
                                              question->destroys ? ADW_RESPONSE_DESTRUCTIVE
                                                                 : ADW_RESPONSE_SUGGESTED);
  if (!question->destroys)
    adw_message_dialog_set_default_response (ADW_MESSAGE_DIALOG (dialog), "end");
  g_object_set_data (G_OBJECT (dialog), "plaza-question", (gpointer) question);
  g_signal_connect_object (dialog, "response", G_CALLBACK (on_question_response_cb), self,
                           G_CONNECT_SWAPPED);
  plaza_ask (dialog);
}

/* A correction that is given up leaves the response as it was. */

static void
on_discard_response_cb (PlazaInterviewScreen *self, const char *response)
{
  g_autoptr (GError) error = NULL;
  PlazaWindow *window = window_of (self);

  if (!g_str_equal (response, "discard") || window == NULL)
    return;
  self->ending = TRUE;
  if (plaza_capture_discard (self->capture, &error))
    {
      plaza_window_show_home (window);
      return;
    }
  self->ending = FALSE;
  show_error (self, _ ("The correction could not be given up"), error);
}

static void
discard_action (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  PlazaInterviewScreen *self = data;
  GtkWidget *dialog;

  if (self->ending || window_of (self) == NULL)
    return;
  dialog = new_dialog (self, _ ("Give up this correction?"),
                       _ ("What was changed in this correction is lost. The response stays as it "
                          "was finished."));
  adw_message_dialog_add_response (ADW_MESSAGE_DIALOG (dialog), "discard", _ ("_Give up"));
  adw_message_dialog_set_response_appearance (ADW_MESSAGE_DIALOG (dialog), "discard",
                                              ADW_RESPONSE_DESTRUCTIVE);
  g_signal_connect_object (dialog, "response", G_CALLBACK (on_discard_response_cb), self,
                           G_CONNECT_SWAPPED);
  plaza_ask (dialog);
}

/* Leaving for later */

void
plaza_interview_screen_suspend (PlazaInterviewScreen *self)
{
  PlazaWindow *window = window_of (self);
  g_autoptr (GError) error = NULL;
  g_autofree char *words = NULL;

  if (self->ending || window == NULL)
    return;
  plaza_page_view_commit (self->view);
  if (!plaza_capture_save (self->capture, &error))
    {
      show_error (self, _ ("The interview could not be saved"), error);
      return;
    }
  /* Translators: %s is a folio */
  words = g_strdup_printf (_ ("Interview %s is left for later, on the same question"),
                           plaza_capture_get_folio (self->capture));
  plaza_window_show_home (window);
  plaza_window_toast (window, words);
}

static void
suspend_action (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  plaza_interview_screen_suspend (data);
}

/* The facilitator takes the screen back */

static void
return_action (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  plaza_interview_screen_ask_to_return (data);
}

static void
on_returned_cb (gpointer data)
{
  PlazaInterviewScreen *self = data;

  self->returned = TRUE;
  plaza_page_view_set_self_completion (self->view, FALSE);
  plaza_window_set_handed_over (window_of (self), FALSE);
  plaza_interview_screen_show_page (self, plaza_page_view_get_page (self->view), NULL);
}

void
plaza_interview_screen_ask_to_return (PlazaInterviewScreen *self)
{
  PlazaWindow *window = window_of (self);

  if (window == NULL)
    return;
  plaza_page_view_commit (self->view);
  plaza_return_dialog_show (window, on_returned_cb, self);
}

void
plaza_interview_screen_add_ending_actions (PlazaInterviewScreen *self)
{
  static const GActionEntry entries[] = {
    { "refuse", ask_action },      { "withdraw", ask_action },    { "partial", ask_action },
    { "discard", discard_action }, { "suspend", suspend_action }, { "return", return_action },
  };

  g_action_map_add_action_entries (G_ACTION_MAP (self->actions), entries, G_N_ELEMENTS (entries),
                                   self);
}
