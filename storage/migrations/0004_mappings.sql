-- What a feed's mapping says of an event, beyond the fields that all have.

ALTER TABLE events ADD COLUMN tags        TEXT NOT NULL DEFAULT ''; -- one a line
ALTER TABLE events ADD COLUMN icon        TEXT NOT NULL DEFAULT ''; -- an address
ALTER TABLE events ADD COLUMN image       TEXT NOT NULL DEFAULT ''; -- an address
ALTER TABLE events ADD COLUMN event_group TEXT NOT NULL DEFAULT '';
ALTER TABLE events ADD COLUMN warning     TEXT NOT NULL DEFAULT ''; -- what of the mapping failed
