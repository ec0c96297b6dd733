package decode

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"io"
	"strconv"

	"bellwire/subscriptions"
)

// own is what an event does not share with others of its message.
type own struct {
	text   string // as it came
	id     string // that stands in it
	cursor string // by the feed's mapping
	index  int    // of the event among
	of     int    // that many
}

// mark tells an event apart from the others of its message.
func (o own) mark() string {
	switch {
	case o.of < 2:
		return ""
	case o.id != "":
		return "id " + o.id
	case o.cursor != "":
		return "cursor " + o.cursor
	}
	return "index " + strconv.Itoa(o.index)
}

// key is what makes an event of m the same as one of another message of the
// feed; empty where nothing does. See the package's comment.
func (d *Decoder) key(m subscriptions.Message, o own) string {
	dedupe, resume := d.feed.Dedupe, d.feed.Resume
	if dedupe.Off {
		return ""
	}
	if o.of > 1 {
		part := m
		part.Data = o.text
		if id, ok := field(part, dedupe.Field); ok {
			return idKey(id)
		}
	}
	if id, ok := field(m, dedupe.Field); ok {
		return idKey(id + o.mark())
	}
	if resume.Strategy() == subscriptions.ResumeByBackfill {
		if m.Backfilled && m.ID != "" {
			return idKey(m.ID + o.mark())
		}
		if o.cursor != "" {
			return idKey(o.cursor)
		}
		if id, ok := field(m, resume.Field); ok {
			return idKey(id + o.mark())
		}
	}
	id := m.ID
	if id == "" {
		id = o.cursor
	}
	if id == "" {
		id, _ = field(m, resume.Field)
	}
	if id == "" {
		return ""
	}
	return contentKey(id, m, o)
}

// contentKey is 32 hexadecimal digits that are equal for events with the same
// id, type and text. Each part's length is part of the hash, so that no two
// different ones read the same.
func contentKey(id string, m subscriptions.Message, o own) string {
	h := sha256.New()
	var n [8]byte
	parts := []string{id, m.Type, m.Data}
	if o.of > 1 {
		parts = []string{id, m.Type, o.text, o.mark()}
	}
	for _, part := range parts {
		h.Write(binary.BigEndian.AppendUint64(n[:0], uint64(len(part))))
		_, _ = io.WriteString(h, part) // a hash never fails
	}
	h.Write(binary.BigEndian.AppendUint64(n[:0], uint64(m.Oversize)))
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// idKey is equal for the same id alone, and is never a [contentKey].
func idKey(id string) string {
	sum := sha256.Sum256([]byte(id))
	return "id-" + hex.EncodeToString(sum[:16])
}
