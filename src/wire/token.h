/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "seal/sign.h"

G_BEGIN_DECLS

/*
 * A new bearer token for the holder of a device key: GET /v1/challenge gives bytes that are good
 * for five minutes, POST /v1/token takes them back signed. The old token dies when the new one is
 * first used, so a lost answer costs nothing: ask again with a new challenge.
 */

/** Bytes of a challenge; what is in them is the central's alone. */
#define PLAZA_CHALLENGE_SIZE 56u
/** Largest body of any of these documents. */
#define PLAZA_TOKEN_MAX_BYTES 4096u

/** plaza_challenge_to_json: {"challenge"}: base64url. @challenge: PLAZA_CHALLENGE_SIZE bytes. */
GBytes *plaza_challenge_to_json (GBytes *challenge);
/** plaza_challenge_parse: Returns: (transfer full): the bytes, or NULL with PLAZA_ERROR_INVALID. */
GBytes *plaza_challenge_parse (GBytes *json, GError **error);

/** PlazaTokenRequest: body of POST /v1/token: {"device","challenge","signature"}. */
typedef struct
{
  char *device;      /* UUID */
  GBytes *challenge; /* PLAZA_CHALLENGE_SIZE bytes */
  guint8 signature[PLAZA_SIGNATURE_SIZE];
} PlazaTokenRequest;

/**
 * plaza_token_request_sign: fills @out (zeroed before): Ed25519 over "PLZTOK01" ‖ campaign hash
 * (32) ‖ device UUID (16) ‖ challenge.
 * @fingerprint: of the campaign
 * @challenge: from plaza_challenge_parse()
 * @device_secret: 64 bytes
 * Errors: PLAZA_ERROR_INVALID.
 */
gboolean plaza_token_request_sign (PlazaTokenRequest *out,
                                   const char *fingerprint,
                                   const char *device,
                                   GBytes *challenge,
                                   const PlazaSecret *device_secret,
                                   GError **error);

/** plaza_token_request_verify: the signature; PLAZA_ERROR_SIGNATURE or PLAZA_ERROR_INVALID. */
gboolean plaza_token_request_verify (const PlazaTokenRequest *request,
                                     const char *fingerprint,
                                     const PlazaPublicKey *device_key,
                                     GError **error);

GBytes *plaza_token_request_to_json (const PlazaTokenRequest *request);
gboolean plaza_token_request_parse (GBytes *json, PlazaTokenRequest *out, GError **error);
void plaza_token_request_clear (PlazaTokenRequest *request);

/** PlazaTokenGrant: the answer: {"token","expires","batch"}. */
typedef struct
{
  char *token;   /* bearer token, "ccd_…"; wipe a copy with plaza_secret_wipe_string() */
  char *expires; /* ISO 8601 in UTC; a hint, the central decides */
  char *batch;   /* (nullable): of the device's folios, for one that joined without being told */
} PlazaTokenGrant;

GBytes *plaza_token_grant_to_json (const PlazaTokenGrant *grant);
gboolean plaza_token_grant_parse (GBytes *json, PlazaTokenGrant *out, GError **error);
void plaza_token_grant_clear (PlazaTokenGrant *grant);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PlazaTokenRequest, plaza_token_request_clear)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PlazaTokenGrant, plaza_token_grant_clear)

G_END_DECLS
