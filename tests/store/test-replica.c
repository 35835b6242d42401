/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/replica.h"

#include <string.h>

#include "base/clock.h"
#include "base/uuid.h"
#include "laptop.h"
#include "store/store-private.h"

#define DAY_MS (24 * 60 * 60 * G_GINT64_CONSTANT (1000))

static void
on_done (GObject *source, GAsyncResult *result, gpointer data)
{
  *(GAsyncResult **) data = g_object_ref (result);
}

static gboolean
take (PlazaProfile *profile, PlazaFeedPage *page, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;
  PlazaStore *store = plaza_profile_get_store (profile);

  plaza_replica_take_async (store, page, NULL, on_done, &result);
  while (result == NULL)
    g_main_context_iteration (NULL, TRUE);
  return plaza_replica_take_finish (store, result, error);
}

/* The revision of a response that this profile finished, as the feed would bring it. */
static PlazaFeedItem *
make_item (PlazaProfile *profile, const char *response, const char *xml)
{
  PlazaFeedItem *item = g_new0 (PlazaFeedItem, 1);
  g_autofree char *revision = plaza_uuid_v7 ();
  PlazaHeader header = {
    .campaign = (char *) plaza_profile_get_campaign_fingerprint (profile),
    .form_id = (char *) "consulta",
    .form_version = (char *) "1",
    .response = (char *) response,
    .revision = revision,
    .device = (char *) plaza_profile_get_enrolment (profile)->device,
    .author = (char *) "Rosa",
    .session = (char *) response,
    .session_date = (char *) "2026-05-04",
    .session_state = (char *) "20",
    .session_municipality = (char *) "20067",
    .organisation = (char *) "",
    .mode = (char *) "interview",
    .outcome = PLAZA_OUTCOME_COMPLETED,
    .batch = (char *) "Z0",
    .ended = (char *) "2026-05-04T10:20:00-06:00",
  };
  g_autoptr (GBytes) bytes = g_bytes_new (xml, strlen (xml));
  g_autoptr (GError) error = NULL;
  g_autoptr (PlazaEntry) entry = plaza_entry_new_revision (&header, 1, bytes, NULL, NULL, &error);

  g_assert_no_error (error);
  item->kind = PLAZA_FEED_REVISION;
  g_strlcpy (item->response, response, sizeof item->response);
  g_strlcpy (item->revision, revision, sizeof item->revision);
  g_strlcpy (item->effective, revision, sizeof item->effective);
  item->received_ms = 5;
  item->marks = g_strdup ("late");
  item->payload = g_bytes_ref (entry->payload);
  return item;
}

static PlazaReplicaCounts
count (PlazaProfile *profile)
{
  PlazaReplicaCounts counts = { 0 };

  g_assert_true (plaza_replica_get_counts (plaza_profile_get_store (profile), &counts, NULL));
  return counts;
}

static void
test_replica (void)
{
  g_autoptr (Laptop) laptop = laptop_new ();
  g_autoptr (PlazaProfile) profile = laptop_profile (laptop, "Coordinadora");
  PlazaStore *store = plaza_profile_get_store (profile);
  g_autofree char *one = plaza_uuid_v7 ();
  g_autofree char *two = plaza_uuid_v7 ();
  g_autoptr (PlazaFeedPage) first = plaza_feed_page_new ();
  g_autoptr (PlazaFeedPage) second = plaza_feed_page_new ();
  g_autoptr (PlazaFeedPage) afresh = plaza_feed_page_new ();
  PlazaFeedItem *kept = make_item (profile, one, "<data>agua turbia</data>");
  PlazaFeedItem *gone = make_item (profile, two, "<data>camino roto</data>");
  PlazaFeedItem *withdrawn = g_new0 (PlazaFeedItem, 1);
  g_autoptr (PlazaRevision) read = NULL;
  g_autoptr (GError) error = NULL;
  PlazaFeedCursor cursor;
  gboolean expired;
  gint64 now;

  first->next.bytes[0] = 1;
  g_ptr_array_add (first->items, kept);
  g_ptr_array_add (first->items, gone);
  g_assert_true (take (profile, first, &error));
  g_assert_cmpuint (count (profile).responses, ==, 2);
  g_assert_cmpuint (count (profile).revisions, ==, 2);
  g_assert_true (plaza_replica_get_cursor (store, &cursor, NULL));
  g_assert_cmpmem (cursor.bytes, 24, first->next.bytes, 24);

  read = plaza_replica_read (store, kept->revision, &error);
  g_assert_no_error (error);
  g_assert_cmpmem (g_bytes_get_data (read->xml, NULL), g_bytes_get_size (read->xml),
                   "<data>agua turbia</data>", 24);

  /* a page twice, or one that leaves something out, is not taken */
  g_assert_false (take (profile, first, &error));
  g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_INVALID);
  g_clear_error (&error);

  withdrawn->kind = PLAZA_FEED_WITHDRAWN;
  g_strlcpy (withdrawn->response, two, sizeof withdrawn->response);
  g_strlcpy (withdrawn->effective, gone->revision, sizeof withdrawn->effective);
  withdrawn->marks = g_strdup ("");
  withdrawn->payload = g_bytes_new_static (NULL, 0);
  g_ptr_array_add (second->items, withdrawn);
  second->asked = first->next;
  second->next.bytes[0] = 2;
  g_assert_true (take (profile, second, &error));
  g_assert_cmpuint (count (profile).responses, ==, 2);
  g_assert_cmpuint (count (profile).revisions, ==, 1);
  g_assert_null (plaza_replica_read (store, gone->revision, &error));
  g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_NOT_FOUND);
  g_clear_error (&error);

  /* another scope: what was there goes */
  g_ptr_array_add (afresh->items, make_item (profile, two, "<data>otra</data>"));
  afresh->asked = second->next;
  afresh->afresh = TRUE;
  afresh->next.bytes[0] = 3;
  g_assert_true (take (profile, afresh, &error));
  g_assert_cmpuint (count (profile).responses, ==, 1);

  now = plaza_clock_now_ms ();
  g_assert_true (plaza_replica_expire (store, now + 29 * DAY_MS, &expired, NULL));
  g_assert_false (expired);
  g_assert_true (plaza_replica_expire (store, now + 31 * DAY_MS, &expired, NULL));
  g_assert_true (expired);
  g_assert_cmpuint (count (profile).responses, ==, 0);
  g_assert_true (plaza_replica_get_cursor (store, &cursor, NULL));
  for (guint i = 0; i < sizeof cursor.bytes; i++)
    g_assert_cmpuint (cursor.bytes[i], ==, 0);
}

/* Copies leave the replica out; nothing of it is readable in the store's files */
static void
test_at_rest (void)
{
  g_autoptr (Laptop) laptop = laptop_new ();
  g_autoptr (PlazaProfile) profile = laptop_profile (laptop, "Coordinadora");
  g_autofree char *one = plaza_uuid_v7 ();
  g_autofree char *folder = NULL;
  g_autofree char *backups = NULL;
  g_autoptr (PlazaFeedPage) page = plaza_feed_page_new ();
  g_autoptr (GDir) dir = NULL;
  const char *name;
  guint copies = 0;

  g_ptr_array_add (page->items, make_item (profile, one, "<data>canario-amarillo</data>"));
  g_assert_true (take (profile, page, NULL));
  g_assert_true (plaza_store_backup (plaza_profile_get_store (profile), NULL));
  folder = g_strdup (plaza_profile_get_folder (profile));
  g_assert_true (plaza_profile_lock (profile, NULL));

  backups = g_build_filename (folder, "backups", NULL);
  dir = g_dir_open (backups, 0, NULL);
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (backups, name, NULL);
      g_autoptr (PlazaDatabase) db = NULL;
      gint64 rows;

      if (!g_str_has_suffix (name, ".db"))
        continue;
      db = plaza_database_open_copy (path, NULL);
      g_assert_true (plaza_database_get_int (db, -1, &rows, NULL,
                                             "SELECT (SELECT count (*) FROM replica_revision) + "
                                             "(SELECT count (*) FROM replica_progress)",
                                             ""));
      g_assert_cmpint (rows, ==, 0);
      copies++;
    }
  g_assert_cmpuint (copies, >, 0);
  {
    g_autofree char *path = g_build_filename (folder, "plaza.db", NULL);
    g_autofree char *content = NULL;
    gsize length;

    g_assert_true (g_file_get_contents (path, &content, &length, NULL));
    g_assert_nonnull (memmem (content, length, one, strlen (one)));
    g_assert_null (memmem (content, length, "canario", 7));
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/store/replica/pages", test_replica);
  g_test_add_func ("/store/replica/at-rest", test_at_rest);
  return g_test_run ();
}
