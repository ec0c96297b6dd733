// Package storage keeps feeds, their positions, history and the outbox of
// owed notifications in one SQLite database.
//
// Its promise is that an event, the cursor that acknowledges it and the
// notification it is owed are committed in one transaction, and that what was
// acknowledged survives a killed process and a power cut (write-ahead log,
// synchronous=FULL). Feed definitions hold credentials, so the files are
// readable by their owner only.
//
// All writes go through one goroutine that puts everything waiting into one
// transaction; reads run beside it on connections of their own. Nothing here
// runs on a timer: an idle database costs nothing.
//
// Times are stored as whole microseconds since the Unix epoch, in UTC.
//
// The package knows the vocabulary of [bellwire/subscriptions] and must not
// know how events arrive or how they are shown.
package storage
