/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "app/window.h"
#include "sync/proof.h"

G_BEGIN_DECLS

/** plaza_proof_print: asks with the desktop's dialog and prints the pages of the proof, the same as
 * in its PDF. Says by itself when that fails. */
void plaza_proof_print (PlazaWindow *window, const PlazaProof *proof);

G_END_DECLS
