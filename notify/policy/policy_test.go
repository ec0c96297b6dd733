package policy_test

import (
	"testing"
	"time"

	"bellwire/notify/policy"
	"bellwire/subscriptions"

	"github.com/google/go-cmp/cmp"
)

// noon is a Wednesday.
var noon = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)

func rules(t *testing.T, p subscriptions.Preferences) *policy.Rules {
	t.Helper()
	if p.TimeZone == "" {
		p.TimeZone = "UTC"
	}
	r, err := policy.New(p)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestDecide(t *testing.T) {
	lunch := subscriptions.Preferences{Quiet: []subscriptions.QuietHours{{From: "11:30", To: "12:30"}}}
	with := func(change func(*subscriptions.Preferences)) subscriptions.Preferences {
		p := lunch
		change(&p)
		return p
	}
	soon, forever := noon.Add(time.Minute), time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC)
	event := subscriptions.Event{Kind: subscriptions.KindEvent, Priority: 3, Received: noon}
	is := func(change func(*subscriptions.Event)) subscriptions.Event {
		e := event
		change(&e)
		return e
	}
	urgent := is(func(e *subscriptions.Event) { e.Priority = 5 })
	notice := is(func(e *subscriptions.Event) { e.Kind = subscriptions.KindNotice })
	late := is(func(e *subscriptions.Event) { e.Late = true })
	off := policy.Feed{Notify: subscriptions.Notify{Off: true}}
	choosy := policy.Feed{Notify: subscriptions.Notify{MinPriority: 4}}
	now := policy.Moment{Now: noon}
	for name, c := range map[string]struct {
		p    subscriptions.Preferences
		m    policy.Moment
		f    policy.Feed
		e    subscriptions.Event
		want policy.Verdict
	}{
		"nothing is in its way":         {m: now, e: event, want: policy.Verdict{Do: policy.Show}},
		"nothing to show it with":       {m: policy.Moment{Now: noon, Silent: true}, e: urgent, want: policy.Verdict{Do: policy.Filter, Why: "none"}},
		"the feed is off":               {m: now, f: off, e: urgent, want: policy.Verdict{Do: policy.Filter, Why: "off"}},
		"off, but a notice about it":    {m: now, f: off, e: notice, want: policy.Verdict{Do: policy.Show}},
		"of too little weight":          {m: now, f: choosy, e: event, want: policy.Verdict{Do: policy.Filter, Why: "priority", Detail: "4"}},
		"of enough weight":              {m: now, f: choosy, e: urgent, want: policy.Verdict{Do: policy.Show}},
		"a notice has weight enough":    {m: now, f: choosy, e: notice, want: policy.Verdict{Do: policy.Show}},
		"muted for good":                {m: now, f: policy.Feed{MutedUntil: forever}, e: urgent, want: policy.Verdict{Do: policy.Filter, Why: "muted"}},
		"muted for a while":             {m: now, f: policy.Feed{MutedUntil: soon}, e: urgent, want: policy.Verdict{Do: policy.Hold, Why: "muted", Until: soon}},
		"muted, over":                   {m: now, f: policy.Feed{MutedUntil: noon}, e: event, want: policy.Verdict{Do: policy.Show}},
		"paused":                        {m: policy.Moment{Now: noon, PausedUntil: soon}, e: urgent, want: policy.Verdict{Do: policy.Hold, Why: "paused", Until: soon}},
		"paused without an end":         {m: policy.Moment{Now: noon, PausedUntil: forever}, e: event, want: policy.Verdict{Do: policy.Hold, Why: "paused"}},
		"do-not-disturb":                {m: policy.Moment{Now: noon, DND: true, DNDBy: "dunst"}, e: event, want: policy.Verdict{Do: policy.Hold, Why: "do-not-disturb", Detail: "dunst"}},
		"do-not-disturb, urgent":        {m: policy.Moment{Now: noon, DND: true}, e: urgent, want: policy.Verdict{Do: policy.Show}},
		"do-not-disturb, ignored":       {p: subscriptions.Preferences{IgnoreDND: true}, m: policy.Moment{Now: noon, DND: true}, e: event, want: policy.Verdict{Do: policy.Show}},
		"quiet hours":                   {p: lunch, m: now, e: event, want: policy.Verdict{Do: policy.Hold, Why: "quiet-hours", Until: noon.Add(30 * time.Minute)}},
		"quiet hours, urgent":           {p: lunch, m: now, e: urgent, want: policy.Verdict{Do: policy.Show}},
		"quiet hours, nothing passes":   {p: with(func(p *subscriptions.Preferences) { p.QuietPass = subscriptions.NothingPasses }), m: now, e: urgent, want: policy.Verdict{Do: policy.Hold, Why: "quiet-hours", Until: noon.Add(30 * time.Minute)}},
		"quiet hours, 3 passes":         {p: with(func(p *subscriptions.Preferences) { p.QuietPass = 3 }), m: now, e: event, want: policy.Verdict{Do: policy.Show}},
		"a mute is told before a pause": {m: policy.Moment{Now: noon, PausedUntil: soon, DND: true}, f: policy.Feed{MutedUntil: soon}, e: event, want: policy.Verdict{Do: policy.Hold, Why: "muted", Until: soon}},
		"late":                          {m: now, e: late, want: policy.Verdict{Do: policy.Gather, Why: "catch-up"}},
		"late and urgent":               {m: now, e: is(func(e *subscriptions.Event) { e.Late, e.Priority = true, 5 }), want: policy.Verdict{Do: policy.Show}},
		"old by now":                    {m: policy.Moment{Now: noon.Add(time.Minute)}, e: event, want: policy.Verdict{Do: policy.Gather, Why: "catch-up"}},
		"nearly old":                    {m: policy.Moment{Now: noon.Add(time.Minute - 1)}, e: event, want: policy.Verdict{Do: policy.Show}},
		"was held":                      {m: now, e: is(func(e *subscriptions.Event) { e.Hold = "quiet-hours" }), want: policy.Verdict{Do: policy.Gather, Why: "quiet-hours"}},
		"was held, and is again":        {m: policy.Moment{Now: noon, DND: true}, e: is(func(e *subscriptions.Event) { e.Hold = "paused" }), want: policy.Verdict{Do: policy.Hold, Why: "do-not-disturb"}},
		"late in quiet hours":           {p: lunch, m: now, e: late, want: policy.Verdict{Do: policy.Hold, Why: "quiet-hours", Until: noon.Add(30 * time.Minute)}},
	} {
		if d := cmp.Diff(c.want, rules(t, c.p).Decide(c.m, c.f, c.e)); d != "" {
			t.Errorf("%s: %s", name, d)
		}
	}
}

func TestBudget(t *testing.T) {
	now := noon
	take := func(b *policy.Budget, feed string, n subscriptions.Notify, urgent bool) bool {
		ok := b.Has(now, feed, n, urgent)
		if ok {
			b.Spend(feed, urgent)
		}
		return ok
	}
	count := func(b *policy.Budget, feed string, n subscriptions.Notify, urgent bool) (taken int) {
		for taken < 100 && take(b, feed, n, urgent) {
			taken++
		}
		return taken
	}
	var b policy.Budget
	usual, own := subscriptions.Notify{}, subscriptions.Notify{Burst: 2, Every: subscriptions.Duration(time.Minute)}
	steps := []struct {
		after  time.Duration
		feed   string
		n      subscriptions.Notify
		urgent bool
		want   int
	}{
		{0, "one", usual, false, 5},
		{0, "one", usual, true, 5}, // not used up by what is not urgent
		{0, "two", own, false, 2},
		{0, "three", usual, false, 3}, // all together: 10
		{0, "four", usual, false, 0},
		{4 * time.Second, "four", usual, false, 0},
		{time.Second, "four", usual, false, 1},
		{time.Hour, "two", own, false, 2},
		{-time.Hour, "two", own, false, 0}, // the clock was put back
		{time.Minute, "two", own, false, 1},
		{59 * time.Second, "two", own, false, 0},
		{time.Second, "two", own, false, 1},
	}
	for i, s := range steps {
		now = now.Add(s.after)
		if got := count(&b, s.feed, s.n, s.urgent); got != s.want {
			t.Errorf("step %d: %d, want %d", i, got, s.want)
		}
	}
	b.Size(subscriptions.Preferences{Burst: 3, Every: subscriptions.Duration(time.Second)})
	now = now.Add(time.Hour)
	if got := count(&b, "five", usual, false); got != 3 {
		t.Errorf("with another size: %d", got)
	}
}

// A budget that nobody asks for is full, whatever is forgotten.
func TestBudgetIsBounded(t *testing.T) {
	var b policy.Budget
	b.Size(subscriptions.Preferences{Burst: 1000, Every: 1})
	for i := range 20_000 {
		now := noon.Add(time.Duration(i) * time.Second)
		feed := "feed " + now.String()
		if !b.Has(now, feed, subscriptions.Notify{}, false) {
			t.Fatalf("feed %d has no budget", i)
		}
		b.Spend(feed, false)
	}
}
