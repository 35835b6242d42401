/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "wire/joinlink.h"

#include "sample.h"
#include "wire/enrol.h"
#include "wire/result.h"

static const guint8 certificate[] = { 0x30, 0x03, 0x02, 0x01, 0x05 };

static void
test_round_trip (void)
{
  g_autofree char *code = plaza_join_code_new ();
  g_autoptr (GBytes) ca = g_bytes_new_static (certificate, sizeof certificate);
  g_autoptr (PlazaJoinLink) link =
      plaza_join_link_new ("https://plaza.example:8443", ca, FINGERPRINT, code);
  g_autofree char *uri = plaza_join_link_to_uri (link);
  g_autofree char *spaced = g_strdup_printf ("\n  %s \n", uri);
  g_autoptr (GBytes) file = plaza_join_link_to_file (link);
  g_autofree char *file_text = g_strndup (g_bytes_get_data (file, NULL), g_bytes_get_size (file));
  g_autofree char *pem = plaza_join_link_ca_pem (link);
  g_autofree char *lower = g_ascii_strdown (code, -1);
  const char *const texts[] = { uri, spaced, file_text };
  g_autoptr (PlazaJoinLink) bare = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (PlazaJoinLink) read = plaza_join_link_parse (texts[i], &error);

      g_assert_no_error (error);
      g_assert_cmpstr (read->url, ==, link->url);
      g_assert_true (g_bytes_equal (read->ca, ca));
      g_assert_cmpstr (read->fingerprint, ==, FINGERPRINT);
      g_assert_cmpstr (read->code, ==, code);
    }
  bare = plaza_join_link_parse (lower, NULL);
  g_assert_cmpstr (bare->code, ==, code);
  g_assert_null (bare->url);
  g_assert_cmpstr (pem, ==, "-----BEGIN CERTIFICATE-----\nMAMCAQU=\n-----END CERTIFICATE-----\n");
}

static void
test_refused (void)
{
  g_autofree char *code = plaza_join_code_new ();
  g_autofree char *escaped = g_uri_escape_string (code, NULL, FALSE);
  g_autoptr (GPtrArray) links = g_ptr_array_new_with_free_func (g_free);
  static const char *const others[] = {
    "",  "x",  "https://plaza.example", "plaza://join", "plaza://leave?u=x",
    "{", "{}", "{\"url\":1}",           "plaza:join",   "0000-0000-0000-0000-1"
  };
  static const char *const urls[] = { "http://plaza.example",       "https://",
                                      "https://a:b@plaza.example",  "https://plaza.example/path",
                                      "https://plaza.example?x=1",  "https://plaza.example%23f",
                                      "file:///etc/passwd",         "plaza.example",
                                      "https://plaza.example:99999" };

  for (gsize i = 0; i < G_N_ELEMENTS (urls); i++)
    g_ptr_array_add (
        links, g_strdup_printf ("plaza://join?u=%s&f=" FINGERPRINT "&c=%s", urls[i], escaped));
  g_ptr_array_add (links,
                   g_strdup_printf ("plaza://join?u=https://p.example&f=" FINGERPRINT "&c=ABCD"));
  g_ptr_array_add (links, g_strdup_printf ("plaza://join?u=https://p.example&f=00&c=%s", escaped));
  g_ptr_array_add (links, g_strdup_printf ("plaza://join?u=https://p.example&c=%s", escaped));
  g_ptr_array_add (
      links,
      g_strdup_printf ("plaza://join?u=https://p.example&a=AAAA&f=" FINGERPRINT "&c=%s", escaped));
  g_ptr_array_add (
      links,
      g_strdup_printf ("plaza://join?u=https://p.example&x=1&f=" FINGERPRINT "&c=%s", escaped));
  for (guint i = 0; i < links->len; i++)
    {
      g_autoptr (GError) error = NULL;

      if (plaza_join_link_parse (links->pdata[i], &error) != NULL)
        g_error ("accepted: %s", (char *) links->pdata[i]);
      g_assert_nonnull (error);
    }
  for (gsize i = 0; i < G_N_ELEMENTS (others); i++)
    g_assert_null (plaza_join_link_parse (others[i], NULL));
}

static void
test_enrol (void)
{
  PlazaEnrolment made = { .device = (char *) DEVICE,
                          .token = (char *) "ccd_0123456789",
                          .batch = (char *) "D16",
                          .organisation = (char *) "sfp",
                          .person = (char *) "p1",
                          .role = (char *) "facilitator" };
  g_autoptr (GBytes) answer = plaza_enrolment_to_json (&made);
  g_auto (PlazaEnrolment) read = { 0 };
  g_auto (PlazaEnrolRequest) request = { 0 };
  g_auto (PlazaEnrolRequest) back = { 0 };
  g_autoptr (GBytes) body = NULL;
  g_autoptr (GBytes) empty = g_bytes_new_static ("{}", 2);
  PlazaSecret *secret;

  g_assert_true (plaza_enrolment_parse (answer, &read, NULL));
  g_assert_cmpstr (read.batch, ==, "D16");
  g_assert_cmpstr (read.role, ==, "facilitator");
  g_assert_false (plaza_enrolment_parse (empty, &read, NULL));

  plaza_sign_keypair (&request.device_key, &secret);
  plaza_secret_unref (secret);
  request.code = plaza_join_code_new ();
  request.fingerprint = g_strdup (FINGERPRINT);
  body = plaza_enrol_request_to_json (&request);
  g_assert_true (plaza_enrol_request_parse (body, &back, NULL));
  g_assert_cmpstr (back.code, ==, request.code);
  g_assert_true (plaza_public_key_equal (&back.device_key, &request.device_key));
}

static void
test_results (void)
{
  g_autoptr (GBytes) unknown = g_bytes_new_static ("{\"code\":\"x\",\"message\":\"y\"}", 26);
  g_autoptr (GBytes) portal = g_bytes_new_static ("<html>", 6);
  PlazaResult back;

  for (PlazaResult result = 0; result < PLAZA_N_RESULTS; result++)
    {
      g_autoptr (GBytes) json = plaza_result_to_json (result);

      g_assert_true (plaza_result_parse (json, &back, NULL));
      g_assert_cmpint (back, ==, result);
      g_assert_cmpuint (plaza_result_status (result), >=, 200);
      g_assert_nonnull (plaza_result_message (result));
    }
  g_assert_true (plaza_result_is_retryable (PLAZA_RESULT_DISK));
  g_assert_false (plaza_result_is_retryable (PLAZA_RESULT_TOKEN));
  g_assert_false (plaza_result_parse (unknown, &back, NULL));
  g_assert_false (plaza_result_parse (portal, &back, NULL));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/wire/joinlink/round-trip", test_round_trip);
  g_test_add_func ("/wire/joinlink/refused", test_refused);
  g_test_add_func ("/wire/enrol", test_enrol);
  g_test_add_func ("/wire/result", test_results);
  return g_test_run ();
}
