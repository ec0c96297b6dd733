package window

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"
	"sync"
	"time"

	"bellwire/internal/control"
	"bellwire/subscriptions"
)

// fake is a daemon in memory.
type fake struct {
	mu      sync.Mutex
	events  []subscriptions.Event // oldest first
	status  control.Status
	down    bool
	failure error // of every call that changes something, and of History
	queries []control.Query
	calls   []string
	// deliveries are by Seq, summaries by number; told is what each told.
	deliveries map[int64]control.Delivery
	summaries  map[int64]subscriptions.Summary
	told       map[int64][]int64
	added      control.NewFeed
	desk       desk
	arranges   bool // Arrange changes what Status tells
	updates    chan control.Update
	cut        chan struct{} // ends the stream
}

func newFake() *fake {
	return &fake{desk: desk{looked: make(chan control.NewFeed, 64)}, updates: make(chan control.Update), cut: make(chan struct{})}
}

// with runs f while nobody else looks.
func (f *fake) with(do func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	do()
}

func (f *fake) called(format string, args ...any) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls = append(f.calls, fmt.Sprintf(format, args...))
	return f.failure
}

// has reports whether a call was made.
func (f *fake) has(call string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Contains(f.calls, call)
}

// fill makes n events, a minute apart and the last at the given time.
func (f *fake) fill(n int, last time.Time) {
	f.with(func() {
		for i := range n {
			f.events = append(f.events, subscriptions.Event{
				Seq: int64(len(f.events) + 1), Feed: "ci", Kind: subscriptions.KindEvent, Read: true,
				Title: fmt.Sprint("Event ", i+1), Body: "body", Priority: 3, Received: last.Add(time.Duration(i-n) * time.Minute),
			})
		}
		f.status.Events = int64(len(f.events))
		f.status.LastSeq = int64(len(f.events))
	})
}

func (f *fake) Status(context.Context) (control.Status, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.down {
		return control.Status{}, control.ErrNoDaemon
	}
	return f.status, nil
}

func (f *fake) AddFeed(_ context.Context, n control.NewFeed) (control.Feed, error) {
	f.with(func() { f.added = n })
	if err := f.called("add %s", n.URL); err != nil {
		return control.Feed{}, err
	}
	return control.Feed{ID: "new", Name: n.Name, Status: subscriptions.Status{State: subscriptions.StateConnecting}}, nil
}

func (f *fake) RemoveFeed(_ context.Context, id string) error {
	err := f.called("remove %s", id)
	f.with(func() {
		f.status.Feeds = slices.DeleteFunc(slices.Clone(f.status.Feeds), func(g control.Feed) bool { return g.ID == id })
	})
	return err
}

func (f *fake) PauseFeed(_ context.Context, id string) (control.Feed, error) {
	return control.Feed{ID: id, Name: id, Status: subscriptions.Status{State: subscriptions.StatePaused}}, f.called("pause %s", id)
}

func (f *fake) ResumeFeed(_ context.Context, id string) (control.Feed, error) {
	return control.Feed{ID: id, Name: id, Status: subscriptions.Status{State: subscriptions.StateConnecting}}, f.called("resume %s", id)
}

func (f *fake) History(_ context.Context, q control.Query) ([]subscriptions.Event, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.queries = append(f.queries, q)
	if f.failure != nil {
		return nil, f.failure
	}
	events := slices.Clone(f.events)
	if !q.OldestFirst {
		slices.Reverse(events)
	}
	var page []subscriptions.Event
	for _, e := range events {
		switch {
		case q.Before > 0 && e.Seq >= q.Before, e.Seq <= q.After, q.Unread && e.Read,
			q.Feed != "" && q.Feed != e.Feed, q.Summary != 0 && !slices.Contains(f.told[q.Summary], e.Seq), !strings.Contains(e.Title+e.Body, q.Text):
		case len(page) < q.Limit:
			page = append(page, e)
		}
	}
	return page, nil
}

func (f *fake) Event(_ context.Context, seq int64) (subscriptions.Event, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, e := range f.events {
		if e.Seq == seq {
			return e, nil
		}
	}
	return subscriptions.Event{}, &control.Error{Status: 404, Message: fmt.Sprint("there is no event ", seq), Hint: "It may have been deleted."}
}

func (f *fake) Delivery(_ context.Context, seq int64) (control.Delivery, error) {
	err := f.called("delivery %d", seq)
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.deliveries[seq], err
}

func (f *fake) Summary(_ context.Context, id int64) (subscriptions.Summary, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	s, ok := f.summaries[id]
	if !ok {
		return s, &control.Error{Status: 404, Message: fmt.Sprint("there is no summary ", id)}
	}
	return s, nil
}

func (f *fake) MuteFeed(_ context.Context, id string, until time.Time) (control.Feed, error) {
	err := f.called("mute %s %s", id, until.Format(time.DateTime))
	return control.Feed{ID: id, Name: id, MutedUntil: until, Status: subscriptions.Status{State: subscriptions.StateOpen}}, err
}

func (f *fake) MarkRead(_ context.Context, m control.MarkRead) (control.Marked, error) {
	return control.Marked{Undo: "undo"}, f.called("mark %v %q %d %v", m.Seqs, m.Feed, m.Through, m.Unread)
}

func (f *fake) Act(_ context.Context, seq int64, n int) error {
	return f.called("act %d %d", seq, n)
}

func (f *fake) PauseNotifications(_ context.Context, until time.Time) error {
	return f.called("pause until %s", until.Format(time.DateTime))
}

func (f *fake) Events(ctx context.Context, o control.EventsOptions) iter.Seq2[control.Update, error] {
	return func(yield func(control.Update, error) bool) {
		if !o.Window {
			yield(control.Update{}, errors.New("not marked as a window"))
			return
		}
		for {
			select {
			case <-ctx.Done():
				yield(control.Update{}, ctx.Err())
				return
			case <-f.cut:
				yield(control.Update{}, io.ErrUnexpectedEOF)
				return
			case u := <-f.updates:
				if !yield(u, nil) {
					return
				}
			}
		}
	}
}
