package daemon

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"bellwire/internal/control"
	"bellwire/subscriptions"

	"github.com/google/go-cmp/cmp"
)

// teller is a server whose one connection says what it is told to.
type teller struct {
	*httptest.Server
	say   chan string
	conns atomic.Int32
}

func newTeller(t *testing.T) *teller {
	s := &teller{say: make(chan string)}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.conns.Add(1)
		w.Header().Set("Content-Type", "text/event-stream")
		for {
			_, _ = io.WriteString(w, ":\n\n")
			_ = http.NewResponseController(w).Flush()
			select {
			case text := <-s.say:
				_, _ = io.WriteString(w, text+"\n\n")
			case <-r.Context().Done():
				return
			}
		}
	}))
	t.Cleanup(s.Close)
	t.Cleanup(s.CloseClientConnections)
	return s
}

// tell says one event and waits until it is in history.
func (s *teller) tell(t *testing.T, a *App, id, data string) subscriptions.Event {
	t.Helper()
	before, err := a.LastSeq(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	select {
	case s.say <- "id: " + id + "\ndata: " + data:
	case <-time.After(3 * time.Minute):
		t.Fatal("nobody listens")
	}
	var e subscriptions.Event
	await(t, a, "event "+id, func() bool {
		rows, err := a.History(t.Context(), control.Query{After: before, Limit: 1})
		if err != nil {
			t.Fatal(err)
		}
		if len(rows) > 0 {
			e = rows[0]
		}
		return len(rows) > 0
	})
	return e
}

// A new name or look is no reason to lose a connection that cannot resume.
func TestANewNameKeepsTheConnection(t *testing.T) {
	server, ctx := newTeller(t), t.Context()
	a, stop := open(t, shortDir(t))
	defer stop()
	n := control.NewFeed{URL: server.URL, Name: "Before", Settings: subscriptions.Settings{Mapping: subscriptions.Mapping{Title: "{{ feed.name }}: {{ data.x }}"}}}
	f, err := a.AddFeed(ctx, n)
	if err != nil {
		t.Fatal(err)
	}
	if e := server.tell(t, a, "1", `{"x":1}`); e.Title != "Before: 1" {
		t.Errorf("called %q", e.Title)
	}
	for i, change := range []func(){
		func() { n.Name = "After" },
		func() { n.Look = subscriptions.Look{Folder: "Work", Icon: "🚀", Colour: "teal"} },
		func() { n.Keep = subscriptions.Keep{Days: 30} },
		func() { n.Name, n.Look.Folder = "Last", "" },
	} {
		change()
		if _, err := a.ChangeFeed(ctx, f.ID, n); err != nil {
			t.Fatal(err)
		}
		if e := server.tell(t, a, fmt.Sprint(i+2), `{"x":2}`); e.Title != n.Name+": 2" {
			t.Errorf("called %q, want %s", e.Title, n.Name)
		}
	}
	if err := a.Arrange(ctx, []control.Place{{Feed: f.ID, Folder: "Home"}}); err != nil {
		t.Error(err)
	}
	server.tell(t, a, "9", `{"x":2}`)
	if got := server.conns.Load(); got != 1 {
		t.Errorf("%d connections", got)
	}
	// The next connection knows the name as well.
	if _, err := a.ReconnectFeed(ctx, f.ID); err != nil {
		t.Fatal(err)
	}
	await(t, a, "another connection", func() bool { return server.conns.Load() == 2 })
	if e := server.tell(t, a, "10", `{"x":3}`); e.Title != "Last: 3" {
		t.Errorf("called %q", e.Title)
	}
}

func TestDeleteEvents(t *testing.T) {
	server, ctx, dir := newTeller(t), t.Context(), shortDir(t)
	a, stop := open(t, dir)
	f, err := a.AddFeed(ctx, control.NewFeed{URL: server.URL, Name: "x"})
	if err != nil {
		t.Fatal(err)
	}
	first := server.tell(t, a, "1", "one")
	second := server.tell(t, a, "2", "two")
	if err := a.DeleteEvents(ctx, []int64{first.Seq, 99}); err != nil {
		t.Fatal(err)
	}
	if err := a.DeleteEvents(ctx, make([]int64, control.MaxDelete+1)); refusal(err) != http.StatusBadRequest {
		t.Errorf("very many: %v", err)
	}
	left := func() (seqs []int64) {
		rows, err := a.History(ctx, control.Query{Feed: f.ID, OldestFirst: true})
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range rows {
			if e.Kind == subscriptions.KindEvent {
				seqs = append(seqs, e.Seq)
			}
		}
		return seqs
	}
	if d := cmp.Diff([]int64{second.Seq}, left()); d != "" {
		t.Error(d)
	}
	stop()
	a, _ = open(t, dir)
	// The server sends all of it again; only the third is news.
	for _, again := range []string{"id: 1\ndata: one", "id: 2\ndata: two"} {
		select {
		case server.say <- again:
		case <-time.After(3 * time.Minute):
			t.Fatal("nobody listens")
		}
	}
	third := server.tell(t, a, "3", "three")
	if d := cmp.Diff([]int64{second.Seq, third.Seq}, left()); d != "" {
		t.Error(d)
	}
}

// refusal is the status of an error that people are told.
func refusal(err error) int {
	if e, ok := errors.AsType[*control.Error](err); ok {
		return e.Status
	}
	return 0
}

func TestArrange(t *testing.T) {
	a, _ := open(t, shortDir(t))
	ctx := t.Context()
	for _, id := range []string{"a", "b", "c"} {
		if _, err := a.AddFeed(ctx, control.NewFeed{ID: id, URL: "http://127.0.0.1:9/" + id, Paused: true}); err != nil {
			t.Fatal(err)
		}
	}
	if err := a.Arrange(ctx, []control.Place{{Feed: "c", Folder: "  My \n work "}, {Feed: "b"}}); err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct {
		places []control.Place
		want   int
	}{
		"unknown":         {[]control.Place{{Feed: "a"}, {Feed: "d"}}, http.StatusNotFound},
		"twice":           {[]control.Place{{Feed: "a"}, {Feed: "a"}}, http.StatusBadRequest},
		"a long folder":   {[]control.Place{{Feed: "a", Folder: strings.Repeat("x", 61)}}, http.StatusBadRequest},
		"what is no text": {[]control.Place{{Feed: "a", Folder: "a\x01"}}, http.StatusBadRequest},
	} {
		if err := a.Arrange(ctx, tc.places); refusal(err) != tc.want {
			t.Errorf("%s: %v", name, err)
		}
	}
	feeds, err := a.Feeds(ctx)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range feeds {
		got = append(got, f.ID+" "+f.Look.Folder)
	}
	if d := cmp.Diff([]string{"c My work", "b ", "a "}, got); d != "" {
		t.Error(d)
	}
}

func TestActivity(t *testing.T) {
	server, ctx := newTeller(t), t.Context()
	a, _ := open(t, shortDir(t))
	f, err := a.AddFeed(ctx, control.NewFeed{URL: server.URL, Name: "x"})
	if err != nil {
		t.Fatal(err)
	}
	server.tell(t, a, "1", "one")
	server.tell(t, a, "2", "two")
	got, err := a.Activity(ctx)
	if err != nil {
		t.Fatal(err)
	}
	hours := got.Feeds[f.ID]
	if len(hours) != control.ActivityHours || hours[23]+hours[22] != 2 {
		t.Errorf("%v", hours)
	}
	if left := time.Until(got.Until); left < -time.Minute || left > time.Hour || got.Until.Truncate(time.Hour) != got.Until {
		t.Errorf("until %v", got.Until)
	}
}

func TestUndoRead(t *testing.T) {
	server, ctx := newTeller(t), t.Context()
	a, _ := open(t, shortDir(t))
	f, err := a.AddFeed(ctx, control.NewFeed{URL: server.URL, Name: "x"})
	if err != nil {
		t.Fatal(err)
	}
	var last int64
	for _, id := range []string{"1", "2", "3"} {
		last = server.tell(t, a, id, id).Seq
	}
	read := func(want ...bool) {
		t.Helper()
		rows, err := a.History(ctx, control.Query{Feed: f.ID, OldestFirst: true})
		if err != nil {
			t.Fatal(err)
		}
		var got []bool
		for _, e := range rows {
			if e.Kind == subscriptions.KindEvent {
				got = append(got, e.Read)
			}
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Error(d)
		}
	}
	mark := func(m control.MarkRead) string {
		t.Helper()
		done, err := a.MarkRead(ctx, m)
		if err != nil {
			t.Fatal(err)
		}
		return done.Undo
	}
	if mark(control.MarkRead{Seqs: []int64{last}}) == "" {
		t.Error("one by number cannot be taken back")
	}
	all := mark(control.MarkRead{Through: last})
	read(true, true, true)
	if undo := mark(control.MarkRead{Through: last}); undo != "" {
		t.Errorf("nothing can be taken back: %q", undo)
	}
	if err := a.UndoRead(ctx, all); err != nil {
		t.Fatal(err)
	}
	read(false, false, true) // the third was read before
	for _, name := range []string{all, "", "x"} {
		if err := a.UndoRead(ctx, name); refusal(err) != http.StatusNotFound {
			t.Errorf("%q: %v", name, err)
		}
	}
	back := mark(control.MarkRead{Unread: true, Feed: f.ID, Through: last})
	read(false, false, false)
	if err := a.UndoRead(ctx, back); err != nil {
		t.Fatal(err)
	}
	read(false, false, true)
}

// What could not be taken back, as when the window was closed meanwhile, can
// still be.
func TestAnUndoThatFailedCanBeRepeated(t *testing.T) {
	a, stop := open(t, shortDir(t))
	defer stop()
	declared(t, a, subscriptions.Feed{ID: "f", Name: "f", URL: "https://example.invalid/"})
	r, err := a.db.Ingest(t.Context(), subscriptions.Batch{Feed: "f", Events: []subscriptions.Event{{Title: "t", Silent: true}}})
	if err != nil {
		t.Fatal(err)
	}
	marked, err := a.MarkRead(t.Context(), control.MarkRead{Seqs: []int64{r.LastSeq}})
	if err != nil {
		t.Fatal(err)
	}
	gone, leave := context.WithCancel(t.Context())
	leave()
	if err := a.UndoRead(gone, marked.Undo); err == nil {
		t.Fatal("somebody who had gone was answered")
	}
	if err := a.UndoRead(t.Context(), marked.Undo); err != nil {
		t.Error(err)
	}
	if e, err := a.db.Event(t.Context(), r.LastSeq); err != nil || e.Read {
		t.Errorf("read %v, %v", e.Read, err)
	}
}

func TestUndosAreForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var u undos
		some := func(n int) string {
			var m marking
			m.changed(make([]int64, n))
			return u.add(true, m)
		}
		first := some(1)
		time.Sleep(undoLife - time.Second)
		second := some(2)
		if _, ok := u.take(first); !ok {
			t.Error("the first is gone too early")
		}
		first = some(1)
		time.Sleep(2 * time.Second)
		if _, ok := u.take(second); !ok {
			t.Error("the second is gone with the first")
		}
		time.Sleep(undoLife)
		synctest.Wait()
		if _, ok := u.take(first); ok || u.rows != 0 || len(u.all) != 0 || u.late != nil {
			t.Errorf("%d rows are left", u.rows)
		}
		// Those that push others out.
		a, b := some(maxUndo/2), some(maxUndo/2)
		c := some(1)
		for name, want := range map[string]bool{a: false, b: true, c: true} {
			if _, ok := u.take(name); ok != want {
				t.Errorf("of %d rows %v", maxUndo/2, ok)
			}
		}
		if some(maxUndo+1) != "" || u.rows != 0 {
			t.Error("too many can be taken back")
		}
		first = some(1)
		for range maxUndos {
			some(1)
		}
		if _, ok := u.take(first); ok || u.rows != maxUndos {
			t.Errorf("%d marks", u.rows)
		}
		u.clear()
		if u.late != nil || some(0) != "" {
			t.Error("something is left")
		}
	})
}

// Preferences that cannot be read do not make history shorter.
func TestDamagedPreferencesKeepEverything(t *testing.T) {
	dir := shortDir(t)
	a, stop := open(t, dir)
	if err := a.db.SetSetting(t.Context(), settingPreferences, `{"keep":`); err != nil {
		t.Fatal(err)
	}
	stop()
	a, _ = open(t, dir)
	if k := a.preferred().Keep; k.Days != subscriptions.KeepAll || k.Events != subscriptions.KeepAll {
		t.Errorf("%+v", k)
	}
}

// What is kept is asked for by preferences: those that somebody sets, and
// those that a start has found.
func TestKeepIsFollowed(t *testing.T) {
	few := subscriptions.Preferences{Keep: subscriptions.Keep{Events: 1}}
	for name, follow := range map[string]func(t *testing.T, a *App, stop func(), dir string) *App{
		"set": func(t *testing.T, a *App, _ func(), _ string) *App {
			if err := a.SetPreferences(t.Context(), few); err != nil {
				t.Fatal(err)
			}
			return a
		},
		"found": func(t *testing.T, a *App, stop func(), dir string) *App {
			value, err := json.Marshal(few)
			if err == nil {
				err = a.db.SetSetting(t.Context(), settingPreferences, string(value))
			}
			if err != nil {
				t.Fatal(err)
			}
			stop()
			cfg := config(t, dir)
			cfg.pace.keep = 1
			a, _ = running(t, cfg)
			return a
		},
	} {
		t.Run(name, func(t *testing.T) {
			server, dir := newTeller(t), shortDir(t)
			a, stop := open(t, dir)
			if _, err := a.AddFeed(t.Context(), control.NewFeed{URL: server.URL, Name: "x"}); err != nil {
				t.Fatal(err)
			}
			server.tell(t, a, "1", "one")
			last := server.tell(t, a, "2", "two")
			a = follow(t, a, stop, dir)
			await(t, a, "the older one to go", func() bool {
				rows, err := a.History(t.Context(), control.Query{})
				if err != nil {
					t.Fatal(err)
				}
				return len(rows) == 1 && rows[0].Seq == last.Seq
			})
		})
	}
}
