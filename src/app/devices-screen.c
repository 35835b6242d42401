/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-app"

#include "config.h"

#include "app/devices-screen.h"

#include <glib/gi18n.h>

#include "app/window.h"
#include "app/words.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/text.h"
#include "sync/devices.h"

/* Gaps told in words; the rest is counted. */
#define GAPS 4u

struct _PlazaDevicesScreen
{
  PlazaScreen parent_instance;

  PlazaProfile *profile;
  GCancellable *cancellable;
  GPtrArray *devices; /* PlazaDeviceSummary, or NULL */
  gint64 kept_ms;     /* 0: the list is the central's of now */
  guint asking : 1;

  GtkLabel *status;
  GtkLabel *detail;
  GtkEditable *search_entry;
  GtkListBox *list;
  GtkLabel *empty_words;
};

G_DEFINE_FINAL_TYPE (PlazaDevicesScreen, plaza_devices_screen, PLAZA_TYPE_SCREEN)

static void ask (PlazaDevicesScreen *self);

static PlazaWindow *
window_of (PlazaDevicesScreen *self)
{
  return plaza_screen_get_window (PLAZA_SCREEN (self));
}

/* Words */

/* The central notes when a laptop delivers or asks, and by when its work came with another one it
 * has perhaps never been there itself. */
static char *
when_words (const char *time)
{
  gint64 ms;

  if (time == NULL || !plaza_clock_parse (time, &ms, NULL, NULL))
    return g_strdup (_ ("never connected itself"));
  {
    g_autofree char *when = plaza_words_when (ms);

    /* Translators: when a laptop was in touch with the central database last */
    return g_strdup_printf (_ ("last seen %s"), when);
  }
}

static char *
gap_words (const PlazaDeviceSummary *device)
{
  GString *words = g_string_new (NULL);
  guint64 missing = 0;

  for (guint i = 0; i < device->missing->len; i++)
    {
      const PlazaSequenceRange *range = &g_array_index (device->missing, PlazaSequenceRange, i);
      g_autofree char *from = g_strdup_printf ("%" G_GUINT64_FORMAT, range->from);
      g_autofree char *to = g_strdup_printf ("%" G_GUINT64_FORMAT, range->to);

      missing += range->to - range->from + 1;
      if (i >= GAPS)
        continue;
      if (words->len > 0)
        g_string_append (words, ", ");
      if (range->from == range->to)
        g_string_append (words, from);
      else
        /* Translators: numbers from and to */
        g_string_append_printf (words, _ ("%s to %s"), from, to);
    }
  if (missing == 0)
    {
      g_string_free (words, TRUE);
      return g_strdup (_ ("nothing is missing"));
    }
  if (device->missing->len > GAPS)
    g_string_append (words, "…");
  {
    g_autofree char *numbers = g_string_free (words, FALSE);

    if (missing == 1)
      /* Translators: the number that one laptop's work has and the central does not */
      return g_strdup_printf (_ ("missing: %s"), numbers);
    return g_strdup_printf (ngettext ("missing %u: %s", "missing %u: %s", (gulong) missing),
                            (guint) missing, numbers);
  }
}

/* Nothing delivered is not "nothing is missing". */
static char *
work_words (const PlazaDeviceSummary *device)
{
  g_autofree char *seen = NULL;
  g_autofree char *gaps = NULL;
  g_autofree char *entries = NULL;

  if (device->envelopes == 0 && device->last_seen == NULL)
    return g_strdup (_ ("has not delivered anything yet"));
  seen = when_words (device->last_seen);
  if (device->envelopes == 0)
    return g_strdup_printf ("%s · %s", seen, _ ("has not delivered anything yet"));
  gaps = gap_words (device);
  entries = g_strdup_printf (
      ngettext ("%u entry received", "%u entries received", (gulong) device->entries),
      (guint) device->entries);
  return g_strdup_printf ("%s · %s · %s", seen, entries, gaps);
}

static char *
device_words (const PlazaDeviceSummary *device)
{
  g_autofree char *words = work_words (device);

  if (device->revoked == NULL)
    return g_steal_pointer (&words);
  if (device->quarantined > 0)
    return g_strdup_printf (ngettext ("Revoked, %u kept apart · %s", "Revoked, %u kept apart · %s",
                                      (gulong) device->quarantined),
                            (guint) device->quarantined, words);
  return g_strdup_printf (_ ("Revoked · %s"), words);
}

static char *
title_words (const PlazaDeviceSummary *device)
{
  if (*device->organisation != '\0')
    return g_strdup_printf ("%s · %s", device->person, device->organisation);
  return g_strdup (device->person);
}

/* Revoking */

typedef struct
{
  PlazaDevicesScreen *self;
  char *device;
  GtkEditable *entry;
} Revocation;

static void
revocation_free (gpointer data, GClosure *closure)
{
  Revocation *revocation = data;

  g_object_unref (revocation->self);
  g_free (revocation->device);
  g_free (revocation);
}

static void
on_revoked_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (PlazaDevicesScreen) self = data;
  g_autoptr (GError) error = NULL;
  PlazaWindow *window = window_of (self);

  if (plaza_devices_revoke_finish (PLAZA_PROFILE (source), result, &error))
    {
      if (window != NULL)
        {
          plaza_window_toast (window, _ ("The laptop is revoked."));
          ask (self);
        }
      return;
    }
  if (window != NULL && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    plaza_window_show_error (window, _ ("The laptop is not revoked"), error);
}

static void
on_revoke_answered_cb (AdwMessageDialog *dialog, const char *answer, gpointer data)
{
  Revocation *revocation = data;
  PlazaDevicesScreen *self = revocation->self;

  if (g_str_equal (answer, "revoke") && self->profile != NULL)
    plaza_devices_revoke_async (self->profile, revocation->device,
                                gtk_editable_get_text (revocation->entry), self->cancellable,
                                on_revoked_cb, g_object_ref (self));
}

static const PlazaDeviceSummary *
find_device (PlazaDevicesScreen *self, const char *id)
{
  for (guint i = 0; self->devices != NULL && i < self->devices->len; i++)
    {
      const PlazaDeviceSummary *device = g_ptr_array_index (self->devices, i);

      if (g_str_equal (device->device, id))
        return device;
    }
  return NULL;
}

static void
on_revoke_cb (PlazaDevicesScreen *self, GtkWidget *button)
{
  const PlazaDeviceSummary *device =
      find_device (self, g_object_get_data (G_OBJECT (button), "device"));
  g_autofree char *heading = NULL;
  GtkWidget *dialog;
  GtkWidget *entry = gtk_entry_new ();
  Revocation *revocation;

  if (device == NULL)
    return;
  /* Translators: name of a person */
  heading = g_strdup_printf (_ ("Revoke the laptop of %s?"), device->person);
  dialog = adw_message_dialog_new (
      GTK_WINDOW (window_of (self)), heading,
      _ ("What it delivered stands. What arrives from now on is kept apart until an administrator "
         "decides. It gets nothing from the central database any more."));
  revocation = g_new0 (Revocation, 1);
  revocation->self = g_object_ref (self);
  revocation->device = g_strdup (device->device);
  revocation->entry = GTK_EDITABLE (entry);
  gtk_entry_set_max_length (GTK_ENTRY (entry), PLAZA_REVOCATION_MAX_CHARS);
  gtk_entry_set_placeholder_text (GTK_ENTRY (entry), _ ("Reason (optional)"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (entry), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Reason (optional)"), -1);
  adw_message_dialog_set_extra_child (ADW_MESSAGE_DIALOG (dialog), entry);
  adw_message_dialog_add_responses (ADW_MESSAGE_DIALOG (dialog), "cancel", _ ("_Cancel"), "revoke",
                                    _ ("_Revoke"), NULL);
  adw_message_dialog_set_response_appearance (ADW_MESSAGE_DIALOG (dialog), "revoke",
                                              ADW_RESPONSE_DESTRUCTIVE);
  adw_message_dialog_set_default_response (ADW_MESSAGE_DIALOG (dialog), "cancel");
  adw_message_dialog_set_close_response (ADW_MESSAGE_DIALOG (dialog), "cancel");
  g_signal_connect_data (dialog, "response", G_CALLBACK (on_revoke_answered_cb), revocation,
                         revocation_free, 0);
  gtk_window_present (GTK_WINDOW (dialog));
}

/* The list */

static gboolean
is_own (PlazaDevicesScreen *self, const PlazaDeviceSummary *device)
{
  const PlazaEnrolment *enrolment = plaza_profile_get_enrolment (self->profile);

  return enrolment != NULL && g_str_equal (enrolment->device, device->device);
}

static void
add_device (PlazaDevicesScreen *self, const PlazaDeviceSummary *device)
{
  GtkWidget *row = adw_action_row_new ();
  g_autofree char *title = title_words (device);
  g_autofree char *words = device_words (device);
  g_autofree char *name = g_strdup_printf ("%s, %s", title, words);

  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), words);
  adw_action_row_set_subtitle_lines (ADW_ACTION_ROW (row), 0);
  gtk_accessible_update_property (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
  gtk_widget_set_tooltip_text (row, device->device);
  if (is_own (self, device))
    adw_action_row_add_suffix (ADW_ACTION_ROW (row), gtk_label_new (_ ("this laptop")));
  else if (device->revoked == NULL)
    {
      GtkWidget *button = gtk_button_new_with_label (_ ("Revoke…"));
      /* Translators: name of a person */
      g_autofree char *label = g_strdup_printf (_ ("Revoke the laptop of %s"), device->person);

      gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
      gtk_widget_set_sensitive (button, self->kept_ms == 0);
      gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, label,
                                      -1);
      g_object_set_data_full (G_OBJECT (button), "device", g_strdup (device->device), g_free);
      g_signal_connect_object (button, "clicked", G_CALLBACK (on_revoke_cb), self,
                               G_CONNECT_SWAPPED);
      adw_action_row_add_suffix (ADW_ACTION_ROW (row), button);
    }
  gtk_list_box_append (self->list, row);
}

static gboolean
matches (const PlazaDeviceSummary *device, const char *needle)
{
  g_autofree char *text = NULL;
  g_autofree char *folded = NULL;

  if (*needle == '\0')
    return TRUE;
  text = g_strdup_printf ("%s %s %s", device->person, device->organisation, device->device);
  folded = plaza_text_fold (text);
  return strstr (folded, needle) != NULL;
}

static void
update_status (PlazaDevicesScreen *self, guint shown)
{
  guint count = self->devices != NULL ? self->devices->len : 0;
  g_autofree char *words = NULL;

  if (self->asking)
    words = g_strdup (_ ("Asking the central database…"));
  else if (*gtk_editable_get_text (self->search_entry) != '\0' && count > 0)
    /* Translators: how many of all laptops fit what is searched for */
    words = g_strdup_printf (ngettext ("%u of %u laptop", "%u of %u laptops", count), shown, count);
  else
    words = g_strdup_printf (ngettext ("%u laptop", "%u laptops", count), count);
  gtk_label_set_label (self->status, words);
}

static void
update_list (PlazaDevicesScreen *self)
{
  g_autofree char *needle = plaza_text_fold (gtk_editable_get_text (self->search_entry));
  GtkWidget *row;
  guint shown = 0;

  while ((row = gtk_widget_get_first_child (GTK_WIDGET (self->list))) != NULL)
    gtk_list_box_remove (self->list, row);
  for (guint i = 0; self->devices != NULL && i < self->devices->len; i++)
    {
      const PlazaDeviceSummary *device = g_ptr_array_index (self->devices, i);

      if (!matches (device, needle))
        continue;
      add_device (self, device);
      shown++;
    }
  gtk_widget_set_visible (GTK_WIDGET (self->list), shown > 0);
  gtk_widget_set_visible (GTK_WIDGET (self->empty_words), shown == 0 && !self->asking);
  gtk_label_set_label (self->empty_words, self->devices != NULL && self->devices->len > 0
                                              ? _ ("No laptop fits what you look for.")
                                              : _ ("No laptop has joined yet."));
  if (self->kept_ms != 0)
    gtk_widget_add_css_class (GTK_WIDGET (self->list), "quiet");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (self->list), "quiet");
  update_status (self, shown);
}

static void
update (PlazaDevicesScreen *self, const char *problem)
{
  g_autofree char *detail = NULL;

  if (self->kept_ms != 0 && !self->asking)
    {
      g_autofree char *when = plaza_words_when (self->kept_ms);

      /* Translators: why the central cannot be asked, then when the list is from */
      detail = g_strdup_printf (_ ("%s This is the list of %s."), problem, when);
    }
  else if (*problem != '\0')
    detail = g_strdup (problem);
  gtk_label_set_label (self->detail, detail != NULL ? detail : "");
  gtk_widget_set_visible (GTK_WIDGET (self->detail), detail != NULL);
  update_list (self);
}

static void
show_kept (PlazaDevicesScreen *self, const GError *why)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) kept = plaza_devices_read_kept (self->profile, &self->kept_ms, &error);

  if (error != NULL)
    g_warning ("The last list of laptops: %s", error->message);
  g_clear_pointer (&self->devices, g_ptr_array_unref);
  self->devices = g_steal_pointer (&kept);
  if (self->devices == NULL)
    self->kept_ms = 0;
  if (g_error_matches (why, PLAZA_ERROR, PLAZA_ERROR_REFUSED))
    update (self, _ ("The central database does not show laptops to this profile."));
  else
    update (self, _ ("The central database cannot be reached now."));
}

static void
on_devices_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (PlazaDevicesScreen) self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) devices =
      plaza_devices_fetch_finish (PLAZA_PROFILE (source), result, &error);

  self->asking = FALSE;
  if (self->profile == NULL || !plaza_profile_is_unlocked (self->profile))
    return;
  if (devices == NULL)
    {
      g_debug ("Laptops: %s", error->message);
      show_kept (self, error);
      return;
    }
  g_clear_pointer (&self->devices, g_ptr_array_unref);
  self->devices = g_steal_pointer (&devices);
  self->kept_ms = 0;
  update (self, "");
}

static void
ask (PlazaDevicesScreen *self)
{
  if (self->asking)
    return;
  self->asking = TRUE;
  plaza_devices_fetch_async (self->profile, self->cancellable, on_devices_cb, g_object_ref (self));
  update (self, "");
}

static void
on_again_cb (PlazaDevicesScreen *self)
{
  ask (self);
}

static void
on_search_changed_cb (PlazaDevicesScreen *self)
{
  update_list (self);
}

PlazaScreen *
plaza_devices_screen_new (PlazaProfile *profile)
{
  PlazaDevicesScreen *self = g_object_new (PLAZA_TYPE_DEVICES_SCREEN, NULL);

  self->profile = g_object_ref (profile);
  return PLAZA_SCREEN (self);
}

static void
plaza_devices_screen_shown (PlazaScreen *screen)
{
  PlazaDevicesScreen *self = PLAZA_DEVICES_SCREEN (screen);

  ask (self);
  gtk_widget_grab_focus (GTK_WIDGET (self->search_entry));
}

static void
plaza_devices_screen_dispose (GObject *object)
{
  PlazaDevicesScreen *self = PLAZA_DEVICES_SCREEN (object);

  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->profile);
  g_clear_pointer (&self->devices, g_ptr_array_unref);
  gtk_widget_dispose_template (GTK_WIDGET (object), PLAZA_TYPE_DEVICES_SCREEN);
  G_OBJECT_CLASS (plaza_devices_screen_parent_class)->dispose (object);
}

static void
plaza_devices_screen_finalize (GObject *object)
{
  g_object_unref (PLAZA_DEVICES_SCREEN (object)->cancellable);
  G_OBJECT_CLASS (plaza_devices_screen_parent_class)->finalize (object);
}

static void
plaza_devices_screen_class_init (PlazaDevicesScreenClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  object_class->dispose = plaza_devices_screen_dispose;
  object_class->finalize = plaza_devices_screen_finalize;
  PLAZA_SCREEN_CLASS (class)->shown = plaza_devices_screen_shown;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/gobabiertomx/Plaza/devices-screen.ui");
  gtk_widget_class_bind_template_child (widget_class, PlazaDevicesScreen, status);
  gtk_widget_class_bind_template_child (widget_class, PlazaDevicesScreen, detail);
  gtk_widget_class_bind_template_child (widget_class, PlazaDevicesScreen, search_entry);
  gtk_widget_class_bind_template_child (widget_class, PlazaDevicesScreen, list);
  gtk_widget_class_bind_template_child (widget_class, PlazaDevicesScreen, empty_words);
  gtk_widget_class_bind_template_callback (widget_class, on_search_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_again_cb);
}

static void
plaza_devices_screen_init (PlazaDevicesScreen *self)
{
  self->cancellable = g_cancellable_new ();
  gtk_widget_init_template (GTK_WIDGET (self));
}
