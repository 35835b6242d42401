/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-central"

#include "config.h"

#include <glib/gi18n.h>

#include "base/base32.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/random.h"
#include "base/uuid.h"
#include "central/enrolment.h"
#include "wire/joinlink.h"

#define HOUR_MS (60 * 60 * G_GINT64_CONSTANT (1000))
#define DAY_MS (24 * HOUR_MS)

/* Without I, L, O, U, which people mistake; Z begins the codes of practice only. */
static const char digits[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

static const char *const roles[] = { "facilitator", "coordinator", "administrator", NULL };

void
plaza_enrolment_hash_token (const char *token, PlazaHash *out)
{
  plaza_hash_data (token, strlen (token), out);
}

char *
plaza_enrolment_batch_code (guint64 number, gboolean practice, GError **error)
{
  guint64 index = number - 1;
  guint64 firsts = practice ? 1 : 31;
  guint64 room = firsts * 32;

  for (guint length = 2; length <= 4; length++, room *= 32)
    {
      char code[5] = "";

      if (index >= room)
        {
          index -= room;
          continue;
        }
      for (guint i = length; i-- > 1; index /= 32)
        code[i] = digits[index % 32];
      code[0] = practice ? 'Z' : digits[index];
      return g_strdup (code);
    }
  plaza_throw_words (error, PLAZA_ERROR_LIMIT,
                     _ ("every code for folios is given: no more laptops can join this campaign"));
  return NULL;
}

static void
hash_code (PlazaCentral *central, const char *code, PlazaHash *out)
{
  plaza_hash_keyed (central->codes, code, strlen (code), out);
}

static char *
new_batch (PlazaCentral *central, PlazaStorage *storage, GError **error)
{
  g_autofree char *batch = NULL;
  guint64 number;

  if (!storage->table->next_batch (storage, &number, error))
    return NULL;
  batch = plaza_enrolment_batch_code (number, central->practice, error);
  if (batch == NULL || !storage->table->put_batch (storage, number, batch, error))
    return NULL;
  return g_steal_pointer (&batch);
}

char *
plaza_enrolment_new_code (PlazaCentral *central,
                          PlazaStorage *storage,
                          PlazaCampaign *campaign,
                          const char *person,
                          const char *organisation,
                          const char *role,
                          guint hours,
                          PlazaInvitation *invitation,
                          GError **error)
{
  PlazaJoinCode record = { 0 };
  g_autofree char *batch = NULL;
  char *code;

  if (!g_strv_contains (roles, role))
    {
      plaza_throw_words (error, PLAZA_ERROR_INVALID,
                         _ ("no role %s: facilitator, coordinator or administrator"), role);
      return NULL;
    }
  if (person[0] == '\0' || !g_utf8_validate (person, -1, NULL) || g_utf8_strlen (person, -1) > 100)
    {
      plaza_throw_words (error, PLAZA_ERROR_INVALID,
                         _ ("the person's name has 1 to 100 characters"));
      return NULL;
    }
  if (organisation[0] != '\0' && plaza_campaign_organisation (campaign, organisation) == NULL)
    {
      plaza_throw_words (error, PLAZA_ERROR_NOT_FOUND, _ ("the campaign has no organisation %s"),
                         organisation);
      return NULL;
    }
  batch = new_batch (central, storage, error);
  if (batch == NULL)
    return NULL;
  code = plaza_join_code_new ();
  hash_code (central, code, &record.hash);
  record.campaign = campaign->fingerprint;
  record.person = (char *) person;
  record.organisation = (char *) organisation;
  record.role = (char *) role;
  record.batch = batch;
  record.created = plaza_clock_now_ms ();
  record.expires = record.created + hours * HOUR_MS;
  if (!storage->table->put_code (storage, &record, error) ||
      !plaza_storage_audit (storage, record.created, "operator", "code", campaign->fingerprint,
                            role, NULL, error))
    {
      plaza_secret_wipe_string (code);
      return NULL;
    }
  if (invitation != NULL)
    *invitation = (PlazaInvitation){ .person = g_strdup (person),
                                     .organisation = g_strdup (organisation),
                                     .role = g_strdup (role),
                                     .batch = g_steal_pointer (&batch),
                                     .expires_ms = record.expires };
  return code;
}

char *
plaza_enrolment_new_token (PlazaCentral *central, PlazaHash *hash, gint64 *expires)
{
  guint8 bytes[32];
  char *text, *token;

  plaza_random_fill (bytes, sizeof bytes);
  text = plaza_base64url_encode (bytes, sizeof bytes);
  token = g_strconcat (PLAZA_TOKEN_PREFIX, text, NULL);
  plaza_secret_wipe_string (text);
  plaza_enrolment_hash_token (token, hash);
  *expires = plaza_clock_now_ms () + central->token_days * DAY_MS;
  return token;
}

/* What @code makes of the device whose id and key are set. */
static gboolean
put_device (PlazaCentral *central,
            PlazaStorage *storage,
            const PlazaJoinCode *code,
            PlazaDevice *device,
            const char *action,
            GError **error)
{
  device->campaign = g_strdup (code->campaign);
  device->person = g_strdup (code->person);
  device->organisation = g_strdup (code->organisation);
  device->role = g_strdup (code->role);
  device->batch =
      code->batch != NULL ? g_strdup (code->batch) : new_batch (central, storage, error);
  device->enrolled = plaza_clock_now_ms ();
  return device->batch != NULL && storage->table->put_device (storage, device, error) &&
         storage->table->use_code (storage, &code->hash, device->id, device->enrolled, error) &&
         plaza_storage_audit (storage, device->enrolled, device->id, action, device->id,
                              device->batch, NULL, error);
}

/* The device that this code makes, or made a moment ago. */
static gboolean
settle_device (PlazaCentral *central,
               PlazaStorage *storage,
               const PlazaJoinCode *code,
               const PlazaEnrolRequest *request,
               PlazaDevice *device,
               PlazaResult *result,
               GError **error)
{
  gboolean found;

  if (!storage->table->find_device_by_key (storage, &request->device_key, device, &found, error))
    return FALSE;
  if (code->used != 0)
    {
      if (!found || g_strcmp0 (device->id, code->device) != 0 || device->token_used ||
          device->revoked != 0)
        *result = PLAZA_RESULT_CODE_USED;
      return TRUE;
    }
  if (found)
    {
      *result = PLAZA_RESULT_CONFLICT;
      return TRUE;
    }
  device->id = plaza_uuid_random ();
  device->key = request->device_key;
  return put_device (central, storage, code, device, "enrol", error);
}

/* The code as it is stored; @result says when it is unknown or of another campaign. */
static gboolean
find_code (PlazaCentral *central,
           PlazaStorage *storage,
           const char *text,
           const char *fingerprint,
           PlazaJoinCode *code,
           PlazaResult *result,
           GError **error)
{
  g_autoptr (PlazaCampaign) campaign = plaza_central_find_campaign (central, fingerprint);
  PlazaHash hash;
  gboolean found;

  *result = PLAZA_RESULT_OK;
  hash_code (central, text, &hash);
  if (!storage->table->find_code (storage, &hash, code, &found, error))
    return FALSE;
  if (!found)
    *result = PLAZA_RESULT_CODE_UNKNOWN;
  else if (campaign == NULL || strcmp (code->campaign, campaign->fingerprint) != 0)
    *result = PLAZA_RESULT_CAMPAIGN;
  return TRUE;
}

gboolean
plaza_enrolment_join (PlazaCentral *central,
                      PlazaStorage *storage,
                      const PlazaEnrolRequest *request,
                      PlazaEnrolment *out,
                      PlazaResult *result,
                      GError **error)
{
  g_auto (PlazaJoinCode) code = { 0 };
  g_auto (PlazaDevice) device = { 0 };
  char *token;
  PlazaHash hash;
  gint64 expires;

  plaza_enrolment_clear (out);
  if (!find_code (central, storage, request->code, request->fingerprint, &code, result, error))
    return FALSE;
  if (*result == PLAZA_RESULT_OK && code.expires <= plaza_clock_now_ms ())
    *result = PLAZA_RESULT_CODE_EXPIRED;
  if (*result != PLAZA_RESULT_OK)
    return TRUE;
  if (!settle_device (central, storage, &code, request, &device, result, error))
    return FALSE;
  if (*result != PLAZA_RESULT_OK)
    return TRUE;

  token = plaza_enrolment_new_token (central, &hash, &expires);
  if (!storage->table->set_token (storage, device.id, &hash, expires, error))
    {
      plaza_secret_wipe_string (token);
      return FALSE;
    }
  out->device = g_steal_pointer (&device.id);
  out->token = token;
  out->batch = g_steal_pointer (&device.batch);
  out->organisation = g_steal_pointer (&device.organisation);
  out->person = g_steal_pointer (&device.person);
  out->role = g_steal_pointer (&device.role);
  return TRUE;
}

/* Without a connection */

/*
 * A code that was good when the laptop joined may expire before the stick arrives, and what was
 * asked meanwhile must not be lost. When it joined is the laptop's word, so that word holds for a
 * limited time only.
 */
static gboolean
was_in_time (PlazaCentral *central, const PlazaJoinCode *code, gint64 joined)
{
  gint64 now = plaza_clock_now_ms ();

  return now < code->expires ||
         (joined < code->expires && now < code->expires + central->late_days * DAY_MS);
}

gboolean
plaza_enrolment_register (PlazaCentral *central,
                          PlazaStorage *storage,
                          const PlazaRegistration *registration,
                          gboolean *fresh,
                          PlazaResult *result,
                          GError **error)
{
  g_auto (PlazaJoinCode) code = { 0 };
  g_auto (PlazaDevice) same_id = { 0 };
  g_auto (PlazaDevice) same_key = { 0 };
  g_auto (PlazaDevice) device = { 0 };
  gboolean id_found, key_found;

  *fresh = FALSE;
  if (!find_code (central, storage, registration->code, registration->campaign, &code, result,
                  error))
    return FALSE;
  if (*result != PLAZA_RESULT_OK)
    return TRUE;
  if (!storage->table->find_device (storage, registration->device, &same_id, &id_found, error) ||
      !storage->table->find_device_by_key (storage, &registration->device_key, &same_key,
                                           &key_found, error))
    return FALSE;
  if (code.used != 0)
    {
      if (!id_found || g_strcmp0 (code.device, registration->device) != 0 ||
          !plaza_public_key_equal (&same_id.key, &registration->device_key))
        *result = PLAZA_RESULT_CODE_USED;
      return TRUE;
    }
  if (id_found || key_found)
    *result = PLAZA_RESULT_CONFLICT;
  else if (!was_in_time (central, &code, registration->joined_ms))
    *result = PLAZA_RESULT_CODE_EXPIRED;
  if (*result != PLAZA_RESULT_OK)
    return TRUE;
  device.id = g_strdup (registration->device);
  device.key = registration->device_key;
  *fresh = TRUE;
  return put_device (central, storage, &code, &device, "register", error);
}
