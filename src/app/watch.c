/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-app"

#include "config.h"

#include "app/watch.h"

#include <gio/gunixfdlist.h>
#include <glib/gi18n.h>
#include <glib/gstdio.h>

#include "base/clock.h"

#define LOGIND "org.freedesktop.login1"

struct _PlazaWatch
{
  GObject parent_instance;

  guint minutes;
  gint64 last_input; /* plaza_clock_monotonic_ms() */
  guint timer;

  GCancellable *cancellable;
  GDBusConnection *system_bus;
  guint subscription;
  int inhibitor; /* while open, logind waits for us before sleeping; -1 when we hold none */
  guint sleeping : 1;
};

G_DEFINE_FINAL_TYPE (PlazaWatch, plaza_watch, G_TYPE_OBJECT)

enum
{
  LOCK,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

static gboolean
on_timer_cb (gpointer data)
{
  PlazaWatch *self = data;
  gint64 idle = plaza_clock_monotonic_ms () - self->last_input;

  if (self->minutes > 0 && idle >= (gint64) self->minutes * 60 * 1000)
    {
      self->last_input = plaza_clock_monotonic_ms ();
      g_signal_emit (self, signals[LOCK], 0, FALSE);
    }
  return G_SOURCE_CONTINUE;
}

static gboolean
on_event_cb (PlazaWatch *self, GdkEvent *event)
{
  switch (gdk_event_get_event_type (event))
    {
    case GDK_KEY_PRESS:
    case GDK_BUTTON_PRESS:
    case GDK_MOTION_NOTIFY:
    case GDK_TOUCH_BEGIN:
    case GDK_SCROLL:
      self->last_input = plaza_clock_monotonic_ms ();
      break;
    default:
      break;
    }
  return GDK_EVENT_PROPAGATE;
}

void
plaza_watch_set_minutes (PlazaWatch *self, guint minutes)
{
  g_return_if_fail (PLAZA_IS_WATCH (self));

  self->minutes = minutes;
  self->last_input = plaza_clock_monotonic_ms ();
  if (minutes > 0 && self->timer == 0)
    self->timer = g_timeout_add_seconds (5, on_timer_cb, self);
  else if (minutes == 0)
    g_clear_handle_id (&self->timer, g_source_remove);
}

static void
on_inhibited_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (PlazaWatch) self = data;
  g_autoptr (GUnixFDList) fds = NULL;
  g_autoptr (GVariant) reply = NULL;
  g_autoptr (GError) error = NULL;
  int handle;

  reply = g_dbus_connection_call_with_unix_fd_list_finish (G_DBUS_CONNECTION (source), &fds, result,
                                                           &error);
  if (reply == NULL)
    {
      g_debug ("No sleep inhibitor: %s", error->message);
      return;
    }
  g_variant_get (reply, "(h)", &handle);
  if (self->inhibitor < 0 && fds != NULL)
    self->inhibitor = g_unix_fd_list_get (fds, handle, NULL);
}

static void
inhibit_sleep (PlazaWatch *self)
{
  g_dbus_connection_call_with_unix_fd_list (
      self->system_bus, LOGIND, "/org/freedesktop/login1", LOGIND ".Manager", "Inhibit",
      g_variant_new ("(ssss)", "sleep", _ ("Plaza"), _ ("Saving and locking"), "delay"),
      G_VARIANT_TYPE ("(h)"), G_DBUS_CALL_FLAGS_NONE, -1, NULL, self->cancellable, on_inhibited_cb,
      g_object_ref (self));
}

static void
release_sleep (PlazaWatch *self)
{
  if (self->inhibitor >= 0)
    g_close (self->inhibitor, NULL);
  self->inhibitor = -1;
}

static void
on_prepare_for_sleep_cb (GDBusConnection *connection,
                         const char *sender,
                         const char *path,
                         const char *interface,
                         const char *signal,
                         GVariant *parameters,
                         gpointer data)
{
  PlazaWatch *self = data;
  gboolean about_to_sleep = FALSE;

  if (!g_variant_is_of_type (parameters, G_VARIANT_TYPE ("(b)")))
    return;
  g_variant_get (parameters, "(b)", &about_to_sleep);
  if (about_to_sleep)
    {
      self->sleeping = TRUE;
      g_signal_emit (self, signals[LOCK], 0, TRUE);
    }
  else
    inhibit_sleep (self);
}

static void
on_system_bus_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (PlazaWatch) self = data;
  g_autoptr (GError) error = NULL;
  GDBusConnection *bus = g_bus_get_finish (result, &error);

  if (bus == NULL)
    {
      g_debug ("No system bus, so no lock on suspend: %s", error->message);
      return;
    }
  if (g_cancellable_is_cancelled (self->cancellable))
    {
      g_object_unref (bus);
      return;
    }
  self->system_bus = bus;
  self->subscription = g_dbus_connection_signal_subscribe (
      bus, LOGIND, LOGIND ".Manager", "PrepareForSleep", "/org/freedesktop/login1", NULL,
      G_DBUS_SIGNAL_FLAGS_NONE, on_prepare_for_sleep_cb, self, NULL);
  inhibit_sleep (self);
}

void
plaza_watch_locked (PlazaWatch *self)
{
  g_return_if_fail (PLAZA_IS_WATCH (self));

  if (self->sleeping)
    release_sleep (self);
  self->sleeping = FALSE;
}

PlazaWatch *
plaza_watch_new (GtkWidget *window)
{
  PlazaWatch *self = g_object_new (PLAZA_TYPE_WATCH, NULL);
  GtkEventController *controller = gtk_event_controller_legacy_new ();

  gtk_event_controller_set_propagation_phase (controller, GTK_PHASE_CAPTURE);
  g_signal_connect_object (controller, "event", G_CALLBACK (on_event_cb), self, G_CONNECT_SWAPPED);
  gtk_widget_add_controller (window, controller);
  g_bus_get (G_BUS_TYPE_SYSTEM, self->cancellable, on_system_bus_cb, g_object_ref (self));
  return self;
}

static void
plaza_watch_dispose (GObject *object)
{
  PlazaWatch *self = PLAZA_WATCH (object);

  g_clear_handle_id (&self->timer, g_source_remove);
  g_cancellable_cancel (self->cancellable);
  if (self->subscription != 0)
    g_dbus_connection_signal_unsubscribe (self->system_bus, self->subscription);
  self->subscription = 0;
  g_clear_object (&self->system_bus);
  release_sleep (self);
  G_OBJECT_CLASS (plaza_watch_parent_class)->dispose (object);
}

static void
plaza_watch_finalize (GObject *object)
{
  g_object_unref (PLAZA_WATCH (object)->cancellable);
  G_OBJECT_CLASS (plaza_watch_parent_class)->finalize (object);
}

static void
plaza_watch_class_init (PlazaWatchClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);

  object_class->dispose = plaza_watch_dispose;
  object_class->finalize = plaza_watch_finalize;
  signals[LOCK] = g_signal_new ("lock", G_TYPE_FROM_CLASS (class), G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                NULL, G_TYPE_NONE, 1, G_TYPE_BOOLEAN);
}

static void
plaza_watch_init (PlazaWatch *self)
{
  self->inhibitor = -1;
  self->cancellable = g_cancellable_new ();
}
