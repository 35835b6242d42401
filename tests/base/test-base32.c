/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/base32.h"

#include <string.h>

#include "base/random.h"

static void
test_base32 (void)
{
  for (gsize length = 1; length < 40; length++)
    {
      guint8 bytes[40];
      g_autofree char *text = NULL;
      g_autofree char *checked = NULL;
      g_autoptr (GBytes) back = NULL;
      g_autoptr (GBytes) back_checked = NULL;

      plaza_random_fill (bytes, length);
      text = plaza_base32_encode (bytes, length);
      checked = plaza_base32_encode_checked (bytes, length);
      back = plaza_base32_decode (text, length, NULL);
      back_checked = plaza_base32_decode_checked (checked, length, NULL);
      g_assert_cmpmem (g_bytes_get_data (back, NULL), g_bytes_get_size (back), bytes, length);
      g_assert_true (g_bytes_equal (back, back_checked));
      g_assert_null (plaza_base32_decode (text, length + 1, NULL));
    }
}

static void
test_known (void)
{
  /* Crockford: 1234 is 16J, check symbol D; here as bytes, padded at the end. */
  static const guint8 ten[10] = { 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF };
  g_autofree char *text = plaza_base32_encode ("\x00\x44\x32\x14\xC7", 5);
  g_autofree char *code = plaza_base32_encode_checked (ten, 10);
  g_autofree char *spoken = NULL;
  g_autoptr (GBytes) a = plaza_base32_decode ("01234567", 5, NULL);
  g_autoptr (GBytes) b = plaza_base32_decode (" o i-2345 67", 5, NULL);
  g_autoptr (GBytes) c = plaza_base32_decode ("OL234567", 5, NULL);

  g_assert_cmpstr (text, ==, "01234567");
  g_assert_true (g_bytes_equal (a, b));
  g_assert_true (g_bytes_equal (a, c));
  g_assert_cmpuint (strlen (code), ==, 21);
  g_assert_true (g_str_has_prefix (code, "ZZZZ-ZZZZ-ZZZZ-ZZZZ-"));
  spoken = g_ascii_strdown (code, -1);
  {
    g_autoptr (GBytes) back = plaza_base32_decode_checked (spoken, 10, NULL);

    g_assert_cmpmem (g_bytes_get_data (back, NULL), 10, ten, 10);
  }
  g_assert_null (plaza_base32_decode ("U1234567", 5, NULL));
  g_assert_null (plaza_base32_decode ("0123456*", 5, NULL));
  g_assert_null (plaza_base32_decode ("Z1", 1, NULL));
  g_assert_null (plaza_base32_decode_checked ("", 5, NULL));
}

/* One symbol read or typed wrong never passes. */
static void
test_slips (void)
{
  static const char symbols[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ*~$=U";
  guint8 bytes[10];
  g_autofree char *code = NULL;

  plaza_random_fill (bytes, sizeof bytes);
  code = plaza_base32_encode_checked (bytes, sizeof bytes);
  for (gsize i = 0; code[i] != '\0'; i++)
    for (const char *s = symbols; *s != '\0'; s++)
      {
        g_autofree char *slip = g_strdup (code);
        g_autoptr (GBytes) back = NULL;

        if (code[i] == '-' || code[i] == *s)
          continue;
        slip[i] = *s;
        back = plaza_base32_decode_checked (slip, sizeof bytes, NULL);
        g_assert_null (back);
      }
}

static void
test_base64url (void)
{
  static const char *const wrong[] = { "A", "AB==", "A A", "AA+A", "AA/A", "AB", "AAB", "A\n" };
  g_autofree char *text = plaza_base64url_encode ("\xFB\xFF\xFE\x01", 4);
  g_autofree char *empty = plaza_base64url_encode (NULL, 0);
  g_autoptr (GBytes) back = plaza_base64url_decode ("-__-AQ", 4, NULL);
  g_autoptr (GBytes) nothing = plaza_base64url_decode ("", 0, NULL);

  g_assert_cmpstr (text, ==, "-__-AQ");
  g_assert_cmpstr (empty, ==, "");
  g_assert_cmpmem (g_bytes_get_data (back, NULL), 4, "\xFB\xFF\xFE\x01", 4);
  g_assert_cmpuint (g_bytes_get_size (nothing), ==, 0);
  g_assert_null (plaza_base64url_decode ("-__-AQ", 5, NULL));
  for (gsize i = 0; i < G_N_ELEMENTS (wrong); i++)
    g_assert_null (plaza_base64url_decode (wrong[i], 0, NULL));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/base/base32/round-trip", test_base32);
  g_test_add_func ("/base/base32/known", test_known);
  g_test_add_func ("/base/base32/slips", test_slips);
  g_test_add_func ("/base/base32/base64url", test_base64url);
  return g_test_run ();
}
