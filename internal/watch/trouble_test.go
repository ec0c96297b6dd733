package watch

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"bellwire/storage"
	"bellwire/subscriptions"

	"github.com/google/go-cmp/cmp"
)

// ward is some feeds that are watched, in a bubble.
type ward struct {
	*Trouble
	*memory
	stop func()

	mu     sync.Mutex
	prefer subscriptions.Preferences
	asleep time.Duration
}

func newWard(t *testing.T, store *memory) *ward {
	t.Helper()
	w := &ward{memory: store}
	w.Trouble = NewTrouble(TroubleOptions{
		Store:  store,
		Logger: slog.New(slog.DiscardHandler),
		Preferences: func() subscriptions.Preferences {
			w.mu.Lock()
			defer w.mu.Unlock()
			return w.prefer
		},
		Wall: func() time.Time {
			w.mu.Lock()
			defer w.mu.Unlock()
			return time.Now().Add(w.asleep)
		},
	})
	if err := w.Recall(t.Context()); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		w.Run(ctx)
	}()
	w.stop = func() { cancel(); <-done }
	t.Cleanup(w.stop)
	return w
}

// enter changes the state of feeds.
func (w *ward) enter(s subscriptions.State, feeds ...string) {
	for _, f := range feeds {
		st := subscriptions.Status{State: s, Since: time.Now()}
		switch s {
		case subscriptions.StateWaiting:
			st.Error, st.Hint, st.Code = "connection refused", "Check the address.", subscriptions.CodeUnreachable
		case subscriptions.StateBlocked:
			st.Error, st.Hint, st.Code = "the server answers 401", "Give credentials.", subscriptions.CodeUnauthorized
		case subscriptions.StateEnded:
			st.Error, st.Code = "the server answers 204", subscriptions.CodeEnded
		}
		w.StatusChanged(f, st)
	}
	synctest.Wait()
}

func TestTrouble(t *testing.T) {
	const (
		open, waiting, connecting = subscriptions.StateOpen, subscriptions.StateWaiting, subscriptions.StateConnecting
		blocked, ended, paused    = subscriptions.StateBlocked, subscriptions.StateEnded, subscriptions.StatePaused
		lost, back                = "trouble a: A cannot be reached", "recovered a: A is connected again"
	)
	for name, tc := range map[string]struct {
		do   func(w *ward)
		want []string
	}{
		"once, and its end": {func(w *ward) {
			w.enter(open, "a")
			pass(time.Hour)
			for range 50 {
				w.enter(waiting, "a")
				pass(6 * time.Minute)
				w.enter(connecting, "a")
				pass(time.Minute)
			}
			w.enter(open, "a")
			pass(time.Hour)
		}, []string{"1h5m5s " + lost, "6h50m15s " + back}},
		"from the start": {func(w *ward) {
			w.enter(connecting, "a")
			pass(time.Hour)
		}, []string{"5m5s " + lost}},
		"short ones are nobody's business": {func(w *ward) {
			for range 50 {
				w.enter(waiting, "a")
				pass(4 * time.Minute)
				w.enter(open, "a")
				pass(time.Second)
			}
			pass(time.Hour)
		}, nil},
		"back for a moment only": {func(w *ward) {
			w.enter(waiting, "a")
			pass(10 * time.Minute)
			w.enter(open, "a")
			pass(9 * time.Second)
			w.enter(waiting, "a")
			pass(20 * time.Minute)
			w.enter(open, "a")
			pass(time.Hour)
		}, []string{"5m5s " + lost, "30m24s " + back}},
		"a person is needed": {func(w *ward) {
			w.enter(connecting, "a")
			pass(10 * time.Second)
			w.enter(blocked, "a")
			pass(time.Hour)
		}, []string{"45s trouble a: A needs your attention"}},
		"the server ends it": {func(w *ward) {
			w.enter(ended, "a")
			pass(time.Hour)
		}, []string{"35s trouble a: A has ended"}},
		"a person wants it so": {func(w *ward) {
			w.enter(waiting, "a")
			pass(4 * time.Minute)
			w.enter(paused, "a")
			pass(time.Hour)
		}, nil},
		"paused when people know": {func(w *ward) {
			w.enter(waiting, "a")
			pass(10 * time.Minute)
			w.enter(paused, "a")
			pass(time.Hour)
			w.enter(open, "a")
			pass(time.Hour)
		}, []string{"5m5s " + lost}},
		"removed": {func(w *ward) {
			w.enter(waiting, "a")
			pass(4 * time.Minute)
			w.Forget("a")
			pass(time.Hour)
		}, nil},
		"many at once": {func(w *ward) {
			for _, f := range []string{"a", "b", "c"} {
				w.enter(waiting, f)
				pass(17 * time.Second)
			}
			w.enter(open, "d")
			pass(10 * time.Minute)
			for _, f := range []string{"a", "b", "c"} {
				w.enter(open, f)
				pass(2 * time.Second)
			}
			pass(time.Hour)
		}, []string{
			"5m5s trouble : 3 feeds cannot be reached: A, B and C",
			"11m6s recovered : 3 feeds are connected again: A, B and C",
		}},
		"all at once": {func(w *ward) {
			w.enter(waiting, "a", "b", "c", "d")
			pass(10 * time.Minute)
			w.enter(open, "a", "b", "c", "d")
			pass(time.Hour)
		}, []string{
			"5m5s trouble : No feed can be reached: is the network down?",
			"10m15s recovered : All feeds are connected again",
		}},
		"two of a kind, and one that needs a person": {func(w *ward) {
			w.enter(waiting, "a", "b")
			pass(4*time.Minute + 30*time.Second)
			w.enter(blocked, "c")
			pass(time.Hour)
		}, []string{"5m5s trouble : 3 feeds are in trouble: A, B and C"}},
		"two at different times": {func(w *ward) {
			w.enter(waiting, "a")
			pass(time.Minute)
			w.enter(waiting, "b")
			pass(time.Hour)
			w.enter(open, "b")
			pass(time.Minute)
			w.enter(open, "a")
			pass(time.Minute)
		}, []string{"5m5s " + lost, "6m5s trouble b: B cannot be reached", "1h1m15s recovered b: B is connected again", "1h2m15s " + back}},
		"the machine sleeps": {func(w *ward) {
			w.enter(waiting, "a")
			pass(4 * time.Minute)
			w.mu.Lock()
			w.asleep = 8 * time.Hour
			w.mu.Unlock()
			w.Woke()
			pass(4 * time.Minute)
			w.enter(open, "a")
			pass(time.Hour)
		}, nil},
		"the machine sleeps, and nobody says so": {func(w *ward) {
			w.enter(waiting, "a")
			pass(4 * time.Minute)
			w.mu.Lock()
			w.asleep = 8 * time.Hour
			w.mu.Unlock()
			pass(time.Hour)
		}, []string{"10m10s " + lost}},
		"never": {func(w *ward) {
			w.prefer.TroubleAfter = subscriptions.Never
			w.enter(waiting, "a")
			w.enter(blocked, "b")
			pass(time.Hour)
		}, nil},
		"sooner": {func(w *ward) {
			w.prefer.TroubleAfter = subscriptions.Duration(time.Second)
			w.enter(waiting, "a")
			w.enter(blocked, "b")
			pass(time.Hour)
		}, []string{"6s trouble : 2 feeds are in trouble: A and B"}},
		"another preference": {func(w *ward) {
			w.enter(waiting, "a")
			pass(2 * time.Minute)
			w.mu.Lock()
			w.prefer.TroubleAfter = subscriptions.Duration(time.Minute)
			w.mu.Unlock()
			w.Look()
			pass(time.Minute)
		}, []string{"2m0s " + lost}},
		"storage fails": {func(w *ward) {
			w.enter(waiting, "a")
			pass(5 * time.Minute)
			w.setFail(errors.New("disk full"))
			pass(3 * time.Minute)
			w.setFail(nil)
			pass(2 * time.Minute)
			w.setFail(errors.New("disk full"))
			w.enter(open, "a")
			pass(3 * time.Minute)
			w.setFail(nil)
			pass(time.Hour)
		}, []string{"8m5s " + lost, "13m15s " + back}},
		"it ends before people can be told": {func(w *ward) {
			w.setFail(errors.New("disk full"))
			w.enter(waiting, "a")
			pass(10 * time.Minute)
			w.enter(open, "a")
			w.setFail(nil)
			pass(time.Hour)
		}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWard(t, newMemory(named("A", "B", "C", "D")...))
				tc.do(w)
				w.check(t, tc.want...)
			})
		})
	}
}

// What people know of is not told again after a restart, and its end is.
func TestTroubleOverARestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newMemory(named("A", "B", "C")...)
		w := newWard(t, store)
		w.enter(subscriptions.StateWaiting, "a", "b")
		pass(10 * time.Minute)
		told := []string{"5m5s trouble : 2 feeds cannot be reached: A and B"}
		w.check(t, told...)
		w.stop()

		store.mu.Lock()
		store.feeds = named("A", "C") // somebody removed one, by hand
		store.mu.Unlock()
		w = newWard(t, store)
		w.enter(subscriptions.StateConnecting, "a")
		pass(time.Second)
		w.enter(subscriptions.StateWaiting, "a")
		pass(time.Hour)
		w.check(t, told...)
		w.stop()

		w = newWard(t, store)
		w.enter(subscriptions.StateConnecting, "a", "c")
		w.enter(subscriptions.StateOpen, "a", "c")
		pass(time.Minute)
		w.check(t, append(told, "1h10m16s recovered a: A is connected again")...)
		if diff := cmp.Diff(map[string]string{settingTold: "{}"}, store.settings); diff != "" {
			t.Error(diff)
		}
	})
}

func TestTroubleInStorage(t *testing.T) {
	ctx := t.Context()
	db, err := storage.Open(ctx, t.TempDir()+"/db", storage.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, f := range named("A", "B") {
		if err := db.AddFeed(ctx, f); err != nil {
			t.Fatal(err)
		}
	}
	w := NewTrouble(TroubleOptions{Store: db, Logger: slog.New(slog.DiscardHandler), Gather: 1, Steady: 1})
	w.ill["a"] = &illness{began: time.Now(), status: subscriptions.Status{State: subscriptions.StateWaiting}}
	if _, err := w.look(ctx); err != nil {
		t.Fatal(err)
	}
	if w = NewTrouble(w.o); w.Recall(ctx) != nil || w.ill["a"] == nil || !w.ill["a"].told {
		t.Error("it is forgotten")
	}
	if err := db.RemoveFeed(ctx, "a"); err != nil {
		t.Fatal(err)
	}
	w.StatusChanged("a", subscriptions.Status{State: subscriptions.StateOpen})
	w.ill["a"].open = time.Now().Add(-time.Hour)
	if _, err := w.look(ctx); err != nil {
		t.Fatal(err)
	}
	if _, err := w.look(ctx); err != nil {
		t.Fatal(err)
	}
	if told, err := db.Setting(ctx, settingTold); told != "{}" || err != nil {
		t.Errorf("%q, %v", told, err)
	}
}

func TestTroubleNotice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var names []string
		for i := range 300 {
			names = append(names, fmt.Sprintf("Feed %d with rather a long name\x1b[2J", i))
		}
		store := newMemory(named(append(names, "last")...)...)
		w := newWard(t, store)
		for _, f := range store.feeds[:300] {
			w.StatusChanged(f.ID, subscriptions.Status{State: subscriptions.StateWaiting, Code: subscriptions.CodeLost, Error: strings.Repeat("long ", 1000)})
		}
		pass(time.Hour)
		if len(store.rows) != 1 {
			t.Fatalf("%q", store.told)
		}
		e := store.rows[0]
		if len([]rune(e.Title)) > maxTitle || len(e.Body) > 8<<10 || len(e.Raw) > 64<<10 || strings.Contains(e.Title+e.Body, "\x1b") {
			t.Errorf("%d %d %d: %q", len(e.Title), len(e.Body), len(e.Raw), e.Title)
		}
		if !strings.HasPrefix(e.Title, "300 feeds cannot be reached: Feed 0 with rather a long name") || !strings.HasSuffix(e.Title, " and 297 more") {
			t.Errorf("%q", e.Title)
		}
		var f Facts
		if err := json.Unmarshal([]byte(e.Raw), &f); err != nil || f.Count != 300 || len(f.Feeds) != maxAbout || f.Feeds[0].Code != subscriptions.CodeLost {
			t.Errorf("%d of %d, %v", len(f.Feeds), f.Count, err)
		}
	})
}

func TestTroubleBody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newMemory(named("A", "B", "C")...)
		w, began := newWard(t, store), moment(time.Now())
		w.enter(subscriptions.StateBlocked, "a")
		pass(time.Minute)
		w.enter(subscriptions.StateWaiting, "b")
		w.enter(subscriptions.StateConnecting, "c")
		pass(10 * time.Minute)
		want := []string{
			"The server answers 401.\nGive credentials.\nIt has been so since " + began + ".",
			"B: connection refused\nC",
		}
		if diff := cmp.Diff(want, []string{store.rows[0].Body, store.rows[1].Body}); diff != "" {
			t.Error(diff)
		}
	})
}

func TestLasting(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "1 s", 59 * time.Second: "59 s", time.Minute: "1 min", 90 * time.Second: "1 min 30 s", time.Hour: "1 h",
		200 * time.Minute: "3 h 20 min", 25 * time.Hour: "1 d 1 h", 366 * 24 * time.Hour: "366 d", 59*time.Minute + 59600*time.Millisecond: "1 h",
	} {
		if got := lasting(subscriptions.Duration(d)); got != want {
			t.Errorf("%s: %q, want %q", d, got, want)
		}
	}
}
