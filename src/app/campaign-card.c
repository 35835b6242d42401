/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-app"

#include "config.h"

#include "app/campaign-card.h"

#include <glib/gi18n.h>

#include "app/button-text.h"
#include "app/unreadable-words.h"
#include "app/words.h"
#include "base/clock.h"
#include "base/error.h"
#include "store/campaign-news.h"
#include "store/joining.h"

struct _PlazaCampaignCard
{
  AdwBin parent_instance;

  PlazaStore *store;
  PlazaDelivery *delivery;
  PlazaDeliveryProblem problem; /* as last shown */
  PlazaNews news;               /* told while this screen stands */
  PlazaUnreadable unreadable;   /* of the store, as it was when this screen was made */
  char *shown;                  /* what the notices say, so that they are not built anew in vain */

  GtkBox *notices;
  GtkLabel *questionnaires;
  GtkLabel *dates;
  GtkLabel *registration;
};

G_DEFINE_FINAL_TYPE (PlazaCampaignCard, plaza_campaign_card, ADW_TYPE_BIN)

static void
set_words (GtkLabel *label, const char *words)
{
  gtk_label_set_label (label, words != NULL ? words : "");
  gtk_widget_set_visible (GTK_WIDGET (label), words != NULL);
}

/* What is asked */

/* A campaign with one questionnaire is that questionnaire; of several each has its own title. */
static char *
title_of (PlazaCampaignCard *self, const PlazaCampaignQuestionnaire *form, guint n_forms)
{
  g_autoptr (PlazaForm) loaded = NULL;

  if (n_forms == 1)
    return g_strdup (plaza_store_get_campaign (self->store)->title);
  loaded = plaza_store_get_form (self->store, form->form_id, form->version, NULL);
  return g_strdup (loaded != NULL ? plaza_form_get_title (loaded) : form->form_id);
}

static void
show_questionnaires (PlazaCampaignCard *self, PlazaCampaign *campaign)
{
  g_autoptr (GPtrArray) current = plaza_campaign_current (campaign);
  g_autoptr (GPtrArray) lines = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *words = NULL;

  for (guint i = 0; i < current->len; i++)
    {
      const PlazaCampaignQuestionnaire *form = g_ptr_array_index (current, i);
      g_autofree char *title = title_of (self, form, current->len);

      if (*form->version == '\0')
        g_ptr_array_add (lines, g_steal_pointer (&title));
      else
        /* Translators: the title of a questionnaire and its version */
        g_ptr_array_add (lines, g_strdup_printf (_ ("%s · version %s"), title, form->version));
    }
  g_ptr_array_add (lines, NULL);
  words = g_strjoinv ("\n", (char **) lines->pdata);
  gtk_label_set_label (self->questionnaires, words);
}

static gboolean
is_over (const char *last_day)
{
  g_autofree char *today = plaza_clock_today ();

  return last_day != NULL && strcmp (today, last_day) > 0;
}

static void
show_dates (PlazaCampaignCard *self, PlazaCampaign *campaign)
{
  g_autofree char *day = NULL;
  g_autofree char *words = NULL;

  if (campaign->asking_ends != NULL && !is_over (campaign->asking_ends))
    {
      day = plaza_words_day (campaign->asking_ends);
      /* Translators: the last day of asking, such as "Sunday 30 June" */
      words = g_strdup_printf (_ ("Asking goes on until %s"), day);
    }
  set_words (self->dates, words);
}

/* What a person must know */

static void
add_notice (GString *shown,
            GtkBox *box,
            const char *title,
            const char *text,
            const char *button,
            const char *action)
{
  GtkWidget *card = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  GtkWidget *heading = gtk_label_new (title);
  GtkWidget *body = gtk_label_new (text);

  g_string_append_printf (shown, "%s\n%s\n", title, text);
  gtk_widget_add_css_class (card, "card");
  gtk_widget_add_css_class (card, "padded");
  gtk_widget_add_css_class (heading, "title-3");
  for (guint i = 0; i < 2; i++)
    {
      GtkLabel *label = GTK_LABEL (i == 0 ? heading : body);

      gtk_label_set_wrap (label, TRUE);
      gtk_label_set_wrap_mode (label, PANGO_WRAP_WORD_CHAR);
      gtk_label_set_xalign (label, 0);
      gtk_box_append (GTK_BOX (card), GTK_WIDGET (label));
    }
  if (button != NULL)
    {
      GtkWidget *widget = gtk_button_new_with_mnemonic (button);

      gtk_actionable_set_action_name (GTK_ACTIONABLE (widget), action);
      gtk_widget_set_halign (widget, GTK_ALIGN_START);
      gtk_widget_add_css_class (widget, "large");
      plaza_button_text_wrap (widget);
      gtk_box_append (GTK_BOX (card), widget);
    }
  gtk_box_append (box, card);
}

static gboolean
is_revoked (PlazaCampaignCard *self, PlazaCampaign *campaign)
{
  const PlazaEnrolment *enrolment =
      plaza_profile_get_enrolment (plaza_store_get_profile (self->store));

  return enrolment != NULL && (plaza_campaign_is_revoked (campaign, enrolment->device) ||
                               plaza_profile_is_revoked (plaza_store_get_profile (self->store)));
}

/* The central knew it and does not take it now, not even by its key. */
static gboolean
is_unknown (PlazaCampaignCard *self, PlazaProfile *profile)
{
  return self->problem == PLAZA_DELIVERY_TOKEN &&
         plaza_profile_get_registration_state (profile, NULL) == PLAZA_REGISTERED;
}

static void
add_device_notices (PlazaCampaignCard *self, PlazaCampaign *campaign, GString *shown, GtkBox *box)
{
  PlazaProfile *profile = plaza_store_get_profile (self->store);

  if (plaza_profile_get_registration_state (profile, NULL) == PLAZA_REGISTRATION_REFUSED)
    add_notice (shown, box, _ ("The central database did not take the code of this laptop"),
                _ ("Somebody else may have used it, or its time was over. Nothing is lost: all you "
                   "did is kept here, and you can go on. Ask your coordination for a new code; "
                   "then join again with it, with the same name and passphrase."),
                _ ("_Join again with a new code…"), "win.rejoin");
  else if (is_revoked (self, campaign))
    add_notice (shown, box, _ ("This laptop was taken out of use"),
                _ ("The central database does not take it any more. Nothing is lost: all you did "
                   "is kept here, sealed. Save it to a USB stick and hand that to your "
                   "coordination, who decide about it."),
                _ ("_Deliver or save to USB…"), "win.deliver");
  else if (is_unknown (self, profile))
    add_notice (shown, box, _ ("The central database does not know this laptop"),
                _ ("Perhaps it was set up anew since you joined. Nothing is lost: all you did is "
                   "kept here, sealed. Ask your coordination; you can save it to a USB stick and "
                   "hand that to them."),
                _ ("_Deliver or save to USB…"), "win.deliver");
}

static void
add_date_notice (PlazaCampaign *campaign, GString *shown, GtkBox *box)
{
  g_autofree char *asked = NULL;
  g_autofree char *keyed = NULL;
  g_autofree char *title = NULL;
  g_autofree char *text = NULL;

  if (!is_over (campaign->asking_ends))
    return;
  asked = plaza_words_day (campaign->asking_ends);
  /* Translators: the last day of asking */
  title = g_strdup_printf (_ ("Asking ended on %s"), asked);
  if (campaign->keying_ends != NULL && !is_over (campaign->keying_ends))
    {
      keyed = plaza_words_day (campaign->keying_ends);
      /* Translators: the last day of keying sheets of paper */
      text =
          g_strdup_printf (_ ("Thank you. If somebody still wants to answer, ask: it is received "
                              "and counted apart. Sheets of paper are keyed until %s."),
                           keyed);
    }
  else
    text = g_strdup (_ ("Thank you. If somebody still wants to answer, ask: it is received and "
                        "counted apart."));
  add_notice (shown, box, title, text, NULL, NULL);
}

static void
add_news_notice (PlazaCampaignCard *self, PlazaCampaign *campaign, GString *shown, GtkBox *box)
{
  if (self->news & PLAZA_NEWS_QUESTIONNAIRES)
    add_notice (shown, box, _ ("A new version of the questionnaire arrived"),
                _ ("New interviews use it from now on. Drafts and returned work stay on theirs."),
                NULL, NULL);
  else if ((self->news & PLAZA_NEWS_DATES) && !is_over (campaign->asking_ends))
    add_notice (shown, box, _ ("The dates of the consultation changed"),
                _ ("Your coordination sent new ones; they are below."), NULL, NULL);
}

static void
add_unreadable_notice (PlazaCampaignCard *self, GString *shown, GtkBox *box)
{
  g_autofree char *lines = plaza_unreadable_words (&self->unreadable);
  g_autofree char *text = NULL;

  if (lines == NULL)
    return;
  text = g_strconcat (_ ("The disk of this laptop damaged something. It is kept as it is, new work "
                         "is safe beside it, and what an older copy has is used where that is "
                         "sure. Tell your coordination before you hand in the laptop."),
                      "\n", lines, NULL);
  add_notice (shown, box, _ ("Something cannot be read any more"), text, NULL, NULL);
}

static void
show_notices (PlazaCampaignCard *self, PlazaCampaign *campaign)
{
  g_autoptr (GString) shown = g_string_new (NULL);
  g_autoptr (GtkBox) box = g_object_ref_sink (GTK_BOX (gtk_box_new (GTK_ORIENTATION_VERTICAL, 12)));
  GtkWidget *child;

  add_device_notices (self, campaign, shown, box);
  add_unreadable_notice (self, shown, box);
  add_date_notice (campaign, shown, box);
  add_news_notice (self, campaign, shown, box);
  if (plaza_profile_is_campaign_damaged (plaza_store_get_profile (self->store)))
    add_notice (
        shown, box, _ ("The file of the consultation was damaged"),
        _ ("Plaza works with the copy it had beside it; what you did is safe. It is fetched "
           "again by itself when there is a connection, or from a coordinator's stick."),
        NULL, NULL);
  if (g_strcmp0 (shown->str, self->shown) == 0)
    return;
  g_free (self->shown);
  self->shown = g_strdup (shown->str);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self->notices))) != NULL)
    gtk_box_remove (self->notices, child);
  gtk_widget_set_visible (GTK_WIDGET (self->notices), shown->len > 0);
  if (shown->len > 0)
    gtk_box_append (self->notices, GTK_WIDGET (box));
}

void
plaza_campaign_card_refresh (PlazaCampaignCard *self)
{
  PlazaCampaign *campaign = plaza_store_get_campaign (self->store);
  PlazaProfile *profile = plaza_store_get_profile (self->store);
  gboolean waiting;

  /* A delivery may have its last word after the profile was locked. */
  if (profile == NULL || !plaza_profile_is_unlocked (profile))
    return;
  waiting = plaza_profile_get_registration_state (profile, NULL) == PLAZA_REGISTRATION_WAITING;
  self->problem = plaza_delivery_get_problem (self->delivery);
  show_questionnaires (self, campaign);
  show_dates (self, campaign);
  set_words (self->registration,
             waiting ? _ ("Registered at the central: not yet. The first delivery does it, by "
                          "network or USB.")
                     : NULL);
  show_notices (self, campaign);
}

static void
take_news (PlazaCampaignCard *self)
{
  PlazaNews news;
  g_autoptr (GError) error = NULL;

  if (plaza_store_get_news (self->store, &news, &error) &&
      (news == PLAZA_NEWS_NONE || plaza_store_settle_news (self->store, &error)))
    self->news |= news;
  else
    g_warning ("The campaign's news: %s", error->message);
}

static void
on_looked_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (PlazaCampaignCard) self = data;
  g_autoptr (GError) error = NULL;

  if (plaza_unreadable_look_finish (result, &self->unreadable, &error))
    {
      if (self->store != NULL)
        plaza_campaign_card_refresh (self);
    }
  else if (!g_error_matches (error, PLAZA_ERROR, PLAZA_ERROR_LOCKED))
    g_warning ("Looking for what cannot be read: %s", error->message);
}

static void
on_campaign_changed_cb (PlazaCampaignCard *self)
{
  take_news (self);
  plaza_campaign_card_refresh (self);
}

/* A delivery registers the device, or learns that it is not wanted. */
static void
on_delivery_changed_cb (PlazaCampaignCard *self)
{
  plaza_campaign_card_refresh (self);
}

void
plaza_campaign_card_set_store (PlazaCampaignCard *self, PlazaStore *store, PlazaDelivery *delivery)
{
  g_return_if_fail (PLAZA_IS_CAMPAIGN_CARD (self));
  g_return_if_fail (self->store == NULL);

  self->store = g_object_ref (store);
  self->delivery = g_object_ref (delivery);
  g_signal_connect_object (store, "campaign-changed", G_CALLBACK (on_campaign_changed_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (delivery, "notify::problem", G_CALLBACK (on_delivery_changed_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (delivery, "notify::state", G_CALLBACK (on_delivery_changed_cb), self,
                           G_CONNECT_SWAPPED);
  take_news (self);
  plaza_unreadable_look_async (store, on_looked_cb, g_object_ref (self));
}

static void
plaza_campaign_card_dispose (GObject *object)
{
  PlazaCampaignCard *self = PLAZA_CAMPAIGN_CARD (object);

  g_clear_object (&self->store);
  g_clear_object (&self->delivery);
  g_clear_pointer (&self->shown, g_free);
  gtk_widget_dispose_template (GTK_WIDGET (object), PLAZA_TYPE_CAMPAIGN_CARD);
  G_OBJECT_CLASS (plaza_campaign_card_parent_class)->dispose (object);
}

static void
plaza_campaign_card_class_init (PlazaCampaignCardClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = plaza_campaign_card_dispose;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/gobabiertomx/Plaza/campaign-card.ui");
  gtk_widget_class_bind_template_child (widget_class, PlazaCampaignCard, notices);
  gtk_widget_class_bind_template_child (widget_class, PlazaCampaignCard, questionnaires);
  gtk_widget_class_bind_template_child (widget_class, PlazaCampaignCard, dates);
  gtk_widget_class_bind_template_child (widget_class, PlazaCampaignCard, registration);
}

static void
plaza_campaign_card_init (PlazaCampaignCard *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
