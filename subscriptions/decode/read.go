package decode

import (
	"cmp"
	"strings"

	"bellwire/subscriptions"
	"bellwire/subscriptions/expression"

	"github.com/tidwall/gjson"
)

// maxRaw bounds what the events of one message keep of it, together, in
// bytes: an expression may name the same part many times.
const maxRaw = 16 << 20

// read decodes by the feed's mapping. cursor is the position that the mapping
// finds, empty where it finds none.
func (d *Decoder) read(m subscriptions.Message, before string, docs []document) (out Result, cursor string) {
	out.Cursor = before
	taken := 0
	for _, doc := range docs {
		r := d.reading(m, before, doc)
		if r.is("keep_alive", r.keepAlive, false) {
			out.KeepAlive = true
			continue
		}
		if r.is("skip", r.skip, false) {
			continue
		}
		taken++
		parts, err := r.parts(doc)
		if err != nil {
			out.Events = append(out.Events, d.told(m, before, "A message with "+err.Error(), doc.raw).Events...)
			continue
		}
		for _, p := range parts {
			o := own{text: p.raw, index: len(out.Events), of: max(len(docs), len(parts))}
			e := d.event(m, p.raw)
			r.fill(&e, &o, p)
			if d.silence != nil {
				e.Heard = r.is(silenceWhen, d.silence, true)
				e.Warning = r.warning()
			}
			d.identify(&e, m, o)
			out.Events = append(out.Events, e)
			if o.cursor != "" {
				cursor = o.cursor
			}
		}
	}
	out.Skipped = taken == 0 && !out.KeepAlive
	switch {
	case cursor != "" && !d.feed.Transport.Polls() && !m.Backfilled:
		out.Cursor = cursor
	case taken > 0 || d.feed.Transport.Polls() || m.Backfilled || d.feed.Resume.Field == "":
		// What is skipped may hold an id that is no position; the transport's
		// own counts on every message, or all of it would come again.
		out.Cursor = d.position(m, before)
	}
	return out, cursor
}

func (d *Decoder) reading(m subscriptions.Message, before string, doc document) *reading {
	return &reading{mapping: d.mapping, scope: d.scope(m, before, doc)}
}

// scope is what expressions see of a document.
func (d *Decoder) scope(m subscriptions.Message, before string, doc document) expression.Scope {
	return expression.Scope{
		Data: doc.data(), Raw: doc.raw, Type: m.Type, ID: m.ID, Cursor: cmp.Or(m.Cursor, before),
		Feed: d.named, Received: m.Received, Memory: m.Memory,
	}
}

// A part is what of a document is one event.
type part struct {
	document
	seen any // what expressions see of it
}

// parts are the events that a document holds. The error is a [manyError].
func (r *reading) parts(doc document) ([]part, error) {
	whole := []part{{doc, r.scope.Data}}
	if r.events == nil {
		return whole, nil
	}
	v, err := r.events.Eval(r.scope)
	if err != nil {
		r.warn("events", err)
		return whole, nil
	}
	list, several := v.([]any)
	if !several {
		list = []any{v}
	}
	if len(list) > MaxEvents {
		return nil, manyError(MaxEvents)
	}
	parts, kept := make([]part, 0, len(list)), 0
	for _, v := range list {
		if v == nil {
			continue
		}
		text, err := expression.Text(v)
		if err != nil {
			r.warn("events", err)
			text = doc.raw
		}
		p := part{read(text), v}
		p.reduce = doc.reduce
		if kept += len(text); kept > maxRaw {
			return nil, manyError(len(parts))
		}
		parts = append(parts, p)
	}
	if len(parts) == 1 {
		parts[0].raw = doc.raw // nothing of it is lost then
	}
	return parts, nil
}

// fill fills e, and what makes it an event of its own, from a part.
func (r *reading) fill(e *subscriptions.Event, o *own, p part) {
	r.scope.Data = p.seen
	c := content{received: e.Received, priority: subscriptions.PriorityDefault}
	if !r.complete {
		c = find(p.document, e.Received)
	}
	r.fields(e, o, &c)
	if r.complete && (len(r.warnings) > 0 || strings.TrimSpace(c.title+c.body) == "") {
		c = find(p.document, e.Received)
		r.fields(e, o, &c)
	}
	o.id = c.id
	e.Silent = !r.is("notify", r.notify, true)
	c.show(e, r.called, p.document)
	e.Warning = r.warning()
}

// fields are what the mapping says, over what is in c already.
func (r *reading) fields(e *subscriptions.Event, o *own, c *content) {
	r.words(c)
	if v, ok := r.value("priority", r.priority); ok {
		if c.priority, ok = priority(result(v), true); !ok {
			c.priority = subscriptions.PriorityDefault
		}
	}
	if v, ok := r.value("time", r.time); ok {
		c.time = moment(v, e.Received)
	}
	if v, ok := r.value("tags", r.tags); ok {
		c.tags = tagsOf(v)
	}
	if s, ok := r.text("link", r.link); ok {
		c.link = link(s)
	}
	if r.actions != nil {
		c.actions = r.declared()
	}
	if s, ok := r.text("icon", r.icon); ok {
		e.Icon = picture(s)
	}
	if s, ok := r.text("image", r.image); ok {
		e.Image = picture(s)
	}
	if s, ok := r.text("group", r.group); ok {
		e.Group = Line(s, MaxGroup)
	}
	if s, ok := r.text("type", r.typ); ok {
		e.Type = Line(s, MaxType)
	}
	if s, ok := r.text("id", r.id); ok && strings.TrimSpace(s) != "" {
		c.id = s
		e.MessageID = Line(s, MaxID)
	}
	if s, ok := r.text("cursor", r.cursor); ok && sendable(s) {
		o.cursor = s
	}
}

// words are title and body. Where the mapping leaves both blank they are
// what was found.
func (r *reading) words(c *content) {
	title, titled := r.text("title", r.title)
	body, bodied := r.text("body", r.body)
	if titled && bodied && strings.TrimSpace(title+body) == "" {
		return
	}
	if titled {
		c.title = title
	}
	if bodied {
		c.body, c.bodied = body, true
	}
}

// result is a value of an expression as one of JSON.
func result(v any) gjson.Result {
	switch v := v.(type) {
	case nil:
		return gjson.Result{}
	case string:
		return gjson.Result{Type: gjson.String, Str: v}
	}
	text, err := expression.Text(v)
	if err != nil {
		return gjson.Result{}
	}
	return gjson.Parse(text)
}
