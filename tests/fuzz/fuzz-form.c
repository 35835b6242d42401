/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fuzz.h"
#include "base/error.h"
#include "form/interview.h"
#include "form/validation.h"

/*
 * A form is loaded whole or refused; what is loaded can be filled in a little, in every language,
 * and its own submission has nothing about it that the form does not know.
 */

static const PlazaFormLimits limits = { .max_bytes = 1 << 16,
                                        .max_media_bytes = 1 << 16,
                                        .max_depth = 64,
                                        .max_nodes = 500,
                                        .max_choices = 500,
                                        .max_repeat_instances = 20,
                                        .max_milliseconds = 200 };

static void
answer_all (PlazaInterview *interview, PlazaForm *form)
{
  static const char *const answers[] = { "1", "si", "2019-06-04", "" };

  for (guint i = 0; i < plaza_form_get_n_nodes (form) && i < 30; i++)
    {
      PlazaModelNode *node = plaza_form_get_node (form, i);
      PlazaField *field = plaza_interview_find (interview, plaza_model_node_get_ref (node));

      if (field == NULL)
        continue;
      if (plaza_model_node_get_kind (node) == PLAZA_FIELD_REPEAT)
        plaza_interview_add_instance (interview, field, NULL);
      for (gsize j = 0; j < G_N_ELEMENTS (answers); j++)
        plaza_interview_set_answer (interview, field, answers[j], NULL);
    }
}

static void
fill (PlazaForm *form)
{
  g_autoptr (PlazaInterview) interview = plaza_interview_new (form, NULL, NULL);
  const char *const *languages = plaza_form_get_languages (form);
  g_autoptr (GPtrArray) missing = NULL;
  g_autoptr (GPtrArray) marks = NULL;
  g_autoptr (GPtrArray) contact = NULL;
  g_autoptr (GBytes) xml = NULL;
  g_autoptr (GError) error = NULL;

  if (interview == NULL)
    return;
  for (guint i = 0; languages[i] != NULL && i < 4; i++)
    plaza_interview_set_language (interview, languages[i], NULL);
  answer_all (interview, form);
  missing = plaza_interview_get_missing (interview, PLAZA_SCOPE_ALL);
  contact = plaza_interview_get_contact_answers (interview);
  xml = plaza_interview_finish (interview, NULL);
  if (xml == NULL)
    return;
  marks = plaza_form_validate_submission (form, xml, &error);
  if (marks == NULL && g_error_matches (error, PLAZA_ERROR, PLAZA_ERROR_INVALID))
    fuzz_fail ("a submission is not XML");
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (GBytes) bytes = g_bytes_new_static (data, size);
  g_autoptr (PlazaMedia) media = plaza_media_new ();
  g_autoptr (GBytes) csv = g_bytes_new_static ("code,name\n01,x\n", 15);
  g_autoptr (GError) error = NULL;
  g_autoptr (PlazaForm) form = NULL;

  plaza_media_add (media, "m.csv", csv);
  form = plaza_form_new (bytes, media, &limits, &error);
  if ((form == NULL) == (error == NULL))
    fuzz_fail ("a form is neither loaded nor refused");
  if (form != NULL)
    fill (form);
  return 0;
}
