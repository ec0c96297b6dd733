package storage

import (
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// used holds what a program of each schema wrote into its database.
//
//go:embed testdata/used/*.sql
var used embed.FS

// usedThrough makes a database that was used with every schema up to the
// given one. Close the connection.
func usedThrough(t *testing.T, path string, version int) *sql.Conn {
	t.Helper()
	conn := older(t, path, 0)
	for v, script := range schemas()[:version] {
		tx, err := conn.BeginTx(t.Context(), nil)
		if err == nil {
			err = step(t.Context(), tx, v+1, script)
		}
		var rows []byte
		if err == nil {
			rows, err = used.ReadFile(fmt.Sprintf("testdata/used/%d.sql", v+1))
		}
		if err == nil {
			_, err = tx.ExecContext(t.Context(), string(rows))
		}
		if err == nil {
			err = tx.Commit()
		}
		if err != nil {
			t.Fatalf("schema %d: %v", v+1, err)
		}
	}
	return conn
}

// dump is a result as text, a row a line.
func dump(t *testing.T, q interface {
	Query(query string, args ...any) (*sql.Rows, error)
}, query string,
) (lines []string) {
	t.Helper()
	rows, err := q.Query(query)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	for rows.Next() {
		values, to := make([]any, len(columns)), make([]any, len(columns))
		for i := range values {
			to[i] = &values[i]
		}
		if err := rows.Scan(to...); err != nil {
			t.Fatal(err)
		}
		lines = append(lines, fmt.Sprintf("%q", values))
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return lines
}

// tables are what a database must still hold when it has been upgraded, by
// the schema that brought it. The rows of removed feeds go by themselves.
var tables = map[int][]string{
	1: {
		"SELECT num, id, definition FROM feeds WHERE id <> '' ORDER BY num",
		"SELECT feed, cursor, seen, events, unread, owed, last_seq, last_event FROM progress WHERE feed <> 0 ORDER BY feed",
		"SELECT seq, feed, read, owed, priority, received, time, kind, dedupe_key, message_id, type, title, link, body, raw FROM events WHERE feed <> 3 ORDER BY seq",
		"SELECT key, value FROM settings WHERE key <> 'program' ORDER BY key",
	},
	3: {"SELECT feed, cadence FROM progress WHERE feed <> 3 ORDER BY feed"},
	4: {"SELECT seq, tags, icon, image, event_group, warning FROM events WHERE feed <> 3 ORDER BY seq"},
	5: {
		"SELECT seq, actions, late, hold FROM events WHERE feed <> 3 ORDER BY seq",
		"SELECT * FROM delivery WHERE seq IN (SELECT seq FROM events WHERE feed <> 3) ORDER BY seq, num",
		"SELECT * FROM summaries",
		"SELECT * FROM forwards",
		"SELECT feed, heard, silent_since, muted_until FROM progress WHERE feed <> 3 ORDER BY feed",
	},
	7: {
		"SELECT num, position FROM feeds WHERE id IS NOT NULL ORDER BY num",
		"SELECT * FROM deleted ORDER BY feed, seq",
		"SELECT * FROM activity WHERE feed <> 3 ORDER BY feed, hour",
	},
}

// A database that was used with any older schema, and all before it, holds
// after the upgrade what it held, is found by search, resumes, and notifies
// nothing twice.
func TestDatabasesOfEverySchema(t *testing.T) {
	for version := 1; version <= len(schemas()); version++ {
		t.Run(fmt.Sprint(version), func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "bellwire.db")
			conn := usedThrough(t, path, version)
			was := map[string][]string{}
			for v := 1; v <= version; v++ {
				for _, query := range tables[v] {
					was[query] = dump(t, connQuerier{t, conn}, query)
				}
			}
			if err := conn.Close(); err != nil {
				t.Fatal(err)
			}
			db, err := Open(t.Context(), path, Options{Program: "1.0.0"})
			if err != nil {
				t.Fatal(err)
			}
			defer db.Close()
			for query, want := range was {
				if strings.Contains(query, "feeds WHERE id") || strings.Contains(query, "cadence") { // with that of Bellwire's own notices
					want = withoutNotices(want)
				}
				got := dump(t, db.readers, query)
				if strings.Contains(query, "feeds WHERE id") || strings.Contains(query, "cadence") {
					got = withoutNotices(got)
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("%s:\n%s", query, diff)
				}
			}
			wantUsable(t, db, version)
			checkIntegrity(t, db)
		})
	}
}

// withoutNotices leaves out the feed with number 0.
func withoutNotices(lines []string) (out []string) {
	for _, line := range lines {
		if !strings.HasPrefix(line, `['\x00'`) {
			out = append(out, line)
		}
	}
	return out
}

// connQuerier asks one connection.
type connQuerier struct {
	t    *testing.T
	conn *sql.Conn
}

func (c connQuerier) Query(query string, args ...any) (*sql.Rows, error) {
	return c.conn.QueryContext(c.t.Context(), query, args...)
}

// wantUsable goes on with what usedThrough has made.
func wantUsable(t *testing.T, db *DB, version int) {
	t.Helper()
	for v, word := range []string{"schemaone", "schematwo", "", "schemafour", "schemafive", "schemasix"} {
		want := []int{5, 1, 0, 1, 3, 1}[v]
		if v >= version {
			want = 0
		}
		if word == "" {
			continue
		}
		if got := len(searchAll(t, db, Query{Text: word, Limit: 50}, 0)); got != want {
			t.Errorf("%d rows with %q instead of %d", got, word, want)
		}
	}
	p, err := db.Position(t.Context(), "alpha")
	if err != nil || p.Cursor != "cursor of alpha" {
		t.Errorf("alpha stands at %+v, %v", p, err)
	}
	// What the server sends again is known, also what was deleted.
	again := batch("alpha", "key a1", "key a2")
	keys := []string{"a1", "a2"}
	if version >= 7 {
		again, keys = batch("alpha", "x", "y", "z"), append(keys, "a35")
	}
	for i := range again.Events {
		again.Events[i].DedupeKey = keys[i]
	}
	in, err := db.Ingest(t.Context(), again)
	if err != nil || in.Inserted != 0 {
		t.Errorf("of what was there %+v was taken as new, %v", in, err)
	}
	owed, err := db.Owed(t.Context())
	want := int64(1)
	for _, from := range []int{2, 5, 6} { // a held one counts
		if version >= from {
			want++
		}
	}
	if err != nil || owed != want {
		t.Errorf("%d notifications are owed instead of %d, %v", owed, want, err)
	}
	steps := dump(t, db.readers, "SELECT seq, step, detail FROM delivery WHERE seq IN (1, 3) ORDER BY seq")
	if diff := cmp.Diff([]string{`['\x01' "shown" ""]`, `['\x03' "failed" "no notification service"]`}, steps); diff != "" {
		t.Errorf("what became of the first rows:\n%s", diff)
	}
	if err := errors.Join(err, db.SetSetting(t.Context(), "custom", "new")); err != nil {
		t.Error(err)
	}
}
