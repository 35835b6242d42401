-- SPDX-License-Identifier: GPL-3.0-or-later
-- Ids are UUID text, hashes 32-byte blobs, times milliseconds since 1970 UTC.
-- Text compares by its bytes, whatever the locale of the database: the same order on every engine.

CREATE TABLE join_code (
  hash BYTEA NOT NULL PRIMARY KEY, -- BLAKE2b of the code under a key that is not in this database
  campaign TEXT COLLATE "C" NOT NULL,
  person TEXT COLLATE "C" NOT NULL,
  organisation TEXT COLLATE "C" NOT NULL,
  role TEXT COLLATE "C" NOT NULL,
  created BIGINT NOT NULL,
  expires BIGINT NOT NULL,
  used BIGINT NOT NULL DEFAULT 0,
  device TEXT COLLATE "C"
);

-- Batch codes of folios, never given twice.
CREATE TABLE batch (
  number BIGINT NOT NULL PRIMARY KEY,
  code TEXT COLLATE "C" NOT NULL UNIQUE
);

CREATE TABLE device (
  id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  key BYTEA NOT NULL UNIQUE,
  campaign TEXT COLLATE "C" NOT NULL,
  person TEXT COLLATE "C" NOT NULL,
  organisation TEXT COLLATE "C" NOT NULL,
  role TEXT COLLATE "C" NOT NULL,
  batch TEXT COLLATE "C" NOT NULL UNIQUE,
  enrolled BIGINT NOT NULL,
  revoked BIGINT NOT NULL DEFAULT 0,
  token_hash BYTEA UNIQUE,
  token_used BIGINT NOT NULL DEFAULT 0
);

CREATE TABLE envelope (
  hash BYTEA NOT NULL PRIMARY KEY,
  campaign TEXT COLLATE "C" NOT NULL,
  device TEXT COLLATE "C" NOT NULL REFERENCES device (id),
  received BIGINT NOT NULL,
  audit BIGINT NOT NULL,
  entries BIGINT NOT NULL,
  quarantined BIGINT NOT NULL
);

-- Every fact taken in, once by id and hash; contacts are not here.
CREATE TABLE entry (
  id TEXT COLLATE "C" NOT NULL,
  hash BYTEA NOT NULL,
  kind BIGINT NOT NULL,
  device TEXT COLLATE "C" NOT NULL REFERENCES device (id),
  sequence BIGINT NOT NULL,
  envelope BYTEA NOT NULL REFERENCES envelope (hash) DEFERRABLE INITIALLY DEFERRED,
  position BIGINT NOT NULL,
  status BIGINT NOT NULL,
  PRIMARY KEY (id, hash)
);
CREATE INDEX entry_by_device ON entry (device, sequence);
CREATE INDEX entry_by_envelope ON entry (envelope, position);

-- What is kept aside as it came: a second content under a known id, or from a revoked device.
CREATE TABLE held (
  id TEXT COLLATE "C" NOT NULL,
  hash BYTEA NOT NULL,
  response TEXT COLLATE "C", -- whose withdrawal destroys it
  payload BYTEA NOT NULL,
  PRIMARY KEY (id, hash)
);

-- Held entries of a revoked device that an administrator took in after all.
CREATE TABLE accepted (
  id TEXT COLLATE "C" NOT NULL,
  hash BYTEA NOT NULL,
  PRIMARY KEY (id, hash)
);

CREATE TABLE response (
  id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  campaign TEXT COLLATE "C" NOT NULL,
  device TEXT COLLATE "C" NOT NULL,
  author TEXT COLLATE "C" NOT NULL,
  organisation TEXT COLLATE "C" NOT NULL,
  effective TEXT COLLATE "C" NOT NULL,        -- the revision that holds
  conflict BIGINT NOT NULL DEFAULT 0,
  void BIGINT NOT NULL DEFAULT 0,      -- 1 kept and not counted
  withdrawal BIGINT NOT NULL DEFAULT 0 -- 1 asked by somebody without the right, 2 done
);

CREATE TABLE revision (
  sequence BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  id TEXT COLLATE "C" NOT NULL UNIQUE,
  hash BYTEA NOT NULL,
  response TEXT COLLATE "C" NOT NULL,
  parent TEXT COLLATE "C",
  device TEXT COLLATE "C" NOT NULL,
  author TEXT COLLATE "C" NOT NULL,
  form_id TEXT COLLATE "C" NOT NULL,
  form_version TEXT COLLATE "C" NOT NULL,
  session TEXT COLLATE "C" NOT NULL,
  folio TEXT COLLATE "C",
  outcome TEXT COLLATE "C" NOT NULL,
  received BIGINT NOT NULL,
  header BYTEA NOT NULL,
  xml_hash BYTEA NOT NULL,
  annotations_hash BYTEA NOT NULL,
  attachments BYTEA NOT NULL,
  xml BYTEA,                       -- NULL once withdrawn
  annotations BYTEA,               -- NULL once withdrawn
  judged BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX revision_by_response ON revision (response);
CREATE INDEX revision_by_folio ON revision (folio) WHERE folio IS NOT NULL;
CREATE INDEX revision_unjudged ON revision (sequence) WHERE judged = 0;

-- What intake or the form engine have against a revision; nothing is dropped for it.
CREATE TABLE mark (
  revision TEXT COLLATE "C" NOT NULL,
  source TEXT COLLATE "C" NOT NULL,           -- intake or form
  number BIGINT NOT NULL,
  code TEXT COLLATE "C" NOT NULL,
  ref TEXT COLLATE "C" NOT NULL,
  message TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (revision, source, number)
);

CREATE TABLE outcome (
  id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  response TEXT COLLATE "C" NOT NULL,
  session TEXT COLLATE "C" NOT NULL,
  outcome TEXT COLLATE "C" NOT NULL,
  received BIGINT NOT NULL,
  header BYTEA NOT NULL
);

CREATE TABLE removal (
  id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  kind BIGINT NOT NULL,
  response TEXT COLLATE "C",
  folio TEXT COLLATE "C",
  device TEXT COLLATE "C" NOT NULL,
  author TEXT COLLATE "C" NOT NULL,
  reason TEXT COLLATE "C",
  at TEXT COLLATE "C" NOT NULL,
  received BIGINT NOT NULL
);
CREATE INDEX removal_by_response ON removal (response) WHERE response IS NOT NULL;
CREATE INDEX removal_by_folio ON removal (folio) WHERE folio IS NOT NULL;

CREATE TABLE session (
  id TEXT COLLATE "C" NOT NULL,
  revision BIGINT NOT NULL,
  entry TEXT COLLATE "C" NOT NULL UNIQUE,
  received BIGINT NOT NULL,
  state BYTEA NOT NULL,
  PRIMARY KEY (id, revision, entry)
);

-- No sequence, device, session, envelope or time: only the random id orders this table.
CREATE TABLE contact (
  id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  date TEXT COLLATE "C" NOT NULL,
  sealed BYTEA NOT NULL
);

CREATE TABLE contact_quarantine (
  id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  date TEXT COLLATE "C" NOT NULL,
  sealed BYTEA NOT NULL
);

CREATE TABLE contact_total (
  device TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  total BIGINT NOT NULL
);

CREATE TABLE audit (
  sequence BIGINT NOT NULL PRIMARY KEY,
  time BIGINT NOT NULL,
  actor TEXT COLLATE "C" NOT NULL,
  action TEXT COLLATE "C" NOT NULL,
  object TEXT COLLATE "C" NOT NULL,
  details TEXT COLLATE "C" NOT NULL,
  previous BYTEA NOT NULL,
  hash BYTEA NOT NULL
);

CREATE FUNCTION append_only () RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the table % is append-only', TG_TABLE_NAME;
END
$$;
CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
  EXECUTE FUNCTION append_only ();
CREATE TRIGGER entry_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON entry
  EXECUTE FUNCTION append_only ();

-- Sealed bytes do not compress, and what comes in by the thousand should not wait for it.
ALTER TABLE revision ALTER COLUMN xml SET STORAGE EXTERNAL;
ALTER TABLE revision ALTER COLUMN annotations SET STORAGE EXTERNAL;
ALTER TABLE revision ALTER COLUMN header SET STORAGE EXTERNAL;
ALTER TABLE contact ALTER COLUMN sealed SET STORAGE EXTERNAL;
ALTER TABLE contact_quarantine ALTER COLUMN sealed SET STORAGE EXTERNAL;
ALTER TABLE held ALTER COLUMN payload SET STORAGE EXTERNAL;
