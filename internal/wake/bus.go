package wake

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/godbus/dbus/v5"
)

const (
	driver = "org.freedesktop.DBus" // the bus itself, as name and interface

	logindName  = "org.freedesktop.login1"
	logindPath  = dbus.ObjectPath("/org/freedesktop/login1")
	logindIface = "org.freedesktop.login1.Manager"

	networkName  = "org.freedesktop.NetworkManager" // also the interface
	networkPath  = dbus.ObjectPath("/org/freedesktop/NetworkManager")
	propsIface   = "org.freedesktop.DBus.Properties"
	connected    = uint32(70) // NM_STATE_CONNECTED_GLOBAL
	noConnection = dbus.ObjectPath("/")
)

// A bus is one private connection to the system bus. Its methods work on nil,
// a bus that says nothing.
type bus struct {
	conn   *dbus.Conn
	cancel context.CancelFunc
	token  chan struct{} // there is news, or logind came or went

	mu      sync.Mutex
	owner   map[string]string // of the two names; empty: nobody
	heard   []Reason
	state   uint32          // NetworkManager's; 0 is unknown
	primary dbus.ObjectPath // its primary connection; empty is unknown
}

// dialBus connects, and listens to logind and NetworkManager where they are
// and from when on they are.
func dialBus(ctx context.Context) (*bus, error) {
	b := &bus{token: make(chan struct{}, 1), owner: make(map[string]string)}
	life, cancel := context.WithCancel(context.WithoutCancel(ctx))
	b.cancel = cancel
	ctx, done := context.WithTimeout(ctx, busTimeout)
	defer done()
	// The library's handshake takes no context, but ends with its connection.
	stop := context.AfterFunc(ctx, cancel)
	var err error
	b.conn, err = dbus.ConnectSystemBus(dbus.WithContext(life), dbus.WithSignalHandler(b))
	if err == nil {
		err = b.listen(ctx)
	}
	if !stop() && err == nil {
		err = ctx.Err()
	}
	if err != nil {
		b.close()
		return nil, fmt.Errorf("connecting to the system bus: %w", err)
	}
	return b, nil
}

// close ends the connection.
func (b *bus) close() {
	if b == nil {
		return
	}
	b.cancel()
	if b.conn != nil {
		_ = b.conn.Close() // closed already when the bus went away
	}
}

// listen asks the bus for the signals, and how things stand.
func (b *bus) listen(ctx context.Context) error {
	for _, name := range []string{logindName, networkName} {
		if err := b.conn.AddMatchSignalContext(ctx, dbus.WithMatchSender(driver), dbus.WithMatchInterface(driver),
			dbus.WithMatchMember("NameOwnerChanged"), dbus.WithMatchArg(0, name)); err != nil {
			return err
		}
	}
	for _, match := range [][]dbus.MatchOption{
		{dbus.WithMatchSender(logindName), dbus.WithMatchObjectPath(logindPath), dbus.WithMatchInterface(logindIface), dbus.WithMatchMember("PrepareForSleep")},
		{dbus.WithMatchSender(networkName), dbus.WithMatchObjectPath(networkPath), dbus.WithMatchInterface(networkName), dbus.WithMatchMember("StateChanged")},
		{dbus.WithMatchSender(networkName), dbus.WithMatchObjectPath(networkPath), dbus.WithMatchInterface(propsIface), dbus.WithMatchMember("PropertiesChanged"), dbus.WithMatchArg(0, networkName)},
	} {
		if err := b.conn.AddMatchSignalContext(ctx, match...); err != nil {
			return err
		}
	}
	for _, name := range []string{logindName, networkName} {
		var owner string
		err := b.conn.BusObject().CallWithContext(ctx, driver+".GetNameOwner", dbus.FlagNoAutoStart, name).Store(&owner)
		if e, ok := errors.AsType[dbus.Error](err); ok && e.Name == driver+".Error.NameHasNoOwner" {
			continue
		}
		if err != nil {
			return err
		}
		b.mu.Lock()
		if _, changed := b.owner[name]; !changed { // what was told meanwhile is newer
			b.owner[name] = owner
		}
		b.mu.Unlock()
	}
	b.recall(ctx)
	return nil
}

// recall asks NetworkManager how things stand. Where it does not answer the
// first signal decides.
func (b *bus) recall(ctx context.Context) {
	b.mu.Lock()
	owner := b.owner[networkName]
	b.mu.Unlock()
	if owner == "" {
		return
	}
	// A service that hangs must not keep us from listening to the other.
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	get := func(property string, value any) error {
		return b.conn.Object(owner, networkPath).CallWithContext(ctx, propsIface+".Get", dbus.FlagNoAutoStart, networkName, property).Store(value)
	}
	var state uint32
	var primary dbus.ObjectPath
	if get("State", &state) != nil || get("PrimaryConnection", &primary) != nil {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.state == 0 {
		b.state = state
	}
	if b.primary == "" {
		b.primary = primary
	}
}

// logind reports whether sleep is told by logind.
func (b *bus) logind() bool {
	if b == nil {
		return false
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.owner[logindName] != ""
}

// news has a token when there is something to take.
func (b *bus) news() <-chan struct{} {
	if b == nil {
		return nil
	}
	return b.token
}

// gone is closed when the connection is over.
func (b *bus) gone() <-chan struct{} {
	if b == nil {
		return nil
	}
	return b.conn.Context().Done()
}

// take is what has been heard since the last time.
func (b *bus) take() []Reason {
	b.mu.Lock()
	defer b.mu.Unlock()
	heard := b.heard
	b.heard = nil
	return heard
}

// DeliverSignal implements [dbus.SignalHandler]. The connection's reader
// calls it, one signal at a time, and waits: it must not block. The bus
// delivers signals addressed to us from anybody, so that sender and arguments
// are checked here.
func (b *bus) DeliverSignal(iface, member string, s *dbus.Signal) {
	b.mu.Lock()
	defer b.mu.Unlock()
	from := func(name string, path dbus.ObjectPath) bool {
		return s.Sender != "" && s.Sender == b.owner[name] && s.Path == path
	}
	switch {
	case iface == driver && member == "NameOwnerChanged" && s.Sender == driver:
		b.ownerChanged(s.Body)
	case iface == logindIface && member == "PrepareForSleep" && from(logindName, logindPath):
		if asleep, ok := only[bool](s.Body); ok && !asleep {
			b.tell(Resumed)
		}
	case iface == networkName && member == "StateChanged" && from(networkName, networkPath):
		if state, ok := only[uint32](s.Body); ok {
			b.stateChanged(state)
		}
	case iface == propsIface && member == "PropertiesChanged" && from(networkName, networkPath):
		b.propertiesChanged(s.Body)
	}
}

// only is the one argument of a signal.
func only[T any](body []any) (v T, ok bool) {
	if len(body) != 1 {
		return v, false
	}
	v, ok = body[0].(T)
	return v, ok
}

func (b *bus) ownerChanged(body []any) {
	if len(body) != 3 {
		return
	}
	name, ok := body[0].(string)
	if !ok || name != logindName && name != networkName {
		return
	}
	owner, ok := body[2].(string)
	if !ok {
		return
	}
	b.owner[name] = owner
	if name == networkName {
		b.state, b.primary = 0, "" // the new one will tell
	}
	b.wake()
}

// stateChanged tells when there is a network where there was none.
func (b *bus) stateChanged(state uint32) {
	before := b.state
	b.state = state
	if state == connected && before != connected {
		b.tell(Network)
	}
}

// propertiesChanged tells when connected machines are connected in another
// way: from cable to Wi-Fi, say.
func (b *bus) propertiesChanged(body []any) {
	if len(body) != 3 || body[0] != networkName {
		return
	}
	changed, ok := body[1].(map[string]dbus.Variant)
	if !ok {
		return
	}
	primary, ok := changed["PrimaryConnection"].Value().(dbus.ObjectPath)
	if !ok {
		return
	}
	before := b.primary
	b.primary = primary
	if b.state == connected && primary != noConnection && before != primary && before != "" {
		b.tell(Network)
	}
}

// tell notes a reason, once however often it came.
func (b *bus) tell(r Reason) {
	for _, h := range b.heard {
		if h == r {
			return
		}
	}
	b.heard = append(b.heard, r)
	b.wake()
}

func (b *bus) wake() {
	select {
	case b.token <- struct{}{}:
	default:
	}
}
