/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-central"

#include <string.h>

#include "base/clock.h"
#include "central/intake.h"
#include "central/log.h"
#include "central/metrics.h"
#include "central/request.h"
#include "wire/piece.h"

/* Begun uploads of one device; beyond that the one that rested longest makes room. */
#define MAX_UPLOADS 8u
#define MAX_AGE_MS (14 * 24 * 60 * 60 * G_GINT64_CONSTANT (1000))
#define MIB (1024 * 1024)

typedef struct
{
  PlazaHash envelope;
  guint64 offset; /* where the piece begins */
  guint64 length; /* of the whole */
  const char *digest;
  GBytes *piece;
  guint64 size;        /* what is here, when the piece does not fit */
  PlazaResult spoiled; /* why the whole cannot be taken; its pieces go */
  PlazaIntake *intake; /* with the last piece */
} Upload;

static void
upload_free (gpointer data)
{
  Upload *upload = data;

  g_clear_pointer (&upload->piece, g_bytes_unref);
  g_clear_pointer (&upload->intake, plaza_intake_free);
  g_free (upload);
}

static Upload *
begin_upload (PlazaRequest *self)
{
  Upload *upload = g_new0 (Upload, 1);

  self->state = upload;
  self->state_free = upload_free;
  if (!plaza_hash_parse (self->parameter, &upload->envelope, NULL))
    plaza_request_refuse (self, PLAZA_RESULT_BAD_REQUEST);
  return upload;
}

/* Answers when the envelope is in already. */
static void
answer_known (PlazaRequest *self, PlazaStorage *reader)
{
  Upload *upload = self->state;
  g_autoptr (GError) error = NULL;
  GBytes *receipt =
      plaza_intake_receipt_again (self->serving->central, reader, &upload->envelope, &error);

  if (receipt != NULL)
    plaza_request_answer (self, receipt, PLAZA_RECEIPT_MEDIA_TYPE);
  else if (error != NULL)
    plaza_request_refuse_for (self, error);
}

/* GET */

static void
check_id (PlazaRequest *self)
{
  begin_upload (self);
}

static void
answer_offset (PlazaRequest *self, PlazaStorage *reader)
{
  Upload *upload = self->state;
  PlazaUpload found = { 0 };
  g_autoptr (GError) error = NULL;
  gboolean exists;

  answer_known (self, reader);
  if (self->answered)
    return;
  if (!reader->table->find_upload (reader, self->device.id, &upload->envelope, &found, &exists,
                                   &error))
    plaza_request_refuse_for (self, error);
  else
    plaza_request_answer (self, plaza_piece_offset_to_json (exists ? found.size : 0),
                          PLAZA_TYPE_JSON);
}

/* GET /v1/uploads/{envelope}: what is here of an envelope: so many bytes, or its receipt. */
const PlazaRouteWork plaza_route_upload = { .begin = check_id, .read = answer_offset };

/* PATCH */

static void
check_piece (PlazaRequest *self)
{
  Upload *upload = begin_upload (self);
  const char *offset = plaza_request_header (self, PLAZA_PIECE_OFFSET_HEADER);
  const char *length = plaza_request_header (self, PLAZA_PIECE_LENGTH_HEADER);

  if (self->answered)
    return;
  upload->digest = plaza_request_header (self, PLAZA_PIECE_DIGEST_HEADER);
  if (offset == NULL || length == NULL || upload->digest == NULL ||
      !plaza_gate_number (offset, &upload->offset) ||
      !plaza_gate_number (length, &upload->length) || !plaza_piece_digest_is_valid (upload->digest))
    plaza_request_refuse (self, PLAZA_RESULT_BAD_REQUEST);
  else if (upload->length > PLAZA_ENVELOPE_MAX_BYTES)
    plaza_request_refuse (self, PLAZA_RESULT_TOO_LARGE);
}

static gboolean
add_piece (gpointer record, gpointer data, GError **error)
{
  gsize length;
  const guint8 *bytes = g_bytes_get_data (record, &length);

  g_byte_array_append (data, bytes, (guint) length);
  return TRUE;
}

/* With the last piece here, the envelope is opened as one that came whole. */
static void
open_whole (PlazaRequest *self, PlazaStorage *reader)
{
  Upload *upload = self->state;
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  g_autoptr (GBytes) envelope = NULL;
  g_autoptr (GError) error = NULL;

  if (!reader->table->each_piece (reader, self->device.id, &upload->envelope, add_piece, bytes,
                                  &error))
    {
      plaza_request_refuse_for (self, error);
      return;
    }
  if (bytes->len != upload->offset)
    {
      upload->size = bytes->len;
      plaza_request_refuse (self, PLAZA_RESULT_OFFSET);
      return;
    }
  add_piece (upload->piece, bytes, NULL);
  envelope = g_byte_array_free_to_bytes (g_steal_pointer (&bytes));
  upload->intake =
      plaza_intake_open (self->serving->central, reader, envelope, &upload->spoiled, &error);
  if (upload->intake == NULL)
    {
      plaza_metrics_add (PLAZA_METRIC_ENVELOPES_REFUSED, 1);
      g_message ("envelope refused: %s", error->message);
      if (upload->spoiled == PLAZA_RESULT_BUSY)
        plaza_request_refuse (self, PLAZA_RESULT_BUSY);
      return;
    }
  self->unlogged = upload->intake->contacts;
  if (!plaza_hash_equal (&upload->intake->info.id, &upload->envelope))
    upload->spoiled = PLAZA_RESULT_ENVELOPE;
}

static void
read_piece (PlazaRequest *self, PlazaStorage *reader)
{
  Upload *upload = self->state;
  guint64 end;

  upload->piece = plaza_request_take_body (self);
  end = upload->offset + g_bytes_get_size (upload->piece);
  if (end > upload->length)
    plaza_request_refuse (self, PLAZA_RESULT_BAD_REQUEST);
  else if (!plaza_piece_digest_check (upload->digest, g_bytes_get_data (upload->piece, NULL),
                                      g_bytes_get_size (upload->piece)))
    plaza_request_refuse (self, PLAZA_RESULT_DIGEST);
  else
    answer_known (self, reader);
  if (!self->answered && end == upload->length)
    open_whole (self, reader);
}

gboolean
plaza_uploads_drop_stale (PlazaStorage *storage, gpointer unused, GError **error)
{
  return storage->table->drop_uploads_before (storage, plaza_clock_now_ms () - MAX_AGE_MS, error);
}

static gboolean
make_place (PlazaRequest *self, PlazaStorage *storage, GError **error)
{
  Upload *upload = self->state;
  guint64 n, bytes;

  if (!plaza_uploads_drop_stale (storage, NULL, error) ||
      !storage->table->drop_uploads_of (storage, self->device.id, MAX_UPLOADS - 1, error) ||
      !storage->table->count_uploads (storage, &n, &bytes, error))
    return FALSE;
  plaza_metrics_set (PLAZA_GAUGE_UPLOADS, (gint64) n + 1);
  if (bytes + upload->length > (guint64) self->serving->central->uploads_mib * MIB)
    {
      self->result = PLAZA_RESULT_DISK;
      return TRUE;
    }
  return storage->table->put_upload (storage, self->device.id, &upload->envelope, upload->length,
                                     plaza_clock_now_ms (), error);
}

/* The pieces are not needed any more: they are taken in, or they make up nothing. */
static gboolean
drop_pieces (PlazaRequest *self, PlazaStorage *storage, GError **error)
{
  const Upload *upload = self->state;
  guint64 n, bytes;

  if (!storage->table->drop_upload (storage, self->device.id, &upload->envelope, error) ||
      !storage->table->count_uploads (storage, &n, &bytes, error))
    return FALSE;
  plaza_metrics_set (PLAZA_GAUGE_UPLOADS, (gint64) n);
  return TRUE;
}

static gboolean
write_piece (PlazaRequest *self, PlazaStorage *storage, GError **error)
{
  Upload *upload = self->state;
  PlazaUpload known = { 0 };
  gboolean found;

  if (upload->spoiled != PLAZA_RESULT_OK || upload->intake != NULL)
    {
      self->result = upload->spoiled;
      if (upload->intake != NULL && (upload->intake->contacts || upload->intake->destroys))
        plaza_writer_want_checkpoint (self->serving->writer);
      return drop_pieces (self, storage, error) &&
             (upload->spoiled != PLAZA_RESULT_OK ||
              plaza_intake_store (upload->intake, storage, error));
    }
  if (!storage->table->find_upload (storage, self->device.id, &upload->envelope, &known, &found,
                                    error))
    return FALSE;
  if (found && known.length != upload->length)
    {
      /* one envelope has one length: what came before cannot be continued */
      self->result = PLAZA_RESULT_OFFSET;
      upload->size = 0;
      return drop_pieces (self, storage, error);
    }
  if (known.size != upload->offset)
    {
      self->result = PLAZA_RESULT_OFFSET;
      upload->size = known.size;
      return TRUE;
    }
  if (!found && (!make_place (self, storage, error) || self->result != PLAZA_RESULT_OK))
    return self->result != PLAZA_RESULT_OK;
  return storage->table->put_piece (storage, self->device.id, &upload->envelope, upload->offset,
                                    upload->piece, plaza_clock_now_ms (), error);
}

static void
answer_piece (PlazaRequest *self)
{
  Upload *upload = self->state;
  g_autoptr (GError) error = NULL;
  GBytes *receipt;

  if (upload->intake == NULL)
    {
      plaza_request_answer (
          self, plaza_piece_offset_to_json (upload->offset + g_bytes_get_size (upload->piece)),
          PLAZA_TYPE_JSON);
      return;
    }
  receipt = plaza_intake_receipt (upload->intake, self->serving->central, &error);
  if (receipt == NULL)
    {
      plaza_request_refuse_for (self, error);
      return;
    }
  plaza_intake_note (upload->intake);
  plaza_request_answer (self, receipt, PLAZA_RECEIPT_MEDIA_TYPE);
}

/* Whoever begins at the wrong place is told the right one. */
static void
tell_offset (PlazaRequest *self, PlazaResult result)
{
  if (result != PLAZA_RESULT_OFFSET)
    return;
  g_bytes_unref (self->answer);
  self->answer = plaza_result_to_json_offset (((Upload *) self->state)->size);
}

/* PATCH /v1/uploads/{envelope}: the next piece; with the last one the envelope is taken in. */
const PlazaRouteWork plaza_route_piece = {
  .begin = check_piece,
  .read = read_piece,
  .write = write_piece,
  .written = answer_piece,
  .refused = tell_offset,
};
