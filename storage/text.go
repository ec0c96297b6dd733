package storage

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"bellwire/subscriptions"
)

const (
	// maxIndexed is how much of one payload is searchable, in bytes.
	maxIndexed = 64 << 10
)

// unspaced are scripts written without spaces between words. Each letter of
// theirs is a token of its own and a run of letters is searched as a phrase:
// any part of a sentence is found then, as in "北京" in "我爱北京天安门".
// The same goes for symbols, emoji among them.
var unspaced = []*unicode.RangeTable{
	unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul, unicode.Bopomofo,
	unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar, unicode.So,
}

// spaced puts spaces around every letter of an unspaced script and replaces
// what is no text.
func spaced(s string) string {
	plain := true
	for i := 0; i < len(s) && plain; i++ {
		plain = s[i] < utf8.RuneSelf && s[i] != 0
	}
	if plain {
		return s
	}
	var b strings.Builder
	b.Grow(len(s) * 3 / 2)
	for _, r := range s {
		switch {
		case r == utf8.RuneError || r == 0:
			b.WriteByte(' ')
		case r >= 0x80 && unicode.In(r, unspaced...):
			b.WriteByte(' ')
			b.WriteRune(r)
			b.WriteByte(' ')
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// indexText is what e can be found by: title, body, tags and payload, unless
// the payload is the body or a notice's facts. Of a gap it is the title alone: the rest is times,
// and changes.
func indexText(e *subscriptions.Event, tags string) string {
	if e.Kind == subscriptions.KindGap {
		return e.Title
	}
	text := spaced(e.Title) + "\n" + spaced(bounded(e.Body, maxIndexed))
	if tags != "" {
		text += "\n" + spaced(tags)
	}
	if e.Raw == e.Body || e.Kind == subscriptions.KindNotice {
		return text
	}
	return text + "\n" + spaced(unescaped(bounded(e.Raw, maxIndexed)))
}

// bounded cuts s to at most n bytes, not inside a character.
func bounded(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

// unescaped resolves the escapes of JSON strings (RFC 8259 §7), which else
// hide words: many servers write "caf\u00e9\nopen". White space stands for
// those that are none of a word. Other text is left as it is.
func unescaped(s string) string {
	if !strings.Contains(s, `\`) || !strings.ContainsAny(s[:1], `{["`) {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	for {
		i := strings.IndexByte(s, '\\')
		if i < 0 || i+1 == len(s) {
			b.WriteString(s)
			return b.String()
		}
		b.WriteString(s[:i])
		c := s[i+1]
		s = s[i+2:]
		if c != 'u' {
			b.WriteByte(' ')
			continue
		}
		r, n := unicodeEscape(s)
		b.WriteRune(r)
		s = s[n:]
	}
}

// unicodeEscape reads the digits behind \u, and the second half of a
// surrogate pair, and returns how many bytes that took.
func unicodeEscape(s string) (rune, int) {
	r, ok := hex4(s)
	if !ok {
		return ' ', 0
	}
	if utf16.IsSurrogate(r) && len(s) >= 10 && s[4:6] == `\u` {
		if low, ok := hex4(s[6:]); ok {
			return utf16.DecodeRune(r, low), 10
		}
	}
	return r, 4
}

func hex4(s string) (rune, bool) {
	if len(s) < 4 {
		return 0, false
	}
	n, err := strconv.ParseUint(s[:4], 16, 16)
	return rune(n), err == nil
}

// isToken reports whether the tokenizer keeps r: the categories named in the
// schema.
func isToken(r rune) bool {
	return unicode.In(r, unicode.L, unicode.N, unicode.Co, unicode.So)
}

// Facets are the tokens by which the index narrows rows beside their words.
const (
	facetLink  = "link"
	facetImage = "image"
)

// facets are those of e, a row of the feed with that number.
func facets(e *subscriptions.Event, feed int64) string {
	s := feedFacet(feed) + " " + priorityFacet(e.Priority) + " " + kindFacet(e.Kind)
	if e.Link != "" {
		s += " " + facetLink
	}
	if e.Image != "" {
		s += " " + facetImage
	}
	return s
}

func feedFacet(num int64) string                 { return "f" + strconv.FormatInt(num, 10) }
func priorityFacet(p int) string                 { return "p" + strconv.Itoa(p) }
func kindFacet(k subscriptions.EventKind) string { return "k" + string(k) }
