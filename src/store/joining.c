/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-store"

#include "store/joining.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "base/uuid.h"
#include "store/folio-mark.h"
#include "store/profile-private.h"
#include "wire/registration.h"

/* The file is what anybody may carry; a copy in the store makes it again when it is lost. After the
 * central's answer it lies there under the name of what came of it. */
#define TAKEN "registration.taken"
#define REFUSED "registration.refused"
#define REVOKED "revoked"
/* A device that lost its batch to another, and does not know its own yet, goes on above these. */
#define SHARED_SERIALS 50000

static char *
path_of (PlazaProfile *self, const char *name)
{
  return g_build_filename (plaza_profile_get_folder (self), name, NULL);
}

static gboolean
has (PlazaProfile *self, const char *name)
{
  g_autofree char *path = path_of (self, name);

  return g_file_test (path, G_FILE_TEST_EXISTS);
}

static gboolean
put (PlazaProfile *self, const char *name, GBytes *bytes, GError **error)
{
  g_autofree char *path = path_of (self, name);

  return plaza_file_write (path, bytes, error);
}

static gboolean
take_away (PlazaProfile *self, const char *name, GError **error)
{
  g_autofree char *path = path_of (self, name);

  return plaza_file_remove (path, error);
}

PlazaRegistrationState
plaza_profile_get_registration_state (PlazaProfile *self, PlazaResult *out_reason)
{
  g_autofree char *path = path_of (self, REFUSED);
  g_autoptr (GBytes) bytes = plaza_file_read (path, 64, NULL);
  g_autofree char *code = NULL;
  PlazaResult reason = PLAZA_RESULT_CODE_UNKNOWN;

  if (out_reason != NULL)
    *out_reason = PLAZA_RESULT_OK;
  if (has (self, TAKEN) || (bytes == NULL && !has (self, PLAZA_PROFILE_REGISTRATION)))
    return PLAZA_REGISTERED;
  if (bytes == NULL)
    return PLAZA_REGISTRATION_WAITING;
  code = g_strndup (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  plaza_result_find (code, &reason);
  if (out_reason != NULL)
    *out_reason = reason;
  return PLAZA_REGISTRATION_REFUSED;
}

GBytes *
plaza_profile_read_registration (PlazaProfile *self, GError **error)
{
  g_autofree char *path = path_of (self, PLAZA_PROFILE_REGISTRATION);
  g_autoptr (GBytes) bytes = NULL;
  g_auto (PlazaRegistration) registration = { 0 };

  if (plaza_profile_get_registration_state (self, NULL) != PLAZA_REGISTRATION_WAITING)
    return NULL;
  bytes = plaza_file_read (path, PLAZA_REGISTRATION_SIZE, error);
  return bytes != NULL && plaza_registration_check (bytes, &registration, error)
             ? g_steal_pointer (&bytes)
             : NULL;
}

static gboolean
keep_as_taken (PlazaProfile *self, GError **error)
{
  g_autoptr (GBytes) nothing = g_bytes_new_static ("", 0);

  return put (self, TAKEN, nothing, error) && take_away (self, PLAZA_PROFILE_REGISTRATION, error) &&
         take_away (self, REFUSED, error);
}

gboolean
plaza_profile_settle_registration (PlazaProfile *self, PlazaResult result, GError **error)
{
  const char *code = plaza_result_code (result);
  g_autoptr (GBytes) bytes = NULL;

  if (plaza_profile_get_registration_state (self, NULL) == PLAZA_REGISTERED)
    return TRUE;
  switch (result)
    {
    case PLAZA_RESULT_OK:
      return keep_as_taken (self, error);
    case PLAZA_RESULT_CODE_UNKNOWN:
    case PLAZA_RESULT_CODE_USED:
    case PLAZA_RESULT_CODE_EXPIRED:
    case PLAZA_RESULT_CAMPAIGN:
    case PLAZA_RESULT_CONFLICT:
      bytes = g_bytes_new_static (code, strlen (code));
      return put (self, REFUSED, bytes, error);
    default:
      return TRUE;
    }
}

gboolean
plaza_profile_set_token (PlazaProfile *self, const char *token, const char *batch, GError **error)
{
  const PlazaEnrolment *known = plaza_profile_get_enrolment (self);
  PlazaEnrolment enrolment;

  if (known == NULL)
    return plaza_throw (error, PLAZA_ERROR_LOCKED, "the profile is locked, or has not joined");
  enrolment = *known;
  plaza_profile_note_revoked (self, FALSE);
  enrolment.token = (char *) token;
  if (batch != NULL)
    enrolment.batch = (char *) batch;
  return plaza_profile_set_enrolment (self, &enrolment, error) &&
         (plaza_profile_get_registration_state (self, NULL) == PLAZA_REGISTERED ||
          keep_as_taken (self, error));
}

void
plaza_profile_note_revoked (PlazaProfile *self, gboolean revoked)
{
  g_autoptr (GBytes) nothing = g_bytes_new_static ("", 0);
  g_autoptr (GError) error = NULL;

  if (has (self, REVOKED) == revoked)
    return;
  if (!(revoked ? put (self, REVOKED, nothing, &error) : take_away (self, REVOKED, &error)))
    g_warning ("whether the device is revoked was not noted: %s", error->message);
}

gboolean
plaza_profile_is_revoked (PlazaProfile *self)
{
  return has (self, REVOKED);
}

static GBytes *
make_registration (PlazaProfile *self,
                   const PlazaEnrolment *enrolment,
                   const char *code,
                   GError **error)
{
  PlazaCampaign *campaign = plaza_profile_get_campaign (self);
  PlazaStore *store = plaza_profile_get_store (self);
  const PlazaRegistration registration = { .campaign = campaign->fingerprint,
                                           .device = enrolment->device,
                                           .code = (char *) code,
                                           .person = enrolment->person,
                                           .joined_ms = MAX (plaza_clock_now_ms (), 0) };

  return plaza_registration_make (&registration, &campaign->key_central_seal,
                                  plaza_store_get_device_secret (store), error);
}

/* Which code a profile joined with */

gboolean
plaza_profile_note_code (PlazaProfile *self, const char *code, GError **error)
{
  g_autofree char *lookup = plaza_invitation_lookup (self->fingerprint, code, error);
  g_autoptr (GBytes) bytes = NULL;

  if (lookup == NULL)
    return FALSE;
  bytes = g_bytes_new (lookup, strlen (lookup));
  return put (self, PLAZA_PROFILE_CODE, bytes, error);
}

static gboolean
has_code (PlazaProfile *self, const char *lookup)
{
  g_autofree char *path = path_of (self, PLAZA_PROFILE_CODE);
  g_autoptr (GBytes) bytes = plaza_file_read (path, 64, NULL);

  return bytes != NULL && g_bytes_get_size (bytes) == strlen (lookup) &&
         memcmp (g_bytes_get_data (bytes, NULL), lookup, strlen (lookup)) == 0;
}

gboolean
plaza_joining_code_is_here (const char *data_root,
                            const char *fingerprint,
                            const char *code,
                            const char *name,
                            gboolean *out_here,
                            GError **error)
{
  g_autofree char *lookup = plaza_invitation_lookup (fingerprint, code, error);
  g_autoptr (GPtrArray) profiles = lookup != NULL ? plaza_profile_list (data_root, error) : NULL;

  *out_here = FALSE;
  for (guint i = 0; profiles != NULL && i < profiles->len; i++)
    {
      PlazaProfile *profile = g_ptr_array_index (profiles, i);

      *out_here = *out_here ||
                  (strcmp (plaza_profile_get_name (profile), name) != 0 &&
                   strcmp (profile->fingerprint, fingerprint) == 0 && has_code (profile, lookup));
    }
  return profiles != NULL;
}

gboolean
plaza_profile_accept_invitation (PlazaProfile *self,
                                 const PlazaInvitation *invitation,
                                 const char *code,
                                 GError **error)
{
  const PlazaEnrolment *known = plaza_profile_get_enrolment (self);
  g_autofree char *device = known != NULL ? g_strdup (known->device) : plaza_uuid_random ();
  g_autoptr (GBytes) registration = NULL;
  PlazaEnrolment enrolment;

  if (!plaza_profile_is_unlocked (self))
    return plaza_throw (error, PLAZA_ERROR_LOCKED, "the profile is locked");
  if (known != NULL && plaza_profile_get_registration_state (self, NULL) == PLAZA_REGISTERED)
    return plaza_throw (error, PLAZA_ERROR_EXISTS, "the central knows this device");
  if (invitation == NULL && known == NULL)
    return plaza_throw (error, PLAZA_ERROR_NOT_FOUND, "there is no invitation for this code");
  if (invitation == NULL && !plaza_folio_mark_raise (self->folder, SHARED_SERIALS, error))
    return FALSE;
  enrolment =
      (PlazaEnrolment){ .device = device,
                        .token = (char *) "",
                        .batch = invitation ? invitation->batch : known->batch,
                        .organisation = invitation ? invitation->organisation : known->organisation,
                        .person = invitation ? invitation->person : known->person,
                        .role = invitation ? invitation->role : known->role };
  registration = make_registration (self, &enrolment, code, error);
  if (registration == NULL || !plaza_profile_note_code (self, code, error) ||
      !plaza_store_set_invited (plaza_profile_get_store (self), &enrolment, registration, error))
    return FALSE;
  plaza_profile_note_device (self, plaza_profile_get_enrolment (self));
  return put (self, PLAZA_PROFILE_REGISTRATION, registration, error) &&
         take_away (self, REFUSED, error);
}

gboolean
plaza_profile_mend_registration (PlazaProfile *self, PlazaStore *store, GError **error)
{
  const PlazaEnrolment *enrolment = plaza_store_get_enrolment (store);
  g_autoptr (GBytes) registration = NULL;

  if (enrolment == NULL || *enrolment->token != '\0' || has (self, TAKEN) ||
      has (self, PLAZA_PROFILE_REGISTRATION))
    return TRUE;
  registration = plaza_store_read_registration (store, error);
  return registration != NULL && put (self, PLAZA_PROFILE_REGISTRATION, registration, error);
}
