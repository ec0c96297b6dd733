package poll

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"net/http"
	"strings"
	"unicode/utf8"
)

const (
	maxValidator = 1 << 10 // bytes; a longer one is not used
	maxSince     = 4 << 10 // bytes
	digestSize   = 6
	maxSeen      = 1000 // digests
)

// A position is where a poll stands. Its text is the feed's cursor; see the
// package's comment.
type position struct {
	ETag     string `json:"etag,omitempty"`
	Modified string `json:"modified,omitempty"`
	Since    string `json:"since,omitempty"`
	Body     []byte `json:"body,omitempty"`
	Taken    int    `json:"taken,omitempty"`
	Seen     []byte `json:"seen,omitempty"` // digests, one after the other
}

// parsePosition reads a cursor. ok is false for one that is none of ours,
// like that of a feed's former transport; the position is then the start.
func parsePosition(cursor string) (p position, ok bool) {
	if json.Unmarshal([]byte(cursor), &p) != nil || !strings.HasPrefix(cursor, "{") ||
		!sendable(p.ETag, maxValidator) || !sendable(p.Modified, maxValidator) || !sendable(p.Since, maxSince) ||
		len(p.Body) != 0 && len(p.Body) != digestSize ||
		p.Taken < 0 || p.Taken > maxItems ||
		len(p.Seen)%digestSize != 0 || len(p.Seen) > maxSeen*digestSize {
		return position{}, false
	}
	return p, true
}

// String is the position as a cursor; never empty.
func (p position) String() string {
	b, _ := json.Marshal(p) // strings and bytes: cannot fail
	return string(b)
}

// sendable reports whether a header can hold s (RFC 9110 §5.5), and JSON
// without a change.
func sendable(s string, limit int) bool {
	return len(s) <= limit && utf8.ValidString(s) && !strings.ContainsFunc(s, isControl)
}

func isControl(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }

// validators are those of an answer, without any that cannot be sent back.
func validators(h http.Header) (etag, modified string) {
	if etag = h.Get("ETag"); !sendable(etag, maxValidator) {
		etag = ""
	}
	if modified = h.Get("Last-Modified"); !sendable(modified, maxValidator) {
		modified = ""
	}
	return etag, modified
}

// conditional makes the request h depend on the position.
func (p position) conditional(h http.Header) {
	if p.ETag != "" {
		h.Set("If-None-Match", p.ETag)
	}
	if p.Modified != "" {
		h.Set("If-Modified-Since", p.Modified)
	}
}

// resumes reports whether the position tells the server where to go on.
func (p position) resumes() bool { return p.ETag != "" || p.Modified != "" || p.Since != "" }

func digest(item string) (d [digestSize]byte) {
	sum := sha256.Sum256([]byte(item))
	copy(d[:], sum[:])
	return d
}

// seen is the set of the digests in p.Seen.
func (p position) seen() map[[digestSize]byte]bool {
	set := make(map[[digestSize]byte]bool, len(p.Seen)/digestSize)
	for i := 0; i+digestSize <= len(p.Seen); i += digestSize {
		set[[digestSize]byte(p.Seen[i:])] = true
	}
	return set
}

// see is p after the items with these digests: they move to the end, and the
// oldest are forgotten.
func (p position) see(digests ...[digestSize]byte) position {
	again := make(map[[digestSize]byte]bool, len(digests))
	for _, d := range digests {
		again[d] = true
	}
	kept := make([]byte, 0, len(p.Seen)+len(digests)*digestSize)
	for i := 0; i+digestSize <= len(p.Seen); i += digestSize {
		if d := p.Seen[i : i+digestSize]; !again[[digestSize]byte(d)] {
			kept = append(kept, d...)
		}
	}
	for _, d := range digests {
		kept = append(kept, d[:]...)
	}
	p.Seen = bytes.Clone(kept[max(0, len(kept)-maxSeen*digestSize):])
	return p
}
