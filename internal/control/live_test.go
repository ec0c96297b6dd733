package control

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tmaxmax/go-sse"
)

// slowClient has a change happen while "feeds" is being sent to it: after the
// client may have looked, and before the server looks again.
type slowClient struct {
	f      *fake
	feeds  int
	enough context.CancelFunc
}

func (c *slowClient) Send(m *sse.Message) error {
	if m.Type.String() == string(UpdateFeeds) {
		c.feeds++
	}
	return nil
}

func (c *slowClient) Flush() error {
	switch c.feeds {
	case 1:
		c.f.add(0)
	case 2:
		c.enough()
	}
	return nil
}

func TestChangeWhileTellingIsTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{changed: make(chan struct{})}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		c := &slowClient{f: f, enough: cancel}
		if err := newLive(f).Subscribe(ctx, sse.Subscription{Client: c, Topics: []string{""}}); err != nil {
			t.Fatal(err)
		}
		if c.feeds != 2 {
			t.Errorf("told %d times of a change, want 2", c.feeds)
		}
	})
}
