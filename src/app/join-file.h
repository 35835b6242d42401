/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

typedef enum
{
  PLAZA_JOIN_FILE_FOLDER,     /* to look for a package and its invitations in */
  PLAZA_JOIN_FILE_PACKAGE,    /* a campaign package */
  PLAZA_JOIN_FILE_INVITATION, /* a link or a join file, also read from the picture of a QR code */
  PLAZA_JOIN_FILE_WRONG,      /* nothing to join by */
} PlazaJoinFileKind;

/** PlazaJoinFile: what a person opened to join a campaign by. */
typedef struct
{
  PlazaJoinFileKind kind;
  char *folder;    /* the folder; of a package, where it lies when invitations lie beside it */
  GBytes *package; /* not checked yet */
  char *text;      /* of an invitation, not parsed yet */
  const char *complaint; /* why it is wrong, in words for the person */
} PlazaJoinFile;

void plaza_join_file_free (PlazaJoinFile *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlazaJoinFile, plaza_join_file_free)

/** plaza_join_file_read_async: finds out what @file is; one that is too large is not read. */
void plaza_join_file_read_async (GFile *file, GAsyncReadyCallback callback, gpointer data);

/** plaza_join_file_read_finish: Returns: (transfer full): never NULL; what cannot be read is wrong.
 */
PlazaJoinFile *plaza_join_file_read_finish (GAsyncResult *result);

/** plaza_join_file_chooser_new: asks for an invitation or a campaign. (transfer full) */
GtkFileChooserNative *plaza_join_file_chooser_new (GtkWindow *window);

/** plaza_join_file_folder_chooser_new: asks for a USB stick or a folder. (transfer full) */
GtkFileChooserNative *plaza_join_file_folder_chooser_new (GtkWindow *window);

G_END_DECLS
