package websocket

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"

	"bellwire/subscriptions"

	"github.com/coder/websocket"
)

// Close codes beyond those of RFC 6455 §7.4.1 that IANA lists.
const (
	statusUnauthorized websocket.StatusCode = 3000
	statusForbidden    websocket.StatusCode = 3003
)

// Private close codes that follow the status codes of HTTP: 4400 to 4429, as in
// graphql-transport-ws and many a server's own protocol.
const (
	firstStatus websocket.StatusCode = 4400
	lastStatus  websocket.StatusCode = 4429
)

// ofStatus is what a private close code says.
func ofStatus(code websocket.StatusCode) (subscriptions.Class, subscriptions.Code) {
	switch int(code) - 4000 {
	case http.StatusUnauthorized:
		return subscriptions.NeedsUser, subscriptions.CodeUnauthorized
	case http.StatusForbidden:
		return subscriptions.NeedsUser, subscriptions.CodeForbidden
	case http.StatusNotFound:
		return subscriptions.NeedsUser, subscriptions.CodeNotFound
	case http.StatusGone:
		return subscriptions.NeedsUser, subscriptions.CodeGone
	case http.StatusRequestTimeout: // the network was too slow for the server
		return subscriptions.Transient, subscriptions.CodeTimeout
	case http.StatusConflict, http.StatusTooManyRequests: // the last connection may not be over
		return subscriptions.Transient, subscriptions.CodeBusy
	default:
		return subscriptions.NeedsUser, subscriptions.CodeBadFeed
	}
}

// ended is why the reading ended.
func (c *connection) ended(err error) *subscriptions.Error {
	if ce, ok := errors.AsType[websocket.CloseError](err); ok {
		return c.closed(ce)
	}
	if errors.Is(err, errMasked) {
		return subscriptions.Fail(subscriptions.Transient, subscriptions.CodeProtocol, errMasked)
	}
	if errors.Is(err, errCut) {
		return subscriptions.Fail(subscriptions.Transient, subscriptions.CodeLost, errCut)
	}
	if isLost(err) {
		return subscriptions.Failf(subscriptions.Transient, subscriptions.CodeLost, "the connection broke: %w", subscriptions.Terse(err))
	}
	return subscriptions.Fail(subscriptions.Transient, subscriptions.CodeProtocol, subscriptions.Terse(err))
}

// closed is what the server's close frame says.
func (c *connection) closed(ce websocket.CloseError) *subscriptions.Error {
	text := "the server closed the stream"
	if ce.Code != websocket.StatusNoStatusRcvd {
		text += fmt.Sprintf(" with code %d", ce.Code)
	}
	if reason := redact(ce.Reason, c.target); reason != "" {
		text += ": " + reason
	}
	cause := subscriptions.Terse(errors.New(text))
	if ce.Code >= firstStatus && ce.Code <= lastStatus {
		class, code := ofStatus(ce.Code)
		return subscriptions.Fail(class, code, cause)
	}
	switch ce.Code {
	case websocket.StatusPolicyViolation, statusUnauthorized:
		return subscriptions.Fail(subscriptions.NeedsUser, subscriptions.CodeUnauthorized, cause)
	case statusForbidden:
		return subscriptions.Fail(subscriptions.NeedsUser, subscriptions.CodeForbidden, cause)
	case websocket.StatusTryAgainLater:
		return subscriptions.Fail(subscriptions.Transient, subscriptions.CodeBusy, cause)
	default:
		return subscriptions.Fail(subscriptions.Transient, subscriptions.CodeClosed, cause)
	}
}

// isLost tells a broken connection from broken frames.
func isLost(err error) bool {
	_, network := errors.AsType[net.Error](err)
	return network || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.ErrClosedPipe) || errors.Is(err, net.ErrClosed)
}

// redact is s without the credentials of t, which a server may quote when it
// refuses them.
func redact(s string, t subscriptions.Target) string {
	var secrets []string
	for _, values := range t.Header {
		for _, v := range values {
			secrets = append(secrets, strings.Fields(v)...)
		}
	}
	secrets = append(secrets, t.Subprotocols...)
	secrets = append(secrets, t.FrameSecret)
	if u, err := url.Parse(t.URL); err == nil {
		for _, values := range u.Query() {
			secrets = append(secrets, values...)
		}
		if password, ok := u.User.Password(); ok {
			secrets = append(secrets, password)
		}
	}
	for _, secret := range secrets {
		if len(secret) >= 4 { // a shorter one would mangle words
			s = strings.ReplaceAll(s, secret, "***")
		}
	}
	return s
}
