//go:build linux

package wake

import (
	"testing"
	"time"

	"github.com/godbus/dbus/v5"
)

func TestSleepAndNetworkAreTold(t *testing.T) {
	d := newDesk(t)
	d.serve(connected, "/wifi")
	_, woke := d.watch(nil)
	d.sleep(true) // no news yet
	d.sleep(false)
	d.expect(woke, Resumed)
	d.state(connected) // as it was
	d.primary("/wifi") // as it was
	d.state(20)
	d.primary("/")
	d.sleep(false)
	d.expect(woke, Resumed)
	d.state(40)
	d.state(connected)
	d.expect(woke, Network)
	d.primary("/cable")
	d.expect(woke, Network)
	d.sleep(false)
	d.expect(woke, Resumed)
}

func TestConnectedFromTheStartIsNoNews(t *testing.T) {
	d := newDesk(t)
	d.serve(connected, "/wifi")
	_, woke := d.watch(nil)
	d.state(connected)
	d.primary("/cable") // and this is
	d.expect(woke, Network)
	d.primary("/cable")
	d.sleep(false)
	d.expect(woke, Resumed)
}

func TestServicesComeAndGo(t *testing.T) {
	d := newDesk(t)
	_, woke := d.watch(nil)
	d.serve(20, "/")
	d.sleep(false)
	d.expect(woke, Resumed)
	d.state(connected)
	d.expect(woke, Network)

	old := d.services
	for _, name := range []string{logindName, networkName} {
		if _, err := old.ReleaseName(name); err != nil {
			t.Fatal(err)
		}
	}
	d.serve(connected, "/wifi")
	d.emit(old, logindPath, logindIface+".PrepareForSleep", false) // nobody any more
	d.state(connected)                                             // a restarted one says so anew
	d.expect(woke, Network)
	d.sleep(false)
	d.expect(woke, Resumed)
}

// Anybody may send a signal, by broadcast or straight to us, and a service
// may have a fault: nothing of it counts, and nothing breaks.
func TestForeignAndMalformedSignals(t *testing.T) {
	wifi := map[string]dbus.Variant{"PrimaryConnection": dbus.MakeVariant(dbus.ObjectPath("/other"))}
	for _, tc := range []struct {
		name    string
		foreign bool // sent by a stranger
		path    dbus.ObjectPath
		signal  string
		args    []any
	}{
		{"a stranger's wake", true, logindPath, logindIface + ".PrepareForSleep", []any{false}},
		{"a stranger's network", true, networkPath, networkName + ".StateChanged", []any{connected}},
		{"a stranger's property", true, networkPath, propsIface + ".PropertiesChanged", []any{networkName, wifi, []string{}}},
		{"a stranger as the bus", true, "/org/freedesktop/DBus", driver + ".NameOwnerChanged", []any{logindName, "", ":1.99"}},
		{"a wake without argument", false, logindPath, logindIface + ".PrepareForSleep", nil},
		{"a wake with a number", false, logindPath, logindIface + ".PrepareForSleep", []any{uint32(0)}},
		{"a wake with two arguments", false, logindPath, logindIface + ".PrepareForSleep", []any{false, false}},
		{"a wake of another object", false, "/elsewhere", logindIface + ".PrepareForSleep", []any{false}},
		{"another interface's wake", false, logindPath, "org.example.Manager.PrepareForSleep", []any{false}},
		{"a state without argument", false, networkPath, networkName + ".StateChanged", nil},
		{"a state in words", false, networkPath, networkName + ".StateChanged", []any{"connected"}},
		{"a signed state", false, networkPath, networkName + ".StateChanged", []any{int32(70)}},
		{"properties without arguments", false, networkPath, propsIface + ".PropertiesChanged", nil},
		{"properties that are no map", false, networkPath, propsIface + ".PropertiesChanged", []any{networkName, "x", []string{}}},
		{"another interface's properties", false, networkPath, propsIface + ".PropertiesChanged", []any{"org.example", wifi, []string{}}},
		{"other properties", false, networkPath, propsIface + ".PropertiesChanged", []any{networkName, map[string]dbus.Variant{"State": dbus.MakeVariant(connected)}, []string{}}},
		{"a connection that is text", false, networkPath, propsIface + ".PropertiesChanged", []any{networkName, map[string]dbus.Variant{"PrimaryConnection": dbus.MakeVariant("/other")}, []string{}}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			d := newDesk(t)
			d.serve(40, "/wifi")
			_, woke := d.watch(nil)
			var ours string // the watcher's own name, to be written to directly
			var names []string
			stranger := d.bus.Connect(t)
			if err := stranger.BusObject().Call(driver+".ListNames", 0).Store(&names); err != nil {
				t.Fatal(err)
			}
			for _, name := range names {
				if name[0] == ':' && name != stranger.Names()[0] && name != d.services.Names()[0] {
					ours = name
				}
			}
			sender := d.services
			if tc.foreign {
				sender = stranger
			}
			d.emit(sender, tc.path, tc.signal, tc.args...)
			d.emitTo(sender, ours, tc.path, tc.signal, tc.args...)
			// A sentinel of each kind: had the signal counted as one, it had
			// come before or made the other one no news.
			d.state(connected)
			d.expect(woke, Network)
			d.sleep(false)
			d.expect(woke, Resumed)
			select {
			case r := <-woke:
				t.Errorf("woke for %q as well", r)
			default:
			}
		})
	}
}

// emitTo sends a signal to one receiver.
func (d *desk) emitTo(conn *dbus.Conn, to string, path dbus.ObjectPath, name string, args ...any) {
	d.Helper()
	dot := len(name) - 1
	for name[dot] != '.' {
		dot--
	}
	m := &dbus.Message{Type: dbus.TypeSignal, Headers: map[dbus.HeaderField]dbus.Variant{
		dbus.FieldDestination: dbus.MakeVariant(to),
		dbus.FieldPath:        dbus.MakeVariant(path),
		dbus.FieldInterface:   dbus.MakeVariant(name[:dot]),
		dbus.FieldMember:      dbus.MakeVariant(name[dot+1:]),
	}, Body: args}
	if len(args) > 0 {
		m.Headers[dbus.FieldSignature] = dbus.MakeVariant(dbus.SignatureOf(args...))
	}
	if call := conn.Send(m, nil); call.Err != nil {
		d.Fatal(call.Err)
	}
	d.settle(conn)
}

// A NetworkManager that hangs does not keep logind from being heard.
func TestHangingNetworkManager(t *testing.T) {
	d := newDesk(t)
	d.services = d.bus.Connect(t)
	hang := make(chan struct{})
	t.Cleanup(func() { close(hang) })
	if err := d.services.ExportMethodTable(map[string]any{"Get": func(string, string) (dbus.Variant, *dbus.Error) {
		<-hang
		return dbus.MakeVariant(""), nil
	}}, networkPath, propsIface); err != nil {
		t.Fatal(err)
	}
	d.own(d.services, logindName)
	d.own(d.services, networkName)
	_, woke := d.watch(nil)
	d.sleep(false)
	d.expect(woke, Resumed)
	d.state(connected)
	d.expect(woke, Network)
}

// The bus is restarted: at the next occasion it is listened to again.
func TestBusRestarts(t *testing.T) {
	d := newDesk(t)
	d.serve(40, "/")
	w, woke := d.watch(func(w *Watcher) { w.busAgain = 0 })
	d.sleep(false)
	d.expect(woke, Resumed)
	d.bus.Stop(t)
	w.Poke() // nobody there
	d.bus.Start(t)
	d.serve(connected, "/wifi")
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	timeout := time.After(patience)
	for {
		w.Poke()
		d.sleep(false)
		select {
		case r := <-woke:
			if r != Resumed {
				t.Errorf("woke for %q", r)
			}
			return
		case <-again.C:
		case <-timeout:
			t.Fatal("the restarted bus is not listened to")
		}
	}
}
