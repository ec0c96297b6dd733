package storage_test

import (
	"fmt"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"bellwire/subscriptions"
)

// stream makes a feed's events in order, each with its own dedupe key.
type stream struct {
	feed string
	n    int
}

func (s *stream) batch(size int) subscriptions.Batch {
	b := subscriptions.Batch{Feed: s.feed, Events: make([]subscriptions.Event, size)}
	now := time.Now()
	for i := range b.Events {
		s.n++
		b.Events[i] = subscriptions.Event{
			Kind: subscriptions.KindEvent, Type: "message", MessageID: strconv.Itoa(s.n), DedupeKey: "id:" + strconv.Itoa(s.n),
			Title: fmt.Sprintf("deploy %d finished on host%d", s.n, s.n%97),
			Body:  fmt.Sprintf("service %s went from revision %x to %x without errors", words[s.n%len(words)], s.n, s.n*7919),
			Raw:   fmt.Sprintf(`{"id":%d,"host":"host%d","service":%q,"status":"finished","took_ms":%d}`, s.n, s.n%97, words[s.n%len(words)], s.n*31%9973),
			Link:  "https://ci.example/deploys/" + strconv.Itoa(s.n), Priority: 3, Received: now,
		}
	}
	b.Cursor, b.Seen = strconv.Itoa(s.n), now
	return b
}

var words = []string{"billing", "search", "gateway", "mailer", "frontend", "indexer", "proxy", "ledger"}

func BenchmarkIngest(b *testing.B) {
	for _, size := range []int{1, 100} {
		for _, feeds := range []int{1, 8} {
			b.Run(fmt.Sprintf("batch=%d/feeds=%d", size, feeds), func(b *testing.B) {
				db := openAt(b, filepath.Join(b.TempDir(), "b.db"))
				streams := make([]*stream, feeds)
				for i := range streams {
					streams[i] = &stream{feed: addFeed(b, db, fmt.Sprintf("feed%d", i))}
				}
				b.ReportAllocs()
				b.ResetTimer()
				var wg sync.WaitGroup
				for i, s := range streams {
					wg.Go(func() {
						for n := i * size; n < b.N; n += feeds * size {
							if _, err := db.Ingest(b.Context(), s.batch(min(size, b.N-n))); err != nil {
								b.Error(err)
								return
							}
						}
					})
				}
				wg.Wait()
				b.StopTimer()
				b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "events/s")
			})
		}
	}
}
