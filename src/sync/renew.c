/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-sync"

#include "sync/renew.h"

#include "base/error.h"
#include "store/joining.h"

/* An answer lost on its way costs nothing: the old token lives until the new one is first used, and
 * the next try gets another. */

static void
on_granted (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  PlazaClient *client = PLAZA_CLIENT (source);
  GError *error = NULL;
  g_autoptr (PlazaAnswer) answer = plaza_client_request_finish (client, result, &error);
  g_auto (PlazaTokenGrant) grant = { 0 };

  if (!answer || !plaza_token_grant_parse (answer->body, &grant, &error) ||
      !plaza_profile_set_token (g_task_get_task_data (task), grant.token, grant.batch, &error))
    {
      g_prefix_error (&error, "renewing the token: ");
      g_task_return_error (task, error);
      return;
    }
  plaza_client_set_token (client, grant.token);
  g_task_return_boolean (task, TRUE);
}

static void
on_challenged (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  PlazaClient *client = PLAZA_CLIENT (source);
  GError *error = NULL;
  g_autoptr (PlazaAnswer) answer = plaza_client_request_finish (client, result, &error);
  g_autoptr (GBytes) challenge = answer ? plaza_challenge_parse (answer->body, &error) : NULL;
  g_auto (PlazaTokenRequest) request = { 0 };

  if (!challenge ||
      !plaza_profile_sign_challenge (g_task_get_task_data (task), challenge, &request, &error))
    {
      g_prefix_error (&error, "renewing the token: ");
      g_task_return_error (task, error);
      return;
    }
  g_autoptr (GBytes) body = plaza_token_request_to_json (&request);
  const PlazaRequest wish = { .path = "/v1/token",
                              .body = body,
                              .body_type = PLAZA_CLIENT_TYPE_JSON,
                              .anonymous = TRUE,
                              .wanted = {
                                  { 200, PLAZA_CLIENT_TYPE_JSON, PLAZA_TOKEN_MAX_BYTES },
                              } };
  plaza_client_request_async (client, &wish, g_task_get_cancellable (task), on_granted,
                              g_object_ref (task));
}

void
plaza_renew_async (PlazaClient *client,
                   PlazaProfile *profile,
                   GCancellable *cancellable,
                   GAsyncReadyCallback callback,
                   gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (client, cancellable, callback, user_data);
  const PlazaRequest wish = { .path = "/v1/challenge",
                              .anonymous = TRUE,
                              .wanted = {
                                  { 200, PLAZA_CLIENT_TYPE_JSON, PLAZA_TOKEN_MAX_BYTES },
                              } };

  g_task_set_source_tag (task, plaza_renew_async);
  g_task_set_check_cancellable (task, FALSE);
  g_task_set_task_data (task, g_object_ref (profile), g_object_unref);
  plaza_client_request_async (client, &wish, cancellable, on_challenged, g_steal_pointer (&task));
}

gboolean
plaza_renew_finish (PlazaClient *client, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, client), FALSE);
  return g_task_propagate_boolean (G_TASK (result), error);
}
