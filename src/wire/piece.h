/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/*
 * An envelope sent in pieces: GET /v1/uploads/ID says how many bytes of it the central holds, PATCH
 * adds the next piece. The answer to the last piece is the receipt.
 */

#define PLAZA_PIECE_MEDIA_TYPE "application/vnd.plaza.piece"
/** Largest piece. */
#define PLAZA_PIECE_MAX_BYTES (1u << 20)

/** Headers of a piece: where it begins, how long the envelope is, and its check. */
#define PLAZA_PIECE_OFFSET_HEADER "Upload-Offset"
#define PLAZA_PIECE_LENGTH_HEADER "Upload-Length"
#define PLAZA_PIECE_DIGEST_HEADER "Content-Digest"

/** plaza_piece_digest: "blake2b-256=:BASE64:" of @length bytes. Returns: (transfer full). */
char *plaza_piece_digest (const void *data, gsize length);

/** plaza_piece_digest_is_valid: whether @digest has that form, of whatever bytes. */
gboolean plaza_piece_digest_is_valid (const char *digest);

/** plaza_piece_digest_check: whether @digest is that of @length bytes. */
gboolean plaza_piece_digest_check (const char *digest, const void *data, gsize length);

/** plaza_piece_offset_to_json: Returns: (transfer full): {"offset"}. */
GBytes *plaza_piece_offset_to_json (guint64 offset);

/**
 * plaza_piece_offset_parse: the offset that the central holds, from {"offset"} or from the body of
 * a 409 with code "offset". PLAZA_ERROR_INVALID when it is neither, or beyond the largest envelope.
 */
gboolean plaza_piece_offset_parse (GBytes *json, guint64 *offset, GError **error);

G_END_DECLS
