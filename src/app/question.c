/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-app"

#include "config.h"

#include "app/question.h"

#include <glib/gi18n.h>

#include "app/question-problem.h"

/* Text in progress is never older than two seconds on disk: this, and the time to write it. */
#define TYPING_KEPT_MS 1500

/* "Saving…" is said only when saving takes this long; a word that flashes by disturbs. */
#define SAVING_SHOWN_MS 1000

typedef struct
{
  PlazaInterview *interview;
  PlazaField *field;

  GtkWidget *label;
  GtkWidget *required;
  GtkWidget *saved;
  GtkWidget *hint;
  GtkWidget *guidance;
  GtkWidget *control;
  GtkWidget *focus;
  GtkWidget *note;
  GtkWidget *problem_row;
  GtkWidget *problem;

  char *own_problem;
  PlazaSavedState saved_state;
  guint typing_timeout;
  guint saving_timeout;
  guint visited : 1; /* the person was here and left, or asked for the next page */
  guint self_completion : 1;
} PlazaQuestionPrivate;

enum
{
  PROP_0,
  PROP_INTERVIEW,
  PROP_FIELD,
  N_PROPS
};

enum
{
  ANSWERED,
  TYPED,
  NEXT,
  N_SIGNALS
};

static GParamSpec *properties[N_PROPS];
static guint signals[N_SIGNALS];

G_DEFINE_ABSTRACT_TYPE_WITH_PRIVATE (PlazaQuestion, plaza_question, GTK_TYPE_WIDGET)

#define PRIV(self) ((PlazaQuestionPrivate *) plaza_question_get_instance_private (self))

/* What is shown */

static void
show_text (GtkWidget *label, const char *text)
{
  gtk_label_set_text (GTK_LABEL (label), text != NULL ? text : "");
  gtk_widget_set_visible (label, text != NULL && *text != '\0');
}

static void
update_problem (PlazaQuestion *self)
{
  PlazaQuestionPrivate *priv = PRIV (self);
  const char *problem = priv->own_problem != NULL
                            ? priv->own_problem
                            : plaza_question_problem_words (priv->field, priv->visited);

  gtk_label_set_text (GTK_LABEL (priv->problem), problem != NULL ? problem : "");
  gtk_widget_set_visible (priv->problem_row, problem != NULL);
  if (problem != NULL)
    gtk_widget_add_css_class (GTK_WIDGET (self), "wrong");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (self), "wrong");
  if (priv->focus != NULL)
    plaza_question_problem_relate (GTK_ACCESSIBLE (priv->focus),
                                   &(PlazaQuestionWords){ .label = priv->label,
                                                          .hint = priv->hint,
                                                          .note = priv->note,
                                                          .problem = priv->problem },
                                   problem != NULL, plaza_field_is_required (priv->field));
}

static void
update_saved (PlazaQuestion *self)
{
  PlazaQuestionPrivate *priv = PRIV (self);
  const char *word = "";

  if (priv->saved_state == PLAZA_SAVED_DONE)
    word = _ ("Saved");
  else if (priv->saved_state == PLAZA_SAVED_FAILED)
    word = _ ("Not saved");
  else if (priv->saved_state == PLAZA_SAVED_SAVING && priv->saving_timeout == 0)
    word = _ ("Saving…");
  gtk_label_set_text (GTK_LABEL (priv->saved), word);
}

static void
update_texts (PlazaQuestion *self)
{
  PlazaQuestionPrivate *priv = PRIV (self);
  gboolean required = plaza_field_is_required (priv->field) && priv->control != NULL;

  show_text (priv->label, plaza_field_get_label (priv->field));
  show_text (priv->hint, priv->self_completion ? NULL : plaza_field_get_hint (priv->field));
  show_text (priv->guidance, priv->self_completion ? NULL : plaza_field_get_guidance (priv->field));
  show_text (priv->required, required ? _ ("Required") : NULL);
  if (plaza_field_is_aloud (priv->field))
    gtk_widget_add_css_class (GTK_WIDGET (self), "aloud");
}

void
plaza_question_refresh (PlazaQuestion *self, PlazaChanges changes)
{
  PlazaQuestionClass *class;

  g_return_if_fail (PLAZA_IS_QUESTION (self));

  class = PLAZA_QUESTION_GET_CLASS (self);
  update_texts (self);
  if (class->refresh != NULL)
    class->refresh (self, changes);
  update_problem (self);
}

/* What the person does */

static gboolean
on_typing_kept_cb (gpointer data)
{
  PlazaQuestion *self = data;

  PRIV (self)->typing_timeout = 0;
  g_signal_emit (self, signals[TYPED], 0);
  return G_SOURCE_REMOVE;
}

void
plaza_question_typing (PlazaQuestion *self)
{
  PlazaQuestionPrivate *priv;

  g_return_if_fail (PLAZA_IS_QUESTION (self));

  priv = PRIV (self);
  /* Not from the last letter on: who never pauses must not lose everything. */
  if (priv->typing_timeout == 0)
    priv->typing_timeout = g_timeout_add (TYPING_KEPT_MS, on_typing_kept_cb, self);
  plaza_question_set_saved (self, PLAZA_SAVED_NONE);
  if (priv->own_problem != NULL)
    plaza_question_set_problem (self, NULL);
}

gboolean
plaza_question_answer (PlazaQuestion *self, const char *value)
{
  PlazaQuestionPrivate *priv;

  g_return_val_if_fail (PLAZA_IS_QUESTION (self), FALSE);

  priv = PRIV (self);
  g_clear_handle_id (&priv->typing_timeout, g_source_remove);
  plaza_question_set_problem (self, NULL);
  g_signal_emit (self, signals[ANSWERED], 0, value != NULL ? value : "");
  return priv->own_problem == NULL;
}

void
plaza_question_commit (PlazaQuestion *self)
{
  PlazaQuestionPrivate *priv;
  PlazaQuestionClass *class;

  g_return_if_fail (PLAZA_IS_QUESTION (self));

  priv = PRIV (self);
  class = PLAZA_QUESTION_GET_CLASS (self);
  if (class->commit != NULL)
    class->commit (self);
  /* What could not become an answer is still kept as it was typed. */
  if (priv->typing_timeout != 0)
    {
      g_clear_handle_id (&priv->typing_timeout, g_source_remove);
      g_signal_emit (self, signals[TYPED], 0);
    }
}

char *
plaza_question_dup_typed (PlazaQuestion *self)
{
  PlazaQuestionClass *class;

  g_return_val_if_fail (PLAZA_IS_QUESTION (self), NULL);

  class = PLAZA_QUESTION_GET_CLASS (self);
  return class->dup_typed != NULL ? class->dup_typed (self) : NULL;
}

void
plaza_question_restore_typed (PlazaQuestion *self, const char *text)
{
  PlazaQuestionClass *class;

  g_return_if_fail (PLAZA_IS_QUESTION (self));

  class = PLAZA_QUESTION_GET_CLASS (self);
  if (class->restore_typed != NULL)
    class->restore_typed (self, text);
}

void
plaza_question_go_next (PlazaQuestion *self)
{
  g_return_if_fail (PLAZA_IS_QUESTION (self));

  g_signal_emit (self, signals[NEXT], 0);
}

static void
on_focus_leave_cb (PlazaQuestion *self)
{
  g_autoptr (PlazaQuestion) alive = g_object_ref (self);
  PlazaQuestionPrivate *priv = PRIV (self);

  /* A window that lost the focus to another, or a popover of ours: the person is still here, but
   * what was typed must not wait. */
  plaza_question_commit (self);
  if (plaza_field_is_answered (priv->field) || priv->own_problem != NULL)
    priv->visited = TRUE;
  update_problem (self);
}

static gboolean
plaza_question_grab_focus (GtkWidget *widget)
{
  PlazaQuestionPrivate *priv = PRIV (PLAZA_QUESTION (widget));

  return priv->focus != NULL && gtk_widget_grab_focus (priv->focus);
}

static gboolean
plaza_question_focus (GtkWidget *widget, GtkDirectionType direction)
{
  PlazaQuestionPrivate *priv = PRIV (PLAZA_QUESTION (widget));

  return priv->control != NULL && gtk_widget_child_focus (priv->control, direction);
}

/* How saving goes */

static gboolean
on_saving_shown_cb (gpointer data)
{
  PlazaQuestion *self = data;

  PRIV (self)->saving_timeout = 0;
  update_saved (self);
  return G_SOURCE_REMOVE;
}

void
plaza_question_set_saved (PlazaQuestion *self, PlazaSavedState state)
{
  PlazaQuestionPrivate *priv;

  g_return_if_fail (PLAZA_IS_QUESTION (self));

  priv = PRIV (self);
  if (priv->saved_state == state)
    return;
  priv->saved_state = state;
  g_clear_handle_id (&priv->saving_timeout, g_source_remove);
  if (state == PLAZA_SAVED_SAVING)
    priv->saving_timeout = g_timeout_add (SAVING_SHOWN_MS, on_saving_shown_cb, self);
  update_saved (self);
}

PlazaSavedState
plaza_question_get_saved (PlazaQuestion *self)
{
  g_return_val_if_fail (PLAZA_IS_QUESTION (self), PLAZA_SAVED_NONE);

  return PRIV (self)->saved_state;
}

/* Everything else a caller may say or ask */

PlazaInterview *
plaza_question_get_interview (PlazaQuestion *self)
{
  g_return_val_if_fail (PLAZA_IS_QUESTION (self), NULL);

  return PRIV (self)->interview;
}

PlazaField *
plaza_question_get_field (PlazaQuestion *self)
{
  g_return_val_if_fail (PLAZA_IS_QUESTION (self), NULL);

  return PRIV (self)->field;
}

void
plaza_question_show_missing (PlazaQuestion *self)
{
  g_return_if_fail (PLAZA_IS_QUESTION (self));

  PRIV (self)->visited = TRUE;
  update_problem (self);
}

const char *
plaza_question_get_problem (PlazaQuestion *self)
{
  g_return_val_if_fail (PLAZA_IS_QUESTION (self), NULL);

  return gtk_widget_get_visible (PRIV (self)->problem_row)
             ? gtk_label_get_text (GTK_LABEL (PRIV (self)->problem))
             : NULL;
}

void
plaza_question_set_self_completion (PlazaQuestion *self, gboolean self_completion)
{
  g_return_if_fail (PLAZA_IS_QUESTION (self));

  PRIV (self)->self_completion = !!self_completion;
  plaza_question_refresh (self, PLAZA_CHANGED_LABEL);
}

gboolean
plaza_question_can_answer (PlazaQuestion *self)
{
  g_return_val_if_fail (PLAZA_IS_QUESTION (self), FALSE);

  return PRIV (self)->focus != NULL;
}

void
plaza_question_set_control (PlazaQuestion *self, GtkWidget *control, GtkWidget *focus)
{
  PlazaQuestionPrivate *priv;

  g_return_if_fail (PLAZA_IS_QUESTION (self));
  g_return_if_fail (GTK_IS_WIDGET (control));

  priv = PRIV (self);
  g_return_if_fail (priv->control == NULL);
  priv->control = control;
  priv->focus = focus;
  gtk_widget_insert_before (control, GTK_WIDGET (self), priv->note);
}

void
plaza_question_set_problem (PlazaQuestion *self, const char *problem)
{
  PlazaQuestionPrivate *priv;

  g_return_if_fail (PLAZA_IS_QUESTION (self));

  priv = PRIV (self);
  if (problem == NULL && priv->own_problem == NULL)
    return;
  g_free (priv->own_problem);
  priv->own_problem = g_strdup (problem);
  update_problem (self);
}

void
plaza_question_set_note (PlazaQuestion *self, const char *note)
{
  g_return_if_fail (PLAZA_IS_QUESTION (self));

  show_text (PRIV (self)->note, note);
}

GtkWidget *
plaza_question_get_label_widget (PlazaQuestion *self)
{
  g_return_val_if_fail (PLAZA_IS_QUESTION (self), NULL);

  return PRIV (self)->label;
}

/* The object */

static void
plaza_question_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  PlazaQuestionPrivate *priv = PRIV (PLAZA_QUESTION (object));

  switch (id)
    {
    case PROP_INTERVIEW:
      g_value_set_object (value, priv->interview);
      break;
    case PROP_FIELD:
      g_value_set_pointer (value, priv->field);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
plaza_question_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  PlazaQuestionPrivate *priv = PRIV (PLAZA_QUESTION (object));

  switch (id)
    {
    case PROP_INTERVIEW:
      priv->interview = g_value_dup_object (value);
      break;
    case PROP_FIELD:
      priv->field = g_value_get_pointer (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
plaza_question_constructed (GObject *object)
{
  PlazaQuestion *self = PLAZA_QUESTION (object);

  G_OBJECT_CLASS (plaza_question_parent_class)->constructed (object);
  PLAZA_QUESTION_GET_CLASS (self)->bind (self);
  plaza_question_refresh (self, PLAZA_CHANGED_ALL);
}

static void
plaza_question_dispose (GObject *object)
{
  PlazaQuestionPrivate *priv = PRIV (PLAZA_QUESTION (object));
  GtkWidget *child;

  g_clear_handle_id (&priv->typing_timeout, g_source_remove);
  g_clear_handle_id (&priv->saving_timeout, g_source_remove);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (object))) != NULL)
    gtk_widget_unparent (child);
  priv->control = priv->focus = NULL;
  g_clear_object (&priv->interview);
  G_OBJECT_CLASS (plaza_question_parent_class)->dispose (object);
}

static void
plaza_question_finalize (GObject *object)
{
  g_free (PRIV (PLAZA_QUESTION (object))->own_problem);
  G_OBJECT_CLASS (plaza_question_parent_class)->finalize (object);
}

static void
plaza_question_class_init (PlazaQuestionClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);
  GParamFlags flags = G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS;

  object_class->get_property = plaza_question_get_property;
  object_class->set_property = plaza_question_set_property;
  object_class->constructed = plaza_question_constructed;
  object_class->dispose = plaza_question_dispose;
  object_class->finalize = plaza_question_finalize;
  widget_class->grab_focus = plaza_question_grab_focus;
  widget_class->focus = plaza_question_focus;

  properties[PROP_INTERVIEW] =
      g_param_spec_object ("interview", NULL, NULL, PLAZA_TYPE_INTERVIEW, flags);
  properties[PROP_FIELD] = g_param_spec_pointer ("field", NULL, NULL, flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  signals[ANSWERED] = g_signal_new ("answered", PLAZA_TYPE_QUESTION, G_SIGNAL_RUN_LAST, 0, NULL,
                                    NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
  signals[TYPED] = g_signal_new ("typed", PLAZA_TYPE_QUESTION, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                 NULL, G_TYPE_NONE, 0);
  signals[NEXT] = g_signal_new ("next", PLAZA_TYPE_QUESTION, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                G_TYPE_NONE, 0);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BOX_LAYOUT);
  gtk_widget_class_set_css_name (widget_class, "question");
}

static GtkWidget *
new_label (const char *css_class)
{
  GtkWidget *label = gtk_label_new (NULL);

  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_widget_add_css_class (label, css_class);
  return label;
}

static void
plaza_question_init (PlazaQuestion *self)
{
  PlazaQuestionPrivate *priv = PRIV (self);
  GtkWidget *widget = GTK_WIDGET (self);
  GtkLayoutManager *layout = gtk_widget_get_layout_manager (widget);
  GtkEventController *focus = gtk_event_controller_focus_new ();
  GtkWidget *heading = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  GtkWidget *icon;

  gtk_orientable_set_orientation (GTK_ORIENTABLE (layout), GTK_ORIENTATION_VERTICAL);
  gtk_box_layout_set_spacing (GTK_BOX_LAYOUT (layout), 6);

  priv->label = new_label ("question-label");
  gtk_widget_set_hexpand (priv->label, TRUE);
  priv->saved = new_label ("saved");
  gtk_label_set_xalign (GTK_LABEL (priv->saved), 1);
  gtk_label_set_wrap (GTK_LABEL (priv->saved), FALSE);
  gtk_label_set_width_chars (GTK_LABEL (priv->saved), 9);
  gtk_widget_set_valign (priv->saved, GTK_ALIGN_START);
  gtk_box_append (GTK_BOX (heading), priv->label);
  gtk_box_append (GTK_BOX (heading), priv->saved);
  gtk_widget_set_parent (heading, widget);

  priv->required = new_label ("required");
  gtk_widget_set_parent (priv->required, widget);
  priv->hint = new_label ("hint");
  gtk_widget_set_parent (priv->hint, widget);
  priv->guidance = new_label ("hint");
  gtk_widget_set_parent (priv->guidance, widget);
  priv->note = new_label ("note");
  gtk_widget_set_visible (priv->note, FALSE);
  gtk_widget_set_parent (priv->note, widget);

  priv->problem_row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  gtk_widget_add_css_class (priv->problem_row, "problem");
  icon = g_object_new (GTK_TYPE_IMAGE, "icon-name", "dialog-warning-symbolic", "accessible-role",
                       GTK_ACCESSIBLE_ROLE_PRESENTATION, "valign", GTK_ALIGN_START, NULL);
  priv->problem = new_label ("problem-text");
  gtk_box_append (GTK_BOX (priv->problem_row), icon);
  gtk_box_append (GTK_BOX (priv->problem_row), priv->problem);
  gtk_widget_set_parent (priv->problem_row, widget);

  g_signal_connect_swapped (focus, "leave", G_CALLBACK (on_focus_leave_cb), self);
  gtk_widget_add_controller (widget, focus);
}
