/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "store/profile.h"
#include "sync/client.h"

G_BEGIN_DECLS

typedef enum
{
  PLAZA_DELIVERY_STOPPED, /* not running */
  PLAZA_DELIVERY_IDLE,    /* running; nothing waits */
  PLAZA_DELIVERY_PACKING, /* sealing what waits into envelopes */
  PLAZA_DELIVERY_SENDING, /* an envelope is on its way */
  PLAZA_DELIVERY_WAITING, /* something waits; the next try comes by itself, see "problem" */
} PlazaDeliveryState;
GType plaza_delivery_state_get_type (void);
#define PLAZA_TYPE_DELIVERY_STATE (plaza_delivery_state_get_type ())

typedef enum
{
  PLAZA_DELIVERY_NO_PROBLEM,
  PLAZA_DELIVERY_OFFLINE, /* no network or no answer: calm, it waits */
  PLAZA_DELIVERY_PORTAL,  /* the network asks to log in, or another machine answers */
  PLAZA_DELIVERY_CLOCK,   /* the certificate fails by its dates: this computer's date is wrong */
  PLAZA_DELIVERY_BUSY,    /* the central is full or asks to wait */
  PLAZA_DELIVERY_TOKEN,   /* the central does not know this device: a coordinator must help */
  PLAZA_DELIVERY_RECEIPT, /* what came back is not a receipt of the central: nothing was marked */
  PLAZA_DELIVERY_LAPTOP,  /* our own disk or data refused */
  PLAZA_DELIVERY_METERED, /* what goes over this network costs: it waits until told */
  PLAZA_DELIVERY_BATTERY, /* the battery is low: it waits until told */
  PLAZA_DELIVERY_REVOKED, /* the central took this device out of use */
} PlazaDeliveryProblem;
GType plaza_delivery_problem_get_type (void);
#define PLAZA_TYPE_DELIVERY_PROBLEM (plaza_delivery_problem_get_type ())

/**
 * PlazaDelivery: the long work of taking what waits to the central. It packs the unlocked profile's
 * finished responses into envelopes, sends those and the packed envelopes of every other profile of
 * the campaign on this data root, verifies each receipt with the
 * campaign's keys and only then says "delivered". It never gives up: between tries it waits with
 * full jitter (2 s doubling to 15 min, or what the server asks), and starts again at once when the
 * network comes back or plaza_delivery_now() is called.
 *
 * An envelope that the server refuses twice for what it is (400, 413, 422) is set aside with its
 * reason and kept; the others go on. Nothing is deleted here.
 *
 * Properties (read-only, notify in the main thread):
 *   "title", "message"  words for people, translated;
 *   "progress"          0 to 1, by bytes that the other end acknowledged, as they are: several
 *                       times a second on any link that moves; 1 when nothing waits, and never 1
 *                       before; from one round to the next it does not go back, whatever is cut;
 *   "state"             PlazaDeliveryState;
 *   "problem"           PlazaDeliveryProblem of the last try;
 *   "waiting"           guint, packed envelopes of all profiles still to go, as last counted;
 *   "delivered"         guint, entries of this profile with a verified receipt since it started;
 *   "carried"           guint, envelopes delivered for other profiles since it started;
 *   "set-aside"         guint, envelopes refused by the central and kept;
 *   "next-try"          gint64, seconds until the next try as of the last change, 0 when none is
 *                       due;
 *   "rate"              double, bytes a second that the other end acknowledged in the last 10 s, 0
 *                       while nothing is known;
 *   "time-left"         guint, seconds until what waits is delivered at that rate, 0 when unknown;
 *   "bytes-waiting"     guint64, bytes still to be sent, an estimate for what is not packed yet;
 *   "paused"            gboolean: nothing is sent by itself: because plaza_delivery_set_paused()
 *                       said so ("problem" is then NO_PROBLEM), or for METERED or BATTERY.
 */
#define PLAZA_TYPE_DELIVERY (plaza_delivery_get_type ())
G_DECLARE_FINAL_TYPE (PlazaDelivery, plaza_delivery, PLAZA, DELIVERY, GObject)

/**
 * PlazaDelivery::receipt: (profile id: string, envelope id: string) after a receipt was verified
 * and kept; rows showing the states of responses refresh here.
 */

/** plaza_delivery_new: @profile is unlocked and stays so while the delivery runs. */
PlazaDelivery *plaza_delivery_new (PlazaProfile *profile);

/** plaza_delivery_set_hand_in: the next rounds send contacts too when they are fewer than five, and
 *  their total: for the end of the fieldwork. */
void plaza_delivery_set_hand_in (PlazaDelivery *self, gboolean hand_in);

/** plaza_delivery_start: runs until stopped. A second call does nothing. */
void plaza_delivery_start (PlazaDelivery *self);

/** plaza_delivery_now: tries at once, forgetting the waits so far and whatever paused it. Call it
 *  when a person asks. */
void plaza_delivery_now (PlazaDelivery *self);

/**
 * plaza_delivery_set_paused: while TRUE nothing is sent by itself, until the profile is locked;
 * what is on its way finishes. plaza_delivery_now() delivers all the same, and takes it back.
 */
void plaza_delivery_set_paused (PlazaDelivery *self, gboolean paused);

/** plaza_delivery_set_over_metered: whether to deliver by itself over networks that cost (no). Also
 * the property "over-metered", for binding. */
void plaza_delivery_set_over_metered (PlazaDelivery *self, gboolean allowed);

/**
 * plaza_delivery_wake: something new waits: a round begins at once, if one may begin by itself.
 */
void plaza_delivery_wake (PlazaDelivery *self);

/**
 * plaza_delivery_stop_async: for locking and quitting: the envelope on its way finishes (or
 * @cancellable cuts it), nothing new starts. The outbox keeps the rest. Always succeeds.
 */
void plaza_delivery_stop_async (PlazaDelivery *self,
                                GCancellable *cancellable,
                                GAsyncReadyCallback callback,
                                gpointer user_data);
gboolean plaza_delivery_stop_finish (PlazaDelivery *self, GAsyncResult *result, GError **error);

/**
 * plaza_delivery_round_async: one whole round without waits: everything that waits goes, or the
 * first failure to reach the central ends it (PlazaClient's errors). For commands; not while
 * started. Ending with envelopes set aside is a success; see "set-aside".
 */
void plaza_delivery_round_async (PlazaDelivery *self,
                                 GCancellable *cancellable,
                                 GAsyncReadyCallback callback,
                                 gpointer user_data);
gboolean plaza_delivery_round_finish (PlazaDelivery *self, GAsyncResult *result, GError **error);

/**
 * plaza_delivery_take_back: what was set aside waits again, because the central was mended. Not
 * during a round.
 */
gboolean plaza_delivery_take_back (PlazaDelivery *self, GError **error);

/** plaza_delivery_get_client: (nullable) (transfer none): what it speaks to the central with, once
 * it has: for what else is to be asked over the same connections. */
PlazaClient *plaza_delivery_get_client (PlazaDelivery *self);
PlazaDeliveryState plaza_delivery_get_state (PlazaDelivery *self);
PlazaDeliveryProblem plaza_delivery_get_problem (PlazaDelivery *self);
const char *plaza_delivery_get_message (PlazaDelivery *self);
double plaza_delivery_get_progress (PlazaDelivery *self);
guint plaza_delivery_get_waiting (PlazaDelivery *self);
guint plaza_delivery_get_delivered (PlazaDelivery *self);
guint plaza_delivery_get_carried (PlazaDelivery *self);
guint plaza_delivery_get_set_aside (PlazaDelivery *self);
double plaza_delivery_get_rate (PlazaDelivery *self);
guint plaza_delivery_get_time_left (PlazaDelivery *self);
guint64 plaza_delivery_get_bytes_waiting (PlazaDelivery *self);
gboolean plaza_delivery_get_paused (PlazaDelivery *self);

/**
 * plaza_delivery_backoff: the wait before try number @attempt (0 is the first repeat), in
 * milliseconds: uniform in [0, min (15 min, 2 s × 2^attempt)] picked by @draw in [0, 1), and never
 * less than @retry_after seconds when the server asked for it (itself capped at 15 min).
 */
guint plaza_delivery_backoff (guint attempt, double draw, guint retry_after);

G_END_DECLS
