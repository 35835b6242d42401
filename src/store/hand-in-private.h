/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "store/hand-in.h"
#include "store/store-private.h"
#include "store/summary.h"

G_BEGIN_DECLS

/** The sealed value that lists what was discarded, and the problem of an envelope that was. */
#define PLAZA_HAND_IN_DISCARDED "discarded"

G_END_DECLS
