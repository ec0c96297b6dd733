package policy_test

import (
	"fmt"
	"testing"
	"time"

	"bellwire/subscriptions"

	"pgregory.net/rapid"
)

func TestQuietHours(t *testing.T) {
	week := func(q ...subscriptions.QuietHours) []subscriptions.QuietHours { return q }
	night := subscriptions.QuietHours{From: "22:00", To: "07:00"}
	at := func(day, hour, minute int) time.Time { // day 4 is a Wednesday
		return time.Date(2026, 3, day, hour, minute, 0, 0, time.UTC)
	}
	for name, c := range map[string]struct {
		quiet []subscriptions.QuietHours
		now   time.Time
		on    bool
		until time.Time
	}{
		"none":                        {now: at(4, 23, 0)},
		"in the evening":              {week(night), at(4, 22, 0), true, at(5, 7, 0)},
		"in the morning":              {week(night), at(5, 6, 59), true, at(5, 7, 0)},
		"at their end":                {week(night), at(5, 7, 0), false, time.Time{}},
		"before":                      {week(night), at(5, 21, 59), false, time.Time{}},
		"begun on a day that has it":  {week(subscriptions.QuietHours{Days: []string{"wed"}, From: "22:00", To: "07:00"}), at(5, 3, 0), true, at(5, 7, 0)},
		"begun on a day that has not": {week(subscriptions.QuietHours{Days: []string{"thu"}, From: "22:00", To: "07:00"}), at(5, 3, 0), false, time.Time{}},
		"one after the other":         {week(night, subscriptions.QuietHours{From: "07:00", To: "08:00"}), at(4, 23, 0), true, at(5, 8, 0)},
		"one inside another":          {week(night, subscriptions.QuietHours{From: "23:00", To: "23:30"}), at(4, 23, 10), true, at(5, 7, 0)},
		"the weekend":                 {week(subscriptions.QuietHours{Days: []string{"sat", "sun"}, From: "00:00", To: "00:00"}), at(7, 12, 0), true, at(9, 0, 0)},
		"always":                      {week(subscriptions.QuietHours{From: "09:00", To: "09:00"}), at(4, 12, 0), true, time.Time{}},
	} {
		on, until := rules(t, subscriptions.Preferences{Quiet: c.quiet}).Quiet(c.now)
		if on != c.on || !until.Equal(c.until) {
			t.Errorf("%s: %v until %v, want %v until %v", name, on, until, c.on, c.until)
		}
	}
}

// changes are days on which clocks are put forward or back, in zones where
// that is at midnight, by half an hour, across the date line or ordinary.
var changes = map[string][]string{
	"Europe/Berlin":       {"2026-03-29", "2026-10-25"},
	"America/New_York":    {"2026-03-08", "2026-11-01"},
	"Australia/Lord_Howe": {"2026-04-05", "2026-10-04"},
	"America/Santiago":    {"2026-04-05", "2026-09-06"},
	"Africa/Cairo":        {"2026-04-24", "2026-10-30"},
	"Pacific/Apia":        {"2011-12-30", "2012-04-01"},
	"Asia/Kolkata":        {"2026-03-29"},
}

// A clock on the wall, watched minute by minute, agrees: quiet hours begin
// when it first shows their beginning or more on their day, and end when it
// first shows their end or more on that day.
func TestQuietHoursWhereClocksChange(t *testing.T) {
	for name, days := range changes {
		zone, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		t.Run(name, func(t *testing.T) {
			rapid.Check(t, func(r *rapid.T) {
				change, err := time.ParseInLocation(time.DateOnly, rapid.SampledFrom(days).Draw(r, "day"), time.UTC)
				if err != nil {
					r.Fatal(err)
				}
				minute := rapid.OneOf(rapid.IntRange(0, 180), rapid.IntRange(0, 24*60-1))
				from, to := minute.Draw(r, "from"), minute.Draw(r, "to")
				q := subscriptions.QuietHours{From: clock(from), To: clock(to)}
				p := rules(t, subscriptions.Preferences{Quiet: []subscriptions.QuietHours{q}, TimeZone: name})
				start := change.Add(-36 * time.Hour)
				w := look(zone, from, to, start.Add(-72*time.Hour), start.Add(140*time.Hour))
				now := start.Add(time.Duration(rapid.IntRange(0, 72*60).Draw(r, "now")) * time.Minute)
				on, until := p.Quiet(now)
				if from == to {
					if !on || !until.IsZero() {
						r.Fatalf("all day: %v until %v", on, until)
					}
					return
				}
				if want := w.quiet(now); on != want {
					r.Fatalf("%v (%v) with %s to %s: %v, want %v", now, now.In(zone), q.From, q.To, on, want)
				}
				if !on {
					return
				}
				end := now
				for w.quiet(end) && end.Sub(now) < 60*time.Hour {
					end = end.Add(time.Minute)
				}
				if !until.Equal(end) {
					r.Fatalf("%v with %s to %s: until %v, want %v", now.In(zone), q.From, q.To, until.In(zone), end.In(zone))
				}
			})
		})
	}
}

func clock(minute int) string { return fmt.Sprintf("%02d:%02d", minute/60, minute%60) }

// A watch is what somebody found who looked at a clock every minute.
type watch struct {
	start time.Time
	found []bool
}

func (w watch) quiet(t time.Time) bool { return w.found[int(t.Sub(w.start)/time.Minute)] }

// look watches the clock, for hours that begin on each of the days.
func look(zone *time.Location, from, to int, start, end time.Time) watch {
	w := watch{start: start}
	first := number(start.In(zone)) - 1
	var begun, ended [32]bool // by the day on which the hours begin
	for t := start; t.Before(end); t = t.Add(time.Minute) {
		local := t.In(zone)
		today, m := number(local), local.Hour()*60+local.Minute()
		quiet := false
		for i := range begun[:today-first+1] {
			begin, last := first+i, first+i
			if to <= from {
				last++
			}
			begun[i] = begun[i] || today > begin || today == begin && m >= from
			ended[i] = ended[i] || today > last || today == last && m >= to
			quiet = quiet || begun[i] && !ended[i]
		}
		w.found = append(w.found, quiet)
	}
	return w
}

// number counts days.
func number(t time.Time) int {
	y, m, d := t.Date()
	return int(time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() / 86400)
}
