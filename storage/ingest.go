package storage

import (
	"cmp"
	"context"
	"crypto/sha256"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"bellwire/subscriptions"
)

const (
	// seenStep is the least change of Seen that is worth a write by itself.
	seenStep = time.Minute
	// maxPlainKey is the longest dedupe key stored as it is, in bytes.
	// Servers count upwards, so plain keys stay together in their index;
	// digests are scattered over all of it.
	maxPlainKey = 40
)

// Ingest commits a batch: events the feed does not have yet and never had
// (as far as is known of what was deleted), their outbox
// rows, the cursor and the counters, all or nothing. The error wraps
// [ErrNotFound] for a feed that was never added or is removed.
//
// A gap right behind another gap of the feed extends that row, and is not
// counted in the receipt. A batch that only moves Seen by less than a minute
// is not written, to spare an idle disk.
//
// An error means that nothing was stored: where ctx ends before the writer
// has begun with the batch it is dropped, after that it is waited for. Only a
// crash leaves a caller unsure, and repeating a batch is safe: events with a
// dedupe key, and gaps, are not stored twice.
func (db *DB) Ingest(ctx context.Context, b subscriptions.Batch) (subscriptions.Receipt, error) {
	var in ingest
	if len(b.Events) > 0 {
		db.indexer.admit(ctx)
	}
	err := db.update(ctx, func(t *tx) error {
		in = ingest{tx: t}
		return in.run(b)
	})
	if err != nil {
		return subscriptions.Receipt{}, fmt.Errorf("storing events of feed %q: %w", b.Feed, err)
	}
	return in.receipt, nil
}

// An ingest is one batch on its way into a transaction.
type ingest struct {
	*tx
	receipt      subscriptions.Receipt
	feed         int64
	insert       *sql.Stmt // of this feed
	args         []any     // for reuse
	newest       int64     // the feed's newest row
	unread, owed int
	settled      settled
	last         time.Time       // when the newest row of the feed's was received
	heard        time.Time       // when the newest that ends a silence was
	gap          time.Time       // when the newest gap did that may hide one
	hours        map[int64]int64 // how many events came in which hour
	hour         int64           // that of the last one
}

func (in *ingest) run(b subscriptions.Batch) error {
	var cursor string
	var seen sql.NullInt64
	row := in.position.QueryRow(b.Feed)
	if err := row.Scan(&in.feed, &cursor, &seen, &in.newest); err != nil {
		return missing(err)
	}
	if err := in.choose(len(b.Events)); err != nil {
		return err
	}
	if err := in.addAll(b.Events); err != nil {
		return err
	}
	if err := in.settleNew(); err != nil {
		return err
	}
	if !b.Seen.IsZero() {
		step := b.Seen.Sub(toTime(seen)).Abs()
		if len(b.Events) == 0 && b.Cursor == cursor && b.Cadence == 0 && seen.Valid && step < seenStep {
			return nil
		}
		seen = micros(b.Seen)
	}
	return in.finish(b.Cursor, seen, b.Cadence)
}

// notice adds a row of Bellwire's own, which moves nothing.
func (in *ingest) notice(feed string, e subscriptions.Event) error {
	var cursor string
	var seen sql.NullInt64
	if err := in.position.QueryRow(feed).Scan(&in.feed, &cursor, &seen, &in.newest); err != nil {
		return missing(err)
	}
	if err := in.choose(1); err != nil {
		return err
	}
	if err := in.add(&e); err != nil {
		return err
	}
	if err := in.settleNew(); err != nil {
		return err
	}
	return in.finish(cursor, seen, 0)
}

// choose takes the statement that stores so many events. One that looks among
// the keys of deleted rows has SQLite keep copies of pages to undo it by, so
// where the feed has none it is another.
func (in *ingest) choose(events int) error {
	if events == 0 {
		return nil
	}
	var known bool
	if err := in.anyDeleted.QueryRow(in.feed).Scan(&known); err != nil {
		return err
	}
	if in.insert = in.statements.insert; known {
		in.insert = in.insertKnown
	}
	return nil
}

// addAll stores events, many with a statement where that can be.
func (in *ingest) addAll(events []subscriptions.Event) error {
	for len(events) > 0 {
		n, err := 1, error(nil)
		if in.together(events) {
			n, err = together, in.addTogether(events[:together])
		} else {
			err = in.add(&events[0])
		}
		if err != nil {
			return err
		}
		events = events[n:]
	}
	return nil
}

// finish counts what was added, and moves the feed on.
func (in *ingest) finish(cursor string, seen sql.NullInt64, cadence time.Duration) error {
	if in.receipt.Inserted > 0 {
		in.changed = true
		in.lastSeq = in.newest
		in.receipt.LastSeq = in.newest
		in.inserted += int64(in.receipt.Inserted)
		if err := in.countHours(); err != nil {
			return err
		}
	}
	_, err := in.exec(in.advance, in.feed, cursor, seen,
		in.receipt.Inserted, in.unread, in.owed, in.newest, micros(in.last), cadence.Microseconds(), micros(in.heard), micros(in.gap))
	return err
}

// add stores one event unless the feed has it.
func (in *ingest) add(e *subscriptions.Event) error {
	if e.Kind == subscriptions.KindGap {
		merged, err := in.mergeGap(e)
		if merged || err != nil {
			return err
		}
	}
	args, err := in.values(in.args[:0], e)
	if err != nil {
		return err
	}
	in.args = args
	res, err := in.insert.Exec(args...)
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		in.receipt.Duplicates++
		return err
	}
	seq, err := res.LastInsertId()
	if err != nil {
		return err
	}
	return in.added(e, seq)
}

// values appends the values of e's row to args, in the order of eventValues.
func (in *ingest) values(args []any, e *subscriptions.Event) ([]any, error) {
	actions, err := formatActions(e.Actions)
	return append(args, in.feed, e.Read, owed(e), cmp.Or(e.Priority, subscriptions.PriorityDefault),
		instant(e.Received), instant(e.Time), string(cmp.Or(e.Kind, subscriptions.KindEvent)), dedupeKey(e),
		e.MessageID, e.Type, e.Title, e.Link, e.Body, e.Raw, strings.Join(e.Tags, "\n"), e.Icon, e.Image, e.Group, e.Warning, actions, e.Late), err
}

// instant is [micros] without the detour: it is asked of every event.
func instant(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UnixMicro()
}

// added counts e, which is a row now.
func (in *ingest) added(e *subscriptions.Event, seq int64) error {
	in.newest = seq
	in.writes++
	in.receipt.Inserted++
	if !e.Read {
		in.unread++
	}
	if owed(e) {
		in.owed++
	}
	switch {
	case !e.Heard:
	case e.Kind == subscriptions.KindGap:
		in.gap = e.Received
	default:
		in.heard = e.Received
	}
	if e.Kind != subscriptions.KindNotice {
		in.last = e.Received
	}
	if cmp.Or(e.Kind, subscriptions.KindEvent) == subscriptions.KindEvent {
		in.happened(e.Received)
	}
	if !e.Silent {
		return in.settledAs(e.Outcome)
	}
	if err := in.settledAs(nil); err != nil {
		return err
	}
	if cmp.Or(e.Kind, subscriptions.KindEvent) == subscriptions.KindEvent {
		return in.note(subscriptions.Delivery{Seq: in.newest, Step: subscriptions.Step{At: e.Received, What: subscriptions.StepFiltered, Why: subscriptions.ReasonMapping}})
	}
	return nil
}

// mergeGap extends the feed's newest row where that is a gap as well.
func (in *ingest) mergeGap(e *subscriptions.Event) (merged bool, err error) {
	g, ok := subscriptions.ParseGap(*e)
	if !ok || in.newest == 0 {
		return false, nil
	}
	var last subscriptions.Event
	err = in.tx.newest.QueryRow(in.newest).Scan(&last.Kind, &last.Raw)
	if err == sql.ErrNoRows {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	whole, ok := subscriptions.ParseGap(last)
	if !ok {
		return false, nil
	}
	if g.From.Before(whole.From) {
		whole.From = g.From
	}
	if g.To.After(whole.To) {
		whole.To = g.To
	}
	row := whole.Event("")
	if _, err := in.exec(in.extend, in.newest, micros(row.Received), row.Title, row.Body, row.Raw); err != nil {
		return false, err
	}
	if _, err := in.exec(in.moveTime, in.newest, micros(row.Received)); err != nil {
		return false, err
	}
	in.last = row.Received
	if e.Heard {
		in.gap = row.Received
	}
	in.changed = true
	return true, nil
}

// dedupeKey is e's key as it is stored: text, or the first 16 bytes of its
// SHA-256 where it is long; nil when e has none. A gap is the same gap when
// it tells the same.
func dedupeKey(e *subscriptions.Event) any {
	key := e.DedupeKey
	switch {
	case key == "" && e.Kind == subscriptions.KindGap:
		key = "\x00gap\x00" + e.Raw
	case key == "":
		return nil
	}
	if len(key) <= maxPlainKey {
		return key
	}
	sum := sha256.Sum256([]byte(key))
	return sum[:16]
}
