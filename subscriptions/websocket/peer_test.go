package websocket

import (
	"errors"
	"io"
	"strings"
	"testing"
)

func TestPeerWalk(t *testing.T) {
	stream := frame(final|opText, "") + frame(final|opText, "a") + frame(opText, strings.Repeat("\xff", 126)) + frame(final|opContinuation, strings.Repeat("\xff", 70_000)) + frame(final|opPing, "")
	for _, size := range []int{1, 2, 3, 7, 125, 4096, len(stream)} {
		for _, tail := range []string{"", "\x81\x80", "\x81\xfe"} {
			p := &peer{ReadWriteCloser: rw{strings.NewReader(stream + tail)}}
			n, err := io.CopyBuffer(struct{ io.Writer }{io.Discard}, struct{ io.Reader }{p}, make([]byte, size))
			want := errCut
			if tail != "" {
				want = errMasked
			}
			if !errors.Is(err, want) || n < int64(len(stream)) || n > int64(len(stream))+1 {
				t.Errorf("by %d, tail %q: %d bytes, %v", size, tail, n, err)
			}
		}
	}
}

type rw struct{ io.Reader }

func (rw) Write(b []byte) (int, error) { return len(b), nil }
func (rw) Close() error                { return nil }
