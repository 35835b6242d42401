/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "fake-central.h"
#include "wire/result.h"
#include "wire/token.h"

G_BEGIN_DECLS

/* The fake central in two files: what it is, and its further routes (fake-central-routes.c). */

struct _FakeCentral
{
  FakeServer *server;
  PlazaCampaign *campaign;
  char *id;
  PlazaPublicKey campaign_key;
  PlazaSecret *campaign_secret;
  char *key_texts[5];
  PlazaSecret *sign_secret;
  PlazaSecret *other_secret;
  PlazaSecret *seal_secret;

  GMutex lock;
  FakeLie lie;
  gboolean at_random;
  gboolean cut_enrolment;
  char *refused;         /* the envelope that LIE_REFUSE refuses */
  GHashTable *codes;     /* code → device key text */
  GHashTable *devices;   /* device id → PlazaPublicKey */
  GHashTable *envelopes; /* id → number of entries */
  GHashTable *entries;   /* id → PlazaEntry */
  guint repeats;
  char *token;      /* the one that is good */
  guint tokens;     /* given */
  gboolean revoked; /* every device */
  guint8 challenge[PLAZA_CHALLENGE_SIZE];
  GHashTable *uploads; /* id → GByteArray */
  PlazaCampaign *newer;
  FakeCounts counts;
  guint lied;
};

/** fake_central_answer: an error body. */
void fake_central_answer (FakeAnswer *answer, const char *status, PlazaResult result);

/** fake_central_take_in: opens and keeps; the receipt says what is new. NULL when it does not open.
 */
GBytes *fake_central_take_in (FakeCentral *self, GBytes *envelope, FakeLie lie);

/** fake_central_route: answers one of the further routes; FALSE when @request is none of them. */
gboolean fake_central_route (FakeCentral *self, const FakeRequest *request, FakeAnswer *answer);

/** fake_central_draw_lie: the lie of the next answer to an envelope or a piece. */
FakeLie fake_central_draw_lie (FakeCentral *self);

G_END_DECLS
