/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-app"

#include "config.h"

#include "app/home-screen.h"

#include <glib/gi18n.h>

#include "app/campaign-card.h"
#include "app/copy-words.h"
#include "app/delivery-words.h"
#include "app/response-dialog.h"
#include "app/response-words.h"
#include "app/window.h"
#include "app/words.h"
#include "base/clock.h"
#include "store/response-list.h"
#include "store/session.h"

/* Rows shown at once: more than a screen, few enough to be there in no time. */
#define ROWS 25

struct _PlazaHomeScreen
{
  PlazaScreen parent_instance;

  PlazaStore *store;
  PlazaDelivery *delivery;
  PlazaCatalogue *states;         /* NULL until the first session is shown */
  PlazaCatalogue *municipalities; /* likewise */
  char *needle; /* the search, upper case without hyphens and blanks; NULL for none */
  guint counts_idle;
  guint searching_all : 1; /* the list holds every day */

  GtkFilterListModel *filtered;
  GtkSliceListModel *slice;
  GtkCustomFilter *filter;

  PlazaCampaignCard *campaign_card;
  GtkLabel *session_place;
  GtkLabel *session_details;
  GtkLabel *session_tally;
  GtkButton *new_session_button;
  GtkWidget *correct_session_child;
  GtkWidget *new_button;
  GtkLabel *list_heading;
  GtkEditable *search_entry;
  GtkListBox *list;
  GtkWidget *empty;
  GtkLabel *empty_title;
  GtkLabel *empty_text;
  GtkWidget *more_button;
  GtkLabel *copy_words;
};

G_DEFINE_FINAL_TYPE (PlazaHomeScreen, plaza_home_screen, PLAZA_TYPE_SCREEN)

static char *
squeeze (const char *folio)
{
  GString *out = g_string_new (NULL);

  for (const char *p = folio; *p != '\0'; p++)
    if (g_ascii_isalnum (*p))
      g_string_append_c (out, g_ascii_toupper (*p));
  return g_string_free (out, FALSE);
}

static gboolean
matches (gpointer item, gpointer data)
{
  PlazaHomeScreen *self = data;
  g_autofree char *folio = NULL;

  if (self->needle == NULL)
    return TRUE;
  folio = squeeze (plaza_response_get_folio (item));
  return strstr (folio, self->needle) != NULL;
}

static gint64
midnight_ms (void)
{
  g_autoptr (GDateTime) utc = g_date_time_new_from_unix_utc (plaza_clock_now_ms () / 1000);
  g_autoptr (GDateTime) local = g_date_time_to_local (utc);
  g_autoptr (GDateTime) midnight =
      g_date_time_new_local (g_date_time_get_year (local), g_date_time_get_month (local),
                             g_date_time_get_day_of_month (local), 0, 0, 0);

  return g_date_time_to_unix (midnight) * 1000;
}

/* Today's are also those of today's session that were asked while the clock was wrong. */
static PlazaResponseList *
list_today (PlazaHomeScreen *self, GError **error)
{
  g_autoptr (PlazaSession) session = plaza_session_current (self->store, NULL);
  g_autofree char *today = plaza_clock_today ();
  gboolean is_today =
      session != NULL && g_str_equal (plaza_session_get_fields (session)->date, today);

  return plaza_response_list_new_day (self->store, midnight_ms (),
                                      is_today ? plaza_session_get_id (session) : NULL, error);
}

static void
load_list (PlazaHomeScreen *self, gboolean every_day)
{
  g_autoptr (PlazaResponseList) responses = NULL;
  g_autoptr (GError) error = NULL;

  responses =
      every_day ? plaza_response_list_new (self->store, 0, &error) : list_today (self, &error);
  if (responses == NULL)
    {
      g_warning ("Listing responses: %s", error->message);
      return;
    }
  self->searching_all = every_day;
  gtk_filter_list_model_set_model (self->filtered, G_LIST_MODEL (responses));
}

static void
update_list (PlazaHomeScreen *self)
{
  guint shown = g_list_model_get_n_items (G_LIST_MODEL (self->slice));
  guint all = g_list_model_get_n_items (G_LIST_MODEL (self->filtered));

  gtk_widget_set_visible (GTK_WIDGET (self->list), shown > 0);
  gtk_widget_set_visible (self->more_button, all > shown);
  gtk_widget_set_visible (self->empty, all == 0);
  if (self->needle != NULL)
    {
      gtk_label_set_label (self->empty_title, _ ("No response with this folio"));
      gtk_label_set_label (self->empty_text,
                           _ ("Compare it with the receipt. A folio of another laptop "
                              "is not kept here."));
    }
  else
    {
      gtk_label_set_label (self->empty_title, _ ("No responses today yet"));
      gtk_label_set_label (self->empty_text, _ ("Begin with “New interview”."));
    }
  gtk_label_set_label (self->list_heading, self->needle != NULL ? _ ("Found") : _ ("Today"));
}

static GtkWidget *
create_row (gpointer item, gpointer data)
{
  PlazaResponse *response = item;
  GtkWidget *row = adw_action_row_new ();
  GtkWidget *icon = gtk_image_new_from_icon_name (plaza_response_words_icon (response));
  g_autofree char *line = plaza_response_words_line (response);
  g_autofree char *name = g_strdup_printf ("%s, %s", plaza_response_get_folio (response), line);

  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), plaza_response_get_folio (response));
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), line);
  adw_action_row_set_subtitle_lines (ADW_ACTION_ROW (row), 0);
  adw_action_row_add_prefix (ADW_ACTION_ROW (row), icon);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row),
                             gtk_image_new_from_icon_name ("go-next-symbolic"));
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), TRUE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
  g_object_set_data_full (G_OBJECT (row), "response", g_object_ref (response), g_object_unref);
  return row;
}

static void
on_row_activated_cb (PlazaHomeScreen *self, GtkListBoxRow *row)
{
  PlazaResponse *response = g_object_get_data (G_OBJECT (row), "response");
  PlazaWindow *window = plaza_screen_get_window (PLAZA_SCREEN (self));

  if (plaza_response_get_state (response) == PLAZA_RESPONSE_DRAFT)
    plaza_window_resume (window, plaza_response_get_id (response));
  else
    gtk_window_present (GTK_WINDOW (plaza_response_dialog_new (window, self->store, response)));
}

static void
on_search_changed_cb (PlazaHomeScreen *self)
{
  g_autofree char *needle = squeeze (gtk_editable_get_text (self->search_entry));

  if (*needle == '\0')
    g_clear_pointer (&needle, g_free);
  if (g_strcmp0 (needle, self->needle) == 0)
    return;
  g_free (self->needle);
  self->needle = g_steal_pointer (&needle);
  /* A folio is looked for among all the days, and only while it is. */
  if ((self->needle != NULL) != self->searching_all)
    load_list (self, self->needle != NULL);
  gtk_slice_list_model_set_size (self->slice, ROWS);
  gtk_filter_changed (GTK_FILTER (self->filter), GTK_FILTER_CHANGE_DIFFERENT);
  update_list (self);
}

static void
on_stop_search_cb (PlazaHomeScreen *self)
{
  gtk_editable_set_text (self->search_entry, "");
  gtk_widget_grab_focus (self->new_button);
}

static void
on_more_cb (PlazaHomeScreen *self)
{
  gtk_slice_list_model_set_size (self->slice, gtk_slice_list_model_get_size (self->slice) + ROWS);
  update_list (self);
}

static void
on_withdraw_cb (PlazaHomeScreen *self)
{
  PlazaWindow *window = plaza_screen_get_window (PLAZA_SCREEN (self));

  plaza_response_ask_withdraw (window, self->store, NULL);
}

static char *
tally_words (const PlazaTally *tally)
{
  g_autoptr (GPtrArray) parts = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < PLAZA_N_OUTCOMES; i++)
    if (tally->outcomes[i] > 0 || i == PLAZA_OUTCOME_COMPLETED)
      g_ptr_array_add (parts, plaza_response_words_count (i, tally->outcomes[i]));
  if (tally->drafts > 0)
    g_ptr_array_add (
        parts, g_strdup_printf (ngettext ("%u draft", "%u drafts", tally->drafts), tally->drafts));
  if (tally->voided > 0)
    g_ptr_array_add (parts, g_strdup_printf (_ ("%u not counted"), tally->voided));
  g_ptr_array_add (parts, NULL);
  return g_strjoinv (" · ", (char **) parts->pdata);
}

static char *
place_words (PlazaHomeScreen *self, const PlazaSessionFields *fields)
{
  PlazaCampaign *campaign = plaza_store_get_campaign (self->store);
  const PlazaCatalogueRow *state = NULL;
  const PlazaCatalogueRow *municipality = NULL;
  g_autoptr (GPtrArray) parts = g_ptr_array_new ();

  if (self->states == NULL)
    self->states = plaza_campaign_catalogue (campaign, "states", NULL);
  if (self->municipalities == NULL)
    self->municipalities = plaza_campaign_catalogue (campaign, "municipalities", NULL);
  if (self->states != NULL)
    state = plaza_catalogue_lookup (self->states, fields->state);
  if (self->municipalities != NULL)
    municipality = plaza_catalogue_lookup (self->municipalities, fields->municipality);
  if (*fields->place != '\0')
    g_ptr_array_add (parts, (gpointer) fields->place);
  if (municipality != NULL)
    g_ptr_array_add (parts, (gpointer) municipality->label);
  g_ptr_array_add (parts, (gpointer) (state != NULL ? state->name : fields->state));
  g_ptr_array_add (parts, NULL);
  return g_strjoinv (", ", (char **) parts->pdata);
}

static void
update_session (PlazaHomeScreen *self)
{
  g_autoptr (PlazaSession) session = plaza_session_current (self->store, NULL);
  const PlazaSessionFields *fields = session != NULL ? plaza_session_get_fields (session) : NULL;
  PlazaTally tally = { 0 };
  g_autofree char *place = NULL;
  g_autofree char *day = NULL;
  g_autofree char *details = NULL;
  g_autofree char *counts = NULL;

  gtk_widget_set_visible (self->correct_session_child, session != NULL);
  gtk_widget_set_visible (GTK_WIDGET (self->session_tally), session != NULL);
  if (session == NULL)
    {
      gtk_label_set_label (self->session_place, _ ("No field session is open"));
      gtk_label_set_label (self->session_details,
                           _ ("Say once where and when you are: every interview takes it over."));
      gtk_button_set_label (self->new_session_button, _ ("Start a field session…"));
      return;
    }
  place = place_words (self, fields);
  day = plaza_words_day (fields->date);
  if (*fields->team != '\0')
    /* Translators: a day, then the name of a team */
    details = g_strdup_printf (_ ("%s · team %s"), day, fields->team);
  else
    details = g_strdup (day);
  gtk_label_set_label (self->session_place, place);
  gtk_label_set_label (self->session_details, details);
  gtk_button_set_label (self->new_session_button, _ ("New session…"));
  if (plaza_session_get_tally (session, &tally, NULL))
    counts = tally_words (&tally);
  gtk_label_set_label (self->session_tally, counts != NULL ? counts : "");
}

static void
update_counts (PlazaHomeScreen *self)
{
  g_autofree char *line = plaza_delivery_words_line (self->store, self->delivery);

  plaza_screen_set_subtitle (PLAZA_SCREEN (self), line);
}

void
plaza_home_screen_update_copy (PlazaHomeScreen *self)
{
  g_autofree char *copy = NULL;

  g_return_if_fail (PLAZA_IS_HOME_SCREEN (self));

  if (self->store == NULL || plaza_store_get_profile (self->store) == NULL)
    return;
  copy = plaza_copy_words_line (self->store);
  gtk_label_set_label (self->copy_words, copy != NULL ? copy : "");
  gtk_widget_set_visible (GTK_WIDGET (self->copy_words), copy != NULL);
}

static gboolean
on_counts_idle_cb (gpointer data)
{
  PlazaHomeScreen *self = data;

  self->counts_idle = 0;
  update_counts (self);
  update_session (self);
  return G_SOURCE_REMOVE;
}

/* A delivery changes many rows in a row: one look at the counts is enough for all of them. */
static void
on_counts_changed_cb (PlazaHomeScreen *self)
{
  if (self->counts_idle == 0)
    self->counts_idle = g_idle_add (on_counts_idle_cb, self);
}

void
plaza_home_screen_search (PlazaHomeScreen *self)
{
  g_return_if_fail (PLAZA_IS_HOME_SCREEN (self));

  gtk_widget_grab_focus (GTK_WIDGET (self->search_entry));
}

PlazaScreen *
plaza_home_screen_new (PlazaStore *store, PlazaDelivery *delivery)
{
  PlazaHomeScreen *self = g_object_new (PLAZA_TYPE_HOME_SCREEN, NULL);
  PlazaProfile *profile = plaza_store_get_profile (store);

  self->store = g_object_ref (store);
  self->delivery = g_object_ref (delivery);
  plaza_screen_set_title (PLAZA_SCREEN (self), plaza_profile_get_name (profile));
  plaza_campaign_card_set_store (self->campaign_card, store, delivery);
  load_list (self, FALSE);
  g_signal_connect_object (store, "counts-changed", G_CALLBACK (on_counts_changed_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (delivery, "notify", G_CALLBACK (on_counts_changed_cb), self,
                           G_CONNECT_SWAPPED);
  update_list (self);
  return PLAZA_SCREEN (self);
}

static void
plaza_home_screen_shown (PlazaScreen *screen)
{
  PlazaHomeScreen *self = PLAZA_HOME_SCREEN (screen);

  plaza_campaign_card_refresh (self->campaign_card);
  update_session (self);
  update_counts (self);
  plaza_home_screen_update_copy (self);
  gtk_widget_grab_focus (self->new_button);
}

static void
plaza_home_screen_dispose (GObject *object)
{
  PlazaHomeScreen *self = PLAZA_HOME_SCREEN (object);

  g_clear_handle_id (&self->counts_idle, g_source_remove);
  if (self->list != NULL)
    gtk_list_box_bind_model (self->list, NULL, NULL, NULL, NULL);
  g_clear_object (&self->slice);
  g_clear_object (&self->filtered);
  g_clear_object (&self->store);
  g_clear_object (&self->delivery);
  g_clear_pointer (&self->states, plaza_catalogue_unref);
  g_clear_pointer (&self->municipalities, plaza_catalogue_unref);
  gtk_widget_dispose_template (GTK_WIDGET (object), PLAZA_TYPE_HOME_SCREEN);
  G_OBJECT_CLASS (plaza_home_screen_parent_class)->dispose (object);
}

static void
plaza_home_screen_finalize (GObject *object)
{
  g_free (PLAZA_HOME_SCREEN (object)->needle);
  G_OBJECT_CLASS (plaza_home_screen_parent_class)->finalize (object);
}

static void
plaza_home_screen_class_init (PlazaHomeScreenClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  object_class->dispose = plaza_home_screen_dispose;
  object_class->finalize = plaza_home_screen_finalize;
  PLAZA_SCREEN_CLASS (class)->shown = plaza_home_screen_shown;

  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/gobabiertomx/Plaza/home-screen.ui");
  gtk_widget_class_bind_template_child (widget_class, PlazaHomeScreen, campaign_card);
  gtk_widget_class_bind_template_child (widget_class, PlazaHomeScreen, session_place);
  gtk_widget_class_bind_template_child (widget_class, PlazaHomeScreen, session_details);
  gtk_widget_class_bind_template_child (widget_class, PlazaHomeScreen, session_tally);
  gtk_widget_class_bind_template_child (widget_class, PlazaHomeScreen, new_session_button);
  gtk_widget_class_bind_template_child (widget_class, PlazaHomeScreen, correct_session_child);
  gtk_widget_class_bind_template_child (widget_class, PlazaHomeScreen, new_button);
  gtk_widget_class_bind_template_child (widget_class, PlazaHomeScreen, list_heading);
  gtk_widget_class_bind_template_child (widget_class, PlazaHomeScreen, search_entry);
  gtk_widget_class_bind_template_child (widget_class, PlazaHomeScreen, list);
  gtk_widget_class_bind_template_child (widget_class, PlazaHomeScreen, empty);
  gtk_widget_class_bind_template_child (widget_class, PlazaHomeScreen, empty_title);
  gtk_widget_class_bind_template_child (widget_class, PlazaHomeScreen, empty_text);
  gtk_widget_class_bind_template_child (widget_class, PlazaHomeScreen, more_button);
  gtk_widget_class_bind_template_child (widget_class, PlazaHomeScreen, copy_words);
  gtk_widget_class_bind_template_callback (widget_class, on_row_activated_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_search_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_stop_search_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_more_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_withdraw_cb);
}

static void
plaza_home_screen_init (PlazaHomeScreen *self)
{
  g_type_ensure (PLAZA_TYPE_CAMPAIGN_CARD);
  gtk_widget_init_template (GTK_WIDGET (self));
  self->filter = gtk_custom_filter_new (matches, self, NULL);
  self->filtered = gtk_filter_list_model_new (NULL, GTK_FILTER (self->filter));
  self->slice = gtk_slice_list_model_new (g_object_ref (G_LIST_MODEL (self->filtered)), 0, ROWS);
  g_signal_connect_object (self->filtered, "items-changed", G_CALLBACK (update_list), self,
                           G_CONNECT_SWAPPED | G_CONNECT_AFTER);
  gtk_list_box_bind_model (self->list, G_LIST_MODEL (self->slice), create_row, self, NULL);
}
