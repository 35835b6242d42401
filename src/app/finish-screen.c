/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-app"

#include "config.h"

#include "app/finish-screen.h"

#include <glib/gi18n.h>

#include "app/qr-code.h"
#include "app/return-dialog.h"
#include "app/window.h"

struct _PlazaFinishScreen
{
  PlazaScreen parent_instance;

  guint handed_over : 1;

  GtkLabel *heading;
  GtkLabel *words;
  GtkWidget *folio_box;
  GtkLabel *folio;
  GtkPicture *qr;
  GtkWidget *contact_box;
  GtkLabel *contact;
  GtkWidget *next_button;
  GtkWidget *home_button;
};

G_DEFINE_FINAL_TYPE (PlazaFinishScreen, plaza_finish_screen, PLAZA_TYPE_SCREEN)

static const char *
heading_for (PlazaOutcome outcome, gboolean correction)
{
  if (correction && outcome == PLAZA_OUTCOME_COMPLETED)
    return _ ("The correction is saved");
  switch (outcome)
    {
    case PLAZA_OUTCOME_COMPLETED:
      return _ ("Thank you. The response is saved");
    case PLAZA_OUTCOME_PARTIAL:
      return _ ("Thank you. What was answered is saved");
    case PLAZA_OUTCOME_WITHDRAWN:
      return _ ("Everything was destroyed");
    case PLAZA_OUTCOME_REFUSED:
    case PLAZA_OUTCOME_MINOR_WITHOUT_GUARDIAN:
    case PLAZA_OUTCOME_UNDER_AGE:
    default:
      return _ ("Thank you for your time");
    }
}

static const char *
words_for (PlazaOutcome outcome, gboolean correction)
{
  if (correction && outcome == PLAZA_OUTCOME_COMPLETED)
    return _ ("It takes the place of what was finished before, under the same folio.");
  switch (outcome)
    {
    case PLAZA_OUTCOME_COMPLETED:
    case PLAZA_OUTCOME_PARTIAL:
      return _ ("Write down the folio or take a picture of it: with it the person can see later "
                "what came of it, or withdraw.");
    case PLAZA_OUTCOME_REFUSED:
      return _ ("Nothing that was said is kept. The refusal is counted with the field session.");
    case PLAZA_OUTCOME_MINOR_WITHOUT_GUARDIAN:
    case PLAZA_OUTCOME_UNDER_AGE:
      return _ ("Nothing that was said is kept. The visit is counted with the field session.");
    case PLAZA_OUTCOME_WITHDRAWN:
    default:
      return _ ("Nothing the person said is kept on this laptop. That somebody withdrew is counted "
                "with the field session.");
    }
}

static void
on_returned_to_next_cb (gpointer data)
{
  PlazaWindow *window = plaza_screen_get_window (data);

  plaza_window_set_handed_over (window, FALSE);
  plaza_window_new_interview (window);
}

static void
on_returned_to_home_cb (gpointer data)
{
  PlazaWindow *window = plaza_screen_get_window (data);

  plaza_window_set_handed_over (window, FALSE);
  plaza_window_show_home (window);
}

/* While the screen is in the participant's hands only the facilitator goes on. */
static void
leave (PlazaFinishScreen *self, PlazaReturnFunc function)
{
  PlazaWindow *window = plaza_screen_get_window (PLAZA_SCREEN (self));

  if (window == NULL)
    return;
  if (self->handed_over)
    plaza_return_dialog_show (window, function, self);
  else
    function (self);
}

static void
on_next_clicked_cb (PlazaFinishScreen *self)
{
  leave (self, on_returned_to_next_cb);
}

static void
on_home_clicked_cb (PlazaFinishScreen *self)
{
  leave (self, on_returned_to_home_cb);
}

static void
plaza_finish_screen_shown (PlazaScreen *screen)
{
  PlazaFinishScreen *self = PLAZA_FINISH_SCREEN (screen);
  PlazaWindow *window = plaza_screen_get_window (screen);

  if (window != NULL)
    plaza_window_set_handed_over (window, self->handed_over);
  gtk_widget_grab_focus (self->next_button);
}

static void
plaza_finish_screen_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), PLAZA_TYPE_FINISH_SCREEN);
  G_OBJECT_CLASS (plaza_finish_screen_parent_class)->dispose (object);
}

static void
plaza_finish_screen_class_init (PlazaFinishScreenClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = plaza_finish_screen_dispose;
  PLAZA_SCREEN_CLASS (class)->shown = plaza_finish_screen_shown;

  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/gobabiertomx/Plaza/finish-screen.ui");
#define BIND(name) gtk_widget_class_bind_template_child (widget_class, PlazaFinishScreen, name)
  BIND (heading);
  BIND (words);
  BIND (folio_box);
  BIND (folio);
  BIND (qr);
  BIND (contact_box);
  BIND (contact);
  BIND (next_button);
  BIND (home_button);
#undef BIND
  gtk_widget_class_bind_template_callback (widget_class, on_next_clicked_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_home_clicked_cb);
}

static void
plaza_finish_screen_init (PlazaFinishScreen *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

static void
show_folio (PlazaFinishScreen *self, const char *folio)
{
  g_autoptr (GdkTexture) texture = plaza_qr_code_new (folio);
  /* Translators: %s is a folio */
  g_autofree char *description = g_strdup_printf (_ ("QR code of folio %s"), folio);

  gtk_label_set_text (self->folio, folio);
  gtk_picture_set_paintable (self->qr, GDK_PAINTABLE (texture));
  gtk_picture_set_alternative_text (self->qr, description);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->qr), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  description, -1);
}

PlazaScreen *
plaza_finish_screen_new (const PlazaEnding *ending, gboolean correction, gboolean handed_over)
{
  PlazaFinishScreen *self = g_object_new (PLAZA_TYPE_FINISH_SCREEN, NULL);
  gboolean keeps = plaza_outcome_keeps_answers (ending->outcome) && ending->folio != NULL;

  self->handed_over = !!handed_over;
  gtk_label_set_text (self->heading, heading_for (ending->outcome, correction));
  gtk_label_set_text (self->words, handed_over
                                       ? _ ("Please give the computer back to the facilitator.")
                                       : words_for (ending->outcome, correction));
  gtk_widget_set_visible (self->folio_box, keeps);
  if (keeps)
    show_folio (self, ending->folio);
  gtk_widget_set_visible (self->contact_box, ending->contact_number != NULL);
  gtk_label_set_text (self->contact, ending->contact_number != NULL ? ending->contact_number : "");
  return PLAZA_SCREEN (self);
}
