/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/**
 * PlazaRecoveryView: a request or an answer of seal/recovery.h on screen, in the three ways it can
 * travel: numbered lines to be read aloud, a QR code to be photographed, a file to be sent.
 */
#define PLAZA_TYPE_RECOVERY_VIEW (plaza_recovery_view_get_type ())
G_DECLARE_FINAL_TYPE (PlazaRecoveryView, plaza_recovery_view, PLAZA, RECOVERY_VIEW, AdwBin)

/* @file_name: what the saved file is called to begin with. */
void plaza_recovery_view_show (PlazaRecoveryView *self, GBytes *message, const char *file_name);

/* Reads a message from a file of any of the three kinds: bytes, lines of text, a picture with a QR
 * code. (transfer full) PLAZA_ERROR_INVALID and the readers' errors. */
GBytes *plaza_recovery_view_read (GFile *file, GError **error);

/* Asks for such a file; @callback gets it as GFile, or is not called. */
void plaza_recovery_view_choose (GtkWidget *widget,
                                 const char *title,
                                 void (*callback) (GFile *file, gpointer user_data),
                                 gpointer user_data);

G_END_DECLS
