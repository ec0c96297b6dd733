package storage_test

import (
	"fmt"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"bellwire/storage"
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

func BenchmarkHistory(b *testing.B) {
	const rows = 200_000
	db := openAt(b, filepath.Join(b.TempDir(), "b.db"))
	var streams []*stream
	for i := range 10 {
		streams = append(streams, &stream{feed: addFeed(b, db, fmt.Sprintf("feed%d", i))})
	}
	for i := range rows / 500 {
		if _, err := db.Ingest(b.Context(), streams[i%10].batch(500)); err != nil {
			b.Fatal(err)
		}
	}
	if err := db.MarkReadThrough(b.Context(), true, "feed3", rows); err != nil {
		b.Fatal(err)
	}
	if _, err := db.History(b.Context(), storage.Query{Text: "warm"}); err != nil {
		b.Fatal(err)
	}
	for _, q := range []struct {
		name string
		q    storage.Query
	}{
		{"first", storage.Query{}},
		{"deep", storage.Query{Before: 10_000}},
		{"feed", storage.Query{Feed: "feed3"}},
		{"feed-deep", storage.Query{Feed: "feed3", Before: 10_000}},
		{"oldest", storage.Query{OldestFirst: true, After: 100_000}},
		{"unread", storage.Query{Unread: true}},
		{"unread-oldest", storage.Query{Unread: true, OldestFirst: true, After: 100_000}},
		{"unread-none", storage.Query{Unread: true, Feed: "feed3"}},
		{"search-rare", storage.Query{Text: "deploy 12345"}},
		{"search-common", storage.Query{Text: "deploy finished"}},
		{"search-common-deep", storage.Query{Text: "deploy finished", Before: 10_000}},
		{"search-prefix", storage.Query{Text: "deploy h"}},
		{"search-feed", storage.Query{Text: "ledger", Feed: "feed7"}},
		{"search-unread", storage.Query{Text: "ledger", Unread: true}},
		{"search-unread-none", storage.Query{Text: "deploy", Feed: "feed3", Unread: true}},
		{"search-none", storage.Query{Text: "nowhere"}},
	} {
		b.Run(q.name, func(b *testing.B) {
			for b.Loop() {
				if _, err := db.History(b.Context(), q.q); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
