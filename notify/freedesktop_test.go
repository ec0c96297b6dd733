//go:build !windows && !darwin

package notify

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"bellwire/notify/notifytest"

	"github.com/google/go-cmp/cmp"
)

// A desk is a freedesktop backend on a private bus, and what it reports.
type desk struct {
	*desktopBus
	clicked chan Activation
	ended   chan Ending
}

func openDesk(t *testing.T, bus *notifytest.MessageBus) desk {
	t.Helper()
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", bus.Address)
	d := desk{clicked: make(chan Activation, 100), ended: make(chan Ending, 100)}
	var err error
	d.desktopBus, err = openDesktopBus(t.Context(), "freedesktop", freedesktopProtocol, Options{
		AppName: "Bellwire", Icon: "/usr/share/icon.png", DesktopEntry: "bellwire",
		OnActivate: func(a Activation) { d.clicked <- a },
		OnEnd:      func(e Ending) { d.ended <- e },
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	return d
}

func note(seq int64) Notification {
	return Notification{
		Seq: seq, Key: fmt.Sprintf("bellwire/deploys/%d", seq), Feed: "deploys", FeedName: "Deploys",
		Title: fmt.Sprintf("title %d", seq), Body: "body", Link: "https://example.org/", Priority: 3,
	}
}

func soon(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	t.Cleanup(cancel)
	return ctx
}

// show shows n and returns what the recorder got.
func (d desk) show(t *testing.T, r *notifytest.Recorder, n Notification) notifytest.Notification {
	t.Helper()
	if err := d.Show(soon(t), n); err != nil {
		t.Fatal(err)
	}
	all := r.Notifications()
	if len(all) == 0 {
		t.Fatal("nothing was recorded")
	}
	return all[len(all)-1]
}

func (d desk) click(t *testing.T) Activation {
	t.Helper()
	select {
	case a := <-d.clicked:
		return a
	case <-soon(t).Done():
		t.Fatal("no click")
		return Activation{}
	}
}

func (d desk) end(t *testing.T) Ending {
	t.Helper()
	select {
	case e := <-d.ended:
		return e
	case <-soon(t).Done():
		t.Fatal("nothing ended")
		return Ending{}
	}
}

// noClick checks that nothing emitted so far was a click: signals come in
// order, so that one more must be the first.
func (d desk) noClick(t *testing.T, r *notifytest.Recorder) {
	t.Helper()
	last := d.show(t, r, note(1<<40))
	if err := r.Invoke(last.ID, "default"); err != nil {
		t.Fatal(err)
	}
	if a := d.click(t); a.Seq != 1<<40 {
		t.Errorf("an unexpected click on %+v", a)
	}
}

// catchUp returns when d has heard everything the bus had for it.
func (d desk) catchUp(t *testing.T) {
	t.Helper()
	if err := d.bus.conn.BusObject().Call("org.freedesktop.DBus.GetId", 0).Err; err != nil {
		t.Fatal(err)
	}
}

func TestFreedesktopSendsWhatTheServiceCanShow(t *testing.T) {
	n := note(1)
	n.Title, n.Body, n.Priority = "<b>&\"'", "a <i>b</i> & \"c\"\r\n你好 🔔 שלום", 5
	hints := map[string]any{
		"urgency": byte(2), "category": "x-bellwire.event", "desktop-entry": "bellwire",
		"x-dunst-stack-tag": "bellwire/deploys/1", "x-kde-origin-name": "Deploys",
	}
	n.Buttons = []Button{
		{ButtonRead, "Mark as read\nor not"},
		{"rm -rf", "Not ours"},
		{"do-1", strings.Repeat("long ", 20)},
		{"do-2", "\x00"},
		{ButtonRead, "Again"},
		{ButtonMute, "Mute 1 h"},
	}
	offered := []string{
		"default", "", "open", "Open", "read", "Mark as read or not",
		"do-1", strings.TrimSpace(strings.Repeat("long ", 8)) + "…", "mute", "Mute 1 h",
	}
	const summary = "<b>&\"'"
	tests := map[string]struct {
		caps          []string
		summary, body string
		actions       []string
	}{
		"everything":   {[]string{"actions", "body", "body-markup", "body-hyperlinks", "body-images"}, summary, "a &lt;i&gt;b&lt;/i&gt; &amp; \"c\"\n你好 🔔 שלום", offered},
		"no markup":    {[]string{"actions", "body"}, summary, "a <i>b</i> & \"c\"\n你好 🔔 שלום", offered},
		"no actions":   {[]string{"body", "body-markup"}, summary, "a &lt;i&gt;b&lt;/i&gt; &amp; \"c\"\n你好 🔔 שלום", []string{}},
		"no body":      {[]string{"actions", "body-markup"}, summary + " — a <i>b</i> & \"c\" 你好 🔔 שלום", "", offered},
		"says nothing": {nil, summary, "a <i>b</i> & \"c\"\n你好 🔔 שלום", []string{}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			bus := notifytest.Bus(t)
			r := notifytest.Record(t, bus)
			r.SetCapabilities(test.caps...)
			got := openDesk(t, bus).show(t, r, n)
			want := notifytest.Notification{
				ID: 1, AppName: "Bellwire", Icon: "/usr/share/icon.png", Summary: test.summary, Body: test.body,
				Actions: test.actions, Hints: hints, Expire: 0, Received: got.Received,
			}
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}

func TestFreedesktopHostileText(t *testing.T) {
	bus := notifytest.Bus(t)
	r := notifytest.Record(t, bus)
	d := openDesk(t, bus)
	n := note(1)
	n.Title, n.Body = "a\x00b\x1b[31m\xff\u202ec\nd", strings.Repeat("é", 1<<20)
	n.FeedName, n.Key = "\x00\xff", "\x00\xffkey"
	got := d.show(t, r, n)
	if want := "ab[31m\ufffdc d"; got.Summary != want {
		t.Errorf("title %q, want %q", got.Summary, want)
	}
	if want := strings.Repeat("é", maxBody) + "…"; got.Body != want {
		t.Errorf("body of %d bytes", len(got.Body))
	}
	n.Title = "\x00\n"
	if got := d.show(t, r, n).Summary; got != "\ufffd" {
		t.Errorf("an empty title became %q", got)
	}
}

func TestFreedesktopClicks(t *testing.T) {
	bus := notifytest.Bus(t)
	r := notifytest.Record(t, bus)
	d := openDesk(t, bus)
	emit := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	want := Activation{Seq: 1, Feed: "deploys", Link: "https://example.org/"}

	t.Run("with a token, and once", func(t *testing.T) {
		id := d.show(t, r, note(1)).ID
		emit(r.Token(id, "token-1"))
		emit(r.Invoke(id, "default"))
		emit(r.Invoke(id, "default"))
		with := want
		with.Token = "token-1"
		if a := d.click(t); a != with {
			t.Errorf("click %+v", a)
		}
		d.noClick(t, r)
	})
	t.Run("the button, after the popup was closed", func(t *testing.T) {
		id := d.show(t, r, note(1)).ID
		emit(r.CloseNotification(id, 1))
		emit(r.Token(id, "token-2"))
		emit(r.Invoke(id, "open"))
		with := want
		with.Button, with.Token = ButtonOpen, "token-2"
		if a := d.click(t); a != with {
			t.Errorf("click %+v", a)
		}
	})
	t.Run("each of the other buttons, once", func(t *testing.T) {
		n := note(1)
		n.Buttons = []Button{{"do-1", "Approve"}, {ButtonMute, "Mute"}}
		id := d.show(t, r, n).ID
		for _, action := range []string{"do-1", "mute", "do-1", "read", "mute", "do-2"} {
			emit(r.Invoke(id, action))
		}
		for _, button := range []string{"do-1", ButtonMute} {
			with := want
			with.Button = button
			if a := d.click(t); a != with {
				t.Errorf("click %+v", a)
			}
		}
		d.noClick(t, r)
	})
	t.Run("not ours", func(t *testing.T) {
		id := d.show(t, r, note(1)).ID
		emit(r.Invoke(id+1000, "default"))
		emit(r.Invoke(id, "snooze"))
		d.noClick(t, r)
	})
	t.Run("malformed", func(t *testing.T) {
		id := d.show(t, r, note(1)).ID
		emit(r.Emit("ActionInvoked"))
		emit(r.Emit("ActionInvoked", id))
		emit(r.Emit("ActionInvoked", fmt.Sprint(id), "default"))
		emit(r.Emit("ActionInvoked", id, uint32(1)))
		emit(r.Emit("ActionInvoked", id, "default", "more"))
		emit(r.Emit("ActionInvoked", "default", id))
		emit(r.Emit("NotificationClosed", id))
		emit(r.Emit("NotificationClosed", int32(id), uint32(1)))
		emit(r.Emit("NotificationClosed"))
		emit(r.Emit("ActivationToken", id))
		emit(r.Emit("ActivationToken", id, strings.Repeat("x", 4096)))
		emit(r.Emit("ActivationToken", id, "a\nb"))
		emit(r.Invoke(id, "default"))
		if a := d.click(t); a != want {
			t.Errorf("click %+v", a)
		}
		d.noClick(t, r)
	})
	t.Run("from a stranger", func(t *testing.T) {
		id := d.show(t, r, note(1)).ID
		stranger := bus.Connect(t)
		self := d.bus.conn.Names()[0]
		emit(r.EmitTo(stranger, self, "ActionInvoked", id, "default"))
		emit(r.EmitTo(stranger, self, "ActivationToken", id, "forged"))
		emit(r.EmitTo(stranger, self, "NotificationClosed"))
		// A call that comes back proves that the bus has passed on the rest.
		emit(stranger.BusObject().Call("org.freedesktop.DBus.GetId", 0).Err)
		d.noClick(t, r)
		emit(r.Invoke(id, "default"))
		if a := d.click(t); a != want {
			t.Errorf("click %+v", a)
		}
	})
}

func TestFreedesktopEndings(t *testing.T) {
	bus := notifytest.Bus(t)
	r := notifytest.Record(t, bus)
	d := openDesk(t, bus)
	emit := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	for reason, want := range map[uint32]EndReason{1: EndExpired, 2: EndDismissed, 3: EndClosed, 4: EndClosed, 0: EndClosed, 99: EndClosed} {
		emit(r.CloseNotification(d.show(t, r, note(int64(reason))).ID, reason))
		if e := d.end(t); e != (Ending{Seq: int64(reason), Why: want}) {
			t.Errorf("reason %d: %+v", reason, e)
		}
	}
	// A service closes what was clicked: no news. Nor is it one that another
	// has replaced, nor what a stranger says.
	id := d.show(t, r, note(1)).ID
	emit(r.Invoke(id, "open"))
	emit(r.CloseNotification(id, 2))
	if a := d.click(t); a.Seq != 1 {
		t.Errorf("click %+v", a)
	}
	newer := note(2)
	id = d.show(t, r, newer).ID
	newer.Seq, newer.Body = 3, "newer"
	if d.show(t, r, newer).ID != id {
		t.Fatal("not replaced")
	}
	emit(r.EmitTo(bus.Connect(t), d.bus.conn.Names()[0], "NotificationClosed", id, uint32(2)))
	d.noClick(t, r)
	emit(r.CloseNotification(id, 1))
	if e := d.end(t); e != (Ending{Seq: 3, Why: EndExpired}) {
		t.Errorf("ended %+v", e)
	}
}

func TestFreedesktopSlowClickHandlerBlocksNothing(t *testing.T) {
	bus := notifytest.Bus(t)
	r := notifytest.Record(t, bus)
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", bus.Address)
	hold := make(chan struct{})
	entered := make(chan struct{}, 3*maxReports)
	b, err := openDesktopBus(t.Context(), "freedesktop", freedesktopProtocol, Options{OnActivate: func(Activation) { entered <- struct{}{}; <-hold }})
	if err != nil {
		t.Fatal(err)
	}
	d := desk{desktopBus: b}
	const clicks = 3 * maxReports
	for i := range int64(clicks) {
		if err := r.Invoke(d.show(t, r, note(i)).ID, "default"); err != nil {
			t.Fatal(err)
		}
	}
	<-entered
	d.show(t, r, note(clicks)) // still answers
	close(hold)
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	if n := len(entered); n > maxReports+1 {
		t.Errorf("%d clicks were kept", n)
	}
}

func TestFreedesktopReplacesByKey(t *testing.T) {
	bus := notifytest.Bus(t)
	r := notifytest.Record(t, bus)
	d := openDesk(t, bus)
	first := d.show(t, r, note(1))
	other := d.show(t, r, note(2))
	again := note(1)
	again.Body = "newer"
	if got := d.show(t, r, again); got.ReplacesID != first.ID {
		t.Errorf("replaces %d, want %d", got.ReplacesID, first.ID)
	}
	if err := r.CloseNotification(other.ID, 2); err != nil {
		t.Fatal(err)
	}
	d.noClick(t, r) // the signal has arrived
	if got := d.show(t, r, note(2)); got.ReplacesID != 0 {
		t.Errorf("a closed one is replaced: %d", got.ReplacesID)
	}
	for i := range int64(2 * maxShown) {
		d.show(t, r, note(100+i))
	}
	s := d.bus.server.dialect.(*freedesktop).shown
	if len(s.byID) > maxShown || len(s.byKey) > maxShown || len(s.order) > maxShown {
		t.Errorf("%d ids, %d keys, %d in order", len(s.byID), len(s.byKey), len(s.order))
	}
}
