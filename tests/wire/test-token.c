/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What renews a token and what sends in pieces: both ends read what the other writes. */
#include <string.h>

#include "base/error.h"
#include "base/uuid.h"
#include "wire/envelope.h"
#include "wire/piece.h"
#include "wire/result.h"
#include "wire/token.h"

static GBytes *
bytes_of (const char *text)
{
  return g_bytes_new_static (text, strlen (text));
}

static GBytes *
new_challenge (guint8 filler)
{
  guint8 bytes[PLAZA_CHALLENGE_SIZE];

  memset (bytes, filler, sizeof bytes);
  return g_bytes_new (bytes, sizeof bytes);
}

static void
test_challenge (void)
{
  static const char *const bad[] = {
    "{\"challenge\":\"\"}", "{\"challenge\":\"AAAA\"}", "{\"challenge\":7}", "{}", "[]", "<html>",
  };
  g_autoptr (GBytes) challenge = new_challenge (7);
  g_autoptr (GBytes) json = plaza_challenge_to_json (challenge);
  g_autoptr (GBytes) back = plaza_challenge_parse (json, NULL);

  g_assert_true (g_bytes_equal (challenge, back));
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GBytes) body = bytes_of (bad[i]);
      g_autoptr (GError) error = NULL;

      g_assert_null (plaza_challenge_parse (body, &error));
      g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_INVALID);
    }
}

static void
test_request (void)
{
  PlazaPublicKey campaign, other_campaign, key, other_key;
  g_autoptr (PlazaSecret) campaign_secret = NULL;
  g_autoptr (PlazaSecret) other_campaign_secret = NULL;
  g_autoptr (PlazaSecret) secret = NULL;
  g_autoptr (PlazaSecret) other_secret = NULL;
  g_autofree char *fingerprint = NULL;
  g_autofree char *other_fingerprint = NULL;
  g_autofree char *device = plaza_uuid_random ();
  g_autofree char *other_device = plaza_uuid_random ();
  g_autoptr (GBytes) challenge = new_challenge (1);
  g_autoptr (GBytes) other_challenge = new_challenge (2);
  g_autoptr (GBytes) json = NULL;
  g_auto (PlazaTokenRequest) request = { 0 };
  g_auto (PlazaTokenRequest) back = { 0 };
  g_autoptr (GError) error = NULL;

  plaza_sign_keypair (&campaign, &campaign_secret);
  plaza_sign_keypair (&other_campaign, &other_campaign_secret);
  plaza_sign_keypair (&key, &secret);
  plaza_sign_keypair (&other_key, &other_secret);
  fingerprint = plaza_public_key_fingerprint (&campaign);
  other_fingerprint = plaza_public_key_fingerprint (&other_campaign);

  g_assert_true (
      plaza_token_request_sign (&request, fingerprint, device, challenge, secret, &error));
  g_assert_no_error (error);
  json = plaza_token_request_to_json (&request);
  g_assert_true (plaza_token_request_parse (json, &back, &error));
  g_assert_no_error (error);
  g_assert_true (plaza_token_request_verify (&back, fingerprint, &key, &error));
  g_assert_no_error (error);

  g_assert_false (plaza_token_request_verify (&back, fingerprint, &other_key, NULL));
  g_assert_false (plaza_token_request_verify (&back, other_fingerprint, &key, NULL));
  g_free (back.device);
  back.device = g_steal_pointer (&other_device);
  g_assert_false (plaza_token_request_verify (&back, fingerprint, &key, NULL));
  g_free (back.device);
  back.device = g_strdup (device);
  g_assert_true (plaza_token_request_verify (&back, fingerprint, &key, NULL));
  g_bytes_unref (back.challenge);
  back.challenge = g_bytes_ref (other_challenge);
  g_assert_false (plaza_token_request_verify (&back, fingerprint, &key, NULL));
}

static void
test_grant (void)
{
  PlazaTokenGrant grant = { (char *) "ccd_x", (char *) "2026-02-03T04:05:06.000Z", (char *) "Q4" };
  g_autoptr (GBytes) json = plaza_token_grant_to_json (&grant);
  g_autoptr (GBytes) undated = bytes_of ("{\"token\":\"ccd_x\",\"expires\":\"never\"}");
  g_autoptr (GBytes) more = bytes_of (
      "{\"token\":\"x\",\"expires\":\"2026-02-03T04:05:06Z\",\"role\":\"administrator\"}");
  g_auto (PlazaTokenGrant) back = { 0 };

  g_assert_true (plaza_token_grant_parse (json, &back, NULL));
  g_assert_cmpstr (back.token, ==, grant.token);
  g_assert_cmpstr (back.expires, ==, grant.expires);
  g_assert_cmpstr (back.batch, ==, grant.batch);
  g_assert_false (plaza_token_grant_parse (undated, &back, NULL));
  g_assert_false (plaza_token_grant_parse (more, &back, NULL));
}

static void
test_digest (void)
{
  static const char *const bad[] = { "", "blake2b-256=", "blake2b-256=::", "sha-256=:AAAA:" };
  g_autofree char *digest = plaza_piece_digest ("abc", 3);

  /* BLAKE2b-256 of "abc", from another implementation */
  g_assert_cmpstr (digest, ==, "blake2b-256=:vd2BPGNCOXIxce8/7phXm5SWTjuxyz5CcmLIwGjVIxk=:");
  g_assert_true (plaza_piece_digest_is_valid (digest));
  g_assert_true (plaza_piece_digest_check (digest, "abc", 3));
  g_assert_false (plaza_piece_digest_check (digest, "abd", 3));
  g_assert_false (plaza_piece_digest_check (digest, "ab", 2));
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    g_assert_false (plaza_piece_digest_is_valid (bad[i]));
}

static void
test_offset (void)
{
  static const char *const bad[] = {
    "{\"offset\":-1}",
    "{\"offset\":4194305}",
    "{\"offset\":\"1\"}",
    "{\"code\":\"digest\",\"message\":\"x\",\"offset\":1}",
    "{}",
  };
  g_autoptr (GBytes) plain = plaza_piece_offset_to_json (4096);
  g_autoptr (GBytes) refusal = plaza_result_to_json_offset (PLAZA_ENVELOPE_MAX_BYTES);
  PlazaResult result;
  guint64 offset;

  g_assert_true (plaza_piece_offset_parse (plain, &offset, NULL));
  g_assert_cmpuint (offset, ==, 4096);
  g_assert_true (plaza_piece_offset_parse (refusal, &offset, NULL));
  g_assert_cmpuint (offset, ==, PLAZA_ENVELOPE_MAX_BYTES);
  g_assert_true (plaza_result_parse (refusal, &result, NULL));
  g_assert_cmpint (result, ==, PLAZA_RESULT_OFFSET);
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GBytes) body = bytes_of (bad[i]);

      g_assert_false (plaza_piece_offset_parse (body, &offset, NULL));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  plaza_seal_init ();
  g_test_add_func ("/token/challenge", test_challenge);
  g_test_add_func ("/token/request", test_request);
  g_test_add_func ("/token/grant", test_grant);
  g_test_add_func ("/piece/digest", test_digest);
  g_test_add_func ("/piece/offset", test_offset);
  return g_test_run ();
}
