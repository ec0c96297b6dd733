package subscriptions

import "encoding/json"

// A Frame is one that a feed sends when its connection has opened.
type Frame struct {
	// After is a condition: the frame waits for a message that meets it, and
	// so do all that follow. Empty: it is sent at once.
	After string `json:"after,omitempty"`
	// Send is the text, with holes: see [CursorHole] and [SecretHole]. One
	// with [CursorHole] is left out while there is no cursor.
	Send string `json:"send"`
}

// UnmarshalJSON also takes a text alone: what to send.
func (f *Frame) UnmarshalJSON(b []byte) error {
	if json.Unmarshal(b, &f.Send) == nil {
		return nil
	}
	type plain Frame
	return json.Unmarshal(b, (*plain)(f))
}

// A Reply is what a feed answers to messages that meet a condition.
type Reply struct {
	When string `json:"when"`
	// Send is a template for a text message; on a feed that is no WebSocket,
	// or with Post, the body of a POST request.
	Send string `json:"send"`
	// Post is the address of the request, relative to the feed's and of the
	// same origin.
	Post string `json:"post,omitempty"`
}

// A Conversation is what a feed says and remembers while it is connected.
type Conversation struct {
	Replies []Reply `json:"replies,omitempty"`
	// Closed is a condition: the server says that it will send no more on
	// this connection, which then is replaced.
	Closed string `json:"closed,omitempty"`
	// Refused is a condition: the server refuses the feed's credentials, and a
	// person has to see to them.
	Refused string `json:"refused,omitempty"`
	// Remember has expressions by name. What one yields for a message, unless
	// nil, is memory.NAME from then on, until the connection ends.
	Remember map[string]string `json:"remember,omitempty"`
}

// A Talk is a feed's side of the conversation on one connection. The
// transport asks it, from the goroutine that reads; Beat may be asked from
// another.
type Talk interface {
	// Open is what to send as soon as the connection is open.
	Open() ([]Answer, error)
	// Hear takes in a message, before the sink has it, and is what to answer.
	// An error ends the connection; its class says how it goes on.
	Hear(m Message) ([]Answer, error)
	// Beat is the heartbeat to send now; empty: none.
	Beat() (string, error)
	// Memory is what is remembered by now; nil where nothing ever is.
	Memory() map[string]any
}

// An Answer is one thing to say to a server.
type Answer struct {
	// Text is a text message or, with Post, the body of a request.
	Text string
	// Post is an absolute address of the feed's origin.
	Post string
}
