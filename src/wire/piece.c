/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-wire"

#include "wire/piece.h"

#include <string.h>

#include "base/error.h"
#include "base/json.h"
#include "seal/hash.h"
#include "wire/envelope.h"
#include "wire/result.h"

#define DIGEST_START "blake2b-256=:"
#define DIGEST_LENGTH (sizeof DIGEST_START - 1 + 44 + 1)

char *
plaza_piece_digest (const void *data, gsize length)
{
  g_autofree char *text = NULL;
  PlazaHash hash;

  plaza_hash_data (data, length, &hash);
  text = g_base64_encode (hash.bytes, sizeof hash.bytes);
  return g_strconcat (DIGEST_START, text, ":", NULL);
}

gboolean
plaza_piece_digest_is_valid (const char *digest)
{
  const char *text = digest + strlen (DIGEST_START);

  if (strlen (digest) != DIGEST_LENGTH || !g_str_has_prefix (digest, DIGEST_START) ||
      digest[DIGEST_LENGTH - 1] != ':' || digest[DIGEST_LENGTH - 2] != '=')
    return FALSE;
  for (gsize i = 0; i < 43; i++)
    if (!g_ascii_isalnum (text[i]) && text[i] != '+' && text[i] != '/')
      return FALSE;
  return TRUE;
}

gboolean
plaza_piece_digest_check (const char *digest, const void *data, gsize length)
{
  g_autofree char *right = plaza_piece_digest (data, length);

  return strcmp (digest, right) == 0;
}

GBytes *
plaza_piece_offset_to_json (guint64 offset)
{
  g_autoptr (JsonObject) object = json_object_new ();

  json_object_set_int_member (object, "offset", (gint64) offset);
  return plaza_json_write_object (object);
}

gboolean
plaza_piece_offset_parse (GBytes *json, guint64 *offset, GError **error)
{
  static const PlazaJsonLimits limits = { .max_bytes = 8192, .max_depth = 1, .max_values = 8 };
  g_autoptr (JsonObject) object = plaza_json_parse_object (json, &limits, error);
  const char *code = NULL;
  gint64 value;

  if (object == NULL || !plaza_json_only (object, error, "code", "message", "offset", NULL) ||
      !plaza_json_find_string (object, "code", 40, &code, error) ||
      !plaza_json_get_int (object, "offset", 0, PLAZA_ENVELOPE_MAX_BYTES, &value, error))
    return FALSE;
  if (code != NULL && strcmp (code, plaza_result_code (PLAZA_RESULT_OFFSET)) != 0)
    return plaza_throw (error, PLAZA_ERROR_INVALID, "An offset in the wrong answer");
  *offset = (guint64) value;
  return TRUE;
}
