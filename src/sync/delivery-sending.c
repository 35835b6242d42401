/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-sync"

#include "sync/delivery-private.h"

#include "base/error.h"

/* One envelope: read → upload → verify and keep the receipt → absorb it. Two are on their way at a
 * time, so that the link is not idle while one waits for its receipt, and neither waits for the
 * other, nor the next ones for a receipt to be on disk. Reading, verifying and fsync happen in
 * threads. */

#define REFUSALS_TO_SET_ASIDE 2
/* Cuts of one envelope in one round, without any piece arriving, after which the others go on. */
#define CUTS_TO_LEAVE 2
/* Failures one after the other that say that it is the network, not an envelope. */
#define FAILURES_TO_END 3

guint
plaza_delivery_count_busy (PlazaDelivery *self)
{
  guint busy = 0;

  for (guint i = 0; i < PLAZA_DELIVERY_SLOTS; i++)
    if (self->slots[i].item)
      busy++;
  return busy;
}

static PlazaOutboxItem *
vacate (PlazaDeliverySlot *slot)
{
  slot->sent = 0;
  return g_steal_pointer (&slot->item);
}

/* The envelope in @slot is through with this round, delivered or not. */
static void
finish_slot (PlazaDeliverySlot *slot)
{
  PlazaDelivery *self = slot->delivery;
  g_autoptr (PlazaOutboxItem) item = vacate (slot);

  self->done_bytes += item->size;
  plaza_delivery_update_progress (self);
}

static void
count_down (PlazaDelivery *self)
{
  PLAZA_DELIVERY_SET (self, waiting, self->waiting - MIN (self->waiting, 1), WAITING);
}

/* Work in a thread on the slot's envelope, which stays where it is meanwhile. */

typedef struct
{
  PlazaDeliverySlot *slot;
  char *reason;
} Job;

static void
job_free (gpointer data)
{
  Job *job = data;

  g_free (job->reason);
  g_free (job);
}

static Job *
job_new (PlazaDeliverySlot *slot)
{
  Job *job = g_new0 (Job, 1);

  job->slot = slot;
  return job;
}

static void
run_job (Job *job, GTaskThreadFunc function, GAsyncReadyCallback callback)
{
  g_autoptr (GTask) task = g_task_new (job->slot->delivery, NULL, callback, job->slot);

  g_task_set_task_data (task, job, job_free);
  g_task_run_in_thread (task, function);
}

/* Receipts */

static void absorb (PlazaDelivery *self);

static void
on_absorbed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PlazaDelivery) self = user_data;
  GError *error = NULL;
  guint count = 0;

  self->absorbing = FALSE;
  if (!plaza_outbox_absorb_finish (PLAZA_STORE (source), result, &count, &error))
    plaza_delivery_fail (self, error, PLAZA_DELIVERY_LAPTOP);
  else if (self->absorb_again)
    absorb (self);
  if (count > 0)
    PLAZA_DELIVERY_SET (self, delivered, self->delivered + count, DELIVERED);
  plaza_delivery_pump (self);
}

static void
absorb (PlazaDelivery *self)
{
  PlazaStore *store = plaza_profile_get_store (self->profile);

  self->absorb_again = self->absorbing && store != NULL;
  /* Locked meanwhile: the receipt is kept, and unlocking takes it in. */
  if (self->absorbing || store == NULL)
    return;
  self->absorbing = TRUE;
  plaza_outbox_absorb_async (store, NULL, on_absorbed, g_object_ref (self));
}

/* A receipt on its way to the disk. */
typedef struct
{
  PlazaOutboxItem *item;
  PlazaCampaign *campaign;
  GBytes *receipt;
} Keeping;

static void
keeping_free (gpointer data)
{
  Keeping *keeping = data;

  plaza_outbox_item_free (keeping->item);
  plaza_campaign_unref (keeping->campaign);
  g_bytes_unref (keeping->receipt);
  g_free (keeping);
}

static void
keep_in_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Keeping *keeping = data;
  GError *error = NULL;

  if (plaza_outbox_keep_receipt (keeping->item, keeping->campaign, keeping->receipt, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
leave_unkept (PlazaDelivery *self, const PlazaOutboxItem *item, GError *error)
{
  PlazaDeliveryProblem problem = plaza_delivery_problem_of (error, NULL, FALSE);

  g_warning ("envelope %.12s… was not delivered: %s", item->envelope, error->message);
  if (problem == PLAZA_DELIVERY_RECEIPT)
    plaza_delivery_note (self, error, problem);
  else
    plaza_delivery_fail (self, error, problem);
}

static void
on_kept (GObject *source, GAsyncResult *result, gpointer user_data)
{
  PlazaDelivery *self = PLAZA_DELIVERY (source);
  const Keeping *keeping = g_task_get_task_data (G_TASK (result));
  const PlazaOutboxItem *item = keeping->item;
  gboolean own = g_str_equal (item->profile, self->profile_id);
  GError *error = NULL;

  self->keeping--;
  plaza_delivery_update_progress (self);
  if (!g_task_propagate_boolean (G_TASK (result), &error))
    {
      leave_unkept (self, item, error);
      plaza_delivery_pump (self);
      return;
    }

  self->failures = 0;
  self->attempt = 0;
  g_hash_table_remove (self->refusals, item->envelope);
  g_hash_table_remove (self->begun, item->envelope);
  g_signal_emit_by_name (self, "receipt", item->profile, item->envelope);
  plaza_delivery_set_problem (self, PLAZA_DELIVERY_NO_PROBLEM);
  count_down (self);
  if (own)
    absorb (self);
  else
    PLAZA_DELIVERY_SET (self, carried, self->carried + 1, CARRIED);
  plaza_delivery_pump (self);
}

/* The slot is free for the next one. */
static void
keep (PlazaDeliverySlot *slot, GBytes *receipt)
{
  PlazaDelivery *self = slot->delivery;
  g_autoptr (GTask) task = g_task_new (self, NULL, on_kept, NULL);
  Keeping *keeping = g_new0 (Keeping, 1);

  plaza_pace_delivered (&self->pace, slot->item->size, g_get_monotonic_time () - slot->begun_us,
                        plaza_delivery_count_busy (self) - 1);
  keeping->item = vacate (slot);
  /* Its bytes are there, whatever becomes of the receipt here. */
  self->done_bytes += keeping->item->size;
  keeping->campaign = plaza_campaign_ref (plaza_profile_get_campaign (self->profile));
  keeping->receipt = receipt;
  self->keeping++;
  g_task_set_task_data (task, keeping, keeping_free);
  g_task_run_in_thread (task, keep_in_thread);
}

/* Refusals and cuts */

static void
set_aside_in_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Job *job = data;
  GError *error = NULL;

  if (plaza_outbox_set_aside (job->slot->item, job->reason, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
on_set_aside (GObject *source, GAsyncResult *result, gpointer user_data)
{
  PlazaDelivery *self = PLAZA_DELIVERY (source);
  PlazaDeliverySlot *slot = user_data;
  GError *error = NULL;

  if (!g_task_propagate_boolean (G_TASK (result), &error))
    plaza_delivery_fail (self, error, PLAZA_DELIVERY_LAPTOP);
  else
    {
      PLAZA_DELIVERY_SET (self, set_aside, self->set_aside + 1, SET_ASIDE);
      count_down (self);
    }
  finish_slot (slot);
  plaza_delivery_pump (self);
}

/* The central says that it will never take these bytes. It may be mistaken once (a half-read body,
 * a restart in the middle), so they are tried a second time, after all the others. */
static void
refuse_envelope (PlazaDeliverySlot *slot, const PlazaRefusal *refusal)
{
  PlazaDelivery *self = slot->delivery;
  const char *id = slot->item->envelope;
  guint times = 1 + GPOINTER_TO_UINT (g_hash_table_lookup (self->refusals, id));

  g_hash_table_replace (self->refusals, g_strdup (id), GUINT_TO_POINTER (times));
  if (times < REFUSALS_TO_SET_ASIDE)
    {
      g_queue_push_tail (&self->queue, vacate (slot));
      plaza_delivery_pump (self);
      return;
    }
  g_warning ("envelope %.12s… is set aside: the central answers %u %s", id, refusal->status,
             plaza_result_code (refusal->result));
  Job *job = job_new (slot);
  job->reason = g_strdup (plaza_result_code (refusal->result));
  run_job (job, set_aside_in_thread, on_set_aside);
}

/* The connection broke under it. On a new one the next try begins at once, because the link may be
 * back already; then it is the others' turn. */
static void
leave_cut (PlazaDeliverySlot *slot, GError *error, const PlazaPassageEnd *end)
{
  PlazaDelivery *self = slot->delivery;
  const char *id = slot->item->envelope;
  guint cuts = 1;

  if (end->advanced)
    self->failures = self->attempt = 0;
  else
    cuts += GPOINTER_TO_UINT (g_hash_table_lookup (self->known, id));
  g_hash_table_replace (self->known, g_strdup (id), GUINT_TO_POINTER (cuts));
  self->failures++;
  if (!end->reached || self->failures >= FAILURES_TO_END)
    {
      g_autoptr (PlazaOutboxItem) item = vacate (slot);
      plaza_delivery_abort (self, error, PLAZA_DELIVERY_OFFLINE);
    }
  else if (cuts < CUTS_TO_LEAVE)
    {
      g_debug ("envelope %.12s… was cut: %s", id, error->message);
      g_error_free (error);
      g_queue_push_head (&self->queue, vacate (slot));
    }
  else
    {
      plaza_delivery_note (self, error, PLAZA_DELIVERY_OFFLINE);
      finish_slot (slot);
    }
}

static void
leave_refused (PlazaDeliverySlot *slot, GError *error, const PlazaRefusal *refusal)
{
  PlazaDelivery *self = slot->delivery;
  PlazaDeliveryProblem problem = plaza_delivery_problem_of (error, refusal, FALSE);

  self->retry_after = MAX (self->retry_after, refusal->retry_after);
  switch (refusal->result)
    {
    case PLAZA_RESULT_TOKEN:
      g_queue_push_head (&self->queue, vacate (slot));
      if (slot->renewals == self->renewals && self->renewals > 0)
        {
          plaza_delivery_abort (self, error, problem);
          return;
        }
      /* The other one on its way may have had the old token, too. */
      g_error_free (error);
      if (self->renewals == 0)
        plaza_delivery_renew (self);
      return;
    case PLAZA_RESULT_DEVICE_REVOKED:
      plaza_delivery_note_revoked (self);
      G_GNUC_FALLTHROUGH;
    case PLAZA_RESULT_FORBIDDEN:
      g_queue_push_head (&self->queue, vacate (slot));
      plaza_delivery_abort (self, error, problem);
      return;
    case PLAZA_RESULT_RATE:
    case PLAZA_RESULT_BUSY:
    case PLAZA_RESULT_DISK:
      g_queue_push_head (&self->queue, vacate (slot));
      plaza_delivery_fail (self, error, problem);
      return;
    default:
      finish_slot (slot);
      if (++self->failures >= FAILURES_TO_END)
        plaza_delivery_fail (self, error, problem);
      else
        plaza_delivery_note (self, error, problem);
    }
}

static gboolean
is_about_content (const PlazaRefusal *refusal)
{
  return (refusal->status == 400 || refusal->status == 413 || refusal->status == 422) &&
         refusal->result != PLAZA_RESULT_DIGEST;
}

static void
leave_failed (PlazaDeliverySlot *slot, GError *error, const PlazaPassageEnd *end)
{
  PlazaDelivery *self = slot->delivery;
  PlazaDeliveryProblem problem = plaza_delivery_problem_of (error, &end->refusal, end->clock_doubt);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      g_queue_push_head (&self->queue, vacate (slot));
      if (self->ending)
        g_error_free (error);
      else
        plaza_delivery_fail (self, error, problem);
    }
  else if (g_error_matches (error, PLAZA_ERROR, PLAZA_ERROR_OFFLINE))
    leave_cut (slot, error, end);
  else if (g_error_matches (error, PLAZA_ERROR, PLAZA_ERROR_REFUSED))
    leave_refused (slot, error, &end->refusal);
  else if (g_error_matches (error, PLAZA_ERROR, PLAZA_ERROR_PORTAL))
    {
      g_queue_push_head (&self->queue, vacate (slot));
      plaza_delivery_abort (self, error, problem);
    }
  else
    {
      g_warning ("envelope %.12s… was not delivered: %s", slot->item->envelope, error->message);
      plaza_delivery_note (self, error, problem);
      finish_slot (slot);
    }
}

/* On its way */

static void
on_uploaded (GObject *source, GAsyncResult *result, gpointer user_data)
{
  PlazaDeliverySlot *slot = user_data;
  g_autoptr (PlazaDelivery) self = slot->delivery; /* the reference of the upload */
  GError *error = NULL;
  PlazaPassageEnd end;
  GBytes *receipt = plaza_passage_finish (PLAZA_CLIENT (source), result, &end, &error);

  if (receipt)
    {
      keep (slot, receipt);
      plaza_delivery_pump (self);
      return;
    }
  if (g_error_matches (error, PLAZA_ERROR, PLAZA_ERROR_REFUSED) && is_about_content (&end.refusal))
    {
      g_error_free (error);
      refuse_envelope (slot, &end.refusal);
      return;
    }
  g_hash_table_replace (self->begun, g_strdup (slot->item->envelope), g_memdup2 (&end, sizeof end));
  leave_failed (slot, error, &end);
  plaza_delivery_update_progress (self);
  plaza_delivery_pump (self);
}

static void
on_sent (guint64 bytes, gpointer user_data)
{
  PlazaDeliverySlot *slot = user_data;
  PlazaDelivery *self = slot->delivery;

  if (bytes > slot->sent)
    plaza_pace_add (&self->pace, bytes - slot->sent, g_get_monotonic_time ());
  slot->sent = MIN (bytes, slot->item->size);
  plaza_delivery_update_progress (self);
}

static void
read_in_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Job *job = data;
  GError *error = NULL;
  GBytes *bytes = plaza_outbox_read (job->slot->item, &error);

  if (bytes)
    g_task_return_pointer (task, bytes, (GDestroyNotify) g_bytes_unref);
  else
    g_task_return_error (task, error);
}

static void
on_read (GObject *source, GAsyncResult *result, gpointer user_data)
{
  PlazaDelivery *self = PLAZA_DELIVERY (source);
  PlazaDeliverySlot *slot = user_data;
  GError *error = NULL;
  g_autoptr (GBytes) bytes = g_task_propagate_pointer (G_TASK (result), &error);

  if (!bytes)
    {
      g_warning ("envelope %.12s… was not delivered: %s", slot->item->envelope, error->message);
      plaza_delivery_note (self, error, PLAZA_DELIVERY_LAPTOP);
      finish_slot (slot);
      plaza_delivery_pump (self);
      return;
    }
  if (self->ending)
    {
      g_queue_push_head (&self->queue, vacate (slot));
      plaza_delivery_pump (self);
      return;
    }

  const char *id = slot->item->envelope;
  const PlazaPassageEnd *begun = g_hash_table_lookup (self->begun, id);
  gboolean small = plaza_pace_is_small (&self->pace, slot->item->size);
  const PlazaPassage passage = {
    .id = id,
    .envelope = bytes,
    .offset = begun ? begun->offset : 0,
    .again = !begun && !small,
    .cut = g_hash_table_lookup (self->known, id) != NULL,
    .halted = &self->halted,
    .pace = &self->pace,
    .on_sent = on_sent,
    .sent_data = slot,
  };
  self->requests++;
  g_object_ref (self);
  plaza_passage_async (self->client, &passage, self->cancellable, on_uploaded, slot);
}

void
plaza_delivery_send (PlazaDelivery *self, PlazaDeliverySlot *slot, PlazaOutboxItem *item)
{
  slot->item = item;
  slot->sent = 0;
  slot->begun_us = g_get_monotonic_time ();
  slot->renewals = self->renewals;
  plaza_delivery_set_state (self, PLAZA_DELIVERY_SENDING);
  run_job (job_new (slot), read_in_thread, on_read);
}
