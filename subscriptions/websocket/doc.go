// Package websocket is the WebSocket transport (RFC 6455): it makes one
// connection and hands on what the server sends, each message whole.
//
// It must not know what payloads mean, where they are kept or when to connect
// again. It never sends data of its own, only pings, pongs and close frames.
//
// A plain WebSocket gives nothing to resume from: its messages have no id and
// leave the cursor where it was. The sub-protocol ws+meta.nchan puts an id in
// front of every message; where the server selects it, that id is the
// message's and the cursor.
package websocket
