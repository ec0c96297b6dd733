package subscriptions

import (
	"iter"
	"strings"
)

// Holes in frames, and in the addresses of backfills. Blanks inside the braces
// do not matter.
const (
	// CursorHole stands for the cursor in a frame or a backfill's address.
	CursorHole = "{{ cursor }}"
	// SecretHole stands for the secret of the feed's [AuthFrame] in a frame.
	SecretHole = "{{ secret }}"

	cursorName = "cursor"
	secretName = "secret"
)

// A piece is a stretch of a template: a hole's expression or the text between
// two.
type piece struct {
	text string
	from int // where it is in the template
	hole bool
}

// pieces takes a template apart as package expression does. What is behind a
// hole without an end is text.
func pieces(template string) iter.Seq[piece] {
	return func(yield func(piece) bool) {
		for at := 0; at < len(template); {
			open := strings.Index(template[at:], "{{")
			end := -1
			if open >= 0 {
				end = holeEnd(template[at+open+2:])
			}
			if end < 0 {
				yield(piece{text: template[at:], from: at})
				return
			}
			inside := at + open + 2
			if open > 0 && !yield(piece{text: template[at : at+open], from: at}) {
				return
			}
			if !yield(piece{text: template[inside : inside+end], from: inside, hole: true}) {
				return
			}
			at = inside + end + 2
		}
	}
}

// holeEnd is where the }} of a hole is, or below 0. Texts and braces inside
// the expression are skipped.
func holeEnd(s string) int {
	depth := 0
	for i := 0; i < len(s); i++ {
		switch c := s[i]; c {
		case '"', '\'', '`':
			i = textEnd(s, i)
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

// textEnd is where the text that s[at] opens is closed; len(s) where it is
// not.
func textEnd(s string, at int) int {
	quote := s[at]
	for at++; at < len(s) && s[at] != quote; at++ {
		if s[at] == '\\' && quote != '`' {
			at++
		}
	}
	return at
}

// mentions reports whether one of the template's holes uses the name.
func mentions(template, name string) bool {
	for p := range pieces(template) {
		if p.hole && uses(p.text, name) {
			return true
		}
	}
	return false
}

// uses reports whether an expression uses the name. A member of that name is
// another thing.
func uses(expression, name string) bool {
	for i := 0; i < len(expression); {
		switch c := expression[i]; {
		case c == '"' || c == '\'' || c == '`':
			i = textEnd(expression, i) + 1
		case isWord(c):
			end := i + 1
			for end < len(expression) && isWord(expression[end]) {
				end++
			}
			if expression[i:end] == name && !strings.HasSuffix(strings.TrimSpace(expression[:i]), ".") {
				return true
			}
			i = end
		default:
			i++
		}
	}
	return false
}

func isWord(c byte) bool {
	return c == '_' || c == '$' || '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c >= 0x80
}

// hasHole reports whether one of the template's holes is the name alone.
func hasHole(template, name string) bool {
	for p := range pieces(template) {
		if p.hole && strings.TrimSpace(p.text) == name {
			return true
		}
	}
	return false
}

// fillHole is text with value in every hole that is the name alone; other
// holes stay.
func fillHole(text, name, value string) string {
	var out strings.Builder
	for p := range pieces(text) {
		switch {
		case !p.hole:
			out.WriteString(p.text)
		case strings.TrimSpace(p.text) == name:
			out.WriteString(value)
		default:
			out.WriteString("{{" + p.text + "}}")
		}
	}
	return out.String()
}
