/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-app"

#include "config.h"

#include "app/window-private.h"

#include <glib/gi18n.h>

#include "app/ask.h"
#include "app/words.h"
#include "base/clock.h"
#include "base/error.h"

/* From Home into an interview: a draft, a correction or a new one, which may need a session of
 * today and a choice of questionnaire first. */

static void
show_capture (PlazaWindow *self, PlazaCapture *capture, const GError *error)
{
  if (capture != NULL)
    plaza_window_show_interview (self, capture);
  else if (g_error_matches (error, PLAZA_ERROR, PLAZA_ERROR_REFUSED))
    plaza_window_show_error (self, _ ("This cannot be opened for answering"), error);
  else
    plaza_window_show_error (self, _ ("The interview cannot be opened"), error);
}

void
plaza_window_resume (PlazaWindow *self, const char *response)
{
  g_autoptr (PlazaCapture) capture = NULL;
  g_autoptr (GError) error = NULL;

  g_return_if_fail (PLAZA_IS_WINDOW (self));
  g_return_if_fail (self->profile != NULL);

  capture = plaza_capture_resume (plaza_profile_get_store (self->profile), response, &error);
  show_capture (self, capture, error);
}

void
plaza_window_correct (PlazaWindow *self, const char *response)
{
  g_autoptr (PlazaCapture) capture = NULL;
  g_autoptr (GError) error = NULL;

  g_return_if_fail (PLAZA_IS_WINDOW (self));
  g_return_if_fail (self->profile != NULL);

  capture = plaza_capture_correct (plaza_profile_get_store (self->profile), response, &error);
  show_capture (self, capture, error);
}

static void
start_form (PlazaWindow *self, PlazaSession *session, const char *form_id)
{
  const PlazaSessionFields *fields = plaza_session_get_fields (session);
  g_autoptr (PlazaCapture) capture = NULL;
  g_autoptr (GError) error = NULL;

  capture = plaza_capture_start (plaza_profile_get_store (self->profile), session, form_id, NULL,
                                 fields->language, &error);
  show_capture (self, capture, error);
}

static void
on_form_chosen_cb (PlazaWindow *self, const char *form_id)
{
  g_autoptr (PlazaSession) session = NULL;

  if (self->profile == NULL || *form_id == '\0')
    return;
  session = plaza_session_current (plaza_profile_get_store (self->profile), NULL);
  if (session == NULL)
    return;
  g_free (self->form_id);
  self->form_id = g_strdup (form_id);
  start_form (self, session, form_id);
}

/* A response's name is its form's id, which is never empty; what was chosen last is offered first.
 */
static void
ask_which_form (PlazaWindow *self, GPtrArray *forms)
{
  PlazaStore *store = plaza_profile_get_store (self->profile);
  GtkWidget *dialog = adw_message_dialog_new (
      GTK_WINDOW (self), _ ("Which questionnaire?"),
      _ ("This consultation asks more than one. Choose the one for this person."));
  AdwMessageDialog *choice = ADW_MESSAGE_DIALOG (dialog);

  adw_message_dialog_add_response (choice, "", _ ("_Cancel"));
  adw_message_dialog_set_close_response (choice, "");
  for (guint i = 0; i < forms->len; i++)
    {
      const PlazaCampaignQuestionnaire *form = g_ptr_array_index (forms, i);
      g_autoptr (PlazaForm) loaded = plaza_store_get_form (store, form->form_id, NULL, NULL);
      g_autoptr (GString) title =
          g_string_new (loaded != NULL ? plaza_form_get_title (loaded) : form->form_id);

      /* The dialog takes an underscore for an access key. */
      g_string_replace (title, "_", "__", 0);
      adw_message_dialog_add_response (choice, form->form_id, title->str);
      if (i == 0 || g_strcmp0 (form->form_id, self->form_id) == 0)
        adw_message_dialog_set_default_response (choice, form->form_id);
    }
  g_signal_connect_object (dialog, "response", G_CALLBACK (on_form_chosen_cb), self,
                           G_CONNECT_SWAPPED);
  plaza_ask (dialog);
}

static void
start_interview (PlazaWindow *self, PlazaSession *session)
{
  g_autoptr (GPtrArray) forms = plaza_campaign_current (plaza_profile_get_campaign (self->profile));

  if (forms->len > 1)
    ask_which_form (self, forms);
  else
    start_form (self, session, NULL);
}

static void
on_other_day_answered_cb (PlazaWindow *self, const char *answer)
{
  g_autoptr (PlazaSession) session = NULL;

  if (self->profile == NULL)
    return;
  if (g_str_equal (answer, "new"))
    {
      plaza_window_show_session (self, FALSE);
      return;
    }
  if (!g_str_equal (answer, "same"))
    return;
  session = plaza_session_current (plaza_profile_get_store (self->profile), NULL);
  if (session == NULL)
    return;
  g_free (self->other_day_session);
  self->other_day_session = g_strdup (plaza_session_get_id (session));
  start_interview (self, session);
}

/* A session of another day: usually yesterday's was left open; sometimes the clock is wrong. */
static void
ask_about_other_day (PlazaWindow *self, const char *session_date, const char *today)
{
  g_autofree char *session_day = plaza_words_day (session_date);
  g_autofree char *this_day = plaza_words_day (today);
  g_autofree char *body = NULL;
  GtkWidget *dialog;

  /* Translators: two days, such as "Monday 3 June" */
  body = g_strdup_printf (_ ("The field session that is open is of %s. This computer says that "
                             "today is %s."),
                          session_day, this_day);
  dialog = adw_message_dialog_new (GTK_WINDOW (self), _ ("Is this still the same session?"), body);
  adw_message_dialog_add_responses (ADW_MESSAGE_DIALOG (dialog), "cancel", _ ("_Cancel"), "same",
                                    _ ("_Same session"), "new", _ ("_New session"), NULL);
  adw_message_dialog_set_response_appearance (ADW_MESSAGE_DIALOG (dialog), "new",
                                              ADW_RESPONSE_SUGGESTED);
  adw_message_dialog_set_default_response (ADW_MESSAGE_DIALOG (dialog), "new");
  adw_message_dialog_set_close_response (ADW_MESSAGE_DIALOG (dialog), "cancel");
  g_signal_connect_object (dialog, "response", G_CALLBACK (on_other_day_answered_cb), self,
                           G_CONNECT_SWAPPED);
  plaza_ask (dialog);
}

void
plaza_window_new_interview (PlazaWindow *self)
{
  g_autoptr (PlazaSession) session = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *today = plaza_clock_today ();
  const char *date;

  g_return_if_fail (PLAZA_IS_WINDOW (self));
  g_return_if_fail (self->profile != NULL);

  session = plaza_session_current (plaza_profile_get_store (self->profile), &error);
  if (error != NULL)
    {
      plaza_window_show_error (self, _ ("The field session cannot be read"), error);
      return;
    }
  if (session == NULL)
    {
      plaza_window_toast (self, _ ("First say where and when you are."));
      plaza_window_show_session (self, FALSE);
      return;
    }
  date = plaza_session_get_fields (session)->date;
  if (!g_str_equal (date, today) &&
      g_strcmp0 (self->other_day_session, plaza_session_get_id (session)) != 0)
    ask_about_other_day (self, date, today);
  else
    start_interview (self, session);
}
