/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-store"

#include "store/response-private.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/folio.h"
#include "base/uuid.h"

/* Voiding and withdrawing a response that is finished. */
typedef struct
{
  const char *response; /* NULL: by folio alone */
  const char *folio;
  const char *reason; /* of a void */
  gint64 number;
  gint64 packed; /* revisions that are in an envelope or at the central */
} Removal;

static PlazaEntry *
make_entry (PlazaStore *store, PlazaEntryKind kind, const Removal *removal, GError **error)
{
  const PlazaEnrolment *enrolment = plaza_store_require_enrolment (store, error);
  g_autofree char *id = plaza_uuid_v7 ();
  g_autofree char *at = plaza_clock_format (plaza_clock_now_ms ());
  PlazaRemoval parts;

  if (enrolment == NULL)
    return NULL;
  parts = (PlazaRemoval){
    .campaign = plaza_store_get_campaign (store)->fingerprint,
    .response = (char *) removal->response,
    .folio = (char *) (removal->response ? NULL : removal->folio),
    .device = enrolment->device,
    .author = enrolment->person,
    .reason = (char *) removal->reason,
    .at = at,
  };
  return plaza_entry_new_removal (kind, id, &parts, 1, error);
}

static gboolean
find_response (PlazaDatabase *db, Removal *removal, GError **error)
{
  g_autoptr (PlazaRows) rows = NULL;
  g_autoptr (GError) local = NULL;

  rows = plaza_database_query (
      db, error,
      "SELECT r.number, coalesce (r.outcome, -1), (SELECT count (*) FROM entry AS e "
      "WHERE e.response = r.number AND e.kind = ? AND e.state > 1) FROM response AS r WHERE r.id = "
      "?",
      "it", (gint64) PLAZA_ENTRY_REVISION, removal->response);
  if (rows == NULL)
    return FALSE;
  if (!plaza_rows_next (rows, &local))
    {
      if (local == NULL)
        return plaza_throw (error, PLAZA_ERROR_NOT_FOUND, "there is no response %s",
                            removal->response);
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  removal->number = plaza_rows_int (rows, 0);
  removal->packed = plaza_rows_int (rows, 2);
  switch (plaza_rows_int (rows, 1))
    {
    case PLAZA_OUTCOME_COMPLETED:
    case PLAZA_OUTCOME_PARTIAL:
      return TRUE;
    case -1:
      return plaza_throw (error, PLAZA_ERROR_REFUSED, "the interview has not ended");
    default:
      return plaza_throw (error, PLAZA_ERROR_REFUSED, "the response has no answers");
    }
}

static gboolean
void_job (PlazaStore *store, PlazaDatabase *db, gpointer data, GError **error)
{
  Removal *removal = data;
  g_autoptr (PlazaEntry) entry = NULL;

  if (!find_response (db, removal, error))
    return FALSE;
  entry = make_entry (store, PLAZA_ENTRY_VOID, removal, error);
  if (entry == NULL || !plaza_store_add_entry (store, db, entry, removal->number, NULL, error) ||
      !plaza_database_run (db, error, "UPDATE response SET voided = 1 WHERE number = ?", "i",
                           removal->number))
    return FALSE;
  plaza_store_touch (store, removal->response);
  return plaza_store_settle_state (db, removal->number, error);
}

gboolean
plaza_response_void (PlazaStore *store, const char *id, const char *reason, GError **error)
{
  Removal removal = { .response = id, .reason = reason };

  return plaza_store_call (store, PLAZA_STORE_WRITE, void_job, &removal, error);
}

/* The counted outcome that takes the place of revisions which never left: their header without the
 * revision. NULL with @error. */
static PlazaEntry *
make_outcome (PlazaStore *store, PlazaDatabase *db, const Removal *removal, GError **error)
{
  g_autoptr (PlazaRows) rows = NULL;
  g_autoptr (PlazaEntry) entry = NULL;
  g_autoptr (PlazaRevision) revision = NULL;
  g_autofree char *id = plaza_uuid_v7 ();
  PlazaHeader header;

  rows = plaza_database_query (db, error,
                               "SELECT e.kind, e.id, c.key, c.sealed FROM entry AS e LEFT JOIN "
                               "content AS c ON c.number = e.number WHERE e.response = ? AND "
                               "e.kind = ? ORDER BY e.number DESC LIMIT 1",
                               "ii", removal->number, (gint64) PLAZA_ENTRY_REVISION);
  if (rows == NULL || !plaza_rows_next (rows, error))
    return NULL;
  entry = plaza_store_open_entry (store, rows, 0, 1, error);
  revision = entry ? plaza_entry_get_revision (entry, error) : NULL;
  if (revision == NULL)
    return NULL;
  header = revision->header;
  header.revision = header.parent = header.parent_hash = header.last_question = NULL;
  header.outcome = PLAZA_OUTCOME_WITHDRAWN;
  return plaza_entry_new_outcome (id, &header, 1, error);
}

static gboolean
destroy_content (PlazaDatabase *db, const Removal *removal, GError **error)
{
  return plaza_database_run (db, error,
                             "DELETE FROM event WHERE number / 1048576 IN (SELECT number FROM "
                             "draft WHERE response = ?)",
                             "i", removal->number) &&
         plaza_database_run (db, error, "DELETE FROM draft WHERE response = ?", "i",
                             removal->number) &&
         /* What was never packed will not be; of the rest the stub stays. */
         plaza_database_run (db, error, "DELETE FROM entry WHERE response = ? AND state = 1", "i",
                             removal->number) &&
         plaza_database_run (db, error,
                             "DELETE FROM content WHERE number IN (SELECT number FROM entry "
                             "WHERE response = ?)",
                             "i", removal->number);
}

static gboolean
withdraw_job (PlazaStore *store, PlazaDatabase *db, gpointer data, GError **error)
{
  Removal *removal = data;
  g_autoptr (PlazaEntry) entry = NULL;

  if (!find_response (db, removal, error))
    return FALSE;
  entry = removal->packed > 0 ? make_entry (store, PLAZA_ENTRY_WITHDRAWAL, removal, error)
                              : make_outcome (store, db, removal, error);
  if (entry == NULL || !destroy_content (db, removal, error) ||
      !plaza_store_add_entry (store, db, entry, removal->number, NULL, error) ||
      !plaza_database_run (db, error,
                           "UPDATE response SET outcome = ?, purged = 1 WHERE number = ?", "ii",
                           (gint64) PLAZA_OUTCOME_WITHDRAWN, removal->number))
    return FALSE;
  plaza_store_touch (store, removal->response);
  plaza_store_shred (store, removal->response);
  return plaza_store_settle_state (db, removal->number, error);
}

gboolean
plaza_response_withdraw (PlazaStore *store, const char *id, GError **error)
{
  Removal removal = { .response = id };

  return plaza_store_call (store, PLAZA_STORE_WRITE, withdraw_job, &removal, error);
}

static gboolean
withdraw_elsewhere_job (PlazaStore *store, PlazaDatabase *db, gpointer data, GError **error)
{
  g_autoptr (PlazaEntry) entry = make_entry (store, PLAZA_ENTRY_WITHDRAWAL, data, error);

  return entry != NULL && plaza_store_add_entry (store, db, entry, 0, NULL, error);
}

gboolean
plaza_response_withdraw_folio (PlazaStore *store,
                               const char *folio,
                               gboolean *out_here,
                               GError **error)
{
  g_autofree char *normal = plaza_folio_normalise (folio);
  g_autoptr (PlazaResponse) response = NULL;
  g_autoptr (GError) local = NULL;
  Removal removal = { .folio = normal };

  if (normal == NULL)
    return plaza_throw (error, PLAZA_ERROR_INVALID, "this is no folio");
  response = plaza_response_find (store, normal, &local);
  if (out_here != NULL)
    *out_here = response != NULL;
  if (response != NULL)
    return plaza_response_withdraw (store, plaza_response_get_id (response), error);
  if (!g_error_matches (local, PLAZA_ERROR, PLAZA_ERROR_NOT_FOUND))
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  return plaza_store_call (store, PLAZA_STORE_WRITE, withdraw_elsewhere_job, &removal, error);
}
