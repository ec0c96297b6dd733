package notifytest

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/godbus/dbus/v5"
)

// A role is a service of the bus that an actor can play.
type role struct {
	name  string
	path  dbus.ObjectPath
	iface string
}

// An actor plays a service: it comes, goes, hangs and refuses on request.
// Safe for concurrent use.
type actor struct {
	role
	bus *MessageBus

	mu   sync.Mutex
	conn *dbus.Conn
	// changed is closed and replaced at every change of what is waited for.
	changed chan struct{}
	taken   int // notifications
	calls   int // of the method that hands them over, answered or not
	refusal *dbus.Error
	hang    chan struct{} // nil unless hanging; closed to let go
	hanging []string      // all methods when empty
	crash   bool          // at the next notification
}

func newActor(b *MessageBus, r role) *actor {
	return &actor{role: r, bus: b, changed: make(chan struct{})}
}

// own connects the service and takes the name. export puts objects on the
// connection before that.
func (a *actor) own(t testing.TB, export func(*dbus.Conn) error) {
	t.Helper()
	conn := a.bus.Connect(t)
	if err := export(conn); err != nil {
		t.Fatal(err)
	}
	a.mu.Lock()
	a.conn = conn
	a.mu.Unlock()
	reply, err := conn.RequestName(a.name, dbus.NameFlagReplaceExisting|dbus.NameFlagAllowReplacement|dbus.NameFlagDoNotQueue)
	if err != nil || reply != dbus.RequestNameReplyPrimaryOwner {
		t.Fatalf("taking the name %s: reply %d, %v", a.name, reply, err)
	}
}

// Crash makes the service leave as soon as it is given one more notification:
// it is over with it, so that nobody has seen it.
func (a *actor) Crash() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.crash = true
}

// Leave disconnects the service, as a daemon that crashes: calls that wait
// for an answer get an error from the bus.
func (a *actor) Leave() {
	a.mu.Lock()
	conn := a.conn
	a.conn = nil
	a.mu.Unlock()
	if conn != nil {
		// The answer says that everybody has been told by the time we return.
		_, _ = conn.ReleaseName(a.name)
		conn.Close()
	}
}

// Hang makes calls of the given methods, or of all when none is given, wait
// until Release.
func (a *actor) Hang(methods ...string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.hanging = methods
	if a.hang == nil {
		a.hang = make(chan struct{})
	}
}

// Release lets hanging calls go on.
func (a *actor) Release() {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.hang != nil {
		close(a.hang)
		a.hang = nil
	}
}

// Refuse makes the service answer to notifications with a D-Bus error; nil
// ends that.
func (a *actor) Refuse(e *dbus.Error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.refusal = e
}

// WaitCalls waits until the service was given a notification at least n
// times, whether it has answered or not.
func (a *actor) WaitCalls(ctx context.Context, n int) error {
	return a.wait(ctx, func() bool { return a.calls >= n })
}

func (a *actor) wait(ctx context.Context, enough func() bool) error {
	for {
		a.mu.Lock()
		changed, done, taken, calls := a.changed, enough(), a.taken, a.calls
		a.mu.Unlock()
		if done {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return fmt.Errorf("waiting for notifications, with %d called and %d taken: %w", calls, taken, ctx.Err())
		}
	}
}

// Emit emits any signal of the interface, with any arguments.
func (a *actor) Emit(member string, args ...any) error {
	a.mu.Lock()
	conn := a.conn
	a.mu.Unlock()
	if conn == nil {
		return dbus.ErrClosed
	}
	return conn.Emit(a.path, a.iface+"."+member, args...)
}

// EmitTo sends a signal of the interface from conn straight to one
// connection, past every match rule: what a stranger on the bus can do.
func (a *actor) EmitTo(conn *dbus.Conn, dest, member string, args ...any) error {
	msg := &dbus.Message{Type: dbus.TypeSignal, Headers: map[dbus.HeaderField]dbus.Variant{
		dbus.FieldDestination: dbus.MakeVariant(dest),
		dbus.FieldPath:        dbus.MakeVariant(a.path),
		dbus.FieldInterface:   dbus.MakeVariant(a.iface),
		dbus.FieldMember:      dbus.MakeVariant(member),
	}, Body: args}
	if len(args) > 0 {
		msg.Headers[dbus.FieldSignature] = dbus.MakeVariant(dbus.SignatureOf(args...))
	}
	return conn.Send(msg, nil).Err
}

// pause is the first thing that a method does.
func (a *actor) pause(method string) {
	a.mu.Lock()
	hang, methods := a.hang, a.hanging
	a.mu.Unlock()
	if hang != nil && (len(methods) == 0 || slices.Contains(methods, method)) {
		<-hang
	}
}

// take counts a call of method, waits if it has to, and records, unless
// notifications are refused.
func (a *actor) take(method string, record func()) *dbus.Error {
	a.mu.Lock()
	a.calls++
	a.change()
	a.mu.Unlock()
	a.pause(method)
	a.mu.Lock()
	if refusal := a.refusal; refusal != nil {
		a.mu.Unlock()
		return refusal
	}
	if a.crash {
		a.crash = false
		a.mu.Unlock()
		a.Leave()
		return nil // to nobody
	}
	record()
	a.taken++
	a.change()
	a.mu.Unlock()
	return nil
}

// change wakes those who wait. a.mu is held.
func (a *actor) change() {
	close(a.changed)
	a.changed = make(chan struct{})
}
