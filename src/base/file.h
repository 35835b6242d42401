/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * plaza_file_write: puts @bytes at @path so that after a power cut there is the old file or the new
 * one, whole: temporary file in the same folder (mode 0600), fsync, rename, fsync of the folder.
 * Errors: PLAZA_ERROR_DISK when there is no room or the disk refuses, else G_IO_ERROR.
 */
gboolean plaza_file_write (const char *path, GBytes *bytes, GError **error);

/** plaza_file_write_new: as plaza_file_write(), PLAZA_ERROR_EXISTS when @path is there already. */
gboolean plaza_file_write_new (const char *path, GBytes *bytes, GError **error);

/**
 * plaza_file_read: the content of a regular file of at most @max_bytes. A symbolic link, FIFO,
 * folder or device is refused without blocking (PLAZA_ERROR_INVALID), a larger file before it is
 * read (PLAZA_ERROR_LIMIT), a missing one is PLAZA_ERROR_NOT_FOUND. Returns: (transfer full).
 */
GBytes *plaza_file_read (const char *path, gsize max_bytes, GError **error);

/** plaza_file_remove: unlinks and syncs the folder; a file that is not there is no error. */
gboolean plaza_file_remove (const char *path, GError **error);

/** plaza_dir_make: makes @path and its parents, new ones with mode 0700. */
gboolean plaza_dir_make (const char *path, GError **error);

/** plaza_dir_sync: makes durable what was made, moved and removed in @path. */
gboolean plaza_dir_sync (const char *path, GError **error);

/** plaza_dir_list: Returns: (transfer full): names of regular files with @suffix in @path, sorted.
 */
GStrv plaza_dir_list (const char *path, const char *suffix, GError **error);

G_END_DECLS
