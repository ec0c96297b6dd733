-- Schema 2: the full-text index, a little behind.
INSERT INTO search (rowid, text, feed) SELECT seq, title || ' ' || body || ' ' || raw, 'f' || feed FROM events WHERE seq <= 4;
UPDATE search_progress SET through = 4;
INSERT INTO events (seq, feed, read, owed, priority, received, kind, dedupe_key, message_id, type, title, link, body, raw) VALUES
  (10, 2, 0, 1, 4, (unixepoch() - 8000) * 1000000, 'event', 'b2', 'b2', '', 'schematwo owed', '', '', '');
UPDATE progress SET events = 2, unread = 2, owed = 1, last_seq = 10 WHERE feed = 2;
