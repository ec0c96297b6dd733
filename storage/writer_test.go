package storage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"bellwire/subscriptions"

	"github.com/google/go-cmp/cmp"
)

func openInternal(t *testing.T) *DB {
	t.Helper()
	db, err := Open(t.Context(), filepath.Join(t.TempDir(), "history.db"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

func addFeeds(t *testing.T, db *DB, n int) {
	t.Helper()
	for i := range n {
		if err := db.AddFeed(t.Context(), subscriptions.Feed{ID: fmt.Sprint("feed", i)}); err != nil {
			t.Fatal(err)
		}
	}
}

func batch(feed string, titles ...string) subscriptions.Batch {
	b := subscriptions.Batch{Feed: feed, Cursor: strings.Join(titles, ",")}
	for _, title := range titles {
		b.Events = append(b.Events, subscriptions.Event{Kind: subscriptions.KindEvent, Title: title, DedupeKey: title})
	}
	return b
}

// hold keeps the writer inside a transaction until release is called.
func hold(db *DB) (release func()) {
	begun, end := make(chan struct{}), make(chan struct{})
	var held sync.WaitGroup
	begin := sync.OnceFunc(func() { close(begun) }) // a request may run twice
	held.Go(func() {
		_ = db.update(context.Background(), func(*tx) error {
			begin()
			<-end
			return nil
		})
	})
	<-begun
	return func() { close(end); held.Wait() }
}

// countCommits counts from now on. The writer must be idle.
func countCommits(db *DB) *int {
	n := new(int)
	after := db.writer.committed
	db.writer.committed = func(t *tx) { *n++; after(t) }
	return n
}

func TestRequestsThatWaitShareACommit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db := openInternal(t)
		addFeeds(t, db, 50)
		commits := countCommits(db)
		release := hold(db)
		var all sync.WaitGroup
		for i := range 50 {
			all.Go(func() {
				r, err := db.Ingest(t.Context(), batch(fmt.Sprint("feed", i), "a", "b"))
				if err != nil || r.Inserted != 2 {
					t.Errorf("feed %d: %+v, %v", i, r, err)
				}
			})
		}
		synctest.Wait()
		release()
		all.Wait()
		if *commits != 1 {
			t.Errorf("51 waiting requests took %d commits, want 1", *commits)
		}
		counts, err := db.Counts(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for id, c := range counts {
			if id != "" && (c.Events != 2 || c.Unread != 2) {
				t.Errorf("%s: %+v", id, c)
			}
		}
	})
}

func TestAFailureInAGroupFailsAlone(t *testing.T) {
	broken := errors.New("broken")
	for _, c := range []struct {
		name    string
		request func(db *DB, ctx context.Context) error
		want    error
	}{
		{"unknown feed", func(db *DB, ctx context.Context) error {
			_, err := db.Ingest(ctx, batch("nobody", "x"))
			return err
		}, ErrNotFound},
		{"taken id", func(db *DB, ctx context.Context) error {
			return db.AddFeed(ctx, subscriptions.Feed{ID: "feed1"})
		}, ErrExists},
		{"fault after a write", func(db *DB, ctx context.Context) error {
			return db.update(ctx, func(tx *tx) error {
				if _, err := tx.exec(tx.set, "half", "written"); err != nil {
					return err
				}
				return broken
			})
		}, broken},
		{"refusal after a write", func(db *DB, ctx context.Context) error {
			return db.update(ctx, func(tx *tx) error {
				if _, err := tx.exec(tx.set, "half", "written"); err != nil {
					return err
				}
				return ErrNotFound
			})
		}, ErrNotFound},
		{"lost transaction", func(db *DB, ctx context.Context) error {
			return db.update(ctx, func(tx *tx) error {
				if _, err := tx.rollback.Exec(); err != nil {
					return err
				}
				return broken
			})
		}, broken},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				db := openInternal(t)
				addFeeds(t, db, 10)
				release := hold(db)
				var all sync.WaitGroup
				for i := range 10 {
					if i == 5 {
						all.Go(func() {
							if err := c.request(db, t.Context()); !errors.Is(err, c.want) {
								t.Errorf("got error %v, want %v", err, c.want)
							}
						})
						synctest.Wait()
					}
					all.Go(func() {
						r, err := db.Ingest(t.Context(), batch(fmt.Sprint("feed", i), "a"))
						if err != nil || r.Inserted != 1 {
							t.Errorf("feed %d: %+v, %v", i, r, err)
						}
					})
				}
				synctest.Wait()
				release()
				all.Wait()
				if _, err := db.Setting(t.Context(), "half"); !errors.Is(err, ErrNotFound) {
					t.Errorf("half of the failed request is there (%v)", err)
				}
				counts, _ := db.Counts(t.Context())
				for id, got := range counts {
					if id != "" && got.Events != 1 {
						t.Errorf("%s has %d events, want 1", id, got.Events)
					}
				}
			})
		})
	}
}

func TestACancelledRequestIsDropped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db := openInternal(t)
		addFeeds(t, db, 1)
		release := hold(db)
		ctx, cancel := context.WithCancel(t.Context())
		result := make(chan error, 1)
		go func() {
			_, err := db.Ingest(ctx, batch("feed0", "a"))
			result <- err
		}()
		synctest.Wait()
		cancel()
		if err := <-result; !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
		release()
		if _, err := db.Ingest(t.Context(), batch("feed0", "b")); err != nil {
			t.Errorf("the writer is wedged: %v", err)
		}
		events, err := db.History(t.Context(), Query{})
		if err != nil || len(events) != 1 || events[0].Title != "b" {
			t.Errorf("got %v, %v", events, err)
		}
	})
}

func TestARequestOnceBegunIsWaitedFor(t *testing.T) {
	db := openInternal(t)
	ctx, cancel := context.WithCancel(t.Context())
	err := db.update(ctx, func(tx *tx) error {
		cancel()
		_, err := tx.exec(tx.set, "k", "v")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if v, err := db.Setting(t.Context(), "k"); v != "v" || err != nil {
		t.Errorf("got %q, %v", v, err)
	}
}

func TestCloseAnswersEverybody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db := openInternal(t)
		addFeeds(t, db, 1)
		release := hold(db)
		results := make(chan error, 20)
		for i := range 20 {
			go func() {
				_, err := db.Ingest(context.Background(), batch("feed0", fmt.Sprint(i)))
				results <- err
			}()
		}
		closed := make(chan error)
		go func() { closed <- db.Close() }()
		synctest.Wait()
		release()
		for range 20 {
			if err := <-results; err != nil && !errors.Is(err, ErrClosed) {
				t.Error(err)
			}
		}
		if err := <-closed; err != nil {
			t.Error(err)
		}
		if _, err := db.Ingest(t.Context(), batch("feed0", "late")); !errors.Is(err, ErrClosed) {
			t.Errorf("after Close: %v", err)
		}
	})
}

func TestAFullDiskLosesNothingAndRecovers(t *testing.T) {
	db := openInternal(t)
	addFeeds(t, db, 1)
	if _, err := db.Ingest(t.Context(), batch("feed0", "before")); err != nil {
		t.Fatal(err)
	}
	limit := func(pages int) {
		if _, err := db.writer.conn.ExecContext(t.Context(), fmt.Sprintf("PRAGMA max_page_count = %d", pages)); err != nil {
			t.Fatal(err)
		}
	}
	limit(1) // as many as there are now
	big := batch("feed0", "big")
	big.Events[0].Raw = strings.Repeat("x", 200_000)
	if r, err := db.Ingest(t.Context(), big); err == nil || !strings.Contains(err.Error(), "full") {
		t.Fatalf("got %+v, %v", r, err)
	} else if e, ok := errors.AsType[*subscriptions.Error](err); !ok || e.Code != subscriptions.CodeStorage || e.Hint() == "" {
		t.Errorf("no hint for %v", err)
	}
	p, err := db.Position(t.Context(), "feed0")
	if err != nil || p.Cursor != "before" {
		t.Errorf("position is %+v, %v", p, err)
	}
	events, err := db.History(t.Context(), Query{})
	if err != nil || len(events) != 1 {
		t.Errorf("history is %v, %v", events, err)
	}
	limit(1 << 30)
	if r, err := db.Ingest(t.Context(), big); err != nil || r.Inserted != 1 {
		t.Errorf("with space again: %+v, %v", r, err)
	}
	checkIntegrity(t, db)
}

// checkIntegrity looks for damage, and for counters that do not count.
func checkIntegrity(t testing.TB, db *DB) {
	t.Helper()
	var path string
	if err := db.readers.QueryRow("SELECT file FROM pragma_database_list WHERE name = 'main'").Scan(&path); err != nil {
		t.Fatal(err)
	}
	if r, err := Check(context.Background(), path); err != nil || r.Damage != nil {
		t.Errorf("the check says %q, %v", r.Damage, err)
	}
	wrong, err := db.integers(context.Background(), `SELECT feed FROM progress p WHERE (events, unread, p.owed, last_seq) IS NOT
		(SELECT count(*), coalesce(sum(read = 0), 0), coalesce(sum(e.owed <> 0), 0), coalesce(max(seq), 0) FROM events e WHERE e.feed = p.feed)`)
	if err != nil || len(wrong) > 0 {
		t.Errorf("the counters of feeds %v are wrong, %v", wrong, err)
	}
}

func TestEveryMigrationKeepsWhatIsThere(t *testing.T) {
	for from := range 2 {
		t.Run(fmt.Sprint("from schema ", from), func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "history.db")
			if from > 0 {
				conn := older(t, path, from)
				_, err := conn.ExecContext(t.Context(), `INSERT INTO feeds VALUES (1, 'feed0', '{"id":"feed0"}');
					INSERT INTO progress (feed, events, unread, owed, last_seq) VALUES (1, 1, 1, 0, 7);
					INSERT INTO events VALUES (7, 1, 0, 0, 3, 1, NULL, NULL, NULL, 'event', 'k', '', '', 'an old title', '', '', '');`)
				if err := errors.Join(err, conn.Close()); err != nil {
					t.Fatal(err)
				}
			}
			db, err := Open(t.Context(), path, Options{})
			if err != nil {
				t.Fatal(err)
			}
			defer db.Close()
			if from == 0 {
				addFeeds(t, db, 1)
			}
			if _, err := db.Ingest(t.Context(), batch("feed0", "a new title")); err != nil {
				t.Fatal(err)
			}
			events, err := db.History(t.Context(), Query{Text: "title"})
			if err != nil || len(events) != from+1 {
				t.Errorf("got %v, %v", events, err)
			}
			checkIntegrity(t, db)
		})
	}
}

func TestOpenRefuses(t *testing.T) {
	for _, c := range []struct {
		name, script string
		want         error
		text         string
	}{
		{"a newer database", "CREATE TABLE feeds (x); CREATE TABLE progress (x); CREATE TABLE events (x); CREATE TABLE settings (x); PRAGMA user_version = 99", ErrTooNew, "99"},
		{"somebody else's", "CREATE TABLE t (x)", nil, "not Bellwire's"},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "history.db")
			other, err := sql.Open("sqlite", writerDSN(path))
			if err != nil {
				t.Fatal(err)
			}
			if _, err := other.Exec(c.script); err != nil {
				t.Fatal(err)
			}
			if err := other.Close(); err != nil {
				t.Fatal(err)
			}
			db, err := Open(t.Context(), path, Options{})
			if err == nil {
				db.Close()
				t.Fatal("no error")
			}
			if c.want != nil && !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.text) {
				t.Errorf("got %v", err)
			}
			// Windows deletes no file that is open; Linux can be asked.
			for _, fd := range openFiles() {
				if strings.HasPrefix(fd, path) {
					t.Errorf("%s is still open", fd)
				}
			}
		})
	}
}

// openFiles are the paths of this process's open files, on Linux.
func openFiles() []string {
	const folder = "/proc/self/fd"
	var paths []string
	entries, _ := os.ReadDir(folder)
	for _, e := range entries {
		if path, err := os.Readlink(filepath.Join(folder, e.Name())); err == nil {
			paths = append(paths, path)
		}
	}
	return paths
}

func TestARemovedFeedIsDeletedEntirely(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db := openInternal(t)
		addFeeds(t, db, 2)
		for i := range 20 {
			var titles []string
			for j := range 100 {
				titles = append(titles, fmt.Sprint("row ", i, " ", j))
			}
			for _, feed := range []string{"feed0", "feed1"} {
				if _, err := db.Ingest(t.Context(), batch(feed, titles...)); err != nil {
					t.Fatal(err)
				}
			}
		}
		if rows, err := db.History(t.Context(), Query{Text: "row"}); err != nil || len(rows) != 100 {
			t.Fatal(len(rows), err)
		}
		if err := db.RemoveFeed(t.Context(), "feed0"); err != nil {
			t.Fatal(err)
		}
		synctest.Wait() // until the purger has nothing left to do
		got, err := db.integers(t.Context(), `SELECT count(*) FROM feeds WHERE id IS NULL UNION ALL SELECT freelist_count FROM pragma_freelist_count
			UNION ALL SELECT count(*) FROM events UNION ALL SELECT count(*) FROM search_part_0 WHERE search_part_0 MATCH 'facets : f1'
			UNION ALL SELECT count(*) FROM search_part_0 WHERE search_part_0 MATCH 'facets : f2'`)
		if diff := cmp.Diff([]int64{0, 0, 2000, 0, 2000}, got); diff != "" || err != nil {
			t.Errorf("removed feeds, free pages, rows, index of the removed and of the other feed: %v\n%s", err, diff)
		}
		checkIntegrity(t, db)
	})
}

// A transaction that somebody else's request has spoilt is done again for
// everybody in it: all that was asked for, not what is left of it.
func TestDeliveriesAreDoneAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db := openInternal(t)
		addFeeds(t, db, 1)
		if _, err := db.Ingest(t.Context(), batch("feed0", "a", "b", "c")); err != nil {
			t.Fatal(err)
		}
		release := hold(db)
		var waiting sync.WaitGroup
		waiting.Go(func() {
			steps := deliveries([]int64{1, 2, 3}, subscriptions.Step{What: subscriptions.StepShown})
			if err := db.Deliver(t.Context(), steps...); err != nil {
				t.Error(err)
			}
		})
		synctest.Wait()
		waiting.Go(func() {
			spoilt := errors.New("spoilt")
			err := db.update(t.Context(), func(t *tx) error {
				t.writes++
				return spoilt
			})
			if !errors.Is(err, spoilt) {
				t.Error(err)
			}
		})
		synctest.Wait()
		release()
		waiting.Wait()
		if owed, err := db.Owed(t.Context()); owed != 0 || err != nil {
			t.Errorf("%d events are still owed, %v", owed, err)
		}
	})
}
