/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-sync"

#include "sync/delivery-private.h"

#include "base/error.h"
#include "base/random.h"

#define BACKOFF_BASE_MS 2000u
#define BACKOFF_CAP_MS (15u * 60 * 1000)
/* Contacts leave long after the responses beside them, so an idle delivery looks again by itself.
 */
#define IDLE_LOOK_MS (10u * 60 * 1000)
/* Pieces follow each other without a pause, so small ones cost little, and a cut even less. */
#define PIECE_LOW_SECONDS 1.0
#define PIECE_HIGH_SECONDS 8.0

G_DEFINE_FINAL_TYPE (PlazaDelivery, plaza_delivery, G_TYPE_OBJECT)

guint
plaza_delivery_backoff (guint attempt, double draw, guint retry_after)
{
  guint64 ceiling = (guint64) BACKOFF_BASE_MS << MIN (attempt, 16);
  guint wait = (guint) (draw * (double) MIN (ceiling, BACKOFF_CAP_MS));
  guint asked = retry_after >= BACKOFF_CAP_MS / 1000 ? BACKOFF_CAP_MS : retry_after * 1000;

  return MAX (wait, asked);
}

/* Whether and when the next round begins */

gboolean
plaza_delivery_find_pause (PlazaDelivery *self, PlazaDeliveryProblem *out)
{
  *out = PLAZA_DELIVERY_NO_PROBLEM;
  if (self->round_task || self->urgent)
    return FALSE;
  if (self->held)
    return TRUE;
  if (self->power && plaza_power_get_low (self->power))
    *out = PLAZA_DELIVERY_BATTERY;
  else if (!self->over_metered && self->monitor &&
           g_network_monitor_get_network_metered (self->monitor))
    *out = PLAZA_DELIVERY_METERED;
  return *out != PLAZA_DELIVERY_NO_PROBLEM;
}

static gboolean
on_timer (gpointer user_data)
{
  PlazaDelivery *self = user_data;

  self->timer = 0;
  plaza_delivery_begin_round (self);
  return G_SOURCE_REMOVE;
}

static void
begin_after (PlazaDelivery *self, guint milliseconds)
{
  g_clear_handle_id (&self->timer, g_source_remove);
  self->timer = g_timeout_add (milliseconds, on_timer, self);
}

/* Whether anything would go if it might: what is packed was counted, the store knows the rest. */
static gboolean
has_waiting (PlazaDelivery *self)
{
  PlazaStore *store = plaza_profile_get_store (self->profile);
  PlazaCounts counts = { 0 };

  if (store && !plaza_store_get_counts (store, &counts, NULL))
    return TRUE;
  return self->waiting > 0 || counts.waiting > 0 || counts.other_waiting > 0;
}

static void
settle_running (PlazaDelivery *self, gboolean failed, PlazaDeliveryProblem problem)
{
  PlazaDeliveryProblem why;
  gboolean paused = plaza_delivery_find_pause (self, &why);
  guint wait = 0;

  if (failed)
    {
      guint64 bits;
      plaza_random_fill (&bits, sizeof bits);
      wait = plaza_delivery_backoff (self->attempt, (double) (bits >> 11) / (1ull << 53),
                                     self->retry_after);
      self->attempt++;
    }
  else
    self->attempt = 0;

  PLAZA_DELIVERY_SET (self, paused, paused, PAUSED);
  if (!failed && paused && has_waiting (self))
    {
      /* What changes its mind begins the next round. */
      plaza_delivery_set_problem (self, why);
      plaza_delivery_set_state (self, PLAZA_DELIVERY_WAITING);
      return;
    }
  plaza_delivery_set_problem (self, problem);
  if (failed)
    {
      if (!self->revoked)
        begin_after (self, wait);
      PLAZA_DELIVERY_SET (self, next_try, (gint64) (wait + 999) / 1000, NEXT_TRY);
      plaza_delivery_set_state (self, PLAZA_DELIVERY_WAITING);
      return;
    }
  self->urgent = FALSE;
  begin_after (self, self->again ? 0 : IDLE_LOOK_MS);
  plaza_delivery_set_state (self, PLAZA_DELIVERY_IDLE);
}

void
plaza_delivery_settle (PlazaDelivery *self)
{
  g_autoptr (GError) error = g_steal_pointer (&self->error);
  g_autoptr (GTask) task = g_steal_pointer (&self->round_task);
  PlazaDeliveryProblem problem = error ? self->error_problem : PLAZA_DELIVERY_NO_PROBLEM;

  if (error)
    g_debug ("the round ended: %s", error->message);
  plaza_delivery_update_progress (self);
  if (self->running && !self->stopping)
    settle_running (self, error != NULL, problem);
  else
    {
      plaza_delivery_set_problem (self, problem);
      plaza_delivery_set_state (self, PLAZA_DELIVERY_STOPPED);
    }
  if (task && error)
    g_task_return_error (task, g_steal_pointer (&error));
  else if (task)
    g_task_return_boolean (task, TRUE);
  if (self->stopping)
    {
      g_autoptr (GPtrArray) tasks = self->stop_tasks;
      self->stop_tasks = g_ptr_array_new_with_free_func (g_object_unref);
      self->stopping = self->running = self->urgent = FALSE;
      for (guint i = 0; i < tasks->len; i++)
        g_task_return_boolean (tasks->pdata[i], TRUE);
    }
}

/* Something that may pause the delivery has changed, either way. */
static void
reconsider (PlazaDelivery *self)
{
  PlazaDeliveryProblem why;
  gboolean paused = plaza_delivery_find_pause (self, &why);

  if (!self->running || self->stopping)
    return;
  if (self->in_round)
    {
      PLAZA_DELIVERY_SET (self, paused, paused, PAUSED);
      plaza_delivery_pump (self);
    }
  else if (paused != self->paused || (paused && why != self->problem))
    plaza_delivery_begin_round (self);
}

static void
on_network_changed (GNetworkMonitor *monitor, gboolean available, gpointer user_data)
{
  PlazaDelivery *self = user_data;

  self->network_changed = TRUE;
  self->attempt = 0;
  if (!self->running || self->stopping || self->revoked)
    return;
  /* A hint only: the monitor may be wrong either way, so "not available" stops nothing. */
  if (self->in_round && self->client)
    plaza_client_hurry (self->client);
  else if (available && self->state == PLAZA_DELIVERY_WAITING)
    plaza_delivery_begin_round (self);
}

static void
watch_surroundings (PlazaDelivery *self)
{
  if (!self->monitor)
    self->monitor = g_object_ref (g_network_monitor_get_default ());
  if (!self->power)
    self->power = plaza_power_new ();
  g_signal_connect_object (self->monitor, "network-changed", G_CALLBACK (on_network_changed), self,
                           0);
  g_signal_connect_object (self->monitor, "notify::network-metered", G_CALLBACK (reconsider), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->power, "notify::low", G_CALLBACK (reconsider), self,
                           G_CONNECT_SWAPPED);
}

static void
ignore_surroundings (PlazaDelivery *self)
{
  if (self->monitor)
    g_signal_handlers_disconnect_by_data (self->monitor, self);
  if (self->power)
    g_signal_handlers_disconnect_by_data (self->power, self);
}

/* What others call */

void
plaza_delivery_start (PlazaDelivery *self)
{
  g_return_if_fail (PLAZA_IS_DELIVERY (self));
  g_return_if_fail (!self->round_task);

  if (self->running)
    return;
  self->running = TRUE;
  self->attempt = 0;
  ignore_surroundings (self);
  watch_surroundings (self);
  plaza_delivery_begin_round (self);
}

void
plaza_delivery_now (PlazaDelivery *self)
{
  g_return_if_fail (PLAZA_IS_DELIVERY (self));

  if (!self->running || self->stopping)
    return;
  self->attempt = 0;
  self->urgent = TRUE;
  self->held = self->revoked = FALSE;
  PLAZA_DELIVERY_SET (self, paused, FALSE, PAUSED);
  if (self->in_round)
    {
      self->again = TRUE;
      return;
    }
  plaza_delivery_set_problem (self, PLAZA_DELIVERY_NO_PROBLEM);
  plaza_delivery_begin_round (self);
}

void
plaza_delivery_wake (PlazaDelivery *self)
{
  g_return_if_fail (PLAZA_IS_DELIVERY (self));

  if (!self->running || self->stopping || self->revoked)
    return;
  if (self->in_round)
    self->again = TRUE;
  else
    plaza_delivery_begin_round (self);
}

void
plaza_delivery_set_paused (PlazaDelivery *self, gboolean paused)
{
  g_return_if_fail (PLAZA_IS_DELIVERY (self));

  self->held = paused;
  if (paused)
    self->urgent = FALSE;
  reconsider (self);
}

void
plaza_delivery_set_over_metered (PlazaDelivery *self, gboolean allowed)
{
  g_return_if_fail (PLAZA_IS_DELIVERY (self));

  PLAZA_DELIVERY_SET (self, over_metered, allowed, OVER_METERED);
  reconsider (self);
}

static void
on_stop_cancelled (GCancellable *caller, gpointer user_data)
{
  PlazaDelivery *self = user_data;

  if (self->cancellable)
    g_cancellable_cancel (self->cancellable);
}

void
plaza_delivery_stop_async (PlazaDelivery *self,
                           GCancellable *cancellable,
                           GAsyncReadyCallback callback,
                           gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, callback, user_data);

  g_return_if_fail (PLAZA_IS_DELIVERY (self));
  g_clear_handle_id (&self->timer, g_source_remove);
  ignore_surroundings (self);
  if (!self->in_round)
    {
      self->running = self->urgent = FALSE;
      PLAZA_DELIVERY_SET (self, next_try, 0, NEXT_TRY);
      plaza_delivery_set_state (self, PLAZA_DELIVERY_STOPPED);
      g_task_return_boolean (task, TRUE);
      return;
    }
  self->stopping = self->halted = TRUE;
  g_ptr_array_add (self->stop_tasks, g_steal_pointer (&task));
  if (cancellable && g_cancellable_is_cancelled (cancellable))
    g_cancellable_cancel (self->cancellable);
  else if (cancellable)
    g_signal_connect_object (cancellable, "cancelled", G_CALLBACK (on_stop_cancelled), self, 0);
}

gboolean
plaza_delivery_stop_finish (PlazaDelivery *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);
  return g_task_propagate_boolean (G_TASK (result), error);
}

void
plaza_delivery_round_async (PlazaDelivery *self,
                            GCancellable *cancellable,
                            GAsyncReadyCallback callback,
                            gpointer user_data)
{
  g_return_if_fail (PLAZA_IS_DELIVERY (self));
  g_return_if_fail (!self->running && !self->in_round);

  self->round_task = g_task_new (self, cancellable, callback, user_data);
  /* A round that delivered everything did so, whatever was cancelled just afterwards. */
  g_task_set_check_cancellable (self->round_task, FALSE);
  plaza_delivery_begin_round (self);
}

gboolean
plaza_delivery_round_finish (PlazaDelivery *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);
  return g_task_propagate_boolean (G_TASK (result), error);
}

void
plaza_delivery_set_hand_in (PlazaDelivery *self, gboolean hand_in)
{
  g_return_if_fail (PLAZA_IS_DELIVERY (self));
  self->hand_in = hand_in;
}

gboolean
plaza_delivery_take_back (PlazaDelivery *self, GError **error)
{
  g_return_val_if_fail (PLAZA_IS_DELIVERY (self), FALSE);
  g_return_val_if_fail (!self->in_round, FALSE);

  g_autoptr (GPtrArray) items = plaza_outbox_list (
      self->data_root, plaza_profile_get_campaign_fingerprint (self->profile), error);
  if (!items)
    return FALSE;
  for (guint i = 0; i < items->len; i++)
    {
      const PlazaOutboxItem *item = items->pdata[i];
      if (item->refused && !plaza_outbox_set_aside (item, NULL, error))
        return FALSE;
    }
  g_hash_table_remove_all (self->refusals);
  return TRUE;
}

PlazaDelivery *
plaza_delivery_new (PlazaProfile *profile)
{
  PlazaDelivery *self = g_object_new (PLAZA_TYPE_DELIVERY, NULL);

  self->profile = g_object_ref (profile);
  self->data_root = g_strdup (plaza_profile_get_data_root (profile));
  self->profile_id = g_strdup (plaza_profile_get_id (profile));
  return self;
}

static void
plaza_delivery_finalize (GObject *object)
{
  PlazaDelivery *self = PLAZA_DELIVERY (object);

  g_clear_handle_id (&self->timer, g_source_remove);
  g_clear_handle_id (&self->sampler, g_source_remove);
  g_clear_object (&self->client);
  g_clear_object (&self->monitor);
  g_clear_object (&self->power);
  g_clear_object (&self->profile);
  g_ptr_array_unref (self->stop_tasks);
  g_hash_table_unref (self->known);
  g_hash_table_unref (self->refusals);
  g_hash_table_unref (self->begun);
  g_free (self->data_root);
  g_free (self->profile_id);
  g_free (self->message);
  G_OBJECT_CLASS (plaza_delivery_parent_class)->finalize (object);
}

static void
plaza_delivery_class_init (PlazaDeliveryClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = plaza_delivery_finalize;
  plaza_delivery_install_properties (G_OBJECT_CLASS (klass));
  g_signal_new ("receipt", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                G_TYPE_NONE, 2, G_TYPE_STRING, G_TYPE_STRING);
}

static void
plaza_delivery_init (PlazaDelivery *self)
{
  g_queue_init (&self->queue);
  for (guint i = 0; i < PLAZA_DELIVERY_SLOTS; i++)
    self->slots[i].delivery = self;
  self->progress = 1;
  self->message = g_strdup ("");
  self->stop_tasks = g_ptr_array_new_with_free_func (g_object_unref);
  self->known = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->refusals = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->begun = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  plaza_pace_init (&self->pace);
  plaza_pace_set_seconds (&self->pace, PIECE_LOW_SECONDS, PIECE_HIGH_SECONDS);
}
