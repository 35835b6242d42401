/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-app"

#include "config.h"

#include "app/session-screen.h"

#include <glib/gi18n.h>

#include "app/place-picker.h"
#include "app/session-answers.h"
#include "app/session-changes.h"
#include "app/session-day.h"
#include "app/window.h"
#include "app/words.h"
#include "base/clock.h"
#include "base/text.h"

struct _PlazaSessionScreen
{
  PlazaScreen parent_instance;

  PlazaStore *store;
  PlazaSession *session;         /* the one to correct, NULL for a new one */
  PlazaCatalogue *organisations; /* NULL when the campaign names none */
  PlazaCatalogue *states;
  PlazaCatalogue *municipalities;
  GPtrArray *languages; /* codes, in the order of the choice */

  GtkStack *steps;
  GtkLabel *date_question;
  GtkEditable *date_entry;
  GtkLabel *date_message;
  PlazaPlacePicker *organisation;
  GtkEditable *team_entry;
  PlazaPlacePicker *state;
  PlazaPlacePicker *municipality;
  GtkLabel *municipality_hint;
  GtkEditable *locality_entry;
  GtkDropDown *language_choice;
  GtkEditable *attendance_entry;
  GtkLabel *attendance_message;
  GtkLabel *save_message;
  GtkButton *save_button;
  GtkLabel *changes_title;
  GtkListBox *changes_list;
  GtkLabel *changes_note;
  GtkLabel *changes_message;
  GtkButton *apply_button;
};

G_DEFINE_FINAL_TYPE (PlazaSessionScreen, plaza_session_screen, PLAZA_TYPE_SCREEN)

static void
say (GtkLabel *label, const char *words)
{
  gtk_label_set_label (label, words);
  gtk_widget_set_visible (GTK_WIDGET (label), *words != '\0');
}

static void
on_date_changed_cb (PlazaSessionScreen *self)
{
  PlazaCampaign *campaign = plaza_store_get_campaign (self->store);
  g_autofree char *date = plaza_session_parse_date (gtk_editable_get_text (self->date_entry));
  g_autofree char *today = plaza_clock_today ();
  gboolean correcting = self->session != NULL;
  g_autofree char *question = plaza_session_day_question (date, today, correcting);
  g_autofree char *message =
      plaza_session_day_message (date, today, campaign->asking_ends, correcting);

  gtk_label_set_label (self->date_question, question);
  say (self->date_message, message);
}

static void
on_organisation_changed_cb (PlazaSessionScreen *self)
{
  say (self->save_message, "");
}

static void
on_municipality_changed_cb (PlazaSessionScreen *self)
{
  say (self->save_message, "");
}

static gboolean
is_incomplete (PlazaSessionScreen *self, const char *state)
{
  return self->municipalities == NULL || plaza_catalogue_is_incomplete (self->states, state);
}

static void
on_state_changed_cb (PlazaSessionScreen *self)
{
  const char *code = plaza_place_picker_get_code (self->state);
  gboolean incomplete = code != NULL && is_incomplete (self, code);

  say (self->save_message, "");
  plaza_place_picker_set_catalogue (self->municipality, code != NULL ? self->municipalities : NULL,
                                    code);
  say (self->municipality_hint,
       incomplete ? _ ("The list of this state is not complete. If the municipality is not on it, "
                       "write its name as people say it.")
                  : "");
}

static void
fill_languages (PlazaSessionScreen *self)
{
  g_autoptr (PlazaForm) form = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GtkStringList) names = gtk_string_list_new (NULL);
  const char *const *languages;

  form = plaza_store_get_form (self->store, NULL, NULL, &error);
  if (form == NULL)
    g_warning ("Reading the questionnaire's languages: %s", error->message);
  languages = form != NULL ? plaza_form_get_languages (form) : NULL;
  for (guint i = 0; languages != NULL && languages[i] != NULL; i++)
    {
      g_autofree char *name = g_strdup (languages[i]);
      char *open = strrchr (name, '(');

      if (open != NULL && open > name)
        *open = '\0';
      gtk_string_list_append (names, g_strstrip (name));
      g_ptr_array_add (self->languages, plaza_session_language_code (languages[i]));
    }
  if (self->languages->len == 0)
    {
      gtk_string_list_append (names, "Español");
      g_ptr_array_add (self->languages, g_strdup ("es"));
    }
  gtk_drop_down_set_model (self->language_choice, G_LIST_MODEL (names));
}

static void
load_catalogues (PlazaSessionScreen *self)
{
  PlazaCampaign *campaign = plaza_store_get_campaign (self->store);
  g_autoptr (GError) error = NULL;

  self->states = plaza_campaign_catalogue (campaign, "states", &error);
  if (self->states == NULL)
    g_debug ("States: %s", error->message);
  g_clear_error (&error);
  self->municipalities = plaza_campaign_catalogue (campaign, "municipalities", &error);
  if (self->municipalities == NULL)
    g_debug ("Municipalities: %s", error->message);
  plaza_place_picker_set_catalogue (self->state, self->states, NULL);
}

static void
fill (PlazaSessionScreen *self, const PlazaSessionFields *fields)
{
  g_autofree char *attendance = NULL;
  gboolean typed = fields->municipality == NULL || *fields->municipality == '\0';
  const char *place = fields->place != NULL ? fields->place : "";

  plaza_place_picker_set (self->organisation, fields->organisation, fields->organisation);
  gtk_editable_set_text (self->team_entry, fields->team != NULL ? fields->team : "");
  plaza_place_picker_set (self->state, fields->state, NULL);
  on_state_changed_cb (self);
  if (typed)
    {
      /* A typed municipality is kept behind the locality: "El Mirador, Santa Cruz". */
      const char *comma = strrchr (place, ',');
      g_autofree char *locality = comma != NULL ? g_strndup (place, comma - place) : NULL;

      plaza_place_picker_set (self->municipality, NULL,
                              comma != NULL ? comma + 1 + strspn (comma + 1, " ") : place);
      gtk_editable_set_text (self->locality_entry, locality != NULL ? locality : "");
    }
  else
    {
      plaza_place_picker_set (self->municipality, fields->municipality, NULL);
      gtk_editable_set_text (self->locality_entry, place);
    }
  for (guint i = 0; i < self->languages->len; i++)
    if (g_strcmp0 (g_ptr_array_index (self->languages, i), fields->language) == 0)
      gtk_drop_down_set_selected (self->language_choice, i);
  if (fields->attendance >= 0)
    attendance = g_strdup_printf ("%" G_GINT64_FORMAT, fields->attendance);
  gtk_editable_set_text (self->attendance_entry, attendance != NULL ? attendance : "");
}

static char *
cleaned (GtkEditable *entry)
{
  char *text = plaza_text_clean (gtk_editable_get_text (entry), -1, NULL, NULL);

  return text != NULL ? text : g_strdup ("");
}

static gboolean
parse_attendance (PlazaSessionScreen *self, gint64 *out)
{
  g_autofree char *text = cleaned (self->attendance_entry);
  guint64 count;

  *out = -1;
  if (*text == '\0')
    return TRUE;
  if (!g_ascii_string_to_unsigned (text, 10, 0, 999999, &count, NULL))
    return FALSE;
  *out = (gint64) count;
  return TRUE;
}

/* Reads the form; FALSE after saying beside the field what is missing and putting the focus there.
 */
static gboolean
read_answers (PlazaSessionScreen *self, PlazaSessionAnswers *answers)
{
  g_autofree char *municipality_text = NULL;
  g_autofree char *locality = cleaned (self->locality_entry);
  const char *municipality = plaza_place_picker_get_code (self->municipality);
  guint language = gtk_drop_down_get_selected (self->language_choice);

  answers->date = plaza_session_parse_date (gtk_editable_get_text (self->date_entry));
  if (answers->date == NULL)
    {
      on_date_changed_cb (self);
      gtk_widget_grab_focus (GTK_WIDGET (self->date_entry));
      return FALSE;
    }
  answers->state = g_strdup (plaza_place_picker_get_code (self->state));
  /* A campaign without a catalogue of states takes the two digits of the code. */
  if (answers->state == NULL && self->states == NULL &&
      !plaza_text_is_blank (plaza_place_picker_get_text (self->state)))
    answers->state = plaza_text_clean (plaza_place_picker_get_text (self->state), -1, NULL, NULL);
  if (answers->state == NULL)
    {
      plaza_place_picker_set_message (self->state,
                                      _ ("Choose the state from the list: it begins the folios."));
      gtk_widget_grab_focus (GTK_WIDGET (self->state));
      return FALSE;
    }
  say (self->attendance_message, "");
  if (!parse_attendance (self, &answers->attendance))
    {
      say (self->attendance_message, _ ("Write a number, or nothing."));
      gtk_widget_grab_focus (GTK_WIDGET (self->attendance_entry));
      return FALSE;
    }
  municipality_text =
      plaza_text_clean (plaza_place_picker_get_text (self->municipality), -1, NULL, NULL);
  answers->municipality = g_strdup (municipality != NULL ? municipality : "");
  if (municipality != NULL || plaza_text_is_blank (municipality_text))
    answers->place = g_steal_pointer (&locality);
  else if (*locality == '\0')
    answers->place = g_steal_pointer (&municipality_text);
  else
    answers->place = g_strdup_printf ("%s, %s", locality, municipality_text);
  answers->organisation =
      plaza_place_picker_get_code (self->organisation) != NULL
          ? g_strdup (plaza_place_picker_get_code (self->organisation))
          : plaza_text_clean (plaza_place_picker_get_text (self->organisation), -1, NULL, NULL);
  answers->team = cleaned (self->team_entry);
  if (language < self->languages->len)
    answers->language = g_strdup (g_ptr_array_index (self->languages, language));
  if (self->session != NULL)
    {
      const PlazaSessionFields *before = plaza_session_get_fields (self->session);

      answers->mode = g_strdup (before->mode);
      answers->facilitator = g_strdup (before->facilitator);
    }
  return TRUE;
}

static void
begin_session (PlazaSessionScreen *self, const PlazaSessionAnswers *answers)
{
  PlazaSessionFields fields = plaza_session_answers_to_fields (answers, NULL);
  PlazaWindow *window = plaza_screen_get_window (PLAZA_SCREEN (self));
  g_autoptr (PlazaSession) session = NULL;
  g_autoptr (GError) error = NULL;

  session = plaza_session_create (self->store, &fields, &error);
  if (session == NULL)
    {
      g_warning ("Starting a field session: %s", error->message);
      say (self->save_message, plaza_words_for_error (error));
      return;
    }
  plaza_window_toast (window, _ ("The field session is open."));
  plaza_window_show_home (window);
}

static guint
count_responses (PlazaSessionScreen *self)
{
  PlazaTally tally = { 0 };
  guint count = 0;

  if (!plaza_session_get_tally (self->session, &tally, NULL))
    return 0;
  for (guint i = 0; i < PLAZA_N_OUTCOMES; i++)
    count += tally.outcomes[i];
  return count + tally.drafts + tally.voided;
}

static void
show_changes (PlazaSessionScreen *self, const PlazaSessionAnswers *answers)
{
  g_autofree char *title = NULL;
  guint count = count_responses (self);

  if (!plaza_session_changes_list (
          self->changes_list, plaza_session_get_fields (self->session), answers,
          &(PlazaSessionNames){ self->organisations, self->states, self->municipalities }))
    {
      plaza_window_show_home (plaza_screen_get_window (PLAZA_SCREEN (self)));
      return;
    }
  if (count == 0)
    title = g_strdup (_ ("This changes the session; it has no responses yet"));
  else
    title = g_strdup_printf (ngettext ("This changes %u response of the session",
                                       "This changes %u responses of the session", count),
                             count);
  gtk_label_set_label (self->changes_title, title);
  gtk_widget_set_visible (GTK_WIDGET (self->changes_note), count > 0);
  gtk_label_set_label (self->changes_note,
                       _ ("Each of them gets a new revision; what was delivered before stays on "
                          "record at the central database. Folios stay as they were given."));
  say (self->changes_message, "");
  gtk_button_set_label (self->apply_button,
                        count > 0 ? _ ("Correct all of them") : _ ("Correct the session"));
  gtk_stack_set_visible_child_name (self->steps, "changes");
  gtk_widget_grab_focus (GTK_WIDGET (self->apply_button));
}

static void
on_save_cb (PlazaSessionScreen *self)
{
  g_auto (PlazaSessionAnswers) answers = { 0 };

  say (self->save_message, "");
  if (!read_answers (self, &answers))
    return;
  if (self->session == NULL)
    begin_session (self, &answers);
  else
    show_changes (self, &answers);
}

/* Enter goes to the next field, as it does in an interview. */
static void
on_entry_activate_cb (PlazaSessionScreen *self)
{
  gtk_widget_child_focus (GTK_WIDGET (gtk_widget_get_root (GTK_WIDGET (self))),
                          GTK_DIR_TAB_FORWARD);
}

static void
on_apply_cb (PlazaSessionScreen *self)
{
  g_auto (PlazaSessionAnswers) answers = { 0 };
  PlazaSessionFields fields;
  g_autoptr (GPtrArray) changes = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *words = NULL;
  PlazaWindow *window = plaza_screen_get_window (PLAZA_SCREEN (self));

  if (!read_answers (self, &answers))
    {
      gtk_stack_set_visible_child_name (self->steps, "form");
      return;
    }
  fields = plaza_session_answers_to_fields (&answers, plaza_session_get_fields (self->session));
  if (!plaza_session_correct (self->session, &fields, &changes, &error))
    {
      g_warning ("Correcting a field session: %s", error->message);
      say (self->changes_message, plaza_words_for_error (error));
      return;
    }
  if (changes->len == 0)
    words = g_strdup (_ ("The session is corrected."));
  else
    words = g_strdup_printf (ngettext ("The session and %u response are corrected.",
                                       "The session and %u responses are corrected.", changes->len),
                             changes->len);
  plaza_window_toast (window, words);
  plaza_window_show_home (window);
}

/* The key that leads to the next page of an interview does what the blue button of this page does.
 */
static gboolean
on_go_on_cb (GtkWidget *widget, GVariant *args, gpointer data)
{
  PlazaSessionScreen *self = PLAZA_SESSION_SCREEN (widget);

  if (g_strcmp0 (gtk_stack_get_visible_child_name (self->steps), "changes") == 0)
    on_apply_cb (self);
  else
    on_save_cb (self);
  return TRUE;
}

static gboolean
plaza_session_screen_back (PlazaScreen *screen)
{
  PlazaSessionScreen *self = PLAZA_SESSION_SCREEN (screen);

  if (g_strcmp0 (gtk_stack_get_visible_child_name (self->steps), "changes") != 0)
    return FALSE;
  gtk_stack_set_visible_child_name (self->steps, "form");
  gtk_widget_grab_focus (GTK_WIDGET (self->save_button));
  return TRUE;
}

static void
plaza_session_screen_shown (PlazaScreen *screen)
{
  PlazaSessionScreen *self = PLAZA_SESSION_SCREEN (screen);

  gtk_widget_grab_focus (GTK_WIDGET (self->date_entry));
  gtk_editable_select_region (self->date_entry, 0, -1);
}

/* A new session begins like the last one: the same team moves on to the next place. */
static void
fill_from_last (PlazaSessionScreen *self, PlazaSession *last)
{
  const PlazaEnrolment *enrolment =
      plaza_profile_get_enrolment (plaza_store_get_profile (self->store));
  g_autoptr (GPtrArray) sessions = NULL;

  if (last == NULL)
    {
      sessions = plaza_session_list (self->store, NULL);
      last = sessions != NULL && sessions->len > 0 ? g_ptr_array_index (sessions, 0) : NULL;
    }
  if (last != NULL)
    {
      PlazaSessionFields fields = *plaza_session_get_fields (last);

      fields.attendance = -1;
      fill (self, &fields);
    }
  else if (enrolment != NULL && enrolment->organisation != NULL)
    plaza_place_picker_set (self->organisation, enrolment->organisation, enrolment->organisation);
}

PlazaScreen *
plaza_session_screen_new (PlazaStore *store, PlazaSession *session, gboolean correct)
{
  PlazaSessionScreen *self = g_object_new (PLAZA_TYPE_SESSION_SCREEN, NULL);
  g_autofree char *today = plaza_clock_today ();
  g_autofree char *date = NULL;

  self->store = g_object_ref (store);
  load_catalogues (self);
  self->organisations = plaza_session_organisations (plaza_store_get_campaign (store));
  plaza_place_picker_set_catalogue (self->organisation, self->organisations, NULL);
  fill_languages (self);
  if (correct && session != NULL)
    {
      self->session = g_object_ref (session);
      fill (self, plaza_session_get_fields (session));
      date = plaza_session_format_date (plaza_session_get_fields (session)->date);
      plaza_screen_set_title (PLAZA_SCREEN (self), _ ("Correct the field session"));
      gtk_button_set_label (self->save_button, _ ("See what changes"));
    }
  else
    {
      fill_from_last (self, session);
      date = plaza_session_format_date (today);
      plaza_screen_set_title (PLAZA_SCREEN (self), _ ("New field session"));
      gtk_button_set_label (self->save_button, _ ("Start the session"));
    }
  gtk_editable_set_text (self->date_entry, date);
  on_date_changed_cb (self);
  return PLAZA_SCREEN (self);
}

static void
plaza_session_screen_dispose (GObject *object)
{
  PlazaSessionScreen *self = PLAZA_SESSION_SCREEN (object);

  g_clear_object (&self->store);
  g_clear_object (&self->session);
  g_clear_pointer (&self->organisations, plaza_catalogue_unref);
  g_clear_pointer (&self->states, plaza_catalogue_unref);
  g_clear_pointer (&self->municipalities, plaza_catalogue_unref);
  gtk_widget_dispose_template (GTK_WIDGET (object), PLAZA_TYPE_SESSION_SCREEN);
  G_OBJECT_CLASS (plaza_session_screen_parent_class)->dispose (object);
}

static void
plaza_session_screen_finalize (GObject *object)
{
  g_ptr_array_unref (PLAZA_SESSION_SCREEN (object)->languages);
  G_OBJECT_CLASS (plaza_session_screen_parent_class)->finalize (object);
}

static void
plaza_session_screen_class_init (PlazaSessionScreenClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  object_class->dispose = plaza_session_screen_dispose;
  object_class->finalize = plaza_session_screen_finalize;
  PLAZA_SCREEN_CLASS (class)->shown = plaza_session_screen_shown;
  PLAZA_SCREEN_CLASS (class)->back = plaza_session_screen_back;

  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/gobabiertomx/Plaza/session-screen.ui");
  gtk_widget_class_bind_template_child (widget_class, PlazaSessionScreen, steps);
  gtk_widget_class_bind_template_child (widget_class, PlazaSessionScreen, date_question);
  gtk_widget_class_bind_template_child (widget_class, PlazaSessionScreen, date_entry);
  gtk_widget_class_bind_template_child (widget_class, PlazaSessionScreen, date_message);
  gtk_widget_class_bind_template_child (widget_class, PlazaSessionScreen, organisation);
  gtk_widget_class_bind_template_child (widget_class, PlazaSessionScreen, team_entry);
  gtk_widget_class_bind_template_child (widget_class, PlazaSessionScreen, state);
  gtk_widget_class_bind_template_child (widget_class, PlazaSessionScreen, municipality);
  gtk_widget_class_bind_template_child (widget_class, PlazaSessionScreen, municipality_hint);
  gtk_widget_class_bind_template_child (widget_class, PlazaSessionScreen, locality_entry);
  gtk_widget_class_bind_template_child (widget_class, PlazaSessionScreen, language_choice);
  gtk_widget_class_bind_template_child (widget_class, PlazaSessionScreen, attendance_entry);
  gtk_widget_class_bind_template_child (widget_class, PlazaSessionScreen, attendance_message);
  gtk_widget_class_bind_template_child (widget_class, PlazaSessionScreen, save_message);
  gtk_widget_class_bind_template_child (widget_class, PlazaSessionScreen, save_button);
  gtk_widget_class_bind_template_child (widget_class, PlazaSessionScreen, changes_title);
  gtk_widget_class_bind_template_child (widget_class, PlazaSessionScreen, changes_list);
  gtk_widget_class_bind_template_child (widget_class, PlazaSessionScreen, changes_note);
  gtk_widget_class_bind_template_child (widget_class, PlazaSessionScreen, changes_message);
  gtk_widget_class_bind_template_child (widget_class, PlazaSessionScreen, apply_button);
  gtk_widget_class_bind_template_callback (widget_class, on_date_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_organisation_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_state_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_municipality_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_save_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_apply_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_entry_activate_cb);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_Return, GDK_CONTROL_MASK, on_go_on_cb, NULL);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_KP_Enter, GDK_CONTROL_MASK, on_go_on_cb,
                                NULL);
}

static void
plaza_session_screen_init (PlazaSessionScreen *self)
{
  g_type_ensure (PLAZA_TYPE_PLACE_PICKER);
  self->languages = g_ptr_array_new_with_free_func (g_free);
  gtk_widget_init_template (GTK_WIDGET (self));
  plaza_place_picker_set_label (self->organisation, _ ("Organisation"));
  plaza_place_picker_set_label (self->state, _ ("State"));
  plaza_place_picker_set_label (self->municipality, _ ("Municipality"));
}
