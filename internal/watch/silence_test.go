package watch

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"bellwire/storage"
	"bellwire/subscriptions"
)

// listening is one feed with an alarm, in a bubble.
type listening struct {
	*Silence
	*memory
	feed subscriptions.Feed

	mu     sync.Mutex
	status subscriptions.Status
	asleep time.Duration // what the wall's clock is ahead
	frozen time.Duration // the process stops for so long, as soon as it looks at the clock
}

func listen(t *testing.T, after time.Duration, store *memory) *listening {
	t.Helper()
	l := &listening{memory: store, feed: store.feeds[0]}
	l.feed.Silence.After = subscriptions.Duration(after)
	l.Silence = NewSilence(SilenceOptions{
		Store: store,
		Status: func(string) (subscriptions.Status, bool) {
			l.mu.Lock()
			defer l.mu.Unlock()
			return l.status, true
		},
		Logger: slog.New(slog.DiscardHandler),
		Wall:   l.wall,
	})
	l.Watch(l.feed)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		l.Run(ctx)
	}()
	t.Cleanup(func() { cancel(); <-done })
	return l
}

func (l *listening) wall() time.Time {
	l.mu.Lock()
	frozen := l.frozen
	l.frozen = 0
	l.mu.Unlock()
	time.Sleep(frozen)
	l.mu.Lock()
	defer l.mu.Unlock()
	return time.Now().Add(l.asleep)
}

// sleep is that of the machine: timers stand still.
func (l *listening) sleep(d time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.asleep += d
}

// enter changes the feed's state.
func (l *listening) enter(s subscriptions.State) {
	l.mu.Lock()
	l.status = subscriptions.Status{State: s, Since: time.Now()}
	l.mu.Unlock()
	l.StatusChanged(l.feed.ID)
	synctest.Wait()
}

// event is one that counts.
func (l *listening) event() {
	l.hear(l.feed.ID, l.wall())
	l.Heard(l.feed.ID)
	synctest.Wait()
}

func pass(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

func TestSilence(t *testing.T) {
	const m = time.Minute
	for name, tc := range map[string]struct {
		do   func(l *listening)
		want []string
	}{
		"once, and its end": {func(l *listening) {
			pass(60*m - time.Millisecond)
			l.check(t)
			pass(3 * time.Hour)
			l.event()
			pass(2 * time.Hour)
		}, []string{
			"1h0m0s silent a: No events from A for 1 h",
			"3h59m59.999s speaks a: A speaks again after 4 h",
			"4h59m59.999s silent a: No events from A for 1 h",
		}},
		"events put it off": {func(l *listening) {
			for range 10 {
				pass(50 * m)
				l.event()
			}
			pass(m)
		}, nil},
		"not without a connection": {func(l *listening) {
			pass(50 * m)
			l.enter(subscriptions.StateWaiting)
			pass(5 * time.Hour)
			l.enter(subscriptions.StatePaused)
			pass(5 * time.Hour)
		}, nil},
		"replay has its chance": {func(l *listening) {
			l.enter(subscriptions.StateWaiting)
			pass(5 * time.Hour)
			l.enter(subscriptions.StateOpen)
			pass(29 * time.Second)
			l.event()
			pass(m)
		}, nil},
		"replay brings nothing": {func(l *listening) {
			l.enter(subscriptions.StateWaiting)
			pass(5 * time.Hour)
			l.enter(subscriptions.StateOpen)
			pass(m)
		}, []string{"5h0m30s silent a: No events from A for 5 h"}},
		"a gap is no silence": {func(l *listening) {
			l.enter(subscriptions.StateWaiting)
			pass(5 * time.Hour)
			l.hear("a", l.wall()) // the gap ends, and nobody says that an event came
			l.enter(subscriptions.StateOpen)
			pass(60 * m)
		}, []string{"6h0m0s silent a: No events from A for 1 h"}},
		"storage is full": {func(l *listening) {
			l.mu.Lock()
			l.status.Code = subscriptions.CodeStorage
			l.mu.Unlock()
			l.StatusChanged("a")
			pass(5 * time.Hour)
		}, nil},
		"storage fails": {func(l *listening) {
			pass(m)
			l.setFail(errors.New("disk full"))
			pass(60 * m)
			l.setFail(nil)
			pass(2 * m)
		}, []string{"1h2m0s silent a: No events from A for 1 h 2 min"}},
		"the machine sleeps": {func(l *listening) {
			pass(10 * m)
			l.sleep(8 * time.Hour)
			l.Woke()
			pass(29 * time.Second)
			l.event()
			pass(59 * m)
		}, nil},
		"the machine sleeps, and there was nothing": {func(l *listening) {
			pass(10 * m)
			l.sleep(8 * time.Hour)
			l.Woke()
			pass(m)
		}, []string{"10m30s silent a: No events from A for 8 h 10 min"}},
		"the machine sleeps, and nobody says so": {func(l *listening) {
			pass(10 * m)
			l.sleep(8 * time.Hour)
			pass(50*m + 29*time.Second) // the timer noticed after 50 min
			l.event()
			pass(20 * m)
		}, nil},
		"the process is stopped, and goes on": {func(l *listening) {
			l.mu.Lock()
			l.frozen = 2 * time.Second
			l.mu.Unlock()
			pass(time.Hour + 31*time.Second)
			l.event() // was in the socket all the time
			pass(59 * m)
		}, nil},
		"a new alarm": {func(l *listening) {
			pass(50 * m)
			_ = l.SetHeard(context.Background(), "a", time.Now())
			l.feed.Silence.After = subscriptions.Duration(20 * m)
			l.Watch(l.feed)
			pass(20 * m)
			l.feed.Name = "B"
			l.Watch(l.feed)
			l.event()
		}, []string{"1h10m0s silent a: No events from A for 20 min", "1h10m0s speaks a: B speaks again after 20 min"}},
		"no alarm any more": {func(l *listening) {
			pass(61 * m)
			_ = l.SetHeard(context.Background(), "a", time.Now())
			l.feed.Silence.After = 0
			l.Watch(l.feed)
			l.event()
			pass(5 * time.Hour)
		}, []string{"1h0m0s silent a: No events from A for 1 h"}},
		"removed": {func(l *listening) {
			l.Silence.Forget("a")
			pass(5 * time.Hour)
		}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := listen(t, time.Hour, newMemory(named("A")...))
				l.enter(subscriptions.StateOpen)
				tc.do(l)
				l.check(t, tc.want...)
			})
		})
	}
}

// A stream in full flow costs a look when the alarm would be due, not one an
// event; a feed without an alarm costs nothing.
func TestSilenceLooksSeldom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := listen(t, time.Hour, newMemory(named("A", "B")...))
		l.enter(subscriptions.StateOpen)
		for range 10_000 {
			pass(time.Second)
			l.event()
			l.Heard("b")
			l.StatusChanged("b")
		}
		l.memory.mu.Lock()
		defer l.memory.mu.Unlock()
		if l.asked > 5 {
			t.Errorf("storage was asked %d times in less than 3 hours", l.asked)
		}
	})
}

// An event that is committed while people are being told ends the silence all
// the same.
func TestSpeaksWhileItIsTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newMemory(named("A")...)
		l := listen(t, time.Hour, store)
		words := func(f Facts) (string, string) {
			if f.Type == subscriptions.NoticeSilent {
				l.Heard("a") // it is stored after the notice, and says so before
			}
			return english(f)
		}
		l.o.Words = words
		l.enter(subscriptions.StateOpen)
		pass(time.Hour)
		store.check(t, "1h0m0s silent a: No events from A for 1 h")
		l.event()
		store.check(t, "1h0m0s silent a: No events from A for 1 h", "1h0m0s speaks a: A speaks again after 1 h")
	})
}

func TestSilenceNotice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newMemory(named("A")...)
		l := listen(t, time.Hour, store)
		l.enter(subscriptions.StateOpen)
		pass(2 * time.Hour)
		if len(store.rows) != 1 {
			t.Fatal(store.told)
		}
		e := store.rows[0]
		if e.Kind != subscriptions.KindNotice || e.Priority != 4 || e.Silent || e.Read || e.DedupeKey == "" || e.Body == "" || e.Received.IsZero() {
			t.Errorf("%+v", e)
		}
		var f Facts
		if err := json.Unmarshal([]byte(e.Raw), &f); err != nil || f.Count != 1 || f.Feeds[0].Name != "A" || time.Duration(f.Feeds[0].For) != time.Hour {
			t.Errorf("%+v, %v", f, err)
		}
	})
}

// What people were told survives a restart, and so does what they were not.
func TestSilenceOverARestart(t *testing.T) {
	dir := t.TempDir()
	ctx := t.Context()
	f := named("A")[0]
	f.URL, f.Silence.After = "http://a.example/", subscriptions.Duration(time.Hour)
	now := time.Now()
	// run opens the database anew, and looks so long after now.
	run := func(at time.Duration, heard bool, want int) {
		t.Helper()
		db, err := storage.Open(ctx, dir+"/db", storage.Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		if err := db.AddFeed(ctx, f); err != nil && !errors.Is(err, storage.ErrExists) {
			t.Fatal(err)
		}
		s := NewSilence(SilenceOptions{
			Store: db,
			Status: func(string) (subscriptions.Status, bool) {
				return subscriptions.Status{State: subscriptions.StateOpen, Since: time.Now().Add(-time.Minute)}, true
			},
			Logger: slog.New(slog.DiscardHandler),
			Wall:   func() time.Time { return now.Add(at) },
		})
		s.Watch(f)
		if heard {
			e := subscriptions.Event{Title: "x", Received: now.Add(at), Heard: true}
			if _, err := db.Ingest(ctx, subscriptions.Batch{Feed: f.ID, Events: []subscriptions.Event{e}}); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := s.look(ctx); err != nil {
			t.Fatal(err)
		}
		rows, err := db.History(ctx, storage.Query{Limit: 100})
		if err != nil || len(rows) != want {
			t.Errorf("after %s: %d rows, want %d (%v)", at, len(rows), want, err)
		}
	}
	run(0, false, 0)
	run(50*time.Minute, false, 0)
	run(time.Hour, false, 1)
	run(2*time.Hour, false, 1)
	run(3*time.Hour, true, 3) // the event, and the notice
	run(3*time.Hour+59*time.Minute, false, 3)
	run(4*time.Hour, false, 4)
}
