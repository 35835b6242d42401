/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/**
 * The strict gate: everything that comes from outside passes it, and json-glib's own parser sees
 * none of it, because json-glib 1.6 overflows its stack on deep nesting and accepts much that is
 * not JSON.
 *
 * The gate is RFC 8259 without extras: UTF-8 only, no byte order mark, one value, no comments, no
 * NUL (raw or escaped), no lone surrogates, integers within gint64, other numbers finite, and no
 * member name twice in one object (names are compared after their escapes are decoded). It does not
 * recurse; time is O(n log n) whatever the bytes are.
 */

/** PlazaJsonLimits: what a document may cost at most. */
typedef struct
{
  gsize max_bytes;  /* length of the document */
  guint max_depth;  /* nested arrays and objects; the gate itself stops at 256 */
  gsize max_values; /* values of any kind, members included */
} PlazaJsonLimits;

/** plaza_json_limits_default: 4 MiB, depth 32, 200,000 values. */
extern const PlazaJsonLimits plaza_json_limits_default;

/**
 * plaza_json_check: runs the gate over @length bytes at @data (need not end in NUL).
 * @limits: NULL for the default ones
 * Returns TRUE when the bytes are one acceptable document; else FALSE with PLAZA_ERROR_INVALID or
 * PLAZA_ERROR_LIMIT, whose message says what and at which byte, never quoting the content.
 */
gboolean
plaza_json_check (const char *data, gsize length, const PlazaJsonLimits *limits, GError **error);

/** plaza_json_parse: plaza_json_check(), then the tree. Returns: (transfer full). */
JsonNode *plaza_json_parse (GBytes *bytes, const PlazaJsonLimits *limits, GError **error);

/** plaza_json_parse_data: as plaza_json_parse() from memory; @length -1 for a C string. */
JsonNode *plaza_json_parse_data (const char *data,
                                 gssize length,
                                 const PlazaJsonLimits *limits,
                                 GError **error);

/** plaza_json_parse_object: as plaza_json_parse(), the document must be an object. Returns:
 * (transfer full). */
JsonObject *plaza_json_parse_object (GBytes *bytes, const PlazaJsonLimits *limits, GError **error);

/*
 * Typed getters. Each refuses a member of another JSON type (no coercion) with PLAZA_ERROR_INVALID
 * naming the member. The get functions want the member; the find functions accept that it is absent
 * or null and then leave *out as NULL (or at @fallback) and return TRUE.
 */

/** plaza_json_get_string: Returns: (transfer none): at most @max_chars characters, or NULL with
 * @error. */
const char *
plaza_json_get_string (JsonObject *object, const char *name, gsize max_chars, GError **error);
gboolean plaza_json_find_string (
    JsonObject *object, const char *name, gsize max_chars, const char **out, GError **error);
gboolean plaza_json_get_int (
    JsonObject *object, const char *name, gint64 min, gint64 max, gint64 *out, GError **error);
gboolean plaza_json_find_int (JsonObject *object,
                              const char *name,
                              gint64 min,
                              gint64 max,
                              gint64 fallback,
                              gint64 *out,
                              GError **error);
gboolean
plaza_json_get_boolean (JsonObject *object, const char *name, gboolean *out, GError **error);
JsonObject *plaza_json_get_object (JsonObject *object, const char *name, GError **error);
gboolean
plaza_json_find_object (JsonObject *object, const char *name, JsonObject **out, GError **error);
/** plaza_json_get_array: Returns: (transfer none): with at most @max_items elements. */
JsonArray *
plaza_json_get_array (JsonObject *object, const char *name, guint max_items, GError **error);
gboolean plaza_json_find_array (
    JsonObject *object, const char *name, guint max_items, JsonArray **out, GError **error);

/** plaza_json_array_strings: Returns: (transfer full): a strv of an array that must hold only
 * strings. */
GStrv plaza_json_array_strings (JsonArray *array, gsize max_chars, GError **error);

/**
 * plaza_json_only: refuses members whose name is not in the NULL-terminated list, so that a
 * sender's typing error or a smuggled member is never silently dropped.
 */
gboolean plaza_json_only (JsonObject *object, GError **error, ...) G_GNUC_NULL_TERMINATED;

/**
 * plaza_json_write: canonical bytes of @node: no blanks, members sorted by the bytes of their
 * names, UTF-8 unescaped but for quotes, backslash and controls, integers in decimal, doubles with
 * the fewest digits that read back equal. The same tree always gives the same bytes. Returns:
 * (transfer full): without trailing NUL.
 */
GBytes *plaza_json_write (JsonNode *node);

/** plaza_json_write_string: plaza_json_write() as a C string. Returns: (transfer full). */
char *plaza_json_write_string (JsonNode *node);

/** plaza_json_write_object: as plaza_json_write() for an object. Returns: (transfer full). */
GBytes *plaza_json_write_object (JsonObject *object);

G_END_DECLS
