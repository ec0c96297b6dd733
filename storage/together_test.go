package storage_test

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"bellwire/storage"
	"bellwire/subscriptions"

	"github.com/google/go-cmp/cmp"
)

// Events that come by the hundred are stored as if they had come one by one,
// whichever of them were there before and however often they are repeated.
func TestIngestTogether(t *testing.T) {
	at := time.UnixMicro(1_700_000_000_000_000).UTC()
	off := &subscriptions.Step{At: at, What: subscriptions.StepFiltered, Why: subscriptions.ReasonOff}
	r := rand.New(rand.NewPCG(1, 2))
	event := func(n int, repeats bool) subscriptions.Event {
		e := subscriptions.Event{
			Kind: subscriptions.KindEvent, MessageID: fmt.Sprint(n), Title: "word", Received: at.Add(time.Duration(n) * time.Hour / 100),
			Read: r.IntN(3) == 0, Silent: r.IntN(5) == 0, Heard: r.IntN(9) == 0,
		}
		known := n
		if repeats && r.IntN(2) == 0 {
			known = r.IntN(n + 1)
		}
		switch r.IntN(6) {
		case 0: // none
		case 1: // stored as a digest
			e.DedupeKey = strings.Repeat("long", 20) + fmt.Sprint(known)
		default:
			e.DedupeKey = fmt.Sprint(known)
		}
		switch r.IntN(12) {
		case 0, 1, 2, 3, 4:
			e.Outcome = off
		case 5:
			if repeats {
				e = subscriptions.Gap{From: at.Add(-time.Hour), To: at.Add(time.Duration(n) * time.Second), Reason: subscriptions.GapEvicted}.Event("a")
			}
		}
		return e
	}
	for _, c := range []struct {
		name    string
		repeats bool
		deleted bool
	}{{"all new", false, false}, {"many known", true, false}, {"some deleted", true, true}} {
		t.Run(c.name, func(t *testing.T) {
			var batches [][]subscriptions.Event
			n := 0
			for range 20 {
				var events []subscriptions.Event
				for range r.IntN(120) {
					events = append(events, event(n, c.repeats))
					n++
				}
				batches = append(batches, events)
			}
			type outcome struct {
				Rows     []subscriptions.Event
				Steps    map[int][]subscriptions.Step
				Pending  int
				Owed     int64
				Counts   storage.Counts
				Activity map[string][]int64
				Inserted int
			}
			look := func(size int) (o outcome) {
				db := openAt(t, filepath.Join(t.TempDir(), "b.db"))
				addFeed(t, db, "a")
				other := &stream{feed: addFeed(t, db, "other")}
				for i, events := range batches {
					ingest(t, db, "other", other.batch(25).Events...)
					for len(events) > 0 {
						part := events[:min(size, len(events))]
						events = events[len(part):]
						r, err := db.Ingest(t.Context(), subscriptions.Batch{Feed: "a", Events: part, Seen: at})
						if err != nil {
							t.Fatal(err)
						}
						o.Inserted += r.Inserted
					}
					if c.deleted && i == 5 {
						rows, err := db.History(t.Context(), storage.Query{Feed: "a", OldestFirst: true, Limit: 3})
						if err != nil {
							t.Fatal(err)
						}
						if err := db.Delete(t.Context(), []int64{rows[0].Seq, rows[2].Seq}); err != nil {
							t.Fatal(err)
						}
					}
				}
				var err error
				if o.Rows, err = db.History(t.Context(), storage.Query{Feed: "a", OldestFirst: true, Limit: storage.MaxLimit}); err != nil {
					t.Fatal(err)
				}
				o.Steps = map[int][]subscriptions.Step{}
				for i := range o.Rows {
					if o.Steps[i], err = db.Steps(t.Context(), o.Rows[i].Seq); err != nil {
						t.Fatal(err)
					}
					o.Rows[i].Seq = 0 // numbers are left out where a row is not stored
				}
				pending, err := db.Pending(t.Context(), 0, storage.MaxLimit)
				if err != nil {
					t.Fatal(err)
				}
				o.Pending = len(pending)
				if o.Owed, err = db.Owed(t.Context()); err != nil {
					t.Fatal(err)
				}
				counts, err := db.Counts(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				o.Counts = counts["a"]
				if o.Activity, err = db.Activity(t.Context(), at.Add(40*time.Hour), 48); err != nil {
					t.Fatal(err)
				}
				return o
			}
			one, many := look(1), look(1000)
			if d := cmp.Diff(one, many); d != "" {
				t.Error(d)
			}
			if len(one.Rows) < 100 {
				t.Errorf("only %d rows", len(one.Rows))
			}
		})
	}
}
