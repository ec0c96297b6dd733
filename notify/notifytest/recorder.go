package notifytest

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"
)

const (
	name  = "org.freedesktop.Notifications"
	path  = dbus.ObjectPath("/org/freedesktop/Notifications")
	iface = "org.freedesktop.Notifications"
)

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
	bus  *MessageBus
	mu   sync.Mutex
	conn *dbus.Conn
	got  []Notification
	// changed is closed and replaced at every change of the fields around it.
	changed  chan struct{}
	lastID   uint32
	caps     []string
	capCalls int
	calls    int
	refusal  *dbus.Error
	hang     chan struct{} // nil unless hanging; closed to let go
	hanging  []string      // all methods when empty
}

// Capabilities are what a Recorder claims unless told otherwise.
func Capabilities() []string {
	return []string{"actions", "body", "body-markup", "persistence", "icon-static"}
}

// Record starts a recording service on b that ends with the test.
func Record(t testing.TB, b *MessageBus) *Recorder {
	t.Helper()
	r := &Recorder{bus: b, changed: make(chan struct{}), caps: Capabilities()}
	r.Own(t)
	t.Cleanup(func() { r.Release(); r.Leave() })
	return r
}

// Own connects the service and takes the name, as a daemon that starts. Ids
// start over, as they do in a daemon that starts.
func (r *Recorder) Own(t testing.TB) {
	t.Helper()
	conn := r.bus.Connect(t)
	if err := conn.Export((*service)(r), path, iface); err != nil {
		t.Fatal(err)
	}
	r.mu.Lock()
	r.conn, r.lastID = conn, 0
	r.mu.Unlock()
	reply, err := conn.RequestName(name, dbus.NameFlagReplaceExisting|dbus.NameFlagAllowReplacement|dbus.NameFlagDoNotQueue)
	if err != nil || reply != dbus.RequestNameReplyPrimaryOwner {
		t.Fatalf("taking the name %s: reply %d, %v", name, reply, err)
	}
}

// Leave disconnects the service, as a daemon that crashes: calls that wait
// for an answer get an error from the bus.
func (r *Recorder) Leave() {
	r.mu.Lock()
	conn := r.conn
	r.conn = nil
	r.mu.Unlock()
	if conn != nil {
		// The answer says that everybody has been told by the time we return.
		_, _ = conn.ReleaseName(name)
		conn.Close()
	}
}

// Hang makes calls of the given methods, or of all when none is given, wait
// until [Recorder.Release].
func (r *Recorder) Hang(methods ...string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.hanging = methods
	if r.hang == nil {
		r.hang = make(chan struct{})
	}
}

// Release lets hanging calls go on.
func (r *Recorder) Release() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.hang != nil {
		close(r.hang)
		r.hang = nil
	}
}

// Refuse makes Notify answer with a D-Bus error; nil ends that.
func (r *Recorder) Refuse(e *dbus.Error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.refusal = e
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
	return r.wait(ctx, func() bool { return len(r.got) >= n }, n)
}

// WaitCalls waits until Notify was called at least n times, answered or not.
func (r *Recorder) WaitCalls(ctx context.Context, n int) error {
	_, err := r.wait(ctx, func() bool { return r.calls >= n }, n)
	return err
}

func (r *Recorder) wait(ctx context.Context, enough func() bool, n int) ([]Notification, error) {
	for {
		r.mu.Lock()
		got, changed, done := slices.Clone(r.got), r.changed, enough()
		r.mu.Unlock()
		if done {
			return got, nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return got, fmt.Errorf("waiting for %d notifications with %d here: %w", n, len(got), ctx.Err())
		}
	}
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

// Emit emits any signal of the interface, with any arguments.
func (r *Recorder) Emit(member string, args ...any) error {
	r.mu.Lock()
	conn := r.conn
	r.mu.Unlock()
	if conn == nil {
		return dbus.ErrClosed
	}
	return conn.Emit(path, iface+"."+member, args...)
}

// EmitTo sends a signal of the interface from conn straight to one
// connection, past every match rule: what a stranger on the bus can do.
func EmitTo(conn *dbus.Conn, dest, member string, args ...any) error {
	msg := &dbus.Message{Type: dbus.TypeSignal, Headers: map[dbus.HeaderField]dbus.Variant{
		dbus.FieldDestination: dbus.MakeVariant(dest),
		dbus.FieldPath:        dbus.MakeVariant(path),
		dbus.FieldInterface:   dbus.MakeVariant(iface),
		dbus.FieldMember:      dbus.MakeVariant(member),
	}, Body: args}
	if len(args) > 0 {
		msg.Headers[dbus.FieldSignature] = dbus.MakeVariant(dbus.SignatureOf(args...))
	}
	return conn.Send(msg, nil).Err
}

// service is the part of a Recorder that the bus can call.
type service Recorder

func (s *service) pause(method string) {
	s.mu.Lock()
	hang, methods := s.hang, s.hanging
	s.mu.Unlock()
	if hang != nil && (len(methods) == 0 || slices.Contains(methods, method)) {
		<-hang
	}
}

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
	s.mu.Lock()
	s.calls++
	s.change()
	s.mu.Unlock()
	s.pause("Notify")
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.refusal != nil {
		return 0, s.refusal
	}
	n := Notification{
		ID: replaces, ReplacesID: replaces,
		AppName: app, Icon: icon, Summary: summary, Body: body,
		Actions: actions, Hints: map[string]any{}, Expire: expire, Received: time.Now(),
	}
	if n.ID == 0 {
		s.lastID++
		n.ID = s.lastID
	}
	for k, v := range hints {
		n.Hints[k] = v.Value()
	}
	s.got = append(s.got, n)
	s.change()
	return n.ID, nil
}

// change wakes those who wait. s.mu is held.
func (s *service) change() {
	close(s.changed)
	s.changed = make(chan struct{})
}
