package notifytest

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"
)

// name is that of the notification service, real ones included.
const name = "org.freedesktop.Notifications"

// A Notification is the arguments of one Notify call as they came over the
// wire, and the id it was given.
type Notification struct {
	ID, ReplacesID               uint32
	AppName, Icon, Summary, Body string
	Actions                      []string
	Hints                        map[string]any
	Expire                       int32 // milliseconds; -1 is the service's own choice
	Received                     time.Time
}

// A Recorder is a notification service (Desktop Notifications Specification
// 1.2) that shows nothing and remembers everything. Safe for concurrent use.
type Recorder struct {
	*actor
	got      []Notification
	lastID   uint32
	caps     []string
	capCalls int
}

// Capabilities are what a Recorder claims unless told otherwise.
func Capabilities() []string {
	return []string{"actions", "body", "body-markup", "persistence", "icon-static"}
}

// Record starts a recording service on b that ends with the test.
func Record(t testing.TB, b *MessageBus) *Recorder {
	t.Helper()
	r := &Recorder{
		actor: newActor(b, role{name: name, path: "/org/freedesktop/Notifications", iface: "org.freedesktop.Notifications"}),
		caps:  Capabilities(),
	}
	r.Own(t)
	t.Cleanup(func() { r.Release(); r.Leave() })
	return r
}

// Own connects the service and takes the name, as a daemon that starts. Ids
// start over, as they do in a daemon that starts.
func (r *Recorder) Own(t testing.TB) {
	t.Helper()
	r.mu.Lock()
	r.lastID = 0
	r.mu.Unlock()
	r.own(t, func(conn *dbus.Conn) error { return conn.Export((*service)(r), r.path, r.iface) })
}

// Recover undoes [Recorder.Crash], and brings a service back that has left.
func (r *Recorder) Recover(t testing.TB) {
	t.Helper()
	r.mu.Lock()
	r.crash = false
	left := r.conn == nil
	r.mu.Unlock()
	if left {
		r.Own(t)
	}
}

// SetCapabilities replaces what GetCapabilities answers.
func (r *Recorder) SetCapabilities(caps ...string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.caps = caps
}

// CapabilityCalls counts the calls of GetCapabilities.
func (r *Recorder) CapabilityCalls() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.capCalls
}

// Notifications are all that were taken so far, in order.
func (r *Recorder) Notifications() []Notification {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.got)
}

// Wait returns all notifications as soon as there are at least n.
func (r *Recorder) Wait(ctx context.Context, n int) ([]Notification, error) {
	err := r.wait(ctx, func() bool { return len(r.got) >= n })
	return r.Notifications(), err
}

// Invoke emits ActionInvoked, as after a click.
func (r *Recorder) Invoke(id uint32, action string) error {
	return r.Emit("ActionInvoked", id, action)
}

// Token emits ActivationToken, which comes before ActionInvoked.
func (r *Recorder) Token(id uint32, token string) error {
	return r.Emit("ActivationToken", id, token)
}

// CloseNotification emits NotificationClosed. Reasons: 1 expired, 2 dismissed
// by the user, 3 closed by a call.
func (r *Recorder) CloseNotification(id, reason uint32) error {
	return r.Emit("NotificationClosed", id, reason)
}

// service is the part of a Recorder that the bus can call.
type service Recorder

func (s *service) GetCapabilities() ([]string, *dbus.Error) {
	s.pause("GetCapabilities")
	s.mu.Lock()
	defer s.mu.Unlock()
	s.capCalls++
	return s.caps, nil
}

func (s *service) GetServerInformation() (name, vendor, version, spec string, err *dbus.Error) {
	s.pause("GetServerInformation")
	return "recorder", "bellwire", "1", "1.2", nil
}

func (s *service) CloseNotification(id uint32) *dbus.Error {
	s.pause("CloseNotification")
	_ = (*Recorder)(s).CloseNotification(id, 3)
	return nil
}

func (s *service) Notify(app string, replaces uint32, icon, summary, body string, actions []string, hints map[string]dbus.Variant, expire int32) (uint32, *dbus.Error) {
	n := Notification{
		ID: replaces, ReplacesID: replaces,
		AppName: app, Icon: icon, Summary: summary, Body: body,
		Actions: actions, Hints: plainValues(hints), Expire: expire, Received: time.Now(),
	}
	err := s.take("Notify", func() {
		if n.ID == 0 {
			s.lastID++
			n.ID = s.lastID
		}
		s.got = append(s.got, n)
	})
	return n.ID, err
}

func plainValues(variants map[string]dbus.Variant) map[string]any {
	values := make(map[string]any, len(variants))
	for k, v := range variants {
		values[k] = v.Value()
	}
	return values
}
