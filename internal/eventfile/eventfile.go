// Package eventfile writes rows of history as files: JSON, and CSV for
// spreadsheets.
//
// It takes one event after the other and keeps none, so that a year of history
// can be written. It must not know where they come from.
package eventfile

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"strconv"
	"strings"
	"time"

	"bellwire/subscriptions"
)

// A Format is how events are written.
type Format string

const (
	JSON  Format = "json"  // one array
	Lines Format = "jsonl" // one object a line (JSON Lines)
	// CSV is RFC 4180 in UTF-8, with a line of names first. A cell that a
	// spreadsheet would take for a formula begins with an apostrophe.
	CSV Format = "csv"
	// CSVWithMark is [CSV] with a byte order mark, by which spreadsheets know
	// that it is UTF-8.
	CSVWithMark Format = "csv+bom"
)

// Formats are all there are.
var Formats = []Format{JSON, Lines, CSV, CSVWithMark}

// mark is the byte order mark in UTF-8.
const mark = "\xef\xbb\xbf"

// Columns are the names in the first line of [CSV]. Times are RFC 3339 in
// UTC, tags are separated by commas.
var Columns = []string{"seq", "feed", "kind", "received", "time", "priority", "title", "body", "link", "tags", "group", "type", "message_id", "icon", "image", "read", "warning", "raw"}

// Write writes events until they end, and tells how many. An error of theirs
// ends it; what was written by then stays, and is not whole.
func Write(w io.Writer, f Format, events iter.Seq2[subscriptions.Event, error]) (n int, err error) {
	b := bufio.NewWriterSize(w, 64<<10)
	out, err := newEncoder(b, f)
	if err != nil {
		return 0, err
	}
	for e, err := range events {
		if err == nil {
			err = out.event(e, n)
		}
		if err != nil {
			return n, err
		}
		n++
	}
	if err := out.end(n); err != nil {
		return n, err
	}
	return n, b.Flush()
}

// An encoder writes one format.
type encoder interface {
	event(e subscriptions.Event, before int) error
	end(n int) error
}

func newEncoder(b *bufio.Writer, f Format) (encoder, error) {
	switch f {
	case JSON:
		a := &array{Writer: b}
		a.enc = plain(&a.one)
		return a, nil
	case Lines:
		return lines{plain(b)}, nil
	case CSVWithMark, CSV:
		if f == CSVWithMark {
			if _, err := b.WriteString(mark); err != nil {
				return nil, err
			}
		}
		t := &table{csv.NewWriter(b)}
		t.UseCRLF = true // RFC 4180 §2.1
		return t, t.Write(Columns)
	}
	return nil, fmt.Errorf("there is no format %q", f)
}

// plain leaves < and > as they are: this is no page.
func plain(w io.Writer) *json.Encoder {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	return enc
}

type lines struct{ *json.Encoder }

func (l lines) event(e subscriptions.Event, _ int) error { return l.Encode(e) }
func (l lines) end(int) error                            { return nil }

type array struct {
	*bufio.Writer
	one bytes.Buffer
	enc *json.Encoder // into one
}

func (a *array) event(e subscriptions.Event, before int) error {
	a.one.Reset()
	if err := a.enc.Encode(e); err != nil {
		return err
	}
	between := "[\n"
	if before > 0 {
		between = ",\n"
	}
	if _, err := a.WriteString(between); err != nil {
		return err
	}
	_, err := a.Write(bytes.TrimSuffix(a.one.Bytes(), []byte("\n")))
	return err
}

func (a *array) end(n int) error {
	end := "\n]\n"
	if n == 0 {
		end = "[]\n"
	}
	_, err := a.WriteString(end)
	return err
}

type table struct{ *csv.Writer }

func (t *table) event(e subscriptions.Event, _ int) error {
	return t.Write([]string{
		strconv.FormatInt(e.Seq, 10), cell(e.Feed), cell(string(e.Kind)), stamp(e.Received), stamp(e.Time), strconv.Itoa(e.Priority),
		cell(e.Title), cell(e.Body), cell(e.Link), cell(strings.Join(e.Tags, ",")), cell(e.Group), cell(e.Type), cell(e.MessageID),
		cell(e.Icon), cell(e.Image), strconv.FormatBool(e.Read), cell(e.Warning), cell(e.Raw),
	})
}

func (t *table) end(int) error {
	t.Flush()
	return t.Error()
}

// stamp is a time, or nothing.
func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339Nano)
}

// cell is s as a spreadsheet may see it: one that begins like a formula would
// be run there, with what a server sent
// (https://owasp.org/www-community/attacks/CSV_Injection).
func cell(s string) string {
	// encoding/csv writes a NUL as it is, and readers end there.
	s = strings.ReplaceAll(s, "\x00", "\uFFFD")
	if s != "" && strings.ContainsRune("=+-@\t\r\n", rune(s[0])) || fullWidth(s) {
		return "'" + s
	}
	return s
}

// fullWidth reports whether s begins like a formula in the wide letters that
// East Asian spreadsheets take for the narrow ones.
func fullWidth(s string) bool {
	for _, c := range []string{"＝", "＋", "－", "＠"} {
		if strings.HasPrefix(s, c) {
			return true
		}
	}
	return false
}
