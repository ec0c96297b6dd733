package forward

import (
	"fmt"
	"strings"

	"bellwire/subscriptions"
	"bellwire/subscriptions/expression"
)

// compiled is what of a forward is written in expressions; nil where it says
// nothing.
type compiled struct {
	when *expression.Expression
	body *expression.Template
}

// Check reports what of a feed's forwards a person has to mend: the error
// names the setting and the place in it. Loops are for [Loop].
func Check(f subscriptions.Feed) error {
	for _, w := range f.Forwards {
		if _, err := compile(w); err != nil {
			return fmt.Errorf("forward %q: %w", w.Name, err)
		}
	}
	return nil
}

func compile(w subscriptions.Forward) (*compiled, error) {
	c := &compiled{}
	var err error
	if w.When != "" {
		if c.when, err = expression.CompileCondition(w.When); err != nil {
			return nil, fmt.Errorf("when: %w", err)
		}
	}
	if w.Body != "" {
		if c.body, err = expression.CompileTemplate(w.Body); err != nil {
			return nil, fmt.Errorf("body: %w", err)
		}
	}
	if c.when != nil && c.when.UsesSecret() || c.body != nil && c.body.UsesSecret() {
		return nil, fmt.Errorf("secret is for what a feed says to its server")
	}
	return c, nil
}

// leavesOut is why the rule does not send e on; empty where it does. A
// condition that cannot be judged lets it through: silence is the worse error.
func (r *rule) leavesOut(e subscriptions.Event) subscriptions.Reason {
	if e.Priority < r.def.MinPriority {
		return subscriptions.ReasonForwardPriority
	}
	if r.when == nil {
		return ""
	}
	yes, err := r.when.Condition(r.scope(e, nil))
	if err != nil {
		r.log.Debug("the condition of a forward fails", "seq", e.Seq, "error", err)
		return ""
	}
	if !yes {
		return subscriptions.ReasonForwardCondition
	}
	return ""
}

// scope is what the rule's expressions see of e.
func (r *rule) scope(e subscriptions.Event, marks []string) expression.Scope {
	data, ok := expression.FromJSON(e.Raw)
	if !ok {
		data = e.Raw
	}
	return expression.Scope{
		Data: data, Raw: e.Raw, Type: e.Type, ID: e.MessageID, Received: e.Received,
		Feed:  expression.Feed{ID: r.feed.ID, Name: r.feed.Name, URL: subscriptions.RedactURL(r.feed.URL)},
		Event: row(e, marks),
	}
}

// row is e as expressions see it.
func row(e subscriptions.Event, marks []string) map[string]any {
	list := func(texts []string) []any {
		out := make([]any, len(texts))
		for i, t := range texts {
			out[i] = t
		}
		return out
	}
	m := map[string]any{
		"seq": int(e.Seq), "kind": string(e.Kind), "type": e.Type, "id": e.MessageID, "title": e.Title, "body": e.Body,
		"link": e.Link, "priority": e.Priority, "tags": list(e.Tags), "group": e.Group, "received": e.Received, "via": list(marks),
		"time": nil,
	}
	if !e.Time.IsZero() {
		m["time"] = e.Time
	}
	return m
}

// saysJSON reports whether a template's text is meant to be JSON.
func saysJSON(source string) bool {
	source = strings.TrimSpace(source)
	return strings.HasPrefix(source, "[") || strings.HasPrefix(source, "{") && !strings.HasPrefix(source, "{{")
}
