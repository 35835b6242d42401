/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-store"

#include "store/session-private.h"

#include "base/error.h"
#include "base/uuid.h"
#include "form/interview.h"
#include "store/fill.h"
#include "store/summary.h"

/* One response of the session as it is stored. */
typedef struct
{
  gint64 number;
  char *id;
  char *folio;
  gboolean draft;
  PlazaEntry *entry; /* newest revision, NULL when none is kept here */
  gboolean keeps;    /* its outcome keeps answers */
} Member;

static void
member_free (gpointer data)
{
  Member *member = data;

  g_free (member->id);
  g_free (member->folio);
  g_clear_pointer (&member->entry, plaza_entry_unref);
  g_free (member);
}

void
plaza_new_revision_free (PlazaNewRevision *revision)
{
  g_free (revision->response);
  g_clear_pointer (&revision->entry, plaza_entry_unref);
  g_clear_pointer (&revision->key, plaza_secret_unref);
  g_free (revision);
}

gboolean
plaza_new_revision_store (PlazaStore *store,
                          PlazaDatabase *db,
                          PlazaNewRevision *revision,
                          GError **error)
{
  return plaza_store_add_entry (store, db, revision->entry, revision->response_number,
                                revision->key, error) &&
         plaza_store_settle_state (db, revision->response_number, error);
}

typedef struct
{
  gint64 session;
  GPtrArray *members;
} Query;

static Member *
read_member (PlazaStore *store, PlazaRows *rows, GError **error)
{
  g_autoptr (GBytes) sealed = plaza_rows_bytes (rows, 4);
  g_auto (PlazaSummary) summary = { 0 };
  Member *member = g_new0 (Member, 1);
  gint64 outcome = plaza_rows_int (rows, 2);
  GError *local = NULL;

  member->number = plaza_rows_int (rows, 0);
  member->id = g_strdup (plaza_rows_text (rows, 1));
  member->draft = outcome < 0;
  member->keeps = !member->draft && plaza_outcome_keeps_answers ((PlazaOutcome) outcome);
  if (plaza_summary_open (store, member->id, sealed, &summary, &local))
    {
      member->folio = g_steal_pointer (&summary.folio);
      if (member->keeps && !plaza_rows_is_null (rows, 8))
        member->entry = plaza_store_open_entry (store, rows, 5, 1, &local);
    }
  if (local == NULL)
    return member;
  g_propagate_error (error, local);
  member_free (member);
  return NULL;
}

static gboolean
members_job (PlazaStore *store, PlazaDatabase *db, gpointer data, GError **error)
{
  Query *query = data;
  g_autoptr (PlazaRows) rows = NULL;
  GError *local = NULL;

  rows = plaza_database_query (
      db, error,
      "SELECT r.number, r.id, coalesce (r.outcome, -1), r.voided, r.summary, e.kind, e.id, c.key, "
      "c.sealed FROM response AS r LEFT JOIN entry AS e ON e.number = (SELECT max (number) FROM "
      "entry WHERE response = r.number AND kind = ?) LEFT JOIN content AS c ON c.number = e.number "
      "WHERE r.session = ? ORDER BY r.number",
      "ii", (gint64) PLAZA_ENTRY_REVISION, query->session);
  if (rows == NULL)
    return FALSE;
  while (plaza_rows_next (rows, &local))
    {
      Member *member = read_member (store, rows, &local);

      if (member == NULL)
        break;
      g_ptr_array_add (query->members, member);
    }
  if (local != NULL)
    g_propagate_error (error, local);
  return local == NULL;
}

/* The submission with the session's fields filled in anew; everything else as it was answered. */
static GBytes *
refill (PlazaSession *self,
        const PlazaSessionFields *fields,
        PlazaRevision *parent,
        const char *instance_id,
        GError **error)
{
  PlazaInterviewContext context = { .instance_id = instance_id };
  g_autoptr (PlazaForm) form = NULL;
  g_autoptr (PlazaInterview) interview = NULL;
  g_autoptr (GPtrArray) fills = NULL;

  form = plaza_store_get_form (plaza_session_get_store (self), parent->header.form_id,
                               parent->header.form_version, error);
  if (form == NULL)
    return NULL;
  interview = plaza_interview_new_from_submission (form, parent->xml, TRUE, &context, error);
  if (interview == NULL)
    return NULL;
  fills = plaza_fill_list (interview, plaza_session_get_id (self), fields, NULL, NULL);
  for (guint i = 0; i < fills->len; i++)
    {
      const PlazaFill *fill = g_ptr_array_index (fills, i);

      if (!plaza_interview_set_value (interview, fill->field, fill->value, error))
        return NULL;
    }
  return plaza_interview_serialize (interview);
}

static PlazaNewRevision *
revise (PlazaSession *self, const PlazaSessionFields *fields, const Member *member, GError **error)
{
  g_autoptr (PlazaRevision) parent = plaza_entry_get_revision (member->entry, error);
  g_autofree char *id = plaza_uuid_random ();
  g_autofree char *instance_id = g_strconcat ("uuid:", id, NULL);
  g_autofree char *parent_hash = NULL;
  g_autoptr (GBytes) xml = NULL;
  g_autoptr (PlazaEntry) entry = NULL;
  PlazaNewRevision *revision;
  PlazaHeader header;

  if (parent == NULL)
    return NULL;
  xml = refill (self, fields, parent, instance_id, error);
  if (xml == NULL)
    return NULL;
  parent_hash = plaza_hash_to_string (&parent->hash);
  header = parent->header;
  header.parent = parent->header.revision;
  header.parent_hash = parent_hash;
  header.revision = id;
  header.session_state = (char *) fields->state;
  header.session_municipality = (char *) fields->municipality;
  header.session_date = (char *) fields->date;
  header.organisation = (char *) fields->organisation;
  entry =
      plaza_entry_new_revision (&header, 1, xml, parent->annotations, parent->attachments, error);
  if (entry == NULL)
    return NULL;
  revision = g_new0 (PlazaNewRevision, 1);
  revision->response_number = member->number;
  revision->response = g_strdup (member->id);
  revision->entry = g_steal_pointer (&entry);
  revision->key = plaza_secret_new_key ();
  return revision;
}

static void
note_change (GPtrArray *changes, const Member *member)
{
  PlazaSessionChange *change = g_new0 (PlazaSessionChange, 1);

  change->response = g_strdup (member->id);
  change->folio = g_strdup (member->folio);
  if (member->draft)
    change->kind = PLAZA_SESSION_CHANGE_DRAFT;
  else if (!member->keeps)
    change->kind = PLAZA_SESSION_CHANGE_SESSION;
  else
    change->kind = member->entry ? PLAZA_SESSION_CHANGE_REVISION : PLAZA_SESSION_CHANGE_AWAY;
  g_ptr_array_add (changes, change);
}

GPtrArray *
plaza_session_revise (PlazaSession *self,
                      const PlazaSessionFields *fields,
                      GPtrArray *changes,
                      GError **error)
{
  g_autoptr (GPtrArray) revisions =
      g_ptr_array_new_with_free_func ((GDestroyNotify) plaza_new_revision_free);
  g_autoptr (GPtrArray) members = g_ptr_array_new_with_free_func (member_free);
  Query query = { .session = plaza_session_get_number (self), .members = members };

  if (!plaza_store_call (plaza_session_get_store (self), PLAZA_STORE_READ, members_job, &query,
                         error))
    return NULL;
  for (guint i = 0; i < members->len; i++)
    {
      const Member *member = g_ptr_array_index (members, i);

      if (member->entry != NULL)
        {
          PlazaNewRevision *revision = revise (self, fields, member, error);

          if (revision == NULL)
            {
              g_prefix_error (error, "the response %s: ", member->folio);
              return NULL;
            }
          g_ptr_array_add (revisions, revision);
        }
      note_change (changes, member);
    }
  return g_steal_pointer (&revisions);
}
