/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * Wrong passphrases of the profile in @folder: counted on disk before one is tried, so that killing
 * the program does not take one back. Never a wipe: losing data is worse.
 */

/** plaza_tries_get_wait: seconds until the next try is allowed. */
guint plaza_tries_get_wait (const char *folder);

/** plaza_tries_begin: counts one as wrong. PLAZA_ERROR_REFUSED while it has to wait. */
gboolean plaza_tries_begin (const char *folder, GError **error);

/** plaza_tries_forget: the passphrase was right. */
gboolean plaza_tries_forget (const char *folder, GError **error);

G_END_DECLS
