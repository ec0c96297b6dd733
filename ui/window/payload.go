package window

import (
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"
)

// Bounds of what the detail shows; everything stays in history.
const (
	maxBody       = 32 << 10 // bytes of an event's text
	maxRaw        = 16 << 10 // bytes of a payload as it came
	maxFields     = 60
	maxFieldName  = 40  // characters
	maxFieldValue = 200 // characters
	maxDepth      = 8   // of fields inside fields
	maxIndent     = 16  // levels of indentation
)

// pretty is a payload for reading: JSON indented, anything else as it is; at
// most limit bytes of it. cut says that there is more.
func pretty(raw string, limit int) (text string, cut bool) {
	if !json.Valid([]byte(raw)) {
		text, cut = firstBytes(raw, limit)
		return printable(text), cut
	}
	// Written here and not by json.Indent, whose result grows with the square
	// of the depth.
	var b strings.Builder
	depth, inString, escaped := 0, false, false
	newLine := func() {
		b.WriteByte('\n')
		b.WriteString(strings.Repeat("  ", min(depth, maxIndent)))
	}
	for i := 0; i < len(raw); i++ {
		if b.Len() > limit {
			text, _ = firstBytes(b.String(), limit)
			return text, true
		}
		c := raw[i]
		if inString {
			b.WriteByte(c)
			inString = escaped || c != '"'
			escaped = c == '\\' && !escaped
			continue
		}
		switch c {
		case ' ', '\t', '\r', '\n':
		case '"':
			inString = true
			b.WriteByte(c)
		case '{', '[':
			b.WriteByte(c)
			if next := nextMark(raw[i+1:]); next == '}' || next == ']' {
				continue
			}
			depth++
			newLine()
		case '}', ']':
			if s := b.String(); s[len(s)-1] != '{' && s[len(s)-1] != '[' {
				depth--
				newLine()
			}
			b.WriteByte(c)
		case ',':
			b.WriteByte(c)
			newLine()
		case ':':
			b.WriteString(": ")
		default:
			b.WriteByte(c)
		}
	}
	return firstBytes(b.String(), limit)
}

// nextMark is the first byte of s that is no JSON white space.
func nextMark(s string) byte {
	if s = strings.TrimLeft(s, " \t\r\n"); s != "" {
		return s[0]
	}
	return 0
}

// printable is s without the characters that a label cannot show.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' && r != '\t' || r == 0x7f {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
}

// A field is one of a payload's: value is its start on one line, whole all of
// it.
type field struct{ name, value, whole string }

// collect reads the fields of the object dec has just entered.
func collect(dec *json.Decoder, prefix string, depth int, fields *[]field) bool {
	for dec.More() {
		if len(*fields) >= maxFields {
			return false
		}
		key, err := dec.Token()
		name, ok := key.(string)
		if err != nil || !ok {
			return false
		}
		var value json.RawMessage
		if dec.Decode(&value) != nil {
			return false
		}
		name = prefix + name
		if len(value) > 1 && value[0] == '{' && nextMark(string(value[1:])) != '}' && depth < maxDepth {
			inner := json.NewDecoder(strings.NewReader(string(value)))
			if _, err := inner.Token(); err != nil || !collect(inner, name+".", depth+1, fields) {
				return false
			}
			continue
		}
		text := string(value)
		var s string
		if json.Unmarshal(value, &s) == nil && value[0] == '"' {
			text = s
		}
		*fields = append(*fields, field{clip(name, maxFieldName), clip(text, maxFieldValue), text})
	}
	return true
}

// clip is s on one line, at most n characters, with an ellipsis when cut.
func clip(s string, n int) string {
	short := oneLine(firstRunes(s, 4*n), n)
	if utf8.RuneCountInString(short) >= n {
		return firstRunes(short, n-1) + "…"
	}
	return short
}

// byteSize is a size for people.
func byteSize(n int) string {
	switch {
	case n < 1<<10:
		return fmt.Sprintf("%d B", n)
	case n < 1<<20:
		return fmt.Sprintf("%.0f KB", float64(n)/(1<<10))
	}
	return fmt.Sprintf("%.1f MB", float64(n)/(1<<20))
}
