package storage_test

import (
	"path/filepath"
	"testing"
	"time"

	"bellwire/storage"
	"bellwire/subscriptions"

	"github.com/google/go-cmp/cmp"
)

// Many equal steps are noted together: what comes of each event is as if they
// had come one by one.
func TestDeliverTogether(t *testing.T) {
	at := time.UnixMicro(1_700_000_000_000_000).UTC()
	filtered := subscriptions.Step{At: at, What: subscriptions.StepFiltered, Why: subscriptions.ReasonOff}
	held := subscriptions.Step{At: at, What: subscriptions.StepHeld, Why: subscriptions.ReasonPaused}
	shown := subscriptions.Step{At: at, What: subscriptions.StepShown, Detail: "x"}
	// Events 1 to 6 are of two feeds in turn; 2 is held, 3 was shown before, 7
	// is none.
	before := []subscriptions.Delivery{{Seq: 2, Step: held}, {Seq: 3, Step: shown}}
	all := []subscriptions.Delivery{
		{Seq: 1, Step: filtered},
		{Seq: 2, Step: filtered},
		{Seq: 3, Step: filtered},
		{Seq: 1, Step: filtered},
		{Seq: 4, Step: filtered},
		{Seq: 7, Step: filtered},
		{Seq: 5, Step: shown},
	}
	type outcome struct {
		Steps   map[int64][]subscriptions.Step
		Owed    int64
		Pending []int64
	}
	look := func(deliver func(*storage.DB)) (o outcome) {
		db := openAt(t, filepath.Join(t.TempDir(), "b.db"))
		a, b := &stream{feed: addFeed(t, db, "a")}, &stream{feed: addFeed(t, db, "b")}
		for range 3 {
			ingest(t, db, "a", a.batch(1).Events...)
			ingest(t, db, "b", b.batch(1).Events...)
		}
		if err := db.Deliver(t.Context(), before...); err != nil {
			t.Fatal(err)
		}
		deliver(db)
		o.Steps = map[int64][]subscriptions.Step{}
		for seq := range int64(8) {
			steps, err := db.Steps(t.Context(), seq)
			if err != nil {
				t.Fatal(err)
			}
			o.Steps[seq] = steps
		}
		var err error
		if o.Owed, err = db.Owed(t.Context()); err != nil {
			t.Fatal(err)
		}
		pending, err := db.Pending(t.Context(), 0, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range pending {
			o.Pending = append(o.Pending, e.Seq)
		}
		return o
	}
	together := look(func(db *storage.DB) {
		if err := db.Deliver(t.Context(), all...); err != nil {
			t.Fatal(err)
		}
	})
	one := look(func(db *storage.DB) {
		for _, d := range all {
			if err := db.Deliver(t.Context(), d); err != nil {
				t.Fatal(err)
			}
		}
	})
	if diff := cmp.Diff(one, together); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]int64{6}, together.Pending); diff != "" || together.Owed != 1 {
		t.Errorf("pending %s, owed %d", diff, together.Owed)
	}
}
