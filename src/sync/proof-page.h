/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <cairo.h>
#include <glib.h>

G_BEGIN_DECLS

/** Letter, in points. */
#define PLAZA_PROOF_PAGE_WIDTH 612.0
#define PLAZA_PROOF_PAGE_HEIGHT 792.0

/** PlazaProofPages: the lines of a proof on letter pages, the first as a title, numbered. The file
 * and the printer get the same pages. One thread. */
typedef struct _PlazaProofPages PlazaProofPages;

/** plaza_proof_pages_new: @text: UTF-8, a line a line. */
PlazaProofPages *plaza_proof_pages_new (GBytes *text);
void plaza_proof_pages_free (PlazaProofPages *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlazaProofPages, plaza_proof_pages_free)

guint plaza_proof_pages_count (PlazaProofPages *self);

/** plaza_proof_pages_draw: page number @page, from 0, on a surface whose units are points. */
void plaza_proof_pages_draw (PlazaProofPages *self, guint page, cairo_t *cairo);

/** plaza_proof_page_render: all pages as PDF. (transfer full) PLAZA_ERROR_FAILED. */
GBytes *plaza_proof_page_render (GBytes *text, GError **error);

G_END_DECLS
