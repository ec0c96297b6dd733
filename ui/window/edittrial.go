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
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// trialSize is on how many of the last events rules are tried.
const trialSize = 50

// mapping is what payloads mean, and what of them is no event.
func (e *editPage) mapping(f *form) ([]fyne.CanvasObject, []input) {
	m := newMapper(f)
	e.mapper = m
	m.definition = e.edit
	m.name = func() string { return e.definition.Name }
	m.broken = func(text, _ string) {
		if text != "" {
			e.tell(clip(text, 2*maxTitle), widget.DangerImportance)
		}
	}
	rule := func(name string) input {
		return f.text(spec{key: "mapping." + name, about: true, kind: entryCode, example: words.Say("form.never"), names: []string{"mapping." + name}},
			func(n *control.NewFeed) *string { return mappingText(&n.Mapping, name) })
	}
	rules := []input{rule("skip"), rule("keep_alive")}
	e.trial = newTrialTable(e, f)
	all := slices.Concat(rules, m.inputs)
	return []fyne.CanvasObject{
		inset(m.right, 0, 0, 0, 8), m.left, laterHeading(words.Say("form.part.rules")), rules[0].object(), rules[1].object(), e.trial.Container,
	}, all
}

// samplesOf are the payloads of rows of history, oldest first, each once.
func samplesOf(events []subscriptions.Event) (out []sample) {
	seen := map[string]bool{}
	for _, ev := range events {
		if ev.Kind != subscriptions.KindEvent || ev.Raw == "" || seen[ev.Raw] || len(out) == maxSamples {
			continue
		}
		seen[ev.Raw] = true
		s := sample{payload: control.Payload{ID: ev.MessageID, Type: ev.Type, Data: ev.Raw, Received: ev.Received}}
		s.outcome.Events = []control.Shown{{Title: ev.Title, Body: ev.Body, Link: ev.Link, Priority: ev.Priority}}
		out = append(out, s)
	}
	slices.Reverse(out)
	return out
}

// A trialTable shows what edited rules make of the last events, before and
// after.
type trialTable struct {
	*fyne.Container
	e      *editPage
	button *formButton
	sum    *widget.Label
	list   *fyne.Container
	asked  int
}

func newTrialTable(e *editPage, f *form) *trialTable {
	t := &trialTable{e: e, sum: remark(""), list: column(4)}
	t.button = f.newButton(words.Say("trial.try"), theme.MediaPlayIcon(), t.run)
	t.Container = column(4, inset(container.NewHBox(t.button), 8, 0, 8, 8), t.sum, inset(t.list, 0, 0, 8, 8))
	return t
}

func (t *trialTable) run() {
	f := t.e.sections[t.e.at].form
	n, ok := t.e.edit()
	if !ok {
		t.e.lead()
		return
	}
	t.asked++
	this := t.asked
	t.say(words.Say("trial.running"))
	ask(t.e.u, func(ctx context.Context) ([]control.Trial, error) {
		return t.e.u.o.Client.TestFeed(ctx, t.e.id, control.Test{Feed: &n, Last: trialSize})
	}, func(trials []control.Trial, err error) {
		if this != t.asked {
			return
		}
		t.list.RemoveAll()
		if err != nil {
			t.say("")
			t.e.blame(err, true)
			return
		}
		t.show(trials)
		t.e.u.main(func() { f.reveal(t.Container) }) // once it has its place
	})
}

func (t *trialTable) say(text string) {
	t.sum.SetText(text)
	t.sum.Hidden = text == ""
	t.e.sections[t.e.at].form.relayout()
}

// show lists the trials, those that differ first.
func (t *trialTable) show(trials []control.Trial) {
	changed := 0
	var same []control.Trial
	for _, r := range trials {
		if outcomeLine(r.Before) == outcomeLine(r.After) {
			same = append(same, r)
			continue
		}
		changed++
		t.list.Add(trialRow(r, true))
	}
	for _, r := range same {
		t.list.Add(trialRow(r, false))
	}
	switch {
	case len(trials) == 0:
		t.say(words.Say("trial.none"))
	case changed == 0:
		t.say(words.Count("trial.same", int64(len(trials))))
	default:
		t.say(words.Say("trial.changed", words.With{"Changed": changed, "All": len(trials)}))
	}
}

// trialRow is what becomes of a payload. One that changes stands out by its
// ground and by two lines.
func trialRow(r control.Trial, changed bool) fyne.CanvasObject {
	line := func(text string, how widget.Importance, bold bool) *widget.Label {
		l := newSmallLabel()
		l.Wrapping, l.Truncation = fyne.TextWrapOff, fyne.TextTruncateEllipsis
		l.Importance, l.TextStyle.Bold = how, bold
		l.SetText(text)
		return l
	}
	if !changed {
		return line(outcomeLine(r.After), widget.LowImportance, false)
	}
	back := newSurface(colourNotice, inset(column(-12,
		line(words.Say("trial.before", words.With{"What": outcomeLine(r.Before)}), widget.MediumImportance, false),
		line(words.Say("trial.after", words.With{"What": outcomeLine(r.After)}), widget.MediumImportance, true),
	), 0, 0, 0, 0))
	back.radius = 6
	return back
}

// outcomeLine is what becomes of a payload in a line.
func outcomeLine(o control.Outcome) string {
	switch {
	case o.KeepAlive:
		return words.Say("sample.alive")
	case o.Skipped || len(o.Events) == 0:
		return words.Say("sample.skipped")
	}
	var parts []string
	for _, s := range o.Events[:min(3, len(o.Events))] {
		text := clip(s.Title, maxFieldValue)
		if s.Body != "" {
			text += words.Separator + clip(firstRunes(s.Body, maxFieldValue), maxFieldName)
		}
		if s.Priority != 0 && s.Priority != 3 {
			text += words.Separator + words.Say("detail.priority", words.With{"N": s.Priority})
		}
		if s.Silent {
			text += words.Separator + words.Say("trial.silent")
		}
		if s.Warning != "" {
			text += words.Separator + clip(s.Warning, maxFieldName)
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, "; ")
}
