/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-app"

#include "config.h"

#include "app/hand-in-draft-row.h"

#include <glib/gi18n.h>

#include "app/words.h"

static GtkWidget *
make_button (gpointer target, const PlazaHandInDraft *draft, const char *label, GCallback callback)
{
  GtkWidget *button = gtk_button_new_with_label (label);
  /* Translators: what a button does, then the folio of an interview */
  g_autofree char *name = g_strdup_printf (_ ("%s: %s"), label, draft->folio);

  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
  g_object_set_data_full (G_OBJECT (button), "response", g_strdup (draft->response), g_free);
  g_signal_connect_object (button, "clicked", callback, target, G_CONNECT_SWAPPED);
  return button;
}

GtkWidget *
plaza_hand_in_draft_row_new (const PlazaHandInDraft *draft,
                             const PlazaHandInDraftActions *actions,
                             gpointer target)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  GtkWidget *buttons = gtk_flow_box_new ();
  g_autofree char *when = plaza_words_when (draft->started_ms);
  g_autofree char *words = g_strdup_printf (
      /* Translators: folio of an interview, then when it began */
      draft->correction ? _ ("%s · correction begun %s") : _ ("%s · begun %s"), draft->folio, when);
  GtkWidget *label = gtk_label_new (words);
  GtkWidget *row = gtk_list_box_row_new ();

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_box_append (GTK_BOX (box), label);
  gtk_flow_box_set_selection_mode (GTK_FLOW_BOX (buttons), GTK_SELECTION_NONE);
  gtk_flow_box_set_max_children_per_line (GTK_FLOW_BOX (buttons), 3);
  gtk_accessible_update_property (GTK_ACCESSIBLE (buttons), GTK_ACCESSIBLE_PROPERTY_LABEL, words,
                                  -1);
  gtk_flow_box_append (GTK_FLOW_BOX (buttons),
                       make_button (target, draft, _ ("Go on with it"), actions->resume));
  if (!draft->correction)
    gtk_flow_box_append (GTK_FLOW_BOX (buttons),
                         make_button (target, draft, _ ("End as partial"), actions->end_partial));
  gtk_flow_box_append (GTK_FLOW_BOX (buttons),
                       make_button (target, draft, _ ("Discard…"), actions->discard));
  for (GtkWidget *child = gtk_widget_get_first_child (buttons); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    gtk_widget_set_focusable (child, FALSE);
  gtk_box_append (GTK_BOX (box), buttons);
  gtk_widget_set_margin_top (box, 12);
  gtk_widget_set_margin_bottom (box, 12);
  gtk_widget_set_margin_start (box, 12);
  gtk_widget_set_margin_end (box, 12);
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row), box);
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), FALSE);
  gtk_widget_set_focusable (row, FALSE);
  return row;
}

const char *
plaza_hand_in_draft_row_get_response (GtkWidget *button)
{
  return g_object_get_data (G_OBJECT (button), "response");
}
