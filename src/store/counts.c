/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-store"

#include "store/contact-pool.h"
#include "wire/receipt.h"

static gboolean
counts_job (PlazaStore *self, PlazaDatabase *db, gpointer data, GError **error)
{
  PlazaCounts *counts = data;
  g_autoptr (PlazaRows) rows = NULL;
  g_autoptr (GError) local = NULL;
  gint64 value;

  rows =
      plaza_database_query (db, error, "SELECT state, count (*) FROM response GROUP BY state", "");
  if (rows == NULL)
    return FALSE;
  while (plaza_rows_next (rows, &local))
    {
      guint count = plaza_rows_int (rows, 1);

      switch (plaza_rows_int (rows, 0))
        {
        case 0:
          counts->drafts = count;
          break;
        case PLAZA_ENTRY_PACKED:
          counts->packed = count;
          G_GNUC_FALLTHROUGH;
        case PLAZA_ENTRY_WAITING:
          counts->waiting += count;
          break;
        case PLAZA_ENTRY_DELIVERED:
          counts->delivered = count;
          break;
        case PLAZA_ENTRY_REFUSED:
          counts->refused = count;
          break;
        default:
          break;
        }
    }
  if (local != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  if (!plaza_database_get_int (
          db, 0, &value, error,
          "SELECT count (*) FROM entry WHERE state IN (1, 2) AND kind IN (?, ?, ?)", "iii",
          (gint64) PLAZA_ENTRY_SESSION, (gint64) PLAZA_ENTRY_VOID, (gint64) PLAZA_ENTRY_WITHDRAWAL))
    return FALSE;
  counts->other_waiting = value;
  if (counts->refused > 0)
    {
      if (!plaza_database_get_int (
              db, 0, &value, error,
              "SELECT count (*) FROM response AS r WHERE r.state = ? AND (SELECT e.problem FROM "
              "entry AS e WHERE e.response = r.number AND e.state = ? ORDER BY e.number DESC "
              "LIMIT 1) = ?",
              "iit", (gint64) PLAZA_ENTRY_REFUSED, (gint64) PLAZA_ENTRY_REFUSED,
              plaza_receipt_status_name (PLAZA_RECEIPT_QUARANTINED)))
        return FALSE;
      counts->quarantined = value;
    }
  return plaza_database_get_int (db, 0, &counts->last_delivered_ms, error,
                                 "SELECT max (delivered_ms) FROM envelope", "") &&
         plaza_contact_pool_count (self, db, &counts->contacts_waiting, NULL, error);
}

gboolean
plaza_store_get_counts (PlazaStore *self, PlazaCounts *out, GError **error)
{
  *out = (PlazaCounts){ 0 };
  return plaza_store_call (self, PLAZA_STORE_READ, counts_job, out, error);
}
