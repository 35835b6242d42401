/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-app"

#include "config.h"

#include "app/passphrase-dialog.h"

#include <glib/gi18n.h>

#include "app/button-text.h"
#include "app/new-passphrase.h"
#include "app/words.h"
#include "base/error.h"

struct _PlazaPassphraseDialog
{
  AdwWindow parent_instance;

  PlazaProfile *profile;
  /* While busy: inside the entries' locked memory, which nobody edits then. */
  const char *old_text;
  const char *new_text;
  guint busy : 1;

  GtkWidget *form;
  GtkEditable *old_entry;
  PlazaNewPassphrase *passphrase;
  GtkLabel *message;
};

G_DEFINE_FINAL_TYPE (PlazaPassphraseDialog, plaza_passphrase_dialog, ADW_TYPE_WINDOW)

static void
say (PlazaPassphraseDialog *self, const char *words)
{
  gtk_label_set_label (self->message, words);
  gtk_widget_set_visible (GTK_WIDGET (self->message), *words != '\0');
}

static void
change_in_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  PlazaPassphraseDialog *self = source;
  g_autoptr (GError) error = NULL;

  if (plaza_profile_change_passphrase (self->profile, self->old_text, self->new_text, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, g_steal_pointer (&error));
}

static void
on_changed_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  PlazaPassphraseDialog *self = PLAZA_PASSPHRASE_DIALOG (source);
  GtkWindow *window = gtk_window_get_transient_for (GTK_WINDOW (self));
  g_autoptr (GError) error = NULL;

  self->busy = FALSE;
  gtk_widget_set_sensitive (self->form, TRUE);
  if (g_task_propagate_boolean (G_TASK (result), &error))
    {
      if (PLAZA_IS_WINDOW (window))
        plaza_window_toast (PLAZA_WINDOW (window), _ ("The passphrase is changed."));
      gtk_window_close (GTK_WINDOW (self));
      return;
    }
  g_debug ("Changing the passphrase: %s", error->message);
  if (g_error_matches (error, PLAZA_ERROR, PLAZA_ERROR_PASSPHRASE))
    say (self, _ ("The passphrase of now is another one. It was not changed."));
  else if (g_error_matches (error, PLAZA_ERROR, PLAZA_ERROR_REFUSED))
    say (self, _ ("After several wrong tries Plaza waits a little. Try again in a moment."));
  else
    say (self, plaza_words_for_error (error));
  gtk_widget_grab_focus (GTK_WIDGET (self->old_entry));
}

static void
on_old_activate_cb (PlazaPassphraseDialog *self)
{
  gtk_widget_grab_focus (GTK_WIDGET (self->passphrase));
}

static void
on_change_cb (PlazaPassphraseDialog *self)
{
  g_autoptr (GTask) task = NULL;

  if (self->busy)
    return;
  if (*gtk_editable_get_text (self->old_entry) == '\0')
    {
      say (self, _ ("Write the passphrase of now."));
      gtk_widget_grab_focus (GTK_WIDGET (self->old_entry));
      return;
    }
  if (!plaza_new_passphrase_get_acceptable (self->passphrase))
    {
      plaza_new_passphrase_complain (self->passphrase);
      return;
    }
  say (self, "");
  self->busy = TRUE;
  /* An entry must not turn insensitive with the focus in it: GTK warns. */
  gtk_window_set_focus (GTK_WINDOW (self), NULL);
  self->old_text = gtk_editable_get_text (self->old_entry);
  self->new_text = plaza_new_passphrase_get_text (self->passphrase);
  gtk_widget_set_sensitive (self->form, FALSE);
  task = g_task_new (self, NULL, on_changed_cb, NULL);
  g_task_run_in_thread (task, change_in_thread);
}

PlazaPassphraseDialog *
plaza_passphrase_dialog_new (PlazaWindow *window, PlazaProfile *profile)
{
  PlazaPassphraseDialog *self =
      g_object_new (PLAZA_TYPE_PASSPHRASE_DIALOG, "transient-for", window, NULL);
  const char *context[] = { plaza_profile_get_name (profile),
                            plaza_profile_get_campaign (profile)->title, NULL };

  self->profile = g_object_ref (profile);
  plaza_new_passphrase_set_context (self->passphrase, context);
  plaza_window_fit (window, GTK_WINDOW (self));
  return self;
}

static void
plaza_passphrase_dialog_dispose (GObject *object)
{
  PlazaPassphraseDialog *self = PLAZA_PASSPHRASE_DIALOG (object);

  g_clear_object (&self->profile);
  gtk_widget_dispose_template (GTK_WIDGET (object), PLAZA_TYPE_PASSPHRASE_DIALOG);
  G_OBJECT_CLASS (plaza_passphrase_dialog_parent_class)->dispose (object);
}

static void
plaza_passphrase_dialog_class_init (PlazaPassphraseDialogClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  object_class->dispose = plaza_passphrase_dialog_dispose;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/gobabiertomx/Plaza/passphrase-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, PlazaPassphraseDialog, form);
  gtk_widget_class_bind_template_child (widget_class, PlazaPassphraseDialog, old_entry);
  gtk_widget_class_bind_template_child (widget_class, PlazaPassphraseDialog, passphrase);
  gtk_widget_class_bind_template_child (widget_class, PlazaPassphraseDialog, message);
  gtk_widget_class_bind_template_callback (widget_class, on_old_activate_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_change_cb);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
}

static void
plaza_passphrase_dialog_init (PlazaPassphraseDialog *self)
{
  g_type_ensure (PLAZA_TYPE_NEW_PASSPHRASE);
  gtk_widget_init_template (GTK_WIDGET (self));
  plaza_button_text_wrap (GTK_WIDGET (self));
}
