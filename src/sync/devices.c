/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-sync"

#include "sync/devices.h"

#include "store/kept.h"
#include "sync/client-profile.h"

/* A list of thousands of laptops with their gaps. */
#define MAX_LIST (8u << 20)

gboolean
plaza_devices_role_may (const char *role)
{
  return g_strcmp0 (role, "coordinator") == 0 || g_strcmp0 (role, "administrator") == 0;
}

static void
on_list (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  PlazaProfile *profile = g_task_get_source_object (task);
  GError *error = NULL;
  g_autoptr (GBytes) body = plaza_client_send_finish (PLAZA_CLIENT (source), result, &error);
  g_autoptr (GPtrArray) devices = body != NULL ? plaza_device_list_parse (body, &error) : NULL;
  g_autoptr (GError) local = NULL;

  if (devices == NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  if (plaza_profile_is_unlocked (profile) &&
      !plaza_kept_write (plaza_profile_get_store (profile), PLAZA_KEPT_DEVICES, body, &local))
    g_warning ("the list of laptops is not kept: %s", local->message);
  g_task_return_pointer (task, g_steal_pointer (&devices), (GDestroyNotify) g_ptr_array_unref);
}

void
plaza_devices_fetch_async (PlazaProfile *profile,
                           GCancellable *cancellable,
                           GAsyncReadyCallback callback,
                           gpointer user_data)
{
  GTask *task = g_task_new (profile, cancellable, callback, user_data);
  g_autoptr (PlazaClient) client = NULL;
  GError *error = NULL;

  g_task_set_source_tag (task, plaza_devices_fetch_async);
  client = plaza_client_new_for_profile (profile, &error);
  if (client == NULL)
    {
      g_task_return_error (task, error);
      g_object_unref (task);
      return;
    }
  plaza_client_send_async (client, "/v1/devices", NULL, NULL, 200, PLAZA_CLIENT_TYPE_JSON, MAX_LIST,
                           cancellable, on_list, task);
  g_task_set_task_data (task, g_steal_pointer (&client), g_object_unref);
}

GPtrArray *
plaza_devices_fetch_finish (PlazaProfile *profile, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

GPtrArray *
plaza_devices_read_kept (PlazaProfile *profile, gint64 *out_ms, GError **error)
{
  g_autoptr (GBytes) json =
      plaza_kept_read (plaza_profile_get_store (profile), PLAZA_KEPT_DEVICES, out_ms, error);

  return json != NULL ? plaza_device_list_parse (json, error) : NULL;
}

static void
on_revoked (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;
  g_autoptr (GBytes) body = plaza_client_send_finish (PLAZA_CLIENT (source), result, &error);

  if (body != NULL)
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

void
plaza_devices_revoke_async (PlazaProfile *profile,
                            const char *device,
                            const char *reason,
                            GCancellable *cancellable,
                            GAsyncReadyCallback callback,
                            gpointer user_data)
{
  GTask *task = g_task_new (profile, cancellable, callback, user_data);
  g_autoptr (PlazaClient) client = NULL;
  g_autofree char *path = g_strconcat ("/v1/devices/", device, "/revoke", NULL);
  g_autoptr (GBytes) body = plaza_revocation_to_json (reason);
  GError *error = NULL;

  g_task_set_source_tag (task, plaza_devices_revoke_async);
  client = plaza_client_new_for_profile (profile, &error);
  if (client == NULL)
    {
      g_task_return_error (task, error);
      g_object_unref (task);
      return;
    }
  plaza_client_send_async (client, path, body, PLAZA_CLIENT_TYPE_JSON, 200, PLAZA_CLIENT_TYPE_JSON,
                           PLAZA_CLIENT_MAX_JSON, cancellable, on_revoked, task);
  g_task_set_task_data (task, g_steal_pointer (&client), g_object_unref);
}

gboolean
plaza_devices_revoke_finish (PlazaProfile *profile, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
