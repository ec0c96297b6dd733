package window

import (
	"context"
	"slices"

	"bellwire/internal/control"
	"bellwire/ui/words"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// An editSection is a part of the edit page.
type editSection struct {
	key     string
	form    *form
	inputs  []input
	content fyne.CanvasObject
	row     *choiceRow
}

// An editPage changes a feed. It starts from the feed's whole definition and
// changes what a person edits; everything else is saved as it was.
type editPage struct {
	*fyne.Container
	u          *ui
	id         string
	definition control.NewFeed
	sections   []*editSection
	at         int
	mapper     *mapper
	trial      *trialTable
	head       *pageHead
	body       *fyne.Container
	note       *widget.Label
	save       *widget.Button
	empty      *emptyState
	loaded     bool
	busy       bool
	saved      bool
	asked      int
	shape      []bool // what is shown, and what is wrong, of each input
	stop       func()
}

// openEdit changes a feed; what is written already stays.
func (u *ui) openEdit(id string) {
	if e, ok := u.page.(*editPage); ok && e.id == id {
		return
	}
	u.openPage(newEditPage(u, id))
}

func newEditPage(u *ui, id string) *editPage {
	e := &editPage{u: u, id: id, head: newPageHead(u, ""), note: newSmallLabel(), empty: newEmptyState(), stop: func() {}}
	e.note.Truncation, e.note.Wrapping = fyne.TextTruncateEllipsis, fyne.TextWrapOff
	e.body = container.NewStack()
	e.save = widget.NewButton(words.Say("edit.save"), e.submit)
	e.save.Importance = widget.HighImportance
	e.makeSections()
	nav := column(0)
	for _, s := range e.sections {
		nav.Add(s.row)
	}
	foot := newSurface(colourSidebar, column(0, rule(), inset(container.NewBorder(nil, nil,
		across(8, e.save, widget.NewButton(words.Say("cancel"), u.closePage)), nil, inset(container.New(middle{}, e.note), 0, 0, 8, 0)), 8, 8, 24, 24)))
	main := container.NewBorder(nil, nil, inset(container.New(wide{144}, nav), 16, 0, 16, 8), nil, e.body)
	e.Container = container.NewStack(framed(e.head.surface, foot, main), newSurface(theme.ColorNameBackground, e.empty.Container))
	e.show(0)
	e.load()
	return e
}

func (e *editPage) content() fyne.CanvasObject { return e.Container }

func (e *editPage) opened() {
	e.saved = false
	e.focus()
}

// closed keeps what was changed for those who did not mean to leave.
func (e *editPage) closed() {
	e.stop()
	e.mapper.close()
	if !e.saved && e.dirty() {
		e.u.discarded(words.Say("edit.discarded"), e)
	}
}

func (e *editPage) refresh() {}

// scrollKey takes the keys that move through the section in view.
func (e *editPage) scrollKey(name fyne.KeyName) { e.sections[e.at].form.scrollKey(name) }

// focus leads to the first input of the section in view.
func (e *editPage) focus() {
	if !e.loaded || e.u.page != page(e) {
		return
	}
	for _, i := range e.sections[e.at].inputs {
		if o := i.focused(); o != nil && i.object().Visible() {
			e.u.win.Canvas().Focus(o)
			return
		}
	}
	e.u.win.Canvas().Focus(e.sections[e.at].row)
}

// load asks for the definition.
func (e *editPage) load() {
	e.loaded = false
	e.empty.say(bellGlyph(), words.Say("events.loading"), "", "", nil)
	e.cover(true)
	ask(e.u, e.u.o.Client.Definitions, func(all []control.NewFeed, err error) {
		at := slices.IndexFunc(all, func(n control.NewFeed) bool { return n.ID == e.id })
		switch {
		case err != nil:
			text, hint := errorWords(err)
			e.empty.say(bellGlyph(), text, hint, words.Say("try.again"), e.load)
		case at < 0:
			e.empty.say(bellGlyph(), words.Say("edit.gone"), words.Say("edit.gone.text"), words.Say("edit.back"), e.u.closePage)
		default:
			e.fill(all[at])
		}
	})
}

func (e *editPage) cover(yes bool) {
	e.Container.Objects[1].(*surface).Hidden = !yes
	e.Container.Objects[0].(*fyne.Container).Hidden = yes
	e.Container.Refresh()
}

// fill shows a definition.
func (e *editPage) fill(n control.NewFeed) {
	e.definition = cloneFeed(n)
	e.head.title.set(words.Say("edit.title", words.With{"Name": clip(n.Name, maxFieldName)}))
	for _, s := range e.sections {
		for _, i := range s.inputs {
			i.load(&e.definition)
		}
	}
	e.loaded = true
	e.cover(false)
	e.refreshInputs()
	e.tell("", widget.LowImportance)
	e.loadSamples()
	e.mapper.refresh()
	e.focus()
}

// loadSamples fetches the last payloads, to click their fields.
func (e *editPage) loadSamples() {
	ask(e.u, func(ctx context.Context) (control.Page, error) {
		return e.u.o.Client.Search(ctx, control.Query{Feed: e.id, Limit: 3 * maxSamples})
	}, func(p control.Page, err error) {
		if err != nil {
			e.u.o.Logger.Info("no payloads to look at", "error", err)
			return
		}
		e.mapper.samples.clear()
		e.mapper.arrived(samplesOf(p.Events))
		e.mapper.try()
	})
}

// dirty reports whether there is something to save.
func (e *editPage) dirty() bool {
	return e.loaded && slices.ContainsFunc(e.inputs(), func(i input) bool { return i.dirty() })
}

func (e *editPage) inputs() (all []input) {
	for _, s := range e.sections {
		all = append(all, s.inputs...)
	}
	return all
}

// show brings a section into view.
func (e *editPage) show(at int) {
	e.at = at
	for i, s := range e.sections {
		s.form.away = i != at
		if s.row.picked != (i == at) {
			s.row.picked = i == at
			s.row.Refresh()
		}
	}
	e.body.Objects = []fyne.CanvasObject{e.sections[at].content}
	e.body.Refresh()
	e.sections[at].form.relayout()
}

// edited tells, once typing rests, what saving would do.
func (e *editPage) edited() {
	if !e.loaded {
		return
	}
	e.refreshInputs()
	e.mapper.later()
	e.stop()
	e.stop = e.u.clock.after(previewDelay, e.try)
}

// refreshInputs shows the inputs that mean something, and which sections have
// something to mend.
func (e *editPage) refreshInputs() {
	n := cloneFeed(e.definition)
	for _, i := range e.inputs() {
		if c, ok := i.(*choiceInput); ok {
			c.store(&n)
		}
	}
	var shape []bool
	for _, s := range e.sections {
		for _, i := range s.inputs {
			i.show(&n)
			shape = append(shape, i.object().Visible(), i.ails())
		}
		ails := slices.ContainsFunc(s.inputs, func(i input) bool { return i.ails() })
		if s.row.ails != ails {
			s.row.ails = ails
			s.row.Refresh()
		}
	}
	if !slices.Equal(shape, e.shape) { // not at every key
		e.shape = shape
		e.sections[e.at].form.relayout()
	}
}

// edit is the definition as it is edited.
func (e *editPage) edit() (n control.NewFeed, ok bool) {
	n, ok = cloneFeed(e.definition), true
	for _, i := range e.inputs() {
		ok = i.store(&n) && ok
	}
	return n, ok
}

// try asks what saving would do.
func (e *editPage) try() {
	e.asked++
	this := e.asked
	if !e.dirty() {
		e.tell("", widget.LowImportance)
		return
	}
	n, ok := e.edit()
	if !ok {
		e.refreshInputs()
		e.tell(words.Say("edit.mend"), widget.DangerImportance)
		return
	}
	ask(e.u, func(ctx context.Context) (control.Change, error) {
		return e.u.o.Client.TryFeed(ctx, e.id, n)
	}, func(c control.Change, err error) {
		if this != e.asked {
			return
		}
		if err != nil {
			e.blame(err, false)
			return
		}
		e.refreshInputs()
		e.tell(changeWords(c), widget.LowImportance)
	})
}

// changeWords tells what a change does beyond what is seen.
func changeWords(c control.Change) string {
	text := words.Say("edit.keeps")
	if c.ForgetsCursor {
		text = words.Say("edit.anew")
	}
	if c.NewSecrets > 0 {
		text += " " + words.Count("edit.secrets", int64(c.NewSecrets))
	}
	return text
}

func (e *editPage) tell(text string, how widget.Importance) {
	e.note.Importance = how
	e.note.SetText(text)
}

// blame says a refusal beside the input it is about, and leads there if it
// may.
func (e *editPage) blame(err error, lead bool) {
	text, hint := errorWords(err)
	found := claimed(e.inputs(), err)
	e.refreshInputs()
	if found == nil {
		if hint != "" {
			text += " " + hint
		}
		e.tell(clip(text, 2*maxTitle), widget.DangerImportance)
		return
	}
	e.tell(words.Say("edit.mend"), widget.DangerImportance)
	if !lead {
		return
	}
	for at, s := range e.sections {
		if slices.Contains(s.inputs, found) {
			e.show(at)
		}
	}
	if slices.Contains(e.mapper.inputs, found) {
		e.mapper.more.open = true
		e.mapper.more.refresh()
	}
	if o := found.focused(); o != nil {
		e.u.win.Canvas().Focus(o)
	}
}

// submit saves.
func (e *editPage) submit() {
	if e.busy || !e.loaded {
		return
	}
	n, ok := e.edit()
	if !ok {
		e.refreshInputs()
		e.tell(words.Say("edit.mend"), widget.DangerImportance)
		e.lead()
		return
	}
	if !e.dirty() {
		e.u.closePage()
		return
	}
	e.stop()
	e.asked++
	e.setBusy(true)
	ask(e.u, func(ctx context.Context) (control.Change, error) {
		return e.u.o.Client.ChangeFeed(ctx, e.id, n)
	}, func(c control.Change, err error) {
		e.setBusy(false)
		if err != nil {
			e.blame(err, true)
			return
		}
		e.saved = true
		if c.Feed != nil {
			if i := slices.IndexFunc(e.u.status.Feeds, func(f control.Feed) bool { return f.ID == e.id }); i >= 0 {
				e.u.status.Feeds = slices.Clone(e.u.status.Feeds)
				e.u.status.Feeds[i] = *c.Feed
			}
		}
		if e.u.page == page(e) {
			e.u.choose(choice{feed: e.id})
		}
		e.u.loadStatus()
	})
}

// lead brings the first mistake into view.
func (e *editPage) lead() {
	for at, s := range e.sections {
		for _, i := range s.inputs {
			if i.ails() {
				e.show(at)
				if o := i.focused(); o != nil {
					e.u.win.Canvas().Focus(o)
				}
				return
			}
		}
	}
}

func (e *editPage) setBusy(yes bool) {
	e.busy = yes
	if yes {
		e.save.SetText(words.Say("edit.saving"))
		e.save.Disable()
		return
	}
	e.save.SetText(words.Say("edit.save"))
	e.save.Enable()
}

// wide gives its child one width.
type wide struct{ width float32 }

// Layout implements [fyne.Layout].
func (w wide) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	for _, o := range objects {
		o.Resize(fyne.NewSize(w.width, size.Height))
	}
}

// MinSize implements [fyne.Layout].
func (w wide) MinSize(objects []fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(w.width, objects[0].MinSize().Height)
}
