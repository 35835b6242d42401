/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-app"

#include "config.h"

#include "app/page-view.h"

#include <glib/gi18n.h>

#include "app/page-answer.h"
#include "app/page-filled.h"
#include "app/question-filled.h"
#include "app/question-note.h"
#include "app/repeat-bar.h"

struct _PlazaPageView
{
  GtkWidget parent_instance;

  PlazaCapture *capture;
  PlazaPage *page;
  GPtrArray *questions; /* of PlazaQuestion, in order, filled ones too */
  GHashTable *by_field; /* PlazaField → PlazaQuestion */
  GHashTable *opened;   /* filled fields that the person wants to change */
  PlazaField *reading;  /* the question that had the focus before the full text, or NULL */
  guint self_completion : 1;

  GtkWidget *title;
  GtkWidget *summary;
  GtkWidget *hint;
  GtkWidget *filled;
  GtkWidget *filled_box;
  GtkWidget *box;
  PlazaRepeatBar *repeat;
};

enum
{
  LAST,
  CHANGING,
  ADD,
  REMOVE,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (PlazaPageView, plaza_page_view, GTK_TYPE_WIDGET)

static PlazaInterview *
interview_of (PlazaPageView *self)
{
  return plaza_capture_get_interview (self->capture);
}

/* Answers */

static void
on_answered_cb (PlazaPageView *self, const char *value, PlazaQuestion *question)
{
  PlazaField *field = plaza_question_get_field (question);
  g_autofree char *before = g_strdup (plaza_field_get_value (field));

  if (plaza_capture_is_ended (self->capture) ||
      !plaza_page_answer_is_new (self->capture, question, value))
    return;
  g_signal_emit (self, signals[CHANGING], 0, field, before);
  plaza_page_answer_keep (self->capture, question, value);
}

static void
on_typed_cb (PlazaPageView *self, PlazaQuestion *question)
{
  g_autofree char *text = plaza_question_dup_typed (question);

  if (text != NULL && !plaza_capture_is_ended (self->capture))
    plaza_capture_save_text (self->capture, plaza_question_get_field (question), text);
}

static void
on_all_saved_cb (PlazaPageView *self)
{
  plaza_page_answer_all_saved (self->questions);
}

/* Going from question to question */

static gboolean
focus_from (PlazaPageView *self, guint start)
{
  for (guint i = start; i < self->questions->len; i++)
    {
      PlazaQuestion *question = g_ptr_array_index (self->questions, i);

      if (plaza_question_can_answer (question) && gtk_widget_get_mapped (GTK_WIDGET (question)) &&
          gtk_widget_grab_focus (GTK_WIDGET (question)))
        return TRUE;
    }
  return FALSE;
}

static void
on_next_cb (PlazaPageView *self, PlazaQuestion *question)
{
  guint index;

  if (!g_ptr_array_find (self->questions, question, &index) || !focus_from (self, index + 1))
    g_signal_emit (self, signals[LAST], 0);
}

gboolean
plaza_page_view_focus_field (PlazaPageView *self, PlazaField *field)
{
  PlazaQuestion *question;

  g_return_val_if_fail (PLAZA_IS_PAGE_VIEW (self), FALSE);

  question = field != NULL ? g_hash_table_lookup (self->by_field, field) : NULL;
  if (question != NULL && PLAZA_IS_QUESTION_FILLED (question))
    gtk_expander_set_expanded (GTK_EXPANDER (self->filled), TRUE);
  if (question != NULL && gtk_widget_grab_focus (GTK_WIDGET (question)))
    return TRUE;
  return focus_from (self, 0);
}

PlazaField *
plaza_page_view_get_focus_field (PlazaPageView *self)
{
  GtkRoot *root;
  GtkWidget *focus;
  GtkWidget *question;

  g_return_val_if_fail (PLAZA_IS_PAGE_VIEW (self), NULL);

  root = gtk_widget_get_root (GTK_WIDGET (self));
  focus = root != NULL ? gtk_root_get_focus (root) : NULL;
  if (focus == NULL || !gtk_widget_is_ancestor (focus, GTK_WIDGET (self)))
    return NULL;
  question = gtk_widget_get_ancestor (focus, PLAZA_TYPE_QUESTION);
  return question != NULL ? plaza_question_get_field (PLAZA_QUESTION (question)) : NULL;
}

PlazaQuestion *
plaza_page_view_find_question (PlazaPageView *self, PlazaField *field)
{
  g_return_val_if_fail (PLAZA_IS_PAGE_VIEW (self), NULL);

  return g_hash_table_lookup (self->by_field, field);
}

PlazaQuestion *
plaza_page_view_find_problem (PlazaPageView *self)
{
  PlazaQuestion *first = NULL;

  g_return_val_if_fail (PLAZA_IS_PAGE_VIEW (self), NULL);

  for (guint i = 0; i < self->questions->len; i++)
    {
      PlazaQuestion *question = g_ptr_array_index (self->questions, i);

      plaza_question_show_missing (question);
      if (first == NULL && plaza_question_get_problem (question) != NULL)
        first = question;
    }
  return first;
}

void
plaza_page_view_commit (PlazaPageView *self)
{
  g_autoptr (GPtrArray) questions = NULL;

  g_return_if_fail (PLAZA_IS_PAGE_VIEW (self));

  /* An answer may take questions away. */
  questions = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; i < self->questions->len; i++)
    g_ptr_array_add (questions, g_object_ref (g_ptr_array_index (self->questions, i)));
  for (guint i = 0; i < questions->len; i++)
    plaza_question_commit (g_ptr_array_index (questions, i));
}

/* Closing the text goes back to the question that was to be answered. */
gboolean
plaza_page_view_toggle_full_text (PlazaPageView *self)
{
  g_return_val_if_fail (PLAZA_IS_PAGE_VIEW (self), FALSE);

  for (guint i = 0; i < self->questions->len; i++)
    {
      PlazaQuestion *question = g_ptr_array_index (self->questions, i);
      PlazaField *before = plaza_page_view_get_focus_field (self);

      if (!PLAZA_IS_QUESTION_NOTE (question) ||
          !plaza_question_note_toggle (PLAZA_QUESTION_NOTE (question)))
        continue;
      if (plaza_question_note_is_open (PLAZA_QUESTION_NOTE (question)))
        self->reading = before;
      else
        plaza_page_view_focus_field (self, self->reading);
      return TRUE;
    }
  return FALSE;
}

/* Which questions there are */

static gboolean
shows_filled (PlazaPageView *self, PlazaField *field)
{
  return !g_hash_table_contains (self->opened, field) &&
         plaza_page_filled_shows (self->capture, field);
}

static void
on_change_filled_cb (PlazaPageView *self, PlazaQuestion *question)
{
  PlazaField *field = plaza_question_get_field (question);

  g_hash_table_add (self->opened, field);
  plaza_page_view_sync (self);
  plaza_page_view_focus_field (self, field);
}

static PlazaQuestion *
new_question (PlazaPageView *self, PlazaField *field)
{
  PlazaQuestion *question;

  if (shows_filled (self, field))
    {
      question = plaza_question_filled_new (interview_of (self), field);
      g_signal_connect_object (question, "change", G_CALLBACK (on_change_filled_cb), self,
                               G_CONNECT_SWAPPED);
    }
  else
    question = plaza_question_new (interview_of (self), field);
  plaza_question_set_self_completion (question, self->self_completion);
  g_signal_connect_object (question, "answered", G_CALLBACK (on_answered_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (question, "typed", G_CALLBACK (on_typed_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (question, "next", G_CALLBACK (on_next_cb), self, G_CONNECT_SWAPPED);
  return question;
}

static void
remove_question (PlazaPageView *self, PlazaQuestion *question)
{
  GtkWidget *widget = GTK_WIDGET (question);

  g_signal_handlers_disconnect_by_data (question, self);
  gtk_box_remove (GTK_BOX (gtk_widget_get_parent (widget)), widget);
}

static void
show_text (GtkWidget *label, const char *text)
{
  gtk_label_set_text (GTK_LABEL (label), text != NULL ? text : "");
  gtk_widget_set_visible (label, text != NULL && *text != '\0');
}

static void
show_heading (PlazaPageView *self)
{
  PlazaField *field = plaza_page_get_field (self->page);
  g_autofree char *summary = NULL;

  if (plaza_field_get_kind (field) == PLAZA_FIELD_INSTANCE)
    {
      g_autofree char *words = plaza_field_dup_summary (field);
      guint n = plaza_page_get_n_positions (self->page);

      if (n > 1 && *words != '\0')
        /* Translators: place among the pages of a section and what it is about, as in
         * "2 of 3: Drinking water" */
        summary =
            g_strdup_printf (_ ("%u of %u: %s"), plaza_page_get_position (self->page), n, words);
      else if (n > 1)
        summary = g_strdup_printf (_ ("%u of %u"), plaza_page_get_position (self->page), n);
      else
        summary = g_steal_pointer (&words);
    }
  show_text (self->title, plaza_page_get_title (self->page));
  show_text (self->summary, summary);
  show_text (self->hint, self->self_completion ? NULL : plaza_page_get_hint (self->page));
}

/* Takes away the questions that are no longer asked; TRUE when one of them had the focus, with
 * *@out_index where it stood. */
static gboolean
drop_questions (PlazaPageView *self, GHashTable *wanted, guint *out_index)
{
  PlazaField *focused = plaza_page_view_get_focus_field (self);
  gboolean lost = FALSE;

  for (guint i = 0; i < self->questions->len;)
    {
      PlazaQuestion *question = g_ptr_array_index (self->questions, i);
      PlazaField *field = plaza_question_get_field (question);

      if (g_hash_table_contains (wanted, field) &&
          PLAZA_IS_QUESTION_FILLED (question) == shows_filled (self, field))
        {
          i++;
          continue;
        }
      if (field == focused)
        {
          lost = TRUE;
          *out_index = i;
        }
      g_hash_table_remove (self->by_field, field);
      remove_question (self, question);
      g_ptr_array_remove_index (self->questions, i);
    }
  return lost;
}

void
plaza_page_view_sync (PlazaPageView *self)
{
  g_autoptr (GHashTable) wanted = g_hash_table_new (NULL, NULL);
  GPtrArray *fields;
  GtkWidget *last_filled = NULL;
  GtkWidget *last = NULL;
  gboolean lost_focus;
  guint lost_index = 0;

  g_return_if_fail (PLAZA_IS_PAGE_VIEW (self));

  if (self->page == NULL)
    return;
  fields = plaza_page_get_fields (self->page);
  for (guint i = 0; i < fields->len; i++)
    g_hash_table_add (wanted, g_ptr_array_index (fields, i));
  lost_focus = drop_questions (self, wanted, &lost_index);
  g_ptr_array_set_size (self->questions, 0);
  for (guint i = 0; i < fields->len; i++)
    {
      PlazaField *field = g_ptr_array_index (fields, i);
      PlazaQuestion *question = g_hash_table_lookup (self->by_field, field);
      gboolean is_new = question == NULL;
      GtkWidget *box;
      GtkWidget **after;

      /* A repeat that may grow has a page of its own, whose heading is its label already. */
      if (field == plaza_page_get_field (self->page) &&
          plaza_field_get_kind (field) == PLAZA_FIELD_REPEAT)
        continue;
      if (is_new)
        {
          question = new_question (self, field);
          g_hash_table_insert (self->by_field, field, question);
        }
      box = PLAZA_IS_QUESTION_FILLED (question) ? self->filled_box : self->box;
      after = box == self->filled_box ? &last_filled : &last;
      if (is_new)
        gtk_box_insert_child_after (GTK_BOX (box), GTK_WIDGET (question), *after);
      else
        gtk_box_reorder_child_after (GTK_BOX (box), GTK_WIDGET (question), *after);
      *after = GTK_WIDGET (question);
      g_ptr_array_add (self->questions, question);
    }
  gtk_widget_set_visible (self->filled, last_filled != NULL && !self->self_completion);
  show_heading (self);
  plaza_repeat_bar_set_field (self->repeat, plaza_page_get_field (self->page));
  if (lost_focus && !focus_from (self, lost_index))
    focus_from (self, 0);
}

void
plaza_page_view_set_page (PlazaPageView *self, PlazaPage *page)
{
  g_return_if_fail (PLAZA_IS_PAGE_VIEW (self));

  if (self->page != NULL)
    plaza_page_view_commit (self);
  for (guint i = 0; i < self->questions->len; i++)
    remove_question (self, g_ptr_array_index (self->questions, i));
  g_ptr_array_set_size (self->questions, 0);
  g_hash_table_remove_all (self->by_field);
  g_hash_table_remove_all (self->opened);
  g_set_object (&self->page, page);
  self->reading = NULL;
  if (page == NULL)
    return;
  /* Where nothing else is asked, what is filled in is what one came to see. */
  gtk_expander_set_expanded (GTK_EXPANDER (self->filled),
                             !plaza_page_filled_asks_more (self->capture, page));
  plaza_page_view_sync (self);
}

PlazaPage *
plaza_page_view_get_page (PlazaPageView *self)
{
  g_return_val_if_fail (PLAZA_IS_PAGE_VIEW (self), NULL);

  return self->page;
}

void
plaza_page_view_set_self_completion (PlazaPageView *self, gboolean self_completion)
{
  g_return_if_fail (PLAZA_IS_PAGE_VIEW (self));

  self->self_completion = !!self_completion;
  for (guint i = 0; i < self->questions->len; i++)
    plaza_question_set_self_completion (g_ptr_array_index (self->questions, i), self_completion);
  plaza_page_view_sync (self);
}

/* What the interview says */

static void
on_field_changed_cb (PlazaPageView *self, PlazaField *field, guint changes)
{
  PlazaQuestion *question = g_hash_table_lookup (self->by_field, field);

  if (question != NULL)
    plaza_question_refresh (question, (PlazaChanges) changes);
  if (self->page != NULL && (changes & PLAZA_CHANGED_VALUE) != 0)
    show_heading (self);
}

static void
on_language_changed_cb (PlazaPageView *self)
{
  for (guint i = 0; i < self->questions->len; i++)
    plaza_question_refresh (g_ptr_array_index (self->questions, i), PLAZA_CHANGED_ALL);
  if (self->page != NULL)
    show_heading (self);
}

static void
on_add_cb (PlazaPageView *self, PlazaField *repeat)
{
  g_signal_emit (self, signals[ADD], 0, repeat);
}

static void
on_remove_cb (PlazaPageView *self, PlazaField *instance)
{
  g_signal_emit (self, signals[REMOVE], 0, instance);
}

/* The object */

static void
plaza_page_view_dispose (GObject *object)
{
  PlazaPageView *self = PLAZA_PAGE_VIEW (object);
  GtkWidget *child;

  for (guint i = 0; i < self->questions->len; i++)
    g_signal_handlers_disconnect_by_data (g_ptr_array_index (self->questions, i), self);
  g_ptr_array_set_size (self->questions, 0);
  g_hash_table_remove_all (self->by_field);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);
  g_clear_object (&self->page);
  g_clear_object (&self->capture);
  G_OBJECT_CLASS (plaza_page_view_parent_class)->dispose (object);
}

static void
plaza_page_view_finalize (GObject *object)
{
  PlazaPageView *self = PLAZA_PAGE_VIEW (object);

  g_ptr_array_unref (self->questions);
  g_hash_table_unref (self->by_field);
  g_hash_table_unref (self->opened);
  G_OBJECT_CLASS (plaza_page_view_parent_class)->finalize (object);
}

static void
plaza_page_view_class_init (PlazaPageViewClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  object_class->dispose = plaza_page_view_dispose;
  object_class->finalize = plaza_page_view_finalize;

  signals[LAST] = g_signal_new ("last", PLAZA_TYPE_PAGE_VIEW, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                NULL, G_TYPE_NONE, 0);
  signals[CHANGING] = g_signal_new ("changing", PLAZA_TYPE_PAGE_VIEW, G_SIGNAL_RUN_LAST, 0, NULL,
                                    NULL, NULL, G_TYPE_NONE, 2, G_TYPE_POINTER, G_TYPE_STRING);
  signals[ADD] = g_signal_new ("add", PLAZA_TYPE_PAGE_VIEW, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                               G_TYPE_NONE, 1, G_TYPE_POINTER);
  signals[REMOVE] = g_signal_new ("remove", PLAZA_TYPE_PAGE_VIEW, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                  NULL, G_TYPE_NONE, 1, G_TYPE_POINTER);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BOX_LAYOUT);
  gtk_widget_class_set_css_name (widget_class, "page");
}

static GtkWidget *
new_label (PlazaPageView *self, const char *css_class)
{
  GtkWidget *label = gtk_label_new (NULL);

  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_widget_add_css_class (label, css_class);
  gtk_widget_set_parent (label, GTK_WIDGET (self));
  return label;
}

static void
plaza_page_view_init (PlazaPageView *self)
{
  GtkLayoutManager *layout = gtk_widget_get_layout_manager (GTK_WIDGET (self));

  gtk_orientable_set_orientation (GTK_ORIENTABLE (layout), GTK_ORIENTATION_VERTICAL);
  self->questions = g_ptr_array_new ();
  self->by_field = g_hash_table_new (NULL, NULL);
  self->opened = g_hash_table_new (NULL, NULL);

  self->title = new_label (self, "title-2");
  self->summary = new_label (self, "page-summary");
  self->hint = new_label (self, "hint");

  self->filled_box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  self->filled = gtk_expander_new (_ ("Filled in from the field session"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->filled), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Filled in from the field session"), -1);
  gtk_expander_set_child (GTK_EXPANDER (self->filled), self->filled_box);
  gtk_widget_add_css_class (self->filled, "filled-part");
  gtk_widget_set_parent (self->filled, GTK_WIDGET (self));
  self->box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  gtk_widget_set_parent (self->box, GTK_WIDGET (self));
  self->repeat = PLAZA_REPEAT_BAR (plaza_repeat_bar_new ());
  g_signal_connect_object (self->repeat, "add", G_CALLBACK (on_add_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->repeat, "remove", G_CALLBACK (on_remove_cb), self,
                           G_CONNECT_SWAPPED);
  gtk_widget_set_parent (GTK_WIDGET (self->repeat), GTK_WIDGET (self));
}

GtkWidget *
plaza_page_view_new (PlazaCapture *capture)
{
  PlazaPageView *self = g_object_new (PLAZA_TYPE_PAGE_VIEW, NULL);
  PlazaInterview *interview = plaza_capture_get_interview (capture);

  self->capture = g_object_ref (capture);
  g_signal_connect_object (interview, "field-changed", G_CALLBACK (on_field_changed_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (interview, "language-changed", G_CALLBACK (on_language_changed_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (capture, "saved", G_CALLBACK (on_all_saved_cb), self, G_CONNECT_SWAPPED);
  return GTK_WIDGET (self);
}
