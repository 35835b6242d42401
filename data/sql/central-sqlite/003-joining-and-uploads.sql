-- SPDX-License-Identifier: GPL-3.0-or-later
-- The batch is given with the code, so that whoever joins offline has it.
ALTER TABLE join_code ADD COLUMN batch TEXT;

-- A token lives 90 days from when its device joined, unless it is renewed; the one that is to
-- replace it begins to count when it is first used.
ALTER TABLE device ADD COLUMN token_expires INTEGER NOT NULL DEFAULT 0;
ALTER TABLE device ADD COLUMN next_token_hash BLOB;
ALTER TABLE device ADD COLUMN next_token_expires INTEGER NOT NULL DEFAULT 0;
ALTER TABLE device ADD COLUMN last_seen INTEGER NOT NULL DEFAULT 0;
ALTER TABLE device ADD COLUMN revoked_reason TEXT;
CREATE UNIQUE INDEX device_by_next_token ON device (next_token_hash)
  WHERE next_token_hash IS NOT NULL;
UPDATE device SET token_expires = enrolled + 7776000000;

-- What was answered of every entry, so that the receipt can be given again.
ALTER TABLE envelope ADD COLUMN statuses BLOB;

-- Envelopes on their way in pieces; each carrier has its own.
CREATE TABLE upload (
  device TEXT NOT NULL REFERENCES device (id),
  envelope BLOB NOT NULL,
  length INTEGER NOT NULL,        -- of the whole
  size INTEGER NOT NULL,          -- of the pieces together
  touched INTEGER NOT NULL,
  PRIMARY KEY (device, envelope)
) STRICT, WITHOUT ROWID;
CREATE INDEX upload_by_age ON upload (touched);

CREATE TABLE piece (
  device TEXT NOT NULL,
  envelope BLOB NOT NULL,
  start INTEGER NOT NULL,
  bytes BLOB NOT NULL,
  PRIMARY KEY (device, envelope, start),
  FOREIGN KEY (device, envelope) REFERENCES upload (device, envelope) ON DELETE CASCADE
) STRICT;
