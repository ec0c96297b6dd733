package decode

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"bellwire/subscriptions"
	"bellwire/subscriptions/expression"
)

// A mapping is a feed's [subscriptions.Mapping], compiled. What is nil is
// found by the usual names.
type mapping struct {
	// complete mappings leave nothing to be found.
	complete                        bool
	called                          string // the feed's name in a title
	keepAlive, skip, events, notify *expression.Expression
	actions                         *expression.Expression
	title, body, link, priority     *expression.Template
	tags, icon, image, time         *expression.Template
	id, typ, group, cursor          *expression.Template
}

// formats are those there are.
var formats = []subscriptions.Format{
	"", subscriptions.FormatAuto, subscriptions.FormatJSON, subscriptions.FormatLines, subscriptions.FormatForm,
	subscriptions.FormatText, subscriptions.FormatHTML, subscriptions.FormatMarkdown,
}

func compile(f subscriptions.Feed) (*mapping, error) {
	s := f.Mapping
	if !slices.Contains(formats, s.Format) {
		return nil, fmt.Errorf("mapping.format: there is no format %q", s.Format)
	}
	m := &mapping{called: name(f)}
	for _, c := range []struct {
		name, source string
		to           **expression.Expression
		compile      func(string) (*expression.Expression, error)
	}{
		{"keep_alive", s.KeepAlive, &m.keepAlive, expression.CompileCondition},
		{"skip", s.Skip, &m.skip, expression.CompileCondition},
		{"events", s.Events, &m.events, expression.Compile},
		{"notify", s.Notify, &m.notify, expression.CompileCondition},
		{"actions", s.Actions, &m.actions, expression.Compile},
	} {
		if c.source == "" {
			continue
		}
		e, err := c.compile(c.source)
		if err != nil {
			return nil, fmt.Errorf("mapping.%s: %w", c.name, err)
		}
		if err := foreign(c.name, e); err != nil {
			return nil, err
		}
		*c.to = e
	}
	return m, m.compileTemplates(s)
}

func (m *mapping) compileTemplates(s subscriptions.Mapping) error {
	for _, c := range []struct {
		name, source string
		to           **expression.Template
	}{
		{"title", s.Title, &m.title},
		{"body", s.Body, &m.body},
		{"link", s.Link, &m.link},
		{"priority", s.Priority, &m.priority},
		{"tags", s.Tags, &m.tags},
		{"icon", s.Icon, &m.icon},
		{"image", s.Image, &m.image},
		{"time", s.Time, &m.time},
		{"id", s.ID, &m.id},
		{"type", s.Type, &m.typ},
		{"group", s.Group, &m.group},
		{"cursor", s.Cursor, &m.cursor},
	} {
		if c.source == "" {
			continue
		}
		t, err := expression.CompileTemplate(c.source)
		if err != nil {
			return fmt.Errorf("mapping.%s: %w", c.name, err)
		}
		if err := foreign(c.name, t); err != nil {
			return err
		}
		if !t.HasHoles() && !means(c.name, c.source) {
			return fmt.Errorf("mapping.%s: %q is a text and no %s: an expression goes between {{ and }}", c.name, Line(c.source, 60), c.name)
		}
		*c.to = t
	}
	m.complete = m.title != nil && m.body != nil && m.link != nil && m.priority != nil && m.tags != nil && m.time != nil && m.id != nil
	return nil
}

// means reports whether a fixed text can be what a setting is for. A condition
// that was written without its braces would be left out in silence.
func means(name, text string) bool {
	switch name {
	case "priority":
		_, ok := priority(result(text), true)
		return ok
	case "time":
		return !moment(text, time.Now()).IsZero()
	}
	return true
}

// uses tells what an expression or a template looks at.
type uses interface {
	UsesSecret() bool
	UsesEvent() bool
}

// foreign refuses what is not there while a payload is read: the credential,
// which must not get into history, and the event that it is going to be.
func foreign(name string, of uses) error {
	switch {
	case of.UsesSecret():
		return fmt.Errorf("mapping.%s: secret is for what a feed sends, not for what it shows", name)
	case of.UsesEvent():
		return fmt.Errorf("mapping.%s: there is no event yet; what has come is in data", name)
	}
	return nil
}

// A reading is one document on its way through a mapping.
type reading struct {
	*mapping
	scope    expression.Scope
	warnings []string
}

// warn keeps what failed, for people.
func (r *reading) warn(name string, err error) {
	if w := name + ": " + err.Error(); !slices.Contains(r.warnings, w) {
		r.warnings = append(r.warnings, w)
	}
}

func (r *reading) warning() string { return Line(strings.Join(r.warnings, "; "), MaxWarning) }

// is is a condition's value; otherwise where it has none or fails.
func (r *reading) is(name string, condition *expression.Expression, otherwise bool) bool {
	if condition == nil {
		return otherwise
	}
	yes, err := condition.Condition(r.scope)
	if err != nil {
		r.warn(name, err)
		return otherwise
	}
	return yes
}

// text is a template's text; ok is false where there is none or it fails.
func (r *reading) text(name string, t *expression.Template) (text string, ok bool) {
	if t == nil {
		return "", false
	}
	text, err := t.Text(r.scope)
	if err != nil {
		r.warn(name, err)
	}
	return text, err == nil
}

// value is a template's value; ok is false where there is none or it fails.
func (r *reading) value(name string, t *expression.Template) (v any, ok bool) {
	if t == nil {
		return nil, false
	}
	v, err := t.Value(r.scope)
	if err != nil {
		r.warn(name, err)
	}
	return v, err == nil
}
