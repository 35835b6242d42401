/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "store/capture.h"

G_BEGIN_DECLS

/** What the field session filled in already; keying from paper it is asked like the rest. */

/** plaza_page_filled_shows: whether @field is shown as filled in rather than asked. */
gboolean plaza_page_filled_shows (PlazaCapture *capture, PlazaField *field);

/** plaza_page_filled_asks_more: whether @page asks for anything that is not filled in already. */
gboolean plaza_page_filled_asks_more (PlazaCapture *capture, PlazaPage *page);

G_END_DECLS
