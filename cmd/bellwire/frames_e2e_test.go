//go:build linux

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"bellwire/internal/nodetest"
	"bellwire/subscriptions"

	"github.com/google/go-cmp/cmp"
)

// A talker is a feed of a server that wants to be spoken to.
type talker struct {
	room string
	args []string // its heartbeat
}

var talkers = []talker{
	{"text", []string{"--heartbeat", "ping", "--heartbeat-expect", "pong"}},
	{"json", []string{"--heartbeat", `{"type":"ping"}`, "--heartbeat-expect", `{"type":"pong"}`}},
}

func (l talker) add(p *program, url string) string {
	return p.run(append([]string{
		"add", url, "--name", l.room,
		"--frame", `{"type":"resume","room":"` + l.room + `","last_seq":{{ cursor }}}`,
		"--frame", `{"type":"join","room":"` + l.room + `"}`,
		"--cursor-field", "seq", "--heartbeat-every", "1s", "--heartbeat-within", "3s",
	}, l.args...)...)
}

// A publisher publishes to every room until it is told to stop.
type publisher struct {
	server *nodetest.Server
	sent   atomic.Int64 // to every room
	stop   context.CancelFunc
	done   chan struct{}
}

func publish(t *testing.T, server *nodetest.Server) *publisher {
	ctx, stop := context.WithCancel(t.Context())
	p := &publisher{server: server, stop: stop, done: make(chan struct{})}
	go func() {
		defer close(p.done)
		for n := 1; ; n++ {
			for _, l := range talkers {
				text := strconv.Itoa(n)
				// Each is whole once it is begun, or the rooms would differ.
				if err := server.Publish(t.Context(), l.room, text, "event "+text); err != nil {
					return
				}
			}
			p.sent.Add(1)
			pass(t, publishEvery)
			if ctx.Err() != nil {
				return
			}
		}
	}()
	t.Cleanup(func() { stop(); <-p.done })
	return p
}

// publishEvery keeps the history of a long test short.
const publishEvery = 20 * time.Millisecond

// end stops publishing and returns what every room has had.
func (p *publisher) end() (payloads []string) {
	p.stop()
	<-p.done
	for n := range p.sent.Load() {
		payloads = append(payloads, fmt.Sprintf(`{"seq":%d,"data":"event %d"}`, n+1, n+1))
	}
	return payloads
}

// more waits until n more events have been published.
func (p *publisher) more(b *program, n int64) {
	b.t.Helper()
	want := p.sent.Load() + n
	b.awaitPolled(func() bool { return p.sent.Load() >= want }, "%d events to be published", n)
}

// A feed that resumes by frame loses nothing and repeats nothing, whatever
// happens to its server and to itself, and its heartbeat is no event.
func TestResumeByFrame(t *testing.T) {
	server := nodetest.Start(t)
	b := newProgram(t)
	b.start("--headless", "--notifier", "none")
	var ids []string
	for _, l := range talkers {
		ids = append(ids, l.add(b, server.WS("/")))
		server.AwaitClients(l.room, 1)
	}
	p := publish(t, server)
	p.more(b, 5)
	reopened := func() {
		t.Helper()
		for i, id := range ids {
			server.AwaitClients(talkers[i].room, 1)
			b.awaitState(id, subscriptions.StateOpen)
		}
		p.more(b, 5)
	}

	for range 2 { // the server is killed, and comes back
		server.Kill()
		for _, id := range ids {
			b.awaitTrouble(id)
		}
		server.Restart()
		reopened()
	}

	server.Drop()
	reopened()

	// The server falls silent, with its connections up.
	for _, id := range ids {
		b.awaitRoundTrip(id)
	}
	server.Suspend()
	for _, id := range ids {
		b.awaitLog(id, "no answer to the heartbeat within 3s")
	}
	server.Continue()
	reopened()

	// The daemon dies, and comes back.
	b.stop(syscall.SIGKILL)
	p.more(b, 20)
	b.start("--headless", "--notifier", "none")
	reopened()

	want := p.end()
	for _, id := range ids {
		b.awaitRows(id, len(want))
		if diff := cmp.Diff(want, raws(b.history(id))); diff != "" {
			t.Errorf("%s has of %d events (-want +got):\n%s", id, len(want), firstLines(diff, 30))
		}
	}
}

// A server whose connections are up, pings and all, and that answers the
// heartbeat no longer, is taken for gone.
func TestHeartbeatThatIsAnsweredNoLonger(t *testing.T) {
	server := nodetest.Start(t)
	b := newProgram(t)
	b.start("--headless", "--notifier", "none")
	id := talkers[0].add(b, server.WS("/"))
	b.awaitRoundTrip(id)
	server.Silent()
	b.awaitLog(id, "no answer to the heartbeat within 3s")
	if rows := b.history(id); slices.ContainsFunc(rows, func(r row) bool { return r.Kind == string(subscriptions.KindEvent) }) {
		t.Errorf("history has %v", raws(rows))
	}
}

// A token in the first frame, the way Home Assistant wants it.
func TestTokenInAFrame(t *testing.T) {
	server := nodetest.Start(t)
	b := newProgram(t, "BELLWIRE_TEST_TOKEN=hush-hush")
	b.start("--headless", "--notifier", "none")
	url, auth, join := server.WS("/?token=%s"), `{"type":"auth","access_token":"%s"}`, `{"type":"join","room":"%s"}`
	url = strings.Replace(url, "%s", `hush-hush`, 1)
	for room, add := range map[string]func(args ...string) string{
		"hole": func(args ...string) string { return b.addSecret("hush-hush", append(args, "--token-frame")...) },
		"reference": func(args ...string) string {
			return b.run(append(args, "--token-frame", "--secret-from", "env:BELLWIRE_TEST_TOKEN")...)
		},
		"literal": nil,
	} {
		secret := subscriptions.SecretHole
		if add == nil {
			secret, add = "hush-hush", b.run
		}
		args := []string{url, "--name", room, "--frame", strings.Replace(auth, "%s", secret, 1), "--frame", strings.Replace(join, "%s", room, 1)}
		if room != "hole" {
			args = append([]string{"add"}, args...)
		}
		id := add(args...)
		server.AwaitClients(room, 1)
		b.awaitState(id, subscriptions.StateOpen)
	}
	wrong := b.run("add", url, "--name", "wrong", "--frame", `{"type":"auth","access_token":"hush-wrong"}`)
	b.awaitState(wrong, subscriptions.StateBlocked)
	b.awaitLog(wrong, "with code 4401: bad token ***")
	for _, said := range []string{b.run("feeds", "--json"), b.run("log", wrong), b.run("status", "--json")} {
		if strings.Contains(said, "hush") {
			t.Errorf("it tells the secret: %s", said)
		}
	}
	b.stop(syscall.SIGTERM)
	noSecret(t, b, "hush-hush", "hush-wrong")
}

// awaitTrouble waits until a feed knows that it is not connected.
func (p *program) awaitTrouble(id string) {
	p.t.Helper()
	p.await(func(ctx context.Context, c *controlClient) bool {
		feeds, err := c.Feeds(ctx)
		if err != nil {
			return false
		}
		for _, f := range feeds {
			if f.ID == id {
				return f.State != subscriptions.StateOpen
			}
		}
		return false
	}, "%s to be in trouble", id)
}

// awaitRoundTrip waits until an answer to a heartbeat has been measured.
func (p *program) awaitRoundTrip(id string) {
	p.t.Helper()
	p.awaitPolled(func() bool {
		var feeds []struct {
			ID  string `json:"id"`
			RTT int64  `json:"rtt_ns"`
		}
		if err := json.Unmarshal([]byte(p.run("feeds", "--json")), &feeds); err != nil {
			p.t.Fatal(err)
		}
		for _, f := range feeds {
			if f.ID == id && f.RTT > 0 {
				return true
			}
		}
		return false
	}, "a round trip of %s", id)
}

// awaitLog waits until a feed's log tells something.
func (p *program) awaitLog(id, what string) {
	p.t.Helper()
	p.awaitPolled(func() bool { return strings.Contains(p.run("log", id), what) }, "%s to log %q", id, what)
}

func firstLines(s string, n int) string {
	lines := strings.SplitAfterN(s, "\n", n+1)
	return strings.Join(lines[:min(len(lines), n)], "")
}
