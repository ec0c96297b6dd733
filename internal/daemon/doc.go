// Package daemon is Bellwire at work: it opens storage, runs the feeds,
// shows what they bring and answers the control API.
//
// It only wires. How connections live, what payloads mean, what is stored and
// how things are shown is decided in the packages it puts together.
package daemon
