package notify

import (
	"sync"

	"bellwire/notify/policy"
)

// programs are those that feeds run for their notifications.
type programs struct {
	running sync.WaitGroup
}

// run runs a feed's program, if it has one, beside everything else.
func (p *programs) run(w *Worker, n Notification, f policy.Feed) {
}

// wait waits for those that run.
func (p *programs) wait() { p.running.Wait() }
