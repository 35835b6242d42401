/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "app/window.h"

G_BEGIN_DECLS

typedef enum
{
  PLAZA_STICK_DIALOG_SAVE,
  PLAZA_STICK_DIALOG_READ,
  PLAZA_STICK_DIALOG_UPLOAD, /* folders are read, everything is delivered, each file is told of */
} PlazaStickDialogMode;

/**
 * PlazaStickDialog: takes envelopes and receipts to a USB stick or from it, and delivers folders in
 * bulk: which stick, how far it is, what became of everything. It offers the sticks that are there
 * before any other folder. Closing it while it works asks; what was done until then counts.
 */
#define PLAZA_TYPE_STICK_DIALOG (plaza_stick_dialog_get_type ())
G_DECLARE_FINAL_TYPE (PlazaStickDialog, plaza_stick_dialog, PLAZA, STICK_DIALOG, AdwWindow)

/** plaza_stick_dialog_new: over @window, for its unlocked profile. */
PlazaStickDialog *plaza_stick_dialog_new (PlazaWindow *window, PlazaStickDialogMode mode);

/** plaza_stick_dialog_begin: works on @folders at once, as when a person has chosen them; saving
 * takes the first. */
void plaza_stick_dialog_begin (PlazaStickDialog *self, const char *const *folders);

G_END_DECLS
