package decode

import (
	"math"
	"strconv"
	"strings"

	"bellwire/subscriptions"

	"github.com/tidwall/gjson"
)

// priority reads a priority of 1 to 5 from a number, digits or a word. ok is
// false where v says nothing. A number above 10 is on no scale in use: it is
// urgent with clamp and says nothing without.
func priority(v gjson.Result, clamp bool) (p int, ok bool) {
	switch v.Type {
	case gjson.Number:
		return scale(v.Num, clamp)
	case gjson.String:
		if len(v.Str) > 32 {
			return 0, false
		}
		word := strings.ToLower(strings.TrimSpace(v.Str))
		if p, ok := priorityWord(word); ok {
			return p, true
		}
		if n, err := strconv.ParseFloat(word, 64); err == nil && !math.IsNaN(n) && !math.IsInf(n, 0) {
			return scale(n, clamp)
		}
	}
	return 0, false
}

// scale maps ntfy's 1 to 5 as it is. Above 5 the number must be of Gotify's
// 0 to 10, and is halved.
func scale(n float64, clamp bool) (int, bool) {
	switch {
	case n > 10 && !clamp:
		return 0, false
	case n > 10:
		return subscriptions.PriorityMax, true
	case n > subscriptions.PriorityMax:
		return int(math.Round(n / 2)), true
	}
	return max(subscriptions.PriorityMin, int(math.Round(max(n, 0)))), true
}

// priorityWord knows the words of ntfy, syslog (RFC 5424 §6.2.1), the usual
// loggers and the usual alerting and build systems.
func priorityWord(w string) (p int, ok bool) {
	switch w {
	case "min", "minimal", "lowest", "trace", "debug", "verbose", "p5":
		return 1, true
	case "low", "minor", "p4":
		return 2, true
	case "default", "normal", "medium", "moderate", "info", "information", "informational", "notice",
		"ok", "success", "succeeded", "passed", "resolved", "none", "p3":
		return 3, true
	case "high", "major", "important", "warn", "warning", "err", "error", "fail", "failed", "failure", "failing", "firing", "alerting", "triggered", "broken", "down", "offline", "unreachable", "degraded", "p2":
		return 4, true
	case "max", "urgent", "highest", "crit", "critical", "alert", "emerg", "emergency", "panic", "fatal", "p1":
		return 5, true
	}
	return 0, false
}
