package notify

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/godbus/dbus/v5"
)

var (
	// errGone means that the service is not where it was: look for it again.
	errGone = errors.New("the notification service went away")
	// errDied means that it went away with our notification in its hands.
	errDied = errors.New("the notification service went away while taking a notification")
)

// A server is one owner of the protocol's name. It is called by its unique
// name, so that what was learned from one is never used with another.
type server struct {
	bus     *busConn
	owner   string
	dialect dialect
	ctx     context.Context // ends a while after the name changed hands
	cancel  context.CancelFunc
}

func newServer(ctx context.Context, c *busConn, owner string) (*server, error) {
	s := &server{bus: c, owner: owner, dialect: c.meet(c.o, c.tell)}
	s.ctx, s.cancel = context.WithCancel(c.conn.Context())
	if err := s.dialect.greet(ctx, s.object()); err != nil {
		s.cancel()
		return nil, fmt.Errorf("asking the notification service what it can do: %w", classify(err))
	}
	return s, nil
}

// retireGrace is how long one that lost its name may take to answer. One that
// is dead needs none: the bus answers for it.
const retireGrace = 2 * time.Second

// retire ends s, but first lets it answer: what it has shown must not be
// shown again by its successor.
func (s *server) retire() { time.AfterFunc(retireGrace, s.cancel) }

func (s *server) object() dbus.BusObject { return s.bus.conn.Object(s.owner, s.bus.path) }

// notify waits for the answer for as long as there is somebody to give it:
// one given up too early would be shown twice.
func (s *server) notify(n Notification) error {
	if s.ctx.Err() != nil {
		return errGone
	}
	err := s.dialect.notify(s.ctx, s.object(), n)
	if err == nil {
		return nil
	}
	if !s.bus.conn.Connected() {
		return fmt.Errorf("%w: %w", errGone, err)
	}
	if s.ctx.Err() != nil {
		return errDied
	}
	if refused(err) {
		return fmt.Errorf("the notification service: %w: %w", ErrRejected, err)
	}
	err = classify(err)
	if errors.Is(err, errGone) || errors.Is(err, errDied) {
		s.bus.forget(s)
	}
	return fmt.Errorf("the notification service: %w", err)
}

// refused reports whether a failed call says that it would always fail.
func refused(err error) bool {
	if _, ok := errors.AsType[dbus.InvalidMessageError](err); ok {
		return true
	}
	if _, ok := errors.AsType[dbus.FormatError](err); ok {
		return true
	}
	e, _ := errors.AsType[dbus.Error](err)
	switch e.Name {
	case busName + ".Error.InvalidArgs", busName + ".Error.LimitsExceeded",
		portalError + "InvalidArgument", portalError + "NotAllowed":
		return true
	}
	return false
}

// classify says what a failed call tells about the service.
func classify(err error) error {
	e, ok := errors.AsType[dbus.Error](err)
	if !ok {
		if errors.Is(err, context.DeadlineExceeded) {
			return fmt.Errorf("no answer: %w", err)
		}
		return fmt.Errorf("%w: %w", errGone, err) // the connection ended
	}
	switch e.Name {
	case busName + ".Error.NoReply": // from the bus: it left without answering
		return fmt.Errorf("%w: %w", errDied, err)
	case busName + ".Error.ServiceUnknown", busName + ".Error.NameHasNoOwner":
		return fmt.Errorf("%w: %w", errGone, err)
	}
	return fmt.Errorf("%s: %w", e.Name, err)
}
