//go:build !windows && !darwin

package notify

import (
	"context"
	"testing"
	"time"

	"bellwire/notify/notifytest"

	"github.com/google/go-cmp/cmp"
)

// Who takes notifications is found without starting or disturbing anybody.
func TestLook(t *testing.T) {
	bus := notifytest.Bus(t)
	conn := bus.Connect(t)
	s, err := Look(t.Context(), conn)
	if d := cmp.Diff(Service{}, s); err != nil || d != "" {
		t.Errorf("nobody: %v\n%s", err, d)
	}
	r := notifytest.Record(t, bus)
	s, err = Look(t.Context(), conn)
	s.PID = min(s.PID, 1)
	want := Service{Running: true, PID: 1, Name: "recorder", Vendor: "bellwire", Version: "1", Spec: "1.2", Capabilities: notifytest.Capabilities()}
	if d := cmp.Diff(want, s); err != nil || d != "" {
		t.Errorf("a service: %v\n%s", err, d)
	}
	r.Hang()
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	if s, err = Look(ctx, conn); err != nil || !s.Running || !s.Hung {
		t.Errorf("one that hangs: %+v, %v", s, err)
	}
	if len(r.Notifications()) > 0 {
		t.Error("something was shown")
	}
}

func TestLookDND(t *testing.T) {
	bus := notifytest.Bus(t)
	dunst := notifytest.Dunst(t, bus)
	dunst.Ctl(t, "set-paused", "true")
	if s, err := Look(t.Context(), bus.Connect(t)); err != nil || s.Name != "dunst" || s.DND != "dunst" {
		t.Errorf("%+v, %v", s, err)
	}
}
