/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <microhttpd.h>

#include "central/route.h"

G_BEGIN_DECLS

/* All header fields of one request may take so many bytes. */
#define PLAZA_GATE_MAX_HEADERS (16 * 1024)

typedef struct
{
  const PlazaRoute *route; /* NULL unless it was found */
  char *parameter;         /* (nullable): what the path names */
  const char *token;       /* (nullable): as the client sent it; the connection's */
  gsize body_length;       /* exact */
} PlazaGateVerdict;

/**
 * plaza_gate_check: judges a request by its line and header before a byte of its body is read:
 * exactly one Host, at most one Content-Length made of digits, no Transfer-Encoding at all, nothing
 * that means something here twice, no blanks in names, no folded lines, no control characters, a
 * known method and path, a body no larger than the route takes, of its type.
 */
PlazaResult plaza_gate_check (struct MHD_Connection *connection,
                              const char *method,
                              const char *url,
                              PlazaGateVerdict *out);

/**
 * plaza_gate_number: reads a decimal number without sign, blanks or leading plus; FALSE for
 * anything else and for more than 15 digits.
 */
gboolean plaza_gate_number (const char *text, guint64 *out);

G_END_DECLS
