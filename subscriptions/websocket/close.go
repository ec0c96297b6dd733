package websocket

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"strings"

	"bellwire/subscriptions"

	"github.com/coder/websocket"
)

// Close codes beyond those of RFC 6455 §7.4.1: 3000 and 3003 are IANA's, 4401
// and 4403 what graphql-ws and many others use.
const (
	statusUnauthorized        websocket.StatusCode = 3000
	statusForbidden           websocket.StatusCode = 3003
	statusPrivateUnauthorized websocket.StatusCode = 4401
	statusPrivateForbidden    websocket.StatusCode = 4403
)

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
	switch ce.Code {
	case websocket.StatusPolicyViolation, statusUnauthorized, statusPrivateUnauthorized:
		return subscriptions.Fail(subscriptions.NeedsUser, subscriptions.CodeUnauthorized, cause)
	case statusForbidden, statusPrivateForbidden:
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
