/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-sync"

#include "config.h"

#include "sync/join-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "store/joining.h"

G_DEFINE_FINAL_TYPE (PlazaJoin, plaza_join, G_TYPE_OBJECT)

enum
{
  PROP_0,
  PROP_TITLE,
  PROP_MESSAGE,
  PROP_PROGRESS,
  PROP_CLOCK_DOUBT,
  N_PROPS,
};
static GParamSpec *properties[N_PROPS];

void
plaza_join_say (PlazaJoin *self, double progress, const char *message)
{
  g_free (self->message);
  self->message = g_strdup (message);
  self->progress = progress;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_MESSAGE]);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_PROGRESS]);
}

void
plaza_join_judge_clock (PlazaJoin *self)
{
  gboolean doubt = plaza_client_get_clock_doubt (self->client);

  if (doubt == self->clock_doubt)
    return;
  self->clock_doubt = doubt;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_CLOCK_DOUBT]);
}

char *
plaza_join_own_folder (PlazaJoin *self)
{
  return g_build_filename (self->data_root, "campaigns", NULL);
}

PlazaCampaign *
plaza_join_get_campaign (PlazaJoin *self)
{
  return self->campaign;
}

const PlazaInvitation *
plaza_join_get_invitation (PlazaJoin *self)
{
  return self->campaign && self->kit.list ? &self->kit.invitation : NULL;
}

PlazaJoinKitVerdict
plaza_join_get_verdict (PlazaJoin *self)
{
  return self->verdict;
}

gint64
plaza_join_get_expiry (PlazaJoin *self)
{
  return self->kit.invitation.expires_ms;
}

/* Steps 2 to 4; the first is in join-prepare.c */

static void
forget_run (PlazaJoin *self)
{
  g_clear_pointer (&self->passphrase, plaza_secret_wipe_string);
  g_clear_pointer (&self->name, g_free);
  g_clear_object (&self->profile);
}

/* Ends a run. The profile stays on disk, locked, to be taken up again by the next; but one whose
 * device the central does not know and refuses is of no use to anybody. */
static void
fail (GTask *task, GError *error)
{
  PlazaJoin *self = g_task_get_source_object (task);
  gboolean refused = g_error_matches (error, PLAZA_ERROR, PLAZA_ERROR_REFUSED) && self->client &&
                     plaza_client_get_refusal (self->client)->status < 429;
  g_autoptr (GError) ignored = NULL;

  if (self->profile && plaza_profile_is_unlocked (self->profile) &&
      !(refused ? plaza_profile_discard (self->profile, &ignored)
                : plaza_profile_lock (self->profile, &ignored)))
    g_warning ("leaving the unfinished profile: %s", ignored->message);
  forget_run (self);
  g_task_return_error (task, error);
}

static void
on_enrolled (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  PlazaJoin *self = g_task_get_source_object (task);
  g_auto (PlazaEnrolment) enrolment = { 0 };
  GError *error = NULL;
  gboolean ok = plaza_client_enrol_finish (PLAZA_CLIENT (source), result, &enrolment, &error);

  plaza_join_judge_clock (self);
  if (!ok || !plaza_profile_set_enrolment (self->profile, &enrolment, &error) ||
      !plaza_profile_note_code (self->profile, self->link->code, &error))
    {
      fail (task, error);
      return;
    }
  PlazaProfile *profile = g_steal_pointer (&self->profile);
  forget_run (self);
  plaza_join_say (self, 1, _ ("Joined"));
  g_task_return_pointer (task, profile, g_object_unref);
}

static void
enrol (GTask *task)
{
  PlazaJoin *self = g_task_get_source_object (task);
  g_auto (PlazaEnrolRequest) request = { 0 };
  GError *error = NULL;

  plaza_join_say (self, 0.7, _ ("Registering this computer"));
  request.code = g_strdup (self->link->code);
  request.fingerprint = g_strdup (self->campaign->fingerprint);
  if (!plaza_profile_get_device_key (self->profile, &request.device_key))
    {
      g_set_error (&error, PLAZA_ERROR, PLAZA_ERROR_LOCKED, "the new profile has no device key");
      fail (task, error);
      return;
    }
  g_clear_object (&self->client);
  self->client = plaza_client_new_for_campaign (self->campaign, &error);
  if (!self->client)
    {
      fail (task, error);
      return;
    }
  plaza_client_enrol_async (self->client, &request, g_task_get_cancellable (task), on_enrolled,
                            g_object_ref (task));
}

/* Kept for the next person who types a code on this laptop; joining does without. */
static void
keep_list (PlazaJoin *self)
{
  g_autofree char *folder = plaza_join_own_folder (self);
  g_autofree char *name =
      g_strconcat (self->campaign->fingerprint, PLAZA_JOIN_KIT_INVITATIONS, NULL);
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autoptr (GError) error = NULL;

  if (!plaza_file_write (path, self->kit.list, &error))
    g_warning ("keeping the invitations: %s", error->message);
}

/* Whether the central refused the code with which this profile joined: another may take its place.
 */
static gboolean
needs_another_code (PlazaJoin *self)
{
  return plaza_profile_get_registration_state (self->profile, NULL) == PLAZA_REGISTRATION_REFUSED;
}

/* Step 3 without a connection: by what the central promised. A device that has work already goes on
 * without an invitation for its new code, and is told at first contact. */
static void
accept_invitation (GTask *task)
{
  PlazaJoin *self = g_task_get_source_object (task);
  GError *error = NULL;

  if (!plaza_profile_accept_invitation (
          self->profile, self->kit.list ? &self->kit.invitation : NULL, self->link->code, &error))
    {
      fail (task, error);
      return;
    }
  if (self->kit.list)
    keep_list (self);
  PlazaProfile *profile = g_steal_pointer (&self->profile);
  forget_run (self);
  plaza_join_say (self, 1, _ ("Joined"));
  g_task_return_pointer (task, profile, g_object_unref);
}

static void
register_device (GTask *task)
{
  PlazaJoin *self = g_task_get_source_object (task);

  if (plaza_join_get_invitation (self) || needs_another_code (self))
    accept_invitation (task);
  else
    enrol (task);
}

static void
on_created (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  PlazaJoin *self = g_task_get_source_object (task);
  GError *error = NULL;

  self->profile = plaza_profile_create_finish (result, &error);
  if (self->profile)
    register_device (task);
  else
    fail (task, error);
}

static void
on_unlocked (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  PlazaJoin *self = g_task_get_source_object (task);
  GError *error = NULL;

  if (!plaza_profile_unlock_finish (self->profile, result, &error))
    {
      if (g_error_matches (error, PLAZA_ERROR, PLAZA_ERROR_PASSPHRASE))
        {
          g_clear_error (&error);
          plaza_throw (&error, PLAZA_ERROR_EXISTS, "this campaign has a profile of that name");
        }
      fail (task, error);
    }
  else if (plaza_profile_get_enrolment (self->profile) && !needs_another_code (self))
    {
      plaza_throw (&error, PLAZA_ERROR_EXISTS, "this campaign has a profile of that name");
      fail (task, error);
    }
  else
    register_device (task);
}

/* A profile of this campaign and name: one that is whole, or one that a run before made and could
 * not enrol. */
static PlazaProfile *
find_profile (PlazaJoin *self, GError **error)
{
  g_autoptr (GPtrArray) profiles = plaza_profile_list (self->data_root, error);

  for (guint i = 0; profiles && i < profiles->len; i++)
    {
      PlazaProfile *profile = profiles->pdata[i];
      if (g_str_equal (plaza_profile_get_name (profile), self->name) &&
          g_str_equal (plaza_profile_get_campaign_fingerprint (profile),
                       self->campaign->fingerprint))
        return g_object_ref (profile);
    }
  return NULL;
}

static void
make_profile (GTask *task)
{
  PlazaJoin *self = g_task_get_source_object (task);
  GCancellable *cancellable = g_task_get_cancellable (task);
  gboolean here = FALSE;
  GError *error = NULL;

  plaza_join_say (self, 0.4, _ ("Making the profile"));
  if (plaza_joining_code_is_here (self->data_root, self->campaign->fingerprint, self->link->code,
                                  self->name, &here, &error))
    self->profile = find_profile (self, &error);
  if (here)
    {
      self->verdict = PLAZA_JOIN_KIT_CODE_HERE;
      plaza_throw (&error, PLAZA_ERROR_EXISTS, "another profile here joined with this code");
    }
  if (error)
    fail (task, error);
  else if (self->profile)
    plaza_profile_unlock_async (self->profile, self->passphrase, cancellable, on_unlocked,
                                g_object_ref (task));
  else
    plaza_profile_create_async (self->data_root, self->campaign, self->name, self->passphrase,
                                cancellable, on_created, g_object_ref (task));
}

static void
on_prepared (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  PlazaJoin *self = g_task_get_source_object (task);
  GError *error = NULL;

  if (plaza_join_prepare_finish (self, result, &error))
    make_profile (task);
  else
    fail (task, error);
}

void
plaza_join_run_async (PlazaJoin *self,
                      const char *name,
                      const char *passphrase,
                      GCancellable *cancellable,
                      GAsyncReadyCallback callback,
                      gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);

  g_return_if_fail (PLAZA_IS_JOIN (self));
  g_return_if_fail (!self->passphrase);

  g_task_set_source_tag (task, plaza_join_run_async);
  /* Once the central has taken the device, the profile is there and is handed over. */
  g_task_set_check_cancellable (task, FALSE);
  self->name = g_strdup (name);
  self->passphrase = g_strdup (passphrase);
  plaza_join_prepare_async (self, cancellable, on_prepared, g_steal_pointer (&task));
}

PlazaProfile *
plaza_join_run_finish (PlazaJoin *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);
  return g_task_propagate_pointer (G_TASK (result), error);
}

PlazaJoin *
plaza_join_new (const char *data_root, const PlazaJoinLink *link, GBytes *package)
{
  PlazaJoin *self = g_object_new (PLAZA_TYPE_JOIN, NULL);

  self->data_root = g_strdup (data_root);
  self->link = plaza_join_link_new (link->url, link->ca, link->fingerprint, link->code);
  self->package = package ? g_bytes_ref (package) : NULL;
  return self;
}

void
plaza_join_set_folder (PlazaJoin *self, const char *folder)
{
  g_return_if_fail (PLAZA_IS_JOIN (self));

  g_free (self->folder);
  self->folder = g_strdup (folder);
}

static void
plaza_join_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  PlazaJoin *self = PLAZA_JOIN (object);

  switch (id)
    {
    case PROP_TITLE:
      g_value_set_static_string (value, _ ("Join"));
      break;
    case PROP_MESSAGE:
      g_value_set_string (value, self->message);
      break;
    case PROP_PROGRESS:
      g_value_set_double (value, self->progress);
      break;
    case PROP_CLOCK_DOUBT:
      g_value_set_boolean (value, self->clock_doubt);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
plaza_join_finalize (GObject *object)
{
  PlazaJoin *self = PLAZA_JOIN (object);

  forget_run (self);
  g_clear_object (&self->client);
  g_clear_pointer (&self->campaign, plaza_campaign_unref);
  g_clear_pointer (&self->package, g_bytes_unref);
  g_clear_pointer (&self->link, plaza_join_link_free);
  plaza_join_kit_clear (&self->kit);
  g_free (self->folder);
  g_free (self->data_root);
  g_free (self->message);
  G_OBJECT_CLASS (plaza_join_parent_class)->finalize (object);
}

static void
plaza_join_class_init (PlazaJoinClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  object_class->get_property = plaza_join_get_property;
  object_class->finalize = plaza_join_finalize;
  properties[PROP_TITLE] = g_param_spec_string ("title", NULL, NULL, NULL, flags);
  properties[PROP_MESSAGE] = g_param_spec_string ("message", NULL, NULL, NULL, flags);
  properties[PROP_PROGRESS] = g_param_spec_double ("progress", NULL, NULL, 0, 1, 0, flags);
  properties[PROP_CLOCK_DOUBT] = g_param_spec_boolean ("clock-doubt", NULL, NULL, FALSE, flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
plaza_join_init (PlazaJoin *self)
{
  self->message = g_strdup ("");
}
