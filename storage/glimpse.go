package storage

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"time"

	"bellwire/subscriptions"
)

// A Glimpse is what somebody who only looks wants to know of a database.
type Glimpse struct {
	// Feeds are the feeds in their order.
	Feeds []subscriptions.Feed
	// Newest is when the newest event was received; zero without any.
	Newest time.Time
}

// Glance looks into the database at path, which nobody needs to have opened,
// and changes nothing. The error wraps [os.ErrNotExist] where there is none.
func Glance(ctx context.Context, path string) (Glimpse, error) {
	g, err := glance(ctx, path)
	if err != nil {
		return g, fmt.Errorf("looking into the database %q: %w", path, failure(err))
	}
	return g, nil
}

func glance(ctx context.Context, path string) (g Glimpse, err error) {
	if _, err := os.Stat(path); err != nil {
		return g, err
	}
	if path, err = locate(path); err != nil {
		return g, err
	}
	db, err := openQuietly(path)
	if err != nil {
		return g, err
	}
	defer db.Close()
	rows, err := db.QueryContext(ctx, "SELECT definition FROM feeds WHERE id <> '' ORDER BY num")
	if err != nil {
		return g, err
	}
	defer rows.Close()
	for rows.Next() {
		f, err := scanFeed(rows)
		if err != nil {
			return g, err
		}
		g.Feeds = append(g.Feeds, f)
	}
	if err := rows.Err(); err != nil {
		return g, err
	}
	var newest sql.NullInt64
	err = db.QueryRowContext(ctx, "SELECT max(received) FROM (SELECT received FROM events ORDER BY seq DESC LIMIT 100)").Scan(&newest)
	g.Newest = toTime(newest)
	return g, err
}
