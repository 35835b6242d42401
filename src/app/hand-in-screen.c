/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-app"

#include "config.h"

#include "app/hand-in-screen.h"

#include <glib/gi18n.h>

#include "app/ask.h"
#include "app/delivery-words.h"
#include "app/hand-in-draft-row.h"
#include "app/hand-in-others.h"
#include "app/reason-dialog.h"
#include "app/unreadable-words.h"
#include "app/window.h"
#include "store/hand-in.h"
#include "store/store.h"
#include "sync/stick.h"

struct _PlazaHandInScreen
{
  PlazaScreen parent_instance;

  PlazaProfile *profile;
  PlazaStore *store;
  PlazaDelivery *delivery;
  PlazaStick *stick;
  PlazaHandInState state;
  guint update_source;
  char *drafts_shown; /* ids, so that rows with the focus are not made anew in vain */

  GtkLabel *drafts_words;
  GtkListBox *drafts_list;
  GtkWidget *refused_box;
  GtkLabel *refused_words;
  GtkWidget *unreadable_box;
  GtkLabel *unreadable_words;
  GtkWidget *unreadable_button;
  GtkLabel *deliver_words;
  GtkProgressBar *progress;
  GtkWidget *deliver_button;
  GtkWidget *save_button;
  GtkLabel *stick_words;
  GtkLabel *others_words;
  GtkListBox *others_list;
  GtkLabel *erase_words;
  GtkWidget *erase_button;
};

G_DEFINE_FINAL_TYPE (PlazaHandInScreen, plaza_hand_in_screen, PLAZA_TYPE_SCREEN)

static void update (PlazaHandInScreen *self);

static PlazaWindow *
window_of (PlazaHandInScreen *self)
{
  return plaza_screen_get_window (PLAZA_SCREEN (self));
}

static void
clear_list (GtkListBox *list)
{
  GtkWidget *row;

  while ((row = gtk_widget_get_first_child (GTK_WIDGET (list))) != NULL)
    gtk_list_box_remove (list, row);
}

/* Deciding, with a reason */

typedef struct
{
  PlazaHandInScreen *self;
  char *response; /* NULL for what is no interview */
} Decision;

static Decision *
decision_new (PlazaHandInScreen *self, const char *response)
{
  Decision *decision = g_new0 (Decision, 1);

  decision->self = g_object_ref (self);
  decision->response = g_strdup (response);
  return decision;
}

static void
decision_free (gpointer data)
{
  Decision *decision = data;

  g_object_unref (decision->self);
  g_free (decision->response);
  g_free (decision);
}

static void
on_discard_reason_cb (const char *reason, gpointer data)
{
  Decision *decision = data;
  PlazaHandInScreen *self = decision->self;
  g_autoptr (GError) error = NULL;
  gboolean ok;

  if (self->store == NULL)
    return;
  ok = decision->response != NULL
           ? plaza_hand_in_discard (self->store, decision->response, reason, &error)
           : plaza_hand_in_discard_refused (self->store, reason, &error);
  if (!ok)
    plaza_window_show_error (window_of (self), _ ("It was not discarded"), error);
  update (self);
}

static void
on_unreadable_reason_cb (const char *reason, gpointer data)
{
  PlazaHandInScreen *self = ((Decision *) data)->self;
  g_autoptr (GError) error = NULL;

  if (self->store == NULL)
    return;
  if (!plaza_hand_in_accept_unreadable (self->store, reason, &error))
    plaza_window_show_error (window_of (self), _ ("It was not given up"), error);
  update (self);
}

static void
ask_discard (PlazaHandInScreen *self, const char *response, const char *heading, const char *body)
{
  plaza_reason_dialog_ask (GTK_WINDOW (window_of (self)), heading, body, _ ("_Discard"),
                           on_discard_reason_cb, decision_new (self, response), decision_free);
}

/* Drafts */

static void
on_resume_cb (PlazaHandInScreen *self, GtkWidget *button)
{
  g_autofree char *response = g_strdup (plaza_hand_in_draft_row_get_response (button));

  plaza_window_resume (window_of (self), response);
}

static void
on_partial_cb (PlazaHandInScreen *self, GtkWidget *button)
{
  g_autofree char *response = g_strdup (plaza_hand_in_draft_row_get_response (button));
  g_autoptr (GError) error = NULL;

  if (!plaza_hand_in_end_partial (self->store, response, &error))
    plaza_window_show_error (window_of (self), _ ("It could not be ended"), error);
  update (self);
}

static void
on_discard_cb (PlazaHandInScreen *self, GtkWidget *button)
{
  ask_discard (self, plaza_hand_in_draft_row_get_response (button), _ ("Discard this interview?"),
               _ ("Its answers are destroyed for good. The central database and the proof are told "
                  "that it was discarded, and why."));
}

static char *
draft_ids (GPtrArray *drafts)
{
  GString *ids = g_string_new (NULL);

  for (guint i = 0; i < drafts->len; i++)
    g_string_append (ids, ((PlazaHandInDraft *) g_ptr_array_index (drafts, i))->response);
  return g_string_free (ids, FALSE);
}

static void
update_drafts (PlazaHandInScreen *self)
{
  static const PlazaHandInDraftActions actions = { .resume = G_CALLBACK (on_resume_cb),
                                                   .end_partial = G_CALLBACK (on_partial_cb),
                                                   .discard = G_CALLBACK (on_discard_cb) };
  GPtrArray *drafts = self->state.drafts;
  g_autofree char *ids = draft_ids (drafts);
  g_autofree char *words = NULL;

  if (g_strcmp0 (ids, self->drafts_shown) == 0)
    return;
  g_free (self->drafts_shown);
  self->drafts_shown = g_steal_pointer (&ids);
  clear_list (self->drafts_list);
  for (guint i = 0; i < drafts->len; i++)
    gtk_list_box_append (self->drafts_list, plaza_hand_in_draft_row_new (
                                                g_ptr_array_index (drafts, i), &actions, self));
  gtk_widget_set_visible (GTK_WIDGET (self->drafts_list), drafts->len > 0);
  words = drafts->len == 0
              ? g_strdup (_ ("None."))
              : g_strdup_printf (
                    ngettext ("%u interview cannot be finished anywhere else: decide about it.",
                              "%u interviews cannot be finished anywhere else: decide about each.",
                              drafts->len),
                    drafts->len);
  gtk_label_set_label (self->drafts_words, words);
}

/* What the central does not take */

static void
on_discard_refused_cb (PlazaHandInScreen *self)
{
  ask_discard (self, NULL, _ ("Discard what was not taken?"),
               _ ("It is nowhere else: its answers are destroyed for good. Ask your coordination "
                  "first. The proof says what was discarded, and why."));
}

static void
update_refused (PlazaHandInScreen *self)
{
  guint refused = self->state.refused + self->state.refused_contacts;
  g_autofree char *words = NULL;

  gtk_widget_set_visible (self->refused_box, refused > 0);
  if (refused == 0)
    return;
  words = g_strdup_printf (ngettext ("%u entry is kept here and nowhere else. Tell your "
                                     "coordination before you hand in the laptop.",
                                     "%u entries are kept here and nowhere else. Tell your "
                                     "coordination before you hand in the laptop.",
                                     refused),
                           refused);
  gtk_label_set_label (self->refused_words, words);
}

/* What cannot be read */

static void
on_give_up_unreadable_cb (PlazaHandInScreen *self)
{
  plaza_reason_dialog_ask (
      GTK_WINDOW (window_of (self)), _ ("Hand in without what cannot be read?"),
      _ ("Somebody with the recovery key may still read some of it from this laptop or from a "
         "copy. "
         "Ask your coordination first. The proof says what could not be read, and why it was given "
         "up."),
      _ ("_Give it up"), on_unreadable_reason_cb, decision_new (self, NULL), decision_free);
}

static void
update_unreadable (PlazaHandInScreen *self)
{
  g_autofree char *lines = plaza_unreadable_words (&self->state.unreadable);
  g_autofree char *words = NULL;

  gtk_widget_set_visible (self->unreadable_box, lines != NULL);
  gtk_widget_set_visible (self->unreadable_button, self->state.unreadable_open > 0);
  if (lines == NULL)
    return;
  words =
      g_strconcat (lines, "\n",
                   self->state.unreadable_open > 0
                       ? _ ("It would go with the laptop: decide about it.")
                       : _ ("What is among the interviews or entries above is decided there; the "
                            "proof says the rest."),
                   NULL);
  gtk_label_set_label (self->unreadable_words, words);
}

/* Delivering */

static guint
count_waiting (const PlazaHandInState *state)
{
  return state->unsealed + state->contacts + state->waiting +
         (state->others->len == 0 ? state->carried : 0);
}

static void
update_delivery (PlazaHandInScreen *self)
{
  PlazaDeliveryState state = plaza_delivery_get_state (self->delivery);
  gboolean moving = state == PLAZA_DELIVERY_PACKING || state == PLAZA_DELIVERY_SENDING;
  guint waiting = count_waiting (&self->state);
  const char *problem = plaza_delivery_words_problem (plaza_delivery_get_problem (self->delivery));
  g_autofree char *words = NULL;

  gtk_widget_set_visible (GTK_WIDGET (self->progress), moving);
  gtk_progress_bar_set_fraction (self->progress, plaza_delivery_get_progress (self->delivery));
  if (waiting == 0 && self->state.contacts_told && self->state.registered)
    words = g_strdup (_ ("Everything is delivered and has its receipt."));
  else if (self->state.waiting > 0)
    words = g_strdup_printf (ngettext ("%u envelope has no receipt yet. %s",
                                       "%u envelopes have no receipt yet. %s", self->state.waiting),
                             self->state.waiting, moving ? "" : problem);
  else
    words = g_strdup_printf (_ ("There is work to deliver. %s"), moving ? "" : problem);
  gtk_label_set_label (self->deliver_words, words);
  gtk_widget_set_sensitive (self->deliver_button, !moving && !plaza_stick_is_working (self->stick));
  gtk_widget_set_sensitive (self->save_button, !plaza_stick_is_working (self->stick));
}

static void
on_deliver_cb (PlazaHandInScreen *self)
{
  plaza_delivery_set_hand_in (self->delivery, TRUE);
  plaza_delivery_start (self->delivery);
  plaza_delivery_now (self->delivery);
}

static void
on_saved_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (PlazaHandInScreen) self = data;
  g_autoptr (GError) error = NULL;
  g_autofree char *described = NULL;
  g_autofree char *words = NULL;

  if (plaza_stick_save_finish (PLAZA_STICK (source), result, &error))
    {
      described = plaza_stick_describe (PLAZA_STICK (source));
      words = g_strdup_printf (_ ("%s Nothing is erased until the receipts come back: read the "
                                  "stick here again after it was delivered."),
                               described);
    }
  else
    words = g_strdup (plaza_stick_get_message (PLAZA_STICK (source)));
  gtk_label_set_label (self->stick_words, words);
  gtk_widget_set_visible (GTK_WIDGET (self->stick_words), TRUE);
  if (self->store != NULL)
    update (self);
}

static void
on_folder_cb (PlazaHandInScreen *self, int response, GtkNativeDialog *dialog)
{
  if (response == GTK_RESPONSE_ACCEPT && self->stick != NULL)
    {
      g_autoptr (GFile) folder = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog));

      plaza_stick_set_hand_in (self->stick, TRUE);
      plaza_stick_save_async (self->stick, g_file_peek_path (folder), NULL, on_saved_cb,
                              g_object_ref (self));
      update_delivery (self);
    }
  g_object_unref (dialog);
}

static void
on_save_cb (PlazaHandInScreen *self)
{
  GtkFileChooserNative *dialog = gtk_file_chooser_native_new (
      _ ("Choose the USB stick or folder"), GTK_WINDOW (window_of (self)),
      GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER, _ ("_Choose"), NULL);

  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (dialog), TRUE);
  g_signal_connect_object (dialog, "response", G_CALLBACK (on_folder_cb), self, G_CONNECT_SWAPPED);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (dialog));
}

/* The others */

static void
update_others (PlazaHandInScreen *self)
{
  GPtrArray *others = self->state.others;

  plaza_hand_in_others_list (self->others_list, others);
  gtk_widget_set_visible (GTK_WIDGET (self->others_list), others->len > 0);
  gtk_label_set_label (self->others_words,
                       others->len > 0
                           ? _ ("Each hands in their own profile; what is sealed goes along now.")
                           : _ ("Nobody: after you the laptop is empty."));
}

/* The end */

static void
update_erase (PlazaHandInScreen *self)
{
  gboolean complete = plaza_hand_in_state_is_complete (&self->state);

  gtk_label_set_label (
      self->erase_words,
      complete ? _ ("Everything has a receipt. Now the keys and answers of this profile can be "
                    "erased; the proof stays.")
               : _ ("This opens when nothing is left to decide and everything has a receipt."));
  gtk_widget_set_sensitive (self->erase_button, complete);
}

static void
update (PlazaHandInScreen *self)
{
  g_autoptr (GError) error = NULL;

  plaza_hand_in_state_clear (&self->state);
  if (!plaza_hand_in_look (self->store, &self->state, &error))
    {
      g_warning ("Looking at what is left: %s", error->message);
      self->state.drafts = g_ptr_array_new ();
      self->state.others = g_ptr_array_new ();
    }
  update_drafts (self);
  update_refused (self);
  update_unreadable (self);
  update_delivery (self);
  update_others (self);
  update_erase (self);
}

static gboolean
on_update_cb (gpointer data)
{
  PlazaHandInScreen *self = data;

  self->update_source = 0;
  update (self);
  return G_SOURCE_REMOVE;
}

static void
on_changed_cb (PlazaHandInScreen *self)
{
  if (self->update_source == 0)
    self->update_source = g_timeout_add (200, on_update_cb, self);
}

static void
on_progress_cb (PlazaHandInScreen *self)
{
  gtk_progress_bar_set_fraction (self->progress, plaza_delivery_get_progress (self->delivery));
}

static void
on_confirmed_cb (PlazaHandInScreen *self, const char *answer)
{
  if (g_str_equal (answer, "erase") && window_of (self) != NULL)
    plaza_window_hand_in (window_of (self));
}

static void
on_hand_in_cb (PlazaHandInScreen *self)
{
  GtkWidget *dialog = adw_message_dialog_new (
      GTK_WINDOW (window_of (self)), _ ("Erase this profile from the laptop?"),
      _ ("Everything is at the central database. Here its keys and answers are destroyed, and this "
         "profile cannot be opened again."));

  adw_message_dialog_add_responses (ADW_MESSAGE_DIALOG (dialog), "cancel", _ ("_Cancel"), "erase",
                                    _ ("_Erase and get the proof"), NULL);
  adw_message_dialog_set_response_appearance (ADW_MESSAGE_DIALOG (dialog), "erase",
                                              ADW_RESPONSE_DESTRUCTIVE);
  adw_message_dialog_set_default_response (ADW_MESSAGE_DIALOG (dialog), "cancel");
  adw_message_dialog_set_close_response (ADW_MESSAGE_DIALOG (dialog), "cancel");
  g_signal_connect_object (dialog, "response", G_CALLBACK (on_confirmed_cb), self,
                           G_CONNECT_SWAPPED);
  plaza_ask (dialog);
}

PlazaScreen *
plaza_hand_in_screen_new (PlazaProfile *profile, PlazaDelivery *delivery)
{
  PlazaHandInScreen *self = g_object_new (PLAZA_TYPE_HAND_IN_SCREEN, NULL);

  self->profile = g_object_ref (profile);
  self->store = g_object_ref (plaza_profile_get_store (profile));
  self->delivery = g_object_ref (delivery);
  self->stick = plaza_stick_new (plaza_profile_get_data_root (profile), profile);
  g_signal_connect_object (self->store, "counts-changed", G_CALLBACK (on_changed_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (delivery, "notify::state", G_CALLBACK (on_changed_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (delivery, "notify::problem", G_CALLBACK (on_changed_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (delivery, "notify::progress", G_CALLBACK (on_progress_cb), self,
                           G_CONNECT_SWAPPED);
  return PLAZA_SCREEN (self);
}

static void
plaza_hand_in_screen_shown (PlazaScreen *screen)
{
  PlazaHandInScreen *self = PLAZA_HAND_IN_SCREEN (screen);

  update (self);
  gtk_widget_grab_focus (self->state.drafts->len > 0
                             ? gtk_widget_get_first_child (GTK_WIDGET (self->drafts_list))
                             : self->deliver_button);
  if (self->state.drafts->len > 0)
    gtk_widget_child_focus (GTK_WIDGET (self->drafts_list), GTK_DIR_TAB_FORWARD);
}

static void
plaza_hand_in_screen_dispose (GObject *object)
{
  PlazaHandInScreen *self = PLAZA_HAND_IN_SCREEN (object);

  g_clear_handle_id (&self->update_source, g_source_remove);
  if (self->delivery != NULL)
    plaza_delivery_set_hand_in (self->delivery, FALSE);
  g_clear_object (&self->store);
  g_clear_object (&self->profile);
  g_clear_object (&self->delivery);
  g_clear_object (&self->stick);
  plaza_hand_in_state_clear (&self->state);
  g_clear_pointer (&self->drafts_shown, g_free);
  gtk_widget_dispose_template (GTK_WIDGET (object), PLAZA_TYPE_HAND_IN_SCREEN);
  G_OBJECT_CLASS (plaza_hand_in_screen_parent_class)->dispose (object);
}

static void
plaza_hand_in_screen_class_init (PlazaHandInScreenClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  object_class->dispose = plaza_hand_in_screen_dispose;
  PLAZA_SCREEN_CLASS (class)->shown = plaza_hand_in_screen_shown;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/gobabiertomx/Plaza/hand-in-screen.ui");
  gtk_widget_class_bind_template_child (widget_class, PlazaHandInScreen, drafts_words);
  gtk_widget_class_bind_template_child (widget_class, PlazaHandInScreen, drafts_list);
  gtk_widget_class_bind_template_child (widget_class, PlazaHandInScreen, refused_box);
  gtk_widget_class_bind_template_child (widget_class, PlazaHandInScreen, refused_words);
  gtk_widget_class_bind_template_child (widget_class, PlazaHandInScreen, unreadable_box);
  gtk_widget_class_bind_template_child (widget_class, PlazaHandInScreen, unreadable_words);
  gtk_widget_class_bind_template_child (widget_class, PlazaHandInScreen, unreadable_button);
  gtk_widget_class_bind_template_child (widget_class, PlazaHandInScreen, deliver_words);
  gtk_widget_class_bind_template_child (widget_class, PlazaHandInScreen, progress);
  gtk_widget_class_bind_template_child (widget_class, PlazaHandInScreen, deliver_button);
  gtk_widget_class_bind_template_child (widget_class, PlazaHandInScreen, save_button);
  gtk_widget_class_bind_template_child (widget_class, PlazaHandInScreen, stick_words);
  gtk_widget_class_bind_template_child (widget_class, PlazaHandInScreen, others_words);
  gtk_widget_class_bind_template_child (widget_class, PlazaHandInScreen, others_list);
  gtk_widget_class_bind_template_child (widget_class, PlazaHandInScreen, erase_words);
  gtk_widget_class_bind_template_child (widget_class, PlazaHandInScreen, erase_button);
  gtk_widget_class_bind_template_callback (widget_class, on_discard_refused_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_give_up_unreadable_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_deliver_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_save_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_hand_in_cb);
}

static void
plaza_hand_in_screen_init (PlazaHandInScreen *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
