/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-seal"

#include "seal/recovery.h"

#include <string.h>

#include "base/base32.h"
#include "base/error.h"
#include "base/uuid.h"
#include "seal/hash.h"
#include "seal/sealbox.h"

#define REQUEST_MAGIC "PLZRRQ01"
#define ANSWER_MAGIC "PLZRAN01"
#define MAGIC_SIZE 8u
#define MAGIC_STEM 6u /* what a newer format keeps */
#define UUID_SIZE 16u
#define KEY_SIZE 32u
#define SEALED_SIZE (KEY_SIZE + PLAZA_SEALBOX_OVERHEAD)
#define CHECK_SIZE 8u
#define ID_SIZE 16u
#define CODE_SIZE 10u

#define AT_PROFILE MAGIC_SIZE
#define AT_DEVICE (AT_PROFILE + UUID_SIZE)
#define AT_KEY (AT_DEVICE + UUID_SIZE)
#define AT_REQUEST_SEALED (AT_KEY + KEY_SIZE)
#define AT_ANSWER_SEALED (MAGIC_SIZE + ID_SIZE)

/* A line of text holds so many bytes: 16 characters and two that check it. */
#define LINE_BYTES 10u
#define LINE_CHECK 2u
#define LINE_CHARS (16u + LINE_CHECK)

G_STATIC_ASSERT (AT_REQUEST_SEALED + SEALED_SIZE + CHECK_SIZE == PLAZA_RECOVERY_REQUEST_SIZE);
G_STATIC_ASSERT (AT_ANSWER_SEALED + SEALED_SIZE + CHECK_SIZE == PLAZA_RECOVERY_ANSWER_SIZE);

static GBytes *
add_check (GByteArray *bytes)
{
  PlazaHash hash;

  plaza_hash_data (bytes->data, bytes->len, &hash);
  g_byte_array_append (bytes, hash.bytes, CHECK_SIZE);
  return g_byte_array_free_to_bytes (bytes);
}

static gboolean
check_form (GBytes *bytes, const char *magic, gsize size, GError **error)
{
  gsize length;
  const guint8 *data = g_bytes_get_data (bytes, &length);
  PlazaHash hash;

  if (length < MAGIC_SIZE || memcmp (data, magic, MAGIC_STEM) != 0)
    return plaza_throw (error, PLAZA_ERROR_INVALID, "Recovery: something else");
  if (memcmp (data, magic, MAGIC_SIZE) != 0)
    return plaza_throw (error, PLAZA_ERROR_NEWER, "Recovery: of a newer version");
  if (length != size)
    return plaza_throw (error, PLAZA_ERROR_INVALID, "Recovery: of another length");
  plaza_hash_data (data, length - CHECK_SIZE, &hash);
  return memcmp (hash.bytes, data + length - CHECK_SIZE, CHECK_SIZE) == 0 ||
         plaza_throw (error, PLAZA_ERROR_INVALID, "Recovery: changed on the way");
}

GBytes *
plaza_recovery_request_new (PlazaKeyfile *keyfile,
                            const char *device,
                            PlazaSecret **out_secret,
                            GError **error)
{
  g_autoptr (PlazaSecret) secret = NULL;
  guint8 profile[UUID_SIZE], device_bytes[UUID_SIZE] = { 0 };
  PlazaPublicKey key;
  GByteArray *bytes;

  if (!plaza_uuid_parse (plaza_keyfile_profile_id (keyfile), profile, error) ||
      (device != NULL && !plaza_uuid_parse (device, device_bytes, error)))
    return NULL;
  plaza_sealbox_keypair (&key, &secret);
  bytes = g_byte_array_sized_new (PLAZA_RECOVERY_REQUEST_SIZE);
  g_byte_array_append (bytes, (const guint8 *) REQUEST_MAGIC, MAGIC_SIZE);
  g_byte_array_append (bytes, profile, UUID_SIZE);
  g_byte_array_append (bytes, device_bytes, UUID_SIZE);
  g_byte_array_append (bytes, key.bytes, KEY_SIZE);
  g_byte_array_append (bytes, g_bytes_get_data (plaza_keyfile_recovery_copy (keyfile), NULL),
                       SEALED_SIZE);
  *out_secret = g_steal_pointer (&secret);
  return add_check (bytes);
}

gboolean
plaza_recovery_request_parse (GBytes *request, PlazaRecoveryRequest *out, GError **error)
{
  static const guint8 unknown[UUID_SIZE] = { 0 };
  const guint8 *data = g_bytes_get_data (request, NULL);
  g_autofree char *profile = NULL;
  g_autofree char *device = NULL;

  if (!check_form (request, REQUEST_MAGIC, PLAZA_RECOVERY_REQUEST_SIZE, error))
    return FALSE;
  profile = plaza_uuid_format (data + AT_PROFILE);
  g_strlcpy (out->profile, profile, sizeof out->profile);
  out->device[0] = '\0';
  if (memcmp (data + AT_DEVICE, unknown, UUID_SIZE) != 0)
    {
      device = plaza_uuid_format (data + AT_DEVICE);
      g_strlcpy (out->device, device, sizeof out->device);
    }
  return TRUE;
}

/* What is read aloud is base32 with U in the place of V, which in Spanish sounds as B does: so
 * neither of two letters or digits that sound or look alike is left but one. */

static char *
to_spoken (const char *text)
{
  return g_strdelimit (g_strdup (text), "V", 'U');
}

static char *
from_spoken (const char *text)
{
  char *out = g_ascii_strup (text, -1);

  g_strdelimit (out, "V", 'B');
  g_strdelimit (out, "O", '0');
  g_strdelimit (out, "IL", '1');
  return g_strdelimit (out, "U", 'V');
}

/* Ten bits over the line and its place, so that two lines that changed places show too. */
static char *
line_check (guint line, const guint8 *bytes, gsize size)
{
  const guint8 place = (guint8) line;
  const PlazaHashPart parts[] = { { &place, 1 }, { bytes, size } };
  g_autofree char *text = NULL;
  PlazaHash hash;

  plaza_hash_parts (parts, G_N_ELEMENTS (parts), &hash);
  text = plaza_base32_encode (hash.bytes, 2);
  return g_strndup (text, LINE_CHECK);
}

char *
plaza_recovery_code (GBytes *request)
{
  PlazaHash hash;
  g_autofree char *text = NULL;
  g_autofree char *spoken = NULL;

  plaza_hash_bytes (request, &hash);
  /* Not the part that names the request in its answer. */
  text = plaza_base32_encode (hash.bytes + ID_SIZE, CODE_SIZE);
  spoken = to_spoken (text);
  return plaza_base32_group (spoken, 4);
}

GBytes *
plaza_recovery_answer_new (GBytes *request, const PlazaSecret *recovery, GError **error)
{
  const guint8 *data = g_bytes_get_data (request, NULL);
  PlazaRecoveryRequest parsed;
  g_autoptr (GBytes) sealed = NULL;
  g_autoptr (GBytes) key = NULL;
  g_autoptr (GBytes) again = NULL;
  PlazaPublicKey recipient;
  PlazaHash id;
  GByteArray *bytes;

  if (!plaza_recovery_request_parse (request, &parsed, error))
    return NULL;
  sealed = g_bytes_new_from_bytes (request, AT_REQUEST_SEALED, SEALED_SIZE);
  key = plaza_sealbox_open (recovery, sealed, error);
  if (key == NULL)
    {
      g_prefix_error (error, "Recovery: ");
      return NULL;
    }
  memcpy (recipient.bytes, data + AT_KEY, KEY_SIZE);
  again = plaza_sealbox_seal (&recipient, key, error);
  if (again == NULL)
    return NULL;
  plaza_hash_bytes (request, &id);
  bytes = g_byte_array_sized_new (PLAZA_RECOVERY_ANSWER_SIZE);
  g_byte_array_append (bytes, (const guint8 *) ANSWER_MAGIC, MAGIC_SIZE);
  g_byte_array_append (bytes, id.bytes, ID_SIZE);
  g_byte_array_append (bytes, g_bytes_get_data (again, NULL), SEALED_SIZE);
  return add_check (bytes);
}

PlazaSecret *
plaza_recovery_answer_open (GBytes *answer,
                            GBytes *request,
                            const PlazaSecret *secret,
                            GError **error)
{
  const guint8 *data = g_bytes_get_data (answer, NULL);
  g_autoptr (GBytes) sealed = NULL;
  g_autoptr (GBytes) key = NULL;
  PlazaHash id;

  if (!check_form (answer, ANSWER_MAGIC, PLAZA_RECOVERY_ANSWER_SIZE, error))
    return NULL;
  plaza_hash_bytes (request, &id);
  if (memcmp (id.bytes, data + MAGIC_SIZE, ID_SIZE) != 0)
    {
      plaza_throw (error, PLAZA_ERROR_SIGNATURE, "Recovery: the answer to another request");
      return NULL;
    }
  sealed = g_bytes_new_from_bytes (answer, AT_ANSWER_SEALED, SEALED_SIZE);
  key = plaza_sealbox_open (secret, sealed, error);
  if (key == NULL)
    {
      g_prefix_error (error, "Recovery: ");
      return NULL;
    }
  return plaza_secret_new_copy (g_bytes_get_data (key, NULL), KEY_SIZE);
}

/* Text. The magic is left out: the check covers it, so that the kind is known all the same. */

char *
plaza_recovery_to_text (GBytes *bytes)
{
  gsize size;
  const guint8 *data = g_bytes_get_data (bytes, &size);
  GString *text = g_string_new (NULL);
  guint line = 0;

  for (gsize at = MAGIC_SIZE; at < size; at += LINE_BYTES)
    {
      gsize held = MIN (LINE_BYTES, size - at);
      g_autofree char *plain = plaza_base32_encode (data + at, held);
      g_autofree char *check = line_check (++line, data + at, held);
      g_autofree char *whole = g_strconcat (plain, check, NULL);
      g_autofree char *spoken = to_spoken (whole);
      g_autofree char *grouped = plaza_base32_group (spoken, 4);

      g_string_append_printf (text, "%s%s", line > 1 ? "\n" : "", grouped);
    }
  return g_string_free (text, FALSE);
}

static char *
strip (const char *text)
{
  GString *out = g_string_new (NULL);

  for (const char *p = text; *p != '\0'; p++)
    if (*p != '-' && !g_ascii_isspace (*p))
      g_string_append_c (out, *p);
  return g_string_free (out, FALSE);
}

/* Characters that @size bytes without their magic take. */
static gsize
text_length (gsize size)
{
  gsize bytes = size - MAGIC_SIZE;
  gsize rest = bytes % LINE_BYTES;

  return bytes / LINE_BYTES * LINE_CHARS + (rest > 0 ? (rest * 8 + 4) / 5 + LINE_CHECK : 0);
}

static GBytes *
decode_line (guint line, char *part, gsize wanted, GError **error)
{
  gsize chars = strlen (part) - LINE_CHECK;
  g_autofree char *said = g_strdup (part + chars);
  g_autofree char *right = NULL;
  g_autoptr (GBytes) bytes = NULL;

  part[chars] = '\0';
  bytes = plaza_base32_decode (part, wanted, error);
  if (bytes == NULL)
    return NULL;
  right = line_check (line, g_bytes_get_data (bytes, NULL), wanted);
  if (strcmp (said, right) == 0)
    return g_steal_pointer (&bytes);
  plaza_throw (error, PLAZA_ERROR_INVALID, "the check disagrees");
  return NULL;
}

static GBytes *
decode_lines (const char *plain, const char *magic, gsize size, guint *out_line, GError **error)
{
  g_autoptr (GByteArray) bytes = g_byte_array_sized_new ((guint) size);

  g_byte_array_append (bytes, (const guint8 *) magic, MAGIC_SIZE);
  for (guint line = 1; bytes->len < size; line++)
    {
      gsize wanted = MIN (LINE_BYTES, size - bytes->len);
      g_autofree char *part = g_strndup (plain + (line - 1) * LINE_CHARS, LINE_CHARS);
      g_autoptr (GBytes) decoded = decode_line (line, part, wanted, error);

      if (decoded == NULL)
        {
          g_prefix_error (error, "Recovery: line %u: ", line);
          *out_line = line;
          return NULL;
        }
      g_byte_array_append (bytes, g_bytes_get_data (decoded, NULL), (guint) wanted);
    }
  return g_byte_array_free_to_bytes (g_steal_pointer (&bytes));
}

GBytes *
plaza_recovery_from_text (const char *text, guint *out_line, GError **error)
{
  g_autofree char *typed = strip (text);
  g_autofree char *plain = from_spoken (typed);
  g_autoptr (GBytes) bytes = NULL;
  gsize length = strlen (plain);
  gboolean is_request = length == text_length (PLAZA_RECOVERY_REQUEST_SIZE);
  const char *magic = is_request ? REQUEST_MAGIC : ANSWER_MAGIC;
  gsize size = is_request ? PLAZA_RECOVERY_REQUEST_SIZE : PLAZA_RECOVERY_ANSWER_SIZE;
  guint line = 0;

  if (length == text_length (size))
    {
      bytes = decode_lines (plain, magic, size, &line, error);
      if (bytes != NULL && !check_form (bytes, magic, size, error))
        g_clear_pointer (&bytes, g_bytes_unref);
    }
  else
    plaza_throw (error, PLAZA_ERROR_INVALID, "Recovery: the lines are not all there");
  if (out_line != NULL)
    *out_line = line;
  return g_steal_pointer (&bytes);
}
