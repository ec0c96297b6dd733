package notify

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// A desktop that only answers is asked again while it is on, and never
// otherwise.
func TestDNDAsked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var state, asked atomic.Int32
		state.Store(5)
		d := newDND(nil)
		ctx, cancel := context.WithCancel(t.Context())
		d.cancel = cancel
		d.watchAsked(ctx, func() string { asked.Add(1); return windowsDND(state.Load()) })
		if on, by := d.On(); on || by != "" {
			t.Errorf("%v %q", on, by)
		}
		time.Sleep(time.Hour)
		if n := asked.Load(); n != 1 {
			t.Errorf("asked %d times while it is off", n)
		}
		changed := d.Changed()
		state.Store(3)
		if on, by := d.On(); !on || by != "windows" {
			t.Errorf("%v %q", on, by)
		}
		<-changed
		changed = d.Changed()
		time.Sleep(time.Minute)
		state.Store(5)
		start := time.Now()
		<-changed
		if wait := time.Since(start); wait > dndAgain {
			t.Errorf("told after %v", wait)
		}
		if on, _ := d.On(); on {
			t.Error("still on")
		}
		state.Store(2)
		d.On()
		d.Close()
		if on, _ := d.On(); on {
			t.Error("on after Close")
		}
	})
}

func TestWindowsDND(t *testing.T) {
	for state := range int32(10) {
		want := state == 2 || state == 3 || state == 4 || state == 6
		if got := windowsDND(state) != ""; got != want {
			t.Errorf("%d: %v", state, got)
		}
	}
}
