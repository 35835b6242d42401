/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * PlazaMedia: where a form finds the files it names (`jr://file-csv/x.csv`, `jr://file/x.xml`,
 * `jr://images/x.png`): a directory, the files of a campaign package held in memory, or both (what
 * is in memory wins). Immutable once a form was loaded with it; safe to share between threads
 * then.
 */
#define PLAZA_TYPE_MEDIA (plaza_media_get_type ())
G_DECLARE_FINAL_TYPE (PlazaMedia, plaza_media, PLAZA, MEDIA, GObject)

/** plaza_media_new: an empty one; add files with plaza_media_add(). */
PlazaMedia *plaza_media_new (void);

/** plaza_media_new_for_directory: reads from @path when asked; @path need not exist. */
PlazaMedia *plaza_media_new_for_directory (const char *path);

/** plaza_media_add_directory: looks in @path too, after the earlier ones. */
void plaza_media_add_directory (PlazaMedia *self, const char *path);

/** plaza_media_add: holds @bytes under the plain file name @name, replacing an earlier one. */
void plaza_media_add (PlazaMedia *self, const char *name, GBytes *bytes);

/**
 * plaza_media_read: the bytes behind @uri (`jr://<anything>/<name>` or a plain name).
 *
 * Returns: (transfer full): or NULL with PLAZA_ERROR_INVALID (a name with a slash, or one that
 * begins with a dot), PLAZA_ERROR_NOT_FOUND, PLAZA_ERROR_LIMIT (over @max_bytes) or a
 * G_IO_ERROR. Blocks on the disk.
 */
GBytes *plaza_media_read (PlazaMedia *self, const char *uri, gsize max_bytes, GError **error);

G_END_DECLS
