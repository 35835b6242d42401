/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "central/writer.h"

G_BEGIN_DECLS

/**
 * PlazaJudge: after the commit, validates each revision with the engine that asked it and writes
 * what it finds as marks. It drops nothing, and what it had no time for is judged at the next
 * start.
 */
typedef struct _PlazaJudge PlazaJudge;

/** plaza_judge_start: in a thread of its own; @central and @writer must outlive it. */
PlazaJudge *plaza_judge_start (PlazaCentral *central, PlazaWriter *writer);

/** plaza_judge_stop: finishes the one it has in hand and frees. */
void plaza_judge_stop (PlazaJudge *self);

G_END_DECLS
