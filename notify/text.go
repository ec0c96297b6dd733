package notify

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// How much text one notification carries, in characters. Popups show a few
// lines; history has the rest.
const (
	maxTitle = 200
	maxBody  = 2000
	maxName  = 100
)

// oneLine is s as one line of at most limit characters.
func oneLine(s string, limit int) string { return plain(s, limit, " ") }

// lines is s with its line breaks, of at most limit characters.
func lines(s string, limit int) string { return plain(s, limit, "\n") }

// plain makes text that no terminal and no message bus stumbles over: valid
// UTF-8 without control characters, noncharacters and explicit bidirectional
// formatting, at most limit characters long. A line break becomes newline. It
// reads no more of s than it needs.
func plain(s string, limit int, newline string) string {
	var b strings.Builder
	n := 0
	for i, r := range s { // an invalid byte reads as U+FFFD
		out := string(r)
		switch {
		case r == '\r' && strings.HasPrefix(s[i+1:], "\n"):
			continue
		case r == '\n' || r == '\r' || r == '\u2028' || r == '\u2029' || r == '\u0085':
			out = newline
		case r == '\t':
			out = " "
		case unicode.IsControl(r) || isNoncharacter(r) || isBidi(r):
			continue
		}
		if b.Len() == 0 && strings.TrimSpace(out) == "" {
			continue
		}
		if n++; n > limit {
			return strings.TrimRightFunc(b.String(), trimmed) + "…"
		}
		b.WriteString(out)
	}
	return strings.TrimRightFunc(b.String(), unicode.IsSpace)
}

// trimmed are characters that make no sense right before an ellipsis: space,
// and joiners whose partner was cut off.
func trimmed(r rune) bool { return unicode.IsSpace(r) || r == '\u200d' }

// isBidi reports the characters that can reorder text around them (Unicode
// Standard Annex #9 §2); letters have their direction without them.
func isBidi(r rune) bool {
	return r == '\u061c' || r == '\u200e' || r == '\u200f' ||
		r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069'
}

func isNoncharacter(r rune) bool {
	return r&0xfffe == 0xfffe || r >= 0xfdd0 && r <= 0xfdef
}

// title is n's title, which is never empty.
func title(n Notification, o Options) string {
	for _, s := range []string{n.Title, n.FeedName, n.Feed, o.AppName} {
		if s = oneLine(s, maxTitle); s != "" {
			return s
		}
	}
	return "…"
}

// startsSafely reports whether a command line cannot take s for an option or
// for structured data.
func startsSafely(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return s != "" && (unicode.IsLetter(r) || unicode.IsDigit(r) || r > unicode.MaxLatin1)
}

// escapeMarkup keeps text literal where it is read as markup. Quotes stay: some
// services know no numeric character references.
func escapeMarkup(s string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(s)
}
