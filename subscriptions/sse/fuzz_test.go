package sse_test

import (
	"math/rand/v2"
	"testing"

	"bellwire/subscriptions"
	"bellwire/subscriptions/sse"

	"github.com/google/go-cmp/cmp"
)

// cut splits stream into pieces of 1 to 8 bytes, by seed; whole for 0.
func cut(stream []byte, seed uint64) *pieces {
	if seed == 0 {
		return &pieces{stream}
	}
	random := rand.New(rand.NewPCG(seed, seed))
	var p pieces
	for len(stream) > 0 {
		n := min(len(stream), 1+random.IntN(8))
		p = append(p, stream[:n])
		stream = stream[n:]
	}
	return &p
}

// FuzzRead compares with the reference parser, however the stream is cut.
func FuzzRead(f *testing.F) {
	for i, c := range loadCases(f).Parse {
		f.Add(c.stream(f), uint64(i%3), uint16(0))
	}
	f.Add([]byte("\xef\xbb\xbfid:1\r\ndata:\xf0\x9f\x94\r\rretry:99999999999999999999\n\n"), uint64(1), uint16(0))
	f.Add([]byte("event:e\ndata:0123456789\ndata\nid\n\ndata:01234567\n\n"), uint64(2), uint16(8))
	f.Fuzz(func(t *testing.T, stream []byte, seed uint64, limit uint16) {
		max := int(limit)
		if max == 0 {
			max = subscriptions.DefaultMaxMessage
		}
		messages, retries := reference(stream, max)
		got := readAll(cut(stream, seed), sse.ReadOptions{MaxMessage: max})
		if got.Err != nil {
			t.Fatal(got.Err)
		}
		// At least so many bytes were seen, and never more than there were.
		sizes := cmp.FilterPath(func(p cmp.Path) bool { return p.Last().String() == ".Oversize" },
			cmp.Comparer(func(a, b int64) bool {
				least, most := min(a, b), a+b-min(a, b)
				return most == 0 || least > int64(max)
			}))
		if d := cmp.Diff(messages, got.Messages, ignoreReceived, sizes); d != "" {
			t.Errorf("messages of %q:\n%s", stream, d)
		}
		for i := range min(len(messages), len(got.Messages)) {
			if got.Messages[i].Oversize > messages[i].Oversize {
				t.Errorf("saw %d bytes of %d", got.Messages[i].Oversize, messages[i].Oversize)
			}
		}
		if d := cmp.Diff(retries, got.Retries); d != "" {
			t.Errorf("retry of %q:\n%s", stream, d)
		}
	})
}
