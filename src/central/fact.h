/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "central/intake.h"

G_BEGIN_DECLS

/* One entry on its way into the tables of its kind, inside the writer's transaction. */
typedef struct
{
  PlazaIntake *intake;
  PlazaStorage *storage;
  const PlazaDevice *author; /* who signed */
  PlazaEntry *entry;
} PlazaFact;

/**
 * plaza_fact_store: a revision, outcome, void, withdrawal or session that is not there yet.
 * @status: (out): PLAZA_RECEIPT_STORED, _CONFLICT, or _REJECTED when nothing was kept
 */
gboolean plaza_fact_store (PlazaFact *fact, PlazaReceiptStatus *status, GError **error);

/**
 * plaza_fact_hold: keeps the payload aside as it came, because its id is taken or its device
 * revoked.
 */
gboolean plaza_fact_hold (PlazaFact *fact, GError **error);

/** plaza_fact_look: adds to @keys what plaza_fact_store() of @entry will look up. */
void plaza_fact_look (PlazaEntry *entry, PlazaLookahead *keys);

G_END_DECLS
