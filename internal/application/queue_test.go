package application

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// Each action waits once, with its latest token, and is done in order.
func TestQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newQueue()
		var did []string
		began := time.Now()
		for _, token := range []string{"1", "2", "3"} {
			q.put(Open, token)
			q.put(Pause, token)
		}
		if q.put("quit", "") {
			t.Error("an unknown action is taken")
		}
		q.run(t.Context(), time.Minute, func(_ context.Context, action, token string) { did = append(did, action+token) })
		if d := cmp.Diff([]string{"open3", "pause3"}, did); d != "" {
			t.Error(d)
		}
		if took := time.Since(began); took != time.Minute+2*pause {
			t.Errorf("ended after %v", took)
		}
	})
}
