/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * plaza_contacts_open: what custodians do with an export, away from the server: opens every contact
 * with the custody key into one CSV, a row each in the order of their random ids.
 * @folder: an export, or its folder contacts
 * @key: path of the custody key
 * @out: the CSV, which must not exist; mode 0600
 * @n: (out): how many
 * Errors: PLAZA_ERROR_NOT_FOUND (no contact there), PLAZA_ERROR_SIGNATURE (sealed to another key,
 * or changed), PLAZA_ERROR_EXISTS; nothing is written then.
 */
gboolean plaza_contacts_open (
    const char *folder, const char *key, const char *out, guint *n, GError **error);

G_END_DECLS
