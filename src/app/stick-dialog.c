/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-app"

#include "config.h"

#include "app/stick-dialog.h"

#include <glib/gi18n.h>

#include "app/ask.h"
#include "app/button-text.h"
#include "app/file-row.h"
#include "app/stick-drives.h"
#include "app/stick-files.h"
#include "app/stick-words.h"
#include "app/upload-count.h"
#include "base/clock.h"
#include "base/file.h"
#include "sync/stick.h"
#include "sync/upload.h"

struct _PlazaStickDialog
{
  AdwWindow parent_instance;

  PlazaStickDialogMode mode;
  PlazaProfile *profile;
  PlazaDelivery *delivery;
  PlazaStick *stick;
  GCancellable *cancellable;
  GVolumeMonitor *monitor;
  GListStore *files; /* PlazaFileRow */

  PlazaUpload *upload; /* of a bulk upload, as last counted */
  gint64 started_ms;
  gboolean delivering; /* the second half of a bulk upload */
  gboolean counting;   /* a thread counts */
  gboolean count_again;
  gboolean closing; /* asked for while it worked */

  GtkStack *pages;
  GtkLabel *choose_words;
  GtkCheckButton *hand_in;
  GtkListBox *drives;
  GtkLabel *no_drives;
  GtkWidget *other_button;
  GtkLabel *message;
  GtkProgressBar *progress;
  GtkButton *stop_button;
  GtkLabel *heading;
  GtkLabel *words;
  GtkLabel *detail;
  GtkWidget *files_box;
  GtkListView *files_view;
  GtkWidget *csv_button;
  GtkWidget *close_button;
};

G_DEFINE_FINAL_TYPE (PlazaStickDialog, plaza_stick_dialog, ADW_TYPE_WINDOW)

static gboolean
is_saving (PlazaStickDialog *self)
{
  return self->mode == PLAZA_STICK_DIALOG_SAVE;
}

static gboolean
is_working (PlazaStickDialog *self)
{
  return plaza_stick_is_working (self->stick) || self->delivering;
}

static void
show_text (GtkLabel *label, const char *text)
{
  gtk_label_set_label (label, text);
  gtk_widget_set_visible (GTK_WIDGET (label), *text != '\0');
}

static void
show_page (PlazaStickDialog *self, const char *name, GtkWidget *focus)
{
  gtk_stack_set_visible_child_name (self->pages, name);
  gtk_widget_grab_focus (focus);
}

/* The end of the work */

static void
show_files (PlazaStickDialog *self)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->files));

  gtk_widget_set_visible (self->files_box, n > 0);
  gtk_widget_set_visible (self->csv_button, self->upload != NULL && n > 0);
}

static void
show_upload (PlazaStickDialog *self)
{
  g_autofree char *words = plaza_upload_describe (self->upload);
  g_autofree char *counts = plaza_upload_describe_entries (self->upload->entries);
  g_autofree char *headline = plaza_upload_headline (self->upload);
  const char *advice = plaza_upload_advice (self->upload);
  g_autoptr (GString) sums = g_string_new (words);

  if (*counts != '\0')
    {
      g_string_append (sums, ". ");
      g_string_append_printf (sums, _ ("Entries: %s"), counts);
    }
  gtk_label_set_label (self->heading, headline);
  show_text (self->words, sums->str);
  show_text (self->detail, advice);
  plaza_stick_files_list_upload (self->files, self->upload);
  show_files (self);
  show_page (self, "result", self->close_button);
}

static void
show_result (PlazaStickDialog *self)
{
  PlazaStickProblem problem = plaza_stick_get_problem (self->stick);
  gboolean whole = problem == PLAZA_STICK_NO_PROBLEM;
  g_autofree char *words =
      whole ? plaza_stick_describe (self->stick)
            : plaza_stick_problem_words (problem, plaza_stick_get_missing (self->stick));
  g_autofree char *detail = plaza_stick_words_detail (self->mode, self->stick);

  gtk_label_set_label (self->heading, plaza_stick_words_heading (self->mode, whole));
  show_text (self->words, words);
  show_text (self->detail, detail);
  plaza_stick_files_list_refusals (self->files, self->stick);
  show_files (self);
  show_page (self, "result", self->close_button);
}

static void
finish (PlazaStickDialog *self)
{
  if (self->closing)
    gtk_window_destroy (GTK_WINDOW (self));
  else if (self->upload != NULL)
    show_upload (self);
  else
    show_result (self);
}

/* Bulk upload: counting what became of each file, in a thread, while the delivery goes on */

static void count_upload (PlazaStickDialog *self);

/* Nothing waits any more, or the delivery does not go on now. */
static gboolean
is_at_end (PlazaStickDialog *self)
{
  PlazaDeliveryState state = plaza_delivery_get_state (self->delivery);

  return self->upload->files[PLAZA_UPLOAD_WAITING] == 0 ||
         (state != PLAZA_DELIVERY_PACKING && state != PLAZA_DELIVERY_SENDING);
}

static void
on_counted_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  PlazaStickDialog *self = PLAZA_STICK_DIALOG (source);
  g_autoptr (GError) error = NULL;
  PlazaUpload *upload = plaza_upload_count_finish (result, &error);
  double total;

  self->counting = FALSE;
  if (upload == NULL)
    g_warning ("Counting the upload: %s", error->message);
  else
    {
      g_clear_pointer (&self->upload, plaza_upload_free);
      self->upload = upload;
    }
  if (self->upload == NULL || self->delivery == NULL)
    return;
  total = MAX (self->upload->rows->len, 1);
  gtk_progress_bar_set_fraction (self->progress,
                                 (total - self->upload->files[PLAZA_UPLOAD_WAITING]) / total);
  if (self->count_again)
    count_upload (self);
  else if (self->delivering && is_at_end (self))
    {
      self->delivering = FALSE;
      finish (self);
    }
}

static void
count_upload (PlazaStickDialog *self)
{
  self->count_again = self->counting;
  if (self->counting)
    return;
  self->counting = TRUE;
  plaza_upload_count_async (plaza_profile_get_data_root (self->profile),
                            plaza_stick_get_items (self->stick), self->started_ms, self,
                            on_counted_cb);
}

static void
on_delivery_cb (PlazaStickDialog *self)
{
  if (!self->delivering)
    return;
  gtk_label_set_label (self->message, plaza_delivery_get_message (self->delivery));
  count_upload (self);
}

static void
deliver_folders (PlazaStickDialog *self)
{
  self->delivering = TRUE;
  gtk_button_set_label (self->stop_button, _ ("_Go on in the background"));
  plaza_delivery_start (self->delivery);
  plaza_delivery_now (self->delivery);
  on_delivery_cb (self);
}

/* The work on the stick */

static void
on_worked_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (PlazaStickDialog) self = data;
  g_autoptr (GError) error = NULL;
  gboolean ok = is_saving (self) ? plaza_stick_save_finish (self->stick, result, &error)
                                 : plaza_stick_read_finish (self->stick, result, &error);

  if (!ok)
    g_message ("USB: %s", error->message);
  /* The window is gone: locked, or closed for good. */
  if (self->delivery == NULL)
    return;
  if (ok && !self->closing && self->mode == PLAZA_STICK_DIALOG_UPLOAD &&
      plaza_stick_get_items (self->stick)->len > 0)
    {
      deliver_folders (self);
      return;
    }
  if (!is_saving (self))
    plaza_delivery_wake (self->delivery);
  finish (self);
}

static void
on_stick_notify_cb (PlazaStickDialog *self)
{
  if (!plaza_stick_is_working (self->stick))
    return;
  gtk_label_set_label (self->message, plaza_stick_get_message (self->stick));
  gtk_progress_bar_set_fraction (self->progress, plaza_stick_get_progress (self->stick));
}

void
plaza_stick_dialog_begin (PlazaStickDialog *self, const char *const *folders)
{
  g_return_if_fail (PLAZA_IS_STICK_DIALOG (self));
  g_return_if_fail (folders[0] != NULL && !is_working (self));

  g_clear_object (&self->cancellable);
  self->cancellable = g_cancellable_new ();
  self->started_ms = plaza_clock_now_ms ();
  gtk_progress_bar_set_fraction (self->progress, 0);
  show_page (self, "work", GTK_WIDGET (self->stop_button));
  plaza_stick_set_hand_in (self->stick, gtk_check_button_get_active (self->hand_in));
  if (is_saving (self))
    plaza_stick_save_async (self->stick, folders[0], self->cancellable, on_worked_cb,
                            g_object_ref (self));
  else
    plaza_stick_read_async (self->stick, folders, self->cancellable, on_worked_cb,
                            g_object_ref (self));
}

static void
on_stop_cb (PlazaStickDialog *self)
{
  if (plaza_stick_is_working (self->stick))
    g_cancellable_cancel (self->cancellable);
  else if (self->delivering && self->upload != NULL)
    {
      self->delivering = FALSE;
      show_upload (self);
    }
}

/* Choosing */

static void
list_drives (PlazaStickDialog *self)
{
  gboolean any;

  plaza_stick_drives_fill (self->drives, self->monitor);
  any = gtk_widget_get_first_child (GTK_WIDGET (self->drives)) != NULL;
  gtk_widget_set_visible (GTK_WIDGET (self->drives), any);
  gtk_widget_set_visible (GTK_WIDGET (self->no_drives), !any);
}

static void
on_drive_cb (PlazaStickDialog *self, GtkListBoxRow *row)
{
  const char *folders[] = { plaza_stick_drives_get_folder (row), NULL };

  plaza_stick_dialog_begin (self, folders);
}

static void
on_chosen_cb (PlazaStickDialog *self, int response, GtkNativeDialog *dialog)
{
  g_autoptr (GListModel) files = NULL;
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) folders = NULL;

  if (response == GTK_RESPONSE_ACCEPT)
    files = gtk_file_chooser_get_files (GTK_FILE_CHOOSER (dialog));
  for (guint i = 0; files != NULL && i < g_list_model_get_n_items (files); i++)
    {
      g_autoptr (GFile) file = g_list_model_get_item (files, i);
      g_autofree char *path = g_file_get_path (file);

      if (path != NULL)
        g_strv_builder_add (builder, path);
    }
  folders = g_strv_builder_end (builder);
  if (folders[0] != NULL)
    plaza_stick_dialog_begin (self, (const char *const *) folders);
  g_object_unref (dialog);
}

static void
on_other_cb (PlazaStickDialog *self)
{
  GtkFileChooserNative *dialog = gtk_file_chooser_native_new (
      self->mode == PLAZA_STICK_DIALOG_UPLOAD ? _ ("Choose the folders")
                                              : _ ("Choose the USB stick or folder"),
      GTK_WINDOW (self), GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER, _ ("_Choose"), NULL);

  gtk_file_chooser_set_select_multiple (GTK_FILE_CHOOSER (dialog),
                                        self->mode == PLAZA_STICK_DIALOG_UPLOAD);
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (dialog), TRUE);
  g_signal_connect_object (dialog, "response", G_CALLBACK (on_chosen_cb), self, G_CONNECT_SWAPPED);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (dialog));
}

/* The table */

static void
on_csv_chosen_cb (PlazaStickDialog *self, int response, GtkNativeDialog *dialog)
{
  g_autoptr (GFile) file = response == GTK_RESPONSE_ACCEPT
                               ? gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog))
                               : NULL;
  g_autofree char *path = file != NULL ? g_file_get_path (file) : NULL;
  g_autoptr (GBytes) table = plaza_upload_to_csv (self->upload);
  g_autoptr (GError) error = NULL;

  if (path != NULL && !plaza_file_write (path, table, &error))
    {
      g_warning ("Saving the table: %s", error->message);
      show_text (self->detail, _ ("The table could not be saved there; choose another folder."));
    }
  else if (path != NULL)
    show_text (self->detail, _ ("The table is saved."));
  g_object_unref (dialog);
}

static void
on_csv_cb (PlazaStickDialog *self)
{
  GtkFileChooserNative *dialog = gtk_file_chooser_native_new (
      _ ("Save as CSV"), GTK_WINDOW (self), GTK_FILE_CHOOSER_ACTION_SAVE, _ ("_Save"), NULL);

  /* Translators: the name of a file */
  gtk_file_chooser_set_current_name (GTK_FILE_CHOOSER (dialog), _ ("envelopes.csv"));
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (dialog), TRUE);
  g_signal_connect_object (dialog, "response", G_CALLBACK (on_csv_chosen_cb), self,
                           G_CONNECT_SWAPPED);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (dialog));
}

/* Closing */

static void
on_close_answer_cb (PlazaStickDialog *self, const char *answer)
{
  if (g_strcmp0 (answer, "stop") != 0)
    return;
  self->closing = TRUE;
  if (plaza_stick_is_working (self->stick))
    g_cancellable_cancel (self->cancellable);
  else
    gtk_window_destroy (GTK_WINDOW (self));
}

static void
ask_to_close (PlazaStickDialog *self)
{
  GtkWidget *dialog = adw_message_dialog_new (
      GTK_WINDOW (self), _ ("Stop here?"), plaza_stick_words_stop (self->mode, self->delivering));

  adw_message_dialog_add_responses (ADW_MESSAGE_DIALOG (dialog), "go-on", _ ("_Go on"), "stop",
                                    self->delivering ? _ ("_Close") : _ ("_Stop"), NULL);
  adw_message_dialog_set_default_response (ADW_MESSAGE_DIALOG (dialog), "go-on");
  adw_message_dialog_set_close_response (ADW_MESSAGE_DIALOG (dialog), "go-on");
  g_signal_connect_object (dialog, "response", G_CALLBACK (on_close_answer_cb), self,
                           G_CONNECT_SWAPPED);
  plaza_ask (dialog);
}

static gboolean
plaza_stick_dialog_close_request (GtkWindow *window)
{
  PlazaStickDialog *self = PLAZA_STICK_DIALOG (window);

  if (is_working (self) && !self->closing)
    {
      ask_to_close (self);
      return TRUE;
    }
  return GTK_WINDOW_CLASS (plaza_stick_dialog_parent_class)->close_request (window);
}

static void
on_close_cb (PlazaStickDialog *self)
{
  gtk_window_close (GTK_WINDOW (self));
}

/* Making it */

/* Few contacts wait for others to travel with, unless nobody else will come. */
static gboolean
has_contacts (PlazaProfile *profile)
{
  PlazaCounts counts = { 0 };

  return plaza_store_get_counts (plaza_profile_get_store (profile), &counts, NULL) &&
         counts.contacts_waiting > 0;
}

/* What everybody comes for is the stick, not the switch above it. */
static void
focus_choice (PlazaStickDialog *self)
{
  GtkWidget *drive = gtk_widget_get_first_child (GTK_WIDGET (self->drives));

  gtk_window_set_focus (GTK_WINDOW (self), drive != NULL ? drive : self->other_button);
}

PlazaStickDialog *
plaza_stick_dialog_new (PlazaWindow *window, PlazaStickDialogMode mode)
{
  PlazaStickDialog *self = g_object_new (PLAZA_TYPE_STICK_DIALOG, "transient-for", window, "title",
                                         plaza_stick_words_title (mode), NULL);

  self->mode = mode;
  self->profile = g_object_ref (plaza_window_get_profile (window));
  self->delivery = g_object_ref (plaza_window_get_delivery (window));
  self->stick = plaza_stick_new (plaza_profile_get_data_root (self->profile), self->profile);
  g_signal_connect_object (self->stick, "notify", G_CALLBACK (on_stick_notify_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->delivery, "notify", G_CALLBACK (on_delivery_cb), self,
                           G_CONNECT_SWAPPED);
  gtk_label_set_label (self->choose_words, plaza_stick_words_explain (mode));
  gtk_widget_set_visible (GTK_WIDGET (self->hand_in),
                          is_saving (self) && has_contacts (self->profile));
  self->monitor = g_volume_monitor_get ();
  g_signal_connect_object (self->monitor, "mount-added", G_CALLBACK (list_drives), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->monitor, "mount-removed", G_CALLBACK (list_drives), self,
                           G_CONNECT_SWAPPED);
  list_drives (self);
  focus_choice (self);
  plaza_button_text_wrap (GTK_WIDGET (self));
  plaza_window_fit (window, GTK_WINDOW (self));
  return self;
}

static void
plaza_stick_dialog_dispose (GObject *object)
{
  PlazaStickDialog *self = PLAZA_STICK_DIALOG (object);

  /* Work that is on goes on: it needs nobody's passphrase, and what it does counts. */
  g_clear_object (&self->delivery);
  g_clear_object (&self->monitor);
  gtk_widget_dispose_template (GTK_WIDGET (object), PLAZA_TYPE_STICK_DIALOG);
  G_OBJECT_CLASS (plaza_stick_dialog_parent_class)->dispose (object);
}

static void
plaza_stick_dialog_finalize (GObject *object)
{
  PlazaStickDialog *self = PLAZA_STICK_DIALOG (object);

  g_clear_pointer (&self->upload, plaza_upload_free);
  g_clear_object (&self->cancellable);
  g_clear_object (&self->stick);
  g_clear_object (&self->files);
  g_clear_object (&self->profile);
  G_OBJECT_CLASS (plaza_stick_dialog_parent_class)->finalize (object);
}

static void
plaza_stick_dialog_class_init (PlazaStickDialogClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  object_class->dispose = plaza_stick_dialog_dispose;
  object_class->finalize = plaza_stick_dialog_finalize;
  GTK_WINDOW_CLASS (class)->close_request = plaza_stick_dialog_close_request;

  g_type_ensure (PLAZA_TYPE_FILE_ROW);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/gobabiertomx/Plaza/stick-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, PlazaStickDialog, pages);
  gtk_widget_class_bind_template_child (widget_class, PlazaStickDialog, choose_words);
  gtk_widget_class_bind_template_child (widget_class, PlazaStickDialog, hand_in);
  gtk_widget_class_bind_template_child (widget_class, PlazaStickDialog, drives);
  gtk_widget_class_bind_template_child (widget_class, PlazaStickDialog, no_drives);
  gtk_widget_class_bind_template_child (widget_class, PlazaStickDialog, other_button);
  gtk_widget_class_bind_template_child (widget_class, PlazaStickDialog, message);
  gtk_widget_class_bind_template_child (widget_class, PlazaStickDialog, progress);
  gtk_widget_class_bind_template_child (widget_class, PlazaStickDialog, stop_button);
  gtk_widget_class_bind_template_child (widget_class, PlazaStickDialog, heading);
  gtk_widget_class_bind_template_child (widget_class, PlazaStickDialog, words);
  gtk_widget_class_bind_template_child (widget_class, PlazaStickDialog, detail);
  gtk_widget_class_bind_template_child (widget_class, PlazaStickDialog, files_box);
  gtk_widget_class_bind_template_child (widget_class, PlazaStickDialog, files_view);
  gtk_widget_class_bind_template_child (widget_class, PlazaStickDialog, csv_button);
  gtk_widget_class_bind_template_child (widget_class, PlazaStickDialog, close_button);
  gtk_widget_class_bind_template_callback (widget_class, on_drive_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_other_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_stop_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_csv_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_close_cb);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
}

static void
plaza_stick_dialog_init (PlazaStickDialog *self)
{
  g_autoptr (GtkNoSelection) selection = NULL;

  gtk_widget_init_template (GTK_WIDGET (self));
  self->files = g_list_store_new (PLAZA_TYPE_FILE_ROW);
  selection = gtk_no_selection_new (G_LIST_MODEL (g_object_ref (self->files)));
  gtk_list_view_set_model (self->files_view, GTK_SELECTION_MODEL (selection));
}
