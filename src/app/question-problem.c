/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-app"

#include "config.h"

#include "app/question-problem.h"

#include <glib/gi18n.h>

static const char *
default_message (PlazaValidity validity)
{
  switch (validity)
    {
    case PLAZA_VALIDITY_REQUIRED:
      return _ ("This answer is needed to go on.");
    case PLAZA_VALIDITY_CHOICE:
      return _ ("This answer is no longer among the options. Please choose again.");
    case PLAZA_VALIDITY_TYPE:
    case PLAZA_VALIDITY_CONSTRAINT:
      return _ ("This answer does not fit the question. Please check it.");
    case PLAZA_VALIDITY_OK:
    default:
      return NULL;
    }
}

const char *
plaza_question_problem_words (PlazaField *field, gboolean visited)
{
  PlazaValidity validity = plaza_field_get_validity (field);
  const char *message;

  if (validity == PLAZA_VALIDITY_OK || (validity == PLAZA_VALIDITY_REQUIRED && !visited))
    return NULL;
  message = plaza_field_get_message (field);
  return message != NULL ? message : default_message (validity);
}

void
plaza_question_problem_relate (GtkAccessible *control,
                               const PlazaQuestionWords *words,
                               gboolean wrong,
                               gboolean required)
{
  gtk_accessible_update_relation (control, GTK_ACCESSIBLE_RELATION_LABELLED_BY, words->label, NULL,
                                  -1);
  if (wrong)
    gtk_accessible_update_relation (control, GTK_ACCESSIBLE_RELATION_DESCRIBED_BY, words->problem,
                                    words->hint, NULL, GTK_ACCESSIBLE_RELATION_ERROR_MESSAGE,
                                    words->problem, -1);
  else
    {
      gtk_accessible_update_relation (control, GTK_ACCESSIBLE_RELATION_DESCRIBED_BY, words->hint,
                                      words->note, NULL, -1);
      gtk_accessible_reset_relation (control, GTK_ACCESSIBLE_RELATION_ERROR_MESSAGE);
    }
  gtk_accessible_update_state (control, GTK_ACCESSIBLE_STATE_INVALID,
                               wrong ? GTK_ACCESSIBLE_INVALID_TRUE : GTK_ACCESSIBLE_INVALID_FALSE,
                               -1);
  gtk_accessible_update_property (control, GTK_ACCESSIBLE_PROPERTY_REQUIRED, required, -1);
}
