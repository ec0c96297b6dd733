package presets

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"bellwire/subscriptions"
)

// A language is what the text around an option is written in, which decides
// how the option's value is.
type language int

const (
	plainText language = iota // a name or a path: as it is
	inAddress                 // percent-encoded (RFC 3986 §2.1)
	inExpr                    // in quotes escaped for these, else in quotes of its own
	inText                    // a template; as it is, and never a hole
	inJSON                    // a template of JSON: the same, and in quotes escaped for them
	inData                    // JSON that is no template
)

// A filler puts options' values in their places. What it has put in is not
// looked at again.
type filler struct {
	values map[string]string
	in     language
}

func addressFiller(values map[string]string) filler { return filler{values, inAddress} }

// fill is text with its options. what names it in errors.
func (f filler) fill(what, text string) (string, error) {
	out := ""
	ctx := newContext(f.in)
	for {
		at := hole.FindStringSubmatchIndex(text)
		if at == nil {
			return out + text, nil
		}
		before, name := text[:at[0]], text[at[2]:at[3]]
		value, known := f.values[name]
		if !known {
			return "", fmt.Errorf("%s: there is no option %q", what, name)
		}
		out += before
		ctx.read(before)
		written, err := ctx.write(value)
		if err != nil {
			return "", fmt.Errorf("%s: ${%s}: %w", what, name, err)
		}
		if rest, brace := strings.CutSuffix(out, "{"); brace && ctx.template() && strings.HasPrefix(written, "{") {
			out = rest + oneBrace // or the two would open a hole
		}
		out += written
		text = text[at[1]:]
	}
}

// A context is where in a text an option stands.
type context struct {
	in      language
	hole    bool // in {{ … }} of a template
	depth   int  // of braces in there
	quote   byte // the quotes of a text of an expression that is open; 0: none
	quoted  bool // in a text of JSON
	escaped bool // behind a backslash in a text
}

func newContext(in language) *context { return &context{in: in, hole: in == inExpr} }

// read goes on over what the preset's author has written.
func (c *context) read(s string) {
	if c.in == plainText || c.in == inAddress {
		return
	}
	for i := 0; i < len(s); i++ {
		if c.hole {
			i += c.readExpr(s[i:])
		} else {
			i += c.readText(s[i:])
		}
	}
}

// readText reads one character outside of holes, and tells how many more it
// has taken.
func (c *context) readText(s string) int {
	switch {
	case strings.HasPrefix(s, "{{") && c.in != inData:
		c.hole, c.depth, c.quote = true, 0, 0
		return 1
	case c.escaped:
		c.escaped = false
	case s[0] == '"':
		c.quoted = !c.quoted
	case s[0] == '\\':
		c.escaped = c.quoted
	}
	return 0
}

func (c *context) readExpr(s string) int {
	switch {
	case c.escaped:
		c.escaped = false
	case c.quote != 0:
		c.escaped = s[0] == '\\' && c.quote != '`'
		if s[0] == c.quote {
			c.quote = 0
		}
	case s[0] == '"' || s[0] == '\'' || s[0] == '`':
		c.quote = s[0]
	case s[0] == '{':
		c.depth++
	case s[0] == '}' && c.depth > 0:
		c.depth--
	case c.in != inExpr && strings.HasPrefix(s, "}}"):
		c.hole = false
		return 1
	}
	return 0
}

// template reports whether braces can open a hole here.
func (c *context) template() bool { return !c.hole && (c.in == inText || c.in == inJSON) }

// write is value as it is written here.
func (c *context) write(value string) (string, error) {
	switch {
	case c.in == plainText:
		return value, nil
	case c.in == inAddress:
		return escapeAddress(value), nil
	case c.hole && c.quote == '`':
		return "", fmt.Errorf("an option cannot stand in raw quotes")
	case c.hole && c.quote != 0:
		return quoteExpr(value, c.quote), nil
	case c.hole:
		return `"` + quoteExpr(value, '"') + `"`, nil
	}
	if c.quoted && c.in != inText {
		value = quoteJSON(value)
	}
	if c.in == inData {
		return value, nil
	}
	return neverHole(value), nil
}

// quoteJSON is s inside the quotes of JSON.
func quoteJSON(s string) string {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(s) // a text: cannot fail
	return strings.TrimSuffix(b.String()[1:], "\"\n")
}

// quoteExpr is s inside such quotes of an expression, whose escapes are
// JSON's but for the quotes themselves.
func quoteExpr(s string, quote byte) string {
	s = quoteJSON(s)
	if quote == '\'' {
		s = strings.ReplaceAll(strings.ReplaceAll(s, `\"`, `"`), `'`, `\'`)
	}
	return s
}

// oneBrace is a brace that opens no hole.
const oneBrace = `{{ "{" }}`

// neverHole is s without anything that would open a hole, also together with
// what follows.
func neverHole(s string) string {
	var out strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '{' && (i == len(s)-1 || s[i+1] == '{') {
			out.WriteString(oneBrace)
			continue
		}
		out.WriteByte(s[i])
	}
	return out.String()
}

// escapeAddress leaves what has no meaning of its own in a path or a
// parameter's value: a value can go deeper, but neither to another server nor
// into another parameter.
func escapeAddress(s string) string {
	const digits = "0123456789ABCDEF"
	var out strings.Builder
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', strings.IndexByte("-._~/,:@*", c) >= 0:
			out.WriteByte(c)
		default:
			out.WriteByte('%')
			out.WriteByte(digits[c>>4])
			out.WriteByte(digits[c&15])
		}
	}
	return out.String()
}

// A settings fills a preset's settings and keeps the first error.
type settings struct {
	values map[string]string
	err    error
}

func (s *settings) text(in language, what string, to *string) {
	if s.err == nil && strings.Contains(*to, "${") {
		*to, s.err = filler{s.values, in}.fill(what, *to)
	}
}

// fill is a preset's settings with the options' values; nothing of from is
// changed.
func fill(from subscriptions.Settings, values map[string]string) (subscriptions.Settings, error) {
	out, s := from, &settings{values: values}
	out.Subprotocols = slices.Clone(from.Subprotocols)
	for i := range out.Subprotocols {
		s.text(plainText, fmt.Sprintf("subprotocols[%d]", i), &out.Subprotocols[i])
	}
	out.Frames = slices.Clone(from.Frames)
	for i := range out.Frames {
		s.text(inExpr, fmt.Sprintf("frames[%d].after", i), &out.Frames[i].After)
		s.text(inJSON, fmt.Sprintf("frames[%d].send", i), &out.Frames[i].Send)
	}
	s.text(inJSON, "heartbeat.send", &out.Heartbeat.Send)
	s.text(inData, "heartbeat.expect", &out.Heartbeat.Expect)
	s.text(inAddress, "resume.backfill.url", &out.Resume.Backfill.URL)
	s.text(inData, "resume.start", &out.Resume.Start)
	for what, to := range map[string]*string{
		"resume.param": &out.Resume.Param, "resume.field": &out.Resume.Field,
		"resume.backfill.param": &out.Resume.Backfill.Param, "resume.backfill.items": &out.Resume.Backfill.Items,
		"resume.backfill.id": &out.Resume.Backfill.ID, "resume.backfill.payload": &out.Resume.Backfill.Payload,
		"dedupe.field": &out.Dedupe.Field, "poll.items": &out.Poll.Items,
	} {
		s.text(plainText, what, to)
	}
	s.conversation(&out.Conversation)
	s.mapping(&out.Mapping)
	s.text(inExpr, "silence.when", &out.Silence.When)
	return out, s.err
}

func (s *settings) conversation(c *subscriptions.Conversation) {
	c.Replies = slices.Clone(c.Replies)
	for i := range c.Replies {
		r := &c.Replies[i]
		s.text(inExpr, fmt.Sprintf("conversation.replies[%d].when", i), &r.When)
		s.text(inJSON, fmt.Sprintf("conversation.replies[%d].send", i), &r.Send)
		s.text(inAddress, fmt.Sprintf("conversation.replies[%d].post", i), &r.Post)
	}
	s.text(inExpr, "conversation.closed", &c.Closed)
	s.text(inExpr, "conversation.refused", &c.Refused)
	s.text(inExpr, "conversation.missed", &c.Missed)
	c.Remember = maps.Clone(c.Remember)
	for name, source := range c.Remember {
		s.text(inExpr, "conversation.remember."+name, &source)
		c.Remember[name] = source
	}
}

func (s *settings) mapping(m *subscriptions.Mapping) {
	for what, to := range map[string]*string{"keep_alive": &m.KeepAlive, "skip": &m.Skip, "events": &m.Events, "notify": &m.Notify, "actions": &m.Actions} {
		s.text(inExpr, "mapping."+what, to)
	}
	for what, to := range map[string]*string{
		"title": &m.Title, "body": &m.Body, "link": &m.Link, "priority": &m.Priority, "tags": &m.Tags, "icon": &m.Icon, "image": &m.Image,
		"time": &m.Time, "id": &m.ID, "type": &m.Type, "group": &m.Group, "cursor": &m.Cursor,
	} {
		s.text(inText, "mapping."+what, to)
	}
}
