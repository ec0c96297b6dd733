package decode

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"bellwire/subscriptions"
)

// Limits on what an event holds. The payload itself, [subscriptions.Event]'s
// Raw, is as large as the transport allows.
const (
	MaxTitle   = 250     // runes
	MaxBody    = 8 << 10 // bytes
	MaxID      = 250     // runes
	MaxType    = 100     // runes
	MaxGroup   = 250     // runes
	MaxWarning = 300     // runes
	MaxTag     = 50      // runes
	MaxTags    = 20
)

// headline is the longest first line, in runes, that can stand as a title.
const headline = 100

// show puts what was found into e, or the payload itself where nothing was.
func (c *content) show(e *subscriptions.Event, feed string, d document) {
	e.Link, e.Priority, e.Time, e.Tags, e.Actions = c.link, c.priority, c.time, c.tags, c.actions
	title, body := c.title, c.body
	switch {
	case title != "" && body == "" && !c.bodied && !d.isJSON:
		if body = d.text; strings.TrimSpace(title) == strings.TrimSpace(body) {
			body = ""
		}
	case title != "" || body != "":
	case c.plain != "":
		body = c.plain
	case d.isJSON:
		if body = compact(d.value.Raw, MaxBody); len(body) > 2 { // an empty one has nothing to show
			title = feed
		} else {
			body = ""
		}
	case d.literal:
		body = d.text
	default:
		body = c.syslog(d.text)
		e.Priority = c.priority
	}
	if d.reduce != nil {
		title, body = d.reduce(title), d.reduce(body)
	}
	e.Title, e.Body = headlined(title, body)
	switch {
	case e.Title != "":
	case e.Body != "":
		e.Title = feed
	case e.Type != "" && e.Type != "message":
		e.Title = Line(feed+": "+e.Type, MaxTitle)
	default:
		e.Title, e.Body = feed, "Empty message"
	}
}

// syslog takes the number in front of a syslog line (RFC 5424 §6.2.1) off, and
// for its priority.
func (c *content) syslog(s string) string {
	number, rest, ok := strings.Cut(s, ">")
	n, err := strconv.Atoi(strings.TrimPrefix(number, "<"))
	if !ok || err != nil || !strings.HasPrefix(number, "<") || len(number) > 4 || n < 0 || n > 191 || !visible(rest) {
		return s
	}
	c.priority = [8]int{5, 5, 5, 4, 4, 3, 3, 1}[n%8]
	if strings.HasPrefix(rest, "1 2") { // the version, and a date
		rest = rest[2:]
	}
	return rest
}

// headlined cleans a title and a body. Without a title the body's first line
// is it, if it is short. A title that had to be cut is kept in full in an
// empty body.
func headlined(title, body string) (string, string) {
	line, text := Line(title, MaxTitle), Text(body, MaxBody)
	if !visible(line) {
		line = ""
	}
	if !visible(text) {
		text = ""
	}
	switch {
	case line == "":
		first, rest, _ := strings.Cut(text, "\n")
		if visible(first) && utf8.RuneCountInString(first) <= headline {
			return Line(first, MaxTitle), strings.TrimSpace(rest)
		}
	case text == "" && strings.HasSuffix(line, ellipsis) && !strings.HasSuffix(title, ellipsis):
		text = Text(title, MaxBody)
	}
	return line, text
}

// name is what the feed is called in a title.
func name(f subscriptions.Feed) string {
	for _, s := range []string{f.Name, f.ID} {
		if s = Line(s, MaxTitle); s != "" {
			return s
		}
	}
	return "Event"
}

// isText reports whether a binary payload is text all the same: many servers
// send JSON in binary frames.
func isText(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool {
		return r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == 0x7f
	})
}
