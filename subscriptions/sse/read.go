package sse

import (
	"cmp"
	"io"
	"iter"
	"time"

	"bellwire/subscriptions"

	"github.com/tmaxmax/go-sse"
)

// ReadOptions says how [Read] reads. The zero value is a stream read from its
// start with the default limit.
type ReadOptions struct {
	// Cursor is the last event id the stream starts with.
	Cursor string
	// MaxMessage is the largest payload in bytes; 0 is
	// [subscriptions.DefaultMaxMessage].
	MaxMessage int
	// Alive, if set, is told of bytes: once a read, before the messages in
	// it. Keep-alives are reads that hold comments, or events without data,
	// and nothing of a message.
	Alive func(subscriptions.Life)
	// Retry, if set, is told of every valid retry field, as soon as its line
	// is complete.
	Retry func(time.Duration)
}

// Read yields the messages of an event stream (WHATWG HTML §9.2.6) until r
// ends. An error of r's other than [io.EOF] comes last and alone; an event
// not finished by then is dropped with its id, as the standard says.
//
// Memory is bounded whatever r holds: a payload above the limit is dropped
// and a message with Oversize set comes in its place, with the id the event
// had. Fields of more than 64 KiB that are not data are ignored.
func Read(r io.Reader, o ReadOptions) iter.Seq2[subscriptions.Message, error] {
	limit := cmp.Or(o.MaxMessage, subscriptions.DefaultMaxMessage)
	return func(yield func(subscriptions.Message, error) bool) {
		g := newGuard(r, limit, o)
		cursor := o.Cursor
		// The guard is what bounds events: a payload of n bytes has at most
		// n+1 lines with a field name of six bytes each.
		config := &sse.ReadConfig{MaxEventSize: 8*limit + 8*maxFields}
		for {
			again, err := g.resume()
			if err != nil {
				yield(subscriptions.Message{}, err)
			}
			if !again {
				return
			}
			if !parse(g, config, &cursor, yield) {
				return
			}
		}
	}
}

// parse yields what g has without waiting; false: nobody wants more. It has a
// frame of its own, and a parser, which a stream that waits does not need.
func parse(g *guard, config *sse.ReadConfig, cursor *string, yield func(subscriptions.Message, error) bool) bool {
	for ev, err := range sse.Read(g, config) {
		if err != nil {
			yield(subscriptions.Message{}, err)
			return false
		}
		m := subscriptions.Message{
			Type:     cmp.Or(ev.Type, "message"),
			Data:     ev.Data,
			Oversize: g.note.oversize,
			Received: g.note.received,
		}
		if g.note.hasID {
			m.ID, *cursor = ev.LastEventID, ev.LastEventID
		}
		m.Cursor, m.CursorOnly = *cursor, !g.note.hasData
		if !yield(m, nil) {
			return false
		}
	}
	return true
}
