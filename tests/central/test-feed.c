/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What coordinators read from the central, on every storage engine there is. */
#include "base/error.h"
#include "central/feed.h"
#include "fixture.h"

/* Reads as @laptop with @role from @cursor on, which moves. */
static PlazaFeedPage *
read_page (
    Fixture *fixture, Laptop *laptop, const char *role, PlazaFeedCursor *cursor, GError **error)
{
  g_auto (PlazaDevice) reader = { 0 };
  g_autoptr (PlazaFeedPage) page = NULL;
  g_autoptr (PlazaFeedPage) read = NULL;
  g_autoptr (GBytes) bytes = NULL;
  gboolean found;

  fixture->storage->table->find_device (fixture->storage, laptop->id, &reader, &found, error);
  g_assert_true (found);
  g_free (reader.role);
  reader.role = g_strdup (role);
  page = plaza_feed_read (fixture->storage, fixture->campaign, &reader, cursor, error);
  if (page == NULL)
    return NULL;
  bytes = plaza_feed_page_sign (page, fixture->central->sign, error);
  read = plaza_feed_page_verify (bytes, &page->campaign, laptop->id, cursor,
                                 &fixture->central->sign_public, NULL, error);
  if (read != NULL)
    *cursor = read->next;
  return g_steal_pointer (&read);
}

static void
take (Fixture *fixture, Laptop *laptop, PlazaEntry *entry)
{
  g_autoptr (GBytes) envelope = laptop_pack (laptop, entry, NULL);
  g_autoptr (PlazaReceipt) receipt = fixture_take (fixture, envelope);

  g_assert_true (plaza_receipt_status_is_delivered (receipt->statuses[0]));
}

static const PlazaFeedItem *
item_at (PlazaFeedPage *page, guint i)
{
  g_assert_cmpuint (i, <, page->items->len);
  return page->items->pdata[i];
}

/* Nothing twice, nothing missing, the exact bytes */
static void
test_pages (gconstpointer engine)
{
  g_autoptr (Fixture) fixture = fixture_new (engine);
  g_autoptr (Laptop) laptop = laptop_new (fixture, "Ana", "a");
  g_autoptr (Laptop) reader = laptop_new (fixture, "Rosa", "a");
  g_autofree char *response = NULL, *revision = NULL;
  g_autoptr (PlazaEntry) entry = laptop_response (laptop, "agua", &response, &revision);
  g_autoptr (PlazaFeedPage) page = NULL;
  PlazaFeedCursor cursor = { { 0 } };

  take (fixture, laptop, plaza_entry_ref (entry));
  take (fixture, laptop, laptop_response (laptop, "luz", NULL, NULL));
  page = read_page (fixture, reader, "coordinator", &cursor, NULL);
  g_assert_true (page->afresh);
  g_assert_false (page->more);
  g_assert_cmpuint (page->items->len, ==, 2);
  g_assert_cmpstr (item_at (page, 0)->response, ==, response);
  g_assert_cmpstr (item_at (page, 0)->revision, ==, revision);
  g_assert_cmpstr (item_at (page, 0)->effective, ==, revision);
  g_assert_true (g_bytes_equal (item_at (page, 0)->payload, entry->payload));
  g_clear_pointer (&page, plaza_feed_page_free);
  page = read_page (fixture, reader, "coordinator", &cursor, NULL);
  g_assert_false (page->afresh);
  g_assert_cmpuint (page->items->len, ==, 0);
  g_clear_pointer (&page, plaza_feed_page_free);
  take (fixture, laptop, laptop_response (laptop, "camino", NULL, NULL));
  page = read_page (fixture, reader, "coordinator", &cursor, NULL);
  g_assert_cmpuint (page->items->len, ==, 1);
}

/* More than one page holds */
static void
test_many (gconstpointer engine)
{
  g_autoptr (Fixture) fixture = fixture_new (engine);
  g_autoptr (Laptop) laptop = laptop_new (fixture, "Ana", "a");
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  PlazaFeedCursor cursor = { { 0 } };
  gboolean more = TRUE;
  guint pages = 0;

  for (guint i = 0; i < 3; i++)
    {
      g_autoptr (GPtrArray) entries =
          g_ptr_array_new_with_free_func ((GDestroyNotify) plaza_entry_unref);
      g_autoptr (GBytes) envelope = NULL;
      g_autoptr (PlazaReceipt) receipt = NULL;

      for (guint j = 0; j < 500; j++)
        g_ptr_array_add (entries, laptop_response (laptop, "agua", NULL, NULL));
      envelope = laptop_pack_all (laptop, entries);
      receipt = fixture_take (fixture, envelope);
      g_assert_cmpuint (receipt->n_statuses, ==, 500);
    }
  while (more)
    {
      g_autoptr (PlazaFeedPage) page = read_page (fixture, laptop, "administrator", &cursor, NULL);

      for (guint i = 0; i < page->items->len; i++)
        g_assert_true (g_hash_table_add (seen, g_strdup (item_at (page, i)->revision)));
      more = page->more;
      pages++;
    }
  g_assert_cmpuint (g_hash_table_size (seen), ==, 1500);
  g_assert_cmpuint (pages, ==, 2);
}

/* Each organisation its own; a facilitator nothing; a new scope begins afresh */
static void
test_scope (gconstpointer engine)
{
  g_autoptr (Fixture) fixture = fixture_new (engine);
  g_autoptr (Laptop) ana = laptop_new (fixture, "Ana", "a");
  g_autoptr (Laptop) bea = laptop_new (fixture, "Bea", "b");
  g_autofree char *own = NULL, *foreign = NULL;
  g_autoptr (PlazaFeedPage) page = NULL;
  g_autoptr (GError) error = NULL;
  PlazaFeedCursor cursor = { { 0 } };

  take (fixture, ana, laptop_response (ana, "agua", &own, NULL));
  take (fixture, bea, laptop_response (bea, "luz", &foreign, NULL));
  page = read_page (fixture, ana, "coordinator", &cursor, NULL);
  g_assert_cmpuint (page->items->len, ==, 1);
  g_assert_cmpstr (item_at (page, 0)->response, ==, own);
  g_clear_pointer (&page, plaza_feed_page_free);
  page = read_page (fixture, bea, "coordinator", &cursor, NULL); /* Ana's cursor */
  g_assert_true (page->afresh);
  g_assert_cmpuint (page->items->len, ==, 1);
  g_assert_cmpstr (item_at (page, 0)->response, ==, foreign);
  g_clear_pointer (&page, plaza_feed_page_free);
  page = read_page (fixture, bea, "administrator", &cursor, NULL);
  g_assert_true (page->afresh);
  g_assert_cmpuint (page->items->len, ==, 2);
  g_assert_null (read_page (fixture, ana, "facilitator", &cursor, &error));
  g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_REFUSED);
}

/* Voids and withdrawals reach who read the response before */
static void
test_changes (gconstpointer engine)
{
  g_autoptr (Fixture) fixture = fixture_new (engine);
  g_autoptr (Laptop) laptop = laptop_new (fixture, "Ana", "a");
  g_autofree char *voided = NULL, *withdrawn = NULL;
  g_autoptr (PlazaFeedPage) page = NULL;
  PlazaFeedCursor cursor = { { 0 } };

  take (fixture, laptop, laptop_response (laptop, "agua", &voided, NULL));
  take (fixture, laptop, laptop_response (laptop, "luz", &withdrawn, NULL));
  page = read_page (fixture, laptop, "coordinator", &cursor, NULL);
  g_assert_cmpuint (page->items->len, ==, 2);
  g_clear_pointer (&page, plaza_feed_page_free);

  take (fixture, laptop, laptop_removal (laptop, PLAZA_ENTRY_VOID, voided, NULL));
  take (fixture, laptop, laptop_removal (laptop, PLAZA_ENTRY_WITHDRAWAL, withdrawn, NULL));
  page = read_page (fixture, laptop, "coordinator", &cursor, NULL);
  g_assert_cmpuint (page->items->len, ==, 2);
  g_assert_cmpint (item_at (page, 0)->kind, ==, PLAZA_FEED_STATE);
  g_assert_cmpint (item_at (page, 0)->flags, ==, PLAZA_FEED_VOID);
  g_assert_cmpstr (item_at (page, 0)->response, ==, voided);
  g_assert_cmpint (item_at (page, 1)->kind, ==, PLAZA_FEED_WITHDRAWN);
  g_assert_cmpstr (item_at (page, 1)->response, ==, withdrawn);
  g_clear_pointer (&page, plaza_feed_page_free);

  cursor = (PlazaFeedCursor){ { 0 } }; /* a new reader never sees what was withdrawn */
  page = read_page (fixture, laptop, "coordinator", &cursor, NULL);
  for (guint i = 0; i < page->items->len; i++)
    if (strcmp (item_at (page, i)->response, withdrawn) == 0)
      {
        g_assert_cmpint (item_at (page, i)->kind, ==, PLAZA_FEED_WITHDRAWN);
        g_assert_cmpuint (g_bytes_get_size (item_at (page, i)->payload), ==, 0);
      }
}

int
main (int argc, char **argv)
{
  int result;

  g_test_init (&argc, &argv, NULL);
  for (const char *const *engine = fixture_databases (); *engine != NULL; engine++)
    {
#define ADD(name, function) \
  G_STMT_START \
  { \
    g_autofree char *path = g_strdup_printf ("/central/feed/%s/" name, *engine); \
    g_test_add_data_func (path, *engine, function); \
  } \
  G_STMT_END
      ADD ("pages", test_pages);
      ADD ("many", test_many);
      ADD ("scope", test_scope);
      ADD ("changes", test_changes);
    }
  result = g_test_run ();
  fixture_stop ();
  return result;
}
