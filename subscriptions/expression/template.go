package expression

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// MaxTemplate is the longest template in bytes.
const MaxTemplate = 16 << 10

// A Template is text with {{ … }} holes.
type Template struct {
	source string
	parts  []part
}

// A part is text or, where hole is set, an expression.
type part struct {
	text   string
	hole   *Expression
	quoted bool // inside a JSON string
}

// CompileTemplate checks a template. The error is an [*Error] whose place is
// in the whole template.
func CompileTemplate(source string) (*Template, error) {
	if len(source) > MaxTemplate {
		return nil, &Error{1, 1, fmt.Sprintf("the template is longer than %d bytes", MaxTemplate)}
	}
	t := &Template{source: source}
	quoted := false
	for at := 0; at < len(source); {
		open := strings.Index(source[at:], "{{")
		if open < 0 {
			t.parts = append(t.parts, part{text: source[at:]})
			break
		}
		if open > 0 {
			t.parts = append(t.parts, part{text: source[at : at+open]})
			quoted = endsQuoted(source[at:at+open], quoted)
		}
		at += open + 2
		end := closing(source[at:])
		if end < 0 {
			return nil, place(source, at-2, &Error{1, 1, "the hole that begins here has no }}"})
		}
		hole, err := Compile(source[at : at+end])
		if err != nil {
			return nil, place(source, at, err.(*Error))
		}
		t.parts = append(t.parts, part{hole: hole, quoted: quoted})
		at += end + 2
	}
	return t, nil
}

// closing is where the }} of a hole is; -1 where there is none. Texts and
// braces inside the expression are skipped.
func closing(s string) int {
	depth := 0
	for i := 0; i < len(s); i++ {
		switch c := s[i]; c {
		case '"', '\'', '`':
			for i++; i < len(s) && s[i] != c; i++ {
				if s[i] == '\\' && c != '`' {
					i++
				}
			}
		case '{':
			depth++
		case '}':
			if depth == 0 {
				if strings.HasPrefix(s[i:], "}}") {
					return i
				}
				return -1
			}
			depth--
		}
	}
	return -1
}

// place moves an error of the part of source that begins at offset to where
// it is in the whole.
func place(source string, offset int, e *Error) *Error {
	before := source[:offset]
	lines := strings.Count(before, "\n")
	if e.Line == 1 {
		e.Column += utf8.RuneCountInString(before[strings.LastIndexByte(before, '\n')+1:])
	}
	e.Line += lines
	return e
}

// endsQuoted reports whether a JSON string is open behind s, where it was or
// was not before.
func endsQuoted(s string, quoted bool) bool {
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '"':
			quoted = !quoted
		case '\\':
			if quoted {
				i++
			}
		}
	}
	return quoted
}

// String is the source.
func (t *Template) String() string { return t.source }

// UsesSecret reports whether a hole looks at the credential.
func (t *Template) UsesSecret() bool {
	return slices.ContainsFunc(t.parts, func(p part) bool { return p.hole != nil && p.hole.secret })
}

// UsesEvent reports whether a hole looks at the row of history.
func (t *Template) UsesEvent() bool {
	return slices.ContainsFunc(t.parts, func(p part) bool { return p.hole != nil && p.hole.event })
}

// HasHoles reports whether there are any.
func (t *Template) HasHoles() bool {
	return slices.ContainsFunc(t.parts, func(p part) bool { return p.hole != nil })
}

// HasHole reports whether one of the holes is just the given expression.
func (t *Template) HasHole(source string) bool {
	return slices.ContainsFunc(t.parts, func(p part) bool {
		return p.hole != nil && strings.TrimSpace(p.hole.source) == source
	})
}

// Value is the hole's own value where the template is one hole and nothing
// else, and the text otherwise.
func (t *Template) Value(s Scope) (any, error) {
	if len(t.parts) == 1 && t.parts[0].hole != nil {
		return t.parts[0].hole.Eval(s)
	}
	return t.Text(s)
}

// Text is the template with its holes filled: nothing for nil, JSON for lists
// and objects.
func (t *Template) Text(s Scope) (string, error) { return t.fill(s, false) }

// Frame is Text for a template of JSON: a value inside the quotes of a JSON
// string is escaped for there, and nil is null elsewhere.
func (t *Template) Frame(s Scope) (string, error) { return t.fill(s, true) }

func (t *Template) fill(s Scope, asJSON bool) (string, error) {
	var out strings.Builder
	for _, p := range t.parts {
		text := p.text
		if p.hole != nil {
			v, err := p.hole.Eval(s)
			if err != nil {
				return "", err
			}
			if text, err = Text(v); err != nil {
				return "", err
			}
			if asJSON {
				text = inJSON(text, v, p.quoted)
			}
		}
		if out.Len()+len(text) > MaxText {
			return "", errText
		}
		out.WriteString(text)
	}
	return out.String(), nil
}

// inJSON writes a hole's text where it stands in JSON.
func inJSON(text string, v any, quoted bool) string {
	switch {
	case quoted:
		b := newBudget()
		w := writer{budget: b}
		_ = w.leaf(text) // a text: cannot fail
		return strings.TrimSuffix(strings.TrimPrefix(w.String(), `"`), `"`)
	case v == nil:
		return "null"
	}
	return text
}
