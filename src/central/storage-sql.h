/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "central/storage.h"

G_BEGIN_DECLS

/*
 * What the two SQL engines share: the functions of the storage table whose statements both take as
 * they stand. What an engine does its own way (opening, transactions, migrations, contacts) is in
 * its own file. Only the engines include this.
 */

typedef enum
{
  PLAZA_SQL_NULL,
  PLAZA_SQL_INT,
  PLAZA_SQL_TEXT,
  PLAZA_SQL_BLOB,
} PlazaSqlType;

typedef struct
{
  PlazaSqlType type;
  gint64 number;
  const void *data; /* text ends in NUL as well */
  gsize length;
} PlazaSqlValue;

#define PLAZA_SQL_DEVICE \
  "id, key, campaign, person, organisation, role, batch, enrolled, revoked, token_used, "
#define PLAZA_SQL_DEVICE_TOKEN PLAZA_SQL_DEVICE "token_expires, 0, last_seen "

#define PLAZA_SQL_STATEMENTS(X) \
  X (EACH_MIGRATION, "SELECT number, hash FROM migration ORDER BY number") \
  X (PROBE_MIGRATION, "UPDATE migration SET name = name WHERE number = 1") \
  X (PUT_MIGRATION, "INSERT INTO migration (number, name, hash) VALUES ($1, $2, $3)") \
  X (PUT_CODE, "INSERT INTO join_code (hash, campaign, person, organisation, role, created, " \
               "expires, batch) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)") \
  X (FIND_CODE, "SELECT hash, campaign, person, organisation, role, created, expires, used, " \
                "device, batch FROM join_code WHERE hash = $1") \
  X (EACH_CODE, "SELECT hash, campaign, person, organisation, role, created, expires, used, " \
                "device, batch FROM join_code ORDER BY created, hash") \
  X (EXPIRE_CODES, "UPDATE join_code SET expires = $2 WHERE person = $1 AND used = 0 " \
                   "AND expires > $2") \
  X (COUNT_RESPONSES, \
     "SELECT p.campaign, r.session, r.outcome, p.conflict, p.void, p.withdrawal, " \
     "CAST (CASE WHEN EXISTS (SELECT 1 FROM mark AS m WHERE m.revision = r.id " \
     "AND m.code = 'late') THEN 1 ELSE 0 END AS BIGINT), count (*) FROM response AS p " \
     "JOIN revision AS r ON r.id = p.effective GROUP BY 1, 2, 3, 4, 5, 6, 7 " \
     "ORDER BY 1, 2, 3, 4, 5, 6, 7") \
  X (COUNT_ENVELOPES, "SELECT campaign, quarantined, count (*), " \
                      "CAST (coalesce (sum (entries), 0) AS BIGINT), max (received) " \
                      "FROM envelope GROUP BY 1, 2 ORDER BY 1, 2") \
  X (COUNT_QUARANTINED, "SELECT count (*) FROM entry AS e WHERE e.status = 4 AND NOT EXISTS " \
                        "(SELECT 1 FROM accepted AS a WHERE a.id = e.id AND a.hash = e.hash)") \
  X (USE_CODE, "UPDATE join_code SET device = $2, used = $3 WHERE hash = $1") \
  X (NEXT_BATCH, "SELECT coalesce (max (number), 0) + 1 FROM batch") \
  X (PUT_BATCH, "INSERT INTO batch (number, code) VALUES ($1, $2)") \
  X (FIND_BATCH, "SELECT number FROM batch WHERE code = $1") \
  X (PUT_DEVICE, "INSERT INTO device (id, key, campaign, person, organisation, role, batch, " \
                 "enrolled) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)") \
  X (FIND_DEVICE, "SELECT " PLAZA_SQL_DEVICE_TOKEN "FROM device WHERE id = $1") \
  X (FIND_DEVICE_BY_KEY, "SELECT " PLAZA_SQL_DEVICE_TOKEN "FROM device WHERE key = $1") \
  X (FIND_DEVICE_BY_TOKEN, \
     "SELECT " PLAZA_SQL_DEVICE_TOKEN "FROM device WHERE token_hash = $1 UNION ALL " \
     "SELECT " PLAZA_SQL_DEVICE "next_token_expires, 1, last_seen FROM device " \
     "WHERE next_token_hash = $1") \
  X (SET_TOKEN, "UPDATE device SET token_hash = $2, token_expires = $3, token_used = 0, " \
                "next_token_hash = NULL WHERE id = $1") \
  X (SET_NEXT_TOKEN, "UPDATE device SET next_token_hash = $2, next_token_expires = $3 " \
                     "WHERE id = $1") \
  X (PROMOTE_TOKEN, "UPDATE device SET token_hash = next_token_hash, " \
                    "token_expires = next_token_expires, token_used = 1, next_token_hash = NULL " \
                    "WHERE id = $1 AND next_token_hash = $2") \
  X (NOTE_DEVICE, "UPDATE device SET token_used = 1, last_seen = $2 WHERE id = $1") \
  X (REVOKE_DEVICE, "UPDATE device SET revoked = $2, token_hash = NULL, next_token_hash = NULL " \
                    "WHERE id = $1 AND revoked = 0") \
  X (PUT_REVOCATION_REASON, "UPDATE device SET revoked_reason = $2 WHERE id = $1") \
  X (EACH_DEVICE, "SELECT " PLAZA_SQL_DEVICE_TOKEN "FROM device ORDER BY enrolled, id") \
  X (EACH_DEVICE_FACTS, \
     "SELECT " PLAZA_SQL_DEVICE_TOKEN ", revoked_reason, coalesce (v.n, 0), coalesce (e.n, 0), " \
     "coalesce (e.newest, 0), CASE WHEN d.revoked = 0 THEN 0 ELSE (SELECT count (*) " \
     "FROM entry AS q WHERE q.device = d.id AND q.status = 4 AND NOT EXISTS (SELECT 1 " \
     "FROM accepted AS a WHERE a.id = q.id AND a.hash = q.hash)) END FROM device AS d " \
     "LEFT JOIN (SELECT device, count (*) AS n FROM envelope GROUP BY device) AS v " \
     "ON v.device = d.id " \
     "LEFT JOIN (SELECT device, count (*) AS n, max (sequence) AS newest FROM entry " \
     "GROUP BY device) AS e ON e.device = d.id " \
     "WHERE d.campaign = $1 AND (d.organisation = $2 OR CAST ($3 AS BIGINT) = 1) " \
     "ORDER BY d.enrolled, d.id") \
  X (EACH_GAP, \
     "SELECT g.device, g.before + 1, g.sequence - 1 FROM (SELECT s.device, s.sequence, " \
     "lag (s.sequence, 1, CAST (0 AS BIGINT)) OVER (PARTITION BY s.device ORDER BY s.sequence) " \
     "AS before FROM (SELECT DISTINCT device, sequence FROM entry WHERE sequence > 0) AS s) " \
     "AS g WHERE g.sequence > g.before + 1 AND g.device IN (SELECT id FROM device " \
     "WHERE campaign = $1) ORDER BY g.device, g.sequence") \
  X (FIND_UPLOAD, "SELECT length, size, touched FROM upload WHERE device = $1 AND envelope = $2") \
  X (PUT_UPLOAD, "INSERT INTO upload (device, envelope, length, size, touched) " \
                 "VALUES ($1, $2, $3, 0, $4)") \
  X (PUT_PIECE, "INSERT INTO piece (device, envelope, start, bytes) VALUES ($1, $2, $3, $4)") \
  X (GROW_UPLOAD, "UPDATE upload SET size = $3, touched = $4 WHERE device = $1 AND envelope = $2") \
  X (EACH_PIECE, "SELECT bytes FROM piece WHERE device = $1 AND envelope = $2 ORDER BY start") \
  X (DROP_UPLOAD, "DELETE FROM upload WHERE device = $1 AND envelope = $2") \
  X (DROP_UPLOADS_OF, "DELETE FROM upload WHERE device = $1 AND envelope NOT IN (SELECT envelope " \
                      "FROM upload WHERE device = $1 ORDER BY touched DESC, envelope LIMIT $2)") \
  X (DROP_UPLOADS_BEFORE, "DELETE FROM upload WHERE touched < $1") \
  X (COUNT_UPLOADS, "SELECT count (*), CAST (coalesce (sum (length), 0) AS BIGINT) FROM upload") \
  X (FIND_ENVELOPE, "SELECT hash, campaign, device, received, audit, entries, quarantined, " \
                    "statuses FROM envelope WHERE hash = $1") \
  X (PUT_ENVELOPE, "INSERT INTO envelope (hash, campaign, device, received, audit, entries, " \
                   "quarantined, statuses) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)") \
  X (EACH_STATUS_OF, \
     "SELECT e.position, CASE WHEN a.id IS NULL THEN e.status ELSE 1 END FROM entry AS e " \
     "LEFT JOIN accepted AS a ON a.id = e.id AND a.hash = e.hash WHERE e.envelope = $1") \
  X (FIND_ENTRY, "SELECT e.hash, CASE WHEN a.id IS NULL THEN e.status ELSE 1 END FROM entry AS e " \
                 "LEFT JOIN accepted AS a ON a.id = e.id AND a.hash = e.hash WHERE e.id = $1") \
  X (EACH_QUARANTINED, \
     "SELECT e.id, e.hash, e.kind, e.device, e.sequence, e.envelope, e.position, " \
     "e.status, h.payload FROM entry AS e JOIN held AS h ON h.id = e.id " \
     "AND h.hash = e.hash LEFT JOIN accepted AS a ON a.id = e.id " \
     "AND a.hash = e.hash WHERE e.device = $1 AND e.status = 4 AND a.id IS NULL " \
     "ORDER BY e.sequence") \
  X (PUT_ACCEPTED, "INSERT INTO accepted (id, hash) VALUES ($1, $2)") \
  X (TAKE_CONTACTS, "INSERT INTO contact (id, date, sealed) SELECT id, date, sealed " \
                    "FROM contact_quarantine ORDER BY id") \
  X (EMPTY_QUARANTINE, "DELETE FROM contact_quarantine") \
  X (PUT_ENTRY, "INSERT INTO entry (id, hash, kind, device, sequence, envelope, position, " \
                "status) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)") \
  X (PUT_HELD, "INSERT INTO held (id, hash, response, payload) VALUES ($1, $2, $3, $4)") \
  X (FIND_RESPONSE, "SELECT id, campaign, device, author, organisation, effective, conflict, " \
                    "void, withdrawal FROM response WHERE id = $1") \
  X (FIND_RESPONSE_BY_FOLIO, \
     "SELECT id, campaign, device, author, organisation, effective, conflict, void, withdrawal " \
     "FROM response WHERE id IN (SELECT response FROM revision WHERE folio = $1) AND id <> $2 " \
     "ORDER BY id LIMIT 1") \
  X (PUT_RESPONSE, "INSERT INTO response (id, campaign, device, author, organisation, effective, " \
                   "conflict, void, withdrawal) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) " \
                   "ON CONFLICT (id) DO UPDATE SET effective = excluded.effective, " \
                   "conflict = excluded.conflict, void = excluded.void, " \
                   "withdrawal = excluded.withdrawal") \
  X (PUT_REVISION, "INSERT INTO revision (id, hash, response, parent, device, author, form_id, " \
                   "form_version, session, folio, outcome, received, header, xml_hash, " \
                   "annotations_hash, attachments, xml, annotations) VALUES ($1, $2, $3, $4, $5, " \
                   "$6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)") \
  X (EACH_REVISION_OF, "SELECT sequence, id, hash, response, parent, device, author, form_id, " \
                       "form_version, session, folio, outcome, received FROM revision " \
                       "WHERE response = $1 ORDER BY sequence") \
  X (DESTROY_CONTENT, "UPDATE revision SET xml = NULL, annotations = NULL WHERE response = $1") \
  X (DESTROY_HELD, "UPDATE held SET payload = $2 WHERE response = $1") \
  X (DESTROY_MARKS, "DELETE FROM mark WHERE revision IN (SELECT id FROM revision " \
                    "WHERE response = $1)") \
  X (PUT_OUTCOME, "INSERT INTO outcome (id, response, session, outcome, received, header) " \
                  "VALUES ($1, $2, $3, $4, $5, $6)") \
  X (PUT_REMOVAL, "INSERT INTO removal (id, kind, response, folio, device, author, reason, at, " \
                  "received) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)") \
  X (EACH_REMOVAL_OF, "SELECT id, kind, response, folio, device, author, reason, at, received " \
                      "FROM removal WHERE response = $1 OR folio = $2 ORDER BY id") \
  X (PUT_SESSION, "INSERT INTO session (id, revision, entry, received, state) " \
                  "VALUES ($1, $2, $3, $4, $5)") \
  X (HAS_SESSION, "SELECT entry FROM session WHERE id = $1 AND revision = $2 LIMIT 1") \
  X (FIND_CONTACT, "SELECT id, date, sealed FROM contact WHERE id = $1 UNION ALL " \
                   "SELECT id, date, sealed FROM contact_quarantine WHERE id = $1") \
  X (DELETE_CONTACT, "DELETE FROM contact WHERE id = $1") \
  X (SET_CONTACT_TOTAL, "INSERT INTO contact_total (device, total) VALUES ($1, $2) " \
                        "ON CONFLICT (device) DO UPDATE SET total = " \
                        "CASE WHEN excluded.total > contact_total.total THEN excluded.total " \
                        "ELSE contact_total.total END") \
  X (LAST_AUDIT, "SELECT sequence, time, actor, action, object, details, previous, hash " \
                 "FROM audit ORDER BY sequence DESC LIMIT 1") \
  X (PUT_AUDIT, "INSERT INTO audit (sequence, time, actor, action, object, details, previous, " \
                "hash) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)") \
  X (EACH_UNJUDGED, "SELECT r.sequence, r.id, r.hash, r.response, r.parent, r.device, r.author, " \
                    "r.form_id, r.form_version, r.session, r.folio, r.outcome, r.received, " \
                    "r.header, r.xml_hash, r.annotations_hash, r.attachments, r.xml, " \
                    "r.annotations FROM unjudged AS u JOIN revision AS r " \
                    "ON r.sequence = u.sequence ORDER BY u.sequence LIMIT $1") \
  X (DROP_MARKS, "DELETE FROM mark WHERE revision = $1 AND source = $2") \
  X (PUT_MARK, "INSERT INTO mark (revision, source, number, code, ref, message) " \
               "VALUES ($1, $2, $3, $4, $5, $6)") \
  X (JUDGE_AGAIN, "INSERT INTO unjudged (sequence) SELECT r.sequence FROM mark AS m " \
                  "JOIN revision AS r ON r.id = m.revision WHERE m.source = 'form' " \
                  "AND m.code = 'form-unknown' ON CONFLICT DO NOTHING") \
  X (SET_JUDGED, "DELETE FROM unjudged WHERE sequence IN (SELECT sequence FROM revision " \
                 "WHERE id = $1)") \
  X (EACH_RESPONSE, "SELECT id, campaign, device, author, organisation, effective, conflict, " \
                    "void, withdrawal FROM response ORDER BY id") \
  X (EACH_REVISION, \
     "SELECT r.sequence, r.id, r.hash, r.response, r.parent, r.device, r.author, r.form_id, " \
     "r.form_version, r.session, r.folio, r.outcome, r.received, r.header, r.xml_hash, " \
     "r.annotations_hash, r.attachments, r.xml, r.annotations, p.id, p.campaign, p.device, " \
     "p.author, p.organisation, p.effective, p.conflict, p.void, p.withdrawal, " \
     "coalesce ((SELECT string_agg (m.code, ' ') FROM (SELECT DISTINCT code FROM mark " \
     "WHERE revision = r.id ORDER BY code) AS m), '') " \
     "FROM revision AS r JOIN response AS p ON p.id = r.response ORDER BY p.id, r.sequence") \
  X (EACH_FEED_REVISION, \
     "SELECT r.sequence, r.id, r.hash, r.response, r.parent, r.device, r.author, r.form_id, " \
     "r.form_version, r.session, r.folio, r.outcome, r.received, r.header, r.xml_hash, " \
     "r.annotations_hash, r.attachments, r.xml, r.annotations, p.id, p.campaign, p.device, " \
     "p.author, p.organisation, p.effective, p.conflict, p.void, p.withdrawal, " \
     "coalesce ((SELECT string_agg (m.code, ' ') FROM (SELECT DISTINCT code FROM mark " \
     "WHERE revision = r.id ORDER BY code) AS m), '') " \
     "FROM revision AS r JOIN response AS p ON p.id = r.response WHERE r.sequence > $1 " \
     "AND p.campaign = $2 AND ($3 = '' OR p.organisation = $3) ORDER BY r.sequence LIMIT $4") \
  X (PUT_CHANGE, "INSERT INTO change (response) VALUES ($1)") \
  X (EACH_CHANGE, \
     "SELECT c.sequence, r.received, p.id, p.campaign, p.device, p.author, p.organisation, " \
     "p.effective, p.conflict, p.void, p.withdrawal, " \
     "coalesce ((SELECT string_agg (m.code, ' ') FROM (SELECT DISTINCT code FROM mark " \
     "WHERE revision = r.id ORDER BY code) AS m), '') " \
     "FROM change AS c JOIN response AS p ON p.id = c.response " \
     "JOIN revision AS r ON r.id = p.effective WHERE c.sequence > $1 " \
     "AND p.campaign = $2 AND ($3 = '' OR p.organisation = $3) ORDER BY c.sequence LIMIT $4") \
  X (EACH_OUTCOME, "SELECT id, response, session, outcome, received, header, CASE WHEN EXISTS " \
                   "(SELECT 1 FROM mark AS m WHERE m.revision = o.id AND m.code = 'late') " \
                   "THEN 1 ELSE 0 END FROM outcome AS o ORDER BY id") \
  X (EACH_SESSION, "SELECT id, revision, entry, received, state FROM session " \
                   "ORDER BY id, revision, entry") \
  X (EACH_REMOVAL, "SELECT id, kind, response, folio, device, author, reason, at, received " \
                   "FROM removal ORDER BY id") \
  X (EACH_CONTACT, "SELECT id, date, sealed FROM contact ORDER BY id") \
  X (EACH_AUDIT, "SELECT sequence, time, actor, action, object, details, previous, hash " \
                 "FROM audit ORDER BY sequence") \
  X (EACH_ENVELOPE, "SELECT hash, campaign, device, received, audit, entries, quarantined, " \
                    "statuses FROM envelope ORDER BY audit") \
  X (EACH_ENTRY, "SELECT id, hash, kind, device, sequence, envelope, position, status " \
                 "FROM entry ORDER BY envelope, position") \
  X (EACH_SEQUENCE, "SELECT DISTINCT device, sequence FROM entry WHERE sequence > 0 " \
                    "ORDER BY device, sequence") \
  X (EACH_ORPHAN, \
     "SELECT e.id, e.hash, e.kind, e.device, e.sequence, e.envelope, e.position, e.status " \
     "FROM entry AS e WHERE NOT EXISTS (SELECT 1 FROM held AS h WHERE h.id = e.id " \
     "AND h.hash = e.hash) AND NOT EXISTS (SELECT 1 FROM revision AS r WHERE e.kind = 1 " \
     "AND r.id = e.id AND r.hash = e.hash) AND NOT EXISTS (SELECT 1 FROM outcome AS o " \
     "WHERE e.kind = 2 AND o.id = e.id) AND NOT EXISTS (SELECT 1 FROM removal AS m " \
     "WHERE e.kind IN (3, 4) AND m.id = e.id) AND NOT EXISTS (SELECT 1 FROM session AS s " \
     "WHERE e.kind = 5 AND s.entry = e.id) ORDER BY e.id") \
  X (EXPECTED_CONTACTS, "SELECT CAST (coalesce (sum (total), 0) AS BIGINT) FROM contact_total") \
  X (COUNT_CONTACTS, "SELECT count (*) FROM contact") \
  X (COUNT_QUARANTINED_CONTACTS, "SELECT count (*) FROM contact_quarantine") \
  X (PUT_CONTACT, "INSERT INTO contact (id, date, sealed) VALUES ($1, $2, $3)") \
  X (PUT_QUARANTINED_CONTACT, "INSERT INTO contact_quarantine (id, date, sealed) " \
                              "VALUES ($1, $2, $3)")

#define PLAZA_SQL_ENUM(name, text) PLAZA_SQL_##name,
typedef enum
{
  PLAZA_SQL_STATEMENTS (PLAZA_SQL_ENUM) PLAZA_N_SQL_STATEMENTS
} PlazaSqlStatement;
#undef PLAZA_SQL_ENUM

typedef gboolean (*PlazaSqlRowFunc) (const PlazaSqlValue *columns, gpointer data, GError **error);

typedef struct _PlazaSql PlazaSql;
struct _PlazaSql
{
  PlazaStorage parent;
  const char *migration_table; /* the statement that makes the list of migrations */
  /**
   * run: one prepared statement. Rows are streamed to @func (nullable); @changed: (nullable): rows
   * written.
   */
  gboolean (*run) (PlazaSql *self,
                   PlazaSqlStatement statement,
                   const PlazaSqlValue *values,
                   guint n_values,
                   PlazaSqlRowFunc func,
                   gpointer data,
                   guint64 *changed,
                   GError **error);
  /** exec: statements of ours without parameters, as a migration has them. */
  gboolean (*exec) (PlazaSql *self, const char *script, GError **error);
};

/** plaza_sql_text: the statement with numbered parameters "$1"…. */
const char *plaza_sql_text (PlazaSqlStatement statement);

/** plaza_sql_fill: puts the shared functions into an engine's table. */
void plaza_sql_fill (PlazaStorageTable *table);

/** plaza_sql_insert_contacts: inserts them in the order of their ids. */
gboolean plaza_sql_insert_contacts (PlazaSql *self,
                                    const PlazaStoredContact *contacts,
                                    guint n,
                                    gboolean quarantine,
                                    GError **error);

/**
 * plaza_sql_migrate: the migrate function of both engines: runs the files of data/sql/<engine> that
 * the database has not seen, all in one transaction, and remembers their hashes.
 */
gboolean plaza_sql_migrate (PlazaStorage *self, GError **error);

/** plaza_sql_pending: the pending function of both engines. */
gboolean plaza_sql_pending (PlazaStorage *self, GStrv *names, GError **error);

/** plaza_sql_fill_counts: what is counted for whoever runs the central. */
void plaza_sql_fill_counts (PlazaStorageTable *table);

/** plaza_sql_probe: the probe function of both engines. */
gboolean plaza_sql_probe (PlazaStorage *self, GError **error);

G_END_DECLS
