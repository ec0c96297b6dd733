package sse_test

import (
	"fmt"
	"testing"

	"bellwire/internal/nchantest"
	. "bellwire/subscriptions"

	"github.com/google/go-cmp/cmp"
)

func TestNchanResume(t *testing.T) {
	server := nchantest.Start(t)
	tr := newTransport(t)
	var want, got []string
	publish := func(from, to int) {
		var bodies []string
		for i := from; i < to; i++ {
			bodies = append(bodies, fmt.Sprintf("message %d", i))
		}
		server.Publish(t, "news", "headline", bodies...)
		want = append(want, bodies...)
	}
	ids := map[string]bool{}
	receive := func(r *running) (cursor string) {
		t.Helper()
		for len(got) < len(want) {
			m := r.next(t)
			if m.Type != "headline" || m.ID == "" || m.ID != m.Cursor || ids[m.ID] {
				t.Errorf("type %q, id %q, cursor %q, seen before: %v", m.Type, m.ID, m.Cursor, ids[m.ID])
			}
			ids[m.ID] = true
			got = append(got, m.Data)
			cursor = m.Cursor
		}
		return cursor
	}

	r := start(t, tr, target(t, server.URL("/sse/news"), ""))
	if resumed := await(t, r, r.opened); !resumed {
		t.Error("a first connection passes for one that could not be resumed")
	}
	server.AwaitSubscribers(t, "news", 1)
	publish(0, 10)
	cursor := receive(r)
	for round := range 3 { // away for 20 messages, back for 5, and again
		if err := r.stop(); err == nil {
			t.Error("no error")
		}
		publish(100*round+100, 100*round+120)
		r = start(t, tr, target(t, server.URL("/sse/news"), cursor))
		await(t, r, r.opened)
		receive(r)
		publish(100*round+120, 100*round+125)
		cursor = receive(r)
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	_ = r.stop()
	if rest := taken(r.messages); len(rest) != 0 {
		t.Errorf("and %v", rest)
	}
}

func TestNchanResumesByQuery(t *testing.T) {
	server := nchantest.Start(t)
	tr := newTransport(t)
	server.Publish(t, "q", "", "one", "two", "three")
	r := start(t, tr, target(t, server.URL("/all/q"), ""))
	first := r.next(t)
	_ = r.stop()
	tg, err := NewTarget(Feed{
		URL:      server.URL("/all/q"),
		Settings: Settings{Resume: Resume{By: ResumeByQuery, Param: "last_event_id"}},
	}, first.Cursor)
	if err != nil {
		t.Fatal(err)
	}
	r = start(t, tr, tg)
	if a, b := r.next(t).Data, r.next(t).Data; a != "two" || b != "three" {
		t.Errorf("got %q, %q", a, b)
	}
}

func TestNchanKeepAlives(t *testing.T) {
	server := nchantest.Start(t)
	for _, path := range []string{
		"/sse/quiet", // comments
		"/all/quiet", // events of type "ping" without data
	} {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			r := start(t, newTransport(t), target(t, server.URL(path), ""))
			for seen := 0; seen < 2; {
				if await(t, r, r.life) == LifeKeepAlive {
					seen++
				}
			}
			if m := taken(r.messages); len(m) != 0 {
				t.Errorf("keep-alives passed for %v", m)
			}
		})
	}
}

func TestNchanEndsAndRefusals(t *testing.T) {
	server := nchantest.Start(t)
	for _, tc := range []struct {
		name, path string
		headers    []string
		class      Class
		code       Code
		opens      int
	}{
		{"ends an idle stream", "/short/x", nil, Transient, CodeClosed, 1},
		{"wants a credential", "/private/x", nil, NeedsUser, CodeUnauthorized, 0},
		{"wants another credential", "/private/x", []string{"Authorization: Bearer wrong"}, NeedsUser, CodeUnauthorized, 0},
		{"forbids", "/forbidden", nil, NeedsUser, CodeForbidden, 0},
		{"wants another Accept", "/sse/x", []string{"Accept: text/html"}, NeedsUser, CodeForbidden, 0},
		{"has nothing there", "/nothing", nil, NeedsUser, CodeNotFound, 0},
		{"ended it for good", "/gone", nil, Ended, CodeEnded, 0},
		{"is not available", "/unavailable", nil, Transient, CodeBusy, 0},
		{"has a page there", "/html", nil, NeedsUser, CodeNotStream, 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			r := start(t, newTransport(t), target(t, server.URL(tc.path), "", tc.headers...))
			err := <-r.ended
			r.ended <- err
			wantError(t, err, tc.class, tc.code)
			if n := len(taken(r.opened)); n != tc.opens {
				t.Errorf("opened %d times", n)
			}
		})
	}
}

func TestNchanAccepts(t *testing.T) {
	server := nchantest.Start(t)
	for _, tc := range []struct {
		name, path, channel string
		headers             []string
	}{
		{"a redirect", "/moved", "moved", nil},
		{"a bearer", "/private/a", "a", []string{"Authorization: " + nchantest.Bearer}},
		{"a password", "/private/b", "b", []string{"Authorization: " + nchantest.Basic}},
		{"a token in the address", "/private/c?" + nchantest.Token, "c", nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := start(t, newTransport(t), target(t, server.URL(tc.path), "", tc.headers...))
			await(t, r, r.opened)
			server.AwaitSubscribers(t, tc.channel, 1)
			server.Publish(t, tc.channel, "", "线 one\nline two\n\nline four")
			if m := r.next(t); m.Data != "线 one\nline two\n\nline four" || m.Type != "message" {
				t.Errorf("got %+v", m)
			}
		})
	}
}

func TestNchanTwoChannels(t *testing.T) {
	server := nchantest.Start(t)
	tr := newTransport(t)
	r := start(t, tr, target(t, server.URL("/both/left/right"), ""))
	await(t, r, r.opened)
	server.AwaitSubscribers(t, "left", 1)
	server.AwaitSubscribers(t, "right", 1)
	server.Publish(t, "left", "", "l1")
	server.Publish(t, "right", "", "r1")
	r.next(t)
	cursor := r.next(t).Cursor
	_ = r.stop()
	server.Publish(t, "left", "", "l2")
	server.Publish(t, "right", "", "r2")
	r = start(t, tr, target(t, server.URL("/both/left/right"), cursor))
	seen := map[string]bool{r.next(t).Data: true, r.next(t).Data: true}
	if !seen["l2"] || !seen["r2"] {
		t.Errorf("got %v", seen)
	}
}

func TestNchanGoesAway(t *testing.T) {
	server := nchantest.Start(t)
	tr := newTransport(t)
	r := start(t, tr, target(t, server.URL("/sse/x"), ""))
	await(t, r, r.opened)
	server.Stop()
	err := <-r.ended
	r.ended <- err
	if e := AsError(err); e.Class != Transient || e.Code != CodeClosed && e.Code != CodeLost {
		t.Errorf("got %s, %s: %v", e.Class, e.Code, err)
	}
	err = tr.Run(t.Context(), target(t, server.URL("/sse/x"), ""), newSink())
	wantError(t, err, Transient, CodeUnreachable)

	server.Restart()
	r = start(t, tr, target(t, server.URL("/sse/x"), ""))
	await(t, r, r.opened)
	server.Suspend() // half open: nothing tells the client
	if err := r.stop(); err == nil {
		t.Error("no error")
	}
}
