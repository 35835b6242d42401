/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-sync"

#include "sync/passage.h"

#include "base/error.h"
#include "wire/piece.h"
#include "wire/receipt.h"

/* A large envelope goes in pieces, two of them on their way at a time: the next one leaves over the
 * other connection as soon as the one before is under way as a whole, so that the link is not idle
 * while an answer comes back. On one link they arrive in their order, and when once they do not,
 * the central refuses the later one, which is sent again when the earlier one is there. */

/* A central that keeps contradicting itself is none. */
#define MAX_CONTRADICTIONS 8
#define PIECES 2
/* The last piece may be so much larger than others, rather than a small one following it. */
#define LAST_PIECE(piece) ((piece) + (piece) / 2)

typedef struct _Work Work;

typedef struct
{
  Work *work;
  gboolean busy; /* on its way */
  gboolean out;  /* as a whole */
  gsize offset;
  gsize size;
  guint64 sent;
  gint64 begun_us;
  GCancellable *cancellable;
} Piece;

struct _Work
{
  GTask *task; /* not owned: the requests hold it */
  PlazaPassage passage;
  char *path;
  gsize size;
  gsize offset; /* durable at the central */
  Piece pieces[PIECES];
  gint64 last_us;  /* when a piece had arrived last */
  gboolean fresh;  /* the next request wants a new connection */
  gboolean single; /* the other connection is of no use */
  gboolean ended;
  guint contradictions;
  GCancellable *caller; /* or NULL */
  gulong caller_handler;
  PlazaPassageEnd end;
};

static void
work_free (gpointer data)
{
  Work *work = data;

  if (work->caller)
    g_cancellable_disconnect (work->caller, work->caller_handler);
  g_clear_object (&work->caller);
  for (guint i = 0; i < PIECES; i++)
    g_clear_object (&work->pieces[i].cancellable);
  g_bytes_unref (work->passage.envelope);
  g_free (work->path);
  g_free (work);
}

static void
on_caller_cancelled (GCancellable *caller, gpointer user_data)
{
  Work *work = user_data;

  for (guint i = 0; i < PIECES; i++)
    if (work->pieces[i].cancellable)
      g_cancellable_cancel (work->pieces[i].cancellable);
}

static void send_more (GTask *task);

static guint
count_busy (const Work *work)
{
  guint busy = 0;

  for (guint i = 0; i < PIECES; i++)
    busy += work->pieces[i].busy ? 1 : 0;
  return busy;
}

static void
tell_sent (Work *work)
{
  guint64 sent = work->offset;

  for (guint i = 0; i < PIECES; i++)
    if (work->pieces[i].busy)
      sent += work->pieces[i].sent;
  if (work->passage.on_sent && !work->ended)
    work->passage.on_sent (MIN (sent, work->size), work->passage.sent_data);
}

static void
on_request_sent (guint64 bytes, gpointer user_data)
{
  Piece *piece = user_data;

  piece->sent = MIN (bytes, piece->size);
  tell_sent (piece->work);
}

static void
on_request_out (gpointer user_data)
{
  Piece *piece = user_data;

  piece->out = TRUE;
  send_more (piece->work->task);
}

static void
request (GTask *task, Piece *piece, PlazaRequest *wish, GAsyncReadyCallback callback)
{
  Work *work = g_task_get_task_data (task);

  g_clear_object (&piece->cancellable);
  piece->cancellable = g_cancellable_new ();
  if (work->caller && g_cancellable_is_cancelled (work->caller))
    g_cancellable_cancel (piece->cancellable);
  wish->fresh = work->fresh;
  work->fresh = FALSE;
  piece->busy = TRUE;
  piece->out = FALSE;
  piece->sent = 0;
  piece->begun_us = g_get_monotonic_time ();
  wish->on_sent = on_request_sent;
  wish->sent_data = piece;
  plaza_client_request_async (g_task_get_source_object (task), wish, piece->cancellable, callback,
                              g_object_ref (task));
}

static gint64
time_of (const Work *work, const Piece *piece)
{
  return g_get_monotonic_time () - MAX (piece->begun_us, work->last_us);
}

static gboolean
is_refusal (PlazaClient *client, const GError *error, PlazaResult result)
{
  return g_error_matches (error, PLAZA_ERROR, PLAZA_ERROR_REFUSED) &&
         plaza_client_get_refusal (client)->result == result;
}

/* What is on its way below @offset is of no use any more. */
static void
give_up_below (Work *work, gsize offset)
{
  for (guint i = 0; i < PIECES; i++)
    if (work->pieces[i].busy && work->pieces[i].offset < offset)
      g_cancellable_cancel (work->pieces[i].cancellable);
}

static void
end (Work *work)
{
  work->ended = TRUE;
  give_up_below (work, work->size);
}

/* What is durable at the central, and what left as a whole too, although its answer did not come:
 * if that is wrong the central will say so. */
static gsize
guess_offset (const Work *work)
{
  gsize offset = work->offset;

  for (guint n = 0; n < PIECES; n++)
    for (guint i = 0; i < PIECES; i++)
      {
        const Piece *piece = &work->pieces[i];
        if (piece->size > 0 && piece->offset == offset && piece->sent == piece->size)
          offset += piece->size;
      }
  return offset;
}

static void
fail (GTask *task, GError *error)
{
  Work *work = g_task_get_task_data (task);
  PlazaClient *client = g_task_get_source_object (task);

  work->end.reached = plaza_client_get_reached (client);
  work->end.clock_doubt = plaza_client_get_clock_doubt (client);
  work->end.refusal = *plaza_client_get_refusal (client);
  work->end.offset = guess_offset (work);
  if (work->end.reached && g_error_matches (error, PLAZA_ERROR, PLAZA_ERROR_OFFLINE))
    plaza_pace_cut (work->passage.pace);
  end (work);
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
  end (g_task_get_task_data (task));
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

static gboolean
read_state (GTask *task, const PlazaAnswer *answer, gsize *out)
{
  GError *error = NULL;

  if (read_offset (task, answer, out, &error))
    return TRUE;
  g_prefix_error (&error, "the state of an upload: ");
  fail (task, error);
  return FALSE;
}

/* The central says where to go on. It may go back (what waited too long was dropped), but not for
 * ever. */
static void
go_on_elsewhere (GTask *task, const Piece *piece, const PlazaAnswer *answer)
{
  Work *work = g_task_get_task_data (task);
  GError *error = NULL;
  gsize offset = 0;

  if (!read_state (task, answer, &offset))
    return;
  /* It overtook the one before it. */
  if (piece->offset > work->offset && count_busy (work) > 0)
    {
      for (guint i = 0; i < PIECES; i++)
        work->pieces[i].out = FALSE;
      return;
    }
  if (offset <= work->offset && ++work->contradictions > MAX_CONTRADICTIONS)
    {
      plaza_throw (&error, PLAZA_ERROR_INVALID, "the central contradicts itself about an upload");
      fail (task, error);
      return;
    }
  work->offset = offset;
  give_up_below (work, offset);
}

static void
take_piece (GTask *task, const Piece *piece, PlazaAnswer *answer)
{
  Work *work = g_task_get_task_data (task);
  GError *error = NULL;
  gsize offset = 0;

  plaza_pace_passed (work->passage.pace, piece->size, time_of (work, piece));
  work->last_us = g_get_monotonic_time ();
  work->end.advanced = TRUE;
  if (is_receipt (answer))
    give_receipt (task, answer);
  else if (read_state (task, answer, &offset))
    {
      /* A piece of nothing asks for the receipt of what is there as a whole. */
      if ((offset < piece->offset + piece->size || piece->size == 0) &&
          ++work->contradictions > MAX_CONTRADICTIONS)
        {
          plaza_throw (&error, PLAZA_ERROR_INVALID, "the central forgets pieces, or the receipt");
          fail (task, error);
        }
      else
        work->offset = MAX (work->offset, offset);
      give_up_below (work, work->offset);
    }
}

static void
on_piece_failed (GTask *task, const Piece *piece, GError *error)
{
  Work *work = g_task_get_task_data (task);

  if (is_refusal (g_task_get_source_object (task), error, PLAZA_RESULT_DIGEST) &&
      ++work->contradictions <= MAX_CONTRADICTIONS)
    {
      /* Something on the way changes bytes: a smaller piece has better chances. */
      g_error_free (error);
      plaza_pace_cut (work->passage.pace);
    }
  else if (piece->offset > work->offset && count_busy (work) > 0 &&
           g_error_matches (error, PLAZA_ERROR, PLAZA_ERROR_OFFLINE))
    {
      /* The one before it may still arrive. */
      g_error_free (error);
      work->single = TRUE;
    }
  else
    fail (task, error);
}

static void
on_piece (GTask *task, GAsyncResult *result, Piece *piece)
{
  Work *work = piece->work;
  GError *error = NULL;
  g_autoptr (PlazaAnswer) answer =
      plaza_client_request_finish (g_task_get_source_object (task), result, &error);

  piece->busy = FALSE;
  if (answer)
    piece->sent = 0;
  if (work->ended)
    {
      g_clear_error (&error);
      return;
    }
  if (!answer && piece->offset < work->offset)
    g_error_free (error);
  else if (!answer)
    on_piece_failed (task, piece, error);
  else if (answer->status == 409)
    go_on_elsewhere (task, piece, answer);
  else
    take_piece (task, piece, answer);
  if (work->ended)
    return;
  tell_sent (work);
  send_more (task);
}

static void
on_piece_0 (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;

  on_piece (task, result, &((Work *) g_task_get_task_data (task))->pieces[0]);
}

static void
on_piece_1 (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;

  on_piece (task, result, &((Work *) g_task_get_task_data (task))->pieces[1]);
}

static void
send_piece (GTask *task, Piece *piece, gsize offset)
{
  Work *work = g_task_get_task_data (task);
  gsize most = work->passage.pace->piece;
  gsize left = work->size - offset;

  piece->offset = offset;
  piece->size = left <= MIN (LAST_PIECE (most), PLAZA_PACE_MAX_PIECE) ? left : most;
  g_autoptr (GBytes) bytes = g_bytes_new_from_bytes (work->passage.envelope, offset, piece->size);
  g_autofree char *digest = plaza_piece_digest (g_bytes_get_data (bytes, NULL), piece->size);
  g_autofree char *offset_line = g_strdup_printf (PLAZA_PIECE_OFFSET_HEADER ": %zu", offset);
  g_autofree char *length_line = g_strdup_printf (PLAZA_PIECE_LENGTH_HEADER ": %zu", work->size);
  g_autofree char *digest_line = g_strconcat (PLAZA_PIECE_DIGEST_HEADER ": ", digest, NULL);
  const char *const headers[] = { offset_line, length_line, digest_line, NULL };
  PlazaRequest wish = { .path = work->path,
                        .method = "PATCH",
                        .body = bytes,
                        .body_type = PLAZA_PIECE_MEDIA_TYPE,
                        .headers = headers,
                        .on_out = on_request_out,
                        .wanted = {
                            { 200, PLAZA_CLIENT_TYPE_JSON, PLAZA_CLIENT_MAX_JSON },
                            { 200, PLAZA_RECEIPT_MEDIA_TYPE, PLAZA_RECEIPT_MAX_BYTES },
                            { 409, PLAZA_CLIENT_TYPE_JSON, PLAZA_CLIENT_MAX_JSON },
                        } };

  request (task, piece, &wish, piece == work->pieces ? on_piece_0 : on_piece_1);
}

/* The piece that the central lacks, and one after it. */
static void
send_more (GTask *task)
{
  Work *work = g_task_get_task_data (task);
  Piece *pieces = work->pieces;

  if (work->ended)
    return;
  if (work->passage.halted && *work->passage.halted)
    {
      if (count_busy (work) > 0)
        return;
      end (work);
      g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_CANCELLED, "told to stop");
      return;
    }
  if (count_busy (work) == 0)
    {
      send_piece (task, &pieces[0], work->offset);
      return;
    }
  for (guint i = 0; i < PIECES; i++)
    {
      const Piece *before = &pieces[1 - i];
      if (!pieces[i].busy && before->busy && before->out && before->offset == work->offset &&
          before->offset + before->size < work->size && !work->single &&
          plaza_client_has_room (g_task_get_source_object (task)))
        {
          send_piece (task, &pieces[i], before->offset + before->size);
          return;
        }
    }
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
  plaza_pace_passed (work->passage.pace, work->size, time_of (work, work->pieces));
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

  work->offset = work->pieces[0].offset = 0;
  work->pieces[0].size = work->size;
  request (task, &work->pieces[0], &wish, on_whole);
}

static void
begin_sending (GTask *task)
{
  Work *work = g_task_get_task_data (task);

  if (work->offset == 0 && plaza_pace_is_small (work->passage.pace, work->size))
    send_whole (task);
  else
    send_more (task);
}

static void
on_asked (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Work *work = g_task_get_task_data (task);
  GError *error = NULL;
  gsize offset = 0;
  g_autoptr (PlazaAnswer) answer =
      plaza_client_request_finish (PLAZA_CLIENT (source), result, &error);

  work->pieces[0].busy = FALSE;
  if (!answer)
    fail (task, error);
  else if (is_receipt (answer))
    give_receipt (task, answer);
  else if (read_state (task, answer, &offset))
    {
      work->offset = offset;
      tell_sent (work);
      begin_sending (task);
    }
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

  request (task, &work->pieces[0], &wish, on_asked);
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

  work->task = task;
  work->passage = *passage;
  g_bytes_ref (passage->envelope);
  work->passage.id = NULL;
  work->path = g_strconcat ("/v1/uploads/", passage->id, NULL);
  work->size = g_bytes_get_size (passage->envelope);
  for (guint i = 0; i < PIECES; i++)
    work->pieces[i].work = work;
  if (cancellable)
    {
      work->caller = g_object_ref (cancellable);
      work->caller_handler =
          g_cancellable_connect (cancellable, G_CALLBACK (on_caller_cancelled), work, NULL);
    }
  g_task_set_source_tag (task, plaza_passage_async);
  g_task_set_check_cancellable (task, FALSE);
  g_task_set_task_data (task, work, work_free);
  work->offset = MIN (passage->offset, work->size);
  work->fresh = passage->cut;
  if (work->size > passage->pace->piece)
    plaza_client_warm (client, passage->cut);
  if (passage->again || work->offset == work->size)
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
