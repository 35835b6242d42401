/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * PlazaHttps: reads documents from one https server, one after the other over one connection. It
 * follows no redirect, speaks TLS 1.2 or newer, and checks the certificate always.
 */
typedef struct _PlazaHttps PlazaHttps;

/** plaza_https_new: @ca: (nullable): PEM file of the authority to trust instead of the system's. */
PlazaHttps *plaza_https_new (const char *ca, GError **error);
void plaza_https_free (PlazaHttps *self);

/**
 * plaza_https_get: the body of a 200 answer of at most @max_bytes.
 * Errors: PLAZA_ERROR_OFFLINE (cannot be reached, stalls, certificate), PLAZA_ERROR_LIMIT (larger),
 * PLAZA_ERROR_REFUSED (any other status, redirects too), PLAZA_ERROR_INVALID (no https URL).
 */
GBytes *plaza_https_get (PlazaHttps *self, const char *url, gsize max_bytes, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlazaHttps, plaza_https_free)

G_END_DECLS
