package sse_test

import (
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"bellwire/subscriptions"
	"bellwire/subscriptions/sse"

	"github.com/google/go-cmp/cmp"
)

func TestOversize(t *testing.T) {
	type message = subscriptions.Message
	x := func(n int) string { return strings.Repeat("x", n) }
	after := message{Cursor: "9", Type: "message", Data: "after"}
	for _, tc := range []struct {
		name, block string
		limit       int
		want        message
	}{
		{"at the limit", "id: 9\ndata: " + x(100), 100, message{ID: "9", Cursor: "9", Type: "message", Data: x(100)}},
		{"one above", "id: 9\ndata: " + x(101), 100, message{ID: "9", Cursor: "9", Type: "message", Oversize: 101}},
		{"one above, no space", "id: 9\ndata:" + x(101), 100, message{ID: "9", Cursor: "9", Type: "message", Oversize: 101}},
		{"many lines at the limit", "id: 9\ndata: " + x(49) + "\ndata: " + x(50), 100, message{ID: "9", Cursor: "9", Type: "message", Data: x(49) + "\n" + x(50)}},
		{"many lines above", "id: 9\ndata: " + x(50) + "\ndata: " + x(50), 100, message{ID: "9", Cursor: "9", Type: "message", Oversize: 101}},
		{"empty lines", "id: 9" + strings.Repeat("\ndata", 102), 100, message{ID: "9", Cursor: "9", Type: "message", Oversize: 101}},
		{"far above, id and type behind it", "data: " + x(1<<20) + "\nevent: big\nid: 9", 100, message{ID: "9", Cursor: "9", Type: "big", Oversize: 1 << 20}},
		{"replacements make it larger", "id: 9\ndata: " + strings.Repeat("\xff", 34), 100, message{ID: "9", Cursor: "9", Type: "message", Oversize: 102}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			stream := tc.block + "\n\ndata: after\n\n"
			for _, r := range []io.Reader{strings.NewReader(stream), iotest.OneByteReader(strings.NewReader(stream))} {
				got := readAll(r, sse.ReadOptions{MaxMessage: tc.limit})
				if d := cmp.Diff([]message{tc.want, after}, got.Messages, ignoreReceived); d != "" {
					t.Error(d)
				}
			}
		})
	}
}

func TestFieldsBeyondTheirBoundAreIgnored(t *testing.T) {
	long := strings.Repeat("x", 70<<10)
	for _, tc := range []struct {
		name, block string
		want        subscriptions.Message
	}{
		{"type", "event: " + long + "\nid: 9\ndata: a", subscriptions.Message{ID: "9", Cursor: "9", Type: "message", Data: "a"}},
		{"id", "id: " + long + "\nevent: b\ndata: a", subscriptions.Message{Cursor: "4", Type: "b", Data: "a"}},
		{"retry", "retry: " + long + "\nid: 9\ndata: a", subscriptions.Message{ID: "9", Cursor: "9", Type: "message", Data: "a"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := readAll(strings.NewReader(tc.block+"\n\n"), sse.ReadOptions{Cursor: "4"})
			if d := cmp.Diff([]subscriptions.Message{tc.want}, got.Messages, ignoreReceived); d != "" {
				t.Error(d)
			}
		})
	}
}

// A megabyte of the worst lines still is one message.
func TestTheLargestPayloads(t *testing.T) {
	for _, tc := range []struct{ name, line, value string }{
		{"one line", "", ""},
		{"empty lines", "data: ", ""},
		{"short lines", "data:a", "a"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			want, stream := strings.Repeat("x", subscriptions.DefaultMaxMessage), ""
			if tc.line == "" {
				stream = "data: " + want + "\n\n"
			} else {
				n := (subscriptions.DefaultMaxMessage + 1) / (len(tc.value) + 1)
				want = strings.TrimSuffix(strings.Repeat(tc.value+"\n", n), "\n")
				stream = strings.Repeat(tc.line+"\n", n) + "\n"
			}
			got := readAll(strings.NewReader(stream+stream), sse.ReadOptions{})
			if got.Err != nil || len(got.Messages) != 2 {
				t.Fatalf("%d messages, %v", len(got.Messages), got.Err)
			}
			for _, m := range got.Messages {
				if m.Oversize != 0 || m.Data != want {
					t.Errorf("oversize %d, %d bytes, want %d", m.Oversize, len(m.Data), len(want))
				}
			}
		})
	}
}
