/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Small forms, good and hostile. */

#include "base/error.h"
#include "form/interview.h"

#include <string.h>

static char *
wrap (const char *instance, const char *model, const char *body)
{
  return g_strdup_printf (
      "<h:html xmlns=\"http://www.w3.org/2002/xforms\" xmlns:h=\"http://www.w3.org/1999/xhtml\"\n"
      " xmlns:jr=\"http://openrosa.org/javarosa\" xmlns:odk=\"http://www.opendatakit.org/xforms\""
      " xmlns:plaza=\"https://gobabiertomx.org/plaza\">\n"
      "<h:head><h:title>T</h:title><model><instance><data id=\"t\" version=\"1\">%s</data>"
      "</instance>\n%s</model></h:head>\n<h:body>%s</h:body></h:html>",
      instance, model, body);
}

static PlazaForm *
load (const char *instance, const char *model, const char *body, PlazaMedia *media, GError **error)
{
  char *xml = wrap (instance, model, body);
  g_autoptr (GBytes) bytes = g_bytes_new_take (xml, strlen (xml));

  return plaza_form_new (bytes, media, NULL, error);
}

static PlazaInterview *
begin (const char *instance, const char *model, const char *body)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PlazaForm) form = load (instance, model, body, NULL, &error);
  g_assert_no_error (error);
  PlazaInterview *self = plaza_interview_new (form, NULL, &error);
  g_assert_no_error (error);
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

static void
refuse (
    const char *instance, const char *model, const char *body, PlazaError code, const char *words)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (load (instance, model, body, NULL, &error));
  g_assert_error (error, PLAZA_ERROR, (int) code);
  if (strstr (error->message, words) == NULL)
    g_error ("“%s” is not in “%s”", words, error->message);
}

static void
test_refused (void)
{
  refuse ("<a/>", "<bind nodeset=\"/data/a\" calculate=\"nope(1)\"/>", "", PLAZA_ERROR_UNSUPPORTED,
          "line 4: <bind>");
  refuse ("<a/>", "", "<hologram ref=\"/data/a\"/>", PLAZA_ERROR_UNSUPPORTED, "<hologram>");
  refuse ("<a/>", "", "<input ref=\"/data/a\"><odk:record/></input>", PLAZA_ERROR_UNSUPPORTED,
          "<odk:record>");
  refuse ("<a/>", "<bind nodeset=\"/data/a\" relevant=\"1 +\"/>", "", PLAZA_ERROR_INVALID,
          "line 4: <bind>: relevant");
  refuse ("<a/>", "", "<input ref=\"/data/a\"><label ref=\"jr:itext('x')\"/></input>",
          PLAZA_ERROR_INVALID, "x");
  refuse ("<a/>", "<bind nodeset=\"/data/a\" calculate=\"instance('x')/root/item\"/>", "",
          PLAZA_ERROR_INVALID, "instance");
  refuse ("<a/>", "<instance id=\"x\" src=\"jr://file-csv/x.csv\"/>", "", PLAZA_ERROR_NOT_FOUND,
          "x.csv");
  refuse ("<a/>", "<instance id=\"x\" src=\"jr://file-csv/../x.csv\"/>", "", PLAZA_ERROR_NOT_FOUND,
          "x.csv");
  refuse ("<a/>", "<setvalue ref=\"/data/a\" event=\"moonrise\" value=\"1\"/>", "",
          PLAZA_ERROR_UNSUPPORTED, "moonrise");
}

static void
test_cycles (void)
{
  refuse ("<a/><b/><c/>",
          "<bind nodeset=\"/data/a\" calculate=\"/data/b + 1\"/>"
          "<bind nodeset=\"/data/b\" calculate=\"/data/c + 1\"/>"
          "<bind nodeset=\"/data/c\" relevant=\"/data/a = 1\"/>",
          "", PLAZA_ERROR_INVALID, "/data/b");
  refuse ("<a/>", "<bind nodeset=\"/data/a\" calculate=\". + 1\"/>", "", PLAZA_ERROR_INVALID,
          "/data/a → /data/a");
  refuse ("<a/>", "<bind nodeset=\"/data/a\" relevant=\". = 1\"/>", "", PLAZA_ERROR_INVALID,
          "cycle");
  /* Once a constraint looks at its own question, or one row at the row before, there is none. */
  g_autoptr (PlazaInterview) self =
      begin ("<r><a/><n/></r>",
             "<bind nodeset=\"/data/r/a\" type=\"int\" constraint=\". &lt; 9\"/>"
             "<bind nodeset=\"/data/r/n\" calculate=\"position(..) + "
             "count(/data/r[position() &lt; position(current()/..)])\"/>",
             "<repeat nodeset=\"/data/r\"><input ref=\"/data/r/a\"/></repeat>");
  g_assert_nonnull (plaza_interview_add_instance (self, at (self, "/data/r"), NULL));
  g_assert_cmpstr (value (self, "/data/r[2]/n"), ==, "3");
}

static void
test_hostile (void)
{
  static const char *const documents[] = {
    "<!DOCTYPE l [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;\">]><l>&b;</l>",
    "<!DOCTYPE l [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><l>&x;</l>",
    "<l>",
    "",
    "\x00\x01\x02",
    "<html/>",
  };

  for (guint i = 0; i < G_N_ELEMENTS (documents); i++)
    {
      g_autoptr (GBytes) bytes = g_bytes_new_static (documents[i], strlen (documents[i]));
      g_autoptr (GError) error = NULL;
      g_assert_null (plaza_form_new (bytes, NULL, NULL, &error));
      g_assert_nonnull (error);
      g_assert_cmpuint (strlen (error->message), >, 10);
    }

  g_autoptr (GString) deep = g_string_new (NULL);
  for (guint i = 0; i < 100; i++)
    g_string_append (deep, "<g>");
  for (guint i = 0; i < 100; i++)
    g_string_append (deep, "</g>");
  refuse (deep->str, "", "", PLAZA_ERROR_LIMIT, "deeper");

  g_autoptr (GString) many = g_string_new (NULL);
  PlazaFormLimits limits = PLAZA_FORM_LIMITS_DEFAULT;
  g_autoptr (GError) error = NULL;
  limits.max_choices = 100;
  for (guint i = 0; i < 101; i++)
    g_string_append (many, "<item><value>a</value></item>");
  g_autofree char *body = g_strdup_printf ("<select1 ref=\"/data/a\">%s</select1>", many->str);
  char *xml = wrap ("<a/>", "", body);
  g_autoptr (GBytes) bytes = g_bytes_new_take (xml, strlen (xml));
  g_assert_null (plaza_form_new (bytes, NULL, &limits, &error));
  g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_LIMIT);
}

/* An expression that explodes costs its limit, and never the answer. */
static void
test_explosive (void)
{
  g_autoptr (PlazaInterview) self = begin (
      "<a/><n/><r jr:template=\"\"><x/></r>",
      "<bind nodeset=\"/data/a\" constraint=\"regex(., '^(a+)+$')\"/>"
      "<bind nodeset=\"/data/n\" type=\"int\"/>",
      "<input ref=\"/data/a\"/><input ref=\"/data/n\"/>"
      "<repeat nodeset=\"/data/r\" jr:count=\"/data/n\"><input ref=\"/data/r/x\"/></repeat>");
  gint64 start = g_get_monotonic_time ();

  answer (self, "/data/a", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!");
  g_assert_cmpint (g_get_monotonic_time () - start, <, 5 * G_USEC_PER_SEC);
  g_assert_error (plaza_interview_get_problem (self), PLAZA_ERROR, PLAZA_ERROR_LIMIT);
  g_assert_cmpuint (strlen (value (self, "/data/a")), ==, 55);
  answer (self, "/data/n", "2000000000");
  g_assert_error (plaza_interview_get_problem (self), PLAZA_ERROR, PLAZA_ERROR_LIMIT);
  answer (self, "/data/n", "2");
  g_assert_null (plaza_interview_get_problem (self));
  g_assert_cmpuint (plaza_field_get_n_children (at (self, "/data/r")), ==, 2);
}

static void
test_repeats (void)
{
  g_autoptr (PlazaInterview) self =
      begin ("<r><a/><s><b/></s></r><sum/>",
             "<bind nodeset=\"/data/r/a\" type=\"int\"/>"
             "<bind nodeset=\"/data/sum\" type=\"int\" calculate=\"sum(/data/r/a)\"/>",
             "<group ref=\"/data/r\"><label>Uno</label><repeat nodeset=\"/data/r\">"
             "<input ref=\"/data/r/a\"/><repeat nodeset=\"/data/r/s\"><input ref=\"/data/r/s/b\"/>"
             "</repeat></repeat></group>");
  PlazaField *repeat = at (self, "/data/r");

  answer (self, "/data/r[1]/a", "1");
  plaza_interview_add_instance (self, repeat, NULL);
  answer (self, "/data/r[2]/a", "2");
  plaza_interview_add_instance (self, repeat, NULL);
  answer (self, "/data/r[3]/a", "4");
  plaza_interview_add_instance (self, at (self, "/data/r[2]/s"), NULL);
  answer (self, "/data/r[2]/s[2]/b", "dentro");
  g_assert_cmpstr (value (self, "/data/sum"), ==, "7");

  PlazaField *second = at (self, "/data/r[2]");
  g_autofree char *stable = plaza_field_dup_stable_ref (at (self, "/data/r[2]/s[2]/b"));
  g_assert_cmpstr (stable, ==, "/data/r[@2]/s[@2]/b");
  g_assert_true (plaza_interview_remove_instance (self, second, NULL));
  g_assert_cmpstr (value (self, "/data/sum"), ==, "5");
  g_assert_cmpstr (value (self, "/data/r[2]/a"), ==, "4");
  g_assert_cmpstr (value (self, stable), ==, "dentro");
  g_assert_true (plaza_interview_restore_instance (self, second, NULL));
  g_assert_cmpstr (value (self, "/data/sum"), ==, "7");
  g_assert_cmpstr (value (self, "/data/r[2]/s[2]/b"), ==, "dentro");
  g_assert_cmpuint (plaza_field_get_position (second), ==, 2);

  /* Each instance a page, and one more to add another. */
  GPtrArray *pages = plaza_interview_get_pages (self);
  g_assert_cmpuint (pages->len, ==, 4);
  g_assert_cmpstr (plaza_page_get_title (g_ptr_array_index (pages, 1)), ==, "Uno");
  g_assert_true (plaza_page_get_field (g_ptr_array_index (pages, 3)) == repeat);
}

static void
test_actions (void)
{
  g_autoptr (PlazaInterview) self = begin (
      "<a/><b/><r><x/><y/></r>",
      "<setvalue event=\"odk-instance-first-load\" ref=\"/data/b\" value=\"2 * 21\"/>"
      "<bind nodeset=\"/data/b\" type=\"int\"/>",
      "<input ref=\"/data/a\"><setvalue event=\"xforms-value-changed\" ref=\"/data/b\">7</setvalue>"
      "</input><repeat nodeset=\"/data/r\">"
      "<setvalue event=\"odk-new-repeat\" ref=\"/data/r/y\" value=\"position(..)\"/>"
      "<input ref=\"/data/r/x\"/></repeat>");

  g_assert_cmpstr (value (self, "/data/b"), ==, "42");
  answer (self, "/data/a", "x");
  g_assert_cmpstr (value (self, "/data/b"), ==, "7");
  g_assert_cmpstr (value (self, "/data/r[1]/y"), ==, "");
  plaza_interview_add_instance (self, at (self, "/data/r"), NULL);
  g_assert_cmpstr (value (self, "/data/r[2]/y"), ==, "2");
}

static void
test_values (void)
{
  static const struct
  {
    const char *type;
    const char *given;
    const char *stored; /* NULL: refused */
  } cases[] = {
    { "int", "007", "7" },
    { "int", "-3", "-3" },
    { "int", "2.5", NULL },
    { "int", "9999999999", NULL },
    { "int", "１２", NULL },
    { "decimal", "3", "3.0" },
    { "decimal", "-0.50", "-0.5" },
    { "decimal", "3,5", NULL },
    { "decimal", "1e9", NULL },
    { "date", "2019-06-04", "2019-06-04" },
    { "date", "2019-6-4", NULL },
    { "date", "2019-02-29", NULL },
    { "time", "16:20", "16:20" },
    { "time", "24:00", NULL },
    { "dateTime", "2019-06-04T16:20:00.000-05:00", "2019-06-04T16:20:00.000-05:00" },
    { "dateTime", "2019-06-04", NULL },
    { "string", "  dos  palabras ", "dos  palabras" },
    { "string", "n\xcc\x83", "ñ" },
    { "geopoint", "17.06 -96.72", "17.06 -96.72 0.0 0.0" },
    { "geopoint", "97 17", NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *bind =
          g_strdup_printf ("<bind nodeset=\"/data/a\" type=\"%s\"/>", cases[i].type);
      g_autoptr (PlazaInterview) self = begin ("<a/>", bind, "<input ref=\"/data/a\"/>");
      g_autoptr (GError) error = NULL;
      gboolean taken =
          plaza_interview_set_answer (self, at (self, "/data/a"), cases[i].given, &error);
      g_test_message ("%s %s", cases[i].type, cases[i].given);
      g_assert_cmpint (taken, ==, cases[i].stored != NULL);
      g_assert_cmpstr (value (self, "/data/a"), ==, cases[i].stored != NULL ? cases[i].stored : "");
    }
}

static void
test_selects (void)
{
  const char *items = "<item><label>A</label><value>a</value></item>"
                      "<item><label>B</label><value>b</value></item>"
                      "<item><label>C</label><value>c</value></item>";
  g_autofree char *body = g_strdup_printf (
      "<select ref=\"/data/m\">%s</select><odk:rank ref=\"/data/k\">%s</odk:rank>"
      "<range ref=\"/data/g\" start=\"1\" end=\"5\" step=\"1\"/><trigger ref=\"/data/t\"/>",
      items, items);
  g_autoptr (PlazaInterview) self =
      begin ("<m/><k/><g/><t/>", "<bind nodeset=\"/data/g\" type=\"int\"/>", body);
  double start, end, step;

  answer (self, "/data/m", "c a");
  g_assert_cmpstr (value (self, "/data/m"), ==, "a c");
  g_assert_true (plaza_field_has_choice (at (self, "/data/m"), "c"));
  g_assert_false (plaza_field_has_choice (at (self, "/data/m"), "b"));
  g_autofree char *display = plaza_field_dup_display (at (self, "/data/m"));
  g_assert_cmpstr (display, ==, "A, C");
  answer (self, "/data/k", "c a b");
  g_assert_cmpstr (value (self, "/data/k"), ==, "c a b");
  g_assert_false (plaza_interview_set_answer (self, at (self, "/data/k"), "c a", NULL));
  answer (self, "/data/g", "5");
  g_assert_false (plaza_interview_set_answer (self, at (self, "/data/g"), "6", NULL));
  g_assert_true (plaza_model_node_get_range (plaza_field_get_model (at (self, "/data/g")), &start,
                                             &end, &step));
  g_assert_cmpfloat (end, ==, 5);
  answer (self, "/data/t", "OK");
  g_assert_false (plaza_interview_set_answer (self, at (self, "/data/t"), "sí", NULL));
}

static void
test_media (void)
{
  g_autoptr (PlazaMedia) media = plaza_media_new ();
  g_autoptr (GBytes) csv = g_bytes_new_static ("name,label\r\n01,\"Uno, y\"\r\n02,Dos\r\n", 33);
  g_autoptr (GError) error = NULL;
  static const char *const bad[] = { "jr://file/../x", "jr://file/.x", "a/b", "",
                                     "jr://file",      "jr://file/" };

  plaza_media_add (media, "c.csv", csv);
  g_autoptr (PlazaForm) form =
      load ("<a/><b/>",
            "<instance id=\"c\" src=\"jr://file-csv/c.csv\"/><bind nodeset=\"/data/b\" "
            "calculate=\"pulldata('c', 'label', 'name', /data/a)\"/>",
            "<select1 ref=\"/data/a\"><itemset nodeset=\"instance('c')/root/item\">"
            "<value ref=\"name\"/><label ref=\"label\"/></itemset></select1>",
            media, &error);
  g_assert_no_error (error);
  g_autoptr (PlazaInterview) self = plaza_interview_new (form, NULL, &error);
  answer (self, "/data/a", "01");
  g_assert_cmpstr (value (self, "/data/b"), ==, "Uno, y");
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) refused = NULL;
      g_assert_null (plaza_media_read (media, bad[i], 100, &refused));
      g_assert_error (refused, PLAZA_ERROR, PLAZA_ERROR_INVALID);
    }
  g_assert_null (plaza_media_read (media, "c.csv", 10, &error));
  g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_LIMIT);
}

/* What is calculated from a contact answer stays out with it. */
static void
test_taint (void)
{
  g_autoptr (PlazaInterview) self =
      begin ("<name/><greeting/><length/><other/><meta><instanceID/><instanceName/></meta>",
             "<bind nodeset=\"/data/name\" plaza:privacy=\"contact\"/>"
             "<bind nodeset=\"/data/greeting\" calculate=\"concat('Hola ', /data/name)\"/>"
             "<bind nodeset=\"/data/length\" calculate=\"string-length(/data/greeting)\"/>"
             "<bind nodeset=\"/data/meta/instanceName\" calculate=\"/data/greeting\"/>",
             "<input ref=\"/data/name\"><setvalue event=\"xforms-value-changed\" "
             "ref=\"/data/other\" value=\"/data/name\"/></input>");

  answer (self, "/data/name", "Ixchel");
  g_assert_cmpstr (value (self, "/data/greeting"), ==, "Hola Ixchel");
  g_assert_cmpstr (value (self, "/data/other"), ==, "Ixchel");
  g_autoptr (GBytes) xml = plaza_interview_serialize (self);
  g_autofree char *text = g_strndup (g_bytes_get_data (xml, NULL), g_bytes_get_size (xml));
  g_assert_null (strstr (text, "Ixchel"));
  g_assert_null (strstr (text, "11"));
  g_assert_null (strstr (text, "greeting"));
}

static char *
draw (const char *instance_id)
{
  const PlazaInterviewContext context = { .instance_id = instance_id };
  g_autoptr (GError) error = NULL;
  g_autoptr (PlazaForm) form =
      load ("<a/><r/><u/><meta><instanceID/></meta>",
            "<bind nodeset=\"/data/r\" calculate=\"random() + string-length(/data/a)\"/>"
            "<bind nodeset=\"/data/u\" calculate=\"uuid()\"/>"
            "<bind nodeset=\"/data/meta/instanceID\" calculate=\"concat('uuid:', uuid())\"/>",
            "<input ref=\"/data/a\"/>", NULL, &error);
  g_autoptr (PlazaInterview) self = plaza_interview_new (form, &context, &error);

  g_assert_no_error (error);
  g_autofree char *first = g_strdup (value (self, "/data/r"));
  answer (self, "/data/a", "x");
  return g_strjoin (" ", first, value (self, "/data/r"), value (self, "/data/u"),
                    plaza_interview_get_instance_id (self), NULL);
}

/* Chance is the same when an interview is replayed, another in another interview. */
static void
test_chance (void)
{
  g_autofree char *first = draw ("uuid:1");
  g_autofree char *again = draw ("uuid:1");
  g_autofree char *other = draw ("uuid:2");
  g_autofree char *third = draw (NULL);
  g_autofree char *fourth = draw (NULL);
  g_auto (GStrv) parts = g_strsplit (first, " ", -1);

  g_assert_cmpstr (first, ==, again);
  g_assert_cmpstr (first, !=, other);
  g_assert_cmpstr (third, !=, fourth);
  g_assert_cmpstr (parts[0], !=, parts[1]);
  g_assert_true (g_uuid_string_is_valid (parts[2]));
  g_assert_cmpstr (parts[3], ==, "uuid:1");
}

static void
test_shared (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PlazaForm) form =
      load ("<a/><b/>", "<bind nodeset=\"/data/b\" calculate=\"/data/a\"/>",
            "<input ref=\"/data/a\"/>", NULL, &error);
  g_autoptr (PlazaInterview) first = plaza_interview_new (form, NULL, &error);
  g_autoptr (PlazaInterview) second = plaza_interview_new (form, NULL, &error);

  answer (first, "/data/a", "uno");
  answer (second, "/data/a", "dos");
  g_assert_cmpstr (value (first, "/data/b"), ==, "uno");
  g_assert_cmpstr (value (second, "/data/b"), ==, "dos");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/form/refused", test_refused);
  g_test_add_func ("/form/cycles", test_cycles);
  g_test_add_func ("/form/hostile", test_hostile);
  g_test_add_func ("/form/explosive", test_explosive);
  g_test_add_func ("/form/repeats", test_repeats);
  g_test_add_func ("/form/actions", test_actions);
  g_test_add_func ("/form/values", test_values);
  g_test_add_func ("/form/selects", test_selects);
  g_test_add_func ("/form/media", test_media);
  g_test_add_func ("/form/taint", test_taint);
  g_test_add_func ("/form/chance", test_chance);
  g_test_add_func ("/form/shared", test_shared);
  return g_test_run ();
}
