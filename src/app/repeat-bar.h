/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "form/interview.h"

G_BEGIN_DECLS

/**
 * PlazaRepeatBar: below the page of a repeat instance, or after them: one more like it, or without
 * this one, where the form leaves that to people. Not seen elsewhere.
 *
 * Signals: "add" (PlazaField *repeat (pointer)); "remove" (PlazaField *instance (pointer)).
 */
#define PLAZA_TYPE_REPEAT_BAR (plaza_repeat_bar_get_type ())
G_DECLARE_FINAL_TYPE (PlazaRepeatBar, plaza_repeat_bar, PLAZA, REPEAT_BAR, GtkWidget)

GtkWidget *plaza_repeat_bar_new (void);

/* @field: what the page is of; NULL for none. */
void plaza_repeat_bar_set_field (PlazaRepeatBar *self, PlazaField *field);

G_END_DECLS
