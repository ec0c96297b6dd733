package storage

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"bellwire/subscriptions"
)

// Damage is told apart from a disk that is full: space does not help it.
func TestDamageHasItsOwnCode(t *testing.T) {
	path := filepath.Join(t.TempDir(), "bellwire.db")
	if err := os.WriteFile(path, bytes.Repeat([]byte("damage"), 2000), 0o600); err != nil {
		t.Fatal(err)
	}
	_, glanced := Glance(t.Context(), path)
	for name, err := range map[string]error{"read": glanced, "emptied": failure(errEmptied)} {
		e, ok := errors.AsType[*subscriptions.Error](err)
		if !ok || e.Code != subscriptions.CodeDamaged || !strings.Contains(e.Hint(), "bellwire doctor") || strings.Contains(e.Hint(), "Free some") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Of a database with pages of nonsense everything else is saved, at any
// schema, and what is saved is a sound database.
func TestSalvage(t *testing.T) {
	for _, version := range []int{3, 5, len(schemas())} {
		for _, broken := range []int{0, 1, 7} {
			t.Run(fmt.Sprint(version, " with ", broken), func(t *testing.T) {
				dir := t.TempDir()
				path, to := filepath.Join(dir, "bellwire.db"), filepath.Join(dir, "saved.db")
				conn := older(t, path, version)
				for _, script := range []string{
					`INSERT INTO feeds (num, id, definition) VALUES (1, 'alpha', '{"id":"alpha"}')`,
					`WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 4000)
						INSERT INTO events (seq, feed, read, owed, priority, received, kind, dedupe_key, message_id, type, title, link, body, raw)
						SELECT n * 3, 1, 0, n % 2, 3, unixepoch() * 1000000, 'event', 'key ' || n, '', '', 'title ' || n, '', '', hex(randomblob(80)) FROM n`,
					`INSERT INTO progress (feed, cursor, events, unread, owed, last_seq) VALUES (1, 'here', 4000, 4000, 2000, 15000)`,
				} {
					if _, err := conn.ExecContext(t.Context(), script); err != nil {
						t.Fatal(err)
					}
				}
				if err := conn.Close(); err != nil {
					t.Fatal(err)
				}
				b, err := os.ReadFile(path)
				if err != nil {
					t.Fatal(err)
				}
				for i := range broken { // behind the pages that every table begins with
					copy(b[len(b)/2+i*20*4096&^4095:], bytes.Repeat([]byte("damage"), 600))
				}
				if err := os.WriteFile(path, b, 0o600); err != nil {
					t.Fatal(err)
				}
				if report, err := Check(t.Context(), path); err != nil || (len(report.Damage) > 0) != (broken > 0) {
					t.Fatalf("%+v, %v", report, err)
				}
				c, err := Salvage(t.Context(), path, to)
				if err != nil || c.Feeds != 1 || c.Schema != version || broken == 0 && c.Events != 4000 || c.Events < 3000 {
					t.Fatalf("%+v, %v", c, err)
				}
				t.Log(c.Events)
				after, err := os.ReadFile(path)
				if err != nil || !bytes.Equal(b, after) {
					t.Error("the damaged file has changed", err)
				}
				if _, err := Salvage(t.Context(), path, to); err == nil {
					t.Error("a file was replaced")
				}
				if _, _, err := Restore(t.Context(), to, path); err != nil {
					t.Fatal(err)
				}
				db, err := Open(t.Context(), path, Options{})
				if err != nil {
					t.Fatal(err)
				}
				defer db.Close()
				p, err := db.Position(t.Context(), "alpha")
				if err != nil || p.Cursor != "here" {
					t.Errorf("%+v, %v", p, err)
				}
				in, err := db.Ingest(t.Context(), batch("alpha", "new"))
				if err != nil || in.LastSeq != 15001 {
					t.Errorf("%+v, %v", in, err)
				}
				if got := len(searchAll(t, db, Query{Text: "title", Limit: 500}, 0)); int64(got) != c.Events {
					t.Errorf("%d of %d rows are found", got, c.Events)
				}
				checkIntegrity(t, db)
			})
		}
	}
}
