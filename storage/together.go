package storage

import (
	"bytes"
	"context"
	"strings"

	"bellwire/subscriptions"
)

// together is how many rows one statement inserts where many come at once. A
// statement costs as much as two rows do; more rows a statement do not get
// faster any more.
const together = 20

// togetherBytes bounds the text of those: SQLite has copies of it meanwhile.
const togetherBytes = 1 << 20

// together reports whether the first events can be stored by one statement: a
// gap may extend the row before it, and keys of deleted rows are looked for one
// by one.
func (in *ingest) together(events []subscriptions.Event) bool {
	if len(events) < together || in.insert != in.statements.insert {
		return false
	}
	size := 0
	for i := range events[:together] {
		size += len(events[i].Raw) + len(events[i].Body)
		if events[i].Kind == subscriptions.KindGap || size > togetherBytes {
			return false
		}
	}
	return true
}

// addTogether is add for so many events at once.
func (in *ingest) addTogether(events []subscriptions.Event) error {
	if err := in.prepareMany(); err != nil {
		return err
	}
	args, err := in.args[:0], error(nil)
	for i := range events {
		if args, err = in.values(args, &events[i]); err != nil {
			return err
		}
	}
	in.args = args
	before := in.newest
	res, err := in.insertMany.Exec(args...)
	if err != nil {
		return err
	}
	n, err := res.RowsAffected()
	if err != nil {
		return err
	}
	in.receipt.Duplicates += len(events) - int(n)
	if int(n) < len(events) {
		return in.addedSome(events, before)
	}
	last, err := res.LastInsertId()
	if err != nil {
		return err
	}
	for i := range events {
		if err := in.added(&events[i], last-n+1+int64(i)); err != nil {
			return err
		}
	}
	return nil
}

// prepareMany makes the statements when they are needed first: most programs
// never see that many events at once.
func (in *ingest) prepareMany() error {
	if in.insertMany != nil {
		return nil
	}
	row := "(?" + strings.Repeat(", ?", strings.Count(eventValues, ",")) + ")"
	var err error
	if in.insertMany, err = in.prepare(context.Background(), in.conn, "INSERT INTO events "+eventValues+" VALUES "+row+strings.Repeat(", "+row, together-1)+onKnownKey); err != nil {
		return err
	}
	in.insertedBehind, err = in.prepare(context.Background(), in.conn, "SELECT seq, dedupe_key FROM events WHERE feed = ? AND seq > ? ORDER BY seq")
	return err
}

// addedSome counts those of events that are rows behind the given one now.
// They are in the same order: one whose key is not the next row's was there
// before.
func (in *ingest) addedSome(events []subscriptions.Event, before int64) error {
	rows, err := in.insertedBehind.Query(in.feed, before)
	if err != nil {
		return err
	}
	defer rows.Close()
	next := func() (seq int64, key any, err error) {
		if rows.Next() {
			err = rows.Scan(&seq, &key)
			return seq, key, err
		}
		return 0, nil, rows.Err()
	}
	seq, key, err := next()
	for i := range events {
		if err != nil || seq == 0 {
			return err
		}
		if !sameKey(dedupeKey(&events[i]), key) {
			continue
		}
		if err := in.added(&events[i], seq); err != nil {
			return err
		}
		seq, key, err = next()
	}
	return err
}

// sameKey compares keys as [dedupeKey] makes them.
func sameKey(a, b any) bool {
	if a, ok := a.([]byte); ok {
		b, ok := b.([]byte)
		return ok && bytes.Equal(a, b)
	}
	return a == b
}
