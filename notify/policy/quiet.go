package policy

import (
	"time"

	"bellwire/subscriptions"
)

// A stretch is quiet hours with their clocks read, in minutes since midnight.
type stretch struct {
	subscriptions.QuietHours
	from, to int
}

// longestQuiet is how far ahead the end of quiet hours is looked for; what
// lasts longer has none.
const longestQuiet = 8 * 24 * time.Hour

// Quiet reports whether now lies in quiet hours, and when those end: zero
// where they never do. Hours that overlap or touch are one.
func (r *Rules) Quiet(now time.Time) (on bool, until time.Time) {
	for end := now; ; {
		next := r.endOf(end)
		switch {
		case next.IsZero():
			return end.After(now), until
		case next.Sub(now) > longestQuiet:
			return true, time.Time{}
		}
		end, until = next, next
	}
}

// endOf is when the longest of the quiet hours at t end; zero where there are
// none.
func (r *Rules) endOf(t time.Time) (end time.Time) {
	year, month, day := t.In(r.zone).Date()
	for _, s := range r.quiet {
		for _, d := range []int{day - 1, day} { // they may have begun yesterday
			if !s.On(time.Date(year, month, d, 0, 0, 0, 0, time.UTC).Weekday()) {
				continue
			}
			last := d
			if s.to <= s.from {
				last++
			}
			from, to := at(year, month, d, s.from, r.zone), at(year, month, last, s.to, r.zone)
			if !t.Before(from) && t.Before(to) && to.After(end) {
				end = to
			}
		}
	}
	return end
}

// at is the first instant of a day at which a clock in zone shows the given
// minute or a later one. Where clocks are put back it is the earlier of the
// two; where they are put forward over it, the moment that is done.
func at(year int, month time.Month, day, minute int, zone *time.Location) time.Time {
	wall := time.Date(year, month, day, 0, minute, 0, 0, time.UTC)
	offset := func(t time.Time) time.Duration {
		_, seconds := t.In(zone).Zone()
		return time.Duration(seconds) * time.Second
	}
	before, after := offset(wall.Add(-24*time.Hour)), offset(wall.Add(24*time.Hour))
	for _, o := range []time.Duration{max(before, after), min(before, after)} {
		if t := wall.Add(-o); offset(t) == o {
			return t.In(zone)
		}
	}
	skipped, _ := wall.Add(-min(before, after)).In(zone).ZoneBounds()
	return skipped
}
