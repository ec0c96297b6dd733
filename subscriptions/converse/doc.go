// Package converse is a feed's side of the conversation with its server: what
// it says when a connection opens, what it answers, and what it remembers
// meanwhile. All of it is data on the feed, in the language of package
// expression.
//
// It must not know how texts travel: a transport asks what to say. A [Script]
// is compiled once a feed and is safe for concurrent use; a [Talk] belongs to
// one connection and its goroutine.
package converse
