-- Full-text search over history. The index holds no copy of the text, and
-- follows the events table at some distance.

CREATE VIRTUAL TABLE search USING fts5 (
  text, -- title, body and payload, with the scripts that have no spaces spaced
  feed, -- one token: f and the feed's number
  content = '',
  contentless_delete = 1,
  tokenize = "unicode61 remove_diacritics 2 categories 'L* N* Co So'"
);

-- Deleting rows must not set off merges of the index in the middle of other
-- transactions: the purger does that itself, in small steps.
INSERT INTO search (search, rank) VALUES ('deletemerge', 0);

-- How far the index has come: one row.
CREATE TABLE search_progress (
  id      INTEGER PRIMARY KEY CHECK (id = 1),
  through INTEGER NOT NULL -- the highest seq that is indexed
) STRICT;
INSERT INTO search_progress VALUES (1, 0);
