-- Schema 6: rows that no index holds yet.
INSERT INTO events (seq, feed, read, owed, priority, received, kind, dedupe_key, message_id, type, title, link, body, raw) VALUES
  (40, 2, 0, 1, 3, (unixepoch() - 4000) * 1000000, 'event', 'b40', 'b40', '', 'schemasix owed', '', '', '');
UPDATE progress SET events = 3, unread = 3, owed = 2, last_seq = 40 WHERE feed = 2;
