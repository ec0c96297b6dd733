package converse

import (
	"maps"
	"sync"

	"bellwire/subscriptions"
	"bellwire/subscriptions/expression"
)

// A Talk implements [subscriptions.Talk]. It is safe for concurrent use.
type Talk struct {
	script *Script
	cursor string
	secret string

	mu     sync.Mutex
	memory map[string]any // replaced, never changed
	next   int            // frame to be sent
	sent   int
	missed bool
}

// Begin is the talk of a new connection, from cursor. secret is what frames
// present; empty where they present none.
func (s *Script) Begin(cursor, secret string) subscriptions.Talk {
	t := &Talk{script: s, cursor: cursor, secret: secret}
	if len(s.names) > 0 {
		t.memory = map[string]any{}
	}
	return t
}

// Open implements [subscriptions.Talk].
func (t *Talk) Open() ([]subscriptions.Answer, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.frames(nil)
}

// frames are those whose time has come: up to the first one that waits for
// another message than heard.
func (t *Talk) frames(heard *expression.Scope) (out []subscriptions.Answer, err error) {
	for ; t.next < len(t.script.frames); t.next++ {
		f := t.script.frames[t.next]
		if f.after != nil {
			if heard == nil || !met(f.after, *heard) {
				return out, nil
			}
			heard = nil // one message is met by one frame
		}
		if f.wantCursor && t.cursor == "" {
			continue
		}
		s := t.scope(subscriptions.Message{})
		s.Secret = t.secret
		text, err := t.say(f.send, s)
		if err != nil {
			return nil, t.unspoken("frame", t.next, f.send, err)
		}
		if text != "" {
			out = append(out, subscriptions.Answer{Text: text})
		}
	}
	return out, nil
}

// met reports whether a condition holds. One that fails does not: it is about
// a message of another form.
func met(condition *expression.Expression, s expression.Scope) bool {
	yes, err := condition.Condition(s)
	return err == nil && yes
}

// unspoken is what cannot be said. What went wrong may quote the values that
// the holes are about.
func (t *Talk) unspoken(what string, i int, send *expression.Template, err error) error {
	if send.UsesSecret() {
		return subscriptions.Failf(subscriptions.NeedsUser, subscriptions.CodeBadFeed, "%s %d cannot be made with this secret", what, i+1)
	}
	return subscriptions.Failf(subscriptions.NeedsUser, subscriptions.CodeBadFeed, "%s %d: %w", what, i+1, err)
}

// Hear implements [subscriptions.Talk].
func (t *Talk) Hear(m subscriptions.Message) ([]subscriptions.Answer, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.missed = false
	if m.CursorOnly || m.Oversize > 0 || t.next == len(t.script.frames) && !t.script.listens() {
		return nil, nil
	}
	s := t.scope(m)
	t.remember(s)
	s.Memory = t.memory
	if c := t.script.refused; c != nil && met(c, s) {
		return nil, subscriptions.Failf(subscriptions.NeedsUser, subscriptions.CodeUnauthorized, "the server refuses this feed's credentials")
	}
	if c := t.script.closed; c != nil && met(c, s) {
		return nil, subscriptions.Failf(subscriptions.Transient, subscriptions.CodeClosed, "the server says that it sends no more")
	}
	t.missed = t.script.missed != nil && met(t.script.missed, s)
	out, err := t.frames(&s)
	if err != nil {
		return nil, err
	}
	replies := 0
	for i, r := range t.script.replies {
		if replies == MaxAnswers || !met(r.when, s) {
			continue
		}
		text, err := t.say(r.send, s)
		if err != nil {
			return nil, t.unspoken("reply", i, r.send, err)
		}
		if text != "" || r.post != "" {
			out = append(out, subscriptions.Answer{Text: text, Post: r.post})
			replies++
		}
	}
	return out, nil
}

// remember takes up what a message tells. An expression that fails is about a
// message of another form.
func (t *Talk) remember(s expression.Scope) {
	memory := t.memory
	for _, name := range t.script.names {
		v, err := t.script.remember[name].Eval(s)
		if err != nil || v == nil {
			continue
		}
		kept, ok := keep(v)
		if !ok {
			t.tooLarge(name)
			continue
		}
		if same, ok := memory[name].(string); ok && kept == any(same) {
			continue // most often it is
		}
		memory = maps.Clone(memory)
		memory[name] = kept
	}
	t.memory = memory
}

func (t *Talk) tooLarge(name string) {
	if t.script.Log != nil && !t.script.warned.Swap(true) {
		t.script.Log.Warn("too large to be remembered, said once", "name", name, "limit", MaxMemory)
	}
}

// Beat implements [subscriptions.Talk].
func (t *Talk) Beat() (string, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.script.heartbeat == nil {
		return "", nil
	}
	text, err := t.say(t.script.heartbeat, t.scope(subscriptions.Message{}))
	if err != nil {
		return "", subscriptions.Failf(subscriptions.NeedsUser, subscriptions.CodeBadFeed, "heartbeat: %w", err)
	}
	return text, nil
}

// Missed implements [subscriptions.Talk].
func (t *Talk) Missed() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.missed
}

// Memory implements [subscriptions.Talk].
func (t *Talk) Memory() map[string]any {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.memory
}

// say fills a template and counts it, unless there is nothing to say.
func (t *Talk) say(send *expression.Template, s expression.Scope) (string, error) {
	s.N = t.sent + 1
	text, err := send.Frame(s)
	if err == nil && text != "" {
		t.sent++
	}
	return text, err
}

func (t *Talk) scope(m subscriptions.Message) expression.Scope {
	s := expression.Scope{
		Raw: m.Data, Type: m.Type, ID: m.ID, Received: m.Received,
		Cursor: t.cursor, Feed: t.script.feed, Memory: t.memory,
	}
	if v, ok := expression.FromJSON(m.Data); ok {
		s.Data = v
	} else {
		s.Data = m.Data
	}
	return s
}
