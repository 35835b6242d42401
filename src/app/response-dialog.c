/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-app"

#include "config.h"

#include "app/response-dialog.h"

#include <glib/gi18n.h>

#include "app/ask.h"
#include "app/button-text.h"
#include "app/delivery-words.h"
#include "app/response-words.h"
#include "app/words.h"
#include "base/error.h"
#include "base/folio.h"

struct _PlazaResponseDialog
{
  AdwWindow parent_instance;

  PlazaStore *store;
  PlazaResponse *response;

  GtkLabel *folio;
  GtkLabel *line;
  GtkLabel *problem;
  GtkWidget *correct_button;
  GtkWidget *void_button;
  GtkWidget *withdraw_button;
};

G_DEFINE_FINAL_TYPE (PlazaResponseDialog, plaza_response_dialog, ADW_TYPE_WINDOW)

static PlazaWindow *
get_window (PlazaResponseDialog *self)
{
  return PLAZA_WINDOW (gtk_window_get_transient_for (GTK_WINDOW (self)));
}

/* The window goes a moment later: GTK still holds the pointer over the button that was pressed. */
static void
go (PlazaResponseDialog *self)
{
  gtk_widget_set_visible (GTK_WIDGET (self), FALSE);
  g_idle_add_once ((GSourceOnceFunc) gtk_window_destroy, self);
}

static void
on_correct_cb (PlazaResponseDialog *self)
{
  g_autofree char *id = g_strdup (plaza_response_get_id (self->response));
  PlazaWindow *window = get_window (self);

  go (self);
  plaza_window_correct (window, id);
}

static void
on_void_cb (PlazaResponseDialog *self)
{
  go (self);
  plaza_response_ask_void (get_window (self), self->store, plaza_response_get_id (self->response));
}

static void
on_withdraw_cb (PlazaResponseDialog *self)
{
  go (self);
  plaza_response_ask_withdraw (get_window (self), self->store,
                               plaza_response_get_folio (self->response));
}

PlazaResponseDialog *
plaza_response_dialog_new (PlazaWindow *window, PlazaStore *store, PlazaResponse *response)
{
  PlazaResponseDialog *self =
      g_object_new (PLAZA_TYPE_RESPONSE_DIALOG, "transient-for", window, NULL);
  const char *problem = plaza_response_get_problem (response);
  int outcome = plaza_response_get_outcome (response);
  gboolean answers = outcome == PLAZA_OUTCOME_COMPLETED || outcome == PLAZA_OUTCOME_PARTIAL;
  gboolean here = answers && !plaza_response_get_purged (response);
  g_autofree char *line = plaza_response_words_line (response);

  self->store = g_object_ref (store);
  self->response = g_object_ref (response);
  gtk_label_set_label (self->folio, plaza_response_get_folio (response));
  gtk_label_set_label (self->line, line);
  gtk_widget_set_visible (GTK_WIDGET (self->problem), problem != NULL);
  if (problem != NULL)
    gtk_label_set_label (self->problem, plaza_delivery_words_refusal (problem));
  gtk_widget_set_visible (self->correct_button, here && !plaza_response_get_voided (response));
  gtk_widget_set_visible (self->void_button, answers && !plaza_response_get_voided (response));
  gtk_widget_set_visible (self->withdraw_button, answers);
  plaza_window_fit (window, GTK_WINDOW (self));
  return self;
}

static void
plaza_response_dialog_dispose (GObject *object)
{
  PlazaResponseDialog *self = PLAZA_RESPONSE_DIALOG (object);

  g_clear_object (&self->store);
  g_clear_object (&self->response);
  gtk_widget_dispose_template (GTK_WIDGET (object), PLAZA_TYPE_RESPONSE_DIALOG);
  G_OBJECT_CLASS (plaza_response_dialog_parent_class)->dispose (object);
}

static void
plaza_response_dialog_class_init (PlazaResponseDialogClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  object_class->dispose = plaza_response_dialog_dispose;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/gobabiertomx/Plaza/response-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, PlazaResponseDialog, folio);
  gtk_widget_class_bind_template_child (widget_class, PlazaResponseDialog, line);
  gtk_widget_class_bind_template_child (widget_class, PlazaResponseDialog, problem);
  gtk_widget_class_bind_template_child (widget_class, PlazaResponseDialog, correct_button);
  gtk_widget_class_bind_template_child (widget_class, PlazaResponseDialog, void_button);
  gtk_widget_class_bind_template_child (widget_class, PlazaResponseDialog, withdraw_button);
  gtk_widget_class_bind_template_callback (widget_class, on_correct_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_void_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_withdraw_cb);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
}

static void
plaza_response_dialog_init (PlazaResponseDialog *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  plaza_button_text_wrap (GTK_WIDGET (self));
}

/* Not counting it */

static void
on_void_answered_cb (AdwMessageDialog *dialog, const char *reason, PlazaWindow *window)
{
  PlazaStore *store = g_object_get_data (G_OBJECT (dialog), "store");
  const char *id = g_object_get_data (G_OBJECT (dialog), "response-id");
  g_autoptr (GError) error = NULL;

  if (g_str_equal (reason, "cancel"))
    return;
  if (plaza_response_void (store, id, reason, &error))
    plaza_window_toast (window, _ ("It will not be counted. What was answered stays on record."));
  else
    plaza_window_show_error (window, _ ("This could not be noted"), error);
}

void
plaza_response_ask_void (PlazaWindow *window, PlazaStore *store, const char *id)
{
  GtkWidget *dialog = adw_message_dialog_new (
      GTK_WINDOW (window), _ ("Why should it not count?"),
      _ ("The answers stay on record with the reason; a coordinator may decide otherwise."));

  adw_message_dialog_add_responses (ADW_MESSAGE_DIALOG (dialog), "cancel", _ ("_Cancel"), "test",
                                    _ ("It was a _test"), "duplicate", _ ("It is there _twice"),
                                    "mistake", _ ("It was a _mistake"), NULL);
  adw_message_dialog_set_default_response (ADW_MESSAGE_DIALOG (dialog), "cancel");
  adw_message_dialog_set_close_response (ADW_MESSAGE_DIALOG (dialog), "cancel");
  g_object_set_data_full (G_OBJECT (dialog), "store", g_object_ref (store), g_object_unref);
  g_object_set_data_full (G_OBJECT (dialog), "response-id", g_strdup (id), g_free);
  g_signal_connect_object (dialog, "response", G_CALLBACK (on_void_answered_cb), window, 0);
  plaza_ask (dialog);
}

/* Withdrawing by folio */

static void
on_withdraw_entry_changed_cb (GtkEditable *entry, AdwMessageDialog *dialog)
{
  PlazaFolioVerdict verdict = plaza_folio_check (gtk_editable_get_text (entry), NULL);

  adw_message_dialog_set_response_enabled (dialog, "withdraw", verdict == PLAZA_FOLIO_VALID);
}

static void
on_withdraw_answered_cb (AdwMessageDialog *dialog, const char *answer, PlazaWindow *window)
{
  PlazaStore *store = g_object_get_data (G_OBJECT (dialog), "store");
  GtkEditable *entry = g_object_get_data (G_OBJECT (dialog), "entry");
  g_autoptr (GError) error = NULL;
  gboolean here = FALSE;

  if (!g_str_equal (answer, "withdraw"))
    return;
  if (!plaza_response_withdraw_folio (store, gtk_editable_get_text (entry), &here, &error))
    plaza_window_show_error (window, _ ("This could not be withdrawn"), error);
  else if (here)
    plaza_window_toast (window, _ ("Withdrawn: the answers are destroyed on this laptop."));
  else
    plaza_window_toast (window,
                        _ ("Noted: the central database is told to destroy these answers."));
}

void
plaza_response_ask_withdraw (PlazaWindow *window, PlazaStore *store, const char *folio)
{
  GtkWidget *dialog = adw_message_dialog_new (
      GTK_WINDOW (window), _ ("Withdraw a response?"),
      _ ("What the person answered is destroyed here, in the copies and at the central database. "
         "Only that somebody withdrew stays counted. This cannot be undone."));
  GtkWidget *entry = gtk_entry_new ();

  gtk_entry_set_placeholder_text (GTK_ENTRY (entry), _ ("Folio"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (entry), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Folio of the receipt"), -1);
  gtk_entry_set_activates_default (GTK_ENTRY (entry), TRUE);
  adw_message_dialog_set_extra_child (ADW_MESSAGE_DIALOG (dialog), entry);
  adw_message_dialog_add_responses (ADW_MESSAGE_DIALOG (dialog), "cancel", _ ("_Cancel"),
                                    "withdraw", _ ("_Withdraw"), NULL);
  adw_message_dialog_set_response_appearance (ADW_MESSAGE_DIALOG (dialog), "withdraw",
                                              ADW_RESPONSE_DESTRUCTIVE);
  adw_message_dialog_set_close_response (ADW_MESSAGE_DIALOG (dialog), "cancel");
  g_object_set_data_full (G_OBJECT (dialog), "store", g_object_ref (store), g_object_unref);
  g_object_set_data (G_OBJECT (dialog), "entry", entry);
  g_signal_connect (entry, "changed", G_CALLBACK (on_withdraw_entry_changed_cb), dialog);
  g_signal_connect_object (dialog, "response", G_CALLBACK (on_withdraw_answered_cb), window, 0);
  gtk_editable_set_text (GTK_EDITABLE (entry), folio != NULL ? folio : "");
  on_withdraw_entry_changed_cb (GTK_EDITABLE (entry), ADW_MESSAGE_DIALOG (dialog));
  gtk_window_present (GTK_WINDOW (dialog));
  gtk_widget_grab_focus (entry);
}
