-- SPDX-License-Identifier: GPL-3.0-or-later
-- What the form engine has not seen yet, beside the revisions: to mark a long row as seen is to
-- write it again.
CREATE TABLE unjudged (
  sequence INTEGER PRIMARY KEY
) STRICT;
INSERT INTO unjudged (sequence) SELECT sequence FROM revision WHERE judged = 0;
DROP INDEX revision_unjudged;
ALTER TABLE revision DROP COLUMN judged;
CREATE TRIGGER revision_unjudged AFTER INSERT ON revision
BEGIN
  INSERT INTO unjudged (sequence) VALUES (new.sequence);
END;
