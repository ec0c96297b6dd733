package notify

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"github.com/godbus/dbus/v5"
)

// The interface is the Desktop Notifications Specification 1.2.
const (
	serviceName  = "org.freedesktop.Notifications"
	servicePath  = dbus.ObjectPath("/org/freedesktop/Notifications")
	serviceIface = "org.freedesktop.Notifications"
)

const (
	// answerTimeout bounds the wait for a notification service.
	answerTimeout = 8 * time.Second
	// busTimeout bounds connecting and every question to the bus itself.
	busTimeout = 5 * time.Second
	// maxDeaths is how often the service may die of one notification.
	maxDeaths = 3
	// maxClicks bounds the clicks that wait for OnActivate.
	maxClicks = 32
)

// freedesktop speaks with the notification service of the session bus over a
// connection of its own: other users of a shared one stumble over foreign
// signals, and some close it. A connection or a service that went away is
// looked for again by the next Show.
type freedesktop struct {
	o      Options
	log    *slog.Logger
	calls  *solo
	ctx    context.Context // ends with Close
	cancel context.CancelFunc
	clicks chan Activation
	lost   atomic.Int64 // clicks that found no room
	done   sync.WaitGroup

	mu  sync.Mutex
	bus *busConn // nil before the first connection

	// Guarded by calls.
	deaths int // in a row, of one notification
	victim Notification
}

func openFreedesktop(ctx context.Context, o Options) (*freedesktop, error) {
	b := &freedesktop{o: o, log: o.logger(), calls: newSolo(), clicks: make(chan Activation, maxClicks)}
	b.ctx, b.cancel = context.WithCancel(context.Background())
	b.done.Go(b.activate)
	if _, err := b.connection(ctx); err != nil {
		_ = b.Close()
		return nil, err
	}
	return b, nil
}

func (b *freedesktop) Name() string { return "freedesktop" }

// Show waits up to 8 s. A service that takes longer may still take n: its
// answer is remembered, so that showing n again does not show it twice.
func (b *freedesktop) Show(ctx context.Context, n Notification) error {
	return b.calls.do(ctx, answerTimeout, n, func() error { return b.show(n) })
}

// Close ends the connection and waits for a running OnActivate.
func (b *freedesktop) Close() error {
	b.cancel()
	b.calls.settle()
	b.mu.Lock()
	bus := b.bus
	b.bus = nil
	b.mu.Unlock()
	if bus != nil {
		bus.close()
	}
	b.done.Wait()
	return nil
}

// available reports whether somebody would take a notification now.
func (b *freedesktop) available(ctx context.Context) error {
	bus, err := b.connection(ctx)
	if err != nil {
		return err
	}
	return bus.available(ctx)
}

// connection is the living one, or a new one.
func (b *freedesktop) connection(ctx context.Context) (*busConn, error) {
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
	bus, err := dialBus(ctx, b.ctx, b.clicked)
	if err != nil {
		return nil, err
	}
	b.bus = bus
	return bus, nil
}

// show runs detached from Show's caller and ends with the answer, with the
// service, or with Close.
func (b *freedesktop) show(n Notification) error {
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

func (b *freedesktop) try(n Notification) error {
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
	return s.notify(n, b.o)
}

// clicked is called by the connection's reader and must not wait, not even
// for the log.
func (b *freedesktop) clicked(a Activation) {
	select {
	case b.clicks <- a:
	default:
		b.lost.Add(1)
	}
}

// activate hands clicks on, one at a time.
func (b *freedesktop) activate() {
	for {
		select {
		case a := <-b.clicks:
			if b.o.OnActivate != nil {
				b.o.OnActivate(a)
			}
			if n := b.lost.Swap(0); n > 0 {
				b.log.Warn("clicks were lost while one was being handled", "clicks", n)
			}
		case <-b.ctx.Done():
			return
		}
	}
}

// arguments are those of Notify (§9.1.1 of the specification), for a service
// with the given capabilities.
func arguments(n Notification, o Options, replaces uint32, capable func(string) bool) []any {
	body := lines(n.Body, maxBody)
	// Quotes stay: some services know no numeric character references.
	markup := strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")
	if capable("body-markup") {
		body = markup.Replace(body)
	}
	actions := []string{}
	if o.OnActivate != nil && capable("actions") {
		// A click on the body, and a button where a service only closes on it.
		actions = []string{actionDefault, "Open", actionOpen, "Open"}
	}
	hints := map[string]dbus.Variant{
		"urgency":  dbus.MakeVariant(urgency(n.Priority)),
		"category": dbus.MakeVariant("x-bellwire.event"),
		// dunst forgets what replaces what with its caller's connection;
		// with a tag a repeat after a crash takes the first one's place.
		"x-dunst-stack-tag": dbus.MakeVariant(oneLine(n.Key, maxTitle)),
	}
	if feed := oneLine(n.FeedName, maxName); feed != "" {
		hints["x-kde-origin-name"] = dbus.MakeVariant(feed) // Plasma shows it beside the application
	}
	if o.DesktopEntry != "" {
		hints["desktop-entry"] = dbus.MakeVariant(oneLine(o.DesktopEntry, maxName))
	}
	icon := o.Icon
	if !utf8.ValidString(icon) || strings.ContainsRune(icon, 0) {
		icon = "" // a path may hold what the bus does not carry
	}
	const serviceDecides = int32(-1) // how long it stays
	return []any{oneLine(o.AppName, maxName), replaces, icon, title(n, o), body, actions, hints, serviceDecides}
}

// urgency levels are those of §5 of the specification.
func urgency(priority int) byte {
	switch {
	case priority >= 5:
		return 2
	case priority >= 3 || priority < 1: // 0 is no priority at all
		return 1
	default:
		return 0
	}
}
