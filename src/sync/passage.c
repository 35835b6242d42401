/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-sync"

#include "sync/passage.h"

#include "base/error.h"
#include "wire/piece.h"
#include "wire/receipt.h"

/* A central that keeps contradicting itself is none. */
#define MAX_CONTRADICTIONS 8

typedef struct
{
  PlazaPassage passage;
  char *path;
  gsize size;
  gsize offset;    /* durable at the central */
  gsize piece;     /* on its way */
  gint64 begun_us; /* the request on its way */
  gboolean fresh;
  guint contradictions;
  PlazaPassageEnd end;
} Work;

static void
work_free (gpointer data)
{
  Work *work = data;

  g_bytes_unref (work->passage.envelope);
  g_free (work->path);
  g_free (work);
}

static void send_piece (GTask *task);

static void
on_request_sent (guint64 bytes, gpointer user_data)
{
  Work *work = user_data;

  if (work->passage.on_sent)
    work->passage.on_sent (work->offset + MIN (bytes, work->piece), work->passage.sent_data);
}

static void
request (GTask *task, PlazaRequest *wish, GAsyncReadyCallback callback)
{
  Work *work = g_task_get_task_data (task);

  wish->on_sent = on_request_sent;
  wish->sent_data = work;
  wish->fresh = work->fresh;
  work->fresh = FALSE;
  work->begun_us = g_get_monotonic_time ();
  plaza_client_request_async (g_task_get_source_object (task), wish, g_task_get_cancellable (task),
                              callback, g_object_ref (task));
}

static gboolean
is_refusal (PlazaClient *client, const GError *error, PlazaResult result)
{
  return g_error_matches (error, PLAZA_ERROR, PLAZA_ERROR_REFUSED) &&
         plaza_client_get_refusal (client)->result == result;
}

static void
fail (GTask *task, GError *error)
{
  Work *work = g_task_get_task_data (task);
  PlazaClient *client = g_task_get_source_object (task);

  work->end.reached = plaza_client_get_reached (client);
  work->end.clock_doubt = plaza_client_get_clock_doubt (client);
  work->end.refusal = *plaza_client_get_refusal (client);
  if (work->end.reached && g_error_matches (error, PLAZA_ERROR, PLAZA_ERROR_OFFLINE))
    plaza_pace_cut (work->passage.pace);
  g_task_return_error (task, error);
}

static gboolean
is_receipt (const PlazaAnswer *answer)
{
  return g_strcmp0 (answer->type, PLAZA_RECEIPT_MEDIA_TYPE) == 0;
}

static void
give_receipt (GTask *task, PlazaAnswer *answer)
{
  g_task_return_pointer (task, g_steal_pointer (&answer->body), (GDestroyNotify) g_bytes_unref);
}

static gboolean
read_offset (GTask *task, const PlazaAnswer *answer, gsize *out, GError **error)
{
  Work *work = g_task_get_task_data (task);
  guint64 offset = 0;

  if (!plaza_piece_offset_parse (answer->body, &offset, error))
    return FALSE;
  if (offset > work->size)
    return plaza_throw (error, PLAZA_ERROR_INVALID, "more than there is");
  *out = (gsize) offset;
  return TRUE;
}

/* What the central says it has. It may go back (what waited too long was dropped), but not for
 * ever. */
static void
go_on_from (GTask *task, const PlazaAnswer *answer)
{
  Work *work = g_task_get_task_data (task);
  GError *error = NULL;
  gsize offset = 0;

  if (!read_offset (task, answer, &offset, &error))
    {
      g_prefix_error (&error, "the state of an upload: ");
      fail (task, error);
      return;
    }
  if (offset <= work->offset && ++work->contradictions > MAX_CONTRADICTIONS)
    {
      plaza_throw (&error, PLAZA_ERROR_INVALID, "the central contradicts itself about an upload");
      fail (task, error);
      return;
    }
  work->offset = offset;
  work->piece = 0;
  on_request_sent (0, work);
  send_piece (task);
}

static void
on_piece (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Work *work = g_task_get_task_data (task);
  PlazaClient *client = PLAZA_CLIENT (source);
  GError *error = NULL;
  g_autoptr (PlazaAnswer) answer = plaza_client_request_finish (client, result, &error);

  if (!answer && is_refusal (client, error, PLAZA_RESULT_DIGEST) &&
      ++work->contradictions <= MAX_CONTRADICTIONS)
    {
      /* Something on the way changes bytes: a smaller piece has better chances. */
      g_clear_error (&error);
      plaza_pace_cut (work->passage.pace);
      send_piece (task);
    }
  else if (!answer)
    fail (task, error);
  else if (answer->status == 409)
    go_on_from (task, answer);
  else
    {
      plaza_pace_passed (work->passage.pace, work->piece, g_get_monotonic_time () - work->begun_us);
      work->end.advanced = TRUE;
      if (is_receipt (answer))
        give_receipt (task, answer);
      else
        go_on_from (task, answer);
    }
}

static void
send_piece (GTask *task)
{
  Work *work = g_task_get_task_data (task);

  if (work->passage.halted && *work->passage.halted)
    {
      g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_CANCELLED, "told to stop");
      return;
    }
  work->piece = MIN (work->passage.pace->piece, work->size - work->offset);
  g_autoptr (GBytes) piece =
      g_bytes_new_from_bytes (work->passage.envelope, work->offset, work->piece);
  g_autofree char *digest =
      plaza_piece_digest (g_bytes_get_data (piece, NULL), g_bytes_get_size (piece));
  g_autofree char *offset_line = g_strdup_printf (PLAZA_PIECE_OFFSET_HEADER ": %zu", work->offset);
  g_autofree char *length_line = g_strdup_printf (PLAZA_PIECE_LENGTH_HEADER ": %zu", work->size);
  g_autofree char *digest_line = g_strconcat (PLAZA_PIECE_DIGEST_HEADER ": ", digest, NULL);
  const char *const headers[] = { offset_line, length_line, digest_line, NULL };
  PlazaRequest wish = { .path = work->path,
                        .method = "PATCH",
                        .body = piece,
                        .body_type = PLAZA_PIECE_MEDIA_TYPE,
                        .headers = headers,
                        .wanted = {
                            { 200, PLAZA_CLIENT_TYPE_JSON, PLAZA_CLIENT_MAX_JSON },
                            { 200, PLAZA_RECEIPT_MEDIA_TYPE, PLAZA_RECEIPT_MAX_BYTES },
                            { 409, PLAZA_CLIENT_TYPE_JSON, PLAZA_CLIENT_MAX_JSON },
                        } };

  request (task, &wish, on_piece);
}

static void
on_whole (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Work *work = g_task_get_task_data (task);
  GError *error = NULL;
  g_autoptr (PlazaAnswer) answer =
      plaza_client_request_finish (PLAZA_CLIENT (source), result, &error);

  if (!answer)
    {
      fail (task, error);
      return;
    }
  plaza_pace_passed (work->passage.pace, work->size, g_get_monotonic_time () - work->begun_us);
  give_receipt (task, answer);
}

static void
send_whole (GTask *task)
{
  Work *work = g_task_get_task_data (task);
  PlazaRequest wish = { .path = "/v1/envelopes",
                        .body = work->passage.envelope,
                        .body_type = PLAZA_CLIENT_TYPE_ENVELOPE,
                        .wanted = {
                            { 200, PLAZA_RECEIPT_MEDIA_TYPE, PLAZA_RECEIPT_MAX_BYTES },
                        } };

  work->offset = 0;
  work->piece = work->size;
  request (task, &wish, on_whole);
}

static void
begin_sending (GTask *task)
{
  Work *work = g_task_get_task_data (task);

  if (plaza_pace_is_small (work->passage.pace, work->size))
    send_whole (task);
  else
    send_piece (task);
}

static void
on_asked (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Work *work = g_task_get_task_data (task);
  PlazaClient *client = PLAZA_CLIENT (source);
  GError *error = NULL;
  g_autoptr (PlazaAnswer) answer = plaza_client_request_finish (client, result, &error);

  if (!answer)
    fail (task, error);
  else if (is_receipt (answer))
    give_receipt (task, answer);
  else if (!read_offset (task, answer, &work->offset, &error))
    fail (task, error);
  else if (work->offset > 0)
    {
      on_request_sent (0, work);
      send_piece (task);
    }
  else
    begin_sending (task);
}

static void
ask (GTask *task)
{
  Work *work = g_task_get_task_data (task);
  PlazaRequest wish = { .path = work->path,
                        .wanted = {
                            { 200, PLAZA_CLIENT_TYPE_JSON, PLAZA_CLIENT_MAX_JSON },
                            { 200, PLAZA_RECEIPT_MEDIA_TYPE, PLAZA_RECEIPT_MAX_BYTES },
                        } };

  /* What broke a moment ago may have left another connection dead without anybody knowing. */
  work->fresh = TRUE;
  request (task, &wish, on_asked);
}

void
plaza_passage_async (PlazaClient *client,
                     const PlazaPassage *passage,
                     GCancellable *cancellable,
                     GAsyncReadyCallback callback,
                     gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (client, cancellable, callback, user_data);
  Work *work = g_new0 (Work, 1);

  work->passage = *passage;
  g_bytes_ref (passage->envelope);
  work->passage.id = NULL;
  work->path = g_strconcat ("/v1/uploads/", passage->id, NULL);
  work->size = g_bytes_get_size (passage->envelope);
  g_task_set_source_tag (task, plaza_passage_async);
  g_task_set_check_cancellable (task, FALSE);
  g_task_set_task_data (task, work, work_free);
  if (passage->again)
    ask (task);
  else
    begin_sending (task);
}

GBytes *
plaza_passage_finish (PlazaClient *client,
                      GAsyncResult *result,
                      PlazaPassageEnd *out_end,
                      GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, client), NULL);

  Work *work = g_task_get_task_data (G_TASK (result));
  *out_end = work->end;
  return g_task_propagate_pointer (G_TASK (result), error);
}
