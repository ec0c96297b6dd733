package subscriptions

import (
	"cmp"
	"fmt"
	"strings"
	"time"
)

// A Heartbeat is a text message sent again and again. Neither it nor its
// answer is an event.
type Heartbeat struct {
	// Send is a template; empty: there is no heartbeat.
	Send string `json:"send,omitempty"`
	// Every is the time between two; 0 is [DefaultHeartbeat].
	Every Duration `json:"every,omitzero"`
	// Expect is the answer. A JSON object stands for every object that has at
	// least its members; one without members stands for itself. Empty: no
	// answer is waited for.
	Expect string `json:"expect,omitempty"`
	// Within is how long the answer may take; 0 is [DefaultHeartbeatAnswer].
	Within Duration `json:"within,omitzero"`
}

// Defaults and bounds of [Heartbeat].
const (
	DefaultHeartbeat       = 30 * time.Second
	DefaultHeartbeatAnswer = 10 * time.Second
	MinHeartbeat           = time.Second
	MaxHeartbeat           = time.Hour
)

// Interval is h.Every with the default filled in.
func (h Heartbeat) Interval() time.Duration {
	return cmp.Or(time.Duration(h.Every), DefaultHeartbeat)
}

// Patience is h.Within with the default filled in.
func (h Heartbeat) Patience() time.Duration {
	return cmp.Or(time.Duration(h.Within), DefaultHeartbeatAnswer)
}

func (f *Feed) validateHeartbeat() error {
	h := f.Heartbeat
	switch {
	case h == Heartbeat{}:
		return nil
	case !f.Transport.mayBe(TransportWebSocket):
		return mend("Use a ws:// or wss:// address, or --transport websocket.", "only a feed of the kind websocket has a heartbeat")
	case h.Send == "":
		return mend("Say which: --heartbeat TEXT.", "a heartbeat needs a text to send")
	case len(h.Send) > MaxFrame || len(h.Expect) > MaxFrame:
		return fmt.Errorf("the text of a heartbeat is longer than %d bytes", MaxFrame)
	case h.Expect != "" && strings.TrimSpace(h.Expect) == "":
		return fmt.Errorf("the answer to a heartbeat cannot be blank")
	case h.Within != 0 && h.Expect == "":
		return mend("Say what the answer is: --heartbeat-expect TEXT.", "a heartbeat that expects nothing cannot say within what time")
	case mentions(h.Send, secretName) || len(plainSecrets(h.Send)) > 0:
		return mend(secretInFrames, "a heartbeat cannot hold a secret")
	}
	for _, d := range []time.Duration{time.Duration(h.Every), time.Duration(h.Within)} {
		if d != 0 && (d < MinHeartbeat || d > MaxHeartbeat) {
			return fmt.Errorf("the times of a heartbeat must be between %v and %v", MinHeartbeat, MaxHeartbeat)
		}
	}
	return nil
}
