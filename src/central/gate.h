/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>
#include <microhttpd.h>

#include "wire/result.h"

G_BEGIN_DECLS

typedef enum
{
  PLAZA_ROUTE_HEALTH,    /* GET /healthz: the process lives */
  PLAZA_ROUTE_READY,     /* GET /readyz: the database takes writes and the disk has room */
  PLAZA_ROUTE_CAMPAIGN,  /* GET /v1/campaign/FINGERPRINT */
  PLAZA_ROUTE_PROBE,     /* GET /v1/probe */
  PLAZA_ROUTE_ENROL,     /* POST /v1/enrol */
  PLAZA_ROUTE_ENVELOPES, /* POST /v1/envelopes */
} PlazaRoute;

#define PLAZA_N_ROUTES (PLAZA_ROUTE_ENVELOPES + 1)

/* What a route takes; the one table that code, test and manual follow. */
typedef struct
{
  const char *path;   /* ends in "/" when more follows */
  const char *method; /* "GET" or "POST" */
  gboolean token;     /* asks for a bearer token */
  gsize max_body;     /* bytes; 0: no body */
  const char *body_type;
} PlazaRouteInfo;

extern const PlazaRouteInfo plaza_routes[PLAZA_N_ROUTES];

/* All header fields of one request may take so many bytes. */
#define PLAZA_GATE_MAX_HEADERS (16 * 1024)

typedef struct
{
  PlazaRoute route;
  const char *rest;  /* of the path behind the route's */
  const char *token; /* (nullable): as the client sent it */
  gsize body_length; /* exact */
} PlazaGateVerdict;

/**
 * plaza_gate_check: judges a request by its line and header before a byte of its body is read:
 * exactly one Host, at most one Content-Length made of digits, no Transfer-Encoding at all, no
 * blanks in names, a known path and method, a body no larger than the route takes, of its type.
 */
PlazaResult plaza_gate_check (struct MHD_Connection *connection,
                              const char *method,
                              const char *url,
                              PlazaGateVerdict *out);

G_END_DECLS
