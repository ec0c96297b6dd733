package sse

import (
	"bytes"
	"math"
	"time"
)

// maxFields bounds, in bytes, the fields of one event that are not data. A
// field beyond is ignored.
const maxFields = 64 << 10

// kind says what to do with a line; it is known once its field name is.
type kind string

const (
	kindUnknown kind = ""      // too little of the line was seen
	kindData    kind = "data"  // kept
	kindEvent   kind = "event" // kept
	kindID      kind = "id"    // kept
	kindRetry   kind = "retry" // kept until the line ends
	kindOther   kind = "other" // comments and unknown fields: dropped
)

// maxHead is enough of a line to know its kind: the longest field name and
// the colon.
const maxHead = len("event:")

// A block gathers the lines of one event, piece by piece, each byte once.
type block struct {
	limit int64 // of payload
	retry func(time.Duration)

	head [maxHead]byte // the line's start, while its kind is unknown
	n    int           // bytes in head
	kind kind
	size int64 // bytes of the line so far
	from int   // where the line starts in fields

	fields []byte // event and id lines, each with its LF
	data   []byte // data lines, each with its LF

	// payload is the size of the data: the values and the LFs between them.
	// While the block grows, each line counts an LF; finish takes one away.
	payload  int64
	oversize bool
	hasData  bool
	hasID    bool
	hasType  bool

	// What the guard's last read held of a keep-alive, and of a message.
	keepAlive, substance bool
}

// reset makes room for the next event. Of large buffers it lets go.
func (b *block) reset() {
	b.fields, b.data = b.fields[:0], b.data[:0]
	if cap(b.data) > retained {
		b.data = nil
	}
	if cap(b.fields) > retainedFields {
		b.fields = nil
	}
	b.payload = 0
	b.oversize, b.hasData, b.hasID, b.hasType = false, false, false, false
}

// shrink lets go of all but the smallest buffers: the next event may be a month
// away. It is for a block that is empty.
func (b *block) shrink() {
	if cap(b.data) > readSize {
		b.data = nil
	}
	if cap(b.fields) > readSize {
		b.fields = nil
	}
}

// add takes a piece of the current line, without its end.
func (b *block) add(piece []byte) {
	for b.kind == kindUnknown && len(piece) > 0 {
		c := piece[0]
		piece = piece[1:]
		b.head[b.n] = c
		b.n++
		if c == ':' {
			b.begin(b.head[:b.n-1])
		} else if b.n == maxHead {
			b.begin(b.head[:b.n]) // longer than every name there is
		}
	}
	b.append(piece)
}

// begin starts a line whose field name is known, or too long to be one.
func (b *block) begin(name []byte) {
	switch string(name) {
	case "data":
		b.kind = kindData
	case "event":
		b.kind = kindEvent
	case "id":
		b.kind = kindID
	case "retry":
		b.kind = kindRetry
	case "":
		b.kind = kindOther
		b.keepAlive = true // a comment
		return
	default:
		b.kind = kindOther
		return
	}
	b.from = len(b.fields)
	b.append(b.head[:b.n])
}

// append adds a piece to the line of b.kind, within the bounds.
func (b *block) append(piece []byte) {
	switch b.kind {
	case kindData:
		b.substance = true
		b.size += int64(len(piece))
		// The value is at least this long: the name, the colon and a space.
		if b.payload+b.size-int64(len("data: ")) > b.limit {
			b.drop()
		}
		if !b.oversize {
			b.data = append(b.data, piece...)
		}
	case kindEvent, kindID, kindRetry:
		if len(b.fields)+len(piece) >= maxFields {
			b.fields = b.fields[:b.from]
			b.kind = kindOther
			return
		}
		b.fields = append(b.fields, piece...)
	}
}

// drop lets go of a payload that is too large. One empty line stays, so that
// the parser yields an event.
func (b *block) drop() {
	if !b.oversize {
		b.oversize = true
		b.data = []byte("data\n")
	}
}

// endLine ends the current line and reports whether it was blank.
func (b *block) endLine() (blank bool) {
	if b.kind == kindUnknown {
		if b.n == 0 {
			return true
		}
		b.begin(b.head[:b.n])
	}
	switch b.kind {
	case kindData:
		b.endData()
	case kindEvent:
		b.hasType = true
		b.fields = append(b.fields, '\n')
	case kindID:
		b.endID()
	case kindRetry:
		b.endRetry()
	}
	b.kind, b.n, b.size = kindUnknown, 0, 0
	return false
}

func (b *block) endData() {
	b.hasData = true
	length := max(0, b.size-int64(len("data: ")))
	if !b.oversize {
		length = int64(len(value(b.data[len(b.data)-int(b.size):])))
	}
	b.payload += length
	if b.payload > b.limit {
		b.drop()
	}
	b.payload++
	if !b.oversize {
		b.data = append(b.data, '\n')
	}
}

// endID keeps an id unless it holds a NUL (WHATWG HTML §9.2.6).
func (b *block) endID() {
	if bytes.IndexByte(b.fields[b.from:], 0) >= 0 {
		b.fields = b.fields[:b.from]
		return
	}
	b.hasID, b.substance = true, true
	b.fields = append(b.fields, '\n')
}

// endRetry takes a reconnection time: ASCII digits only, in milliseconds.
func (b *block) endRetry() {
	digits := value(b.fields[b.from:])
	b.fields = b.fields[:b.from]
	if len(digits) == 0 || b.retry == nil {
		return
	}
	const most = math.MaxInt64 / int64(time.Millisecond)
	ms := int64(0)
	for _, d := range digits {
		if d < '0' || d > '9' {
			return
		}
		ms = min(ms*10+int64(d-'0'), most)
	}
	b.retry(time.Duration(ms) * time.Millisecond)
}

// finish ends the block: what the parser will see is valid UTF-8, and within
// the limit still.
func (b *block) finish() {
	if b.hasType && !b.hasData && !b.hasID {
		b.keepAlive = true
	}
	if b.hasData {
		b.payload--
	}
	b.fields = validUTF8(b.fields)
	before := len(b.data)
	b.data = validUTF8(b.data)
	b.payload += int64(len(b.data) - before)
	if b.payload > b.limit {
		b.drop()
	}
}

// value is the part of a line behind its colon and one space.
func value(line []byte) []byte {
	_, v, _ := bytes.Cut(line, []byte{':'})
	return bytes.TrimPrefix(v, []byte{' '})
}
