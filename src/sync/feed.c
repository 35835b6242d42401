/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-sync"

#include "sync/feed.h"

#include "base/error.h"
#include "store/replica.h"
#include "wire/campaign.h"

typedef struct
{
  PlazaProfile *profile;
  PlazaStore *store;
  PlazaFeedProgress progress;
  gpointer progress_data;
  PlazaFeedCursor cursor;
  PlazaHash campaign;
  GBytes *bytes; /* of the page that is being verified */
  PlazaFeedPage *page;
  guint items;
} Pull;

static void
pull_free (gpointer data)
{
  Pull *pull = data;

  g_clear_object (&pull->profile);
  g_clear_object (&pull->store);
  g_clear_pointer (&pull->bytes, g_bytes_unref);
  g_clear_pointer (&pull->page, plaza_feed_page_free);
  g_free (pull);
}

static void ask (GTask *task);

static void
on_kept (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Pull *pull = g_task_get_task_data (task);
  GError *error = NULL;
  gboolean more;

  if (!plaza_replica_take_finish (PLAZA_STORE (source), result, &error))
    {
      g_task_return_error (task, error);
      return;
    }
  pull->items += pull->page->items->len;
  pull->cursor = pull->page->next;
  more = pull->page->more;
  g_clear_pointer (&pull->page, plaza_feed_page_free);
  if (pull->progress != NULL)
    pull->progress (pull->items, pull->progress_data);
  if (g_task_return_error_if_cancelled (task))
    return;
  if (more)
    ask (g_steal_pointer (&task));
  else
    g_task_return_boolean (task, TRUE);
}

static void
verify_in_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  GTask *outer = data;
  Pull *pull = g_task_get_task_data (outer);
  PlazaCampaign *campaign = plaza_profile_get_campaign (pull->profile);
  GError *error = NULL;

  pull->page = plaza_feed_page_verify (
      pull->bytes, &pull->campaign, plaza_profile_get_enrolment (pull->profile)->device,
      &pull->cursor, &campaign->key_central_sign, &campaign->key_central_sign_spare, &error);
  if (pull->page != NULL)
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
on_verified (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Pull *pull = g_task_get_task_data (task);
  GError *error = NULL;

  g_clear_pointer (&pull->bytes, g_bytes_unref);
  if (g_task_propagate_boolean (G_TASK (result), &error))
    plaza_replica_take_async (pull->store, pull->page, NULL, on_kept, g_steal_pointer (&task));
  else
    g_task_return_error (task, error);
}

static void
on_page (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Pull *pull = g_task_get_task_data (task);
  g_autoptr (GTask) verifying = NULL;
  GError *error = NULL;

  pull->bytes = plaza_client_send_finish (PLAZA_CLIENT (source), result, &error);
  if (pull->bytes == NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  verifying = g_task_new (source, NULL, on_verified, g_object_ref (task));
  g_task_set_task_data (verifying, g_object_ref (task), g_object_unref);
  g_task_run_in_thread (verifying, verify_in_thread);
}

/* (transfer full) */
static void
ask (GTask *task)
{
  Pull *pull = g_task_get_task_data (task);
  g_autofree char *cursor = plaza_feed_cursor_to_string (&pull->cursor);
  g_autofree char *path = g_strconcat ("/v1/feed/", cursor, NULL);

  plaza_client_send_async (g_task_get_source_object (task), path, NULL, NULL, 200,
                           PLAZA_FEED_MEDIA_TYPE, PLAZA_FEED_MAX_BYTES,
                           g_task_get_cancellable (task), on_page, task);
}

void
plaza_feed_pull_async (PlazaClient *client,
                       PlazaProfile *profile,
                       PlazaFeedProgress progress,
                       gpointer progress_data,
                       GCancellable *cancellable,
                       GAsyncReadyCallback callback,
                       gpointer user_data)
{
  GTask *task = g_task_new (client, cancellable, callback, user_data);
  Pull *pull = g_new0 (Pull, 1);
  PlazaCampaign *campaign = plaza_profile_get_campaign (profile);
  GError *error = NULL;

  g_task_set_task_data (task, pull, pull_free);
  pull->profile = g_object_ref (profile);
  pull->progress = progress;
  pull->progress_data = progress_data;
  if (plaza_profile_get_enrolment (profile) == NULL)
    {
      g_task_return_new_error (task, PLAZA_ERROR, PLAZA_ERROR_REFUSED,
                               "the profile is not enrolled");
      g_object_unref (task);
      return;
    }
  pull->store = g_object_ref (plaza_profile_get_store (profile));
  plaza_hash_data (campaign->key_campaign.bytes, sizeof campaign->key_campaign.bytes,
                   &pull->campaign);
  if (plaza_replica_get_cursor (pull->store, &pull->cursor, &error))
    {
      ask (task);
      return;
    }
  g_task_return_error (task, error);
  g_object_unref (task);
}

gboolean
plaza_feed_pull_finish (PlazaClient *client, GAsyncResult *result, guint *out_items, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, client), FALSE);

  if (out_items != NULL)
    *out_items = ((Pull *) g_task_get_task_data (G_TASK (result)))->items;
  return g_task_propagate_boolean (G_TASK (result), error);
}
