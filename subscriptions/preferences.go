package subscriptions

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Preferences say how Bellwire notifies, for all feeds together. The zero
// value of every field means "the default".
type Preferences struct {
	// Quiet are the times when nobody is to be disturbed; their union counts.
	Quiet []QuietHours `json:"quiet,omitempty"`
	// TimeZone is where Quiet is meant, a name of the IANA database; empty:
	// where the machine is.
	TimeZone string `json:"time_zone,omitempty"`
	// QuietPass is the least priority that passes quiet hours; 0: 5;
	// [NothingPasses]: none.
	QuietPass int `json:"quiet_pass,omitempty"`
	// IgnoreDND shows notifications while the desktop's own
	// do-not-disturb is on, and leaves it to the desktop what happens.
	IgnoreDND bool `json:"ignore_dnd,omitempty"`
	// Burst is how many notifications of all feeds may come at once before
	// the rest is summarised, and Every the time until there may be one more;
	// 0: 10, and 5 s.
	Burst int      `json:"burst,omitempty"`
	Every Duration `json:"every,omitzero"`
	// TroubleAfter is how long a feed may be in trouble before that is
	// announced; 0: 5 min; [Never]: it is not.
	TroubleAfter Duration `json:"trouble_after,omitzero"`
	// Reveal is how much of an event its notification shows.
	Reveal Reveal `json:"reveal,omitempty"`
	// Keep says how much history is kept of feeds that do not say it.
	Keep Keep `json:"keep,omitzero"`
	// Language is what Bellwire speaks: en or zh; empty: the system's.
	Language string `json:"language,omitempty"`
}

// Reveal says how much of an event its notification shows.
type Reveal string

const (
	RevealAll   Reveal = ""      // title and text
	RevealTitle Reveal = "title" // the title only
	RevealFeed  Reveal = "feed"  // that there is one, and of which feed
)

// Languages are those that Bellwire speaks.
var Languages = []string{"en", "zh"}

// NothingPasses as [Preferences.QuietPass] lets no priority pass.
const NothingPasses = 6

// Never as a time to wait.
const Never Duration = -1

// What the zero values of [Notify] and [Preferences] mean.
const (
	DefaultFeedBurst    = 5
	DefaultFeedEvery    = 10 * time.Second
	DefaultBurst        = 10
	DefaultEvery        = 5 * time.Second
	DefaultTroubleAfter = 5 * time.Minute
	DefaultQuietPass    = PriorityMax
)

// MaxQuiet is how many [QuietHours] there may be.
const MaxQuiet = 32

// QuietHours are a stretch of the clock on some days of the week. Where To is
// not after From it goes on into the next day, which need not be in Days.
type QuietHours struct {
	// Days are mon, tue, wed, thu, fri, sat and sun; none: every day.
	Days []string `json:"days,omitempty"`
	// From and To are times of day, like 22:00; the same: all day.
	From string `json:"from"`
	To   string `json:"to"`
}

// weekdays are the names in Days, in the order of [time.Weekday].
var weekdays = []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}

// On reports whether the hours begin on a day.
func (q QuietHours) On(day time.Weekday) bool {
	return len(q.Days) == 0 || slices.Contains(q.Days, weekdays[day])
}

// ParseClock reads a time of day, as minutes since midnight.
func ParseClock(s string) (minutes int, err error) {
	t, err := time.Parse("15:04", s)
	if err != nil {
		return 0, fmt.Errorf("%q is not a time of day like 22:00", s)
	}
	return t.Hour()*60 + t.Minute(), nil
}

// Validate reports the first thing that a person has to mend.
func (p Preferences) Validate() error {
	switch {
	case len(p.Quiet) > MaxQuiet:
		return fmt.Errorf("more than %d quiet hours", MaxQuiet)
	case p.QuietPass < 0 || p.QuietPass > NothingPasses:
		return fmt.Errorf("quiet_pass: a priority is %d to %d; %d lets nothing pass", PriorityMin, PriorityMax, NothingPasses)
	case p.Burst < 0 || p.Burst > MaxBurst:
		return fmt.Errorf("burst: 1 to %d notifications may come at once", MaxBurst)
	case p.Every < 0 || time.Duration(p.Every) > MaxEvery:
		return fmt.Errorf("every: up to %s", MaxEvery)
	case p.TroubleAfter < 0 && p.TroubleAfter != Never || time.Duration(p.TroubleAfter) > MaxEvery:
		return fmt.Errorf("trouble_after: up to %s", MaxEvery)
	}
	if !slices.Contains([]Reveal{RevealAll, RevealTitle, RevealFeed}, p.Reveal) {
		return fmt.Errorf("reveal: %q is not %s or %s", p.Reveal, RevealTitle, RevealFeed)
	}
	if p.Language != "" && !slices.Contains(Languages, p.Language) {
		return fmt.Errorf("language: %q is not one of %s", p.Language, strings.Join(Languages, ", "))
	}
	if err := p.Keep.Validate(); err != nil {
		return err
	}
	for _, q := range p.Quiet {
		for _, day := range q.Days {
			if !slices.Contains(weekdays, day) {
				return fmt.Errorf("quiet: %q is not one of %s", day, strings.Join(weekdays, ", "))
			}
		}
		for _, clock := range []string{q.From, q.To} {
			if _, err := ParseClock(clock); err != nil {
				return fmt.Errorf("quiet: %w", err)
			}
		}
	}
	if _, err := p.Location(); err != nil {
		return err
	}
	return nil
}

// Location is the time zone of the quiet hours.
func (p Preferences) Location() (*time.Location, error) {
	if p.TimeZone == "" {
		return time.Local, nil
	}
	l, err := time.LoadLocation(p.TimeZone)
	if err != nil {
		return nil, fmt.Errorf("there is no time zone %q; they are named like Europe/Berlin", p.TimeZone)
	}
	return l, nil
}
