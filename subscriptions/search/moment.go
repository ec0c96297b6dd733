package search

import (
	"strconv"
	"strings"
	"time"

	"bellwire/subscriptions"
)

// PriorityRange is the least and the highest priority that c, a condition of
// [Priority], allows. None where the first is higher than the second.
func (c Condition) PriorityRange() (least, highest int, ok bool) {
	number := strings.TrimLeft(c.Value, "<>=")
	n, err := strconv.Atoi(strings.TrimSpace(number))
	if err != nil || n < subscriptions.PriorityMin || n > subscriptions.PriorityMax {
		return 0, 0, false
	}
	switch c.Value[:len(c.Value)-len(number)] {
	case "", "=":
		return n, n, true
	case ">":
		return n + 1, subscriptions.PriorityMax, true
	case ">=":
		return n, subscriptions.PriorityMax, true
	case "<":
		return subscriptions.PriorityMin, n - 1, true
	case "<=":
		return subscriptions.PriorityMin, n, true
	}
	return 0, 0, false
}

// Received is when what c, a condition of [Before], [After] or [On], allows
// was received: not before from, and before until. The zero time is no bound.
// Days are those of now's location.
func (c Condition) Received(now time.Time) (from, until time.Time) {
	m, ok := parseMoment(c.Value)
	if !ok {
		return from, until
	}
	at := m.at(now)
	switch c.Field {
	case Before:
		until = at
	case After:
		from = at
	case On:
		from, until = at, at.AddDate(0, 0, 1)
	}
	return from, until
}

// A moment is a time as a person says it.
type moment struct {
	ago   time.Duration // before now
	days  int           // before the beginning of today
	today bool
	civil time.Time // its clock, in any location
}

func (m moment) at(now time.Time) time.Time {
	switch {
	case m.today:
		return time.Date(now.Year(), now.Month(), now.Day()-m.days, 0, 0, 0, 0, now.Location())
	case m.civil.IsZero():
		return now.Add(-m.ago)
	}
	c := m.civil
	return time.Date(c.Year(), c.Month(), c.Day(), c.Hour(), c.Minute(), c.Second(), 0, now.Location())
}

// clocks are how times are written; a day alone is its beginning.
var clocks = []string{time.DateOnly, "2006-01-02 15:04", time.DateTime, "2006-01-02T15:04", "2006-01-02T15:04:05", "2006-1-2"}

// units of how long ago something was.
var units = map[byte]time.Duration{
	's': time.Second, 'm': time.Minute, 'h': time.Hour,
	'd': 24 * time.Hour, 'w': 7 * 24 * time.Hour, 'y': 365 * 24 * time.Hour,
}

// maxAgo bounds how long ago something may be.
const maxAgo = 100 * 365 * 24 * time.Hour

func parseMoment(s string) (m moment, ok bool) {
	switch strings.ToLower(s) {
	case "":
		return m, false
	case "today":
		return moment{today: true}, true
	case "yesterday":
		return moment{today: true, days: 1}, true
	}
	for _, layout := range clocks {
		// The year 1 would be no bound at all.
		if t, err := time.Parse(layout, s); err == nil && t.Year() > 1 {
			return moment{civil: t}, true
		}
	}
	unit, known := units[s[len(s)-1]|0x20]
	n, err := strconv.ParseUint(s[:len(s)-1], 10, 32)
	if !known || err != nil || n > uint64(maxAgo/unit) {
		return m, false
	}
	return moment{ago: time.Duration(n) * unit}, true
}

// isDay reports whether s, which is a moment, is a whole day.
func isDay(s string) bool {
	m, _ := parseMoment(s)
	return m.today || !m.civil.IsZero() && m.civil.Equal(m.civil.Truncate(24*time.Hour)) && !strings.ContainsAny(s, ": ")
}
