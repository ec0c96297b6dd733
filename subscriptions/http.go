package subscriptions

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/textproto"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
	"unicode"
)

// Bounds of what a server may ask with Retry-After.
const (
	MinRetryAfter = time.Second
	MaxRetryAfter = time.Hour
)

// MaxRedirects is how many redirects in a row are followed.
const MaxRedirects = 10

// HTTPError is why an answer cannot be taken for a stream: every status but
// those a transport opens on, and a 200 of another media type. It reads
// resp's status and header only and leaves the body to the caller. No text of
// the server's is repeated, except a short piece of its Content-Type.
func HTTPError(resp *http.Response) *Error {
	e := statusError(resp)
	if resp.StatusCode >= 400 {
		if after, ok := ParseRetryAfter(resp.Header.Get("Retry-After"), time.Now()); ok {
			e.Class, e.After = RetryAfter, after
		}
	}
	return e
}

func statusError(resp *http.Response) *Error {
	code := resp.StatusCode
	answered := "the server answered " + strconv.Itoa(code)
	if text := http.StatusText(code); text != "" {
		answered += " (" + text + ")"
	}
	cause := errors.New(answered)
	switch {
	case code == http.StatusOK:
		return Failf(NeedsUser, CodeNotStream, "%s with content of type %q", answered, printable(resp.Header.Get("Content-Type"), 60))
	case code == http.StatusNoContent:
		return Fail(Ended, CodeEnded, cause)
	case code/100 == 3 && code != http.StatusNotModified:
		return Failf(NeedsUser, CodeRedirect, "%s with no address to follow", answered)
	case code == http.StatusUnauthorized, code == http.StatusProxyAuthRequired:
		return Fail(NeedsUser, CodeUnauthorized, cause)
	case code == http.StatusForbidden:
		return Fail(NeedsUser, CodeForbidden, cause)
	case code == http.StatusNotFound:
		return Fail(NeedsUser, CodeNotFound, cause)
	case code == http.StatusGone:
		return Fail(NeedsUser, CodeGone, cause)
	case code == http.StatusRequestTimeout, code == http.StatusTooEarly:
		return Fail(Transient, CodeTimeout, cause)
	case code == http.StatusTooManyRequests, code == http.StatusServiceUnavailable:
		return Fail(Transient, CodeBusy, cause)
	case code/100 == 5:
		return Fail(Transient, CodeServer, cause)
	default:
		return Fail(NeedsUser, CodeNotStream, cause)
	}
}

// ParseRetryAfter reads the value of a Retry-After header (RFC 9110 §10.2.3):
// seconds, or a date that now is compared with. The result is kept between
// [MinRetryAfter] and [MaxRetryAfter]. ok is false where h is neither.
func ParseRetryAfter(h string, now time.Time) (d time.Duration, ok bool) {
	h = textproto.TrimString(h)
	if h == "" {
		return 0, false
	}
	if strings.Trim(h, "0123456789") == "" {
		n, err := strconv.ParseInt(h, 10, 64)
		if err != nil || n > int64(MaxRetryAfter/time.Second) {
			return MaxRetryAfter, true
		}
		return max(MinRetryAfter, time.Duration(n)*time.Second), true
	}
	at, err := http.ParseTime(h)
	if err != nil {
		return 0, false
	}
	return min(max(MinRetryAfter, at.Sub(now)), MaxRetryAfter), true
}

// DialError is why no answer came: what [http.Client.Do], a WebSocket dial or
// [CheckRedirect] returned. The text is one bounded line without the URL,
// which may hold credentials. An [*Error] inside err is returned as it is.
// Whether the caller itself cancelled is for the caller to see first.
func DialError(err error) *Error {
	if e, ok := errors.AsType[*Error](err); ok {
		return e
	}
	// What is around a url.Error, and its own text, repeat the URL.
	for {
		outer, ok := errors.AsType[*url.Error](err)
		if !ok {
			break
		}
		err = outer.Err
	}
	cause := Terse(err)
	switch {
	case isCertificate(err):
		return Fail(NeedsUser, CodeCertificate, cause)
	case errors.Is(err, http.ErrSchemeMismatch):
		return Failf(NeedsUser, CodeNotStream, "the server speaks http where https was expected")
	case isA[*net.DNSError](err):
		return Fail(Transient, CodeUnreachable, cause)
	case errors.Is(err, context.DeadlineExceeded):
		return Failf(Transient, CodeTimeout, "the server did not answer in time")
	case isTimeout(err):
		return Fail(Transient, CodeTimeout, cause)
	case isBroken(err):
		return Failf(Transient, CodeLost, "the connection broke before the server answered: %w", cause)
	case isA[*net.OpError](err):
		return Fail(Transient, CodeUnreachable, cause)
	case strings.Contains(err.Error(), "Location header"):
		// net/http has no type for it, and quotes the address.
		return Failf(NeedsUser, CodeRedirect, "redirected to an address that cannot be read")
	default:
		// What is left are answers that are no HTTP.
		return Fail(Transient, CodeProtocol, cause)
	}
}

func isA[T error](err error) bool {
	_, ok := errors.AsType[T](err)
	return ok
}

func isCertificate(err error) bool {
	return isA[*tls.CertificateVerificationError](err) ||
		isA[x509.UnknownAuthorityError](err) ||
		isA[x509.HostnameError](err) ||
		isA[x509.CertificateInvalidError](err)
}

func isTimeout(err error) bool {
	t, ok := errors.AsType[net.Error](err)
	return ok && t.Timeout()
}

// isBroken tells a connection that was made and then lost.
func isBroken(err error) bool {
	if op, ok := errors.AsType[*net.OpError](err); ok {
		return op.Op == "read" || op.Op == "write"
	}
	// What net/http says where the server hangs up before the request is out;
	// it has no type for it.
	if strings.HasSuffix(err.Error(), "server closed idle connection") {
		return true
	}
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE) ||
		// A server that accepts and drops; net/http has no name for it.
		strings.Contains(err.Error(), "server closed idle connection")
}

// maxErrorText bounds, in bytes, what an error repeats of a peer's words.
const maxErrorText = 300

// Terse is err with a text fit to be shown: one printable line, at most a few
// hundred bytes. Errors of net/http may quote the peer at any length.
func Terse(err error) error {
	text := err.Error()
	if short := printable(text, maxErrorText); short != text {
		return terseError{short, err}
	}
	return err
}

type terseError struct {
	text string
	err  error
}

func (e terseError) Error() string { return e.text }
func (e terseError) Unwrap() error { return e.err }

// printable is s on one line, with nothing that could reorder or hide text,
// cut to limit bytes.
func printable(s string, limit int) string {
	cut := len(s) > limit
	if cut {
		s = s[:limit]
	}
	s = strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return ' '
	}, strings.ToValidUTF8(s, ""))
	if cut {
		s += "…"
	}
	return s
}

// harmless are the request headers that may follow a redirect to another
// origin. Everything else a person set could be a credential.
var harmless = []string{
	"Accept", "Accept-Encoding", "Accept-Language", "Cache-Control", "Last-Event-Id", "User-Agent",
	// What a poll has from the place that it is redirected to.
	"If-Modified-Since", "If-None-Match",
	// A WebSocket handshake is none without these (RFC 6455 §4.1).
	"Connection", "Upgrade", "Sec-Websocket-Extensions", "Sec-Websocket-Key", "Sec-Websocket-Version",
}

// CheckRedirect is the redirect policy for [http.Client]: at most
// [MaxRedirects], http and https only, never from https back to http. Once
// the way has left the first origin, only harmless headers go along, even
// when it comes back. The same host over https instead of http is no other
// origin here: it is at least as trusted as the one it was asked on.
func CheckRedirect(req *http.Request, via []*http.Request) error {
	to := printable(RedactURL(req.URL.String()), maxErrorText)
	switch {
	case len(via) > MaxRedirects:
		return Failf(NeedsUser, CodeRedirect, "more than %d redirects, the last one to %s", MaxRedirects, to)
	case req.URL.Scheme != "http" && req.URL.Scheme != "https", req.URL.Hostname() == "":
		return Failf(NeedsUser, CodeRedirect, "redirected to %s, which is no web address", to)
	case req.URL.Scheme == "http" && via[len(via)-1].URL.Scheme == "https":
		return Failf(NeedsUser, CodeRedirect, "redirected to %s, away from a secure connection", to)
	}
	first := via[0].URL
	left := func(r *http.Request) bool { return !sameOrigin(first, r.URL) }
	if !left(req) && !slices.ContainsFunc(via, left) {
		if req.URL.User == nil {
			req.URL.User = first.User
		}
		return nil
	}
	if req.Header.Get("Sec-WebSocket-Protocol") != "" {
		// Tokens travel as sub-protocols too, and a stream opened without
		// the one asked for would be another stream.
		return Failf(NeedsUser, CodeRedirect, "redirected to %s, which must not see the sub-protocols", to)
	}
	req.Host = "" // a Host header of the user's names the first origin
	for name := range req.Header {
		if !slices.Contains(harmless, name) {
			req.Header.Del(name)
		}
	}
	return nil
}

// sameOrigin compares scheme, host and port (RFC 6454 §5), and lets the
// default port of http pass for that of https on the same host.
func sameOrigin(from, to *url.URL) bool {
	if !strings.EqualFold(from.Hostname(), to.Hostname()) {
		return false
	}
	if from.Scheme == to.Scheme {
		return port(from) == port(to)
	}
	return from.Scheme == "http" && port(from) == "80" && to.Scheme == "https" && port(to) == "443"
}

func port(u *url.URL) string {
	switch {
	case u.Port() != "":
		return u.Port()
	case u.Scheme == "https":
		return "443"
	default:
		return "80"
	}
}
