//go:build !windows && !darwin

package notify

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"bellwire/notify/notifytest"

	"github.com/godbus/dbus/v5"
	"github.com/godbus/dbus/v5/prop"
)

func watchDND(t *testing.T, bus *notifytest.MessageBus) *DND {
	t.Helper()
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", bus.Address)
	d := WatchDND(t.Context(), nil)
	t.Cleanup(d.Close)
	return d
}

// until waits for an answer.
func until(t *testing.T, d *DND, want string) {
	t.Helper()
	for ctx := soon(t); ; {
		changed := d.Changed()
		on, by := d.On()
		if by == want && on == (want != "") {
			return
		}
		select {
		case <-changed:
		case <-ctx.Done():
			t.Fatalf("it is %q, not %q", by, want)
		}
	}
}

// plasma is a notification service with Plasma's property.
func plasma(t *testing.T, bus *notifytest.MessageBus, value any) (*dbus.Conn, *prop.Properties) {
	t.Helper()
	conn := bus.Connect(t)
	p, err := prop.Export(conn, freedesktopProtocol.path, prop.Map{freedesktopIface: {
		"Inhibited": {Value: value, Emit: prop.EmitTrue},
	}})
	if err != nil {
		t.Fatal(err)
	}
	if reply, err := conn.RequestName(freedesktopProtocol.name, dbus.NameFlagDoNotQueue); err != nil || reply != dbus.RequestNameReplyPrimaryOwner {
		t.Fatalf("%d, %v", reply, err)
	}
	return conn, p
}

func TestDNDPlasma(t *testing.T) {
	bus := notifytest.Bus(t)
	d := watchDND(t, bus)
	until(t, d, "")
	conn, p := plasma(t, bus, true) // it starts, inhibited
	until(t, d, "plasma")
	p.SetMust(freedesktopIface, "Inhibited", false)
	until(t, d, "")
	p.SetMust(freedesktopIface, "Inhibited", true)
	until(t, d, "plasma")
	conn.Close() // a service that left inhibits nothing
	until(t, d, "")
	plasma(t, bus, true)
	until(t, d, "plasma")
}

// A property that is no yes and no no says nothing.
func TestDNDOddProperty(t *testing.T) {
	bus := notifytest.Bus(t)
	plasma(t, bus, "true")
	until(t, watchDND(t, bus), "")
}

// The bus went away: off. It is looked for again when somebody asks.
func TestDNDBusRestarts(t *testing.T) {
	bus := notifytest.Bus(t)
	plasma(t, bus, true)
	d := watchDND(t, bus)
	until(t, d, "plasma")
	bus.Stop(t)
	until(t, d, "")
	bus.Start(t)
	plasma(t, bus, true)
	until(t, d, "plasma") // on demand, and not before dndRedial
}

func TestDNDWithoutBus(t *testing.T) {
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "")
	t.Setenv("XDG_RUNTIME_DIR", "")
	d := WatchDND(t.Context(), nil)
	defer d.Close()
	if on, by := d.On(); on || by != "" {
		t.Errorf("%v %q", on, by)
	}
}

// Only what the owners of the names say about the two properties is news.
func TestDNDStrangers(t *testing.T) {
	yes := map[string]dbus.Variant{"Inhibited": dbus.MakeVariant(true)}
	inhibited := []any{freedesktopIface, yes, []string{}}
	tests := map[string]struct {
		sender, name string
		body         []any
		want         bool
	}{
		"the service":          {":1.1", propsIface + ".PropertiesChanged", inhibited, true},
		"without a value":      {":1.1", propsIface + ".PropertiesChanged", []any{dunstIface, map[string]dbus.Variant{}, []string{"paused"}}, true},
		"another property":     {":1.1", propsIface + ".PropertiesChanged", []any{dunstIface, map[string]dbus.Variant{"historyLength": dbus.MakeVariant(1)}, []string{}}, false},
		"a stranger":           {":1.9", propsIface + ".PropertiesChanged", inhibited, false},
		"nobody":               {"", propsIface + ".PropertiesChanged", inhibited, false},
		"xfconf about plasma":  {":1.2", propsIface + ".PropertiesChanged", inhibited, false},
		"too short":            {":1.1", propsIface + ".PropertiesChanged", inhibited[:2], false},
		"other types":          {":1.1", propsIface + ".PropertiesChanged", []any{1, "Inhibited", 2.5}, false},
		"another signal":       {":1.1", propsIface + ".Other", inhibited, false},
		"another interface":    {":1.1", "org.example.PropertiesChanged", inhibited, false},
		"xfconf":               {":1.2", xfconfName + ".PropertyChanged", []any{xfconfChannel, xfconfDND, dbus.MakeVariant(true)}, true},
		"a stranger on xfconf": {":1.1", xfconfName + ".PropertyChanged", nil, false},
		"the bus":              {busName, busIface + ".NameOwnerChanged", []any{freedesktopProtocol.name, "", ":1.3"}, true},
		"a stranger as bus":    {":1.9", busIface + ".NameOwnerChanged", []any{freedesktopProtocol.name, "", ":1.3"}, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			b := &dndBus{news: make(chan struct{}, 1), owner: map[string]string{freedesktopProtocol.name: ":1.1", xfconfName: ":1.2"}}
			dot := strings.LastIndex(test.name, ".")
			for range 2 { // and never waits
				b.DeliverSignal(test.name[:dot], test.name[dot+1:], &dbus.Signal{Sender: test.sender, Path: freedesktopProtocol.path, Name: test.name, Body: test.body})
			}
			if got := len(b.news) == 1; got != test.want {
				t.Errorf("news %v", got)
			}
		})
	}
}

func TestDNDDunst(t *testing.T) {
	bus := notifytest.Bus(t)
	dunst := notifytest.Dunst(t, bus)
	d := watchDND(t, bus)
	until(t, d, "")
	dunst.Ctl(t, "set-paused", "true")
	until(t, d, "dunst")
	dunst.Ctl(t, "set-paused", "false")
	until(t, d, "")
	dunst.Ctl(t, "set-paused", "toggle")
	until(t, d, "dunst")
	dunst.Kill()
	until(t, d, "")
	dunst.Start(t) // it starts unpaused
	until(t, d, "")
	dunst.Ctl(t, "set-paused", "true")
	until(t, d, "dunst")
}

// xfce lets the bus start Xfce's programs for whoever asks, with a home of
// their own, and gives the environment for tools that talk to them.
func xfce(t *testing.T, bus *notifytest.MessageBus) (env []string) {
	t.Helper()
	home := t.TempDir()
	env = []string{
		"DBUS_SESSION_BUS_ADDRESS=" + bus.Address, "DISPLAY=" + notifytest.Xvfb(t), "WAYLAND_DISPLAY=", "HOME=" + home,
		"XDG_CONFIG_HOME=" + home, "XDG_CACHE_HOME=" + home, "XDG_DATA_HOME=" + home, "XDG_RUNTIME_DIR=" + home,
	}
	for _, name := range []string{"org.xfce.Xfconf", "org.xfce.xfce4-notifyd.Notifications"} {
		file, err := os.ReadFile(filepath.Join("/usr/share/dbus-1/services", name+".service"))
		if err != nil {
			t.Fatalf("%v: run `make deps`", err)
		}
		var service []string
		for line := range strings.Lines(string(file)) {
			if exec, ok := strings.CutPrefix(line, "Exec="); ok {
				line = "Exec=/usr/bin/env " + strings.Join(env, " ") + " " + exec
			}
			if !strings.HasPrefix(line, "SystemdService=") {
				service = append(service, line)
			}
		}
		if err := os.WriteFile(filepath.Join(bus.Services, name+".service"), []byte(strings.Join(service, "")), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	bus.Reload(t)
	return env
}

func TestDNDXfce(t *testing.T) {
	bus := notifytest.Bus(t)
	env := xfce(t, bus)
	set := func(on string) {
		t.Helper()
		cmd := exec.Command("xfconf-query", "--channel", "xfce4-notifyd", "--property", "/do-not-disturb", "--create", "--type", "bool", "--set", on)
		cmd.Env = append(os.Environ(), env...)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
	}
	d := watchDND(t, bus)
	until(t, d, "")
	conn := bus.Connect(t)
	for _, name := range []string{freedesktopProtocol.name, xfconfName} {
		var owned bool
		if err := conn.BusObject().Call(busIface+".NameHasOwner", 0, name).Store(&owned); err != nil || owned {
			t.Errorf("asking started %s: %v, %v", name, owned, err)
		}
	}
	set("true") // which starts xfconfd
	until(t, d, "xfce")
	set("false")
	until(t, d, "")
	set("true")
	until(t, d, "xfce")

	other := notifytest.Record(t, bus) // another service heeds no setting of Xfce's
	until(t, d, "")
	other.Leave()
	until(t, d, "xfce")
	set("false")
	until(t, d, "")

	var reply uint32 // the real one
	if err := conn.BusObject().CallWithContext(soon(t), busIface+".StartServiceByName", 0, freedesktopProtocol.name, uint32(0)).Store(&reply); err != nil {
		t.Fatal(err)
	}
	set("true")
	until(t, d, "xfce")
	set("false")
	until(t, d, "")
}
