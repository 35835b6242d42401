/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "central/storage.h"
#include "wire/result.h"

G_BEGIN_DECLS

typedef struct _PlazaRequest PlazaRequest;

/** Who may use a route, as a mask; 0 asks for no token. */
typedef enum
{
  PLAZA_ROLE_FACILITATOR = 1 << 0,
  PLAZA_ROLE_COORDINATOR = 1 << 1,
  PLAZA_ROLE_ADMINISTRATOR = 1 << 2,
} PlazaRole;

#define PLAZA_ROLES_ALL (PLAZA_ROLE_FACILITATOR | PLAZA_ROLE_COORDINATOR | PLAZA_ROLE_ADMINISTRATOR)

/** plaza_role_parse: 0 for what is no role. */
PlazaRole plaza_role_parse (const char *name);

/**
 * PlazaRouteWork: what a route does, in this order; any function may be NULL, and any may answer
 * (plaza_request_answer(), plaza_request_refuse()), which ends it.
 *
 * @begin: the header was read and the token is good; the body was not read. In libmicrohttpd's
 *   thread: nothing slow, no database.
 * @work: the body is there. In the same thread.
 * @read: in a thread that may take its time, with a connection to read from.
 * @look: what @write will look up, for many requests at once; in the writer's thread.
 * @write: in the writer's transaction; may be run again from the start after a rollback. FALSE with
 *   @error when the database failed; a refusal is TRUE with self->result set.
 * @written: after the commit, when self->result is PLAZA_RESULT_OK: answers.
 * @refused: before an error is answered, whatever it is.
 * Whatever a route keeps for itself hangs on self->state.
 */
typedef struct
{
  void (*begin) (PlazaRequest *self);
  void (*work) (PlazaRequest *self);
  void (*read) (PlazaRequest *self, PlazaStorage *reader);
  void (*look) (PlazaRequest *self, PlazaLookahead *keys);
  gboolean (*write) (PlazaRequest *self, PlazaStorage *storage, GError **error);
  void (*written) (PlazaRequest *self);
  void (*refused) (PlazaRequest *self, PlazaResult result);
} PlazaRouteWork;

/**
 * PlazaRoute: one line of the table that code, description (data/openapi.json) and tests follow.
 */
typedef struct
{
  const char *method;
  const char *path;      /* a whole part in braces stands for what the client names: "{device}" */
  guint roles;           /* PlazaRole mask */
  const char *body_type; /* NULL: no body */
  gsize max_body;        /* bytes */
  const PlazaRouteWork *work;
  const char *statuses; /* of success, in order: "200", "200 304" */
  guint64 results;      /* 1 << PlazaResult of its own refusals, beside those that all have */
} PlazaRoute;

/** More than there will be, for arrays beside the table. */
#define PLAZA_MAX_ROUTES 64

extern const PlazaRoute plaza_routes[];
extern const guint plaza_n_routes;

/** plaza_route_number: where @route (nullable) stands in the table; plaza_n_routes for NULL. */
guint plaza_route_number (const PlazaRoute *route);

/** plaza_route_results: everything that @route may refuse with, as a mask. */
guint64 plaza_route_results (const PlazaRoute *route);

/**
 * plaza_route_find: PLAZA_RESULT_OK, _NOT_FOUND, or _METHOD when the path is known with others.
 * @path: as decoded once from the request's line
 * @out: (out): NULL unless found
 * @parameter: (out) (transfer full) (nullable): what stands for the part in braces
 */
PlazaResult
plaza_route_find (const char *method, const char *path, const PlazaRoute **out, char **parameter);

/** plaza_route_allowed: Returns: (transfer full): the methods of @path, "GET, PATCH". */
char *plaza_route_allowed (const char *path);

/* The routes' own files. */
extern const PlazaRouteWork plaza_route_campaign;
extern const PlazaRouteWork plaza_route_challenge;
extern const PlazaRouteWork plaza_route_devices;
extern const PlazaRouteWork plaza_route_enrol;
extern const PlazaRouteWork plaza_route_envelopes;
extern const PlazaRouteWork plaza_route_feed;
extern const PlazaRouteWork plaza_route_piece;
extern const PlazaRouteWork plaza_route_probe;
extern const PlazaRouteWork plaza_route_registration;
extern const PlazaRouteWork plaza_route_revoke;
extern const PlazaRouteWork plaza_route_token;
extern const PlazaRouteWork plaza_route_upload;

G_END_DECLS
