package sse

import (
	"net/http"
	"time"

	"bellwire/subscriptions"
)

// options are for streams that last for months: small buffers, and a bound on
// what a server may send before storage has taken it.
var options = subscriptions.ClientOptions{Idle: 30 * time.Second, Buffer: 1 << 10, Window: 256 << 10}

// NewClient makes an HTTP client fit for streams that last for months: see
// [subscriptions.NewClient].
func NewClient() *http.Client { return subscriptions.NewClient(subscriptions.Target{}, options) }
