/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/json.h"
#include "central/central.h"
#include "central/gate.h"
#include "central/limiter.h"
#include "central/writer.h"

G_BEGIN_DECLS

#define PLAZA_TYPE_JSON "application/json; charset=utf-8"

/* What the requests of one server share; everything in it may be used by any thread. */
typedef struct
{
  PlazaCentral *central;
  PlazaWriter *writer;
  GAsyncQueue *readers;  /* (element-type PlazaStorage): borrow one, give it back */
  GThreadPool *workers;  /* (element-type PlazaRequest): what takes its time */
  PlazaLimiter *guesses; /* of codes: few, since people type them */
  PlazaLimiter *tokens;  /* of tokens and device keys: more, since a guess is hopeless and laptops
                            behind one address must not lock each other out */
  GRWLock door;          /* held to read while something is handed to the writer or the workers */
  gboolean closed;       /* nothing may be handed over any more */
  gssize buffered;       /* atomic: bytes of bodies in memory */
  gint running;          /* atomic: requests begun and not completed */
  gint stopping;         /* atomic */
} PlazaServing;

/* One request, from its header to its answer. */
struct _PlazaRequest
{
  PlazaServing *serving;
  struct MHD_Connection *connection;
  const PlazaRoute *route; /* NULL when there is none */
  gint64 begun;            /* monotonic µs */
  char *parameter;         /* (nullable): what the path names */
  char *source;            /* address, for limits; no more than its network is logged */
  PlazaDevice device;      /* whose token it is; id NULL without one */
  GByteArray *body;
  gsize body_length;
  gboolean unlogged; /* that it came, and when, is nowhere written down: contacts */
  gpointer state;    /* the route's own */
  GDestroyNotify state_free;
  /* the answer, once it is there */
  gboolean answered;
  PlazaResult result;
  guint status; /* of a success; 0: the route's first */
  GBytes *answer;
  const char *answer_type;
  GStrvBuilder *headers; /* (nullable): name, value, name, … */
  guint retry_after;     /* seconds; 0: none */
};

PlazaRequest *plaza_request_new (PlazaServing *serving, struct MHD_Connection *connection);
void plaza_request_free (PlazaRequest *self);

/**
 * plaza_request_begin: the header was read: checks it, the token and the limits. When the request
 * is refused, it is answered.
 */
void plaza_request_begin (PlazaRequest *self, const char *method, const char *url);

/**
 * plaza_request_work: the body is there. Answers at once (FALSE), or suspends the connection
 * (TRUE), which is resumed once the answer is there.
 */
gboolean plaza_request_work (PlazaRequest *self);

/** plaza_request_read: what the workers' threads do with a request. */
void plaza_request_read (gpointer request, gpointer unused);

/** plaza_uploads_drop_stale: a job for the writer: forgets uploads that nobody goes on with. */
gboolean plaza_uploads_drop_stale (PlazaStorage *storage, gpointer unused, GError **error);

/* For the routes */

/** plaza_request_header: (nullable): a header field of the request, the first of that name. */
const char *plaza_request_header (PlazaRequest *self, const char *name);

/** plaza_request_take_body: Returns: (transfer full): the whole body, once. */
GBytes *plaza_request_take_body (PlazaRequest *self);

/**
 * plaza_request_answer: a success.
 * @bytes: (transfer full)
 * @type: (nullable): static; NULL when the answer has no body
 */
void plaza_request_answer (PlazaRequest *self, GBytes *bytes, const char *type);

/** plaza_request_answer_json: (transfer full): as plaza_request_answer() with an object. */
void plaza_request_answer_json (PlazaRequest *self, JsonObject *object);

/** plaza_request_add_header: a field of the answer. */
void plaza_request_add_header (PlazaRequest *self, const char *name, const char *value);

/** plaza_request_refuse: answers with an error. */
void plaza_request_refuse (PlazaRequest *self, PlazaResult result);

/** plaza_request_refuse_for: answers with what a failure of ours is to the laptop. */
void plaza_request_refuse_for (PlazaRequest *self, const GError *error);

/** plaza_request_wait_for: refuses when the source failed too often under @limiter. */
void plaza_request_wait_for (PlazaRequest *self, PlazaLimiter *limiter);

/**
 * plaza_request_charge: holds a failure against the source, unless @result is a failure of ours or
 * the source waits already.
 */
void plaza_request_charge (PlazaRequest *self, PlazaLimiter *limiter, PlazaResult result);

/** plaza_request_has_room: whether the disk is above its floor. */
gboolean plaza_request_has_room (PlazaRequest *self);

G_END_DECLS
