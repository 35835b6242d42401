/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-app"

#include "app/question-choice.h"
#include "app/question-date.h"
#include "app/question-heading.h"
#include "app/question-note.h"
#include "app/question-number.h"
#include "app/question-range.h"
#include "app/question-rank.h"
#include "app/question-search.h"
#include "app/question-text.h"
#include "app/question-trigger.h"

/* A list longer than this is searched, whatever its appearance. */
#define LONGEST_LIST 30

#define ANY G_MAXUINT
#define TYPE(name) (1u << PLAZA_VALUE_##name)

/* One kind of question: which fields it takes, and its class. The first row that takes a field is
 * the one. */
typedef struct
{
  PlazaControl control;
  guint value_types;      /* bits of 1 << PlazaValueType */
  const char *appearance; /* NULL for any */
  guint more_choices_than;
  GType (*get_type) (void);
} Kind;

static const Kind KINDS[] = {
  { PLAZA_CONTROL_NOTE, ANY, NULL, 0, plaza_question_note_get_type },
  { PLAZA_CONTROL_SELECT1, ANY, "autocomplete", 0, plaza_question_search_get_type },
  { PLAZA_CONTROL_SELECT1, ANY, "search", 0, plaza_question_search_get_type },
  { PLAZA_CONTROL_SELECT1, ANY, NULL, LONGEST_LIST, plaza_question_search_get_type },
  { PLAZA_CONTROL_SELECT1, ANY, NULL, 0, plaza_question_choice_get_type },
  { PLAZA_CONTROL_SELECT, ANY, NULL, 0, plaza_question_choice_get_type },
  { PLAZA_CONTROL_RANK, ANY, NULL, 0, plaza_question_rank_get_type },
  { PLAZA_CONTROL_RANGE, ANY, NULL, 0, plaza_question_range_get_type },
  { PLAZA_CONTROL_TRIGGER, ANY, NULL, 0, plaza_question_trigger_get_type },
  { PLAZA_CONTROL_INPUT, TYPE (INT) | TYPE (DECIMAL), NULL, 0, plaza_question_number_get_type },
  { PLAZA_CONTROL_INPUT, TYPE (STRING), "numbers", 0, plaza_question_number_get_type },
  { PLAZA_CONTROL_INPUT, TYPE (DATE) | TYPE (TIME) | TYPE (DATETIME), NULL, 0,
    plaza_question_date_get_type },
  { PLAZA_CONTROL_INPUT, ANY, NULL, 0, plaza_question_text_get_type },
};

static gboolean
takes (const Kind *kind, PlazaField *field)
{
  return kind->control == plaza_field_get_control (field) &&
         (kind->value_types & (1u << plaza_field_get_value_type (field))) != 0 &&
         (kind->appearance == NULL || plaza_field_has_appearance (field, kind->appearance)) &&
         (kind->more_choices_than == 0 ||
          plaza_field_get_choices (field)->len > kind->more_choices_than);
}

PlazaQuestion *
plaza_question_new (PlazaInterview *interview, PlazaField *field)
{
  GType type = plaza_field_get_kind (field) == PLAZA_FIELD_VALUE ? PLAZA_TYPE_QUESTION_NOTE
                                                                 : PLAZA_TYPE_QUESTION_HEADING;

  for (guint i = 0; i < G_N_ELEMENTS (KINDS); i++)
    if (takes (&KINDS[i], field))
      {
        type = KINDS[i].get_type ();
        break;
      }
  return g_object_new (type, "interview", interview, "field", field, NULL);
}
