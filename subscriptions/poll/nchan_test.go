package poll

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"bellwire/internal/nchantest"
	"bellwire/subscriptions"

	"github.com/google/go-cmp/cmp"
)

// Every message once, over disconnects and with a backlog, for both kinds.
func TestNchanResume(t *testing.T) {
	for _, tc := range []struct {
		name subscriptions.TransportName
		path string
		long bool
	}{
		{subscriptions.TransportLongPoll, "/longpoll/news", true},
		{subscriptions.TransportPoll, "/poll/news", false},
	} {
		t.Run(string(tc.name), func(t *testing.T) {
			t.Parallel()
			server := nchantest.Start(t)
			tr := &Transport{Long: tc.long}
			feed := subscriptions.Feed{URL: server.URL(tc.path), Transport: tc.name}
			if !tc.long {
				feed.Poll.Interval = subscriptions.Duration(time.Second)
			}
			var want, got []string
			publish := func(from, to int) {
				var bodies []string
				for i := from; i < to; i++ {
					bodies = append(bodies, fmt.Sprintf("message %d", i%7)) // also equal ones
				}
				server.Publish(t, "news", "", bodies...)
				want = append(want, bodies...)
			}
			cursor := ""
			receive := func(r *running) {
				t.Helper()
				for len(got) < len(want) {
					m := r.next(t)
					got, cursor = append(got, m.Data), m.Cursor
				}
			}
			r := start(t, tr, targetOf(t, feed, ""))
			publish(0, 10)
			receive(r)
			for round := range 3 {
				if err := r.stop(); err == nil {
					t.Error("no error")
				}
				publish(100*round, 100*round+20)
				r = start(t, tr, targetOf(t, feed, cursor))
				if resumed := <-r.opened; !resumed {
					t.Error("not resumed")
				}
				receive(r)
				publish(100*round+20, 100*round+25)
				receive(r)
			}
			_ = r.stop()
			if d := cmp.Diff(want, got); d != "" {
				t.Error(d)
			}
			select {
			case m := <-r.messages:
				t.Errorf("and %+v", m)
			default:
			}

			// A restarted server has forgotten everything, and counts anew.
			server.Stop()
			err := tr.Run(t.Context(), targetOf(t, feed, cursor), newSink())
			wantError(t, err, subscriptions.Transient, subscriptions.CodeUnreachable)
			server.Restart()
			awaitLater(t, server, cursor)
			r = start(t, tr, targetOf(t, feed, cursor))
			publish(50, 55)
			receive(r)
			_ = r.stop()
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("after a restart: %s", d)
			}
		})
	}
}

// awaitLater waits for the server's clock to be past the cursor's second:
// nchan orders messages of the same second by a count that begins again when
// it restarts.
func awaitLater(t *testing.T, server *nchantest.Server, cursor string) {
	t.Helper()
	pos, ok := parsePosition(cursor)
	was, err := http.ParseTime(pos.Modified)
	if !ok || err != nil {
		t.Fatalf("cursor %q: %v", cursor, err)
	}
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	c := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	for {
		resp, err := c.Get(server.URL("/html"))
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if now, err := http.ParseTime(resp.Header.Get("Date")); err == nil && now.After(was) {
			return
		}
		<-tick.C
	}
}

// A long poll that nchan gives up after 20 s is asked again, and is life.
func TestNchanSilence(t *testing.T) {
	t.Parallel()
	server := nchantest.Start(t)
	r := start(t, &Transport{Long: true}, targetOf(t, subscriptions.Feed{URL: server.URL("/longpoll/quiet"), Transport: subscriptions.TransportLongPoll}, ""))
	<-r.opened
	server.Publish(t, "quiet", "", "at last")
	if m := r.next(t); m.Data != "at last" {
		t.Errorf("got %+v", m)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	// One silence at least; a slow machine publishes after the second.
	if first, last := r.signs[0], r.signs[len(r.signs)-1]; first != subscriptions.LifeKeepAlive || last != subscriptions.LifeData {
		t.Errorf("signs of life: %v", r.signs)
	}
}

func TestNchanRefusals(t *testing.T) {
	server := nchantest.Start(t)
	for _, tc := range []struct {
		name, path string
		class      subscriptions.Class
		code       subscriptions.Code
	}{
		{"wants a credential", "/private/x", subscriptions.NeedsUser, subscriptions.CodeUnauthorized},
		{"forbids", "/forbidden", subscriptions.NeedsUser, subscriptions.CodeForbidden},
		{"has nothing there", "/nothing", subscriptions.NeedsUser, subscriptions.CodeNotFound},
		{"is not available", "/unavailable", subscriptions.Transient, subscriptions.CodeBusy},
		{"has a page there", "/html", subscriptions.NeedsUser, subscriptions.CodeNotStream},
		{"redirects to a stream that is for others", "/moved", subscriptions.NeedsUser, subscriptions.CodeForbidden},
	} {
		t.Run(tc.name, func(t *testing.T) {
			for _, tr := range []*Transport{{}, {Long: true}} {
				s := newSink()
				err := tr.Run(t.Context(), targetOf(t, subscriptions.Feed{URL: server.URL(tc.path)}, ""), s)
				wantError(t, err, tc.class, tc.code)
				if len(s.opened) != 0 || len(s.messages) != 0 {
					t.Error("opened all the same")
				}
			}
		})
	}
}

func TestNchanCredential(t *testing.T) {
	server := nchantest.Start(t)
	f := subscriptions.Feed{
		URL:       server.URL("/private/x"),
		Transport: subscriptions.TransportLongPoll,
		Headers:   []subscriptions.Header{{Name: "Authorization", Value: nchantest.Bearer}},
	}
	r := start(t, &Transport{Long: true}, targetOf(t, f, ""))
	server.AwaitSubscribers(t, "x", 1)
	server.Publish(t, "x", "", "for members")
	if m := r.next(t); m.Data != "for members" {
		t.Errorf("got %+v", m)
	}
}

// A half-open server ends a question by our own limit, and a cancelled one at
// once.
func TestNchanGoesAway(t *testing.T) {
	server := nchantest.Start(t)
	server.Publish(t, "x", "", "one")
	f := subscriptions.Feed{URL: server.URL("/longpoll/x"), Transport: subscriptions.TransportLongPoll}
	r := start(t, &Transport{Long: true}, targetOf(t, f, ""))
	r.next(t)
	server.AwaitSubscribers(t, "x", 1)
	server.Stop()
	wantError(t, r.end(), subscriptions.Transient, subscriptions.CodeClosed) // nchan says 410
	server.Restart()
	server.Suspend()
	r = start(t, &Transport{Long: true}, targetOf(t, f, ""))
	if err := r.stop(); err == nil {
		t.Error("no error")
	}
}
