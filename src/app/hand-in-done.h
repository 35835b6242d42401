/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "app/screen.h"
#include "sync/proof.h"

G_BEGIN_DECLS

/** PlazaHandInDone: the profile is gone; here is the proof, to print or to copy. */
#define PLAZA_TYPE_HAND_IN_DONE (plaza_hand_in_done_get_type ())
G_DECLARE_FINAL_TYPE (PlazaHandInDone, plaza_hand_in_done, PLAZA, HAND_IN_DONE, PlazaScreen)

/* @proof: copied. @problem: (nullable): what was not erased yet, for people. */
PlazaScreen *plaza_hand_in_done_new (const PlazaProof *proof, const char *problem);

G_END_DECLS
