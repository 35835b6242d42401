/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-app"

#include "config.h"

#include "app/delivery-screen.h"

#include <glib/gi18n.h>

#include "app/delivery-words.h"
#include "app/stick-dialog.h"
#include "app/response-words.h"
#include "app/window.h"
#include "app/words.h"
#include "store/outbox.h"
#include "store/response-list.h"

/* Rows of each list: this screen tells how it stands; Home finds single responses. */
#define ROWS 30

struct _PlazaDeliveryScreen
{
  PlazaScreen parent_instance;

  PlazaProfile *profile;
  PlazaStore *store;
  PlazaDelivery *delivery;
  PlazaResponseList *responses;
  guint carried;     /* envelopes of others that wait here */
  guint round_total; /* how many responses waited when this round began, 0 outside one */
  guint update_idle;
  gint64 stop_shown_us;
  guint lists_old : 1;
  guint bytes_known : 1; /* some of this round's are at the other end */
  guint stopped : 1;     /* by the person, until "Deliver now" */

  GtkLabel *status;
  GtkLabel *detail;
  GtkProgressBar *progress;
  GtkWidget *deliver_button;
  GtkWidget *stop_button;
  GtkWidget *upload_button;
  GtkWidget *contacts_box;
  GtkLabel *contacts_words;
  GtkWidget *contacts_button;
  GtkWidget *refused_box;
  GtkListBox *refused_list;
  GtkWidget *waiting_box;
  GtkListBox *waiting_list;
  GtkWidget *delivered_box;
  GtkListBox *delivered_list;
  GtkListBox *profiles_list;
};

G_DEFINE_FINAL_TYPE (PlazaDeliveryScreen, plaza_delivery_screen, PLAZA_TYPE_SCREEN)

static void
clear_list (GtkListBox *list)
{
  GtkWidget *row;

  while ((row = gtk_widget_get_first_child (GTK_WIDGET (list))) != NULL)
    gtk_list_box_remove (list, row);
}

static void
add_row (GtkListBox *list, const char *icon, const char *title, const char *subtitle)
{
  GtkWidget *row = adw_action_row_new ();
  g_autofree char *name = g_strdup_printf ("%s, %s", title, subtitle);

  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), subtitle);
  adw_action_row_set_subtitle_lines (ADW_ACTION_ROW (row), 0);
  adw_action_row_add_prefix (ADW_ACTION_ROW (row), gtk_image_new_from_icon_name (icon));
  gtk_accessible_update_property (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
  gtk_list_box_append (list, row);
}

static void
add_response (GtkListBox *list, PlazaResponse *response)
{
  g_autofree char *words = NULL;
  const char *problem = plaza_response_get_problem (response);

  if (problem != NULL)
    words = g_strdup (plaza_delivery_words_refusal (problem));
  else if (plaza_response_get_state (response) == PLAZA_RESPONSE_DELIVERED)
    {
      g_autofree char *state = plaza_response_words_line (response);

      /* Translators: "Delivered 12:40", then that the receipt was checked */
      words = g_strdup_printf (_ ("%s, with a verified receipt"), state);
    }
  else
    words = plaza_response_words_line (response);
  add_row (list, plaza_response_words_icon (response), plaza_response_get_folio (response), words);
}

static void
update_lists (PlazaDeliveryScreen *self)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->responses));
  guint waiting = 0, delivered = 0, refused = 0;

  clear_list (self->waiting_list);
  clear_list (self->delivered_list);
  clear_list (self->refused_list);
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (PlazaResponse) response =
          g_list_model_get_item (G_LIST_MODEL (self->responses), i);

      switch (plaza_response_get_state (response))
        {
        case PLAZA_RESPONSE_DRAFT:
          break;
        case PLAZA_RESPONSE_WAITING:
        case PLAZA_RESPONSE_PACKED:
          if (waiting++ < ROWS)
            add_response (self->waiting_list, response);
          break;
        case PLAZA_RESPONSE_DELIVERED:
          if (delivered++ < ROWS)
            add_response (self->delivered_list, response);
          break;
        case PLAZA_RESPONSE_REFUSED:
          if (refused++ < ROWS)
            add_response (self->refused_list, response);
          break;
        }
    }
  gtk_widget_set_visible (self->waiting_box, waiting > 0);
  gtk_widget_set_visible (self->delivered_box, delivered > 0);
  gtk_widget_set_visible (self->refused_box, refused > 0);
}

static guint
count_envelopes (GPtrArray *items, const char *profile)
{
  guint count = 0;

  for (guint i = 0; items != NULL && i < items->len; i++)
    {
      const PlazaOutboxItem *item = g_ptr_array_index (items, i);

      if (g_strcmp0 (item->profile, profile) == 0)
        count++;
    }
  return count;
}

static void
add_carried (PlazaDeliveryScreen *self, guint envelopes)
{
  g_autofree char *words = NULL;

  if (envelopes == 0)
    return;
  words = g_strdup_printf (ngettext ("%u sealed envelope waits; it goes along",
                                     "%u sealed envelopes wait; they go along", envelopes),
                           envelopes);
  add_row (self->profiles_list, "drive-removable-media-symbolic", _ ("Brought by USB for others"),
           words);
}

/* The end of a shift: whoever closes the laptop sees what waits for whom. */
static void
update_profiles (PlazaDeliveryScreen *self)
{
  const char *root = plaza_profile_get_data_root (self->profile);
  g_autoptr (GPtrArray) profiles = plaza_profile_list (root, NULL);
  g_autoptr (GPtrArray) items = plaza_outbox_list (root, NULL, NULL);
  PlazaCounts counts = { 0 };

  clear_list (self->profiles_list);
  plaza_store_get_counts (self->store, &counts, NULL);
  for (guint i = 0; profiles != NULL && i < profiles->len; i++)
    {
      PlazaProfile *profile = g_ptr_array_index (profiles, i);
      const char *id = plaza_profile_get_id (profile);
      guint envelopes = count_envelopes (items, id);
      g_autofree char *words = NULL;

      if (g_strcmp0 (id, plaza_profile_get_id (self->profile)) == 0)
        {
          words = plaza_delivery_words_waiting (&counts);
          if (words == NULL)
            words = g_strdup (_ ("Nothing waits"));
          if (counts.drafts > 0)
            {
              g_autofree char *before = g_steal_pointer (&words);
              g_autofree char *drafts = g_strdup_printf (
                  ngettext ("%u draft", "%u drafts", counts.drafts), counts.drafts);

              words = g_strdup_printf ("%s · %s", before, drafts);
            }
        }
      else if (envelopes > 0)
        words = g_strdup_printf (ngettext ("%u sealed envelope waits; it goes along",
                                           "%u sealed envelopes wait; they go along", envelopes),
                                 envelopes);
      else
        words = g_strdup (_ ("Nothing waits"));
      add_row (self->profiles_list,
               envelopes > 0 ? "document-open-recent-symbolic" : "avatar-default-symbolic",
               plaza_profile_get_name (profile), words);
    }
  self->carried = count_envelopes (items, "");
  add_carried (self, self->carried);
}

static guint
count_waiting (PlazaDeliveryScreen *self)
{
  PlazaCounts counts = { 0 };

  if (!plaza_store_get_counts (self->store, &counts, NULL))
    return 0;
  return counts.waiting;
}

/* One of the two stands in the other's place and takes its keyboard focus along. */
static void
show_button (PlazaDeliveryScreen *self, gboolean moving)
{
  GtkWidget *shown = moving ? self->stop_button : self->deliver_button;
  GtkWidget *hidden = moving ? self->deliver_button : self->stop_button;
  gboolean focused = gtk_widget_has_focus (hidden);

  if (moving && !gtk_widget_get_visible (self->stop_button))
    self->stop_shown_us = g_get_monotonic_time ();
  gtk_widget_set_visible (shown, TRUE);
  if (focused)
    gtk_widget_grab_focus (shown);
  gtk_widget_set_visible (hidden, FALSE);
}

static char *
words_for_round (guint delivered, guint total)
{
  if (delivered == 0)
    return g_strdup_printf (ngettext ("Delivering %u response", "Delivering %u responses", total),
                            total);
  return g_strdup_printf (
      ngettext ("%u of %u response delivered", "%u of %u responses delivered", total), delivered,
      total);
}

static char *
words_for_moving (PlazaDeliveryScreen *self, PlazaDeliveryState state)
{
  guint64 bytes = plaza_delivery_get_bytes_waiting (self->delivery);

  if (state == PLAZA_DELIVERY_PACKING)
    return g_strdup (_ ("Sealing what waits."));
  if (bytes == 0)
    return g_strdup (_ ("Waiting for the answer of the central database."));
  return plaza_delivery_words_to_go (bytes, plaza_delivery_get_time_left (self->delivery),
                                     plaza_delivery_get_rate (self->delivery));
}

static void
update_status (PlazaDeliveryScreen *self)
{
  PlazaDeliveryState state = plaza_delivery_get_state (self->delivery);
  PlazaDeliveryProblem problem = plaza_delivery_get_problem (self->delivery);
  gboolean moving = state == PLAZA_DELIVERY_PACKING || state == PLAZA_DELIVERY_SENDING;
  double progress = plaza_delivery_get_progress (self->delivery);
  guint waiting = count_waiting (self);
  g_autofree char *line = plaza_delivery_words_line (self->store, self->delivery);
  g_autofree char *words = NULL;
  g_autofree char *to_go = NULL;
  const char *detail = "";

  if (moving && progress > 0 && progress < 1)
    self->bytes_known = TRUE;
  if (moving && waiting > self->round_total)
    self->round_total = waiting;
  if (!moving && waiting == 0)
    self->round_total = 0;
  if (moving && self->round_total > 0)
    words = words_for_round (self->round_total - waiting, self->round_total);
  else if (moving)
    words = g_strdup (_ ("Delivering…"));
  else if (waiting == 0 && self->carried > 0)
    words = g_strdup_printf (ngettext ("%u envelope brought by USB waits",
                                       "%u envelopes brought by USB wait", self->carried),
                             self->carried);
  else
    words = g_steal_pointer (&line);
  gtk_label_set_label (self->status, words);

  if (self->stopped)
    detail = _ ("Stopped. Everything is kept safely on this laptop until you deliver.");
  else if (!moving)
    detail = plaza_delivery_words_problem (problem);
  else
    detail = to_go = words_for_moving (self, state);
  gtk_label_set_label (self->detail, detail);
  gtk_widget_set_visible (GTK_WIDGET (self->detail), *detail != '\0');
  /* Of bytes, because on a slow link the first receipt takes minutes. Before the first byte is
   * there nothing is known, which the delivery tells as 1. */
  gtk_progress_bar_set_fraction (self->progress, self->bytes_known ? progress : 0);
  gtk_widget_set_visible (GTK_WIDGET (self->progress), moving);
  show_button (self, moving);
}

/* Few contacts wait for others, so that nobody can tell whose they are; at the end of the fieldwork
 * they are handed in all the same. */
static void
update_contacts (PlazaDeliveryScreen *self)
{
  PlazaDeliveryState state = plaza_delivery_get_state (self->delivery);
  PlazaCounts counts = { 0 };
  g_autofree char *words = NULL;

  plaza_store_get_counts (self->store, &counts, NULL);
  if (counts.contacts_waiting == 0)
    plaza_delivery_set_hand_in (self->delivery, FALSE);
  words = g_strdup_printf (
      ngettext ("%u sealed contact waits here for others to travel with, so that nobody can tell "
                "whose it is. When the fieldwork ends, hand it in.",
                "%u sealed contacts wait here for others to travel with, so that nobody can tell "
                "whose they are. When the fieldwork ends, hand them in.",
                counts.contacts_waiting),
      counts.contacts_waiting);
  gtk_label_set_label (self->contacts_words, words);
  gtk_widget_set_visible (self->contacts_box, counts.contacts_waiting > 0);
  gtk_widget_set_sensitive (self->contacts_button,
                            state != PLAZA_DELIVERY_PACKING && state != PLAZA_DELIVERY_SENDING);
}

static gboolean
on_update_idle_cb (gpointer data)
{
  PlazaDeliveryScreen *self = data;

  self->update_idle = 0;
  if (self->lists_old)
    {
      self->lists_old = FALSE;
      update_lists (self);
      update_profiles (self);
    }
  update_status (self);
  update_contacts (self);
  return G_SOURCE_REMOVE;
}

static void
queue_status (PlazaDeliveryScreen *self)
{
  if (self->update_idle == 0)
    self->update_idle = g_timeout_add (100, on_update_idle_cb, self);
}

static void
queue_update (PlazaDeliveryScreen *self)
{
  self->lists_old = TRUE;
  queue_status (self);
}

/* The lists stay as they are while only the rate or the progress moves, and with them the focus. */
static void
on_delivery_notify_cb (PlazaDeliveryScreen *self, GParamSpec *pspec)
{
  static const char *const counted[] = { "state",   "waiting",   "delivered",
                                         "carried", "set-aside", NULL };

  /* Between two rounds the state passes by faster than the screen is updated. */
  if (plaza_delivery_get_state (self->delivery) != PLAZA_DELIVERY_SENDING)
    self->bytes_known = FALSE;
  if (g_strv_contains (counted, pspec->name))
    queue_update (self);
  else
    queue_status (self);
}

static void
on_deliver_cb (PlazaDeliveryScreen *self)
{
  PlazaWindow *window = plaza_screen_get_window (PLAZA_SCREEN (self));

  self->stopped = FALSE;
  plaza_delivery_start (self->delivery);
  plaza_delivery_now (self->delivery);
  if (window != NULL)
    plaza_window_ask_for_campaign (window);
  queue_update (self);
}

static void
on_hand_in_cb (PlazaDeliveryScreen *self)
{
  plaza_delivery_set_hand_in (self->delivery, TRUE);
  on_deliver_cb (self);
}

static void
on_stopped_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (PlazaDeliveryScreen) self = data;

  plaza_delivery_stop_finish (PLAZA_DELIVERY (source), result, NULL);
  queue_update (self);
}

/* "Stop" comes by itself in the place of "Deliver now": a press so soon that nobody can have read
 * it was meant for that one. */
static gboolean
is_meant_for_stop (PlazaDeliveryScreen *self)
{
  int double_click_ms = 0;

  g_object_get (gtk_widget_get_settings (GTK_WIDGET (self)), "gtk-double-click-time",
                &double_click_ms, NULL);
  return g_get_monotonic_time () - self->stop_shown_us >= double_click_ms * (gint64) 1000;
}

static void
on_stop_cb (PlazaDeliveryScreen *self)
{
  if (!is_meant_for_stop (self))
    return;
  self->stopped = TRUE;
  plaza_delivery_stop_async (self->delivery, NULL, on_stopped_cb, g_object_ref (self));
  queue_update (self);
}

/* By hand */

static void
open_stick (PlazaDeliveryScreen *self, PlazaStickDialogMode mode)
{
  PlazaStickDialog *dialog =
      plaza_stick_dialog_new (plaza_screen_get_window (PLAZA_SCREEN (self)), mode);

  g_signal_connect_object (dialog, "destroy", G_CALLBACK (queue_update), self, G_CONNECT_SWAPPED);
  gtk_window_present (GTK_WINDOW (dialog));
}

static void
on_save_cb (PlazaDeliveryScreen *self)
{
  open_stick (self, PLAZA_STICK_DIALOG_SAVE);
}

static void
on_read_cb (PlazaDeliveryScreen *self)
{
  open_stick (self, PLAZA_STICK_DIALOG_READ);
}

static void
on_upload_cb (PlazaDeliveryScreen *self)
{
  open_stick (self, PLAZA_STICK_DIALOG_UPLOAD);
}

static gboolean
is_coordinator (PlazaProfile *profile)
{
  const PlazaEnrolment *enrolment = plaza_profile_get_enrolment (profile);

  return enrolment != NULL && g_strcmp0 (enrolment->role, "facilitator") != 0;
}

PlazaScreen *
plaza_delivery_screen_new (PlazaProfile *profile, PlazaDelivery *delivery)
{
  PlazaDeliveryScreen *self = g_object_new (PLAZA_TYPE_DELIVERY_SCREEN, NULL);
  g_autoptr (GError) error = NULL;

  self->profile = g_object_ref (profile);
  self->store = g_object_ref (plaza_profile_get_store (profile));
  self->delivery = g_object_ref (delivery);
  self->stopped = plaza_delivery_get_state (delivery) == PLAZA_DELIVERY_STOPPED;
  gtk_widget_set_visible (self->upload_button, is_coordinator (profile));
  self->responses = plaza_response_list_new (self->store, 0, &error);
  if (self->responses == NULL)
    g_warning ("Listing responses: %s", error->message);
  else
    g_signal_connect_object (self->responses, "items-changed", G_CALLBACK (queue_update), self,
                             G_CONNECT_SWAPPED);
  g_signal_connect_object (delivery, "notify", G_CALLBACK (on_delivery_notify_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->store, "counts-changed", G_CALLBACK (queue_update), self,
                           G_CONNECT_SWAPPED);
  return PLAZA_SCREEN (self);
}

static void
plaza_delivery_screen_shown (PlazaScreen *screen)
{
  PlazaDeliveryScreen *self = PLAZA_DELIVERY_SCREEN (screen);

  g_clear_handle_id (&self->update_idle, g_source_remove);
  self->lists_old = TRUE;
  on_update_idle_cb (self);
  gtk_widget_grab_focus (gtk_widget_get_visible (self->deliver_button) ? self->deliver_button
                                                                       : self->stop_button);
}

static void
plaza_delivery_screen_dispose (GObject *object)
{
  PlazaDeliveryScreen *self = PLAZA_DELIVERY_SCREEN (object);

  g_clear_handle_id (&self->update_idle, g_source_remove);
  g_clear_object (&self->responses);
  g_clear_object (&self->store);
  g_clear_object (&self->delivery);
  g_clear_object (&self->profile);
  gtk_widget_dispose_template (GTK_WIDGET (object), PLAZA_TYPE_DELIVERY_SCREEN);
  G_OBJECT_CLASS (plaza_delivery_screen_parent_class)->dispose (object);
}

static void
plaza_delivery_screen_class_init (PlazaDeliveryScreenClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  object_class->dispose = plaza_delivery_screen_dispose;
  PLAZA_SCREEN_CLASS (class)->shown = plaza_delivery_screen_shown;

  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/gobabiertomx/Plaza/delivery-screen.ui");
  gtk_widget_class_bind_template_child (widget_class, PlazaDeliveryScreen, status);
  gtk_widget_class_bind_template_child (widget_class, PlazaDeliveryScreen, detail);
  gtk_widget_class_bind_template_child (widget_class, PlazaDeliveryScreen, progress);
  gtk_widget_class_bind_template_child (widget_class, PlazaDeliveryScreen, deliver_button);
  gtk_widget_class_bind_template_child (widget_class, PlazaDeliveryScreen, stop_button);
  gtk_widget_class_bind_template_child (widget_class, PlazaDeliveryScreen, upload_button);
  gtk_widget_class_bind_template_child (widget_class, PlazaDeliveryScreen, contacts_box);
  gtk_widget_class_bind_template_child (widget_class, PlazaDeliveryScreen, contacts_words);
  gtk_widget_class_bind_template_child (widget_class, PlazaDeliveryScreen, contacts_button);
  gtk_widget_class_bind_template_child (widget_class, PlazaDeliveryScreen, refused_box);
  gtk_widget_class_bind_template_child (widget_class, PlazaDeliveryScreen, refused_list);
  gtk_widget_class_bind_template_child (widget_class, PlazaDeliveryScreen, waiting_box);
  gtk_widget_class_bind_template_child (widget_class, PlazaDeliveryScreen, waiting_list);
  gtk_widget_class_bind_template_child (widget_class, PlazaDeliveryScreen, delivered_box);
  gtk_widget_class_bind_template_child (widget_class, PlazaDeliveryScreen, delivered_list);
  gtk_widget_class_bind_template_child (widget_class, PlazaDeliveryScreen, profiles_list);
  gtk_widget_class_bind_template_callback (widget_class, on_deliver_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_hand_in_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_stop_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_save_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_read_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_upload_cb);
}

static void
plaza_delivery_screen_init (PlazaDeliveryScreen *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
