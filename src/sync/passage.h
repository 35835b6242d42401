/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sync/client.h"
#include "sync/pace.h"

G_BEGIN_DECLS

/**
 * PlazaPassage: brings one envelope to the central, whoever wrote it: a small one by one POST, a
 * large one in pieces with a digest each, which the central keeps durably; what is a piece depends
 * on the link. Cut at any byte, the next upload of the same envelope goes on from the offset that
 * the central states, after a restart and tomorrow too.
 */
typedef struct
{
  const char *id; /* of the envelope: 64 hexadecimal digits */
  GBytes *envelope;
  gsize offset;     /* the central has so much of it, as far as is known here */
  gboolean again;   /* it was begun before, perhaps, and nothing is known: ask what is there */
  gboolean cut;     /* a connection just broke: the others may be dead, too */
  gboolean *halted; /* becomes TRUE to end after the present piece, or NULL */
  PlazaPace *pace;
  PlazaSentFunc on_sent; /* bytes that are there; may go back. Or NULL */
  gpointer sent_data;    /* these three outlive the upload */
} PlazaPassage;

/** plaza_passage_async: @passage is copied. */
void plaza_passage_async (PlazaClient *client,
                          const PlazaPassage *passage,
                          GCancellable *cancellable,
                          GAsyncReadyCallback callback,
                          gpointer user_data);

/** PlazaPassageEnd: what is known besides the error; see the functions of PlazaClient. */
typedef struct
{
  gboolean advanced; /* the central took a piece */
  gsize offset;      /* where to go on */
  gboolean reached;
  gboolean clock_doubt;
  PlazaRefusal refusal;
} PlazaPassageEnd;

/**
 * plaza_passage_finish: the receipt, NOT verified here. @out_end: (out): filled in any case.
 * Besides PlazaClient's errors: G_IO_ERROR_CANCELLED when it was halted, PLAZA_ERROR_INVALID when
 * the central's answers make no sense.
 */
GBytes *plaza_passage_finish (PlazaClient *client,
                              GAsyncResult *result,
                              PlazaPassageEnd *out_end,
                              GError **error);

G_END_DECLS
