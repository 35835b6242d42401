/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-app"

#include "app/stick-files.h"

#include "app/file-row.h"

static void
add_file (GListStore *files, const char *icon, const char *path, char *words)
{
  g_autofree char *name = g_path_get_basename (path);
  g_autoptr (PlazaFileRow) row = plaza_file_row_new (icon, name, words);

  g_list_store_append (files, row);
  g_free (words);
}

void
plaza_stick_files_list_refusals (GListStore *files, PlazaStick *stick)
{
  GPtrArray *items = plaza_stick_get_items (stick);

  g_list_store_remove_all (files);
  for (guint i = 0; i < items->len; i++)
    {
      const PlazaStickItem *item = g_ptr_array_index (items, i);

      if (item->fate == PLAZA_STICK_REFUSED)
        add_file (files, "dialog-warning-symbolic", item->path,
                  g_strdup_printf ("%s: %s", plaza_stick_kind_words (item->kind),
                                   plaza_stick_reason_words (item->reason)));
    }
}

static const char *
icon_of (PlazaUploadFate fate)
{
  switch (fate)
    {
    case PLAZA_UPLOAD_TAKEN_IN:
      return "emblem-ok-symbolic";
    case PLAZA_UPLOAD_THERE:
      return "emblem-default-symbolic";
    case PLAZA_UPLOAD_REFUSED:
      return "dialog-warning-symbolic";
    case PLAZA_UPLOAD_WAITING:
    default:
      return "document-open-recent-symbolic";
    }
}

static char *
words_of (const PlazaUploadRow *row)
{
  g_autofree char *entries = plaza_upload_describe_entries (row->entries);
  const char *reason = row->reason != NULL ? plaza_upload_reason_words (row->reason) : entries;
  const char *fate = plaza_upload_fate_words (row->fate);

  return *reason != '\0' ? g_strdup_printf ("%s: %s", fate, reason) : g_strdup (fate);
}

void
plaza_stick_files_list_upload (GListStore *files, const PlazaUpload *upload)
{
  g_list_store_remove_all (files);
  /* Refused first: that is what somebody has to do something about. */
  for (int refused = 1; refused >= 0; refused--)
    for (guint i = 0; i < upload->rows->len; i++)
      {
        const PlazaUploadRow *row = g_ptr_array_index (upload->rows, i);

        if ((row->fate == PLAZA_UPLOAD_REFUSED) == (refused == 1))
          add_file (files, icon_of (row->fate), row->path, words_of (row));
      }
}
