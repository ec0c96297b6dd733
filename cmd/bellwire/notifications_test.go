package main

import (
	"slices"
	"testing"
	"time"

	"bellwire/internal/control"
	"bellwire/subscriptions"

	"github.com/google/go-cmp/cmp"
)

func TestQuietHoursAreRead(t *testing.T) {
	for text, want := range map[string]struct {
		q    subscriptions.QuietHours
		back string
	}{
		"22:00-07:00":             {subscriptions.QuietHours{From: "22:00", To: "07:00"}, "22:00-07:00"},
		"mon-fri 22:00-07:00":     {subscriptions.QuietHours{Days: []string{"mon", "tue", "wed", "thu", "fri"}, From: "22:00", To: "07:00"}, "mon-fri 22:00-07:00"},
		"Sat,SUN  00:00-00:00":    {subscriptions.QuietHours{Days: []string{"sat", "sun"}, From: "00:00", To: "00:00"}, "sat,sun 00:00-00:00"},
		"fri-mon 12:00-13:30":     {subscriptions.QuietHours{Days: []string{"fri", "sat", "sun", "mon"}, From: "12:00", To: "13:30"}, "mon,fri-sun 12:00-13:30"},
		"wed,mon-wed 12:00-13:30": {subscriptions.QuietHours{Days: []string{"wed", "mon", "tue"}, From: "12:00", To: "13:30"}, "mon-wed 12:00-13:30"},
		"mon-sun 01:00-02:00":     {subscriptions.QuietHours{Days: week[:], From: "01:00", To: "02:00"}, "01:00-02:00"},
	} {
		got, err := parseQuiet(text)
		if diff := cmp.Diff(want.q, got); diff != "" || err != nil || formatQuiet(got) != want.back {
			t.Errorf("%q: %v, back as %q\n%s", text, err, formatQuiet(got), diff)
		}
		if err := (subscriptions.Preferences{Quiet: []subscriptions.QuietHours{got}}).Validate(); err != nil {
			t.Errorf("%q: %v", text, err)
		}
	}
	for _, text := range []string{"", "mon", "mon-fri", "22:00", "25:00-07:00", "moon 22:00-07:00", "mon- 22:00-07:00", "mon fri 22:00-07:00", "22:00-07:00 mon"} {
		if q, err := parseQuiet(text); err == nil {
			t.Errorf("%q passes, as %+v", text, q)
		}
	}
}

func TestWhenAMuteEnds(t *testing.T) {
	now := time.Date(2025, 6, 3, 14, 0, 0, 0, time.UTC)
	for name, tc := range map[string]struct {
		c    muteCmd
		want time.Time
	}{
		"never":       {muteCmd{}, control.Forever},
		"in an hour":  {muteCmd{For: new(time.Hour)}, now.Add(time.Hour)},
		"today":       {muteCmd{Until: new("14:01")}, now.Add(time.Minute)},
		"tomorrow":    {muteCmd{Until: new("14:00")}, now.AddDate(0, 0, 1)},
		"a certain":   {muteCmd{Until: new("2025-06-05T10:00:00+02:00")}, time.Date(2025, 6, 5, 8, 0, 0, 0, time.UTC)},
		"before":      {muteCmd{Until: new("2025-06-03T14:00:00Z")}, time.Time{}},
		"nonsense":    {muteCmd{Until: new("soon")}, time.Time{}},
		"before this": {muteCmd{For: new(-time.Hour)}, time.Time{}},
		"no time":     {muteCmd{For: new(time.Duration(0))}, time.Time{}},
		"no word":     {muteCmd{Until: new("")}, time.Time{}},
	} {
		got, err := tc.c.end(now)
		if (err != nil) != tc.want.IsZero() || err == nil && !got.Equal(tc.want) {
			t.Errorf("%s: %s, %v", name, got, err)
		}
	}
}

func TestPreferencesChangeOneByOne(t *testing.T) {
	was := subscriptions.Preferences{
		Quiet: []subscriptions.QuietHours{{From: "22:00", To: "07:00"}}, TimeZone: "Europe/Berlin", QuietPass: 4, IgnoreDND: true,
		Burst: 3, Every: subscriptions.Duration(time.Second), TroubleAfter: subscriptions.Never,
		Reveal: subscriptions.RevealTitle, Language: "zh",
	}
	for flag, tc := range map[string]struct {
		c      notificationsCmd
		change func(*subscriptions.Preferences)
	}{
		"quiet": {notificationsCmd{Quiet: []string{"sun 01:00-02:00"}}, func(p *subscriptions.Preferences) {
			p.Quiet = []subscriptions.QuietHours{{Days: []string{"sun"}, From: "01:00", To: "02:00"}}
		}},
		"no-quiet":      {notificationsCmd{NoQuiet: true}, func(p *subscriptions.Preferences) { p.Quiet = nil }},
		"time-zone":     {notificationsCmd{}, func(p *subscriptions.Preferences) { p.TimeZone = "" }},
		"quiet-pass":    {notificationsCmd{QuietPass: "none"}, func(p *subscriptions.Preferences) { p.QuietPass = subscriptions.NothingPasses }},
		"dnd":           {notificationsCmd{DND: "obey"}, func(p *subscriptions.Preferences) { p.IgnoreDND = false }},
		"burst":         {notificationsCmd{Burst: 7}, func(p *subscriptions.Preferences) { p.Burst = 7 }},
		"every":         {notificationsCmd{}, func(p *subscriptions.Preferences) { p.Every = 0 }},
		"trouble-after": {notificationsCmd{TroubleAfter: "1m"}, func(p *subscriptions.Preferences) { p.TroubleAfter = subscriptions.Duration(time.Minute) }},
		"reveal":        {notificationsCmd{Reveal: "all"}, func(p *subscriptions.Preferences) { p.Reveal = subscriptions.RevealAll }},
		"language":      {notificationsCmd{Language: "system"}, func(p *subscriptions.Preferences) { p.Language = "" }},
	} {
		want, got := was, was
		got.Quiet = slices.Clone(was.Quiet)
		tc.change(&want)
		if err := tc.c.change(&got, []string{flag}); err != nil {
			t.Errorf("%s: %v", flag, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", flag, diff)
		}
	}
	for flag, c := range map[string]notificationsCmd{
		"quiet": {Quiet: []string{"x"}}, "quiet-pass": {QuietPass: "6"}, "trouble-after": {TroubleAfter: "-1s"},
	} {
		if err := c.change(&subscriptions.Preferences{}, []string{flag}); err == nil {
			t.Errorf("%s takes nonsense", flag)
		}
	}
}

func TestProgramsAreRead(t *testing.T) {
	for text, want := range map[string][]string{
		"": nil, "notify-send": {"notify-send"}, `["notify-send", "a b"]`: {"notify-send", "a b"}, "/opt/My Tools/x": {"/opt/My Tools/x"},
	} {
		if got, err := parseProgram(text); err != nil || !slices.Equal(got, want) {
			t.Errorf("%q: %q, %v", text, got, err)
		}
	}
	for _, text := range []string{"rm -rf x", "[]", "[1]", `["a"`} {
		if got, err := parseProgram(text); err == nil {
			t.Errorf("%q is %q", text, got)
		}
	}
}
