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
// the message's own, as it always is where m was backfilled.
//
// The path is that of [subscriptions.SplitPath], and goes on in JSON inside a
// string. Of equal names the first counts.
func Cursor(f subscriptions.Feed, m subscriptions.Message) string {
	if m.Backfilled {
		return m.Cursor
	}
	if cursor, ok := field(m, f.Resume.Field); ok {
		return cursor
	}
	return m.Cursor
}

// field is the exact text of what m's payload has at path, where it can be
// sent back to the server.
func field(m subscriptions.Message, path string) (text string, ok bool) {
	if path == "" || m.CursorOnly {
		return "", false
	}
	v, ok := parse(m.Data)
	if !ok {
		return "", false
	}
	for _, name := range subscriptions.SplitPath(path) {
		if v.Type == gjson.String { // JSON inside a string
			v, _ = parse(v.Str)
		}
		v = member(v, name)
	}
	text = scalar(v)
	if v.IsObject() || v.IsArray() {
		if text = v.Raw; strings.ContainsFunc(text, isControl) {
			text = compact(text, MaxCursor) // was written on several lines
		}
	}
	if text == "" || len(text) > MaxCursor || strings.ContainsFunc(text, isControl) || !utf8.ValidString(text) {
		return "", false
	}
	return text, true
}

// isControl reports what no header may hold.
func isControl(r rune) bool { return r < ' ' || r == 0x7f }

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
