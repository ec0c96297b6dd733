package eventfile

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"bellwire/subscriptions"

	"github.com/google/go-cmp/cmp"
)

func all(events ...subscriptions.Event) iter.Seq2[subscriptions.Event, error] {
	return func(yield func(subscriptions.Event, error) bool) {
		for _, e := range events {
			if !yield(e, nil) {
				return
			}
		}
	}
}

// failing is one event and then an error.
func failing(err error) iter.Seq2[subscriptions.Event, error] {
	return func(yield func(subscriptions.Event, error) bool) {
		_ = yield(subscriptions.Event{Seq: 1}, nil) && yield(subscriptions.Event{}, err)
	}
}

var events = []subscriptions.Event{
	{
		Seq: 7, Feed: "ci", Kind: subscriptions.KindEvent, MessageID: "m", Type: "message", Title: `He said "no", twice`, Body: "<two>\nlines", Link: "https://x/",
		Priority: 4, Tags: []string{"a", "b"}, Group: "g", Received: time.Date(2026, 3, 4, 5, 6, 7, 8000, time.UTC), Raw: `{"x":1}`, Read: true,
	},
	{Seq: 8, Feed: "ci", Kind: subscriptions.KindEvent, Title: "北京 👋", Priority: 3, Received: time.Date(2026, 3, 4, 6, 6, 7, 0, time.FixedZone("", 3600)), Raw: ""},
}

func write(t *testing.T, f Format, events ...subscriptions.Event) string {
	t.Helper()
	var b bytes.Buffer
	if n, err := Write(&b, f, all(events...)); n != len(events) || err != nil {
		t.Fatalf("%d events, %v", n, err)
	}
	return b.String()
}

func TestJSON(t *testing.T) {
	var back []subscriptions.Event
	if err := json.Unmarshal([]byte(write(t, JSON, events...)), &back); err != nil {
		t.Fatal(err)
	}
	var lines []subscriptions.Event
	for line := range strings.Lines(write(t, Lines, events...)) {
		var e subscriptions.Event
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			t.Fatal(err)
		}
		lines = append(lines, e)
	}
	for name, got := range map[string][]subscriptions.Event{"array": back, "lines": lines} {
		if d := cmp.Diff(events, got); d != "" {
			t.Errorf("%s: %s", name, d)
		}
	}
	if !strings.Contains(write(t, Lines, events...), "<two>") || !strings.Contains(write(t, JSON, events...), "<two>") {
		t.Error("it is written as for a page")
	}
	if got := write(t, JSON); got != "[]\n" {
		t.Errorf("nothing is %q", got)
	}
	if got := write(t, Lines); got != "" {
		t.Errorf("nothing is %q", got)
	}
}

func TestCSV(t *testing.T) {
	want := "seq,feed,kind,received,time,priority,title,body,link,tags,group,type,message_id,icon,image,read,warning,raw\r\n" +
		"7,ci,event,2026-03-04T05:06:07.000008Z,,4,\"He said \"\"no\"\", twice\",\"<two>\r\nlines\",https://x/,\"a,b\",g,message,m,,,true,,\"{\"\"x\"\":1}\"\r\n" +
		"8,ci,event,2026-03-04T05:06:07Z,,3,北京 👋,,,,,,,,,false,,\r\n"
	if d := cmp.Diff(want, write(t, CSV, events...)); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff(mark+want, write(t, CSVWithMark, events...)); d != "" {
		t.Error(d)
	}
	rows, err := csv.NewReader(strings.NewReader(write(t, CSV, events...))).ReadAll()
	if err != nil || len(rows) != 3 || len(rows[1]) != len(Columns) {
		t.Errorf("%d rows, %v", len(rows), err)
	}
}

// What a server sends is never a formula.
func TestFormulas(t *testing.T) {
	for text, guarded := range map[string]bool{
		"=1+1": true, "+1": true, "-1": true, "@SUM(A1)": true, "\t=1": true, "\r=1": true, "\n=1": true, "＝1": true,
		"": false, "1=1": false, " =1": false, "'=1": false, "plain": false,
	} {
		e := subscriptions.Event{
			Feed: text, Kind: subscriptions.EventKind(text), Title: text, Body: text, Link: text, Tags: []string{text}, Group: text, Type: text,
			MessageID: text, Icon: text, Image: text, Warning: text, Raw: text,
		}
		rows, err := csv.NewReader(strings.NewReader(write(t, CSV, e))).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		for i, got := range rows[1] {
			switch Columns[i] {
			case "seq", "received", "time", "priority", "read":
				continue
			}
			want := text
			if guarded {
				want = "'" + text
			}
			want = strings.ReplaceAll(want, "\r", "") // csv reads line ends so
			if got = strings.ReplaceAll(got, "\r", ""); got != want {
				t.Errorf("%s: %q is %q", Columns[i], text, got)
			}
		}
	}
}

func TestWriteFails(t *testing.T) {
	broken := errors.New("broken")
	for _, f := range Formats {
		var b bytes.Buffer
		if n, err := Write(&b, f, failing(broken)); n != 1 || !errors.Is(err, broken) {
			t.Errorf("%s: %d, %v", f, n, err)
		}
		if _, err := Write(full{}, f, all(events...)); !errors.Is(err, errFull) {
			t.Errorf("%s to a full disk: %v", f, err)
		}
	}
	if _, err := Write(&bytes.Buffer{}, "xml", all()); err == nil {
		t.Error("there is a format xml")
	}
}

var errFull = errors.New("full")

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errFull }

func TestWriteFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "events.csv")
	if _, err := WriteFile(path, CSV, false, failing(errFull)); !errors.Is(err, errFull) {
		t.Error(err)
	}
	if left, err := os.ReadDir(dir); len(left) != 0 || err != nil {
		t.Errorf("half a file is left: %v, %v", left, err)
	}
	if n, err := WriteFile(path, CSV, false, all(events...)); n != 2 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
	if _, err := WriteFile(path, CSV, false, all()); !errors.Is(err, fs.ErrExist) {
		t.Errorf("it was replaced: %v", err)
	}
	if _, err := WriteFile(path, Lines, true, all(events[1])); err != nil {
		t.Error(err)
	}
	b, err := os.ReadFile(path)
	if err != nil || strings.Count(string(b), "\n") != 1 {
		t.Errorf("%q, %v", b, err)
	}
	if info, err := os.Stat(path); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
}
