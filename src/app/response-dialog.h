/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "app/window.h"
#include "store/response.h"

G_BEGIN_DECLS

/**
 * PlazaResponseDialog: one finished response: how it stands, and what can be done with it: correct
 * it, ask for it not to be counted, withdraw it.
 */
#define PLAZA_TYPE_RESPONSE_DIALOG (plaza_response_dialog_get_type ())
G_DECLARE_FINAL_TYPE (PlazaResponseDialog, plaza_response_dialog, PLAZA, RESPONSE_DIALOG, AdwWindow)

PlazaResponseDialog *
plaza_response_dialog_new (PlazaWindow *window, PlazaStore *store, PlazaResponse *response);

/* Asks why the response of that id should not count, and notes it. */
void plaza_response_ask_void (PlazaWindow *window, PlazaStore *store, const char *id);

/* Asks for the folio of whoever withdraws, says what is lost, and does it. @folio: (nullable): to
 * begin with. */
void plaza_response_ask_withdraw (PlazaWindow *window, PlazaStore *store, const char *folio);

G_END_DECLS
