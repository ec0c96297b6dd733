package converse

import (
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync/atomic"

	"bellwire/subscriptions"
	"bellwire/subscriptions/expression"
)

// MaxAnswers is how many replies one message can have.
const MaxAnswers = 8

// A Script is what a feed says, compiled.
type Script struct {
	// Log is told what goes wrong without ending a connection; nil is nobody.
	// It must be set before the first Begin.
	Log *slog.Logger

	feed      expression.Feed
	frames    []frame
	replies   []reply
	refused   *expression.Expression
	closed    *expression.Expression
	missed    *expression.Expression
	names     []string // of what is remembered, sorted
	remember  map[string]*expression.Expression
	heartbeat *expression.Template
	warned    atomic.Bool // that something is too large to be remembered
}

type frame struct {
	after      *expression.Expression // nil: at once
	send       *expression.Template
	wantCursor bool // it is left out while there is none
}

type reply struct {
	when *expression.Expression
	send *expression.Template
	post string // absolute; empty: a text message
}

// Compile checks what f says. The script is nil where it says nothing that
// changes: then its heartbeat is the text itself. The error names what cannot
// be compiled, and the column.
func Compile(f subscriptions.Feed) (*Script, error) {
	c := compiler{url: f.URL, script: &Script{
		feed:     expression.Feed{ID: f.ID, Name: f.Name, URL: subscriptions.RedactURL(f.URL)},
		remember: make(map[string]*expression.Expression),
	}}
	c.frames(f.Frames)
	c.replies(f.Conversation.Replies)
	c.memory(f.Conversation.Remember)
	if f.Conversation.Refused != "" {
		c.script.refused = c.condition("refused", f.Conversation.Refused)
	}
	if f.Conversation.Closed != "" {
		c.script.closed = c.condition("closed", f.Conversation.Closed)
	}
	if f.Conversation.Missed != "" {
		c.script.missed = c.condition("missed", f.Conversation.Missed)
	}
	if f.Heartbeat.Send != "" {
		c.script.heartbeat = c.template("heartbeat", f.Heartbeat.Send, false)
	}
	if c.err != nil {
		return nil, c.err
	}
	s := c.script
	if changes := s.heartbeat != nil && s.heartbeat.HasHoles(); !changes && len(s.frames) == 0 && !s.listens() {
		return nil, nil
	}
	return s, nil
}

// listens reports whether any message could matter, whatever was sent already.
func (s *Script) listens() bool {
	return len(s.replies)+len(s.names) > 0 || s.refused != nil || s.closed != nil || s.missed != nil
}

// A compiler keeps the first error.
type compiler struct {
	url    string
	script *Script
	err    error
}

func (c *compiler) fail(what string, err error) {
	if err != nil && c.err == nil {
		c.err = fmt.Errorf("%s: %w", what, err)
	}
}

// errSecret is a secret in a place from where it could get into memory, or be
// asked for again and again.
var errSecret = fmt.Errorf("only an opening frame can show the secret")

// errEvent is an event in a place where there are only messages.
var errEvent = fmt.Errorf("there is no event in a conversation; what has come is in data")

func (c *compiler) expression(what, source string, compile func(string) (*expression.Expression, error)) *expression.Expression {
	e, err := compile(source)
	c.fail(what, err)
	if err == nil && e.UsesSecret() {
		c.fail(what, errSecret)
	}
	if err == nil && e.UsesEvent() {
		c.fail(what, errEvent)
	}
	return e
}

func (c *compiler) condition(what, source string) *expression.Expression {
	return c.expression(what, source, expression.CompileCondition)
}

func (c *compiler) template(what, source string, secret bool) *expression.Template {
	t, err := expression.CompileTemplate(source)
	c.fail(what, err)
	if err == nil && t.UsesSecret() && !secret {
		c.fail(what, errSecret)
	}
	if err == nil && t.UsesEvent() {
		c.fail(what, errEvent)
	}
	return t
}

func (c *compiler) frames(frames []subscriptions.Frame) {
	for i, f := range frames {
		what := fmt.Sprintf("frame %d", i+1)
		compiled := frame{send: c.template(what, f.Send, true)}
		if f.After != "" {
			compiled.after = c.condition(what+", after", f.After)
		}
		compiled.wantCursor = compiled.send != nil && compiled.send.HasHole("cursor")
		c.script.frames = append(c.script.frames, compiled)
	}
}

func (c *compiler) replies(replies []subscriptions.Reply) {
	for i, r := range replies {
		what := fmt.Sprintf("reply %d", i+1)
		compiled := reply{when: c.condition(what+", when", r.When), send: c.template(what, r.Send, false)}
		if r.Post != "" {
			u, err := subscriptions.SameServer(c.url, r.Post)
			c.fail(what+", post", err)
			if err == nil {
				u.User = nil // the transport presents the feed's
				compiled.post = u.String()
			}
		}
		c.script.replies = append(c.script.replies, compiled)
	}
}

func (c *compiler) memory(remember map[string]string) {
	c.script.names = slices.Sorted(maps.Keys(remember))
	for _, name := range c.script.names {
		c.script.remember[name] = c.expression("remember "+name, remember[name], expression.Compile)
	}
}
