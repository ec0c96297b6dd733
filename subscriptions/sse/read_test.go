package sse_test

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"bellwire/subscriptions"
	"bellwire/subscriptions/sse"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// pieces is a reader of one piece a Read; then io.EOF.
type pieces [][]byte

func (p *pieces) Read(b []byte) (int, error) {
	if len(*p) == 0 {
		return 0, io.EOF
	}
	n := copy(b, (*p)[0])
	if (*p)[0] = (*p)[0][n:]; len((*p)[0]) == 0 {
		*p = (*p)[1:]
	}
	return n, nil
}

// reading is all that was read of a stream.
type reading struct {
	Messages []subscriptions.Message
	Retries  []time.Duration
	Life     []subscriptions.LifeKind
	Err      error
}

func readAll(r io.Reader, o sse.ReadOptions) reading {
	var got reading
	o.Alive = func(l subscriptions.Life) { got.Life = append(got.Life, l.Kind) }
	o.Retry = func(d time.Duration) { got.Retries = append(got.Retries, d) }
	for m, err := range sse.Read(r, o) {
		if err != nil {
			got.Err = err
			break
		}
		got.Messages = append(got.Messages, m)
	}
	return got
}

var ignoreReceived = cmpopts.IgnoreFields(subscriptions.Message{}, "Received")

// The standard's own words on what a message carries.
func TestMessages(t *testing.T) {
	type message = subscriptions.Message
	for _, tc := range []struct {
		name, stream, cursor string
		want                 []message
	}{
		{
			"an id belongs to its own block, the cursor to all after it", "id: 1\ndata: a\n\ndata: b\n\n", "",
			[]message{{ID: "1", Cursor: "1", Type: "message", Data: "a"}, {Cursor: "1", Type: "message", Data: "b"}},
		},
		{
			"before the first id the cursor is where the stream started", "data: a\n\nid: 8\ndata: b\n\n", "7",
			[]message{{Cursor: "7", Type: "message", Data: "a"}, {ID: "8", Cursor: "8", Type: "message", Data: "b"}},
		},
		{
			"an empty id resets the cursor", "id:\ndata: a\n\ndata: b\n\n", "7",
			[]message{{Type: "message", Data: "a"}, {Type: "message", Data: "b"}},
		},
		{
			"an id alone moves the cursor and shows nothing", "id: 5\n\n", "4",
			[]message{{ID: "5", Cursor: "5", Type: "message", CursorOnly: true}},
		},
		{
			"an empty id alone", "id\n\n", "4",
			[]message{{Type: "message", CursorOnly: true}},
		},
		{
			"an id with a NUL is none", "id: a\x00\n\nid: \x00\ndata: x\n\n", "4",
			[]message{{Cursor: "4", Type: "message", Data: "x"}},
		},
		{
			"empty data is a message", "id: 5\ndata\n\n", "",
			[]message{{ID: "5", Cursor: "5", Type: "message"}},
		},
		{
			"the last of several ids", "id: 5\nid: 6\nid: 7\x00\ndata: x\n\n", "",
			[]message{{ID: "6", Cursor: "6", Type: "message", Data: "x"}},
		},
		{
			"an unfinished event has no id", "id: 5\ndata: x\n", "4", nil,
		},
		{
			"ill-formed UTF-8, one replacement for each maximal part", "id: \xff\xfe\nevent: \xe2\x82\ndata: \xf0\x90\x80\xed\xa0\x80\n\n", "",
			[]message{{ID: "\ufffd\ufffd", Cursor: "\ufffd\ufffd", Type: "\ufffd", Data: "\ufffd\ufffd\ufffd\ufffd"}},
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := readAll(strings.NewReader(tc.stream), sse.ReadOptions{Cursor: tc.cursor})
			if d := cmp.Diff(tc.want, got.Messages, ignoreReceived); d != "" {
				t.Error(d)
			}
			for _, m := range got.Messages {
				if m.Received.IsZero() {
					t.Error("not told when it was received")
				}
			}
		})
	}
}

// Every way in which up to four bytes can be well-formed or not.
func TestIllFormedUTF8(t *testing.T) {
	edges := []byte("a\x7f\x80\x8f\x90\x9f\xa0\xbf\xc1\xc2\xdf\xe0\xe1\xed\xef\xf0\xf1\xf4\xf5\xff")
	var stream []byte
	for _, a := range edges {
		for _, b := range edges {
			for _, c := range edges {
				for _, d := range []byte("a\x80\xff") {
					stream = append(stream, "data:"...)
					stream = append(stream, a, b, c, d, '\n', '\n')
				}
			}
		}
	}
	want, _ := reference(stream, 1<<20)
	got := readAll(bytes.NewReader(stream), sse.ReadOptions{})
	if d := cmp.Diff(want, got.Messages, ignoreReceived); d != "" {
		t.Error(d)
	}
}

// wall blocks for ever where its pieces end: reading on is a failure.
type wall struct {
	pieces
	t *testing.T
}

func (w *wall) Read(b []byte) (int, error) {
	if len(w.pieces) == 0 {
		w.t.Error("waited for another byte")
		return 0, io.EOF
	}
	return w.pieces.Read(b)
}

func TestAnEventIsDispatchedWithItsLastByte(t *testing.T) {
	for _, stream := range []string{"data: x\n\n", "data: x\r\r", "data: x\r\n\r", "data: x\r\n\n", "data: x\n\r"} {
		for m, err := range sse.Read(&wall{pieces{[]byte(stream)}, t}, sse.ReadOptions{}) {
			if err != nil || m.Data != "x" {
				t.Errorf("%q: %v, %v", stream, m, err)
			}
			break
		}
	}
}

func TestLife(t *testing.T) {
	const data, keepAlive = subscriptions.LifeData, subscriptions.LifeKeepAlive
	for _, tc := range []struct {
		name   string
		pieces []string
		want   []subscriptions.LifeKind
	}{
		{"a comment", []string{":\n\n"}, []subscriptions.LifeKind{keepAlive}},
		{"a comment without a blank line, again and again", []string{":ping\n", ":ping\n"}, []subscriptions.LifeKind{keepAlive, keepAlive}},
		{"an event without data", []string{"event: ping\n\n"}, []subscriptions.LifeKind{keepAlive}},
		{"an event", []string{"data: x\n\n"}, []subscriptions.LifeKind{data}},
		{"two events in one read count once", []string{"data: x\n\ndata: y\n\n"}, []subscriptions.LifeKind{data}},
		{"an event in three reads counts three times", []string{"da", "ta: x\n", "\n"}, []subscriptions.LifeKind{data, data, data}},
		{"a comment of an event's is none of its own", []string{":padding\ndata: x\n\n"}, []subscriptions.LifeKind{data}},
		{"nor behind it", []string{"data: x\n\n:\n\n", ":\n\n"}, []subscriptions.LifeKind{data, keepAlive}},
		{"a moved position", []string{"id: 5\n\n"}, []subscriptions.LifeKind{data}},
		{"blank lines", []string{"\n", "\n"}, []subscriptions.LifeKind{data, data}},
		{"the rest of a comment", []string{":aa", "aa\n"}, []subscriptions.LifeKind{keepAlive, data}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var p pieces
			for _, s := range tc.pieces {
				p = append(p, []byte(s))
			}
			if d := cmp.Diff(tc.want, readAll(&p, sse.ReadOptions{}).Life); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestRetryIsToldBeforeItsEventEnds(t *testing.T) {
	got := readAll(strings.NewReader("retry: 1500\ndata: unfinished\n"), sse.ReadOptions{})
	if d := cmp.Diff([]time.Duration{1500 * time.Millisecond}, got.Retries); d != "" {
		t.Error(d)
	}
}

func TestReadError(t *testing.T) {
	broken := errors.New("broken")
	got := readAll(io.MultiReader(strings.NewReader("data: a\n\ndata: b\n"), iotest.ErrReader(broken)), sse.ReadOptions{})
	if len(got.Messages) != 1 || !errors.Is(got.Err, broken) {
		t.Errorf("got %v, %v", got.Messages, got.Err)
	}
	// The same right behind an event so large that its buffers are let go.
	large := "data: " + strings.Repeat("x", 200<<10) + "\n\n"
	got = readAll(io.MultiReader(strings.NewReader(large), iotest.ErrReader(broken)), sse.ReadOptions{})
	if len(got.Messages) != 1 || !errors.Is(got.Err, broken) {
		t.Errorf("got %d messages, %v", len(got.Messages), got.Err)
	}
	got = readAll(readerFunc(func([]byte) (int, error) { return 0, nil }), sse.ReadOptions{})
	if !errors.Is(got.Err, io.ErrNoProgress) {
		t.Errorf("got %v", got.Err)
	}
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(b []byte) (int, error) { return f(b) }

func TestALoopMayStop(t *testing.T) {
	for range sse.Read(strings.NewReader("data: a\n\ndata: b\n\n"), sse.ReadOptions{}) {
		break
	}
}
