package window

import (
	"slices"

	"bellwire/internal/control"
	"bellwire/ui/words"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// maxSamples is how many payloads are kept to look at.
const maxSamples = 20

// A sample is a payload, and what the feed makes of it.
type sample struct {
	number  int // from 1
	payload control.Payload
	outcome control.Outcome
}

// samples are the payloads that came last, newest first. The list rests while
// the pointer is over it or a person has chosen one: nothing moves that is
// about to be clicked.
type samples struct {
	*fyne.Container
	form    *form
	kept    []sample
	waiting []sample // newest first
	count   int
	picked  sample // the one that is looked into; number 0: none
	chosen  bool   // by a person
	hovered bool   // the pointer is over a row
	rows    []*choiceRow
	pill    *formButton
	changed func()
}

func newSamples(f *form, changed func()) *samples {
	s := &samples{Container: column(0), form: f, changed: changed}
	s.pill = f.newButton("", theme.MoveUpIcon(), s.takeIn)
	s.pill.Importance = widget.LowImportance
	s.pill.Hide()
	for range maxSamples {
		r := newChoiceRow(f, choiceHeight)
		r.pick = func() { s.pick(r.number) }
		r.hover = func(yes bool) { s.hovered = yes }
		r.siblings = func() []*choiceRow { return s.rows[:len(s.kept)] }
		r.Hide()
		s.rows = append(s.rows, r)
		s.Add(r)
	}
	return s
}

// clear forgets everything.
func (s *samples) clear() {
	s.kept, s.waiting, s.count, s.picked, s.chosen = nil, nil, 0, sample{}, false
	s.refresh()
}

// add takes in what came, oldest first.
func (s *samples) add(arrived []sample) {
	first := s.picked.number == 0
	for _, a := range arrived {
		s.count++
		a.number = s.count
		s.waiting = slices.Insert(s.waiting, 0, a)
		if !s.chosen && (s.picked.number == 0 || (first || len(s.picked.outcome.Events) == 0) && len(a.outcome.Events) > 0) {
			s.picked = a
		}
	}
	s.waiting = s.waiting[:min(len(s.waiting), maxSamples)]
	if !s.hovered && !s.chosen {
		s.takeIn()
		return
	}
	s.refresh()
}

// takeIn shows what waits.
func (s *samples) takeIn() {
	s.kept = slices.Insert(s.kept, 0, s.waiting...)
	s.kept, s.waiting = s.kept[:min(len(s.kept), maxSamples)], nil
	s.refresh()
}

// pick looks into one of them.
func (s *samples) pick(number int) {
	for _, k := range s.kept {
		if k.number == number {
			s.picked, s.chosen = k, true
		}
	}
	s.refresh()
	s.changed()
}

// all are the samples whose outcomes matter.
func (s *samples) all() []sample {
	out := slices.Concat(s.waiting, s.kept)
	if s.picked.number != 0 && !slices.ContainsFunc(out, func(o sample) bool { return o.number == s.picked.number }) {
		out = append(out, s.picked)
	}
	return out
}

// learn takes in what an edited feed makes of the samples that it was asked
// about.
func (s *samples) learn(asked []sample, outcomes []control.Outcome) {
	byNumber := map[int]control.Outcome{}
	for at, o := range outcomes[:min(len(outcomes), len(asked))] {
		byNumber[asked[at].number] = o
	}
	set := func(o *sample) {
		if outcome, ok := byNumber[o.number]; ok {
			o.outcome = outcome
		}
	}
	for at := range s.kept {
		set(&s.kept[at])
	}
	for at := range s.waiting {
		set(&s.waiting[at])
	}
	set(&s.picked)
	s.refresh()
}

func (s *samples) refresh() {
	for at, r := range s.rows {
		r.Hidden = at >= len(s.kept)
		if !r.Hidden {
			showSample(r, s.kept[at], s.kept[at].number == s.picked.number)
		}
	}
	s.pill.Hidden = len(s.waiting) == 0
	if !s.pill.Hidden {
		s.pill.SetText(words.Count("events.new", int64(len(s.waiting))))
	}
	s.Container.Refresh()
}

func showSample(r *choiceRow, s sample, picked bool) {
	r.number, r.picked = s.number, picked
	title, body := "", oneLine(firstRunes(s.payload.Data, 4*maxFieldValue), maxFieldValue)
	r.title.TextStyle.Bold = len(s.outcome.Events) > 0
	switch e := s.outcome.Events; {
	case len(e) > 0:
		title, body = e[0].Title, e[0].Body
	case s.outcome.KeepAlive:
		title = words.Say("sample.alive")
	default:
		title = words.Say("sample.skipped")
	}
	r.title.full, r.body.full = oneLine(title, maxFieldValue), oneLine(firstRunes(body, 4*maxFieldValue), maxFieldValue)
	r.end.full = words.Clock(s.payload.Received)
	r.Refresh()
}
