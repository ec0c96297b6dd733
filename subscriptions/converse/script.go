package converse

import (
	"cmp"
	"fmt"
	"maps"
	"net/url"
	"slices"

	"bellwire/subscriptions"
	"bellwire/subscriptions/expression"
)

// Limits of a conversation.
const (
	MaxReplies  = 32
	MaxRemember = 16
	// MaxAnswers is how many answers one message can have.
	MaxAnswers = 8
)

// A Script is what a feed says, compiled.
type Script struct {
	feed      expression.Feed
	url       string
	frames    []frame
	replies   []reply
	refused   *expression.Expression
	closed    *expression.Expression
	names     []string // of what is remembered, sorted
	remember  map[string]*expression.Expression
	heartbeat *expression.Template
}

type frame struct {
	after *expression.Expression // nil: at once
	send  *expression.Template
}

type reply struct {
	when *expression.Expression
	send *expression.Template
	post string // absolute; empty: a text message
}

// Compile checks what f says. The script is nil where it says nothing; the
// error names what cannot be compiled, and the column.
func Compile(f subscriptions.Feed) (*Script, error) {
	c := compiler{script: &Script{
		feed:     expression.Feed{ID: f.ID, Name: f.Name, URL: subscriptions.RedactURL(f.URL)},
		url:      f.URL,
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
	if f.Heartbeat.Send != "" {
		c.script.heartbeat = c.template("heartbeat", f.Heartbeat.Send)
	}
	if c.err != nil {
		return nil, c.err
	}
	if s := c.script; s.heartbeat == nil && s.refused == nil && s.closed == nil && len(s.frames)+len(s.replies)+len(s.names) == 0 {
		return nil, nil
	}
	return c.script, nil
}

// A compiler keeps the first error.
type compiler struct {
	script *Script
	err    error
}

func (c *compiler) fail(what string, err error) {
	if err != nil && c.err == nil {
		c.err = fmt.Errorf("%s: %w", what, err)
	}
}

func (c *compiler) condition(what, source string) *expression.Expression {
	e, err := expression.CompileCondition(source)
	c.fail(what, err)
	return e
}

func (c *compiler) template(what, source string) *expression.Template {
	t, err := expression.CompileTemplate(source)
	c.fail(what, err)
	return t
}

func (c *compiler) frames(frames []subscriptions.Frame) {
	for i, f := range frames {
		what := fmt.Sprintf("frame %d", i+1)
		compiled := frame{send: c.template(what, f.Send)}
		if f.After != "" {
			compiled.after = c.condition(what+", after", f.After)
		}
		c.script.frames = append(c.script.frames, compiled)
	}
}

func (c *compiler) replies(replies []subscriptions.Reply) {
	if len(replies) > MaxReplies {
		c.fail("replies", fmt.Errorf("more than %d", MaxReplies))
		return
	}
	for i, r := range replies {
		what := fmt.Sprintf("reply %d", i+1)
		compiled := reply{when: c.condition(what+", when", r.When), send: c.template(what, r.Send)}
		if r.Post != "" {
			u, err := subscriptions.SameServer(c.script.url, r.Post)
			c.fail(what+", post", err)
			compiled.post = address(u)
		}
		c.script.replies = append(c.script.replies, compiled)
	}
}

func address(u *url.URL) string {
	if u == nil {
		return ""
	}
	return u.String()
}

func (c *compiler) memory(remember map[string]string) {
	if len(remember) > MaxRemember {
		c.fail("remember", fmt.Errorf("more than %d names", MaxRemember))
		return
	}
	for name, source := range remember {
		e, err := expression.Compile(source)
		c.fail("remember "+name, err)
		c.script.remember[name] = e
	}
	c.script.names = slices.SortedFunc(maps.Keys(remember), cmp.Compare[string])
}
