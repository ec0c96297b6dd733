package notifytest

import (
	"context"
	"slices"
	"testing"

	"github.com/godbus/dbus/v5"
	"github.com/godbus/dbus/v5/prop"
)

// A PortalNotification is the arguments of one AddNotification call as they
// came over the wire.
type PortalNotification struct {
	ID     string
	Values map[string]any
}

// A Portal is a notification portal that shows nothing and remembers
// everything. Safe for concurrent use.
type Portal struct {
	*actor
	version uint32
	got     []PortalNotification
}

// RecordPortal starts a portal on b that ends with the test. version is that
// of the interface: 1 or 2.
func RecordPortal(t testing.TB, b *MessageBus, version uint32) *Portal {
	t.Helper()
	p := &Portal{version: version, actor: newActor(b, role{
		name: "org.freedesktop.portal.Desktop", path: "/org/freedesktop/portal/desktop", iface: "org.freedesktop.portal.Notification",
	})}
	p.Own(t)
	t.Cleanup(func() { p.Release(); p.Leave() })
	return p
}

// Own connects the service and takes the name, as a portal that starts.
func (p *Portal) Own(t testing.TB) {
	t.Helper()
	p.own(t, func(conn *dbus.Conn) error {
		if err := conn.Export((*portal)(p), p.path, p.iface); err != nil {
			return err
		}
		_, err := prop.Export(conn, p.path, prop.Map{p.iface: {"version": {Value: p.version}}})
		return err
	})
}

// Notifications are all that were taken so far, in order.
func (p *Portal) Notifications() []PortalNotification {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.got)
}

// Wait returns all notifications as soon as there are at least n.
func (p *Portal) Wait(ctx context.Context, n int) ([]PortalNotification, error) {
	err := p.wait(ctx, func() bool { return len(p.got) >= n })
	return p.Notifications(), err
}

// Invoke emits ActionInvoked, as after a click. A token that is not empty
// goes with it, as in version 2.
func (p *Portal) Invoke(id, action, token string) error {
	parameter := []dbus.Variant{}
	if token != "" {
		parameter = append(parameter, dbus.MakeVariant(map[string]dbus.Variant{"activation-token": dbus.MakeVariant(token)}))
	}
	return p.Emit("ActionInvoked", id, action, parameter)
}

// portal is the part of a Portal that the bus can call.
type portal Portal

func (p *portal) AddNotification(id string, values map[string]dbus.Variant) *dbus.Error {
	return p.take("AddNotification", func() {
		p.got = append(p.got, PortalNotification{ID: id, Values: plainValues(values)})
	})
}

func (p *portal) RemoveNotification(string) *dbus.Error {
	p.pause("RemoveNotification")
	return nil
}
