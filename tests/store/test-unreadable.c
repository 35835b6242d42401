/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/unreadable.h"

#include <glib/gstdio.h>
#include <string.h>

#include "base/file.h"
#include "base/uuid.h"
#include "laptop.h"
#include "store/backup.h"
#include "store/campaign-news.h"
#include "store/database.h"
#include "store/hand-in.h"
#include "store/kept.h"
#include "store/replica.h"
#include "store/rescue.h"
#include "store/safe-copy.h"
#include "store/store-private.h"

#define WORDS "el agua no llega desde marzo"

/* One flipped byte in each thing that is sealed: what is lost is told, everywhere, and nothing goes
 * on as if it had never been. */

typedef struct
{
  Laptop *laptop;
  char *id;
  char *folder;
  char *database; /* path */
  char *stick;
  char *here; /* data root of who rescues */
} Fixture;

static void
on_done (GObject *source, GAsyncResult *result, gpointer data)
{
  *(GAsyncResult **) data = g_object_ref (result);
}

static void
add_replica (PlazaProfile *profile)
{
  g_autoptr (PlazaFeedPage) page = plaza_feed_page_new ();
  PlazaFeedItem *item = g_new0 (PlazaFeedItem, 1);
  g_autofree char *response = plaza_uuid_v7 ();
  g_autofree char *revision = plaza_uuid_v7 ();
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  PlazaStore *store = plaza_profile_get_store (profile);

  item->kind = PLAZA_FEED_REVISION;
  g_strlcpy (item->response, response, sizeof item->response);
  g_strlcpy (item->revision, revision, sizeof item->revision);
  g_strlcpy (item->effective, revision, sizeof item->effective);
  item->marks = g_strdup ("");
  item->payload = g_bytes_new_static ("what the feed brought", 21);
  page->next.bytes[0] = 1;
  g_ptr_array_add (page->items, item);
  plaza_replica_take_async (store, page, NULL, on_done, &result);
  while (result == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_assert_true (plaza_replica_take_finish (store, result, &error));
  g_assert_no_error (error);
}

/* Some of everything, and the laptop breaks while it is open: what waits stays unsealed. */
static void
set_up (Fixture *f, gconstpointer data)
{
  g_autoptr (PlazaProfile) profile = NULL;
  g_autoptr (PlazaCapture) capture = NULL;
  g_autoptr (GBytes) kept = g_bytes_new_static ("[]", 2);
  g_autofree char *delivered = NULL;
  g_autofree char *packed = NULL;
  g_autofree char *finished = NULL;
  g_autoptr (GError) error = NULL;
  PlazaStore *store;
  PlazaNews news;

  f->laptop = laptop_new ();
  profile = laptop_profile (f->laptop, "Ana");
  store = plaza_profile_get_store (profile);
  f->id = g_strdup (plaza_profile_get_id (profile));
  f->folder = g_strdup (plaza_profile_get_folder (profile));
  f->database = g_build_filename (f->folder, "plaza.db", NULL);
  f->stick = g_dir_make_tmp ("plaza-stick-XXXXXX", NULL);
  f->here = g_dir_make_tmp ("plaza-here-XXXXXX", NULL);
  delivered = laptop_respond (profile, WORDS);
  laptop_deliver (f->laptop, profile, PLAZA_PACK_NO_CONTACTS);
  packed = laptop_respond (profile, WORDS);
  g_assert_true (plaza_outbox_pack (store, PLAZA_PACK_NO_CONTACTS, NULL, &error));
  finished = laptop_respond_with_contact (profile, WORDS, "Doña Remedios");
  capture = laptop_start (profile);
  laptop_fill (capture, "a medias");
  laptop_answer (capture, "/data/quiere", "si");
  laptop_answer (capture, "/data/contacto/permiso", "si");
  laptop_answer (capture, "/data/contacto/nombre", "Don Chucho");
  plaza_capture_save_text (
      capture, plaza_interview_find (plaza_capture_get_interview (capture), "/data/obs"), "a me");
  g_clear_object (&capture);
  g_assert_true (plaza_store_get_news (store, &news, &error));
  g_assert_true (plaza_kept_write (store, PLAZA_KEPT_DEVICES, kept, &error));
  g_assert_true (plaza_safe_copy_set_folder (store, f->stick, &error));
  add_replica (profile);
  g_assert_no_error (error);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  laptop_free (f->laptop);
  g_free (f->id);
  g_free (f->folder);
  g_free (f->database);
  g_free (f->stick);
  g_free (f->here);
}

static PlazaProfile *
try_unlock (Fixture *f, GError **error)
{
  g_autoptr (PlazaProfile) profile = plaza_profile_load (f->laptop->root, f->id, error);

  g_assert_nonnull (profile);
  return plaza_profile_unlock (profile, LAPTOP_PASSPHRASE, error) ? g_steal_pointer (&profile)
                                                                  : NULL;
}

static PlazaUnreadable
look (PlazaProfile *profile)
{
  g_autoptr (GError) error = NULL;
  PlazaUnreadable unreadable = { 0 };

  g_assert_true (plaza_unreadable_look (plaza_profile_get_store (profile), &unreadable, &error));
  g_assert_no_error (error);
  return unreadable;
}

/* A place of damage: a blob in the database. */
typedef struct
{
  char *table;
  char *column;
  gint64 rowid;
  char *name; /* of a sealed value */
  gint64 state;
} Place;

static void
flip_in (PlazaDatabase *db, const Place *place, double where)
{
  g_autofree char *select =
      g_strdup_printf ("SELECT %s FROM %s WHERE rowid = ?", place->column, place->table);
  g_autofree char *update =
      g_strdup_printf ("UPDATE %s SET %s = ? WHERE rowid = ?", place->table, place->column);
  g_autoptr (PlazaRows) rows = plaza_database_query (db, NULL, select, "i", place->rowid);
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GByteArray) changed = NULL;
  g_autoptr (GBytes) after = NULL;

  g_assert_true (plaza_rows_next (rows, NULL));
  bytes = plaza_rows_bytes (rows, 0);
  g_clear_pointer (&rows, plaza_rows_free);
  changed = g_byte_array_new ();
  g_byte_array_append (changed, g_bytes_get_data (bytes, NULL), (guint) g_bytes_get_size (bytes));
  changed->data[(guint) (where * (changed->len - 1))] ^= 0x10;
  after = g_bytes_new (changed->data, changed->len);
  g_assert_true (plaza_database_run (db, NULL, update, "bi", after, place->rowid));
}

static void
flip (const char *path, const Place *place, double where)
{
  g_autoptr (PlazaDatabase) db = plaza_database_open (path, PLAZA_DATABASE_LAPTOP, NULL);

  flip_in (db, place, where);
  g_assert_true (plaza_database_close (g_steal_pointer (&db), NULL));
}

static gboolean
flip_job (PlazaStore *store, PlazaDatabase *db, gpointer data, GError **error)
{
  flip_in (db, data, 0.5);
  return TRUE;
}

/* While the profile is open. */
static void
flip_open (PlazaProfile *profile, Place *place)
{
  g_assert_true (plaza_store_call (plaza_profile_get_store (profile), PLAZA_STORE_WRITE, flip_job,
                                   place, NULL));
}

static void
place_free (gpointer data)
{
  Place *place = data;

  g_free (place->table);
  g_free (place->column);
  g_free (place->name);
  g_free (place);
}

static void
list_column (PlazaDatabase *db, const char *table, const char *column, GPtrArray *places)
{
  gboolean values = strcmp (table, "sealed_value") == 0;
  gboolean states = strcmp (table, "content") == 0;
  g_autofree char *sql = g_strdup_printf (
      "SELECT rowid, %s, %s FROM %s WHERE length (%s) > 0", values ? "name" : "NULL",
      states ? "(SELECT state FROM entry WHERE entry.number = content.number)" : "0", table,
      column);
  g_autoptr (PlazaRows) rows = plaza_database_query (db, NULL, sql, "");

  g_assert_nonnull (rows);
  while (plaza_rows_next (rows, NULL))
    {
      Place *place = g_new0 (Place, 1);

      place->table = g_strdup (table);
      place->column = g_strdup (column);
      place->rowid = plaza_rows_int (rows, 0);
      place->name = g_strdup (plaza_rows_text (rows, 1));
      place->state = plaza_rows_int (rows, 2);
      g_ptr_array_add (places, place);
    }
}

static GPtrArray *
list_places (const char *path)
{
  GPtrArray *places = g_ptr_array_new_with_free_func (place_free);
  g_autoptr (PlazaDatabase) db = plaza_database_open (path, PLAZA_DATABASE_LAPTOP, NULL);
  g_autoptr (PlazaRows) rows = plaza_database_query (
      db, NULL,
      "SELECT t.name, c.name FROM pragma_table_list AS t, pragma_table_info (t.name) AS c "
      "WHERE t.schema = 'main' AND t.type = 'table' AND c.type = 'BLOB' ORDER BY 1, 2",
      "");

  g_assert_nonnull (rows);
  while (plaza_rows_next (rows, NULL))
    list_column (db, plaza_rows_text (rows, 0), plaza_rows_text (rows, 1), places);
  return places;
}

static gboolean
is (const Place *place, const char *table)
{
  return strcmp (place->table, table) == 0;
}

/* Which of the numbers must tell of it; NULL when it opens no profile, or nothing is lost. */
static const guint *
expected (const Place *place, const PlazaUnreadable *found)
{
  if (is (place, "sealed_value"))
    return strcmp (place->name, "contact-pool") == 0 ? &found->pools : &found->values;
  if (is (place, "session"))
    return &found->sessions;
  if (is (place, "response"))
    return &found->responses;
  if (is (place, "draft") || is (place, "event"))
    return &found->drafts;
  if (is (place, "replica_revision"))
    return &found->replicas;
  /* What is packed or delivered has another copy. */
  if (is (place, "content"))
    return place->state == PLAZA_RESPONSE_WAITING ? &found->entries : NULL;
  g_assert_true (is (place, "envelope"));
  return NULL;
}

static void
check_rescue (Fixture *f, gboolean opens)
{
  const PlazaRescueOptions options = { .recovery = f->laptop->recovery };
  g_auto (PlazaRescueReport) report = { 0 };
  g_autoptr (GError) error = NULL;
  const PlazaRescueProfile *profile;

  g_assert_true (plaza_rescue_run (f->here, f->folder, &options, &report, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (report.profiles->len, ==, 1);
  profile = g_ptr_array_index (report.profiles, 0);
  g_assert_cmpint (profile->opened, ==, opens);
  if (opens)
    g_assert_cmpuint (plaza_unreadable_total (&profile->unreadable) + profile->unreadable.replicas,
                      >, 0);
  else
    g_assert_nonnull (profile->problem);
}

static void
check_place (Fixture *f, const Place *place)
{
  gboolean closes = is (place, "sealed_value") && (strcmp (place->name, "device-secret") == 0 ||
                                                   strcmp (place->name, "enrolment") == 0);
  g_autoptr (PlazaProfile) profile = NULL;
  g_autoptr (GError) error = NULL;
  g_auto (PlazaHandInState) state = { 0 };
  PlazaUnreadable found, again;
  const guint *tells = expected (place, &found);

  g_test_message ("%s.%s %" G_GINT64_FORMAT " %s", place->table, place->column, place->rowid,
                  place->name != NULL ? place->name : "");
  profile = try_unlock (f, &error);
  if (closes)
    {
      g_assert_null (profile);
      g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_CORRUPT);
      check_rescue (f, FALSE);
      return;
    }
  g_assert_no_error (error);
  found = look (profile);
  if (tells != NULL)
    g_assert_cmpuint (*tells, ==, 1);
  /* a draft does not open without its response's line */
  g_assert_cmpuint (plaza_unreadable_total (&found) + found.replicas, ==,
                    (tells != NULL ? 1 : 0) + (tells == &found.responses ? found.drafts : 0));
  g_assert_true (plaza_hand_in_look (plaza_profile_get_store (profile), &state, &error));
  g_assert_no_error (error);
  g_assert_cmpmem (&state.unreadable, sizeof found, &found, sizeof found);
  g_assert_cmpuint (state.unreadable_open, ==,
                    found.pools + found.values + found.sessions + found.responses);
  /* it is not forgotten by looking */
  again = look (profile);
  g_assert_cmpmem (&again, sizeof again, &found, sizeof found);
  g_clear_object (&profile);
  if (tells != NULL)
    check_rescue (f, TRUE);
}

static void
test_every_blob (Fixture *f, gconstpointer data)
{
  g_autoptr (GPtrArray) places = NULL;
  g_autofree char *pristine = NULL;
  g_autofree char *wal = g_strconcat (f->database, "-wal", NULL);
  g_autoptr (GHashTable) tables = g_hash_table_new (g_str_hash, g_str_equal);
  gsize size;

  g_log_set_always_fatal (G_LOG_LEVEL_CRITICAL | G_LOG_FATAL_MASK);
  places = list_places (f->database);
  g_assert_true (g_file_get_contents (f->database, &pristine, &size, NULL));
  for (guint i = 0; i < places->len; i++)
    {
      const Place *place = g_ptr_array_index (places, i);

      g_hash_table_add (tables, place->table);
      flip (f->database, place, (i % 5) / 4.0);
      check_place (f, place);
      g_unlink (wal);
      g_assert_true (g_file_set_contents (f->database, pristine, (gssize) size, NULL));
    }
  g_assert_cmpuint (g_hash_table_size (tables), >=, 8);
}

/* The pool */

static char *
stored_pool (Fixture *f, const char *like)
{
  g_autoptr (PlazaDatabase) db = plaza_database_open (f->database, PLAZA_DATABASE_LAPTOP, NULL);
  g_autoptr (PlazaRows) rows = plaza_database_query (
      db, NULL, "SELECT hex (sealed) FROM sealed_value WHERE name LIKE ?", "t", like);

  return plaza_rows_next (rows, NULL) ? g_strdup (plaza_rows_text (rows, 0)) : NULL;
}

static gint64
rowid_of_pool (Fixture *f)
{
  g_autoptr (GPtrArray) places = list_places (f->database);

  for (guint i = 0; i < places->len; i++)
    {
      const Place *place = g_ptr_array_index (places, i);

      if (g_strcmp0 (place->name, "contact-pool") == 0)
        return place->rowid;
    }
  g_assert_not_reached ();
}

static void
flip_pool (Fixture *f)
{
  const Place pool = { .table = (char *) "sealed_value",
                       .column = (char *) "sealed",
                       .rowid = rowid_of_pool (f) };

  flip (f->database, &pool, 0.5);
}

static void
remove_backups (Fixture *f)
{
  g_autofree char *folder = g_build_filename (f->folder, "backups", NULL);
  g_auto (GStrv) names = plaza_dir_list (folder, ".db", NULL);

  for (guint i = 0; names != NULL && names[i] != NULL; i++)
    {
      g_autofree char *path = g_build_filename (folder, names[i], NULL);

      g_assert_cmpint (g_unlink (path), ==, 0);
    }
}

static guint
contacts_of (PlazaProfile *profile)
{
  PlazaCounts counts;

  g_assert_true (plaza_store_get_counts (plaza_profile_get_store (profile), &counts, NULL));
  return counts.contacts_waiting;
}

/* It is kept byte for byte, carried by every copy, and a new one takes later contacts. */
static void
test_pool (Fixture *f, gconstpointer data)
{
  g_autoptr (PlazaProfile) profile = NULL;
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;
  g_autofree char *finished = NULL;
  g_autofree char *copy = NULL;
  g_autoptr (PlazaSafeCopy) safe = NULL;
  g_autoptr (GError) error = NULL;
  g_auto (PlazaHandInState) state = { 0 };

  g_log_set_always_fatal (G_LOG_LEVEL_CRITICAL | G_LOG_FATAL_MASK);
  remove_backups (f);
  flip_pool (f);
  before = stored_pool (f, "contact-pool");
  profile = laptop_unlock (f->laptop, f->id);
  g_assert_cmpuint (look (profile).pools, ==, 1);
  g_assert_cmpuint (contacts_of (profile), ==, 0);
  finished = laptop_respond_with_contact (profile, WORDS, "Doña Eulalia");
  g_assert_cmpuint (contacts_of (profile), ==, 1);
  g_assert_cmpuint (look (profile).pools, ==, 1);
  safe = plaza_safe_copy_prepare (plaza_profile_get_store (profile), &error);
  g_assert_no_error (error);
  g_assert_true (plaza_safe_copy_write (safe, &error));
  g_clear_object (&profile);
  after = stored_pool (f, "contact-pool.unreadable-%");
  g_assert_cmpstr (before, ==, after);

  g_free (f->database);
  f->database =
      g_build_filename (f->stick, PLAZA_SAFE_COPY_FOLDER, "profiles", f->id, "plaza.db", NULL);
  copy = stored_pool (f, "contact-pool.unreadable-%");
  g_assert_cmpstr (before, ==, copy);
}

/* A backup made since the last contact left gives its contacts back, each once. */
static void
test_pool_backup (Fixture *f, gconstpointer sent_since)
{
  g_autoptr (PlazaProfile) profile = laptop_unlock (f->laptop, f->id);
  PlazaStore *store = plaza_profile_get_store (profile);
  g_autofree char *later = NULL;
  g_autoptr (GError) error = NULL;

  g_log_set_always_fatal (G_LOG_LEVEL_CRITICAL | G_LOG_FATAL_MASK);
  g_assert_true (plaza_store_backup (store, &error));
  if (sent_since != NULL)
    g_assert_true (plaza_outbox_pack (store, PLAZA_PACK_HAND_IN, NULL, &error));
  later = laptop_respond_with_contact (profile, WORDS, "Doña Eulalia");
  g_assert_cmpuint (contacts_of (profile), ==, sent_since != NULL ? 1 : 2);
  g_clear_object (&profile);
  flip_pool (f);
  profile = laptop_unlock (f->laptop, f->id);
  g_assert_cmpuint (contacts_of (profile), ==, sent_since != NULL ? 0 : 1);
  g_assert_cmpuint (look (profile).pools, ==, 1);
}

/* Damage while the profile is open: the next ending sets the pool aside. */
static void
test_pool_open (Fixture *f, gconstpointer data)
{
  g_autoptr (PlazaProfile) profile = NULL;
  g_autofree char *finished = NULL;
  Place pool = { .table = (char *) "sealed_value", .column = (char *) "sealed" };

  pool.rowid = rowid_of_pool (f);
  profile = laptop_unlock (f->laptop, f->id);
  g_log_set_always_fatal (G_LOG_LEVEL_CRITICAL | G_LOG_FATAL_MASK);
  remove_backups (f);
  flip_open (profile, &pool);
  g_assert_cmpuint (look (profile).pools, ==, 1);
  finished = laptop_respond_with_contact (profile, WORDS, "Doña Eulalia");
  g_assert_cmpuint (contacts_of (profile), ==, 1);
  g_assert_cmpuint (look (profile).pools, ==, 1);
}

/* Handing in asks, the proof's facts tell, and new damage asks again. */
static void
test_hand_in (Fixture *f, gconstpointer data)
{
  g_autoptr (PlazaProfile) profile = NULL;
  g_autoptr (GError) error = NULL;
  g_auto (PlazaHandInState) state = { 0 };
  g_auto (PlazaHandInFacts) facts = { 0 };
  g_autofree char *response = NULL;
  Place session = { .table = (char *) "session", .column = (char *) "sealed", .rowid = 1 };
  PlazaStore *store;

  g_log_set_always_fatal (G_LOG_LEVEL_CRITICAL | G_LOG_FATAL_MASK);
  flip_pool (f);
  profile = laptop_unlock (f->laptop, f->id);
  store = plaza_profile_get_store (profile);
  g_assert_true (plaza_hand_in_look (store, &state, &error));
  response = g_strdup (((PlazaHandInDraft *) g_ptr_array_index (state.drafts, 0))->response);
  g_assert_true (plaza_hand_in_end_partial (store, response, &error));
  g_assert_no_error (error);
  laptop_deliver (f->laptop, profile, PLAZA_PACK_HAND_IN);
  plaza_hand_in_state_clear (&state);
  g_assert_true (plaza_hand_in_look (store, &state, &error));
  g_assert_cmpuint (state.waiting + state.unsealed + state.contacts, ==, 0);
  g_assert_cmpuint (state.unreadable_open, ==, 1);
  g_assert_true (plaza_hand_in_state_needs_decision (&state));
  g_assert_false (plaza_hand_in_state_is_complete (&state));
  g_assert_false (plaza_hand_in_erase (profile, &error));
  g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_REFUSED);
  g_clear_error (&error);

  g_assert_false (plaza_hand_in_accept_unreadable (store, "  ", &error));
  g_clear_error (&error);
  g_assert_true (plaza_hand_in_accept_unreadable (store, "se mojó", &error));
  plaza_hand_in_state_clear (&state);
  g_assert_true (plaza_hand_in_look (store, &state, &error));
  g_assert_cmpuint (state.unreadable_open, ==, 0);
  g_assert_cmpuint (state.unreadable.pools, ==, 1);
  g_assert_true (plaza_hand_in_state_is_complete (&state));
  g_assert_true (plaza_hand_in_get_facts (store, &facts, &error));
  g_assert_cmpuint (facts.unreadable.pools, ==, 1);
  g_assert_cmpstr (facts.unreadable_reason, ==, "se mojó");

  flip_open (profile, &session);
  plaza_hand_in_state_clear (&state);
  g_assert_true (plaza_hand_in_look (store, &state, &error));
  g_assert_cmpuint (state.unreadable_open, ==, 1);
  g_assert_true (plaza_hand_in_accept_unreadable (store, "se mojó", &error));
  g_assert_true (plaza_hand_in_erase (profile, &error));
  g_assert_no_error (error);
}

/* Envelopes */

static void
break_envelope (Fixture *f, gboolean file_too)
{
  g_autofree char *outbox = g_build_filename (f->folder, "outbox", NULL);
  g_auto (GStrv) names = plaza_dir_list (outbox, ".plz", NULL);
  g_autoptr (GPtrArray) places = list_places (f->database);

  g_assert_cmpuint (g_strv_length (names), ==, 1);
  for (guint i = 0; i < places->len; i++)
    {
      const Place *place = g_ptr_array_index (places, i);

      if (is (place, "envelope"))
        flip (f->database, place, 0.7);
    }
  if (file_too)
    {
      g_autofree char *path = g_build_filename (outbox, names[0], NULL);

      g_assert_cmpint (g_unlink (path), ==, 0);
    }
}

/* Of an envelope that is whole nowhere the answers are packed again, each once. */
static void
test_envelope (Fixture *f, gconstpointer data)
{
  g_autoptr (PlazaProfile) profile = NULL;
  g_autoptr (GPtrArray) items = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GHashTable) ids = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  PlazaStore *store;

  g_log_set_always_fatal (G_LOG_LEVEL_CRITICAL | G_LOG_FATAL_MASK);
  break_envelope (f, TRUE);
  profile = laptop_unlock (f->laptop, f->id);
  store = plaza_profile_get_store (profile);
  g_assert_true (plaza_outbox_pack (store, PLAZA_PACK_NO_CONTACTS, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (look (profile).envelopes, ==, 0);
  items = plaza_outbox_list (f->laptop->root, NULL, &error);
  for (guint i = 0; i < items->len; i++)
    {
      g_autoptr (GPtrArray) entries =
          laptop_open (f->laptop, profile, g_ptr_array_index (items, i));

      for (guint j = 0; j < entries->len; j++)
        g_assert_true (
            g_hash_table_add (ids, g_strdup (((PlazaEntry *) g_ptr_array_index (entries, j))->id)));
    }
  g_assert_cmpuint (g_hash_table_size (ids), ==, 2);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/unreadable/every-blob", Fixture, NULL, set_up, test_every_blob, tear_down);
  g_test_add ("/unreadable/pool", Fixture, NULL, set_up, test_pool, tear_down);
  g_test_add ("/unreadable/pool-backup", Fixture, NULL, set_up, test_pool_backup, tear_down);
  g_test_add ("/unreadable/pool-backup-older", Fixture, "sent", set_up, test_pool_backup,
              tear_down);
  g_test_add ("/unreadable/pool-open", Fixture, NULL, set_up, test_pool_open, tear_down);
  g_test_add ("/unreadable/hand-in", Fixture, NULL, set_up, test_hand_in, tear_down);
  g_test_add ("/unreadable/envelope", Fixture, NULL, set_up, test_envelope, tear_down);
  return g_test_run ();
}
