/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-sync"

#include "config.h"

#include "sync/delivery-private.h"

#include <glib/gi18n-lib.h>

static GParamSpec *properties[PLAZA_DELIVERY_N_PROPS];

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
        { PLAZA_DELIVERY_REVOKED, "PLAZA_DELIVERY_REVOKED", "revoked" },
        { 0, NULL, NULL },
      };
      g_once_init_leave (&type, g_enum_register_static ("PlazaDeliveryProblem", values));
    }
  return type;
}

void
plaza_delivery_notify (PlazaDelivery *self, PlazaDeliveryProp prop)
{
  g_object_notify_by_pspec (G_OBJECT (self), properties[prop]);
}

void
plaza_delivery_update_message (PlazaDelivery *self)
{
  g_autofree char *message = plaza_delivery_describe (self);

  if (g_strcmp0 (message, self->message) == 0)
    return;
  g_free (self->message);
  self->message = g_steal_pointer (&message);
  plaza_delivery_notify (self, PLAZA_DELIVERY_PROP_MESSAGE);
}

void
plaza_delivery_set_state (PlazaDelivery *self, PlazaDeliveryState state)
{
  PLAZA_DELIVERY_SET (self, state, state, STATE);
  plaza_delivery_update_message (self);
}

void
plaza_delivery_set_problem (PlazaDelivery *self, PlazaDeliveryProblem problem)
{
  PLAZA_DELIVERY_SET (self, problem, problem, PROBLEM);
  plaza_delivery_update_message (self);
}

/* So much may be said while something is still to come: a receipt, or the next try. */
#define NEARLY_DONE 0.99

static double
find_progress (PlazaDelivery *self, guint64 done, guint64 total)
{
  double reached;

  if (!self->in_round && self->waiting + self->left == 0)
    return 1;
  if (total == 0)
    return self->progress;
  reached = self->progress_from + (1 - self->progress_from) * (double) done / (double) total;
  self->progress_held = MAX (self->progress_held, MIN (reached, NEARLY_DONE));
  return self->progress_held;
}

void
plaza_delivery_update_progress (PlazaDelivery *self)
{
  guint64 unpacked = (guint64) (self->left * self->pace.entry_bytes);
  guint64 total = self->round_bytes + unpacked;
  guint64 done = self->done_bytes;

  for (guint i = 0; i < PLAZA_DELIVERY_SLOTS; i++)
    done += self->slots[i].sent;
  done = MIN (done, total);
  PLAZA_DELIVERY_SET (self, progress, find_progress (self, done, total), PROGRESS);
  PLAZA_DELIVERY_SET (self, bytes_waiting, total - done, BYTES_WAITING);
  plaza_delivery_update_message (self);
}

static gboolean
on_sample (gpointer user_data)
{
  PlazaDelivery *self = user_data;
  gint64 now = g_get_monotonic_time ();
  guint time_left = 0;

  plaza_pace_add (&self->pace, 0, now);
  double rate = plaza_pace_rate (&self->pace, now);
  if (rate >= 1)
    time_left = (guint) MIN ((double) self->bytes_waiting / rate + 0.5, (double) G_MAXINT);
  PLAZA_DELIVERY_SET (self, rate, rate, RATE);
  PLAZA_DELIVERY_SET (self, time_left, time_left, TIME_LEFT);
  plaza_delivery_update_message (self);
  return G_SOURCE_CONTINUE;
}

void
plaza_delivery_watch_rate (PlazaDelivery *self, gboolean on)
{
  if (on && self->sampler == 0)
    self->sampler = g_timeout_add (1000, on_sample, self);
  if (on)
    return;
  g_clear_handle_id (&self->sampler, g_source_remove);
  plaza_pace_rest (&self->pace);
  PLAZA_DELIVERY_SET (self, rate, 0.0, RATE);
  PLAZA_DELIVERY_SET (self, time_left, 0, TIME_LEFT);
}

PlazaClient *
plaza_delivery_get_client (PlazaDelivery *self)
{
  return self->client;
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

double
plaza_delivery_get_rate (PlazaDelivery *self)
{
  return self->rate;
}

guint
plaza_delivery_get_time_left (PlazaDelivery *self)
{
  return self->time_left;
}

guint64
plaza_delivery_get_bytes_waiting (PlazaDelivery *self)
{
  return self->bytes_waiting;
}

gboolean
plaza_delivery_get_paused (PlazaDelivery *self)
{
  return self->paused;
}

static void
get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  PlazaDelivery *self = PLAZA_DELIVERY (object);

  switch (id)
    {
    case PLAZA_DELIVERY_PROP_TITLE:
      g_value_set_static_string (value, _ ("Delivery"));
      break;
    case PLAZA_DELIVERY_PROP_MESSAGE:
      g_value_set_string (value, self->message);
      break;
    case PLAZA_DELIVERY_PROP_PROGRESS:
      g_value_set_double (value, self->progress);
      break;
    case PLAZA_DELIVERY_PROP_STATE:
      g_value_set_enum (value, (int) self->state);
      break;
    case PLAZA_DELIVERY_PROP_PROBLEM:
      g_value_set_enum (value, (int) self->problem);
      break;
    case PLAZA_DELIVERY_PROP_WAITING:
      g_value_set_uint (value, self->waiting);
      break;
    case PLAZA_DELIVERY_PROP_DELIVERED:
      g_value_set_uint (value, self->delivered);
      break;
    case PLAZA_DELIVERY_PROP_CARRIED:
      g_value_set_uint (value, self->carried);
      break;
    case PLAZA_DELIVERY_PROP_SET_ASIDE:
      g_value_set_uint (value, self->set_aside);
      break;
    case PLAZA_DELIVERY_PROP_NEXT_TRY:
      g_value_set_int64 (value, self->next_try);
      break;
    case PLAZA_DELIVERY_PROP_RATE:
      g_value_set_double (value, self->rate);
      break;
    case PLAZA_DELIVERY_PROP_TIME_LEFT:
      g_value_set_uint (value, self->time_left);
      break;
    case PLAZA_DELIVERY_PROP_BYTES_WAITING:
      g_value_set_uint64 (value, self->bytes_waiting);
      break;
    case PLAZA_DELIVERY_PROP_PAUSED:
      g_value_set_boolean (value, self->paused);
      break;
    case PLAZA_DELIVERY_PROP_OVER_METERED:
      g_value_set_boolean (value, self->over_metered);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  if (id == PLAZA_DELIVERY_PROP_OVER_METERED)
    plaza_delivery_set_over_metered (PLAZA_DELIVERY (object), g_value_get_boolean (value));
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

void
plaza_delivery_install_properties (GObjectClass *klass)
{
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

#define COUNT(name) g_param_spec_uint (name, NULL, NULL, 0, G_MAXUINT, 0, flags)
  klass->get_property = get_property;
  klass->set_property = set_property;
  properties[PLAZA_DELIVERY_PROP_TITLE] = g_param_spec_string ("title", NULL, NULL, NULL, flags);
  properties[PLAZA_DELIVERY_PROP_MESSAGE] =
      g_param_spec_string ("message", NULL, NULL, NULL, flags);
  properties[PLAZA_DELIVERY_PROP_PROGRESS] =
      g_param_spec_double ("progress", NULL, NULL, 0, 1, 1, flags);
  properties[PLAZA_DELIVERY_PROP_STATE] =
      g_param_spec_enum ("state", NULL, NULL, PLAZA_TYPE_DELIVERY_STATE, 0, flags);
  properties[PLAZA_DELIVERY_PROP_PROBLEM] =
      g_param_spec_enum ("problem", NULL, NULL, PLAZA_TYPE_DELIVERY_PROBLEM, 0, flags);
  properties[PLAZA_DELIVERY_PROP_WAITING] = COUNT ("waiting");
  properties[PLAZA_DELIVERY_PROP_DELIVERED] = COUNT ("delivered");
  properties[PLAZA_DELIVERY_PROP_CARRIED] = COUNT ("carried");
  properties[PLAZA_DELIVERY_PROP_SET_ASIDE] = COUNT ("set-aside");
  properties[PLAZA_DELIVERY_PROP_NEXT_TRY] =
      g_param_spec_int64 ("next-try", NULL, NULL, 0, G_MAXINT64, 0, flags);
  properties[PLAZA_DELIVERY_PROP_RATE] =
      g_param_spec_double ("rate", NULL, NULL, 0, G_MAXDOUBLE, 0, flags);
  properties[PLAZA_DELIVERY_PROP_TIME_LEFT] = COUNT ("time-left");
  properties[PLAZA_DELIVERY_PROP_BYTES_WAITING] =
      g_param_spec_uint64 ("bytes-waiting", NULL, NULL, 0, G_MAXUINT64, 0, flags);
  properties[PLAZA_DELIVERY_PROP_PAUSED] =
      g_param_spec_boolean ("paused", NULL, NULL, FALSE, flags);
  properties[PLAZA_DELIVERY_PROP_OVER_METERED] =
      g_param_spec_boolean ("over-metered", NULL, NULL, FALSE,
                            G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
#undef COUNT
  g_object_class_install_properties (klass, PLAZA_DELIVERY_N_PROPS, properties);
}
