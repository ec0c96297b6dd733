package storage

import (
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// older is a new database of an older schema. Close the connection.
func older(t testing.TB, path string, version int) *sql.Conn {
	t.Helper()
	db, err := sql.Open("sqlite", writerDSN(path))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	conn, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	tx, err := conn.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	for v, script := range schemas()[:version] {
		if err := step(t.Context(), tx, v+1, script); err != nil {
			t.Fatal(err)
		}
	}
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
	db.SetMaxIdleConns(0) // so that closing the connection closes the file
	return conn
}

// schemaAt makes a database of an older schema with some rows, all but the
// newest in the search index where there is one, and hands over its
// connection before it is closed.
func schemaAt(t *testing.T, path string, version int, then func(conn *sql.Conn)) {
	t.Helper()
	conn := older(t, path, version)
	const rows = 300
	run := func(query string, args ...any) {
		if _, err := conn.ExecContext(t.Context(), query, args...); err != nil {
			t.Fatalf("schema %d: %v", version, err)
		}
	}
	run(`INSERT INTO feeds (num, id, definition) VALUES (1, 'feed0', '{"id":"feed0"}'), (2, NULL, '');
		WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < ?1)
		INSERT INTO events (feed, read, owed, priority, received, kind, dedupe_key, message_id, type, title, link, body, raw)
			SELECT 1 + n / 290, n % 10 <> 0, n % 7 = 0, 3, unixepoch() * 1000000 - n, 'event', 'key ' || n, '', '', 'title ' || n, '', '', 'old' FROM n;
		INSERT INTO progress (feed, cursor, events, unread, owed, last_seq)
			SELECT feed, 'here', count(*), sum(read = 0), sum(owed), max(seq) FROM events WHERE feed = 1 GROUP BY feed;`, rows)
	switch {
	case version >= 2 && version <= 5:
		run(`INSERT INTO search (rowid, text, feed) SELECT seq, title || ' old', 'f' || feed FROM events WHERE seq < ?1;
			UPDATE search_progress SET through = ?1 - 1;`, rows)
	}
	then(conn)
	if err := conn.Close(); err != nil {
		t.Fatal(err)
	}
}

// wantUpgraded checks what schemaAt has made.
func wantUpgraded(t *testing.T, path, what string) {
	t.Helper()
	db, err := Open(t.Context(), path, Options{})
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	defer db.Close()
	if got := len(searchAll(t, db, Query{Text: "title", Limit: 50}, 0)); got != 289 {
		t.Errorf("%s: a search finds %d rows", what, got)
	}
	p, err := db.Position(t.Context(), "feed0")
	if err != nil || p.Cursor != "here" {
		t.Errorf("%s: the feed stands at %+v, %v", what, p, err)
	}
	in, err := db.Ingest(t.Context(), batch("feed0", "key 1", "key 289", "new"))
	if err != nil || in.Inserted != 1 {
		t.Errorf("%s: of two old events and a new one %+v, %v", what, in, err)
	}
	owed, err := db.Owed(t.Context())
	if err != nil || owed != 289/7+1 {
		t.Errorf("%s: %d notifications are owed, %v", what, owed, err)
	}
	// A connection that has searched before knows segments that the purger has
	// merged since: the check is of a new one's.
	if err := db.Close(); err != nil {
		t.Errorf("%s: %v", what, err)
	}
	if db, err = Open(t.Context(), path, Options{}); err != nil {
		t.Fatalf("%s, once more: %v", what, err)
	}
	defer db.Close()
	checkIntegrity(t, db)
	if err := db.purger.purge(t.Context()); err != nil { // its own may be about to
		t.Errorf("%s: %v", what, err)
	}
	left, err := db.integers(t.Context(), "SELECT DISTINCT feed FROM activity WHERE feed NOT IN (SELECT num FROM feeds WHERE id IS NOT NULL)")
	if err != nil || len(left) > 0 {
		t.Errorf("%s: the activity of removed feeds %v is left, %v", what, left, err)
	}
}

// Every older schema is brought to the newest, with all that is in it, also
// where the program is killed in the middle of any step.
func TestUpgradesSurviveAKill(t *testing.T) {
	scripts := schemas()
	for version := 1; version < len(scripts); version++ {
		dir := t.TempDir()
		path := filepath.Join(dir, "history.db")
		var killed []string
		schemaAt(t, path, version, func(conn *sql.Conn) {
			// So that some of it is on the disk before it is whole.
			if _, err := conn.ExecContext(t.Context(), "PRAGMA cache_size = 5"); err != nil {
				t.Fatal(err)
			}
			tx, err := conn.BeginTx(t.Context(), nil)
			if err != nil {
				t.Fatal(err)
			}
			for v := version; v < len(scripts); v++ {
				if err := step(t.Context(), tx, v+1, scripts[v]); err != nil {
					t.Fatal(err)
				}
				to := filepath.Join(dir, fmt.Sprint("killed", v), "history.db")
				if err := copyFiles(path, to); err != nil {
					t.Fatal(err)
				}
				killed = append(killed, to)
			}
			if err := tx.Rollback(); err != nil {
				t.Fatal(err)
			}
		})
		for i, to := range killed {
			report, err := Check(t.Context(), to)
			if err != nil || report.Schema != version || report.Damage != nil || report.Events != 300 {
				t.Errorf("from schema %d, killed on the way to %d: %+v, %v", version, version+i+1, report, err)
			}
			wantUpgraded(t, to, fmt.Sprintf("from schema %d, killed on the way to %d", version, version+i+1))
		}
		wantUpgraded(t, path, fmt.Sprintf("from schema %d", version))
	}
}

// copyFiles copies a database as it is on the disk, its log included.
func copyFiles(from, to string) error {
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		return err
	}
	for _, suffix := range []string{"", "-wal"} {
		b, err := os.ReadFile(from + suffix)
		if err == nil {
			err = os.WriteFile(to+suffix, b, 0o600)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// While an older index is made anew rows are deleted, by hand and by
// retention, and new ones come: in the end the index holds what is there, and
// nothing else.
func TestDeletionsWhileTheIndexIsMadeAnew(t *testing.T) {
	const rows = 3000
	path := oldIndex(t, rows)
	db, err := Open(t.Context(), path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	random := rand.New(rand.NewPCG(1, 2))
	gone := map[int64]bool{}
	for i := 0; db.indexer.busy() || i < 20; i++ {
		seqs := make([]int64, 50)
		for j := range seqs {
			seqs[j] = 1 + random.Int64N(rows)
			gone[seqs[j]] = true
		}
		if err := db.Delete(t.Context(), seqs); err != nil {
			t.Fatal(err)
		}
		if _, err := db.Ingest(t.Context(), batch("feed0", fmt.Sprint("title new ", i))); err != nil {
			t.Fatal(err)
		}
		if _, err := db.Search(t.Context(), Query{Text: "title"}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := db.indexer.catchUp(context.Background(), true); err != nil {
		t.Fatal(err)
	}
	want, err := db.integers(t.Context(), "SELECT seq FROM events ORDER BY seq")
	if err != nil {
		t.Fatal(err)
	}
	indexed, err := db.integers(t.Context(), "SELECT id FROM search_part_0_docsize ORDER BY id")
	if err != nil || !slices.Equal(want, indexed) {
		t.Errorf("%d rows, of which %d are indexed, %v", len(want), len(indexed), err)
	}
	for _, seq := range want {
		if gone[seq] {
			t.Errorf("row %d is still there", seq)
		}
	}
	if found := searchAll(t, db, Query{Text: "title", Limit: 500}, 0); len(found) != len(want) {
		t.Errorf("%d of %d rows are found", len(found), len(want))
	}
	checkIntegrity(t, db)
}
