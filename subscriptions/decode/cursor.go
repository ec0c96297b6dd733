package decode

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"bellwire/subscriptions"

	"github.com/tidwall/gjson"
)

// MaxCursor is the longest cursor taken from a payload, in bytes: it has to
// fit in a header or a URL.
const MaxCursor = 4 << 10

// Cursor is the position to resume from once m is committed. Where the feed
// says that the payload holds it, that is the value's exact text: a string's
// characters, a number's digits, an object or array as JSON. Otherwise, and
// where the payload has no such value or one that cannot be sent back, it is
// the message's own.
//
// In the path, names are separated by dots and a number selects an element of
// an array; a backslash takes the next character as it is. Nothing else has a
// meaning of its own. Of equal names the first counts.
func Cursor(f subscriptions.Feed, m subscriptions.Message) string {
	if cursor, ok := fieldCursor(f, m); ok {
		return cursor
	}
	return m.Cursor
}

// fieldCursor is the cursor inside the payload, where the feed names one and
// the payload has it.
func fieldCursor(f subscriptions.Feed, m subscriptions.Message) (cursor string, ok bool) {
	if f.Resume.Field == "" || m.CursorOnly {
		return "", false
	}
	v, ok := parse(m.Data)
	if !ok {
		return "", false
	}
	for _, name := range splitPath(f.Resume.Field) {
		if v.Type == gjson.String { // JSON inside a string
			v, _ = parse(v.Str)
		}
		v = member(v, name)
	}
	cursor = scalar(v)
	if v.IsObject() || v.IsArray() {
		if cursor = v.Raw; strings.ContainsFunc(cursor, isControl) {
			cursor = compact(cursor, MaxCursor) // was written on several lines
		}
	}
	if cursor == "" || len(cursor) > MaxCursor || strings.ContainsFunc(cursor, isControl) || !utf8.ValidString(cursor) {
		return "", false
	}
	return cursor, true
}

// isControl reports what no header may hold.
func isControl(r rune) bool { return r < ' ' || r == 0x7f }

// splitPath cuts a path at its dots.
func splitPath(path string) []string {
	names := []string{""}
	for i := 0; i < len(path); i++ {
		last := len(names) - 1
		switch c := path[i]; {
		case c == '.':
			names = append(names, "")
		case c == '\\' && i+1 < len(path):
			i++
			names[last] += path[i : i+1]
		default:
			names[last] += path[i : i+1]
		}
	}
	return names
}

// member is the member of an object or the element of an array with the
// given name.
func member(v gjson.Result, name string) (found gjson.Result) {
	switch {
	case v.IsObject():
		v.ForEach(func(key, value gjson.Result) bool {
			if key.Str != name {
				return true
			}
			found = value
			return false
		})
	case v.IsArray():
		i, err := strconv.Atoi(name)
		if err != nil || i < 0 {
			return found
		}
		v.ForEach(func(_, value gjson.Result) bool {
			found = value
			i--
			return i >= 0
		})
		if i >= 0 { // there are not as many
			return gjson.Result{}
		}
	}
	return found
}
