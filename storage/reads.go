package storage

import (
	"context"
	"database/sql"
)

// reads are the readers' statements between an event and its notification,
// and at the start of every feed.
// They are prepared: to compile one takes longer than to run it. Closing the
// readers closes them.
type reads struct {
	pending, definition, muted, position *sql.Stmt
}

func prepareReads(ctx context.Context, readers *sql.DB) (r reads, err error) {
	for _, p := range []struct {
		to  **sql.Stmt
		sql string
	}{
		// A limit that is a bare parameter makes SQLite compile the statement
		// again at each binding.
		{&r.pending, `SELECT ` + eventColumns + ` FROM events e CROSS JOIN feeds f ON f.num = e.feed
			WHERE e.owed = 1 AND e.seq > ? AND f.id IS NOT NULL ORDER BY e.seq LIMIT 0 + ?`},
		{&r.definition, "SELECT definition FROM feeds WHERE id = ? AND id <> ''"},
		{&r.muted, "SELECT muted_until FROM progress JOIN feeds ON feed = num WHERE id = ?"},
		{&r.position, "SELECT cursor, seen, cadence FROM progress JOIN feeds ON feed = num WHERE id = ?"},
	} {
		if *p.to, err = readers.PrepareContext(ctx, p.sql); err != nil {
			return r, err
		}
	}
	return r, nil
}
