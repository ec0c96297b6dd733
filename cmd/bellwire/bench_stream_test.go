//go:build linux

package main

import (
	"bufio"
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"io"
	"net/url"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"bellwire/subscriptions"
)

// streamEvents is how many events one measurement of [BenchmarkStream] takes.
const streamEvents = 200_000

// BenchmarkStream is how many events a second come from one feed into history.
// A server of its own process has them ready, of about 250 bytes on the wire
// each, and sends them as fast as they are read. The clock runs from its first
// byte:
//
//   - by=bellwire: the released daemon without a desktop and without
//     notifications, until the last event is committed (synchronous=FULL) with
//     its outcome (nobody is told, and why) and the cursor. Its full-text index
//     is built when the storm is over, or while it is too far behind;
//     events/s-searchable is the rate until that is whole, and rows-behind how
//     far it was behind when the last event was committed.
//   - by=curl: the same bytes through curl -sN to /dev/null. It reads no events.
//   - by=library: go-sse's client, or coder/websocket, in a process of its own.
//     It reads each event and forgets it.
//   - by=sqlite: the rows that Bellwire has just made, with the same SQLite and
//     the same pragmas, in transactions of the same sizes (as seen from
//     outside: how far history had come, looked at every 2 ms; Bellwire commits
//     what has arrived while the transaction before it went on). One prepared
//     INSERT a row into one table of the same columns with its one unique
//     index, that of the dedupe keys: no other index, no search, no outbox, no
//     counters, no cursor, and nothing to read or to understand.
//
// The two feeds are told apart by transport: events of the event stream have
// an id of the stream's, those of the WebSocket one in their payload.
func BenchmarkStream(b *testing.B) {
	var made *streamed // by Bellwire's last run
	for _, transport := range []string{"sse", "websocket"} {
		b.Run("by=bellwire/transport="+transport, func(b *testing.B) {
			for range b.N {
				made = streamToBellwire(b, transport)
			}
		})
	}
	b.Run("by=curl/transport=sse", func(b *testing.B) {
		for range b.N {
			l := startLoad(b)
			cmd := exec.Command("curl", "-sN", l.url("http", "sse")+"?end")
			if err := cmd.Start(); err != nil { // with no output: /dev/null
				b.Fatal(err)
			}
			l.await("open")
			first := l.release()
			if err := cmd.Wait(); err != nil {
				b.Fatal(err)
			}
			reportRate(b, time.Since(first))
		}
	})
	for _, transport := range []string{"sse", "websocket"} {
		b.Run("by=library/transport="+transport, func(b *testing.B) {
			for range b.N {
				streamToLibrary(b, transport)
			}
		})
	}
	b.Run("by=sqlite", func(b *testing.B) {
		for range b.N {
			if made == nil {
				made = streamToBellwire(b, "sse")
			}
			insertBare(b, made)
		}
	})
}

func reportRate(b *testing.B, took time.Duration) {
	b.ReportMetric(streamEvents/took.Seconds(), "events/s")
	b.ReportMetric(0, "ns/op")
}

// streamLoad is the program in testdata/bench/stream, built once.
var streamLoad = sync.OnceValues(func() (string, error) {
	return goBuild("stream", "./testdata/bench/stream", nil, "CGO_ENABLED=0")
})

// A load is the server of [BenchmarkStream].
type load struct {
	b    *testing.B
	bin  string
	in   io.WriteCloser
	out  *bufio.Scanner
	addr string
}

func startLoad(b *testing.B) *load {
	b.Helper()
	bin, err := streamLoad()
	if err != nil {
		b.Fatal(err)
	}
	cmd := exec.Command(bin, "serve", strconv.Itoa(streamEvents))
	l := &load{b: b, bin: bin}
	if l.in, err = cmd.StdinPipe(); err != nil {
		b.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	l.out = bufio.NewScanner(out)
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		l.in.Close() // it ends then
		_ = cmd.Wait()
	})
	l.addr = l.await("at")
	return l
}

func (l *load) url(scheme, transport string) string {
	return scheme + "://" + l.addr + "/" + transport
}

// await waits until the server says a word and returns what follows it.
func (l *load) await(word string) string {
	l.b.Helper()
	for l.out.Scan() {
		if said, rest, _ := strings.Cut(l.out.Text(), " "); said == word {
			return rest
		}
	}
	l.b.Fatalf("the server ended before it said %q", word)
	return ""
}

// release lets the server send and returns when it began to.
func (l *load) release() time.Time {
	l.b.Helper()
	if _, err := io.WriteString(l.in, "go\n"); err != nil {
		l.b.Fatal(err)
	}
	return moment(l.b, l.await("first"))
}

// moment is a time as the program of the load writes it.
func moment(b *testing.B, text string) time.Time {
	b.Helper()
	ns, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		b.Fatal(err)
	}
	return time.Unix(0, ns)
}

func streamToLibrary(b *testing.B, transport string) {
	l := startLoad(b)
	library, scheme := "go-sse", "http"
	if transport == "websocket" {
		library, scheme = "coder-websocket", "ws"
	}
	cmd := exec.Command(l.bin, library, l.url(scheme, transport), strconv.Itoa(streamEvents))
	var out strings.Builder
	cmd.Stdout = &out
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	l.await("open")
	first := l.release()
	if err := cmd.Wait(); err != nil {
		b.Fatal(err)
	}
	_, done, _ := strings.Cut(strings.TrimSpace(out.String()), " ")
	reportRate(b, moment(b, done).Sub(first))
}

// A streamed is what Bellwire made of the events.
type streamed struct {
	schema  []string // of the table and its unique index
	columns []string
	rows    [][]any
	batches []int // how many rows were committed together
}

// streamToBellwire measures one run of the daemon.
func streamToBellwire(b *testing.B, transport string) *streamed {
	l := startLoad(b)
	p := newProgram(b)
	p.bin = releaseBinary(b, headlessBuild)
	p.start("--headless", "--notifier", "none")
	scheme, args := "http", []string{}
	if transport == "websocket" {
		scheme, args = "ws", []string{"--dedupe-field", "id"}
	}
	id := p.run(append([]string{"add", l.url(scheme, transport), "--transport", transport, "--name", "load"}, args...)...)
	p.awaitState(id, subscriptions.StateOpen)
	path := filepath.Join(p.dir, "bellwire.db")
	db := openToRead(b, path)
	pid := p.cmd.Process.Pid
	cpu := cpuTime(b, pid)
	first := l.release()

	made := &streamed{}
	committed := awaitCommitted(b, db, func(rows int) { made.batches = append(made.batches, rows) })
	used := cpuTime(b, pid) - cpu
	var behind int
	if err := db.QueryRow("SELECT ? - through FROM search_progress", streamEvents).Scan(&behind); err != nil {
		b.Fatal(err)
	}
	reportRate(b, committed.Sub(first))
	b.ReportMetric(used.Seconds()*1e6/streamEvents, "cpu-µs/event")
	b.ReportMetric(float64(statusField(b, fmt.Sprintf("/proc/%d/status", pid), "VmHWM"))/1024, "MB-peak-RSS")
	b.ReportMetric(float64(streamEvents)/float64(len(made.batches)), "events/commit")
	b.ReportMetric(float64(behind), "rows-behind")
	p.awaitPolled(func() bool {
		// The last few wait for more, or for a search.
		err := db.QueryRow("SELECT ? - through FROM search_progress", streamEvents).Scan(&behind)
		return err == nil && behind < 256
	}, "the search index to be whole")
	b.ReportMetric(streamEvents/time.Since(first).Seconds(), "events/s-searchable")
	p.stop(syscall.SIGTERM)
	made.read(b, db)
	if n := len(made.rows); n != streamEvents {
		b.Fatalf("%d rows of %d events", n, streamEvents)
	}
	return made
}

func openToRead(b *testing.B, path string) *sql.DB {
	b.Helper()
	db, err := sql.Open("sqlite", "file:"+path+"?mode=ro&_pragma=busy_timeout(5000)&_pragma=query_only(1)")
	if err != nil {
		b.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	b.Cleanup(func() { db.Close() })
	return db
}

// awaitCommitted waits until history has all events, and tells of every step
// by how many rows it grew.
func awaitCommitted(b *testing.B, db *sql.DB, grew func(rows int)) time.Time {
	b.Helper()
	ctx, cancel := context.WithTimeout(b.Context(), patience)
	defer cancel()
	look, err := db.PrepareContext(ctx, "SELECT max(last_seq) FROM progress")
	if err != nil {
		b.Fatal(err)
	}
	defer look.Close()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for known := 0; ; {
		var rows int
		if err := look.QueryRowContext(ctx).Scan(&rows); err != nil {
			b.Fatalf("waiting for %d rows, %d are there: %v", streamEvents, known, err)
		}
		now := time.Now()
		if rows > known {
			grew(rows - known)
			known = rows
		}
		if known >= streamEvents {
			return now
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			b.Fatalf("%d of %d rows came", known, streamEvents)
		}
	}
}

// read takes over the rows, for others to insert.
func (s *streamed) read(b *testing.B, db *sql.DB) {
	b.Helper()
	for _, name := range []string{"events", "events_key"} {
		var text string
		if err := db.QueryRow("SELECT sql FROM sqlite_schema WHERE name = ?", name).Scan(&text); err != nil {
			b.Fatal(err)
		}
		s.schema = append(s.schema, text)
	}
	rows, err := db.Query("SELECT * FROM events ORDER BY seq")
	if err != nil {
		b.Fatal(err)
	}
	defer rows.Close()
	if s.columns, err = rows.Columns(); err != nil {
		b.Fatal(err)
	}
	for rows.Next() {
		row := make([]any, len(s.columns))
		into := make([]any, len(row))
		for i := range row {
			into[i] = &row[i]
		}
		if err := rows.Scan(into...); err != nil {
			b.Fatal(err)
		}
		s.rows = append(s.rows, row)
	}
	if err := rows.Err(); err != nil {
		b.Fatal(err)
	}
}

// insertBare inserts the rows in the same batches.
func insertBare(b *testing.B, s *streamed) {
	query := url.Values{"_pragma": {
		"auto_vacuum(incremental)", "journal_mode(wal)", "synchronous(full)", "secure_delete(fast)", "temp_store(memory)",
		"mmap_size(0)", "cache_size(-8192)", "journal_size_limit(8388608)", "wal_autocheckpoint(4000)",
	}}
	db, err := sql.Open("sqlite", "file:"+filepath.Join(b.TempDir(), "bare.db")+"?"+query.Encode())
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	for _, text := range s.schema {
		if _, err := db.Exec(text); err != nil {
			b.Fatal(err)
		}
	}
	insert, err := db.Prepare(fmt.Sprintf("INSERT INTO events (%s) VALUES (?%s)", strings.Join(s.columns, ", "), strings.Repeat(", ?", len(s.columns)-1)))
	if err != nil {
		b.Fatal(err)
	}
	defer insert.Close()
	cpu := ownTime(b)
	begun, left := time.Now(), s.rows
	for _, n := range s.batches {
		tx, err := db.Begin()
		if err != nil {
			b.Fatal(err)
		}
		own := tx.Stmt(insert)
		for _, row := range left[:n] {
			if _, err := own.Exec(row...); err != nil {
				b.Fatal(err)
			}
		}
		left = left[n:]
		if err := cmp.Or(own.Close(), tx.Commit()); err != nil {
			b.Fatal(err)
		}
	}
	reportRate(b, time.Since(begun))
	b.ReportMetric((ownTime(b)-cpu).Seconds()*1e6/streamEvents, "cpu-µs/event")
	b.ReportMetric(float64(len(s.rows))/float64(len(s.batches)), "events/commit")
}

// ownTime is what this process has used of the processor.
func ownTime(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
