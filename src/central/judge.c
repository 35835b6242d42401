/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-central"

#include <sys/resource.h>

#include "base/error.h"
#include "central/forms.h"
#include "central/judge.h"
#include "form/validation.h"

#define BATCH 50
#define NAP_US (2 * G_USEC_PER_SEC)
/* Whoever delivers goes first, but a batch is judged every few seconds however many come. */
#define QUIET_US (100 * 1000)
#define LONGEST_US G_USEC_PER_SEC
#define MAX_WAITS 5
#define MAX_MARKS 100

struct _PlazaJudge
{
  PlazaCentral *central;
  PlazaWriter *writer;
  PlazaForms *forms;
  GThread *thread;
  GMutex lock;
  GCond wake;
  gboolean stopping;
};

/* A revision to judge, then its marks. */
typedef struct
{
  char *id;
  char *response;
  char *form_id;
  char *form_version;
  GBytes *xml;   /* NULL once withdrawn */
  GArray *marks; /* PlazaStoredMark */
} Case;

static void
case_free (gpointer data)
{
  Case *judged = data;

  g_free (judged->id);
  g_free (judged->response);
  g_free (judged->form_id);
  g_free (judged->form_version);
  g_clear_pointer (&judged->xml, g_bytes_unref);
  g_array_unref (judged->marks);
  g_free (judged);
}

static gboolean
add_case (gpointer record, gpointer data, GError **error)
{
  const PlazaStoredRevision *revision = record;
  Case *judged = g_new0 (Case, 1);

  judged->id = g_strdup (revision->id);
  judged->response = g_strdup (revision->response);
  judged->form_id = g_strdup (revision->form_id);
  judged->form_version = g_strdup (revision->form_version);
  judged->xml = revision->xml != NULL ? g_bytes_ref (revision->xml) : NULL;
  judged->marks = g_array_new (FALSE, TRUE, sizeof (PlazaStoredMark));
  g_array_set_clear_func (judged->marks, (GDestroyNotify) plaza_stored_mark_clear);
  g_ptr_array_add (data, judged);
  return TRUE;
}

static void
add_mark (Case *judged, const char *code, const char *ref, const char *message)
{
  PlazaStoredMark mark = { g_strdup (code), g_strdup (ref), g_strdup (message) };

  if (judged->marks->len < MAX_MARKS)
    g_array_append_val (judged->marks, mark);
  else
    plaza_stored_mark_clear (&mark);
}

static void
judge_one (PlazaJudge *self, Case *judged)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) marks = NULL;
  g_autoptr (PlazaForm) form = NULL;

  if (judged->xml == NULL)
    return;
  form = plaza_forms_find (self->forms, judged->form_id, judged->form_version, &error);
  if (form != NULL)
    marks = plaza_form_validate_submission (form, judged->xml, &error);
  if (marks == NULL)
    {
      gboolean unknown = g_error_matches (error, PLAZA_ERROR, PLAZA_ERROR_NOT_FOUND);

      add_mark (judged, unknown ? "form-unknown" : "form", "", error->message);
      return;
    }
  for (guint i = 0; i < marks->len; i++)
    {
      const PlazaMark *mark = g_ptr_array_index (marks, i);

      add_mark (judged, plaza_mark_code_get_name (mark->code), mark->ref, mark->message);
    }
}

static gboolean
write_marks (PlazaStorage *storage, gpointer data, GError **error)
{
  GPtrArray *cases = data;

  for (guint i = 0; i < cases->len; i++)
    {
      const Case *judged = g_ptr_array_index (cases, i);

      if (!storage->table->put_marks (storage, judged->id, "form",
                                      (const PlazaStoredMark *) judged->marks->data,
                                      judged->marks->len, error) ||
          (judged->marks->len > 0 &&
           !storage->table->put_change (storage, judged->response, error)) ||
          !storage->table->set_judged (storage, judged->id, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
is_stopping (PlazaJudge *self)
{
  gboolean stopping;

  g_mutex_lock (&self->lock);
  stopping = self->stopping;
  g_mutex_unlock (&self->lock);
  return stopping;
}

/* Judges at most one batch. *@more: there may be another. */
static gboolean
judge_batch (PlazaJudge *self, PlazaStorage *reader, gboolean *more, GError **error)
{
  g_autoptr (GPtrArray) cases = g_ptr_array_new_with_free_func (case_free);
  guint done = 0;

  if (!reader->table->each_unjudged (reader, BATCH, add_case, cases, error))
    return FALSE;
  *more = cases->len == BATCH;
  while (done < cases->len && !is_stopping (self))
    judge_one (self, g_ptr_array_index (cases, done++));
  g_ptr_array_set_size (cases, (int) done);
  return done == 0 || plaza_writer_run (self->writer, write_marks, cases, error);
}

static void
let_pass (PlazaJudge *self)
{
  gint64 begun = g_get_monotonic_time ();

  for (guint i = 0; i < MAX_WAITS && !is_stopping (self); i++)
    {
      plaza_writer_wait_idle (self->writer, QUIET_US, LONGEST_US);
      if (g_get_monotonic_time () - begun < (i + 1) * LONGEST_US)
        break;
    }
}

static gboolean
judge_again (PlazaStorage *storage, gpointer data, GError **error)
{
  return storage->table->judge_again (storage, error);
}

/* When other campaigns are served than the last time, what had no form may have one now. */
static gboolean
notice_campaigns (PlazaJudge *self, GPtrArray **seen, GError **error)
{
  g_autoptr (GPtrArray) campaigns = plaza_central_campaigns (self->central);

  if (campaigns == *seen)
    return TRUE;
  if (!plaza_writer_run (self->writer, judge_again, NULL, error))
    return FALSE;
  g_clear_pointer (seen, g_ptr_array_unref);
  *seen = g_steal_pointer (&campaigns);
  return TRUE;
}

static gpointer
judge_all (gpointer data)
{
  PlazaJudge *self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (PlazaStorage) reader = plaza_central_storage (self->central, FALSE, &error);
  g_autoptr (GPtrArray) seen = NULL;

  /* on Linux this is of the calling thread alone: whoever delivers goes first */
  if (setpriority (PRIO_PROCESS, 0, 19) != 0)
    g_info ("validation runs at the priority of the rest");
  while (!is_stopping (self))
    {
      gboolean more = FALSE;

      g_clear_error (&error);
      let_pass (self);
      if (reader == NULL)
        reader = plaza_central_storage (self->central, FALSE, &error);
      if (reader == NULL || !notice_campaigns (self, &seen, &error) ||
          !judge_batch (self, reader, &more, &error))
        g_warning ("validation: %s", error->message);
      g_mutex_lock (&self->lock);
      if (!more && !self->stopping)
        g_cond_wait_until (&self->wake, &self->lock, g_get_monotonic_time () + NAP_US);
      g_mutex_unlock (&self->lock);
    }
  return NULL;
}

PlazaJudge *
plaza_judge_start (PlazaCentral *central, PlazaWriter *writer)
{
  PlazaJudge *self = g_new0 (PlazaJudge, 1);

  self->central = central;
  self->writer = writer;
  self->forms = plaza_forms_new (central);
  g_mutex_init (&self->lock);
  g_cond_init (&self->wake);
  self->thread = g_thread_new ("judge", judge_all, self);
  return self;
}

void
plaza_judge_stop (PlazaJudge *self)
{
  g_mutex_lock (&self->lock);
  self->stopping = TRUE;
  g_cond_signal (&self->wake);
  g_mutex_unlock (&self->lock);
  g_thread_join (self->thread);
  plaza_forms_free (self->forms);
  g_mutex_clear (&self->lock);
  g_cond_clear (&self->wake);
  g_free (self);
}
