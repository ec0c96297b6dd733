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

// position is the cursor after m where its mapping names none. Where the feed
// says that the payload holds it, that is the value's exact text: a string's
// characters, a number's digits, an object or array as JSON; a payload that has
// no such value, or one that cannot be sent back, moves nothing. Otherwise, and
// always where the transport finds its own way, it is the message's own.
//
// The path is that of [subscriptions.SplitPath], and goes on in JSON inside a
// string. Of equal names the first counts.
func (d *Decoder) position(m subscriptions.Message, before string) string {
	switch {
	case d.feed.Transport.Polls() || m.Backfilled:
		return m.Cursor
	case d.feed.Resume.Field != "":
		if cursor, ok := field(m, d.feed.Resume.Field); ok {
			return cursor
		}
		return before
	case d.mapping != nil && d.mapping.cursor != nil:
		return before
	}
	return m.Cursor
}

// PayloadCursor finds the position inside payloads alone, for transports that
// find their way by it: with a backfill, inside an item of a page. It is empty
// where a payload has none; the function is nil where the feed does not say
// that payloads hold one.
func (d *Decoder) PayloadCursor() func(subscriptions.Message) string {
	mapped := d.mapping != nil && d.mapping.cursor != nil
	path := d.feed.Resume.Field
	if id := d.feed.Resume.Backfill.ID; id != "" && path != "" {
		path, mapped = id, false
	}
	if path == "" && !mapped {
		return nil
	}
	return func(m subscriptions.Message) string {
		if mapped {
			if docs, err := d.documents(m.Data); err == nil && !m.CursorOnly {
				if _, cursor := d.read(m, "", docs); cursor != "" {
					return cursor
				}
			}
		}
		cursor, _ := field(m, path)
		return cursor
	}
}

// sendable reports whether a cursor can be given back to a server.
func sendable(cursor string) bool {
	return cursor != "" && len(cursor) <= MaxCursor && !strings.ContainsFunc(cursor, isControl) && utf8.ValidString(cursor)
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
	if !sendable(text) {
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
