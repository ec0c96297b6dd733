// Package nchantest runs a real server of streams, nginx with the nchan
// module, for tests: Server-Sent Events, WebSocket, long poll and poll over
// the same channels, buffered and resumable.
//
// It is for tests alone and must know nothing of Bellwire, so that black-box
// tests of the whole program can use it too.
package nchantest
