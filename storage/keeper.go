package storage

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"math"
	"sync"
	"time"

	"bellwire/subscriptions"
)

const (
	// keepAtLeast and keepAtMost bound the time between two looks for rows that
	// are too old, while there are any that can become so. A timer stands still
	// while the machine sleeps, hence the most.
	keepAtLeast, keepAtMost = time.Hour, 24 * time.Hour
	// keepPace is the least time between two looks for rows that are too many.
	keepPace = time.Second
	// keepSlack is how much of a feed's limit, as a divisor, may come before it
	// is looked at again, and maxSlack how many rows that are at the most.
	keepSlack, maxSlack = 100, 1000
	// keepRetry is when a look that failed is repeated.
	keepRetry = time.Minute
	// tidyRows is after how many deletions the file is made smaller: the pages
	// of fewer are soon used again.
	tidyRows = 20_000
	// summaryRest is how long a summary that no row refers to any more is left
	// alone: what is shown now may still go on with it.
	summaryRest = 7 * 24 * time.Hour
)

// A keeper deletes rows that are older, or more, than people want to keep, a
// little at a time and after everything else that waits. It is woken by
// commits that may have made a feed too large, and by one timer, for the row
// that becomes too old first; without rows it has none.
type keeper struct {
	db   *DB
	wake chan struct{} // capacity 1

	mu      sync.Mutex
	told    bool // whether keep holds
	keep    subscriptions.Keep
	room    int64              // how many rows may come before a look
	dirty   map[int64]struct{} // feeds that have lost rows since their keys were counted
	deleted int64              // rows, since the file was made smaller

	clock clock // run's own
}

func newKeeper(db *DB) *keeper {
	began := time.Now()
	k := &keeper{db: db, wake: make(chan struct{}, 1), dirty: map[int64]struct{}{}}
	k.clock.ran = func() time.Duration { return time.Since(began) }
	return k
}

// SetKeep says how much history is kept of feeds that do not say it
// themselves, and of Bellwire's own notices. Before the first call nothing is
// deleted.
func (db *DB) SetKeep(k subscriptions.Keep) {
	kp := db.keeper
	kp.mu.Lock()
	kp.told, kp.keep = true, k
	kp.mu.Unlock()
	signal(kp.wake)
}

// follow tells of a commit.
func (k *keeper) follow(t *tx) {
	k.mu.Lock()
	k.room -= t.inserted
	for feed, n := range t.deleted {
		k.dirty[feed] = struct{}{}
		k.deleted += n
	}
	due := k.told && (k.room < 0 || t.redefined) || k.deleted >= tidyRows
	k.mu.Unlock()
	if due {
		signal(k.wake)
	}
}

// run works until ctx ends.
func (k *keeper) run(ctx context.Context) {
	timer := time.NewTimer(0)
	timer.Stop()
	defer timer.Stop()
	for {
		select {
		case <-k.wake:
		case <-timer.C:
		case <-ctx.Done():
			return
		}
		timer.Stop()
		next, err := k.look(ctx, time.Now())
		if ctx.Err() != nil {
			return
		}
		if err != nil {
			k.db.log.Warn("old events are deleted later", "err", err)
			next = keepRetry
		}
		if next > 0 {
			timer.Reset(next)
		}
		if !pause(ctx, keepPace) {
			return
		}
	}
}

// pause waits; false when ctx ends before.
func pause(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// A kept feed is one and what is kept of it.
type kept struct {
	num, events int64
	keep        subscriptions.Keep
}

// look deletes what is not kept, and tells after which time to look again; 0:
// when rows come.
func (k *keeper) look(ctx context.Context, now time.Time) (next time.Duration, err error) {
	k.mu.Lock()
	told, keep := k.told, k.keep
	k.room = math.MaxInt64 // rows that come from here on count
	k.mu.Unlock()
	room, timed := int64(math.MaxInt64), false
	if told {
		feeds, err := k.feeds(ctx, keep)
		if err != nil {
			return 0, err
		}
		var proof time.Duration
		if now, proof, err = k.believe(ctx, now); err != nil {
			return 0, err
		}
		next, timed = cmp.Or(proof, time.Duration(math.MaxInt64)), false
		for _, f := range feeds {
			if err := k.expire(ctx, f, now); err != nil {
				return 0, err
			}
			if limit := limitOf(f.keep); limit > 0 {
				room = min(room, max(limit-f.events, 0)+min(limit/keepSlack, maxSlack))
			}
			oldest, err := k.oldest(ctx, f)
			if err != nil {
				return 0, err
			}
			if age := ageOf(f.keep); age > 0 {
				timed = true
				switch {
				case oldest.Valid && oldest.Int64 < plausible:
					next = min(next, keepAtMost)
				case oldest.Valid:
					next = min(next, toTime(oldest).Add(age).Sub(now))
				}
			}
		}
		if err := k.forgetSummaries(ctx, now.Add(-summaryRest)); err != nil {
			return 0, err
		}
	}
	if err := k.clean(ctx); err != nil {
		return 0, err
	}
	switch {
	case !timed:
		next = 0
	case next == math.MaxInt64:
		next, room = 0, 0 // the first row starts the timer
	default:
		next = min(max(next, keepAtLeast), keepAtMost)
	}
	k.setRoom(room)
	return next, nil
}

// setRoom says how many rows may come, of which some have come already.
func (k *keeper) setRoom(room int64) {
	k.mu.Lock()
	came := math.MaxInt64 - k.room
	k.room = room
	if room < math.MaxInt64 {
		k.room -= came
	}
	due := k.told && k.room < 0
	k.mu.Unlock()
	if due {
		signal(k.wake)
	}
}

// limitOf is how many rows are kept; 0: all.
func limitOf(k subscriptions.Keep) int64 {
	switch k.Events {
	case 0:
		return subscriptions.DefaultKeepEvents
	case subscriptions.KeepAll:
		return 0
	}
	return int64(k.Events)
}

// ageOf is for how long rows are kept; 0: for ever.
func ageOf(k subscriptions.Keep) time.Duration {
	days := k.Days
	switch days {
	case 0:
		days = subscriptions.DefaultKeepDays
	case subscriptions.KeepAll:
		return 0
	}
	return time.Duration(days) * 24 * time.Hour
}

// feeds are all there are, with what is kept of them. One whose definition
// cannot be read keeps everything.
func (k *keeper) feeds(ctx context.Context, everybody subscriptions.Keep) ([]kept, error) {
	rows, err := k.db.readers.QueryContext(ctx, "SELECT num, definition, events FROM feeds JOIN progress ON feed = num WHERE id IS NOT NULL")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []kept
	for rows.Next() {
		f := kept{}
		var definition []byte
		if err := rows.Scan(&f.num, &definition, &f.events); err != nil {
			return nil, err
		}
		var d struct {
			Keep subscriptions.Keep `json:"keep"`
		}
		if json.Unmarshal(definition, &d) != nil || d.Keep.Validate() != nil {
			continue
		}
		f.keep = d.Keep.Or(everybody)
		out = append(out, f)
	}
	return out, rows.Err()
}

// oldest is when the oldest row of a feed was received; not valid: it has none.
func (k *keeper) oldest(ctx context.Context, f kept) (at sql.NullInt64, err error) {
	if f.events == 0 {
		return at, nil
	}
	err = k.db.readers.QueryRowContext(ctx, "SELECT (SELECT coalesce(received, 0) FROM events WHERE feed = ? ORDER BY seq LIMIT 1)", f.num).Scan(&at)
	return at, err
}

// expire deletes the rows of a feed that are too old, or too many. What
// somebody is still to be told of stays, and so does, unless it is too old,
// what is still to be forwarded.
func (k *keeper) expire(ctx context.Context, f kept, now time.Time) error {
	over := int64(0)
	if limit := limitOf(f.keep); limit > 0 {
		over = f.events - limit
	}
	var cutoff int64
	if age := ageOf(f.keep); age > 0 {
		cutoff = now.Add(-age).UnixMicro()
	}
	if over <= 0 && cutoff == 0 {
		return nil
	}
	forwarded, err := k.forwarded(ctx, f.num)
	if err != nil {
		return err
	}
	var newest int64 // when the newest row so far was received
	for after, untrimmed := int64(0), 0; ; {
		rows, err := k.candidates(ctx, f.num, after)
		if err != nil || len(rows) == 0 {
			return err
		}
		var seqs []int64
		for _, r := range rows {
			// A row was not received before those that it follows, whatever a
			// clock said then.
			if r.received <= now.UnixMicro() {
				newest = max(newest, r.received)
			}
			switch at := max(r.received, newest); {
			case at >= plausible && at <= cutoff:
			case over > 0 && r.seq <= forwarded:
			default:
				continue
			}
			seqs = append(seqs, r.seq)
			over--
		}
		// Clocks have been wrong: a row alone tells nothing of those behind it,
		// a page of them does.
		if len(seqs) == 0 {
			return nil
		}
		if err := k.db.deleteChunks(ctx, k.db.writer.background, seqs, true); err != nil {
			return err
		}
		after = rows[len(rows)-1].seq
		if untrimmed += len(seqs); untrimmed >= tidyRows {
			untrimmed = 0
			if err := k.trimKeys(ctx, f.num); err != nil {
				return err
			}
		}
	}
}

// A candidate is a row that may have to go.
type candidate struct{ seq, received int64 }

// candidates are a feed's oldest rows behind the given Seq that nobody is to be
// told of.
func (k *keeper) candidates(ctx context.Context, feed, after int64) ([]candidate, error) {
	rows, err := k.db.readers.QueryContext(ctx, "SELECT seq, coalesce(received, 0) FROM events WHERE feed = ? AND seq > ? AND owed = 0 ORDER BY seq LIMIT ?", feed, after, deleteRows)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []candidate
	for rows.Next() {
		var c candidate
		if err := rows.Scan(&c.seq, &c.received); err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	return out, rows.Err()
}

// forwarded is up to which row everything of a feed is forwarded.
func (k *keeper) forwarded(ctx context.Context, feed int64) (through int64, err error) {
	err = k.db.readers.QueryRowContext(ctx, "SELECT coalesce(min(through), ?) FROM forwards WHERE feed = ?", int64(math.MaxInt64), feed).Scan(&through)
	return through, err
}
