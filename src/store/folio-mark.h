/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/error.h"

G_BEGIN_DECLS

/**
 * The highest folio serial that a profile ever gave out, in the file `folios` of its folder, beside
 * the keyfile and outside the database: a database that was repaired or put back from an older copy
 * must not begin again where the copy stood. Whoever brings a profile back without this file, or
 * finds it damaged, jumps ahead by PLAZA_FOLIO_MARGIN.
 */

#define PLAZA_FOLIO_MARK "folios"
/** More than anybody asks between two copies. */
#define PLAZA_FOLIO_MARGIN 1000

/**
 * plaza_folio_mark_take: the next serial, which is @counted or above every one that was given out,
 * noted before it returns.
 * @counted: what the database says comes next
 * Errors: PLAZA_ERROR_DISK.
 */
gboolean
plaza_folio_mark_take (const char *folder, gint64 counted, gint64 *out_serial, GError **error);

/** plaza_folio_mark_raise: what comes next is above @serial: a device that may have to share its
 * batch, or a profile that comes back from a copy. */
gboolean plaza_folio_mark_raise (const char *folder, gint64 serial, GError **error);

/** plaza_folio_mark_read: 0 when there is none; above PLAZA_FOLIO_MARGIN when it is damaged. */
gint64 plaza_folio_mark_read (const char *folder);

G_END_DECLS
