//go:build linux

package main

import (
	"context"
	"net/http"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"

	"bellwire/internal/faultproxy"
	"bellwire/internal/nchantest"
	"bellwire/subscriptions"

	"github.com/google/go-cmp/cmp"
)

// A line is one feed of a cell of the matrix: its own channel on the server,
// its own proxy on the way there.
type line struct {
	id, channel string
	proxy       *faultproxy.Proxy
	sent        int // how many events were published
}

// A cell is one fault with everything it happens to: one program with a feed
// of either kind, and one server.
type cell struct {
	*program
	server *nchantest.Server
	lines  []*line
	secure *authority // nil without TLS
}

// lineKinds are the two kinds of feed that resume.
var lineKinds = []struct{ name, scheme, path, protocol string }{
	{"sse", "http", "/sse/", ""},
	{"websocket", "ws", "/ws/", "ws+meta.nchan"},
}

// newCell starts a program whose feeds are open and have had their first
// events.
func newCell(t *testing.T, secure bool) *cell {
	t.Helper()
	c := &cell{server: nchantest.Start(t)}
	var env []string
	if secure {
		c.secure = newAuthority(t)
		env = append(env, "SSL_CERT_FILE="+c.secure.file)
	}
	c.program = newProgram(t, env...)
	c.start("--headless", "--notifier", "none")
	for _, kind := range lineKinds {
		l := &line{channel: kind.name, proxy: faultproxy.Start(t, c.server.Addr())}
		scheme := kind.scheme
		if secure {
			l.proxy.UseTLS(c.secure.certificate(t, time.Hour))
			scheme += "s"
		}
		args := []string{"add", l.proxy.URL(scheme, kind.path+l.channel), "--name", kind.name}
		if kind.protocol != "" {
			args = append(args, "--subprotocol", kind.protocol)
		}
		l.id = c.run(args...)
		c.lines = append(c.lines, l)
	}
	for _, l := range c.lines {
		c.awaitState(l.id, subscriptions.StateOpen)
		c.server.AwaitSubscribers(t, l.channel, 1)
	}
	c.publish(t, 20)
	c.settled()
	return c
}

// publish sends n more events to every feed's channel.
func (c *cell) publish(t *testing.T, n int) {
	t.Helper()
	for _, l := range c.lines {
		c.server.Publish(t, l.channel, "", numbered(l.sent, n)...)
		l.sent += n
	}
}

// settled waits until everything published is in history.
func (c *cell) settled() {
	c.t.Helper()
	for _, l := range c.lines {
		c.awaitRows(l.id, l.sent)
	}
}

// awaitTrouble waits until every feed has been in a state for one of the given
// reasons. The log tells so however soon that was over.
func (c *cell) awaitTrouble(state subscriptions.State, codes ...subscriptions.Code) {
	c.t.Helper()
	for _, l := range c.lines {
		c.await(func(ctx context.Context, api *controlClient) bool {
			entries, err := api.FeedLog(ctx, l.id)
			return err == nil && slices.ContainsFunc(entries, func(e subscriptions.LogEntry) bool { return e.State == state && slices.Contains(codes, e.Code) })
		}, "feed %s to be %s because of %v", l.id, state, codes)
	}
}

// each does something to every feed's proxy.
func (c *cell) each(f func(p *faultproxy.Proxy)) {
	for _, l := range c.lines {
		f(l.proxy)
	}
}

// awaitAccepted waits until the proxy of l has taken n connections.
func (c *cell) awaitAccepted(l *line, n int) {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(c.t.Context(), patience)
	defer cancel()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for len(l.proxy.Accepted()) < n {
		select {
		case <-tick.C:
		case <-ctx.Done():
			c.t.Fatalf("%s has made %d connections, not %d", l.id, len(l.proxy.Accepted()), n)
		}
	}
}

// pass waits for d of real time, for processes that do nothing meanwhile.
func pass(t *testing.T, d time.Duration) {
	t.Helper()
	select {
	case <-time.After(d):
	case <-t.Context().Done():
	}
}

// faults is the matrix: what happens while events are published. Events are
// published before the fault, during it and after it. The longest comes
// first, beside the others.
var faults = []struct {
	name   string
	secure bool
	fault  func(t *testing.T, c *cell)
}{
	{"daemon suspended", false, func(t *testing.T, c *cell) {
		c.learned()
		if err := c.cmd.Process.Signal(syscall.SIGSTOP); err != nil {
			t.Fatal(err)
		}
		c.publish(t, 200)
		pass(t, 30*time.Second) // longer than the idle limit of either stream
		if err := c.cmd.Process.Signal(syscall.SIGCONT); err != nil {
			t.Fatal(err)
		}
	}},
	{"server restarted", false, func(t *testing.T, c *cell) {
		// What was published has come: a stopped nchan forgets its messages.
		nextSecond(t) // and numbers anew, within a second
		c.server.Restart()
		c.publish(t, 30)
	}},
	{"server killed", false, func(t *testing.T, c *cell) {
		nextSecond(t)
		c.server.Kill()
		c.awaitTrouble(subscriptions.StateWaiting, subscriptions.CodeLost, subscriptions.CodeClosed)
		c.server.Restart()
		c.publish(t, 30)
	}},
	{"server suspended", false, func(t *testing.T, c *cell) {
		c.learned()
		c.server.Suspend()
		var published sync.WaitGroup
		published.Go(func() { c.publish(t, 30) }) // through when it continues
		c.awaitTrouble(subscriptions.StateWaiting, subscriptions.CodeTimeout)
		c.server.Continue()
		published.Wait()
	}},
	{"reset", false, func(t *testing.T, c *cell) {
		c.each(func(p *faultproxy.Proxy) { p.Reset() })
		c.publish(t, 30)
	}},
	{"reset again and again", false, func(t *testing.T, c *cell) {
		for range 4 {
			c.publish(t, 5)
			c.each(func(p *faultproxy.Proxy) { p.Reset() })
			c.publish(t, 5)
			c.settled()
		}
	}},
	{"orderly end in the middle of an event", false, func(t *testing.T, c *cell) {
		for i := range 4 {
			c.each(func(p *faultproxy.Proxy) { p.Cut(25 + 11*i) })
			c.publish(t, 5)
			c.settled()
		}
	}},
	{"black hole", false, func(t *testing.T, c *cell) {
		c.learned()
		c.each(func(p *faultproxy.Proxy) { p.Set(faultproxy.Fault{Blackhole: true}) })
		c.publish(t, 30)
		c.awaitTrouble(subscriptions.StateWaiting, subscriptions.CodeTimeout)
		c.each(func(p *faultproxy.Proxy) { p.Set(faultproxy.Fault{}) })
	}},
	{"every byte by itself", false, func(t *testing.T, c *cell) {
		c.each(func(p *faultproxy.Proxy) { p.Set(faultproxy.Fault{Split: true}); p.Reset() })
		c.publish(t, 30)
		c.settled()
		c.each(func(p *faultproxy.Proxy) { p.Set(faultproxy.Fault{}) })
	}},
	{"slow line", false, func(t *testing.T, c *cell) {
		c.each(func(p *faultproxy.Proxy) { p.Set(faultproxy.Fault{Rate: 4000}); p.Reset() })
		c.publish(t, 50)
		c.settled()
		c.each(func(p *faultproxy.Proxy) { p.Set(faultproxy.Fault{}) })
	}},
	{"refused", false, func(t *testing.T, c *cell) {
		c.each(func(p *faultproxy.Proxy) { p.Refuse(); p.Reset() })
		c.publish(t, 30)
		c.awaitTrouble(subscriptions.StateWaiting, subscriptions.CodeUnreachable)
		c.each(func(p *faultproxy.Proxy) { p.Accept() })
	}},
	{"503 with Retry-After", false, func(t *testing.T, c *cell) {
		before := map[*line]int{}
		for _, l := range c.lines {
			before[l] = len(l.proxy.Accepted())
			l.proxy.Answer(1, faultproxy.Answer{Status: http.StatusServiceUnavailable, Header: http.Header{"Retry-After": {"3"}}})
			l.proxy.Reset()
		}
		c.publish(t, 30)
		c.awaitTrouble(subscriptions.StateWaiting, subscriptions.CodeBusy)
		for _, l := range c.lines {
			c.run("resume", l.id) // a person's impatience changes nothing
			c.awaitAccepted(l, before[l]+2)
			at := l.proxy.Accepted()[before[l]:]
			if waited := at[1].Sub(at[0]); waited < 3*time.Second {
				t.Errorf("%s came back after %s of the 3 s it was asked to wait", l.id, waited)
			}
		}
	}},
	{"429", false, func(t *testing.T, c *cell) {
		c.each(func(p *faultproxy.Proxy) {
			p.Answer(2, faultproxy.Answer{Status: http.StatusTooManyRequests})
			p.Reset()
		})
		c.publish(t, 30)
		c.awaitTrouble(subscriptions.StateWaiting, subscriptions.CodeBusy)
	}},
	{"certificate expired", true, func(t *testing.T, c *cell) {
		c.each(func(p *faultproxy.Proxy) { p.UseTLS(c.secure.certificate(t, -time.Hour)); p.Reset() })
		c.publish(t, 30)
		c.awaitTrouble(subscriptions.StateBlocked, subscriptions.CodeCertificate)
		c.each(func(p *faultproxy.Proxy) { p.UseTLS(c.secure.certificate(t, time.Hour)) })
		for _, l := range c.lines {
			c.run("resume", l.id)
		}
	}},
	{"daemon killed", false, func(t *testing.T, c *cell) {
		var published sync.WaitGroup
		published.Go(func() { c.publish(t, 100) })
		c.awaitRows(c.lines[0].id, 40)
		c.stop(syscall.SIGKILL)
		published.Wait()
		c.start("--headless", "--notifier", "none")
	}},
}

// learned waits until every feed knows its server's cadence. nchan writes a
// comment every 2 s, and pings a WebSocket that answers every 4 s: the limits
// are 5 s and 10 s, long before a ping of ours would find out.
func (c *cell) learned() {
	c.t.Helper()
	for _, l := range c.lines {
		c.awaitPolled(func() bool {
			feeds, _ := c.client().Feeds(c.t.Context())
			for _, f := range feeds {
				if f.ID == l.id && f.IdleLimit > 0 {
					return true
				}
			}
			return false
		}, "feed %s to know an idle limit", l.id)
	}
}

// Whatever breaks, history ends with every event once and in order, and with
// no gap: the server replays from where a feed stood.
func TestFaults(t *testing.T) {
	t.Parallel()
	for _, tc := range faults {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			c := newCell(t, tc.secure)
			tc.fault(t, c)
			c.publish(t, 20)
			c.settled()
			c.publish(t, 1) // what would come twice has come by then
			c.settled()
			for _, l := range c.lines {
				if diff := cmp.Diff(numbered(0, l.sent), raws(c.history(l.id))); diff != "" {
					t.Errorf("history of %s (-want +got):\n%s", l.id, diff)
				}
			}
		})
	}
}

// A name that does not resolve for a while is waited for, as any server.
func TestNameDoesNotResolve(t *testing.T) {
	t.Parallel()
	c := newCell(t, false)
	c.lines = c.lines[:1] // the redirect with which it is done must not carry the other's sub-protocol
	c.each(func(p *faultproxy.Proxy) {
		p.Answer(2, faultproxy.Answer{Status: http.StatusTemporaryRedirect, Header: http.Header{"Location": {"http://bellwire.invalid/"}}})
		p.Reset()
	})
	c.publish(t, 30)
	c.awaitTrouble(subscriptions.StateWaiting, subscriptions.CodeUnreachable)
	c.settled()
	if diff := cmp.Diff(numbered(0, 50), raws(c.history("sse"))); diff != "" {
		t.Errorf("history (-want +got):\n%s", diff)
	}
}

// A WebSocket without a sub-protocol cannot be resumed: one gap row, however
// many attempts it took.
func TestNameOfAWebSocketDoesNotResolve(t *testing.T) {
	t.Parallel()
	c := &cell{server: nchantest.Start(t), program: newProgram(t)}
	c.start("--headless", "--notifier", "none")
	l := &line{channel: "dns", proxy: faultproxy.Start(t, c.server.Addr())}
	c.lines = []*line{l}
	l.id = c.run("add", l.proxy.URL("ws", "/ws/dns"), "--name", "dns")
	c.awaitState(l.id, subscriptions.StateOpen)
	c.server.AwaitSubscribers(t, l.channel, 1)
	c.publish(t, 20)
	c.settled()
	l.proxy.Answer(3, faultproxy.Answer{Status: http.StatusTemporaryRedirect, Header: http.Header{"Location": {"http://bellwire.invalid/"}}})
	l.proxy.Reset()
	c.awaitTrouble(subscriptions.StateWaiting, subscriptions.CodeUnreachable)
	c.awaitReconnects(l.id, 1)
	c.server.AwaitSubscribers(t, l.channel, 1)
	c.publish(t, 20)
	c.awaitRows(l.id, 41)
	want := append(append(numbered(0, 20), "gap"), numbered(20, 20)...)
	if diff := cmp.Diff(want, raws(c.history(l.id))); diff != "" {
		t.Errorf("history (-want +got):\n%s", diff)
	}
}
