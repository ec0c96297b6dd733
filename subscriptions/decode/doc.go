// Package decode turns a message's payload into the events a person sees: by
// the feed's mapping or, where that says nothing, by what is found in whatever
// the server chose to send. It is pure: it must not know how the bytes
// travelled, where events are kept or how they are shown, and it keeps nothing
// between calls.
//
// Everything it is given is hostile. Whatever comes in, what goes out is
// valid UTF-8, free of control characters and of invisible reordering, and
// bounded: see [MaxTitle], [MaxBody], [MaxID], [MaxType], [MaxLink] and
// [MaxCursor].
//
// # What is found
//
// Fields are looked for by their usual names, whatever their case, at the top
// and then in an envelope around the event. Where neither has words, objects
// inside are looked through for some, and then for the name of something and
// what became of it. Without any, the event's text is the payload itself.
//
// # What makes two messages the same event
//
// A message's id alone does not. A server that restarts may begin counting
// at 1 again, and its new events would be swallowed as repetitions of old
// ones; that is a loss, and losing is worse than repeating. An inclusive
// replay, on the other hand, sends the same bytes again. So the key is made
// of the id together with the type and the payload. The id is the one the
// transport carries or, for a feed that says where its payloads hold the
// cursor, that. A message with neither has no key: two equal texts may well be
// two events, and an "id" that merely stands in a payload may name a door that
// opens a second time.
//
// A feed may say otherwise: see [subscriptions.Dedupe]. With a field of its
// own, or a backfill, the id there is the key alone.
//
// Of several events in one message each has a key of its own, made of the
// message's id, its own text, and the id that stands in it or its place.
package decode
