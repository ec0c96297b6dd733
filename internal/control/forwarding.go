package control

import "time"

// Forwarding is a forward of a feed that waits for its target to come back.
type Forwarding struct {
	Forward string `json:"forward"`
	// Error is what the last attempt came to, and Next when the next one is
	// due.
	Error string    `json:"error"`
	Next  time.Time `json:"next"`
}
