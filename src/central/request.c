/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-central"

#include <string.h>
#include <sys/statvfs.h>

#include "base/error.h"
#include "central/enrolment.h"
#include "central/request.h"
#include "wire/joinlink.h"

/* Bodies of all requests together; more has to wait. */
#define MAX_BUFFERED (256 * 1024 * 1024)
#define BUSY_SECONDS 5
#define DISK_SECONDS 300

#define TYPE_JSON "application/json; charset=utf-8"
#define TYPE_CAMPAIGN "application/vnd.plaza.campaign"

PlazaRequest *
plaza_request_new (PlazaServing *serving, struct MHD_Connection *connection)
{
  PlazaRequest *self = g_new0 (PlazaRequest, 1);

  self->serving = serving;
  self->connection = connection;
  g_atomic_int_inc (&serving->running);
  return self;
}

void
plaza_request_free (PlazaRequest *self)
{
  PlazaServing *serving = self->serving;

  if (self->body != NULL)
    {
      g_byte_array_unref (self->body);
      g_atomic_pointer_add (&serving->buffered, -(gssize) self->body_length);
    }
  g_free (self->source);
  plaza_enrol_request_clear (&self->enrol);
  plaza_enrolment_clear (&self->enrolment);
  g_clear_pointer (&self->intake, plaza_intake_free);
  g_clear_pointer (&self->answer, g_bytes_unref);
  g_free (self);
  g_atomic_int_add (&serving->running, -1);
}

/* Answers */

static void
answer (PlazaRequest *self, GBytes *bytes, const char *type)
{
  self->result = PLAZA_RESULT_OK;
  g_clear_pointer (&self->answer, g_bytes_unref);
  self->answer = bytes;
  self->answer_type = type;
  self->answered = TRUE;
}

void
plaza_request_refuse (PlazaRequest *self, PlazaResult result)
{
  answer (self, plaza_result_to_json (result), TYPE_JSON);
  self->result = result;
  if (self->retry_after == 0 && result == PLAZA_RESULT_BUSY)
    self->retry_after = BUSY_SECONDS;
  else if (self->retry_after == 0 && result == PLAZA_RESULT_DISK)
    self->retry_after = DISK_SECONDS;
}

static void
answer_ok (PlazaRequest *self)
{
  answer (self, g_bytes_new_static ("{\"status\":\"ok\"}", strlen ("{\"status\":\"ok\"}")),
          TYPE_JSON);
}

/* What a failure of ours is to the laptop; the reason stays in our log. */
static void
refuse_for (PlazaRequest *self, const GError *error)
{
  PlazaResult result = PLAZA_RESULT_INTERNAL;

  g_warning ("%s: %s", plaza_routes[self->route].path, error->message);
  if (g_error_matches (error, PLAZA_ERROR, PLAZA_ERROR_DISK))
    result = PLAZA_RESULT_DISK;
  else if (error->domain == PLAZA_ERROR)
    result = PLAZA_RESULT_BUSY; /* the laptop keeps what it has and tries again */
  plaza_request_refuse (self, result);
}

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

/* From another thread, once: lets libmicrohttpd send the answer. */
static void
resume (PlazaRequest *self)
{
  MHD_resume_connection (self->connection);
}

/* Checks before the body */

/* Noting that a token arrived where it belongs: from now on its code gives no other. */

static gboolean
note_token (PlazaStorage *storage, gpointer device, GError **error)
{
  return storage->table->set_token_used (storage, device, error);
}

static void
token_noted (gpointer device, const GError *error)
{
  if (error != NULL)
    g_warning ("noting a token: %s", error->message);
  g_free (device);
}

static gboolean
check_token (PlazaRequest *self, const char *token)
{
  PlazaStorage *reader;
  PlazaHash hash;
  PlazaDevice device = { 0 };
  g_autoptr (GError) error = NULL;
  gint64 now = g_get_monotonic_time ();
  gboolean found = FALSE, done;

  if (token != NULL && strlen (token) < 128)
    {
      plaza_enrolment_hash_token (token, &hash);
      reader = g_async_queue_pop (self->serving->readers);
      done = reader->table->find_device_by_token (reader, &hash, &device, &found, &error);
      g_async_queue_push (self->serving->readers, reader);
      if (!done)
        {
          refuse_for (self, error);
          return FALSE;
        }
    }
  if (found && !device.token_used && enter (self->serving))
    {
      plaza_writer_submit (self->serving->writer, note_token, token_noted, g_strdup (device.id));
      leave (self->serving);
    }
  plaza_device_clear (&device);
  if (found)
    return TRUE;

  /* a good token is never made to wait for somebody else's bad ones */
  self->retry_after = plaza_limiter_get_wait (self->serving->tokens, self->source, now);
  plaza_limiter_charge (self->serving->tokens, self->source, now);
  plaza_request_refuse (self, self->retry_after > 0 ? PLAZA_RESULT_RATE : PLAZA_RESULT_TOKEN);
  return FALSE;
}

static gboolean
has_room (PlazaCentral *central)
{
  struct statvfs status;

  if (central->disk_floor_mib == 0 || statvfs (central->directory, &status) != 0)
    return TRUE;
  return (guint64) status.f_bavail * status.f_frsize / (1024 * 1024) >= central->disk_floor_mib;
}

static gboolean
check_room (PlazaRequest *self, gsize body_length)
{
  if (!has_room (self->serving->central))
    {
      plaza_request_refuse (self, PLAZA_RESULT_DISK);
      return FALSE;
    }
  if (g_atomic_pointer_add (&self->serving->buffered, (gssize) body_length) + (gssize) body_length >
      MAX_BUFFERED)
    {
      g_atomic_pointer_add (&self->serving->buffered, -(gssize) body_length);
      plaza_request_refuse (self, PLAZA_RESULT_BUSY);
      return FALSE;
    }
  self->body = g_byte_array_new ();
  self->body_length = body_length;
  return TRUE;
}

void
plaza_request_begin (PlazaRequest *self, const char *method, const char *url)
{
  PlazaGateVerdict verdict;
  PlazaResult result = plaza_gate_check (self->connection, method, url, &verdict);

  self->route = verdict.route;
  if (result != PLAZA_RESULT_OK)
    {
      plaza_request_refuse (self, result);
      return;
    }
  if (plaza_routes[self->route].token && !check_token (self, verdict.token))
    return;
  if (self->route == PLAZA_ROUTE_ENROL)
    {
      self->retry_after =
          plaza_limiter_get_wait (self->serving->enrolments, self->source, g_get_monotonic_time ());
      if (self->retry_after > 0)
        {
          plaza_request_refuse (self, PLAZA_RESULT_RATE);
          return;
        }
    }
  if (verdict.body_length > 0)
    check_room (self, verdict.body_length);
}

/* Readiness */

static gboolean
write_nothing (PlazaStorage *storage, gpointer data, GError **error)
{
  return TRUE;
}

static void
ready_done (gpointer data, const GError *error)
{
  PlazaRequest *self = data;

  if (error != NULL)
    refuse_for (self, error);
  else if (!has_room (self->serving->central))
    plaza_request_refuse (self, PLAZA_RESULT_DISK);
  else
    answer_ok (self);
  resume (self);
}

/* Campaign */

static void
answer_campaign (PlazaRequest *self, const char *fingerprint)
{
  g_autoptr (PlazaCampaign) campaign =
      plaza_central_find_campaign (self->serving->central, fingerprint);

  if (campaign == NULL)
    plaza_request_refuse (self, PLAZA_RESULT_NOT_FOUND);
  else
    answer (self, g_bytes_ref (plaza_campaign_package (campaign)), TYPE_CAMPAIGN);
}

/* Enrolment */

static gboolean
enrol (PlazaStorage *storage, gpointer data, GError **error)
{
  PlazaRequest *self = data;

  return plaza_enrolment_join (self->serving->central, storage, &self->enrol, &self->enrolment,
                               &self->result, error);
}

static void
enrol_done (gpointer data, const GError *error)
{
  PlazaRequest *self = data;

  if (error != NULL)
    refuse_for (self, error);
  else if (self->result != PLAZA_RESULT_OK)
    {
      plaza_limiter_charge (self->serving->enrolments, self->source, g_get_monotonic_time ());
      g_message ("enrolment refused: %s", plaza_result_code (self->result));
      plaza_request_refuse (self, self->result);
    }
  else
    {
      g_message ("device %s joined", self->enrolment.device);
      answer (self, plaza_enrolment_to_json (&self->enrolment), TYPE_JSON);
    }
  resume (self);
}

static GBytes *
take_body (PlazaRequest *self)
{
  GBytes *bytes = g_byte_array_free_to_bytes (g_steal_pointer (&self->body));

  g_atomic_pointer_add (&self->serving->buffered, -(gssize) self->body_length);
  return bytes;
}

static gboolean
read_enrolment (PlazaRequest *self)
{
  g_autoptr (GBytes) body = take_body (self);
  g_autoptr (GError) error = NULL;

  if (plaza_enrol_request_parse (body, &self->enrol, &error))
    return TRUE;
  g_info ("enrolment: %s", error->message);
  plaza_limiter_charge (self->serving->enrolments, self->source, g_get_monotonic_time ());
  plaza_request_refuse (self, PLAZA_RESULT_BAD_REQUEST);
  return FALSE;
}

/* Envelopes */

static gboolean
store (PlazaStorage *storage, gpointer data, GError **error)
{
  PlazaRequest *self = data;

  if (self->intake->contacts || self->intake->destroys)
    plaza_writer_want_checkpoint (self->serving->writer);
  return plaza_intake_store (self->intake, storage, error);
}

static void
store_done (gpointer data, const GError *error)
{
  PlazaRequest *self = data;
  g_autoptr (GError) local = NULL;
  GBytes *receipt;

  if (error != NULL)
    refuse_for (self, error);
  else if ((receipt = plaza_intake_receipt (self->intake, self->serving->central, &local)) == NULL)
    refuse_for (self, local);
  else
    answer (self, receipt, PLAZA_RECEIPT_MEDIA_TYPE);
  resume (self);
}

void
plaza_request_open (gpointer data, gpointer unused)
{
  PlazaRequest *self = data;
  PlazaStorage *reader = g_async_queue_pop (self->serving->readers);
  g_autoptr (GBytes) envelope = take_body (self);
  g_autoptr (GError) error = NULL;
  PlazaResult result = PLAZA_RESULT_INTERNAL;

  self->intake = plaza_intake_open (self->serving->central, reader, envelope, &result, &error);
  g_async_queue_push (self->serving->readers, reader);
  if (self->intake != NULL)
    {
      plaza_writer_submit (self->serving->writer, store, store_done, self);
      return;
    }
  g_message ("envelope refused: %s", error->message);
  plaza_request_refuse (self, result);
  resume (self);
}

/* Suspends and hands over; the connection is resumed with the answer. FALSE: answered instead. */
static gboolean
hand_over (PlazaRequest *self)
{
  PlazaServing *serving = self->serving;

  if (!enter (serving))
    {
      plaza_request_refuse (self, PLAZA_RESULT_BUSY);
      return FALSE;
    }
  MHD_suspend_connection (self->connection);
  if (self->route == PLAZA_ROUTE_READY)
    plaza_writer_submit (serving->writer, write_nothing, ready_done, self);
  else if (self->route == PLAZA_ROUTE_ENROL)
    plaza_writer_submit (serving->writer, enrol, enrol_done, self);
  else
    g_thread_pool_push (serving->openers, self, NULL);
  leave (serving);
  return TRUE;
}

gboolean
plaza_request_work (PlazaRequest *self, const char *url)
{
  switch (self->route)
    {
    case PLAZA_ROUTE_HEALTH:
    case PLAZA_ROUTE_PROBE:
      answer_ok (self);
      return FALSE;
    case PLAZA_ROUTE_CAMPAIGN:
      answer_campaign (self, url + strlen (plaza_routes[PLAZA_ROUTE_CAMPAIGN].path));
      return FALSE;
    case PLAZA_ROUTE_ENROL:
      return read_enrolment (self) && hand_over (self);
    case PLAZA_ROUTE_READY:
    case PLAZA_ROUTE_ENVELOPES:
    default:
      return hand_over (self);
    }
}
