/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/record.h"

#include <string.h>

#include "base/error.h"
#include "base/json.h"

/* A record is gone through as a person would: what is not asked is not answered, what a person
 * could not answer is refused. */

static const char form_xml[] =
    "<h:html xmlns=\"http://www.w3.org/2002/xforms\" xmlns:h=\"http://www.w3.org/1999/xhtml\" "
    "xmlns:jr=\"http://openrosa.org/javarosa\" xmlns:plaza=\"https://gobabiertomx.org/plaza\">"
    "<h:head><h:title>t</h:title><model><instance><data id=\"t\" version=\"1\">"
    "<folio/><acepta/><temas/><por_tema jr:template=\"\"><tema/><texto/></por_tema>"
    "<hijos jr:template=\"\"><nombre/><cosas jr:template=\"\"><cosa/></cosas></hijos>"
    "<edad/><peso/><secreta/><suma/><nota/><meta><instanceID/></meta></data></instance>"
    "<bind nodeset=\"/data/folio\" type=\"string\" plaza:fill=\"folio\"/>"
    "<bind nodeset=\"/data/acepta\" type=\"string\" required=\"true()\"/>"
    "<bind nodeset=\"/data/temas\" relevant=\"/data/acepta = 'si'\" "
    "constraint=\"count-selected(.) &lt;= 2\" jr:constraintMsg=\"hasta dos\"/>"
    "<bind nodeset=\"/data/por_tema\" relevant=\"/data/acepta = 'si'\"/>"
    "<bind nodeset=\"/data/por_tema/texto\" constraint=\"string-length(.) &lt;= 10\"/>"
    "<bind nodeset=\"/data/edad\" type=\"int\"/>"
    "<bind nodeset=\"/data/peso\" type=\"decimal\"/>"
    "<bind nodeset=\"/data/secreta\" relevant=\"/data/edad &gt; 17\"/>"
    "<bind nodeset=\"/data/suma\" type=\"int\" calculate=\"/data/edad + 1\"/>"
    "<bind nodeset=\"/data/nota\" readonly=\"true()\"/>"
    "<bind nodeset=\"/data/meta/instanceID\" jr:preload=\"uid\"/>"
    "</model></h:head><h:body>"
    "<input ref=\"/data/folio\"><label>Folio</label></input>"
    "<select1 ref=\"/data/acepta\"><label>¿Acepta?</label>"
    "<item><label>Sí</label><value>si</value></item>"
    "<item><label>No</label><value>no</value></item></select1>"
    "<select ref=\"/data/temas\"><label>Temas</label>"
    "<item><label>A</label><value>a</value></item><item><label>B</label><value>b</value></item>"
    "<item><label>C</label><value>c</value></item></select>"
    "<group ref=\"/data/por_tema\"><label>Por tema</label>"
    "<repeat nodeset=\"/data/por_tema\" jr:count=\"count-selected(/data/temas)\">"
    "<input ref=\"/data/por_tema/tema\"><label>Tema</label></input>"
    "<input ref=\"/data/por_tema/texto\"><label>Texto</label></input></repeat></group>"
    "<group ref=\"/data/hijos\"><label>Hijos</label><repeat nodeset=\"/data/hijos\">"
    "<input ref=\"/data/hijos/nombre\"><label>Nombre</label></input>"
    "<group ref=\"/data/hijos/cosas\"><label>Cosas</label>"
    "<repeat nodeset=\"/data/hijos/cosas\">"
    "<input ref=\"/data/hijos/cosas/cosa\"><label>Cosa</label></input></repeat></group>"
    "</repeat></group>"
    "<input ref=\"/data/edad\"><label>Edad</label></input>"
    "<input ref=\"/data/peso\"><label>Peso</label></input>"
    "<input ref=\"/data/secreta\"><label>Secreta</label></input>"
    "<input ref=\"/data/nota\"><label>Nota</label></input>"
    "</h:body></h:html>";

typedef struct
{
  PlazaForm *form;
  PlazaInterview *interview;
  const char *ends_when; /* XPath, or NULL */
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GBytes) xml = g_bytes_new_static (form_xml, strlen (form_xml));
  g_autoptr (GError) error = NULL;

  fixture->form = plaza_form_new (xml, NULL, NULL, &error);
  g_assert_no_error (error);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_clear_object (&fixture->interview);
  plaza_form_unref (fixture->form);
}

static gboolean
set_answer (PlazaField *field, const char *value, gpointer user_data, GError **error)
{
  return plaza_interview_set_answer (((Fixture *) user_data)->interview, field, value, error);
}

static PlazaField *
add_instance (PlazaField *repeat, gpointer user_data, GError **error)
{
  return plaza_interview_add_instance (((Fixture *) user_data)->interview, repeat, error);
}

static int
outcome (gpointer user_data)
{
  Fixture *fixture = user_data;
  gboolean due = FALSE;

  if (fixture->ends_when)
    plaza_interview_test (fixture->interview, fixture->ends_when, &due, NULL);
  return due ? PLAZA_OUTCOME_REFUSED : -1;
}

static JsonObject *
parse (const char *json)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = plaza_json_parse_data (json, -1, NULL, &error);

  g_assert_no_error (error);
  return json_node_dup_object (node);
}

/* Fills a new interview; returns the ref that was refused, or NULL. */
static char *
fill (Fixture *fixture, const char *json, gboolean keep_folio)
{
  g_autoptr (JsonObject) record = parse (json);
  g_autoptr (GError) error = NULL;
  g_autofree char *ref = NULL;

  if (!plaza_record_check (record, fixture->form, &ref, &error))
    {
      g_assert_nonnull (error);
      return g_steal_pointer (&ref);
    }
  g_clear_object (&fixture->interview);
  fixture->interview = plaza_interview_new (fixture->form, NULL, &error);
  g_assert_no_error (error);
  PlazaRecordTarget target = { .interview = fixture->interview,
                               .set = set_answer,
                               .add = add_instance,
                               .outcome = outcome,
                               .user_data = fixture,
                               .keep_folio = keep_folio };
  if (plaza_record_fill (record, &target, &error))
    g_assert_no_error (error);
  else
    g_test_message ("%s: %s", target.ref, error->message);
  return target.ref;
}

static const char *
value (Fixture *fixture, const char *ref)
{
  PlazaField *field = plaza_interview_find (fixture->interview, ref);

  g_assert_nonnull (field);
  return plaza_field_get_value (field);
}

static void
test_values (Fixture *fixture, gconstpointer data)
{
  g_autofree char *ref =
      fill (fixture,
            "{\"_id\":{\"x\":[1]},\"folio\":\"20-K7-00001-X\",\"acepta\":\"si\","
            "\"temas\":[\"c\",\"a\"],\"por_tema\":[{\"tema\":\"c\",\"texto\":\"uno"
            "\"},{\"tema\":\"a\",\"texto\":null}],\"edad\":30,\"peso\":61.5,"
            "\"secreta\":\"xyz\",\"suma\":7,\"nota\":\"n\"}",
            FALSE);

  g_assert_cmpstr (ref, ==, NULL);
  g_assert_cmpstr (value (fixture, "/data/temas"), ==, "a c");
  g_assert_cmpstr (value (fixture, "/data/por_tema[1]/texto"), ==, "uno");
  g_assert_cmpstr (value (fixture, "/data/por_tema[2]/tema"), ==, "a");
  g_assert_cmpstr (value (fixture, "/data/edad"), ==, "30");
  g_assert_cmpstr (value (fixture, "/data/peso"), ==, "61.5");
  g_assert_cmpstr (value (fixture, "/data/secreta"), ==, "xyz");
  /* The laptop's and the form's own. */
  g_assert_cmpstr (value (fixture, "/data/folio"), ==, "");
  g_assert_cmpstr (value (fixture, "/data/suma"), ==, "31");
  g_assert_cmpstr (value (fixture, "/data/nota"), ==, "");
}

static void
test_folio (Fixture *fixture, gconstpointer data)
{
  g_assert_null (fill (fixture, "{\"acepta\":\"si\",\"folio\":\"20-K7-00001-X\"}", TRUE));
  g_assert_cmpstr (value (fixture, "/data/folio"), ==, "20-K7-00001-X");
}

static void
test_not_relevant (Fixture *fixture, gconstpointer data)
{
  g_assert_null (
      fill (fixture,
            "{\"acepta\":\"no\",\"temas\":\"a b\",\"por_tema\":[{\"tema\":\"a\"}],\"edad\":12,"
            "\"secreta\":\"not asked\"}",
            FALSE));
  g_assert_cmpstr (value (fixture, "/data/temas"), ==, "");
  g_assert_cmpstr (value (fixture, "/data/secreta"), ==, "");
  g_assert_cmpstr (value (fixture, "/data/edad"), ==, "12");
}

static void
test_open_repeats (Fixture *fixture, gconstpointer data)
{
  g_assert_null (
      fill (fixture,
            "{\"acepta\":\"si\",\"hijos\":[{\"nombre\":\"A\",\"cosas\":[{\"cosa\":\"1\"},"
            "{\"cosa\":\"2\"}]},{\"nombre\":\"B\"},{\"nombre\":\"C\",\"cosas\":"
            "[{\"cosa\":\"3\"}]}]}",
            FALSE));
  g_assert_cmpstr (value (fixture, "/data/hijos[1]/cosas[2]/cosa"), ==, "2");
  g_assert_cmpstr (value (fixture, "/data/hijos[2]/nombre"), ==, "B");
  g_assert_cmpstr (value (fixture, "/data/hijos[3]/cosas[1]/cosa"), ==, "3");
}

static void
test_outcome (Fixture *fixture, gconstpointer data)
{
  fixture->ends_when = "/data/acepta = 'no'";
  g_assert_null (fill (fixture, "{\"acepta\":\"no\",\"edad\":12}", FALSE));
  g_assert_cmpstr (value (fixture, "/data/edad"), ==, "");
}

static void
test_refused (Fixture *fixture, gconstpointer data)
{
  const struct
  {
    const char *json;
    const char *ref;
  } cases[] = {
    { "{\"nadie\":\"x\"}", "nadie" },
    { "{\"tema\":\"x\"}", "tema" },
    { "{\"por_tema\":[{\"edad\":3}]}", "edad" },
    { "{\"por_tema\":\"x\"}", "/data/por_tema" },
    { "{\"por_tema\":[\"x\"]}", "/data/por_tema" },
    { "{\"acepta\":{\"a\":1}}", "/data/acepta" },
    { "{\"acepta\":[\"si\",1]}", "/data/acepta" },
    { "{\"acepta\":\"quizá\"}", "/data/acepta" },
    { "{\"acepta\":\"si\",\"temas\":[\"a\",\"z\"]}", "/data/temas" },
    { "{\"acepta\":\"si\",\"temas\":[\"a\",\"b\",\"c\"]}", "/data/temas" },
    { "{\"acepta\":\"si\",\"temas\":\"a\",\"por_tema\":[{\"texto\":\"más de diez letras\"}]}",
      "/data/por_tema[1]/texto" },
    { "{\"acepta\":\"si\",\"edad\":\"doce\"}", "/data/edad" },
    { "{\"acepta\":\"si\",\"edad\":1.5}", "/data/edad" },
    { "{\"acepta\":\"si\",\"peso\":true}", "/data/peso" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *ref = fill (fixture, cases[i].json, FALSE);
      g_test_message ("%s", cases[i].json);
      g_assert_cmpstr (ref, ==, cases[i].ref);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, function) g_test_add (name, Fixture, NULL, set_up, function, tear_down)
  ADD ("/record/values", test_values);
  ADD ("/record/folio", test_folio);
  ADD ("/record/not-relevant", test_not_relevant);
  ADD ("/record/open-repeats", test_open_repeats);
  ADD ("/record/outcome", test_outcome);
  ADD ("/record/refused", test_refused);
  return g_test_run ();
}
