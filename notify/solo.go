package notify

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// errBusy means that the desktop still has not answered to another one.
var errBusy = errors.New("the desktop has not answered to the previous notification yet")

// errClosed means that a backend is not used any more.
var errClosed = errors.New("the notification backend is closed")

// A solo makes calls that may never return, one at a time. A caller waits no
// longer than its context; the call it leaves behind goes on, alone: until
// it ends, calls for other notifications fail at once with errBusy, and a
// call for the same one waits for the answer still owed instead of asking
// twice, so that a desktop which was only slow does not show it twice.
type solo struct {
	turn   chan struct{} // holds a token while somebody calls
	flight *flight       // guarded by turn
	closed chan struct{}
	once   sync.Once // closes closed
}

type flight struct {
	n    Notification
	done chan struct{}
	err  error // valid once done is closed
}

func newSolo() *solo { return &solo{turn: make(chan struct{}, 1), closed: make(chan struct{})} }

// close makes every later call fail, and ends the waits of callers.
func (s *solo) close() { s.once.Do(func() { close(s.closed) }) }

// do runs call for n unless that is running already. limit bounds the wait
// in addition to ctx.
func (s *solo) do(ctx context.Context, limit time.Duration, n Notification, call func() error) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	select {
	case s.turn <- struct{}{}:
	case <-s.closed:
		return errClosed
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-s.turn }()
	select {
	case <-s.closed:
		return errClosed
	default:
	}
	if left := s.flight; left != nil {
		if !left.n.same(n) && !left.ended() {
			return errBusy
		}
		ended, err := s.wait(ctx, left)
		if !ended || err == nil && left.n.same(n) {
			return err
		}
	}
	f := &flight{n: n, done: make(chan struct{})}
	s.flight = f
	go func() {
		defer close(f.done)
		f.err = call()
	}()
	_, err := s.wait(ctx, f)
	return err
}

func (s *solo) wait(ctx context.Context, f *flight) (ended bool, err error) {
	select {
	case <-f.done:
		s.flight = nil
		return true, f.err
	case <-s.closed:
		if f.ended() {
			return true, f.err
		}
		return false, errClosed
	case <-ctx.Done():
		return false, fmt.Errorf("no answer from the desktop: %w", ctx.Err())
	}
}

// settle waits for a call that was left behind.
func (s *solo) settle() {
	s.turn <- struct{}{}
	defer func() { <-s.turn }()
	if s.flight != nil {
		<-s.flight.done
	}
}

func (f *flight) ended() bool {
	select {
	case <-f.done:
		return true
	default:
		return false
	}
}
