package notify

import (
	"context"
	"errors"
	"testing"
	"time"

	"bellwire/notify/policy"
	"bellwire/subscriptions"

	"github.com/google/go-cmp/cmp"
)

// What is foretold of many events is what the policy says for good, and
// nothing else.
func TestForetell(t *testing.T) {
	forever := time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC)
	usual := policy.Feed{Name: "deploys"}
	choosy := policy.Feed{Notify: subscriptions.Notify{MinPriority: 4}}
	program := policy.Feed{Notify: subscriptions.Notify{Exec: []string{"true"}}}
	all := []string{"filtered", "filtered", "filtered"}
	for name, c := range map[string]struct {
		backend Backend
		feed    policy.Feed
		err     error
		paused  bool
		few     bool
		want    []string // of events of priority 0, 3 and 5
		why     subscriptions.Reason
		detail  string
	}{
		"somebody is told":       {feed: usual},
		"held":                   {feed: usual, paused: true},
		"nothing to show with":   {backend: discard{}, feed: usual, want: all, why: subscriptions.ReasonNone},
		"but a program runs":     {backend: discard{}, feed: program},
		"off":                    {feed: policy.Feed{Notify: subscriptions.Notify{Off: true}}, want: all, why: subscriptions.ReasonOff},
		"off and paused":         {feed: policy.Feed{Notify: subscriptions.Notify{Off: true}}, paused: true, want: all, why: subscriptions.ReasonOff},
		"muted for good":         {feed: policy.Feed{MutedUntil: forever}, want: all, why: subscriptions.ReasonMuted},
		"muted for a while":      {feed: policy.Feed{MutedUntil: time.Now().Add(time.Hour)}},
		"of too little weight":   {feed: choosy, want: []string{"filtered", "filtered", ""}, why: subscriptions.ReasonPriority, detail: "4"},
		"no priority is usual":   {feed: policy.Feed{Notify: subscriptions.Notify{MinPriority: 3}}},
		"few":                    {feed: policy.Feed{Notify: subscriptions.Notify{Off: true}}, few: true},
		"the feed is not known":  {feed: policy.Feed{Notify: subscriptions.Notify{Off: true}}, err: errors.New("disk full")},
		"nothing, and no events": {backend: discard{}, feed: usual, few: true},
	} {
		t.Run(name, func(t *testing.T) {
			w := NewWorker(WorkerOptions{Backend: c.backend, Feed: func(_ context.Context, id string) (policy.Feed, error) {
				if id != "deploys" {
					t.Errorf("asked about %q", id)
				}
				return c.feed, c.err
			}})
			if c.paused {
				w.Pause(forever)
			}
			var events []subscriptions.Event
			for range foretold {
				for _, priority := range []int{0, 3, 5} {
					events = append(events, subscriptions.Event{Kind: subscriptions.KindEvent, Priority: priority, Received: time.Now()})
				}
			}
			if c.few {
				events = events[:foretold-1]
			}
			if c.want == nil {
				c.want = []string{"", "", ""}
			}
			w.Foretell(t.Context(), "deploys", events)
			for i, e := range events {
				got := subscriptions.Step{}
				if e.Outcome != nil {
					got = *e.Outcome
				}
				want := subscriptions.Step{At: got.At, What: subscriptions.StepKind(c.want[i%3])}
				if want.What != "" {
					want.Why, want.Detail = c.why, c.detail
				}
				if d := cmp.Diff(want, got); d != "" || got.At.IsZero() != (want.What == "") {
					t.Fatalf("event %d: at %v, %s", i, got.At, d)
				}
				if i%3 == 1 && e.Outcome != events[i-1].Outcome {
					t.Fatalf("events %d and %d do not share their outcome", i-1, i)
				}
			}
		})
	}
}

// An event that is tried again is judged again: the disk was full, and people
// have changed their minds meanwhile.
func TestForetellAgain(t *testing.T) {
	feed := policy.Feed{Notify: subscriptions.Notify{Off: true}}
	w := NewWorker(WorkerOptions{Feed: func(context.Context, string) (policy.Feed, error) { return feed, nil }})
	events := make([]subscriptions.Event, foretold)
	events[0].Silent = true
	w.Foretell(t.Context(), "deploys", events)
	if events[0].Outcome != nil || events[1].Outcome == nil {
		t.Errorf("a silent one: %v, another: %v", events[0].Outcome, events[1].Outcome)
	}
	feed.Notify.Off = false
	w.Foretell(t.Context(), "deploys", events)
	if events[1].Outcome != nil {
		t.Errorf("it is still %v", *events[1].Outcome)
	}
}
