package supervisor

import (
	"context"
	"sync"
	"time"

	"bellwire/subscriptions"
)

const (
	inboxMessages = 1000
	inboxBytes    = 4 << 20
)

// An inbox is the bounded queue between one connection and the owner of its
// feed. While it is full the transport waits, which is back-pressure on the
// server. Empty, it holds no memory: a thousand quiet feeds cost nothing.
type inbox struct {
	life *liveness
	// ready has a token when there is something to take, space when the
	// queue was emptied.
	ready, space chan struct{}

	mu    sync.Mutex
	post  mail
	bytes int
	lost  bool // a message that there was no room for
}

// mail is what a connection has brought since the last look.
type mail struct {
	opened   time.Time // zero when it was not
	resumed  bool
	learned  bool          // an idle limit has become known
	retry    time.Duration // the server's reconnection time; 0 when not given
	messages []subscriptions.Message
}

func newInbox(life *liveness) *inbox {
	return &inbox{life: life, ready: make(chan struct{}, 1), space: make(chan struct{}, 1)}
}

// Opened implements [subscriptions.Sink].
func (b *inbox) Opened(resumed bool) {
	now := time.Now()
	b.life.connected(now)
	b.change(func(m *mail) { m.opened, m.resumed = now, resumed })
}

// Retry implements [subscriptions.Sink].
func (b *inbox) Retry(d time.Duration) {
	b.change(func(m *mail) { m.retry = directed(d) })
}

// Alive implements [subscriptions.Sink].
func (b *inbox) Alive(l subscriptions.Life) {
	if b.life.observe(time.Now(), l) {
		b.change(func(m *mail) { m.learned = true })
	}
}

// Message implements [subscriptions.Sink].
func (b *inbox) Message(ctx context.Context, m subscriptions.Message) error {
	for !b.put(m) {
		select {
		case <-b.space:
		case <-ctx.Done():
			b.mu.Lock()
			b.lost = true
			b.mu.Unlock()
			return ctx.Err()
		}
	}
	return nil
}

// refused reports whether the connection ended with a message that there was
// no room for.
func (b *inbox) refused() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.lost
}

func (b *inbox) put(m subscriptions.Message) bool {
	b.mu.Lock()
	n := len(b.post.messages)
	full := n >= inboxMessages || n > 0 && b.bytes+len(m.Data) > inboxBytes
	if !full {
		b.post.messages = append(b.post.messages, m)
		b.bytes += len(m.Data)
	}
	b.mu.Unlock()
	if !full {
		token(b.ready)
	}
	return !full
}

func (b *inbox) change(f func(*mail)) {
	b.mu.Lock()
	f(&b.post)
	b.mu.Unlock()
	token(b.ready)
}

// take empties the inbox.
func (b *inbox) take() mail {
	b.mu.Lock()
	post := b.post
	b.post, b.bytes = mail{}, 0
	b.mu.Unlock()
	token(b.space)
	return post
}

// token leaves a token in a channel of capacity one.
func token(ch chan struct{}) {
	select {
	case ch <- struct{}{}:
	default:
	}
}
