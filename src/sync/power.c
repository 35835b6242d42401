/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-sync"

#include "sync/power.h"

#define UPOWER "org.freedesktop.UPower"
/* The battery that stands for all of them; always there, also where there is none. */
#define DISPLAY_DEVICE "/org/freedesktop/UPower/devices/DisplayDevice"

/* UPower's numbers. */
#define STATE_DISCHARGING 2
#define LEVEL_LOW 3

struct _PlazaPower
{
  GObject parent_instance;

  GCancellable *cancellable;
  GDBusProxy *battery;
  gboolean low;
};

G_DEFINE_FINAL_TYPE (PlazaPower, plaza_power, G_TYPE_OBJECT)

enum
{
  PROP_0,
  PROP_LOW,
  N_PROPS,
};
static GParamSpec *properties[N_PROPS];

static guint
read_number (GDBusProxy *proxy, const char *name)
{
  g_autoptr (GVariant) value = g_dbus_proxy_get_cached_property (proxy, name);

  return value && g_variant_is_of_type (value, G_VARIANT_TYPE_UINT32) ? g_variant_get_uint32 (value)
                                                                      : 0;
}

static void
update (PlazaPower *self)
{
  gboolean low = read_number (self->battery, "State") == STATE_DISCHARGING &&
                 read_number (self->battery, "WarningLevel") >= LEVEL_LOW;

  if (low == self->low)
    return;
  self->low = low;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_LOW]);
}

static void
on_proxy (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GDBusProxy) proxy = g_dbus_proxy_new_for_bus_finish (result, &error);

  if (!proxy)
    {
      /* After a cancellation the power may be gone already. */
      if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        g_debug ("UPower: %s", error->message);
      return;
    }
  PlazaPower *self = user_data;
  self->battery = g_steal_pointer (&proxy);
  g_signal_connect_object (self->battery, "g-properties-changed", G_CALLBACK (update), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->battery, "notify::g-name-owner", G_CALLBACK (update), self,
                           G_CONNECT_SWAPPED);
  update (self);
}

PlazaPower *
plaza_power_new (void)
{
  PlazaPower *self = g_object_new (PLAZA_TYPE_POWER, NULL);

  g_dbus_proxy_new_for_bus (G_BUS_TYPE_SYSTEM, G_DBUS_PROXY_FLAGS_NONE, NULL, UPOWER,
                            DISPLAY_DEVICE, UPOWER ".Device", self->cancellable, on_proxy, self);
  return self;
}

gboolean
plaza_power_get_low (PlazaPower *self)
{
  return self->low;
}

static void
plaza_power_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  if (id == PROP_LOW)
    g_value_set_boolean (value, PLAZA_POWER (object)->low);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
plaza_power_dispose (GObject *object)
{
  PlazaPower *self = PLAZA_POWER (object);

  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->battery);
  G_OBJECT_CLASS (plaza_power_parent_class)->dispose (object);
}

static void
plaza_power_finalize (GObject *object)
{
  g_object_unref (PLAZA_POWER (object)->cancellable);
  G_OBJECT_CLASS (plaza_power_parent_class)->finalize (object);
}

static void
plaza_power_class_init (PlazaPowerClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = plaza_power_get_property;
  object_class->dispose = plaza_power_dispose;
  object_class->finalize = plaza_power_finalize;
  properties[PROP_LOW] =
      g_param_spec_boolean ("low", NULL, NULL, FALSE,
                            G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
plaza_power_init (PlazaPower *self)
{
  self->cancellable = g_cancellable_new ();
}
