package storage

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"sync"
	"time"

	"bellwire/subscriptions"
)

const (
	// maxLag is how many rows the search index may be behind: one
	// transaction for many rows costs a fraction of one for each. A search
	// catches up first.
	maxLag = 256
	// indexRows and indexBytes bound what one transaction indexes, so that
	// events that come meanwhile wait for a few milliseconds only.
	indexRows  = 256
	indexBytes = 128 << 10
	// A commit of stormRows and more is one of a storm. While there is one the
	// index rests: what it does would be done at the cost of the events, and
	// goes faster when it is over, calm after its last commit. But it never
	// gets further behind than maxBehind, which a search can wait for: then
	// events wait.
	stormRows = 64
	calm      = 100 * time.Millisecond
	maxBehind = 1 << 18
	// While people search, which is for searching after the last search, that is
	// a share of it only: a search waits for two to five seconds then, on a
	// machine that is busy.
	searching   = 5 * time.Minute
	searchShare = 8
	// catchUpLimit bounds how long a search waits for the index.
	catchUpLimit = 15 * time.Second
)

// An indexer keeps the search index near the newest row, off the path of
// events. It is woken by commits and by searches, never by a clock. When there
// is nothing else to do it merges parts that are full; where an older program's
// index was of another make it indexes those rows anew before, the newest
// first.
type indexer struct {
	db   *DB
	wake chan struct{} // capacity 1

	mu      sync.Mutex
	newest  int64     // the highest Seq committed
	through int64     // the highest Seq indexed
	since   int64     // rows up to it are not indexed yet; 0: all are
	old     bool      // an older program's index is to be removed
	merged  int64     // parts below it need not be merged
	wanted  int64     // the highest Seq that a search waits for
	asked   time.Time // when the last search began
	stormed time.Time // when the last large commit was
	most    int64     // rows that it may be behind: maxBehind
	err     error     // why the last attempt failed
	moved   changes
}

// newIndexer goes on where the index of conn's database stands.
func newIndexer(ctx context.Context, db *DB, conn *sql.Conn) (*indexer, error) {
	x := &indexer{db: db, wake: make(chan struct{}, 1), most: maxBehind}
	err := conn.QueryRowContext(ctx, "SELECT through, since, (SELECT coalesce(max(seq), 0) FROM events) FROM search_progress").Scan(&x.through, &x.since, &x.newest)
	if err == nil && x.through == 0 { // a new database
		_, err = conn.ExecContext(ctx, "DROP TABLE IF EXISTS search_old")
	}
	if err == nil {
		err = conn.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE name = 'search_old')").Scan(&x.old)
	}
	if err != nil {
		return nil, fmt.Errorf("reading the state of the search index: %w", err)
	}
	return x, nil
}

// follow tells of a commit of so many rows.
func (x *indexer) follow(seq, inserted int64) {
	x.mu.Lock()
	x.newest = max(x.newest, seq)
	due := x.due()
	if inserted >= stormRows {
		x.stormed = time.Now()
		due = true // if only to tell when it is over
	}
	x.mu.Unlock()
	if due {
		signal(x.wake)
	}
}

// committed is the highest Seq that was committed.
func (x *indexer) committed() int64 {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.newest
}

// due reports whether the newest rows are to be indexed, be it after a rest.
// x.mu is held.
func (x *indexer) due() bool {
	return x.wanted > x.through || x.newest-x.through >= maxLag
}

// urgent reports whether somebody waits for the index. x.mu is held.
func (x *indexer) urgent() bool {
	return x.wanted > x.through || x.newest-x.through >= x.limit()
}

// limit is how many rows the index may be behind. x.mu is held.
func (x *indexer) limit() int64 {
	if !x.asked.IsZero() && time.Since(x.asked) < searching {
		return x.most / searchShare
	}
	return x.most
}

// rest is how long the index lets a storm go first.
func (x *indexer) rest() time.Duration {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.urgent() || x.stormed.IsZero() {
		return 0
	}
	return calm - time.Since(x.stormed)
}

// admit waits while the index is too far behind to take more rows. An index
// that cannot follow at all keeps nobody waiting.
func (x *indexer) admit(ctx context.Context) {
	x.mu.Lock()
	defer x.mu.Unlock()
	for x.newest-x.through >= x.limit() && x.err == nil {
		if x.await(ctx) != nil {
			return
		}
	}
}

// An extent is what the index holds: the rows after since, up to newest.
type extent struct{ since, newest int64 }

// catchUp waits until the index holds every row committed by now, but for the
// oldest where they are still being indexed anew, unless they are all wanted.
func (x *indexer) catchUp(ctx context.Context, all bool) (extent, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, catchUpLimit, fmt.Errorf("it is still being built"))
	defer cancel()
	x.mu.Lock()
	defer x.mu.Unlock()
	target := x.newest
	x.wanted, x.asked = max(x.wanted, target), time.Now()
	x.err = nil
	for x.through < target || all && x.since > 0 {
		if err := x.await(ctx); err != nil {
			return extent{}, err
		}
	}
	return extent{x.since, target}, nil
}

// reach waits until the index holds rows before seq, or until ctx ends, and
// returns since when it does.
func (x *indexer) reach(ctx context.Context, seq int64) (since int64, err error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.err = nil
	for x.since > 0 && x.since >= seq-1 && err == nil {
		err = x.await(ctx)
	}
	return x.since, err
}

// await waits for the next step. x.mu is held, but not meanwhile.
func (x *indexer) await(ctx context.Context) error {
	if x.err != nil {
		return fmt.Errorf("bringing the search index up to date: %w", x.err)
	}
	moved := x.moved.next()
	x.mu.Unlock()
	defer x.mu.Lock()
	signal(x.wake)
	select {
	case <-moved:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("waiting for the search index: %w", context.Cause(ctx))
	case <-x.db.writer.closing:
		return ErrClosed
	}
}

// run indexes until ctx ends.
func (x *indexer) run(ctx context.Context) {
	failing := false
	for {
		if rest := x.rest(); rest > 0 {
			x.sleep(ctx, rest)
			if ctx.Err() != nil {
				return
			}
			continue
		}
		more, err := x.step(ctx)
		switch {
		case err == nil:
			failing = false
		case ctx.Err() == nil && !failing:
			x.db.log.Warn("the search index cannot follow", "err", err)
			failing = true
		}
		if more {
			continue
		}
		x.over(ctx)
		select {
		case <-x.wake:
		case <-ctx.Done():
			return
		}
	}
}

// over ends a storm, if there was one and the index has followed.
func (x *indexer) over(ctx context.Context) {
	x.mu.Lock()
	over := !x.stormed.IsZero() && x.err == nil
	if over {
		x.stormed = time.Time{}
	}
	x.mu.Unlock()
	if !over {
		return
	}
	err := x.db.writer.do(ctx, x.db.writer.background, (*tx).giveBack)
	if err != nil && ctx.Err() == nil {
		x.db.log.Debug("the page cache stays large", "err", err)
	}
}

// sleep waits for d, or until somebody wants the index.
func (x *indexer) sleep(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	for {
		select {
		case <-x.wake:
			x.mu.Lock()
			urgent := x.urgent()
			x.mu.Unlock()
			if urgent {
				return
			}
		case <-t.C:
			return
		case <-ctx.Done():
			return
		}
	}
}

// step indexes the next rows, if any are due, and tells those who wait how it
// went.
func (x *indexer) step(ctx context.Context) (more bool, err error) {
	x.mu.Lock()
	through, since, newest, urgent, due, old, merged := x.through, x.since, x.newest, x.urgent(), x.due(), x.old, x.merged
	x.mu.Unlock()
	switch {
	case due:
		through, err = x.follows(ctx, through, since, newest, urgent)
	case since > 0:
		since, err = x.anew(ctx, through, since)
	case old:
		old, err = x.db.dropOld(ctx)
	case through == newest && merged < through>>partBits:
		merged, err = x.merge(ctx, merged, through>>partBits)
	default:
		return false, nil
	}
	x.mu.Lock()
	x.through, x.since, x.old, x.merged, x.err = through, since, old, merged, err
	x.mu.Unlock()
	x.moved.announce()
	return err == nil, err
}

// follows indexes rows behind through and returns how far it came.
func (x *indexer) follows(ctx context.Context, through, since, newest int64, urgent bool) (int64, error) {
	docs, err := x.db.documents(ctx, "seq > ? ORDER BY seq", through)
	if err != nil {
		return through, err
	}
	reached := newest // all the rest is gone
	if len(docs) > 0 {
		reached = docs[len(docs)-1].seq
	}
	to := x.db.writer.background
	if urgent {
		to = x.db.writer.requests
	}
	if err := x.index(ctx, to, docs, reached, since); err != nil {
		return through, err
	}
	return reached, nil
}

// anew indexes rows up to since and returns which are left.
func (x *indexer) anew(ctx context.Context, through, since int64) (int64, error) {
	docs, err := x.db.documents(ctx, "seq <= ? ORDER BY seq DESC", since)
	if err != nil {
		return since, err
	}
	left := int64(0)
	if len(docs) > 0 {
		left = docs[len(docs)-1].seq - 1
	}
	slices.Reverse(docs)
	if err := x.index(ctx, x.db.writer.background, docs, through, left); err != nil {
		return since, err
	}
	return left, nil
}

// merge makes one segment of those of the first part from the given one up to
// last, which new rows come to, a little at a time, and returns from where to
// go on. A look at a part is a look at each of its segments. There is time for
// that when the index holds every row, as after a search: while events come
// quickly it is behind.
func (x *indexer) merge(ctx context.Context, from, last int64) (next int64, err error) {
	parts, err := x.db.integers(ctx, "SELECT num FROM search_parts WHERE num >= ? AND num < ? ORDER BY num LIMIT 1", from, last)
	if err != nil || len(parts) == 0 {
		return last, err
	}
	done := false
	err = x.db.writer.do(ctx, x.db.writer.background, func(t *tx) (err error) {
		done, err = t.mergeSome(parts[0], -mergePages)
		return err
	})
	if err != nil || !done {
		return parts[0], err
	}
	return parts[0] + 1, nil
}

func (x *indexer) index(ctx context.Context, to chan<- *request, docs []document, through, since int64) error {
	return x.db.writer.do(ctx, to, func(t *tx) error {
		if err := t.indexAll(docs); err != nil {
			return err
		}
		_, err := t.exec(t.setIndexed, through, since)
		return err
	})
}

// A document is what a row is found by.
type document struct {
	seq          int64
	text, facets string
}

// documents are the next rows to index, in the given order.
func (db *DB) documents(ctx context.Context, which string, from int64) ([]document, error) {
	rows, err := db.readers.QueryContext(ctx, "SELECT seq, feed, kind, priority, link, image, title, body, tags, raw FROM events WHERE "+which+" LIMIT ?", from, indexRows)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var docs []document
	for size := 0; size < indexBytes && rows.Next(); {
		var seq, feed int64
		var tags string
		var e subscriptions.Event
		if err := rows.Scan(&seq, &feed, &e.Kind, &e.Priority, &e.Link, &e.Image, &e.Title, &e.Body, &tags, &e.Raw); err != nil {
			return nil, err
		}
		d := document{seq, indexText(&e, tags), facets(&e, feed)}
		size += len(d.text)
		docs = append(docs, d)
	}
	return docs, rows.Err()
}

// signal wakes whoever waits on ch, or is about to.
func signal(ch chan<- struct{}) {
	select {
	case ch <- struct{}{}:
	default:
	}
}
