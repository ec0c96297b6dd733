package storage_test

import (
	"path/filepath"
	"testing"
	"time"

	"bellwire/storage"
	"bellwire/subscriptions"

	"github.com/google/go-cmp/cmp"
)

// What is known of an event before it is stored is stored with it: as if it
// had been owed, and settled right after.
func TestIngestWithOutcomes(t *testing.T) {
	at := time.UnixMicro(1_700_000_000_000_000).UTC()
	off := &subscriptions.Step{At: at, What: subscriptions.StepFiltered, Why: subscriptions.ReasonOff}
	low := &subscriptions.Step{At: at, What: subscriptions.StepFiltered, Why: subscriptions.ReasonPriority, Detail: "4"}
	// One of them twice in a batch, one that was there before, and one that
	// has an outcome but is silent as well.
	events := []subscriptions.Event{
		{DedupeKey: "1", Outcome: off},
		{DedupeKey: "2", Outcome: off},
		{DedupeKey: "1", Outcome: off},
		{DedupeKey: "3", Silent: true},
		{DedupeKey: "4", Outcome: off},
		{DedupeKey: "old", Outcome: low},
		{DedupeKey: "5"},
		{DedupeKey: "6", Outcome: off},
		{DedupeKey: "7", Outcome: low},
		{DedupeKey: "8", Silent: true, Outcome: low},
		{DedupeKey: "9", Outcome: low},
		{Outcome: low},
	}
	for i := range events {
		events[i].Kind, events[i].Title, events[i].Received = subscriptions.KindEvent, "word", at
	}
	type outcome struct {
		Steps   map[string][]subscriptions.Step
		Owed    int64
		Pending []string
	}
	look := func(ingest func(*storage.DB)) (o outcome) {
		db := openAt(t, filepath.Join(t.TempDir(), "b.db"))
		addFeed(t, db, "a")
		if _, err := db.Ingest(t.Context(), subscriptions.Batch{Feed: "a", Events: []subscriptions.Event{{DedupeKey: "old", Title: "old", Silent: true, Received: at}}, Seen: at}); err != nil {
			t.Fatal(err)
		}
		ingest(db)
		rows, err := db.History(t.Context(), storage.Query{OldestFirst: true})
		if err != nil {
			t.Fatal(err)
		}
		o.Steps = map[string][]subscriptions.Step{}
		pending, err := db.Pending(t.Context(), 0, 0)
		if err != nil {
			t.Fatal(err)
		}
		owed := map[int64]bool{}
		for _, e := range pending {
			owed[e.Seq] = true
		}
		for _, e := range rows {
			name := e.MessageID
			if o.Steps[name], err = db.Steps(t.Context(), e.Seq); err != nil {
				t.Fatal(err)
			}
			if owed[e.Seq] {
				o.Pending = append(o.Pending, name)
			}
		}
		if o.Owed, err = db.Owed(t.Context()); err != nil {
			t.Fatal(err)
		}
		return o
	}
	for i := range events {
		events[i].MessageID = string(rune('a' + i))
	}
	foretold := look(func(db *storage.DB) {
		r, err := db.Ingest(t.Context(), subscriptions.Batch{Feed: "a", Events: events, Seen: at})
		if err != nil || r.Inserted != 10 || r.Duplicates != 2 {
			t.Fatalf("%+v, %v", r, err)
		}
	})
	after := look(func(db *storage.DB) {
		for _, e := range events {
			o := e.Outcome
			e.Outcome = nil
			r, err := db.Ingest(t.Context(), subscriptions.Batch{Feed: "a", Events: []subscriptions.Event{e}, Seen: at})
			if err != nil {
				t.Fatal(err)
			}
			if o == nil || e.Silent || r.Inserted == 0 {
				continue
			}
			if err := db.Deliver(t.Context(), subscriptions.Delivery{Seq: r.LastSeq, Step: *o}); err != nil {
				t.Fatal(err)
			}
		}
	})
	if diff := cmp.Diff(after, foretold); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"g"}, foretold.Pending); diff != "" || foretold.Owed != 1 {
		t.Errorf("pending %s, owed %d", diff, foretold.Owed)
	}
}
