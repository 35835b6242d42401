/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fake-central-private.h"

#include <stdio.h>
#include <string.h>

#include "sync/client.h"
#include "wire/piece.h"
#include "wire/receipt.h"
#include "wire/registration.h"

/* Campaign, token, registration and uploads, as the central answers them. */

static void
answer_json (FakeAnswer *answer, const char *status, GBytes *json)
{
  fake_answer (answer, status, PLAZA_CLIENT_TYPE_JSON, NULL, g_bytes_get_data (json, NULL),
               (gssize) g_bytes_get_size (json));
  g_bytes_unref (json);
}

static void
answer_receipt (FakeAnswer *answer, GBytes *receipt)
{
  fake_answer (answer, "200 OK", PLAZA_RECEIPT_MEDIA_TYPE, NULL, g_bytes_get_data (receipt, NULL),
               (gssize) g_bytes_get_size (receipt));
}

/* The value of a header of the request. (transfer full) (nullable) */
static char *
header (const FakeRequest *request, const char *name)
{
  g_autofree char *start = g_strdup_printf ("\r\n%s:", name);
  const char *found = strcasestr (request->head, start);
  const char *end;

  if (!found)
    return NULL;
  found += strlen (start);
  end = strstr (found, "\r\n");
  return g_strstrip (g_strndup (found, (gsize) (end - found)));
}

static guint64
header_number (const FakeRequest *request, const char *name)
{
  g_autofree char *text = header (request, name);

  g_assert_nonnull (text);
  return g_ascii_strtoull (text, NULL, 10);
}

static gboolean
has_token (FakeCentral *self, const FakeRequest *request)
{
  g_autofree char *text = header (request, "Authorization");

  return text && g_str_has_prefix (text, "Bearer ") && g_str_equal (text + 7, self->token);
}

/* ETag, If-None-Match, Range and If-Range. */
static void
answer_campaign (FakeCentral *self, const FakeRequest *request, FakeAnswer *answer)
{
  GBytes *package = plaza_campaign_package (self->newer ? self->newer : self->campaign);
  gsize size;
  const char *data = g_bytes_get_data (package, &size);
  g_autofree char *none_match = header (request, "If-None-Match");
  g_autofree char *if_range = header (request, "If-Range");
  g_autofree char *range = header (request, "Range");
  PlazaHash hash;
  guint64 first = 0, last = 0;

  plaza_hash_bytes (package, &hash);
  g_autofree char *id = plaza_hash_to_string (&hash);
  g_autofree char *etag = g_strdup_printf ("\"%s\"", id);
  g_autofree char *etag_line = g_strdup_printf ("ETag: %s\r\n", etag);
  if (none_match && g_str_equal (none_match, etag))
    {
      g_string_append_printf (answer->raw, "HTTP/1.1 304 Not Modified\r\n%s\r\n", etag_line);
      return;
    }
  if (range && (!if_range || g_str_equal (if_range, etag)) &&
      sscanf (range, "bytes=%" G_GUINT64_FORMAT "-%" G_GUINT64_FORMAT, &first, &last) == 2 &&
      first < size)
    {
      last = MIN (last, size - 1);
      g_autofree char *lines = g_strdup_printf ("%sContent-Range: bytes %" G_GUINT64_FORMAT
                                                "-%" G_GUINT64_FORMAT "/%zu\r\n",
                                                etag_line, first, last, size);
      fake_answer (answer, "206 Partial Content", PLAZA_CLIENT_TYPE_CAMPAIGN, lines, data + first,
                   (gssize) (last - first + 1));
      return;
    }
  fake_answer (answer, "200 OK", PLAZA_CLIENT_TYPE_CAMPAIGN, etag_line, data, (gssize) size);
}

static void
answer_token (FakeCentral *self, const FakeRequest *request, FakeAnswer *answer)
{
  g_auto (PlazaTokenRequest) body = { 0 };
  const PlazaPublicKey *key = NULL;
  g_autoptr (GError) error = NULL;

  self->counts.renewals++;
  plaza_token_request_parse (request->body, &body, &error);
  g_assert_no_error (error);
  g_assert_cmpmem (g_bytes_get_data (body.challenge, NULL), g_bytes_get_size (body.challenge),
                   self->challenge, sizeof self->challenge);
  key = g_hash_table_lookup (self->devices, body.device);
  if (!key || !plaza_token_request_verify (&body, self->campaign->fingerprint, key, NULL))
    fake_central_answer (answer, "422 Unprocessable Content", PLAZA_RESULT_SIGNATURE);
  else if (self->revoked)
    fake_central_answer (answer, "403 Forbidden", PLAZA_RESULT_DEVICE_REVOKED);
  else
    {
      g_free (self->token);
      self->token = g_strdup_printf ("ccd_renewed_%u", ++self->tokens);
      const PlazaTokenGrant grant = { .token = self->token,
                                      .expires = (char *) "2030-01-01T00:00:00Z" };
      answer_json (answer, "200 OK", plaza_token_grant_to_json (&grant));
    }
}

static void
answer_registration (FakeCentral *self, const FakeRequest *request, FakeAnswer *answer)
{
  g_auto (PlazaRegistration) registration = { 0 };

  self->counts.registrations++;
  if (!plaza_registration_open (request->body, self->seal_secret, &registration, NULL))
    {
      fake_central_answer (answer, "422 Unprocessable Content", PLAZA_RESULT_REGISTRATION);
      return;
    }
  g_hash_table_replace (self->devices, g_strdup (registration.device),
                        g_memdup2 (&registration.device_key, sizeof registration.device_key));
  g_autofree char *json = g_strdup_printf ("{\"device\":\"%s\"}", registration.device);
  fake_answer (answer, "201 Created", PLAZA_CLIENT_TYPE_JSON, NULL, json, -1);
}

/* The receipt of an envelope that is in. */
static GBytes *
receipt_again (FakeCentral *self, const char *id)
{
  gpointer n;

  if (!g_hash_table_lookup_extended (self->envelopes, id, NULL, &n))
    return NULL;
  g_autofree guint8 *statuses = g_new (guint8, GPOINTER_TO_UINT (n) + 1);
  PlazaReceipt receipt = { .time_ms = g_get_real_time () / 1000,
                           .n_statuses = GPOINTER_TO_UINT (n),
                           .statuses = statuses };
  g_autoptr (GError) error = NULL;

  memset (statuses, PLAZA_RECEIPT_DUPLICATE, GPOINTER_TO_UINT (n));
  plaza_hash_parse (id, &receipt.envelope, &error);
  g_assert_no_error (error);
  GBytes *bytes = plaza_receipt_sign (&receipt, self->sign_secret, &error);
  g_assert_no_error (error);
  return bytes;
}

static void
add_piece (
    FakeCentral *self, const char *id, const FakeRequest *request, FakeAnswer *answer, FakeLie lie)
{
  GByteArray *held = g_hash_table_lookup (self->uploads, id);
  guint64 offset = header_number (request, PLAZA_PIECE_OFFSET_HEADER);
  guint64 length = header_number (request, PLAZA_PIECE_LENGTH_HEADER);
  g_autofree char *digest = header (request, PLAZA_PIECE_DIGEST_HEADER);
  gsize size;
  const guint8 *data = g_bytes_get_data (request->body, &size);

  g_assert_true (plaza_piece_digest_check (digest, data, size));
  g_assert_cmpuint (size, >, 0);
  g_assert_cmpuint (size, <=, PLAZA_PIECE_MAX_BYTES);
  if (offset != (held ? held->len : 0))
    {
      answer_json (answer, "409 Conflict", plaza_result_to_json_offset (held ? held->len : 0));
      return;
    }
  if (!held)
    {
      held = g_byte_array_new ();
      g_hash_table_insert (self->uploads, g_strdup (id), held);
    }
  g_byte_array_append (held, data, (guint) size);
  self->counts.pieces++;
  self->counts.piece_bytes += size;
  if (held->len < length)
    {
      answer_json (answer, "200 OK", plaza_piece_offset_to_json (held->len));
      return;
    }
  g_autoptr (GBytes) envelope = g_bytes_new (held->data, held->len);
  g_autoptr (GBytes) receipt = fake_central_take_in (self, envelope, lie);
  g_hash_table_remove (self->uploads, id);
  if (receipt)
    answer_receipt (answer, receipt);
  else
    fake_central_answer (answer, "422 Unprocessable Content", PLAZA_RESULT_ENVELOPE);
}

static void
answer_upload (FakeCentral *self, const FakeRequest *request, FakeAnswer *answer)
{
  const char *id = request->path + strlen ("/v1/uploads/");
  g_autoptr (GBytes) receipt = receipt_again (self, id);
  gboolean asked = g_str_equal (request->method, "GET");
  FakeLie lie = asked ? LIE_NONE : fake_central_draw_lie (self);

  if (asked)
    self->counts.asked++;
  if (lie == LIE_HALF_READ)
    answer->cut = TRUE;
  else if (lie == LIE_DIGEST && !self->lied++)
    fake_central_answer (answer, "422 Unprocessable Content", PLAZA_RESULT_DIGEST);
  else if (receipt)
    answer_receipt (answer, receipt);
  else if (asked)
    {
      GByteArray *held = g_hash_table_lookup (self->uploads, id);
      answer_json (answer, "200 OK", plaza_piece_offset_to_json (held ? held->len : 0));
    }
  else
    add_piece (self, id, request, answer, lie);
  if (lie == LIE_SWALLOW)
    {
      g_string_truncate (answer->raw, 0);
      answer->cut = TRUE;
    }
}

gboolean
fake_central_route (FakeCentral *self, const FakeRequest *request, FakeAnswer *answer)
{
  const char *path = request->path;

  if (g_str_has_prefix (path, "/v1/campaign/"))
    answer_campaign (self, request, answer);
  else if (g_str_equal (path, "/v1/challenge"))
    {
      g_autoptr (GBytes) challenge = g_bytes_new (self->challenge, sizeof self->challenge);
      answer_json (answer, "200 OK", plaza_challenge_to_json (challenge));
    }
  else if (g_str_equal (path, "/v1/token"))
    answer_token (self, request, answer);
  else if (g_str_equal (path, "/v1/devices"))
    answer_registration (self, request, answer);
  else if (!has_token (self, request))
    fake_central_answer (answer, "401 Unauthorized", PLAZA_RESULT_TOKEN);
  else if (g_str_equal (path, "/v1/probe"))
    {
      self->counts.probes++;
      fake_answer (answer, "200 OK", PLAZA_CLIENT_TYPE_JSON, NULL, "{\"ok\":true}", -1);
    }
  else if (g_str_has_prefix (path, "/v1/uploads/"))
    answer_upload (self, request, answer);
  else
    return FALSE;
  return TRUE;
}
