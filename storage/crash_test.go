package storage_test

import (
	"bufio"
	"context"
	"database/sql"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"testing"

	"bellwire/storage"
	"bellwire/subscriptions"

	"go.uber.org/goleak"
)

// crashing names the database that this process, started by a test, writes
// until it is killed.
const crashing = "BELLWIRE_TEST_CRASHING"

func TestMain(m *testing.M) {
	if path := os.Getenv(crashing); path != "" {
		writeUntilKilled(path)
		return
	}
	if doomed() {
		return
	}
	goleak.VerifyTestMain(m)
}

const crashFeeds = 4

// writeUntilKilled ingests into several feeds at once and prints each feed's
// cursor once it is acknowledged.
func writeUntilKilled(path string) {
	ctx := context.Background()
	db, err := storage.Open(ctx, path, storage.Options{})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	var all sync.WaitGroup
	for i := range crashFeeds {
		feed := fmt.Sprint("feed", i)
		pos, err := db.Position(ctx, feed)
		if err != nil {
			err = db.AddFeed(ctx, subscriptions.Feed{ID: feed})
		}
		n, _ := strconv.Atoi(pos.Cursor)
		s := &stream{feed: feed, n: n}
		all.Go(func() {
			for size := 1; err == nil; size = size%7 + 1 {
				b := s.batch(size)
				if _, err = db.Ingest(ctx, b); err == nil {
					fmt.Println(feed, b.Cursor)
				}
			}
			fmt.Fprintln(os.Stderr, err)
		})
	}
	all.Wait()
	os.Exit(1)
}

func TestAKilledProcessLosesNothingAcknowledged(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history.db")
	acked := map[string]int{}
	for round := range 3 {
		child := exec.CommandContext(t.Context(), os.Args[0])
		child.Env = append(os.Environ(), crashing+"="+path)
		child.Stderr = os.Stderr
		out, err := child.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := child.Start(); err != nil {
			t.Fatal(err)
		}
		killed := false
		lines := bufio.NewScanner(out)
		for n := 1; lines.Scan(); n++ {
			var feed string
			var cursor int
			if _, err := fmt.Sscan(lines.Text(), &feed, &cursor); err == nil {
				acked[feed] = cursor
			}
			if !killed && n >= 300+100*round && len(acked) == crashFeeds {
				killed = true
				if err := child.Process.Kill(); err != nil {
					t.Fatal(err)
				}
			}
		}
		if err := child.Wait(); err == nil {
			t.Fatal("the child ended by itself")
		}
		checkAfterCrash(t, path, acked)
	}
}

func checkAfterCrash(t *testing.T, path string, acked map[string]int) {
	t.Helper()
	db := openAt(t, path)
	defer func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
		checkFile(t, path)
	}()
	if len(acked) != crashFeeds {
		t.Fatalf("acknowledged: %v", acked)
	}
	counts, err := db.Counts(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for feed, cursor := range acked {
		pos, err := db.Position(t.Context(), feed)
		if err != nil {
			t.Fatal(err)
		}
		stored, _ := strconv.Atoi(pos.Cursor)
		if stored < cursor {
			t.Errorf("%s: cursor %d was acknowledged, %d is stored", feed, cursor, stored)
		}
		// The stream's messages are numbered from 1 without holes.
		if n := counts[feed].Events; n != int64(stored) {
			t.Errorf("%s: %d events up to cursor %d", feed, n, stored)
		}
		newest := history(t, db, storage.Query{Feed: feed, Limit: 1})
		if len(newest) != 1 || newest[0].MessageID != pos.Cursor {
			t.Errorf("%s: the cursor is %q, the newest row %+v", feed, pos.Cursor, newest)
		}
	}
	if len(history(t, db, storage.Query{Text: "deploy finished"})) == 0 {
		t.Error("search finds nothing")
	}
}

// checkFile looks for damage from outside, with its own eyes.
func checkFile(t *testing.T, path string) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var verdict string
	if err := db.QueryRow("PRAGMA integrity_check").Scan(&verdict); err != nil || verdict != "ok" {
		t.Errorf("integrity_check says %q, %v", verdict, err)
	}
	var wrong int
	err = db.QueryRow(`SELECT count(*) FROM progress p WHERE (events, unread, p.owed) IS NOT
		(SELECT count(*), coalesce(sum(read = 0), 0), coalesce(sum(e.owed <> 0), 0) FROM events e WHERE e.feed = p.feed)
		OR last_seq < (SELECT coalesce(max(seq), 0) FROM events e WHERE e.feed = p.feed)`).Scan(&wrong)
	if err != nil || wrong > 0 {
		t.Errorf("the counters of %d feeds are wrong, %v", wrong, err)
	}
	checks := map[string]string{
		"steps":                         "SELECT count(*) FROM delivery WHERE seq NOT IN (SELECT seq FROM events)",
		"rows that are deleted as well": "SELECT count(*) FROM deleted d JOIN events e ON e.feed = d.feed AND e.dedupe_key = d.dedupe_key",
	}
	for part := range 4 {
		table := fmt.Sprintf("search_part_%d_docsize", part)
		var there bool
		if err := db.QueryRow("SELECT count(*) FROM sqlite_schema WHERE name = ?", table).Scan(&there); err != nil {
			t.Fatal(err)
		}
		if there {
			checks["entries of the search index in "+table] = "SELECT count(*) FROM " + table + " WHERE id NOT IN (SELECT seq FROM events)"
		}
	}
	for what, query := range checks {
		if err := db.QueryRow(query).Scan(&wrong); err != nil || wrong > 0 {
			t.Errorf("%d %s without an event, %v", wrong, what, err)
		}
	}
}
