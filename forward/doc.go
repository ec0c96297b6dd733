// Package forward sends events on: to ntfy, to Mercure, to webhooks and to
// programs.
//
// A rule is a position in history: it reads the rows of its feed behind it,
// oldest first, and moves in the transaction that notes what became of an
// event. So nothing is sent twice but what was under way when Bellwire
// crashed or was cut off, and nothing is left out while a target is down. A
// rule has one goroutine, which waits without a timer while there is nothing
// to send.
//
// The package must not know storage, where secrets are, or how events become
// notifications.
package forward
