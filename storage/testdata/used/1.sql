-- What a program of schema 1 has written: feeds, one of them removed and not
-- emptied yet; rows read, unread, owed, shown and given up; a gap; a long key.
INSERT INTO feeds (num, id, definition) VALUES
  (1, 'alpha', '{"id":"alpha","name":"Alpha","url":"https://example.org/a","transport":"sse","created":"2026-03-04T05:06:07Z"}'),
  (2, 'beta',  '{"id":"beta","name":"Bêta 频道","url":"wss://example.org/b","transport":"websocket","created":"2026-03-04T05:06:07Z"}'),
  (3, NULL,    '');
INSERT INTO events (seq, feed, read, owed, priority, received, time, shown_at, failure, kind, dedupe_key, message_id, type, title, link, body, raw) VALUES
  (1, 1, 1, 0, 3, (unixepoch() - 9000) * 1000000, NULL, (unixepoch() - 8999) * 1000000, NULL, 'event', 'a1', 'a1', 'message', 'schemaone shown', 'https://example.org/1', 'body one', '{"id":"a1"}'),
  (2, 1, 0, 1, 5, (unixepoch() - 8900) * 1000000, (unixepoch() - 8901) * 1000000, NULL, NULL, 'event', 'a2', 'a2', 'message', 'schemaone owed', '', '', 'plain'),
  (3, 1, 0, 0, 3, (unixepoch() - 8800) * 1000000, NULL, NULL, 'no notification service', 'event', x'00ff27', 'a3', '', 'schemaone failed', '', '', ''),
  (4, 1, 0, 0, 3, (unixepoch() - 8700) * 1000000, NULL, NULL, NULL, 'gap', NULL, '', '', 'schemaone gap', '', 'from then to then', ''),
  (5, 2, 0, 0, 3, (unixepoch() - 8600) * 1000000, NULL, NULL, NULL, 'event', 'b''1"; DROP TABLE events; --', 'b1', 'message',
     '<b>schemaone</b> hostile ' || char(27) || '[31m' || char(8238) || ' 漢字 🎉 مرحبا', 'javascript:alert(1)', '%s %d {{ .Title }} $(reboot)', '{"a":"</script>"}'),
  (6, 3, 0, 1, 3, (unixepoch() - 8500) * 1000000, NULL, NULL, NULL, 'event', 'gone', '', '', 'of a removed feed', '', '', '');
INSERT INTO progress (feed, cursor, seen, events, unread, owed, last_seq, last_event) VALUES
  (1, 'cursor of alpha', (unixepoch() - 60) * 1000000, 4, 3, 1, 4, (unixepoch() - 8700) * 1000000),
  (2, 'курсор 2',        (unixepoch() - 50) * 1000000, 1, 1, 0, 5, (unixepoch() - 8600) * 1000000);
INSERT INTO settings VALUES ('custom', 'kept as it is');
