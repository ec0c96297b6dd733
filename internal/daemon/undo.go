package daemon

import (
	"context"
	"crypto/rand"
	"net/http"
	"slices"
	"sync"
	"time"

	"bellwire/internal/control"
)

const (
	// undoLife is for how long a mark can be taken back.
	undoLife = 5 * time.Minute
	// maxUndo is how many rows all that can be taken back have together, and
	// maxUndos how many marks that are.
	maxUndo, maxUndos = 1_000_000, 1000
)

// undos remembers what marks have changed. The zero value is empty.
type undos struct {
	mu   sync.Mutex
	all  []undo // oldest first
	rows int
	late *time.Timer // forgets the oldest
}

// An undo is one mark.
type undo struct {
	name string
	read bool // what the rows were marked
	seqs []int64
	made time.Time
}

// marking collects what a mark changes, no more than can be remembered.
type marking struct {
	seqs []int64
	many bool
}

func (m *marking) changed(seqs []int64) {
	if m.many = m.many || len(m.seqs)+len(seqs) > maxUndo; m.many {
		m.seqs = nil
		return
	}
	m.seqs = append(m.seqs, seqs...)
}

// add remembers a mark and names it; "" where it changed nothing, or too much.
func (u *undos) add(read bool, m marking) string {
	if len(m.seqs) == 0 {
		return ""
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	for len(u.all) > 0 && (u.rows+len(m.seqs) > maxUndo || len(u.all) >= maxUndos) {
		u.drop(0)
	}
	name := rand.Text()
	u.all = append(u.all, undo{name, read, m.seqs, time.Now()})
	u.rows += len(m.seqs)
	u.wind()
	return name
}

// take is the mark of a name, which is then forgotten.
func (u *undos) take(name string) (undo, bool) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.expire()
	for i, one := range u.all {
		if one.name == name {
			u.drop(i)
			return one, true
		}
	}
	return undo{}, false
}

// restore remembers a mark that was taken, for as long as it would have been.
func (u *undos) restore(one undo) {
	u.mu.Lock()
	defer u.mu.Unlock()
	i, _ := slices.BinarySearchFunc(u.all, one, func(a, b undo) int { return a.made.Compare(b.made) })
	u.all = slices.Insert(u.all, i, one)
	u.rows += len(one.seqs)
	u.expire()
	u.wind()
}

func (u *undos) drop(i int) {
	u.rows -= len(u.all[i].seqs)
	u.all = append(u.all[:i:i], u.all[i+1:]...)
}

func (u *undos) expire() {
	for len(u.all) > 0 && time.Since(u.all[0].made) >= undoLife {
		u.drop(0)
	}
}

// wind makes the timer forget the oldest in time; there is none while nothing
// can be taken back.
func (u *undos) wind() {
	if u.late != nil || len(u.all) == 0 {
		return
	}
	u.late = time.AfterFunc(undoLife-time.Since(u.all[0].made), func() {
		u.mu.Lock()
		defer u.mu.Unlock()
		u.late = nil
		u.expire()
		u.wind()
	})
}

// clear forgets everything.
func (u *undos) clear() {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.all, u.rows = nil, 0
	if u.late != nil {
		u.late.Stop()
		u.late = nil
	}
}

// MarkRead implements [control.History].
func (a *App) MarkRead(ctx context.Context, m control.MarkRead) (control.Marked, error) {
	var err error
	var done marking
	if len(m.Seqs) > 0 {
		err = a.db.Mark(ctx, !m.Unread, m.Seqs, done.changed)
	} else {
		err = a.db.MarkThrough(ctx, !m.Unread, m.Feed, m.Through, done.changed)
	}
	if err != nil {
		return control.Marked{}, err
	}
	return control.Marked{Undo: a.undos.add(!m.Unread, done)}, nil
}

// UndoRead implements [control.Desk].
func (a *App) UndoRead(ctx context.Context, name string) error {
	u, ok := a.undos.take(name)
	if !ok {
		return control.Refuse(http.StatusNotFound, "What was marked can be taken back for five minutes, and once.", "that cannot be taken back any more")
	}
	if err := a.db.Mark(ctx, !u.read, u.seqs, nil); err != nil {
		a.undos.restore(u) // marking twice does no harm
		return err
	}
	return nil
}
