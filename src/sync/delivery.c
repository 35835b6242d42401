/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-sync"

#include "config.h"

#include "sync/delivery.h"

#include <glib/gi18n-lib.h>

#include "base/error.h"
#include "base/random.h"
#include "store/outbox.h"
#include "sync/client.h"

/* A round: pack → list → for each envelope: read → send → verify and keep the receipt → absorb.
 *
 * Nothing about a round is kept in memory that matters: the outbox folder says what waits, a
 * receipt file says what arrived, and both ends know an envelope by its hash. So a round may end
 * anywhere, by power cut included, and the next one does what is left; what the central had already
 * it answers with the same receipt. Reading, verifying and fsync happen in threads, the rest in the
 * main loop. */

#define BACKOFF_BASE_MS 2000u
#define BACKOFF_CAP_MS (15u * 60 * 1000)
#define REFUSALS_TO_SET_ASIDE 2
/* Contacts leave long after the responses beside them, so an idle delivery looks again by itself.
 */
#define IDLE_LOOK_MS (10u * 60 * 1000)

struct _PlazaDelivery
{
  GObject parent_instance;

  PlazaProfile *profile;
  PlazaClient *client;
  char *data_root;
  char *profile_id;
  PlazaPackFlags pack_flags;

  gboolean running; /* started, until stopped */
  gboolean again;   /* asked for while a round was on */
  gboolean stopping;
  GTask *round_task;     /* of plaza_delivery_round_async() */
  GPtrArray *stop_tasks; /* GTask */
  GNetworkMonitor *monitor;
  guint timer;
  guint attempt;
  guint retry_after;

  /* The round that is on. */
  gboolean in_round;
  GCancellable *cancellable;
  GCancellable *caller;
  gulong caller_handler;
  GQueue queue; /* PlazaOutboxItem, owned */
  PlazaOutboxItem *current;
  GError *round_error; /* the first that did not end the round */
  guint64 round_bytes;
  guint64 done_bytes;
  guint64 sent_bytes;
  guint round_count;
  guint done_count;
  GHashTable *refusals; /* envelope id → times refused for what it is */

  PlazaDeliveryState state;
  PlazaDeliveryProblem problem;
  char *message;
  double progress;
  guint waiting;
  guint delivered;
  guint carried;
  guint set_aside;
  gint64 next_try;
};

G_DEFINE_FINAL_TYPE (PlazaDelivery, plaza_delivery, G_TYPE_OBJECT)

enum
{
  PROP_0,
  PROP_TITLE,
  PROP_MESSAGE,
  PROP_PROGRESS,
  PROP_STATE,
  PROP_PROBLEM,
  PROP_WAITING,
  PROP_DELIVERED,
  PROP_CARRIED,
  PROP_SET_ASIDE,
  PROP_NEXT_TRY,
  N_PROPS,
};
static GParamSpec *properties[N_PROPS];

enum
{
  SIGNAL_RECEIPT,
  N_SIGNALS,
};
static guint signals[N_SIGNALS];

GType
plaza_delivery_state_get_type (void)
{
  static gsize type;

  if (g_once_init_enter (&type))
    {
      static const GEnumValue values[] = {
        { PLAZA_DELIVERY_STOPPED, "PLAZA_DELIVERY_STOPPED", "stopped" },
        { PLAZA_DELIVERY_IDLE, "PLAZA_DELIVERY_IDLE", "idle" },
        { PLAZA_DELIVERY_PACKING, "PLAZA_DELIVERY_PACKING", "packing" },
        { PLAZA_DELIVERY_SENDING, "PLAZA_DELIVERY_SENDING", "sending" },
        { PLAZA_DELIVERY_WAITING, "PLAZA_DELIVERY_WAITING", "waiting" },
        { 0, NULL, NULL },
      };
      g_once_init_leave (&type, g_enum_register_static ("PlazaDeliveryState", values));
    }
  return type;
}

GType
plaza_delivery_problem_get_type (void)
{
  static gsize type;

  if (g_once_init_enter (&type))
    {
      static const GEnumValue values[] = {
        { PLAZA_DELIVERY_NO_PROBLEM, "PLAZA_DELIVERY_NO_PROBLEM", "none" },
        { PLAZA_DELIVERY_OFFLINE, "PLAZA_DELIVERY_OFFLINE", "offline" },
        { PLAZA_DELIVERY_PORTAL, "PLAZA_DELIVERY_PORTAL", "portal" },
        { PLAZA_DELIVERY_CLOCK, "PLAZA_DELIVERY_CLOCK", "clock" },
        { PLAZA_DELIVERY_BUSY, "PLAZA_DELIVERY_BUSY", "busy" },
        { PLAZA_DELIVERY_TOKEN, "PLAZA_DELIVERY_TOKEN", "token" },
        { PLAZA_DELIVERY_RECEIPT, "PLAZA_DELIVERY_RECEIPT", "receipt" },
        { PLAZA_DELIVERY_LAPTOP, "PLAZA_DELIVERY_LAPTOP", "laptop" },
        { PLAZA_DELIVERY_METERED, "PLAZA_DELIVERY_METERED", "metered" },
        { PLAZA_DELIVERY_BATTERY, "PLAZA_DELIVERY_BATTERY", "battery" },
        { 0, NULL, NULL },
      };
      g_once_init_leave (&type, g_enum_register_static ("PlazaDeliveryProblem", values));
    }
  return type;
}

guint
plaza_delivery_backoff (guint attempt, double draw, guint retry_after)
{
  guint64 ceiling = (guint64) BACKOFF_BASE_MS << MIN (attempt, 16);
  guint wait = (guint) (draw * (double) MIN (ceiling, BACKOFF_CAP_MS));
  guint asked = retry_after >= BACKOFF_CAP_MS / 1000 ? BACKOFF_CAP_MS : retry_after * 1000;

  return MAX (wait, asked);
}

/* What people see */

static char *
describe (PlazaDelivery *self)
{
  switch (self->problem)
    {
    case PLAZA_DELIVERY_OFFLINE:
      return g_strdup (_ ("No connection; what waits is safe here and goes later"));
    case PLAZA_DELIVERY_PORTAL:
      return g_strdup (
          _ ("This network is answering in the central's place; perhaps it asks to log in"));
    case PLAZA_DELIVERY_CLOCK:
      return g_strdup (_ ("Check the date of this computer: it does not fit the central's"));
    case PLAZA_DELIVERY_BUSY:
      return g_strdup (_ ("The central is busy; it will be tried again"));
    case PLAZA_DELIVERY_TOKEN:
      return g_strdup (_ ("The central does not take this device any more; ask your coordinator"));
    case PLAZA_DELIVERY_RECEIPT:
      return g_strdup (_ ("What came back was no receipt of the central; nothing was marked"));
    case PLAZA_DELIVERY_LAPTOP:
      return g_strdup (_ ("This computer could not read or write its own data"));
    case PLAZA_DELIVERY_METERED:
      return g_strdup (_ ("This network charges for what is sent; it waits for another one"));
    case PLAZA_DELIVERY_BATTERY:
      return g_strdup (_ ("The battery is low; it waits until the laptop is plugged in"));
    case PLAZA_DELIVERY_NO_PROBLEM:
    default:
      break;
    }
  switch (self->state)
    {
    case PLAZA_DELIVERY_PACKING:
      return g_strdup (_ ("Sealing what waits"));
    case PLAZA_DELIVERY_SENDING:
      return g_strdup_printf (_ ("Delivering %u of %u"), self->done_count + 1, self->round_count);
    case PLAZA_DELIVERY_IDLE:
      return g_strdup (self->set_aside ? _ ("Delivered, except what the central refused")
                                       : _ ("Everything is delivered"));
    case PLAZA_DELIVERY_WAITING:
      return g_strdup (_ ("Waiting for the next try"));
    case PLAZA_DELIVERY_STOPPED:
    default:
      return g_strdup ("");
    }
}

#define SET_PROPERTY(field, value, prop) \
  G_STMT_START \
  { \
    if (self->field != (value)) \
      { \
        self->field = (value); \
        g_object_notify_by_pspec (G_OBJECT (self), properties[prop]); \
      } \
  } \
  G_STMT_END

static void
update_message (PlazaDelivery *self)
{
  g_autofree char *message = describe (self);

  if (g_strcmp0 (message, self->message) == 0)
    return;
  g_free (self->message);
  self->message = g_steal_pointer (&message);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_MESSAGE]);
}

static void
set_state (PlazaDelivery *self, PlazaDeliveryState state)
{
  SET_PROPERTY (state, state, PROP_STATE);
  update_message (self);
}

static void
set_problem (PlazaDelivery *self, PlazaDeliveryProblem problem)
{
  SET_PROPERTY (problem, problem, PROP_PROBLEM);
  update_message (self);
}

static void
update_progress (PlazaDelivery *self)
{
  double progress = 1;

  if (self->in_round && self->round_bytes > 0)
    progress = (double) (self->done_bytes + self->sent_bytes) / (double) self->round_bytes;
  SET_PROPERTY (progress, MIN (progress, 1), PROP_PROGRESS);
}

/* Steps */

static void begin_round (PlazaDelivery *self);
static void next_envelope (PlazaDelivery *self);
static gboolean on_timer (gpointer user_data);

static PlazaDeliveryProblem
problem_of (PlazaDelivery *self, const GError *error)
{
  if (error->domain != PLAZA_ERROR)
    return error->domain == G_IO_ERROR && error->code == G_IO_ERROR_CANCELLED
               ? PLAZA_DELIVERY_NO_PROBLEM
               : PLAZA_DELIVERY_LAPTOP;
  switch ((PlazaError) error->code)
    {
    case PLAZA_ERROR_OFFLINE:
      return PLAZA_DELIVERY_OFFLINE;
    case PLAZA_ERROR_PORTAL:
      return self->client && plaza_client_get_clock_doubt (self->client) ? PLAZA_DELIVERY_CLOCK
                                                                         : PLAZA_DELIVERY_PORTAL;
    case PLAZA_ERROR_SIGNATURE:
    case PLAZA_ERROR_INVALID:
      return PLAZA_DELIVERY_RECEIPT;
    case PLAZA_ERROR_REFUSED:
      switch (self->client ? plaza_client_get_refusal (self->client)->result : PLAZA_RESULT_TOKEN)
        {
        case PLAZA_RESULT_OK: /* nobody was asked: the profile is not enrolled */
        case PLAZA_RESULT_TOKEN:
        case PLAZA_RESULT_FORBIDDEN:
        case PLAZA_RESULT_DEVICE_REVOKED:
          return PLAZA_DELIVERY_TOKEN;
        default:
          return PLAZA_DELIVERY_BUSY;
        }
    default:
      return PLAZA_DELIVERY_LAPTOP;
    }
}

static void
end_round (PlazaDelivery *self, GError *error)
{
  g_autoptr (GError) owned = error ? error : g_steal_pointer (&self->round_error);

  self->in_round = FALSE;
  g_clear_error (&self->round_error);
  g_queue_clear_full (&self->queue, (GDestroyNotify) plaza_outbox_item_free);
  g_clear_pointer (&self->current, plaza_outbox_item_free);
  if (self->caller)
    g_cancellable_disconnect (self->caller, self->caller_handler);
  g_clear_object (&self->caller);
  g_clear_object (&self->cancellable);
  self->sent_bytes = 0;

  if (owned)
    g_debug ("the round ended: %s", owned->message);
  set_problem (self, owned ? problem_of (self, owned) : PLAZA_DELIVERY_NO_PROBLEM);
  update_progress (self);

  if (self->running && !self->stopping)
    {
      guint64 bits;
      guint wait = 0;

      if (owned)
        {
          plaza_random_fill (&bits, sizeof bits);
          wait = plaza_delivery_backoff (self->attempt, (double) (bits >> 11) / (1ull << 53),
                                         self->retry_after);
          self->attempt++;
        }
      else
        self->attempt = 0;
      self->timer = g_timeout_add (owned || self->again ? wait : IDLE_LOOK_MS, on_timer, self);
      SET_PROPERTY (next_try, (gint64) (wait + 999) / 1000, PROP_NEXT_TRY);
      set_state (self, owned ? PLAZA_DELIVERY_WAITING : PLAZA_DELIVERY_IDLE);
    }
  else
    set_state (self, PLAZA_DELIVERY_STOPPED);

  g_autoptr (GTask) task = g_steal_pointer (&self->round_task);
  if (task && owned)
    g_task_return_error (task, g_steal_pointer (&owned));
  else if (task)
    g_task_return_boolean (task, TRUE);
  if (self->stopping)
    {
      g_autoptr (GPtrArray) tasks = self->stop_tasks;
      self->stop_tasks = g_ptr_array_new_with_free_func (g_object_unref);
      self->stopping = FALSE;
      self->running = FALSE;
      for (guint i = 0; i < tasks->len; i++)
        g_task_return_boolean (tasks->pdata[i], TRUE);
    }
}

/* TRUE when the round has to end here because somebody asked for it. */
static gboolean
stop_asked (PlazaDelivery *self)
{
  g_autoptr (GError) error = NULL;

  if (!g_cancellable_set_error_if_cancelled (self->cancellable, &error) && !self->stopping)
    return FALSE;
  end_round (self, g_steal_pointer (&error));
  return TRUE;
}

/* What concerns this envelope only; the others go on. */
static void
skip_envelope (PlazaDelivery *self, GError *error)
{
  g_warning ("envelope %.12s… was not delivered: %s", self->current->envelope, error->message);
  if (!self->round_error)
    self->round_error = error;
  else
    g_error_free (error);
  self->done_bytes += self->current->size;
  self->done_count++;
  self->sent_bytes = 0;
  g_clear_pointer (&self->current, plaza_outbox_item_free);
  next_envelope (self);
}

static void
on_absorbed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PlazaDelivery) self = user_data;
  g_autoptr (GError) error = NULL;
  guint count = 0;

  if (!plaza_outbox_absorb_finish (PLAZA_STORE (source), result, &count, &error))
    {
      end_round (self, g_steal_pointer (&error));
      return;
    }
  if (count > 0)
    SET_PROPERTY (delivered, self->delivered + count, PROP_DELIVERED);
  next_envelope (self);
}

typedef struct
{
  PlazaOutboxItem *item; /* of the delivery, which waits for the thread */
  PlazaCampaign *campaign;
  GBytes *receipt;
  char *reason;
} Job;

static void
job_free (gpointer data)
{
  Job *job = data;

  g_clear_pointer (&job->campaign, plaza_campaign_unref);
  g_clear_pointer (&job->receipt, g_bytes_unref);
  g_free (job->reason);
  g_free (job);
}

static void
run_job (PlazaDelivery *self, Job *job, GTaskThreadFunc function, GAsyncReadyCallback callback)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, callback, NULL);

  job->item = self->current;
  g_task_set_task_data (task, job, job_free);
  g_task_run_in_thread (task, function);
}

static void
keep_in_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Job *job = data;
  GError *error = NULL;

  if (plaza_outbox_keep_receipt (job->item, job->campaign, job->receipt, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
on_kept (GObject *source, GAsyncResult *result, gpointer user_data)
{
  PlazaDelivery *self = PLAZA_DELIVERY (source);
  g_autoptr (GError) error = NULL;

  if (!g_task_propagate_boolean (G_TASK (result), &error))
    {
      if (problem_of (self, error) == PLAZA_DELIVERY_RECEIPT)
        skip_envelope (self, g_steal_pointer (&error));
      else
        end_round (self, g_steal_pointer (&error));
      return;
    }

  gboolean own = g_str_equal (self->current->profile, self->profile_id);
  g_signal_emit (self, signals[SIGNAL_RECEIPT], 0, self->current->profile, self->current->envelope);
  set_problem (self, PLAZA_DELIVERY_NO_PROBLEM);
  g_hash_table_remove (self->refusals, self->current->envelope);
  self->done_bytes += self->current->size;
  self->sent_bytes = 0;
  self->done_count++;
  g_clear_pointer (&self->current, plaza_outbox_item_free);
  SET_PROPERTY (waiting, self->waiting - MIN (self->waiting, 1), PROP_WAITING);
  update_progress (self);
  if (own)
    plaza_outbox_absorb_async (plaza_profile_get_store (self->profile), NULL, on_absorbed,
                               g_object_ref (self));
  else
    {
      SET_PROPERTY (carried, self->carried + 1, PROP_CARRIED);
      next_envelope (self);
    }
}

static void
set_aside_in_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Job *job = data;
  GError *error = NULL;

  if (plaza_outbox_set_aside (job->item, job->reason, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
on_set_aside (GObject *source, GAsyncResult *result, gpointer user_data)
{
  PlazaDelivery *self = PLAZA_DELIVERY (source);
  g_autoptr (GError) error = NULL;

  if (!g_task_propagate_boolean (G_TASK (result), &error))
    {
      end_round (self, g_steal_pointer (&error));
      return;
    }
  SET_PROPERTY (set_aside, self->set_aside + 1, PROP_SET_ASIDE);
  SET_PROPERTY (waiting, self->waiting - MIN (self->waiting, 1), PROP_WAITING);
  self->done_bytes += self->current->size;
  self->done_count++;
  g_clear_pointer (&self->current, plaza_outbox_item_free);
  next_envelope (self);
}

/* The central says that it will never take these bytes. It may be mistaken once (a half-read body,
 * a restart in the middle), so they are tried a second time, after all the others. */
static void
refuse_envelope (PlazaDelivery *self, const PlazaRefusal *refusal)
{
  guint times =
      1 + GPOINTER_TO_UINT (g_hash_table_lookup (self->refusals, self->current->envelope));

  g_hash_table_replace (self->refusals, g_strdup (self->current->envelope),
                        GUINT_TO_POINTER (times));
  self->sent_bytes = 0;
  if (times < REFUSALS_TO_SET_ASIDE)
    {
      g_queue_push_tail (&self->queue, g_steal_pointer (&self->current));
      next_envelope (self);
      return;
    }
  g_warning ("envelope %.12s… is set aside: the central answers %u %s", self->current->envelope,
             refusal->status, plaza_result_code (refusal->result));
  Job *job = g_new0 (Job, 1);
  job->reason = g_strdup (plaza_result_code (refusal->result));
  run_job (self, job, set_aside_in_thread, on_set_aside);
}

static void
on_posted (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PlazaDelivery) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) receipt = plaza_client_send_finish (PLAZA_CLIENT (source), result, &error);

  if (!receipt)
    {
      const PlazaRefusal *refusal = plaza_client_get_refusal (self->client);
      self->retry_after = refusal->retry_after;
      if (g_error_matches (error, PLAZA_ERROR, PLAZA_ERROR_REFUSED) &&
          (refusal->status == 400 || refusal->status == 413 || refusal->status == 422))
        refuse_envelope (self, refusal);
      else
        end_round (self, g_steal_pointer (&error));
      return;
    }
  Job *job = g_new0 (Job, 1);
  job->campaign = plaza_campaign_ref (plaza_profile_get_campaign (self->profile));
  job->receipt = g_steal_pointer (&receipt);
  run_job (self, job, keep_in_thread, on_kept);
}

static void
read_in_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Job *job = data;
  GError *error = NULL;
  GBytes *bytes = plaza_outbox_read (job->item, &error);

  if (bytes)
    g_task_return_pointer (task, bytes, (GDestroyNotify) g_bytes_unref);
  else
    g_task_return_error (task, error);
}

static void
on_read (GObject *source, GAsyncResult *result, gpointer user_data)
{
  PlazaDelivery *self = PLAZA_DELIVERY (source);
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = g_task_propagate_pointer (G_TASK (result), &error);

  if (!bytes)
    skip_envelope (self, g_steal_pointer (&error));
  else if (!stop_asked (self))
    plaza_client_post_envelope_async (self->client, bytes, self->cancellable, on_posted,
                                      g_object_ref (self));
}

static void
next_envelope (PlazaDelivery *self)
{
  if (stop_asked (self))
    return;
  update_progress (self);
  self->current = g_queue_pop_head (&self->queue);
  if (!self->current)
    {
      end_round (self, NULL);
      return;
    }
  set_state (self, PLAZA_DELIVERY_SENDING);
  update_message (self);
  run_job (self, g_new0 (Job, 1), read_in_thread, on_read);
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
on_listed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  PlazaDelivery *self = PLAZA_DELIVERY (source);
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) items = g_task_propagate_pointer (G_TASK (result), &error);
  guint aside = 0;

  if (!items)
    {
      end_round (self, g_steal_pointer (&error));
      return;
    }
  self->round_bytes = self->done_bytes = self->sent_bytes = 0;
  self->round_count = self->done_count = 0;
  for (guint i = 0; i < items->len; i++)
    {
      PlazaOutboxItem *item = items->pdata[i];
      items->pdata[i] = NULL;
      if (item->refused)
        {
          aside++;
          plaza_outbox_item_free (item);
          continue;
        }
      self->round_bytes += item->size;
      self->round_count++;
      g_queue_push_tail (&self->queue, item);
    }
  g_ptr_array_set_free_func (items, NULL);
  SET_PROPERTY (set_aside, aside, PROP_SET_ASIDE);
  SET_PROPERTY (waiting, self->round_count, PROP_WAITING);
  next_envelope (self);
}

static void
on_packed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PlazaDelivery) self = user_data;
  g_autoptr (GError) error = NULL;

  PlazaPacked packed;

  if (!plaza_outbox_pack_finish (PLAZA_STORE (source), result, &packed, &error))
    {
      end_round (self, g_steal_pointer (&error));
      return;
    }
  if (stop_asked (self))
    return;

  g_autoptr (GTask) task = g_task_new (self, NULL, on_listed, NULL);
  Place *place = g_new0 (Place, 1);
  place->data_root = g_strdup (self->data_root);
  place->fingerprint = g_strdup (plaza_profile_get_campaign_fingerprint (self->profile));
  g_task_set_task_data (task, place, place_free);
  g_task_run_in_thread (task, list_in_thread);
}

static void
pack (PlazaDelivery *self)
{
  const PlazaPackLimits limits = { 0 };

  set_state (self, PLAZA_DELIVERY_PACKING);
  plaza_outbox_pack_async (plaza_profile_get_store (self->profile), self->pack_flags, &limits, NULL,
                           on_packed, g_object_ref (self));
}

static void
on_probed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PlazaDelivery) self = user_data;
  g_autoptr (GError) error = NULL;

  if (!plaza_client_probe_finish (PLAZA_CLIENT (source), result, &error))
    {
      self->retry_after = plaza_client_get_refusal (self->client)->retry_after;
      end_round (self, g_steal_pointer (&error));
      return;
    }
  set_problem (self, PLAZA_DELIVERY_NO_PROBLEM);
  if (!stop_asked (self))
    pack (self);
}

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
    {
      self->client = plaza_client_new_for_campaign (campaign, error);
      if (!self->client)
        return FALSE;
    }
  plaza_client_set_token (self->client, enrolment->token);
  return TRUE;
}

static void
on_caller_cancelled (GCancellable *caller, gpointer user_data)
{
  g_cancellable_cancel (user_data);
}

static void
begin_round (PlazaDelivery *self)
{
  g_autoptr (GError) error = NULL;

  g_return_if_fail (!self->in_round);
  g_clear_handle_id (&self->timer, g_source_remove);
  SET_PROPERTY (next_try, 0, PROP_NEXT_TRY);
  self->again = FALSE;
  self->in_round = TRUE;
  self->retry_after = 0;
  self->cancellable = g_cancellable_new ();
  if (self->round_task && g_task_get_cancellable (self->round_task))
    {
      self->caller = g_object_ref (g_task_get_cancellable (self->round_task));
      self->caller_handler =
          g_cancellable_connect (self->caller, G_CALLBACK (on_caller_cancelled),
                                 g_object_ref (self->cancellable), g_object_unref);
    }
  if (!make_client (self, &error))
    {
      end_round (self, g_steal_pointer (&error));
      return;
    }
  /* After a failure, ask whether the central is there before sealing small envelopes for nobody: a
   * day's responses travel better in one. */
  if (self->running && self->attempt > 0)
    plaza_client_probe_async (self->client, self->cancellable, on_probed, g_object_ref (self));
  else
    pack (self);
}

static gboolean
on_timer (gpointer user_data)
{
  PlazaDelivery *self = user_data;

  self->timer = 0;
  begin_round (self);
  return G_SOURCE_REMOVE;
}

static void
on_network_changed (GNetworkMonitor *monitor, gboolean available, gpointer user_data)
{
  PlazaDelivery *self = user_data;

  /* A hint only: the monitor may be wrong either way, so "not available" stops nothing. */
  if (available && self->state == PLAZA_DELIVERY_WAITING)
    plaza_delivery_now (self);
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
  if (!self->monitor)
    {
      self->monitor = g_object_ref (g_network_monitor_get_default ());
      g_signal_connect_object (self->monitor, "network-changed", G_CALLBACK (on_network_changed),
                               self, 0);
    }
  begin_round (self);
}

void
plaza_delivery_now (PlazaDelivery *self)
{
  g_return_if_fail (PLAZA_IS_DELIVERY (self));

  if (!self->running || self->stopping)
    return;
  self->attempt = 0;
  if (self->in_round)
    {
      self->again = TRUE;
      return;
    }
  set_problem (self, PLAZA_DELIVERY_NO_PROBLEM);
  begin_round (self);
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
  if (!self->in_round)
    {
      self->running = FALSE;
      SET_PROPERTY (next_try, 0, PROP_NEXT_TRY);
      set_state (self, PLAZA_DELIVERY_STOPPED);
      g_task_return_boolean (task, TRUE);
      return;
    }
  self->stopping = TRUE;
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
  begin_round (self);
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
  self->pack_flags = hand_in ? PLAZA_PACK_HAND_IN : PLAZA_PACK_NONE;
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

PlazaDeliveryState
plaza_delivery_get_state (PlazaDelivery *self)
{
  return self->state;
}

PlazaDeliveryProblem
plaza_delivery_get_problem (PlazaDelivery *self)
{
  return self->problem;
}

const char *
plaza_delivery_get_message (PlazaDelivery *self)
{
  return self->message;
}

double
plaza_delivery_get_progress (PlazaDelivery *self)
{
  return self->progress;
}

guint
plaza_delivery_get_waiting (PlazaDelivery *self)
{
  return self->waiting;
}

guint
plaza_delivery_get_delivered (PlazaDelivery *self)
{
  return self->delivered;
}

guint
plaza_delivery_get_carried (PlazaDelivery *self)
{
  return self->carried;
}

guint
plaza_delivery_get_set_aside (PlazaDelivery *self)
{
  return self->set_aside;
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
plaza_delivery_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  PlazaDelivery *self = PLAZA_DELIVERY (object);

  switch (id)
    {
    case PROP_TITLE:
      g_value_set_static_string (value, _ ("Delivery"));
      break;
    case PROP_MESSAGE:
      g_value_set_string (value, self->message);
      break;
    case PROP_PROGRESS:
      g_value_set_double (value, self->progress);
      break;
    case PROP_STATE:
      g_value_set_enum (value, (int) self->state);
      break;
    case PROP_PROBLEM:
      g_value_set_enum (value, (int) self->problem);
      break;
    case PROP_WAITING:
      g_value_set_uint (value, self->waiting);
      break;
    case PROP_DELIVERED:
      g_value_set_uint (value, self->delivered);
      break;
    case PROP_CARRIED:
      g_value_set_uint (value, self->carried);
      break;
    case PROP_SET_ASIDE:
      g_value_set_uint (value, self->set_aside);
      break;
    case PROP_NEXT_TRY:
      g_value_set_int64 (value, self->next_try);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
plaza_delivery_finalize (GObject *object)
{
  PlazaDelivery *self = PLAZA_DELIVERY (object);

  g_clear_handle_id (&self->timer, g_source_remove);
  g_clear_object (&self->client);
  g_clear_object (&self->monitor);
  g_clear_object (&self->profile);
  g_ptr_array_unref (self->stop_tasks);
  g_hash_table_unref (self->refusals);
  g_free (self->data_root);
  g_free (self->profile_id);
  g_free (self->message);
  G_OBJECT_CLASS (plaza_delivery_parent_class)->finalize (object);
}

static void
plaza_delivery_class_init (PlazaDeliveryClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  object_class->get_property = plaza_delivery_get_property;
  object_class->finalize = plaza_delivery_finalize;
  properties[PROP_TITLE] = g_param_spec_string ("title", NULL, NULL, NULL, flags);
  properties[PROP_MESSAGE] = g_param_spec_string ("message", NULL, NULL, NULL, flags);
  properties[PROP_PROGRESS] = g_param_spec_double ("progress", NULL, NULL, 0, 1, 1, flags);
  properties[PROP_STATE] =
      g_param_spec_enum ("state", NULL, NULL, PLAZA_TYPE_DELIVERY_STATE, 0, flags);
  properties[PROP_PROBLEM] =
      g_param_spec_enum ("problem", NULL, NULL, PLAZA_TYPE_DELIVERY_PROBLEM, 0, flags);
  properties[PROP_WAITING] = g_param_spec_uint ("waiting", NULL, NULL, 0, G_MAXUINT, 0, flags);
  properties[PROP_DELIVERED] = g_param_spec_uint ("delivered", NULL, NULL, 0, G_MAXUINT, 0, flags);
  properties[PROP_CARRIED] = g_param_spec_uint ("carried", NULL, NULL, 0, G_MAXUINT, 0, flags);
  properties[PROP_SET_ASIDE] = g_param_spec_uint ("set-aside", NULL, NULL, 0, G_MAXUINT, 0, flags);
  properties[PROP_NEXT_TRY] = g_param_spec_int64 ("next-try", NULL, NULL, 0, G_MAXINT64, 0, flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);
  signals[SIGNAL_RECEIPT] =
      g_signal_new ("receipt", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                    G_TYPE_NONE, 2, G_TYPE_STRING, G_TYPE_STRING);
}

static void
plaza_delivery_init (PlazaDelivery *self)
{
  g_queue_init (&self->queue);
  self->progress = 1;
  self->message = g_strdup ("");
  self->stop_tasks = g_ptr_array_new_with_free_func (g_object_unref);
  self->refusals = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
}
