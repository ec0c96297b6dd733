package transporttest

import (
	"cmp"
	"fmt"
	"strings"
	"testing"
	"time"

	"bellwire/internal/faultproxy"
	"bellwire/internal/nchantest"
	"bellwire/subscriptions"

	gocmp "github.com/google/go-cmp/cmp"
)

// secret is in every credential of [nchantest] and of this package.
const secret = "s3cret"

// Run runs the whole suite.
func Run(t *testing.T, s Subject) {
	t.Run("nchan", func(t *testing.T) { s.nchan(t) })
	t.Run("answers", func(t *testing.T) { s.answers(t) })
	t.Run("ends", func(t *testing.T) { s.ends(t) })
	t.Run("payloads", func(t *testing.T) { s.payloads(t) })
	t.Run("cancel", func(t *testing.T) { s.cancels(t) })
}

func numbered(from, to int) (all []string) {
	for i := from; i < to; i++ {
		all = append(all, fmt.Sprintf(`{"n":%d,"text":"线 %d"}`, i, i))
	}
	return all
}

func equal(t testing.TB, what string, want, got any) {
	t.Helper()
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// nchan is what a real server sees.
func (s Subject) nchan(t *testing.T) {
	server := nchantest.Start(t)
	t.Run("auth refused", func(t *testing.T) {
		for _, headers := range [][]string{nil, {"Authorization", "Bearer wrong-s3cret"}} {
			r := s.run(t, s.target(t, server.Addr(), s.private()+"x", "", headers...))
			r.wants(t, subscriptions.NeedsUser, subscriptions.CodeUnauthorized)
			if len(r.opened) != 0 {
				t.Error("opened")
			}
		}
	})
	if s.Polls {
		s.polled(t, server) // the same for what is asked again and again
		return
	}
	t.Run("open and message", func(t *testing.T) {
		r := s.run(t, s.target(t, server.Addr(), s.Path+"open", ""))
		if resumed := next(t, r, r.opened); !resumed {
			t.Error("a first connection passes for one that could not be resumed")
		}
		server.AwaitSubscribers(t, "open", 1)
		server.Publish(t, "open", "", numbered(0, 50)...)
		got, cursor := r.data(t, 50)
		equal(t, "messages", numbered(0, 50), got)
		if cursor == "" {
			t.Error("no cursor")
		}
		r.stop(t)
		r.none(t)
	})
	t.Run("resume", func(t *testing.T) { s.resume(t, server) })
	t.Run("resume through a line that splits every byte", func(t *testing.T) {
		proxy := faultproxy.Start(t, server.Addr())
		proxy.Set(faultproxy.Fault{Split: true})
		r := s.run(t, s.target(t, proxy.Addr(), s.Path+"split", ""))
		next(t, r, r.opened)
		server.AwaitSubscribers(t, "split", 1)
		server.Publish(t, "split", "", numbered(0, 10)...)
		first, cursor := r.data(t, 5)
		r.stop(t)
		r = s.run(t, s.target(t, proxy.Addr(), s.Path+"split", cursor))
		rest, _ := r.data(t, 5)
		equal(t, "messages", numbered(0, 10), append(first, rest...))
	})
	t.Run("cut anywhere", func(t *testing.T) { s.cutAnywhere(t, server) })
	t.Run("half-open", func(t *testing.T) {
		own := nchantest.Start(t) // suspended, it serves nobody else
		r := s.run(t, s.target(t, own.Addr(), s.Path+"half", ""))
		next(t, r, r.opened)
		own.AwaitSubscribers(t, "half", 1)
		own.Suspend()
		r.stop(t) // a peer that answers nothing holds up nobody
		target := s.target(t, own.Addr(), s.Path+"half", "")
		target.ConnectTimeout = 100 * time.Millisecond
		s.run(t, target).wants(t, subscriptions.Transient, subscriptions.CodeTimeout)
		own.Continue()
	})
	t.Run("auth accepted", func(t *testing.T) {
		r := s.run(t, s.target(t, server.Addr(), s.private()+"y", "", "Authorization", nchantest.Bearer))
		next(t, r, r.opened)
		server.AwaitSubscribers(t, "y", 1)
		server.Publish(t, "y", "", "in")
		got, _ := r.data(t, 1)
		equal(t, "messages", []string{"in"}, got)
	})
}

func (s Subject) private() string { return cmp.Or(s.Private, "/private/") }

// resume goes away and comes back again and again, also in the middle of
// what is replayed.
func (s Subject) resume(t *testing.T, server *nchantest.Server) {
	r := s.run(t, s.target(t, server.Addr(), s.Path+"resume", ""))
	next(t, r, r.opened)
	server.AwaitSubscribers(t, "resume", 1)
	server.Publish(t, "resume", "", numbered(0, 10)...)
	got, cursor := r.data(t, 10)
	r.stop(t)
	for at := 10; at < 70; at += 20 {
		server.Publish(t, "resume", "", numbered(at, at+20)...)
		for range 2 {
			r = s.run(t, s.target(t, server.Addr(), s.Path+"resume", cursor))
			if resumed := next(t, r, r.opened); !resumed {
				t.Error("the server could go on, and that was not told")
			}
			var more []string
			more, cursor = r.data(t, 10)
			got = append(got, more...)
			r.cancel() // with more under way
			_ = r.end(t)
		}
	}
	equal(t, "messages", numbered(0, 70), got)
}

// cutAnywhere ends streams in an orderly way after 0, 1, 2, … bytes: what
// came by then is whole, and the rest comes after a resume.
func (s Subject) cutAnywhere(t *testing.T, server *nchantest.Server) {
	proxy := faultproxy.Start(t, server.Addr())
	r := s.run(t, s.target(t, server.Addr(), s.Path+"cut", ""))
	next(t, r, r.opened)
	server.AwaitSubscribers(t, "cut", 1)
	server.Publish(t, "cut", "", "first")
	_, cursor := r.data(t, 1)
	r.stop(t)
	for n := range 60 {
		r = s.run(t, s.target(t, proxy.Addr(), s.Path+"cut", cursor))
		next(t, r, r.opened)
		server.AwaitSubscribers(t, "cut", 1)
		proxy.Cut(n)
		want := fmt.Sprintf("%d: %s", n, strings.Repeat("x", 60)) // longer than any cut
		server.Publish(t, "cut", "", want)
		r.wants(t, subscriptions.Transient, subscriptions.CodeLost, subscriptions.CodeClosed)
		if len(r.messages) == 0 {
			r = s.run(t, s.target(t, server.Addr(), s.Path+"cut", cursor))
		}
		var got []string
		got, cursor = r.data(t, 1)
		equal(t, fmt.Sprintf("cut after %d bytes", n), []string{want}, got)
		r.cancel()
		_ = r.end(t)
	}
}
