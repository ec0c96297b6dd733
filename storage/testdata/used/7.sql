-- Schema 7: the order of feeds, keys of what was deleted, events an hour.
UPDATE feeds SET position = 5 WHERE num = 1;
INSERT INTO deleted VALUES (1, 35, 'a35');
INSERT INTO activity VALUES (1, unixepoch() / 3600 - 1, 12) ON CONFLICT DO UPDATE SET n = 12;
