package supervisor

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"bellwire/subscriptions"
)

func TestCloseAndResume(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, &memory{}, feed,
			drop(10*time.Second, msg("1", "one"), msg("2", "two")),
			stay(msg("2", "two"), msg("3", "three")))
		after(time.Minute)
		b.check(t, `
			0s connecting
			0s open
			10s waiting closed
			10.5s connecting
			10.5s open`)
		b.checkRows(t, "one", "two", "three")
		if got := b.script.asked()[1].Header.Get("Last-Event-ID"); got != "2" {
			t.Errorf("resumed from %q, want 2", got)
		}
		st, _ := b.Status("f")
		if st.Cursor != "3" || st.Duplicates != 1 || st.Reconnects != 1 || st.Error != "" {
			t.Errorf("status %+v", st)
		}
	})
}

// A payload that holds no cursor leaves the position where it is.
func TestMessageWithoutTheCursorFieldMovesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := feed
		f.Resume = subscriptions.Resume{By: subscriptions.ResumeByQuery, Param: "since", Field: "id"}
		b := newBench(t, &memory{pos: subscriptions.Position{Cursor: "5", Seen: time.Now()}}, f,
			stay(msg("", "id 6"), msg("", "no field")))
		after(time.Second)
		if st, _ := b.Status("f"); st.Cursor != "6" {
			t.Errorf("cursor %q, want 6", st.Cursor)
		}
	})
}

func TestGaps(t *testing.T) {
	none := func(data string) subscriptions.Message { return subscriptions.Message{Data: data} }
	never := feed
	never.Resume.By = subscriptions.ResumeByNone
	evicted := func(ctx context.Context, _ subscriptions.Target, s subscriptions.Sink) error {
		s.Opened(false)
		_ = s.Message(ctx, msg("9", "nine"))
		<-ctx.Done()
		return ctx.Err()
	}
	for _, tc := range []struct {
		name string
		feed subscriptions.Feed
		runs []func(context.Context, subscriptions.Target, subscriptions.Sink) error
		want []string
	}{
		{"the first connection misses nothing", feed, []func(context.Context, subscriptions.Target, subscriptions.Sink) error{stay(none("a"))}, []string{"a"}},
		{"no ids, so nothing to resume from", feed, []func(context.Context, subscriptions.Target, subscriptions.Sink) error{drop(10*time.Second, none("a")), stay(none("b"))}, []string{"a", "gap(no-resume 500ms)", "b"}},
		{"ids, and a feed that does not use them", never, []func(context.Context, subscriptions.Target, subscriptions.Sink) error{drop(10*time.Second, msg("1", "a")), stay(msg("2", "b"))}, []string{"a", "gap(no-resume 500ms)", "b"}},
		{"the server says that it has forgotten", feed, []func(context.Context, subscriptions.Target, subscriptions.Sink) error{drop(10*time.Second, msg("1", "a")), evicted}, []string{"a", "gap(evicted 500ms)", "nine"}},
		{"connected before, and silent", feed, []func(context.Context, subscriptions.Target, subscriptions.Sink) error{drop(10 * time.Second), stay()}, []string{"gap(no-resume 500ms)"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t, &memory{}, tc.feed, tc.runs...)
				after(time.Minute)
				b.checkRows(t, tc.want...)
			})
		})
	}
}

func TestGapAfterACrash(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &memory{pos: subscriptions.Position{Seen: time.Now().Add(-time.Hour)}}
		b := newBench(t, store, feed, stay())
		after(time.Second)
		b.checkRows(t, "gap(no-resume 1h0m0s)")
	})
}

func TestBackoffGrowsAndResets(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		down := refuse(subscriptions.Transient, subscriptions.CodeUnreachable, 0)
		b := newBench(t, &memory{}, feed, down, down, down, down,
			drop(time.Second), // accepted and dropped: not well yet
			drop(time.Minute), // well
			stay())
		after(5 * time.Minute)
		b.check(t, `
			0s connecting
			0s waiting unreachable
			500ms connecting
			500ms waiting unreachable
			1.5s connecting
			1.5s waiting unreachable
			3.5s connecting
			3.5s waiting unreachable
			7.5s connecting
			7.5s open
			8.5s waiting closed
			16.5s connecting
			16.5s open
			1m16.5s waiting closed
			1m17s connecting
			1m17s open`)
	})
}

func TestBackoffIsBounded(t *testing.T) {
	for attempts := range 100 {
		for _, r := range []float64{0, 0.5, 0.999999} {
			d := backoff(attempts, 0, r)
			if d < 0 || d > maxBackoff || r > 0.9 && d < firstBackoff*9/10 {
				t.Fatalf("backoff(%d, 0, %g) = %s", attempts, r, d)
			}
		}
	}
}

func TestServerDirectedDelays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		asks := func(ctx context.Context, _ subscriptions.Target, s subscriptions.Sink) error {
			s.Opened(true)
			s.Retry(5 * time.Second)
			return subscriptions.Failf(subscriptions.Transient, subscriptions.CodeClosed, "closed")
		}
		b := newBench(t, &memory{}, feed, asks, refuse(subscriptions.RetryAfter, subscriptions.CodeBusy, 30*time.Second), stay())
		after(10 * time.Second)
		b.Resume("f") // impatience does not go past Retry-After
		after(time.Minute)
		b.check(t, `
			0s connecting
			0s open
			0s waiting closed
			5.5s connecting
			5.5s waiting busy
			35.5s connecting
			35.5s open`)
	})
}

func TestPauseDoesNotShortenRetryAfter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, &memory{}, feed, refuse(subscriptions.RetryAfter, subscriptions.CodeBusy, 30*time.Minute), stay())
		after(time.Second)
		b.Pause("f")
		after(time.Second)
		b.Resume("f")
		after(time.Hour)
		b.check(t, `
			0s connecting
			0s waiting busy
			1s paused
			2s waiting busy
			30m0s connecting
			30m0s open`)
	})
}

func TestBlockedIsRecheckedSlowlyAndAtOnceByHand(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		denied := refuse(subscriptions.NeedsUser, subscriptions.CodeUnauthorized, 0)
		b := newBench(t, &memory{}, feed, denied, denied, stay())
		after(20 * time.Minute)
		b.Resume("f")
		after(time.Second)
		b.check(t, `
			0s connecting
			0s blocked unauthorized
			15m0s connecting
			15m0s blocked unauthorized
			20m0s connecting
			20m0s open`)
	})
}

func TestEndedStaysEndedUntilResumed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, &memory{}, feed, refuse(subscriptions.Ended, subscriptions.CodeEnded, 0), stay())
		after(48 * time.Hour)
		b.Resume("f")
		after(time.Second)
		b.check(t, `
			0s connecting
			0s ended ended
			48h0m0s connecting
			48h0m0s open`)
	})
}

func TestPauseAndResume(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, &memory{}, feed, stay(msg("1", "a")))
		after(time.Second)
		b.Pause("f")
		after(time.Hour)
		b.Resume("f")
		after(time.Second)
		b.check(t, `
			0s connecting
			0s open
			1s paused
			1h0m1s connecting
			1h0m1s open`)
		b.checkRows(t, "a")
	})
}

// A pause that comes just before the feed goes to sleep is not slept over.
func TestPauseOnTheWayToSleep(t *testing.T) {
	for _, class := range []subscriptions.Class{subscriptions.Transient, subscriptions.NeedsUser, subscriptions.Ended} {
		t.Run(string(class), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := feed
				f.Paused = true
				b := newBench(t, &memory{}, f, refuse(class, subscriptions.CodeServer, 0))
				synctest.Wait()
				b.told = func(s subscriptions.Status) {
					if s.State == subscriptions.StateWaiting || s.State == subscriptions.StateBlocked || s.State == subscriptions.StateEnded {
						b.Pause("f")
					}
				}
				b.Resume("f")
				synctest.Wait()
				if st, _ := b.Status("f"); st.State != subscriptions.StatePaused {
					t.Errorf("state %s, want paused", st.State)
				}
			})
		})
	}
}

func TestPausedFromTheStartHoldsNoConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := feed
		f.Paused = true
		b := newBench(t, &memory{}, f, stay())
		after(time.Hour)
		b.check(t, `0s paused`)
	})
}

func TestIdleLimitIsLearnedFromKeepAlives(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		beats := func(n int) func(context.Context, subscriptions.Target, subscriptions.Sink) error {
			return func(ctx context.Context, _ subscriptions.Target, s subscriptions.Sink) error {
				s.Opened(true)
				for range n {
					time.Sleep(10 * time.Second)
					s.Alive(subscriptions.Life{Kind: subscriptions.LifeKeepAlive})
				}
				<-ctx.Done() // half-open from here on
				return ctx.Err()
			}
		}
		b := newBench(t, &memory{}, feed, beats(2), beats(3), beats(0), stay())
		// Two keep-alives make one interval: not enough to judge by.
		after(time.Hour)
		b.check(t, `
			0s connecting
			0s open`)
		b.Pause("f")
		synctest.Wait()
		b.Resume("f")
		after(2 * time.Minute)
		b.check(t, `
			0s connecting
			0s open
			1h0m0s paused
			1h0m0s connecting
			1h0m0s open
			1h0m55s waiting timeout
			1h0m55.5s connecting
			1h0m55.5s open
			1h1m20.5s waiting timeout
			1h1m21.5s connecting
			1h1m21.5s open`)
	})
}

// Some servers greet with several comments at once. That is no cadence.
func TestGreetingTeachesNoCadence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		greets := func(ctx context.Context, _ subscriptions.Target, s subscriptions.Sink) error {
			s.Opened(true)
			for range 5 {
				time.Sleep(50 * time.Millisecond)
				s.Alive(subscriptions.Life{Kind: subscriptions.LifeKeepAlive})
			}
			for ctx.Err() == nil {
				time.Sleep(15 * time.Second)
				s.Alive(subscriptions.Life{Kind: subscriptions.LifeKeepAlive})
			}
			return ctx.Err()
		}
		b := newBench(t, &memory{}, feed, greets)
		after(time.Hour)
		b.check(t, `
			0s connecting
			0s open`)
		if st, _ := b.Status("f"); st.IdleLimit != 37500*time.Millisecond {
			t.Errorf("idle limit %s, want 37.5s", st.IdleLimit)
		}
	})
}

// While storage is slow nothing is read. The silence is our own then, and
// what the connection still holds is not thrown away for it.
func TestSlowStorageIsNotTheServersSilence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &memory{}
		const n = 2 * inboxMessages
		flood := func(ctx context.Context, _ subscriptions.Target, s subscriptions.Sink) error {
			s.Opened(true)
			for range 4 { // the limit is 25 s
				time.Sleep(10 * time.Second)
				s.Alive(subscriptions.Life{Kind: subscriptions.LifeKeepAlive})
			}
			store.setFail(errors.New("disk full"))
			for i := range n {
				time.Sleep(time.Millisecond) // a parser's time
				s.Alive(subscriptions.Life{Kind: subscriptions.LifeData})
				if err := s.Message(ctx, msg("", fmt.Sprint(i))); err != nil {
					return err
				}
			}
			for ctx.Err() == nil {
				s.Alive(subscriptions.Life{Kind: subscriptions.LifeKeepAlive})
				time.Sleep(10 * time.Second)
			}
			return ctx.Err()
		}
		b := newBench(t, store, feed, flood)
		time.Sleep(10 * time.Minute)
		store.setFail(nil)
		after(10 * time.Minute)
		if got := len(store.rows()); got != n {
			t.Errorf("%d rows, want %d", got, n)
		}
		if st, _ := b.Status("f"); st.Reconnects != 0 {
			t.Errorf("%d reconnects", st.Reconnects)
		}
	})
}

func TestQuietFeedIsNeverChurned(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		chatter := func(ctx context.Context, _ subscriptions.Target, s subscriptions.Sink) error {
			s.Opened(true)
			for i := range 20 { // events are no keep-alives
				time.Sleep(time.Second)
				s.Alive(subscriptions.Life{Kind: subscriptions.LifeData})
				_ = s.Message(ctx, msg(fmt.Sprint(i), "x"))
			}
			<-ctx.Done()
			return ctx.Err()
		}
		b := newBench(t, &memory{}, feed, chatter)
		after(1000 * time.Hour)
		b.check(t, `
			0s connecting
			0s open`)
	})
}

func TestStorageTroubleLosesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &memory{}
		full := func(ctx context.Context, _ subscriptions.Target, s subscriptions.Sink) error {
			s.Opened(true)
			after(time.Second)
			store.setFail(errors.New("disk full"))
			for i := range 2000 { // more than the inbox holds: the transport has to wait
				if err := s.Message(ctx, msg(fmt.Sprint(i), fmt.Sprint(i))); err != nil {
					return err
				}
			}
			<-ctx.Done()
			return ctx.Err()
		}
		b := newBench(t, store, feed, full)
		time.Sleep(time.Minute)
		st, _ := b.Status("f")
		if st.State != subscriptions.StateOpen || st.Code != subscriptions.CodeStorage || st.Hint == "" {
			t.Errorf("status %+v", st)
		}
		if n := len(store.rows()); n != 0 {
			t.Errorf("%d rows on a full disk", n)
		}
		// What the store itself says of its trouble is told.
		store.setFail(subscriptions.Failf(subscriptions.Transient, subscriptions.CodeDamaged, "malformed"))
		time.Sleep(5 * time.Minute)
		if st, _ := b.Status("f"); st.Code != subscriptions.CodeDamaged || !strings.Contains(st.Hint, "bellwire doctor") {
			t.Errorf("status %+v", st)
		}
		store.setFail(nil)
		time.Sleep(5 * time.Minute)
		if n := len(store.rows()); n != 2000 {
			t.Errorf("%d rows, want 2000", n)
		}
		if st, _ := b.Status("f"); st.Error != "" {
			t.Errorf("trouble still told: %+v", st)
		}
	})
}

func TestPositionIsNeededToConnect(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &memory{pos: subscriptions.Position{Cursor: "7", Seen: time.Now()}, fail: errors.New("locked")}
		b := newBench(t, store, feed, stay())
		time.Sleep(10 * time.Second)
		if len(b.script.asked()) != 0 {
			t.Error("connected without knowing from where")
		}
		store.setFail(nil)
		after(time.Minute)
		if len(b.script.asked()) != 1 || b.script.asked()[0].Cursor != "7" {
			t.Errorf("targets %+v", b.script.asked())
		}
	})
}

func TestCloseCommitsWhatHadArrived(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, &memory{}, feed, func(ctx context.Context, _ subscriptions.Target, s subscriptions.Sink) error {
			s.Opened(true)
			<-ctx.Done()
			// The bytes were read before the end, and only now parsed.
			return s.Message(context.WithoutCancel(ctx), msg("1", "last words"))
		})
		after(time.Second)
		b.Stop("f")
		b.checkRows(t, "last words")
		if _, ok := b.Status("f"); ok {
			t.Error("a stopped feed has a status")
		}
	})
}

// Storage may be busy with what has arrived when the feed is told to stop.
func TestCloseWaitsForWhatIsBeingCommitted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, &memory{slow: 2 * time.Second}, feed, stay(msg("", "one"), msg("", "two")))
		after(time.Second)
		b.Stop("f")
		b.checkRows(t, "one", "two")
	})
}

// A storage that never comes back does not keep the program from ending.
func TestCloseDoesNotWaitForEver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, &memory{slow: 24 * time.Hour}, feed, stay(msg("", "one")))
		after(time.Second)
		start := time.Now()
		b.Stop("f")
		if took := time.Since(start); took > 2*leaveTime {
			t.Errorf("took %s", took)
		}
	})
}

func TestUnknownTransportNeedsThePerson(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := feed
		f.Transport = "pigeon"
		b := newBench(t, &memory{}, f, stay())
		after(time.Second)
		b.check(t, `
			0s connecting
			0s blocked bad-feed`)
	})
}

func TestAMappingThatDoesNotCompileNeedsThePerson(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := feed
		f.Mapping.Title = "broken"
		b := newBench(t, &memory{}, f, stay())
		after(time.Second)
		b.check(t, `
			0s connecting
			0s blocked bad-feed`)
		if st, _ := b.Status("f"); st.Error != "mapping.title: column 1: broken" {
			t.Errorf("error %q", st.Error)
		}
	})
}

// What is no event moves no cursor, and nothing of it is stored.
func TestSkippedMessagesMoveNoCursor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &memory{}
		b := newBench(t, store, feed, stay(msg("1", "one"), msg("2", "skip"), msg("3", "keepalive")))
		after(time.Second)
		b.checkRows(t, "one")
		if pos, _ := store.Position(t.Context(), "f"); pos.Cursor != "1" {
			t.Errorf("cursor %q", pos.Cursor)
		}
	})
}

// One message may hold more events than a batch should.
func TestManyEventsAreSeveralBatches(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &memory{}
		many := strings.TrimSuffix(strings.Repeat("x,", 900), ",")
		b := newBench(t, store, feed, stay(msg("", many), msg("", many), msg("", many)))
		after(time.Second)
		if n := len(store.rows()); n != 2700 {
			t.Errorf("%d rows", n)
		}
		if st, _ := b.Status("f"); st.Received != 2700 {
			t.Errorf("received %d", st.Received)
		}
	})
}
