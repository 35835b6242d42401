/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/json.h"

G_BEGIN_DECLS

/* Flat JSON objects of strings as tables, used inside wire/ only. */

typedef enum
{
  PLAZA_FIELD_TEXT, /* any text up to max characters, may be "" */
  PLAZA_FIELD_NAME, /* text that is not blank */
  PLAZA_FIELD_UUID,
  PLAZA_FIELD_HASH,
  PLAZA_FIELD_FINGERPRINT, /* BLAKE2b-256 in Crockford base32, canonical */
  PLAZA_FIELD_DATE,
  PLAZA_FIELD_TIME, /* ISO 8601 with offset */
  PLAZA_FIELD_MODE, /* interview, self, keyed */
} PlazaFieldType;

/** PlazaField: a string member and where the structure holds it. */
typedef struct
{
  const char *name;
  gsize offset; /* of a char * */
  PlazaFieldType type;
  guint max;         /* characters, for texts and names */
  gboolean optional; /* NULL in the structure is an absent member */
} PlazaField;

/** plaza_fields_write: sets the members of @record that @fields describe; checks each first. */
gboolean plaza_fields_write (const PlazaField *fields,
                             gsize n_fields,
                             gconstpointer record,
                             JsonObject *out,
                             GError **error);

/** plaza_fields_read: fills @record (zeroed before) from @object. */
gboolean plaza_fields_read (
    const PlazaField *fields, gsize n_fields, JsonObject *object, gpointer record, GError **error);

/** plaza_fields_only: refuses members of @object that are neither in @fields nor in @others. */
gboolean plaza_fields_only (const PlazaField *fields,
                            gsize n_fields,
                            JsonObject *object,
                            const char *const *others,
                            GError **error);

/** plaza_fields_clear: frees the strings. */
void plaza_fields_clear (const PlazaField *fields, gsize n_fields, gpointer record);

G_END_DECLS
