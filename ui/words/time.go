package words

import (
	"time"
)

// Clock is the time of day, as rows under a day's heading show it.
func Clock(t time.Time) string { return t.Local().Format("15:04") }

// Day is the heading of t's day: today, yesterday, or the date.
func Day(t, now time.Time) string {
	t, now = t.Local(), now.Local()
	switch {
	case SameDay(t, now):
		return Say("day.today")
	case SameDay(t, now.AddDate(0, 0, -1)):
		return Say("day.yesterday")
	}
	return Say("day.date", With{
		"Weekday": Say("weekday." + t.Format("Mon")),
		"Month":   Say("month." + t.Format("Jan")),
		"Number":  int(t.Month()),
		"Day":     t.Day(),
		"Year":    t.Year(),
	})
}

// Moment is t in full, to the second.
func Moment(t, now time.Time) string {
	return Say("moment", With{"Day": Day(t, now), "Time": t.Local().Format("15:04:05")})
}

// SameDay reports whether both times are on one day of the local calendar.
func SameDay(a, b time.Time) bool {
	ay, am, ad := a.Local().Date()
	by, bm, bd := b.Local().Date()
	return ay == by && am == bm && ad == bd
}

// Span is a duration in its largest fitting unit: 12 s, 24 min, 3 h. It never
// says less than one second.
func Span(d time.Duration) string {
	switch {
	case d < time.Minute:
		return Say("span.seconds", With{"N": max(1, int64((d+time.Second-1)/time.Second))})
	case d < time.Hour:
		return Say("span.minutes", With{"N": int64((d + 30*time.Second) / time.Minute)})
	}
	return Say("span.hours", With{"N": int64((d + 30*time.Minute) / time.Hour)})
}

// Ago is how long t is past, as rows show it: now, 5 min, 3 h; from a day on
// the time of day, which stands under its day's heading.
func Ago(t, now time.Time) string {
	switch d := now.Sub(t); {
	case d < time.Minute && d > -time.Minute: // clocks differ by a little
		return Say("row.now")
	case d < 0 || d >= 24*time.Hour:
		return Clock(t)
	case d < time.Hour:
		return Say("span.minutes", With{"N": int64(d / time.Minute)})
	default:
		return Say("span.hours", With{"N": int64(d / time.Hour)})
	}
}

// AgoChanges is when [Ago] says something else of t next; zero when it never
// does.
func AgoChanges(t, now time.Time) time.Time {
	switch d := now.Sub(t); {
	case d <= -time.Minute:
		return t.Add(-time.Minute + 1)
	case d < time.Minute:
		return t.Add(time.Minute)
	case d < time.Hour:
		return t.Add(d.Truncate(time.Minute) + time.Minute)
	case d < 24*time.Hour:
		return t.Add(d.Truncate(time.Hour) + time.Hour)
	}
	return time.Time{}
}
