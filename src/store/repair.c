/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-store"

#include "store/backup.h"

#include <errno.h>
#include <glib/gstdio.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "store/contact-pool.h"
#include "store/migration.h"
#include "store/unreadable-private.h"
#include "wire/entry.h"

/* What the place of a pool that is gone is called. */
#define LOST_POOL PLAZA_CONTACT_POOL PLAZA_UNREADABLE_MARK "gone"
/* Above every key there is. */
#define KEY_LIMIT (G_GINT64_CONSTANT (1) << 44)
/* Over every folio serial that rows lost since the backup may have used. */
#define ADJUST_COUNTERS "UPDATE counter SET value = value + 1000 WHERE name = 'folio'"

typedef struct
{
  const char *name;
  const char *from_damaged;
  const char *from_backup;
} Table;

#define TABLE(name, key) \
  { \
    name, \
        "INSERT OR IGNORE INTO main." name " SELECT * FROM damaged." name " WHERE " key \
        " BETWEEN ? AND ?", \
        "INSERT OR IGNORE INTO main." name " SELECT * FROM backup." name " WHERE " key \
        " BETWEEN ? AND ?" \
  }

/* An older store has the content of an entry in the entry: one view for either, see
 * plan_content(). */
#define ENTRY \
  "number, kind, id, response, state, sequence, envelope, position, created_ms, delivered_ms, " \
  "problem, hash"
#define ENTRY_FROM(schema) \
  "INSERT OR IGNORE INTO main.entry (" ENTRY ") SELECT " ENTRY " FROM " schema \
  ".entry WHERE number BETWEEN ? AND ?"
#define CONTENT_FROM(schema) \
  "INSERT OR IGNORE INTO main.content (number, key, sealed) SELECT number, key, sealed FROM " \
  "temp." schema "_content WHERE number BETWEEN ? AND ?"

static const Table tables[] = {
  TABLE ("counter", "rowid"),
  TABLE ("sealed_value", "rowid"),
  TABLE ("session", "number"),
  TABLE ("response", "number"),
  TABLE ("draft", "number"),
  TABLE ("event", "number"),
  TABLE ("envelope", "number"),
  { "entry", ENTRY_FROM ("damaged"), ENTRY_FROM ("backup") },
  { "content", CONTENT_FROM ("damaged"), CONTENT_FROM ("backup") },
};

typedef struct
{
  const char *is_new; /* how many tables of that name it has */
  const char *view;
  const char *old_view;
  const char *drop;
} ContentView;

#define CONTENT_VIEW(schema) \
  { \
    "SELECT count (*) FROM " schema ".sqlite_schema WHERE name = 'content'", \
        "CREATE TEMP VIEW " schema "_content AS SELECT number, key, sealed FROM " schema \
        ".content", \
        "CREATE TEMP VIEW " schema "_content AS SELECT number, key, sealed FROM " schema \
        ".entry WHERE sealed IS NOT NULL", \
        "DROP VIEW temp." schema "_content" \
  }

static const ContentView damaged_content = CONTENT_VIEW ("damaged");
static const ContentView backup_content = CONTENT_VIEW ("backup");

static gboolean
plan_content (PlazaDatabase *db, const ContentView *view, GError **error)
{
  gint64 is_new;

  return plaza_database_get_int (db, 0, &is_new, error, view->is_new, "") &&
         plaza_database_exec (db, is_new > 0 ? view->view : view->old_view, error);
}

/* Ranges of keys of one table that may fail to be read before the rest is given up. Of a table
 * whose first page is gone every range fails, down to each key that there could be. */
#define MAX_UNREADABLE 20000u

typedef struct
{
  gint64 low;
  gint64 high;
} Range;

static void
push_range (GQueue *ranges, gint64 low, gint64 high)
{
  Range *range = g_new (Range, 1);

  *range = (Range){ low, high };
  g_queue_push_tail (ranges, range);
}

/* Copies every key; where a page cannot be read, tries each half by itself, the largest first, so
 * that what is given up is small. FALSE when anything was left out. */
static gboolean
salvage_table (PlazaDatabase *db, const char *sql, guint *rows)
{
  GQueue ranges = G_QUEUE_INIT;
  guint unreadable = 0;

  push_range (&ranges, 0, KEY_LIMIT);
  while (unreadable < MAX_UNREADABLE && !g_queue_is_empty (&ranges))
    {
      g_autofree Range *range = g_queue_pop_head (&ranges);
      gint64 middle = range->low + (range->high - range->low) / 2;

      if (plaza_database_run (db, NULL, sql, "ii", range->low, range->high))
        {
          *rows += plaza_database_changes (db);
          continue;
        }
      unreadable++;
      if (range->low < range->high)
        {
          push_range (&ranges, range->low, middle);
          push_range (&ranges, middle + 1, range->high);
        }
    }
  g_queue_clear_full (&ranges, g_free);
  return unreadable == 0;
}

/* Whether the damaged store may have had a pool of contacts that was not found in it. */
static gboolean
lacks_pool (PlazaDatabase *db)
{
  gint64 found = 0;

  return !plaza_database_get_int (db, 0, &found, NULL,
                                  "SELECT count (*) FROM sealed_value WHERE name = ?", "t",
                                  PLAZA_CONTACT_POOL) ||
         found == 0;
}

static void
salvage_damaged (PlazaDatabase *db, const char *path, gboolean *pool_lost, PlazaRepair *out)
{
  g_autoptr (GError) error = NULL;

  if (!plaza_database_run (db, &error, "ATTACH ? AS damaged", "t", path) ||
      !plan_content (db, &damaged_content, &error))
    {
      g_warning ("nothing can be read from the damaged store: %s", error->message);
      out->tables_lost = G_N_ELEMENTS (tables);
      *pool_lost = TRUE;
      return;
    }
  for (guint i = 0; i < G_N_ELEMENTS (tables); i++)
    {
      if (salvage_table (db, tables[i].from_damaged, &out->rows_kept))
        continue;
      out->tables_lost++;
      *pool_lost = *pool_lost || strcmp (tables[i].name, "sealed_value") == 0;
    }
  *pool_lost = *pool_lost && lacks_pool (db);
  if (!plaza_database_exec (db, damaged_content.drop, &error) ||
      !plaza_database_run (db, &error, "DETACH damaged", ""))
    g_warning ("the damaged store stays attached: %s", error->message);
}

/* The newest backup that passes its own check, or NULL. */
static char *
find_backup (const char *folder, gint64 *out_ms)
{
  g_auto (GStrv) names = plaza_dir_list (folder, ".db", NULL);

  for (guint i = names ? g_strv_length (names) : 0; i > 0; i--)
    {
      g_autofree char *path = g_build_filename (folder, names[i - 1], NULL);
      g_autoptr (PlazaDatabase) copy = NULL;
      g_autoptr (GError) error = NULL;

      if (!g_str_has_prefix (names[i - 1], "plaza-"))
        continue;
      copy = plaza_database_open_copy (path, &error);
      if (copy != NULL && plaza_database_check (copy, &error))
        {
          *out_ms = g_ascii_strtoll (names[i - 1] + strlen ("plaza-"), NULL, 10);
          return g_steal_pointer (&path);
        }
      g_warning ("backup %s is no use: %s", names[i - 1], error->message);
    }
  return NULL;
}

/* Damage inside a long value shows in no check of the file. What never changes once it is written
 * is taken from the backup; of what does, the backup's copy is kept beside it. */
#define PREFER_BACKUP \
  "UPDATE content SET key = c.key, sealed = c.sealed FROM entry AS e, backup.entry AS b," \
  " temp.backup_content AS c WHERE e.number = content.number AND b.id = e.id" \
  " AND c.number = b.number;" \
  "UPDATE event SET sealed = b.sealed FROM backup.event AS b WHERE b.number = event.number" \
  " AND EXISTS (SELECT 1 FROM draft AS d JOIN backup.draft AS c ON c.key = d.key" \
  "  WHERE d.number = event.number / 1048576);" \
  "UPDATE response SET summary = b.summary FROM backup.response AS b WHERE b.id = response.id;" \
  "UPDATE envelope SET bytes = b.bytes FROM backup.envelope AS b WHERE b.id = envelope.id" \
  " AND b.bytes IS NOT NULL AND envelope.bytes IS NOT NULL;" \
  "UPDATE session SET sealed = b.sealed FROM backup.session AS b WHERE b.id = session.id" \
  " AND b.revision = session.revision;" \
  "INSERT OR IGNORE INTO sealed_value (name, sealed) SELECT name || '.backup', sealed" \
  " FROM backup.sealed_value WHERE name <> '" PLAZA_CONTACT_POOL "'" \
  " AND name NOT " PLAZA_UNREADABLE_LIKE " AND name NOT LIKE '%.backup';" \
  "UPDATE counter SET value = max (value, coalesce ((SELECT b.value FROM backup.counter AS b" \
  " WHERE b.name = counter.name), 0))"

/* Of contacts that left in an envelope since the backup was made, its pool would send each again,
 * also one that was deleted at the central meanwhile. When the envelopes were lost too nobody
 * knows, and a contact that comes twice is taken once: better so than not at all. */
#define SENT_SINCE \
  "SELECT count (*) FROM envelope WHERE contacts = 1 AND id NOT IN (SELECT id FROM " \
  "backup.envelope)"

static gboolean
add_backup (PlazaDatabase *db,
            const char *folder,
            gboolean *out_pool_safe,
            PlazaRepair *out,
            GError **error)
{
  g_autofree char *path = find_backup (folder, &out->backup_ms);
  g_autofree char *uri = NULL;
  gint64 sent;

  *out_pool_safe = FALSE;
  if (path == NULL)
    return TRUE;
  uri = plaza_database_copy_uri (path);
  if (!plaza_database_run (db, error, "ATTACH ? AS backup", "t", uri) ||
      !plan_content (db, &backup_content, error) ||
      !plaza_database_get_int (db, 0, &sent, error, SENT_SINCE, ""))
    return FALSE;
  *out_pool_safe = sent == 0;
  for (guint i = 0; i < G_N_ELEMENTS (tables); i++)
    if (!salvage_table (db, tables[i].from_backup, &out->rows_restored))
      g_warning ("the backup's table %s was not read whole", tables[i].name);
  return plaza_database_exec (db, PREFER_BACKUP, error) &&
         plaza_database_exec (db, backup_content.drop, error) &&
         plaza_database_run (db, error, "DETACH backup", "");
}

/* A pool that was lost counts as one that cannot be read: of the contacts taken since the backup
 * nothing is left. The backup's is used when that is safe, else kept beside it. */
static gboolean
settle_pool (PlazaDatabase *db, gboolean lost, gboolean safe, PlazaRepair *out, GError **error)
{
  gint64 pools = 0;

  if (lost && !safe &&
      !plaza_database_run (db, error, "UPDATE sealed_value SET name = ? WHERE name = ?", "tt",
                           LOST_POOL, PLAZA_CONTACT_POOL))
    return FALSE;
  if (lost && !plaza_database_run (
                  db, error, "INSERT OR IGNORE INTO sealed_value (name, sealed) VALUES (?, x'')",
                  "t", LOST_POOL))
    return FALSE;
  if (!plaza_database_get_int (db, 0, &pools, error,
                               "SELECT count (*) FROM sealed_value WHERE name LIKE ? || '%'", "t",
                               PLAZA_CONTACT_POOL PLAZA_UNREADABLE_MARK))
    return FALSE;
  out->pools_lost = (guint) pools;
  return TRUE;
}

/* What a person withdrew must not come back. */
static gboolean
settle_withdrawn (PlazaDatabase *db, GError **error)
{
  return plaza_database_run (
             db, error,
             "DELETE FROM draft WHERE response IN (SELECT number FROM response WHERE outcome = ?)",
             "i", (gint64) PLAZA_OUTCOME_WITHDRAWN) &&
         plaza_database_run (
             db, error,
             "DELETE FROM content WHERE number IN (SELECT e.number FROM entry AS e JOIN response "
             "AS r ON r.number = e.response WHERE r.outcome = ? AND e.kind = ?)",
             "ii", (gint64) PLAZA_OUTCOME_WITHDRAWN, (gint64) PLAZA_ENTRY_REVISION);
}

/* Of a revision that never left nothing is to leave any more, nor is it missing. */
static gboolean
drop_withdrawn (PlazaDatabase *db, GError **error)
{
  return plaza_database_run (db, error,
                             "DELETE FROM entry WHERE state = 1 AND kind = ? AND response IN "
                             "(SELECT number FROM response WHERE outcome = ?)",
                             "ii", (gint64) PLAZA_ENTRY_REVISION, (gint64) PLAZA_OUTCOME_WITHDRAWN);
}

/* A draft that ended after the backup was made must not come back, nor events of no draft. */
static gboolean
settle (PlazaDatabase *db, GError **error)
{
  return settle_withdrawn (db, error) &&
         plaza_database_exec (
             db,
             "DELETE FROM draft WHERE correction = 0 AND response IN"
             " (SELECT number FROM response WHERE outcome IS NOT NULL);"
             "DELETE FROM draft WHERE response NOT IN (SELECT number FROM response);"
             "DELETE FROM event WHERE number / 1048576 NOT IN (SELECT number FROM draft);"
             "DELETE FROM content WHERE number NOT IN (SELECT number FROM entry);"
             "UPDATE entry SET response = NULL WHERE response NOT IN (SELECT number FROM response);"
             "UPDATE entry SET envelope = NULL, sequence = NULL, state = 1 WHERE state = 2 AND"
             " envelope NOT IN (SELECT number FROM envelope);" ADJUST_COUNTERS,
             error) &&
         drop_withdrawn (db, error);
}

static gboolean
move (const char *from, const char *to, GError **error)
{
  if (g_rename (from, to) == 0 || errno == ENOENT)
    return TRUE;
  return plaza_throw (error, PLAZA_ERROR_DISK, "moving the store aside: %s", g_strerror (errno));
}

static gboolean
swap_files (const char *path, const char *repaired, GError **error)
{
  g_autofree char *stamp = g_strdup_printf ("%" G_GINT64_FORMAT, plaza_clock_now_ms ());
  g_autofree char *folder = g_path_get_dirname (path);
  g_autofree char *name = g_strconcat (PLAZA_BACKUP_DAMAGED, stamp, NULL);
  g_autofree char *damaged = g_build_filename (folder, name, NULL);
  g_autofree char *wal = g_strconcat (path, "-wal", NULL);
  g_autofree char *damaged_wal = g_strconcat (damaged, "-wal", NULL);

  return move (path, damaged, error) && move (wal, damaged_wal, error) &&
         move (repaired, path, error);
}

static gboolean
rebuild (
    const char *path, const char *repaired, const char *folder, PlazaRepair *out, GError **error)
{
  g_autoptr (PlazaDatabase) db = NULL;
  gboolean pool_lost = FALSE;
  gboolean pool_safe;

  db = plaza_database_open (repaired, PLAZA_DATABASE_LAPTOP, error);
  if (db == NULL || !plaza_migration_run (db, repaired, error) ||
      !plaza_database_exec (db, "PRAGMA foreign_keys = OFF", error))
    return FALSE;
  salvage_damaged (db, path, &pool_lost, out);
  if (!add_backup (db, folder, &pool_safe, out, error) ||
      !settle_pool (db, pool_lost, pool_safe, out, error))
    return FALSE;
  if (out->rows_kept + out->rows_restored == 0)
    return plaza_throw (error, PLAZA_ERROR_CORRUPT,
                        "neither the store nor a backup of it can be read");
  return settle (db, error) && plaza_database_check (db, error) &&
         plaza_database_close (g_steal_pointer (&db), error);
}

gboolean
plaza_backup_repair (const char *path, const char *folder, PlazaRepair *out, GError **error)
{
  g_autofree char *repaired = g_strconcat (path, ".repaired", NULL);
  g_autofree char *wal = g_strconcat (repaired, "-wal", NULL);

  *out = (PlazaRepair){ 0 };
  return plaza_file_remove (repaired, error) && plaza_file_remove (wal, error) &&
         rebuild (path, repaired, folder, out, error) && swap_files (path, repaired, error);
}
