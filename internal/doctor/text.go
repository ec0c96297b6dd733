package doctor

import (
	"fmt"
	"strings"
	"time"
	"unicode"
)

// oneLine is s on one line of at most limit bytes, without anything that could
// reorder or hide text.
func oneLine(s string, limit int) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return ' '
	}, strings.ToValidUTF8(strings.TrimSpace(s), "�"))
	if len(s) <= limit {
		return s
	}
	return strings.ToValidUTF8(s[:limit], "") + "…"
}

// doLines is s as [Finding.Do] may be.
func doLines(s string) string {
	lines := strings.Split(strings.TrimSpace(s), "\n")
	lines = lines[:min(len(lines), maxDoLines)]
	for i, line := range lines {
		typed := strings.HasPrefix(line, "  ")
		if lines[i] = oneLine(line, maxDo); typed {
			lines[i] = "  " + lines[i]
		}
	}
	return strings.Join(lines, "\n")
}

// size is a number of bytes for people.
func size(n uint64) string {
	const unit = 1000
	switch {
	case n < unit*unit:
		return fmt.Sprintf("%d kB", n/unit)
	case n < unit*unit*unit:
		return fmt.Sprintf("%d MB", n/unit/unit)
	}
	return fmt.Sprintf("%.1f GB", float64(n)/unit/unit/unit)
}

// span is a duration for people: its two largest units.
func span(d time.Duration) string {
	d = max(d, -d).Round(time.Second)
	switch days := int(d.Hours()) / 24; {
	case days >= 2:
		return fmt.Sprintf("%d days", days)
	case d >= time.Hour:
		return fmt.Sprintf("%d h %d min", int(d.Hours()), int(d.Minutes())%60)
	case d >= time.Minute:
		return fmt.Sprintf("%d min %d s", int(d.Minutes()), int(d.Seconds())%60)
	}
	return fmt.Sprintf("%d s", int(d.Seconds()))
}

// moment is a time for people.
func moment(t time.Time) string { return t.Local().Format(time.DateTime) }

// many is "1 feed" or "3 feeds".
func many(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
