package window

import (
	"testing"
	"time"

	"bellwire/subscriptions"
)

func TestGapTextIsShort(t *testing.T) {
	at := time.Date(2026, 11, 21, 10, 2, 10, 0, time.Local)
	for _, tc := range []struct {
		to   time.Time
		want string
	}{
		{at.Add(20 * time.Second), "events may be missing, 10:02"},
		{at.Add(12 * time.Minute), "events may be missing, 10:02–10:14"},
	} {
		if got := gapText(row{gap: subscriptions.Gap{From: at, To: tc.to}}); got != tc.want {
			t.Errorf("until %s: %q, want %q", tc.to, got, tc.want)
		}
	}
}
