/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-app"

#include "config.h"

#include "app/join-screen.h"

#include <glib/gi18n.h>

#include "app/join-file.h"
#include "app/join-words.h"
#include "app/new-passphrase.h"
#include "app/window.h"
#include "app/words.h"
#include "app/wrong-entry.h"
#include "base/error.h"
#include "sync/join.h"
#include "wire/joinlink.h"

/* Work that takes longer than this shows its progress. */
#define PATIENCE_MS 1000

struct _PlazaJoinScreen
{
  PlazaScreen parent_instance;

  char *data_dir;
  char *demonstration;
  GBytes *package; /* an opened campaign package, or NULL */
  char *folder;    /* of a coordinator's stick, or NULL */
  PlazaJoin *join;
  GCancellable *cancellable; /* of the work under way, or NULL */
  guint patience;            /* source id of the timer that shows the progress */
  gboolean code_alone;       /* what is joined by says nothing of a campaign */

  GtkStack *steps;
  GtkEditable *code_entry;
  GtkLabel *code_message;
  GtkButton *continue_button;
  GtkButton *open_button;
  GtkButton *stick_button;
  GtkWidget *demonstration_button;
  GtkLabel *campaign_title;
  GtkLabel *campaign_practice;
  GtkLabel *campaign_details;
  GtkLabel *campaign_fingerprint;
  GtkLabel *invitation_person;
  GtkLabel *offline_note;
  GtkEditable *name_entry;
  PlazaNewPassphrase *passphrase;
  GtkLabel *join_message;
  GtkButton *join_button;
  GtkWidget *form_box;
  GtkLabel *work_title;
  GtkProgressBar *work_progress;
  GtkLabel *work_message;
  GtkButton *cancel_button;
};

G_DEFINE_FINAL_TYPE (PlazaJoinScreen, plaza_join_screen, PLAZA_TYPE_SCREEN)

static void
set_busy (PlazaJoinScreen *self, gboolean busy)
{
  gtk_widget_set_sensitive (GTK_WIDGET (self->code_entry), !busy);
  gtk_widget_set_sensitive (GTK_WIDGET (self->continue_button), !busy);
  gtk_widget_set_sensitive (GTK_WIDGET (self->open_button), !busy);
  gtk_widget_set_sensitive (GTK_WIDGET (self->stick_button), !busy);
  gtk_widget_set_sensitive (self->demonstration_button, !busy);
  gtk_widget_set_sensitive (self->form_box, !busy);
}

static gboolean
show_work_cb (gpointer data)
{
  PlazaJoinScreen *self = data;

  self->patience = 0;
  gtk_stack_set_visible_child_name (self->steps, "work");
  gtk_widget_grab_focus (GTK_WIDGET (self->cancel_button));
  return G_SOURCE_REMOVE;
}

static void
begin_work (PlazaJoinScreen *self)
{
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));

  /* An entry must not turn insensitive with the focus in it: GTK warns. */
  if (root != NULL)
    gtk_root_set_focus (root, NULL);
  g_clear_object (&self->cancellable);
  self->cancellable = g_cancellable_new ();
  set_busy (self, TRUE);
  self->patience = g_timeout_add (PATIENCE_MS, show_work_cb, self);
}

static void
end_work (PlazaJoinScreen *self, const char *step)
{
  g_clear_handle_id (&self->patience, g_source_remove);
  g_clear_object (&self->cancellable);
  set_busy (self, FALSE);
  gtk_stack_set_visible_child_name (self->steps, step);
}

static void
complain (GtkLabel *label, GtkWidget *entry, const char *words)
{
  gtk_label_set_label (label, words);
  gtk_widget_set_visible (GTK_WIDGET (label), *words != '\0');
  if (entry == NULL)
    return;
  plaza_wrong_entry_mark (entry, *words != '\0');
  if (*words != '\0')
    gtk_widget_grab_focus (entry);
}

static void
forget_join (PlazaJoinScreen *self)
{
  if (self->join != NULL)
    g_signal_handlers_disconnect_by_data (self->join, self);
  g_clear_object (&self->join);
}

static void
on_join_notify_cb (PlazaJoinScreen *self)
{
  g_autofree char *title = NULL;
  g_autofree char *message = NULL;
  double progress = 0;

  g_object_get (self->join, "title", &title, "message", &message, "progress", &progress, NULL);
  gtk_label_set_label (self->work_title, title != NULL ? title : "");
  gtk_label_set_label (self->work_message, message != NULL ? message : "");
  gtk_progress_bar_set_fraction (self->work_progress, CLAMP (progress, 0, 1));
}

/* Whose invitation it is, when the stick says so, and what follows without a connection. */
static void
show_invitation (PlazaJoinScreen *self)
{
  const PlazaInvitation *invitation = plaza_join_get_invitation (self->join);
  g_autofree char *whose = NULL;
  g_autofree char *words = NULL;

  gtk_widget_set_visible (GTK_WIDGET (self->invitation_person), invitation != NULL);
  gtk_widget_set_visible (GTK_WIDGET (self->offline_note), invitation != NULL);
  if (invitation == NULL)
    return;
  whose = plaza_join_words_for_invitation (plaza_join_get_campaign (self->join), invitation);
  /* Translators: a person, a role and an organisation */
  words = g_strdup_printf (_ ("This invitation is for %s"), whose);
  gtk_label_set_label (self->invitation_person, words);
  if (*gtk_editable_get_text (self->name_entry) == '\0')
    gtk_editable_set_text (self->name_entry, invitation->person);
}

static void
show_campaign (PlazaJoinScreen *self)
{
  PlazaCampaign *campaign = plaza_join_get_campaign (self->join);
  g_autofree char *groups = plaza_words_groups (campaign->fingerprint);
  g_auto (GStrv) names = plaza_join_words_for_organisations (campaign);
  g_autofree char *joined = g_strjoinv (" · ", names);
  g_autoptr (GPtrArray) context = g_ptr_array_new ();

  for (char **name = names; *name != NULL; name++)
    g_ptr_array_add (context, *name);
  g_ptr_array_add (context, campaign->title);
  g_ptr_array_add (context, NULL);

  gtk_label_set_label (self->campaign_title, campaign->title);
  gtk_widget_set_visible (GTK_WIDGET (self->campaign_practice), campaign->practice);
  gtk_label_set_label (self->campaign_details, joined);
  gtk_widget_set_visible (GTK_WIDGET (self->campaign_details), *joined != '\0');
  gtk_label_set_label (self->campaign_fingerprint, groups);
  show_invitation (self);
  plaza_new_passphrase_set_context (self->passphrase, (const char *const *) context->pdata);
  gtk_stack_set_visible_child_name (self->steps, "campaign");
  gtk_widget_grab_focus (GTK_WIDGET (self->name_entry));
}

static void
on_prepared_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (PlazaJoinScreen) self = data;
  g_autoptr (GError) error = NULL;
  g_autofree char *words = NULL;
  gboolean done = plaza_join_prepare_finish (PLAZA_JOIN (source), result, &error);

  if (PLAZA_JOIN (source) != self->join)
    return;
  end_work (self, "start");
  if (done)
    {
      show_campaign (self);
      return;
    }
  g_debug ("Preparing to join: %s", error->message);
  if (g_error_matches (error, PLAZA_ERROR, PLAZA_ERROR_INVALID) && self->code_alone)
    words = g_strdup (plaza_join_words_for_code_alone ());
  else
    words = plaza_join_words_for_error (self->join, error);
  if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    complain (self->code_message, GTK_WIDGET (self->code_entry), words);
  else
    gtk_widget_grab_focus (GTK_WIDGET (self->code_entry));
  forget_join (self);
}

static void
prepare (PlazaJoinScreen *self, const PlazaJoinLink *link)
{
  forget_join (self);
  self->code_alone = link->url == NULL && self->package == NULL && self->folder == NULL;
  self->join = plaza_join_new (self->data_dir, link, self->folder == NULL ? self->package : NULL);
  plaza_join_set_folder (self->join, self->folder);
  g_signal_connect_object (self->join, "notify", G_CALLBACK (on_join_notify_cb), self,
                           G_CONNECT_SWAPPED);
  begin_work (self);
  plaza_join_prepare_async (self->join, self->cancellable, on_prepared_cb, g_object_ref (self));
}

/* @text: a link, the content of a join file, or a code alone. */
static void
take_invitation (PlazaJoinScreen *self, const char *text, const char *complaint)
{
  g_autoptr (PlazaJoinLink) link = NULL;
  g_autoptr (GError) error = NULL;

  link = plaza_join_link_parse (text, &error);
  if (link != NULL)
    prepare (self, link);
  else
    {
      g_debug ("Reading an invitation: %s", error->message);
      complain (self->code_message, GTK_WIDGET (self->code_entry), complaint);
    }
}

static void
on_continue_cb (PlazaJoinScreen *self)
{
  g_autofree char *text = g_strdup (gtk_editable_get_text (self->code_entry));

  g_strstrip (text);
  complain (self->code_message, GTK_WIDGET (self->code_entry), "");
  if (*text == '\0')
    complain (self->code_message, GTK_WIDGET (self->code_entry),
              _ ("Write the code or paste the link that your coordination gave you."));
  else if (strchr (text, ':') != NULL)
    take_invitation (self, text, plaza_join_words_for_bad_link ());
  else
    take_invitation (self, text,
                     _ ("A letter or digit of the code is wrong or missing. Compare it with what "
                        "you were given; capitals and hyphens do not matter."));
}

/* What was chosen is said where a mistake would be, without being one. */
static void
ask_for_code (PlazaJoinScreen *self, const char *words)
{
  complain (self->code_message, GTK_WIDGET (self->code_entry), "");
  gtk_label_set_label (self->code_message, words);
  gtk_widget_set_visible (GTK_WIDGET (self->code_message), TRUE);
  gtk_widget_grab_focus (GTK_WIDGET (self->code_entry));
}

/* A code or link that is there already is enough. */
static void
take_folder (PlazaJoinScreen *self, const char *path)
{
  g_autofree char *name = g_filename_display_basename (path);
  g_autofree char *words = NULL;

  g_free (self->folder);
  self->folder = g_strdup (path);
  /* Translators: the name of a folder or USB stick */
  words = g_strdup_printf (_ ("It will be read from “%s”. Now write the code of your slip."), name);
  ask_for_code (self, words);
  if (*gtk_editable_get_text (self->code_entry) != '\0')
    on_continue_cb (self);
}

static void
take_package (PlazaJoinScreen *self, GBytes *package, const char *folder)
{
  g_clear_pointer (&self->package, g_bytes_unref);
  self->package = g_bytes_ref (package);
  g_free (self->folder);
  self->folder = g_strdup (folder);
  ask_for_code (self, _ ("The campaign file is open. Now write the code you were given."));
}

static void
on_file_read_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (PlazaJoinScreen) self = data;
  g_autoptr (PlazaJoinFile) file = plaza_join_file_read_finish (result);

  switch (file->kind)
    {
    case PLAZA_JOIN_FILE_FOLDER:
      take_folder (self, file->folder);
      break;
    case PLAZA_JOIN_FILE_PACKAGE:
      take_package (self, file->package, file->folder);
      break;
    case PLAZA_JOIN_FILE_INVITATION:
      take_invitation (self, file->text, plaza_join_words_for_bad_link ());
      break;
    case PLAZA_JOIN_FILE_WRONG:
    default:
      complain (self->code_message, GTK_WIDGET (self->code_entry), file->complaint);
    }
}

void
plaza_join_screen_open (PlazaJoinScreen *self, GFile *file)
{
  g_autofree char *uri = NULL;

  g_return_if_fail (PLAZA_IS_JOIN_SCREEN (self));
  g_return_if_fail (G_IS_FILE (file));

  if (self->cancellable != NULL)
    return;
  complain (self->code_message, GTK_WIDGET (self->code_entry), "");
  gtk_stack_set_visible_child_name (self->steps, "start");
  uri = g_file_get_uri (file);
  if (g_str_has_prefix (uri, "plaza:"))
    take_invitation (self, uri, plaza_join_words_for_bad_link ());
  else
    plaza_join_file_read_async (file, on_file_read_cb, g_object_ref (self));
}

static void
on_file_chosen_cb (PlazaJoinScreen *self, int response, GtkNativeDialog *dialog)
{
  if (response == GTK_RESPONSE_ACCEPT)
    {
      g_autoptr (GFile) file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog));

      if (file != NULL)
        plaza_join_screen_open (self, file);
    }
  g_object_unref (dialog);
}

static void
choose_file (PlazaJoinScreen *self, GtkFileChooserNative *dialog)
{
  g_signal_connect_object (dialog, "response", G_CALLBACK (on_file_chosen_cb), self,
                           G_CONNECT_SWAPPED);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (dialog));
}

static void
on_open_cb (PlazaJoinScreen *self)
{
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));

  choose_file (self, plaza_join_file_chooser_new (GTK_WINDOW (root)));
}

static void
on_stick_cb (PlazaJoinScreen *self)
{
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));

  choose_file (self, plaza_join_file_folder_chooser_new (GTK_WINDOW (root)));
}

static void
on_demonstration_cb (PlazaJoinScreen *self)
{
  g_autoptr (GFile) file = g_file_new_for_path (self->demonstration);

  g_clear_pointer (&self->folder, g_free);
  plaza_join_screen_open (self, file);
}

static void
on_joined_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (PlazaJoinScreen) self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (PlazaProfile) profile = plaza_join_run_finish (PLAZA_JOIN (source), result, &error);
  g_autofree char *words =
      error != NULL ? plaza_join_words_for_error (PLAZA_JOIN (source), error) : NULL;
  PlazaWindow *window;

  end_work (self, "campaign");
  if (profile == NULL)
    {
      g_debug ("Joining: %s", error->message);
      if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        complain (self->join_message, NULL,
                  _ ("Stopped. The code may be used again on this laptop."));
      else
        complain (self->join_message, NULL, words);
      gtk_widget_grab_focus (GTK_WIDGET (self->join_button));
      return;
    }
  plaza_new_passphrase_clear (self->passphrase);
  window = plaza_screen_get_window (PLAZA_SCREEN (self));
  if (window != NULL)
    plaza_window_set_profile (window, profile);
}

static void
on_name_activate_cb (PlazaJoinScreen *self)
{
  gtk_widget_grab_focus (GTK_WIDGET (self->passphrase));
}

static void
on_join_cb (PlazaJoinScreen *self)
{
  g_autofree char *name = g_strdup (gtk_editable_get_text (self->name_entry));

  g_strstrip (name);
  complain (self->join_message, GTK_WIDGET (self->name_entry), "");
  if (*name == '\0')
    {
      complain (self->join_message, GTK_WIDGET (self->name_entry),
                _ ("Write the name by which this profile is chosen on this laptop."));
      return;
    }
  if (!plaza_new_passphrase_get_acceptable (self->passphrase))
    {
      plaza_new_passphrase_complain (self->passphrase);
      return;
    }
  begin_work (self);
  plaza_join_run_async (self->join, name, plaza_new_passphrase_get_text (self->passphrase),
                        self->cancellable, on_joined_cb, g_object_ref (self));
}

static void
on_cancel_cb (PlazaJoinScreen *self)
{
  if (self->cancellable != NULL)
    g_cancellable_cancel (self->cancellable);
}

static void
plaza_join_screen_shown (PlazaScreen *screen)
{
  PlazaJoinScreen *self = PLAZA_JOIN_SCREEN (screen);

  if (g_strcmp0 (gtk_stack_get_visible_child_name (self->steps), "start") == 0)
    gtk_widget_grab_focus (GTK_WIDGET (self->code_entry));
}

static gboolean
plaza_join_screen_back (PlazaScreen *screen)
{
  PlazaJoinScreen *self = PLAZA_JOIN_SCREEN (screen);

  if (self->cancellable != NULL)
    {
      g_cancellable_cancel (self->cancellable);
      return TRUE;
    }
  if (g_strcmp0 (gtk_stack_get_visible_child_name (self->steps), "campaign") != 0)
    return FALSE;
  plaza_new_passphrase_clear (self->passphrase);
  forget_join (self);
  gtk_stack_set_visible_child_name (self->steps, "start");
  gtk_widget_grab_focus (GTK_WIDGET (self->code_entry));
  return TRUE;
}

PlazaScreen *
plaza_join_screen_new (const char *data_dir, const char *demonstration)
{
  PlazaJoinScreen *self = g_object_new (PLAZA_TYPE_JOIN_SCREEN, NULL);

  self->data_dir = g_strdup (data_dir);
  self->demonstration = g_strdup (demonstration);
  gtk_widget_set_visible (self->demonstration_button, demonstration != NULL);
  return PLAZA_SCREEN (self);
}

static void
plaza_join_screen_dispose (GObject *object)
{
  PlazaJoinScreen *self = PLAZA_JOIN_SCREEN (object);

  g_clear_handle_id (&self->patience, g_source_remove);
  if (self->cancellable != NULL)
    g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  forget_join (self);
  gtk_widget_dispose_template (GTK_WIDGET (object), PLAZA_TYPE_JOIN_SCREEN);
  G_OBJECT_CLASS (plaza_join_screen_parent_class)->dispose (object);
}

static void
plaza_join_screen_finalize (GObject *object)
{
  PlazaJoinScreen *self = PLAZA_JOIN_SCREEN (object);

  g_free (self->data_dir);
  g_free (self->demonstration);
  g_free (self->folder);
  g_clear_pointer (&self->package, g_bytes_unref);
  G_OBJECT_CLASS (plaza_join_screen_parent_class)->finalize (object);
}

static void
plaza_join_screen_class_init (PlazaJoinScreenClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);
  PlazaScreenClass *screen_class = PLAZA_SCREEN_CLASS (class);

  object_class->dispose = plaza_join_screen_dispose;
  object_class->finalize = plaza_join_screen_finalize;
  screen_class->shown = plaza_join_screen_shown;
  screen_class->back = plaza_join_screen_back;

  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/gobabiertomx/Plaza/join-screen.ui");
  gtk_widget_class_bind_template_child (widget_class, PlazaJoinScreen, steps);
  gtk_widget_class_bind_template_child (widget_class, PlazaJoinScreen, code_entry);
  gtk_widget_class_bind_template_child (widget_class, PlazaJoinScreen, code_message);
  gtk_widget_class_bind_template_child (widget_class, PlazaJoinScreen, continue_button);
  gtk_widget_class_bind_template_child (widget_class, PlazaJoinScreen, open_button);
  gtk_widget_class_bind_template_child (widget_class, PlazaJoinScreen, stick_button);
  gtk_widget_class_bind_template_child (widget_class, PlazaJoinScreen, demonstration_button);
  gtk_widget_class_bind_template_child (widget_class, PlazaJoinScreen, campaign_title);
  gtk_widget_class_bind_template_child (widget_class, PlazaJoinScreen, campaign_practice);
  gtk_widget_class_bind_template_child (widget_class, PlazaJoinScreen, campaign_details);
  gtk_widget_class_bind_template_child (widget_class, PlazaJoinScreen, campaign_fingerprint);
  gtk_widget_class_bind_template_child (widget_class, PlazaJoinScreen, invitation_person);
  gtk_widget_class_bind_template_child (widget_class, PlazaJoinScreen, offline_note);
  gtk_widget_class_bind_template_child (widget_class, PlazaJoinScreen, name_entry);
  gtk_widget_class_bind_template_child (widget_class, PlazaJoinScreen, passphrase);
  gtk_widget_class_bind_template_child (widget_class, PlazaJoinScreen, join_message);
  gtk_widget_class_bind_template_child (widget_class, PlazaJoinScreen, join_button);
  gtk_widget_class_bind_template_child (widget_class, PlazaJoinScreen, form_box);
  gtk_widget_class_bind_template_child (widget_class, PlazaJoinScreen, work_title);
  gtk_widget_class_bind_template_child (widget_class, PlazaJoinScreen, work_progress);
  gtk_widget_class_bind_template_child (widget_class, PlazaJoinScreen, work_message);
  gtk_widget_class_bind_template_child (widget_class, PlazaJoinScreen, cancel_button);
  gtk_widget_class_bind_template_callback (widget_class, on_continue_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_open_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_stick_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_demonstration_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_name_activate_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_join_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_cancel_cb);
  /* The wrong file, or second thoughts: out by one key, also where there is no Back button. */
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "win.back", NULL);
}

static void
plaza_join_screen_init (PlazaJoinScreen *self)
{
  g_type_ensure (PLAZA_TYPE_NEW_PASSPHRASE);
  gtk_widget_init_template (GTK_WIDGET (self));
}
