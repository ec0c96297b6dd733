//go:build linux

package main

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"bellwire/internal/nchantest"
	"bellwire/notify/notifytest"
	"bellwire/subscriptions"
)

// told is what a person has seen: how often each event alone, and what the
// last state of each summary counted.
type told struct {
	alone     map[string]int
	summaries map[string]int
}

// summaryTitle begins with how many events it tells.
var summaryTitle = regexp.MustCompile(`^(\d+) (?:more|events?) from `)

func tell(all []notifytest.Notification) told {
	got := told{alone: map[string]int{}, summaries: map[string]int{}}
	for _, n := range all {
		if m := summaryTitle.FindStringSubmatch(n.Summary); m != nil {
			tag, _ := n.Hints["x-dunst-stack-tag"].(string) // its key, whatever the service calls it
			got.summaries[tag], _ = strconv.Atoi(m[1])
			continue
		}
		got.alone[n.Summary]++
	}
	return got
}

// events is how many events a person has been told of.
func (s told) events() (n int) {
	n = len(s.alone)
	for _, count := range s.summaries {
		n += count
	}
	return n
}

// live waits until what a feed sends next is no backlog any more: its first
// event is one, and alone.
func (p *program) live(server *nchantest.Server, id, channel string, recorder *notifytest.Recorder) {
	p.t.Helper()
	p.awaitState(id, subscriptions.StateOpen)
	server.AwaitSubscribers(p.t, channel, 1)
	server.Publish(p.t, channel, "", `{"title":"the first"}`)
	ctx, cancel := context.WithTimeout(p.t.Context(), patience)
	defer cancel()
	if _, err := recorder.Wait(ctx, 1); err != nil {
		p.t.Fatal(err)
	}
}

// Ten thousand events in seconds are a handful of notifications and one
// summary that counts right; history has them all.
func TestStorm(t *testing.T) {
	const storm = 10_000
	server := nchantest.Start(t)
	bus := notifytest.Bus(t)
	recorder := notifytest.Record(t, bus)
	p := newProgram(t, "DBUS_SESSION_BUS_ADDRESS="+bus.Address)
	p.start("--headless", "--notifier", "freedesktop")
	id := p.run("add", server.URL("/sse/storm"), "--name", "Storm")
	p.live(server, id, "storm", recorder)
	began := time.Now()
	for first := 0; first < storm; first += 500 {
		server.Publish(t, "storm", "", numbered(first, 500)...)
	}
	p.awaitRows(id, storm+1)
	awaitShown(t, p)
	got := tell(recorder.Notifications())
	// Five at once, and one more every ten seconds.
	if most := 6 + int(time.Since(began)/(10*time.Second)); len(got.alone) > most {
		t.Errorf("%d notifications of single events, at most %d were to come", len(got.alone), most)
	}
	if len(got.summaries) != 1 || got.events() != storm+1 {
		t.Errorf("%d events told, summaries %v", got.events(), got.summaries)
	}
	if n := len(p.history(id)); n != storm+1 {
		t.Errorf("%d rows of history", n)
	}
}

// What a feed brings after an absence is one summary.
func TestBacklog(t *testing.T) {
	server := nchantest.Start(t)
	bus := notifytest.Bus(t)
	recorder := notifytest.Record(t, bus)
	p := newProgram(t, "DBUS_SESSION_BUS_ADDRESS="+bus.Address)
	p.start("--headless", "--notifier", "freedesktop")
	id := p.run("add", server.URL("/sse/away"), "--name", "Away")
	p.live(server, id, "away", recorder)
	awaitShown(t, p)
	p.stop(syscall.SIGTERM)
	server.Publish(t, "away", "", numbered(0, 500)...)
	p.start("--headless", "--notifier", "freedesktop")
	p.awaitRows(id, 501)
	awaitShown(t, p)
	all := recorder.Notifications()
	if len(all) != 2 || all[1].Summary != "500 events from Away while you were away" {
		t.Errorf("%d notifications, the last %q", len(all), all[len(all)-1].Summary)
	}
}

// The notification service is absent, dies, hangs and comes back while events
// keep coming: history is never behind, and everybody is told of everything
// once.
func TestDesktopComesAndGoes(t *testing.T) {
	const part = 300
	server := nchantest.Start(t)
	bus := notifytest.Bus(t)
	recorder := notifytest.Record(t, bus)
	recorder.Leave()
	p := newProgram(t, "DBUS_SESSION_BUS_ADDRESS="+bus.Address)
	p.start("--headless", "--notifier", "freedesktop")
	id := p.run("add", server.URL("/sse/desktop"), "--name", "Desktop")
	p.awaitState(id, subscriptions.StateOpen)
	server.AwaitSubscribers(t, "desktop", 1)
	sent := 0
	storm := func() {
		t.Helper()
		server.Publish(t, "desktop", "", numbered(sent, part)...)
		sent += part
		p.awaitRows(id, sent)
	}
	trouble := func(want bool) {
		t.Helper()
		p.awaitPolled(func() bool {
			s, err := p.client().Status(t.Context())
			return err == nil && (s.NotifierError != "") == want
		}, "trouble with the desktop to be %v", want)
	}
	storm()
	trouble(true) // nobody is there
	recorder.Own(t)
	trouble(false)
	recorder.Crash() // with one in its hands
	storm()
	trouble(true)
	storm()
	recorder.Own(t)
	storm()
	recorder.Hang("Notify")
	storm()
	trouble(true) // it does not answer
	storm()
	recorder.Release()
	awaitShown(t, p)
	got := tell(recorder.Notifications())
	for title, n := range got.alone {
		if n > 1 {
			t.Errorf("%q was shown %d times", title, n)
		}
	}
	if got.events() != sent {
		t.Errorf("%d events told of %d: %d alone, summaries %v", got.events(), sent, len(got.alone), got.summaries)
	}
}

// On a real desktop: a click opens the link, a button mutes the feed, and what
// has a newer one of its group stays one notification.
func TestRealDesktop(t *testing.T) {
	server := nchantest.Start(t)
	bus := notifytest.Bus(t)
	dunst := notifytest.Dunst(t, bus)
	open := recordOpener(t)
	p := newProgram(t, "DBUS_SESSION_BUS_ADDRESS="+bus.Address, open.path)
	p.start("--headless", "--notifier", "freedesktop")
	id := p.run("add", server.URL("/sse/real"), "--name", "Real", "--map", "group={{ data.job }}")
	p.awaitState(id, subscriptions.StateOpen)
	server.AwaitSubscribers(t, "real", 1)

	server.Publish(t, "real", "", `{"title":"look","link":"https://example.org/a?b=c"}`)
	p.awaitRows(id, 1)
	awaitShown(t, p)
	dunst.Action(t, 0)
	if got := awaitFile(t, open.opened); got != "https://example.org/a?b=c" {
		t.Errorf("opened %q", got)
	}

	for i := range 3 { // each takes the place of the one before
		server.Publish(t, "real", "", `{"title":"job `+strconv.Itoa(i)+`","job":"site"}`)
		p.awaitRows(id, i+2)
	}
	awaitShown(t, p)
	jobs := 0
	for _, n := range dunst.History(t) { // closes what is on the screen
		if strings.HasPrefix(n.Summary, "job ") {
			jobs++
		}
	}
	if jobs != 1 {
		t.Errorf("%d notifications of one group", jobs)
	}

	server.Publish(t, "real", "", `{"title":"noise"}`)
	p.awaitRows(id, 5)
	awaitShown(t, p)
	dunst.Choose(t, "Mute 1 h")
	p.await(func(ctx context.Context, c *controlClient) bool {
		feeds, err := c.Feeds(ctx)
		return err == nil && len(feeds) == 1 && time.Until(feeds[0].MutedUntil) > 50*time.Minute
	}, "the feed to be muted")
	server.Publish(t, "real", "", `{"title":"more noise"}`)
	p.awaitRows(id, 6)
	p.await(func(ctx context.Context, c *controlClient) bool {
		s, err := c.Status(ctx)
		return err == nil && len(s.Holds) == 1 && s.Holds[0].Why == subscriptions.ReasonMuted
	}, "what comes then to be held")
}

// A recordedOpener stands for the desktop's way of opening links.
type recordedOpener struct {
	path   string // PATH=…
	opened string // the file that has the link
}

func recordOpener(t *testing.T) recordedOpener {
	t.Helper()
	bin := t.TempDir()
	opened := filepath.Join(bin, "opened")
	script := "#!/bin/sh\nprintf '%s' \"$1\" >" + opened + ".new && mv " + opened + ".new " + opened + "\n"
	if err := os.WriteFile(filepath.Join(bin, "xdg-open"), []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	return recordedOpener{"PATH=" + bin + string(os.PathListSeparator) + os.Getenv("PATH"), opened}
}

// A desktop that is asked not to disturb is left alone until it no longer is.
func TestDoNotDisturb(t *testing.T) {
	server := nchantest.Start(t)
	bus := notifytest.Bus(t)
	dunst := notifytest.Dunst(t, bus)
	p := newProgram(t, "DBUS_SESSION_BUS_ADDRESS="+bus.Address)
	p.start("--headless", "--notifier", "freedesktop")
	id := p.run("add", server.URL("/sse/dnd"), "--name", "Quiet")
	p.awaitState(id, subscriptions.StateOpen)
	server.AwaitSubscribers(t, "dnd", 1)
	dunst.Ctl(t, "set-paused", "true")
	says := func(want bool) {
		t.Helper()
		p.awaitPolled(func() bool {
			return strings.Contains(p.run("notifications"), "obeyed, on now (dunst)") == want
		}, "do-not-disturb to be told: %v", want)
	}
	says(true)
	server.Publish(t, "dnd", "", `{"title":"one"}`)
	p.awaitRows(id, 1)
	seq := strconv.FormatInt(p.history(id)[0].Seq, 10)
	p.awaitPolled(func() bool { return strings.Contains(p.run("why", seq), "held: do-not-disturb") }, "the event to be held")
	dunst.Ctl(t, "set-paused", "false")
	says(false)
	awaitShown(t, p)
	if why := p.run("why", seq); !strings.Contains(why, "no longer held: do-not-disturb") || !strings.Contains(why, "shown by freedesktop") {
		t.Error(why)
	}
}
