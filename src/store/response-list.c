/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-store"

#include "store/response-list.h"

#include "base/error.h"
#include "store/response-private.h"

struct _PlazaResponseList
{
  GObject parent_instance;
  PlazaStore *store;
  gulong changed_handler;
  gint64 since_ms;
  char *session;        /* or NULL */
  GPtrArray *responses; /* PlazaResponse, newest first */
};

static void plaza_response_list_model_init (GListModelInterface *interface);

G_DEFINE_FINAL_TYPE_WITH_CODE (PlazaResponseList,
                               plaza_response_list,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL,
                                                      plaza_response_list_model_init))

static GType
list_get_item_type (GListModel *model)
{
  return PLAZA_TYPE_RESPONSE;
}

static guint
list_get_n_items (GListModel *model)
{
  return PLAZA_RESPONSE_LIST (model)->responses->len;
}

static gpointer
list_get_item (GListModel *model, guint position)
{
  PlazaResponseList *self = PLAZA_RESPONSE_LIST (model);

  return position < self->responses->len
             ? g_object_ref (g_ptr_array_index (self->responses, position))
             : NULL;
}

static void
plaza_response_list_model_init (GListModelInterface *interface)
{
  interface->get_item_type = list_get_item_type;
  interface->get_n_items = list_get_n_items;
  interface->get_item = list_get_item;
}

static void
plaza_response_list_finalize (GObject *object)
{
  PlazaResponseList *self = PLAZA_RESPONSE_LIST (object);

  g_clear_signal_handler (&self->changed_handler, self->store);
  g_clear_object (&self->store);
  g_clear_pointer (&self->responses, g_ptr_array_unref);
  g_free (self->session);
  G_OBJECT_CLASS (plaza_response_list_parent_class)->finalize (object);
}

static void
plaza_response_list_class_init (PlazaResponseListClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = plaza_response_list_finalize;
}

static void
plaza_response_list_init (PlazaResponseList *self)
{
}

typedef struct
{
  const char *const *ids; /* or NULL */
  gint64 since_ms;
  const char *session;
  GPtrArray *found;
} Query;

static gboolean
query_job (PlazaStore *store, PlazaDatabase *db, gpointer data, GError **error)
{
  Query *query = data;

  if (query->ids == NULL)
    {
      query->found = plaza_response_query (store, db, NULL, query->since_ms, query->session, error);
      return query->found != NULL;
    }
  query->found = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; query->ids[i] != NULL; i++)
    {
      g_autoptr (GPtrArray) one = plaza_response_query (store, db, query->ids[i], 0, NULL, error);

      if (one == NULL)
        {
          g_clear_pointer (&query->found, g_ptr_array_unref);
          return FALSE;
        }
      g_ptr_array_extend_and_steal (query->found, g_steal_pointer (&one));
    }
  return TRUE;
}

static GPtrArray *
run_query (PlazaResponseList *self, const char *const *ids, GError **error)
{
  Query query = { .ids = ids, .since_ms = self->since_ms, .session = self->session };

  return plaza_store_call (self->store, PLAZA_STORE_READ, query_job, &query, error) ? query.found
                                                                                    : NULL;
}

int
plaza_response_list_find (PlazaResponseList *self, const char *id)
{
  for (guint i = 0; i < self->responses->len; i++)
    if (strcmp (plaza_response_get_id (g_ptr_array_index (self->responses, i)), id) == 0)
      return (int) i;
  return -1;
}

static void
replace_all (PlazaResponseList *self, GPtrArray *found)
{
  guint before = self->responses->len;

  g_ptr_array_unref (self->responses);
  self->responses = g_ptr_array_ref (found);
  g_list_model_items_changed (G_LIST_MODEL (self), 0, before, found->len);
}

static void
replace_one (PlazaResponseList *self, PlazaResponse *response)
{
  int position = plaza_response_list_find (self, plaza_response_get_id (response));

  if (position < 0)
    {
      g_ptr_array_insert (self->responses, 0, g_object_ref (response));
      g_list_model_items_changed (G_LIST_MODEL (self), 0, 0, 1);
      return;
    }
  g_object_unref (g_ptr_array_index (self->responses, (guint) position));
  g_ptr_array_index (self->responses, (guint) position) = g_object_ref (response);
  g_list_model_items_changed (G_LIST_MODEL (self), (guint) position, 1, 1);
}

static void
on_responses_changed (PlazaStore *store, const char *const *ids, gpointer data)
{
  PlazaResponseList *self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) found = run_query (self, ids, &error);

  if (found == NULL)
    {
      if (!g_error_matches (error, PLAZA_ERROR, PLAZA_ERROR_LOCKED))
        g_warning ("the list of responses was not brought up to date: %s", error->message);
      return;
    }
  if (ids == NULL)
    replace_all (self, found);
  for (guint i = 0; ids != NULL && i < found->len; i++)
    replace_one (self, g_ptr_array_index (found, i));
}

PlazaResponseList *
plaza_response_list_new (PlazaStore *store, gint64 since_ms, GError **error)
{
  return plaza_response_list_new_day (store, since_ms, NULL, error);
}

PlazaResponseList *
plaza_response_list_new_day (PlazaStore *store,
                             gint64 since_ms,
                             const char *session,
                             GError **error)
{
  g_autoptr (PlazaResponseList) self = g_object_new (PLAZA_TYPE_RESPONSE_LIST, NULL);

  self->store = g_object_ref (store);
  self->since_ms = since_ms;
  self->session = g_strdup (session);
  self->responses = run_query (self, NULL, error);
  if (self->responses == NULL)
    return NULL;
  self->changed_handler =
      g_signal_connect (store, "responses-changed", G_CALLBACK (on_responses_changed), self);
  return g_steal_pointer (&self);
}
