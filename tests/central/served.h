/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>
#include <json-glib/json-glib.h>

#include "central/server.h"
#include "fixture.h"

/*
 * A server of a fixture's central, and a client that says exactly what the test writes.
 */
typedef struct
{
  Fixture *fixture;
  PlazaServer *server;
  char *socket;
  char *operations;
} Served;

Served *served_new (const char *engine);
/** served_new_on: takes @fixture, whose settings may have been changed. */
Served *served_new_on (Fixture *fixture);
/** served_restart: stops the server and starts another on the same central. */
void served_restart (Served *self);
void served_free (Served *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Served, served_free)

/* Raw */

GSocketConnection *served_dial (Served *self);
void served_say (GSocketConnection *connection, const void *data, gsize length);
/** served_hear: what the server says until it closes or one answer is complete. */
char *served_hear (GSocketConnection *connection, gsize *length);
/** served_ask: the status of one raw request; 0 when the server only closes. */
guint served_ask (Served *self, const char *request, char **answer);
/** served_ask_tls: as served_ask() through TLS. */
guint served_ask_tls (Served *self, const char *request, char **answer);
/** served_operate: the status of @path on the operations socket. */
guint served_operate (Served *self, const char *path, char **answer);

/* One request and its answer */

typedef struct
{
  guint status; /* 0: the server only closed */
  char *head;
  GBytes *body;
} Answer;

void answer_clear (Answer *answer);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Answer, answer_clear)

/**
 * served_send: @out is cleared first.
 * @token, @fields ("Name: value\r\n…"), @type, @body: (nullable)
 */
void served_send (Served *self,
                  const char *method,
                  const char *path,
                  const char *token,
                  const char *fields,
                  const char *type,
                  GBytes *body,
                  Answer *out);

/** answer_field: Returns: (transfer full) (nullable): a header field. */
char *answer_field (const Answer *answer, const char *name);
/** answer_object: Returns: (transfer full): the body, which is JSON. */
JsonObject *answer_object (const Answer *answer);
/** answer_code: Returns: (transfer full): the stable code of an error. */
char *answer_code (const Answer *answer);

GBytes *served_post_envelope (Served *self, const char *token, GBytes *envelope, guint *status);
PlazaReceipt *served_read_receipt (Served *self, GBytes *bytes, GBytes *envelope);
