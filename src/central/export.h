/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "central/central.h"

G_BEGIN_DECLS

typedef struct
{
  guint64 responses; /* counted: neither void nor withdrawn, in the campaign's time */
  guint64 late;      /* neither void nor withdrawn, asked or keyed after the campaign's dates */
  guint64 revisions;
  guint64 topics; /* rows of topics.csv */
  guint64 conflicts;
  guint64 voided;
  guint64 withdrawn;
  guint64 withdrawal_asked;
  guint64 outcomes;
  guint64 sessions;
  guint64 contacts;
  guint64 contacts_expected; /* by what devices said at hand-in */
} PlazaExportCounts;

/**
 * plaza_export: writes what the central holds to @out, which must not exist:
 *
 *   responses/RESPONSE.xml            exact bytes of the revision that holds
 *   revisions/RESPONSE/REVISION.xml   exact bytes of every revision
 *   responses.csv, topics.csv         one row a response, one a repeat instance of it; the late
 *                                     ones are marked so
 *   outcomes.csv, sessions.csv        tallies
 *   excluded.csv                      what is void or withdrawn, without content
 *   devices.csv                       what came from each laptop, and what is missing
 *   contacts/ID.contact, contacts.csv sealed as they came, by random id
 *   summary.json                      the counts; written last
 *
 * The same database gives the same bytes. Needs the memory of one response and of the sessions.
 * @form_id: (nullable): only this form
 */
gboolean plaza_export (PlazaCentral *central,
                       PlazaStorage *storage,
                       const char *out,
                       const char *form_id,
                       PlazaExportCounts *counts,
                       GError **error);

G_END_DECLS
