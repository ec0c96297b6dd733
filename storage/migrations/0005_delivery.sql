-- What becomes of an event on its way to a person.

ALTER TABLE events ADD COLUMN actions TEXT NOT NULL DEFAULT ''; -- JSON; what a person can do about it
ALTER TABLE events ADD COLUMN late INTEGER NOT NULL DEFAULT 0;  -- 1: it came with the first ones of a connection
-- owed is 2 while the notification is held: this is why, and stays after the
-- hold until somebody has been told.
ALTER TABLE events ADD COLUMN hold TEXT NOT NULL DEFAULT '';

CREATE INDEX events_held ON events (feed, hold) WHERE owed = 2;

-- Steps of an event, in order. What settled its notification is among them.
CREATE TABLE delivery (
  seq     INTEGER NOT NULL, -- the event
  num     INTEGER NOT NULL, -- of the step
  at      INTEGER NOT NULL,
  step    TEXT    NOT NULL,
  why     TEXT    NOT NULL,
  detail  TEXT    NOT NULL,
  summary INTEGER,          -- that told it
  PRIMARY KEY (seq, num)
) STRICT, WITHOUT ROWID;

CREATE INDEX delivery_summary ON delivery (summary) WHERE summary IS NOT NULL;

-- Notifications that tell several events.
CREATE TABLE summaries (
  num      INTEGER PRIMARY KEY AUTOINCREMENT,
  why      TEXT    NOT NULL,
  title    TEXT    NOT NULL,
  count    INTEGER NOT NULL,
  begun    INTEGER NOT NULL,
  shown    INTEGER,
  end_step TEXT    NOT NULL,
  ended    INTEGER
) STRICT;

INSERT INTO delivery SELECT seq, 1, shown_at, 'shown', '', '', NULL FROM events WHERE shown_at IS NOT NULL;
INSERT INTO delivery SELECT seq, 1, coalesce(received, 0), 'failed', '', failure, NULL FROM events WHERE failure IS NOT NULL AND shown_at IS NULL;
ALTER TABLE events DROP COLUMN shown_at;
ALTER TABLE events DROP COLUMN failure;

-- How far each of a feed's forwards has come: behind this row.
CREATE TABLE forwards (
  feed    INTEGER NOT NULL REFERENCES feeds (num),
  name    TEXT    NOT NULL,
  through INTEGER NOT NULL,
  PRIMARY KEY (feed, name)
) STRICT, WITHOUT ROWID;

ALTER TABLE progress ADD COLUMN heard INTEGER;        -- when the last event that ends a silence came
ALTER TABLE progress ADD COLUMN silent_since INTEGER; -- when people were told of a silence; NULL: there is none
ALTER TABLE progress ADD COLUMN muted_until INTEGER;  -- NULL: notifications of the feed are not muted

-- The feed of Bellwire's own notices. It is no feed of anybody's: only its
-- rows are ever seen.
INSERT INTO feeds (num, id, definition) VALUES (0, '', '{}');
INSERT INTO progress (feed) VALUES (0);
