/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/** plaza_proof_page_render: the lines of @text on letter pages, the first as a title, numbered;
 * PDF. (transfer full) PLAZA_ERROR_FAILED. */
GBytes *plaza_proof_page_render (GBytes *text, GError **error);

G_END_DECLS
