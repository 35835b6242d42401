/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-app"

#include "app/upload-count.h"

typedef struct
{
  char *data_root;
  GPtrArray *items; /* of PlazaStickItem */
  gint64 started_ms;
} Counting;

static void
counting_free (gpointer data)
{
  Counting *counting = data;

  g_free (counting->data_root);
  g_ptr_array_unref (counting->items);
  g_free (counting);
}

static void
count_in_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  const Counting *counting = data;
  GError *error = NULL;
  PlazaUpload *upload =
      plaza_upload_new (counting->data_root, counting->items, counting->started_ms, &error);

  if (upload != NULL)
    g_task_return_pointer (task, upload, (GDestroyNotify) plaza_upload_free);
  else
    g_task_return_error (task, error);
}

void
plaza_upload_count_async (const char *data_root,
                          GPtrArray *items,
                          gint64 started_ms,
                          gpointer source,
                          GAsyncReadyCallback callback)
{
  g_autoptr (GTask) task = g_task_new (source, NULL, callback, NULL);
  Counting *counting = g_new0 (Counting, 1);

  counting->data_root = g_strdup (data_root);
  counting->items = g_ptr_array_ref (items);
  counting->started_ms = started_ms;
  g_task_set_task_data (task, counting, counting_free);
  g_task_run_in_thread (task, count_in_thread);
}

PlazaUpload *
plaza_upload_count_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
