package subscriptions

import "time"

// A Message is one thing a server sent, as the transport understood it and
// before anyone looked at its payload.
type Message struct {
	// ID is the identifier this message itself carries; empty when it has
	// none. (In an event stream an id persists over later events; it is the
	// Cursor then, never their ID, or they would pass for duplicates.)
	ID string
	// Cursor is the position to resume from once this message is committed:
	// the stream's last event id (WHATWG HTML §9.2.6). Empty means the
	// server gave nothing to resume from.
	Cursor string
	// Type is the event's name; "message" when it has none.
	Type string
	// Data is the payload. Valid UTF-8 unless Binary.
	Data string
	// Binary says that Data is a binary frame's payload.
	Binary bool
	// Oversize is the size in bytes of a payload that was dropped because it
	// was above the limit; 0 for every other message. At least this many
	// bytes were seen.
	Oversize int64
	// CursorOnly says that there is nothing to show: the server only moved
	// the position (an event stream's block with an id and no data).
	CursorOnly bool
	// Backfilled says that the message was fetched after the fact instead of
	// read live: its ID and Cursor are the position of the item that it was,
	// wherever its payload may hold one.
	Backfilled bool
	// Missed says that by this message the server told that it could not go on
	// from the cursor of the connection.
	Missed bool
	// Memory is what the feed's conversation remembers; not to be changed.
	Memory map[string]any
	// Received is when the last byte of the message was read.
	Received time.Time
}
