// Package search is the language in which people look for events: words that
// must occur, words that must not, and conditions such as from:deploys or
// priority:>=4. It knows what a search says and nothing of where events are
// kept.
//
// A search is a list of terms between white space:
//
//	word            occurs in title, body, tags or payload
//	"some words"    occur one after the other
//	-word           does not occur; -"some words" as well
//	from:NAME       of a feed with this id or this in its name; feed: is the same
//	folder:NAME     of a feed in this folder
//	priority:4      also >4, >=4, <4, <=4 and =4
//	before:WHEN     received before then; after: then or later; on:DAY
//	is:unread       or read, event, gap, notice
//	has:link        or image
//	tag:NAME        with this tag
//
// A value with spaces stands in quotes, as in from:"my deploys". A minus
// before from:, folder:, is:, has: and tag: turns them round. What has any
// other word before its colon is a word like others: http://example.org is.
package search
