package notify

import (
	"context"
	"fmt"
	"testing"
)

// Clicks and endings come in order, and endings leave room for clicks.
func TestReports(t *testing.T) {
	var got []string
	ctx, cancel := context.WithCancel(t.Context())
	q := newReports(Options{
		OnActivate: func(a Activation) { got = append(got, fmt.Sprint("click ", a.Seq)); cancel() },
		OnEnd:      func(e Ending) { got = append(got, fmt.Sprint("end ", e.Seq)) },
	})
	for i := range int64(10 * maxReports) {
		q.put(report{ending: Ending{Seq: i, Why: EndExpired}})
	}
	q.put(report{activation: Activation{Seq: 7}})
	if lost := q.lost.Load(); lost != 10*maxReports-maxReports/2 {
		t.Errorf("%d lost", lost)
	}
	q.run(ctx)
	if n := len(got); n != maxReports/2+1 || got[0] != "end 0" || got[n-1] != "click 7" {
		t.Errorf("%d handled: %v", n, got)
	}
	if q.lost.Load() != 0 {
		t.Error("nobody was told what was lost")
	}
	q = newReports(Options{OnActivate: func(Activation) {}})
	q.put(report{ending: Ending{Seq: 1, Why: EndExpired}})
	if len(q.due) != 0 {
		t.Error("an ending that nobody wants is kept")
	}
}
