package notify

import (
	"context"
	"sync"
)

// A relay is reports with a goroutine of their own: who makes them may be a
// thread of the system.
type relay struct {
	*reports
	cancel context.CancelFunc
	done   sync.WaitGroup
}

func newRelay(o Options) *relay {
	r := &relay{reports: newReports(o)}
	ctx, cancel := context.WithCancel(context.Background())
	r.cancel = cancel
	r.done.Go(func() { r.run(ctx) })
	return r
}

func (r *relay) clicked(a Activation) { r.put(report{activation: a}) }

func (r *relay) ended(e Ending) { r.put(report{ending: e}) }

// close waits for a running callback.
func (r *relay) close() {
	r.cancel()
	r.done.Wait()
}
