/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-app"

#include "app/stick-drives.h"

#include <adwaita.h>

static gboolean
is_stick (GMount *mount)
{
  g_autoptr (GDrive) drive = g_mount_get_drive (mount);

  return !g_mount_is_shadowed (mount) &&
         (drive != NULL ? g_drive_is_removable (drive) || g_drive_is_media_removable (drive)
                        : g_mount_can_eject (mount));
}

static void
add_drive (GtkListBox *list, GMount *mount)
{
  g_autoptr (GFile) root = g_mount_get_root (mount);
  g_autofree char *path = g_file_get_path (root);
  g_autofree char *name = g_mount_get_name (mount);
  GtkWidget *row;

  if (path == NULL)
    return;
  row = adw_action_row_new ();
  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), name);
  adw_action_row_add_prefix (ADW_ACTION_ROW (row),
                             gtk_image_new_from_icon_name ("drive-removable-media-symbolic"));
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), TRUE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
  g_object_set_data_full (G_OBJECT (row), "path", g_steal_pointer (&path), g_free);
  gtk_list_box_append (list, row);
}

void
plaza_stick_drives_fill (GtkListBox *list, GVolumeMonitor *monitor)
{
  GList *mounts = g_volume_monitor_get_mounts (monitor);
  GtkWidget *row;

  while ((row = gtk_widget_get_first_child (GTK_WIDGET (list))) != NULL)
    gtk_list_box_remove (list, row);
  for (GList *l = mounts; l != NULL; l = l->next)
    if (is_stick (l->data))
      add_drive (list, l->data);
  g_list_free_full (mounts, g_object_unref);
}

const char *
plaza_stick_drives_get_folder (GtkListBoxRow *row)
{
  return g_object_get_data (G_OBJECT (row), "path");
}
