/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "seal/sealbox.h"

G_BEGIN_DECLS

/*
 * Bytes sealed to a public key as they come, for what is larger than memory.
 *
 * "PLZSTR01" (8) ‖ BLAKE2b-128 of the recipient's key (16) ‖ session key in a sealed box (80) ‖
 * secretstream header (24) ‖ chunks of at most 64 KiB + 17, all before the first as additional
 * data; the last one is marked, so that a cut file is known as such.
 */

typedef struct _PlazaStreamSealer PlazaStreamSealer;

/** plaza_stream_sealer_new: writes the beginning to @out, which it keeps a reference of. */
PlazaStreamSealer *
plaza_stream_sealer_new (GOutputStream *out, const PlazaPublicKey *recipient, GError **error);
void plaza_stream_sealer_free (PlazaStreamSealer *self);

gboolean
plaza_stream_sealer_write (PlazaStreamSealer *self, const void *data, gsize length, GError **error);

/** plaza_stream_sealer_finish: writes what waits and the mark of the end. */
gboolean plaza_stream_sealer_finish (PlazaStreamSealer *self, GError **error);

/** plaza_stream_sealer_session: (transfer none): its session key, to read back what was written. */
const PlazaSecret *plaza_stream_sealer_session (PlazaStreamSealer *self);

typedef struct _PlazaStreamOpener PlazaStreamOpener;

/**
 * plaza_stream_opener_new: reads the beginning of @in.
 * @secret: (nullable): the recipient's
 * @session: (nullable): the session key instead
 * Errors: PLAZA_ERROR_INVALID (no such stream, or cut), PLAZA_ERROR_NEWER, PLAZA_ERROR_SIGNATURE
 * (sealed to another key).
 */
PlazaStreamOpener *plaza_stream_opener_new (GInputStream *in,
                                            const PlazaSecret *secret,
                                            const PlazaSecret *session,
                                            GError **error);
void plaza_stream_opener_free (PlazaStreamOpener *self);

/**
 * plaza_stream_opener_read: exactly @length bytes, each of them authentic. Errors: those of
 * reading, PLAZA_ERROR_SIGNATURE (changed), PLAZA_ERROR_INVALID (fewer are left, or the stream is
 * cut).
 */
gboolean
plaza_stream_opener_read (PlazaStreamOpener *self, void *data, gsize length, GError **error);

/** plaza_stream_opener_finish: TRUE when everything was read, the mark of the end included, and
 * nothing follows it. */
gboolean plaza_stream_opener_finish (PlazaStreamOpener *self, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlazaStreamSealer, plaza_stream_sealer_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlazaStreamOpener, plaza_stream_opener_free)

G_END_DECLS
