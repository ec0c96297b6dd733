package websocket

import (
	"bytes"
	"context"
	"encoding/json"
	"reflect"
	"sync/atomic"
	"time"

	"bellwire/subscriptions"
)

// maxCompared is the longest message, in bytes, that is read as JSON to see
// whether it answers a heartbeat; a longer answer that is expected has twice
// its own length.
const maxCompared = 4 << 10

// A heartbeat is a feed's text heartbeat on one connection.
type heartbeat struct {
	// send is the last one sent, expect the answer; both without blanks around
	// them, and expect is empty where nothing is.
	send   atomic.Pointer[[]byte]
	expect []byte
	// members are those of expect where it is a JSON object that has any,
	// and telling the strings in it: what has none of one is no answer.
	members map[string]any
	telling [][]byte
	longest int

	// sent is when the unanswered one was sent; nil when there is none.
	sent atomic.Pointer[time.Time]
	// answered has a token when the answer has come.
	answered chan struct{}
}

// newHeartbeat is nil where h sends nothing.
func newHeartbeat(h subscriptions.Heartbeat) *heartbeat {
	if h.Send == "" {
		return nil
	}
	b := &heartbeat{
		expect:   bytes.TrimSpace([]byte(h.Expect)),
		answered: make(chan struct{}, 1),
	}
	b.sending(h.Send)
	b.longest = max(maxCompared, 2*len(b.expect))
	if json.Unmarshal(b.expect, &b.members) != nil {
		b.members = nil
	}
	for name, value := range b.members {
		b.telling = append(b.telling, []byte(name))
		if s, ok := value.(string); ok {
			b.telling = append(b.telling, []byte(s))
		}
	}
	return b
}

// sending notes the text that is on its way, of which an echo may come.
func (b *heartbeat) sending(text string) {
	if last := b.send.Load(); last == nil || string(*last) != text {
		send := bytes.TrimSpace([]byte(text))
		b.send.Store(&send)
	}
}

// sign is what a text message says of the server where it belongs to the
// heartbeat: it is no event then. It is called by the reading goroutine.
func (b *heartbeat) sign(text []byte) (sign subscriptions.Life, ok bool) {
	text = bytes.TrimSpace(text)
	switch {
	case len(text) == 0:
		return sign, false
	case bytes.Equal(text, b.expect), b.hasMembers(text):
		select {
		case b.answered <- struct{}{}:
		default:
		}
		return pulse(&b.sent), true
	case bytes.Equal(text, *b.send.Load()):
		return subscriptions.Life{Kind: subscriptions.LifeKeepAlive}, true
	}
	return sign, false
}

// hasMembers reports whether text is a JSON object with the members of the
// expected one.
func (b *heartbeat) hasMembers(text []byte) bool {
	if len(b.members) == 0 || len(text) > b.longest || text[0] != '{' {
		return false
	}
	if bytes.IndexByte(text, '\\') < 0 { // or names may be written in another way
		for _, s := range b.telling {
			if !bytes.Contains(text, s) {
				return false
			}
		}
	}
	var got map[string]any
	if json.Unmarshal(text, &got) != nil {
		return false
	}
	for name, want := range b.members {
		if value, ok := got[name]; !ok || !reflect.DeepEqual(value, want) {
			return false
		}
	}
	return true
}

// pulse is the sign of an answer to what was sent at *sent; to nothing, it is
// a keep-alive in one direction (of pongs: RFC 6455 §5.5.3).
func pulse(sent *atomic.Pointer[time.Time]) subscriptions.Life {
	at := sent.Swap(nil)
	if at == nil {
		return subscriptions.Life{Kind: subscriptions.LifeKeepAlive}
	}
	return subscriptions.Life{Kind: subscriptions.LifePong, RTT: time.Since(*at)}
}

// sendHeartbeat sends the text and, where an answer is expected, waits for it;
// meanwhile it goes on sending, since the server may count on that.
func (c *connection) sendHeartbeat(ctx context.Context, patience time.Duration, tick <-chan time.Time) error {
	b := c.beat
	expects := len(b.expect) > 0
	if expects {
		select {
		case <-b.answered: // to an earlier one
		default:
		}
		now := time.Now()
		b.sent.Store(&now)
	}
	late := time.NewTimer(patience)
	defer late.Stop()
	for {
		if sent, err := c.beatOnce(ctx, patience); err != nil || !sent || !expects {
			return err
		}
		select {
		case <-b.answered:
			return nil
		case <-tick:
		case <-late.C:
			return context.DeadlineExceeded
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// beatOnce sends the heartbeat once, where there is something to send now.
func (c *connection) beatOnce(ctx context.Context, patience time.Duration) (sent bool, err error) {
	err = c.speak(ctx, func() error {
		text := c.target.Heartbeat.Send
		if c.target.Talk != nil {
			if text, err = c.target.Talk.Beat(); err != nil || text == "" {
				return err
			}
		}
		sent = true
		c.beat.sending(text)
		return c.write(ctx, patience, text)
	})
	return sent, err
}
