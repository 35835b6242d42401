/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "app/window.h"

G_BEGIN_DECLS

/** PlazaPassphraseDialog: changes the passphrase of the unlocked profile; asks for the old one. */
#define PLAZA_TYPE_PASSPHRASE_DIALOG (plaza_passphrase_dialog_get_type ())
G_DECLARE_FINAL_TYPE (
    PlazaPassphraseDialog, plaza_passphrase_dialog, PLAZA, PASSPHRASE_DIALOG, AdwWindow)

PlazaPassphraseDialog *plaza_passphrase_dialog_new (PlazaWindow *window, PlazaProfile *profile);

G_END_DECLS
