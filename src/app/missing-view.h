/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "store/capture.h"

G_BEGIN_DECLS

/**
 * PlazaMissingView: what keeps an interview from being finished, by name, each one key away.
 *
 * Signal: "jump" (PlazaField *field (pointer)): go and ask that.
 */
#define PLAZA_TYPE_MISSING_VIEW (plaza_missing_view_get_type ())
G_DECLARE_FINAL_TYPE (PlazaMissingView, plaza_missing_view, PLAZA, MISSING_VIEW, GtkWidget)

GtkWidget *plaza_missing_view_new (void);

/* @missing: (element-type PlazaMissing): of plaza_capture_get_missing(). */
void plaza_missing_view_show (PlazaMissingView *self, GPtrArray *missing);

G_END_DECLS
