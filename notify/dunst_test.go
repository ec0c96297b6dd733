//go:build !windows && !darwin

package notify

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"bellwire/notify/notifytest"

	"github.com/google/go-cmp/cmp"
)

// hostile is text that means something to a markup parser.
const (
	hostileTitle = `<b>bold</b> & "quoted" &amp; %s %n`
	hostileBody  = "<i>a</i> < b && c > \"d\" 'e' &lt; <a href=\"https://x/\">x</a>\n你好，世界 🔔👩‍👩‍👧 שלום مرحبا"
)

var (
	literally = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")
	html      = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "'", "&apos;")
)

func TestDunstShowsTextLiterally(t *testing.T) {
	// What dunst renders is Pango markup in both cases.
	tests := map[string]struct{ markup, body, message string }{
		"markup":    {"full", literally.Replace(hostileBody), literally.Replace(hostileBody)},
		"no markup": {"no", hostileBody, html.Replace(hostileBody)},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			bus := notifytest.Bus(t)
			dunst := notifytest.DunstWith(t, bus, notifytest.DunstConfig(test.markup))
			d := openDesk(t, bus)
			n := note(1)
			n.Title, n.Body = hostileTitle, hostileBody
			if err := d.Show(soon(t), n); err != nil {
				t.Fatal(err)
			}
			if n := dunst.Displayed(t); n != 1 {
				t.Fatalf("%d on the screen", n)
			}
			got := dunst.History(t)
			if len(got) != 1 {
				t.Fatalf("history %+v", got)
			}
			want := notifytest.Shown{
				ID: got[0].ID, AppName: "Bellwire", Category: "x-bellwire.event", Icon: "/usr/share/icon.png",
				Summary: hostileTitle, Body: test.body,
				Message: "<b>" + html.Replace(hostileTitle) + "</b>\n" + test.message,
			}
			if d := cmp.Diff(want, got[0]); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}

func TestDunstKnowsTheUrgency(t *testing.T) {
	bus := notifytest.Bus(t)
	rules := ""
	for _, urgency := range []string{"low", "normal", "critical"} {
		rules += "[is_" + urgency + "]\nmsg_urgency = " + urgency + "\nformat = \"" + urgency + " %s\"\n"
	}
	dunst := notifytest.DunstWith(t, bus, notifytest.DunstConfig("full")+rules)
	d := openDesk(t, bus)
	for _, priority := range []int{1, 3, 5} {
		n := note(int64(priority))
		n.Priority = priority
		if err := d.Show(soon(t), n); err != nil {
			t.Fatal(err)
		}
	}
	var got []string
	for _, h := range dunst.History(t) {
		got = append(got, h.Message)
	}
	slices.Sort(got)
	if d := cmp.Diff([]string{"critical title 5", "low title 1", "normal title 3"}, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

// The portable backend shows hostile text literally as well, by a child
// process with a connection of its own.
func TestDunstByBeeep(t *testing.T) {
	bus := notifytest.Bus(t)
	dunst := notifytest.Dunst(t, bus)
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", bus.Address)
	t.Setenv(beeepChild, "1")
	b, err := Open(t.Context(), "beeep", Options{AppName: "Bellwire", BeeepChild: []string{os.Args[0]}})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	n := note(1)
	n.Title, n.Body = hostileTitle, hostileBody
	if err := b.Show(soon(t), n); err != nil {
		t.Fatal(err)
	}
	got := dunst.History(t)
	if len(got) != 1 {
		t.Fatalf("history %+v", got)
	}
	if got[0].Summary != hostileTitle || got[0].Body != literally.Replace(hostileBody) {
		t.Errorf("shown %+v", got[0])
	}
	t.Setenv(beeepChild, "")
	p := b.(*portable)
	if p.send, err = beeepByChild(t.Context(), Options{BeeepChild: []string{"false"}}); err != nil {
		t.Fatal(err)
	}
	if err := b.Show(soon(t), n); err == nil {
		t.Error("a child that fails is no failure")
	}
}

func TestDunstClick(t *testing.T) {
	bus := notifytest.Bus(t)
	dunst := notifytest.Dunst(t, bus)
	d := openDesk(t, bus)
	if err := d.Show(soon(t), note(1)); err != nil {
		t.Fatal(err)
	}
	dunst.Action(t, 0)
	if got, want := d.click(t), (Activation{Seq: 1, Feed: "deploys", Link: "https://example.org/"}); got != want {
		t.Errorf("click %+v", got)
	}
}

func TestDunstButtons(t *testing.T) {
	bus := notifytest.Bus(t)
	dunst := notifytest.Dunst(t, bus)
	d := openDesk(t, bus)
	n := note(1)
	n.Buttons = []Button{{"do-1", "Retry <b>& 重试"}, {ButtonMute, "Mute 1 h"}}
	for label, button := range map[string]string{"Open": ButtonOpen, "Retry <b>& 重试": "do-1", "Mute 1 h": ButtonMute} {
		if err := d.Show(soon(t), n); err != nil {
			t.Fatal(err)
		}
		dunst.Choose(t, label)
		if a := d.click(t); a.Button != button || a.Seq != 1 {
			t.Errorf("%q is %+v", label, a)
		}
	}
}

func TestDunstEndings(t *testing.T) {
	bus := notifytest.Bus(t)
	dunst := notifytest.DunstWith(t, bus, strings.ReplaceAll(notifytest.DunstConfig("full"), "[urgency_low]\ntimeout = 0", "[urgency_low]\ntimeout = 1"))
	d := openDesk(t, bus)
	show := func(n Notification) {
		t.Helper()
		if err := d.Show(soon(t), n); err != nil {
			t.Fatal(err)
		}
	}
	show(note(1))
	show(note(1)) // one, replaced
	if n := dunst.Displayed(t); n != 1 {
		t.Errorf("%d on the screen", n)
	}
	dunst.Ctl(t, "close")
	if e := d.end(t); e != (Ending{Seq: 1, Why: EndDismissed}) {
		t.Errorf("closed by a person: %+v", e)
	}
	// A click closes it too, and that is no news.
	show(note(2))
	dunst.Action(t, 0)
	if a := d.click(t); a.Seq != 2 {
		t.Errorf("click %+v", a)
	}
	lowest := note(3)
	lowest.Priority = 1
	show(lowest)
	if e := d.end(t); e != (Ending{Seq: 3, Why: EndExpired}) {
		t.Errorf("its time is over: %+v", e)
	}
}

func TestDunstReplaces(t *testing.T) {
	bus := notifytest.Bus(t)
	dunst := notifytest.Dunst(t, bus)
	show := func(d desk, seq int64, body string) {
		t.Helper()
		n := note(seq)
		n.Body = body
		if err := d.Show(soon(t), n); err != nil {
			t.Fatal(err)
		}
	}
	d := openDesk(t, bus)
	show(d, 1, "one")
	show(d, 2, "two")
	show(d, 1, "one again")
	if n := dunst.Displayed(t); n != 2 {
		t.Errorf("%d on the screen", n)
	}
	// A crash forgets the ids; the one that is repeated has the same key.
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	d = openDesk(t, bus)
	show(d, 2, "two, repeated")
	show(d, 3, "three")
	if n := dunst.Displayed(t); n != 3 {
		t.Errorf("%d on the screen", n)
	}
	var bodies []string
	for _, h := range dunst.History(t) {
		bodies = append(bodies, h.Body)
	}
	slices.Sort(bodies)
	if d := cmp.Diff([]string{"one again", "three", "two, repeated"}, bodies); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

func TestDunstKilledAndStartedAgain(t *testing.T) {
	bus := notifytest.Bus(t)
	dunst := notifytest.Dunst(t, bus)
	d := openDesk(t, bus)
	if err := d.Show(soon(t), note(1)); err != nil {
		t.Fatal(err)
	}
	dunst.Kill()
	if err := d.Show(soon(t), note(2)); err == nil || errors.Is(err, ErrRejected) {
		t.Errorf("without dunst: %v", err)
	}
	dunst.Start(t)
	if err := d.Show(soon(t), note(2)); err != nil {
		t.Fatal(err)
	}
	dunst.Action(t, 0)
	if got := d.click(t); got.Seq != 2 {
		t.Errorf("click %+v", got)
	}
}

func TestDunstDiesWithNotificationInItsHands(t *testing.T) {
	bus := notifytest.Bus(t)
	dunst := notifytest.Dunst(t, bus)
	d := openDesk(t, bus)
	if err := d.Show(soon(t), note(1)); err != nil {
		t.Fatal(err)
	}
	if err := dunst.Process().Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	shown := make(chan error, 1)
	go func() { shown <- d.Show(soon(t), note(2)) }()
	dunst.Kill()
	if err := <-shown; err == nil || errors.Is(err, ErrRejected) {
		t.Errorf("a dead dunst: %v", err)
	}
	dunst.Start(t)
	if err := d.Show(soon(t), note(2)); err != nil {
		t.Fatal(err)
	}
	if h := dunst.History(t); len(h) != 1 || h[0].Summary != "title 2" {
		t.Errorf("history %+v", h)
	}
}

// A bus starts the real program for the first notification.
func TestDunstIsStartedByTheBus(t *testing.T) {
	bus := notifytest.Bus(t)
	dunst := notifytest.Dunst(t, bus)
	dunst.Kill()
	config := filepath.Join(t.TempDir(), "dunstrc")
	if err := os.WriteFile(config, []byte(notifytest.DunstConfig("full")), 0o600); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(bus.Services, "dunst.service")
	service := "[D-BUS Service]\nName=org.freedesktop.Notifications\nExec=/usr/bin/env DISPLAY=" + dunst.Display + " dunst -config " + config + "\n"
	if err := os.WriteFile(file, []byte(service), 0o600); err != nil {
		t.Fatal(err)
	}
	bus.Reload(t)
	d := openDesk(t, bus)
	ctx := soon(t)
	for { // a start that takes longer than Show's patience is tried again, as the worker does
		err := d.Show(ctx, note(1))
		if err == nil {
			break
		}
		if ctx.Err() != nil || errors.Is(err, ErrRejected) {
			t.Fatal(err)
		}
	}
	dunst.Action(t, 0)
	if got := d.click(t); got.Seq != 1 {
		t.Errorf("click %+v", got)
	}
}
