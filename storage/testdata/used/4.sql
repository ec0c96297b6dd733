-- Schema 4: what a mapping says.
INSERT INTO events (seq, feed, read, owed, priority, received, kind, dedupe_key, message_id, type, title, link, body, raw, tags, icon, image, event_group, warning) VALUES
  (20, 1, 0, 0, 2, (unixepoch() - 7000) * 1000000, 'event', 'a20', 'a20', '', 'schemafour mapped', '', '', '', 'red' || char(10) || 'blue', 'https://example.org/i.png', 'https://example.org/p.png', 'group one', 'title: no such field');
UPDATE progress SET events = 5, unread = 4, last_seq = 20 WHERE feed = 1;
