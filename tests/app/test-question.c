/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <adwaita.h>

#include "app/choice-group.h"
#include "app/question.h"

/* One question of each kind. */
static const char FORM[] =
    "<h:html xmlns='http://www.w3.org/2002/xforms' xmlns:h='http://www.w3.org/1999/xhtml'"
    " xmlns:jr='http://openrosa.org/javarosa' xmlns:odk='http://www.opendatakit.org/xforms'"
    " xmlns:plaza='https://gobabiertomx.org/plaza'>"
    "<h:head><h:title>Kinds</h:title><model><instance><data id='kinds' version='1'>"
    "<line/><lines/><whole/><decimal/><phone/><day/><hour/><moment/><one/><many/><town/><order/>"
    "<scale/><ok/><note/><town_text/></data></instance>"
    "<instance id='towns'><root>"
    "<item><name>20067</name><label>Oaxaca de Juárez</label></item>"
    "<item><name>20295</name><label>San Pedro Ñumí</label></item>"
    "<item><name>20001</name><label>Benito Juárez</label></item>"
    "<item><name>23005</name><label>Benito Juárez</label></item>"
    "</root></instance>"
    "<bind nodeset='/data/line' type='string' required='true()' plaza:aloud='yes'"
    " constraint='string-length(.) &lt;= 20' jr:constraintMsg='At most 20'/>"
    "<bind nodeset='/data/lines' type='string'/>"
    "<bind nodeset='/data/whole' type='int' constraint='. &gt; 0' jr:constraintMsg='More than "
    "none'/>"
    "<bind nodeset='/data/decimal' type='decimal'/>"
    "<bind nodeset='/data/phone' type='string'/>"
    "<bind nodeset='/data/day' type='date'/><bind nodeset='/data/hour' type='time'/>"
    "<bind nodeset='/data/moment' type='dateTime'/>"
    "<bind nodeset='/data/one' type='string'/>"
    "<bind nodeset='/data/many' type='string' constraint='count-selected(.) &lt;= 2'"
    " jr:constraintMsg='Up to two'/>"
    "<bind nodeset='/data/town' type='string'/>"
    "<bind nodeset='/data/town_text' type='string' relevant=\"/data/town = ''\"/>"
    "<bind nodeset='/data/order' type='odk:rank'/>"
    "<bind nodeset='/data/scale' type='int'/>"
    "<bind nodeset='/data/ok' type='string'/>"
    "<bind nodeset='/data/note' type='string' readonly='true()'/>"
    "</model></h:head><h:body>"
    "<input ref='/data/line'><label>Line</label><hint>For you</hint></input>"
    "<input ref='/data/lines' appearance='multiline'><label>Lines</label></input>"
    "<input ref='/data/whole'><label>Whole</label></input>"
    "<input ref='/data/decimal'><label>Decimal</label></input>"
    "<input ref='/data/phone' appearance='numbers'><label>Phone</label></input>"
    "<input ref='/data/day'><label>Day</label></input>"
    "<input ref='/data/hour'><label>Hour</label></input>"
    "<input ref='/data/moment'><label>Moment</label></input>"
    "<select1 ref='/data/one'><label>One</label>"
    "<item><label>Yes</label><value>y</value></item>"
    "<item><label>No</label><value>n</value></item></select1>"
    "<select ref='/data/many'><label>Many</label>"
    "<item><label>A</label><value>a</value></item><item><label>B</label><value>b</value></item>"
    "<item><label>C</label><value>c</value></item></select>"
    "<select1 ref='/data/town' appearance='autocomplete'><label>Town</label>"
    "<itemset nodeset=\"instance('towns')/root/item\"><value ref='name'/><label ref='label'/>"
    "</itemset></select1>"
    "<odk:rank ref='/data/order'><label>Order</label>"
    "<item><label>A</label><value>a</value></item><item><label>B</label><value>b</value></item>"
    "<item><label>C</label><value>c</value></item></odk:rank>"
    "<range ref='/data/scale' start='1' end='5' step='1'><label>Scale</label></range>"
    "<trigger ref='/data/ok'><label>Read this</label></trigger>"
    "<input ref='/data/note'><label>Just words &lt;b&gt;plain&lt;/b&gt;</label></input>"
    "<input ref='/data/town_text'><label>Which?</label></input>"
    "</h:body></h:html>";

typedef struct
{
  PlazaInterview *interview;
  PlazaField *field;
  PlazaQuestion *question;
  GtkWindow *window;
  GtkWidget *elsewhere;
  guint n_answers;
  guint n_typed;
  guint n_next;
} Fixture;

static void
on_answered_cb (Fixture *f, const char *value)
{
  g_autoptr (GError) error = NULL;

  f->n_answers++;
  if (!plaza_interview_set_answer (f->interview, f->field, value, &error))
    plaza_question_set_problem (f->question, error->message);
}

static void
on_field_changed_cb (Fixture *f, PlazaField *field, guint changes)
{
  if (field == f->field)
    plaza_question_refresh (f->question, (PlazaChanges) changes);
}

static void
count_cb (guint *counter)
{
  (*counter)++;
}

static void
set_up (Fixture *f, gconstpointer ref)
{
  g_autoptr (GBytes) xml = g_bytes_new_static (FORM, sizeof FORM - 1);
  g_autoptr (GError) error = NULL;
  g_autoptr (PlazaForm) form = plaza_form_new (xml, NULL, NULL, &error);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);

  g_assert_no_error (error);
  f->interview = plaza_interview_new (form, NULL, &error);
  g_assert_no_error (error);
  f->field = plaza_interview_find (f->interview, ref);
  g_assert_nonnull (f->field);
  f->question = plaza_question_new (f->interview, f->field);
  f->elsewhere = gtk_button_new_with_label ("elsewhere");
  g_signal_connect_swapped (f->question, "answered", G_CALLBACK (on_answered_cb), f);
  g_signal_connect_swapped (f->question, "typed", G_CALLBACK (count_cb), &f->n_typed);
  g_signal_connect_swapped (f->question, "next", G_CALLBACK (count_cb), &f->n_next);
  g_signal_connect_swapped (f->interview, "field-changed", G_CALLBACK (on_field_changed_cb), f);
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (f->question));
  gtk_box_append (GTK_BOX (box), f->elsewhere);
  f->window = GTK_WINDOW (g_object_ref_sink (gtk_window_new ()));
  gtk_window_set_child (f->window, box);
  gtk_window_present (f->window);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  g_signal_handlers_disconnect_by_data (f->interview, f);
  gtk_window_destroy (f->window);
  g_object_unref (f->window);
  g_object_unref (f->interview);
}

/* The first widget of @type below @widget. */
static GtkWidget *
find (GtkWidget *widget, GType type)
{
  if (g_type_is_a (G_OBJECT_TYPE (widget), type))
    return widget;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      GtkWidget *found = find (child, type);

      if (found != NULL)
        return found;
    }
  return NULL;
}

static void
type (Fixture *f, const char *text)
{
  GtkWidget *view = find (GTK_WIDGET (f->question), GTK_TYPE_TEXT_VIEW);

  gtk_widget_grab_focus (GTK_WIDGET (f->question));
  if (view != NULL)
    gtk_text_buffer_set_text (gtk_text_view_get_buffer (GTK_TEXT_VIEW (view)), text, -1);
  else
    gtk_editable_set_text (GTK_EDITABLE (find (GTK_WIDGET (f->question), GTK_TYPE_ENTRY)), text);
}

static const char *
shown (Fixture *f)
{
  return gtk_editable_get_text (GTK_EDITABLE (find (GTK_WIDGET (f->question), GTK_TYPE_ENTRY)));
}

static void
press (GtkWidget *widget, guint keyval, GdkModifierType state)
{
  g_autoptr (GListModel) controllers = gtk_widget_observe_controllers (widget);
  gboolean handled = FALSE;

  for (guint i = 0; i < g_list_model_get_n_items (controllers) && !handled; i++)
    {
      g_autoptr (GtkEventController) controller = g_list_model_get_item (controllers, i);

      if (GTK_IS_EVENT_CONTROLLER_KEY (controller))
        g_signal_emit_by_name (controller, "key-pressed", keyval, 0, state, &handled);
    }
}

static void
assert_answer (Fixture *f, const char *expected)
{
  g_assert_cmpstr (plaza_field_get_value (f->field), ==, expected);
}

static void
assert_becomes (Fixture *f, const char *text, const char *expected)
{
  type (f, text);
  plaza_question_commit (f->question);
  assert_answer (f, expected);
  g_assert_null (plaza_question_get_problem (f->question));
}

/* Refused, with words; what was typed stays to be mended. */
static void
assert_refused (Fixture *f, const char *text)
{
  g_autofree char *before = g_strdup (plaza_field_get_value (f->field));
  g_autofree char *typed = NULL;

  type (f, text);
  plaza_question_commit (f->question);
  assert_answer (f, before);
  g_assert_nonnull (plaza_question_get_problem (f->question));
  typed = plaza_question_dup_typed (f->question);
  g_assert_cmpstr (typed, ==, text);
}

static void
test_line (Fixture *f, gconstpointer data)
{
  GtkWidget *entry = find (GTK_WIDGET (f->question), GTK_TYPE_ENTRY);

  g_assert_null (plaza_question_get_problem (f->question));
  type (f, "El pozo  está seco ");
  g_assert_cmpuint (f->n_answers, ==, 0);
  /* Leaving the field is what gives the answer. */
  gtk_widget_grab_focus (f->elsewhere);
  assert_answer (f, "El pozo  está seco");
  g_assert_cmpuint (f->n_answers, ==, 1);

  type (f, "More than twenty characters");
  g_signal_emit_by_name (entry, "activate");
  g_assert_cmpuint (f->n_next, ==, 1);
  g_assert_cmpstr (plaza_question_get_problem (f->question), ==, "At most 20");
  gtk_test_accessible_assert_state (GTK_ACCESSIBLE (entry), GTK_ACCESSIBLE_STATE_INVALID,
                                    GTK_ACCESSIBLE_INVALID_TRUE);
  g_assert_true (gtk_test_accessible_has_relation (GTK_ACCESSIBLE (entry),
                                                   GTK_ACCESSIBLE_RELATION_LABELLED_BY));
  g_assert_true (gtk_test_accessible_has_relation (GTK_ACCESSIBLE (entry),
                                                   GTK_ACCESSIBLE_RELATION_DESCRIBED_BY));
  assert_becomes (f, "short", "short");
  gtk_test_accessible_assert_state (GTK_ACCESSIBLE (entry), GTK_ACCESSIBLE_STATE_INVALID,
                                    GTK_ACCESSIBLE_INVALID_FALSE);

  /* What is missing is said once it was there, or the next page is wanted. */
  type (f, "");
  plaza_question_commit (f->question);
  assert_answer (f, "");
  plaza_question_show_missing (f->question);
  g_assert_nonnull (plaza_question_get_problem (f->question));
}

static void
test_text_in_progress (Fixture *f, gconstpointer data)
{
  g_autofree char *typed = NULL;
  gint64 start = g_get_monotonic_time ();

  type (f, "The well");
  while (f->n_typed == 0)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpint (g_get_monotonic_time () - start, <, 3 * G_USEC_PER_SEC);
  typed = plaza_question_dup_typed (f->question);
  g_assert_cmpstr (typed, ==, "The well");
  assert_answer (f, "");

  /* An answer from elsewhere does not overwrite what is being typed. */
  g_assert_true (plaza_interview_set_answer (f->interview, f->field, "other", NULL));
  g_free (typed);
  typed = plaza_question_dup_typed (f->question);
  g_assert_cmpstr (typed, ==, "The well");
  plaza_question_commit (f->question);
  assert_answer (f, "The well");
  g_assert_null (plaza_question_dup_typed (f->question));

  plaza_question_restore_typed (f->question, "The well is");
  plaza_question_commit (f->question);
  assert_answer (f, "The well is");
}

static void
test_whole (Fixture *f, gconstpointer data)
{
  assert_becomes (f, "12", "12");
  assert_becomes (f, " 1,200 ", "1200");
  assert_refused (f, "a dozen");
  assert_refused (f, "12.5");
  assert_refused (f, "99999999999");
  assert_becomes (f, "7", "7");
  type (f, "-3");
  plaza_question_commit (f->question);
  assert_answer (f, "-3");
  g_assert_cmpstr (plaza_question_get_problem (f->question), ==, "More than none");
  assert_becomes (f, "", "");
}

static void
test_decimal (Fixture *f, gconstpointer data)
{
  assert_becomes (f, "3.5", "3.5");
  assert_becomes (f, "3,75", "3.75");
  assert_becomes (f, "1,200.25", "1200.25");
  assert_refused (f, "3.5.1");
}

static void
test_phone (Fixture *f, gconstpointer data)
{
  assert_becomes (f, "(951) 123-45 67", "9511234567");
  assert_becomes (f, "0155", "0155");
}

static void
test_day (Fixture *f, gconstpointer data)
{
  assert_becomes (f, "2019-06-04", "2019-06-04");
  g_assert_cmpstr (shown (f), ==, "4 June 2019");
  assert_becomes (f, "5 jun 2019", "2019-06-05");
  assert_refused (f, "30 feb 2019");
  assert_becomes (f, "", "");
}

static void
test_hour (Fixture *f, gconstpointer data)
{
  type (f, "4:20 pm");
  plaza_question_commit (f->question);
  g_assert_true (g_str_has_prefix (plaza_field_get_value (f->field), "16:20"));
  g_assert_cmpstr (shown (f), ==, "16:20");
  assert_refused (f, "late");
}

static void
test_moment (Fixture *f, gconstpointer data)
{
  type (f, "4 June 2019 16:20");
  plaza_question_commit (f->question);
  g_assert_true (g_str_has_prefix (plaza_field_get_value (f->field), "2019-06-04T16:20:00"));
  g_assert_cmpstr (shown (f), ==, "4 June 2019 16:20");
  assert_refused (f, "4 June 2019");
}

static void
test_one (Fixture *f, gconstpointer data)
{
  GtkWidget *group = find (GTK_WIDGET (f->question), PLAZA_TYPE_CHOICE_GROUP);
  g_autofree char *value = NULL;

  g_assert_true (gtk_widget_grab_focus (GTK_WIDGET (f->question)));
  press (group, GDK_KEY_2, 0);
  assert_answer (f, "n");
  press (group, GDK_KEY_Return, 0);
  g_assert_cmpuint (f->n_next, ==, 1);
  press (group, GDK_KEY_Delete, 0);
  assert_answer (f, "");
  g_assert_true (plaza_interview_set_answer (f->interview, f->field, "y", NULL));
  value = plaza_choice_group_get_value (PLAZA_CHOICE_GROUP (group));
  g_assert_cmpstr (value, ==, "y");
}

static void
test_many (Fixture *f, gconstpointer data)
{
  GtkWidget *group = find (GTK_WIDGET (f->question), PLAZA_TYPE_CHOICE_GROUP);

  gtk_widget_grab_focus (GTK_WIDGET (f->question));
  press (group, GDK_KEY_3, 0);
  press (group, GDK_KEY_1, 0);
  assert_answer (f, "a c");
  g_assert_null (plaza_question_get_problem (f->question));
  press (group, GDK_KEY_2, 0);
  g_assert_cmpstr (plaza_question_get_problem (f->question), ==, "Up to two");
  press (group, GDK_KEY_2, 0);
  g_assert_null (plaza_question_get_problem (f->question));
}

static void
test_search (Fixture *f, gconstpointer data)
{
  GtkWidget *entry = find (GTK_WIDGET (f->question), GTK_TYPE_ENTRY);
  GtkListBox *list = GTK_LIST_BOX (find (GTK_WIDGET (f->question), GTK_TYPE_LIST_BOX));

  type (f, "numi");
  g_assert_nonnull (gtk_list_box_get_row_at_index (list, 0));
  g_assert_null (gtk_list_box_get_row_at_index (list, 1));
  g_signal_emit_by_name (entry, "activate");
  assert_answer (f, "20295");
  g_assert_cmpstr (shown (f), ==, "San Pedro Ñumí");
  g_assert_cmpuint (f->n_next, ==, 1);

  /* Homonyms are told apart, and neither is taken for the other. */
  type (f, "benito juarez");
  plaza_question_commit (f->question);
  assert_answer (f, "20295");
  g_assert_nonnull (plaza_question_get_problem (f->question));
  press (entry, GDK_KEY_Down, 0);
  g_signal_emit_by_name (list, "row-activated", gtk_list_box_get_row_at_index (list, 1));
  assert_answer (f, "23005");
  g_assert_cmpstr (shown (f), ==, "Benito Juárez (23005)");

  /* Not on the list: blank, so that the form can ask for the name. */
  assert_refused (f, "Macondo");
  f->n_next = 0;
  type (f, "Comala");
  g_signal_emit_by_name (entry, "activate");
  g_assert_cmpuint (f->n_next, ==, 0);
  g_signal_emit_by_name (list, "row-activated", gtk_list_box_get_row_at_index (list, 0));
  assert_answer (f, "");
  g_assert_cmpuint (f->n_next, ==, 1);
  assert_becomes (f, "", "");
  g_assert_true (plaza_field_is_relevant (plaza_interview_find (f->interview, "/data/town_text")));
}

static void
test_rank (Fixture *f, gconstpointer data)
{
  GtkWidget *list = find (GTK_WIDGET (f->question), GTK_TYPE_LIST_BOX);

  assert_answer (f, "");
  g_assert_true (gtk_widget_grab_focus (GTK_WIDGET (f->question)));
  press (list, GDK_KEY_space, 0);
  assert_answer (f, "a b c");
  press (list, GDK_KEY_Down, GDK_CONTROL_MASK);
  assert_answer (f, "b a c");
  press (list, GDK_KEY_3, 0);
  assert_answer (f, "b c a");
  press (list, GDK_KEY_Delete, 0);
  assert_answer (f, "");
}

static void
test_range (Fixture *f, gconstpointer data)
{
  GtkWidget *scale = find (GTK_WIDGET (f->question), GTK_TYPE_SCALE);

  assert_answer (f, "");
  gtk_range_set_value (GTK_RANGE (scale), 4);
  assert_answer (f, "4");
  press (scale, GDK_KEY_Delete, 0);
  assert_answer (f, "");
  /* The end where the slider rests is an answer too. */
  press (scale, GDK_KEY_space, 0);
  assert_answer (f, "1");
}

static void
test_trigger (Fixture *f, gconstpointer data)
{
  GtkWidget *group = find (GTK_WIDGET (f->question), PLAZA_TYPE_CHOICE_GROUP);

  gtk_widget_grab_focus (GTK_WIDGET (f->question));
  press (group, GDK_KEY_space, 0);
  assert_answer (f, "OK");
  press (group, GDK_KEY_space, 0);
  assert_answer (f, "");
}

static void
test_note (Fixture *f, gconstpointer data)
{
  GtkLabel *label = GTK_LABEL (plaza_question_get_label_widget (f->question));

  g_assert_false (plaza_question_can_answer (f->question));
  /* A form's words are never markup. */
  g_assert_cmpstr (gtk_label_get_text (label), ==, "Just words <b>plain</b>");
}

static void
test_saved (Fixture *f, gconstpointer data)
{
  plaza_question_set_saved (f->question, PLAZA_SAVED_SAVING);
  plaza_question_set_saved (f->question, PLAZA_SAVED_DONE);
  g_assert_cmpint (plaza_question_get_saved (f->question), ==, PLAZA_SAVED_DONE);
  /* Whatever is typed now is not saved yet. */
  type (f, "more");
  g_assert_cmpint (plaza_question_get_saved (f->question), ==, PLAZA_SAVED_NONE);
}

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  adw_init ();
#define ADD(path, ref, function) \
  g_test_add ("/question/" path, Fixture, "/data/" ref, set_up, function, tear_down)
  ADD ("line", "line", test_line);
  ADD ("text-in-progress", "line", test_text_in_progress);
  ADD ("lines-in-progress", "lines", test_text_in_progress);
  ADD ("whole", "whole", test_whole);
  ADD ("decimal", "decimal", test_decimal);
  ADD ("phone", "phone", test_phone);
  ADD ("day", "day", test_day);
  ADD ("hour", "hour", test_hour);
  ADD ("moment", "moment", test_moment);
  ADD ("one", "one", test_one);
  ADD ("many", "many", test_many);
  ADD ("search", "town", test_search);
  ADD ("rank", "order", test_rank);
  ADD ("range", "scale", test_range);
  ADD ("trigger", "ok", test_trigger);
  ADD ("note", "note", test_note);
  ADD ("saved", "line", test_saved);
#undef ADD
  return g_test_run ();
}
