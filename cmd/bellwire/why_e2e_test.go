//go:build linux

package main

import (
	"context"
	"strconv"
	"strings"
	"testing"
	"time"

	"bellwire/internal/nchantest"
	"bellwire/notify/notifytest"
	"bellwire/subscriptions"

	"github.com/godbus/dbus/v5"
)

// A why is a program with one feed and a desktop, and the question what
// became of the feed's last event.
type why struct {
	*program
	server   *nchantest.Server
	recorder *notifytest.Recorder
	channel  string
}

// send publishes and waits for the rows.
func (w *why) send(payloads ...string) {
	w.t.Helper()
	before := len(w.history("feed"))
	w.server.Publish(w.t, w.channel, "", payloads...)
	w.awaitRows("feed", before+len(payloads))
}

// shown waits for the nth notification, counted from 1.
func (w *why) shown(n int) notifytest.Notification {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), patience)
	defer cancel()
	all, err := w.recorder.Wait(ctx, n)
	if err != nil {
		w.t.Fatal(err)
	}
	awaitShown(w.t.(*testing.T), w.program) // it knows by now which one that is
	return all[n-1]
}

// answers waits until `bellwire why` of the last event has every line.
func (w *why) answers(lines ...string) {
	w.t.Helper()
	rows := w.history("feed")
	seq := strconv.FormatInt(rows[len(rows)-1].Seq, 10)
	var said string
	defer func() {
		if w.t.Failed() {
			w.t.Logf("why says:\n%s", said)
		}
	}()
	w.awaitPolled(func() bool {
		said = w.run("why", seq)
		for _, line := range lines {
			if !strings.Contains(said, line) {
				return false
			}
		}
		return true
	}, "the answer %q", lines)
}

// Whatever became of an event, `bellwire why` knows.
func TestWhy(t *testing.T) {
	server := nchantest.Start(t)
	one := `{"title":"one"}`
	soon := time.Now().Add(time.Hour).Format(time.RFC3339)
	for name, ask := range map[string]struct {
		start []string // of the daemon, after run --headless
		add   []string // to the feed
		do    func(w *why)
	}{
		"shown":               {do: func(w *why) { w.send(one); w.answers("received", "shown by freedesktop") }},
		"its mapping":         {add: []string{"--map", "notify=data.level > 3"}, do: func(w *why) { w.send(`{"title":"x","level":1}`); w.answers("not notified: its mapping says so") }},
		"switched off":        {add: []string{"--notify", "off"}, do: func(w *why) { w.send(one); w.answers("not notified: the feed's notifications are off") }},
		"too little priority": {add: []string{"--min-priority", "4"}, do: func(w *why) { w.send(one); w.answers("not notified: below the feed's least priority (4)") }},
		"muted for good":      {do: func(w *why) { w.run("mute", "feed"); w.send(one); w.answers("not notified: muted") }},
		"muted for a while":   {do: func(w *why) { w.run("mute", "feed", "--until", soon); w.send(one); w.answers("held: muted, until") }},
		"paused":              {do: func(w *why) { w.run("mute"); w.send(one); w.answers("held: paused") }},
		"paused, and then not": {do: func(w *why) {
			w.run("mute")
			w.send(one, one)
			w.run("unmute")
			w.answers("held: paused", "no longer held: paused", "told in a summary (paused): 2 events from feed while paused (bellwire history --summary 1)")
		}},
		"quiet hours": {do: func(w *why) {
			w.run("notifications", "--quiet", "00:00-00:00")
			w.send(one)
			w.answers("held: quiet hours")
		}},
		"no notifications": {start: []string{"--notifier", "none"}, do: func(w *why) { w.send(one); w.answers("not notified: Bellwire runs without notifications") }},
		"too many": {do: func(w *why) {
			w.live(w.server, "feed", w.channel, w.recorder)
			w.send(numbered(0, 30)...)
			w.answers("told in a summary (too many at once)", "more from feed")
		}},
		"late, with others": {do: func(w *why) {
			w.send(numbered(0, 5)...)
			w.answers("told in a summary (it came late, with others): 5 events from feed while you were away")
		}},
		"refused by the desktop": {do: func(w *why) {
			w.recorder.Refuse(dbus.NewError("org.freedesktop.DBus.Error.InvalidArgs", []any{"too odd"}))
			w.send(one)
			w.answers("failed: ", "too odd")
		}},
		"the desktop is not there": {do: func(w *why) {
			w.recorder.Leave()
			w.send(one)
			w.answers("now", "no notification service")
		}},
		"clicked": {do: func(w *why) {
			w.send(one)
			n := w.shown(1)
			if err := w.recorder.Invoke(n.ID, "read"); err != nil {
				w.t.Fatal(err)
			}
			w.answers("shown by freedesktop", "clicked: Mark read")
		}},
		"dismissed": {do: func(w *why) { w.send(one); w.end(2); w.answers("shown by freedesktop", "dismissed") }},
		"expired":   {do: func(w *why) { w.send(one); w.end(1); w.answers("shown by freedesktop", "cleared after its time") }},
		"the summary was clicked": {do: func(w *why) {
			w.send(numbered(0, 5)...)
			n := w.shown(1)
			if err := w.recorder.Invoke(n.ID, "default"); err != nil {
				w.t.Fatal(err)
			}
			w.answers("told in a summary", "that summary was clicked")
		}},
		"a newer one of its group": {add: []string{"--map", "group=job"}, do: func(w *why) {
			w.send(one, one, one)
			w.shown(2) // the first and the last
			w.server.Publish(w.t, w.channel, "", one, one)
			w.awaitRows("feed", 5)
			awaitShown(w.t.(*testing.T), w.program)
			replaced := 0
			for _, r := range w.history("feed") {
				if strings.Contains(w.run("why", strconv.FormatInt(r.Seq, 10)), "a newer one of its group came before") {
					replaced++
				}
			}
			if replaced == 0 {
				w.t.Error("none was replaced")
			}
		}},
		"a program": {add: []string{"--exec", "true"}, do: func(w *why) { w.send(one); w.answers("shown by freedesktop", "the feed's program took it: true") }},
		"a program that fails": {add: []string{"--exec", "false"}, do: func(w *why) {
			w.send(one)
			w.answers("shown by freedesktop", "the feed's program failed: ")
		}},
	} {
		t.Run(name, func(t *testing.T) {
			bus := notifytest.Bus(t)
			w := &why{server: server, recorder: notifytest.Record(t, bus), channel: "why" + strings.Map(letter, name)}
			w.program = newProgram(t, "DBUS_SESSION_BUS_ADDRESS="+bus.Address)
			start := ask.start
			if start == nil {
				start = []string{"--notifier", "freedesktop"}
			}
			w.start(append([]string{"--headless"}, start...)...)
			w.run(append([]string{"add", server.URL("/sse/" + w.channel), "--name", "feed"}, ask.add...)...)
			w.awaitState("feed", subscriptions.StateOpen)
			server.AwaitSubscribers(t, w.channel, 1)
			ask.do(w)
		})
	}
}

func letter(r rune) rune {
	if r >= 'a' && r <= 'z' {
		return r
	}
	return -1
}

// end lets the first notification leave the screen.
func (w *why) end(reason uint32) {
	w.t.Helper()
	if err := w.recorder.CloseNotification(w.shown(1).ID, reason); err != nil {
		w.t.Fatal(err)
	}
}
