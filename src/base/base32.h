/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/** plaza_base32_encode: Crockford base32, upper case, no padding. Returns: (transfer full). */
char *plaza_base32_encode (const void *bytes, gsize length);

/**
 * plaza_base32_decode: tolerant: any case, O as 0, I and L as 1, blanks and hyphens anywhere.
 * @expected: number of bytes wanted; another length, or set bits beyond it, is PLAZA_ERROR_INVALID
 * Returns: (transfer full)
 */
GBytes *plaza_base32_decode (const char *text, gsize expected, GError **error);

/** plaza_base32_group: @text with a hyphen after every @size characters. Returns: (transfer full).
 */
char *plaza_base32_group (const char *text, guint size);

/**
 * plaza_base32_encode_checked: base32 with Crockford's check symbol (0-9 A-Z without ILOU, * ~ $ =
 * U) at the end, in groups of four: what a person reads aloud or types. Returns: (transfer full).
 */
char *plaza_base32_encode_checked (const void *bytes, gsize length);

/** plaza_base32_decode_checked: as plaza_base32_decode(), and the check symbol must agree. */
GBytes *plaza_base32_decode_checked (const char *text, gsize expected, GError **error);

/** plaza_base64url_encode: RFC 4648 section 5 without padding. Returns: (transfer full). */
char *plaza_base64url_encode (const void *bytes, gsize length);

/**
 * plaza_base64url_decode: strict: no padding, no blanks, unused bits zero, so one text per value.
 * @expected: number of bytes wanted, or 0 for any. Returns: (transfer full).
 */
GBytes *plaza_base64url_decode (const char *text, gsize expected, GError **error);

G_END_DECLS
