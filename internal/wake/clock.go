package wake

import "time"

// jump is how far the clocks may be apart before it means sleep.
const jump = 5 * time.Second

// A clock notices sleep by comparing the wall's clock with one that stands
// still meanwhile (CLOCK_MONOTONIC on Linux, mach_absolute_time on macOS). On
// Windows both go on; there a look that comes late tells the same. Setting
// the wall's clock looks like sleep too, and does no harm.
type clock struct {
	// read reads both clocks, each from a beginning of its own.
	read func() (wall, awake time.Duration)

	wall, awake time.Duration // at the last look
}

// systemClocks reads the machine's own clocks.
func systemClocks(start time.Time) func() (wall, awake time.Duration) {
	return func() (wall, awake time.Duration) {
		now := time.Now()
		return now.Round(0).Sub(start.Round(0)), now.Sub(start) // Round strips the monotonic reading
	}
}

// jumped looks, and reports whether the machine has slept since the last
// look. every is how long ago that should have been; 0 where nobody knows.
func (c *clock) jumped(every time.Duration) bool {
	wall, awake := c.read()
	wallPassed, awakePassed := wall-c.wall, awake-c.awake
	c.wall, c.awake = wall, awake
	return wallPassed-awakePassed > jump || every > 0 && wallPassed-every > jump
}
