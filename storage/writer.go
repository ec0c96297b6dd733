package storage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"runtime"
)

// maxGroup is the most requests that share a commit.
const maxGroup = 128

// A writer is the one goroutine that changes the database. Requests that wait
// at the same time share a transaction, and so its one fsync; each still has
// its own result.
type writer struct {
	conn  *sql.Conn
	stmts statements
	// requests is taken from before background.
	requests, background chan *request
	closing              chan struct{}
	committed            func(*tx)
}

// A request is one change. apply may run twice (see [writer.alone]) and must
// turn down what it refuses before it writes anything.
type request struct {
	ctx   context.Context
	apply func(*tx) error
	err   error
	done  chan struct{}
}

// A tx is a transaction of the writer, for use by apply functions.
type tx struct {
	*statements
	// conn is the writer's, for statements that are not prepared.
	conn *sql.Conn
	// writes counts the rows changed, to tell whether a failed request left
	// something behind.
	writes int64
	// changed is set by whatever [DB.Changed] has to tell.
	changed bool
	// lastSeq is the newest row inserted, and inserted how many were.
	lastSeq, inserted int64
	// deleted is how many rows were deleted, by feed.
	deleted map[int64]int64
	// redefined is set where a feed may keep more or less than before.
	redefined bool
}

func newWriter(ctx context.Context, conn *sql.Conn, committed func(*tx)) (*writer, error) {
	w := &writer{
		conn:       conn,
		requests:   make(chan *request),
		background: make(chan *request),
		closing:    make(chan struct{}),
		committed:  committed,
	}
	var err error
	w.stmts, err = prepare(ctx, conn)
	return w, err
}

// do hands apply to the writer and waits for the commit. An error means that
// nothing of it was stored: where ctx ends before the writer has begun with
// the request, it is dropped; once begun it is waited for, which takes no
// longer than the disk does.
func (w *writer) do(ctx context.Context, to chan<- *request, apply func(*tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	r := &request{ctx: ctx, apply: apply, done: make(chan struct{})}
	select {
	case to <- r:
	case <-ctx.Done():
		return ctx.Err()
	case <-w.closing:
		return ErrClosed
	}
	<-r.done
	return failure(r.err)
}

// run serves requests until closing is closed. Every request taken is
// answered.
func (w *writer) run() {
	for {
		select {
		case r := <-w.requests:
			w.group(r)
			continue
		default:
		}
		select {
		case r := <-w.requests:
			w.group(r)
		case r := <-w.background:
			w.group(r)
		case <-w.closing:
			return
		}
	}
}

// group commits first and everything that waits by then. A request that
// fails after it has written, or a failing commit, takes the transaction with
// it; the others must not suffer, so each then gets a transaction of its own.
func (w *writer) group(first *request) {
	members := []*request{first}
	defer func() {
		for _, r := range members {
			close(r.done)
		}
	}()
	t := &tx{statements: &w.stmts, conn: w.conn}
	if first.err = w.exec(w.stmts.begin); first.err != nil {
		return
	}
	clean := w.member(t, first)
	for clean && len(members) < maxGroup {
		r := w.waiting(len(members) == 1)
		if r == nil {
			break
		}
		members = append(members, r)
		clean = w.member(t, r)
	}
	if clean {
		err := w.commit(t)
		if err == nil {
			return
		}
		if len(members) == 1 {
			if first.err == nil {
				first.err = err
			}
			return
		}
	} else {
		w.rollback()
		if len(members) == 1 {
			return
		}
	}
	for _, r := range members {
		w.alone(r)
	}
}

// waiting is the next request, or nil when there is none. Requesters that
// just got their answer deserve a moment to come back with the next one.
func (w *writer) waiting(patient bool) *request {
	select {
	case r := <-w.requests:
		return r
	default:
	}
	if patient {
		runtime.Gosched()
	}
	select {
	case r := <-w.requests:
		return r
	default:
		return nil
	}
}

// member applies r inside an open transaction and reports whether that can
// still be committed.
func (w *writer) member(t *tx, r *request) (clean bool) {
	if r.err = r.ctx.Err(); r.err != nil {
		return true
	}
	before := t.writes
	r.err = r.apply(t)
	return r.err == nil || refusal(r.err) && t.writes == before
}

// alone gives r a transaction of its own.
func (w *writer) alone(r *request) {
	t := &tx{statements: &w.stmts, conn: w.conn}
	if r.err = w.exec(w.stmts.begin); r.err != nil {
		return
	}
	if !w.member(t, r) {
		w.rollback()
		return
	}
	if err := w.commit(t); err != nil && r.err == nil {
		r.err = err
	}
}

// commit ends the transaction; a failing one is rolled back.
func (w *writer) commit(t *tx) error {
	if err := w.exec(w.stmts.commit); err != nil {
		w.rollback()
		return fmt.Errorf("committing: %w", err)
	}
	if t.inserted >= stormRows {
		w.grow()
	}
	w.committed(t)
	return nil
}

// grow gives the writer the page cache of a storm. Without it everything is
// slower and nothing else.
func (w *writer) grow() {
	if w.stmts.grown {
		return
	}
	_, err := w.conn.ExecContext(context.Background(), fmt.Sprintf("PRAGMA cache_size = -%d", stormCache))
	w.stmts.grown = err == nil
}

// giveBack makes the writer's page cache what it was before a storm, and gives
// its memory back.
func (t *tx) giveBack() error {
	if !t.grown {
		return nil
	}
	_, err := t.conn.ExecContext(context.Background(), fmt.Sprintf("PRAGMA cache_size = -%d; PRAGMA shrink_memory", writerCache))
	t.grown = err != nil
	return err
}

// rollback ends the transaction, if SQLite has not done so by itself as it
// does on some errors (https://sqlite.org/lang_transaction.html).
func (w *writer) rollback() { _ = w.exec(w.stmts.rollback) }

func (w *writer) exec(s *sql.Stmt) error {
	_, err := s.Exec()
	return err
}

func (w *writer) close() error {
	return errors.Join(w.stmts.close(), w.conn.Close())
}

// exec runs a statement that writes and returns the number of rows changed.
func (t *tx) exec(s *sql.Stmt, args ...any) (int64, error) {
	res, err := s.Exec(args...)
	if err != nil {
		return 0, err
	}
	n, err := res.RowsAffected()
	t.writes += n
	return n, err
}
