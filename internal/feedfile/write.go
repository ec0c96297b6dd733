package feedfile

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// Header is the first line of what is written: editors with a YAML language
// server then know the fields. [SchemaJSON] goes beside the file.
const Header = "# yaml-language-server: $schema=feeds.schema.json\n"

// Marshal writes f. Fields come in the order of the types and only those that
// say something, each on a line of its own, so that two versions compare well.
func Marshal(f File) ([]byte, error) {
	f.Version = Version
	if f.Feeds == nil {
		f.Feeds = []Feed{}
	}
	b, err := json.Marshal(f)
	if err != nil {
		return nil, err
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	w := &writer{dec: d}
	w.WriteString(Header)
	first, err := d.Token()
	if err == nil {
		err = w.object(first, 0)
	}
	return w.Bytes(), err
}

// A writer writes the tokens of a JSON text as YAML.
type writer struct {
	bytes.Buffer
	dec *json.Decoder
}

func (w *writer) indent(depth int) { w.WriteString(strings.Repeat("  ", depth)) }

// object writes the members of an object whose brace has been read; the
// first where the writer stands.
func (w *writer) object(open json.Token, depth int) error {
	if open != json.Delim('{') {
		return fmt.Errorf("no object")
	}
	for first := true; w.dec.More(); first = false {
		key, err := w.dec.Token()
		if err != nil {
			return err
		}
		if !first {
			w.indent(depth)
		}
		name, _ := key.(string)
		w.scalar(name, depth, false)
		w.WriteByte(':')
		if err := w.value(depth); err != nil {
			return err
		}
	}
	_, err := w.dec.Token()
	return err
}

// value writes what follows a name or a hyphen, and the end of its line.
func (w *writer) value(depth int) error {
	t, err := w.dec.Token()
	if err != nil {
		return err
	}
	d, nested := t.(json.Delim)
	switch {
	case !nested:
		w.WriteByte(' ')
		w.scalar(t, depth+1, true)
		w.WriteByte('\n')
		return nil
	case !w.dec.More():
		w.WriteString(map[json.Delim]string{'{': " {}\n", '[': " []\n"}[d])
		_, err := w.dec.Token()
		return err
	case d == '{':
		w.WriteByte('\n')
		w.indent(depth + 1)
		return w.object(t, depth+1)
	}
	w.WriteByte('\n')
	return w.list(depth + 1)
}

func (w *writer) list(depth int) error {
	for w.dec.More() {
		w.indent(depth)
		w.WriteString("- ")
		t, err := w.dec.Token()
		if err != nil {
			return err
		}
		if t == json.Delim('{') {
			err = w.object(t, depth+1)
		} else {
			w.scalar(t, depth+1, true)
			w.WriteByte('\n')
		}
		if err != nil {
			return err
		}
	}
	_, err := w.dec.Token()
	return err
}

// plain is text that YAML takes for a text without quotes, apart from its
// reserved words and what looks like a number.
var (
	plain    = regexp.MustCompile(`^[A-Za-z_/][A-Za-z0-9_./+=@?&%~(),-]*( [A-Za-z0-9_./+=@?&%~(),-]+)*$`)
	address  = regexp.MustCompile(`^((https?|wss?)://|env:|file:)[A-Za-z0-9_./+=@?&%~*:-]*[A-Za-z0-9/*]$`)
	duration = regexp.MustCompile(`^([0-9]+(ms|s|m|h))+$`)
	reserved = []string{"true", "false", "null", "yes", "no", "on", "off", "y", "n"}
)

// scalar writes one value; texts of several lines as a block where that is
// allowed and shows them as they are.
func (w *writer) scalar(v any, depth int, block bool) {
	s, isText := v.(string)
	switch {
	case !isText:
		fmt.Fprint(w, v)
	case (plain.MatchString(s) || address.MatchString(s) || duration.MatchString(s)) && !slices.Contains(reserved, strings.ToLower(s)):
		w.WriteString(s)
	case block && readable(s):
		w.block(s, depth)
	case !strings.ContainsFunc(s, unquotable):
		w.WriteString("'" + strings.ReplaceAll(s, "'", "''") + "'")
	default:
		w.WriteString(escaped(s))
	}
}

// unquotable is what cannot be between single quotes, or cannot be seen there.
func unquotable(r rune) bool { return !unicode.IsGraphic(r) || r != ' ' && unicode.IsSpace(r) }

// readable reports whether s has several lines, none of which YAML would
// change.
func readable(s string) bool {
	lines := strings.Split(strings.TrimSuffix(s, "\n"), "\n")
	return len(lines) > 1 && !strings.HasPrefix(s, " ") && !slices.ContainsFunc(lines, func(l string) bool {
		return strings.TrimSpace(l) == "" || strings.TrimRight(l, " ") != l || strings.ContainsFunc(l, unquotable)
	})
}

func (w *writer) block(s string, depth int) {
	body, end := s, "|-\n"
	if strings.HasSuffix(s, "\n") {
		body, end = strings.TrimSuffix(s, "\n"), "|\n"
	}
	w.WriteString(end)
	for i, line := range strings.Split(body, "\n") {
		if i > 0 {
			w.WriteByte('\n')
		}
		w.indent(depth)
		w.WriteString(line)
	}
}

// escaped is s between double quotes, in ASCII but for what can be seen.
func escaped(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case !unquotable(r):
			b.WriteRune(r)
		case r > 0xffff:
			fmt.Fprintf(&b, `\U%08X`, r)
		default:
			fmt.Fprintf(&b, `\u%04X`, r)
		}
	}
	b.WriteByte('"')
	return b.String()
}
