// Package window is Bellwire's window: feeds, their events and one event at a
// time, as in a mail reader.
//
// It is a client of the control API and lives in a process of its own, which
// ends when the window is closed. It must not know storage, connections or
// notifications, nor who started it. Everything but run.go builds and is
// tested without a display and without cgo.
package window
