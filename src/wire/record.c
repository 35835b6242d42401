/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-wire"

#include "wire/record.h"

#include <string.h>

#include "base/base32.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/text.h"
#include "base/uuid.h"
#include "seal/hash.h"

static char **
slot (const PlazaField *field, gconstpointer record)
{
  return G_STRUCT_MEMBER_P (record, field->offset);
}

static gboolean
is_fingerprint (const char *text)
{
  g_autoptr (GBytes) bytes = plaza_base32_decode (text, PLAZA_HASH_SIZE, NULL);
  g_autofree char *canonical = NULL;

  if (bytes == NULL)
    return FALSE;
  canonical = plaza_base32_encode (g_bytes_get_data (bytes, NULL), PLAZA_HASH_SIZE);
  return strcmp (canonical, text) == 0;
}

static gboolean
fits (const PlazaField *field, const char *text)
{
  PlazaHash hash;
  gint64 ms;

  switch (field->type)
    {
    case PLAZA_FIELD_NAME:
      if (plaza_text_is_blank (text))
        return FALSE;
      G_GNUC_FALLTHROUGH;
    case PLAZA_FIELD_TEXT:
      return g_utf8_strlen (text, -1) <= (glong) field->max;
    case PLAZA_FIELD_UUID:
      return plaza_uuid_is_valid (text);
    case PLAZA_FIELD_HASH:
      return plaza_hash_parse (text, &hash, NULL);
    case PLAZA_FIELD_FINGERPRINT:
      return is_fingerprint (text);
    case PLAZA_FIELD_DATE:
      return plaza_clock_is_date (text);
    case PLAZA_FIELD_TIME:
      return plaza_clock_parse (text, &ms, NULL, NULL);
    case PLAZA_FIELD_MODE:
      return strcmp (text, "interview") == 0 || strcmp (text, "self") == 0 ||
             strcmp (text, "keyed") == 0;
    default:
      g_assert_not_reached ();
    }
}

static gboolean
check (const PlazaField *field, const char *text, GError **error)
{
  if (text == NULL)
    return field->optional ||
           plaza_throw (error, PLAZA_ERROR_INVALID, "%s is missing", field->name);
  if (!g_utf8_validate (text, -1, NULL) || !fits (field, text))
    return plaza_throw (error, PLAZA_ERROR_INVALID, "%s is not of its form", field->name);
  return TRUE;
}

gboolean
plaza_fields_write (
    const PlazaField *fields, gsize n_fields, gconstpointer record, JsonObject *out, GError **error)
{
  for (gsize i = 0; i < n_fields; i++)
    {
      const char *text = *slot (&fields[i], record);

      if (!check (&fields[i], text, error))
        return FALSE;
      if (text != NULL)
        json_object_set_string_member (out, fields[i].name, text);
    }
  return TRUE;
}

gboolean
plaza_fields_read (
    const PlazaField *fields, gsize n_fields, JsonObject *object, gpointer record, GError **error)
{
  for (gsize i = 0; i < n_fields; i++)
    {
      const char *text;

      if (!plaza_json_find_string (object, fields[i].name, 4096, &text, error) ||
          !check (&fields[i], text, error))
        return FALSE;
      *slot (&fields[i], record) = g_strdup (text);
    }
  return TRUE;
}

static gboolean
is_known (const PlazaField *fields, gsize n_fields, const char *const *others, const char *name)
{
  for (gsize i = 0; i < n_fields; i++)
    if (strcmp (fields[i].name, name) == 0)
      return TRUE;
  return others != NULL && g_strv_contains (others, name);
}

gboolean
plaza_fields_only (const PlazaField *fields,
                   gsize n_fields,
                   JsonObject *object,
                   const char *const *others,
                   GError **error)
{
  JsonObjectIter iter;
  const char *name;

  json_object_iter_init (&iter, object);
  while (json_object_iter_next (&iter, &name, NULL))
    if (!is_known (fields, n_fields, others, name))
      return plaza_throw (error, PLAZA_ERROR_INVALID, "JSON: a member that nobody knows");
  return TRUE;
}

void
plaza_fields_clear (const PlazaField *fields, gsize n_fields, gpointer record)
{
  for (gsize i = 0; i < n_fields; i++)
    g_clear_pointer (slot (&fields[i], record), g_free);
}
