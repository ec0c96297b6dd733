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
	insert, insertKnown, anyDeleted          *sql.Stmt
	insertMany, insertedBehind               *sql.Stmt // nil before the first storm
	advance, moveSeen                        *sql.Stmt
	newest, extend                           *sql.Stmt
	markSeq, countRead                       *sql.Stmt
	settle, hold, release, countOwed         *sql.Stmt
	addStep, addFirstSteps                   *sql.Stmt
	countOwedOf, settleOf, addSteps          *sql.Stmt
	beginSummary, showSummary, endSummary    *sql.Stmt
	beginForward, moveForward, forgetForward *sql.Stmt
	setSilent, endSilence                    *sql.Stmt
	setHeard, setMuted                       *sql.Stmt
	set                                      *sql.Stmt
	exists, setIndexed                       *sql.Stmt
	partThere, emptyParts                    *sql.Stmt
	noteTimes, moveTime                      *sql.Stmt
	purgeFrom, purgeSearch, purge, purgeFeed *sql.Stmt
	purgeSteps, forgetForwards               *sql.Stmt
	changes, shrink                          *sql.Stmt
	deleteRow, deleteSteps, indexed          *sql.Stmt
	countDeleted, keepKey, forgetOldKeys     *sql.Stmt
	forgetKeys, forgetActivity               *sql.Stmt
	forgetSummary                            *sql.Stmt
	countHour, forgetHours                   *sql.Stmt
	arranged, place                          *sql.Stmt

	// counted is the hour that was counted last of a feed, by its number; the
	// writer's own, like the rest.
	counted map[int64]int64
	// grown says that the writer's page cache is that of a storm.
	grown bool

	all []*sql.Stmt
}

// eventValues are the columns of a new event.
const eventValues = "(feed, read, owed, priority, received, time, kind, dedupe_key, message_id, type, title, link, body, raw, tags, icon, image, event_group, warning, actions, late)"

// onKnownKey leaves out what the feed has.
const onKnownKey = " ON CONFLICT (feed, dedupe_key) WHERE dedupe_key IS NOT NULL DO NOTHING"

// prepare makes every statement of the writer that is needed every day.
func prepare(ctx context.Context, conn *sql.Conn) (statements, error) {
	s := statements{counted: map[int64]int64{}}
	for _, p := range []struct {
		to  **sql.Stmt
		sql string
	}{
		{&s.begin, "BEGIN IMMEDIATE"},
		{&s.commit, "COMMIT"},
		{&s.rollback, "ROLLBACK"},

		{&s.feedNum, "SELECT num FROM feeds WHERE id = ?"},
		{&s.position, "SELECT num, cursor, seen, last_seq FROM feeds JOIN progress ON feed = num WHERE id = ?"},
		{&s.definition, "SELECT definition FROM feeds WHERE id = ? AND id <> ''"},
		{&s.addFeed, "INSERT INTO feeds (id, definition, position) VALUES (?, ?, (SELECT coalesce(max(position), 0) + 1 FROM feeds WHERE id IS NOT NULL)) ON CONFLICT (id) DO NOTHING"},
		{&s.addProgress, "INSERT INTO progress (feed) SELECT num FROM feeds WHERE id = ?"},
		{&s.define, "UPDATE feeds SET definition = ?2 WHERE id = ?1 AND id <> ''"},
		{&s.forgetCursor, "UPDATE progress SET cursor = '', cadence = 0 WHERE feed = (SELECT num FROM feeds WHERE id = ?)"},
		{&s.forgetProgress, "DELETE FROM progress WHERE feed = (SELECT num FROM feeds WHERE id = ?)"},
		{&s.forgetFeed, "UPDATE feeds SET id = NULL, definition = '' WHERE id = ?"},

		{&s.insert, `INSERT INTO events ` + eventValues + `
			VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21)` + onKnownKey},
		{&s.insertKnown, `INSERT INTO events ` + eventValues + `
			SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21
			WHERE ?8 IS NULL OR NOT EXISTS (SELECT 1 FROM deleted WHERE feed = ?1 AND dedupe_key = ?8)` + onKnownKey},
		{&s.anyDeleted, "SELECT EXISTS (SELECT 1 FROM deleted WHERE feed = ?)"},
		{&s.advance, `UPDATE progress SET cursor = ?2, seen = ?3, events = events + ?4, unread = unread + ?5, owed = owed + ?6,
			last_seq = ?7, last_event = coalesce(?8, last_event), cadence = CASE WHEN ?9 = 0 THEN cadence ELSE max(?9, 0) END,
			heard = nullif(max(coalesce(heard, 0), coalesce(?10, 0), iif(silent_since IS NULL, coalesce(?11, 0), 0)), 0) WHERE feed = ?1`},
		{&s.moveSeen, "UPDATE progress SET seen = ?2 WHERE feed = ?1"},
		{&s.newest, "SELECT kind, raw FROM events WHERE seq = ?"},
		{&s.extend, "UPDATE events SET received = ?2, title = ?3, body = ?4, raw = ?5 WHERE seq = ?1"},

		{&s.markSeq, "UPDATE events SET read = ?2 WHERE seq = ?1 AND read <> ?2 RETURNING feed"},
		{&s.countRead, "UPDATE progress SET unread = unread + ?2 WHERE feed = ?1"},

		{&s.settle, "UPDATE events SET owed = 0 WHERE seq = ?1 AND owed <> 0 RETURNING feed"},
		{&s.hold, "UPDATE events SET owed = 2, hold = ?2 WHERE seq = ?1 AND owed = 1 RETURNING feed"},
		{&s.release, "UPDATE events SET owed = 1 WHERE seq = ?1 AND owed = 2 RETURNING feed"},
		{&s.countOwed, "UPDATE progress SET owed = owed - ?2 WHERE feed = ?1"},
		{&s.countOwedOf, "SELECT feed, count(*) FROM events WHERE seq IN (SELECT value FROM json_each(?)) AND owed <> 0 GROUP BY feed"},
		{&s.settleOf, "UPDATE events SET owed = 0 WHERE seq IN (SELECT value FROM json_each(?)) AND owed <> 0"},

		{&s.addStep, `INSERT INTO delivery SELECT ?1, n, ?2, ?3, ?4, ?5, ?6 FROM (SELECT 1 + coalesce(max(num), 0) AS n FROM delivery WHERE seq = ?1)
			WHERE n <= ?7 AND EXISTS (SELECT 1 FROM events WHERE seq = ?1)`},
		// Of new rows next to each other.
		{&s.addFirstSteps, "INSERT INTO delivery SELECT seq, 1, ?3, ?4, ?5, ?6, ?7 FROM events WHERE seq BETWEEN ?1 AND ?2"},
		// Like addStep, of what is owed of a list.
		{&s.addSteps, `INSERT INTO delivery SELECT seq, n, ?2, ?3, ?4, ?5, ?6
			FROM (SELECT seq, 1 + (SELECT coalesce(max(num), 0) FROM delivery WHERE seq = e.seq) AS n
				FROM events e WHERE seq IN (SELECT value FROM json_each(?1)) AND owed <> 0) WHERE n <= ?7`},
		{&s.beginSummary, "INSERT INTO summaries (why, title, count, begun, end_step) VALUES (?, ?, 0, ?, '')"},
		{&s.showSummary, `UPDATE summaries SET title = ?2, shown = ?3, count = ?4, end_step = iif(end_step = 'clicked', end_step, ''),
			ended = iif(end_step = 'clicked', ended, NULL) WHERE num = ?1`},
		{&s.endSummary, "UPDATE summaries SET end_step = ?2, ended = ?3 WHERE num = ?1 AND (end_step = '' OR ?2 = 'clicked')"},
		{&s.beginForward, "INSERT INTO forwards SELECT num, ?2, (SELECT coalesce(max(last_seq), 0) FROM progress) FROM feeds WHERE id = ?1 ON CONFLICT DO NOTHING"},
		{&s.moveForward, "UPDATE forwards SET through = max(through, ?3) WHERE feed = (SELECT num FROM feeds WHERE id = ?1) AND name = ?2"},
		{&s.forgetForward, "DELETE FROM forwards WHERE feed = (SELECT num FROM feeds WHERE id = ?1) AND name = ?2"},
		{&s.setSilent, "UPDATE progress SET silent_since = ?2 WHERE feed = ?1 AND heard = ?2"},
		{&s.endSilence, "UPDATE progress SET silent_since = NULL WHERE feed = ?1 AND silent_since IS NOT NULL"},
		{&s.setHeard, "UPDATE progress SET heard = max(coalesce(heard, ?2), ?2), silent_since = NULL WHERE feed = (SELECT num FROM feeds WHERE id = ?1)"},
		{&s.setMuted, "UPDATE progress SET muted_until = ?2 WHERE feed = (SELECT num FROM feeds WHERE id = ?1 AND id <> '')"},

		{&s.set, "INSERT INTO settings VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value"},

		{&s.exists, "SELECT EXISTS (SELECT 1 FROM events WHERE seq = ?)"},
		{&s.setIndexed, "UPDATE search_progress SET through = ?, since = ?"},
		{&s.partThere, "SELECT EXISTS (SELECT 1 FROM search_parts WHERE num = ?)"},
		{&s.emptyParts, fmt.Sprintf(`SELECT num FROM search_parts WHERE num < (SELECT through >> %[1]d FROM search_progress)
			AND NOT EXISTS (SELECT 1 FROM events WHERE seq >= num << %[1]d AND seq < (num + 1) << %[1]d)`, partBits)},
		{&s.noteTimes, fmt.Sprintf(`INSERT INTO search_times SELECT seq >> %d, min(received), max(received) FROM events
			WHERE seq BETWEEN ? AND ? AND received IS NOT NULL GROUP BY 1
			ON CONFLICT (block) DO UPDATE SET oldest = min(oldest, excluded.oldest), newest = max(newest, excluded.newest)`, blockBits)},
		{&s.moveTime, fmt.Sprintf("UPDATE search_times SET oldest = min(oldest, ?2), newest = max(newest, ?2) WHERE block = ?1 >> %d AND ?2 IS NOT NULL", blockBits)},

		{&s.purgeFrom, "SELECT min(seq) FROM (SELECT seq FROM events WHERE feed = ? ORDER BY seq DESC LIMIT ?)"},
		{&s.purgeSearch, `SELECT seq FROM events WHERE feed = ?1 AND seq >= ?2
			AND seq > (SELECT since FROM search_progress) AND seq <= (SELECT through FROM search_progress)`},
		{&s.purgeSteps, "DELETE FROM delivery WHERE seq IN (SELECT seq FROM events WHERE feed = ? AND seq >= ?)"},
		{&s.forgetForwards, "DELETE FROM forwards WHERE feed = ?"},
		{&s.purge, "DELETE FROM events WHERE feed = ? AND seq >= ?"},
		{&s.purgeFeed, "DELETE FROM feeds WHERE num = ? AND id IS NULL"},
		{&s.changes, "SELECT total_changes()"},
		{&s.shrink, "PRAGMA incremental_vacuum(256)"},

		// With ?2 only what is owed nobody.
		{&s.deleteRow, "DELETE FROM events WHERE seq = ?1 AND (owed = 0 OR NOT ?2) RETURNING feed, read, owed <> 0, dedupe_key"},
		{&s.deleteSteps, "DELETE FROM delivery WHERE seq = ?"},
		{&s.indexed, "SELECT since, through FROM search_progress"},
		{&s.countDeleted, "UPDATE progress SET events = events - ?2, unread = unread - ?3, owed = owed - ?4 WHERE feed = ?1"},
		{&s.keepKey, "INSERT INTO deleted VALUES (?, ?, ?) ON CONFLICT DO NOTHING"},
		{&s.forgetOldKeys, "DELETE FROM deleted WHERE feed = ?1 AND seq IN (SELECT seq FROM deleted WHERE feed = ?1 AND seq <= ?2 LIMIT ?3)"},
		{&s.forgetKeys, "DELETE FROM deleted WHERE feed = ?1 AND seq IN (SELECT seq FROM deleted WHERE feed = ?1 LIMIT ?2)"},
		{&s.forgetActivity, "DELETE FROM activity WHERE feed = (SELECT num FROM feeds WHERE id = ?)"},
		{&s.forgetSummary, "DELETE FROM summaries WHERE num = ?1 AND NOT EXISTS (SELECT 1 FROM delivery WHERE summary = ?1) AND coalesce(shown, begun) < ?2"},
		{&s.countHour, "INSERT INTO activity VALUES (?1, ?2, ?3) ON CONFLICT (feed, hour) DO UPDATE SET n = n + excluded.n"},
		{&s.forgetHours, "DELETE FROM activity WHERE feed = ?1 AND NOT hour BETWEEN ?2 AND ?3"},
		{&s.arranged, "SELECT num, id, definition FROM feeds WHERE id <> '' ORDER BY position, num"},
		{&s.place, "UPDATE feeds SET position = ?2 WHERE num = ?1 AND position <> ?2"},
	} {
		var err error
		if *p.to, err = s.prepare(ctx, conn, p.sql); err != nil {
			return s, errors.Join(err, s.close())
		}
	}
	return s, nil
}

// prepare makes one statement, which close closes.
func (s *statements) prepare(ctx context.Context, conn *sql.Conn, query string) (*sql.Stmt, error) {
	st, err := conn.PrepareContext(ctx, query)
	if err != nil {
		return nil, fmt.Errorf("preparing %q: %w", query, err)
	}
	s.all = append(s.all, st)
	return st, nil
}

func (s *statements) close() error {
	var errs []error
	for _, st := range s.all {
		errs = append(errs, st.Close())
	}
	return errors.Join(errs...)
}
