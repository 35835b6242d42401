-- What a coordinator read from the central, sealed again; see store/replica.h.
CREATE TABLE replica_response (
  id TEXT NOT NULL PRIMARY KEY,
  effective TEXT NOT NULL,
  flags INTEGER NOT NULL,
  withdrawn INTEGER NOT NULL,
  marks TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE replica_revision (
  number INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  response TEXT NOT NULL,
  received_ms INTEGER NOT NULL,
  sealed BLOB NOT NULL
) STRICT;
CREATE INDEX replica_revision_response ON replica_revision (response);

-- One row: where to read on, and when the central last answered. A repair leaves this and the rest
-- out, so that everything is read again.
CREATE TABLE replica_progress (
  number INTEGER PRIMARY KEY,
  cursor TEXT NOT NULL,
  read_ms INTEGER NOT NULL
) STRICT;
