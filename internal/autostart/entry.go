package autostart

import (
	"errors"
	"slices"
	"strings"
)

// An entry is a file of the Desktop Entry Specification 1.5, as its lines.
type entry []string

// group is the one that matters.
const group = "[Desktop Entry]"

// blanks may be around names and values.
const blanks = " \t\r"

func readEntry(text string) entry {
	return strings.Split(strings.TrimSuffix(text, "\n"), "\n")
}

func (e entry) String() string { return strings.Join(e, "\n") + "\n" }

// find is the place of a key in the group, and where the group ends; -1 for
// what is not there.
func (e entry) find(key string) (at, end int) {
	at, end, inside := -1, -1, false
	for i, line := range e {
		line = strings.Trim(line, blanks)
		if strings.HasPrefix(line, "[") {
			inside = line == group
		}
		if !inside || line == "" {
			continue
		}
		end = i + 1
		if name, _, ok := strings.Cut(line, "="); ok && at < 0 && strings.Trim(name, blanks) == key {
			at = i
		}
	}
	return at, end
}

// get is a key's value as it is written.
func (e entry) get(key string) (value string, ok bool) {
	at, _ := e.find(key)
	if at < 0 {
		return "", false
	}
	_, value, _ = strings.Cut(e[at], "=")
	return strings.Trim(value, blanks), true
}

// with is e with another value for key.
func (e entry) with(key, value string) entry {
	e = slices.Clone(e)
	at, end := e.find(key)
	switch {
	case at >= 0:
		e[at] = key + "=" + value
	case end >= 0:
		e = slices.Insert(e, end, key+"="+value)
	default:
		e = append(e, group, key+"="+value)
	}
	return e
}

// is reports whether a boolean is as given; what is not there is neither.
func (e entry) is(key string, want bool) bool {
	value, ok := e.get(key)
	return ok && (value == "true" || value == "1") == want
}

// escape writes a text as a value of the type string.
func escape(s string) string {
	return strings.NewReplacer(`\`, `\\`, "\n", `\n`, "\t", `\t`, "\r", `\r`).Replace(s)
}

// unescape is the text of a value of the type string.
func unescape(s string) string {
	return strings.NewReplacer(`\\`, `\`, `\s`, " ", `\n`, "\n", `\t`, "\t", `\r`, "\r").Replace(s)
}

// reserved are the characters for which an argument has to be quoted.
const reserved = " \t\n\r\"'\\><~|&;$*?#()`"

// execLine is a command as the value of Exec: the arguments are quoted, and
// the whole is escaped as any other text.
func execLine(argv []string) string {
	quoted := make([]string, len(argv))
	for i, arg := range argv {
		arg = strings.ReplaceAll(arg, "%", "%%")
		if arg == "" || strings.ContainsAny(arg, reserved) {
			arg = `"` + strings.NewReplacer(`"`, `\"`, "`", "\\`", "$", `\$`, `\`, `\\`).Replace(arg) + `"`
		}
		quoted[i] = arg
	}
	return escape(strings.Join(quoted, " "))
}

var errExec = errors.New("the Exec line cannot be read")

// splitExec is the command of a value of Exec, without its field codes.
func splitExec(value string) (argv []string, err error) {
	s := unescape(value)
	for {
		s = strings.TrimLeft(s, blanks)
		if s == "" {
			break
		}
		arg, rest, quoted, err := nextArgument(s)
		if err != nil {
			return nil, err
		}
		if s = rest; quoted || len(arg) != 2 || arg[0] != '%' || arg[1] == '%' {
			argv = append(argv, strings.ReplaceAll(arg, "%%", "%"))
		}
	}
	if len(argv) == 0 {
		return nil, errExec
	}
	return argv, nil
}

func nextArgument(s string) (arg, rest string, quoted bool, err error) {
	if s[0] != '"' {
		end := strings.IndexAny(s+" ", blanks)
		return s[:end], s[end:], false, nil
	}
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		switch c := s[i]; {
		case c == '"':
			return b.String(), s[i+1:], true, nil
		case c == '\\' && i+1 < len(s):
			i++
			b.WriteByte(s[i])
		default:
			b.WriteByte(c)
		}
	}
	return "", "", false, errExec
}
