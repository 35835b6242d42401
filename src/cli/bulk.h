/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "cli/command.h"
#include "sync/delivery.h"
#include "sync/stick.h"

G_BEGIN_DECLS

/** plaza_cli_stick_trouble: says in human words what ended the work of @stick early; with --json as
 * plaza_cli_fail(). Returns: the exit code. */
int plaza_cli_stick_trouble (PlazaCli *cli, PlazaStick *stick, const GError *error);

/** plaza_cli_stick_refusals: names on standard error each file that was refused, and why. */
void plaza_cli_stick_refusals (PlazaStick *stick);

/** plaza_cli_stick_save: saves with a line of progress; see plaza_stick_save_async(). */
gboolean plaza_cli_stick_save (PlazaStick *stick, const char *folder, GError **error);

/** plaza_cli_deliver: one round for @profile, or with @seconds as long as it takes up to that, with
 * a line of progress. @hand_in: also the last few contacts. */
gboolean plaza_cli_deliver (PlazaProfile *profile, gboolean hand_in, guint seconds, GError **error);

/** PlazaCliBulk: envelopes of folders on their way to the central: read, delivered, reported. */
typedef struct
{
  PlazaStick *stick;
  char *data_root;
  gint64 started_ms;
  const char *csv; /* where to write the table, or NULL */
} PlazaCliBulk;

void plaza_cli_bulk_clear (PlazaCliBulk *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PlazaCliBulk, plaza_cli_bulk_clear)

/** plaza_cli_bulk_check: before the work: whether the table can be written, saying why not; says
 * that a file is replaced. */
gboolean plaza_cli_bulk_check (PlazaCliBulk *self, PlazaCli *cli);

/** plaza_cli_bulk_read: takes the envelopes of @folders in. Returns: PLAZA_EXIT_OK, or another
 * after saying why. */
int plaza_cli_bulk_read (PlazaCliBulk *self,
                         PlazaCli *cli,
                         PlazaProfile *profile,
                         const char *const *folders,
                         GCancellable *cancellable);

/** plaza_cli_bulk_report: what became of each. @error: (nullable): why the delivery ended early.
 * Returns: the exit code. */
int plaza_cli_bulk_report (PlazaCliBulk *self, PlazaCli *cli, const GError *error);

G_END_DECLS
