//go:build linux

package main

import (
	"context"
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"

	"bellwire/internal/nchantest"
	"bellwire/notify/notifytest"
	"bellwire/subscriptions"

	"github.com/google/go-cmp/cmp"
)

// numbered is n payloads from first on.
func numbered(first, n int) (out []string) {
	for i := range n {
		out = append(out, fmt.Sprintf(`{"title":"event %d"}`, first+i))
	}
	return out
}

func titles(payloads []string) (out []string) {
	for _, p := range payloads {
		out = append(out, strings.TrimSuffix(strings.TrimPrefix(p, `{"title":"`), `"}`))
	}
	return out
}

// streams are the two kinds of feed that resume, of one nchan channel.
var streams = []struct {
	name string
	add  func(s *nchantest.Server, channel string) []string
}{
	{"sse", func(s *nchantest.Server, channel string) []string {
		return []string{"add", s.URL("/sse/" + channel), "--name", channel}
	}},
	{"websocket", func(s *nchantest.Server, channel string) []string {
		return []string{"add", s.WS("/ws/" + channel), "--name", channel, "--subprotocol", "ws+meta.nchan"}
	}},
}

// From a pasted URL to a notification: a real server, a real notification
// service, every event once in history and once on the screen.
func TestFirstBell(t *testing.T) {
	server := nchantest.Start(t)
	bus := notifytest.Bus(t)
	dunst := notifytest.Dunst(t, bus)
	p := newProgram(t, "DBUS_SESSION_BUS_ADDRESS="+bus.Address)
	p.start("--headless", "--notifier", "freedesktop")

	ids := []string{
		p.run("add", server.URL("/sse/bell"), "--name", "Bell by SSE"),
		p.run("add", server.WS("/ws/bell"), "--name", "Bell by WebSocket"),
	}
	if diff := cmp.Diff([]string{"bell-by-sse", "bell-by-websocket"}, ids); diff != "" {
		t.Errorf("ids (-want +got):\n%s", diff)
	}
	for _, id := range ids {
		p.awaitState(id, subscriptions.StateOpen)
	}
	server.AwaitSubscribers(t, "bell", 2)
	sent := append([]string{`{"title":"a <b>bold</b> & \"plain\" 中文 🔔"}`}, numbered(1, 2)...)
	server.Publish(t, "bell", "", sent[0])
	for _, id := range ids {
		p.awaitRows(id, 1)
	}
	awaitShown(t, p) // what a connection begins with is told together where there is more
	server.Publish(t, "bell", "", sent[1:]...)

	for _, id := range ids {
		p.awaitRows(id, len(sent))
		if diff := cmp.Diff(sent, raws(p.history(id))); diff != "" {
			t.Errorf("history of %s (-want +got):\n%s", id, diff)
		}
	}
	awaitShown(t, p)
	counts := map[string]int{}
	for _, n := range dunst.History(t) {
		counts[n.Summary]++
	}
	want := map[string]int{`a <b>bold</b> & "plain" 中文 🔔`: 2}
	for _, title := range titles(numbered(1, 2)) {
		want[title] = 2 // once for each feed
	}
	if diff := cmp.Diff(want, counts); diff != "" {
		t.Errorf("on the screen (-want +got):\n%s", diff)
	}
}

// awaitShown waits until no notification is owed.
func awaitShown(t *testing.T, p *program) {
	t.Helper()
	p.await(func(ctx context.Context, c *controlClient) bool {
		s, err := c.Status(ctx)
		return err == nil && s.Held == 0
	}, "every notification to be shown")
}

// Killed in the middle of a stream, Bellwire goes on where it was: nothing
// lost, nothing twice, neither in history nor on the screen.
func TestKilledMidStream(t *testing.T) {
	for _, stream := range streams {
		t.Run(stream.name, func(t *testing.T) {
			server := nchantest.Start(t)
			bus := notifytest.Bus(t)
			recorder := notifytest.Record(t, bus)
			p := newProgram(t, "DBUS_SESSION_BUS_ADDRESS="+bus.Address)
			p.start("--headless", "--notifier", "freedesktop")
			id := p.run(stream.add(server, "kill")...)
			p.awaitState(id, subscriptions.StateOpen)
			server.AwaitSubscribers(t, "kill", 1)

			const before, during, after = 50, 200, 100
			server.Publish(t, "kill", "", numbered(0, before)...)
			p.awaitRows(id, 10)
			published := make(chan struct{})
			go func() { // mid-stream: events are on their way when it dies
				defer close(published)
				server.Publish(t, "kill", "", numbered(before, during)...)
			}()
			p.awaitRows(id, before+during/4)
			p.stop(syscall.SIGKILL)
			<-published
			server.Publish(t, "kill", "", numbered(before+during, after)...)

			p.start("--headless", "--notifier", "freedesktop")
			want := numbered(0, before+during+after)
			p.awaitRows(id, len(want))
			if diff := cmp.Diff(want, raws(p.history(id))); diff != "" {
				t.Errorf("history (-want +got):\n%s", diff)
			}
			awaitShown(t, p)
			checkTold(t, p, id, recorder.Notifications())
		})
	}
}

// checkTold looks whether a person was told of every event of a feed, alone or
// in a summary, and of none in two ways. One notification may have come
// again, as the one in flight when the program was killed.
func checkTold(t *testing.T, p *program, id string, got []notifytest.Notification) {
	t.Helper()
	for title, n := range tell(got).alone {
		if n > 2 {
			t.Errorf("%q was shown %d times", title, n)
		}
	}
	alone := 0
	for _, r := range p.history(id) {
		d, err := p.client().Delivery(t.Context(), r.Seq)
		if err != nil {
			t.Fatal(err)
		}
		told := 0
		for _, s := range d.Steps {
			switch s.What {
			case subscriptions.StepShown:
				told++
				alone++
			case subscriptions.StepDigested:
				told++
			}
		}
		if told != 1 {
			t.Errorf("event %d was told in %d ways: %+v", r.Seq, told, d.Steps)
		}
	}
	repeats := -alone
	for _, n := range tell(got).alone {
		repeats += n
	}
	if repeats < 0 || repeats > 1 {
		t.Errorf("%d events are noted as shown, and %d more came", alone, repeats)
	}
}

// The server is restarted instead, and loses its memory of what it had sent.
func TestServerRestarted(t *testing.T) {
	for _, stream := range streams {
		t.Run(stream.name, func(t *testing.T) {
			server := nchantest.Start(t)
			p := newProgram(t)
			p.start("--headless", "--notifier", "none")
			id := p.run(stream.add(server, "again")...)
			p.awaitState(id, subscriptions.StateOpen)
			server.AwaitSubscribers(t, "again", 1)
			server.Publish(t, "again", "", numbered(0, 50)...)
			p.awaitRows(id, 50)

			// nchan numbers messages within a second, and a restarted one begins
			// again: in the same second its new ids would be old ones.
			nextSecond(t)
			server.Restart()
			server.Publish(t, "again", "", numbered(50, 100)...)
			p.awaitRows(id, 150)
			if diff := cmp.Diff(numbered(0, 150), raws(p.history(id))); diff != "" {
				t.Errorf("history (-want +got):\n%s", diff)
			}
		})
	}
}

// nextSecond waits for the clock's next second.
func nextSecond(t testing.TB) {
	t.Helper()
	now := time.Now()
	select {
	case <-time.After(time.Until(now.Truncate(time.Second).Add(time.Second))):
	case <-t.Context().Done():
	}
}

// A stream without ids cannot be resumed, and history says so.
func TestGapIsTold(t *testing.T) {
	server := nchantest.Start(t)
	p := newProgram(t)
	p.start("--headless", "--notifier", "none")
	id := p.run("add", server.WS("/ws/gap"), "--name", "gap")
	p.awaitState(id, subscriptions.StateOpen)
	server.AwaitSubscribers(t, "gap", 1)
	server.Publish(t, "gap", "", "one")
	p.awaitRows(id, 1)
	p.stop(syscall.SIGKILL)
	server.Publish(t, "gap", "", "lost")
	p.start("--headless", "--notifier", "none")
	p.awaitRows(id, 2)
	server.AwaitSubscribers(t, "gap", 1)
	server.Publish(t, "gap", "", "two")
	p.awaitRows(id, 3)
	if diff := cmp.Diff([]string{"one", "gap", "two"}, raws(p.history(id))); diff != "" {
		t.Errorf("history (-want +got):\n%s", diff)
	}
}

// A click on a notification opens its link, in the way the desktop opens
// links.
func TestClickOpensTheLink(t *testing.T) {
	server := nchantest.Start(t)
	bus := notifytest.Bus(t)
	recorder := notifytest.Record(t, bus)
	open := recordOpener(t)
	p := newProgram(t, "DBUS_SESSION_BUS_ADDRESS="+bus.Address, open.path)
	p.start("--headless", "--notifier", "freedesktop")
	id := p.run("add", server.URL("/sse/click"), "--name", "click")
	p.awaitState(id, subscriptions.StateOpen)
	server.AwaitSubscribers(t, "click", 1)
	server.Publish(t, "click", "", `{"title":"look","link":"https://example.org/a?b=c&d='$(x)'"}`)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	shown, err := recorder.Wait(ctx, 1)
	if err != nil {
		t.Fatal(err)
	}
	awaitShown(t, p) // it knows by now which notification that is
	if err := recorder.Invoke(shown[0].ID, "default"); err != nil {
		t.Fatal(err)
	}
	p.await(func(ctx context.Context, c *controlClient) bool {
		s, err := c.Status(ctx)
		return err == nil && s.Unread == 0
	}, "the clicked event to be read")
	got := awaitFile(t, open.opened)
	if want := "https://example.org/a?b=c&d='$(x)'"; got != want {
		t.Errorf("opened %q, want %q", got, want)
	}
}
