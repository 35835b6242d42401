/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-app"

#include "config.h"

#include "app/hand-in-done.h"

#include <glib/gi18n.h>

#include "app/proof-print.h"
#include "app/window.h"

struct _PlazaHandInDone
{
  PlazaScreen parent_instance;

  PlazaProof proof;

  GtkLabel *words;
  GtkLabel *path_words;
  GtkWidget *print_button;
  GtkWidget *done_button;
};

G_DEFINE_FINAL_TYPE (PlazaHandInDone, plaza_hand_in_done, PLAZA_TYPE_SCREEN)

static PlazaWindow *
window_of (PlazaHandInDone *self)
{
  return plaza_screen_get_window (PLAZA_SCREEN (self));
}

static void
on_print_cb (PlazaHandInDone *self)
{
  plaza_proof_print (window_of (self), &self->proof);
}

static void
on_folder_cb (PlazaHandInDone *self, int response, GtkNativeDialog *dialog)
{
  g_autoptr (GError) error = NULL;

  if (response == GTK_RESPONSE_ACCEPT)
    {
      g_autoptr (GFile) folder = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog));

      if (plaza_proof_copy (&self->proof, g_file_peek_path (folder), &error))
        plaza_window_toast (window_of (self), _ ("The proof is saved there too."));
      else
        plaza_window_show_error (window_of (self), _ ("The proof was not saved there"), error);
    }
  g_object_unref (dialog);
}

static void
on_save_cb (PlazaHandInDone *self)
{
  GtkFileChooserNative *dialog = gtk_file_chooser_native_new (
      _ ("Choose the USB stick or folder"), GTK_WINDOW (window_of (self)),
      GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER, _ ("_Choose"), NULL);

  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (dialog), TRUE);
  g_signal_connect_object (dialog, "response", G_CALLBACK (on_folder_cb), self, G_CONNECT_SWAPPED);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (dialog));
}

static void
on_done_cb (PlazaHandInDone *self)
{
  plaza_window_show_entrance (window_of (self));
}

PlazaScreen *
plaza_hand_in_done_new (const PlazaProof *proof, const char *problem)
{
  PlazaHandInDone *self = g_object_new (PLAZA_TYPE_HAND_IN_DONE, NULL);

  self->proof.text = g_strdup (proof->text);
  self->proof.pdf = g_strdup (proof->pdf);
  gtk_label_set_label (self->words, problem != NULL
                                        ? problem
                                        : _ ("Everything is at the central database with its "
                                             "receipts. Of this profile nothing is left on the "
                                             "laptop but the proof."));
  gtk_label_set_label (self->path_words, self->proof.text);
  return PLAZA_SCREEN (self);
}

static void
plaza_hand_in_done_shown (PlazaScreen *screen)
{
  gtk_widget_grab_focus (PLAZA_HAND_IN_DONE (screen)->print_button);
}

static void
plaza_hand_in_done_dispose (GObject *object)
{
  plaza_proof_clear (&PLAZA_HAND_IN_DONE (object)->proof);
  gtk_widget_dispose_template (GTK_WIDGET (object), PLAZA_TYPE_HAND_IN_DONE);
  G_OBJECT_CLASS (plaza_hand_in_done_parent_class)->dispose (object);
}

static void
plaza_hand_in_done_class_init (PlazaHandInDoneClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  object_class->dispose = plaza_hand_in_done_dispose;
  PLAZA_SCREEN_CLASS (class)->shown = plaza_hand_in_done_shown;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/gobabiertomx/Plaza/hand-in-done.ui");
  gtk_widget_class_bind_template_child (widget_class, PlazaHandInDone, words);
  gtk_widget_class_bind_template_child (widget_class, PlazaHandInDone, path_words);
  gtk_widget_class_bind_template_child (widget_class, PlazaHandInDone, print_button);
  gtk_widget_class_bind_template_child (widget_class, PlazaHandInDone, done_button);
  gtk_widget_class_bind_template_callback (widget_class, on_print_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_save_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_done_cb);
}

static void
plaza_hand_in_done_init (PlazaHandInDone *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
