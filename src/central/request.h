/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "central/gate.h"
#include "central/intake.h"
#include "central/limiter.h"
#include "central/writer.h"
#include "wire/enrol.h"

G_BEGIN_DECLS

/* What the requests of one server share; everything in it may be used by any thread. */
typedef struct
{
  PlazaCentral *central;
  PlazaWriter *writer;
  GAsyncQueue *readers; /* (element-type PlazaStorage): borrow one, give it back */
  GThreadPool *openers; /* (element-type PlazaRequest): open envelopes */
  PlazaLimiter *enrolments;
  PlazaLimiter *tokens;
  GRWLock door;    /* held to read while something is handed to the writer or the openers */
  gboolean closed; /* nothing may be handed over any more */
  gssize buffered; /* atomic: bytes of bodies in memory */
  gint running;    /* atomic: requests begun and not completed */
} PlazaServing;

/* One request, from its header to its answer. */
typedef struct
{
  PlazaServing *serving;
  struct MHD_Connection *connection;
  PlazaRoute route;
  char *source; /* address, for limits only; never logged */
  GByteArray *body;
  gsize body_length;
  PlazaEnrolRequest enrol;
  PlazaEnrolment enrolment;
  PlazaIntake *intake;
  /* the answer, once it is there */
  gboolean answered;
  PlazaResult result;
  GBytes *answer;
  const char *answer_type;
  guint retry_after; /* seconds; 0: none */
} PlazaRequest;

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
gboolean plaza_request_work (PlazaRequest *self, const char *url);

/** plaza_request_open: what the openers' threads do with an envelope. */
void plaza_request_open (gpointer request, gpointer unused);

/** plaza_request_refuse: answers with an error. */
void plaza_request_refuse (PlazaRequest *self, PlazaResult result);

G_END_DECLS
