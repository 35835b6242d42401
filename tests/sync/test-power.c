/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "delivery-case.h"
#include "sync/power.h"

/* UPower, as far as Plaza asks it, on a bus of its own. */

#define DEVICE "/org/freedesktop/UPower/devices/DisplayDevice"
#define DEVICE_INTERFACE "org.freedesktop.UPower.Device"
#define DISCHARGING 2
#define CHARGING 1
#define NO_WARNING 1
#define LOW 3

typedef struct
{
  GDBusConnection *connection;
  guint state;
  guint level;
} FakeUPower;

static GVariant *
get_property (GDBusConnection *connection,
              const char *sender,
              const char *path,
              const char *interface,
              const char *name,
              GError **error,
              gpointer user_data)
{
  FakeUPower *self = user_data;

  return g_variant_new_uint32 (g_str_equal (name, "State") ? self->state : self->level);
}

static void
set_battery (FakeUPower *self, guint state, guint level)
{
  GVariantBuilder changed;
  g_autoptr (GError) error = NULL;

  self->state = state;
  self->level = level;
  g_variant_builder_init (&changed, G_VARIANT_TYPE ("a{sv}"));
  g_variant_builder_add (&changed, "{sv}", "State", g_variant_new_uint32 (state));
  g_variant_builder_add (&changed, "{sv}", "WarningLevel", g_variant_new_uint32 (level));
  g_dbus_connection_emit_signal (
      self->connection, NULL, DEVICE, "org.freedesktop.DBus.Properties", "PropertiesChanged",
      g_variant_new ("(sa{sv}as)", DEVICE_INTERFACE, &changed, NULL), &error);
  g_assert_no_error (error);
}

static void
publish (FakeUPower *self)
{
  static const GDBusInterfaceVTable table = { .get_property = get_property };
  g_autoptr (GError) error = NULL;
  g_autoptr (GDBusNodeInfo) info = g_dbus_node_info_new_for_xml (
      "<node><interface name='" DEVICE_INTERFACE "'>"
      "<property name='State' type='u' access='read'/>"
      "<property name='WarningLevel' type='u' access='read'/></interface></node>",
      &error);
  g_autoptr (GVariant) reply = NULL;

  g_assert_no_error (error);
  g_dbus_connection_register_object (self->connection, DEVICE, info->interfaces[0], &table, self,
                                     NULL, &error);
  g_assert_no_error (error);
  reply = g_dbus_connection_call_sync (
      self->connection, "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus",
      "RequestName", g_variant_new ("(su)", "org.freedesktop.UPower", 0), NULL,
      G_DBUS_CALL_FLAGS_NONE, -1, NULL, &error);
  g_assert_no_error (error);
}

static void
wait_for (PlazaPower *power, gboolean low)
{
  while (plaza_power_get_low (power) != low)
    g_main_context_iteration (NULL, TRUE);
}

static void
test_battery (FakeUPower *upower)
{
  g_autoptr (PlazaPower) power = plaza_power_new ();

  g_assert_false (plaza_power_get_low (power));
  set_battery (upower, DISCHARGING, LOW);
  wait_for (power, TRUE);
  set_battery (upower, CHARGING, LOW);
  wait_for (power, FALSE);
  set_battery (upower, DISCHARGING, LOW);
  wait_for (power, TRUE);
  set_battery (upower, DISCHARGING, NO_WARNING);
  wait_for (power, FALSE);

  /* One that begins on a low battery knows it soon. */
  set_battery (upower, DISCHARGING, LOW);
  g_autoptr (PlazaPower) second = plaza_power_new ();
  wait_for (second, TRUE);
  /* And one that goes at once does no harm. */
  PlazaPower *third = plaza_power_new ();
  g_object_unref (third);
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

static void
test_delivery (FakeUPower *upower)
{
  DeliveryCase fixture = { 0 };

  delivery_case_set_up (&fixture, NULL);
  PlazaDelivery *delivery = plaza_delivery_new (fixture.profile);
  set_battery (upower, DISCHARGING, LOW);
  plaza_delivery_start (delivery);
  while (plaza_delivery_get_state (delivery) != PLAZA_DELIVERY_IDLE ||
         !plaza_delivery_get_paused (delivery))
    g_main_context_iteration (NULL, TRUE);

  fake_laptop_respond (fixture.profile, 3);
  plaza_delivery_wake (delivery);
  while (plaza_delivery_get_problem (delivery) != PLAZA_DELIVERY_BATTERY)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpint (plaza_delivery_get_state (delivery), ==, PLAZA_DELIVERY_WAITING);
  g_assert_cmpuint (fake_central_counts (fixture.central).requests, ==, 0);

  set_battery (upower, CHARGING, LOW);
  while (delivery_case_counts (fixture.profile).delivered < 3)
    g_main_context_iteration (NULL, TRUE);
  delivery_case_stop (delivery);
  delivery_case_assert_arrived (fixture.central, fixture.profile, 3);
  g_object_unref (delivery);
  delivery_case_tear_down (&fixture, NULL);
}

static void
test_all (void)
{
  g_autoptr (GTestDBus) bus = g_test_dbus_new (G_TEST_DBUS_NONE);
  g_autoptr (GError) error = NULL;
  FakeUPower upower = { .state = CHARGING, .level = NO_WARNING };

  g_test_dbus_up (bus);
  g_setenv ("DBUS_SYSTEM_BUS_ADDRESS", g_test_dbus_get_bus_address (bus), TRUE);
  upower.connection =
      g_dbus_connection_new_for_address_sync (g_test_dbus_get_bus_address (bus),
                                              G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT |
                                                  G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
                                              NULL, NULL, &error);
  g_assert_no_error (error);
  publish (&upower);
  test_battery (&upower);
  test_delivery (&upower);
  g_object_unref (upower.connection);

  /* The process' own connection ends with the bus and must not take the process along. */
  g_autoptr (GDBusConnection) shared = g_bus_get_sync (G_BUS_TYPE_SYSTEM, NULL, &error);
  g_assert_no_error (error);
  g_dbus_connection_set_exit_on_close (shared, FALSE);
  g_clear_object (&shared);
  g_test_dbus_stop (bus);
}

/* No bus, no UPower: mains. */
static void
test_absent (void)
{
  g_setenv ("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nowhere", TRUE);
  g_autoptr (PlazaPower) power = plaza_power_new ();
  gint64 end = g_get_monotonic_time () + G_USEC_PER_SEC / 5;

  while (g_get_monotonic_time () < end)
    g_main_context_iteration (NULL, FALSE);
  g_assert_false (plaza_power_get_low (power));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/power/absent", test_absent);
  g_test_add_func ("/power/upower", test_all);
  return g_test_run ();
}
