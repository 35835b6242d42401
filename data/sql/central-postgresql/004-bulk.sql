-- SPDX-License-Identifier: GPL-3.0-or-later
-- What comes in by the thousand lies apart by campaign: one can be kept, counted, moved and dropped
-- without the others. The key of a partitioned table holds what it is partitioned by, so that an id
-- is there once in all of them is seen to by the one committer.

ALTER TABLE response RENAME TO response_before;
ALTER TABLE response_before RENAME CONSTRAINT response_pkey TO response_before_pkey;
ALTER TABLE revision RENAME TO revision_before;
ALTER TABLE revision_before RENAME CONSTRAINT revision_pkey TO revision_before_pkey;
ALTER TABLE revision_before RENAME CONSTRAINT revision_id_key TO revision_before_id_key;
ALTER SEQUENCE revision_sequence_seq RENAME TO revision_before_sequence_seq;
DROP INDEX revision_by_response, revision_by_folio;
ALTER TABLE entry RENAME TO entry_before;
ALTER TABLE entry_before RENAME CONSTRAINT entry_pkey TO entry_before_pkey;
DROP INDEX entry_by_device, entry_by_envelope;

CREATE TABLE response (
  id TEXT COLLATE "C" NOT NULL,
  campaign TEXT COLLATE "C" NOT NULL,
  device TEXT COLLATE "C" NOT NULL,
  author TEXT COLLATE "C" NOT NULL,
  organisation TEXT COLLATE "C" NOT NULL,
  effective TEXT COLLATE "C" NOT NULL, -- the revision that holds
  conflict BIGINT NOT NULL DEFAULT 0,
  void BIGINT NOT NULL DEFAULT 0,      -- 1 kept and not counted
  withdrawal BIGINT NOT NULL DEFAULT 0, -- 1 asked by somebody without the right, 2 done
  PRIMARY KEY (id, campaign)
) PARTITION BY LIST (campaign);

CREATE TABLE revision (
  sequence BIGINT GENERATED ALWAYS AS IDENTITY,
  campaign TEXT COLLATE "C" NOT NULL,
  id TEXT COLLATE "C" NOT NULL,
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
  xml BYTEA,                           -- NULL once withdrawn
  annotations BYTEA,                   -- NULL once withdrawn
  PRIMARY KEY (sequence, campaign),
  UNIQUE (id, campaign)
) PARTITION BY LIST (campaign);
CREATE INDEX revision_by_response ON revision (response);
CREATE INDEX revision_by_folio ON revision (folio) WHERE folio IS NOT NULL;
ALTER TABLE revision ALTER COLUMN xml SET STORAGE EXTERNAL;
ALTER TABLE revision ALTER COLUMN annotations SET STORAGE EXTERNAL;
ALTER TABLE revision ALTER COLUMN header SET STORAGE EXTERNAL;

-- Its device and envelope are those of the transaction that wrote it; what a check of each row by
-- itself would cost is spared, and verify compares them all.
CREATE TABLE entry (
  campaign TEXT COLLATE "C" NOT NULL,
  id TEXT COLLATE "C" NOT NULL,
  hash BYTEA NOT NULL,
  kind BIGINT NOT NULL,
  device TEXT COLLATE "C" NOT NULL,
  sequence BIGINT NOT NULL,
  envelope BYTEA NOT NULL,
  position BIGINT NOT NULL,
  status BIGINT NOT NULL,
  PRIMARY KEY (id, hash, campaign)
) PARTITION BY LIST (campaign);
CREATE INDEX entry_by_device ON entry (device, sequence);
CREATE INDEX entry_by_envelope ON entry (envelope, position);
CREATE TRIGGER entry_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON entry
  EXECUTE FUNCTION append_only ();

-- Makes the partitions of a campaign, when they are not there. A table is made first and attached
-- then, which waits for no reader.
CREATE FUNCTION open_campaign (fingerprint TEXT) RETURNS VOID LANGUAGE plpgsql AS $$
DECLARE
  base TEXT;
  part TEXT;
BEGIN
  FOREACH base IN ARRAY ARRAY['response', 'revision', 'entry'] LOOP
    part := base || '_' || fingerprint;
    CONTINUE WHEN to_regclass (quote_ident (part)) IS NOT NULL;
    EXECUTE format ('CREATE TABLE %I (LIKE %I INCLUDING ALL EXCLUDING IDENTITY)', part, base);
    EXECUTE format ('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES IN (%L)', base, part,
                    fingerprint);
    IF base = 'entry' THEN
      EXECUTE format ('CREATE TRIGGER entry_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON %I '
                      'EXECUTE FUNCTION append_only ()', part);
    END IF;
  END LOOP;
END
$$;

SELECT open_campaign (campaign) FROM (SELECT campaign FROM device UNION
  SELECT campaign FROM envelope UNION SELECT campaign FROM response_before) AS known;

INSERT INTO response SELECT id, campaign, device, author, organisation, effective, conflict, void,
  withdrawal FROM response_before;

INSERT INTO revision OVERRIDING SYSTEM VALUE SELECT r.sequence, p.campaign, r.id, r.hash,
  r.response, r.parent, r.device, r.author, r.form_id, r.form_version, r.session, r.folio,
  r.outcome, r.received, r.header, r.xml_hash, r.annotations_hash, r.attachments, r.xml,
  r.annotations FROM revision_before AS r JOIN response_before AS p ON p.id = r.response;
SELECT setval (pg_get_serial_sequence ('revision', 'sequence'), last_value, is_called)
  FROM revision_before_sequence_seq;

INSERT INTO entry SELECT v.campaign, e.id, e.hash, e.kind, e.device, e.sequence, e.envelope,
  e.position, e.status FROM entry_before AS e JOIN envelope AS v ON v.hash = e.envelope;

-- What the form engine has not seen yet, beside the revisions: to mark a long row as seen is to
-- write it again.
CREATE TABLE unjudged (
  sequence BIGINT NOT NULL PRIMARY KEY
);
INSERT INTO unjudged (sequence) SELECT sequence FROM revision_before WHERE judged = 0;

-- Nothing may be lost on the way.
DO $$
BEGIN
  IF (SELECT count (*) FROM response) <> (SELECT count (*) FROM response_before) OR
     (SELECT count (*) FROM revision) <> (SELECT count (*) FROM revision_before) OR
     (SELECT count (*) FROM entry) <> (SELECT count (*) FROM entry_before) THEN
    RAISE EXCEPTION 'rows are missing after the move into partitions';
  END IF;
END
$$;
DROP TABLE response_before, revision_before, entry_before;
