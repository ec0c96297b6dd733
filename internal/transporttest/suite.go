package transporttest

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"bellwire/internal/porttest"
	"bellwire/subscriptions"
)

// query carries a credential that no error may repeat.
const query = "/?token=" + secret

// answers are the server's words before a stream.
func (s Subject) answers(t *testing.T) {
	for _, tc := range []struct {
		name, head string
		class      subscriptions.Class
		code       subscriptions.Code
		after      time.Duration
	}{
		{"401", "401 Unauthorized", subscriptions.NeedsUser, subscriptions.CodeUnauthorized, 0},
		{"403", "403 Forbidden", subscriptions.NeedsUser, subscriptions.CodeForbidden, 0},
		{"404", "404 Not Found", subscriptions.NeedsUser, subscriptions.CodeNotFound, 0},
		{"410", "410 Gone", subscriptions.NeedsUser, subscriptions.CodeGone, 0},
		{"429", "429 Too Many Requests", subscriptions.Transient, subscriptions.CodeBusy, 0},
		{"429 with Retry-After", "429 Too Many Requests\r\nRetry-After: 7", subscriptions.RetryAfter, subscriptions.CodeBusy, 7 * time.Second},
		{"503 with Retry-After", "503 Service Unavailable\r\nRetry-After: 120", subscriptions.RetryAfter, subscriptions.CodeBusy, 2 * time.Minute},
		{"503 with a date long past", "503 Service Unavailable\r\nRetry-After: Fri, 31 Dec 1999 23:59:59 GMT", subscriptions.RetryAfter, subscriptions.CodeBusy, subscriptions.MinRetryAfter},
		{"503 with a date beyond all reason", "503 Service Unavailable\r\nRetry-After: Fri, 31 Dec 9999 23:59:59 GMT", subscriptions.RetryAfter, subscriptions.CodeBusy, subscriptions.MaxRetryAfter},
		{"502 with Retry-After", "502 Bad Gateway\r\nRetry-After: 3", subscriptions.RetryAfter, subscriptions.CodeServer, 3 * time.Second},
		{"500", "500 Internal Server Error", subscriptions.Transient, subscriptions.CodeServer, 0},
		{"redirect to nowhere", "302 Found", subscriptions.NeedsUser, subscriptions.CodeRedirect, 0},
		{"redirect without end", "307 Temporary Redirect\r\nLocation: /again?token=" + secret, subscriptions.NeedsUser, subscriptions.CodeRedirect, 0},
		{"redirect to what is no web address", "307 Temporary Redirect\r\nLocation: ftp://example.org/?token=" + secret, subscriptions.NeedsUser, subscriptions.CodeRedirect, 0},
		{"headers without end", "200 OK\r\nX: " + strings.Repeat("x", 2<<20), subscriptions.Transient, subscriptions.CodeProtocol, 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			addr := serve(t, func(p *Peer) {
				p.Write("HTTP/1.1 " + tc.head + "\r\nContent-Length: 6\r\nConnection: close\r\n\r\ns3cret")
				p.HangUp()
			})
			r := s.run(t, s.target(t, addr, query, "7"))
			if e := r.wants(t, tc.class, tc.code); e.After != tc.after {
				t.Errorf("after %s, want %s", e.After, tc.after)
			}
			if len(r.opened) != 0 {
				t.Error("opened")
			}
		})
	}
	t.Run("nobody there", func(t *testing.T) {
		s.run(t, s.target(t, porttest.Reserve(t), query, "")).wants(t, subscriptions.Transient, subscriptions.CodeUnreachable)
	})
	t.Run("silence", func(t *testing.T) {
		if s.Holds {
			return // is what a long poll's server has to say when there is no news
		}
		target := s.target(t, serve(t, (*Peer).Drain), query, "")
		target.ConnectTimeout = 50 * time.Millisecond
		s.run(t, target).wants(t, subscriptions.Transient, subscriptions.CodeTimeout)
	})
	t.Run("a reset instead of an answer", func(t *testing.T) {
		s.run(t, s.target(t, serve(t, (*Peer).Reset), query, "")).wants(t, subscriptions.Transient, subscriptions.CodeLost)
	})
	t.Run("no HTTP", func(t *testing.T) {
		addr := serve(t, func(p *Peer) { p.Write("220 mail.example ESMTP\r\n"); p.HangUp() })
		s.run(t, s.target(t, addr, query, "")).wants(t, subscriptions.Transient, subscriptions.CodeProtocol)
	})
	t.Run("redirect to another origin", func(t *testing.T) { s.redirected(t) })
}

// redirected: a feed follows, and what a person set stays at home.
func (s Subject) redirected(t *testing.T) {
	seen := make(chan http.Header, 1)
	away := serve(t, func(p *Peer) {
		select {
		case seen <- p.Request.Header:
		default:
		}
		s.Open(p)
		s.Send(p, "", "there")
		p.Drain()
	})
	home := serve(t, func(p *Peer) {
		p.Write("HTTP/1.1 307 Temporary Redirect\r\nLocation: http://" + away + "/\r\nContent-Length: 0\r\n\r\n")
		p.Drain()
	})
	s.Feed.Subprotocols = nil // may be credentials too: not followed with them
	r := s.run(t, s.target(t, home, query, "7", "Authorization", "Bearer "+secret, "Cookie", "a="+secret, "X-Api-Key", secret))
	got, _ := r.data(t, 1)
	equal(t, "messages", []string{"there"}, got)
	for name, values := range <-seen {
		if strings.Contains(strings.Join(values, " "), secret) {
			t.Errorf("header %s followed to another origin", name)
		}
	}
	r.stop(t)
}

// ends are how open streams break.
func (s Subject) ends(t *testing.T) {
	t.Run("clean close", func(t *testing.T) {
		if s.Polls {
			s.hangsUp(t)
			return
		}
		addr := serve(t, func(p *Peer) {
			s.Open(p)
			s.Send(p, "1", "last")
			if s.End != nil {
				s.End(p)
			}
			p.HangUp()
		})
		r := s.run(t, s.target(t, addr, query, ""))
		got, _ := r.data(t, 1)
		equal(t, "messages", []string{"last"}, got)
		r.wants(t, subscriptions.Transient, subscriptions.CodeClosed)
	})
	t.Run("hung up in the middle of a message", func(t *testing.T) {
		addr := serve(t, func(p *Peer) {
			s.Open(p)
			s.Send(p, "1", "whole")
			s.Part(p)
			p.HangUp()
		})
		r := s.run(t, s.target(t, addr, query, ""))
		got, _ := r.data(t, 1)
		equal(t, "messages", []string{"whole"}, got)
		r.wants(t, subscriptions.Transient, subscriptions.CodeClosed, subscriptions.CodeLost)
		r.none(t)
	})
	t.Run("reset", func(t *testing.T) {
		received := make(chan struct{})
		addr := serve(t, func(p *Peer) {
			s.Open(p)
			s.Send(p, "1", "last")
			s.Part(p)
			<-received // a reset overtakes bytes that were not read yet
			p.Reset()
		})
		r := s.run(t, s.target(t, addr, query, ""))
		got, _ := r.data(t, 1)
		close(received)
		equal(t, "messages", []string{"last"}, got)
		r.wants(t, subscriptions.Transient, subscriptions.CodeLost)
		r.none(t)
	})
	t.Run("a sink that fails", func(t *testing.T) {
		addr := serve(t, func(p *Peer) { s.Open(p); s.Send(p, "1", "x"); p.Drain() })
		into := newSink(t)
		into.refuse = subscriptions.Failf(subscriptions.Transient, subscriptions.CodeStorage, "disk full")
		r := s.runInto(t, s.target(t, addr, query, ""), into)
		if err := r.end(t); !errors.Is(err, into.refuse) {
			t.Errorf("ended with %v", err)
		}
	})
}

// payloads are messages that no server should send.
func (s Subject) payloads(t *testing.T) {
	const limit = 64
	sizes := []int{limit + 1, 5 << 10, 3 << 20}
	if s.Polls {
		sizes = sizes[:1] // after a larger one they ask anew, on another connection
	}
	for _, size := range sizes {
		t.Run(fmt.Sprintf("oversize by %d", size-limit), func(t *testing.T) {
			large := strings.Repeat("x", size)
			addr := serve(t, func(p *Peer) {
				s.Open(p)
				s.Send(p, "1", strings.Repeat("y", limit))
				s.Send(p, "2", large)
				s.Send(p, "3", "small")
				p.Drain()
			})
			target := s.target(t, addr, query, "")
			target.MaxMessage = limit
			if s.Room > 0 {
				target.MaxMessage += s.Room
			}
			r := s.run(t, target)
			got, _ := r.data(t, 1)
			equal(t, "the largest that fits", []string{strings.Repeat("y", limit)}, got)
			m := next(t, r, r.messages)
			if m.Data != "" || m.Oversize <= limit || m.Oversize > int64(size)+1<<10 {
				t.Errorf("%d bytes of payload, oversize %d", len(m.Data), m.Oversize)
			}
			if s.HasIDs && m.ID != "2" {
				t.Errorf("the row in its place has the id %q", m.ID)
			}
			got, _ = r.data(t, 1) // the stream goes on
			equal(t, "messages", []string{"small"}, got)
			r.stop(t)
		})
	}
	t.Run("bad encoding", func(t *testing.T) {
		addr := serve(t, func(p *Peer) {
			s.Open(p)
			s.Send(p, "1", "good")
			s.Send(p, "2", "b\xffd")
			p.Drain()
		})
		r := s.run(t, s.target(t, addr, query, ""))
		got, _ := r.data(t, 1)
		equal(t, "messages", []string{"good"}, got)
		if s.RefusesBadText {
			r.wants(t, subscriptions.Transient, subscriptions.CodeProtocol)
			r.none(t)
			return
		}
		got, _ = r.data(t, 1)
		equal(t, "messages", []string{"b\ufffdd"}, got)
		r.stop(t)
	})
	t.Run("ids", func(t *testing.T) {
		if s.Polls {
			return // an answer has none; the cursor holds validators
		}
		addr := serve(t, func(p *Peer) {
			s.Open(p)
			s.Send(p, "", "a")
			s.Send(p, "1", "b")
			p.Drain()
		})
		r := s.run(t, s.target(t, addr, query, "7"))
		a, b := next(t, r, r.messages), next(t, r, r.messages)
		want := []string{"", "7", "1", "1"}
		if !s.HasIDs {
			want = []string{"", "7", "", "7"}
		}
		equal(t, "id and cursor of both", want, []string{a.ID, a.Cursor, b.ID, b.Cursor})
		r.stop(t)
	})
}

// cancels are the moments at which somebody may want a connection to end.
func (s Subject) cancels(t *testing.T) {
	t.Run("before the answer", func(t *testing.T) {
		asked := make(chan struct{}, 1)
		addr := serve(t, func(p *Peer) { asked <- struct{}{}; p.Drain() })
		r := s.run(t, s.target(t, addr, query, ""))
		next(t, r, asked)
		r.stop(t)
		if len(r.opened) != 0 {
			t.Error("opened")
		}
	})
	t.Run("in silence", func(t *testing.T) {
		addr := serve(t, func(p *Peer) { s.Open(p); s.Send(p, "1", "x"); p.Drain() })
		r := s.run(t, s.target(t, addr, query, ""))
		r.data(t, 1)
		r.stop(t)
	})
	t.Run("in the middle of a message", func(t *testing.T) {
		addr := serve(t, func(p *Peer) { s.Open(p); s.Send(p, "1", "x"); s.Part(p); p.Drain() })
		r := s.run(t, s.target(t, addr, query, ""))
		r.data(t, 1)
		r.stop(t)
		r.none(t)
	})
	t.Run("while storage is slow", func(t *testing.T) {
		addr := serve(t, func(p *Peer) { s.Open(p); s.Send(p, "1", "x"); p.Drain() })
		into := newSink(t)
		into.messages = nil // takes none, ever
		r := s.runInto(t, s.target(t, addr, query, ""), into)
		next(t, r, r.opened)
		r.stop(t)
	})
}
