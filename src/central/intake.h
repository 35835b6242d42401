/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "central/central.h"
#include "wire/envelope.h"
#include "wire/result.h"

G_BEGIN_DECLS

/**
 * PlazaIntake: one envelope on its way into the database. First opened (any thread, nothing
 * written), then stored (the writer's thread, inside its transaction), then, after the commit,
 * answered with a receipt.
 */
typedef struct
{
  PlazaEnvelopeInfo info;
  PlazaCampaign *campaign;
  GPtrArray *entries; /* (element-type PlazaEntry) */
  gboolean contacts;  /* a contact envelope */
  gboolean destroys;  /* a withdrawal is among the entries */
  /* set by plaza_intake_store() */
  guint8 *statuses; /* PlazaReceiptStatus of each entry */
  gint64 time;
  guint n_late; /* of the entries it took in: after the campaign's dates */
  guint64 audit_sequence;
  PlazaHash audit_head;
} PlazaIntake;

void plaza_intake_free (PlazaIntake *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlazaIntake, plaza_intake_free)

/**
 * plaza_intake_open: verifies the author's signature, then opens @envelope.
 * @reader: a connection to look the author up in
 * @result: (out): why not: PLAZA_RESULT_ENVELOPE (not one, of an unknown device, a wrong signature,
 * does not open), PLAZA_RESULT_CAMPAIGN (not a campaign of this central), PLAZA_RESULT_TOO_LARGE,
 * PLAZA_RESULT_BUSY
 */
PlazaIntake *plaza_intake_open (PlazaCentral *central,
                                PlazaStorage *reader,
                                GBytes *envelope,
                                PlazaResult *result,
                                GError **error);

/** plaza_intake_look: adds to @keys what plaza_intake_store() will look up. */
void plaza_intake_look (PlazaIntake *self, PlazaLookahead *keys);

/**
 * plaza_intake_store: takes every entry in exactly once by id and hash and decides its status.
 * Inside a transaction; may be run again from the start after a rollback.
 */
gboolean plaza_intake_store (PlazaIntake *self, PlazaStorage *storage, GError **error);

/** plaza_intake_note: counts and logs what became of it; once, after the commit. */
void plaza_intake_note (const PlazaIntake *self);

/** plaza_intake_receipt: only after the commit. Returns: (transfer full): the receipt's bytes. */
GBytes *plaza_intake_receipt (PlazaIntake *self, PlazaCentral *central, GError **error);

/**
 * plaza_intake_receipt_again: a receipt for an envelope that is in already, as of now. Contact
 * envelopes leave no trace and are unknown here.
 * Returns: (transfer full): or NULL, without @error when it is not known
 */
GBytes *plaza_intake_receipt_again (PlazaCentral *central,
                                    PlazaStorage *reader,
                                    const PlazaHash *envelope,
                                    GError **error);

/**
 * plaza_intake_accept: an administrator's decision to take in what a revoked device sent; inside a
 * transaction. What is now under another entry's id stays aside. The device stays revoked.
 * @n: (out): how many entries
 */
gboolean plaza_intake_accept (
    PlazaCentral *central, PlazaStorage *storage, const char *device, guint *n, GError **error);

/**
 * plaza_intake_listing: one line of what an envelope's audit row vouches for; the row's details end
 * with the hash over these lines in order.
 */
void plaza_intake_listing (GString *listing, const PlazaStoredEntry *entry);

/** plaza_intake_details: the details of an envelope's audit row. Returns: (transfer full). */
char *plaza_intake_details (guint n_entries, const GString *listing);

G_END_DECLS
