package decode

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"io"

	"bellwire/subscriptions"
)

// dedupeKey is what makes m the same event as another message of its feed;
// empty where nothing does. See the package's comment.
func dedupeKey(f subscriptions.Feed, m subscriptions.Message) string {
	if f.Dedupe.Off {
		return ""
	}
	if id, ok := field(m, f.Dedupe.Field); ok {
		return idKey(id)
	}
	if f.Resume.Strategy() == subscriptions.ResumeByBackfill {
		if m.Backfilled && m.ID != "" {
			return idKey(m.ID)
		}
		if id, ok := field(m, f.Resume.Field); ok {
			return idKey(id)
		}
	}
	id := m.ID
	if id == "" {
		id, _ = field(m, f.Resume.Field)
	}
	if id == "" {
		return ""
	}
	return contentKey(id, m)
}

// contentKey is 32 hexadecimal digits that are equal for messages with the
// same id, type and payload. Each part's length is part of the hash, so that
// no two different messages read the same.
func contentKey(id string, m subscriptions.Message) string {
	h := sha256.New()
	var n [8]byte
	for _, part := range []string{id, m.Type, m.Data} {
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
