-- SPDX-License-Identifier: GPL-3.0-or-later
-- Ids are UUID text, hashes 32-byte blobs, times milliseconds since 1970 UTC.

CREATE TABLE join_code (
  hash BLOB NOT NULL PRIMARY KEY, -- BLAKE2b of the code under a key that is not in this database
  campaign TEXT NOT NULL,
  person TEXT NOT NULL,
  organisation TEXT NOT NULL,
  role TEXT NOT NULL,
  created INTEGER NOT NULL,
  expires INTEGER NOT NULL,
  used INTEGER NOT NULL DEFAULT 0,
  device TEXT
) STRICT, WITHOUT ROWID;

-- Batch codes of folios, never given twice.
CREATE TABLE batch (
  number INTEGER NOT NULL PRIMARY KEY,
  code TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE device (
  id TEXT NOT NULL PRIMARY KEY,
  key BLOB NOT NULL UNIQUE,
  campaign TEXT NOT NULL,
  person TEXT NOT NULL,
  organisation TEXT NOT NULL,
  role TEXT NOT NULL,
  batch TEXT NOT NULL UNIQUE,
  enrolled INTEGER NOT NULL,
  revoked INTEGER NOT NULL DEFAULT 0,
  token_hash BLOB UNIQUE,
  token_used INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;

CREATE TABLE envelope (
  hash BLOB NOT NULL PRIMARY KEY,
  campaign TEXT NOT NULL,
  device TEXT NOT NULL REFERENCES device (id),
  received INTEGER NOT NULL,
  audit INTEGER NOT NULL,
  entries INTEGER NOT NULL,
  quarantined INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Every fact taken in, once by id and hash; contacts are not here.
CREATE TABLE entry (
  id TEXT NOT NULL,
  hash BLOB NOT NULL,
  kind INTEGER NOT NULL,
  device TEXT NOT NULL REFERENCES device (id),
  sequence INTEGER NOT NULL,
  envelope BLOB NOT NULL REFERENCES envelope (hash) DEFERRABLE INITIALLY DEFERRED,
  position INTEGER NOT NULL,
  status INTEGER NOT NULL,
  PRIMARY KEY (id, hash)
) STRICT, WITHOUT ROWID;
CREATE INDEX entry_by_device ON entry (device, sequence);
CREATE INDEX entry_by_envelope ON entry (envelope, position);

-- What is kept aside as it came: a second content under a known id, or from a revoked device.
CREATE TABLE held (
  id TEXT NOT NULL,
  hash BLOB NOT NULL,
  response TEXT, -- whose withdrawal destroys it
  payload BLOB NOT NULL,
  PRIMARY KEY (id, hash)
) STRICT, WITHOUT ROWID;

-- Held entries of a revoked device that an administrator took in after all.
CREATE TABLE accepted (
  id TEXT NOT NULL,
  hash BLOB NOT NULL,
  PRIMARY KEY (id, hash)
) STRICT, WITHOUT ROWID;

CREATE TABLE response (
  id TEXT NOT NULL PRIMARY KEY,
  campaign TEXT NOT NULL,
  device TEXT NOT NULL,
  author TEXT NOT NULL,
  organisation TEXT NOT NULL,
  effective TEXT NOT NULL,        -- the revision that holds
  conflict INTEGER NOT NULL DEFAULT 0,
  void INTEGER NOT NULL DEFAULT 0,      -- 1 kept and not counted
  withdrawal INTEGER NOT NULL DEFAULT 0 -- 1 asked by somebody without the right, 2 done
) STRICT, WITHOUT ROWID;

CREATE TABLE revision (
  sequence INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  hash BLOB NOT NULL,
  response TEXT NOT NULL,
  parent TEXT,
  device TEXT NOT NULL,
  author TEXT NOT NULL,
  form_id TEXT NOT NULL,
  form_version TEXT NOT NULL,
  session TEXT NOT NULL,
  folio TEXT,
  outcome TEXT NOT NULL,
  received INTEGER NOT NULL,
  header BLOB NOT NULL,
  xml_hash BLOB NOT NULL,
  annotations_hash BLOB NOT NULL,
  attachments BLOB NOT NULL,
  xml BLOB,                       -- NULL once withdrawn
  annotations BLOB,               -- NULL once withdrawn
  judged INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX revision_by_response ON revision (response);
CREATE INDEX revision_by_folio ON revision (folio) WHERE folio IS NOT NULL;
CREATE INDEX revision_unjudged ON revision (sequence) WHERE judged = 0;

-- What intake or the form engine have against a revision; nothing is dropped for it.
CREATE TABLE mark (
  revision TEXT NOT NULL,
  source TEXT NOT NULL,           -- intake or form
  number INTEGER NOT NULL,
  code TEXT NOT NULL,
  ref TEXT NOT NULL,
  message TEXT NOT NULL,
  PRIMARY KEY (revision, source, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE outcome (
  id TEXT NOT NULL PRIMARY KEY,
  response TEXT NOT NULL,
  session TEXT NOT NULL,
  outcome TEXT NOT NULL,
  received INTEGER NOT NULL,
  header BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE removal (
  id TEXT NOT NULL PRIMARY KEY,
  kind INTEGER NOT NULL,
  response TEXT,
  folio TEXT,
  device TEXT NOT NULL,
  author TEXT NOT NULL,
  reason TEXT,
  at TEXT NOT NULL,
  received INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX removal_by_response ON removal (response) WHERE response IS NOT NULL;
CREATE INDEX removal_by_folio ON removal (folio) WHERE folio IS NOT NULL;

CREATE TABLE session (
  id TEXT NOT NULL,
  revision INTEGER NOT NULL,
  entry TEXT NOT NULL UNIQUE,
  received INTEGER NOT NULL,
  state BLOB NOT NULL,
  PRIMARY KEY (id, revision, entry)
) STRICT, WITHOUT ROWID;

-- No sequence, device, session, envelope or time: only the random id orders this table.
CREATE TABLE contact (
  id TEXT NOT NULL PRIMARY KEY,
  date TEXT NOT NULL,
  sealed BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE contact_quarantine (
  id TEXT NOT NULL PRIMARY KEY,
  date TEXT NOT NULL,
  sealed BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE contact_total (
  device TEXT NOT NULL PRIMARY KEY,
  total INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE audit (
  sequence INTEGER NOT NULL PRIMARY KEY,
  time INTEGER NOT NULL,
  actor TEXT NOT NULL,
  action TEXT NOT NULL,
  object TEXT NOT NULL,
  details TEXT NOT NULL,
  previous BLOB NOT NULL,
  hash BLOB NOT NULL
) STRICT;

CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit
BEGIN
  SELECT RAISE (ABORT, 'the audit log is append-only');
END;
CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit
BEGIN
  SELECT RAISE (ABORT, 'the audit log is append-only');
END;
CREATE TRIGGER entry_no_delete BEFORE DELETE ON entry
BEGIN
  SELECT RAISE (ABORT, 'entries are append-only');
END;
CREATE TRIGGER entry_no_update BEFORE UPDATE ON entry
BEGIN
  SELECT RAISE (ABORT, 'entries are append-only');
END;
