-- Schema 3: what was learned of keep-alives.
UPDATE progress SET cadence = 15000000 WHERE feed = 1;
