package subscriptions

import (
	"errors"
	"fmt"
	"time"
)

// Class says whether trying again helps.
type Class string

const (
	// Transient: try again after the usual backoff.
	Transient Class = "transient"
	// RetryAfter: the server said when to try again.
	RetryAfter Class = "retry-after"
	// NeedsUser: nothing changes before a person does something.
	NeedsUser Class = "needs-user"
	// Ended: the server ended the stream for good (204 in WHATWG HTML §9.2.3).
	Ended Class = "ended"
)

// Code names a kind of trouble, so that words can be chosen where they are
// shown.
type Code string

const (
	CodeClosed       Code = "closed"         // the server ended the connection
	CodeLost         Code = "lost"           // the connection broke
	CodeUnreachable  Code = "unreachable"    // no connection could be made
	CodeTimeout      Code = "timeout"        // no answer, or silence for too long
	CodeBusy         Code = "busy"           // 429, 503 and their like
	CodeServer       Code = "server"         // any other 5xx
	CodeUnauthorized Code = "unauthorized"   // 401, 407
	CodeForbidden    Code = "forbidden"      // 403
	CodeNotFound     Code = "not-found"      // 404
	CodeGone         Code = "gone"           // 410
	CodeNotStream    Code = "not-a-stream"   // an answer that is no stream of this transport
	CodeNotBackfill  Code = "not-a-backfill" // what was missed cannot be made out
	CodeCertificate  Code = "certificate"    // the server's certificate is not trusted
	CodeRedirect     Code = "redirect"       // too many, or to a place that cannot be followed
	CodeProtocol     Code = "protocol"       // bytes that break the protocol
	CodeEnded        Code = "ended"          // 204
	CodeBadFeed      Code = "bad-feed"       // the feed's own settings
	CodeStorage      Code = "storage"        // history could not be written
	CodeDamaged      Code = "damaged"        // history is damaged
	CodeIdentity     Code = "identity"       // a secret, certificate or proxy of the feed's cannot be had
	CodeGaveUp       Code = "gave-up"        // [Settings.MaxAttempts] have failed
)

// hints say what a person can do about each code.
var hints = map[Code]string{
	CodeClosed:       "Nothing to do: Bellwire reconnects by itself.",
	CodeLost:         "Nothing to do: Bellwire reconnects by itself.",
	CodeUnreachable:  "Check the address and the network; Bellwire keeps trying.",
	CodeTimeout:      "Check that the server is up; Bellwire keeps trying.",
	CodeBusy:         "The server asks for patience; Bellwire tries again by itself.",
	CodeServer:       "The server has a fault of its own; Bellwire keeps trying.",
	CodeUnauthorized: "The server wants credentials: give them with bellwire set and --bearer, --basic, --token-query, --token-frame, --cookie or --header.",
	CodeForbidden:    "The credentials do not allow this stream: check the token and its rights.",
	CodeNotFound:     "There is nothing at this address: check its path.",
	CodeGone:         "The server says that this stream is gone for good: remove the feed or find its new address.",
	CodeNotStream:    "This address answers, but not with a stream: check the path, or choose the other kind with --transport.",
	CodeNotBackfill:  "Look at what the address of --backfill answers, and change the feed with bellwire set and fitting --backfill-items, --backfill-id and --backfill-order.",
	CodeCertificate:  "The server's certificate is not trusted: check the host name and the date; or use bellwire set with --ca FILE, or with --accept-certificate if you know the server.",
	CodeRedirect:     "Use the address the server finally points to.",
	CodeProtocol:     "The server sends something that is not valid; Bellwire keeps trying.",
	CodeEnded:        "The server ended this stream. Resume the feed to try again.",
	CodeGaveUp:       "Bellwire has tried as often as the feed allows. Resume the feed to try again.",
	CodeIdentity:     "Put the secret or the file where the feed looks for it, or give it with bellwire set; Bellwire looks again by itself.",
	CodeBadFeed:      "Mend the feed with: bellwire edit",
	CodeStorage:      "Free some disk space and check the rights of Bellwire's folder; nothing is acknowledged before it is stored.",
	CodeDamaged:      "The database is damaged, and freeing disk space does not help. How to save what can be read, or to go back to a backup: bellwire doctor",
}

// An Error is why a connection ended or could not be made.
type Error struct {
	Class Class
	Code  Code
	// After is how long the server asks us to wait, with class [RetryAfter].
	After time.Duration
	// Err is the cause; never nil. Its text must hold no credentials.
	Err error
}

// Fail makes an Error.
func Fail(class Class, code Code, err error) *Error {
	return &Error{Class: class, Code: code, Err: err}
}

// Failf is Fail with a formatted cause.
func Failf(class Class, code Code, format string, args ...any) *Error {
	return Fail(class, code, fmt.Errorf(format, args...))
}

func (e *Error) Error() string { return e.Err.Error() }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Hint says what a person can do about it.
func (e *Error) Hint() string { return hints[e.Code] }

// AsError finds the Error in err. An error without one is [Transient]: a
// fault nobody thought of must not stop a feed for good.
func AsError(err error) *Error {
	if e, ok := errors.AsType[*Error](err); ok {
		return e
	}
	return Fail(Transient, CodeLost, err)
}
