/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/uuid.h"
#include "delivery-case.h"
#include "store/carried.h"
#include "store/joining.h"
#include "sync/delivery-private.h"
#include "wire/joinlink.h"
#include "wire/registration.h"

/* How a delivery behaves: what it asks the central for, when it keeps quiet, what it says. */

/* With nothing to deliver, the central is asked once whether it takes this device. */
static void
test_nothing (DeliveryCase *fixture, gconstpointer data)
{
  g_autoptr (PlazaDelivery) delivery = plaza_delivery_new (fixture->profile);
  g_autoptr (GError) error = NULL;

  delivery_case_round (delivery, &error);
  g_assert_no_error (error);
  FakeCounts counts = fake_central_counts (fixture->central);
  g_assert_cmpuint (counts.requests, ==, 1);
  g_assert_cmpuint (counts.probes, ==, 1);
  g_assert_cmpuint (counts.bytes, <, 1000);

  /* Nobody is missed when nothing waits. */
  fake_server_stop (fake_central_server (fixture->central));
  delivery_case_round (delivery, &error);
  g_assert_no_error (error);
}

static void
test_renewal (DeliveryCase *fixture, gconstpointer data)
{
  g_autoptr (PlazaDelivery) delivery = plaza_delivery_new (fixture->profile);
  g_autoptr (GError) error = NULL;

  /* Two are on their way when the first "no" comes. */
  for (int i = 0; i < 4; i++)
    {
      fake_laptop_respond (fixture->profile, 2);
      plaza_outbox_pack (plaza_profile_get_store (fixture->profile), PLAZA_PACK_NONE, NULL, &error);
      g_assert_no_error (error);
    }
  fake_central_expire_tokens (fixture->central);
  delivery_case_round (delivery, &error);
  g_assert_no_error (error);
  delivery_case_assert_arrived (fixture->central, fixture->profile, 8);
  g_assert_cmpuint (fake_central_counts (fixture->central).renewals, ==, 1);
  g_clear_object (&delivery);

  /* It is kept. */
  plaza_profile_lock (fixture->profile, &error);
  g_assert_no_error (error);
  plaza_profile_unlock (fixture->profile, FAKE_PASSPHRASE, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (plaza_profile_get_enrolment (fixture->profile)->token, ==, "ccd_renewed_1");
  fake_laptop_respond (fixture->profile, 1);
  delivery = plaza_delivery_new (fixture->profile);
  delivery_case_round (delivery, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (fake_central_counts (fixture->central).renewals, ==, 1);
}

static void
test_revoked (DeliveryCase *fixture, gconstpointer data)
{
  g_autoptr (PlazaDelivery) delivery = plaza_delivery_new (fixture->profile);

  fake_laptop_respond (fixture->profile, 3);
  fake_central_expire_tokens (fixture->central);
  fake_central_revoke (fixture->central, TRUE);
  plaza_delivery_start (delivery);
  while (plaza_delivery_get_problem (delivery) != PLAZA_DELIVERY_REVOKED)
    g_main_context_iteration (NULL, TRUE);
  /* said after a restart too, until there is a token again */
  g_assert_true (plaza_profile_is_revoked (fixture->profile));
  g_assert_cmpint (plaza_delivery_get_state (delivery), ==, PLAZA_DELIVERY_WAITING);
  g_assert_cmpuint (delivery_case_counts (fixture->profile).waiting, ==, 3);

  /* It asks no more by itself, whatever comes; a person may ask. */
  guint requests = fake_central_counts (fixture->central).requests;
  plaza_delivery_wake (delivery);
  g_assert_cmpint (plaza_delivery_get_state (delivery), ==, PLAZA_DELIVERY_WAITING);
  g_assert_cmpuint (fake_central_counts (fixture->central).requests, ==, requests);
  fake_central_revoke (fixture->central, FALSE);
  plaza_delivery_now (delivery);
  while (plaza_delivery_get_state (delivery) != PLAZA_DELIVERY_IDLE)
    g_main_context_iteration (NULL, TRUE);
  delivery_case_stop (delivery);
  g_assert_false (plaza_profile_is_revoked (fixture->profile));
  delivery_case_assert_arrived (fixture->central, fixture->profile, 3);
}

/* A laptop that joined without a connection registers, gets its token, delivers. */
static void
test_registration (DeliveryCase *fixture, gconstpointer data)
{
  const PlazaInvitation invitation = { .person = (char *) "Rufina",
                                       .organisation = (char *) "",
                                       .role = (char *) "facilitator",
                                       .batch = (char *) "R7" };
  g_autoptr (GError) error = NULL;
  g_autofree char *code = plaza_join_code_new ();
  g_autoptr (PlazaProfile) other = plaza_profile_create (
      fixture->root, fake_central_campaign (fixture->central), "Rufina", FAKE_PASSPHRASE, &error);

  g_assert_no_error (error);
  plaza_profile_accept_invitation (other, &invitation, code, &error);
  g_assert_no_error (error);
  fake_laptop_respond (other, 4);
  g_autoptr (PlazaDelivery) delivery = plaza_delivery_new (other);
  delivery_case_round (delivery, &error);
  g_assert_no_error (error);
  delivery_case_assert_arrived (fixture->central, other, 4);
  g_assert_cmpuint (fake_central_counts (fixture->central).registrations, ==, 1);
  g_assert_cmpuint (fake_central_counts (fixture->central).renewals, ==, 1);
  g_assert_cmpint (plaza_profile_get_registration_state (other, NULL), ==, PLAZA_REGISTERED);

  fake_laptop_respond (other, 1);
  delivery_case_round (delivery, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (fake_central_counts (fixture->central).registrations, ==, 1);
  g_clear_object (&delivery);
  plaza_profile_lock (other, &error);
  g_assert_no_error (error);
}

static GBytes *
make_registration (DeliveryCase *fixture, const PlazaPublicKey *to, const char *device)
{
  g_autoptr (PlazaSecret) secret = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *typed = plaza_join_code_new ();
  g_autofree char *code = plaza_join_code_normalise (typed, &error);
  PlazaPublicKey key;
  const PlazaRegistration registration = {
    .campaign = fake_central_campaign (fixture->central)->fingerprint,
    .device = (char *) device,
    .code = code,
    .person = (char *) "Tomasa",
    .joined_ms = 1560000000000,
  };

  plaza_sign_keypair (&key, &secret);
  GBytes *bytes = plaza_registration_make (&registration, to, secret, &error);
  g_assert_no_error (error);
  return bytes;
}

/* Registrations carried for others go first; one that the central refuses holds up nothing. */
static void
test_carried_registrations (DeliveryCase *fixture, gconstpointer data)
{
  PlazaCampaign *campaign = fake_central_campaign (fixture->central);
  g_autoptr (GError) error = NULL;
  g_autoptr (PlazaCarried) carried = plaza_carried_new (fixture->root, &error);
  g_autoptr (PlazaDelivery) delivery = plaza_delivery_new (fixture->profile);

  g_assert_no_error (error);
  for (int i = 0; i < 2; i++)
    {
      g_autofree char *device = plaza_uuid_v7 ();
      /* The second is sealed to somebody else: the central cannot read it. */
      g_autoptr (GBytes) bytes = make_registration (
          fixture, i == 0 ? &campaign->key_central_seal : &campaign->key_custody, device);
      PlazaCarriedFate fate;
      plaza_carried_take_registration (carried, bytes, &fate, NULL, &error);
      g_assert_no_error (error);
      g_assert_cmpint (fate, ==, PLAZA_CARRIED_NEW);
    }
  guint devices = fake_central_n_devices (fixture->central);
  fake_laptop_respond (fixture->profile, 2);
  g_test_expect_message ("plaza-sync", G_LOG_LEVEL_WARNING, "*registration was not taken*");
  delivery_case_round (delivery, &error);
  g_test_assert_expected_messages ();
  g_assert_no_error (error);
  delivery_case_assert_arrived (fixture->central, fixture->profile, 2);
  g_assert_cmpuint (fake_central_n_devices (fixture->central), ==, devices + 1);
  g_assert_cmpuint (fake_central_counts (fixture->central).registrations, ==, 2);

  /* Neither waits any more. */
  g_autoptr (GPtrArray) left = plaza_carried_list_registrations (fixture->root, NULL);
  g_assert_cmpuint (left->len, ==, 0);
}

static void
test_pause (DeliveryCase *fixture, gconstpointer data)
{
  g_autoptr (PlazaDelivery) delivery = plaza_delivery_new (fixture->profile);

  fake_laptop_respond (fixture->profile, 3);
  plaza_delivery_set_paused (delivery, TRUE);
  plaza_delivery_start (delivery);
  while (plaza_delivery_get_state (delivery) != PLAZA_DELIVERY_WAITING)
    g_main_context_iteration (NULL, TRUE);
  g_assert_true (plaza_delivery_get_paused (delivery));
  g_assert_cmpint (plaza_delivery_get_problem (delivery), ==, PLAZA_DELIVERY_NO_PROBLEM);
  plaza_delivery_wake (delivery);
  while (plaza_delivery_get_state (delivery) != PLAZA_DELIVERY_WAITING)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpuint (fake_central_counts (fixture->central).requests, ==, 0);

  plaza_delivery_set_paused (delivery, FALSE);
  while (plaza_delivery_get_state (delivery) != PLAZA_DELIVERY_IDLE)
    g_main_context_iteration (NULL, TRUE);
  g_assert_false (plaza_delivery_get_paused (delivery));
  delivery_case_assert_arrived (fixture->central, fixture->profile, 3);
  delivery_case_stop (delivery);
}

/* A network monitor that says what a test wants. */

typedef struct
{
  GObject parent_instance;
  gboolean metered;
} FakeMonitor;
typedef GObjectClass FakeMonitorClass;

static void
fake_monitor_init_interface (GNetworkMonitorInterface *iface)
{
}

static gboolean
fake_monitor_initable (GInitable *initable, GCancellable *cancellable, GError **error)
{
  return TRUE;
}

static void
fake_monitor_init_initable (GInitableIface *iface)
{
  iface->init = fake_monitor_initable;
}

GType fake_monitor_get_type (void);
G_DEFINE_TYPE_WITH_CODE (FakeMonitor,
                         fake_monitor,
                         G_TYPE_OBJECT,
                         G_IMPLEMENT_INTERFACE (G_TYPE_INITABLE, fake_monitor_init_initable)
                             G_IMPLEMENT_INTERFACE (G_TYPE_NETWORK_MONITOR,
                                                    fake_monitor_init_interface))

enum
{
  MONITOR_0,
  MONITOR_AVAILABLE,
  MONITOR_METERED,
  MONITOR_CONNECTIVITY,
};

static void
fake_monitor_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  if (id == MONITOR_AVAILABLE)
    g_value_set_boolean (value, TRUE);
  else if (id == MONITOR_METERED)
    g_value_set_boolean (value, ((FakeMonitor *) object)->metered);
  else
    g_value_set_enum (value, G_NETWORK_CONNECTIVITY_FULL);
}

static void
fake_monitor_class_init (FakeMonitorClass *klass)
{
  klass->get_property = fake_monitor_get_property;
  g_object_class_override_property (klass, MONITOR_AVAILABLE, "network-available");
  g_object_class_override_property (klass, MONITOR_METERED, "network-metered");
  g_object_class_override_property (klass, MONITOR_CONNECTIVITY, "connectivity");
}

static void
fake_monitor_init (FakeMonitor *self)
{
}

static void
set_metered (GNetworkMonitor *monitor, gboolean metered)
{
  ((FakeMonitor *) monitor)->metered = metered;
  g_object_notify (G_OBJECT (monitor), "network-metered");
}

static PlazaDelivery *
delivery_on (DeliveryCase *fixture, GNetworkMonitor *monitor)
{
  PlazaDelivery *delivery = plaza_delivery_new (fixture->profile);

  delivery->monitor = g_object_ref (monitor);
  return delivery;
}

static void
test_metered (DeliveryCase *fixture, gconstpointer data)
{
  g_autoptr (GNetworkMonitor) monitor = g_object_new (fake_monitor_get_type (), NULL);
  g_autoptr (PlazaDelivery) delivery = delivery_on (fixture, monitor);

  fake_laptop_respond (fixture->profile, 2);
  set_metered (monitor, TRUE);
  plaza_delivery_start (delivery);
  while (plaza_delivery_get_state (delivery) != PLAZA_DELIVERY_WAITING)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpint (plaza_delivery_get_problem (delivery), ==, PLAZA_DELIVERY_METERED);
  g_assert_true (plaza_delivery_get_paused (delivery));
  g_assert_cmpuint (fake_central_counts (fixture->central).requests, ==, 0);

  /* A person asks. */
  plaza_delivery_now (delivery);
  while (plaza_delivery_get_state (delivery) != PLAZA_DELIVERY_IDLE)
    g_main_context_iteration (NULL, TRUE);
  delivery_case_assert_arrived (fixture->central, fixture->profile, 2);

  /* That was for once. */
  fake_laptop_respond (fixture->profile, 2);
  plaza_delivery_wake (delivery);
  while (plaza_delivery_get_state (delivery) != PLAZA_DELIVERY_WAITING)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpint (plaza_delivery_get_problem (delivery), ==, PLAZA_DELIVERY_METERED);
  set_metered (monitor, FALSE);
  while (plaza_delivery_get_state (delivery) != PLAZA_DELIVERY_IDLE)
    g_main_context_iteration (NULL, TRUE);
  delivery_case_assert_arrived (fixture->central, fixture->profile, 4);

  /* Allowed once for all. */
  set_metered (monitor, TRUE);
  plaza_delivery_set_over_metered (delivery, TRUE);
  fake_laptop_respond (fixture->profile, 1);
  plaza_delivery_wake (delivery);
  while (delivery_case_counts (fixture->profile).delivered < 5)
    g_main_context_iteration (NULL, TRUE);
  delivery_case_assert_arrived (fixture->central, fixture->profile, 5);
  delivery_case_stop (delivery);
}

/* Another network may be a portal: the central is asked for before anything is sealed and sent. */
static void
test_new_network (DeliveryCase *fixture, gconstpointer data)
{
  g_autoptr (GNetworkMonitor) monitor = g_object_new (fake_monitor_get_type (), NULL);
  g_autoptr (PlazaDelivery) delivery = delivery_on (fixture, monitor);

  plaza_delivery_start (delivery);
  while (plaza_delivery_get_state (delivery) != PLAZA_DELIVERY_IDLE)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpuint (fake_central_counts (fixture->central).requests, ==, 0);

  g_signal_emit_by_name (monitor, "network-changed", TRUE);
  fake_laptop_respond (fixture->profile, 2);
  plaza_delivery_wake (delivery);
  while (delivery_case_counts (fixture->profile).delivered < 2)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpuint (fake_central_counts (fixture->central).probes, ==, 1);
  delivery_case_stop (delivery);
}

typedef struct
{
  double best_rate;
  guint64 most_bytes;
  gboolean time_left;
  char *message;
} Seen;

static void
on_notify (GObject *object, GParamSpec *pspec, gpointer user_data)
{
  PlazaDelivery *delivery = PLAZA_DELIVERY (object);
  Seen *seen = user_data;

  seen->best_rate = MAX (seen->best_rate, plaza_delivery_get_rate (delivery));
  seen->most_bytes = MAX (seen->most_bytes, plaza_delivery_get_bytes_waiting (delivery));
  if (plaza_delivery_get_time_left (delivery) == 0)
    return;
  seen->time_left = TRUE;
  if (!seen->message && g_str_equal (pspec->name, "message"))
    seen->message = g_strdup (plaza_delivery_get_message (delivery));
}

/* What people read while it goes. */
static void
test_words (DeliveryCase *fixture, gconstpointer data)
{
  g_autoptr (PlazaDelivery) delivery = plaza_delivery_new (fixture->profile);
  g_autoptr (GError) error = NULL;
  Seen seen = { 0 };

  fake_laptop_respond_at_length (fixture->profile, 10, 20000);
  fake_server_slow (fake_central_server (fixture->central), 40000);
  g_signal_connect (delivery, "notify", G_CALLBACK (on_notify), &seen);
  delivery_case_round (delivery, &error);
  g_assert_no_error (error);
  g_test_message ("%.0f B/s, %" G_GUINT64_FORMAT " bytes: %s", seen.best_rate, seen.most_bytes,
                  seen.message);
  g_assert_cmpuint (seen.most_bytes, >, 100000);
  g_assert_cmpuint (plaza_delivery_get_bytes_waiting (delivery), ==, 0);
  g_assert_cmpfloat (seen.best_rate, >, 1000);
  g_assert_cmpfloat (plaza_delivery_get_rate (delivery), ==, 0);
  g_assert_true (seen.time_left);
  g_assert_true (g_regex_match_simple ("^[0-9.]+ of [0-9]+ kB · [0-9]+ kB/s · about [0-9]+ ",
                                       seen.message, 0, 0));
  g_free (seen.message);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, function) \
  g_test_add (name, DeliveryCase, NULL, delivery_case_set_up, function, delivery_case_tear_down)
  ADD ("/manners/nothing", test_nothing);
  ADD ("/manners/renewal", test_renewal);
  ADD ("/manners/revoked", test_revoked);
  ADD ("/manners/registration", test_registration);
  ADD ("/manners/carried-registrations", test_carried_registrations);
  ADD ("/manners/pause", test_pause);
  ADD ("/manners/metered", test_metered);
  ADD ("/manners/new-network", test_new_network);
  ADD ("/manners/words", test_words);
  return g_test_run ();
}
