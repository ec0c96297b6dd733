// Package nodetest runs real servers on Node.js, for tests: a WebSocket server
// by the ws module (rooms of numbered messages that are kept on disk and
// replayed from a position, text heartbeats, acknowledgements, a token in the
// first frame: the kind of server that people write themselves), Socket.IO,
// GraphQL subscriptions by graphql-ws, and event streams by better-sse.
//
// It is for tests alone and must know nothing of Bellwire, so that black-box
// tests of the whole program can use it too.
package nodetest
