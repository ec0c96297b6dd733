package storage

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// millionOf makes a database of an older schema with a million rows of some
// 400 bytes.
func millionOf(b *testing.B, path string, version int) {
	b.Helper()
	conn := older(b, path, version)
	_, err := conn.ExecContext(b.Context(), `
		WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 40)
		INSERT INTO feeds (num, id, definition) SELECT n, 'feed' || n, '{"id":"feed' || n || '"}' FROM n;
		WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 1000000)
		INSERT INTO events (feed, read, owed, priority, received, kind, dedupe_key, message_id, type, title, link, body, raw)
			SELECT 1 + n % 40, 1, 0, 3, unixepoch() * 1000000 - (1000000 - n) * 1000000, 'event', 'key ' || n, 'id ' || n, 'message',
				'deploy ' || n || ' finished on host' || n % 97, '', 'The deploy of ledger ' || n || ' finished without errors ' || hex(randomblob(20)),
				'{"title":"deploy ' || n || '","body":"' || hex(randomblob(100)) || '"}' FROM n;
		INSERT INTO progress (feed, cursor, events, unread, owed, last_seq) SELECT feed, 'here', count(*), 0, 0, max(seq) FROM events GROUP BY feed;`)
	if err == nil {
		err = conn.Close()
	}
	if err != nil {
		b.Fatal(err)
	}
}

// BenchmarkUpgradeMillion is the first start of this program with a million
// rows of an older one, the backup included.
func BenchmarkUpgradeMillion(b *testing.B) {
	for _, version := range []int{4, 6} {
		b.Run(fmt.Sprint("schema", version), func(b *testing.B) {
			path := filepath.Join(b.TempDir(), "bellwire.db")
			millionOf(b, path, version)
			size, err := sizeOf(path)
			if err != nil {
				b.Fatal(err)
			}
			b.ReportMetric(float64(size)/1e6, "MB")
			for range b.N {
				began := time.Now()
				u := newUpgrade(path, Options{})
				if err := u.prepare(b.Context()); err != nil {
					b.Fatal(err)
				}
				b.ReportMetric(time.Since(began).Seconds(), "s-backup")
				if err := removeDatabase(u.backup); err != nil {
					b.Fatal(err)
				}
				db, err := Open(b.Context(), path, Options{})
				if err != nil {
					b.Fatal(err)
				}
				if err := db.Close(); err != nil {
					b.Fatal(err)
				}
				b.ReportMetric(time.Since(began).Seconds(), "s-all")
			}
		})
	}
}

// BenchmarkBackupMillion is how long events wait for their commit while a
// database of a million rows is copied, or checked, beside it.
func BenchmarkBackupMillion(b *testing.B) {
	path := filepath.Join(b.TempDir(), "bellwire.db")
	millionOf(b, path, len(schemas()))
	db, err := Open(b.Context(), path, Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	n := 0
	for _, c := range []struct {
		name string
		work func(ctx context.Context) error
	}{
		{"idle", func(ctx context.Context) error {
			select {
			case <-ctx.Done():
			case <-time.After(10 * time.Second):
			}
			return nil
		}},
		{"backup", func(ctx context.Context) error {
			return copyDatabase(ctx, path, filepath.Join(b.TempDir(), "copy.db"))
		}},
		{"check", func(ctx context.Context) error { _, err := Check(ctx, path); return err }},
	} {
		b.Run(c.name, func(b *testing.B) {
			for range b.N {
				done := make(chan error, 1)
				began := time.Now()
				go func() { done <- c.work(b.Context()) }()
				var waited []time.Duration
				for done != nil {
					select {
					case err := <-done:
						if err != nil {
							b.Fatal(err)
						}
						slices.Sort(waited)
						b.ReportMetric(time.Since(began).Seconds(), "s")
						b.ReportMetric(float64(waited[len(waited)/2])/1e6, "ms-median")
						b.ReportMetric(float64(waited[len(waited)*99/100])/1e6, "ms-p99")
						b.ReportMetric(float64(waited[len(waited)-1])/1e6, "ms-slowest")
						done = nil
					case <-time.After(10 * time.Millisecond): // a hundred events a second
					}
					if done == nil {
						break
					}
					n++
					sent := time.Now()
					if _, err := db.Ingest(b.Context(), batch("feed1", fmt.Sprint("new ", n))); err != nil {
						b.Fatal(err)
					}
					waited = append(waited, time.Since(sent))
				}
			}
		})
	}
}
