package notify

import (
	"crypto/sha256"
	"encoding/hex"
)

// keyTag is key as something that a desktop can carry. Two keys never become
// the same one, or one event would take another's place unseen.
func keyTag(key string) string {
	if key != "" && oneLine(key, maxTitle) == key {
		return key
	}
	sum := sha256.Sum256([]byte(key))
	return "sha256:" + hex.EncodeToString(sum[:])
}
