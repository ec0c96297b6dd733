// Package backfill resumes streams that cannot replay by themselves: it wraps
// another transport, and after each connect fetches what was missed from an
// address of JSON pages. Other feeds pass through it untouched.
//
// The stream opens first and waits, so that nothing falls between the two;
// what was fetched is handed on oldest first, and then what the stream has
// sent meanwhile. What came both ways is told apart by the dedupe key, which
// is not this package's. Nothing live is handed on unless the fetch was whole:
// a connection whose fetch fails ends with that error, and the next one begins
// from the same position.
//
// # Forwards
//
// Each page is asked for with the id of the last item of the one before, and
// handed on as it comes, until one brings nothing new. What is more than one
// connection may fetch is left for the next. Whether the server still had the
// position cannot be seen in what follows it.
//
// # Backwards, and where there is one page only
//
// Pages are collected until one holds the item of the position or, where ids
// are whole numbers, one below it: that item may have been deleted since.
// Where the list ends before, or a limit is hit, the connection counts as not
// resumed, and what was fetched is still handed on.
//
// # The first connection
//
// A feed without a position learns one from the newest item, before the stream
// opens, and hands none of the archive on. Forwards that cannot be told, since
// a page without a position may be the oldest: there the first live event
// brings the position.
//
// # Items
//
// An item is known by its id. Whole numbers give their order inside a page;
// other items are taken in the page's order. One without an id cannot be
// placed: it is left out, and the connection counts as not resumed. A page
// whose items have none at all is not understood.
//
// It must not know what payloads mean, when to connect again or how streams
// travel.
package backfill
