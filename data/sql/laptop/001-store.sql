-- The laptop's store. In clear: ids, counts, sizes, times and states. What a person typed is in the
-- columns named `sealed`, `summary` and `text`, XChaCha20-Poly1305 under a key that `key` columns
-- hold wrapped; destroying the wrapped key destroys the content.

-- Numbers that must never come twice: folio serials and the device's entry sequence.
CREATE TABLE counter (
  name TEXT PRIMARY KEY,
  value INTEGER NOT NULL
) STRICT;

-- Small facts of the profile under its own key: device key, enrolment, the pool of contacts.
-- The pool is one value, rewritten whole at every ending, so that neither order nor time nor place
-- in the file ties a contact to a response.
CREATE TABLE sealed_value (
  name TEXT PRIMARY KEY,
  sealed BLOB NOT NULL
) STRICT;

CREATE TABLE session (
  number INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  revision INTEGER NOT NULL,
  opened_ms INTEGER NOT NULL,
  closed_ms INTEGER,
  sealed BLOB NOT NULL
) STRICT;

-- state: 0 draft, 1 waiting, 2 packed, 3 delivered, 4 refused. outcome: NULL while a draft.
CREATE TABLE response (
  number INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  session INTEGER NOT NULL REFERENCES session (number),
  state INTEGER NOT NULL DEFAULT 0,
  outcome INTEGER,
  voided INTEGER NOT NULL DEFAULT 0,
  purged INTEGER NOT NULL DEFAULT 0,
  started_ms INTEGER NOT NULL,
  ended_ms INTEGER,
  delivered_ms INTEGER,
  summary BLOB NOT NULL
) STRICT;
CREATE INDEX response_session ON response (session);

-- What is being asked. A correction is a draft of a response that has revisions already.
CREATE TABLE draft (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  response INTEGER NOT NULL UNIQUE REFERENCES response (number),
  correction INTEGER NOT NULL,
  form_id TEXT NOT NULL,
  form_version TEXT NOT NULL,
  key BLOB NOT NULL,
  contact_key BLOB NOT NULL,
  text BLOB
) STRICT;

-- number: draft × 1048576 + sequence, so that a draft's log lies together in the file and is read,
-- destroyed and salvaged by key range.
CREATE TABLE event (
  number INTEGER PRIMARY KEY,
  sealed BLOB NOT NULL
) STRICT;

-- The bytes stay until a receipt came, so that a file lost from the outbox is written again.
CREATE TABLE envelope (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  contacts INTEGER NOT NULL,
  state INTEGER NOT NULL,
  entries INTEGER NOT NULL,
  size INTEGER NOT NULL,
  packed_ms INTEGER NOT NULL,
  delivered_ms INTEGER,
  problem TEXT,
  bytes BLOB
) STRICT;
CREATE INDEX envelope_state ON envelope (state);

-- One fact for the central each. key: of a revision, its interview's; NULL: the profile's, or
-- destroyed. sealed NULL: purged or withdrawn, the rest of the row is the stub that stays.
CREATE TABLE entry (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  kind INTEGER NOT NULL,
  id TEXT NOT NULL UNIQUE,
  response INTEGER REFERENCES response (number),
  state INTEGER NOT NULL DEFAULT 1,
  sequence INTEGER UNIQUE,
  envelope INTEGER REFERENCES envelope (number),
  position INTEGER,
  created_ms INTEGER NOT NULL,
  delivered_ms INTEGER,
  problem TEXT,
  hash TEXT NOT NULL,
  key BLOB,
  sealed BLOB
) STRICT;
CREATE INDEX entry_response ON entry (response);
CREATE INDEX entry_state ON entry (state);
CREATE INDEX entry_envelope ON entry (envelope, position);
