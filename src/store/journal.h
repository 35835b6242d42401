/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define PLAZA_JOURNAL_FILE "journal.jsonl"

/**
 * plaza_journal_add: one line of JSON at the end of <data root>/journal.jsonl, durable: what was
 * done to keys and profiles on this laptop, and when. It holds ids, never an answer, a key or the
 * name of a person.
 * @event: "recovery-asked", "hand-in"…
 * @...: pairs of a member's name and its text, ended by NULL
 */
gboolean plaza_journal_add (const char *data_root, const char *event, GError **error, ...)
    G_GNUC_NULL_TERMINATED;

G_END_DECLS
