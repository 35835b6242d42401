/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "wire/feed.h"

#include "sample.h"

#define READER "0197a0c2-0000-7000-8000-000000000001"

typedef struct
{
  PlazaPublicKey key, stranger;
  PlazaSecret *secret, *stranger_secret;
  PlazaFeedPage *page;
} Fixture;

static void
add_item (PlazaFeedPage *page, PlazaFeedKind kind, guint number, const char *payload)
{
  PlazaFeedItem *item = g_new0 (PlazaFeedItem, 1);

  item->kind = kind;
  item->flags = number % 2 ? PLAZA_FEED_CONFLICT : PLAZA_FEED_VOID;
  g_snprintf (item->response, 37, "0197a0c2-1111-7000-8000-%012u", number);
  g_snprintf (item->effective, 37, "0197a0c2-3333-7000-8000-%012u", number);
  if (kind == PLAZA_FEED_REVISION)
    g_snprintf (item->revision, 37, "0197a0c2-2222-7000-8000-%012u", number);
  item->received_ms = 1559700309123 + number;
  item->marks = g_strdup (number == 1 ? "late required" : "");
  item->payload = g_bytes_new (payload, strlen (payload));
  g_ptr_array_add (page->items, item);
}

static void
set_up (Fixture *f, gconstpointer data)
{
  plaza_sign_keypair (&f->key, &f->secret);
  plaza_sign_keypair (&f->stranger, &f->stranger_secret);
  f->page = plaza_feed_page_new ();
  plaza_hash_data ("campaign", 8, &f->page->campaign);
  g_strlcpy (f->page->reader, READER, sizeof f->page->reader);
  f->page->next.bytes[23] = 9;
  f->page->more = TRUE;
  add_item (f->page, PLAZA_FEED_REVISION, 1, "the content of a revision");
  add_item (f->page, PLAZA_FEED_STATE, 2, "");
  add_item (f->page, PLAZA_FEED_WITHDRAWN, 3, "");
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  plaza_feed_page_free (f->page);
  plaza_secret_unref (f->secret);
  plaza_secret_unref (f->stranger_secret);
}

static PlazaFeedPage *
verify (Fixture *f, GBytes *bytes, GError **error)
{
  return plaza_feed_page_verify (bytes, &f->page->campaign, READER, &f->page->asked, &f->key, NULL,
                                 error);
}

static void
test_round_trip (Fixture *f, gconstpointer data)
{
  g_autoptr (GBytes) bytes = plaza_feed_page_sign (f->page, f->secret, NULL);
  g_autoptr (PlazaFeedPage) read = verify (f, bytes, NULL);

  g_assert_true (read->more);
  g_assert_false (read->afresh);
  g_assert_cmpmem (read->next.bytes, 24, f->page->next.bytes, 24);
  g_assert_cmpuint (read->items->len, ==, 3);
  for (guint i = 0; i < 3; i++)
    {
      const PlazaFeedItem *was = f->page->items->pdata[i];
      const PlazaFeedItem *is = read->items->pdata[i];

      g_assert_cmpint (is->kind, ==, was->kind);
      g_assert_cmpint (is->flags, ==, was->flags);
      g_assert_cmpstr (is->response, ==, was->response);
      g_assert_cmpstr (is->revision, ==, was->revision);
      g_assert_cmpstr (is->effective, ==, was->effective);
      g_assert_cmpstr (is->marks, ==, was->marks);
      g_assert_cmpint (is->received_ms, ==, was->received_ms);
      g_assert_true (g_bytes_equal (is->payload, was->payload));
    }
}

static void
test_every_bit (Fixture *f, gconstpointer data)
{
  g_autoptr (GBytes) bytes = plaza_feed_page_sign (f->page, f->secret, NULL);
  gsize length;
  const guint8 *good = g_bytes_get_data (bytes, &length);

  for (gsize bit = 0; bit < length * 8; bit++)
    {
      g_autofree guint8 *bad = g_memdup2 (good, length);
      g_autoptr (GBytes) wrapped = NULL;
      g_autoptr (GError) error = NULL;

      bad[bit / 8] ^= (guint8) (1 << bit % 8);
      wrapped = g_bytes_new (bad, length);
      g_assert_null (verify (f, wrapped, &error));
      g_assert_nonnull (error);
    }
  for (gsize cut = 0; cut < length; cut++)
    {
      g_autoptr (GBytes) part = g_bytes_new (good, cut);

      g_assert_null (verify (f, part, NULL));
    }
}

static void
test_another_question (Fixture *f, gconstpointer data)
{
  g_autoptr (GBytes) bytes = plaza_feed_page_sign (f->page, f->secret, NULL);
  g_autoptr (GBytes) forged = plaza_feed_page_sign (f->page, f->stranger_secret, NULL);
  g_autoptr (GError) error = NULL;
  PlazaFeedCursor other = { { 1 } };
  PlazaHash campaign;

  plaza_hash_data ("other", 5, &campaign);
  g_assert_null (
      plaza_feed_page_verify (bytes, &f->page->campaign, READER, &other, &f->key, NULL, &error));
  g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_INVALID);
  g_clear_error (&error);
  g_assert_null (
      plaza_feed_page_verify (bytes, &campaign, READER, &f->page->asked, &f->key, NULL, &error));
  g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_INVALID);
  g_clear_error (&error);
  g_assert_null (verify (f, forged, &error));
  g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_SIGNATURE);
}

static void
test_unsound_items (Fixture *f, gconstpointer data)
{
  PlazaFeedItem *item = f->page->items->pdata[0];
  g_autoptr (GBytes) empty = NULL;
  g_autoptr (GError) error = NULL;

  item->kind = PLAZA_FEED_WITHDRAWN; /* which never brings content */
  empty = plaza_feed_page_sign (f->page, f->secret, NULL);
  g_assert_null (verify (f, empty, &error));
  g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_INVALID);
}

static void
test_cursor (void)
{
  PlazaFeedCursor cursor = { { 1, 2, 0xff } };
  PlazaFeedCursor read;
  g_autofree char *text = plaza_feed_cursor_to_string (&cursor);

  g_assert_cmpuint (strlen (text), ==, PLAZA_FEED_CURSOR_TEXT);
  g_assert_true (plaza_feed_cursor_parse (text, &read, NULL));
  g_assert_cmpmem (read.bytes, 24, cursor.bytes, 24);
  text[31] = '*';
  g_assert_false (plaza_feed_cursor_parse (text, &read, NULL));
  g_assert_false (plaza_feed_cursor_parse ("", &read, NULL));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, function) \
  g_test_add ("/wire/feed/" path, Fixture, NULL, set_up, function, tear_down)
  ADD ("round-trip", test_round_trip);
  ADD ("every-bit", test_every_bit);
  ADD ("another-question", test_another_question);
  ADD ("unsound-items", test_unsound_items);
  g_test_add_func ("/wire/feed/cursor", test_cursor);
  return g_test_run ();
}
