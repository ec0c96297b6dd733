-- What people do with history and feeds before a window.

ALTER TABLE feeds ADD COLUMN position INTEGER NOT NULL DEFAULT 0; -- among the others; num decides where two are equal

-- Keys of rows that were deleted: what they told does not come again.
CREATE TABLE deleted (
  feed       INTEGER NOT NULL,
  seq        INTEGER NOT NULL, -- that the row had
  dedupe_key ANY     NOT NULL,
  PRIMARY KEY (feed, seq)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX deleted_key ON deleted (feed, dedupe_key);

-- How many events came in an hour since the Unix epoch. Deleting rows does not
-- change it.
CREATE TABLE activity (
  feed INTEGER NOT NULL,
  hour INTEGER NOT NULL,
  n    INTEGER NOT NULL,
  PRIMARY KEY (feed, hour)
) STRICT, WITHOUT ROWID;

-- Of what is there already, as much as can be counted in a moment.
INSERT INTO activity SELECT feed, received / 3600000000, count(*) FROM events
  WHERE seq > (SELECT coalesce(max(seq), 0) - 100000 FROM events) AND kind = 'event' AND received > (unixepoch() - 172800) * 1000000
  GROUP BY 1, 2;
