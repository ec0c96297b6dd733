package storage_test

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"bellwire/storage"
	"bellwire/subscriptions"
)

// million is how many events a person with a busy year has.
const million = 1_000_000

// fill makes a history of n rows of 40 feeds, a second apart and ending now.
// Few are urgent, gaps or not read; every row says "even" or "odd".
func fill(b *testing.B, db *storage.DB, n int) (begun time.Time) {
	b.Helper()
	var streams []*stream
	for i := range 40 {
		streams = append(streams, &stream{feed: addFeed(b, db, fmt.Sprintf("feed%d", i))})
	}
	const size = 500
	begun = time.Now().Add(-time.Duration(n) * time.Second)
	for row := 0; row < n; row += size {
		batch := streams[row/size%len(streams)].batch(size)
		for i := range batch.Events {
			e := &batch.Events[i]
			k := row + i
			e.Received, e.Read, e.Silent = begun.Add(time.Duration(k)*time.Second), k%30_011 != 0, true
			e.Body += []string{" even", " odd"}[k%2]
			if k%5_003 == 0 {
				e.Priority = 5
			}
			if k%20_011 == 0 {
				e.Kind = subscriptions.KindGap
			}
			if k == n/3 {
				e.Body += " onceinalifetime"
			}
		}
		if _, err := db.Ingest(b.Context(), batch); err != nil {
			b.Fatal(err)
		}
	}
	return begun
}

// BenchmarkMillion is a page of any search in a million rows, beside ten
// thousand of the same make.
func BenchmarkMillion(b *testing.B) {
	for _, n := range []int{10_000, million} {
		db := openAt(b, filepath.Join(b.TempDir(), "b.db"))
		begun := fill(b, db, n)
		for { // until all is in the index
			_, err := db.Search(b.Context(), storage.Query{Text: "nowhere"})
			if err == nil {
				break
			}
			b.Log(err)
		}
		day := func(part int) string {
			return begun.Add(time.Duration(n*part/100) * time.Second).Format(`"2006-01-02 15:04:05"`)
		}
		for _, c := range []struct {
			name string
			q    storage.Query
		}{
			{"first", storage.Query{}},
			{"deep", storage.Query{Before: int64(n / 10)}},
			{"rare word", storage.Query{Text: "onceinalifetime"}},
			{"common word", storage.Query{Text: "finished deploy"}},
			{"common word, deep", storage.Query{Text: "finished deploy", Before: int64(n / 10)}},
			{"common word, oldest first", storage.Query{Text: "finished deploy", OldestFirst: true}},
			{"one letter", storage.Query{Text: "h"}},
			{"prefix", storage.Query{Text: "deploy hos"}},
			{"phrase", storage.Query{Text: `"finished on host7"`}},
			{"phrase that is none", storage.Query{Text: `"on finished"`}},
			{"from", storage.Query{Text: "from:feed7"}},
			{"from and word", storage.Query{Text: "from:feed7 ledger"}},
			{"not from", storage.Query{Text: "-from:feed7 -from:feed39"}},
			{"priority", storage.Query{Text: "priority:>=4"}},
			{"priority and word", storage.Query{Text: "priority:5 ledger"}},
			{"before", storage.Query{Text: "before:" + day(50)}},
			{"after and before", storage.Query{Text: "after:" + day(50) + " before:" + day(51) + " ledger"}},
			{"unread", storage.Query{Text: "is:unread"}},
			{"unread and word", storage.Query{Text: "is:unread finished"}},
			{"unread and beginning", storage.Query{Text: "is:unread h"}},
			{"gap", storage.Query{Text: "is:gap"}},
			{"not word", storage.Query{Text: "-ledger"}},
			{"word and not word", storage.Query{Text: "deploy -finished"}},
			{"two that never meet", storage.Query{Text: `"even" "odd"`}},
			{"tag that is none", storage.Query{Text: "tag:finished"}},
			{"no match", storage.Query{Text: "nowhere"}},
			{"everything", storage.Query{Text: `from:feed -tag:x is:read -is:gap priority:<5 after:2000-01-01 deploy "without errors" -nowhere`}},
		} {
			b.Run(fmt.Sprintf("%d/%s", n, c.name), func(b *testing.B) {
				var slowest time.Duration
				var page storage.Page
				for b.Loop() {
					began := time.Now()
					var err error
					if page, err = db.Search(b.Context(), c.q); err != nil {
						b.Fatal(err)
					}
					slowest = max(slowest, time.Since(began))
				}
				b.ReportMetric(float64(slowest)/1e6, "ms-slowest")
				b.ReportMetric(float64(len(page.Events)), "rows")
				pages := 0.0
				for q := c.q; page.Through != 0 && len(page.Events) == 0; pages++ {
					q.Before = page.Through
					var err error
					if page, err = db.Search(b.Context(), q); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(pages, "empty-pages")
			})
		}
	}
}
