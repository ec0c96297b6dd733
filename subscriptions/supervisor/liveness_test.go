package supervisor

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"bellwire/subscriptions"
)

// keepAlive opens and sends n keep-alives, one every d; then it is silent.
func keepAlive(n int, d time.Duration) func(context.Context, subscriptions.Target, subscriptions.Sink) error {
	return func(ctx context.Context, _ subscriptions.Target, s subscriptions.Sink) error {
		s.Opened(true)
		for range n {
			time.Sleep(d)
			s.Alive(subscriptions.Life{Kind: subscriptions.LifeKeepAlive})
		}
		<-ctx.Done()
		return ctx.Err()
	}
}

// What was learned is known from the start the next time.
func TestCadenceIsRemembered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &memory{}
		b := newBench(t, store, feed, keepAlive(3, 10*time.Second))
		after(31 * time.Second)
		if got := store.position().Cadence; got != 10*time.Second {
			t.Errorf("stored %s", got)
		}
		b.Close()
		b = newBench(t, store, feed, keepAlive(0, 0), stay())
		after(30 * time.Second)
		b.check(t, `
			0s connecting
			0s open
			25s waiting timeout
			25.5s connecting
			25.5s open`)
	})
}

// What was known already is not stored again: every feed would commit soon
// after each start.
func TestCadenceThatIsNoNewsIsNotStored(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &memory{}
		b := newBench(t, store, feed, keepAlive(3, 10*time.Second))
		after(31 * time.Second)
		b.Close()
		b = newBench(t, store, feed, keepAlive(30, 10*time.Second), stay())
		after(5 * time.Second) // the gap is noted when it opens
		opened := store.position().Seen
		after(60 * time.Second)
		if at := store.position(); !at.Seen.Equal(opened) || at.Cadence != 10*time.Second {
			t.Errorf("stored at %s, was %s when it opened; a cadence of %s", at.Seen, opened, at.Cadence)
		}
		b.Close()
	})
}

// A server that gives its keep-alives up is a quiet feed from then on, also
// after a restart.
func TestCadenceIsForgottenWhereItHoldsNoMore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &memory{pos: subscriptions.Position{Cursor: "1", Seen: time.Now(), Cadence: 10 * time.Second}}
		b := newBench(t, store, feed, stay())
		after(24 * time.Hour)
		b.check(t, `
			0s connecting
			0s open
			25s waiting timeout
			25.5s connecting
			25.5s open`)
		if store.position().Cadence != 0 {
			t.Errorf("still stored: %s", store.position().Cadence)
		}
	})
}

// What a feed says of its server's keep-alives holds until they are seen, or
// are missed once.
func TestCadenceThatTheFeedSays(t *testing.T) {
	said := feed
	said.KeepAlive = subscriptions.Duration(20 * time.Second)
	t.Run("and the server keeps", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			store := &memory{}
			b := newBench(t, store, said, keepAlive(1, 20*time.Second), stay())
			after(15 * time.Second)
			if s, _ := b.Status("f"); s.IdleLimit != 50*time.Second || s.Cadence != 0 {
				t.Errorf("a limit of %s, learned %s", s.IdleLimit, s.Cadence)
			}
			after(60 * time.Second)
			b.check(t, `
				0s connecting
				0s open
				1m10s waiting timeout
				1m10.5s connecting
				1m10.5s open`)
			if store.pos.Cadence != 0 {
				t.Errorf("%s is stored as if it was learned", store.pos.Cadence)
			}
		})
	})
	t.Run("and the server does not", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			b := newBench(t, &memory{}, said, stay())
			after(24 * time.Hour)
			b.check(t, `
				0s connecting
				0s open
				50s waiting timeout
				50.5s connecting
				50.5s open`)
		})
	})
	t.Run("and more was learned", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			store := &memory{pos: subscriptions.Position{Cursor: "1", Seen: time.Now(), Cadence: 10 * time.Second}}
			b := newBench(t, store, said, stay())
			after(time.Second)
			if s, _ := b.Status("f"); s.IdleLimit != 25*time.Second {
				t.Errorf("a limit of %s", s.IdleLimit)
			}
		})
	})
}

func TestIdleLimitIsBounded(t *testing.T) {
	for interval, want := range map[time.Duration]time.Duration{
		2 * time.Second:  minIdle,
		10 * time.Second: 25 * time.Second,
		time.Hour:        maxIdle,
	} {
		var l liveness
		now := time.Now()
		for i := range cadenceEnough + 1 {
			l.observe(now.Add(time.Duration(i)*interval), subscriptions.Life{Kind: subscriptions.LifeKeepAlive})
		}
		if got := l.limit(); got != want {
			t.Errorf("keep-alives every %s: limit %s, want %s", interval, got, want)
		}
	}
}

func TestJournalIsBounded(t *testing.T) {
	var j journal
	for range 10 * journalSize {
		j.add(subscriptions.Status{State: subscriptions.StateOpen}, time.Now())
	}
	if len(j) > journalSize {
		t.Errorf("%d entries", len(j))
	}
}

// Messages that the decoder takes for keep-alives teach the cadence as comments
// do.
func TestKeepAliveMessagesTeachTheCadence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &memory{}
		b := newBench(t, store, feed, func(ctx context.Context, _ subscriptions.Target, s subscriptions.Sink) error {
			s.Opened(true)
			for range 3 {
				time.Sleep(10 * time.Second)
				if err := s.Message(ctx, subscriptions.Message{Data: "keepalive", Received: time.Now()}); err != nil {
					return err
				}
			}
			<-ctx.Done()
			return ctx.Err()
		}, stay())
		after(31 * time.Second)
		if pos, _ := store.Position(t.Context(), "f"); pos.Cadence != 10*time.Second {
			t.Errorf("stored %s", pos.Cadence)
		}
		after(30 * time.Second)
		b.check(t, `
			0s connecting
			0s open
			55s waiting timeout
			55.5s connecting
			55.5s open`)
	})
}
