package daemon

import (
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestCalm(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		var mu sync.Mutex // synctest orders nothing that comes before a timer
		var given []time.Duration
		var rested int
		percent := 100
		c := &calm{
			rest: func() { rested++ },
			give: func() {
				mu.Lock()
				defer mu.Unlock()
				given = append(given, time.Since(began))
			},
			collect: func(p int) int {
				mu.Lock()
				defer mu.Unlock()
				before := percent
				percent = p
				return before
			},
		}
		at := func(d time.Duration) {
			t.Helper()
			time.Sleep(d - time.Since(began))
			synctest.Wait()
		}
		want := func(wantPercent int, wantGiven ...time.Duration) {
			t.Helper()
			mu.Lock()
			defer mu.Unlock()
			if d := cmp.Diff(wantGiven, given); d != "" || percent != wantPercent {
				t.Errorf("%d percent, want %d; given back at %s", percent, wantPercent, d)
			}
		}
		at(time.Hour)
		want(100) // nothing has happened
		for range 100 {
			c.stir()
			time.Sleep(100 * time.Millisecond)
		}
		want(100)
		at(time.Hour + 9900*time.Millisecond + calmAfter)
		want(calmGC, time.Hour+9900*time.Millisecond+calmAfter)
		at(2 * time.Hour)
		want(calmGC, time.Hour+9900*time.Millisecond+calmAfter) // once
		given = nil
		c.stir()
		want(100)
		at(2*time.Hour + calmAfter)
		want(calmGC, 2*time.Hour+calmAfter)
		given = nil
		c.stir()
		c.end()
		c.stir()
		at(3 * time.Hour)
		want(100)
		if rested != 2 {
			t.Errorf("rested %d times, want 2", rested)
		}
	})
}
