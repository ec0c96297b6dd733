package transporttest

import (
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"bellwire/internal/faultproxy"
	"bellwire/internal/nchantest"
	"bellwire/subscriptions"
)

// polled is [Subject.nchan] for transports that ask: nobody need be there
// when something is published, and a connection ends and begins unnoticed.
func (s Subject) polled(t *testing.T, server *nchantest.Server) {
	t.Run("open and message", func(t *testing.T) {
		server.Publish(t, "open", "", numbered(0, 50)...)
		r := s.run(t, s.target(t, server.Addr(), s.Path+"open", ""))
		if resumed := next(t, r, r.opened); !resumed {
			t.Error("a first connection passes for one that could not be resumed")
		}
		got, cursor := r.data(t, 50)
		equal(t, "messages", numbered(0, 50), got)
		if cursor == "" {
			t.Error("no cursor")
		}
		r.stop(t)
		r.none(t)
	})
	t.Run("resume", func(t *testing.T) { s.resumePolled(t, server.Addr(), server, "resume") })
	t.Run("resume through a line that splits every byte", func(t *testing.T) {
		proxy := faultproxy.Start(t, server.Addr())
		proxy.Set(faultproxy.Fault{Split: true})
		s.resumePolled(t, proxy.Addr(), server, "split")
	})
	t.Run("cut anywhere", func(t *testing.T) { s.cutPolled(t, server) })
	t.Run("half-open", func(t *testing.T) {
		own := nchantest.Start(t) // suspended, it serves nobody else
		own.Publish(t, "half", "", "one")
		r := s.run(t, s.target(t, own.Addr(), s.Path+"half", ""))
		r.data(t, 1)
		own.Suspend()
		r.stop(t) // a peer that answers nothing holds up nobody
		if !s.Holds {
			target := s.target(t, own.Addr(), s.Path+"half", "")
			target.ConnectTimeout = 100 * time.Millisecond
			s.run(t, target).wants(t, subscriptions.Transient, subscriptions.CodeTimeout)
		}
		own.Continue()
	})
	t.Run("auth accepted", func(t *testing.T) {
		if !s.Holds { // an answer without news is a cursor, and no payload
			server.Publish(t, "y", "", "in")
		}
		r := s.run(t, s.target(t, server.Addr(), s.private()+"y", "", "Authorization", nchantest.Bearer))
		if s.Holds {
			server.AwaitSubscribers(t, "y", 1) // this location tells no history
			server.Publish(t, "y", "", "in")
		}
		got, _ := r.data(t, 1)
		equal(t, "messages", []string{"in"}, got)
	})
}

// resumePolled goes away and comes back, also in the middle of a backlog.
func (s Subject) resumePolled(t *testing.T, addr string, server *nchantest.Server, channel string) {
	server.Publish(t, channel, "", numbered(0, 10)...)
	r := s.run(t, s.target(t, addr, s.Path+channel, ""))
	got, cursor := r.data(t, 10)
	r.stop(t)
	for at := 10; at < 70; at += 20 {
		server.Publish(t, channel, "", numbered(at, at+20)...)
		for range 2 {
			r = s.run(t, s.target(t, addr, s.Path+channel, cursor))
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

// cutPolled ends the connection in an orderly way after 0, 1, 2, … bytes of
// an answer. Either that ends the Run, which then goes on from where it was,
// or the question is asked again unnoticed.
func (s Subject) cutPolled(t *testing.T, server *nchantest.Server) {
	proxy := faultproxy.Start(t, server.Addr())
	server.Publish(t, "cut", "", "first")
	r := s.run(t, s.target(t, server.Addr(), s.Path+"cut", ""))
	_, cursor := r.data(t, 1)
	r.stop(t)
	for n := 0; n < 400; n += 7 { // the answer with its head is about so long
		want := fmt.Sprintf("%d: %s", n, strings.Repeat("x", 60))
		server.Publish(t, "cut", "", want)
		proxy.CutNext(n)
		r = s.run(t, s.target(t, proxy.Addr(), s.Path+"cut", cursor))
		select {
		case <-r.done:
		case m := <-r.messages:
			r.messages <- m // to be read below
		case <-time.After(patience):
			t.Fatal("neither a message nor an end")
		}
		if len(r.messages) == 0 {
			r.wants(t, subscriptions.Transient, subscriptions.CodeLost, subscriptions.CodeClosed, subscriptions.CodeProtocol)
			r = s.run(t, s.target(t, server.Addr(), s.Path+"cut", cursor))
		}
		var got []string
		got, cursor = r.data(t, 1)
		equal(t, fmt.Sprintf("cut after %d bytes", n), []string{want}, got)
		r.cancel()
		_ = r.end(t)
		r.none(t)
	}
}

// hangsUp: a server that ends the connection after every answer, or instead
// of the next one, has not ended the feed.
func (s Subject) hangsUp(t *testing.T) {
	var answers atomic.Int32
	addr := serve(t, func(p *Peer) {
		s.Open(p)
		s.Send(p, "", fmt.Sprint("answer ", answers.Add(1)))
		p.HangUp()
	})
	r := s.run(t, s.target(t, addr, query, ""))
	got, _ := r.data(t, 3)
	equal(t, "messages", []string{"answer 1", "answer 2", "answer 3"}, got)
	r.stop(t)
}
