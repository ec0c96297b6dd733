package supervisor

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"bellwire/subscriptions"
)

// A polled feed's cursor is its transport's own, also where the payload has
// one, and a failed question is no gap.
func TestPolledFeedKeepsTheTransportsCursor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := feed
		f.Transport = subscriptions.TransportPoll
		f.Resume = subscriptions.Resume{By: subscriptions.ResumeByQuery, Param: "since", Field: "id"}
		script := &script{}
		var inside []string
		run := func(ctx context.Context, tg subscriptions.Target, s subscriptions.Sink) error {
			s.Opened(true)
			m := subscriptions.Message{Data: "id 7", Cursor: `{"since":"7"}`}
			inside = append(inside, tg.PayloadCursor(m), tg.PayloadCursor(subscriptions.Message{Data: "none", Cursor: "x"}))
			if tg.Cursor == "" {
				_ = s.Message(ctx, m)
				return subscriptions.Failf(subscriptions.Transient, subscriptions.CodeServer, "500")
			}
			<-ctx.Done()
			return ctx.Err()
		}
		script.runs = append(script.runs, run)
		store := &memory{}
		f.Paused = true
		b := newBench(t, store, f)
		f.Paused = false
		b.opts.Transports[subscriptions.TransportPoll] = script
		b.Start(f)
		after(time.Minute)
		if st, _ := b.Status("f"); st.Cursor != `{"since":"7"}` || st.State != subscriptions.StateOpen {
			t.Errorf("status %+v", st)
		}
		if len(inside) != 4 || inside[0] != "7" || inside[1] != "" {
			t.Errorf("inside the payloads: %q", inside)
		}
		b.checkRows(t, "id 7")
	})
}
