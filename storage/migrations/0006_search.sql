-- Search in parts of 65,536 rows each, so that what one look at the index
-- costs is bounded, with what rows are narrowed by beside their words. The
-- parts are tables of their own, made when their first row comes.

ALTER TABLE search RENAME TO search_old; -- emptied in the background

-- All rows above since, up to and with through, are indexed; those below are
-- indexed anew in the background, the newest first.
ALTER TABLE search_progress ADD COLUMN since INTEGER NOT NULL DEFAULT 0;
UPDATE search_progress SET since = through;

CREATE TABLE search_parts (num INTEGER PRIMARY KEY) STRICT;

-- When the rows of a block of 1024 were received: rows come nearly, but not
-- quite, in the order of their times.
CREATE TABLE search_times (
  block  INTEGER PRIMARY KEY,
  oldest INTEGER NOT NULL,
  newest INTEGER NOT NULL
) STRICT;
