/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The consultation's own questionnaire, interviewed. */

#include "form/interview.h"

#include <string.h>

#include "base/error.h"
#include "form/validation.h"

#define CONSENT "/data/consentimiento_g/"
#define TOPICS "/data/temas_g/temas"

static PlazaForm *form;

static PlazaForm *
load_form (void)
{
  const char *source = g_getenv ("PLAZA_TEST_SRCDIR");
  g_autofree char *folder =
      g_build_filename (source, "..", "data", "questionnaires", "consulta_temas", NULL);
  g_autofree char *catalogues = g_build_filename (source, "..", "data", "catalogues", NULL);
  g_autofree char *path = g_build_filename (folder, "consulta-temas.xml", NULL);
  g_autoptr (PlazaMedia) media = plaza_media_new_for_directory (folder);
  g_autoptr (GError) error = NULL;
  char *data = NULL;
  gsize length;

  plaza_media_add_directory (media, catalogues);
  g_file_get_contents (path, &data, &length, &error);
  g_assert_no_error (error);
  g_autoptr (GBytes) bytes = g_bytes_new_take (data, length);
  PlazaForm *loaded = plaza_form_new (bytes, media, NULL, &error);
  g_assert_no_error (error);
  return loaded;
}

static gint64
noon (gpointer data)
{
  return G_GINT64_CONSTANT (1559671200) * G_USEC_PER_SEC;
}

static PlazaInterview *
begin (void)
{
  const PlazaInterviewContext context = { .instance_id =
                                              "uuid:00000000-0000-4000-8000-000000000001",
                                          .now = noon };
  g_autoptr (GError) error = NULL;
  PlazaInterview *self = plaza_interview_new (form, &context, &error);

  g_assert_no_error (error);
  g_assert_null (plaza_interview_get_problem (self));
  return self;
}

static PlazaField *
at (PlazaInterview *self, const char *ref)
{
  PlazaField *field = plaza_interview_find (self, ref);

  if (field == NULL)
    g_error ("%s is not there", ref);
  return field;
}

static void
answer (PlazaInterview *self, const char *ref, const char *value)
{
  g_autoptr (GError) error = NULL;

  plaza_interview_set_answer (self, at (self, ref), value, &error);
  g_assert_no_error (error);
}

static const char *
value (PlazaInterview *self, const char *ref)
{
  return plaza_field_get_value (at (self, ref));
}

static gboolean
relevant (PlazaInterview *self, const char *ref)
{
  return plaza_field_is_relevant (at (self, ref));
}

static char *
xml_of (PlazaInterview *self)
{
  g_autoptr (GBytes) bytes = plaza_interview_serialize (self);

  return g_strndup (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
}

static guint
n_topics (PlazaInterview *self)
{
  return plaza_field_get_n_children (at (self, "/data/problemas"));
}

/* Header, age and consent of an adult. */
static void
consent (PlazaInterview *self)
{
  answer (self, "/data/levantamiento/modalidad", "entrevista");
  answer (self, "/data/levantamiento/folio", "20-K7-00123-G");
  answer (self, "/data/levantamiento/fecha", "2019-06-04");
  answer (self, CONSENT "edad", "e30_44");
  answer (self, CONSENT "consentimiento", "si");
}

/* Marks @topics and writes a text of its own into the page of each. */
static void
write_topics (PlazaInterview *self, const char *topics)
{
  g_auto (GStrv) parts = g_strsplit (topics, " ", -1);

  answer (self, TOPICS, topics);
  for (guint i = 0; parts[i] != NULL; i++)
    {
      g_autofree char *topic = g_strdup_printf ("/data/problemas[%u]/tema", i + 1);
      g_autofree char *problem = g_strdup_printf ("/data/problemas[%u]/problema", i + 1);
      g_autofree char *text = g_strdup_printf ("texto sobre %s", parts[i]);
      answer (self, topic, parts[i]);
      answer (self, problem, text);
    }
}

/* Every page still holds the text of its own topic. */
static void
assert_texts_stay (PlazaInterview *self)
{
  PlazaField *repeat = at (self, "/data/problemas");

  for (guint i = 0; i < plaza_field_get_n_children (repeat); i++)
    {
      PlazaField *instance = plaza_field_get_child (repeat, i);
      PlazaField *topic = plaza_interview_find_name (self, instance, "tema");
      PlazaField *problem = plaza_interview_find_name (self, instance, "problema");
      if (*plaza_field_get_value (problem) == '\0')
        continue;
      g_autofree char *text = g_strdup_printf ("texto sobre %s", plaza_field_get_value (topic));
      g_assert_cmpstr (plaza_field_get_value (problem), ==, text);
    }
}

static void
test_load (void)
{
  gint64 start = g_get_monotonic_time ();
  g_autoptr (PlazaForm) again = load_form ();
  gint64 spent = g_get_monotonic_time () - start;

  g_test_message ("loads in %d µs", (int) spent);
  g_assert_cmpstr (plaza_form_get_id (again), ==, "consulta_temas");
  g_assert_cmpstr (plaza_form_get_version (again), ==, "2019052402");
  g_assert_cmpstr (plaza_form_get_default_language (again), ==, "Español (es)");
  g_assert_cmpstr (plaza_form_find_language (again, "en"), ==, "English (en)");
  g_assert_cmpstr (plaza_form_find_language (again, "es_MX.UTF-8"), ==, "Español (es)");
  g_assert_null (plaza_form_find_language (again, "fr"));
  g_assert_null (plaza_form_get_warnings (again)[0]);

  PlazaModelNode *name = plaza_form_find_node (again, "/data/contacto/contacto_nombre");
  g_assert_cmpstr (plaza_model_node_get_privacy (name), ==, "contact");
  g_assert_true (plaza_model_node_is_contact (name));
  g_assert_true (plaza_model_node_is_contact (plaza_form_find_node (again, "/data/contacto")));
  g_assert_true (plaza_model_node_is_aloud (name));
  g_assert_cmpstr (plaza_model_node_get_paper (name), ==, "slip");
  PlazaModelNode *folio = plaza_form_find_node (again, "/data/levantamiento/folio");
  g_assert_cmpstr (plaza_model_node_get_fill (folio), ==, "folio");
  g_assert_false (plaza_model_node_is_contact (folio));
}

static void
test_path (void)
{
  g_autoptr (PlazaInterview) self = begin ();

  g_assert_false (relevant (self, CONSENT "consentimiento"));
  g_assert_false (relevant (self, TOPICS));
  answer (self, CONSENT "edad", "nr");
  g_assert_true (relevant (self, CONSENT "mayor_18"));
  g_assert_false (relevant (self, CONSENT "consentimiento"));
  answer (self, CONSENT "mayor_18", "no");
  g_assert_cmpstr (value (self, CONSENT "es_menor"), ==, "1");
  g_assert_true (relevant (self, CONSENT "consentimiento_tutor"));
  answer (self, CONSENT "consentimiento_tutor", "si");
  g_assert_true (relevant (self, CONSENT "consentimiento"));
  answer (self, CONSENT "consentimiento", "si");
  g_assert_true (relevant (self, TOPICS));
  /* Of a minor no contact is ever asked. */
  g_assert_false (relevant (self, "/data/cierre/quiere_contacto"));
  answer (self, CONSENT "edad", "e18_29");
  g_assert_false (relevant (self, CONSENT "mayor_18"));
  g_assert_true (relevant (self, "/data/cierre/quiere_contacto"));
  g_assert_cmpstr (value (self, "/data/responsable"), ==, "la Secretaría de la Función Pública");
  const char *notice = plaza_field_get_label (at (self, CONSENT "aviso"));
  g_assert_nonnull (strstr (notice, "la Secretaría de la Función Pública"));
}

static void
test_outcomes (void)
{
  static const struct
  {
    const char *expression;
    const char *ref;
    const char *value;
  } outcomes[] = {
    { "/data/consentimiento_g/edad = 'e0_11'", CONSENT "edad", "e0_11" },
    { "/data/consentimiento_g/consentimiento_tutor = 'no'", CONSENT "consentimiento_tutor", "no" },
    { "/data/consentimiento_g/consentimiento = 'no'", CONSENT "consentimiento", "no" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (outcomes); i++)
    {
      g_autoptr (PlazaInterview) self = begin ();
      g_autoptr (GError) error = NULL;
      gboolean holds = TRUE;
      answer (self, CONSENT "edad", i == 1 ? "e12_17" : "e30_44");
      g_assert_true (plaza_interview_test (self, outcomes[i].expression, &holds, &error));
      g_assert_false (holds);
      answer (self, outcomes[i].ref, outcomes[i].value);
      g_assert_true (plaza_interview_test (self, outcomes[i].expression, &holds, &error));
      g_assert_true (holds);
    }
}

static void
test_topics (void)
{
  g_autoptr (PlazaInterview) self = begin ();

  consent (self);
  g_assert_cmpuint (n_topics (self), ==, 0);
  write_topics (self, "salud agua empleo");
  g_assert_cmpuint (n_topics (self), ==, 3);
  g_assert_cmpstr (value (self, "/data/problemas[2]/orden"), ==, "2");
  g_assert_cmpstr (value (self, "/data/problemas[2]/tema_nombre"), ==,
                   "Agua potable, drenaje y saneamiento");
  GPtrArray *choices = plaza_field_get_choices (at (self, "/data/problemas[1]/tema"));
  g_assert_cmpuint (choices->len, ==, 3);

  GPtrArray *pages = plaza_interview_get_pages (self);
  PlazaPage *second = plaza_interview_get_page_of (self, at (self, "/data/problemas[2]/problema"));
  g_assert_cmpstr (plaza_page_get_key (second), ==, "/data/problemas[@3]");
  g_assert_cmpstr (plaza_page_get_title (second), ==, "Problemas y propuestas");
  g_assert_cmpuint (plaza_page_get_position (second), ==, 2);
  g_assert_cmpuint (plaza_page_get_n_positions (second), ==, 3);
  PlazaPage *first = g_ptr_array_index (pages, 0);
  g_assert_cmpuint (plaza_page_get_section (first), ==, 1);
  g_assert_cmpuint (plaza_page_get_n_sections (first), ==, plaza_page_get_n_sections (second));

  /* without a topic, a page is not named by what was chosen further down */
  answer (self, "/data/problemas[1]/tema", "");
  answer (self, "/data/problemas[1]/corrupcion", "no");
  g_autofree char *summary = plaza_field_dup_summary (at (self, "/data/problemas[1]"));
  g_assert_cmpstr (summary, ==, "texto sobre salud");

  answer (self, "/data/problemas[1]/tema", "salud");
  g_autoptr (GError) error = NULL;
  PlazaField *topic = at (self, "/data/problemas[1]/tema");
  g_assert_false (plaza_interview_set_answer (self, topic, "vivienda", &error));
  g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_INVALID);

  answer (self, TOPICS, "salud agua empleo vivienda");
  g_assert_cmpint (plaza_field_get_validity (at (self, TOPICS)), ==, PLAZA_VALIDITY_CONSTRAINT);
  g_assert_cmpstr (plaza_field_get_message (at (self, TOPICS)), ==, "Hasta tres temas");
}

static void
test_remark (void)
{
  g_autoptr (PlazaInterview) self = begin ();

  consent (self);
  write_topics (self, "salud agua empleo");
  g_autofree char *before = xml_of (self);
  g_autofree char *stable = plaza_field_dup_stable_ref (at (self, "/data/problemas[2]"));

  /* The middle one is unmarked: its page is put aside, whole, the others stay. */
  answer (self, TOPICS, "salud empleo");
  g_assert_cmpuint (n_topics (self), ==, 2);
  assert_texts_stay (self);
  g_autoptr (GPtrArray) parked = plaza_interview_get_parked (self);
  g_assert_cmpuint (parked->len, ==, 1);
  PlazaField *aside = g_ptr_array_index (parked, 0);
  g_autofree char *summary = plaza_field_dup_summary (aside);
  g_assert_cmpstr (summary, ==, "Agua potable, drenaje y saneamiento");
  g_assert_true (plaza_field_is_parked (plaza_interview_find_name (self, aside, "problema")));
  g_assert_true (plaza_interview_find (self, stable) == aside);
  g_autofree char *without = xml_of (self);
  g_assert_null (strstr (without, "texto sobre agua"));

  /* Marked again: everything is as it was, in the same order. */
  answer (self, TOPICS, "salud agua empleo");
  g_autofree char *after = xml_of (self);
  g_assert_cmpstr (after, ==, before);
  g_autoptr (GPtrArray) none = plaza_interview_get_parked (self);
  g_assert_cmpuint (none->len, ==, 0);

  /* One topic for another at once: a blank page, not the old text under a new name. */
  answer (self, TOPICS, "salud empleo vivienda");
  g_assert_cmpuint (n_topics (self), ==, 3);
  assert_texts_stay (self);
  g_assert_cmpstr (value (self, "/data/problemas[3]/problema"), ==, "");
  g_assert_cmpstr (value (self, "/data/problemas[3]/tema"), ==, "");
  answer (self, "/data/problemas[3]/tema", "vivienda");
  answer (self, "/data/problemas[3]/problema", "texto sobre vivienda");
  answer (self, TOPICS, "salud agua empleo");
  assert_texts_stay (self);
  g_autofree char *third = xml_of (self);
  g_assert_cmpstr (third, ==, before);

  /* All of them away and back, as when consent is clicked wrongly. */
  answer (self, CONSENT "consentimiento", "no");
  g_assert_cmpuint (n_topics (self), ==, 0);
  answer (self, CONSENT "consentimiento", "si");
  g_autofree char *again = xml_of (self);
  g_assert_cmpstr (again, ==, before);
}

static void
test_remark_at_random (void)
{
  static const char *const topics[] = { "salud", "agua", "empleo", "vivienda", "otro" };
  g_autoptr (PlazaInterview) self = begin ();
  g_autoptr (GRand) dice = g_rand_new_with_seed (7);

  consent (self);
  for (guint step = 0; step < 300; step++)
    {
      g_autoptr (GString) marked = g_string_new (NULL);
      guint wanted = 0;
      for (guint i = 0; i < G_N_ELEMENTS (topics) && wanted < 3; i++)
        if (g_rand_int_range (dice, 0, 2) == 1)
          g_string_append_printf (marked, "%s%s", wanted++ > 0 ? " " : "", topics[i]);
      answer (self, TOPICS, marked->str);
      g_assert_cmpuint (n_topics (self), ==, wanted);
      assert_texts_stay (self);

      /* Each page that has no topic yet takes one that no other page has. */
      PlazaField *repeat = at (self, "/data/problemas");
      g_auto (GStrv) parts = g_strsplit (marked->str, " ", -1);
      for (guint i = 0; i < wanted; i++)
        {
          PlazaField *instance = plaza_field_get_child (repeat, i);
          PlazaField *topic = plaza_interview_find_name (self, instance, "tema");
          if (*plaza_field_get_value (topic) != '\0')
            continue;
          for (guint k = 0; parts[k] != NULL; k++)
            {
              gboolean taken = FALSE;
              for (guint j = 0; j < wanted; j++)
                taken = taken || g_str_equal (plaza_field_get_value (plaza_interview_find_name (
                                                  self, plaza_field_get_child (repeat, j), "tema")),
                                              parts[k]);
              if (taken)
                continue;
              g_autofree char *text = g_strdup_printf ("texto sobre %s", parts[k]);
              g_assert_true (plaza_interview_set_answer (self, topic, parts[k], NULL));
              g_assert_true (plaza_interview_set_answer (
                  self, plaza_interview_find_name (self, instance, "problema"), text, NULL));
              break;
            }
        }
      /* A topic that was ever written about is never asked for again from nothing. */
      for (guint i = 0; i < wanted; i++)
        g_assert_cmpstr (plaza_field_get_value (plaza_interview_find_name (
                             self, plaza_field_get_child (repeat, i), "problema")),
                         !=, "");
      g_autoptr (GPtrArray) parked = plaza_interview_get_parked (self);
      g_assert_cmpuint (parked->len + wanted, <=, G_N_ELEMENTS (topics));
    }
}

static void
test_language (void)
{
  g_autoptr (PlazaInterview) self = begin ();
  g_autoptr (GError) error = NULL;

  consent (self);
  write_topics (self, "salud agua");
  g_autofree char *before = xml_of (self);
  g_assert_cmpstr (plaza_field_get_label (at (self, CONSENT "edad")), ==, "¿Qué edad tiene?");
  g_assert_true (plaza_interview_set_language (self, "en", &error));
  g_assert_cmpstr (plaza_field_get_label (at (self, CONSENT "edad")), ==, "How old are you?");
  GPtrArray *choices = plaza_field_get_choices (at (self, CONSENT "consentimiento"));
  g_assert_cmpstr (((PlazaChoice *) g_ptr_array_index (choices, 0))->label, ==, "Yes");
  g_assert_cmpstr (value (self, "/data/problemas[1]/problema"), ==, "texto sobre salud");
  g_assert_false (plaza_interview_set_language (self, "fr", &error));
  g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_NOT_FOUND);
  g_assert_true (plaza_interview_set_language (self, "Español (es)", NULL));
  g_autofree char *after = xml_of (self);
  g_assert_cmpstr (after, ==, before);
}

static void
fill_contact (PlazaInterview *self)
{
  answer (self, "/data/cierre/quiere_contacto", "si");
  answer (self, "/data/contacto/consentimiento_contacto", "si");
  answer (self, "/data/contacto/contacto_para", "invitar avisar");
  answer (self, "/data/contacto/contacto_nombre", "Xóchitl");
  answer (self, "/data/contacto/contacto_medio", "telefono");
  answer (self, "/data/contacto/contacto_telefono", "9511234567");
}

static void
test_contact (void)
{
  g_autoptr (PlazaInterview) self = begin ();
  g_autoptr (GError) error = NULL;

  consent (self);
  write_topics (self, "salud");
  answer (self, "/data/cierre/quiere_contacto", "si");
  g_autoptr (GPtrArray) all = plaza_interview_get_missing (self, PLAZA_SCOPE_ALL);
  g_autoptr (GPtrArray) rest = plaza_interview_get_missing (self, PLAZA_SCOPE_WITHOUT_CONTACT);
  g_assert_cmpuint (all->len, ==, 1);
  g_assert_cmpuint (rest->len, ==, 0);

  fill_contact (self);
  g_autoptr (GPtrArray) answers = plaza_interview_get_contact_answers (self);
  g_assert_cmpuint (answers->len, ==, 5);
  PlazaContactAnswer *name = g_ptr_array_index (answers, 2);
  g_assert_cmpstr (name->name, ==, "contacto_nombre");
  g_assert_cmpstr (name->value, ==, "Xóchitl");
  g_autoptr (GBytes) bytes = plaza_interview_finish (self, &error);
  g_assert_no_error (error);
  g_autofree char *xml = g_strndup (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  g_assert_null (strstr (xml, "contacto_nombre"));
  g_assert_null (strstr (xml, "<contacto>"));
  g_assert_null (strstr (xml, "Xóchitl"));
  g_assert_null (strstr (xml, "9511234567"));
  g_assert_nonnull (strstr (xml, "<quiere_contacto>si</quiere_contacto>"));

  /* A phone number that is none says so, in the contact scope alone. */
  answer (self, "/data/contacto/contacto_telefono", "123");
  g_autoptr (GPtrArray) bad = plaza_interview_get_missing (self, PLAZA_SCOPE_ALL);
  g_assert_cmpuint (bad->len, ==, 1);
  g_assert_cmpstr (((PlazaMissing *) g_ptr_array_index (bad, 0))->message, ==,
                   "Deben ser 10 dígitos");

  answer (self, "/data/contacto/consentimiento_contacto", "no");
  g_autoptr (GPtrArray) none = plaza_interview_get_contact_answers (self);
  g_assert_cmpuint (none->len, ==, 0);
}

static void
test_refusals (void)
{
  g_autoptr (PlazaInterview) self = begin ();
  static const struct
  {
    const char *ref;
    const char *value;
    PlazaError code;
  } cases[] = {
    { "/data/levantamiento/fecha", "4 de junio", PLAZA_ERROR_INVALID },
    { "/data/levantamiento/fecha", "2019-02-30", PLAZA_ERROR_INVALID },
    { "/data/levantamiento/modalidad", "otra", PLAZA_ERROR_INVALID },
    { CONSENT "es_menor", "1", PLAZA_ERROR_INVALID },
    { CONSENT "aviso", "x", PLAZA_ERROR_INVALID },
    { CONSENT "consentimiento", "si", PLAZA_ERROR_REFUSED },
    { "/data/levantamiento", "x", PLAZA_ERROR_INVALID },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *before = xml_of (self);
      g_assert_false (
          plaza_interview_set_answer (self, at (self, cases[i].ref), cases[i].value, &error));
      g_assert_error (error, PLAZA_ERROR, (int) cases[i].code);
      g_autofree char *after = xml_of (self);
      g_assert_cmpstr (after, ==, before);
    }
  answer (self, "/data/levantamiento/folio", "veinte");
  g_assert_cmpint (plaza_field_get_validity (at (self, "/data/levantamiento/folio")), ==,
                   PLAZA_VALIDITY_CONSTRAINT);
  g_assert_cmpstr (plaza_field_get_message (at (self, "/data/levantamiento/folio")), ==,
                   "El folio tiene la forma 20-K7-00123-G");
}

static void
test_municipalities (void)
{
  g_autoptr (PlazaInterview) self = begin ();

  consent (self);
  answer (self, "/data/lugar/vive", "otro_mun");
  g_assert_true (relevant (self, "/data/lugar/municipio_texto"));
  GPtrArray *none = plaza_field_get_choices (at (self, "/data/lugar/municipio"));
  g_assert_cmpuint (none->len, ==, 0);
  answer (self, "/data/lugar/estado", "09");
  GPtrArray *some = plaza_field_get_choices (at (self, "/data/lugar/municipio"));
  g_assert_cmpuint (some->len, ==, 16);
  answer (self, "/data/lugar/municipio", "09010");
  g_assert_false (relevant (self, "/data/lugar/municipio_texto"));
  g_assert_cmpstr (value (self, "/data/lugar/residencia"), ==, "09010");

  /* Another state has no such municipality; back again, it is the one that was given. */
  answer (self, "/data/lugar/estado", "01");
  g_assert_cmpstr (value (self, "/data/lugar/municipio"), ==, "");
  answer (self, "/data/lugar/estado", "09");
  g_assert_cmpstr (value (self, "/data/lugar/municipio"), ==, "09010");
  answer (self, CONSENT "consentimiento", "no");
  answer (self, CONSENT "consentimiento", "si");
  g_assert_cmpstr (value (self, "/data/lugar/municipio"), ==, "09010");
}

typedef struct
{
  char *ref;
  char *value;
} Event;

static void
event_free (Event *event)
{
  g_free (event->ref);
  g_free (event->value);
  g_free (event);
}

static void
record (GPtrArray *log, PlazaInterview *self, PlazaField *field, const char *text)
{
  g_autofree char *ref = plaza_field_dup_stable_ref (field);
  Event *event = g_new0 (Event, 1);

  g_assert_true (plaza_interview_set_answer (self, field, text, NULL));
  event->ref = g_steal_pointer (&ref);
  event->value = g_strdup (text);
  g_ptr_array_add (log, event);
}

static void
test_replay (void)
{
  static const char *const marks[] = { "salud agua empleo", "agua", "agua vivienda otro",
                                       "salud agua",        "",     "salud empleo otro" };
  g_autoptr (GPtrArray) log = g_ptr_array_new_with_free_func ((GDestroyNotify) event_free);
  g_autoptr (PlazaInterview) self = begin ();
  g_autoptr (PlazaInterview) again = begin ();

  record (log, self, at (self, CONSENT "edad"), "e30_44");
  record (log, self, at (self, CONSENT "consentimiento"), "si");
  for (guint i = 0; i < G_N_ELEMENTS (marks); i++)
    {
      record (log, self, at (self, TOPICS), marks[i]);
      for (guint k = 0; k < n_topics (self); k++)
        {
          PlazaField *instance = plaza_field_get_child (at (self, "/data/problemas"), k);
          PlazaField *topic = plaza_interview_find_name (self, instance, "tema");
          GPtrArray *choices = plaza_field_get_choices (topic);
          if (*plaza_field_get_value (topic) == '\0')
            record (log, self, topic, ((PlazaChoice *) g_ptr_array_index (choices, k))->value);
          g_autofree char *text = g_strdup_printf ("%u.%u", i, k);
          record (log, self, plaza_interview_find_name (self, instance, "causas"), text);
        }
    }
  for (guint i = 0; i < log->len; i++)
    {
      Event *event = g_ptr_array_index (log, i);
      answer (again, event->ref, event->value);
    }
  g_autofree char *first = xml_of (self);
  g_autofree char *second = xml_of (again);
  g_assert_cmpstr (first, ==, second);
  g_autoptr (GPtrArray) parked = plaza_interview_get_parked (self);
  g_autoptr (GPtrArray) others = plaza_interview_get_parked (again);
  g_assert_cmpuint (parked->len, >, 0);
  g_assert_cmpuint (parked->len, ==, others->len);
  for (guint i = 0; i < parked->len; i++)
    {
      g_autofree char *a = plaza_field_dup_stable_ref (g_ptr_array_index (parked, i));
      g_autofree char *b = plaza_field_dup_stable_ref (g_ptr_array_index (others, i));
      g_assert_cmpstr (a, ==, b);
    }
}

static GBytes *
replaced (GBytes *bytes, const char *what, const char *with)
{
  g_autofree char *text = g_strndup (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  g_auto (GStrv) parts = g_strsplit (text, what, 2);

  g_assert_cmpuint (g_strv_length (parts), ==, 2);
  char *changed = g_strjoinv (with, parts);
  return g_bytes_new_take (changed, strlen (changed));
}

static void
assert_mark (GBytes *bytes, PlazaMarkCode code, const char *ref)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) marks = plaza_form_validate_submission (form, bytes, &error);

  g_assert_no_error (error);
  for (guint i = 0; i < marks->len; i++)
    {
      PlazaMark *mark = g_ptr_array_index (marks, i);
      g_test_message ("%s %s: %s", plaza_mark_code_get_name (mark->code), mark->ref, mark->message);
      if (mark->code == code && g_str_equal (mark->ref, ref))
        return;
    }
  g_error ("no mark %s for %s", plaza_mark_code_get_name (code), ref);
}

static void
test_validation (void)
{
  g_autoptr (PlazaInterview) self = begin ();
  g_autoptr (GError) error = NULL;

  consent (self);
  write_topics (self, "salud agua");
  fill_contact (self);
  g_autoptr (GBytes) good = plaza_interview_finish (self, &error);
  g_autoptr (GPtrArray) marks = plaza_form_validate_submission (form, good, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (marks->len, ==, 0);

  g_autoptr (GBytes) choice = replaced (good, "<tema>agua<", "<tema>vivienda<");
  assert_mark (choice, PLAZA_MARK_CHOICE, "/data/problemas[2]/tema");
  g_autoptr (GBytes) unknown = replaced (good, "<genero/>", "<genero/><apodo>x</apodo>");
  assert_mark (unknown, PLAZA_MARK_UNKNOWN_NODE, "/data/participante/apodo");
  g_autoptr (GBytes) type = replaced (good, "2019-06-04<", "ayer<");
  assert_mark (type, PLAZA_MARK_TYPE, "/data/levantamiento/fecha");
  g_autoptr (GBytes) required = replaced (good, ">20-K7-00123-G<", "><");
  assert_mark (required, PLAZA_MARK_REQUIRED, "/data/levantamiento/folio");
  g_autoptr (GBytes) constraint = replaced (good, ">20-K7-00123-G<", ">20<");
  assert_mark (constraint, PLAZA_MARK_CONSTRAINT, "/data/levantamiento/folio");
  g_autoptr (GBytes) unasked =
      replaced (good, "<sector/>", "<sector/><sector_otro>x</sector_otro>");
  assert_mark (unasked, PLAZA_MARK_NOT_RELEVANT, "/data/participante/sector_otro");
  g_autoptr (GBytes) contact = replaced (
      good, "<gracias/>", "<contacto><contacto_nombre>X</contacto_nombre></contacto><gracias/>");
  assert_mark (contact, PLAZA_MARK_CONTACT, "/data/contacto/contacto_nombre");
  g_autoptr (GBytes) version = replaced (good, "2019052402", "2018");
  assert_mark (version, PLAZA_MARK_FORM, "/@version");

  g_autoptr (GBytes) nothing = g_bytes_new_static ("<data", 5);
  g_assert_null (plaza_form_validate_submission (form, nothing, &error));
  g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_INVALID);
}

static void
test_correction (void)
{
  g_autoptr (PlazaInterview) self = begin ();
  g_autoptr (GError) error = NULL;

  consent (self);
  write_topics (self, "salud agua");
  fill_contact (self);
  g_autoptr (GBytes) first = plaza_interview_finish (self, &error);
  g_autoptr (PlazaInterview) correction =
      plaza_interview_new_from_submission (form, first, TRUE, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (plaza_interview_get_instance_id (correction), !=,
                   plaza_interview_get_instance_id (self));
  g_assert_cmpstr (value (correction, "/data/meta/deprecatedID"), ==,
                   plaza_interview_get_instance_id (self));
  g_assert_cmpstr (value (correction, "/data/problemas[2]/problema"), ==, "texto sobre agua");
  g_assert_cmpstr (value (correction, "/data/inicio"), ==, value (self, "/data/inicio"));
  assert_texts_stay (correction);
  g_assert_false (relevant (correction, "/data/contacto/consentimiento_contacto"));
  g_autoptr (GPtrArray) missing = plaza_interview_get_missing (correction, PLAZA_SCOPE_ALL);
  g_assert_cmpuint (missing->len, ==, 0);
  answer (correction, TOPICS, "agua");
  assert_texts_stay (correction);
  answer (correction, TOPICS, "salud agua");
  g_assert_cmpstr (value (correction, "/data/problemas[1]/problema"), ==, "texto sobre salud");

  /* Looked at as it is, it is what it was. */
  g_autoptr (PlazaInterview) look =
      plaza_interview_new_from_submission (form, first, FALSE, NULL, &error);
  g_autoptr (GBytes) same = plaza_interview_serialize (look);
  g_assert_true (g_bytes_equal (first, same));
}

static void
on_changed (PlazaInterview *self, PlazaField *field, guint changes, GHashTable *seen)
{
  g_autofree char *ref = plaza_field_dup_ref (field);

  g_assert_false (g_hash_table_contains (seen, ref));
  g_hash_table_insert (seen, g_steal_pointer (&ref), GUINT_TO_POINTER (changes));
}

static void
count_call (PlazaInterview *self, guint *count)
{
  (*count)++;
}

static void
test_signals (void)
{
  g_autoptr (PlazaInterview) self = begin ();
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  guint pages = 0, structures = 0;

  consent (self);
  g_signal_connect (self, "field-changed", G_CALLBACK (on_changed), seen);
  g_signal_connect (self, "pages-changed", G_CALLBACK (count_call), &pages);
  g_signal_connect (self, "structure-changed", G_CALLBACK (count_call), &structures);
  answer (self, TOPICS, "agua");
  g_assert_cmpuint (structures, ==, 1);
  g_assert_cmpuint (pages, ==, 1);
  g_assert_cmpuint (GPOINTER_TO_UINT (g_hash_table_lookup (seen, TOPICS)), ==, PLAZA_CHANGED_VALUE);
  g_hash_table_remove_all (seen);
  answer (self, "/data/problemas[1]/tema", "agua");
  guint changes = GPOINTER_TO_UINT (g_hash_table_lookup (seen, "/data/problemas[1]/tema_nombre"));
  g_assert_cmpuint (changes, ==, PLAZA_CHANGED_VALUE);
  g_assert_cmpuint (structures, ==, 1);
  g_hash_table_remove_all (seen);
  answer (self, "/data/problemas[1]/problema", "falta");
  g_assert_cmpuint (g_hash_table_size (seen), ==, 1);
  g_assert_cmpuint (pages, ==, 1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  form = load_form ();
  g_test_add_func ("/interview/load", test_load);
  g_test_add_func ("/interview/path", test_path);
  g_test_add_func ("/interview/outcomes", test_outcomes);
  g_test_add_func ("/interview/topics", test_topics);
  g_test_add_func ("/interview/remark", test_remark);
  g_test_add_func ("/interview/remark-at-random", test_remark_at_random);
  g_test_add_func ("/interview/language", test_language);
  g_test_add_func ("/interview/contact", test_contact);
  g_test_add_func ("/interview/refusals", test_refusals);
  g_test_add_func ("/interview/municipalities", test_municipalities);
  g_test_add_func ("/interview/replay", test_replay);
  g_test_add_func ("/interview/validation", test_validation);
  g_test_add_func ("/interview/correction", test_correction);
  g_test_add_func ("/interview/signals", test_signals);
  int status = g_test_run ();
  plaza_form_unref (form);
  return status;
}
