package storage

import (
	"context"
	"database/sql"
	"fmt"

	"bellwire/subscriptions"
)

// reads are the readers' statements between an event and its notification,
// and at the start of every feed; and what whoever follows history asks after
// each commit.
// They are prepared: to compile one takes longer than to run it. Closing the
// readers closes them.
type reads struct {
	pending, definition, muted, position *sql.Stmt
	older, newer, removed                *sql.Stmt
}

func prepareReads(ctx context.Context, readers *sql.DB) (r reads, err error) {
	const page = "SELECT " + eventColumns + " FROM events e CROSS JOIN feeds f ON f.num = e.feed WHERE " + bounds +
		" AND f.id IS NOT NULL ORDER BY e.seq %s LIMIT 0 + ?3"
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
		{&r.older, fmt.Sprintf(page, "DESC")},
		{&r.newer, fmt.Sprintf(page, "ASC")},
		{&r.removed, "SELECT EXISTS (SELECT 1 FROM feeds WHERE id IS NULL)"},
	} {
		if *p.to, err = readers.PrepareContext(ctx, p.sql); err != nil {
			return r, err
		}
	}
	return r, nil
}

// brief is ctx for one of the reads, which all end soon: without its end, for
// which the driver and database/sql would start a goroutine each. One that has
// ended stays.
func brief(ctx context.Context) context.Context {
	if ctx.Err() != nil {
		return ctx
	}
	return context.WithoutCancel(ctx)
}

// page is a page of rows of all feeds; ok is false where rows of removed ones
// wait for their deletion, of which it would have to skip any number.
func (r *reads) page(ctx context.Context, q Query) (events []subscriptions.Event, ok bool, err error) {
	ctx = brief(ctx)
	var removed bool
	if err := r.removed.QueryRowContext(ctx).Scan(&removed); err != nil || removed {
		return nil, false, err
	}
	st := r.older
	if q.OldestFirst {
		st = r.newer
	}
	events, err = eventsOf(st.QueryContext(ctx, max(q.After, 0), q.before(), pageSize(q.Limit)))
	return events, err == nil, err
}
