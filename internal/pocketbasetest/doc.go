// Package pocketbasetest runs a real PocketBase for tests. It is built from the
// module in the folder server, which only tests need.
//
// It is for tests alone and must know nothing of Bellwire, so that black-box
// tests of the whole program can use it too.
package pocketbasetest
