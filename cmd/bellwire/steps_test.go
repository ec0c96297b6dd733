package main

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"bellwire/internal/control"
	"bellwire/subscriptions"

	"github.com/google/go-cmp/cmp"
)

// inUTC is where the test takes place.
func inUTC(t *testing.T) {
	was := time.Local
	time.Local = time.UTC
	t.Cleanup(func() { time.Local = was })
}

// vocabulary is every value of a type that subscriptions/delivery.go names.
func vocabulary(t *testing.T, kind string) (values []string) {
	t.Helper()
	b, err := os.ReadFile("../../subscriptions/delivery.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile(`(?m)^\s+\w+\s+`+kind+`\s+= "([^"]+)"`).FindAllStringSubmatch(string(b), -1) {
		values = append(values, m[1])
	}
	if len(values) < 10 {
		t.Fatalf("found only %v", values)
	}
	return values
}

func TestEveryStepHasWords(t *testing.T) {
	// These are the words themselves.
	same := []string{"received", "held", "shown", "clicked", "dismissed", "failed", "muted", "paused", "do-not-disturb"}
	said := map[string]string{}
	for _, kind := range vocabulary(t, "StepKind") {
		words := stepWords(subscriptions.StepKind(kind))
		if words == kind && !slices.Contains(same, kind) {
			t.Errorf("no words for the step %q", kind)
		}
		for _, why := range vocabulary(t, "Reason") {
			if w := reasonWords(subscriptions.Reason(why)); w == why && !slices.Contains(same, why) {
				t.Errorf("no words for the reason %q", why)
			}
			line := stepLine(control.Delivery{}, subscriptions.Step{What: subscriptions.StepKind(kind), Why: subscriptions.Reason(why)})
			// What needs no reason leaves it out, or the line tells both.
			if !strings.HasPrefix(line, words) {
				t.Errorf("%s, %s: %q", kind, why, line)
			}
			if before, twice := said[line]; twice && before != kind {
				t.Errorf("%q is said of both %s and %s", line, before, kind)
			}
			said[line] = kind
		}
	}
}

func TestDeliveryLines(t *testing.T) {
	inUTC(t)
	at := time.Date(2025, 6, 3, 14, 2, 31, 0, time.UTC)
	d := control.Delivery{
		Seq: 412, Title: "Deploy \x1b[31mfailed", Feed: "ci", Owed: true, Waiting: "no\x07 desktop",
		Summaries: map[int64]subscriptions.Summary{
			17: {ID: 17, Title: "14 events from 3 feeds", Count: 14, End: subscriptions.StepClicked, Ended: at.Add(17 * time.Hour)},
			18: {ID: 18, Count: 3},
		},
	}
	step := func(after time.Duration, what subscriptions.StepKind, why subscriptions.Reason, detail string, summary int64) {
		d.Steps = append(d.Steps, subscriptions.Step{At: at.Add(after), What: what, Why: why, Detail: detail, Summary: summary})
	}
	step(0, subscriptions.StepReceived, "", "", 0)
	step(0, subscriptions.StepFiltered, subscriptions.ReasonPriority, "4", 0)
	step(0, subscriptions.StepHeld, subscriptions.ReasonQuiet, "2025-06-04T07:00:00Z", 0)
	step(0, subscriptions.StepHeld, subscriptions.ReasonMuted, "2025-06-09T07:00:00Z", 0)
	step(0, subscriptions.StepHeld, subscriptions.ReasonPaused, "9999-12-31T00:00:00Z", 0)
	step(0, subscriptions.StepHeld, subscriptions.ReasonDND, "", 0)
	step(17*time.Hour, subscriptions.StepReleased, subscriptions.ReasonQuiet, "", 0)
	step(17*time.Hour, subscriptions.StepDigested, subscriptions.ReasonQuiet, "", 17)
	step(17*time.Hour, subscriptions.StepDigested, subscriptions.ReasonBudget, "", 18)
	step(17*time.Hour, subscriptions.StepDigested, subscriptions.ReasonCatchUp, "", 19)
	step(17*time.Hour, subscriptions.StepShown, "", "freedesktop", 0)
	step(17*time.Hour, subscriptions.StepClicked, "", "Open", 0)
	step(17*time.Hour, subscriptions.StepFailed, "", "the desktop refused this\nnotification", 0)
	step(17*time.Hour, subscriptions.StepForwarded, "", "pager", 0)
	step(17*time.Hour, subscriptions.StepKept, subscriptions.ReasonLoop, "pager", 0)
	var b strings.Builder
	writeDelivery(&b, d)
	want := `Deploy [31mfailed (event 412 of ci)
2025-06-03
  14:02:31  received
  14:02:31  not notified: below the feed's least priority (4)
  14:02:31  held: quiet hours, until 07:00
  14:02:31  held: muted, until 2025-06-09 07:00
  14:02:31  held: paused
  14:02:31  held: do-not-disturb
2025-06-04
  07:02:31  no longer held: quiet hours
  07:02:31  told in a summary (quiet hours): 14 events from 3 feeds (bellwire history --summary 17)
  07:02:31  that summary was clicked
  07:02:31  told in a summary (too many at once): 3 events (bellwire history --summary 18)
  07:02:31  told in a summary (it came late, with others)
  07:02:31  shown by freedesktop
  07:02:31  clicked: Open
  07:02:31  failed: the desktop refused this notification
  07:02:31  sent on to pager
  07:02:31  not sent on to pager: it has been here before
       now  still to be shown; it waits: no desktop
`
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestWhatIsOwed(t *testing.T) {
	received := []subscriptions.Step{{What: subscriptions.StepReceived}}
	for name, tc := range map[string]struct {
		d    control.Delivery
		want string
	}{
		"held":     {control.Delivery{Steps: received, Owed: true, Held: true, Waiting: "x"}, "it is held still"},
		"owed":     {control.Delivery{Steps: received, Owed: true}, "still to be shown"},
		"a gap":    {control.Delivery{Steps: received}, "nobody is told of it: it is in history only"},
		"is shown": {control.Delivery{Steps: append(received, subscriptions.Step{What: subscriptions.StepShown})}, ""},
	} {
		if got := owedLine(tc.d); got != tc.want {
			t.Errorf("%s: %q", name, got)
		}
	}
}

// A test is told stage by stage, and fails where nobody could have seen it.
func TestStages(t *testing.T) {
	inUTC(t)
	for name, tc := range map[string]struct {
		steps  []subscriptions.Step
		owed   bool
		want   string
		failed bool
	}{
		"shown":  {[]subscriptions.Step{{What: subscriptions.StepShown, Detail: "beeep"}}, false, "policy    to be shown\ndesktop   shown by beeep\n", false},
		"failed": {[]subscriptions.Step{{What: subscriptions.StepFailed, Detail: "no"}}, false, "policy    to be shown\ndesktop   failed: no\n", true},
		"held":   {[]subscriptions.Step{{What: subscriptions.StepHeld, Why: subscriptions.ReasonPaused}}, true, "policy    held: paused\n", false},
		"a program fails": {
			[]subscriptions.Step{{What: subscriptions.StepShown, Detail: "beeep"}, {What: subscriptions.StepRanFailed, Detail: "exit status 1"}},
			false, "policy    to be shown\ndesktop   shown by beeep\nprogram   the feed's program failed: exit status 1\n", false,
		},
		"waits": {nil, true, "desktop   not yet: still to be shown\n", true},
		"goes on": {
			[]subscriptions.Step{{What: subscriptions.StepForwarded, Detail: "a"}, {What: subscriptions.StepRan}, {What: subscriptions.StepFiltered, Why: subscriptions.ReasonOff}},
			false,
			"forward   sent on to a\nprogram   the feed's program took it\npolicy    not notified: the feed's notifications are off\n", false,
		},
	} {
		t.Run(name, func(t *testing.T) {
			d := control.Delivery{Seq: 3, Owed: tc.owed, Steps: append([]subscriptions.Step{{What: subscriptions.StepReceived}}, tc.steps...)}
			d.Held = name == "held"
			var b strings.Builder
			err := writeTest(&b, d)
			_, got, _ := strings.Cut(b.String(), "\n")
			if diff := cmp.Diff(tc.want, got); diff != "" || (err != nil) != tc.failed {
				t.Errorf("%v (-want +got):\n%s", err, diff)
			}
		})
	}
}
