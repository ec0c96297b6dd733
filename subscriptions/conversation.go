package subscriptions

// A Frame is one that a feed sends when its connection has opened.
type Frame struct {
	// After is a condition: the frame waits for a message that meets it, and
	// so do all that follow. Empty: it is sent at once.
	After string `json:"after,omitempty" yaml:"after,omitempty"`
	// Send is a template. One with the hole {{ cursor }} is left out while
	// there is no cursor.
	Send string `json:"send" yaml:"send"`
}

// A Reply is what a feed answers to messages that meet a condition.
type Reply struct {
	When string `json:"when" yaml:"when"`
	// Send is a template for a text message; on a feed that is no WebSocket,
	// or with Post, the body of a POST request.
	Send string `json:"send" yaml:"send"`
	// Post is the address of the request, relative to the feed's and of the
	// same origin.
	Post string `json:"post,omitempty" yaml:"post,omitempty"`
}

// A Conversation is what a feed says and remembers while it is connected.
type Conversation struct {
	Replies []Reply `json:"replies,omitempty" yaml:"replies,omitempty"`
	// Refused is a condition: the server refuses the feed's credentials, and a
	// person has to see to them.
	Refused string `json:"refused,omitempty" yaml:"refused,omitempty"`
	// Remember has expressions by name. What one yields for a message, unless
	// nil, is memory.NAME from then on, until the connection ends.
	Remember map[string]string `json:"remember,omitempty" yaml:"remember,omitempty"`
}
