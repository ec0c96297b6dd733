package window

import (
	"context"
	"slices"
	"strings"

	"bellwire/internal/control"
	"bellwire/subscriptions"
	"bellwire/ui/words"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"
)

// A mapper says what payloads mean: their fields are clicked, or templates
// are written, and what comes of it is seen at once.
type mapper struct {
	form *form
	// definition is the feed as it is edited; ok is false while it cannot be
	// one.
	definition func() (n control.NewFeed, ok bool)
	name       func() string
	// broken is told what of the definition does not work and is of none of
	// the mapper's inputs; an empty text: it works.
	broken func(text, hint string)

	samples *samples
	card    *card
	fields  *fieldList
	about   *widget.Label
	none    *widget.Label
	table   *fyne.Container
	inputs  []input
	exprs   map[string]*textInput
	format  *choiceInput
	more    *disclosure
	// left is the fields and the templates, right the card and the payloads.
	left, right *fyne.Container

	shape   [4]any // what gives the mapper its height
	wrapped bool   // Mapping.Events stands between the payload and data
	stop    func()
	asked   int // what is asked for now
}

func newMapper(f *form) *mapper {
	m := &mapper{form: f, card: newCard(), none: remark(""), exprs: map[string]*textInput{}, stop: func() {}}
	m.broken = func(string, string) {}
	m.samples = newSamples(f, m.refresh)
	m.fields = newFieldList(f, m.uses, m.menu)
	m.templates()
	var rows []fyne.CanvasObject
	for _, i := range m.inputs {
		rows = append(rows, i.object())
	}
	m.more = newDisclosure(words.Say("form.expressions"), inset(column(4, append([]fyne.CanvasObject{remark(words.Say("form.expressions.about"))}, rows...)...), 0, 8, 0, 0))
	m.more.filled = true
	m.more.refresh()

	back := newSurface(colourSidebar, inset(m.fields.Container, 4, 4, 4, 4))
	back.radius = 6
	m.about = remark(words.Say("form.fields.about"))
	m.table = inset(back, 4, 8, 8, 8)
	m.left = column(0, column(-14, laterHeading(words.Say("form.fields")), m.about, m.none), m.table, m.more.Container)
	m.right = column(0,
		inset(smallHeading(words.Say("card.title")), 0, -4, 0, 0), inset(container.New(atLeast{124}, m.card.bordered()), 0, 8, 8, 0),
		framedEnd(smallHeading(words.Say("sample.title")), m.samples.pill), m.samples.Container)
	return m
}

// templates makes the inputs of the mapping.
func (m *mapper) templates() {
	for _, name := range []string{"title", "body", "link", "priority", "time", "image", "icon", "group", "tags", "id", "type", "actions", "events", "cursor"} {
		example := words.Say("form.automatic")
		if name == "title" {
			example = "{{ data.title }}"
		}
		i := m.form.text(spec{key: "mapping." + name, kind: entryCode, example: example, names: []string{"mapping." + name}},
			func(n *control.NewFeed) *string { return mappingText(&n.Mapping, name) })
		m.exprs[name] = i
		m.inputs = append(m.inputs, i)
	}
	var formats []option[string]
	for _, f := range []subscriptions.Format{
		"", subscriptions.FormatJSON, subscriptions.FormatLines, subscriptions.FormatForm,
		subscriptions.FormatText, subscriptions.FormatHTML, subscriptions.FormatMarkdown,
	} {
		formats = append(formats, option[string]{string(f), words.Say("form.format." + string(f))})
	}
	m.format = m.form.choose(spec{key: "mapping.format", names: []string{"mapping.format"}}, formats, func(n *control.NewFeed) string {
		if n.Mapping.Format == subscriptions.FormatAuto {
			return ""
		}
		return string(n.Mapping.Format)
	}, func(n *control.NewFeed, v string) { n.Mapping.Format = subscriptions.Format(v) })
	m.inputs = append(m.inputs, m.format)
}

// mappingText is a template or expression of a mapping by its name.
func mappingText(m *subscriptions.Mapping, name string) *string {
	return map[string]*string{
		"keep_alive": &m.KeepAlive, "skip": &m.Skip, "events": &m.Events, "notify": &m.Notify,
		"title": &m.Title, "body": &m.Body, "link": &m.Link, "priority": &m.Priority, "tags": &m.Tags,
		"icon": &m.Icon, "image": &m.Image, "actions": &m.Actions, "time": &m.Time, "id": &m.ID,
		"type": &m.Type, "group": &m.Group, "cursor": &m.Cursor,
	}[name]
}

// uses tells what a template is used for.
func (m *mapper) uses(template string) (names []string) {
	for _, t := range targets {
		if strings.TrimSpace(m.exprs[t].entry.Text) == template {
			names = append(names, targetName(t))
		}
	}
	return names
}

// menu offers what a field can be. What it is already is ticked, and taken
// back by another click.
func (m *mapper) menu(template string) *fyne.Menu {
	var items []*fyne.MenuItem
	for _, t := range targets {
		e := m.exprs[t].entry
		used := strings.TrimSpace(e.Text) == template
		item := fyne.NewMenuItem(targetName(t), func() {
			if used {
				e.SetText("")
			} else {
				e.SetText(template)
			}
		})
		item.Checked = used
		items = append(items, item)
	}
	if len(m.uses(template)) > 0 {
		items = append(items, fyne.NewMenuItemSeparator(), fyne.NewMenuItem(words.Say("form.automatic"), func() {
			for _, t := range targets {
				if e := m.exprs[t].entry; strings.TrimSpace(e.Text) == template {
					e.SetText("")
				}
			}
		}))
	}
	return fyne.NewMenu("", items...)
}

func (m *mapper) dirty() bool {
	return slices.ContainsFunc(m.inputs, func(i input) bool { return i.dirty() })
}

// arrived takes in payloads, oldest first.
func (m *mapper) arrived(new []sample) {
	m.samples.add(new)
	m.refresh()
	if m.dirty() {
		m.later()
	}
}

// later asks, once typing rests, what the edited feed makes of the payloads.
func (m *mapper) later() {
	m.stop()
	m.refresh()
	m.stop = m.form.u.clock.after(searchDelay, m.try)
}

func (m *mapper) try() {
	m.stop()
	asked := m.samples.all()
	n, ok := m.definition()
	if !ok || len(asked) == 0 {
		return
	}
	var payloads []control.Payload
	for _, s := range asked {
		payloads = append(payloads, s.payload)
	}
	m.asked++
	this := m.asked
	ask(m.form.u, func(ctx context.Context) ([]control.Outcome, error) {
		return m.form.u.o.Client.TryPayloads(ctx, n, payloads)
	}, func(outcomes []control.Outcome, err error) {
		if this != m.asked {
			return
		}
		for _, i := range m.inputs {
			i.say("", "")
		}
		if err != nil {
			m.fail(err)
			return
		}
		m.broken("", "")
		m.samples.learn(asked, outcomes)
		m.refresh()
	})
}

// fail puts a mistake beside the input it is about.
func (m *mapper) fail(err error) {
	defer m.form.relayout()
	text, hint := errorWords(err)
	if i := claimed(m.inputs, err); i != nil {
		m.more.open = true
		m.more.refresh()
		return
	}
	m.broken(text, hint)
}

// claimed says a mistake beside the input it is about; nil: it is about none.
func claimed(inputs []input, err error) input {
	_, hint := errorWords(err)
	for _, i := range inputs {
		if rest, ok := i.claims(err.Error()); ok {
			i.say(rest, hint)
			return i
		}
	}
	return nil
}

// refresh shows the payload that is looked into.
func (m *mapper) refresh() {
	p := m.samples.picked
	var o *control.Outcome
	if p.number != 0 {
		o = &p.outcome
	}
	m.card.show(m.name(), o)
	m.wrapped = strings.TrimSpace(m.exprs["events"].entry.Text) != ""
	raw := p.payload.Data
	if m.wrapped {
		raw = ""
	}
	m.fields.set(raw)
	note := ""
	switch {
	case p.number == 0:
		note = words.Say("form.fields.none")
	case m.wrapped:
		note = words.Say("form.fields.wrapped")
	case len(m.fields.fields) == 0:
		note = words.Say("form.fields.text")
	}
	if m.none.Text != note {
		m.none.SetText(note)
	}
	m.none.Hidden = note == ""
	m.table.Hidden, m.about.Hidden = len(m.fields.fields) == 0, len(m.fields.fields) == 0
	if now := [...]any{note, len(m.fields.fields), len(m.samples.kept), m.card.MinSize().Height}; now != m.shape {
		m.shape = now
		m.form.relayout()
	}
}

// close ends what the mapper would still ask.
func (m *mapper) close() {
	m.stop()
	m.asked++
}

// smallHeading is the title of something beside a form.
func smallHeading(text string) fyne.CanvasObject {
	l := newSmallLabel()
	l.TextStyle.Bold = true
	l.Wrapping = fyne.TextWrapOff
	l.Importance = widget.LowImportance
	l.SetText(text)
	return l
}

// framedEnd puts end at the right of o.
func framedEnd(o, end fyne.CanvasObject) fyne.CanvasObject {
	return container.New(atLeast{32}, container.NewBorder(nil, nil, o, end))
}

// atLeast gives its child at least a height, so that what is below does not
// move while the child is smaller.
type atLeast struct{ height float32 }

// Layout implements [fyne.Layout].
func (a atLeast) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	for _, o := range objects {
		o.Resize(size)
	}
}

// MinSize implements [fyne.Layout].
func (a atLeast) MinSize(objects []fyne.CanvasObject) fyne.Size {
	s := objects[0].MinSize()
	s.Height = max(s.Height, a.height)
	return s
}
