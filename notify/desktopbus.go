package notify

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/godbus/dbus/v5"
)

const (
	// answerTimeout bounds the wait for a notification service.
	answerTimeout = 8 * time.Second
	// busTimeout bounds connecting and every question to the bus itself.
	busTimeout = 5 * time.Second
	// maxDeaths is how often the service may die of one notification.
	maxDeaths = 3
)

// A desktopBus is a backend that speaks one protocol over a connection of its
// own to the session bus: other users of a shared one stumble over foreign
// signals, and some close it. A connection or a service that went away is
// looked for again by the next Show.
type desktopBus struct {
	name     string
	protocol protocol
	o        Options
	calls    *solo
	reports  *reports
	ctx      context.Context // ends with Close
	cancel   context.CancelFunc
	done     sync.WaitGroup

	mu  sync.Mutex
	bus *busConn // nil before the first connection

	// Guarded by calls.
	deaths int // in a row, of one notification
	victim Notification
}

func openDesktopBus(ctx context.Context, name string, p protocol, o Options) (*desktopBus, error) {
	b := &desktopBus{name: name, protocol: p, o: o, calls: newSolo(), reports: newReports(o)}
	b.ctx, b.cancel = context.WithCancel(context.Background())
	b.done.Go(func() { b.reports.run(b.ctx) })
	if _, err := b.connection(ctx); err != nil {
		_ = b.Close()
		return nil, err
	}
	return b, nil
}

func (b *desktopBus) Name() string { return b.name }

// Show waits up to 8 s. A service that takes longer may still take n: its
// answer is remembered, so that showing n again does not show it twice.
func (b *desktopBus) Show(ctx context.Context, n Notification) error {
	return b.calls.do(ctx, answerTimeout, n, func() error { return b.show(n) })
}

// Close ends the connection and waits for a running OnActivate or OnEnd.
func (b *desktopBus) Close() error {
	b.cancel()
	b.calls.settle()
	b.mu.Lock()
	bus := b.bus
	b.bus = nil
	b.mu.Unlock()
	if bus != nil {
		bus.close()
	}
	b.calls.close()
	b.done.Wait()
	return nil
}

// available reports whether somebody would take a notification now.
func (b *desktopBus) available(ctx context.Context) error {
	bus, err := b.connection(ctx)
	if err != nil {
		return err
	}
	return bus.available(ctx)
}

// ready reports whether somebody who speaks the protocol is there, started
// where that is needed.
func (b *desktopBus) ready(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, busTimeout)
	defer cancel()
	bus, err := b.connection(ctx)
	if err != nil {
		return err
	}
	_, err = bus.service(ctx)
	return err
}

// connection is the living one, or a new one.
func (b *desktopBus) connection(ctx context.Context) (*busConn, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.ctx.Err() != nil {
		return nil, dbus.ErrClosed
	}
	if b.bus != nil {
		if b.bus.conn.Connected() {
			return b.bus, nil
		}
		b.bus.close()
		b.bus = nil
	}
	bus, err := dialBus(ctx, b.ctx, b.protocol, b.o, b.reports.put)
	if err != nil {
		return nil, err
	}
	b.bus = bus
	return bus, nil
}

// show runs detached from Show's caller and ends with the answer, with the
// service, or with Close.
func (b *desktopBus) show(n Notification) error {
	if !b.victim.same(n) {
		b.victim, b.deaths = n, 0
	}
	err := b.try(n)
	if errors.Is(err, errGone) && b.ctx.Err() == nil {
		err = b.try(n) // with whoever took the place of what went away
	}
	if errors.Is(err, errDied) {
		if b.deaths++; b.deaths >= maxDeaths {
			return fmt.Errorf("%w: the notification service ended %d times while taking it", ErrRejected, b.deaths)
		}
	}
	return err
}

func (b *desktopBus) try(n Notification) error {
	ctx, cancel := context.WithTimeout(b.ctx, busTimeout)
	defer cancel()
	bus, err := b.connection(ctx)
	if err != nil {
		return err
	}
	s, err := bus.service(ctx)
	if err != nil {
		return err
	}
	return s.notify(n)
}
