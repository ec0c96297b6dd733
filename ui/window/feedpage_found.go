package window

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"bellwire/internal/control"
	"bellwire/subscriptions"
	"bellwire/ui/words"
)

// saw shows what a preview saw.
func (a *addPage) saw(glimpses []control.Glimpse) {
	var arrived []sample
	for _, g := range glimpses {
		if g.Detection != nil {
			a.found.set(g.Detection)
		}
		if g.Feed != nil {
			a.learn(*g.Feed)
		}
		if g.Status != nil {
			a.status = *g.Status
			a.blameStatus()
			if a.found.moot() {
				a.found.refresh()
			}
		}
		if g.Payload != nil {
			s := sample{payload: *g.Payload}
			if g.Outcome != nil {
				s.outcome = *g.Outcome
				a.events += len(g.Outcome.Events)
			}
			arrived = append(arrived, s)
		}
	}
	if len(arrived) > 0 {
		a.mapper.arrived(arrived)
	} else {
		a.mapper.refresh()
	}
	a.state.refresh()
	a.disclose()
	a.relayout()
}

// learn takes in what saving would add. The templates that a kind of server
// brings are shown, unless the person has written others.
func (a *addPage) learn(n control.NewFeed) {
	n = cloneFeed(n)
	n.Detect = false
	a.base = &n
	a.quietly(func() {
		for _, i := range slices.Concat(a.look.inputs, a.mapper.inputs) {
			if !i.dirty() {
				i.load(&n)
			}
		}
		if a.look.name.entry.Text == "" && n.Name == "" {
			a.called = suggestedName(a.address.Text, a.found.options())
			a.look.name.entry.SetText(a.called)
		}
	})
}

// blameStatus says the connection's trouble beside the field it is about.
func (a *addPage) blameStatus() {
	a.url.say("", "")
	a.token.say("", "")
	text := words.Trouble(a.status)
	if text == "" || a.status.State == subscriptions.StateOpen {
		return
	}
	switch a.status.Code {
	case subscriptions.CodeUnauthorized, subscriptions.CodeForbidden, subscriptions.CodeIdentity:
		hint := words.Say("add.token.give")
		if a.secret.Text != "" {
			hint = words.Say("add.token.wrong")
		}
		a.askToken(text, hint)
	case subscriptions.CodeCertificate:
		a.accept.Show()
		a.more.open = true
		a.more.refresh()
		a.url.say(text, words.Say("add.certificate"))
	case subscriptions.CodeNotStream:
		a.url.say(text, words.Say("add.notstream"))
	default:
		a.url.say(text, words.Hint(a.status))
	}
}

// ended is told when there is nothing more to see.
func (a *addPage) ended(err error) {
	a.looking = false
	if err != nil {
		a.refused = true
		a.blameEnd(err)
	} else if a.base == nil {
		a.found.want()
	}
	a.state.refresh()
	a.disclose()
	a.relayout()
}

func (a *addPage) blameEnd(err error) {
	if claimed(a.all(), err) != nil {
		return
	}
	text, hint := errorWords(err)
	if e, ok := errors.AsType[*control.Error](err); ok && strings.Contains(e.Message, "credential") {
		a.askToken(text, words.Say("add.token.give"))
		return
	}
	a.url.say(text, hint)
}

// cloneFeed is a copy that shares nothing.
func cloneFeed(n control.NewFeed) (out control.NewFeed) {
	text, err := json.Marshal(n)
	if err != nil {
		return n
	}
	d := json.NewDecoder(bytes.NewReader(text))
	if d.Decode(&out) != nil {
		return n
	}
	return out
}
