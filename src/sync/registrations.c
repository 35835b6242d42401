/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-sync"

#include "sync/registrations.h"

#include "base/error.h"
#include "base/file.h"
#include "store/carried.h"
#include "store/joining.h"
#include "wire/registration.h"

/* Registrations are few and small: they are read where they stand, one goes after the other. */

typedef struct
{
  PlazaProfile *profile;  /* NULL when carried */
  PlazaCarriedFile *file; /* of a carried one */
  GBytes *bytes;
} Waiting;

typedef struct
{
  GQueue queue; /* Waiting, owned */
  Waiting *current;
  guint posted;
} Work;

static void
waiting_free (gpointer data)
{
  Waiting *waiting = data;

  if (!waiting)
    return;
  g_clear_object (&waiting->profile);
  g_clear_pointer (&waiting->bytes, g_bytes_unref);
  g_clear_pointer (&waiting->file, plaza_carried_file_free);
  g_free (waiting);
}

static void
work_free (gpointer data)
{
  Work *work = data;

  g_queue_clear_full (&work->queue, waiting_free);
  waiting_free (work->current);
  g_free (work);
}

static gboolean
collect_own (Work *work, const char *data_root, const char *fingerprint, GError **error)
{
  g_autoptr (GPtrArray) profiles = plaza_profile_list (data_root, error);

  for (guint i = 0; profiles && i < profiles->len; i++)
    {
      PlazaProfile *profile = profiles->pdata[i];
      g_autoptr (GError) local = NULL;

      if (!g_str_equal (plaza_profile_get_campaign_fingerprint (profile), fingerprint))
        continue;
      g_autoptr (GBytes) bytes = plaza_profile_read_registration (profile, &local);
      if (local)
        g_warning ("a registration cannot be read: %s", local->message);
      if (!bytes)
        continue;
      Waiting *waiting = g_new0 (Waiting, 1);
      waiting->profile = g_object_ref (profile);
      waiting->bytes = g_steal_pointer (&bytes);
      g_queue_push_tail (&work->queue, waiting);
    }
  return profiles != NULL;
}

static void
collect_carried (Work *work, const char *data_root, const char *fingerprint)
{
  g_autoptr (GPtrArray) files = plaza_carried_list_registrations (data_root, fingerprint);

  while (files && files->len > 0)
    {
      g_autoptr (PlazaCarriedFile) file = g_ptr_array_steal_index_fast (files, files->len - 1);
      g_autoptr (GError) error = NULL;
      g_autoptr (GBytes) bytes = plaza_file_read (file->path, PLAZA_REGISTRATION_SIZE, &error);

      if (!bytes)
        {
          g_warning ("a carried registration cannot be read: %s", error->message);
          continue;
        }
      Waiting *waiting = g_new0 (Waiting, 1);
      waiting->file = g_steal_pointer (&file);
      waiting->bytes = g_steal_pointer (&bytes);
      g_queue_push_tail (&work->queue, waiting);
    }
}

static gboolean
settle (const Waiting *waiting, PlazaResult result, GError **error)
{
  if (waiting->profile)
    return plaza_profile_settle_registration (waiting->profile, result, error);
  return plaza_carried_end_registration (
      waiting->file, result == PLAZA_RESULT_OK ? NULL : plaza_result_code (result), error);
}

/* Whether the answer is about this registration, and no other would fare better later. */
static gboolean
is_final (PlazaResult result)
{
  switch (result)
    {
    case PLAZA_RESULT_BAD_REQUEST:
    case PLAZA_RESULT_CODE_UNKNOWN:
    case PLAZA_RESULT_CODE_USED:
    case PLAZA_RESULT_CODE_EXPIRED:
    case PLAZA_RESULT_CONFLICT:
    case PLAZA_RESULT_REGISTRATION:
    case PLAZA_RESULT_CAMPAIGN:
    case PLAZA_RESULT_DEVICE_REVOKED:
      return TRUE;
    default:
      return FALSE;
    }
}

static void send_next (GTask *task);

static void
on_posted (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Work *work = g_task_get_task_data (task);
  PlazaClient *client = PLAZA_CLIENT (source);
  GError *error = NULL;
  g_autoptr (PlazaAnswer) answer = plaza_client_request_finish (client, result, &error);
  PlazaResult said = PLAZA_RESULT_OK;

  if (!answer)
    {
      said = plaza_client_get_refusal (client)->result;
      if (!g_error_matches (error, PLAZA_ERROR, PLAZA_ERROR_REFUSED) ||
          (!is_final (said) && said != PLAZA_RESULT_INTERNAL))
        {
          g_task_return_error (task, error);
          return;
        }
      g_warning ("a registration was not taken: %s", error->message);
      g_clear_error (&error);
    }
  if ((answer || is_final (said)) && !settle (work->current, said, &error))
    {
      g_task_return_error (task, error);
      return;
    }
  send_next (task);
}

static void
send_next (GTask *task)
{
  Work *work = g_task_get_task_data (task);

  g_clear_pointer (&work->current, waiting_free);
  work->current = g_queue_pop_head (&work->queue);
  if (!work->current)
    {
      g_task_return_boolean (task, TRUE);
      return;
    }
  const PlazaRequest wish = { .path = "/v1/devices",
                              .body = work->current->bytes,
                              .body_type = PLAZA_REGISTRATION_TYPE,
                              .anonymous = TRUE,
                              .wanted = {
                                  { 201, PLAZA_CLIENT_TYPE_JSON, PLAZA_CLIENT_MAX_JSON },
                                  { 200, PLAZA_CLIENT_TYPE_JSON, PLAZA_CLIENT_MAX_JSON },
                              } };
  work->posted++;
  plaza_client_request_async (g_task_get_source_object (task), &wish, g_task_get_cancellable (task),
                              on_posted, g_object_ref (task));
}

void
plaza_registrations_send_async (PlazaClient *client,
                                const char *data_root,
                                const char *fingerprint,
                                GCancellable *cancellable,
                                GAsyncReadyCallback callback,
                                gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (client, cancellable, callback, user_data);
  Work *work = g_new0 (Work, 1);
  GError *error = NULL;

  g_queue_init (&work->queue);
  g_task_set_source_tag (task, plaza_registrations_send_async);
  g_task_set_check_cancellable (task, FALSE);
  g_task_set_task_data (task, work, work_free);
  if (!collect_own (work, data_root, fingerprint, &error))
    {
      g_task_return_error (task, error);
      return;
    }
  collect_carried (work, data_root, fingerprint);
  send_next (task);
}

gboolean
plaza_registrations_send_finish (PlazaClient *client,
                                 GAsyncResult *result,
                                 guint *out_posted,
                                 GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, client), FALSE);

  const Work *work = g_task_get_task_data (G_TASK (result));
  *out_posted = work->posted;
  return g_task_propagate_boolean (G_TASK (result), error);
}
