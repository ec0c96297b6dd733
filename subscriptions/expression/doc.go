// Package expression is Bellwire's one language for filters, mappings,
// replies and templates: expr (expr-lang.org), made safe to run on whatever a
// server sends.
//
// It must not know feeds, transports or storage. An [Expression] is compiled
// and checked once, when it is saved; compiling and running are safe for
// concurrent use.
//
// # Names in scope
//
//	data      the payload: what its JSON holds, else the text
//	raw       the payload as it came
//	type, id  the message's
//	cursor    the position to resume from
//	feed      feed.id, feed.name and feed.url
//	received  when it came
//	memory, n, secret  in conversations: see [Scope]
//	event     the row of history, where it is there already: see [EventNames]
//
// A member that is not there is nil, also of what has no members at all:
// data.title ?? "none" never fails. Integers of any size stay exact as long as
// nothing is computed with them.
//
// # Bounds
//
// An expression has at most [MaxSource] bytes and [MaxNodes] nodes; a run may
// take [MaxTime] and make texts of [MaxText] bytes and lists of [MaxItems]
// items. One that goes beyond is refused, or cut with an error: it can neither
// loop nor eat the memory.
package expression
