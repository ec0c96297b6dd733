// Package control is the control API: how the window, the tray and the
// command line speak with the daemon. HTTP over a Unix-domain socket; the
// types here are the JSON on the wire.
//
// The server asks for what it needs through [Daemon]; the package knows
// neither storage nor connections.
package control
