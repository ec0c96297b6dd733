package websocket

import (
	"encoding/binary"
	"errors"
	"io"
	"sync/atomic"
)

var (
	// errMasked is a fault the library lets pass, and then takes the masked
	// bytes for the payload.
	errMasked = errors.New("the server sent a masked frame")
	// errCut stands for io.EOF, which the library takes for the end of a
	// message: between two fragments, or behind a frame's header, it would
	// hand on what came so far as if it were whole.
	errCut = errors.New("the connection ended without a close frame")
)

// peer is the connection below the frames. It counts the reads that brought
// something, which is life even in the middle of a large frame, and refuses
// masked frames (RFC 6455 §5.1).
type peer struct {
	io.ReadWriteCloser
	heard atomic.Int64

	// Of one goroutine at a time, the reading one:
	header [10]byte // the frame header being read, without a mask
	have   int      // bytes of it
	skip   uint64   // bytes of the payload still to come
	err    error
}

func (p *peer) Read(b []byte) (int, error) {
	if p.err != nil {
		return 0, p.err
	}
	n, err := p.ReadWriteCloser.Read(b)
	if errors.Is(err, io.EOF) {
		err = errCut
	}
	if n == 0 {
		return n, err
	}
	p.heard.Add(1)
	if sound := p.walk(b[:n]); sound < n {
		n, err, p.err = sound, errMasked, errMasked
	}
	return n, err
}

// walk follows the frames through b and returns how many bytes come before a
// masked one: all, if there is none.
func (p *peer) walk(b []byte) int {
	for at := 0; at < len(b); {
		if p.skip > 0 {
			n := min(p.skip, uint64(len(b)-at))
			p.skip -= n
			at += int(n)
			continue
		}
		p.header[p.have] = b[at]
		p.have++
		at++
		if p.have < 2 {
			continue
		}
		if p.header[1]&0x80 != 0 {
			return max(0, at-2)
		}
		switch length := p.header[1]; {
		case length < 126:
			p.skip, p.have = uint64(length), 0
		case length == 126 && p.have == 4:
			p.skip, p.have = uint64(binary.BigEndian.Uint16(p.header[2:])), 0
		case length == 127 && p.have == 10:
			p.skip, p.have = binary.BigEndian.Uint64(p.header[2:]), 0
		}
	}
	return len(b)
}
