/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-app"

#include "config.h"

#include "app/recovery-view.h"

#include <glib/gi18n.h>

#include "app/qr-code.h"
#include "app/qr-reader.h"
#include "app/window.h"
#include "app/words.h"
#include "base/file.h"
#include "seal/recovery.h"

/* A photo of a screen. */
#define MAX_BYTES (40u << 20)

struct _PlazaRecoveryView
{
  AdwBin parent_instance;

  GBytes *message;
  char *file_name;

  GtkPicture *picture;
  GtkLabel *lines;
};

G_DEFINE_FINAL_TYPE (PlazaRecoveryView, plaza_recovery_view, ADW_TYPE_BIN)

/* "1  ABCD-EFGH-…": whoever reads aloud says the number too. */
static char *
number_lines (const char *text)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  GString *numbered = g_string_new (NULL);

  for (guint i = 0; lines[i] != NULL; i++)
    g_string_append_printf (numbered, "%s%2u  %s", i > 0 ? "\n" : "", i + 1, lines[i]);
  return g_string_free (numbered, FALSE);
}

void
plaza_recovery_view_show (PlazaRecoveryView *self, GBytes *message, const char *file_name)
{
  g_autofree char *text = plaza_recovery_to_text (message);
  g_autofree char *numbered = number_lines (text);
  g_autoptr (GdkTexture) code = plaza_qr_code_new (text);

  g_clear_pointer (&self->message, g_bytes_unref);
  self->message = g_bytes_ref (message);
  g_free (self->file_name);
  self->file_name = g_strdup (file_name);
  gtk_label_set_label (self->lines, numbered);
  gtk_picture_set_paintable (self->picture, GDK_PAINTABLE (code));
  gtk_widget_set_visible (GTK_WIDGET (self->picture), code != NULL);
}

static void
on_copy_cb (PlazaRecoveryView *self)
{
  g_autofree char *text = plaza_recovery_to_text (self->message);

  gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (self)), text);
}

static void
on_save_chosen_cb (PlazaRecoveryView *self, int response, GtkNativeDialog *dialog)
{
  GtkRoot *window = gtk_widget_get_root (GTK_WIDGET (self));
  g_autoptr (GError) error = NULL;

  if (response == GTK_RESPONSE_ACCEPT)
    {
      g_autoptr (GFile) file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog));

      if (!plaza_file_write (g_file_peek_path (file), self->message, &error))
        plaza_window_show_error (PLAZA_WINDOW (window), _ ("The file was not saved"), error);
      else
        plaza_window_toast (PLAZA_WINDOW (window), _ ("The file is saved."));
    }
  g_object_unref (dialog);
}

static void
on_save_cb (PlazaRecoveryView *self)
{
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));
  GtkFileChooserNative *dialog = gtk_file_chooser_native_new (
      _ ("Save as a file"), GTK_WINDOW (root), GTK_FILE_CHOOSER_ACTION_SAVE, NULL, NULL);

  gtk_file_chooser_set_current_name (GTK_FILE_CHOOSER (dialog), self->file_name);
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (dialog), TRUE);
  g_signal_connect_object (dialog, "response", G_CALLBACK (on_save_chosen_cb), self,
                           G_CONNECT_SWAPPED);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (dialog));
}

/* Reading */

GBytes *
plaza_recovery_view_read (GFile *file, GError **error)
{
  g_autoptr (GBytes) bytes = plaza_file_read (g_file_peek_path (file), MAX_BYTES, error);
  g_autofree char *text = NULL;
  gsize size;
  const char *data;

  if (bytes == NULL)
    return NULL;
  data = g_bytes_get_data (bytes, &size);
  if (size >= 3 && memcmp (data, "PLZ", 3) == 0)
    return g_steal_pointer (&bytes);
  if (plaza_qr_reader_is_image (bytes))
    text = plaza_qr_reader_read (bytes, error);
  else
    text = g_strndup (data, size);
  return text != NULL ? plaza_recovery_from_text (text, NULL, error) : NULL;
}

typedef struct
{
  void (*callback) (GFile *file, gpointer user_data);
  gpointer user_data;
} Choice;

static void
on_chosen_cb (GtkNativeDialog *dialog, int response, gpointer data)
{
  g_autofree Choice *choice = data;

  if (response == GTK_RESPONSE_ACCEPT)
    {
      g_autoptr (GFile) file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog));

      choice->callback (file, choice->user_data);
    }
  g_object_unref (choice->user_data);
  g_object_unref (dialog);
}

void
plaza_recovery_view_choose (GtkWidget *widget,
                            const char *title,
                            void (*callback) (GFile *file, gpointer user_data),
                            gpointer user_data)
{
  GtkRoot *root = gtk_widget_get_root (widget);
  Choice *choice = g_new (Choice, 1);
  GtkFileChooserNative *dialog = gtk_file_chooser_native_new (
      title, GTK_WINDOW (root), GTK_FILE_CHOOSER_ACTION_OPEN, NULL, NULL);

  *choice = (Choice){ callback, g_object_ref (user_data) };
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (dialog), TRUE);
  g_signal_connect (dialog, "response", G_CALLBACK (on_chosen_cb), choice);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (dialog));
}

static void
plaza_recovery_view_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), PLAZA_TYPE_RECOVERY_VIEW);
  G_OBJECT_CLASS (plaza_recovery_view_parent_class)->dispose (object);
}

static void
plaza_recovery_view_finalize (GObject *object)
{
  PlazaRecoveryView *self = PLAZA_RECOVERY_VIEW (object);

  g_clear_pointer (&self->message, g_bytes_unref);
  g_free (self->file_name);
  G_OBJECT_CLASS (plaza_recovery_view_parent_class)->finalize (object);
}

static void
plaza_recovery_view_class_init (PlazaRecoveryViewClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  object_class->dispose = plaza_recovery_view_dispose;
  object_class->finalize = plaza_recovery_view_finalize;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/gobabiertomx/Plaza/recovery-view.ui");
  gtk_widget_class_bind_template_child (widget_class, PlazaRecoveryView, picture);
  gtk_widget_class_bind_template_child (widget_class, PlazaRecoveryView, lines);
  gtk_widget_class_bind_template_callback (widget_class, on_copy_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_save_cb);
}

static void
plaza_recovery_view_init (PlazaRecoveryView *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
