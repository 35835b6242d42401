/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "desk.h"

#include "app/choice-group.h"
#include "app/finish-screen.h"
#include "app/missing-view.h"
#include "app/page-view.h"
#include "store/response-list.h"

/* The first widget of @type below @widget, in the order of the tree. */
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

static gboolean
shows_text (GtkWidget *widget, const char *text)
{
  if (!gtk_widget_get_mapped (widget))
    return FALSE;
  if (GTK_IS_LABEL (widget) && strstr (gtk_label_get_text (GTK_LABEL (widget)), text) != NULL)
    return TRUE;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    if (shows_text (child, text))
      return TRUE;
  return FALSE;
}

static PlazaPageView *
view_of (PlazaInterviewScreen *screen)
{
  return PLAZA_PAGE_VIEW (find (GTK_WIDGET (screen), PLAZA_TYPE_PAGE_VIEW));
}

static PlazaField *
field_of (PlazaInterviewScreen *screen, const char *ref)
{
  PlazaCapture *capture = plaza_interview_screen_get_capture (screen);
  PlazaField *field = plaza_interview_find (plaza_capture_get_interview (capture), ref);

  g_assert_nonnull (field);
  return field;
}

static PlazaQuestion *
question_of (PlazaInterviewScreen *screen, const char *ref)
{
  PlazaQuestion *question =
      plaza_page_view_find_question (view_of (screen), field_of (screen, ref));

  g_assert_nonnull (question);
  return question;
}

static void
act (gpointer screen, const char *action)
{
  g_assert_true (gtk_widget_activate_action (GTK_WIDGET (screen), action, NULL));
  desk_settle ();
}

/* Keys as they come to the choice group of the question of @ref. */
static void
press (PlazaInterviewScreen *screen, const char *ref, const char *keys)
{
  PlazaQuestion *question = question_of (screen, ref);
  GtkWidget *group = find (GTK_WIDGET (question), PLAZA_TYPE_CHOICE_GROUP);
  g_autoptr (GListModel) controllers = gtk_widget_observe_controllers (group);

  g_assert_true (gtk_widget_grab_focus (GTK_WIDGET (question)));
  for (const char *key = keys; *key != '\0'; key++)
    for (guint i = 0; i < g_list_model_get_n_items (controllers); i++)
      {
        g_autoptr (GtkEventController) controller = g_list_model_get_item (controllers, i);
        gboolean handled = FALSE;

        if (GTK_IS_EVENT_CONTROLLER_KEY (controller))
          g_signal_emit_by_name (controller, "key-pressed", gdk_unicode_to_keyval ((guint32) *key),
                                 0, 0, &handled);
      }
  desk_settle ();
}

static void
type (PlazaInterviewScreen *screen, const char *ref, const char *text)
{
  PlazaQuestion *question = question_of (screen, ref);
  GtkWidget *view = find (GTK_WIDGET (question), GTK_TYPE_TEXT_VIEW);

  g_assert_true (gtk_widget_grab_focus (GTK_WIDGET (question)));
  if (view != NULL)
    gtk_text_buffer_set_text (gtk_text_view_get_buffer (GTK_TEXT_VIEW (view)), text, -1);
  else
    gtk_editable_set_text (GTK_EDITABLE (find (GTK_WIDGET (question), GTK_TYPE_ENTRY)), text);
}

static void
assert_value (PlazaInterviewScreen *screen, const char *ref, const char *expected)
{
  g_assert_cmpstr (plaza_field_get_value (field_of (screen, ref)), ==, expected);
}

static void
assert_page (PlazaInterviewScreen *screen, const char *ref)
{
  PlazaPage *page = plaza_page_view_get_page (view_of (screen));
  g_autofree char *shown = plaza_field_dup_ref (plaza_page_get_field (page));

  g_assert_cmpstr (shown, ==, ref);
}

static guint
tally (Desk *desk, PlazaOutcome outcome)
{
  PlazaTally counts;

  g_assert_true (plaza_session_get_tally (desk->session, &counts, NULL));
  return counts.outcomes[outcome];
}

static void
consent (PlazaInterviewScreen *screen)
{
  press (screen, "/data/consentimiento_g/edad", "3");
  press (screen, "/data/consentimiento_g/consentimiento", "1");
}

static void
test_start (void)
{
  g_autoptr (Desk) desk = desk_new ();
  PlazaInterviewScreen *screen = desk_interview (desk, NULL);
  PlazaQuestion *age;

  /* The fieldwork data is filled in from the session: asking starts with the notice. */
  assert_page (screen, "/data/consentimiento_g");
  g_assert_cmpstr (plaza_screen_get_title (PLAZA_SCREEN (screen)), ==, "Section 1 of 3");
  act (screen, "interview.back");
  assert_page (screen, "/data/levantamiento");
  g_assert_true (shows_text (GTK_WIDGET (screen), "Mercado de Abastos") ||
                 shows_text (GTK_WIDGET (screen), "Brigada Norte"));
  act (screen, "interview.next");
  assert_page (screen, "/data/consentimiento_g");

  /* What is needed holds the page, in words, with the focus on it. */
  act (screen, "interview.next");
  assert_page (screen, "/data/consentimiento_g");
  age = question_of (screen, "/data/consentimiento_g/edad");
  g_assert_nonnull (plaza_question_get_problem (age));
  g_assert_true (plaza_page_view_get_focus_field (view_of (screen)) ==
                 field_of (screen, "/data/consentimiento_g/edad"));

  consent (screen);
  g_assert_null (plaza_question_get_problem (age));
  while (plaza_question_get_saved (age) != PLAZA_SAVED_DONE)
    g_main_context_iteration (NULL, TRUE);
  act (screen, "interview.next");
  assert_page (screen, "/data/temas_g");
  act (screen, "interview.back");
  assert_value (screen, "/data/consentimiento_g/edad", "e18_29");
}

static void
test_notice_and_language (void)
{
  g_autoptr (Desk) desk = desk_new ();
  PlazaInterviewScreen *screen = desk_interview (desk, NULL);

  g_assert_false (shows_text (GTK_WIDGET (screen), "Aviso de privacidad"));
  act (screen, "interview.full-text");
  g_assert_true (shows_text (GTK_WIDGET (screen), "Aviso de privacidad"));

  consent (screen);
  g_assert_true (shows_text (GTK_WIDGET (screen), "¿Acepta participar?"));
  act (screen, "interview.next-language");
  g_assert_true (shows_text (GTK_WIDGET (screen), "Do you agree to take part?"));
  g_assert_false (shows_text (GTK_WIDGET (screen), "¿Acepta participar?"));
  assert_value (screen, "/data/consentimiento_g/consentimiento", "si");
  act (screen, "interview.next");
  g_assert_true (shows_text (GTK_WIDGET (screen), "Drinking water"));

  /* In the middle of a word, too. */
  press (screen, "/data/temas_g/temas", "10");
  act (screen, "interview.next");
  type (screen, "/data/problemas[1]/problema", "El pozo");
  act (screen, "interview.next-language");
  type (screen, "/data/problemas[1]/afectados", "Todos");
  assert_value (screen, "/data/problemas[1]/problema", "El pozo");
}

static void
test_refused (void)
{
  g_autoptr (Desk) desk = desk_new ();
  PlazaInterviewScreen *screen = desk_interview (desk, NULL);
  PlazaScreen *end;

  press (screen, "/data/consentimiento_g/edad", "4");
  press (screen, "/data/consentimiento_g/consentimiento", "2");
  /* It is said, and can still be changed. */
  g_assert_true (shows_text (GTK_WIDGET (screen), "does not want to take part"));
  g_assert_true (shows_text (GTK_WIDGET (screen), "End the interview"));
  press (screen, "/data/consentimiento_g/consentimiento", "1");
  g_assert_false (shows_text (GTK_WIDGET (screen), "End the interview"));
  press (screen, "/data/consentimiento_g/consentimiento", "2");
  act (screen, "interview.next");
  end = plaza_window_get_screen (desk->window);
  g_assert_true (PLAZA_IS_FINISH_SCREEN (end));
  g_assert_true (shows_text (GTK_WIDGET (end), "Thank you for your time"));
  g_assert_cmpuint (tally (desk, PLAZA_OUTCOME_REFUSED), ==, 1);
}

static void
test_under_age (void)
{
  g_autoptr (Desk) desk = desk_new ();
  PlazaInterviewScreen *screen = desk_interview (desk, NULL);

  press (screen, "/data/consentimiento_g/edad", "1");
  act (screen, "interview.next");
  g_assert_cmpuint (tally (desk, PLAZA_OUTCOME_UNDER_AGE), ==, 1);

  screen = desk_interview (desk, NULL);
  press (screen, "/data/consentimiento_g/edad", "2");
  press (screen, "/data/consentimiento_g/consentimiento_tutor", "2");
  act (screen, "interview.next");
  g_assert_cmpuint (tally (desk, PLAZA_OUTCOME_MINOR_WITHOUT_GUARDIAN), ==, 1);
}

/* The dialog that asks, or NULL. (transfer none) */
static GtkWindow *
find_dialog (void)
{
  GListModel *windows = gtk_window_get_toplevels ();

  for (guint i = 0; i < g_list_model_get_n_items (windows); i++)
    {
      g_autoptr (GtkWindow) window = g_list_model_get_item (windows, i);

      if (ADW_IS_MESSAGE_DIALOG (window))
        return window;
    }
  return NULL;
}

static void
answer_dialog (const char *response)
{
  GtkWindow *dialog = find_dialog ();

  g_assert_nonnull (dialog);
  adw_message_dialog_response (ADW_MESSAGE_DIALOG (dialog), response);
  gtk_window_destroy (dialog);
  desk_settle ();
}

static void
test_withdrawn_and_partial (void)
{
  g_autoptr (Desk) desk = desk_new ();
  PlazaInterviewScreen *screen = desk_interview (desk, NULL);
  PlazaScreen *end;

  consent (screen);
  act (screen, "interview.withdraw");
  answer_dialog ("cancel");
  g_assert_true (plaza_window_get_screen (desk->window) == PLAZA_SCREEN (screen));
  act (screen, "interview.withdraw");
  answer_dialog ("end");
  g_assert_cmpuint (tally (desk, PLAZA_OUTCOME_WITHDRAWN), ==, 1);

  screen = desk_interview (desk, NULL);
  consent (screen);
  act (screen, "interview.next");
  press (screen, "/data/temas_g/temas", "10");
  act (screen, "interview.next");
  type (screen, "/data/problemas[1]/problema", "No llega el agua");
  act (screen, "interview.partial");
  answer_dialog ("end");
  end = plaza_window_get_screen (desk->window);
  g_assert_true (PLAZA_IS_FINISH_SCREEN (end));
  g_assert_true (shows_text (GTK_WIDGET (end), "20-K7-"));
  g_assert_cmpuint (tally (desk, PLAZA_OUTCOME_PARTIAL), ==, 1);
}

/* A topic unmarked after its text was written: put aside, said, brought back, never moved. */
static void
test_topics (void)
{
  g_autoptr (Desk) desk = desk_new ();
  PlazaInterviewScreen *screen = desk_interview (desk, NULL);

  consent (screen);
  act (screen, "interview.next");
  press (screen, "/data/temas_g/temas", "0810");
  assert_value (screen, "/data/temas_g/temas", "salud agua");
  act (screen, "interview.next");
  press (screen, "/data/problemas[1]/tema", "10");
  type (screen, "/data/problemas[1]/problema", "El pozo está seco");
  act (screen, "interview.next");
  assert_page (screen, "/data/problemas[2]");
  press (screen, "/data/problemas[2]/tema", "8");
  type (screen, "/data/problemas[2]/problema", "No hay médico");
  act (screen, "interview.back");
  act (screen, "interview.back");
  assert_page (screen, "/data/temas_g");
  g_assert_false (shows_text (GTK_WIDGET (screen), "put aside"));

  press (screen, "/data/temas_g/temas", "10");
  assert_value (screen, "/data/temas_g/temas", "salud");
  g_assert_true (shows_text (GTK_WIDGET (screen), "put aside"));
  assert_value (screen, "/data/problemas[1]/problema", "No hay médico");
  act (screen, "interview.undo");
  assert_value (screen, "/data/temas_g/temas", "salud agua");
  g_assert_false (shows_text (GTK_WIDGET (screen), "put aside"));
  for (guint i = 1; i <= 2; i++)
    {
      g_autofree char *topic = g_strdup_printf ("/data/problemas[%u]/tema", i);
      g_autofree char *text = g_strdup_printf ("/data/problemas[%u]/problema", i);
      gboolean water = g_str_equal (plaza_field_get_value (field_of (screen, topic)), "agua");

      assert_value (screen, text, water ? "El pozo está seco" : "No hay médico");
    }

  /* Four are too many: said beside the question, and Next waits for it. */
  press (screen, "/data/temas_g/temas", "0102");
  g_assert_nonnull (plaza_question_get_problem (question_of (screen, "/data/temas_g/temas")));
  act (screen, "interview.next");
  assert_page (screen, "/data/temas_g");
}

static void
test_resume (void)
{
  g_autoptr (Desk) desk = desk_new ();
  PlazaInterviewScreen *screen = desk_interview (desk, NULL);
  PlazaStore *store = plaza_profile_get_store (desk->profile);
  g_autofree char *response =
      g_strdup (plaza_capture_get_response (plaza_interview_screen_get_capture (screen)));
  g_autoptr (PlazaCapture) capture = NULL;
  g_autoptr (GError) error = NULL;
  gint64 start;

  consent (screen);
  act (screen, "interview.next");
  press (screen, "/data/temas_g/temas", "10");
  act (screen, "interview.next");
  press (screen, "/data/problemas[1]/tema", "10");
  type (screen, "/data/problemas[1]/causas", "Nadie lo lim");
  for (start = g_get_monotonic_time (); g_get_monotonic_time () - start < 2500000;)
    g_main_context_iteration (NULL, FALSE);

  /* As after a power cut: nothing more is said to the screen. */
  capture = plaza_capture_resume (store, response, &error);
  g_assert_no_error (error);
  screen = desk_show (desk, capture);
  assert_page (screen, "/data/problemas[1]");
  g_assert_true (plaza_page_view_get_focus_field (view_of (screen)) ==
                 field_of (screen, "/data/problemas[1]/causas"));
  act (screen, "interview.back");
  assert_value (screen, "/data/problemas[1]/causas", "Nadie lo lim");

  /* Left for later by the key for it: Home is shown. */
  act (screen, "interview.suspend");
  g_assert_false (PLAZA_IS_INTERVIEW_SCREEN (plaza_window_get_screen (desk->window)));
}

static void
test_finish (void)
{
  g_autoptr (Desk) desk = desk_new ();
  PlazaInterviewScreen *screen = desk_interview (desk, NULL);
  GtkWidget *missing;
  GtkListBox *list;
  PlazaScreen *end;

  consent (screen);
  act (screen, "interview.next");
  press (screen, "/data/temas_g/temas", "10");
  act (screen, "interview.next");
  press (screen, "/data/problemas[1]/tema", "10");
  act (screen, "interview.next");
  assert_page (screen, "/data/participante");
  act (screen, "interview.next");
  press (screen, "/data/lugar/vive", "1");
  act (screen, "interview.next");
  press (screen, "/data/cierre/quiere_contacto", "1");
  act (screen, "interview.next");
  assert_page (screen, "/data/contacto");
  press (screen, "/data/contacto/consentimiento_contacto", "1");
  press (screen, "/data/contacto/contacto_para", "1");
  type (screen, "/data/contacto/contacto_nombre", "Casilda");
  press (screen, "/data/contacto/contacto_medio", "1");
  type (screen, "/data/contacto/contacto_telefono", "951 123");
  act (screen, "interview.next");
  assert_page (screen, "/data/contacto");
  type (screen, "/data/contacto/contacto_telefono", "951 123 4567");
  act (screen, "interview.next");
  assert_page (screen, "/data/facilitacion");

  /* An answer taken back behind: named at the end, one key away. */
  g_assert_true (plaza_capture_set_answer (plaza_interview_screen_get_capture (screen),
                                           field_of (screen, "/data/contacto/contacto_nombre"), "",
                                           NULL));
  act (screen, "interview.next");
  assert_page (screen, "/data/gracias");
  act (screen, "interview.next");
  missing = find (GTK_WIDGET (screen), PLAZA_TYPE_MISSING_VIEW);
  g_assert_true (gtk_widget_get_mapped (missing));
  list = GTK_LIST_BOX (find (missing, GTK_TYPE_LIST_BOX));
  g_assert_null (gtk_list_box_get_row_at_index (list, 1));
  g_signal_emit_by_name (list, "row-activated", gtk_list_box_get_row_at_index (list, 0));
  desk_settle ();
  assert_page (screen, "/data/contacto");
  g_assert_true (plaza_page_view_get_focus_field (view_of (screen)) ==
                 field_of (screen, "/data/contacto/contacto_nombre"));
  type (screen, "/data/contacto/contacto_nombre", "Casilda");
  act (screen, "interview.next");
  act (screen, "interview.next");
  act (screen, "interview.next");
  while (!PLAZA_IS_FINISH_SCREEN (plaza_window_get_screen (desk->window)))
    g_main_context_iteration (NULL, TRUE);
  desk_settle ();
  end = plaza_window_get_screen (desk->window);
  g_assert_true (shows_text (GTK_WIDGET (end), "20-K7-"));
  g_assert_true (shows_text (GTK_WIDGET (end), "Contact number"));
  g_assert_true (GTK_IS_BUTTON (gtk_root_get_focus (GTK_ROOT (desk->window))));
  g_assert_cmpuint (tally (desk, PLAZA_OUTCOME_COMPLETED), ==, 1);
}

static void
test_correction (void)
{
  g_autoptr (Desk) desk = desk_new ();
  PlazaInterviewScreen *screen = desk_interview (desk, NULL);
  PlazaStore *store = plaza_profile_get_store (desk->profile);
  g_autofree char *response =
      g_strdup (plaza_capture_get_response (plaza_interview_screen_get_capture (screen)));
  g_autoptr (PlazaCapture) capture = NULL;
  g_autoptr (GError) error = NULL;
  PlazaScreen *end;

  consent (screen);
  act (screen, "interview.next");
  press (screen, "/data/temas_g/temas", "10");
  act (screen, "interview.next");
  press (screen, "/data/problemas[1]/tema", "10");
  for (guint i = 0; i < 6; i++)
    act (screen, "interview.next");
  while (!PLAZA_IS_FINISH_SCREEN (plaza_window_get_screen (desk->window)))
    g_main_context_iteration (NULL, TRUE);

  capture = plaza_capture_correct (store, response, &error);
  g_assert_no_error (error);
  screen = desk_show (desk, capture);
  g_assert_true (shows_text (GTK_WIDGET (desk->window), "Correction of folio"));
  act (screen, "interview.next");
  press (screen, "/data/temas_g/temas", "08");
  act (screen, "interview.next");
  act (screen, "interview.next");
  press (screen, "/data/problemas[2]/tema", "8");
  for (guint i = 0; i < 3; i++)
    act (screen, "interview.next");
  /* Contact data was asked once; a correction never asks again. */
  press (screen, "/data/cierre/quiere_contacto", "1");
  act (screen, "interview.next");
  assert_page (screen, "/data/facilitacion");
  act (screen, "interview.next");
  act (screen, "interview.next");
  while (!PLAZA_IS_FINISH_SCREEN (plaza_window_get_screen (desk->window)))
    g_main_context_iteration (NULL, TRUE);
  desk_settle ();
  end = plaza_window_get_screen (desk->window);
  g_assert_true (shows_text (GTK_WIDGET (end), "The correction is saved"));
  g_assert_cmpuint (tally (desk, PLAZA_OUTCOME_COMPLETED), ==, 1);
}

/* Types @passphrase into the dialog that asks for it, and waits for the verdict. */
static void
return_with (PlazaInterviewScreen *screen, const char *passphrase)
{
  GtkWidget *entry;

  act (screen, "interview.return");
  entry = find (GTK_WIDGET (find_dialog ()), GTK_TYPE_PASSWORD_ENTRY);
  gtk_editable_set_text (GTK_EDITABLE (entry), passphrase);
  g_signal_emit_by_name (entry, "activate");
  while (find_dialog () != NULL && !gtk_editable_get_editable (GTK_EDITABLE (entry)))
    g_main_context_iteration (NULL, TRUE);
  desk_settle ();
}

static void
test_self_completion (void)
{
  g_autoptr (Desk) desk = desk_new ();
  PlazaInterviewScreen *screen = desk_interview (desk, PLAZA_MODE_SELF);

  g_assert_true (plaza_window_get_handed_over (desk->window));
  g_assert_false (shows_text (GTK_WIDGET (screen), "Léalo en voz alta"));
  g_assert_true (shows_text (GTK_WIDGET (screen), "Return to the facilitator"));
  /* Nothing that is the facilitator's to do. */
  consent (screen);
  gtk_widget_activate_action (GTK_WIDGET (screen), "interview.withdraw", NULL);
  gtk_widget_activate_action (GTK_WIDGET (screen), "interview.suspend", NULL);
  gtk_widget_activate_action (GTK_WIDGET (screen), "interview.back", NULL);
  desk_settle ();
  g_assert_true (plaza_window_get_screen (desk->window) == PLAZA_SCREEN (screen));
  g_assert_null (find_dialog ());
  assert_page (screen, "/data/consentimiento_g");

  /* The passphrase, and only that, takes the screen back. */
  return_with (screen, "not the one");
  g_assert_true (plaza_window_get_handed_over (desk->window));
  answer_dialog ("cancel");
  return_with (screen, DESK_PASSPHRASE);
  g_assert_false (plaza_window_get_handed_over (desk->window));
  g_assert_null (find_dialog ());
  g_assert_true (shows_text (GTK_WIDGET (screen), "Léalo en voz alta"));
  assert_value (screen, "/data/consentimiento_g/consentimiento", "si");
}

/* A repeat that people make longer and shorter themselves. */
static const char WELLS[] =
    "<h:html xmlns='http://www.w3.org/2002/xforms' xmlns:h='http://www.w3.org/1999/xhtml'>"
    "<h:head><h:title>Wells</h:title><model><instance><data id='small' version='1'>"
    "<well><name/></well><end/><meta><instanceID/></meta></data></instance>"
    "<bind nodeset='/data/well/name' type='string'/><bind nodeset='/data/end' type='int'/>"
    "<bind nodeset='/data/meta/instanceID' type='string' readonly='true()'/>"
    "</model></h:head><h:body>"
    "<group ref='/data/well'><label>Well</label><repeat nodeset='/data/well'>"
    "<input ref='/data/well/name'><label>Name of the well</label></input></repeat></group>"
    "<input ref='/data/end'><label>How many liters?</label></input>"
    "</h:body></h:html>";

static GtkWidget *
find_button (GtkWidget *widget, const char *label)
{
  if (GTK_IS_BUTTON (widget) && gtk_widget_get_mapped (widget) && shows_text (widget, label))
    return widget;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      GtkWidget *found = find_button (child, label);

      if (found != NULL)
        return found;
    }
  return NULL;
}

static void
click (PlazaInterviewScreen *screen, const char *label)
{
  GtkWidget *button = find_button (GTK_WIDGET (screen), label);

  g_assert_nonnull (button);
  g_signal_emit_by_name (button, "clicked");
  desk_settle ();
}

static void
test_repeat (void)
{
  g_autoptr (Desk) desk = desk_new_for (WELLS);
  PlazaInterviewScreen *screen = desk_interview (desk, NULL);

  assert_page (screen, "/data/well[1]");
  type (screen, "/data/well[1]/name", "El Encino");
  click (screen, "Add another page");
  assert_page (screen, "/data/well[2]");
  type (screen, "/data/well[2]/name", "La Noria");
  click (screen, "Remove this page");
  assert_page (screen, "/data/well[1]");
  assert_value (screen, "/data/well[1]/name", "El Encino");
  g_assert_true (shows_text (GTK_WIDGET (screen), "The page was removed"));
  act (screen, "interview.undo");
  assert_page (screen, "/data/well[2]");
  assert_value (screen, "/data/well[2]/name", "La Noria");
  g_assert_false (shows_text (GTK_WIDGET (screen), "The page was removed"));

  /* After the last one the form asks whether there is another; going on is an answer. */
  act (screen, "interview.next");
  assert_page (screen, "/data/well");
  g_assert_true (shows_text (GTK_WIDGET (screen), "Add another page"));
  act (screen, "interview.next");
  assert_page (screen, "/data/end");
}

/* What the disk refuses is said with what is safe and what to do, until it is written. */
static void
test_save_failed (void)
{
  g_autoptr (Desk) desk = desk_new ();
  PlazaInterviewScreen *screen = desk_interview (desk, NULL);
  PlazaCapture *capture = plaza_interview_screen_get_capture (screen);
  g_autoptr (GError) error = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_NO_SPACE, "no space");

  g_test_expect_message ("plaza-app", G_LOG_LEVEL_WARNING, "*not on disk yet*");
  g_signal_emit_by_name (capture, "save-failed", error);
  g_test_assert_expected_messages ();
  g_assert_true (shows_text (GTK_WIDGET (screen), "is safe"));
  act (screen, "interview.retry");
  g_assert_false (shows_text (GTK_WIDGET (screen), "is safe"));
}

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  adw_init ();
  g_test_add_func ("/interview/start", test_start);
  g_test_add_func ("/interview/notice-and-language", test_notice_and_language);
  g_test_add_func ("/interview/refused", test_refused);
  g_test_add_func ("/interview/under-age", test_under_age);
  g_test_add_func ("/interview/withdrawn-and-partial", test_withdrawn_and_partial);
  g_test_add_func ("/interview/topics", test_topics);
  g_test_add_func ("/interview/resume", test_resume);
  g_test_add_func ("/interview/finish", test_finish);
  g_test_add_func ("/interview/correction", test_correction);
  g_test_add_func ("/interview/repeat", test_repeat);
  g_test_add_func ("/interview/save-failed", test_save_failed);
  g_test_add_func ("/interview/self-completion", test_self_completion);
  return g_test_run ();
}
