package decode

import (
	"net/http"
	"strings"
	"unicode/utf8"

	"bellwire/subscriptions"

	"github.com/tidwall/gjson"
)

// Limits on what an event holds. The payload itself, [subscriptions.Event]'s
// Raw, is as large as the transport allows.
const (
	MaxTitle = 250     // runes
	MaxBody  = 8 << 10 // bytes
	MaxID    = 250     // runes
	MaxType  = 100     // runes
)

// headline is the longest first line, in runes, that can stand as a title.
const headline = 100

// Decode is what a person sees of m: one event, or none where the server only
// moved the cursor. It cannot fail; a payload it does not understand is shown
// as it is.
//
// Fields are looked for by their usual names, whatever their case, at the top
// and then in an envelope around the event. In order of preference:
//
//	title     title, subject, summary
//	body      message, body, text, content, description
//	link      url, link, click, href
//	priority  priority, severity, level
//	time      time, timestamp, created_at
//	id        id, event_id, uuid
//
// Without any of the first two, the event's text is the payload itself.
func Decode(f subscriptions.Feed, m subscriptions.Message) []subscriptions.Event {
	if m.CursorOnly {
		return nil
	}
	e := subscriptions.Event{
		Feed:     f.ID,
		Kind:     subscriptions.KindEvent,
		Type:     Line(m.Type, MaxType),
		Priority: subscriptions.PriorityDefault,
		Received: m.Received,
	}
	id := m.ID // exact; the event's is cleaned and bounded
	switch {
	case m.Oversize > 0:
		e.Title = "An event of at least " + size(m.Oversize) + " was too large to keep"
	case m.Binary && !isText(m.Data):
		e.Title = "Binary message (" + http.DetectContentType([]byte(m.Data[:min(len(m.Data), 512)])) + ", " + size(int64(len(m.Data))) + ")"
	default:
		e.Raw = strings.ToValidUTF8(m.Data, "\uFFFD")
		if found := read(&e, name(f), e.Raw); id == "" {
			id = found
		}
	}
	e.MessageID = Line(id, MaxID)
	e.DedupeKey = dedupeKey(f, m)
	return []subscriptions.Event{e}
}

// read fills e from the payload and returns the id found in it.
func read(e *subscriptions.Event, feed, payload string) (id string) {
	v, isJSON := parse(payload)
	if isJSON && v.Type == gjson.String {
		payload = v.Str
		v, isJSON = parse(payload)
	}
	c := content{received: e.Received, priority: subscriptions.PriorityDefault}
	if isJSON {
		c.collect(v, 0)
	}
	e.Link, e.Priority, e.Time = c.link, c.priority, c.time

	title, body := c.title, c.body
	switch {
	case title != "" || body != "":
	case c.plain != "":
		body = c.plain
	case v.IsObject() || v.IsArray():
		title, body = feed, compact(v.Raw, MaxBody)
	default:
		body = payload
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
	return c.id
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
