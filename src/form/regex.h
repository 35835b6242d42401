/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define PLAZA_REGEX_MAX_LENGTH 4096u /* bytes of a pattern */

/**
 * plaza_regex_compile: a pattern of regex(): found anywhere in the text unless it says ^ and $,
 * where $ is the very end. The work of one match is limited.
 *
 * Returns: (transfer full): NULL with PLAZA_ERROR_INVALID or PLAZA_ERROR_LIMIT.
 */
GRegex *plaza_regex_compile (const char *pattern, GError **error);

/** plaza_regex_match: PLAZA_ERROR_LIMIT when the pattern backtracks too much. */
gboolean plaza_regex_match (GRegex *regex, const char *text, gboolean *matches, GError **error);

G_END_DECLS
