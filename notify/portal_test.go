//go:build !windows && !darwin

package notify

import (
	"bytes"
	"errors"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"bellwire/notify/notifytest"

	"github.com/godbus/dbus/v5"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func openPortal(t *testing.T, bus *notifytest.MessageBus) desk {
	t.Helper()
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", bus.Address)
	d := desk{clicked: make(chan Activation, 100)}
	var err error
	d.desktopBus, err = openDesktopBus(t.Context(), "portal", portalProtocol, Options{
		AppName: "Bellwire", OpenLabel: "打开", OnActivate: func(a Activation) { d.clicked <- a },
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	return d
}

func TestPortalSendsWhatItsVersionKnows(t *testing.T) {
	n := note(1)
	n.Title, n.Body, n.Priority = "<b>&\"'", "a <i>b</i>\r\n你好 🔔", 5
	n.Buttons = []Button{{"do-1", "Approve <b>"}}
	button := func(id, label string) map[string]dbus.Variant {
		return map[string]dbus.Variant{"action": dbus.MakeVariant(id), "label": dbus.MakeVariant(label)}
	}
	first := func(more map[string]any) map[string]any {
		all := map[string]any{
			"title": n.Title, "body": "a <i>b</i>\n你好 🔔", "priority": "urgent", "default-action": "default",
			"buttons": []map[string]dbus.Variant{button("open", "打开"), button("do-1", "Approve <b>")},
		}
		for key, value := range more {
			all[key] = value
		}
		return all
	}
	silent, loud, update, lowest := n, n, n, n
	silent.Sound, loud.Sound, update.Update, lowest.Priority = SoundNone, "bell", true, 1
	tests := map[string]struct {
		version uint32
		n       Notification
		want    map[string]any
	}{
		"version 1":         {1, silent, first(map[string]any{"body": "a ‹i›b‹/i›\n你好 🔔"})},
		"version 2":         {2, n, first(map[string]any{"display-hint": []string{"show-as-new"}})},
		"version 3, silent": {3, silent, first(map[string]any{"display-hint": []string{"show-as-new"}, "sound": "silent"})},
		"a sound":           {2, loud, first(map[string]any{"display-hint": []string{"show-as-new"}, "sound": "default"})},
		"an update":         {2, update, first(map[string]any{"display-hint": []string{}, "sound": "silent", "priority": "normal"})},
		"lowest":            {2, lowest, first(map[string]any{"display-hint": []string{"transient", "show-as-new"}, "priority": "low"})},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			bus := notifytest.Bus(t)
			p := notifytest.RecordPortal(t, bus, test.version)
			d := openPortal(t, bus)
			if err := d.Show(soon(t), test.n); err != nil {
				t.Fatal(err)
			}
			want := []notifytest.PortalNotification{{ID: "bellwire/deploys/1", Values: test.want}}
			if d := cmp.Diff(want, p.Notifications(), cmp.Comparer(sameVariant)); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}

func TestNeutralMarkup(t *testing.T) {
	for in, want := range map[string]string{
		"old -> new, R&D & more; a&b": "old -> new, R&D & more; a&b",
		"<b>&lt;</b> a > b":           "‹b›＆lt;‹/b› a › b",
		"&#60;b&#x3e; &amp;amp;":      "＆#60;b＆#x3e; ＆amp;amp;",
	} {
		if got := neutralMarkup(in); got != want {
			t.Errorf("%q became %q, want %q", in, got, want)
		}
	}
}

func sameVariant(a, b dbus.Variant) bool { return a.String() == b.String() }

func TestPortalClicks(t *testing.T) {
	bus := notifytest.Bus(t)
	p := notifytest.RecordPortal(t, bus, 2)
	d := openPortal(t, bus)
	show := func(n Notification) string {
		t.Helper()
		if err := d.Show(soon(t), n); err != nil {
			t.Fatal(err)
		}
		all := p.Notifications()
		return all[len(all)-1].ID
	}
	n := note(1)
	n.Buttons = []Button{{ButtonRead, "Read"}}
	id := show(n)
	other := show(note(2))
	for _, err := range []error{
		p.Emit("ActionInvoked", id, "default"),
		p.Emit("ActionInvoked", id, "default", "no array"),
		p.Emit("ActionInvoked", uint32(1), "default", []dbus.Variant{}),
		p.Emit("ActionInvoked", id, dbus.MakeVariant("default"), []dbus.Variant{}),
		p.Emit("Removed", id, "default", []dbus.Variant{}),
		p.EmitTo(bus.Connect(t), d.bus.conn.Names()[0], "ActionInvoked", id, "default", []dbus.Variant{}),
		p.Invoke("another's", "default", ""),
		p.Invoke(id, "snooze", ""),
		p.Invoke(other, "read", ""), // has no such button
		p.Invoke(id, "read", "t1"),
		p.Invoke(id, "read", "t2"),
		p.Invoke(id, "default", ""),
		p.Invoke(id, "open", ""),
		p.Emit("ActionInvoked", other, "open", []dbus.Variant{dbus.MakeVariant("a target"), dbus.MakeVariant(map[string]dbus.Variant{"activation-token": dbus.MakeVariant(7)})}),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	link := "https://example.org/"
	for _, want := range []Activation{
		{Seq: 1, Feed: "deploys", Link: link, Button: ButtonRead, Token: "t1"},
		{Seq: 1, Feed: "deploys", Link: link, Token: "t2"}, // the latest that came
		{Seq: 2, Feed: "deploys", Link: link, Button: ButtonOpen},
	} {
		if a := d.click(t); a != want {
			t.Errorf("click %+v, want %+v", a, want)
		}
	}
}

func TestPortalComesAndGoes(t *testing.T) {
	bus := notifytest.Bus(t)
	p := notifytest.RecordPortal(t, bus, 1)
	d := openPortal(t, bus)
	show := func(n Notification) error { return d.Show(soon(t), n) }
	if err := show(note(1)); err != nil {
		t.Fatal(err)
	}
	p.Leave()
	d.catchUp(t)
	if err := show(note(2)); !errors.Is(err, errNoService) {
		t.Errorf("without a portal: %v", err)
	}
	p.Own(t)
	if err := show(note(2)); err != nil {
		t.Error(err)
	}
	for name, rejected := range map[string]bool{
		"org.freedesktop.portal.Error.InvalidArgument": true,
		"org.freedesktop.portal.Error.NotAllowed":      true, // the person said so
		"org.freedesktop.portal.Error.Failed":          false,
		"org.freedesktop.DBus.Error.AccessDenied":      false,
	} {
		p.Refuse(dbus.NewError(name, []any{"no"}))
		if err := show(note(3)); err == nil || errors.Is(err, ErrRejected) != rejected {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A portal without this interface is not the notification's fault.
func TestPortalOfAnotherKind(t *testing.T) {
	bus := notifytest.Bus(t)
	conn := bus.Connect(t)
	if reply, err := conn.RequestName(portalProtocol.name, dbus.NameFlagDoNotQueue); err != nil || reply != dbus.RequestNameReplyPrimaryOwner {
		t.Fatal(reply, err)
	}
	d := openPortal(t, bus)
	if err := d.Show(soon(t), note(1)); err == nil || errors.Is(err, ErrRejected) {
		t.Errorf("%v", err)
	}
	if err := d.ready(soon(t)); err == nil {
		t.Error("it is ready")
	}
}

func TestPortalInASandbox(t *testing.T) {
	bus := notifytest.Bus(t)
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", bus.Address)
	t.Setenv("SNAP", "")
	auto := func() string {
		t.Helper()
		b, err := Open(soon(t), "auto", Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer b.Close()
		return b.Name()
	}
	notifytest.Record(t, bus)
	if sandboxed("/") { // then this test itself runs in one
		t.Skip("no way out of this sandbox")
	}
	t.Setenv("SNAP", "/snap/editor/1")
	if sandboxed("/") {
		t.Error("started by a snap is not in it")
	}
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("SNAP", filepath.Dir(program))
	if name := auto(); name != "freedesktop" {
		t.Errorf("in a snap without a portal: %s", name)
	}
	notifytest.RecordPortal(t, bus, 1)
	if name := auto(); name != "portal" {
		t.Errorf("in a snap: %s", name)
	}
	t.Setenv("SNAP", "")
	if name := auto(); name != "freedesktop" {
		t.Errorf("outside, with a portal: %s", name)
	}
	root := t.TempDir()
	if err := os.WriteFile(filepath.Join(root, ".flatpak-info"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if !sandboxed(root) || sandboxed(t.TempDir()) {
		t.Error("a Flatpak is not recognised by its file")
	}
}

func TestPortalPicture(t *testing.T) {
	icon, err := portalIcon(writePNG(t, 300, 100))
	if err != nil {
		t.Fatal(err)
	}
	if s := dbus.SignatureOf(icon).String(); s != "(sv)" || icon.Kind != "bytes" || icon.Value.Signature().String() != "ay" {
		t.Errorf("an icon is %s %q %s", s, icon.Kind, icon.Value.Signature())
	}
	c, err := png.DecodeConfig(bytes.NewReader(icon.Value.Value().([]byte)))
	if err != nil || c.Width != pictureSide || c.Height != pictureSide {
		t.Errorf("%+v, %v", c, err)
	}
}

// No text changes what else the dictionary says.
func TestPortalTextCannotChangeTheDictionary(t *testing.T) {
	p := &portal{version: 2}
	first := &portal{version: 1}
	rapid.Check(t, func(t *rapid.T) {
		n := Notification{
			Title: nasty().Draw(t, "title"), Body: nasty().Draw(t, "body"), FeedName: "Deploys", Key: nasty().Draw(t, "key"),
			Sound: nasty().Draw(t, "sound"), Priority: 3, Buttons: []Button{
				{nasty().Draw(t, "id"), "label"}, {"do-1", nasty().Draw(t, "label")}, {"do-2", "x"},
			},
		}
		got := p.notification(n, buttons(n, p.o))
		values := overTheWire(t, keyTag(n.Key), got)[1].(map[string]dbus.Variant)
		if body := first.notification(n, nil)["body"].Value().(string); strings.Contains(body, "<") || entity.MatchString(body) {
			t.Fatalf("version 1 might read markup in %q", body)
		}
		for name, want := range map[string]any{
			"title": title(n, p.o), "body": lines(n.Body, maxBody), "priority": "normal", "default-action": "default",
		} {
			if values[name].Value() != want {
				t.Fatalf("%s is %v, want %v", name, values[name], want)
			}
		}
		for _, b := range values["buttons"].Value().([]map[string]dbus.Variant) {
			if len(b) != 2 || !ours(b["action"].Value().(string)) || len([]rune(b["label"].Value().(string))) > maxLabel+1 {
				t.Fatalf("a button %v", b)
			}
		}
		if sound, ok := values["sound"].Value().(string); ok && sound != "default" && sound != "silent" {
			t.Fatalf("sound %q", sound)
		}
	})
}
