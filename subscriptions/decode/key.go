package decode

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"io"

	"bellwire/subscriptions"
)

// dedupeKey is 32 hexadecimal digits that are equal for messages with the
// same id, type and payload; see the package's comment. Each part's length is
// part of the hash, so that no two different messages read the same.
func dedupeKey(id string, m subscriptions.Message) string {
	h := sha256.New()
	var n [8]byte
	for _, part := range []string{id, m.Type, m.Data} {
		h.Write(binary.BigEndian.AppendUint64(n[:0], uint64(len(part))))
		_, _ = io.WriteString(h, part) // a hash never fails
	}
	h.Write(binary.BigEndian.AppendUint64(n[:0], uint64(m.Oversize)))
	return hex.EncodeToString(h.Sum(nil)[:16])
}
