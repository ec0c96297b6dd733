package storage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// statements are prepared once, on the writer's connection.
type statements struct {
	begin, commit, rollback *sql.Stmt

	feedNum, position, definition            *sql.Stmt
	addFeed, addProgress, define             *sql.Stmt
	forgetCursor                             *sql.Stmt
	forgetFeed, forgetProgress               *sql.Stmt
	insert, advance, moveSeen                *sql.Stmt
	newest, extend                           *sql.Stmt
	markSeq, countRead                       *sql.Stmt
	shown, failed, countOwed                 *sql.Stmt
	set                                      *sql.Stmt
	exists, index, setIndexed                *sql.Stmt
	purgeFrom, purgeSearch, purge, purgeFeed *sql.Stmt
	merge, changes, shrink                   *sql.Stmt

	all []*sql.Stmt
}

// prepare makes every statement of the writer.
func prepare(ctx context.Context, conn *sql.Conn) (statements, error) {
	var s statements
	for _, p := range []struct {
		to  **sql.Stmt
		sql string
	}{
		{&s.begin, "BEGIN IMMEDIATE"},
		{&s.commit, "COMMIT"},
		{&s.rollback, "ROLLBACK"},

		{&s.feedNum, "SELECT num FROM feeds WHERE id = ?"},
		{&s.position, "SELECT num, cursor, seen, last_seq FROM feeds JOIN progress ON feed = num WHERE id = ?"},
		{&s.definition, "SELECT definition FROM feeds WHERE id = ?"},
		{&s.addFeed, "INSERT INTO feeds (id, definition) VALUES (?, ?) ON CONFLICT (id) DO NOTHING"},
		{&s.addProgress, "INSERT INTO progress (feed) SELECT num FROM feeds WHERE id = ?"},
		{&s.define, "UPDATE feeds SET definition = ?2 WHERE id = ?1"},
		{&s.forgetCursor, "UPDATE progress SET cursor = '', cadence = 0 WHERE feed = (SELECT num FROM feeds WHERE id = ?)"},
		{&s.forgetProgress, "DELETE FROM progress WHERE feed = (SELECT num FROM feeds WHERE id = ?)"},
		{&s.forgetFeed, "UPDATE feeds SET id = NULL, definition = '' WHERE id = ?"},

		{&s.insert, `INSERT INTO events (feed, read, owed, priority, received, time, kind, dedupe_key, message_id, type, title, link, body, raw, tags, icon, image, event_group, warning)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
			ON CONFLICT (feed, dedupe_key) WHERE dedupe_key IS NOT NULL DO NOTHING`},
		{&s.advance, `UPDATE progress SET cursor = ?2, seen = ?3, events = events + ?4, unread = unread + ?5, owed = owed + ?6,
			last_seq = ?7, last_event = coalesce(?8, last_event), cadence = CASE WHEN ?9 = 0 THEN cadence ELSE max(?9, 0) END WHERE feed = ?1`},
		{&s.moveSeen, "UPDATE progress SET seen = ?2 WHERE feed = ?1"},
		{&s.newest, "SELECT kind, raw FROM events WHERE seq = ?"},
		{&s.extend, "UPDATE events SET received = ?2, title = ?3, body = ?4, raw = ?5 WHERE seq = ?1"},

		{&s.markSeq, "UPDATE events SET read = ?2 WHERE seq = ?1 AND read <> ?2 RETURNING feed"},
		{&s.countRead, "UPDATE progress SET unread = unread + ?2 WHERE feed = ?1"},

		{&s.shown, "UPDATE events SET owed = 0, shown_at = ?2 WHERE seq = ?1 AND owed = 1 RETURNING feed"},
		{&s.failed, "UPDATE events SET owed = 0, failure = ?2 WHERE seq = ?1 AND owed = 1 RETURNING feed"},
		{&s.countOwed, "UPDATE progress SET owed = owed - 1 WHERE feed = ?"},

		{&s.set, "INSERT INTO settings VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value"},

		{&s.exists, "SELECT EXISTS (SELECT 1 FROM events WHERE seq = ?)"},
		// No SELECT in it: that would make FTS5 write out a segment a row.
		{&s.index, "INSERT INTO search (rowid, text, feed) VALUES (?, ?, ?)"},
		{&s.setIndexed, "UPDATE search_progress SET through = ?"},

		{&s.purgeFrom, "SELECT min(seq) FROM (SELECT seq FROM events WHERE feed = ? ORDER BY seq DESC LIMIT ?)"},
		{&s.purgeSearch, "DELETE FROM search WHERE rowid IN (SELECT seq FROM events WHERE feed = ?1 AND seq >= ?2 AND seq <= (SELECT through FROM search_progress))"},
		{&s.purge, "DELETE FROM events WHERE feed = ? AND seq >= ?"},
		{&s.purgeFeed, "DELETE FROM feeds WHERE num = ? AND id IS NULL"},
		{&s.merge, "INSERT INTO search (search, rank) VALUES ('merge', ?)"},
		{&s.changes, "SELECT total_changes()"},
		{&s.shrink, "PRAGMA incremental_vacuum(256)"},
	} {
		st, err := conn.PrepareContext(ctx, p.sql)
		if err != nil {
			return s, errors.Join(fmt.Errorf("preparing %q: %w", p.sql, err), s.close())
		}
		*p.to = st
		s.all = append(s.all, st)
	}
	return s, nil
}

func (s *statements) close() error {
	var errs []error
	for _, st := range s.all {
		errs = append(errs, st.Close())
	}
	return errors.Join(errs...)
}
