package storage

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"bellwire/subscriptions"
)

// Everything that changes rows at the same time: marks and what takes them
// back, deletions by hand and by retention, steps of deliveries, new rows.
// The counters agree in the end, and no key is lost: what was told once does
// not come again.
func TestEverythingAtOnceKeepsTheCounters(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history.db")
	db, err := Open(t.Context(), path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	addFeeds(t, db, 2)
	const rounds, rows = 60, 4
	all := func(feed string, n int) subscriptions.Batch {
		b := batch(feed)
		for i := range rows {
			e := subscriptions.Event{Title: "word", DedupeKey: fmt.Sprint(feed, n, i), Received: time.Now(), Silent: i%2 == 0}
			b.Events = append(b.Events, e)
		}
		return b
	}
	db.SetKeep(subscriptions.Keep{Events: 100, Days: subscriptions.KeepAll})
	var wg sync.WaitGroup
	work := func(do func(r *rand.Rand, n int) error) {
		wg.Go(func() {
			r := rand.New(rand.NewPCG(7, 8))
			for n := range rounds {
				if err := do(r, n); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	some := func(r *rand.Rand) []int64 {
		seqs := make([]int64, 10)
		for i := range seqs {
			seqs[i] = 1 + r.Int64N(2*rounds*rows)
		}
		return seqs
	}
	for _, feed := range []string{"feed0", "feed1"} {
		work(func(_ *rand.Rand, n int) error {
			_, err := db.Ingest(t.Context(), all(feed, n))
			return err
		})
	}
	work(func(r *rand.Rand, n int) error {
		var changed []int64
		if err := db.MarkThrough(t.Context(), n%2 == 0, "", r.Int64N(500), func(seqs []int64) { changed = append(changed, seqs...) }); err != nil {
			return err
		}
		return db.Mark(t.Context(), n%2 != 0, changed, nil) // taken back
	})
	work(func(r *rand.Rand, n int) error { return db.Mark(t.Context(), n%3 == 0, some(r), nil) })
	work(func(r *rand.Rand, _ int) error { return db.Delete(t.Context(), some(r)[:2]) })
	work(func(r *rand.Rand, n int) error {
		what := []subscriptions.StepKind{subscriptions.StepHeld, subscriptions.StepReleased, subscriptions.StepShown}[n%3]
		return db.Deliver(t.Context(), deliveries(some(r), subscriptions.Step{What: what, Why: subscriptions.ReasonMuted, At: time.Now()})...)
	})
	work(func(*rand.Rand, int) error {
		_, err := db.Search(t.Context(), Query{Text: "is:unread word"})
		return err
	})
	wg.Wait()
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if db, err = Open(t.Context(), path, Options{}); err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, feed := range []string{"feed0", "feed1"} {
		for n := range rounds {
			if got, err := db.Ingest(t.Context(), all(feed, n)); err != nil || got.Inserted != 0 {
				t.Fatalf("%s, %d: %+v, %v", feed, n, got, err)
			}
		}
	}
	checkIntegrity(t, db)
}
