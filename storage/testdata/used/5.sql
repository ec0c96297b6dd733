-- Schema 5: delivery, summaries, holds, forwards, silences, mutes, notices.
INSERT INTO events (seq, feed, read, owed, priority, received, kind, dedupe_key, message_id, type, title, link, body, raw, actions, late, hold) VALUES
  (30, 1, 0, 2, 3, (unixepoch() - 6000) * 1000000, 'event', 'a30', 'a30', '', 'schemafive held', '', '', '', '', 0, 'quiet'),
  (31, 1, 0, 0, 3, (unixepoch() - 5900) * 1000000, 'event', 'a31', 'a31', '', 'schemafive told', '', '', '', '[]', 1, ''),
  (32, 0, 0, 0, 3, (unixepoch() - 5800) * 1000000, 'notice', NULL, '', 'silent', 'schemafive notice', '', '', '{}', '', 0, '');
INSERT INTO summaries (num, why, title, count, begun, shown, end_step, ended) VALUES (7, 'storm', 'Alpha', 1, (unixepoch() - 5900) * 1000000, (unixepoch() - 5899) * 1000000, '', NULL);
INSERT INTO delivery VALUES
  (30, 1, (unixepoch() - 6000) * 1000000, 'held', 'quiet', '', NULL),
  (31, 1, (unixepoch() - 5900) * 1000000, 'told', 'storm', '', 7);
INSERT INTO forwards VALUES (1, 'ntfy', 30);
UPDATE progress SET events = 7, unread = 6, owed = 2, last_seq = 31, heard = 1, silent_since = (unixepoch() - 5800) * 1000000 WHERE feed = 1;
UPDATE progress SET muted_until = (unixepoch() + 86400) * 1000000 WHERE feed = 2;
UPDATE progress SET events = 1, unread = 1, last_seq = 32 WHERE feed = 0;
