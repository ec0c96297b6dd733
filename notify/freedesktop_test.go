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

// A desk is a freedesktop backend on a private bus, and its clicks.
type desk struct {
	*freedesktop
	clicked chan Activation
}

func openDesk(t *testing.T, bus *notifytest.MessageBus) desk {
	t.Helper()
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", bus.Address)
	d := desk{clicked: make(chan Activation, 100)}
	var err error
	d.freedesktop, err = openFreedesktop(t.Context(), Options{
		AppName: "Bellwire", Icon: "/usr/share/icon.png", DesktopEntry: "bellwire",
		OnActivate: func(a Activation) { d.clicked <- a },
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
	open := []string{"default", "Open", "open", "Open"}
	tests := map[string]struct {
		caps    []string
		body    string
		actions []string
	}{
		"everything": {[]string{"actions", "body", "body-markup"}, "a &lt;i&gt;b&lt;/i&gt; &amp; \"c\"\n你好 🔔 שלום", open},
		"no markup":  {[]string{"actions", "body"}, "a <i>b</i> & \"c\"\n你好 🔔 שלום", open},
		"no actions": {[]string{"body-markup"}, "a &lt;i&gt;b&lt;/i&gt; &amp; \"c\"\n你好 🔔 שלום", []string{}},
		"nothing":    {nil, "a <i>b</i> & \"c\"\n你好 🔔 שלום", []string{}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			bus := notifytest.Bus(t)
			r := notifytest.Record(t, bus)
			r.SetCapabilities(test.caps...)
			got := openDesk(t, bus).show(t, r, n)
			want := notifytest.Notification{
				ID: 1, AppName: "Bellwire", Icon: "/usr/share/icon.png", Summary: "<b>&\"'", Body: test.body,
				Actions: test.actions, Hints: hints, Expire: -1, Received: got.Received,
			}
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}

func TestFreedesktopUrgency(t *testing.T) {
	for priority, want := range map[int]byte{0: 1, 1: 0, 2: 0, 3: 1, 4: 1, 5: 2, 9: 2, -1: 1} {
		if got := urgency(priority); got != want {
			t.Errorf("priority %d has urgency %d, want %d", priority, got, want)
		}
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
		emit(r.Invoke(id, "open"))
		if a := d.click(t); a != want {
			t.Errorf("click %+v", a)
		}
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
		emit(notifytest.EmitTo(stranger, self, "ActionInvoked", id, "default"))
		emit(notifytest.EmitTo(stranger, self, "ActivationToken", id, "forged"))
		emit(notifytest.EmitTo(stranger, self, "NotificationClosed"))
		// A call that comes back proves that the bus has passed on the rest.
		emit(stranger.BusObject().Call("org.freedesktop.DBus.GetId", 0).Err)
		d.noClick(t, r)
		emit(r.Invoke(id, "default"))
		if a := d.click(t); a != want {
			t.Errorf("click %+v", a)
		}
	})
}

func TestFreedesktopSlowClickHandlerBlocksNothing(t *testing.T) {
	bus := notifytest.Bus(t)
	r := notifytest.Record(t, bus)
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", bus.Address)
	hold := make(chan struct{})
	entered := make(chan struct{}, 1000)
	b, err := openFreedesktop(t.Context(), Options{OnActivate: func(Activation) { entered <- struct{}{}; <-hold }})
	if err != nil {
		t.Fatal(err)
	}
	d := desk{freedesktop: b}
	const clicks = 3 * maxClicks
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
	if n := len(entered); n > maxClicks+1 {
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
	s := d.bus.server.shown
	if len(s.byID) > maxShown || len(s.byKey) > maxShown || len(s.order) > maxShown {
		t.Errorf("%d ids, %d keys, %d in order", len(s.byID), len(s.byKey), len(s.order))
	}
}
