-- What an entry says by itself: states change thousands at a time, when an envelope is packed and
-- when its receipt comes, and the long sealed values are not written again with each. key, sealed
-- as they were in `entry`. No row: purged or withdrawn, and the row of `entry` is the stub that
-- stays.
CREATE TABLE content (
  number INTEGER PRIMARY KEY REFERENCES entry (number) ON DELETE CASCADE,
  key BLOB,
  sealed BLOB NOT NULL
) STRICT;
INSERT INTO content (number, key, sealed)
  SELECT number, key, sealed FROM entry WHERE sealed IS NOT NULL ORDER BY number;
ALTER TABLE entry DROP COLUMN sealed;
ALTER TABLE entry DROP COLUMN key;

-- One page less in every save.
DROP INDEX entry_envelope;
CREATE INDEX entry_envelope ON entry (envelope, position) WHERE envelope IS NOT NULL;
