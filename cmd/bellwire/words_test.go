//go:build !headless

package main

import (
	"testing"

	"bellwire/notify"
	"bellwire/subscriptions"
)

// A build without a desktop says the same in English.
func TestNotificationWords(t *testing.T) {
	here, english := notificationWords(), notify.English()
	if here.Open != english.Open || here.Read != english.Read || here.Mute != english.Mute {
		t.Errorf("%+v, %+v", here, english)
	}
	for _, why := range []subscriptions.Reason{
		subscriptions.ReasonBudget, subscriptions.ReasonCatchUp, subscriptions.ReasonPaused,
		subscriptions.ReasonMuted, subscriptions.ReasonDND, subscriptions.ReasonQuiet,
	} {
		for _, c := range []struct {
			n     int64
			feed  string
			feeds int
		}{{1, "ci", 1}, {37, "ci", 1}, {2, "", 2}} {
			if a, b := here.Summary(why, c.n, c.feed, c.feeds), english.Summary(why, c.n, c.feed, c.feeds); a != b {
				t.Errorf("%q, %q", a, b)
			}
		}
	}
	if a, b := here.Part("ci", 30), english.Part("ci", 30); a != b {
		t.Errorf("%q, %q", a, b)
	}
	for _, n := range []int{1, 2} {
		if a, b := here.Rest(n), english.Rest(n); a != b {
			t.Errorf("%q, %q", a, b)
		}
	}
}
