// Package nodetest runs a real WebSocket server, the ws module on Node.js, for
// tests: rooms of numbered messages that are kept on disk and replayed from a
// position, text heartbeats, a token in the first frame. It is the kind of
// server that people write themselves.
//
// It is for tests alone and must know nothing of Bellwire, so that black-box
// tests of the whole program can use it too.
package nodetest
