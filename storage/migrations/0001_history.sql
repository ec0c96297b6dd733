-- Feeds, history, the outbox and settings.
-- Times are microseconds since the Unix epoch.

CREATE TABLE feeds (
  num        INTEGER PRIMARY KEY AUTOINCREMENT, -- order of creation; never reused
  id         TEXT UNIQUE,                       -- NULL once removed, until its history is deleted
  definition TEXT NOT NULL                      -- subscriptions.Feed as JSON; its secrets are elsewhere
) STRICT;

-- What every commit of a feed changes, apart from its definition.
CREATE TABLE progress (
  feed       INTEGER PRIMARY KEY REFERENCES feeds (num),
  cursor     TEXT    NOT NULL DEFAULT '',
  seen       INTEGER,                    -- NULL: never connected
  events     INTEGER NOT NULL DEFAULT 0, -- rows of history
  unread     INTEGER NOT NULL DEFAULT 0, -- of these, not read
  owed       INTEGER NOT NULL DEFAULT 0, -- of these, to be notified
  last_seq   INTEGER NOT NULL DEFAULT 0, -- the newest row; 0: none yet
  last_event INTEGER                     -- when it was received
) STRICT;

-- Small columns first: a row's flags are then read without its payload.
CREATE TABLE events (
  seq        INTEGER PRIMARY KEY AUTOINCREMENT,
  feed       INTEGER NOT NULL REFERENCES feeds (num),
  read       INTEGER NOT NULL,
  owed       INTEGER NOT NULL, -- 1: in the outbox
  priority   INTEGER NOT NULL,
  received   INTEGER,
  time       INTEGER,
  shown_at   INTEGER,          -- when the desktop took the notification
  failure    TEXT,             -- why the notification was given up
  kind       TEXT    NOT NULL,
  dedupe_key ANY,              -- text, or a digest where the key is long
  message_id TEXT    NOT NULL,
  type       TEXT    NOT NULL,
  title      TEXT    NOT NULL,
  link       TEXT    NOT NULL,
  body       TEXT    NOT NULL,
  raw        TEXT    NOT NULL
) STRICT;

-- Every index of a rowid table ends with the rowid, which is seq: these are
-- (feed, seq), (feed, seq) of unread rows, and seq of owed rows.
CREATE INDEX events_feed   ON events (feed);
CREATE INDEX events_unread ON events (feed) WHERE read = 0;
CREATE INDEX events_outbox ON events (owed) WHERE owed = 1;
CREATE UNIQUE INDEX events_key ON events (feed, dedupe_key) WHERE dedupe_key IS NOT NULL;

CREATE TABLE settings (
  key   TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
