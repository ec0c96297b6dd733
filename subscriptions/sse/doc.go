// Package sse is the event stream transport: Server-Sent Events over HTTP as
// in WHATWG HTML §9.2, one connection at a time.
//
// It turns bytes into messages and failures into classes. What a feed answers
// is posted to the stream's own server. It must not know
// what a payload means, nor when to connect again: decode and the supervisor
// do.
package sse
