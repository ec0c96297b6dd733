package storage_test

import (
	"database/sql"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"bellwire/storage"
	"bellwire/subscriptions"
)

// million is how many events a person with a busy year has.
const million = 1_000_000

// sizes are those that a history grows through.
var sizes = []int{10_000, 100_000, million}

const (
	// looks is how often a page is looked at for its median.
	looks = 200
	// growthFeeds is how many feeds a growing history has.
	growthFeeds = 10
)

// A growing history is made once and measured at several sizes. Every 50th
// row is urgent, every 30,011th not read, every 20,011th a gap; all say
// "deploy" and "finished", and "even" or "odd"; in the middle of each size is
// a word that is nowhere else.
type growing struct {
	path    string
	db      *storage.DB
	raw     *sql.DB // beside it
	rows    int
	begun   time.Time // when row 0 was received; the others are a second apart
	feeds   [growthFeeds]string
	chance  *rand.Rand
	zipf    *rand.Zipf
	lexicon []string
}

func newGrowing(b *testing.B) *growing {
	b.Helper()
	g := &growing{path: filepath.Join(b.TempDir(), "b.db"), begun: time.Now().Add(-million * time.Second)}
	g.chance = rand.New(rand.NewPCG(1, 2))
	g.zipf = rand.NewZipf(g.chance, 1.1, 3, 19_999)
	syllables := strings.Fields("ba den fi gor hu jal kem lo mar nis or pel qua ri sto tur ul ven wex zy")
	for i := range 20_000 { // as many words as a log has
		w := syllables[i%20] + syllables[i/20%20] + syllables[i/400%20]
		if i >= 8_000 {
			w += syllables[i/8_000]
		}
		g.lexicon = append(g.lexicon, w)
	}
	g.open(b)
	b.Cleanup(func() { g.close(b) })
	var err error
	if g.raw, err = sql.Open("sqlite", g.path); err != nil {
		b.Fatal(err)
	}
	g.raw.SetMaxIdleConns(0)
	b.Cleanup(func() { g.raw.Close() })
	for i := range g.feeds {
		g.feeds[i] = addFeed(b, g.db, fmt.Sprintf("feed%d", i))
	}
	return g
}

func (g *growing) open(b *testing.B) {
	b.Helper()
	var err error
	if g.db, err = storage.Open(b.Context(), g.path, storage.Options{}); err != nil {
		b.Fatal(err)
	}
}

func (g *growing) close(b *testing.B) {
	b.Helper()
	if err := g.db.Close(); err != nil {
		b.Error(err)
	}
}

// say is n words, few of them often, as people write.
func (g *growing) say(n int) string {
	said := make([]string, n)
	for i := range said {
		said[i] = g.lexicon[g.zipf.Uint64()]
	}
	return strings.Join(said, " ")
}

// onlyOnce is the word that only the row in the middle of n has.
func onlyOnce(n int) string { return fmt.Sprintf("rarity%dx", n) }

// batch is the next rows, of one feed. Their payloads have some 250 bytes.
func (g *growing) batch(size int) subscriptions.Batch {
	now := g.begun.Add(time.Duration(g.rows) * time.Second)
	batch := subscriptions.Batch{Feed: g.feeds[g.rows/500%growthFeeds], Events: make([]subscriptions.Event, size), Seen: now}
	for i := range batch.Events {
		k := g.rows
		g.rows++
		body := g.say(8) + []string{" even", " odd"}[k%2]
		if slices.ContainsFunc(sizes, func(n int) bool { return k == n/2 }) {
			body += " " + onlyOnce(2*k)
		}
		service, host := g.lexicon[k*7%97], k%97
		e := &batch.Events[i]
		*e = subscriptions.Event{
			Kind: subscriptions.KindEvent, Type: "message", MessageID: fmt.Sprint(k), DedupeKey: fmt.Sprint("id:", k),
			Title: fmt.Sprintf("deploy %d of %s finished", k, service), Body: body,
			Raw: fmt.Sprintf(`{"id":%d,"host":"host%d","service":%q,"commit":"%016x","status":"finished","took_ms":%d,"message":%q}`,
				k, host, service, g.chance.Uint64(), g.chance.IntN(10_000), body),
			Link: fmt.Sprint("https://ci.example/deploys/", k), Priority: 3,
			Received: g.begun.Add(time.Duration(k) * time.Second), Read: k%30_011 != 0, Silent: true,
		}
		if k%50 == 0 {
			e.Priority = 5
		}
		if k%20_011 == 0 {
			e.Kind = subscriptions.KindGap
		}
	}
	batch.Cursor = fmt.Sprint(g.rows)
	return batch
}

// grow makes it n rows, all of them in the index, and waits until nothing is
// done in the background any more.
func (g *growing) grow(b *testing.B, n int) {
	b.Helper()
	for g.rows < n {
		if _, err := g.db.Ingest(b.Context(), g.batch(min(500-g.rows%500, n-g.rows))); err != nil {
			b.Fatal(err)
		}
	}
	g.index(b)
	for !g.merged(b) {
		select {
		case <-time.After(20 * time.Millisecond):
		case <-b.Context().Done():
			b.Fatal(b.Context().Err())
		}
	}
}

// merged reports whether the full parts of the index have one segment each.
func (g *growing) merged(b *testing.B) bool {
	b.Helper()
	for part := range g.rows >> 16 {
		var segments int
		err := g.raw.QueryRowContext(b.Context(), fmt.Sprintf("SELECT count(DISTINCT segid) FROM search_part_%d_idx", part)).Scan(&segments)
		if err != nil {
			b.Fatal(err)
		}
		if segments > 1 {
			return false
		}
	}
	return true
}

// index waits until all rows are in the index.
func (g *growing) index(b *testing.B) {
	b.Helper()
	for {
		_, err := g.db.Search(b.Context(), storage.Query{Text: "nowhere"})
		if err == nil {
			return
		}
		b.Log(err)
	}
}

// BenchmarkGrowth is what does, and what should not, become slower as history
// grows: the first page of a search as people type it, 100 rows with their
// payloads; what comes in; a start; and the bytes an event takes on disk.
func BenchmarkGrowth(b *testing.B) {
	g := newGrowing(b)
	for _, n := range sizes {
		b.Run(fmt.Sprintf("events=%d", n), func(b *testing.B) {
			g.grow(b, n)
			for _, c := range []struct {
				name string
				q    storage.Query
			}{
				{"page=first", storage.Query{}},
				{"page=deep", storage.Query{Before: int64(n / 2)}},
				{"page=feed", storage.Query{Feed: "feed7"}},
				{"page=unread", storage.Query{Unread: true}},
				{"search=rare", storage.Query{Text: onlyOnce(n)}},
				{"search=common", storage.Query{Text: "finished deploy"}},
				{"search=deep", storage.Query{Text: "finished deploy", Before: int64(n / 2)}},
				{"search=prefix", storage.Query{Text: "deploy hos"}},
				{"search=condition", storage.Query{Text: "priority:>=4"}},
				{"search=from", storage.Query{Text: "from:feed7"}},
				{"search=none", storage.Query{Text: "nowhere"}},
			} {
				b.Run(c.name, func(b *testing.B) { g.look(b, c.q, looks*b.N) })
			}
			b.Run("start", g.start)
			b.Run("size", g.size)
			for _, size := range []int{1, 100} {
				b.Run(fmt.Sprintf("ingest/batch=%d", size), func(b *testing.B) { g.ingest(b, size) })
			}
		})
	}
}

// look looks at a page a number of times, through what the control API calls.
func (g *growing) look(b *testing.B, q storage.Query, times int) {
	var page storage.Page
	took := make([]time.Duration, times)
	for i := range took {
		began := time.Now()
		var err error
		if page, err = g.db.Search(b.Context(), q); err != nil {
			b.Fatal(err)
		}
		took[i] = time.Since(began)
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[times/2])/1e3, "us-median")
	b.ReportMetric(float64(took[times*99/100])/1e3, "us-p99")
	b.ReportMetric(float64(len(page.Events)), "rows")
	b.ReportMetric(0, "ns/op")
}

// ingest is more rows on top of the others, the index following behind.
func (g *growing) ingest(b *testing.B, size int) {
	const commits = 200
	var took time.Duration
	for range commits * b.N {
		batch := g.batch(size)
		began := time.Now()
		if _, err := g.db.Ingest(b.Context(), batch); err != nil {
			b.Fatal(err)
		}
		took += time.Since(began)
	}
	b.ReportMetric(float64(commits*b.N*size)/took.Seconds(), "events/s")
	b.ReportMetric(0, "ns/op")
	g.index(b)
}

// start opens the history until its first page could be asked for.
func (g *growing) start(b *testing.B) {
	took := make([]time.Duration, 10*b.N)
	for i := range took {
		g.close(b)
		began := time.Now()
		g.open(b)
		took[i] = time.Since(began)
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2])/1e6, "ms")
	b.ReportMetric(0, "ns/op")
}

// size is the database on disk, and what it is made of.
func (g *growing) size(b *testing.B) {
	if _, err := g.raw.ExecContext(b.Context(), "PRAGMA wal_checkpoint(TRUNCATE)"); err != nil {
		b.Fatal(err)
	}
	each := func(bytes int64, unit string) { b.ReportMetric(float64(bytes)/float64(g.rows), unit) }
	var all int64
	for _, name := range []string{g.path, g.path + "-wal"} {
		if info, err := os.Stat(name); err == nil {
			all += info.Size()
		}
	}
	each(all, "B/event")
	for unit, query := range map[string]string{
		"B-payload/event": "SELECT sum(octet_length(raw)) FROM events",
		"B-rows/event":    "SELECT sum(pgsize) FROM dbstat WHERE aggregate = TRUE AND name = 'events'",
		"B-keys/event":    "SELECT sum(pgsize) FROM dbstat WHERE aggregate = TRUE AND name LIKE 'events_%'",
		"B-search/event":  "SELECT sum(pgsize) FROM dbstat WHERE aggregate = TRUE AND name LIKE 'search_%'",
	} {
		var bytes int64
		if err := g.raw.QueryRowContext(b.Context(), query).Scan(&bytes); err != nil {
			b.Fatal(err)
		}
		each(bytes, unit)
	}
	b.ReportMetric(0, "ns/op")
}

// BenchmarkSearch is a page of any other search, those among them for which
// too much has to be looked at: they answer with what they have after some
// 50 ms. Pages without a row count as empty.
func BenchmarkSearch(b *testing.B) {
	g := newGrowing(b)
	for _, n := range []int{10_000, million} {
		b.Run(fmt.Sprintf("events=%d", n), func(b *testing.B) {
			g.grow(b, n)
			day := func(part int) string {
				return g.begun.Add(time.Duration(n*part/100) * time.Second).Format(`"2006-01-02 15:04:05"`)
			}
			for _, c := range []struct {
				name string
				q    storage.Query
			}{
				{"feed, deep", storage.Query{Feed: "feed7", Before: int64(n / 10)}},
				{"oldest first", storage.Query{OldestFirst: true, After: int64(n / 2)}},
				{"unread, oldest first", storage.Query{Unread: true, OldestFirst: true, After: int64(n / 2)}},
				{"common word, oldest first", storage.Query{Text: "finished deploy", OldestFirst: true}},
				{"one letter", storage.Query{Text: "h"}},
				{"phrase", storage.Query{Text: `"host host7 service"`}},
				{"phrase that is none", storage.Query{Text: `"finished deploy"`}},
				{"from and word", storage.Query{Text: "from:feed7 odd"}},
				{"not from", storage.Query{Text: "-from:feed7 -from:feed9"}},
				{"priority and word", storage.Query{Text: "priority:5 odd"}},
				{"before", storage.Query{Text: "before:" + day(50)}},
				{"after and before", storage.Query{Text: "after:" + day(50) + " before:" + day(51) + " odd"}},
				{"unread", storage.Query{Text: "is:unread"}},
				{"unread and word", storage.Query{Text: "is:unread finished"}},
				{"unread and beginning", storage.Query{Text: "is:unread h"}},
				{"gap", storage.Query{Text: "is:gap"}},
				{"not word", storage.Query{Text: "-odd"}},
				{"word and not word", storage.Query{Text: "deploy -finished"}},
				{"two that never meet", storage.Query{Text: `"even" "odd"`}},
				{"tag that is none", storage.Query{Text: "tag:finished"}},
				{"everything", storage.Query{Text: `from:feed -tag:x is:read -is:gap priority:<5 after:2000-01-01 deploy "finished" -nowhere`}},
			} {
				b.Run(c.name, func(b *testing.B) {
					g.look(b, c.q, 20*b.N)
					b.ReportMetric(g.emptyPages(b, c.q), "empty-pages")
				})
			}
		})
	}
}

// emptyPages is how often one has to go on before there is a row, or the end.
func (g *growing) emptyPages(b *testing.B, q storage.Query) (pages float64) {
	for {
		page, err := g.db.Search(b.Context(), q)
		if err != nil {
			b.Fatal(err)
		}
		if page.Through == 0 || len(page.Events) > 0 {
			return pages
		}
		pages++
		if q.OldestFirst {
			q.After = page.Through
		} else {
			q.Before = page.Through
		}
	}
}
