-- What was learned of a feed's keep-alives, in microseconds; 0: nothing yet.

ALTER TABLE progress ADD COLUMN cadence INTEGER NOT NULL DEFAULT 0;
