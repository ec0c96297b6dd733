//go:build linux

package autostart

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"bellwire/notify/notifytest"

	"github.com/godbus/dbus/v5"
	"github.com/google/go-cmp/cmp"
)

// background is a portal that writes the host's entry, as the real one does.
type background struct {
	conn  *dbus.Conn
	entry string

	mu     sync.Mutex
	asked  map[string]any
	answer func(handle dbus.ObjectPath) // nil: grants
}

func (b *background) RequestBackground(from dbus.Sender, parent string, options map[string]dbus.Variant) (dbus.ObjectPath, *dbus.Error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.asked = map[string]any{"parent": parent}
	for name, v := range options {
		b.asked[name] = v.Value()
	}
	token, _ := b.asked["handle_token"].(string)
	delete(b.asked, "handle_token")
	handle := dbus.ObjectPath(requestPrefix + strings.ReplaceAll(strings.TrimPrefix(string(from), ":"), ".", "_") + "/" + token)
	if b.answer != nil {
		b.answer(handle)
		return handle, nil
	}
	on, _ := b.asked["autostart"].(bool)
	if on {
		_ = write(b.entry, []byte(group+"\nType=Application\nExec=flatpak run --command=bellwire io.bellwire.Bellwire run\nX-Flatpak=io.bellwire.Bellwire\n"))
	} else {
		_ = os.Remove(b.entry)
	}
	b.respond(handle, uint32(0), map[string]dbus.Variant{"autostart": dbus.MakeVariant(on), "background": dbus.MakeVariant(true)})
	return handle, nil
}

func (b *background) answers(with func(dbus.ObjectPath)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.answer = with
}

func (b *background) respond(handle dbus.ObjectPath, args ...any) {
	_ = b.conn.Emit(handle, requestIface+".Response", args...)
}

func flatpak(t *testing.T) (Program, *background, *notifytest.MessageBus) {
	t.Helper()
	p, file := installed(t, "")
	p.Argv = []string{"/app/bin/bellwire", "run"}
	bus := notifytest.Bus(t)
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", bus.Address)
	t.Setenv("FLATPAK_ID", "io.bellwire.Bellwire")
	t.Setenv("HOST_XDG_CONFIG_HOME", os.Getenv("XDG_CONFIG_HOME"))
	t.Setenv("XDG_CONFIG_HOME", t.TempDir())
	b := &background{conn: bus.Connect(t), entry: file}
	if err := b.conn.Export(b, portalPath, portalIface); err != nil {
		t.Fatal(err)
	}
	if reply, err := b.conn.RequestName(portalName, 0); err != nil || reply != dbus.RequestNameReplyPrimaryOwner {
		t.Fatal(reply, err)
	}
	return p, b, bus
}

func TestPortal(t *testing.T) {
	p, b, _ := flatpak(t)
	for _, on := range []bool{true, false} {
		want := Status{On: on}
		if on {
			want.Reason = InPortal
		}
		if s, err := p.Set(on); err != nil || s != want {
			t.Errorf("%+v, %v", s, err)
		}
		asked := map[string]any{"parent": "", "reason": p.About, "autostart": on, "commandline": []string{"bellwire", "run"}}
		b.mu.Lock()
		if d := cmp.Diff(asked, b.asked); d != "" {
			t.Error(d)
		}
		b.mu.Unlock()
	}
	// By hand.
	for text, want := range map[string]Status{
		group + "\nExec=flatpak run io.bellwire.Bellwire run\nHidden=true\n": {Reason: Hidden},
		group + "\nExec=sh -c true\n":                                        {On: true, Reason: OtherProgram, Detail: "sh -c true"},
	} {
		if err := write(b.entry, []byte(text)); err != nil {
			t.Fatal(err)
		}
		if s, err := p.Status(); err != nil || s != want {
			t.Errorf("%q: %+v, %v", text, s, err)
		}
	}
}

func TestPortalRefusesOrLies(t *testing.T) {
	p, b, bus := flatpak(t)
	stranger := bus.Connect(t)
	for name, c := range map[string]struct {
		answer func(dbus.ObjectPath)
		want   string
	}{
		"refused": {func(h dbus.ObjectPath) { b.respond(h, uint32(1), map[string]dbus.Variant{}) }, "refused"},
		"granted without autostart": {func(h dbus.ObjectPath) {
			b.respond(h, uint32(0), map[string]dbus.Variant{"autostart": dbus.MakeVariant(false)})
		}, "refused"},
		"of wrong types": {func(h dbus.ObjectPath) { b.respond(h, "0", 7) }, "cannot be read"},
		"of nothing":     {func(h dbus.ObjectPath) { b.respond(h) }, "cannot be read"},
		"from a stranger": {func(h dbus.ObjectPath) {
			_ = stranger.Emit(h, requestIface+".Response", uint32(0), map[string]dbus.Variant{"autostart": dbus.MakeVariant(true)})
			b.respond(h, uint32(2), map[string]dbus.Variant{})
		}, "refused"},
	} {
		t.Run(name, func(t *testing.T) {
			b.answers(c.answer)
			if _, err := p.Set(true); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v", err)
			}
		})
	}
	t.Run("silent", func(t *testing.T) {
		defer func(d time.Duration) { portalTimeout = d }(portalTimeout)
		portalTimeout = 300 * time.Millisecond
		b.answers(func(dbus.ObjectPath) {})
		if _, err := p.Set(true); err == nil || !strings.Contains(err.Error(), "does not answer") {
			t.Errorf("got %v", err)
		}
	})
	t.Run("no bus", func(t *testing.T) {
		t.Setenv("DBUS_SESSION_BUS_ADDRESS", "disabled:")
		if _, err := p.Set(true); err == nil {
			t.Error("no error")
		}
	})
}

func TestSandbox(t *testing.T) {
	t.Setenv("FLATPAK_ID", "")
	defer func(s string) { flatpakInfo = s }(flatpakInfo)
	flatpakInfo = filepath.Join(t.TempDir(), "info")
	if id := sandbox(); id != "" {
		t.Errorf("outside it is %q", id)
	}
	if err := os.WriteFile(flatpakInfo, []byte("[Application]\nname=io.bellwire.Bellwire\nruntime=x\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if id := sandbox(); id != "io.bellwire.Bellwire" {
		t.Errorf("inside it is %q", id)
	}
}
