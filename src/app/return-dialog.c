/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-app"

#include "config.h"

#include "app/return-dialog.h"

#include <glib/gi18n.h>

#include "app/words.h"

typedef struct
{
  AdwMessageDialog *dialog;
  GtkWidget *entry;
  GtkWidget *problem;
  PlazaProfile *profile;
  PlazaReturnFunc returned;
  GWeakRef object;
} Return;

static void
return_free (gpointer data)
{
  Return *self = data;

  g_object_unref (self->profile);
  g_weak_ref_clear (&self->object);
  g_free (self);
}

static void
check_in_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  GError *error = NULL;

  if (plaza_profile_check_passphrase (source, data, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

/* The password entry of GTK 4.8 looks at parts of itself that are gone when it is destroyed with
 * the focus in it. */
static void
let_go_of_focus (AdwMessageDialog *dialog)
{
  gtk_window_set_focus (GTK_WINDOW (dialog), NULL);
}

static void
on_checked_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (AdwMessageDialog) dialog = data;
  Return *self = g_object_get_data (G_OBJECT (dialog), "plaza-return");
  g_autoptr (GError) error = NULL;
  g_autoptr (GObject) object = NULL;

  if (!gtk_widget_get_visible (GTK_WIDGET (dialog)))
    return;
  if (!g_task_propagate_boolean (G_TASK (result), &error))
    {
      gtk_label_set_text (GTK_LABEL (self->problem), plaza_words_for_error (error));
      gtk_widget_set_visible (self->problem, TRUE);
      gtk_editable_set_editable (GTK_EDITABLE (self->entry), TRUE);
      gtk_editable_set_text (GTK_EDITABLE (self->entry), "");
      gtk_widget_grab_focus (self->entry);
      return;
    }
  object = g_weak_ref_get (&self->object);
  if (object != NULL)
    self->returned (object);
  let_go_of_focus (dialog);
  gtk_window_destroy (GTK_WINDOW (dialog));
}

/* The dialog stays until the answer is known: it is not one of its own buttons. */
static void
on_activate_cb (AdwMessageDialog *dialog)
{
  Return *self = g_object_get_data (G_OBJECT (dialog), "plaza-return");
  g_autoptr (GTask) task = NULL;
  char *passphrase;

  if (!gtk_editable_get_editable (GTK_EDITABLE (self->entry)))
    return; /* one is being checked */
  task = g_task_new (self->profile, NULL, on_checked_cb, g_object_ref (dialog));
  passphrase = g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->entry)));

  gtk_editable_set_editable (GTK_EDITABLE (self->entry), FALSE);
  g_task_set_task_data (task, passphrase, g_free);
  g_task_run_in_thread (task, check_in_thread);
}

static GtkWidget *
make_form (Return *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 12);
  GtkWidget *button = gtk_button_new_with_mnemonic (_ ("_Take the screen back"));

  self->entry = gtk_password_entry_new ();
  gtk_password_entry_set_show_peek_icon (GTK_PASSWORD_ENTRY (self->entry), TRUE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->entry), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Passphrase"), -1);
  self->problem = gtk_label_new (NULL);
  gtk_label_set_wrap (GTK_LABEL (self->problem), TRUE);
  gtk_label_set_max_width_chars (GTK_LABEL (self->problem), 40);
  gtk_widget_add_css_class (self->problem, "problem-text");
  gtk_widget_set_visible (self->problem, FALSE);
  gtk_widget_add_css_class (button, "suggested-action");
  gtk_box_append (GTK_BOX (box), self->entry);
  gtk_box_append (GTK_BOX (box), self->problem);
  gtk_box_append (GTK_BOX (box), button);
  g_signal_connect_object (self->entry, "activate", G_CALLBACK (on_activate_cb), self->dialog,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (button, "clicked", G_CALLBACK (on_activate_cb), self->dialog,
                           G_CONNECT_SWAPPED);
  return box;
}

void
plaza_return_dialog_show (PlazaWindow *window, PlazaReturnFunc returned, gpointer object)
{
  Return *self = g_new0 (Return, 1);

  self->dialog = ADW_MESSAGE_DIALOG (
      adw_message_dialog_new (GTK_WINDOW (window), _ ("Return to the facilitator"),
                              _ ("The facilitator's passphrase takes the screen back. What was "
                                 "answered is saved.")));
  self->profile = g_object_ref (plaza_window_get_profile (window));
  self->returned = returned;
  g_weak_ref_init (&self->object, object);
  g_object_set_data_full (G_OBJECT (self->dialog), "plaza-return", self, return_free);
  adw_message_dialog_add_response (self->dialog, "cancel", _ ("_Cancel"));
  adw_message_dialog_set_close_response (self->dialog, "cancel");
  adw_message_dialog_set_extra_child (self->dialog, make_form (self));
  g_signal_connect (self->dialog, "response", G_CALLBACK (let_go_of_focus), NULL);
  gtk_window_set_focus (GTK_WINDOW (self->dialog), self->entry);
  gtk_window_present (GTK_WINDOW (self->dialog));
}
