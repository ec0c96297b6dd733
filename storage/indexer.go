package storage

import (
	"context"
	"database/sql"
	"fmt"
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
	// catchUpLimit bounds how long a search waits for the index.
	catchUpLimit = 15 * time.Second
)

// An indexer keeps the search index near the newest row, off the path of
// events. It is woken by commits and by searches, never by a clock.
type indexer struct {
	db   *DB
	wake chan struct{} // capacity 1

	mu      sync.Mutex
	newest  int64 // the highest Seq committed
	through int64 // the highest Seq indexed
	wanted  int64 // the highest Seq that a search waits for
	err     error // why the last attempt failed
	moved   changes
}

// newIndexer goes on where the index of conn's database stands.
func newIndexer(ctx context.Context, db *DB, conn *sql.Conn) (*indexer, error) {
	x := &indexer{db: db, wake: make(chan struct{}, 1)}
	err := conn.QueryRowContext(ctx, "SELECT through, (SELECT coalesce(max(seq), 0) FROM events) FROM search_progress").Scan(&x.through, &x.newest)
	if err != nil {
		return nil, fmt.Errorf("reading the state of the search index: %w", err)
	}
	return x, nil
}

// follow tells of a commit.
func (x *indexer) follow(seq int64) {
	x.mu.Lock()
	x.newest = max(x.newest, seq)
	due := x.due()
	x.mu.Unlock()
	if due {
		signal(x.wake)
	}
}

// due reports whether there is something to do now. x.mu is held.
func (x *indexer) due() bool {
	return x.wanted > x.through || x.newest-x.through >= maxLag
}

// catchUp waits until the index holds every row committed by now.
func (x *indexer) catchUp(ctx context.Context) error {
	ctx, cancel := context.WithTimeoutCause(ctx, catchUpLimit, fmt.Errorf("it is still being built"))
	defer cancel()
	x.mu.Lock()
	defer x.mu.Unlock()
	target := x.newest
	x.wanted = max(x.wanted, target)
	x.err = nil
	for x.through < target {
		if x.err != nil {
			return fmt.Errorf("bringing the search index up to date: %w", x.err)
		}
		moved := x.moved.next()
		x.mu.Unlock()
		signal(x.wake)
		err := x.wait(ctx, moved)
		x.mu.Lock()
		if err != nil {
			return err
		}
	}
	return nil
}

func (x *indexer) wait(ctx context.Context, moved <-chan struct{}) error {
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
		x.mu.Lock()
		due := x.due()
		x.mu.Unlock()
		if due {
			err := x.step(ctx)
			if err == nil {
				failing = false
				continue
			}
			if ctx.Err() == nil && !failing {
				x.db.log.Warn("the search index cannot follow", "err", err)
				failing = true
			}
		}
		select {
		case <-x.wake:
		case <-ctx.Done():
			return
		}
	}
}

// step indexes the next rows and tells those who wait how it went.
func (x *indexer) step(ctx context.Context) error {
	x.mu.Lock()
	through, newest, urgent := x.through, x.newest, x.wanted > x.through
	x.mu.Unlock()
	reached, err := x.index(ctx, through, newest, urgent)
	x.mu.Lock()
	x.through, x.err = reached, err
	x.mu.Unlock()
	x.moved.announce()
	return err
}

// index indexes rows behind through and returns how far it came.
func (x *indexer) index(ctx context.Context, through, newest int64, urgent bool) (int64, error) {
	docs, err := x.db.documents(ctx, through)
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
	err = x.db.writer.do(ctx, to, func(t *tx) error {
		for _, d := range docs {
			if err := t.indexOne(d); err != nil {
				return err
			}
		}
		_, err := t.exec(t.setIndexed, reached)
		return err
	})
	if err != nil {
		return through, err
	}
	return reached, nil
}

// indexOne adds a row to the index unless it was deleted meanwhile.
func (t *tx) indexOne(d document) error {
	var exists bool
	if err := t.exists.QueryRow(d.seq).Scan(&exists); err != nil || !exists {
		return err
	}
	_, err := t.exec(t.index, d.seq, d.text, d.feed)
	return err
}

// A document is what a row is found by.
type document struct {
	seq        int64
	text, feed string
}

// documents are the next rows to index, oldest first.
func (db *DB) documents(ctx context.Context, after int64) ([]document, error) {
	rows, err := db.readers.QueryContext(ctx, "SELECT seq, feed, kind, title, body, tags, raw FROM events WHERE seq > ? ORDER BY seq LIMIT ?", after, indexRows)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var docs []document
	for size := 0; size < indexBytes && rows.Next(); {
		var seq, feed int64
		var tags string
		var e subscriptions.Event
		if err := rows.Scan(&seq, &feed, &e.Kind, &e.Title, &e.Body, &tags, &e.Raw); err != nil {
			return nil, err
		}
		d := document{seq, indexText(&e, tags), feedToken(feed)}
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
