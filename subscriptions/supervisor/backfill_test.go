package supervisor

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"bellwire/subscriptions"
)

// The position of what was fetched is its own; the way to it is given to the
// transport, which may have to look elsewhere than in a payload.
func TestBackfilledMessagesMoveThePosition(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := feed
		f.Resume = subscriptions.Resume{By: subscriptions.ResumeByBackfill, Field: "id", Backfill: subscriptions.Backfill{URL: "old", ID: "key"}}
		b := newBench(t, &memory{}, f, func(ctx context.Context, tg subscriptions.Target, s subscriptions.Sink) error {
			if got := tg.PayloadCursor(subscriptions.Message{Data: "key 4"}) + tg.PayloadCursor(subscriptions.Message{Data: "id 4"}); got != "4" {
				t.Errorf("an item's position is %q", got)
			}
			if tg.URL != f.URL || len(tg.Header) > 0 {
				t.Errorf("the stream is told where to go on: %s, %v", tg.URL, tg.Header)
			}
			s.Opened(true)
			_ = s.Message(ctx, subscriptions.Message{Cursor: "4", CursorOnly: true, Backfilled: true})
			<-ctx.Done()
			return ctx.Err()
		})
		after(time.Second)
		if st, _ := b.Status("f"); st.Cursor != "4" {
			t.Errorf("cursor %q, want 4", st.Cursor)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		f := feed
		f.Resume = subscriptions.Resume{By: subscriptions.ResumeByBackfill, Field: "id", Backfill: subscriptions.Backfill{URL: "old"}}
		fetched := msg("5", "id 1")
		fetched.Backfilled = true
		b := newBench(t, &memory{pos: subscriptions.Position{Cursor: "4", Seen: time.Now()}}, f, stay(fetched))
		after(time.Second)
		if st, _ := b.Status("f"); st.Cursor != "5" {
			t.Errorf("cursor %q, want 5", st.Cursor)
		}
		b.checkRows(t, "id 1")
	})
}
