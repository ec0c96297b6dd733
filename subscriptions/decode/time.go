package decode

import (
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/tidwall/gjson"
)

// earliest is the first plausible time of an event.
var earliest = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

// when reads a time from a number, digits or one of the usual notations; zero
// if v is none, or if it lies before 2000 or more than a day after received.
func when(v gjson.Result, received time.Time) time.Time {
	s := strings.TrimSpace(scalar(v))
	if s == "" || len(s) > 64 {
		return time.Time{}
	}
	t := unix(s)
	if t.IsZero() && v.Type == gjson.String {
		t = written(s)
	}
	if t.Before(earliest) || !received.IsZero() && t.After(received.Add(24*time.Hour)) {
		return time.Time{}
	}
	return t.UTC()
}

// moment is when for the value of an expression.
func moment(v any, received time.Time) time.Time {
	if t, ok := v.(time.Time); ok {
		v = t.Format(time.RFC3339Nano)
	}
	return when(result(v), received)
}

// unix reads a count since 1970. Its size tells the unit: seconds until the
// year 5138 have at most 11 digits, and each finer unit three more.
func unix(s string) time.Time {
	if n, err := strconv.ParseInt(s, 10, 64); err == nil {
		switch {
		case n < 1e11:
			return time.Unix(n, 0)
		case n < 1e14:
			return time.UnixMilli(n)
		case n < 1e17:
			return time.UnixMicro(n)
		}
		return time.Unix(0, n)
	}
	n, err := strconv.ParseFloat(s, 64)
	if err != nil || !(n > 0 && n < 1e17) {
		return time.Time{}
	}
	for n >= 1e11 {
		n /= 1e3
	}
	sec, frac := math.Modf(n)
	return time.Unix(int64(sec), int64(math.Round(frac*1e6))*1e3) // no finer than a float64 tells
}

// layouts are notations in use on the wire. Those without a zone are taken to
// be UTC. Fractions of a second are read wherever the layout has seconds.
var layouts = [...]string{
	time.RFC3339,
	"2006-01-02T15:04:05Z0700",
	"2006-01-02T15:04:05",
	"2006-01-02 15:04:05Z07:00",
	"2006-01-02 15:04:05Z0700",
	"2006-01-02 15:04:05",
	"2006-01-02 15:04:05 Z0700",
	"2006-01-02 15:04:05 MST",
	"2006-01-02 15:04:05 -0700 MST",
	"Mon, _2 Jan 2006 15:04:05 -0700",
	"Mon, _2 Jan 2006 15:04:05 MST",
	time.RubyDate,
	time.UnixDate,
	time.ANSIC,
}

// written reads a date and time in one of the layouts.
func written(s string) time.Time {
	for _, layout := range layouts {
		t, err := time.ParseInLocation(layout, s, time.UTC)
		if err != nil {
			continue
		}
		// An abbreviation alone does not name a zone: Go makes up one with
		// no offset, which would be hours wrong.
		zone, offset := t.Zone()
		if offset == 0 && zone != "" && zone != "UTC" && zone != "GMT" {
			return time.Time{}
		}
		return t
	}
	return time.Time{}
}
