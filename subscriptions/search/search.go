package search

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// MaxText is how much of a search counts, in bytes; the rest is left out.
const MaxText = 1 << 10

// A Search is what a person looks for. The zero value finds everything.
type Search struct {
	// Words all occur, or do not where they are excluded.
	Words []Word
	// Conditions are in the order in which they were given. Several of
	// from:, of folder: or of kinds (is:event, is:gap, is:notice) mean any of
	// them; everything else holds together.
	Conditions []Condition
}

// A Word is one or, in quotes, several words in a row.
type Word struct {
	// Text is never empty and holds no quotes at its ends.
	Text string
	// Not excludes what has the word.
	Not bool
	// Phrase says that it stands in quotes.
	Phrase bool
	// Open says that the quotes were not closed: somebody is typing. It is
	// the last of all terms.
	Open bool
}

// Empty reports whether s finds everything.
func (s Search) Empty() bool { return len(s.Words)+len(s.Conditions) == 0 }

// Parse reads a search. The error is an [*Error] and names the first
// condition that cannot be read.
func Parse(text string) (Search, error) {
	var s Search
	for rest := bounded(text); ; {
		rest = strings.TrimLeftFunc(rest, unicode.IsSpace)
		if rest == "" {
			return s, nil
		}
		var t term
		t, rest = next(rest)
		if t.field == "" {
			if t.value != "" {
				s.Words = append(s.Words, Word{Text: t.value, Not: t.not, Phrase: t.quoted, Open: t.open})
			}
			continue
		}
		c := Condition{Field: t.field, Value: t.value, Not: t.not}
		if err := c.check(); err != nil {
			return Search{}, err
		}
		s.Conditions = append(s.Conditions, c)
	}
}

// bounded is what of text counts: no more than MaxText, whole characters, and
// whole terms where there are several.
func bounded(text string) string {
	text = strings.ToValidUTF8(text, " ")
	if len(text) <= MaxText {
		return text
	}
	n := MaxText
	for !utf8.RuneStart(text[n]) {
		n--
	}
	if space := strings.LastIndexFunc(text[:n], unicode.IsSpace); space > 0 {
		n = space // half a condition could mean anything
	}
	return text[:n]
}

// A term is what stands between spaces, or in quotes.
type term struct {
	field  Field // empty: a word
	value  string
	not    bool
	quoted bool
	open   bool
}

// next takes one term off the beginning of s, which is not empty and does not
// begin with a space.
func next(s string) (t term, rest string) {
	after, minus := strings.CutPrefix(s, "-")
	// "-" alone and "--option" are text.
	t.not = minus && after != "" && after[0] != '-' && !startsWithSpace(after)
	if t.not {
		s = after
	}
	if value, ok := strings.CutPrefix(s, `"`); ok {
		t.quoted = true
		t.value, rest, t.open = quoted(value)
		return t, rest
	}
	if field, value, ok := cutField(s); ok {
		t.field = field
		if inner, ok := strings.CutPrefix(value, `"`); ok {
			t.value, rest, _ = quoted(inner)
			return t, rest
		}
		t.value, rest = untilSpace(value)
		return t, rest
	}
	t.value, rest = untilSpace(s)
	return t, rest
}

// quoted reads up to the closing quote, to the end where there is none.
func quoted(s string) (value, rest string, open bool) {
	value, rest, closed := strings.Cut(s, `"`)
	return strings.Join(strings.Fields(value), " "), rest, !closed
}

func untilSpace(s string) (value, rest string) {
	if i := strings.IndexFunc(s, unicode.IsSpace); i >= 0 {
		return s[:i], s[i:]
	}
	return s, ""
}

func startsWithSpace(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return unicode.IsSpace(r)
}

// cutField cuts the name of a condition and its colon, which may be the wide
// one of Chinese keyboards, off s.
func cutField(s string) (f Field, value string, ok bool) {
	i := strings.IndexAny(s, ":：")
	if i < 0 || i > maxField {
		return "", "", false
	}
	f, ok = fields[strings.ToLower(s[:i])]
	_, size := utf8.DecodeRuneInString(s[i:])
	return f, s[i+size:], ok
}

// String is s as a person could have typed it: its conditions, then its words.
func (s Search) String() string {
	var terms []string
	for _, c := range s.Conditions {
		terms = append(terms, c.String())
	}
	for _, w := range s.Words {
		terms = append(terms, w.String())
	}
	return strings.Join(terms, " ")
}

// String is w as a person could have typed it.
func (w Word) String() string {
	text := w.Text
	if w.Phrase {
		text = `"` + text
		if !w.Open {
			text += `"`
		}
	}
	if w.Not {
		return "-" + text
	}
	return text
}
