package storage

import (
	"context"
	"fmt"
	"time"
)

// activityHours is for how many hours the counts of activity are kept: a
// clock that is set back a little loses nothing.
const activityHours = 48

// hourOf counts hours since the Unix epoch.
func hourOf(t time.Time) int64 { return t.Unix() / 3600 }

// happened notes that an event came.
func (in *ingest) happened(at time.Time) {
	if at.IsZero() {
		return
	}
	if in.hours == nil {
		in.hours = map[int64]int64{}
	}
	in.hour = hourOf(at)
	in.hours[in.hour]++
}

// countHours counts what came, once a batch. Where the last of it is the first
// of its hour, what is too old is forgotten, and what a clock that was wrong
// has left in the future. Which hour was counted last is known to this run
// alone: forgetting twice does no harm.
func (in *ingest) countHours() error {
	for hour, n := range in.hours {
		if _, err := in.exec(in.countHour, in.feed, hour, n); err != nil {
			return err
		}
	}
	if last, ok := in.counted[in.feed]; len(in.hours) > 0 && (!ok || last != in.hour) {
		if _, err := in.exec(in.forgetHours, in.feed, in.hour-activityHours, in.hour+1); err != nil {
			return err
		}
		in.counted[in.feed] = in.hour
	}
	in.hours = nil
	return nil
}

// Activity counts the events (no gaps, no notices) that feeds
// received in each of the given number of hours up to and with that of until,
// the oldest first, by feed. At most two days are known. A feed without any is
// left out; deleted ones count.
func (db *DB) Activity(ctx context.Context, until time.Time, hours int) (map[string][]int64, error) {
	last := hourOf(until)
	first := last - int64(hours) + 1
	rows, err := db.readers.QueryContext(ctx, "SELECT id, hour, n FROM activity JOIN feeds ON num = feed WHERE id <> '' AND hour BETWEEN ? AND ?", first, last)
	if err != nil {
		return nil, fmt.Errorf("counting events by the hour: %w", failure(err))
	}
	defer rows.Close()
	activity := map[string][]int64{}
	for rows.Next() {
		var id string
		var hour, n int64
		if err := rows.Scan(&id, &hour, &n); err != nil {
			return nil, fmt.Errorf("counting events by the hour: %w", failure(err))
		}
		if activity[id] == nil {
			activity[id] = make([]int64, hours)
		}
		activity[id][hour-first] = n
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("counting events by the hour: %w", failure(err))
	}
	return activity, nil
}
