package subscriptions

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// FieldExpression is the expression for a place in a payload: the elements of
// path are names of members (string) and places in lists (int, from 0). The
// empty path is the payload itself.
func FieldExpression(path []any) string {
	var b strings.Builder
	b.WriteString("data")
	for _, step := range path {
		switch s := step.(type) {
		case int:
			b.WriteString("[" + strconv.Itoa(s) + "]")
		case string:
			if isIdentifier(s) {
				b.WriteString("." + s)
			} else {
				b.WriteString("[" + strconv.Quote(s) + "]")
			}
		default:
			b.WriteString("[" + strconv.Quote(fmt.Sprint(s)) + "]")
		}
	}
	return b.String()
}

// FieldTemplate is the template that shows that place: {{ data.commit.author }}.
func FieldTemplate(path []any) string { return "{{ " + FieldExpression(path) + " }}" }

// keywords are words that mean something to an expression.
var keywords = []string{"and", "contains", "else", "endsWith", "false", "if", "in", "let", "matches", "nil", "not", "or", "startsWith", "true"}

// isIdentifier reports whether a member may be named behind a dot.
func isIdentifier(s string) bool {
	for i, r := range s {
		letter := r == '_' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
		if !letter && (i == 0 || r < '0' || r > '9') {
			return false
		}
	}
	return s != "" && !slices.Contains(keywords, s)
}
