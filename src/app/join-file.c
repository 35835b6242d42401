/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-app"

#include "config.h"

#include "app/join-file.h"

#include <glib/gi18n.h>
#include <string.h>

#include "app/qr-reader.h"
#include "app/words.h"
#include "base/file.h"
#include "sync/join.h"
#include "wire/campaign.h"

/* Largest join file; a campaign package has its own, larger, limit. */
#define JOIN_FILE_MAX_BYTES (64 * 1024)

void
plaza_join_file_free (PlazaJoinFile *self)
{
  g_free (self->folder);
  g_clear_pointer (&self->package, g_bytes_unref);
  g_free (self->text);
  g_free (self);
}

static PlazaJoinFile *
wrong_new (const char *complaint)
{
  PlazaJoinFile *self = g_new0 (PlazaJoinFile, 1);

  self->kind = PLAZA_JOIN_FILE_WRONG;
  self->complaint = complaint;
  return self;
}

static PlazaJoinFile *
folder_new (const char *path)
{
  PlazaJoinFile *self = g_new0 (PlazaJoinFile, 1);

  self->kind = PLAZA_JOIN_FILE_FOLDER;
  self->folder = g_strdup (path);
  return self;
}

/* A package lies on a stick beside its invitations. */
static PlazaJoinFile *
package_new (GFile *file, GBytes *bytes)
{
  PlazaJoinFile *self = g_new0 (PlazaJoinFile, 1);
  g_autoptr (GFile) parent = g_file_get_parent (file);
  g_autofree char *folder = parent != NULL ? g_file_get_path (parent) : NULL;
  g_auto (GStrv) lists =
      folder != NULL ? plaza_dir_list (folder, PLAZA_JOIN_KIT_INVITATIONS, NULL) : NULL;

  self->kind = PLAZA_JOIN_FILE_PACKAGE;
  self->package = g_bytes_ref (bytes);
  if (lists != NULL && *lists != NULL)
    self->folder = g_steal_pointer (&folder);
  return self;
}

/* (transfer full) @text */
static PlazaJoinFile *
invitation_new (char *text)
{
  PlazaJoinFile *self = g_new0 (PlazaJoinFile, 1);

  self->kind = PLAZA_JOIN_FILE_INVITATION;
  self->text = text;
  return self;
}

static PlazaJoinFile *
picture_new (GBytes *bytes)
{
  g_autoptr (GError) error = NULL;
  char *link = plaza_qr_reader_read (bytes, &error);

  if (link != NULL)
    return invitation_new (link);
  g_debug ("Reading a picture: %s", error->message);
  return wrong_new (_ ("No QR code could be read in this picture. Take it again, straight and with "
                       "good light, or ask for the file."));
}

static void
return_file (GTask *task, PlazaJoinFile *file)
{
  g_task_return_pointer (task, file, (GDestroyNotify) plaza_join_file_free);
}

static void
on_loaded_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = g_file_load_bytes_finish (G_FILE (source), result, NULL, &error);
  gsize size;
  const char *text;

  if (bytes == NULL)
    {
      g_debug ("Opening an invitation: %s", error->message);
      return_file (task, wrong_new (plaza_words_for_error (error)));
      return;
    }
  text = g_bytes_get_data (bytes, &size);
  if (size >= 8 && memcmp (text, "PLZCMP01", 8) == 0)
    return_file (task, package_new (G_FILE (source), bytes));
  else if (plaza_qr_reader_is_image (bytes))
    return_file (task, picture_new (bytes));
  else if (size == 0 || size > JOIN_FILE_MAX_BYTES)
    return_file (task, wrong_new (_ ("This file is not an invitation to a consultation.")));
  else
    return_file (task, invitation_new (g_strndup (text, size)));
}

static void
on_queried_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GFileInfo) info = g_file_query_info_finish (G_FILE (source), result, &error);

  if (info == NULL)
    return_file (task, wrong_new (plaza_words_for_error (error)));
  else if (g_file_info_get_file_type (info) == G_FILE_TYPE_DIRECTORY &&
           g_file_peek_path (G_FILE (source)) != NULL)
    return_file (task, folder_new (g_file_peek_path (G_FILE (source))));
  else if (g_file_info_get_file_type (info) != G_FILE_TYPE_REGULAR ||
           g_file_info_get_size (info) > PLAZA_CAMPAIGN_MAX_BYTES)
    return_file (task, wrong_new (_ ("This file is not an invitation to a consultation.")));
  else
    g_file_load_bytes_async (G_FILE (source), NULL, on_loaded_cb, g_steal_pointer (&task));
}

void
plaza_join_file_read_async (GFile *file, GAsyncReadyCallback callback, gpointer data)
{
  g_file_query_info_async (file, G_FILE_ATTRIBUTE_STANDARD_TYPE "," G_FILE_ATTRIBUTE_STANDARD_SIZE,
                           G_FILE_QUERY_INFO_NONE, G_PRIORITY_DEFAULT, NULL, on_queried_cb,
                           g_task_new (file, NULL, callback, data));
}

PlazaJoinFile *
plaza_join_file_read_finish (GAsyncResult *result)
{
  return g_task_propagate_pointer (G_TASK (result), NULL);
}

GtkFileChooserNative *
plaza_join_file_chooser_new (GtkWindow *window)
{
  g_autoptr (GtkFileFilter) filter = gtk_file_filter_new ();
  GtkFileChooserNative *dialog = gtk_file_chooser_native_new (
      _ ("Open an invitation"), window, GTK_FILE_CHOOSER_ACTION_OPEN, NULL, NULL);

  gtk_file_filter_set_name (filter, _ ("Invitations and campaigns"));
  gtk_file_filter_add_suffix (filter, "plazajoin");
  gtk_file_filter_add_suffix (filter, "plzcmp");
  gtk_file_filter_add_mime_type (filter, "image/png");
  gtk_file_filter_add_mime_type (filter, "image/jpeg");
  gtk_file_chooser_add_filter (GTK_FILE_CHOOSER (dialog), filter);
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (dialog), TRUE);
  return dialog;
}

GtkFileChooserNative *
plaza_join_file_folder_chooser_new (GtkWindow *window)
{
  GtkFileChooserNative *dialog =
      gtk_file_chooser_native_new (_ ("Choose the USB stick or folder"), window,
                                   GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER, _ ("_Choose"), NULL);

  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (dialog), TRUE);
  return dialog;
}
