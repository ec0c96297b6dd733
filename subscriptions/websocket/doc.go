// Package websocket is the WebSocket transport (RFC 6455): it makes one
// connection and hands on what the server sends, each message whole.
//
// It must not know what payloads mean, where they are kept or when to connect
// again. Besides pings, pongs and close frames it sends what the feed says and
// nothing of its own: the opening frames once, before the connection counts as
// open, answers to what it hears, and the heartbeat again and again. What
// belongs to the heartbeat is a sign of life and never a message, and leaves the
// cursor alone.
//
// A plain WebSocket gives nothing to resume from: its messages have no id and
// leave the cursor where it was. The sub-protocol ws+meta.nchan puts an id in
// front of every message; where the server selects it, that id is the
// message's and the cursor.
package websocket
