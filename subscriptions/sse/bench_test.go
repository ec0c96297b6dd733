package sse_test

import (
	"io"
	"strings"
	"testing"

	"bellwire/subscriptions/sse"
)

// smallReads returns at most n bytes a Read, as a network does.
func smallReads(r io.Reader, n int) io.Reader {
	return readerFunc(func(b []byte) (int, error) { return r.Read(b[:min(n, len(b))]) })
}

func BenchmarkSmallEvent(b *testing.B) {
	event := "id: 1700000000:7\nevent: push\ndata: {\"title\":\"Build 481 failed\",\"level\":\"error\"}\n\n"
	b.SetBytes(int64(len(event)))
	b.ReportAllocs()
	n := 0
	for _, err := range sse.Read(io.LimitReader(endless(event), int64(len(event))*int64(b.N)), sse.ReadOptions{}) {
		if err != nil {
			b.Fatal(err)
		}
		n++
	}
	if n != b.N {
		b.Fatalf("%d events of %d", n, b.N)
	}
}

func BenchmarkKeepAlive(b *testing.B) {
	b.ReportAllocs()
	for range sse.Read(smallReads(io.LimitReader(endless(":\n\n"), 3*int64(b.N)), 3), sse.ReadOptions{}) {
		b.Fatal("an event")
	}
}

// The cost of a large event must grow with its size, not with its square:
// compare the bytes a second.
func BenchmarkLargeEventInSmallReads(b *testing.B) {
	for _, size := range []int{1 << 16, 1 << 20, 1 << 23} {
		event := "data: " + strings.Repeat("x", size) + "\n\n"
		b.Run(byteSize(size), func(b *testing.B) {
			b.SetBytes(int64(len(event)))
			b.ReportAllocs()
			for b.Loop() {
				for m, err := range sse.Read(smallReads(strings.NewReader(event), 1400), sse.ReadOptions{MaxMessage: size}) {
					if err != nil || len(m.Data) != size {
						b.Fatalf("%d bytes, %v", len(m.Data), err)
					}
				}
			}
		})
	}
}

func byteSize(n int) string {
	switch n {
	case 1 << 16:
		return "64KiB"
	case 1 << 20:
		return "1MiB"
	default:
		return "8MiB"
	}
}
