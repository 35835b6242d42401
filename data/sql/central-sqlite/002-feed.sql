-- SPDX-License-Identifier: GPL-3.0-or-later
-- Responses whose state changed after their revisions arrived, for the readers of the feed.
CREATE TABLE change (
  sequence INTEGER PRIMARY KEY AUTOINCREMENT,
  response TEXT NOT NULL
) STRICT;
