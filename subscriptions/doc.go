// Package subscriptions is Bellwire's vocabulary: what a feed is, what its
// server sends, what a person gets to see, and how a connection can fail.
//
// It depends on the standard library only and must not know how bytes travel,
// where rows are kept or how anything is shown. Its children (sse, websocket,
// decode, supervisor) import it and never each other.
package subscriptions
