package notify

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
)

// A relay hands clicks and endings on, one at a time, from a goroutine of its
// own: who reports them may be a thread of the system and must not wait.
type relay struct {
	o      Options
	log    *slog.Logger
	queue  chan func()
	lost   atomic.Int64 // found no room
	cancel context.CancelFunc
	done   sync.WaitGroup
}

func newRelay(o Options) *relay {
	r := &relay{o: o, log: o.logger(), queue: make(chan func(), maxClicks)}
	ctx, cancel := context.WithCancel(context.Background())
	r.cancel = cancel
	r.done.Go(func() {
		for {
			select {
			case tell := <-r.queue:
				tell()
				if n := r.lost.Swap(0); n > 0 {
					r.log.Warn("clicks were lost while one was being handled", "clicks", n)
				}
			case <-ctx.Done():
				return
			}
		}
	})
	return r
}

func (r *relay) clicked(a Activation) {
	if r.o.OnActivate != nil {
		r.put(func() { r.o.OnActivate(a) })
	}
}

func (r *relay) ended(e Ending) {
	if r.o.OnEnd != nil {
		r.put(func() { r.o.OnEnd(e) })
	}
}

func (r *relay) put(tell func()) {
	select {
	case r.queue <- tell:
	default:
		r.lost.Add(1)
	}
}

// close waits for a running callback.
func (r *relay) close() {
	r.cancel()
	r.done.Wait()
}
