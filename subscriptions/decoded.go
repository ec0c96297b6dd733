package subscriptions

// Decoded is what a message turned out to be.
type Decoded struct {
	// Events are rows of history, in their order; none for a message that has
	// nothing to show.
	Events []Event
	// Cursor is the position to resume from once Events are committed: the one
	// before the message where it moves nothing.
	Cursor string
	// KeepAlive says that the server only showed that it is there.
	KeepAlive bool
	// Skipped says that the feed's mapping sees no event in the message.
	Skipped bool
}
