package websocket

import (
	"context"
	"fmt"
	"net/http"
	"testing"
	"time"

	"bellwire/internal/nchantest"
	"bellwire/subscriptions"

	"github.com/google/go-cmp/cmp"
)

// running is a Run in the background.
type running struct {
	*recorder
	t    testing.TB
	stop context.CancelFunc
	err  chan error
}

func start(t testing.TB, tr *Transport, target subscriptions.Target) *running {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	r := &running{newRecorder(t), t, stop, make(chan error, 1)}
	go func() { r.err <- tr.Run(ctx, target, r.recorder) }()
	t.Cleanup(stop)
	return r
}

// data returns the payloads of the next n messages, and the last cursor.
func (r *running) data(n int) (data []string, cursor string) {
	r.t.Helper()
	for range n {
		select {
		case m := <-r.messages:
			data, cursor = append(data, m.Data), m.Cursor
		case err := <-r.err:
			r.t.Fatalf("ended after %d of %d messages: %v", len(data), n, err)
		}
	}
	return data, cursor
}

// cancel ends the Run and checks that nothing else came.
func (r *running) cancel() {
	r.t.Helper()
	r.stop()
	if err := <-r.err; err != context.Canceled {
		r.t.Errorf("ended with %v", err)
	}
	if ms := r.received(); len(ms) != 0 {
		r.t.Errorf("%d messages too many: %v", len(ms), ms)
	}
}

func numbers(from, to int) (s []string) {
	for i := from; i < to; i++ {
		s = append(s, fmt.Sprintf(`{"n":%d}`, i))
	}
	return s
}

func equal(t testing.TB, want, got any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestNchanPlain(t *testing.T) {
	s := nchantest.Start(t)
	for _, url := range []string{s.WS("/ws/news"), s.URL("/ws/news")} {
		r := start(t, &Transport{}, subscriptions.Target{URL: url})
		s.AwaitSubscribers(t, "news", 1)
		s.Publish(t, "news", "", numbers(0, 20)...)
		got, cursor := r.data(20)
		equal(t, numbers(0, 20), got)
		equal(t, "", cursor)
		r.cancel()
	}
}

func TestNchanResume(t *testing.T) {
	s := nchantest.Start(t)
	feed := subscriptions.Feed{URL: s.WS("/ws/news"), Settings: subscriptions.Settings{Subprotocols: []string{metaProtocol}}}
	connect := func(cursor string) *running {
		target, err := subscriptions.NewTarget(feed, cursor)
		if err != nil {
			t.Fatal(err)
		}
		return start(t, &Transport{}, target)
	}
	r := connect("")
	s.AwaitSubscribers(t, "news", 1)
	s.Publish(t, "news", "", numbers(0, 10)...)
	got, cursor := r.data(10)
	equal(t, numbers(0, 10), got)
	r.cancel()

	s.Publish(t, "news", "", numbers(10, 40)...)
	for from := 10; from < 40; from += 15 {
		r = connect(cursor)
		got, cursor = r.data(15)
		equal(t, numbers(from, from+15), got)
		r.stop() // with more under way: what was not handed on comes again
		if err := <-r.err; err != context.Canceled {
			t.Error(err)
		}
	}
	r = connect(cursor)
	s.Publish(t, "news", "", "live")
	got, _ = r.data(1)
	equal(t, []string{"live"}, got)
	r.cancel()
}

func TestNchanTwoChannels(t *testing.T) {
	s := nchantest.Start(t)
	target := subscriptions.Target{URL: s.WS("/both/a/b"), Subprotocols: []string{metaProtocol}}
	r := start(t, &Transport{}, target)
	s.AwaitSubscribers(t, "a", 1)
	s.AwaitSubscribers(t, "b", 1)
	s.Publish(t, "a", "", "a1")
	s.Publish(t, "b", "", "b1")
	_, cursor := r.data(2)
	r.cancel()
	s.Publish(t, "a", "", "a2")
	s.Publish(t, "b", "", "b2")
	target.Header = http.Header{"Last-Event-Id": {cursor}}
	r = start(t, &Transport{}, target)
	got, _ := r.data(2)
	equal(t, []string{"a2", "b2"}, got)
	r.cancel()
}

func TestNchanPrivate(t *testing.T) {
	s := nchantest.Start(t)
	r := start(t, &Transport{}, subscriptions.Target{URL: s.WS("/private/x"), Header: http.Header{"Authorization": {"Bearer wrong"}}})
	equal(t, verdict{subscriptions.NeedsUser, subscriptions.CodeUnauthorized, 0}, verdictOf(t, <-r.err))
	for _, target := range []subscriptions.Target{
		{URL: s.WS("/private/x"), Header: http.Header{"Authorization": {nchantest.Bearer}}},
		{URL: s.WS("/private/x?" + nchantest.Token)},
		{URL: "ws://user:pass@" + s.Addr() + "/private/x"},
	} {
		r = start(t, &Transport{}, target)
		s.AwaitSubscribers(t, "x", 1)
		r.cancel()
	}
}

func TestNchanOtherAnswers(t *testing.T) {
	s := nchantest.Start(t)
	for path, want := range map[string]verdict{
		"/html":        {subscriptions.NeedsUser, subscriptions.CodeNotStream, 0},
		"/unavailable": {subscriptions.Transient, subscriptions.CodeBusy, 0},
		"/forbidden":   {subscriptions.NeedsUser, subscriptions.CodeForbidden, 0},
		"/nothing":     {subscriptions.NeedsUser, subscriptions.CodeNotFound, 0},
	} {
		r := start(t, &Transport{}, subscriptions.Target{URL: s.WS(path)})
		equal(t, want, verdictOf(t, <-r.err))
	}
}

func TestNchanRestart(t *testing.T) {
	s := nchantest.Start(t)
	target := subscriptions.Target{URL: s.WS("/ws/news")}
	r := start(t, &Transport{}, target)
	s.AwaitSubscribers(t, "news", 1)
	s.Stop()
	if v := verdictOf(t, <-r.err); v != closed && v != lost {
		t.Errorf("ended with %v", v)
	}
	r = start(t, &Transport{}, target)
	equal(t, verdict{subscriptions.Transient, subscriptions.CodeUnreachable, 0}, verdictOf(t, <-r.err))
	s.Restart()
	r = start(t, &Transport{}, target)
	s.AwaitSubscribers(t, "news", 1)
	s.Publish(t, "news", "", "again")
	got, _ := r.data(1)
	equal(t, []string{"again"}, got)
	r.cancel()
}

// TestNchanHalfOpen: the server's kernel acknowledges everything and nobody
// answers. Also nothing short of the ping finds out.
func TestNchanHalfOpen(t *testing.T) {
	s := nchantest.Start(t)
	r := start(t, &Transport{PingInterval: 50 * time.Millisecond, PongTimeout: 10 * time.Second}, subscriptions.Target{URL: s.WS("/ws/news")})
	s.AwaitSubscribers(t, "news", 1)
	s.Publish(t, "news", "", "hello")
	r.data(1)
	s.Suspend()
	equal(t, verdict{subscriptions.Transient, subscriptions.CodeTimeout, 0}, verdictOf(t, <-r.err))
	if len(r.alive(subscriptions.LifePong)) == 0 && len(r.alive(subscriptions.LifeData)) == 0 {
		t.Error("no life before")
	}
	s.Continue()
}

// TestNchanHalfOpenCancel: a peer that answers nothing holds up nobody.
func TestNchanHalfOpenCancel(t *testing.T) {
	s := nchantest.Start(t)
	r := start(t, &Transport{}, subscriptions.Target{URL: s.WS("/ws/news")})
	s.AwaitSubscribers(t, "news", 1)
	s.Suspend()
	r.cancel()
	s.Continue()
}
