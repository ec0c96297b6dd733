package notify

import (
	"context"
	"sync/atomic"
)

// maxReports bounds the clicks and endings that wait to be handled.
const maxReports = 256

// A report is a click or, with a reason, an ending.
type report struct {
	activation Activation
	ending     Ending
}

// reports carries what the desktop says from the connection's reader, which
// must not wait, to the application, one at a time and in order.
type reports struct {
	o    Options
	due  chan report
	lost atomic.Int64 // found no room
}

func newReports(o Options) *reports {
	return &reports{o: o, due: make(chan report, maxReports)}
}

// put never waits, not even for the log. Endings leave half of the room to
// clicks: a person waits for those.
func (q *reports) put(r report) {
	ended := r.ending.Why != ""
	if ended && q.o.OnEnd == nil || !ended && q.o.OnActivate == nil {
		return
	}
	if ended && len(q.due) >= maxReports/2 {
		q.lost.Add(1)
		return
	}
	select {
	case q.due <- r:
	default:
		q.lost.Add(1)
	}
}

// run hands on until ctx ends.
func (q *reports) run(ctx context.Context) {
	for {
		select {
		case r := <-q.due:
			if r.ending.Why != "" {
				q.o.OnEnd(r.ending)
			} else {
				q.o.OnActivate(r.activation)
			}
			if n := q.lost.Swap(0); n > 0 {
				q.o.logger().Warn("clicks or endings were lost while one was being handled", "lost", n)
			}
		case <-ctx.Done():
			return
		}
	}
}
