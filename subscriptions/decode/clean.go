package decode

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

const ellipsis = "…"

// Line is s as one line of at most limit runes: every run of white space is
// one space, controls and bidirectional overrides are gone, invalid UTF-8 is
// replaced, and what was cut off is an ellipsis. It reads no more of s than
// it needs.
func Line(s string, limit int) string {
	if len(s) <= limit && isPlain(s) {
		return s
	}
	var b strings.Builder
	b.Grow(min(len(s), limit*2))
	n, cut, gap := 0, 0, false
	for _, r := range s {
		switch kind(r) {
		case dropped:
			continue
		case blank, newline:
			gap = n > 0
			continue
		}
		need := 1
		if gap {
			need = 2
		}
		if n+need > limit {
			return strings.TrimRight(b.String()[:cut], " ") + ellipsis
		}
		if gap {
			b.WriteByte(' ')
			gap = false
		}
		b.WriteRune(r)
		n += need
		if n < limit { // leaves room for an ellipsis
			cut = b.Len()
		}
	}
	return b.String()
}

// Text is s as lines of text of at most limit bytes: tabs and line ends (as
// \n) stay, controls and bidirectional overrides are gone, invalid UTF-8 is
// replaced, outer white space is trimmed, and what was cut off is an
// ellipsis. It reads no more of s than it needs.
func Text(s string, limit int) string {
	if len(s) <= limit && isPlain(s) {
		return s
	}
	s = strings.TrimSpace(s)
	var b strings.Builder
	b.Grow(min(len(s), limit))
	cut, cr := 0, false
	for _, r := range s {
		after := cr
		cr = r == '\r'
		switch kind(r) {
		case dropped:
			continue
		case newline:
			if r == '\n' && after {
				continue
			}
			r = '\n'
		}
		if b.Len()+utf8.RuneLen(r) > limit {
			return strings.TrimSpace(b.String()[:cut]) + ellipsis
		}
		b.WriteRune(r)
		if b.Len() <= limit-len(ellipsis) {
			cut = b.Len()
		}
	}
	return strings.TrimSpace(b.String())
}

// isPlain reports whether s is printable ASCII with single spaces inside:
// most titles are, and need no work.
func isPlain(s string) bool {
	last := byte(' ')
	for i := range len(s) {
		c := s[i]
		if c < ' ' || c >= 0x7f || c == ' ' && last == ' ' {
			return false
		}
		last = c
	}
	return s == "" || last != ' '
}

// class is what cleaning does with a rune.
type class int

const (
	kept class = iota
	dropped
	blank
	newline
)

func kind(r rune) class {
	switch {
	case r == '\n', r == '\v', r == '\f', r == '\r', r == 0x85, r == 0x2028, r == 0x2029:
		return newline
	case r == ' ', r == '\t':
		return blank
	case r < ' ', 0x7f <= r && r <= 0x9f: // C0, DEL, C1
		return dropped
	case 0x202a <= r && r <= 0x202e, 0x2066 <= r && r <= 0x2069:
		// Embeddings, overrides and isolates reorder what is around them and
		// can make one name or address look like another (UAX #9 §2).
		return dropped
	case r == 0xfeff: // a byte order mark
		return dropped
	case unicode.IsSpace(r):
		return blank
	}
	return kept
}

// visible reports whether there is anything to see in s.
func visible(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return unicode.IsGraphic(r) && !unicode.IsSpace(r) })
}

// compact is JSON without white space between its tokens, cut at limit bytes.
func compact(json string, limit int) string {
	var b strings.Builder
	b.Grow(min(len(json), limit+1))
	inString := false
	for i := 0; i < len(json) && b.Len() <= limit; i++ {
		c := json[i]
		switch {
		case inString && c == '\\':
			b.WriteByte(c)
			i++
			c = json[i] // valid JSON: something follows
		case c == '"':
			inString = !inString
		case !inString && (c == ' ' || c == '\t' || c == '\n' || c == '\r'):
			continue
		}
		b.WriteByte(c)
	}
	return b.String()
}

// size is n bytes in words, rounded down so that "at least" stays true.
func size(n int64) string {
	for _, u := range []struct {
		bytes int64
		name  string
	}{{1e9, "GB"}, {1e6, "MB"}, {1e3, "kB"}} {
		if n >= u.bytes {
			tenths := n / (u.bytes / 10)
			return strconv.FormatInt(tenths/10, 10) + "." + strconv.FormatInt(tenths%10, 10) + " " + u.name
		}
	}
	if n == 1 {
		return "1 byte"
	}
	return strconv.FormatInt(n, 10) + " bytes"
}
