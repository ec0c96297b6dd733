package subscriptions

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"time"
)

// Limits of a [Conversation] and of [Settings.KeepAlive].
const (
	MaxReplies   = 32
	MaxRemember  = 16
	MinKeepAlive = time.Second
	MaxKeepAlive = time.Hour
)

// A Frame is one that a feed sends when its connection has opened.
type Frame struct {
	// After is a condition: the frame waits for a message that meets it, and
	// so do all that follow, however long that takes. Empty: it is sent at
	// once.
	After string `json:"after,omitempty"`
	// Send is a template. It is left out while there is no cursor where one of
	// its holes is [CursorHole].
	Send string `json:"send"`
}

// UnmarshalJSON also takes a text alone: what to send.
func (f *Frame) UnmarshalJSON(b []byte) error {
	if json.Unmarshal(b, &f.Send) == nil {
		return nil
	}
	type plain Frame
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	return d.Decode((*plain)(f))
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
	// Missed is a condition: the server says that it could not go on from the
	// cursor. History then has a gap.
	Missed string `json:"missed,omitempty"`
	// Remember has expressions by name. What one yields for a message, unless
	// nil or too large, is memory.NAME from then on, until the connection ends.
	Remember map[string]string `json:"remember,omitempty"`
}

// A Talk is a feed's side of the conversation on one connection. The
// transport asks it, from the goroutine that reads; Beat may be asked from
// another.
type Talk interface {
	// Open is what to send as soon as the connection is open. Errors, here and
	// below, end the connection; their class says how it goes on.
	Open() ([]Answer, error)
	// Hear takes in a message, before the sink has it, and is what to answer.
	Hear(m Message) ([]Answer, error)
	// Beat is the heartbeat to send now; empty: none.
	Beat() (string, error)
	// Missed reports whether the message that was heard last says that the
	// server could not go on from the cursor.
	Missed() bool
	// Memory is what is remembered by now, not to be changed by anyone; nil
	// where nothing ever is.
	Memory() map[string]any
}

// An Answer is one thing to say to a server.
type Answer struct {
	// Text is a text message or, with Post, the body of a request.
	Text string
	// Post is an absolute address of the feed's origin.
	Post string
}

// isZero reports whether nothing is said.
func (c *Conversation) isZero() bool {
	return len(c.Replies) == 0 && len(c.Remember) == 0 && c.Closed == "" && c.Refused == "" && c.Missed == ""
}

// memoryName is what an expression can call by its name.
var memoryName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]{0,49}$`)

// validateConversation leaves the expressions to package converse.
func (f *Feed) validateConversation() error {
	if k := time.Duration(f.KeepAlive); k != 0 && (k < MinKeepAlive || k > MaxKeepAlive) {
		return fmt.Errorf("the time between keep-alives must be between %v and %v", MinKeepAlive, MaxKeepAlive)
	}
	c := &f.Conversation
	switch {
	case c.isZero():
		return nil
	case f.Transport.Polls():
		return fmt.Errorf("only a feed of the kind websocket or sse has a conversation")
	case len(c.Replies) > MaxReplies:
		return fmt.Errorf("more than %d replies", MaxReplies)
	case len(c.Remember) > MaxRemember:
		return fmt.Errorf("more than %d things to remember", MaxRemember)
	}
	for name := range c.Remember {
		if !memoryName.MatchString(name) {
			return fmt.Errorf("%q is no name to remember something by", name)
		}
	}
	for i, r := range c.Replies {
		if err := f.validateReply(r); err != nil {
			return fmt.Errorf("reply %d: %w", i+1, err)
		}
	}
	return nil
}

func (f *Feed) validateReply(r Reply) error {
	switch {
	case r.When == "":
		return fmt.Errorf("it does not say to what")
	case r.Send == "" || len(r.Send) > MaxFrame:
		return fmt.Errorf("it must have 1 to %d bytes", MaxFrame)
	case mentions(r.Send, secretName) || len(plainSecrets(r.Send)) > 0:
		return mend(secretInFrames, "it cannot hold a secret")
	case r.Post == "" && !f.Transport.mayBe(TransportWebSocket):
		return fmt.Errorf("a feed of the kind sse answers by a request: post says where")
	case r.Post == "":
		return nil
	}
	u, err := SameServer(f.URL, r.Post)
	if err != nil {
		return err
	}
	own, err := ParseURL(f.URL)
	if err == nil && (u.User != nil && u.User.String() != own.User.String() || slices.ContainsFunc(paramNames(u), isSecretParam)) {
		return fmt.Errorf("its address must hold no credentials: those of the feed are sent there too")
	}
	return nil
}
