/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-app"

#include "config.h"

#include "app/page-answer.h"

#include <glib/gi18n.h>

#include "base/error.h"

/* One answer on its way to the disk. */
typedef struct
{
  PlazaQuestion *question;
  guint serial; /* of the question's answers: only the last one says "Saved" */
} Answer;

static guint
next_serial (PlazaQuestion *question)
{
  guint serial = GPOINTER_TO_UINT (g_object_get_data (G_OBJECT (question), "plaza-serial")) + 1;

  g_object_set_data (G_OBJECT (question), "plaza-serial", GUINT_TO_POINTER (serial));
  return serial;
}

static void
on_saved_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autofree Answer *answer = data;
  g_autoptr (PlazaQuestion) question = answer->question;
  g_autoptr (GError) error = NULL;
  gboolean done = plaza_capture_set_answer_finish (PLAZA_CAPTURE (source), result, &error);

  if (GPOINTER_TO_UINT (g_object_get_data (G_OBJECT (question), "plaza-serial")) != answer->serial)
    return;
  if (done)
    plaza_question_set_saved (question, PLAZA_SAVED_DONE);
  else if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    plaza_question_set_saved (question, PLAZA_SAVED_FAILED);
}

static const char *
refusal_in_words (const GError *error)
{
  if (g_error_matches (error, PLAZA_ERROR, PLAZA_ERROR_LIMIT))
    return _ ("This is too long to be kept. Please make it shorter.");
  if (g_error_matches (error, PLAZA_ERROR, PLAZA_ERROR_REFUSED))
    return _ ("This cannot be changed here.");
  return _ ("This answer does not fit the question. Please check it.");
}

gboolean
plaza_page_answer_is_new (PlazaCapture *capture, PlazaQuestion *question, const char *value)
{
  PlazaField *field = plaza_question_get_field (question);
  g_autofree char *normalised = NULL;
  g_autoptr (GError) error = NULL;

  if (!plaza_interview_check_answer (plaza_capture_get_interview (capture), field, value,
                                     &normalised, &error))
    {
      g_debug ("an answer was refused: %s", error->message);
      plaza_question_set_problem (question, refusal_in_words (error));
      return FALSE;
    }
  if (g_str_equal (normalised != NULL ? normalised : "", plaza_field_get_value (field)))
    {
      plaza_question_refresh (question, PLAZA_CHANGED_VALUE);
      return FALSE;
    }
  return TRUE;
}

void
plaza_page_answer_keep (PlazaCapture *capture, PlazaQuestion *question, const char *value)
{
  Answer *answer = g_new0 (Answer, 1);

  answer->question = g_object_ref (question);
  answer->serial = next_serial (question);
  plaza_question_set_saved (question, PLAZA_SAVED_SAVING);
  plaza_capture_set_answer_async (capture, plaza_question_get_field (question), value, NULL,
                                  on_saved_cb, answer);
}

void
plaza_page_answer_all_saved (GPtrArray *questions)
{
  for (guint i = 0; i < questions->len; i++)
    {
      PlazaQuestion *question = g_ptr_array_index (questions, i);

      if (plaza_question_get_saved (question) == PLAZA_SAVED_FAILED)
        plaza_question_set_saved (question, PLAZA_SAVED_DONE);
    }
}
