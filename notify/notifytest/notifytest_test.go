package notifytest_test

import (
	"context"
	"testing"
	"time"

	"bellwire/notify/notifytest"

	"github.com/godbus/dbus/v5"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func send(t *testing.T, conn *dbus.Conn, summary string) uint32 {
	t.Helper()
	var id uint32
	err := conn.Object("org.freedesktop.Notifications", "/org/freedesktop/Notifications").Call(
		"org.freedesktop.Notifications.Notify", 0, "app", uint32(0), "", summary, "body",
		[]string{"default", "Open"}, map[string]dbus.Variant{"urgency": dbus.MakeVariant(byte(1))}, int32(-1)).Store(&id)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func TestRecorderRecords(t *testing.T) {
	bus := notifytest.Bus(t)
	r := notifytest.Record(t, bus)
	id := send(t, bus.Connect(t), "hello")
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	got, err := r.Wait(ctx, 1)
	if err != nil {
		t.Fatal(err)
	}
	if n := got[0]; n.ID != id || n.Summary != "hello" || n.Hints["urgency"] != byte(1) {
		t.Errorf("recorded %+v with id %d", n, id)
	}
}

func TestDunstShows(t *testing.T) {
	bus := notifytest.Bus(t)
	d := notifytest.Dunst(t, bus)
	send(t, bus.Connect(t), "hello")
	if n := d.Displayed(t); n != 1 {
		t.Errorf("%d on the screen", n)
	}
	h := d.History(t)
	if len(h) != 1 || h[0].Summary != "hello" || h[0].Message != "<b>hello</b>\nbody" {
		t.Errorf("history %+v", h)
	}
}

func TestPortalRecords(t *testing.T) {
	bus := notifytest.Bus(t)
	p := notifytest.RecordPortal(t, bus, 2)
	o := bus.Connect(t).Object("org.freedesktop.portal.Desktop", "/org/freedesktop/portal/desktop")
	version, err := o.GetProperty("org.freedesktop.portal.Notification.version")
	if err != nil || version.Value() != uint32(2) {
		t.Errorf("version %v, %v", version, err)
	}
	values := map[string]dbus.Variant{"title": dbus.MakeVariant("hello")}
	if err := o.Call("org.freedesktop.portal.Notification.AddNotification", 0, "one", values).Err; err != nil {
		t.Fatal(err)
	}
	if got := p.Notifications(); len(got) != 1 || got[0].ID != "one" || got[0].Values["title"] != "hello" {
		t.Errorf("recorded %+v", got)
	}
}

func TestXfceShows(t *testing.T) {
	bus := notifytest.Bus(t)
	xfce := notifytest.Xfce(t, bus)
	send(t, bus.Connect(t), "hello")
	xfce.Click(t, 0, 1)
	if windows := xfce.Windows(t); len(windows) != 0 {
		t.Errorf("left on the screen: %v", windows)
	}
}
