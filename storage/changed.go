package storage

import "sync"

// changes tells any number of waiters about commits, without a queue.
type changes struct {
	mu sync.Mutex
	ch chan struct{}
}

// Changed returns a channel that is closed at the next commit that changes
// events, feeds, read marks or the outbox. Take it before a query, then wait
// on it after: no change is missed that way.
func (db *DB) Changed() <-chan struct{} { return db.changes.next() }

func (c *changes) next() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ch == nil {
		c.ch = make(chan struct{})
	}
	return c.ch
}

func (c *changes) announce() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ch != nil {
		close(c.ch)
		c.ch = nil
	}
}
