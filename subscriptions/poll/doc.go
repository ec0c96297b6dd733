// Package poll is the transport for servers that have no stream: it asks for
// news again and again, every interval or, in a long poll, as soon as it has
// an answer. What it hands on are the items that are new.
//
// It must not know what payloads mean, apart from where an answer's items are
// and which of them is the newest.
//
// # The cursor
//
// A poll's cursor is a small JSON object with what the next question and the
// understanding of its answer need, all of it optional:
//
//	{"etag":"\"a1\"","modified":"Sat, 21 Nov 2026 07:51:17 GMT","since":"42","body":"q83v…","seen":"q83v…"}
//
// etag and modified are the validators of the last answer, sent back as
// If-None-Match and If-Modified-Since (RFC 9110 §13.1). since is the position
// that the feed says payloads hold. body is a digest of the last answer that
// was an item by itself, and seen, digests of the last 1000 items, the newest
// at the end. A digest is six bytes of SHA-256; digests are in base64. With
// taken, body is a list's, and so many of its items have been handed on.
//
// # What is new
//
// An answer that is an item by itself is new when it differs from the last
// one; in a long poll also when its validators do. An item of a list is new
// when it is not among those seen. Where a server says with Vary that the
// validators choose what it answers (as nchan does), each answer is new.
//
// Of the first answer of a feed at most the newest 20 items are handed on: a
// person sees that it works, and not the archive.
package poll
