package notify

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/godbus/dbus/v5"
)

var (
	// errGone means that the service is not where it was: look for it again.
	errGone = errors.New("the notification service went away")
	// errDied means that it went away with our notification in its hands.
	errDied = errors.New("the notification service went away while taking a notification")
)

// A server is one owner of the service's name. It is called by its unique
// name, so that what was learned from one is never used with another.
type server struct {
	bus    *busConn
	owner  string
	caps   []string
	shown  *shown
	ctx    context.Context // ends a while after the name changed hands
	cancel context.CancelFunc
}

func newServer(ctx context.Context, c *busConn, owner string) (*server, error) {
	s := &server{bus: c, owner: owner, shown: newShown()}
	s.ctx, s.cancel = context.WithCancel(c.conn.Context())
	err := s.object().CallWithContext(ctx, serviceIface+".GetCapabilities", 0).Store(&s.caps)
	if err != nil {
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

func (s *server) object() dbus.BusObject { return s.bus.conn.Object(s.owner, servicePath) }

func (s *server) capable(what string) bool { return slices.Contains(s.caps, what) }

// notify waits for the answer for as long as there is somebody to give it:
// one given up too early would be shown twice.
func (s *server) notify(n Notification, o Options) error {
	if s.ctx.Err() != nil {
		return errGone
	}
	args := arguments(n, o, s.shown.begin(n.Key), s.capable)
	var id uint32
	err := s.object().CallWithContext(s.ctx, serviceIface+".Notify", 0, args...).Store(&id)
	a, clicked := s.shown.end(id, n)
	if err == nil {
		if clicked {
			s.bus.clicked(a)
		}
		return nil
	}
	if !s.bus.conn.Connected() {
		return fmt.Errorf("%w: %w", errGone, err)
	}
	if s.ctx.Err() != nil {
		return errDied
	}
	err = classify(err)
	if errors.Is(err, errGone) || errors.Is(err, errDied) {
		s.bus.forget(s)
	}
	return fmt.Errorf("the notification service: %w", err)
}

// classify turns a failed call into one of our errors.
func classify(err error) error {
	if _, ok := errors.AsType[dbus.InvalidMessageError](err); ok {
		return fmt.Errorf("%w: %w", ErrRejected, err)
	}
	if _, ok := errors.AsType[dbus.FormatError](err); ok {
		return fmt.Errorf("%w: %w", ErrRejected, err)
	}
	e, ok := errors.AsType[dbus.Error](err)
	if !ok {
		if errors.Is(err, context.DeadlineExceeded) {
			return fmt.Errorf("no answer: %w", err)
		}
		return fmt.Errorf("%w: %w", errGone, err) // the connection ended
	}
	switch e.Name {
	case busName + ".Error.InvalidArgs", busName + ".Error.LimitsExceeded":
		return fmt.Errorf("%w: %w", ErrRejected, err)
	case busName + ".Error.NoReply": // from the bus: it left without answering
		return fmt.Errorf("%w: %w", errDied, err)
	case busName + ".Error.ServiceUnknown", busName + ".Error.NameHasNoOwner":
		return fmt.Errorf("%w: %w", errGone, err)
	}
	return fmt.Errorf("%s: %w", e.Name, err)
}
