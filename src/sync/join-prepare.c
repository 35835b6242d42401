/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-sync"

#include "config.h"

#include "sync/join-private.h"

#include <glib/gi18n-lib.h>

#include "base/error.h"

/* Step 1: the campaign */

static gboolean
take_package (PlazaJoin *self, GBytes *package, GError **error)
{
  g_autoptr (PlazaCampaign) campaign =
      plaza_campaign_parse (package, self->link->fingerprint, error);

  if (!campaign)
    return FALSE;
  g_clear_pointer (&self->campaign, plaza_campaign_unref);
  self->campaign = g_steal_pointer (&campaign);
  plaza_join_say (self, 0.3, self->campaign->title);
  return TRUE;
}

/* Looks from the thread into copies of what the object has: the main thread may be asked meanwhile.
 */
typedef struct
{
  char *folder;
  char *fingerprint;
  char *code;
  PlazaJoinKit kit;
  PlazaJoinKitVerdict verdict;
  GError *error; /* why the network was of no use; NULL when it was not asked */
} Look;

static void
look_free (gpointer data)
{
  Look *look = data;

  g_free (look->folder);
  g_free (look->fingerprint);
  plaza_secret_wipe_string (look->code);
  plaza_join_kit_clear (&look->kit);
  g_clear_error (&look->error);
  g_free (look);
}

static void
look_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Look *look = data;

  look->verdict = plaza_join_kit_find (look->folder, look->fingerprint, look->code, &look->kit);
  g_task_return_boolean (task, TRUE);
}

static GError *
error_of_verdict (PlazaJoinKitVerdict verdict)
{
  switch (verdict)
    {
    case PLAZA_JOIN_KIT_CODE_UNKNOWN:
      return g_error_new (PLAZA_ERROR, PLAZA_ERROR_REFUSED, "no invitation has this code");
    case PLAZA_JOIN_KIT_CODE_EXPIRED:
      return g_error_new (PLAZA_ERROR, PLAZA_ERROR_REFUSED, "the invitation has expired");
    case PLAZA_JOIN_KIT_DAMAGED:
      return g_error_new (PLAZA_ERROR, PLAZA_ERROR_INVALID, "the package or the list is damaged");
    case PLAZA_JOIN_KIT_NO_FOLDER:
    case PLAZA_JOIN_KIT_NO_PACKAGE:
    case PLAZA_JOIN_KIT_FOREIGN:
    case PLAZA_JOIN_KIT_NO_INVITATIONS:
    case PLAZA_JOIN_KIT_GOOD:
    default:
      return g_error_new (PLAZA_ERROR, PLAZA_ERROR_NOT_FOUND,
                          "the folder has no package with invitations for it");
    }
}

/* A package says where the central is: without a list, or when the list of an earlier joining does
 * not have it, the code is for the network. */
static gboolean
is_for_the_network (PlazaJoin *self, const Look *look)
{
  return look->error == NULL && look->kit.campaign != NULL &&
         (look->verdict == PLAZA_JOIN_KIT_NO_INVITATIONS ||
          (look->verdict == PLAZA_JOIN_KIT_CODE_UNKNOWN && self->folder == NULL));
}

static gboolean
use_kit (PlazaJoin *self, Look *look)
{
  gboolean good = look->verdict == PLAZA_JOIN_KIT_GOOD || is_for_the_network (self, look);

  self->verdict = look->verdict;
  plaza_join_kit_clear (&self->kit);
  self->kit = look->kit;
  look->kit = (PlazaJoinKit){ 0 };
  if (good)
    {
      g_clear_pointer (&self->campaign, plaza_campaign_unref);
      self->campaign = plaza_campaign_ref (self->kit.campaign);
      plaza_join_say (self, 0.3, self->campaign->title);
    }
  return good;
}

static void
on_looked (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  PlazaJoin *self = g_task_get_source_object (task);
  Look *look = g_task_get_task_data (G_TASK (result));

  if (use_kit (self, look))
    g_task_return_boolean (task, TRUE);
  else if (self->folder == NULL && self->verdict != PLAZA_JOIN_KIT_CODE_EXPIRED)
    {
      /* Nobody spoke of a folder: what is not on this laptop is no news. */
      self->verdict = PLAZA_JOIN_KIT_GOOD;
      if (look->error == NULL)
        plaza_throw (&look->error, PLAZA_ERROR_INVALID,
                     "a code alone needs an opened campaign package");
      g_task_return_error (task, g_steal_pointer (&look->error));
    }
  else
    g_task_return_error (task, error_of_verdict (self->verdict));
}

/* @error: (transfer full) (nullable): of the network. */
static void
look_into_folder (GTask *task, GError *error)
{
  PlazaJoin *self = g_task_get_source_object (task);
  g_autoptr (GTask) looking = g_task_new (self, NULL, on_looked, g_object_ref (task));
  Look *look = g_new0 (Look, 1);

  look->folder = self->folder ? g_strdup (self->folder) : plaza_join_own_folder (self);
  look->fingerprint = g_strdup (self->link->fingerprint);
  look->code = g_strdup (self->link->code);
  look->error = error;
  g_task_set_task_data (looking, look, look_free);
  g_task_run_in_thread (looking, look_thread);
}

static gboolean
is_without_connection (const GError *error)
{
  return g_error_matches (error, PLAZA_ERROR, PLAZA_ERROR_OFFLINE) ||
         g_error_matches (error, PLAZA_ERROR, PLAZA_ERROR_PORTAL);
}

static void
on_package (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  PlazaJoin *self = g_task_get_source_object (task);
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) package = plaza_client_send_finish (PLAZA_CLIENT (source), result, &error);

  plaza_join_judge_clock (self);
  if (!package && is_without_connection (error))
    look_into_folder (task, g_steal_pointer (&error));
  else if (!package || !take_package (self, package, &error))
    g_task_return_error (task, g_steal_pointer (&error));
  else
    g_task_return_boolean (task, TRUE);
}

static void
fetch_package (GTask *task)
{
  PlazaJoin *self = g_task_get_source_object (task);
  g_autofree char *ca = plaza_join_link_ca_pem (self->link);
  GError *error = NULL;

  g_clear_object (&self->client);
  self->client = plaza_client_new (self->link->url, ca, &error);
  if (!self->client)
    {
      g_task_return_error (task, error);
      return;
    }
  plaza_join_say (self, 0.05, _ ("Getting the campaign"));
  plaza_client_get_campaign_async (self->client, self->link->fingerprint,
                                   g_task_get_cancellable (task), on_package, g_object_ref (task));
}

void
plaza_join_prepare_async (PlazaJoin *self,
                          GCancellable *cancellable,
                          GAsyncReadyCallback callback,
                          gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  g_autoptr (GError) error = NULL;

  g_return_if_fail (PLAZA_IS_JOIN (self));
  g_task_set_source_tag (task, plaza_join_prepare_async);
  if (self->campaign)
    g_task_return_boolean (task, TRUE);
  else if (self->package && take_package (self, self->package, &error))
    g_task_return_boolean (task, TRUE);
  else if (self->package)
    g_task_return_error (task, g_steal_pointer (&error));
  else if (self->link->url && self->link->fingerprint)
    fetch_package (task);
  else
    look_into_folder (task, NULL);
}

gboolean
plaza_join_prepare_finish (PlazaJoin *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);
  return g_task_propagate_boolean (G_TASK (result), error);
}
