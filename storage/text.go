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
	// maxSearch is how much of a search text counts, in bytes.
	maxSearch = 1 << 10
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

// matchAll is plain text as an FTS5 expression (https://sqlite.org/fts5.html
// §3): each word a phrase in quotes, all of them wanted, the last one as a
// prefix. Words without a letter, digit or symbol cannot be found and are
// left out; the expression is empty when there are no others.
func matchAll(text string) string {
	var phrases []string
	for word := range strings.FieldsSeq(bounded(text, maxSearch)) {
		word = strings.TrimSpace(spaced(word))
		if strings.ContainsFunc(word, isToken) {
			phrases = append(phrases, `"`+strings.ReplaceAll(word, `"`, `""`)+`"`)
		}
	}
	if len(phrases) == 0 {
		return ""
	}
	return "text : (" + strings.Join(phrases, " AND ") + " *)"
}

// isToken reports whether the tokenizer keeps r: the categories named in the
// schema.
func isToken(r rune) bool {
	return unicode.In(r, unicode.L, unicode.N, unicode.Co, unicode.So)
}

// feedToken is the one token in the search index's feed column.
func feedToken(num int64) string { return "f" + strconv.FormatInt(num, 10) }
