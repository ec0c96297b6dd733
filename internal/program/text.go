package program

import (
	"bytes"
	"strings"
	"unicode"
)

// maxSaid bounds a line that goes into an error, in characters.
const maxSaid = 200

func firstLine(b []byte) string {
	for line := range bytes.Lines(b) {
		if s := printable(line); s != "" {
			return s
		}
	}
	return ""
}

// printable is one line as text that no terminal and no log stumbles over.
func printable(line []byte) string {
	var b strings.Builder
	n := 0
	for _, r := range strings.TrimSpace(string(line)) { // an invalid byte reads as U+FFFD
		switch {
		case r == '\t':
			r = ' '
		case !unicode.IsPrint(r):
			continue
		}
		if n++; n > maxSaid {
			return b.String() + "…"
		}
		b.WriteRune(r)
	}
	return strings.TrimSpace(b.String())
}
