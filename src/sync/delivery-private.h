/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "store/outbox.h"
#include "sync/client.h"
#include "sync/delivery.h"
#include "sync/pace.h"
#include "sync/passage.h"
#include "sync/power.h"

G_BEGIN_DECLS

/* A delivery is one object in several files: delivery.c (what others call, and when a round begins
 * by itself), delivery-round.c (the steps of a round), delivery-sending.c (envelopes on their way),
 * delivery-properties.c and delivery-words.c (what people see). */

/** PlazaDeliverySlot: one envelope on its way. */
typedef struct
{
  PlazaDelivery *delivery;
  PlazaOutboxItem *item; /* NULL while free */
  guint64 sent;
  gint64 begun_us;
  guint renewals; /* tokens renewed before it went */
} PlazaDeliverySlot;

#define PLAZA_DELIVERY_SLOTS PLAZA_CLIENT_CONNECTIONS

struct _PlazaDelivery
{
  GObject parent_instance;

  PlazaProfile *profile;
  PlazaClient *client;
  char *data_root;
  char *profile_id;
  gboolean hand_in;

  /* When rounds begin. */
  gboolean running; /* started, until stopped */
  gboolean again;   /* asked for while a round was on */
  gboolean stopping;
  gboolean urgent;  /* somebody asked: nothing pauses it until all is delivered */
  gboolean held;    /* plaza_delivery_set_paused() */
  gboolean revoked; /* no round begins by itself any more */
  gboolean over_metered;
  gboolean network_changed; /* since the last probe */
  GTask *round_task;        /* of plaza_delivery_round_async() */
  GPtrArray *stop_tasks;    /* GTask */
  GNetworkMonitor *monitor;
  PlazaPower *power;
  guint timer;
  guint attempt;
  guint retry_after;

  /* The round that is on. */
  gboolean in_round;
  gboolean ending;       /* nothing new starts */
  gboolean halted;       /* what is on its way ends after the present piece */
  gboolean working;      /* at one of the steps that come one after the other */
  gboolean probe_wanted; /* before anything else */
  gboolean registered;   /* registrations went */
  gboolean listed;       /* what waits was counted */
  gboolean just_packed;  /* what the list has more now was never sent */
  gboolean all_packed;   /* responses; contacts come last */
  gboolean contacts_packed;
  guint keeping; /* receipts on their way to the disk */
  gboolean absorbing;
  gboolean absorb_again;
  gboolean renewing;
  guint renewals;
  guint requests; /* sent in this round */
  guint failures; /* one after the other, without anything arriving between */
  GCancellable *cancellable;
  GCancellable *caller;
  gulong caller_handler;
  GQueue queue;      /* PlazaOutboxItem, owned */
  GHashTable *known; /* envelope id → times cut in this round */
  PlazaDeliverySlot slots[PLAZA_DELIVERY_SLOTS];
  GError *error; /* of an envelope, the others went on; or the one that ended the round */
  PlazaDeliveryProblem error_problem;
  guint64 round_bytes;
  guint64 done_bytes;
  guint left; /* entries that are not packed yet, as last counted */

  /* While the profile is unlocked. */
  GHashTable *refusals; /* envelope id → times refused for what it is */
  GHashTable *begun;    /* envelope id → PlazaPassageEnd: what is there, as far as is known */
  PlazaPace pace;
  guint sampler;

  /* Properties. */
  PlazaDeliveryState state;
  PlazaDeliveryProblem problem;
  char *message;
  double progress;
  double progress_from; /* when the round began */
  double progress_held; /* it does not go back */
  guint waiting;
  guint delivered;
  guint carried;
  guint set_aside;
  gint64 next_try;
  double rate;
  guint time_left;
  guint64 bytes_waiting;
  gboolean paused;
};

/* delivery-properties.c */

typedef enum
{
  PLAZA_DELIVERY_PROP_0,
  PLAZA_DELIVERY_PROP_TITLE,
  PLAZA_DELIVERY_PROP_MESSAGE,
  PLAZA_DELIVERY_PROP_PROGRESS,
  PLAZA_DELIVERY_PROP_STATE,
  PLAZA_DELIVERY_PROP_PROBLEM,
  PLAZA_DELIVERY_PROP_WAITING,
  PLAZA_DELIVERY_PROP_DELIVERED,
  PLAZA_DELIVERY_PROP_CARRIED,
  PLAZA_DELIVERY_PROP_SET_ASIDE,
  PLAZA_DELIVERY_PROP_NEXT_TRY,
  PLAZA_DELIVERY_PROP_RATE,
  PLAZA_DELIVERY_PROP_TIME_LEFT,
  PLAZA_DELIVERY_PROP_BYTES_WAITING,
  PLAZA_DELIVERY_PROP_PAUSED,
  PLAZA_DELIVERY_PROP_OVER_METERED,
  PLAZA_DELIVERY_N_PROPS,
} PlazaDeliveryProp;

void plaza_delivery_install_properties (GObjectClass *klass);
void plaza_delivery_notify (PlazaDelivery *self, PlazaDeliveryProp prop);

#define PLAZA_DELIVERY_SET(self, field, value, prop) \
  G_STMT_START \
  { \
    if ((self)->field != (value)) \
      { \
        (self)->field = (value); \
        plaza_delivery_notify ((self), PLAZA_DELIVERY_PROP_##prop); \
      } \
  } \
  G_STMT_END

void plaza_delivery_set_state (PlazaDelivery *self, PlazaDeliveryState state);
void plaza_delivery_set_problem (PlazaDelivery *self, PlazaDeliveryProblem problem);
/** plaza_delivery_update_progress: after anything was sent, delivered or packed. */
void plaza_delivery_update_progress (PlazaDelivery *self);
/** plaza_delivery_watch_rate: from now on the rate is looked at each second, or no more. */
void plaza_delivery_watch_rate (PlazaDelivery *self, gboolean on);
/** plaza_delivery_update_message: after anything that the words depend on. */
void plaza_delivery_update_message (PlazaDelivery *self);

/* delivery-words.c */

/** plaza_delivery_describe: (transfer full): what happens now, in words for people. */
char *plaza_delivery_describe (PlazaDelivery *self);

/* delivery.c */

/** plaza_delivery_find_pause: whether nothing may go by itself now, and why. */
gboolean plaza_delivery_find_pause (PlazaDelivery *self, PlazaDeliveryProblem *out);
/** plaza_delivery_settle: after a round: what comes next is begun, or answered to who asked. */
void plaza_delivery_settle (PlazaDelivery *self);

/* delivery-round.c */

void plaza_delivery_begin_round (PlazaDelivery *self);
/** plaza_delivery_pump: begins whatever can be begun, or ends the round when all is done. */
void plaza_delivery_pump (PlazaDelivery *self);
/** plaza_delivery_note_revoked: the central said that the device is out of use; kept for Home. */
void plaza_delivery_note_revoked (PlazaDelivery *self);

/** plaza_delivery_problem_of: what to tell people. @refusal: NULL when nobody was asked. */
PlazaDeliveryProblem
plaza_delivery_problem_of (const GError *error, const PlazaRefusal *refusal, gboolean clock_doubt);
/** plaza_delivery_note: @error (transfer full) concerns one envelope; the others go on. */
void plaza_delivery_note (PlazaDelivery *self, GError *error, PlazaDeliveryProblem problem);
/** plaza_delivery_fail: @error (transfer full) ends the round as soon as what is on its way came to
 * an end. */
void plaza_delivery_fail (PlazaDelivery *self, GError *error, PlazaDeliveryProblem problem);
/** plaza_delivery_abort: as above, and cuts what is on its way. */
void plaza_delivery_abort (PlazaDelivery *self, GError *error, PlazaDeliveryProblem problem);
/** plaza_delivery_renew: gets a new token; nothing new starts before. */
void plaza_delivery_renew (PlazaDelivery *self);

/* delivery-sending.c */

/** plaza_delivery_send: takes @item (transfer full) on its way in the free @slot. */
void plaza_delivery_send (PlazaDelivery *self, PlazaDeliverySlot *slot, PlazaOutboxItem *item);
/** plaza_delivery_count_busy: how many envelopes are on their way. */
guint plaza_delivery_count_busy (PlazaDelivery *self);

G_END_DECLS
