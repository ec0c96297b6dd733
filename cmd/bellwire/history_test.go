package main

import (
	"strings"
	"testing"
	"time"

	"bellwire/subscriptions"
)

// A notice of no feed is Bellwire's own.
func TestNoticesOfNoFeedHaveASender(t *testing.T) {
	var out strings.Builder
	e := subscriptions.Event{Seq: 7, Kind: subscriptions.KindNotice, Type: "trouble", Title: "No feed can be reached", Received: time.Now()}
	if err := printEvent(&env{stdio: stdio{out: &out}}, e, false); err != nil {
		t.Fatal(err)
	}
	if got := out.String(); !strings.HasSuffix(got, "  Bellwire  No feed can be reached\n") {
		t.Errorf("%q", got)
	}
	out.Reset()
	if err := printEvent(&env{stdio: stdio{out: &out}}, e, true); err != nil {
		t.Fatal(err)
	}
	if got := out.String(); !strings.Contains(got, `"feed":"","kind":"notice"`) {
		t.Errorf("%q", got)
	}
}
