/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-sync"

#include "sync/delivery-private.h"

#include "base/error.h"
#include "store/joining.h"
#include "sync/registrations.h"
#include "sync/renew.h"

/* A round: probe when the network is another → registrations → a token when there is none → list
 * what waits → send it, packing more a little at a time, as much as fits the link → contacts, when
 * all else is delivered.
 *
 * Nothing about a round is kept in memory that matters: the outbox folder says what waits, a
 * receipt file says what arrived, and both ends know an envelope by its hash. So a round may end
 * anywhere, by power cut included, and the next one does what is left; what the central had already
 * it answers with the same receipt. */

/* Envelopes packed at a time: enough that the link never waits for the packing. */
#define PACK_ENVELOPES PLAZA_DELIVERY_SLOTS

PlazaDeliveryProblem
plaza_delivery_problem_of (const GError *error, const PlazaRefusal *refusal, gboolean clock_doubt)
{
  if (error->domain != PLAZA_ERROR)
    return g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED) ? PLAZA_DELIVERY_NO_PROBLEM
                                                                     : PLAZA_DELIVERY_LAPTOP;
  switch ((PlazaError) error->code)
    {
    case PLAZA_ERROR_OFFLINE:
      return PLAZA_DELIVERY_OFFLINE;
    case PLAZA_ERROR_PORTAL:
      return clock_doubt ? PLAZA_DELIVERY_CLOCK : PLAZA_DELIVERY_PORTAL;
    case PLAZA_ERROR_SIGNATURE:
    case PLAZA_ERROR_INVALID:
      return PLAZA_DELIVERY_RECEIPT;
    case PLAZA_ERROR_REFUSED:
      if (!refusal) /* nobody was asked: the profile is not enrolled */
        return PLAZA_DELIVERY_TOKEN;
      switch (refusal->result)
        {
        case PLAZA_RESULT_TOKEN:
        case PLAZA_RESULT_FORBIDDEN:
        case PLAZA_RESULT_SIGNATURE: /* a device that the central does not know */
          return PLAZA_DELIVERY_TOKEN;
        case PLAZA_RESULT_DEVICE_REVOKED:
          return PLAZA_DELIVERY_REVOKED;
        default:
          return PLAZA_DELIVERY_BUSY;
        }
    default:
      return PLAZA_DELIVERY_LAPTOP;
    }
}

void
plaza_delivery_note (PlazaDelivery *self, GError *error, PlazaDeliveryProblem problem)
{
  if (self->error)
    {
      g_error_free (error);
      return;
    }
  self->error = error;
  self->error_problem = problem;
}

void
plaza_delivery_fail (PlazaDelivery *self, GError *error, PlazaDeliveryProblem problem)
{
  /* What ends the round is told rather than what befell an envelope. */
  if (!self->ending)
    g_clear_error (&self->error);
  self->ending = TRUE;
  plaza_delivery_note (self, error, problem);
}

void
plaza_delivery_abort (PlazaDelivery *self, GError *error, PlazaDeliveryProblem problem)
{
  plaza_delivery_fail (self, error, problem);
  g_cancellable_cancel (self->cancellable);
}

/* Home says so from now on, also after a restart, until the central gives a token again. */
void
plaza_delivery_note_revoked (PlazaDelivery *self)
{
  self->revoked = TRUE;
  plaza_profile_note_revoked (self->profile, TRUE);
}

static void
fail_client (PlazaDelivery *self, GError *error)
{
  const PlazaRefusal *refusal = plaza_client_get_refusal (self->client);

  self->retry_after = MAX (self->retry_after, refusal->retry_after);
  if (refusal->result == PLAZA_RESULT_DEVICE_REVOKED)
    plaza_delivery_note_revoked (self);
  plaza_delivery_abort (
      self, error,
      plaza_delivery_problem_of (error, refusal, plaza_client_get_clock_doubt (self->client)));
}

static void
end_round (PlazaDelivery *self)
{
  self->in_round = FALSE;
  g_queue_clear_full (&self->queue, (GDestroyNotify) plaza_outbox_item_free);
  g_hash_table_remove_all (self->known);
  if (self->caller)
    g_cancellable_disconnect (self->caller, self->caller_handler);
  g_clear_object (&self->caller);
  g_clear_object (&self->cancellable);
  plaza_delivery_watch_rate (self, FALSE);
  plaza_delivery_settle (self);
}

/* Steps, one after the other; each ends in plaza_delivery_pump(). */

static void
on_renewed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PlazaDelivery) self = user_data;
  GError *error = NULL;

  self->renewing = FALSE;
  if (!plaza_renew_finish (PLAZA_CLIENT (source), result, &error))
    {
      const PlazaRefusal *refusal = plaza_client_get_refusal (self->client);
      gboolean no = g_error_matches (error, PLAZA_ERROR, PLAZA_ERROR_REFUSED) &&
                    refusal->result != PLAZA_RESULT_CHALLENGE &&
                    !plaza_result_is_retryable (refusal->result);
      fail_client (self, error);
      /* Whatever the central has against it, without a token nothing goes. */
      if (no && !self->revoked)
        self->error_problem = PLAZA_DELIVERY_TOKEN;
    }
  plaza_delivery_pump (self);
}

void
plaza_delivery_renew (PlazaDelivery *self)
{
  self->renewing = TRUE;
  self->renewals++;
  self->requests++;
  plaza_renew_async (self->client, self->profile, self->cancellable, on_renewed,
                     g_object_ref (self));
}

static void
on_probed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PlazaDelivery) self = user_data;
  g_autoptr (GError) error = NULL;

  self->working = FALSE;
  if (plaza_client_probe_finish (PLAZA_CLIENT (source), result, &error))
    {
      self->network_changed = FALSE;
      plaza_delivery_set_state (self, PLAZA_DELIVERY_PACKING);
      plaza_delivery_set_problem (self, PLAZA_DELIVERY_NO_PROBLEM);
    }
  else if (g_error_matches (error, PLAZA_ERROR, PLAZA_ERROR_REFUSED) && self->renewals == 0 &&
           plaza_client_get_refusal (self->client)->result == PLAZA_RESULT_TOKEN)
    plaza_delivery_renew (self);
  else if (!self->contacts_packed || g_error_matches (error, PLAZA_ERROR, PLAZA_ERROR_REFUSED))
    fail_client (self, g_steal_pointer (&error));
  else
    /* Nothing waits, so nobody is missed. */
    g_debug ("the central was not reached: %s", error->message);
  plaza_delivery_pump (self);
}

static void
probe (PlazaDelivery *self)
{
  self->probe_wanted = FALSE;
  self->working = TRUE;
  self->requests++;
  plaza_client_probe_async (self->client, self->cancellable, on_probed, g_object_ref (self));
}

static void
on_registered (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PlazaDelivery) self = user_data;
  GError *error = NULL;
  guint posted = 0;

  self->working = FALSE;
  if (!plaza_registrations_send_finish (PLAZA_CLIENT (source), result, &posted, &error))
    fail_client (self, error);
  self->requests += posted;
  plaza_delivery_pump (self);
}

static void
send_registrations (PlazaDelivery *self)
{
  self->registered = TRUE;
  self->working = TRUE;
  plaza_registrations_send_async (self->client, self->data_root,
                                  plaza_profile_get_campaign_fingerprint (self->profile),
                                  self->cancellable, on_registered, g_object_ref (self));
}

typedef struct
{
  char *data_root;
  char *fingerprint;
} Place;

static void
place_free (gpointer data)
{
  Place *place = data;

  g_free (place->data_root);
  g_free (place->fingerprint);
  g_free (place);
}

static void
list_in_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Place *place = data;
  GError *error = NULL;
  GPtrArray *items = plaza_outbox_list (place->data_root, place->fingerprint, &error);

  if (items)
    g_task_return_pointer (task, items, (GDestroyNotify) g_ptr_array_unref);
  else
    g_task_return_error (task, error);
}

static void
queue_new (PlazaDelivery *self, GPtrArray *items)
{
  guint aside = 0;
  gsize length;
  g_autofree gpointer *all = g_ptr_array_steal (items, &length);

  for (gsize i = 0; i < length; i++)
    {
      g_autoptr (PlazaOutboxItem) item = all[i];

      /* One carried for somebody else has its original with them: it is told once, by the round
       * that it is refused in. */
      if (item->refused && (!plaza_outbox_item_is_carried (item) ||
                            g_hash_table_contains (self->known, item->envelope)))
        aside++;
      if (item->refused || g_hash_table_contains (self->known, item->envelope))
        continue;
      g_hash_table_insert (self->known, g_strdup (item->envelope), NULL);
      if (self->just_packed)
        g_hash_table_insert (self->begun, g_strdup (item->envelope), g_new0 (PlazaPassageEnd, 1));
      self->round_bytes += item->size;
      g_queue_push_tail (&self->queue, g_steal_pointer (&item));
    }
  PLAZA_DELIVERY_SET (self, set_aside, aside, SET_ASIDE);
  PLAZA_DELIVERY_SET (self, waiting,
                      self->queue.length + plaza_delivery_count_busy (self) + self->keeping,
                      WAITING);
}

static void
on_listed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  PlazaDelivery *self = PLAZA_DELIVERY (source);
  GError *error = NULL;
  g_autoptr (GPtrArray) items = g_task_propagate_pointer (G_TASK (result), &error);

  self->working = FALSE;
  self->listed = TRUE;
  if (items)
    queue_new (self, items);
  else
    plaza_delivery_fail (self, error, PLAZA_DELIVERY_LAPTOP);
  plaza_delivery_update_progress (self);
  plaza_delivery_pump (self);
}

static void
list (PlazaDelivery *self)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, on_listed, NULL);
  Place *place = g_new0 (Place, 1);

  self->working = TRUE;
  place->data_root = g_strdup (self->data_root);
  place->fingerprint = g_strdup (plaza_profile_get_campaign_fingerprint (self->profile));
  g_task_set_task_data (task, place, place_free);
  g_task_run_in_thread (task, list_in_thread);
}

static void
on_packed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PlazaDelivery) self = user_data;
  GError *error = NULL;
  PlazaPacked packed = { 0 };

  self->working = FALSE;
  if (!plaza_outbox_pack_finish (PLAZA_STORE (source), result, &packed, &error))
    plaza_delivery_fail (self, error, PLAZA_DELIVERY_LAPTOP);
  else
    {
      self->left = packed.left;
      /* A call for contacts alone finds responses that were finished meanwhile. */
      self->contacts_packed = self->all_packed && packed.left == 0;
      self->all_packed = packed.left == 0;
      plaza_pace_packed (&self->pace, packed.entries, packed.bytes);
    }
  if (!self->ending && packed.envelopes + packed.contacts > 0)
    {
      self->just_packed = TRUE;
      list (self);
    }
  else
    plaza_delivery_pump (self);
}

/* A few envelopes, or at the end the contacts. */
static void
pack (PlazaDelivery *self, gboolean contacts)
{
  const PlazaPackLimits limits = { self->pace.entries, PACK_ENVELOPES };
  PlazaPackFlags flags =
      contacts ? (self->hand_in ? PLAZA_PACK_HAND_IN : PLAZA_PACK_NONE) : PLAZA_PACK_NO_CONTACTS;

  if (plaza_delivery_count_busy (self) == 0)
    plaza_delivery_set_state (self, PLAZA_DELIVERY_PACKING);
  self->working = TRUE;
  plaza_outbox_pack_async (plaza_profile_get_store (self->profile), flags, &limits, NULL, on_packed,
                           g_object_ref (self));
}

/* Whether there is a step to take before anything can be sent; it is begun then. */
static gboolean
prepare (PlazaDelivery *self)
{
  const PlazaEnrolment *enrolment = plaza_profile_get_enrolment (self->profile);

  if (self->probe_wanted)
    probe (self);
  else if (!self->registered)
    send_registrations (self);
  else if (enrolment->token[0] == '\0' && self->renewals == 0)
    plaza_delivery_renew (self);
  else if (!self->listed)
    list (self);
  return self->working || self->renewing;
}

static void
fill_slots (PlazaDelivery *self)
{
  for (guint i = 0; i < PLAZA_DELIVERY_SLOTS; i++)
    if (!self->slots[i].item && self->queue.length > 0)
      plaza_delivery_send (self, &self->slots[i], g_queue_pop_head (&self->queue));
}

/* A pause counts what waits and sends nothing. */
static void
pump_paused (PlazaDelivery *self)
{
  if (!self->listed)
    list (self);
  else
    self->ending = self->halted = TRUE;
}

static void
pump_sending (PlazaDelivery *self)
{
  if (prepare (self))
    return;
  fill_slots (self);
  if (self->queue.length < PACK_ENVELOPES && !self->all_packed)
    {
      pack (self, FALSE);
      return;
    }
  if (plaza_delivery_count_busy (self) + self->keeping > 0 || self->absorbing ||
      self->queue.length > 0)
    return;
  if (!self->contacts_packed)
    pack (self, TRUE);
  else if (self->round_task && self->requests == 0)
    /* Nothing to deliver: whoever asks learns whether the central takes this device. */
    probe (self);
  else
    self->ending = TRUE;
}

void
plaza_delivery_pump (PlazaDelivery *self)
{
  PlazaDeliveryProblem problem;

  if (!self->in_round)
    return;
  /* Locked in the middle of it: there is nobody to deliver as any more. */
  if (!plaza_profile_is_unlocked (self->profile))
    self->ending = TRUE;
  if (self->stopping || g_cancellable_is_cancelled (self->cancellable))
    {
      GError *error = NULL;
      if (!self->ending && g_cancellable_set_error_if_cancelled (self->cancellable, &error))
        plaza_delivery_fail (self, error, PLAZA_DELIVERY_NO_PROBLEM);
      self->ending = TRUE;
    }
  if (!self->ending && !self->working && !self->renewing)
    {
      if (plaza_delivery_find_pause (self, &problem))
        pump_paused (self);
      else
        pump_sending (self);
    }
  if (self->ending && !self->working && !self->renewing && !self->absorbing &&
      plaza_delivery_count_busy (self) + self->keeping == 0)
    end_round (self);
}

/* Beginning */

static gboolean
make_client (PlazaDelivery *self, GError **error)
{
  PlazaCampaign *campaign = plaza_profile_get_campaign (self->profile);
  const PlazaEnrolment *enrolment = plaza_profile_get_enrolment (self->profile);

  if (!campaign)
    return plaza_throw (error, PLAZA_ERROR_LOCKED, "the profile is locked");
  if (!enrolment)
    return plaza_throw (error, PLAZA_ERROR_REFUSED, "the profile is not enrolled yet");
  if (!self->client)
    self->client = plaza_client_new_for_campaign (campaign, error);
  if (!self->client)
    return FALSE;
  plaza_client_set_token (self->client, enrolment->token);
  return TRUE;
}

static void
on_caller_cancelled (GCancellable *caller, gpointer user_data)
{
  g_cancellable_cancel (user_data);
}

void
plaza_delivery_begin_round (PlazaDelivery *self)
{
  GError *error = NULL;
  const PlazaEnrolment *enrolment;
  PlazaDeliveryProblem why;

  g_return_if_fail (!self->in_round);
  g_clear_handle_id (&self->timer, g_source_remove);
  PLAZA_DELIVERY_SET (self, next_try, 0, NEXT_TRY);
  self->in_round = TRUE;
  self->again = self->ending = self->halted = self->working = FALSE;
  self->registered = self->listed = self->just_packed = FALSE;
  self->all_packed = self->contacts_packed = FALSE;
  self->requests = self->failures = self->renewals = self->retry_after = 0;
  self->round_bytes = self->done_bytes = 0;
  self->progress_from = self->progress_held = self->progress < 1 ? self->progress : 0;
  self->cancellable = g_cancellable_new ();
  if (self->round_task && g_task_get_cancellable (self->round_task))
    {
      self->caller = g_object_ref (g_task_get_cancellable (self->round_task));
      self->caller_handler =
          g_cancellable_connect (self->caller, G_CALLBACK (on_caller_cancelled),
                                 g_object_ref (self->cancellable), g_object_unref);
    }
  plaza_delivery_watch_rate (self, TRUE);
  if (!make_client (self, &error))
    plaza_delivery_fail (self, error, plaza_delivery_problem_of (error, NULL, FALSE));
  /* After a failure, or on another network, ask whether the central is there before sealing small
   * envelopes for nobody: a day's responses travel better in one, and a portal is no connection. */
  enrolment = plaza_profile_get_enrolment (self->profile);
  self->probe_wanted = self->running && enrolment && enrolment->token[0] != '\0' &&
                       (self->attempt > 0 || self->network_changed);
  if (!self->ending && !self->probe_wanted && !plaza_delivery_find_pause (self, &why))
    plaza_delivery_set_state (self, PLAZA_DELIVERY_PACKING);
  plaza_delivery_pump (self);
}
