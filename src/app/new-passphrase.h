/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/**
 * PlazaNewPassphrase: chooses a passphrase: written twice, with peek, and one honest sentence about
 * it beside the field. Property "acceptable": the rules of seal/ take it and both are the same.
 * Signal "activate" (void): Enter in the second field, as far as Enter goes here.
 */
#define PLAZA_TYPE_NEW_PASSPHRASE (plaza_new_passphrase_get_type ())
G_DECLARE_FINAL_TYPE (PlazaNewPassphrase, plaza_new_passphrase, PLAZA, NEW_PASSPHRASE, AdwBin)

GtkWidget *plaza_new_passphrase_new (void);

/* @context: (array zero-terminated=1) (nullable): names that whoever finds the laptop would try. */
void plaza_new_passphrase_set_context (PlazaNewPassphrase *self, const char *const *context);

gboolean plaza_new_passphrase_get_acceptable (PlazaNewPassphrase *self);

/* The text itself, owned by the entry's locked memory: use it at once and keep no copy. */
const char *plaza_new_passphrase_get_text (PlazaNewPassphrase *self);

/* Says what is wrong even when nothing was typed, and puts the focus there. */
void plaza_new_passphrase_complain (PlazaNewPassphrase *self);

void plaza_new_passphrase_clear (PlazaNewPassphrase *self);

G_END_DECLS
