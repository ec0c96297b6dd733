// Package notify shows events on the desktop: a [Worker] takes what the
// outbox owes, oldest first, and hands it to one [Backend].
//
// An event is marked shown before the next one is shown, so that only a crash
// between the two can repeat one, with the same key. Everything in a
// [Notification] is plain text from the wire and hostile; each backend bounds
// and escapes it for its own desktop.
//
// The package must not know where the outbox is kept, how events came in, or
// what a click opens.
package notify
