package window

import (
	"context"
	"sync"

	"bellwire/internal/control"
)

// A watching is a preview under way.
type watching struct {
	mu    sync.Mutex
	seen  []control.Glimpse
	told  bool // the main goroutine has been asked to look
	ended bool
	err   error
}

// maxUnseen is how many glimpses wait for the main goroutine; the oldest
// payloads among more are dropped.
const maxUnseen = 4 * maxSamples

// watch follows what n asks for and hands what it sees to saw, on the main
// goroutine, until stop is called; ended is told of its end.
func (u *ui) watch(n control.NewFeed, saw func([]control.Glimpse), ended func(error)) (stop func()) {
	ctx, cancel := context.WithCancel(u.ctx)
	w := &watching{}
	stopped := false // of the main goroutine
	look := func() {
		seen, done, err := w.take()
		if stopped {
			return
		}
		if len(seen) > 0 {
			saw(seen)
		}
		if done && !stopped {
			stopped = true
			ended(err)
		}
	}
	u.tasks.Go(func() {
		defer cancel()
		var last error
		for g, err := range u.o.Client.Preview(ctx, n) {
			if err != nil {
				last = err
				break
			}
			if w.put(g) {
				u.main(look)
			}
		}
		if ctx.Err() == nil && w.end(last) {
			u.main(look)
		}
	})
	return func() {
		stopped = true
		cancel()
	}
}

// put keeps g, and reports whether somebody has to be told.
func (w *watching) put(g control.Glimpse) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.seen = append(w.seen, g)
	if len(w.seen) > maxUnseen {
		for at, old := range w.seen {
			if old.Payload != nil {
				old.Payload, old.Outcome = nil, nil
				if old == (control.Glimpse{}) {
					w.seen = append(w.seen[:at], w.seen[at+1:]...)
				} else {
					w.seen[at] = old
				}
				break
			}
		}
	}
	tell := !w.told
	w.told = true
	return tell
}

func (w *watching) end(err error) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.ended, w.err = true, err
	tell := !w.told
	w.told = true
	return tell
}

func (w *watching) take() (seen []control.Glimpse, ended bool, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	seen, w.seen, w.told = w.seen, nil, false
	return seen, w.ended, w.err
}
