package main

import (
	"fmt"
	"slices"
	"strings"

	"bellwire/subscriptions"
)

// week is the days' names, in their order.
var week = [...]string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"}

// parseQuiet reads hours like "mon-fri 22:00-07:00" or "sat,sun 00:00-00:00";
// without days, every day.
func parseQuiet(s string) (q subscriptions.QuietHours, err error) {
	words := strings.Fields(strings.ToLower(s))
	if n := len(words); n < 1 || n > 2 {
		return q, fmt.Errorf("%q is not like mon-fri 22:00-07:00", s)
	}
	from, to, ok := strings.Cut(words[len(words)-1], "-")
	if !ok {
		return q, fmt.Errorf("%q has no end; hours are like 22:00-07:00", s)
	}
	for _, clock := range []string{from, to} {
		if _, err := subscriptions.ParseClock(clock); err != nil {
			return q, err
		}
	}
	q.From, q.To = from, to
	if len(words) == 2 {
		q.Days, err = parseDays(words[0])
	}
	return q, err
}

// parseDays reads days like "mon-wed,sat".
func parseDays(s string) (days []string, err error) {
	for part := range strings.SplitSeq(s, ",") {
		first, last, isRange := strings.Cut(part, "-")
		if !isRange {
			last = first
		}
		i, j := slices.Index(week[:], first), slices.Index(week[:], last)
		if i < 0 || j < 0 {
			return nil, fmt.Errorf("%q is not one of %s", part, strings.Join(week[:], ", "))
		}
		for ; ; i = (i + 1) % len(week) { // fri-mon goes over the week's end
			if !slices.Contains(days, week[i]) {
				days = append(days, week[i])
			}
			if i == j {
				break
			}
		}
	}
	return days, nil
}

// formatQuiet is what parseQuiet reads.
func formatQuiet(q subscriptions.QuietHours) string {
	hours := q.From + "-" + q.To
	if len(q.Days) == 0 || len(q.Days) == len(week) {
		return hours
	}
	var parts []string
	for i := 0; i < len(week); i++ {
		if !slices.Contains(q.Days, week[i]) {
			continue
		}
		j := i
		for j+1 < len(week) && slices.Contains(q.Days, week[j+1]) {
			j++
		}
		switch {
		case j > i+1:
			parts = append(parts, week[i]+"-"+week[j])
		case j == i+1:
			parts = append(parts, week[i], week[j])
		default:
			parts = append(parts, week[i])
		}
		i = j
	}
	return strings.Join(parts, ",") + " " + hours
}
