package converse

import (
	"fmt"
	"maps"

	"bellwire/subscriptions"
	"bellwire/subscriptions/expression"
)

// A Talk implements [subscriptions.Talk].
type Talk struct {
	script *Script
	cursor string
	secret string
	memory map[string]any
	next   int // frame to be sent
	sent   int
}

// Begin is the talk of a new connection, from cursor. secret is what frames
// present; empty where they present none.
func (s *Script) Begin(cursor, secret string) *Talk {
	return &Talk{script: s, cursor: cursor, secret: secret, memory: make(map[string]any)}
}

// Open implements [subscriptions.Talk].
func (t *Talk) Open() ([]subscriptions.Answer, error) { return t.frames(nil) }

// frames are those whose time has come: up to the first one that waits for
// another message than heard.
func (t *Talk) frames(heard *expression.Scope) (out []subscriptions.Answer, err error) {
	for ; t.next < len(t.script.frames); t.next++ {
		f := t.script.frames[t.next]
		if f.after != nil {
			if heard == nil {
				return out, nil
			}
			met, err := f.after.Condition(*heard)
			if err != nil || !met {
				return out, nil // a message of another form is not the one
			}
			heard = nil // one message is met by one frame
		}
		if t.cursor == "" && f.send.HasHole("cursor") {
			continue
		}
		text, err := t.say(f.send, t.scope(subscriptions.Message{}))
		if err != nil {
			return out, fmt.Errorf("frame %d: %w", t.next+1, err)
		}
		out = append(out, subscriptions.Answer{Text: text})
	}
	return out, nil
}

// Hear implements [subscriptions.Talk].
func (t *Talk) Hear(m subscriptions.Message) (out []subscriptions.Answer, err error) {
	if m.CursorOnly || m.Oversize > 0 {
		return nil, nil
	}
	s := t.scope(m)
	for _, name := range t.script.names {
		if v, err := t.script.remember[name].Eval(s); err == nil && v != nil {
			t.memory[name] = v
		}
	}
	if t.script.refused != nil {
		if no, err := t.script.refused.Condition(s); err == nil && no {
			return nil, subscriptions.Failf(subscriptions.NeedsUser, subscriptions.CodeUnauthorized, "the server refuses this feed's credentials")
		}
	}
	if t.script.closed != nil {
		if over, err := t.script.closed.Condition(s); err == nil && over {
			return nil, subscriptions.Failf(subscriptions.Transient, subscriptions.CodeClosed, "the server says that it sends no more")
		}
	}
	if out, err = t.frames(&s); err != nil {
		return nil, subscriptions.Fail(subscriptions.NeedsUser, subscriptions.CodeBadFeed, err)
	}
	for i, r := range t.script.replies {
		if yes, err := r.when.Condition(s); err != nil || !yes {
			continue
		}
		text, err := t.say(r.send, s)
		if err != nil {
			return nil, subscriptions.Failf(subscriptions.NeedsUser, subscriptions.CodeBadFeed, "reply %d: %w", i+1, err)
		}
		if out = append(out, subscriptions.Answer{Text: text, Post: r.post}); len(out) == MaxAnswers {
			break
		}
	}
	return out, nil
}

// Beat implements [subscriptions.Talk].
func (t *Talk) Beat() (string, error) {
	if t.script.heartbeat == nil {
		return "", nil
	}
	return t.say(t.script.heartbeat, t.scope(subscriptions.Message{}))
}

// Memory implements [subscriptions.Talk].
func (t *Talk) Memory() map[string]any {
	if len(t.script.names) == 0 {
		return nil
	}
	return maps.Clone(t.memory)
}

// say fills a template and counts it.
func (t *Talk) say(send *expression.Template, s expression.Scope) (string, error) {
	s.N = t.sent + 1
	text, err := send.Frame(s)
	if err == nil {
		t.sent++
	}
	return text, err
}

func (t *Talk) scope(m subscriptions.Message) expression.Scope {
	s := expression.Scope{
		Raw: m.Data, Type: m.Type, ID: m.ID, Received: m.Received,
		Cursor: t.cursor, Feed: t.script.feed, Memory: t.memory, Secret: t.secret,
	}
	if v, ok := expression.FromJSON(m.Data); ok {
		s.Data = v
	} else {
		s.Data = m.Data
	}
	return s
}
