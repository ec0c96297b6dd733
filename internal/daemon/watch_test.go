package daemon

import (
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"bellwire/internal/control"
	"bellwire/internal/nchantest"
	"bellwire/subscriptions"

	"github.com/google/go-cmp/cmp"
)

// watching runs an app whose watchers wait for moments only. troubleAfter is
// nil for what the app's preferences say.
func watching(t *testing.T, dir string, troubleAfter *atomic.Int64) (a *App, stop func()) {
	t.Helper()
	cfg := config(t, dir)
	cfg.pace = pace{settle: 1, steady: 1, gather: 1}
	if troubleAfter != nil {
		cfg.pace.preferences = func() subscriptions.Preferences {
			return subscriptions.Preferences{TroubleAfter: subscriptions.Duration(troubleAfter.Load())}
		}
	}
	return running(t, cfg)
}

// notices are all there are, oldest first, and those told of a feed as
// "type feed".
func notices(t *testing.T, a *App) (all []subscriptions.Event, short []string) {
	t.Helper()
	rows, err := a.History(t.Context(), control.Query{OldestFirst: true, Limit: control.MaxLimit})
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range rows {
		if e.Kind == subscriptions.KindNotice {
			all, short = append(all, e), append(short, strings.TrimSpace(e.Type+" "+e.Feed))
		}
	}
	return all, short
}

func (a *App) inState(want subscriptions.State, feeds ...string) bool {
	return !slices.ContainsFunc(feeds, func(id string) bool {
		st, _ := a.supervisor.Status(id)
		return st.State != want
	})
}

// A server dies under two feeds, and comes back after a restart of Bellwire:
// people hear of each once.
func TestTroubleIsToldOnce(t *testing.T) {
	server := nchantest.Start(t)
	var after atomic.Int64
	after.Store(int64(subscriptions.Never))
	dir := shortDir(t)
	a, stop := watching(t, dir, &after)
	for _, name := range []string{"one", "two"} {
		if _, err := a.AddFeed(t.Context(), control.NewFeed{URL: server.URL("/sse/" + name), Name: name}); err != nil {
			t.Fatal(err)
		}
	}
	await(t, a, "connections", func() bool { return a.inState(subscriptions.StateOpen, "one", "two") })
	server.Kill()
	await(t, a, "their end", func() bool { return a.inState(subscriptions.StateWaiting, "one", "two") })
	after.Store(1)
	a.trouble.Look()
	told := func() []string {
		_, short := notices(t, a)
		return short
	}
	await(t, a, "a notice", func() bool { return len(told()) > 0 })
	st, err := a.Status(t.Context())
	if all, _ := notices(t, a); err != nil || len(all) != 1 || all[0].Feed != "" || all[0].Title != "No feed can be reached: is the network down?" || st.Unread != 1 || st.Events != 1 {
		t.Errorf("%+v, %d unread, %v", all, st.Unread, err)
	}
	stop()

	a, _ = watching(t, dir, &after)
	await(t, a, "another attempt", func() bool { return a.inState(subscriptions.StateWaiting, "one", "two") })
	// A feed that got through by itself is kicked below, which is a trouble of
	// its own where none is too short.
	after.Store(int64(subscriptions.Never))
	server.Restart()
	a.Reconnect()
	back := func() int {
		n := 0
		all, _ := notices(t, a)
		for _, e := range all {
			if e.Type == string(subscriptions.NoticeRecovered) {
				n += strings.Count(e.Raw, `"id":"`)
			}
		}
		return n
	}
	await(t, a, "both to be well", func() bool { return back() == 2 }) // in one notice, or on a slow machine in two
	if troubles := slices.DeleteFunc(told(), func(s string) bool { return !strings.HasPrefix(s, "trouble") }); len(troubles) != 1 {
		t.Errorf("told of %q", troubles)
	}
}

// A trouble that nobody was to hear of is told when the preferences change.
func TestTroubleFollowsThePreferences(t *testing.T) {
	a, _ := watching(t, shortDir(t), nil)
	if err := a.SetPreferences(t.Context(), subscriptions.Preferences{TroubleAfter: subscriptions.Never}); err != nil {
		t.Fatal(err)
	}
	if _, err := a.AddFeed(t.Context(), control.NewFeed{URL: "http://127.0.0.1:9/x", Name: "one"}); err != nil {
		t.Fatal(err)
	}
	await(t, a, "trouble", func() bool { return a.inState(subscriptions.StateWaiting, "one") })
	if err := a.SetPreferences(t.Context(), subscriptions.Preferences{TroubleAfter: 1}); err != nil {
		t.Fatal(err)
	}
	await(t, a, "a notice", func() bool {
		_, short := notices(t, a)
		return slices.Contains(short, "trouble one")
	})
}

// A stream falls silent and speaks again, before and after a restart.
func TestSilenceIsTold(t *testing.T) {
	server := nchantest.Start(t)
	var never atomic.Int64
	never.Store(int64(subscriptions.Never))
	dir := shortDir(t)
	a, stop := watching(t, dir, &never)
	f, err := a.AddFeed(t.Context(), control.NewFeed{URL: server.URL("/sse/quiet"), Name: "quiet", Settings: subscriptions.Settings{
		Silence: subscriptions.Silence{After: subscriptions.Duration(time.Second), When: `data != "noise"`},
	}})
	if err != nil {
		t.Fatal(err)
	}
	told := func(want ...string) {
		t.Helper()
		await(t, a, "notices", func() bool {
			_, short := notices(t, a)
			return len(short) >= len(want) && cmp.Equal(short[:len(want)], want)
		})
	}
	told("silent quiet")
	server.Publish(t, "quiet", "", "noise", "something")
	told("silent quiet", "speaks quiet", "silent quiet")
	stop()
	a, _ = watching(t, dir, &never)
	await(t, a, "the connection", func() bool { return a.inState(subscriptions.StateOpen, "quiet") })
	server.Publish(t, "quiet", "", "something else")
	told("silent quiet", "speaks quiet", "silent quiet", "speaks quiet")

	// Without the alarm what was told is forgotten, and nothing is told more.
	n := control.NewFeed{URL: f.URL, Name: "quiet"}
	await(t, a, "silence", func() bool {
		h, err := a.db.Hearings(t.Context())
		return err == nil && !h["quiet"].SilentSince.IsZero()
	})
	if _, err := a.ChangeFeed(t.Context(), "quiet", n); err != nil {
		t.Fatal(err)
	}
	h, err := a.db.Hearings(t.Context())
	if err != nil || !h["quiet"].SilentSince.IsZero() {
		t.Errorf("%+v, %v", h, err)
	}
}
