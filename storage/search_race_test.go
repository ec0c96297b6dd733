package storage

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"bellwire/subscriptions"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// A part that is dropped between the look at which there are and the look
// into it has no rows: the search goes on.
func TestASearchOutlivesADroppedPart(t *testing.T) {
	db := openInternal(t)
	addFeeds(t, db, 1)
	for i := range 3 {
		if _, err := db.Ingest(t.Context(), batch("feed0", fmt.Sprint("word ", i))); err != nil {
			t.Fatal(err)
		}
		skip(t, db, 1<<partBits-2)
	}
	for _, oldest := range []bool{false, true} {
		q := Query{Text: "word", OldestFirst: oldest}
		plan, err := db.newPlan(t.Context(), q, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		in, err := db.indexer.catchUp(t.Context(), true)
		if err != nil {
			t.Fatal(err)
		}
		h := &hunt{plan: plan, db: db, q: q, hi: in.newest + 1, oldestFirst: oldest, limit: 10}
		parts, err := db.parts(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		parts[77] = true // as if it had been there a moment ago
		h.hi = 78 << partBits
		if err := h.inParts(t.Context(), parts, nil); err != nil {
			t.Errorf("oldest first %v: %v", oldest, err)
		}
		if len(h.found) != 3 || h.more() {
			t.Errorf("oldest first %v: %d rows, more %v", oldest, len(h.found), h.more())
		}
	}
}

// Rows that are marked unread while a search for unread ones begins are more
// than it meant to list: none of the older ones is skipped.
func TestASearchForUnreadSkipsNone(t *testing.T) {
	db := openInternal(t)
	addFeeds(t, db, 1)
	const rows = fewRows + 500
	for _, part := range []struct {
		n        int
		title    string
		priority int
	}{{50, "rare", 5}, {rows, "word", 3}, {50, "rare", 5}} {
		for ; part.n > 0; part.n -= 50 {
			b := batch("feed0")
			for range 50 {
				b.Events = append(b.Events, subscriptions.Event{Title: part.title, Priority: part.priority, Silent: true})
			}
			if _, err := db.Ingest(t.Context(), b); err != nil {
				t.Fatal(err)
			}
		}
	}
	// As it is between the count and the list: the count is of before.
	err := db.update(t.Context(), func(tx *tx) error { return tx.run("UPDATE progress SET unread = 10") })
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"is:unread rare", "is:unread priority:5"} {
		for _, oldest := range []bool{false, true} {
			if got := searchAll(t, db, Query{Text: text, OldestFirst: oldest, Limit: 1000}, 0); len(got) != 100 {
				t.Errorf("%q, oldest first %v: %d of 100 rows", text, oldest, len(got))
			}
		}
	}
	if err := db.update(t.Context(), func(tx *tx) error { return tx.run("UPDATE progress SET unread = ?", rows+100) }); err != nil {
		t.Fatal(err)
	}
}

// Rows that are deleted and parts that are dropped between the pages of a
// search take nothing with them: every row that stays is found, once, and the
// pages end.
func TestSearchWhileRowsAreDeleted(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		db := openInternal(t)
		defer db.Close()
		addFeeds(t, db, 2)
		left := map[int64]bool{}
		for n := range rapid.IntRange(1, 40).Draw(r, "rows") {
			if rapid.IntRange(0, 3).Draw(r, "skip") == 0 {
				skip(t, db, 1<<partBits-2)
			}
			got, err := db.Ingest(t.Context(), batch(draw(r, "feed0", "feed1"), fmt.Sprint("word ", n)))
			if err != nil {
				r.Fatal(err)
			}
			left[got.LastSeq] = true
		}
		q := Query{Text: draw(r, "word", "is:unread", "is:unread word", "from:feed0 from:feed1 -nothing", "priority:3"), OldestFirst: rapid.Bool().Draw(r, "oldest first"), Limit: rapid.IntRange(1, 5).Draw(r, "limit")}
		found := map[int64]int{}
		for pages := 0; ; pages++ {
			p, err := db.search(context.Background(), q, time.Duration(rapid.IntRange(0, 1).Draw(r, "limit")))
			if err != nil {
				r.Fatal(err)
			}
			if pages > 500 {
				r.Fatalf("%+v has no end", q)
			}
			for _, e := range p.Events {
				found[e.Seq]++
			}
			if p.Through == 0 {
				break
			}
			if q.OldestFirst {
				q.After = p.Through
			} else {
				q.Before = p.Through
			}
			var seqs []int64
			for seq := range left {
				if rapid.IntRange(0, 5).Draw(r, "delete") == 0 {
					seqs = append(seqs, seq)
					delete(left, seq)
				}
			}
			if err := db.Delete(t.Context(), seqs); err != nil {
				r.Fatal(err)
			}
			if rapid.IntRange(0, 2).Draw(r, "tidy") == 0 {
				if err := db.tidy(t.Context()); err != nil {
					r.Fatal(err)
				}
			}
		}
		for seq, n := range found {
			if n > 1 {
				r.Errorf("row %d was found %d times", seq, n)
			}
		}
		var lost []int64
		for seq := range left {
			if found[seq] == 0 {
				lost = append(lost, seq)
			}
		}
		slices.Sort(lost)
		if diff := gocmp.Diff([]int64(nil), lost); diff != "" && q.Text != "from:feed0 from:feed1 -nothing" {
			r.Errorf("%+v: rows that were there all the time: %s", q, diff)
		}
	})
}
