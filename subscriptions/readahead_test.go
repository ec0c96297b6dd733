package subscriptions

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// reads is a connection that answers each read with the next piece, or what
// of it there is room for, and notes how much it was asked for.
type reads struct {
	net.Conn
	pieces [][]byte
	asked  []int
}

func (r *reads) Read(p []byte) (int, error) {
	r.asked = append(r.asked, len(p))
	if len(r.pieces) == 0 {
		return 0, io.EOF
	}
	n := copy(p, r.pieces[0])
	if r.pieces[0] = r.pieces[0][n:]; len(r.pieces[0]) == 0 {
		r.pieces = r.pieces[1:]
	}
	return n, nil
}

func TestReadAhead(t *testing.T) {
	const small = 1 << 10
	for _, tc := range []struct {
		name   string
		pieces []int
		asked  []int
	}{
		{"a quiet stream", []int{10, 200, 3}, []int{small, small, small, small}},
		{"one event that is large", []int{small + 10}, []int{small, small, small}},
		{"a burst", []int{100 << 10}, []int{small, small, aheadSize, aheadSize, aheadSize, aheadSize, small}},
		{"two bursts", []int{4 << 10, 10, 4 << 10}, []int{small, small, aheadSize, small, small, small, aheadSize, small}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := &reads{}
			var want []byte
			for i, n := range tc.pieces {
				piece := bytes.Repeat([]byte{byte('a' + i)}, n)
				r.pieces, want = append(r.pieces, piece), append(want, piece...)
			}
			dial := dialAhead(func(context.Context, string, string) (net.Conn, error) { return r, nil })
			c, err := dial(t.Context(), "tcp", "x:1")
			if err != nil {
				t.Fatal(err)
			}
			var got []byte
			p := make([]byte, small)
			for {
				n, err := c.Read(p)
				if got = append(got, p[:n]...); err == io.EOF {
					break
				}
			}
			if !bytes.Equal(got, want) {
				t.Errorf("%d bytes, want %d", len(got), len(want))
			}
			if d := cmp.Diff(tc.asked, r.asked); d != "" {
				t.Error(d)
			}
			if a := c.(*readAhead); a.ahead != nil {
				t.Error("a large buffer is kept")
			}
		})
	}
	t.Run("no connection", func(t *testing.T) {
		no := errors.New("no")
		dial := dialAhead(func(context.Context, string, string) (net.Conn, error) { return nil, no })
		if c, err := dial(t.Context(), "tcp", "x:1"); c != nil || err != no {
			t.Errorf("%v, %v", c, err)
		}
	})
}
