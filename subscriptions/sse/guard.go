package sse

import (
	"bytes"
	"io"
	"time"

	"bellwire/subscriptions"
)

const (
	// readSize is one read from the connection. There may be a thousand
	// feeds, and most of the time nothing to read: behind one that comes back
	// full they are of burstSize, until two bring less than readSize again.
	readSize  = 512
	burstSize = 4 << 10
	// retained and retainedFields are the largest buffers kept between events.
	retained       = 64 << 10
	retainedFields = 4 << 10
	// emptyReads is how often a reader may return nothing and no error.
	emptyReads = 100
)

// A guard stands between a connection and go-sse's parser, which dispatches
// an unfinished event at the end of its input, rescans its buffer at every
// read, and says nothing of ids, comments and reconnection times.
//
// It hands on complete event blocks only, one a Read unless p is too small,
// stripped to the fields that make the event, lines ended by LF, in valid
// UTF-8. The parser reads only when it has yielded everything before, so the
// guard's note always belongs to the event just yielded.
type guard struct {
	src   io.Reader
	alive func(subscriptions.Life)

	small   [readSize]byte
	burst   *[burstSize]byte // nil but in a burst
	drained bool             // the last read took all that there was, as it seems
	short   int              // reads in a row that did
	in      []byte           // the part of the last read not looked at yet
	err     error            // the source's, due when in is empty
	readAt  time.Time
	owed    bool // the last read has not been reported yet

	bom    int  // bytes of a leading byte order mark seen; bomDone when past it
	skipLF bool // the last line ended with CR: an LF would be its second half

	block block
	out   [3][]byte // the block for the parser: fields, data, blank line
	part  int       // which of out comes next
	note  note

	large bool // the last block made the parser's buffer grow
	cut   bool // the parser was told of an end that is none
}

// A note is what the parser cannot say about the event it yields.
type note struct {
	hasData, hasID bool
	oversize       int64
	received       time.Time
}

func newGuard(r io.Reader, limit int, o ReadOptions) *guard {
	g := &guard{src: r, alive: o.Alive, drained: true, cut: true}
	g.part = len(g.out)
	g.block = block{limit: int64(limit), retry: o.Retry}
	if g.alive == nil {
		g.alive = func(subscriptions.Life) {}
	}
	return g
}

// Read implements [io.Reader] for the parser. After a large event, and where
// it would have to wait for the connection, it sets cut and returns [io.EOF]:
// only a new parser lets go of the old one's buffer.
func (g *guard) Read(p []byte) (int, error) {
	if g.part == len(g.out) {
		if g.large || g.drained && len(g.in) == 0 {
			g.large, g.cut = false, true
			return 0, io.EOF
		}
		if err := g.next(); err != nil {
			return 0, err
		}
	}
	n := 0
	for n < len(p) && g.part < len(g.out) {
		c := copy(p[n:], g.out[g.part])
		n += c
		if g.out[g.part] = g.out[g.part][c:]; len(g.out[g.part]) == 0 {
			g.out[g.part] = nil
			g.part++
		}
	}
	return n, nil
}

// resume waits until there is something for a new parser, and reports whether
// one has to go on where the last one ended. A quiet stream has none.
func (g *guard) resume() (bool, error) {
	if !g.cut {
		return false, nil
	}
	g.cut = false
	switch err := g.next(); err {
	case nil:
		return true, nil
	case io.EOF:
		return false, nil
	default:
		return false, err
	}
}

// next reads until a block is complete that the parser has to see.
func (g *guard) next() error {
	g.block.reset()
	if g.drained && len(g.in) == 0 {
		g.block.shrink()
	}
	for {
		for len(g.in) > 0 {
			if g.line() && g.dispatch() {
				return nil
			}
		}
		g.report()
		if g.err != nil {
			return g.err
		}
		g.fill()
	}
}

// gauge gives the guard a larger buffer in a burst, and takes it away after
// two reads that did not need it.
func (g *guard) gauge() {
	switch {
	case !g.drained && g.burst == nil:
		g.burst = new([burstSize]byte)
	case g.short > 1:
		g.burst = nil
	}
}

// fill reads once from the source.
func (g *guard) fill() {
	g.gauge()
	for range emptyReads {
		buf := g.small[:]
		if g.burst != nil {
			buf = g.burst[:]
		}
		n, err := g.src.Read(buf)
		g.in, g.err = buf[:n], err
		if n > 0 {
			if g.drained = n < readSize; g.drained {
				g.short++
			} else {
				g.short = 0
			}
			g.readAt, g.owed = time.Now(), true
			g.block.keepAlive, g.block.substance = false, false
			g.skipBOM()
			return
		}
		if err != nil {
			return
		}
	}
	g.err = io.ErrNoProgress
}

// report says, once for every read, what sign of life it was.
func (g *guard) report() {
	if !g.owed {
		return
	}
	g.owed = false
	kind := subscriptions.LifeData
	if g.block.keepAlive && !g.block.substance {
		kind = subscriptions.LifeKeepAlive
	}
	g.alive(subscriptions.Life{Kind: kind})
}

const (
	bom     = "\xEF\xBB\xBF"
	bomDone = len(bom)
)

// skipBOM drops a byte order mark at the very start of the stream, however it
// is cut.
func (g *guard) skipBOM() {
	for g.bom < bomDone && len(g.in) > 0 {
		if g.in[0] != bom[g.bom] {
			g.block.add([]byte(bom[:g.bom])) // it was none
			g.bom = bomDone
			return
		}
		g.in = g.in[1:]
		g.bom++
	}
}

// line takes the next line, or what is there of it, and reports whether it
// was blank: the end of a block. Lines end with LF, CR or CRLF. A CR counts
// at once, or an event would wait for the next one's first byte.
func (g *guard) line() (blank bool) {
	if g.skipLF {
		g.skipLF = false
		if g.in[0] == '\n' {
			g.in = g.in[1:]
			return false
		}
	}
	end := len(g.in)
	if lf := bytes.IndexByte(g.in, '\n'); lf >= 0 {
		end = lf
	}
	if cr := bytes.IndexByte(g.in[:end], '\r'); cr >= 0 {
		end = cr
	}
	g.block.add(g.in[:end])
	if end == len(g.in) {
		g.in = nil
		return false
	}
	g.skipLF = g.in[end] == '\r'
	g.in = g.in[end+1:]
	return g.block.endLine()
}

// dispatch ends a block and reports whether the parser has to see it.
func (g *guard) dispatch() bool {
	b := &g.block
	b.finish()
	if !b.hasData && !b.hasID {
		b.reset()
		return false
	}
	g.report()
	g.note = note{hasData: b.hasData, hasID: b.hasID, received: g.readAt}
	if b.oversize {
		g.note.oversize = b.payload
	}
	g.out, g.part = [3][]byte{b.fields, b.data, newline}, 0
	g.large = len(b.data) > retained
	return true
}

var newline = []byte{'\n'}
