/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "cli/command.h"
#include "store/unreadable.h"

G_BEGIN_DECLS

/** What a damaged store cannot give back, as status, repair, rescue and hand-in tell it. */

/** plaza_cli_unreadable_print: a line each; nothing when there is nothing. */
void plaza_cli_unreadable_print (const PlazaUnreadable *unreadable);

/** plaza_cli_unreadable_add: an object with a number of each kind, as the value that @builder
 * expects. */
void plaza_cli_unreadable_add (JsonBuilder *builder, const PlazaUnreadable *unreadable);

G_END_DECLS
