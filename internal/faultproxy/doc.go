// Package faultproxy is a TCP proxy for tests that does what networks and
// middle boxes do to connections: reset them, swallow their bytes, cut them
// short, slow them down, refuse them, or answer in the server's place. The
// fault can be changed while connections are open.
//
// It knows no protocol, except for the head of an HTTP request when it
// answers itself.
package faultproxy
