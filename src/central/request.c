/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-central"

#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "central/enrolment.h"
#include "central/operations.h"
#include "central/request.h"

/* Bodies of all requests together; more has to wait. */
#define MAX_BUFFERED (256 * 1024 * 1024)
#define BUSY_SECONDS 5
#define DISK_SECONDS 300

/* When a device was last seen is kept to so many milliseconds. */
#define SEEN_MS (5 * 60 * 1000)

PlazaRequest *
plaza_request_new (PlazaServing *serving, struct MHD_Connection *connection)
{
  PlazaRequest *self = g_new0 (PlazaRequest, 1);

  self->serving = serving;
  self->connection = connection;
  self->begun = g_get_monotonic_time ();
  g_atomic_int_inc (&serving->running);
  return self;
}

void
plaza_request_free (PlazaRequest *self)
{
  PlazaServing *serving = self->serving;

  if (self->body != NULL)
    g_bytes_unref (plaza_request_take_body (self));
  if (self->state_free != NULL)
    self->state_free (self->state);
  g_clear_pointer (&self->headers, g_strv_builder_unref);
  g_clear_pointer (&self->answer, g_bytes_unref);
  plaza_device_clear (&self->device);
  g_free (self->parameter);
  g_free (self->source);
  g_free (self);
  g_atomic_int_add (&serving->running, -1);
}

/* What routes need */

const char *
plaza_request_header (PlazaRequest *self, const char *name)
{
  return MHD_lookup_connection_value (self->connection, MHD_HEADER_KIND, name);
}

GBytes *
plaza_request_take_body (PlazaRequest *self)
{
  GBytes *bytes = g_byte_array_free_to_bytes (g_steal_pointer (&self->body));

  g_atomic_pointer_add (&self->serving->buffered, -(gssize) self->body_length);
  return bytes;
}

void
plaza_request_answer (PlazaRequest *self, GBytes *bytes, const char *type)
{
  self->result = PLAZA_RESULT_OK;
  g_clear_pointer (&self->answer, g_bytes_unref);
  self->answer = bytes;
  self->answer_type = type;
  self->answered = TRUE;
}

void
plaza_request_answer_json (PlazaRequest *self, JsonObject *object)
{
  plaza_request_answer (self, plaza_json_write_object (object), PLAZA_TYPE_JSON);
  json_object_unref (object);
}

void
plaza_request_add_header (PlazaRequest *self, const char *name, const char *value)
{
  if (self->headers == NULL)
    self->headers = g_strv_builder_new ();
  g_strv_builder_add_many (self->headers, name, value, NULL);
}

void
plaza_request_refuse (PlazaRequest *self, PlazaResult result)
{
  if (self->route != NULL && (plaza_route_results (self->route) & (1ull << result)) == 0)
    g_critical ("%s %s: refused with %s, which the table does not say", self->route->method,
                self->route->path, plaza_result_code (result));
  plaza_request_answer (self, plaza_result_to_json (result), PLAZA_TYPE_JSON);
  self->result = result;
  if (self->retry_after == 0 && result == PLAZA_RESULT_BUSY)
    self->retry_after = BUSY_SECONDS;
  else if (self->retry_after == 0 && result == PLAZA_RESULT_DISK)
    self->retry_after = DISK_SECONDS;
  if (self->route != NULL && self->route->work->refused != NULL)
    self->route->work->refused (self, result);
}

void
plaza_request_refuse_for (PlazaRequest *self, const GError *error)
{
  PlazaResult result = PLAZA_RESULT_INTERNAL;

  g_warning ("%s %s: %s", self->route->method, self->route->path, error->message);
  if (g_error_matches (error, PLAZA_ERROR, PLAZA_ERROR_DISK))
    result = PLAZA_RESULT_DISK;
  else if (error->domain == PLAZA_ERROR)
    result = PLAZA_RESULT_BUSY; /* the laptop keeps what it has and tries again */
  plaza_request_refuse (self, result);
}

void
plaza_request_wait_for (PlazaRequest *self, PlazaLimiter *limiter)
{
  self->retry_after = plaza_limiter_get_wait (limiter, self->source, g_get_monotonic_time ());
  if (self->retry_after > 0)
    plaza_request_refuse (self, PLAZA_RESULT_RATE);
}

void
plaza_request_charge (PlazaRequest *self, PlazaLimiter *limiter, PlazaResult result)
{
  if (plaza_result_status (result) < 500 && result != PLAZA_RESULT_RATE)
    plaza_limiter_charge (limiter, self->source, g_get_monotonic_time ());
}

gboolean
plaza_request_has_room (PlazaRequest *self)
{
  return plaza_operations_has_room (self->serving->central, NULL);
}

/* Checks before the body */

/* Whether work may still be handed over; if so, leave() after it was. */
static gboolean
enter (PlazaServing *serving)
{
  g_rw_lock_reader_lock (&serving->door);
  if (!serving->closed)
    return TRUE;
  g_rw_lock_reader_unlock (&serving->door);
  return FALSE;
}

static void
leave (PlazaServing *serving)
{
  g_rw_lock_reader_unlock (&serving->door);
}

/* Noting when a device was seen, and that its token arrived: its code gives no other from now on.
 * Nothing waits for it. */

static gboolean
note_device (PlazaStorage *storage, gpointer device, GError **error)
{
  return storage->table->note_device (storage, device, plaza_clock_now_ms (), error);
}

static void
device_noted (gpointer device, const GError *error)
{
  if (error != NULL)
    g_warning ("noting a device: %s", error->message);
  g_free (device);
}

/* The first use of a token that replaces another, which is dead before anything is answered. */

typedef struct
{
  const char *device;
  const PlazaHash *hash;
} Promotion;

static gboolean
promote_token (PlazaStorage *storage, gpointer data, GError **error)
{
  const Promotion *promotion = data;

  return storage->table->promote_token (storage, promotion->device, promotion->hash, error);
}

static void
settle_token (PlazaRequest *self, const PlazaHash *hash)
{
  PlazaServing *serving = self->serving;
  Promotion promotion = { self->device.id, hash };
  gboolean unseen = plaza_clock_now_ms () - self->device.last_seen > SEEN_MS;
  g_autoptr (GError) error = NULL;

  if ((!self->device.token_next && self->device.token_used && !unseen) || !enter (serving))
    return;
  if (self->device.token_next &&
      !plaza_writer_run (serving->writer, promote_token, &promotion, &error))
    plaza_request_refuse_for (self, error);
  else
    plaza_writer_submit (serving->writer, note_device, device_noted, g_strdup (self->device.id));
  leave (serving);
}

static void
check_token (PlazaRequest *self, const char *token)
{
  PlazaStorage *reader;
  PlazaHash hash;
  g_autoptr (GError) error = NULL;
  gint64 now = g_get_monotonic_time ();
  gboolean found = FALSE, done;

  if (token != NULL && strlen (token) < 128)
    {
      plaza_enrolment_hash_token (token, &hash);
      reader = g_async_queue_pop (self->serving->readers);
      done = reader->table->find_device_by_token (reader, &hash, &self->device, &found, &error);
      g_async_queue_push (self->serving->readers, reader);
      if (!done)
        {
          plaza_request_refuse_for (self, error);
          return;
        }
    }
  if (!found)
    {
      /* a good token is never made to wait for somebody else's bad ones */
      self->retry_after = plaza_limiter_get_wait (self->serving->tokens, self->source, now);
      plaza_limiter_charge (self->serving->tokens, self->source, now);
      plaza_request_refuse (self, self->retry_after > 0 ? PLAZA_RESULT_RATE : PLAZA_RESULT_TOKEN);
      return;
    }
  /* an expired token is no guess: its device is told to renew it, as often as it asks */
  if (self->device.token_expires <= plaza_clock_now_ms ())
    {
      plaza_request_refuse (self, PLAZA_RESULT_TOKEN);
      return;
    }
  settle_token (self, &hash);
  if (!self->answered && (self->route->roles & plaza_role_parse (self->device.role)) == 0)
    plaza_request_refuse (self, PLAZA_RESULT_FORBIDDEN);
}

static void
make_room (PlazaRequest *self, gsize body_length)
{
  gssize length = (gssize) body_length;

  if (!plaza_request_has_room (self))
    {
      plaza_request_refuse (self, PLAZA_RESULT_DISK);
      return;
    }
  if (g_atomic_pointer_add (&self->serving->buffered, length) + length > MAX_BUFFERED)
    {
      g_atomic_pointer_add (&self->serving->buffered, -length);
      plaza_request_refuse (self, PLAZA_RESULT_BUSY);
      return;
    }
  self->body = g_byte_array_new ();
  self->body_length = body_length;
}

void
plaza_request_begin (PlazaRequest *self, const char *method, const char *url)
{
  PlazaGateVerdict verdict;
  PlazaResult result = plaza_gate_check (self->connection, method, url, &verdict);

  self->route = verdict.route;
  self->parameter = verdict.parameter;
  if (result == PLAZA_RESULT_METHOD)
    {
      g_autofree char *allowed = plaza_route_allowed (url);

      plaza_request_add_header (self, "Allow", allowed);
    }
  if (result != PLAZA_RESULT_OK)
    {
      plaza_request_refuse (self, result);
      return;
    }
  if (self->route->roles != 0)
    check_token (self, verdict.token);
  if (!self->answered && self->route->work->begin != NULL)
    self->route->work->begin (self);
  if (!self->answered && verdict.body_length > 0)
    make_room (self, verdict.body_length);
}

/* After the body */

/* From another thread, once: lets libmicrohttpd send the answer. */
static void
resume (PlazaRequest *self)
{
  MHD_resume_connection (self->connection);
}

static gboolean
write_request (PlazaStorage *storage, gpointer data, GError **error)
{
  PlazaRequest *self = data;

  self->result = PLAZA_RESULT_OK;
  return self->route->work->write (self, storage, error);
}

static void
request_written (gpointer data, const GError *error)
{
  PlazaRequest *self = data;

  if (error != NULL)
    plaza_request_refuse_for (self, error);
  else if (self->result != PLAZA_RESULT_OK)
    plaza_request_refuse (self, self->result);
  else
    self->route->work->written (self);
  resume (self);
}

static void
look_request (gpointer data, PlazaLookahead *keys)
{
  PlazaRequest *self = data;

  self->route->work->look (self, keys);
}

static void
submit (PlazaRequest *self)
{
  plaza_writer_submit_looking (self->serving->writer,
                               self->route->work->look != NULL ? look_request : NULL, write_request,
                               request_written, self);
}

void
plaza_request_read (gpointer data, gpointer unused)
{
  PlazaRequest *self = data;
  PlazaStorage *reader = g_async_queue_pop (self->serving->readers);

  self->route->work->read (self, reader);
  g_async_queue_push (self->serving->readers, reader);
  if (self->answered)
    resume (self);
  else
    submit (self);
}

gboolean
plaza_request_work (PlazaRequest *self)
{
  const PlazaRouteWork *work = self->route->work;

  if (work->work != NULL)
    work->work (self);
  if (self->answered)
    return FALSE;
  if (!enter (self->serving))
    {
      plaza_request_refuse (self, PLAZA_RESULT_BUSY);
      return FALSE;
    }
  MHD_suspend_connection (self->connection);
  if (work->read != NULL)
    g_thread_pool_push (self->serving->workers, self, NULL);
  else
    submit (self);
  leave (self->serving);
  return TRUE;
}
