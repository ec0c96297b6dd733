package sse_test

import (
	"io"
	"runtime"
	"strings"
	"testing"

	"bellwire/subscriptions"
	"bellwire/subscriptions/sse"
)

// hostile is a stream that never yields a message, and what it may allocate.
var hostile = []struct {
	name  string
	lines string
	most  uint64 // bytes allocated over the whole stream
}{
	{"a line without end", "x", 256 << 10},
	{"a comment without end", ":", 256 << 10},
	{"comments", ":keepalive\n", 256 << 10},
	{"comment blocks", ":keepalive\n\n", 256 << 10},
	{"blank lines", "\n", 256 << 10},
	{"carriage returns", "\r", 256 << 10},
	{"unknown fields", "x: y\n", 256 << 10},
	{"types", "event: a\n", 1 << 20},
	{"type blocks", "event: a\n\n", 256 << 10},
	{"ids in one block", "id: a\n", 1 << 20},
	{"reconnection times", "retry: 1\n", 256 << 10},
	// Up to the limit they are kept, in a buffer that doubles.
	{"data lines in one block", "data: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n", 8 << 20},
	{"empty data lines in one block", "data\n", 32 << 20},
}

func allocated() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.TotalAlloc
}

func live() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC() // what the first one's finalizers held
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

func TestHostileStreamsAreBounded(t *testing.T) {
	const size = 8 << 20
	read := func(t *testing.T, stream io.Reader, most uint64) {
		before := allocated()
		for m, err := range sse.Read(io.LimitReader(stream, size), sse.ReadOptions{}) {
			t.Errorf("got %v, %v", m, err)
		}
		if n := allocated() - before; n > most {
			t.Errorf("%d bytes allocated for a stream of %d", n, size)
		}
	}
	for _, tc := range hostile {
		t.Run(tc.name, func(t *testing.T) { read(t, endless(tc.lines), tc.most) })
	}
	for _, field := range []string{"data:", "id:", "event:", "retry:"} {
		t.Run("one line of "+field, func(t *testing.T) {
			read(t, io.MultiReader(strings.NewReader(field), endless("x")), 8<<20)
		})
	}
}

func TestOversizeEventsForEver(t *testing.T) {
	before := live()
	event := "id: 7\ndata: " + strings.Repeat("x", 2*subscriptions.DefaultMaxMessage) + "\n\n"
	n := 0
	for m, err := range sse.Read(io.LimitReader(endless(event), int64(20*len(event))), sse.ReadOptions{}) {
		if err != nil || m.Oversize == 0 || m.ID != "7" {
			t.Fatalf("got %v, %v", m, err)
		}
		n++
		if grown := int64(live() - before); grown > 12<<20 {
			t.Fatalf("%d bytes live after %d events", grown, n)
		}
	}
	if n != 20 {
		t.Errorf("%d events", n)
	}
}

// An idle feed must not keep the buffers of the largest event it ever had.
func TestBuffersOfALargeEventAreLetGo(t *testing.T) {
	large := "data: " + strings.Repeat("x", subscriptions.DefaultMaxMessage) + "\n\n"
	checked := false
	var before uint64
	stream := io.MultiReader(strings.NewReader(":\n\n"), readerFunc(func([]byte) (int, error) {
		before = live()
		return 0, io.EOF
	}), strings.NewReader(large), readerFunc(func([]byte) (int, error) {
		checked = true
		if grown := int64(live()) - int64(before); grown > 256<<10 {
			t.Errorf("%d bytes are kept while waiting", grown)
		}
		return 0, io.EOF
	}))
	for m, err := range sse.Read(stream, sse.ReadOptions{}) {
		if err != nil || len(m.Data) != subscriptions.DefaultMaxMessage {
			t.Errorf("%d bytes, %v", len(m.Data), err)
		}
	}
	if !checked {
		t.Error("never waited")
	}
	runtime.KeepAlive(large)
}
