/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-app"

#include "config.h"

#include "app/reason-dialog.h"

#include <glib/gi18n.h>

#define CONFIRM "confirm"

typedef struct
{
  PlazaReasonFunc given;
  gpointer data;
  GDestroyNotify destroy;
  GtkEditable *entry;
} Reason;

static void
reason_free (gpointer data, GClosure *closure)
{
  Reason *reason = data;

  reason->destroy (reason->data);
  g_free (reason);
}

static void
on_response_cb (AdwMessageDialog *dialog, const char *answer, gpointer data)
{
  Reason *reason = data;

  if (g_str_equal (answer, CONFIRM))
    reason->given (gtk_editable_get_text (reason->entry), reason->data);
}

static void
on_changed_cb (GtkEditable *entry, AdwMessageDialog *dialog)
{
  g_autofree char *text = g_strstrip (g_strdup (gtk_editable_get_text (entry)));

  adw_message_dialog_set_response_enabled (dialog, CONFIRM, *text != '\0');
}

void
plaza_reason_dialog_ask (GtkWindow *parent,
                         const char *heading,
                         const char *body,
                         const char *confirm,
                         PlazaReasonFunc given,
                         gpointer data,
                         GDestroyNotify destroy)
{
  GtkWidget *dialog = adw_message_dialog_new (parent, heading, body);
  GtkWidget *entry = gtk_entry_new ();
  Reason *reason = g_new0 (Reason, 1);

  reason->given = given;
  reason->data = data;
  reason->destroy = destroy;
  reason->entry = GTK_EDITABLE (entry);
  gtk_entry_set_max_length (GTK_ENTRY (entry), 200);
  gtk_entry_set_placeholder_text (GTK_ENTRY (entry), _ ("Reason"));
  gtk_entry_set_activates_default (GTK_ENTRY (entry), TRUE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (entry), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Reason"), -1);
  adw_message_dialog_set_extra_child (ADW_MESSAGE_DIALOG (dialog), entry);
  adw_message_dialog_add_responses (ADW_MESSAGE_DIALOG (dialog), "cancel", _ ("_Cancel"), CONFIRM,
                                    confirm, NULL);
  adw_message_dialog_set_response_appearance (ADW_MESSAGE_DIALOG (dialog), CONFIRM,
                                              ADW_RESPONSE_DESTRUCTIVE);
  adw_message_dialog_set_response_enabled (ADW_MESSAGE_DIALOG (dialog), CONFIRM, FALSE);
  adw_message_dialog_set_default_response (ADW_MESSAGE_DIALOG (dialog), CONFIRM);
  adw_message_dialog_set_close_response (ADW_MESSAGE_DIALOG (dialog), "cancel");
  g_signal_connect (entry, "changed", G_CALLBACK (on_changed_cb), dialog);
  g_signal_connect_data (dialog, "response", G_CALLBACK (on_response_cb), reason, reason_free, 0);
  gtk_window_present (GTK_WINDOW (dialog));
}
