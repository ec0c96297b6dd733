package supervisor

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"bellwire/subscriptions"
)

func TestGivesUpAfterMaxAttempts(t *testing.T) {
	f := feed
	f.MaxAttempts = 3
	down := refuse(subscriptions.Transient, subscriptions.CodeUnreachable, 0)
	t.Run("and begins anew for a person", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			b := newBench(t, &memory{}, f, down)
			after(time.Minute)
			b.Kick()
			after(48 * time.Hour)
			b.Resume("f")
			after(time.Hour)
			b.Reconnect("f")
			after(time.Second)
			b.Pause("f")
			after(time.Second)
			b.Resume("f")
			after(0)
			b.check(t, `
				0s connecting
				0s waiting unreachable
				500ms connecting
				500ms waiting unreachable
				1.5s connecting
				1.5s blocked gave-up
				48h1m0s connecting
				48h1m0s waiting unreachable
				48h1m0.5s connecting
				48h1m0.5s waiting unreachable
				48h1m1.5s connecting
				48h1m1.5s blocked gave-up
				49h1m0s connecting
				49h1m0s waiting unreachable
				49h1m0.5s connecting
				49h1m0.5s waiting unreachable
				49h1m1s paused
				49h1m2s connecting
				49h1m2s waiting unreachable`)
			if st, _ := b.Status("f"); st.Attempts != 1 {
				t.Errorf("%d attempts after beginning anew", st.Attempts)
			}
		})
	})
	t.Run("and says so", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			b := newBench(t, &memory{}, f, down)
			after(time.Hour)
			st, _ := b.Status("f")
			if st.State != subscriptions.StateBlocked || !st.Next.IsZero() || st.Attempts != 3 ||
				st.Error != "gave up after 3 attempts: unreachable" || st.Hint == "" || st.LastError != "unreachable" || st.LastErrorAt.IsZero() {
				t.Errorf("status %+v", st)
			}
			if b.Waiting() {
				t.Error("it waits")
			}
		})
	})
	for _, tc := range []struct {
		name  string
		class subscriptions.Class
		after time.Duration
		want  string
	}{
		{"rechecks count", subscriptions.NeedsUser, 0, "0s connecting\n0s blocked server\n15m0s connecting\n15m0s blocked server\n30m0s connecting\n30m0s blocked gave-up"},
		{"what the server asked to wait for counts", subscriptions.RetryAfter, time.Minute, "0s connecting\n0s waiting server\n1m0.5s connecting\n1m0.5s waiting server\n2m1s connecting\n2m1s blocked gave-up"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t, &memory{}, f, refuse(tc.class, subscriptions.CodeServer, tc.after))
				after(24 * time.Hour)
				b.check(t, tc.want)
			})
		})
	}
	t.Run("Retry-After outlasts it", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			f := f
			f.MaxAttempts = 1
			b := newBench(t, &memory{}, f, refuse(subscriptions.RetryAfter, subscriptions.CodeBusy, time.Minute), stay())
			after(time.Second)
			b.Resume("f")
			after(2 * time.Minute)
			b.check(t, `
				0s connecting
				0s blocked gave-up
				1s waiting busy
				1m0s connecting
				1m0s open`)
		})
	})
	t.Run("the end of a good connection is no failed attempt", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			f := f
			f.MaxAttempts = 1
			b := newBench(t, &memory{}, f, drop(time.Second, msg("1", "one")), drop(time.Minute), stay())
			after(time.Hour)
			b.check(t, `
				0s connecting
				0s open
				1s waiting closed
				1.5s connecting
				1.5s open
				1m1.5s waiting closed
				1m2s connecting
				1m2s open`)
		})
	})
	t.Run("accepting and dropping is one", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			b := newBench(t, &memory{}, f, drop(time.Second))
			after(time.Hour)
			if st, _ := b.Status("f"); st.Code != subscriptions.CodeGaveUp || st.Attempts != 3 {
				t.Errorf("status %+v", st)
			}
		})
	})
}

// The last trouble stays told when all is well again.
func TestLastError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		beats := func(ctx context.Context, _ subscriptions.Target, s subscriptions.Sink) error {
			s.Opened(true)
			for ctx.Err() == nil {
				s.Alive(subscriptions.Life{Kind: subscriptions.LifeKeepAlive})
				time.Sleep(10 * time.Second)
			}
			return ctx.Err()
		}
		b := newBench(t, &memory{}, feed, refuse(subscriptions.Transient, subscriptions.CodeUnreachable, 0), beats)
		after(30 * time.Second)
		st, _ := b.Status("f")
		if st.Error != "" || st.LastError != "unreachable" || st.LastHint == "" || !st.LastErrorAt.Equal(b.start) || st.Attempts != 1 {
			t.Errorf("status %+v", st)
		}
		after(time.Minute)
		if st, _ := b.Status("f"); st.Attempts != 0 || st.Cadence != 10*time.Second || st.IdleLimit != 25*time.Second {
			t.Errorf("status %+v", st)
		}
	})
}
