package window

import (
	"slices"
	"strings"

	"bellwire/internal/control"
	"bellwire/subscriptions"
	"bellwire/ui/words"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"
)

// A foundBox says what an address is, offers what else it may be, and asks for
// what is missing.
type foundBox struct {
	*fyne.Container
	a         *addPage
	detection *subscriptions.Detection
	chosen    int // of the candidates; -1: the daemon chooses
	wanted    bool
	title     *widget.Label
	why       *widget.Label
	list      *fyne.Container
	rows      []*choiceRow
	missing   *fyne.Container
	inputs    map[string]*formEntry
	fields    map[string]*formField
	tokenHere bool
}

// maxCandidates is how many are offered.
const maxCandidates = 8

func newFoundBox(a *addPage) *foundBox {
	b := &foundBox{
		a: a, title: widget.NewLabel(""), why: newSmallLabel(), list: column(0), missing: column(0),
		inputs: map[string]*formEntry{}, fields: map[string]*formField{}, chosen: -1,
	}
	b.title.TextStyle.Bold, b.title.Wrapping = true, fyne.TextWrapWord
	b.why.Importance = widget.LowImportance
	b.Container = column(0, column(-12, b.title, b.why), inset(b.list, 4, 4, 0, 0), b.missing)
	return b
}

// candidate is the one that counts now.
func (b *foundBox) candidate() *subscriptions.Candidate {
	switch {
	case b.detection == nil:
		return nil
	case b.chosen >= 0 && b.chosen < len(b.detection.Candidates):
		return &b.detection.Candidates[b.chosen]
	case b.detection.Choice() != nil:
		return b.detection.Choice()
	case len(b.detection.Candidates) == 1:
		return &b.detection.Candidates[0]
	}
	return nil
}

// set shows what was found; nil is nothing.
func (b *foundBox) set(d *subscriptions.Detection) {
	if d != nil && len(d.Candidates) > maxCandidates {
		short := *d
		short.Candidates = d.Candidates[:maxCandidates]
		d = &short
	}
	b.detection, b.chosen, b.wanted = d, -1, false
	if b.tokenHere && d == nil {
		b.hideToken()
	}
	b.refresh()
}

// choose takes one of several candidates.
func (b *foundBox) choose(at int) {
	b.chosen = at
	b.refresh()
	if c := b.candidate(); len(c.Missing) == 0 && !wantsToken(c) || b.complete() {
		b.a.lookNow()
		return
	}
	b.want()
}

// complete reports whether everything that the candidate lacks was given.
func (b *foundBox) complete() bool {
	c := b.candidate()
	return !slices.ContainsFunc(c.Missing, func(o subscriptions.MissingOption) bool { return b.given(o.Name) == "" }) &&
		(!wantsToken(c) || b.a.secret.Text != "")
}

func (b *foundBox) given(name string) string {
	if e := b.inputs[name]; e != nil {
		return strings.TrimSpace(e.Text)
	}
	return ""
}

func wantsToken(c *subscriptions.Candidate) bool {
	return slices.ContainsFunc(c.Needs, func(n subscriptions.Need) bool { return !n.Optional })
}

// want asks for what is missing, and leads there.
func (b *foundBox) want() {
	c := b.candidate()
	if c == nil {
		return
	}
	b.wanted = true
	if wantsToken(c) {
		b.showToken()
	}
	for _, o := range c.Missing {
		if b.given(o.Name) == "" && b.inputs[o.Name] != nil {
			b.a.u.win.Canvas().Focus(b.inputs[o.Name])
			return
		}
	}
	if b.tokenHere && b.a.secret.Text == "" {
		b.a.u.win.Canvas().Focus(b.a.secret)
	}
}

// moot reports whether nothing was found, and the connection tells more of
// why, or goes all the same.
func (b *foundBox) moot() bool {
	return b.detection != nil && len(b.detection.Candidates) == 0 &&
		(b.a.status.State == subscriptions.StateOpen || b.a.url.ails() || b.a.token.ails())
}

func (b *foundBox) refresh() {
	c := b.candidate()
	title, why := "", ""
	switch {
	case b.detection == nil || b.moot():
	case len(b.detection.Candidates) == 0:
		title, why = words.Say("add.found.none"), strings.Join(b.detection.Notes, " ")
		if why == "" {
			why = words.Say("add.found.none.hint")
		}
	case len(b.detection.Candidates) > 1 && b.detection.Choice() == nil:
		title, why = words.Say("add.found.several"), words.Say("add.found.several.hint")
	case c.Confidence == subscriptions.Certain:
		title, why = words.Say("add.found", words.With{"Title": clip(c.Title, maxFieldName)}), sentence(c.Why)
	default:
		title, why = words.Say("add.found.likely", words.With{"Title": clip(c.Title, maxFieldName)}), sentence(c.Why)
	}
	b.title.SetText(title)
	b.why.SetText(clip(why, 2*maxTitle))
	b.title.Hidden, b.why.Hidden = title == "", why == ""
	b.offer()
	b.ask(c)
	b.a.relayout()
}

// offer lists the candidates where there are several.
func (b *foundBox) offer() {
	b.list.RemoveAll()
	b.rows = nil
	if b.detection == nil || len(b.detection.Candidates) < 2 || b.detection.Choice() != nil {
		return
	}
	for at, c := range b.detection.Candidates {
		r := newChoiceRow(b.a.form, choiceHeight)
		r.number, r.picked = at, at == b.chosen
		r.title.full, r.body.full = oneLine(c.Title, maxFieldValue), oneLine(c.Why, maxFieldValue)
		r.title.TextStyle.Bold = true
		r.end.full = words.Say("add.confidence." + string(c.Confidence))
		r.pick = func() { b.choose(at) }
		r.siblings = func() []*choiceRow { return b.rows }
		b.rows = append(b.rows, r)
		b.list.Add(r)
	}
}

// ask makes the inputs of what a candidate lacks. Those that are there stay:
// they may be written in.
func (b *foundBox) ask(c *subscriptions.Candidate) {
	b.missing.RemoveAll()
	if c != nil {
		for _, o := range c.Missing[:min(len(c.Missing), maxFieldName)] {
			if b.inputs[o.Name] == nil {
				e := b.a.newEntry(entryPlain, "")
				e.OnChanged = func(string) { b.a.lookLater() }
				e.OnSubmitted = func(string) { b.a.enter() }
				b.inputs[o.Name], b.fields[o.Name] = e, newField(clip(o.Name, maxFieldName), clip(o.About, maxFieldValue), e, e)
			}
			b.missing.Add(b.fields[o.Name].Container)
		}
		if wantsToken(c) {
			b.tokenHere = true
		}
	}
	if b.tokenHere {
		b.a.token.explain(clip(b.need().About, maxFieldValue))
		b.moveToken(true)
	}
}

// showToken asks for a token here.
func (b *foundBox) showToken() {
	b.tokenHere = true
	b.a.token.explain(clip(b.need().About, maxFieldValue))
	b.moveToken(true)
	b.a.relayout()
}

func (b *foundBox) hideToken() {
	b.tokenHere = false
	b.moveToken(false)
}

// moveToken puts the token's field where it is looked for.
func (b *foundBox) moveToken(here bool) {
	t := b.a.token.Container
	options := b.a.more.fields()
	if here {
		options.Remove(t)
		if !slices.Contains(b.missing.Objects, fyne.CanvasObject(t)) {
			b.missing.Add(t)
		}
	} else {
		b.missing.Remove(t)
		if !slices.Contains(options.Objects, fyne.CanvasObject(t)) {
			options.Add(t)
		}
	}
}

// need is how a token is shown: as the kind of server wants it, else as most
// do.
func (b *foundBox) need() subscriptions.Need {
	if c := b.candidate(); c != nil && len(c.Needs) > 0 {
		return c.Needs[0]
	}
	return subscriptions.Need{By: subscriptions.AuthBearer}
}

// options are those of the kind of server, as far as they are known.
func (b *foundBox) options() map[string]string {
	out := map[string]string{}
	if c := b.candidate(); c != nil {
		for name, v := range c.Options {
			out[name] = v
		}
		for _, o := range c.Missing {
			if v := b.given(o.Name); v != "" {
				out[o.Name] = v
			}
		}
	}
	return out
}

// fill makes n what was found, where the person chose it or gave more. What
// the daemon finds out by itself is left to it.
func (b *foundBox) fill(n *control.NewFeed) {
	c := b.candidate()
	if c == nil || !n.Detect || b.chosen < 0 && len(c.Missing) == 0 && b.a.secret.Text == "" {
		return
	}
	n.Detect = false
	switch whole := !strings.Contains(b.detection.Asked, "***"); {
	case c.Preset != "":
		n.Preset = c.Preset
		if whole && b.detection.Asked != "" {
			n.URL = b.detection.Asked
		}
		for _, o := range c.Missing {
			if v := b.given(o.Name); v != "" {
				if n.Options == nil {
					n.Options = map[string]string{}
				}
				n.Options[o.Name] = v
			}
		}
	default:
		n.URL = wholeAddress(n.URL)
		if c.URL != "" && !strings.Contains(c.URL, "***") {
			n.URL = c.URL
		}
		n.Transport, n.Poll.Items = c.Transport, c.Items
	}
}

func (b *foundBox) clearErrors() {
	for _, f := range b.fields {
		f.say("", "")
	}
}

// fields is the column of what a disclosure of inputs discloses.
func (d *disclosure) fields() *fyne.Container {
	return d.body.Objects[0].(*surface).content.(*fyne.Container).Objects[0].(*fyne.Container)
}
