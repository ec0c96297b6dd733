package expression_test

import (
	"strings"
	"testing"

	"bellwire/subscriptions/expression"
)

func TestEvent(t *testing.T) {
	s := scope(t, payload)
	s.Event = map[string]any{"title": "T", "priority": 4, "tags": []any{"ci"}, "time": nil}
	for source, want := range map[string]any{
		`event.title`: "T",
		`event.priority >= 4 && "ci" in event.tags`: true,
		`event.time ?? "never"`:                     "never",
		`event["title"]`:                            "T",
		`json(event)`:                               `{"priority":4,"tags":["ci"],"time":null,"title":"T"}`,
	} {
		e, err := expression.Compile(source)
		if err != nil {
			t.Errorf("%s: %v", source, err)
			continue
		}
		if got, err := e.Eval(s); got != want || err != nil || !e.UsesEvent() {
			t.Errorf("%s is %v, %v", source, got, err)
		}
	}
	for _, source := range []string{`event.titel`, `event?.titel == 1`, `event["titel"]`} {
		if _, err := expression.Compile(source); err == nil || !strings.Contains(err.Error(), `an event has no "titel"`) {
			t.Errorf("%s: %v", source, err)
		}
	}
	if e, err := expression.Compile(`data.event.anything`); err != nil || e.UsesEvent() {
		t.Errorf("a member called event is the event: %v", err)
	}
}
