package window

import (
	"context"
	"sync"
	"time"

	"bellwire/internal/control"
)

// maxPending is how many new rows wait for the next redraw; of more, only
// the newest are kept.
const maxPending = pageSize

// An inbox collects what the stream tells between two redraws, so that a
// storm costs the window no more than a breeze.
type inbox struct {
	mu    sync.Mutex
	mail  mail
	ready chan struct{} // holds one token while there is mail
}

type mail struct {
	rows   []row          // oldest first, at most maxPending
	missed map[string]int // how many more there were, by their feed
	feeds  bool           // feeds have changed
	show   bool           // the window is asked to the front
	what   control.Show
}

func newInbox() *inbox { return &inbox{ready: make(chan struct{}, 1)} }

func (b *inbox) put(u control.Update) {
	b.mu.Lock()
	switch u.Kind {
	case control.UpdateEvent:
		b.mail.rows = append(b.mail.rows, rowOf(u.Event))
		if n := len(b.mail.rows); n > 2*maxPending {
			if b.mail.missed == nil {
				b.mail.missed = map[string]int{}
			}
			for _, r := range b.mail.rows[:n-maxPending] {
				b.mail.missed[r.feed]++
			}
			b.mail.rows = append(b.mail.rows[:0], b.mail.rows[n-maxPending:]...)
		}
	case control.UpdateFeeds:
		b.mail.feeds = true
	case control.UpdateShow:
		b.mail.show, b.mail.what = true, u.Show
	}
	b.mu.Unlock()
	select {
	case b.ready <- struct{}{}:
	default:
	}
}

func (b *inbox) take() mail {
	b.mu.Lock()
	defer b.mu.Unlock()
	m := b.mail
	b.mail = mail{}
	return m
}

// follow keeps the live stream open until ctx ends.
func (u *ui) follow(ctx context.Context) {
	wait := retryMin
	for ctx.Err() == nil {
		err := u.followOnce(ctx, func() { wait = retryMin })
		if ctx.Err() != nil {
			return
		}
		u.main(func() { u.disconnected(err) })
		select {
		case <-ctx.Done():
		case <-u.hurry:
			wait = retryMin
		case <-time.After(wait):
		}
		wait = min(2*wait, retryMax)
	}
}

// followOnce reads one stream to its end.
func (u *ui) followOnce(ctx context.Context, well func()) error {
	call, cancel := context.WithTimeout(ctx, callTimeout)
	status, err := u.o.Client.Status(call)
	cancel()
	if err != nil {
		return err
	}
	well()
	u.main(func() { u.connected(status) })
	for update, err := range u.o.Client.Events(ctx, control.EventsOptions{After: status.LastSeq, Window: true}) {
		if err != nil {
			return err
		}
		u.inbox.put(update)
	}
	return ctx.Err()
}

// deliver brings mail to the widgets, at most ten times a second, and waits
// without waking while there is none.
func (u *ui) deliver(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-u.inbox.ready:
		}
		done := make(chan struct{})
		u.main(func() {
			defer close(done)
			u.receive(u.inbox.take())
		})
		// The next redraw waits for this one: a slow screen slows the mail,
		// it does not pile up.
		select {
		case <-ctx.Done():
			return
		case <-done:
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(flushEvery):
		}
	}
}
