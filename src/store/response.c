/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-store"

#include "store/response-private.h"

#include "base/error.h"
#include "base/folio.h"
#include "store/summary.h"
#include "store/unreadable-private.h"

struct _PlazaResponse
{
  GObject parent_instance;
  char *id;
  PlazaSummary summary;
  char *session;
  PlazaResponseState state;
  int outcome;
  gint64 started_ms;
  gint64 ended_ms;
  gint64 delivered_ms;
  gboolean voided;
  gboolean purged;
  gboolean correcting;
  char *problem;
};

enum
{
  PROP_0,
  PROP_ID,
  PROP_FOLIO,
  PROP_MODE,
  PROP_SESSION,
  PROP_STATE,
  PROP_OUTCOME,
  PROP_STARTED_MS,
  PROP_ENDED_MS,
  PROP_DELIVERED_MS,
  PROP_VOIDED,
  PROP_PURGED,
  PROP_CORRECTING,
  PROP_PROBLEM,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (PlazaResponse, plaza_response, G_TYPE_OBJECT)

static const char *const state_names[] = {
  [PLAZA_RESPONSE_DRAFT] = "draft",     [PLAZA_RESPONSE_WAITING] = "waiting",
  [PLAZA_RESPONSE_PACKED] = "packed",   [PLAZA_RESPONSE_DELIVERED] = "delivered",
  [PLAZA_RESPONSE_REFUSED] = "refused",
};

const char *
plaza_response_state_name (PlazaResponseState state)
{
  return state_names[state];
}

static void
plaza_response_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  PlazaResponse *self = PLAZA_RESPONSE (object);

  switch (id)
    {
    case PROP_ID:
      g_value_set_string (value, self->id);
      break;
    case PROP_FOLIO:
      g_value_set_string (value, self->summary.folio);
      break;
    case PROP_MODE:
      g_value_set_string (value, self->summary.mode);
      break;
    case PROP_SESSION:
      g_value_set_string (value, self->session);
      break;
    case PROP_STATE:
      g_value_set_uint (value, self->state);
      break;
    case PROP_OUTCOME:
      g_value_set_int (value, self->outcome);
      break;
    case PROP_STARTED_MS:
      g_value_set_int64 (value, self->started_ms);
      break;
    case PROP_ENDED_MS:
      g_value_set_int64 (value, self->ended_ms);
      break;
    case PROP_DELIVERED_MS:
      g_value_set_int64 (value, self->delivered_ms);
      break;
    case PROP_VOIDED:
      g_value_set_boolean (value, self->voided);
      break;
    case PROP_PURGED:
      g_value_set_boolean (value, self->purged);
      break;
    case PROP_CORRECTING:
      g_value_set_boolean (value, self->correcting);
      break;
    case PROP_PROBLEM:
      g_value_set_string (value, self->problem);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
plaza_response_finalize (GObject *object)
{
  PlazaResponse *self = PLAZA_RESPONSE (object);

  g_free (self->id);
  plaza_summary_clear (&self->summary);
  g_free (self->session);
  g_free (self->problem);
  G_OBJECT_CLASS (plaza_response_parent_class)->finalize (object);
}

static void
plaza_response_class_init (PlazaResponseClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;
  const struct
  {
    guint id;
    const char *name;
  } strings[] = { { PROP_ID, "id" },
                  { PROP_FOLIO, "folio" },
                  { PROP_MODE, "mode" },
                  { PROP_SESSION, "session" },
                  { PROP_PROBLEM, "problem" } },
    times[] = { { PROP_STARTED_MS, "started-ms" },
                { PROP_ENDED_MS, "ended-ms" },
                { PROP_DELIVERED_MS, "delivered-ms" } },
    flags_of[] = { { PROP_VOIDED, "voided" },
                   { PROP_PURGED, "purged" },
                   { PROP_CORRECTING, "correcting" } };

  object_class->get_property = plaza_response_get_property;
  object_class->finalize = plaza_response_finalize;
  for (guint i = 0; i < G_N_ELEMENTS (strings); i++)
    properties[strings[i].id] = g_param_spec_string (strings[i].name, NULL, NULL, NULL, flags);
  for (guint i = 0; i < G_N_ELEMENTS (times); i++)
    properties[times[i].id] =
        g_param_spec_int64 (times[i].name, NULL, NULL, 0, G_MAXINT64, 0, flags);
  for (guint i = 0; i < G_N_ELEMENTS (flags_of); i++)
    properties[flags_of[i].id] = g_param_spec_boolean (flags_of[i].name, NULL, NULL, FALSE, flags);
  properties[PROP_STATE] =
      g_param_spec_uint ("state", NULL, NULL, 0, PLAZA_RESPONSE_REFUSED, 0, flags);
  properties[PROP_OUTCOME] =
      g_param_spec_int ("outcome", NULL, NULL, -1, PLAZA_N_OUTCOMES - 1, -1, flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
plaza_response_init (PlazaResponse *self)
{
  self->outcome = -1;
}

const char *
plaza_response_get_id (PlazaResponse *self)
{
  return self->id;
}

const char *
plaza_response_get_folio (PlazaResponse *self)
{
  return self->summary.folio;
}

const char *
plaza_response_get_mode (PlazaResponse *self)
{
  return self->summary.mode;
}

const char *
plaza_response_get_session (PlazaResponse *self)
{
  return self->session;
}

PlazaResponseState
plaza_response_get_state (PlazaResponse *self)
{
  return self->state;
}

int
plaza_response_get_outcome (PlazaResponse *self)
{
  return self->outcome;
}

gint64
plaza_response_get_started_ms (PlazaResponse *self)
{
  return self->started_ms;
}

gint64
plaza_response_get_ended_ms (PlazaResponse *self)
{
  return self->ended_ms;
}

gint64
plaza_response_get_delivered_ms (PlazaResponse *self)
{
  return self->delivered_ms;
}

gboolean
plaza_response_get_voided (PlazaResponse *self)
{
  return self->voided;
}

gboolean
plaza_response_get_purged (PlazaResponse *self)
{
  return self->purged;
}

gboolean
plaza_response_get_correcting (PlazaResponse *self)
{
  return self->correcting;
}

const char *
plaza_response_get_problem (PlazaResponse *self)
{
  return self->problem;
}

/* Reading */

#define COLUMNS \
  "SELECT r.id, s.id, r.state, coalesce (r.outcome, -1), r.started_ms, r.ended_ms, " \
  "r.delivered_ms, r.voided, r.purged, r.summary, " \
  "r.outcome IS NOT NULL AND EXISTS (SELECT 1 FROM draft AS d WHERE d.response = r.number), " \
  "CASE WHEN r.state = 4 THEN (SELECT e.problem FROM entry AS e WHERE e.response = r.number " \
  "AND e.state = 4 ORDER BY e.number DESC LIMIT 1) END " \
  "FROM response AS r LEFT JOIN session AS s ON s.number = r.session "

static PlazaResponse *
response_from_row (PlazaStore *store, PlazaRows *rows, GError **error)
{
  g_autoptr (PlazaResponse) self = g_object_new (PLAZA_TYPE_RESPONSE, NULL);
  g_autoptr (GBytes) summary = plaza_rows_bytes (rows, 9);
  g_autoptr (GError) local = NULL;

  self->id = g_strdup (plaza_rows_text (rows, 0));
  self->session = g_strdup (plaza_rows_text (rows, 1));
  self->state = plaza_rows_int (rows, 2);
  self->outcome = (int) plaza_rows_int (rows, 3);
  self->started_ms = plaza_rows_int (rows, 4);
  self->ended_ms = plaza_rows_int (rows, 5);
  self->delivered_ms = plaza_rows_int (rows, 6);
  self->voided = plaza_rows_int (rows, 7) != 0;
  self->purged = plaza_rows_int (rows, 8) != 0;
  self->correcting = plaza_rows_int (rows, 10) != 0;
  self->problem = g_strdup (plaza_rows_text (rows, 11));
  if (plaza_summary_open (store, self->id, summary, &self->summary, &local))
    return g_steal_pointer (&self);
  if (!plaza_unreadable_is_damage (local))
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return NULL;
    }
  /* What is left of it is worth a line, and must not hide the others. */
  self->summary = (PlazaSummary){ .folio = g_strdup (PLAZA_RESPONSE_NO_FOLIO),
                                  .mode = g_strdup (""),
                                  .form_id = g_strdup (""),
                                  .form_version = g_strdup ("") };
  return g_steal_pointer (&self);
}

GPtrArray *
plaza_response_query (PlazaStore *store,
                      PlazaDatabase *db,
                      const char *id,
                      gint64 since_ms,
                      const char *session,
                      GError **error)
{
  g_autoptr (GPtrArray) responses = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (PlazaRows) rows = NULL;
  GError *local = NULL;

  rows = id != NULL
             ? plaza_database_query (db, error, COLUMNS "WHERE r.id = ?", "t", id)
             : plaza_database_query (db, error,
                                     COLUMNS
                                     "WHERE r.state = 0 OR r.started_ms >= ? OR r.ended_ms >= ? "
                                     "OR r.session = (SELECT number FROM session WHERE id = ?) "
                                     "ORDER BY r.number DESC",
                                     "iit", since_ms, since_ms, session);
  if (rows == NULL)
    return NULL;
  while (plaza_rows_next (rows, &local))
    {
      PlazaResponse *response = response_from_row (store, rows, &local);

      if (response == NULL)
        break;
      g_ptr_array_add (responses, response);
    }
  if (local == NULL)
    return g_steal_pointer (&responses);
  g_propagate_error (error, local);
  return NULL;
}

typedef struct
{
  const char *id;
  GPtrArray *responses;
} Query;

static gboolean
query_job (PlazaStore *store, PlazaDatabase *db, gpointer data, GError **error)
{
  Query *query = data;

  query->responses = plaza_response_query (store, db, query->id, 0, NULL, error);
  return query->responses != NULL;
}

static GPtrArray *
run_query (PlazaStore *store, const char *id, GError **error)
{
  Query query = { .id = id };

  return plaza_store_call (store, PLAZA_STORE_READ, query_job, &query, error) ? query.responses
                                                                              : NULL;
}

PlazaResponse *
plaza_response_load (PlazaStore *store, const char *id, GError **error)
{
  g_autoptr (GPtrArray) found = run_query (store, id, error);

  if (found != NULL && found->len == 0)
    plaza_throw (error, PLAZA_ERROR_NOT_FOUND, "there is no response %s", id);
  return found != NULL && found->len > 0 ? g_object_ref (g_ptr_array_index (found, 0)) : NULL;
}

PlazaResponse *
plaza_response_find (PlazaStore *store, const char *folio, GError **error)
{
  g_autofree char *normal = plaza_folio_normalise (folio);
  g_autoptr (GPtrArray) found = run_query (store, NULL, error);

  if (found == NULL)
    return NULL;
  for (guint i = 0; normal != NULL && i < found->len; i++)
    {
      PlazaResponse *response = g_ptr_array_index (found, i);

      if (strcmp (response->summary.folio, normal) == 0)
        return g_object_ref (response);
    }
  plaza_throw (error, PLAZA_ERROR_NOT_FOUND, "no response has this folio");
  return NULL;
}

typedef struct
{
  const char *id;
  PlazaRevision *revision;
} Reading;

static gboolean
read_job (PlazaStore *store, PlazaDatabase *db, gpointer data, GError **error)
{
  Reading *reading = data;
  g_autoptr (PlazaRows) rows = NULL;
  g_autoptr (PlazaEntry) entry = NULL;
  g_autoptr (GError) local = NULL;

  rows = plaza_database_query (db, error,
                               "SELECT e.kind, e.id, c.key, c.sealed FROM response AS r JOIN entry "
                               "AS e ON e.response = r.number LEFT JOIN content AS c ON c.number = "
                               "e.number WHERE r.id = ? AND e.kind = ? "
                               "ORDER BY e.number DESC LIMIT 1",
                               "ti", reading->id, (gint64) PLAZA_ENTRY_REVISION);
  if (rows == NULL)
    return FALSE;
  if (!plaza_rows_next (rows, &local))
    {
      if (local == NULL)
        return plaza_throw (error, PLAZA_ERROR_NOT_FOUND, "response %s has no answers here",
                            reading->id);
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  entry = plaza_store_open_entry (store, rows, 0, 1, error);
  reading->revision = entry ? plaza_entry_get_revision (entry, error) : NULL;
  return reading->revision != NULL;
}

PlazaRevision *
plaza_response_read (PlazaStore *store, const char *id, GError **error)
{
  Reading reading = { .id = id };

  return plaza_store_call (store, PLAZA_STORE_READ, read_job, &reading, error) ? reading.revision
                                                                               : NULL;
}
