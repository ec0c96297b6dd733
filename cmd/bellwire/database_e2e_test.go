//go:build linux

package main

import (
	"database/sql"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	_ "modernc.org/sqlite"
)

// usedDatabase makes a database that was used with every schema up to the
// given one, whose feed alpha has the given address.
func usedDatabase(t *testing.T, path string, version int, address string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	scripts, err := filepath.Glob("../../storage/migrations/*.sql")
	if err != nil || len(scripts) < version {
		t.Fatal(scripts, err)
	}
	for v, name := range scripts[:version] {
		for _, name := range []string{name, fmt.Sprintf("../../storage/testdata/used/%d.sql", v+1)} {
			script, err := os.ReadFile(name)
			if err == nil {
				_, err = db.Exec(strings.ReplaceAll(string(script), "https://example.org/a", address))
			}
			if err != nil {
				t.Fatal(name, err)
			}
		}
		if _, err := db.Exec(fmt.Sprintf("PRAGMA user_version = %d", v+1)); err != nil {
			t.Fatal(err)
		}
	}
}

// The daemon goes on with a database of an older version: feeds resume where
// they were, and nobody is told anything twice.
func TestGoingOnWithADatabaseOfAnOlderVersion(t *testing.T) {
	for _, version := range []int{1, 4, 6} {
		t.Run(fmt.Sprint(version), func(t *testing.T) {
			resumed := make(chan string, 100)
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				resumed <- r.Header.Get("Last-Event-ID")
				w.Header().Set("Content-Type", "text/event-stream")
				fmt.Fprint(w, "id: a2\ndata: plain\n\nid: new\ndata: after the upgrade\n\n")
				w.(http.Flusher).Flush()
				<-r.Context().Done()
			}))
			defer server.Close()
			p := newProgram(t)
			defer p.stop(syscall.SIGTERM) // or the server waits for it
			usedDatabase(t, filepath.Join(p.dir, "bellwire.db"), version, server.URL)
			p.start("--notifier", "terminal")
			if got := <-resumed; got != "cursor of alpha" {
				t.Errorf("alpha resumed from %q", got)
			}
			p.awaitPolled(func() bool { return strings.Contains(p.said(), "after the upgrade") }, "the new event to be told")
			if said := p.said(); strings.Count(said, "schemaone owed") != 1 || strings.Contains(said, "schemaone shown") || strings.Contains(said, "schemaone failed") {
				t.Errorf("it has told:\n%s", said)
			}
			if rows := p.run("history", "schemaone", "--limit", "0"); strings.Count(rows, "schemaone") != 5 {
				t.Errorf("history has\n%s", rows)
			}
			p.stop(syscall.SIGTERM)
			p.start("--notifier", "terminal")
			if got := <-resumed; got != "new" {
				t.Errorf("then alpha resumed from %q", got)
			}
			if said := p.said(); strings.Count(said, "schemaone owed") != 1 || strings.Count(said, "upgrading the database") != 1 {
				t.Errorf("it has told:\n%s", said)
			}
		})
	}
}

// An older version refuses a newer database in words that help, and the words
// lead back to the backup.
func TestANewerDatabaseIsRefusedWithAWayBack(t *testing.T) {
	p := newProgram(t)
	path := filepath.Join(p.dir, "bellwire.db")
	usedDatabase(t, path, 5, "http://127.0.0.1:1")
	p.start("--notifier", "none")
	p.run("quit")
	p.stop(syscall.SIGTERM)
	db, err := sql.Open("sqlite", path)
	if err == nil {
		_, err = db.Exec("UPDATE settings SET value = '9.1.0' WHERE key = 'program'; PRAGMA user_version = 99")
	}
	if err == nil {
		err = db.Close()
	}
	before, read := os.ReadFile(path)
	if err != nil || read != nil {
		t.Fatal(err, read)
	}
	cmd := exec.Command(p.bin, "run", "--headless")
	cmd.Env = p.env
	out, err := cmd.CombinedOutput()
	_, hint, found := strings.Cut(string(out), "hint: Install Bellwire 9.1.0 or newer; or go back to what was before the upgrade: bellwire restore ")
	if err == nil || !found || !strings.Contains(string(out), "written by a newer version of Bellwire: its schema is 99") {
		t.Fatalf("%v, %s", err, out)
	}
	if after, err := os.ReadFile(path); err != nil || string(after) != string(before) {
		t.Error("something was written", err)
	}
	if _, err := os.Stat(path + "-wal"); err == nil {
		t.Error("a log was made")
	}
	if said := p.run("restore", strings.Trim(hint, "\"\n")); !strings.Contains(said, "of 2 feeds") {
		t.Error(said)
	}
	p.start("--notifier", "none")
}
