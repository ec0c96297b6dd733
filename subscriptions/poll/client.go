package poll

import (
	"time"

	"bellwire/subscriptions"
)

// keepIdle is how long a connection is kept for the next question. Before a
// longer wait it is closed, so that nothing wakes up meanwhile.
const keepIdle = 30 * time.Second

var options = subscriptions.ClientOptions{Idle: 2 * keepIdle}
