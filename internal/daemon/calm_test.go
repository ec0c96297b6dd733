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
		var mu sync.Mutex // what follows is the timer's, too
		var given []time.Duration
		percent := 100
		c := &calm{
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
		c.stir()
		want(100, time.Hour+9900*time.Millisecond+calmAfter)
		at(2*time.Hour + calmAfter)
		want(calmGC, time.Hour+9900*time.Millisecond+calmAfter, 2*time.Hour+calmAfter)
		c.stir()
		c.end()
		c.stir()
		at(3 * time.Hour)
		want(100, time.Hour+9900*time.Millisecond+calmAfter, 2*time.Hour+calmAfter)
	})
}
