//go:build linux

package wake

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"bellwire/notify/notifytest"

	"github.com/godbus/dbus/v5"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// patience bounds every wait; a busy machine needs less.
const patience = 3 * time.Minute

// A desk is a bus with a logind and a NetworkManager of the test's own.
type desk struct {
	*testing.T
	bus      *notifytest.MessageBus
	services *dbus.Conn // owns both names
}

// network answers for NetworkManager.
type network struct{ properties map[string]any }

func (n network) Get(_, property string) (dbus.Variant, *dbus.Error) {
	v, ok := n.properties[property]
	if !ok {
		return dbus.Variant{}, dbus.MakeFailedError(dbus.ErrMsgUnknownMethod)
	}
	return dbus.MakeVariant(v), nil
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	d := &desk{T: t, bus: notifytest.Bus(t)}
	t.Setenv("DBUS_SYSTEM_BUS_ADDRESS", d.bus.Address)
	return d
}

// serve takes both names.
func (d *desk) serve(state uint32, primary dbus.ObjectPath) {
	d.Helper()
	d.services = d.bus.Connect(d.T)
	n := network{map[string]any{"State": state, "PrimaryConnection": primary}}
	if err := d.services.Export(n, networkPath, propsIface); err != nil {
		d.Fatal(err)
	}
	d.own(d.services, logindName)
	d.own(d.services, networkName)
}

func (d *desk) own(conn *dbus.Conn, name string) {
	d.Helper()
	if reply, err := conn.RequestName(name, dbus.NameFlagDoNotQueue); err != nil || reply != dbus.RequestNameReplyPrimaryOwner {
		d.Fatalf("owning %s: %v, %v", name, reply, err)
	}
}

// emit sends a signal, and returns when the bus has dealt with it.
func (d *desk) emit(conn *dbus.Conn, path dbus.ObjectPath, name string, args ...any) {
	d.Helper()
	if err := conn.Emit(path, name, args...); err != nil {
		d.Fatal(err)
	}
	d.settle(conn)
}

// settle returns when the bus has dealt with all that conn has sent.
func (d *desk) settle(conn *dbus.Conn) {
	d.Helper()
	if err := conn.BusObject().Call(driver+".GetId", 0).Err; err != nil {
		d.Fatal(err)
	}
}

func (d *desk) sleep(asleep bool) {
	d.Helper()
	d.emit(d.services, logindPath, logindIface+".PrepareForSleep", asleep)
}

func (d *desk) state(state uint32) {
	d.Helper()
	d.emit(d.services, networkPath, networkName+".StateChanged", state)
}

func (d *desk) primary(path dbus.ObjectPath) {
	d.Helper()
	d.emit(d.services, networkPath, propsIface+".PropertiesChanged", networkName,
		map[string]dbus.Variant{"PrimaryConnection": dbus.MakeVariant(path)}, []string{})
}

// watch runs a watcher until the test ends, and returns when it listens.
func (d *desk) watch(change func(*Watcher)) (w *Watcher, woke <-chan Reason) {
	d.Helper()
	reasons, ready := make(chan Reason, 100), make(chan struct{}, 1)
	w = New(Options{
		Woke: func(r Reason) { reasons <- r },
		Waiting: func() bool {
			select {
			case ready <- struct{}{}:
			default:
			}
			return false
		},
		Logger: slog.New(slog.DiscardHandler),
	})
	if change != nil {
		change(w)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		w.Run(ctx)
	}()
	d.Cleanup(func() {
		cancel()
		<-done
	})
	select {
	case <-ready:
	case <-time.After(patience):
		d.Fatal("the watcher does not begin")
	}
	return w, reasons
}

// expect takes the next reason.
func (d *desk) expect(woke <-chan Reason, want Reason) {
	d.Helper()
	select {
	case got := <-woke:
		if got != want {
			d.Errorf("woke for %q, want %q", got, want)
		}
	case <-time.After(patience):
		d.Fatalf("waited in vain for %q", want)
	}
}
