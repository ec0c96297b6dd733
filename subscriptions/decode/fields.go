package decode

import (
	"strings"
	"time"

	"bellwire/subscriptions"
	"bellwire/subscriptions/expression"

	"github.com/tidwall/gjson"
)

// maxEnvelopes is how many envelopes are opened, one inside the other.
const maxEnvelopes = 2

// envelopes are the names of members that hold the event itself, the most
// telling first.
var envelopes = [...]string{"data", "event", "payload", "notification"}

// content is what was found in a JSON payload.
type content struct {
	received time.Time // bounds plausible times

	title, body, link, id string
	priority              int
	time                  time.Time
	tags                  []string
	actions               []subscriptions.Action
	bodied                bool // body is meant, even where it is empty
	// plain is the text of an envelope that holds text, as in {type, data}.
	plain string

	// ranks say by which name each role was filled; 0 by none. Every
	// envelope opened adds maxRank, so that outer fields win.
	ranks [roles]int
}

// find is what d has by the usual names.
func find(d document, received time.Time) content {
	c := content{received: received, priority: subscriptions.PriorityDefault}
	if d.isJSON {
		c.collect(d.value, 0)
		if c.title == "" && c.body == "" {
			c.infer(d.value)
		}
	}
	return c
}

// collect fills what is still empty from v, which lies in the given number of
// envelopes.
func (c *content) collect(v gjson.Result, depth int) {
	if v.IsArray() {
		v = only(v)
	}
	if !v.IsObject() {
		return
	}
	var inner [len(envelopes)]gjson.Result
	v.ForEach(func(key, value gjson.Result) bool {
		name := strings.ToLower(key.Str)
		c.offer(name, value, depth)
		for i, e := range envelopes {
			if name == e && !inner[i].Exists() {
				inner[i] = value
			}
		}
		return true
	})
	for i, value := range inner {
		if depth < maxEnvelopes {
			c.open(envelopes[i], value, depth+1)
		}
	}
}

// offer gives a member to the role it has by its name, if it is the best yet.
func (c *content) offer(name string, value gjson.Result, depth int) {
	r, rank := wellKnown(name)
	if r == noRole {
		return
	}
	rank += depth * maxRank
	if (c.ranks[r] == 0 || rank < c.ranks[r]) && c.take(r, name, value) {
		c.ranks[r] = rank
	}
}

// open collects from an envelope: an object, JSON inside a string, or text.
func (c *content) open(name string, value gjson.Result, depth int) {
	switch value.Type {
	case gjson.JSON:
		c.collect(value, depth)
	case gjson.String:
		if inner, ok := parse(value.Str); ok {
			c.collect(inner, depth)
			return
		}
		fallthrough
	case gjson.Number:
		// The text of "event" is a name, not something to read.
		if c.plain == "" && name != "event" {
			c.plain = scalar(value)
		}
	}
}

// take fills one role with value and reports whether value was fit for it.
func (c *content) take(r role, name string, value gjson.Result) (ok bool) {
	switch r {
	case roleTitle:
		ok = keep(&c.title, value)
	case roleBody:
		if ok = keep(&c.body, value); ok && isHTML(c.body) {
			c.body = expression.Plain(c.body)
		}
	case roleID:
		ok = keep(&c.id, value)
	case roleLink:
		if l := link(value.Str); l != "" {
			c.link, ok = l, true
		}
	case rolePriority:
		if _, rank := wellKnown(name); rank > 4 && value.Type != gjson.String {
			return false // a state, by a number
		}
		// A priority may be off the scale; a level of 85 is a battery's.
		if p, known := priority(value, name == "priority"); known {
			c.priority, ok = p, true
		}
	case roleTags:
		ok = c.takeTags(value)
	case roleActions:
		ok = c.takeActions(value)
	case roleTime:
		if t := when(value, c.received); !t.IsZero() {
			c.time, ok = t, true
		}
	}
	return ok
}

// isHTML reports whether a text begins and ends like HTML.
func isHTML(s string) bool {
	s = strings.TrimSpace(s)
	return len(s) > 6 && s[0] == '<' && s[len(s)-1] == '>' && (s[1] >= 'a' && s[1] <= 'z') && strings.Contains(s, "</")
}

// keep sets dst to a text or number that is not blank.
func keep(dst *string, value gjson.Result) bool {
	s := scalar(value)
	if strings.TrimSpace(s) == "" {
		return false
	}
	*dst = s
	return true
}

// scalar is a string's text or a number's digits as they were written; empty
// for anything else.
func scalar(v gjson.Result) string {
	switch v.Type {
	case gjson.String:
		return v.Str
	case gjson.Number:
		return v.Raw
	}
	return ""
}

// only is an array's single element; nothing if it has another number.
func only(array gjson.Result) (element gjson.Result) {
	n := 0
	array.ForEach(func(_, v gjson.Result) bool {
		element = v
		n++
		return n < 2
	})
	if n != 1 {
		return gjson.Result{}
	}
	return element
}

// parse reads s as a JSON object, array or string. Anything else, and
// whatever is invalid or nests too deeply, is text.
func parse(s string) (v gjson.Result, ok bool) {
	s = strings.TrimSpace(strings.TrimPrefix(s, "\uFEFF"))
	if s == "" || s[0] != '{' && s[0] != '[' && s[0] != '"' || expression.TooDeep(s) || !gjson.Valid(s) {
		return gjson.Result{}, false
	}
	return gjson.Parse(s), true
}
