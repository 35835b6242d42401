/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-sync"

#include "sync/campaign-watch.h"

#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "sync/campaign-update.h"

/* Not in the first moments, when somebody wants to begin to work. */
#define FIRST_SECONDS 5
#define LOOK_SECONDS (10 * 60)
#define EVERY_MS (PLAZA_CAMPAIGN_WATCH_HOURS * 60 * 60 * G_GINT64_CONSTANT (1000))

struct _PlazaCampaignWatch
{
  GObject parent_instance;
  PlazaProfile *profile;
  GCancellable *cancellable; /* of what is asked by itself */
  GNetworkMonitor *monitor;
  PlazaClient *client; /* or NULL: one of its own each time */
  guint timer;
  gboolean asking;
};

G_DEFINE_FINAL_TYPE (PlazaCampaignWatch, plaza_campaign_watch, G_TYPE_OBJECT)

/* When the central last answered stands in a file, since a profile is open for minutes only. */

static char *
asked_path (PlazaCampaignWatch *self)
{
  g_autofree char *name =
      g_strconcat (plaza_profile_get_campaign_fingerprint (self->profile), ".asked", NULL);

  return g_build_filename (plaza_profile_get_data_root (self->profile), "campaigns", name, NULL);
}

static void
note_answer (PlazaCampaignWatch *self)
{
  g_autofree char *path = asked_path (self);
  char *text = g_strdup_printf ("%" G_GINT64_FORMAT "\n", plaza_clock_now_ms ());
  g_autoptr (GBytes) bytes = g_bytes_new_take (text, strlen (text));
  g_autoptr (GError) error = NULL;

  if (!plaza_file_write (path, bytes, &error))
    g_warning ("noting that the campaign was asked for: %s", error->message);
}

gboolean
plaza_campaign_watch_is_due (PlazaCampaignWatch *self)
{
  g_autofree char *path = asked_path (self);
  g_autoptr (GBytes) bytes = plaza_file_read (path, 64, NULL);
  g_autofree char *text = NULL;
  gint64 asked, now = plaza_clock_now_ms ();

  if (bytes == NULL || plaza_profile_is_campaign_damaged (self->profile))
    return TRUE;
  text = g_strndup (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  asked = g_ascii_strtoll (text, NULL, 10);
  /* A clock that was set back must not put it off for years. */
  return asked > now || now - asked >= EVERY_MS;
}

/* One asking */

typedef struct
{
  PlazaClient *client;
  PlazaCampaign *current;
  PlazaCampaign *brought; /* what is to be kept: a newer one, or the current one once more */
  char *data_root;
  PlazaCampaignTaken taken;
} Check;

static void
check_free (gpointer data)
{
  Check *check = data;

  g_clear_object (&check->client);
  g_clear_pointer (&check->current, plaza_campaign_unref);
  g_clear_pointer (&check->brought, plaza_campaign_unref);
  g_free (check->data_root);
  g_free (check);
}

static void
take_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Check *check = data;
  GError *error = NULL;

  if (plaza_campaign_take (check->data_root, check->current->fingerprint,
                           plaza_campaign_package (check->brought), &check->taken, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
on_taken (GObject *source, GAsyncResult *result, gpointer user_data)
{
  PlazaCampaignWatch *self = PLAZA_CAMPAIGN_WATCH (source);
  g_autoptr (GTask) task = user_data;
  Check *check = g_task_get_task_data (task);
  GError *error = NULL;

  self->asking = FALSE;
  if (!g_task_propagate_boolean (G_TASK (result), &error) ||
      !plaza_profile_refresh_campaign (self->profile, &error))
    g_task_return_error (task, error);
  else
    g_task_return_boolean (task, check->taken == PLAZA_CAMPAIGN_TAKEN);
}

static void
on_updated (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  PlazaCampaignWatch *self = g_task_get_source_object (task);
  Check *check = g_task_get_task_data (task);
  g_autoptr (GTask) taking = NULL;
  GError *error = NULL;

  if (!plaza_campaign_update_finish (PLAZA_CLIENT (source), result, &check->brought, &error))
    {
      self->asking = FALSE;
      g_task_return_error (task, error);
      return;
    }
  note_answer (self);
  if (check->brought == NULL && !plaza_profile_is_campaign_damaged (self->profile))
    {
      self->asking = FALSE;
      g_task_return_boolean (task, FALSE);
      return;
    }
  /* What the central has is what is read from the copy: then the copy mends the file. */
  if (check->brought == NULL)
    check->brought = plaza_campaign_ref (check->current);
  taking = g_task_new (self, NULL, on_taken, g_object_ref (task));
  g_task_set_task_data (taking, check, NULL);
  g_task_run_in_thread (taking, take_thread);
}

void
plaza_campaign_watch_check_async (PlazaCampaignWatch *self,
                                  GCancellable *cancellable,
                                  GAsyncReadyCallback callback,
                                  gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  PlazaCampaign *campaign = plaza_profile_get_campaign (self->profile);
  Check *check;
  GError *error = NULL;

  g_return_if_fail (PLAZA_IS_CAMPAIGN_WATCH (self));
  g_task_set_source_tag (task, plaza_campaign_watch_check_async);
  /* What was taken is there, whoever cancels meanwhile. */
  g_task_set_check_cancellable (task, FALSE);
  if (campaign == NULL || self->asking)
    {
      g_task_return_new_error (task, PLAZA_ERROR,
                               campaign == NULL ? PLAZA_ERROR_LOCKED : PLAZA_ERROR_BUSY,
                               "the campaign cannot be asked for now");
      return;
    }
  check = g_new0 (Check, 1);
  check->current = plaza_campaign_ref (campaign);
  check->data_root = g_strdup (plaza_profile_get_data_root (self->profile));
  g_task_set_task_data (task, check, check_free);
  check->client =
      self->client ? g_object_ref (self->client) : plaza_client_new_for_campaign (campaign, &error);
  if (check->client == NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  self->asking = TRUE;
  plaza_campaign_update_async (check->client, campaign, check->data_root, cancellable, on_updated,
                               g_object_ref (task));
}

gboolean
plaza_campaign_watch_check_finish (PlazaCampaignWatch *self,
                                   GAsyncResult *result,
                                   gboolean *out_newer,
                                   GError **error)
{
  g_autoptr (GError) local = NULL;
  gboolean newer = g_task_propagate_boolean (G_TASK (result), &local);

  if (out_newer != NULL)
    *out_newer = newer;
  if (local == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

/* By itself */

static void
on_checked (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;

  if (!plaza_campaign_watch_check_finish (PLAZA_CAMPAIGN_WATCH (source), result, NULL, &error))
    g_debug ("the campaign was not asked for: %s", error->message);
}

void
plaza_campaign_watch_now (PlazaCampaignWatch *self)
{
  g_return_if_fail (PLAZA_IS_CAMPAIGN_WATCH (self));

  if (!self->asking && plaza_profile_is_unlocked (self->profile))
    plaza_campaign_watch_check_async (self, self->cancellable, on_checked, NULL);
}

static gboolean
on_timer (gpointer user_data)
{
  PlazaCampaignWatch *self = user_data;

  if (plaza_campaign_watch_is_due (self))
    plaza_campaign_watch_now (self);
  self->timer = g_timeout_add_seconds (LOOK_SECONDS, on_timer, self);
  return G_SOURCE_REMOVE;
}

static void
on_network_changed (PlazaCampaignWatch *self, gboolean available)
{
  if (available && self->timer != 0 && plaza_campaign_watch_is_due (self))
    plaza_campaign_watch_now (self);
}

void
plaza_campaign_watch_start (PlazaCampaignWatch *self)
{
  g_return_if_fail (PLAZA_IS_CAMPAIGN_WATCH (self));

  if (self->timer == 0)
    self->timer = g_timeout_add_seconds (FIRST_SECONDS, on_timer, self);
}

void
plaza_campaign_watch_stop (PlazaCampaignWatch *self)
{
  g_return_if_fail (PLAZA_IS_CAMPAIGN_WATCH (self));

  g_clear_handle_id (&self->timer, g_source_remove);
  g_cancellable_cancel (self->cancellable);
}

PlazaCampaignWatch *
plaza_campaign_watch_new (PlazaProfile *profile)
{
  PlazaCampaignWatch *self = g_object_new (PLAZA_TYPE_CAMPAIGN_WATCH, NULL);

  self->profile = g_object_ref (profile);
  return self;
}

void
plaza_campaign_watch_set_client (PlazaCampaignWatch *self, PlazaClient *client)
{
  g_return_if_fail (PLAZA_IS_CAMPAIGN_WATCH (self));
  g_set_object (&self->client, client);
}

static void
plaza_campaign_watch_dispose (GObject *object)
{
  PlazaCampaignWatch *self = PLAZA_CAMPAIGN_WATCH (object);

  g_clear_handle_id (&self->timer, g_source_remove);
  g_clear_object (&self->cancellable);
  g_clear_object (&self->client);
  g_clear_object (&self->profile);
  G_OBJECT_CLASS (plaza_campaign_watch_parent_class)->dispose (object);
}

static void
plaza_campaign_watch_class_init (PlazaCampaignWatchClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = plaza_campaign_watch_dispose;
}

static void
plaza_campaign_watch_init (PlazaCampaignWatch *self)
{
  self->cancellable = g_cancellable_new ();
  self->monitor = g_network_monitor_get_default ();
  g_signal_connect_object (self->monitor, "network-changed", G_CALLBACK (on_network_changed), self,
                           G_CONNECT_SWAPPED);
}
