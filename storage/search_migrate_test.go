package storage

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"bellwire/subscriptions"

	"github.com/google/go-cmp/cmp"
)

// busy reports whether old rows are being indexed anew.
func (x *indexer) busy() bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.since > 0
}

// oldIndex makes a database as it was before the search index came in parts:
// rows of two feeds, all but the newest in the index.
func oldIndex(t *testing.T, rows int) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "history.db")
	conn := older(t, path, 5)
	_, err := conn.ExecContext(t.Context(), `
		INSERT INTO feeds VALUES (1, 'feed0', '{"id":"feed0","name":"One"}'), (2, 'feed1', '{"id":"feed1","name":"Two"}');
		WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < ?1)
		INSERT INTO events (seq, feed, read, owed, priority, received, kind, message_id, type, title, link, body, raw)
			SELECT n, 1 + n % 2, n % 10 <> 0, 0, 1 + n % 5, 1770000000000000 + n * 1000000, 'event', '', '', 'title ' || n, '', '', 'old' FROM n;
		INSERT INTO search (rowid, text, feed) SELECT seq, title || ' old', 'f' || feed FROM events WHERE seq < ?1;
		UPDATE search_progress SET through = ?1 - 1;
		INSERT INTO progress (feed, events, unread, owed, last_seq) SELECT feed, count(*), sum(read = 0), 0, max(seq) FROM events GROUP BY feed;`, rows)
	if err := errors.Join(err, conn.Close()); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestAnOldIndexIsMadeAnewInTheBackground(t *testing.T) {
	const rows = 5000
	path := oldIndex(t, rows)
	every := func(n int, fits func(int) bool) (seqs []int64) {
		for i := n; i > 0; i-- {
			if fits(i) {
				seqs = append(seqs, int64(i))
			}
		}
		return seqs
	}
	// Again and again, as somebody who turns the machine off soon.
	for open := 0; ; open++ {
		db, err := Open(t.Context(), path, Options{})
		if err != nil {
			t.Fatal(err)
		}
		last := rows + open + 1
		in, err := db.Ingest(t.Context(), batch("feed0", fmt.Sprint("title ", last)))
		if err != nil || in.LastSeq != int64(last) {
			t.Fatal(in, err)
		}
		for text, want := range map[string][]int64{
			"title":                               every(last, func(int) bool { return true }),
			"old":                                 every(rows, func(int) bool { return true }),
			"from:two priority:5 old":             every(rows, func(n int) bool { return n%2 == 1 && n%5 == 4 }),
			"is:unread title priority:1 from:two": nil,
			"is:unread old priority:1":            every(rows, func(n int) bool { return n%10 == 0 }),
			`"title 77"`:                          {77},
			"-old":                                every(last, func(n int) bool { return n > rows }),
			"after:2001-01-01 old":                every(rows, func(int) bool { return true }),
			"before:2001-01-01":                   nil,
		} {
			got := searchAll(t, db, Query{Text: text, Limit: 1000}, searchTime)
			if diff := cmp.Diff(append([]int64{}, want...), got); diff != "" {
				t.Errorf("%q, opened %d times: %d instead of %d rows", text, open, len(got), len(want))
			}
		}
		oldest, err := db.History(t.Context(), Query{Text: "title", OldestFirst: true, Limit: 3})
		if err != nil || !slices.EqualFunc(oldest, []int64{1, 2, 3}, func(e subscriptions.Event, seq int64) bool { return e.Seq == seq }) {
			t.Errorf("the oldest: %v, %v", oldest, err)
		}
		if open == 2 { // also until the old index is gone
			db.indexer.mu.Lock()
			for db.indexer.old && err == nil {
				err = db.indexer.await(t.Context())
			}
			db.indexer.mu.Unlock()
		}
		checkIntegrity(t, db)
		var left int
		if err := errors.Join(err, db.readers.QueryRow("SELECT count(*) FROM sqlite_schema WHERE name GLOB 'search_old*'").Scan(&left), db.Close()); err != nil {
			t.Fatal(err)
		}
		if open == 2 {
			if left > 0 {
				t.Errorf("%d tables of the old index are left", left)
			}
			return
		}
	}
}

// What is not in the new index yet is waited for, a little at a time: a page
// that found nothing says that there is more.
func TestAPageOfRowsThatAreNotInTheIndexYet(t *testing.T) {
	db, err := Open(t.Context(), oldIndex(t, 10), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.indexer.catchUp(t.Context(), true); err != nil {
		t.Fatal(err)
	}
	db.indexer.mu.Lock() // as it would be in the middle of it
	db.indexer.since = 5
	db.indexer.mu.Unlock()
	for _, c := range []struct {
		name string
		q    Query
		want Page
	}{
		{"above", Query{Text: "title", Limit: 100}, Page{Through: 6}},
		{"none of it", Query{Text: "title", Before: 4}, Page{Through: 4}},
		{"above, with times", Query{Text: "title before:2001-01-01"}, Page{Through: 6}},
		{"bounded above", Query{Text: "title", After: 7}, Page{}},
	} {
		h := &hunt{plan: &plan{}, db: db, q: c.q, lo: c.q.After, hi: 11, limit: 100}
		if c.q.Before > 0 {
			h.hi = c.q.Before
		}
		h.plan, err = db.newPlan(t.Context(), c.q, base)
		if err != nil {
			t.Fatal(err)
		}
		h.deadline = base.Add(-time.Second) // is over, however coarse the clock is
		p, err := h.page(t.Context(), 5)
		if err != nil || p.Through != c.want.Through {
			t.Errorf("%s: through %d instead of %d, %v", c.name, p.Through, c.want.Through, err)
		}
	}
}

// A part that nothing is left in is no table any more, and what was deleted
// is in no part.
func TestPartsOfARemovedFeedAreDropped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db := openInternal(t)
		addFeeds(t, db, 2)
		for i := range 3 { // a row of either at the end of a part, and at the next one's beginning
			for j, feed := range []string{"feed0", "feed1", "feed0", "feed0", "feed1"} {
				if _, err := db.Ingest(t.Context(), batch(feed, fmt.Sprint("row ", i, j))); err != nil {
					t.Fatal(err)
				}
			}
			skip(t, db, 1<<partBits-2)
		}
		if got := len(searchAll(t, db, Query{Text: "row"}, 0)); got != 15 {
			t.Errorf("%d rows", got)
		}
		for _, c := range []struct {
			feed string
			rows int
			part []int64
		}{{"feed1", 9, []int64{0, 1, 2}}, {"feed0", 0, []int64{2}}} {
			if err := db.RemoveFeed(t.Context(), c.feed); err != nil {
				t.Fatal(err)
			}
			synctest.Wait() // until the purger has nothing left to do
			if got := len(searchAll(t, db, Query{Text: "row"}, 0)); got != c.rows {
				t.Errorf("without %s: %d rows", c.feed, got)
			}
			parts, err := db.integers(t.Context(), "SELECT num FROM search_parts ORDER BY num")
			if diff := cmp.Diff(c.part, parts); diff != "" || err != nil {
				t.Errorf("without %s: %v\n%s", c.feed, err, diff)
			}
			for _, part := range parts {
				left, err := db.integers(t.Context(), "SELECT count(*) FROM "+partTable(part)+"_docsize")
				if err != nil || left[0] > int64(c.rows) {
					t.Errorf("part %d holds %v rows, %v", part, left, err)
				}
			}
		}
		checkIntegrity(t, db)
	})
}
