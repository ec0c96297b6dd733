package application

import (
	"context"
	"slices"
	"sync"
	"time"
)

const (
	// pause is the time between two actions: whoever asks more often, by
	// mistake or on purpose, does not start more windows than that.
	pause = 250 * time.Millisecond
	// maxToken bounds a token of xdg-activation, in bytes.
	maxToken = 256
)

// actions are all that can be asked for.
var actions = []string{Open, AddFeed, Pause}

// A queue holds what is to be done: each action once, with its latest token.
// So it is bounded whoever calls.
type queue struct {
	mu    sync.Mutex
	order []string
	token map[string]string
	more  chan struct{} // holds one
}

func newQueue() *queue {
	return &queue{token: map[string]string{}, more: make(chan struct{}, 1)}
}

// put never waits. It reports whether there is such an action.
func (q *queue) put(action, token string) bool {
	if !slices.Contains(actions, action) {
		return false
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if !slices.Contains(q.order, action) {
		q.order = append(q.order, action)
	}
	q.token[action] = token
	select {
	case q.more <- struct{}{}:
	default:
	}
	return true
}

func (q *queue) take() (action, token string, ok bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.order) == 0 {
		return "", "", false
	}
	action, q.order = q.order[0], q.order[1:]
	token = q.token[action]
	delete(q.token, action)
	return action, token, true
}

// run does what is asked for until ctx ends, or until nothing was asked for
// idle, where that is not zero.
func (q *queue) run(ctx context.Context, idle time.Duration, do func(ctx context.Context, action, token string)) {
	for {
		var ended <-chan time.Time
		if idle > 0 {
			ended = time.After(idle)
		}
		select {
		case <-q.more:
		case <-ended:
			return
		case <-ctx.Done():
			return
		}
		for {
			action, token, ok := q.take()
			if !ok {
				break
			}
			do(ctx, action, token)
			select {
			case <-time.After(pause):
			case <-ctx.Done():
				return
			}
		}
	}
}

// cleanToken is what may go into the environment of a program; empty for what
// is none.
func cleanToken(s string) string {
	if len(s) > maxToken {
		return ""
	}
	for _, c := range []byte(s) {
		if c <= ' ' || c > '~' {
			return ""
		}
	}
	return s
}
