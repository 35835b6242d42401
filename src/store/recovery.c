/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-store"

#include "store/recovery.h"

#include <glib/gstdio.h>

#include "base/base32.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "seal/passphrase.h"
#include "seal/sealbox.h"
#include "store/journal.h"
#include "store/profile-private.h"
#include "store/rotation.h"
#include "store/steps.h"
#include "store/tries.h"

/* The request and the secret that opens its answer, end to end. The secret lies in the clear: alone
 * it opens nothing, and whoever has the laptop and the answer is the one the answer was for. To
 * seal it would gain nothing: the passphrase is what was forgotten, and any other key that this
 * laptop has would lie on the same disk. It goes when the answer was used or the request forgotten,
 * and the profile key that the answer brings is exchanged at the next unlock. */
#define PENDING "recovery.pending"
#define SECRET_SIZE 32u
#define PENDING_SIZE (PLAZA_RECOVERY_REQUEST_SIZE + SECRET_SIZE)
#define DAY_MS (G_GINT64_CONSTANT (24) * 60 * 60 * 1000)
#define MAX_KEY_TEXT 200

static char *
pending_path (PlazaProfile *profile)
{
  return g_build_filename (plaza_profile_get_folder (profile), PENDING, NULL);
}

typedef struct
{
  GBytes *request;
  PlazaSecret *secret;
} Pending;

static void
pending_clear (Pending *self)
{
  g_clear_pointer (&self->request, g_bytes_unref);
  g_clear_pointer (&self->secret, plaza_secret_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Pending, pending_clear)

static gboolean
is_old (const char *path)
{
  GStatBuf info;
  gint64 age;

  if (g_stat (path, &info) != 0)
    return TRUE;
  age = plaza_clock_now_ms () - (gint64) info.st_mtim.tv_sec * 1000;
  return age > PLAZA_RECOVERY_DAYS * DAY_MS;
}

static gboolean
pending_load (PlazaProfile *profile, Pending *out, GError **error)
{
  g_autofree char *path = pending_path (profile);
  g_autoptr (GBytes) bytes = plaza_file_read (path, PENDING_SIZE, error);
  PlazaRecoveryRequest parsed;

  if (bytes == NULL)
    return FALSE;
  if (g_bytes_get_size (bytes) != PENDING_SIZE || is_old (path))
    return plaza_throw (error, PLAZA_ERROR_NOT_FOUND, "the request is too old, or damaged");
  out->request = g_bytes_new_from_bytes (bytes, 0, PLAZA_RECOVERY_REQUEST_SIZE);
  out->secret = plaza_secret_new_copy (
      (const guint8 *) g_bytes_get_data (bytes, NULL) + PLAZA_RECOVERY_REQUEST_SIZE, SECRET_SIZE);
  return plaza_recovery_request_parse (out->request, &parsed, error);
}

static gboolean
pending_save (PlazaProfile *profile, const Pending *pending, GError **error)
{
  g_autofree char *path = pending_path (profile);
  g_autoptr (GBytes) bytes = NULL;
  GByteArray *joined = g_byte_array_sized_new (PENDING_SIZE);

  g_byte_array_append (joined, g_bytes_get_data (pending->request, NULL),
                       PLAZA_RECOVERY_REQUEST_SIZE);
  g_byte_array_append (joined, plaza_secret_bytes (pending->secret), SECRET_SIZE);
  bytes = g_byte_array_free_to_bytes (joined);
  return plaza_file_write (path, bytes, error);
}

gboolean
plaza_recovery_is_asked (PlazaProfile *profile)
{
  g_auto (Pending) pending = { 0 };

  return pending_load (profile, &pending, NULL);
}

static GBytes *
ask (PlazaProfile *profile, GError **error)
{
  g_auto (Pending) pending = { 0 };
  g_autoptr (PlazaKeyfile) keyfile = NULL;
  g_autofree char *device = NULL;
  g_autofree char *code = NULL;

  if (pending_load (profile, &pending, NULL))
    return g_bytes_ref (pending.request);
  pending_clear (&pending);
  keyfile = plaza_profile_key_load (plaza_profile_get_folder (profile), error);
  if (keyfile == NULL)
    return NULL;
  device = plaza_profile_read_device (profile);
  pending.request = plaza_recovery_request_new (keyfile, device, &pending.secret, error);
  if (pending.request == NULL || !pending_save (profile, &pending, error))
    return NULL;
  code = plaza_recovery_code (pending.request);
  if (!plaza_journal_add (plaza_profile_get_data_root (profile), "recovery-asked", error, "profile",
                          plaza_profile_get_id (profile), "request", code, NULL))
    return NULL;
  return g_bytes_ref (pending.request);
}

GBytes *
plaza_recovery_ask (PlazaProfile *profile, GError **error)
{
  GBytes *request;

  if (!plaza_profile_take_lock (profile, error))
    return NULL;
  request = ask (profile, error);
  plaza_profile_release_lock (profile);
  return request;
}

gboolean
plaza_recovery_forget (PlazaProfile *profile, GError **error)
{
  g_autofree char *path = pending_path (profile);

  return plaza_file_remove (path, error);
}

/* The profile key that @answer brings, which opens the store. */
static PlazaSecret *
open_answer (PlazaProfile *profile, GBytes *answer, GError **error)
{
  g_auto (Pending) pending = { 0 };
  g_autoptr (PlazaSecret) key = NULL;

  if (!pending_load (profile, &pending, error))
    return NULL;
  key = plaza_recovery_answer_open (answer, pending.request, pending.secret, error);
  if (key == NULL)
    return NULL;
  if (plaza_rotation_opens (plaza_profile_get_folder (profile), plaza_profile_get_id (profile),
                            key))
    return g_steal_pointer (&key);
  plaza_throw (error, PLAZA_ERROR_SIGNATURE, "the key of the answer does not open the store");
  return NULL;
}

gboolean
plaza_recovery_check (PlazaProfile *profile, GBytes *answer, GError **error)
{
  g_autoptr (PlazaSecret) key = NULL;

  if (!plaza_profile_take_lock (profile, error))
    return FALSE;
  key = open_answer (profile, answer, error);
  plaza_profile_release_lock (profile);
  return key != NULL;
}

static gboolean
check_passphrase (PlazaProfile *profile, const char *passphrase, GError **error)
{
  g_autoptr (PlazaCampaign) campaign =
      plaza_data_load_campaign (plaza_profile_get_data_root (profile),
                                plaza_profile_get_campaign_fingerprint (profile), NULL);
  const char *context[] = { plaza_profile_get_name (profile),
                            campaign != NULL ? campaign->title : NULL, NULL };

  return plaza_passphrase_check (passphrase, context, error);
}

static gboolean
finish (PlazaProfile *profile, GBytes *answer, const char *passphrase, GError **error)
{
  const char *folder = plaza_profile_get_folder (profile);
  g_autoptr (PlazaKeyfile) keyfile = plaza_profile_key_load (folder, error);
  g_autoptr (PlazaKeyfile) changed = NULL;
  g_autoptr (PlazaSecret) key = NULL;

  if (keyfile == NULL || !check_passphrase (profile, passphrase, error))
    return FALSE;
  key = open_answer (profile, answer, error);
  if (key == NULL)
    return FALSE;
  changed = plaza_keyfile_rewrap (keyfile, key, passphrase, error);
  /* First that the key is to be exchanged: it must not be forgotten once the answer works. */
  if (changed == NULL || !plaza_rotation_want (folder, error))
    return FALSE;
  plaza_step ("recovery-wanted");
  if (!plaza_profile_key_save (folder, changed, error))
    return FALSE;
  plaza_step ("recovery-key");
  return plaza_recovery_forget (profile, error) && plaza_tries_forget (folder, error) &&
         plaza_journal_add (plaza_profile_get_data_root (profile), "recovery-done", error,
                            "profile", plaza_profile_get_id (profile), NULL);
}

gboolean
plaza_recovery_finish (PlazaProfile *profile,
                       GBytes *answer,
                       const char *new_passphrase,
                       GError **error)
{
  gboolean ok;

  if (!plaza_profile_take_lock (profile, error))
    return FALSE;
  ok = finish (profile, answer, new_passphrase, error);
  plaza_profile_release_lock (profile);
  return ok;
}

/* The coordinator's side */

GBytes *
plaza_recovery_give (const char *data_root,
                     GBytes *request,
                     const PlazaSecret *recovery,
                     GError **error)
{
  g_autoptr (GBytes) answer = plaza_recovery_answer_new (request, recovery, error);
  g_autofree char *code = NULL;
  PlazaRecoveryRequest parsed;

  if (answer == NULL || !plaza_recovery_request_parse (request, &parsed, error))
    return NULL;
  code = plaza_recovery_code (request);
  /* Noted before it is shown: no key goes out that nobody wrote down. */
  if (!plaza_journal_add (data_root, "recovery-answered", error, "profile", parsed.profile,
                          "device", parsed.device, "request", code, NULL))
    return NULL;
  return g_steal_pointer (&answer);
}

PlazaSecret *
plaza_recovery_key_load (const char *path, PlazaCampaign *campaign, GError **error)
{
  g_autoptr (GBytes) bytes = plaza_file_read (path, MAX_KEY_TEXT, error);
  g_autoptr (GBytes) decoded = NULL;
  g_autoptr (PlazaSecret) secret = NULL;
  PlazaPublicKey key;
  char *text;

  if (bytes == NULL)
    return NULL;
  text = g_strndup (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  decoded = plaza_base64url_decode (g_strstrip (text), SECRET_SIZE, error);
  plaza_secret_wipe_string (text);
  if (decoded == NULL)
    {
      g_prefix_error (error, "the recovery key: ");
      return NULL;
    }
  secret = plaza_secret_new_copy (g_bytes_get_data (decoded, NULL), SECRET_SIZE);
  if (!plaza_sealbox_public (secret, &key, error))
    return NULL;
  if (campaign != NULL && !plaza_public_key_equal (&key, &campaign->key_recovery))
    {
      plaza_throw (error, PLAZA_ERROR_SIGNATURE, "the recovery key is another campaign's");
      return NULL;
    }
  return g_steal_pointer (&secret);
}
