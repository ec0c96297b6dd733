package decode

import (
	"net/http"
	"strings"

	"bellwire/subscriptions"
	"bellwire/subscriptions/expression"
)

// A Decoder understands the payloads of one feed. It is safe for concurrent
// use.
type Decoder struct {
	feed    subscriptions.Feed
	named   expression.Feed // as expressions see it
	mapping *mapping        // nil where the feed has none
	// hears says that there is an alarm for silence, and silence which events
	// end one; nil: all.
	hears   bool
	silence *expression.Expression
}

// Result is what a message turned out to be.
type Result = subscriptions.Decoded

// Compile prepares f's decoder. The error names the setting and the place in
// it: "mapping.title: column 12: …".
func Compile(f subscriptions.Feed) (*Decoder, error) {
	d := &Decoder{feed: f, named: expression.Feed{ID: f.ID, Name: f.Name, URL: subscriptions.RedactURL(f.URL)}}
	if err := d.listen(); err != nil {
		return nil, err
	}
	if f.Mapping == (subscriptions.Mapping{}) {
		return d, nil
	}
	var err error
	if d.mapping, err = compile(f); err != nil {
		return nil, err
	}
	return d, nil
}

// Decode is what m turns out to be, where before is the position before it.
// It cannot fail; a payload it does not understand is shown as it is.
func (d *Decoder) Decode(m subscriptions.Message, before string) Result {
	switch {
	case m.CursorOnly:
		return Result{Cursor: d.position(m, before)}
	case m.Oversize > 0:
		return d.told(m, before, "An event of at least "+size(m.Oversize)+" was too large to keep", "")
	case m.Binary && !isText(m.Data):
		kind := http.DetectContentType([]byte(m.Data[:min(len(m.Data), 512)]))
		return d.told(m, before, "Binary message ("+kind+", "+size(int64(len(m.Data)))+")", "")
	}
	docs, err := d.documents(m.Data)
	switch {
	case err != nil:
		return d.told(m, before, "A message with "+err.Error(), m.Data)
	case d.mapping != nil:
		out, _ := d.read(m, before, docs)
		return out
	}
	out := Result{Cursor: d.position(m, before), Events: make([]subscriptions.Event, 0, len(docs))}
	for i, doc := range docs {
		e := d.event(m, doc.raw)
		c := find(doc, m.Received)
		c.show(&e, name(d.feed), doc)
		if d.silence != nil {
			r := &reading{scope: d.scope(m, before, doc)}
			e.Heard = r.is(silenceWhen, d.silence, true)
			e.Warning = r.warning()
		}
		d.identify(&e, m, own{text: doc.raw, id: c.id, index: i, of: len(docs)})
		out.Events = append(out.Events, e)
	}
	return out
}

// told is a message of which only a line of ours tells.
func (d *Decoder) told(m subscriptions.Message, before, title, raw string) Result {
	e := d.event(m, raw)
	e.Title = title
	d.identify(&e, m, own{text: raw, of: 1})
	return Result{Cursor: d.position(m, before), Events: []subscriptions.Event{e}}
}

// event is what every event of m has.
func (d *Decoder) event(m subscriptions.Message, raw string) subscriptions.Event {
	return subscriptions.Event{
		Feed:     d.feed.ID,
		Kind:     subscriptions.KindEvent,
		Type:     Line(m.Type, MaxType),
		Priority: subscriptions.PriorityDefault,
		Received: m.Received,
		Raw:      strings.ToValidUTF8(raw, "\uFFFD"),
		Heard:    d.hears,
	}
}

// identify gives e its id, unless it has one, and its key.
func (d *Decoder) identify(e *subscriptions.Event, m subscriptions.Message, o own) {
	if e.MessageID == "" {
		id := m.ID
		if id == "" || o.of > 1 && o.id != "" {
			id = o.id
		}
		e.MessageID = Line(id, MaxID)
	}
	e.DedupeKey = d.key(m, o)
}
