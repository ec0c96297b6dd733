package decode

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"

	"bellwire/subscriptions"
	"bellwire/subscriptions/expression"

	"github.com/tidwall/gjson"
)

// MaxEvents is how many events one message may hold.
const MaxEvents = 1000

// A document is what of a payload is read as one thing.
type document struct {
	// raw is the document as it came, text what is shown of it where nothing
	// better is found.
	raw, text string
	// value is what it holds, where it is JSON.
	value  gjson.Result
	isJSON bool
	// literal documents are text, whatever they look like.
	literal bool
	// reduce makes plain text of what is shown; nil leaves it.
	reduce func(string) string
}

// data is what expressions see of d.
func (d document) data() any {
	if d.isJSON {
		return expression.FromResult(d.value)
	}
	if !d.literal {
		if v, ok := expression.FromJSON(d.text); ok {
			return v
		}
	}
	return d.text
}

// manyError is a payload of more events than one message may hold.
type manyError int

func (e manyError) Error() string { return fmt.Sprintf("more than %d events in it", int(e)) }

// documents reads a payload in the feed's format. The error is a [manyError].
func (d *Decoder) documents(payload string) ([]document, error) {
	format, whole := d.feed.Mapping.Format, d.mapping != nil && d.mapping.events != nil
	switch format {
	case subscriptions.FormatText:
		return []document{{raw: payload, text: payload, literal: true}}, nil
	case subscriptions.FormatForm:
		return []document{form(payload)}, nil
	case subscriptions.FormatLines:
		return lines(payload)
	}
	doc := read(payload)
	switch format {
	case subscriptions.FormatHTML:
		doc.reduce = expression.Plain
	case subscriptions.FormatMarkdown:
		doc.reduce = expression.Markdown
	}
	if doc.reduce != nil && !doc.isJSON {
		doc.text, doc.literal = doc.reduce(doc.text), true
	}
	if whole {
		return []document{doc}, nil
	}
	if doc.isJSON {
		return elements(doc)
	}
	if format != subscriptions.FormatJSON && isLines(doc.text) {
		return lines(doc.text)
	}
	return []document{doc}, nil
}

// read takes s for JSON, also inside a string of JSON, or for text.
func read(s string) document {
	d := document{raw: s, text: s}
	d.value, d.isJSON = parse(s)
	if d.isJSON && d.value.Type == gjson.String {
		d.text = d.value.Str
		d.value, d.isJSON = parse(d.text)
	}
	return d
}

// elements are those of a list of several objects; anything else is one
// document.
func elements(d document) ([]document, error) {
	if !d.value.IsArray() {
		return []document{d}, nil
	}
	n, objects := 0, true
	d.value.ForEach(func(_, v gjson.Result) bool {
		n++
		objects = v.IsObject()
		return objects
	})
	switch {
	case !objects || n < 2:
		return []document{d}, nil
	case n > MaxEvents:
		return nil, manyError(MaxEvents)
	}
	docs := make([]document, 0, n)
	d.value.ForEach(func(_, v gjson.Result) bool {
		docs = append(docs, document{raw: v.Raw, text: v.Raw, value: v, isJSON: true, reduce: d.reduce})
		return true
	})
	return docs, nil
}

// lines are a document each, but for blank ones.
func lines(s string) ([]document, error) {
	var docs []document
	for line := range strings.SplitSeq(s, "\n") {
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		if len(docs) == MaxEvents {
			return nil, manyError(MaxEvents)
		}
		docs = append(docs, read(line))
	}
	if len(docs) == 0 {
		return []document{{raw: s, text: s}}, nil
	}
	return docs, nil
}

// isLines reports whether s is several lines, each a JSON object.
func isLines(s string) bool {
	s = strings.TrimSpace(s)
	if !strings.HasPrefix(s, "{") || !strings.Contains(s, "}\n") && !strings.Contains(s, "}\r\n") {
		return false
	}
	for line := range strings.SplitSeq(s, "\n") {
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		if v, ok := parse(line); !ok || !v.IsObject() {
			return false
		}
	}
	return true
}

// form reads a form (WHATWG URL §5.1); of equal names it makes a list.
func form(s string) document {
	d := document{raw: s, text: s, literal: true}
	values, err := url.ParseQuery(strings.TrimSpace(s))
	if err != nil || len(values) == 0 {
		return d
	}
	fields := make(map[string]any, len(values))
	for name, v := range values {
		fields[name] = v
		if len(v) == 1 {
			fields[name] = v[0]
		}
	}
	text, _ := json.Marshal(fields) // texts: cannot fail
	d.value, d.isJSON = parse(string(text))
	d.literal = !d.isJSON
	return d
}
