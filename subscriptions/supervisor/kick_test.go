package supervisor

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"bellwire/subscriptions"

	"github.com/google/go-cmp/cmp"
)

func TestSpread(t *testing.T) {
	for _, r := range []float64{0, 0.5, 0.999999} {
		if d := spread(0, 1, r); d != 0 {
			t.Errorf("one feed alone waits %s", d)
		}
		for _, count := range []int{2, 3, 21, 1000} {
			limit := min(5*time.Second, time.Duration(count-1)*250*time.Millisecond)
			last := time.Duration(-1)
			for i := range count {
				d := spread(i, count, r)
				if d < 0 || d <= last || d > limit {
					t.Fatalf("spread(%d, %d, %g) = %s after %s, at most %s", i, count, r, d, last, limit)
				}
				last = d
			}
		}
	}
}

func TestKickMakesWaitingFeedsTryAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		down := refuse(subscriptions.Transient, subscriptions.CodeUnreachable, 0)
		b := newBench(t, &memory{}, feed, down, down, down, down, stay())
		after(4 * time.Second)
		if !b.Waiting() {
			t.Error("nobody waits")
		}
		b.Kick()
		after(time.Second)
		b.check(t, `
			0s connecting
			0s waiting unreachable
			500ms connecting
			500ms waiting unreachable
			1.5s connecting
			1.5s waiting unreachable
			3.5s connecting
			3.5s waiting unreachable
			4s connecting
			4s open`)
		if b.Waiting() {
			t.Error("somebody waits")
		}
	})
}

// The network of a machine that has just woken needs a moment: the backoff
// begins anew.
func TestKickBeginsTheBackoffAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, &memory{}, feed, refuse(subscriptions.Transient, subscriptions.CodeUnreachable, 0))
		after(time.Hour)
		b.states = nil
		b.Kick()
		after(4 * time.Second)
		b.check(t, `
			1h0m0s connecting
			1h0m0s waiting unreachable
			1h0m0.5s connecting
			1h0m0.5s waiting unreachable
			1h0m1.5s connecting
			1h0m1.5s waiting unreachable
			1h0m3.5s connecting
			1h0m3.5s waiting unreachable`)
		if st, _ := b.Status("f"); st.Attempts < 50 {
			t.Errorf("%d attempts told", st.Attempts)
		}
	})
}

func TestKickDoesNotGoPastRetryAfter(t *testing.T) {
	for _, tc := range []struct {
		name string
		kick func(*bench)
	}{
		{"after sleep", func(b *bench) { b.Kick() }},
		{"by hand", func(b *bench) { b.Reconnect("f") }},
		{"all by hand", func(b *bench) { b.ReconnectAll() }},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t, &memory{}, feed, refuse(subscriptions.RetryAfter, subscriptions.CodeBusy, 30*time.Second), stay())
				after(10 * time.Second)
				tc.kick(b)
				after(time.Minute)
				b.check(t, `
					0s connecting
					0s waiting busy
					30s connecting
					30s open`)
			})
		})
	}
}

// A server may ask for patience in the very moment in which the machine
// wakes: that is heard.
func TestKickHearsRetryAfterOfADyingConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		busy := func(ctx context.Context, _ subscriptions.Target, s subscriptions.Sink) error {
			s.Opened(true)
			_ = s.Message(ctx, msg("1", "one"))
			<-ctx.Done() // the kick; but the answer had been read
			return &subscriptions.Error{Class: subscriptions.RetryAfter, Code: subscriptions.CodeBusy, After: time.Minute, Err: context.DeadlineExceeded}
		}
		b := newBench(t, &memory{}, feed, busy, stay())
		after(10 * time.Second)
		b.Kick()
		after(2 * time.Minute)
		b.check(t, `
			0s connecting
			0s open
			10s waiting busy
			1m10.5s connecting
			1m10.5s open`)
	})
}

func TestKickLeavesOthersAlone(t *testing.T) {
	for _, tc := range []struct {
		name string
		run  func(context.Context, subscriptions.Target, subscriptions.Sink) error
		want string
	}{
		{"blocked", refuse(subscriptions.NeedsUser, subscriptions.CodeUnauthorized, 0), "0s connecting\n0s blocked unauthorized"},
		{"ended", refuse(subscriptions.Ended, subscriptions.CodeEnded, 0), "0s connecting\n0s ended ended"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t, &memory{}, feed, tc.run)
				after(10 * time.Second)
				b.Kick()
				after(time.Minute)
				b.check(t, tc.want)
				b.Reconnect("f")
				after(0)
				if n := len(b.script.asked()); n != 2 {
					t.Errorf("%d attempts, want a second one by hand", n)
				}
			})
		})
	}
	t.Run("paused", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			f := feed
			f.Paused = true
			b := newBench(t, &memory{}, f, stay())
			after(time.Second)
			b.Kick()
			b.Reconnect("f")
			b.ReconnectAll()
			after(time.Hour)
			b.check(t, `0s paused`)
		})
	})
}

// An open feed that resumes connects anew, and nothing is missing.
func TestKickReconnectsWhereNothingIsLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, &memory{}, feed, stay(msg("1", "one")), stay(msg("2", "two")))
		after(time.Hour)
		b.Kick()
		after(time.Second)
		b.Kick() // the network's own word of the same change
		after(time.Minute)
		b.check(t, `
			0s connecting
			0s open
			1h0m0s connecting
			1h0m0s open`)
		b.checkRows(t, "one", "two")
	})
}

// The server had forgotten the position: what may be missing began with the
// last sign of life, not with the wake.
func TestGapAfterSleepBeginsWithTheLastByte(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		forgot := func(ctx context.Context, _ subscriptions.Target, s subscriptions.Sink) error {
			s.Opened(false)
			<-ctx.Done()
			return ctx.Err()
		}
		b := newBench(t, &memory{}, feed, stay(msg("1", "one")), forgot)
		after(time.Hour)
		b.Kick()
		after(time.Second)
		b.checkRows(t, "one", "gap(evicted 1h0m0s)")
	})
}

// A transport that can ask its server is asked, and the connection stays.
func TestKickAsksWhereItCan(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		asked := 0
		asks := func(ctx context.Context, t subscriptions.Target, s subscriptions.Sink) error {
			s.Opened(true)
			_ = s.Message(ctx, msg("1", "one"))
			for {
				select {
				case <-t.Verify:
					asked++
				case <-ctx.Done():
					return ctx.Err()
				}
			}
		}
		b := newBench(t, &memory{}, feed, asks)
		after(time.Hour)
		b.Kick()
		after(time.Hour)
		b.check(t, `
			0s connecting
			0s open`)
		if asked != 1 {
			t.Errorf("asked %d times", asked)
		}
	})
}

// Without a position a new connection would lose events that the old one may
// still bring: it gets less patience instead.
func TestKickDoubtsWhereItCannotResume(t *testing.T) {
	beats := func(n int, every time.Duration) func(context.Context, subscriptions.Target, subscriptions.Sink) error {
		return func(ctx context.Context, _ subscriptions.Target, s subscriptions.Sink) error {
			s.Opened(true)
			for range n {
				select {
				case <-time.After(every):
					s.Alive(subscriptions.Life{Kind: subscriptions.LifeKeepAlive})
				case <-ctx.Done():
					return ctx.Err()
				}
			}
			<-ctx.Done()
			return ctx.Err()
		}
	}
	for _, tc := range []struct {
		name string
		run  func(context.Context, subscriptions.Target, subscriptions.Sink) error
		want string
	}{
		{"dead", beats(10, time.Minute), "0s connecting\n0s open\n11m45s waiting timeout\n11m45.5s connecting\n11m45.5s open"},
		{"alive", beats(1000, time.Minute), "0s connecting\n0s open"},
		{"no keep-alives to judge by", stay(), "0s connecting\n0s open"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t, &memory{}, feed, tc.run, stay())
				after(10*time.Minute + 30*time.Second)
				b.Kick()
				after(2 * time.Minute)
				b.check(t, tc.want)
			})
		})
	}
}

// An attempt begun on the network of before is not waited for.
func TestKickBeginsAnAttemptAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hang := func(ctx context.Context, _ subscriptions.Target, _ subscriptions.Sink) error {
			<-ctx.Done()
			return ctx.Err()
		}
		b := newBench(t, &memory{}, feed, hang, stay())
		after(10 * time.Second)
		if !b.Waiting() {
			t.Error("nobody waits")
		}
		b.Kick()
		after(time.Second)
		b.check(t, `
			0s connecting
			10s connecting
			10s open`)
	})
}

func TestReconnectByHand(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, &memory{}, feed, stay(msg("1", "one")), stay(msg("2", "two")))
		after(time.Second) // even one that has just begun
		b.Reconnect("f")
		after(time.Second)
		b.Reconnect("nobody")
		b.check(t, `
			0s connecting
			0s open
			1s connecting
			1s open`)
		b.checkRows(t, "one", "two")
		if got := b.script.asked()[1].Header.Get("Last-Event-ID"); got != "1" {
			t.Errorf("resumed from %q", got)
		}
		if st, _ := b.Status("f"); st.Reconnects != 1 || st.Attempts != 0 {
			t.Errorf("status %+v", st)
		}
	})
}

func TestManyFeedsAreSpread(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, &memory{}, feed, stay(msg("1", "one")))
		for _, id := range []string{"a", "b", "c"} {
			f := feed
			f.ID = id
			b.Start(f)
		}
		after(time.Minute)
		b.Kick()
		after(time.Minute)
		var got []time.Duration
		for _, at := range b.script.attempts()[4:] {
			got = append(got, at.Sub(b.start)-time.Minute)
		}
		want := []time.Duration{93750 * time.Microsecond, 281250 * time.Microsecond, 468750 * time.Microsecond, 656250 * time.Microsecond}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("connections after the kick (-want +got):\n%s", diff)
		}
	})
}

// The silence before an attempt is not the silence of what it connects to.
func TestKickDuringAnAttemptIsNoSilence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slowly := func(ctx context.Context, target subscriptions.Target, s subscriptions.Sink) error {
			time.Sleep(1500 * time.Millisecond)
			return stay()(ctx, target, s)
		}
		down := refuse(subscriptions.RetryAfter, subscriptions.CodeBusy, time.Minute)
		store := &memory{pos: subscriptions.Position{Cadence: 10 * time.Second}}
		b := newBench(t, store, feed, drop(time.Second), down, slowly)
		after(62500 * time.Millisecond) // in the middle of the slow attempt
		b.Kick()
		after(20 * time.Second)
		b.check(t, `
			0s connecting
			0s open
			1s waiting closed
			1.5s connecting
			1.5s waiting busy
			1m2s connecting
			1m3.5s open`)
	})
}
