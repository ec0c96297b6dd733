package window

import (
	"maps"
	"slices"

	"bellwire/subscriptions"
	"bellwire/ui/words"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// many is a selection of several rows, and the bar that says what can be done
// with them. Selecting one row is the list's own business.
type many struct {
	p       *eventsPane
	surface *surface
	title   *textTitle
	read    *widget.Button
	more    *tipButton
	rows    map[int64]bool
	from    int64 // where a range begins
	to      int64 // where it was last extended to
}

func newMany(p *eventsPane) *many {
	m := &many{p: p, title: newTextTitle(), rows: map[int64]bool{}}
	m.read = widget.NewButton(words.Say("detail.read"), func() { m.mark(true) })
	m.read.Importance = widget.LowImportance
	remove := newTipButton(p.u, theme.DeleteIcon(), words.Say("many.delete"), func() { p.u.deleteEvents(m.seqs()) })
	m.more = newTipButton(p.u, theme.MoreHorizontalIcon(), words.Say("more"), func() { m.menu() })
	leave := newTipButton(p.u, theme.CancelIcon(), words.Say("many.end"), func() { m.end(); p.u.focusList() })
	m.surface = newSurface(colourNotice, inset(container.NewBorder(nil, nil, nil,
		across(4, m.read, remove, m.more, leave), m.title), 6, 6, 16, 8))
	m.surface.Hide()
	return m
}

func (m *many) len() int { return len(m.rows) }

func (m *many) has(seq int64) bool { return m.rows[seq] }

// seqs are the selected rows, the oldest first.
func (m *many) seqs() []int64 { return slices.Sorted(maps.Keys(m.rows)) }

// target is what a command is about: the selection, or the event in view.
func (m *many) target() []int64 {
	if len(m.rows) > 0 {
		return m.seqs()
	}
	if seq := m.p.list.selected; seq != 0 {
		return []int64{seq}
	}
	return nil
}

// end selects nothing but the event in view.
func (m *many) end() {
	if len(m.rows) > 0 || m.from != 0 {
		clear(m.rows)
		m.from, m.to = 0, 0
		m.changed()
	}
}

func (m *many) changed() {
	m.refresh()
	m.p.list.body.update()
}

// refresh shows the bar while there is a selection.
func (m *many) refresh() {
	m.surface.Hidden = len(m.rows) == 0
	if len(m.rows) > 0 {
		m.title.set(words.Count("many.selected", int64(len(m.rows))))
	}
	m.surface.Refresh()
}

// tapped takes a click on a row.
func (m *many) tapped(seq int64, held fyne.KeyModifier) {
	m.p.u.focusList()
	switch {
	case held&fyne.KeyModifierShift != 0:
		m.extend(seq)
	case held&fyne.KeyModifierShortcutDefault != 0:
		m.begin()
		if m.rows[seq] {
			delete(m.rows, seq)
		} else {
			m.rows[seq] = true
		}
		m.from, m.to = seq, seq
		m.changed()
	default:
		m.end()
		m.p.u.selectEvent(seq)
	}
}

// begin takes the event in view as the first of a selection.
func (m *many) begin() {
	if seq := m.p.list.selected; len(m.rows) == 0 && seq != 0 && m.p.list.find(seq) >= 0 {
		m.rows[seq] = true
		m.from, m.to = seq, seq
	}
}

// extend selects everything from where the range began to seq, and no longer
// what it reached before.
func (m *many) extend(seq int64) {
	m.begin()
	l := m.p.list
	from := l.find(m.from)
	if from < 0 || m.from == 0 {
		m.from, from = seq, l.find(seq)
	}
	each := func(to int, do func(int64)) {
		for i := min(from, to); i >= 0 && i <= max(from, to); i++ {
			if l.lines[i].heading == "" {
				do(l.lines[i].row.seq)
			}
		}
	}
	if was := l.find(m.to); was >= 0 && m.to != 0 {
		each(was, func(s int64) { delete(m.rows, s) })
	}
	each(l.find(seq), func(s int64) { m.rows[s] = true })
	m.to = seq
	m.changed()
}

// step extends the selection by so many rows.
func (m *many) step(rows int) {
	l := m.p.list
	m.begin()
	at := m.to
	if at == 0 {
		at = l.selected
	}
	seq := l.beside(at, rows)
	if seq == 0 {
		return
	}
	if m.from == 0 && at != 0 {
		m.from = at
	}
	m.extend(seq)
	if i := l.find(seq); i >= 0 {
		l.reveal(i)
	}
}

// all selects every row that is loaded.
func (m *many) all() {
	for _, ln := range m.p.list.lines {
		if ln.heading == "" {
			m.rows[ln.row.seq] = true
		}
	}
	m.changed()
	if n := len(m.rows); n > 0 && !(m.p.hist.end && m.p.hist.top) {
		m.title.set(words.Count("many.loaded", int64(n)))
	}
}

// mark marks the selection read or unread.
func (m *many) mark(read bool) {
	m.p.u.markEvents(m.target(), read)
	m.p.u.focusList()
}

// menu offers what else can be done with the selection.
func (m *many) menu() {
	at := fyne.CurrentApp().Driver().AbsolutePositionForObject(m.more)
	menu := widget.NewPopUpMenu(fyne.NewMenu("", m.items()...), m.p.u.win.Canvas())
	menu.ShowAtPosition(fyne.NewPos(at.X+m.more.Size().Width-menu.MinSize().Width, at.Y+m.more.Size().Height+4))
}

func (m *many) items() []*fyne.MenuItem {
	u := m.p.u
	items := []*fyne.MenuItem{
		menuItem(words.Say("detail.read"), theme.ConfirmIcon(), func() { m.mark(true) }),
		menuItem(words.Say("detail.unread"), theme.RadioButtonCheckedIcon(), func() { m.mark(false) }),
	}
	if u.o.Export != nil {
		seqs := m.target()
		items = append(items, menuItem(words.Say("export.button"), theme.DocumentSaveIcon(), func() { u.openExport(seqs) }))
	}
	return append(items, menuItem(words.Say("many.all"), theme.CheckButtonCheckedIcon(), m.all), fyne.NewMenuItemSeparator(),
		menuItem(words.Say("many.delete"), theme.DeleteIcon(), func() { u.deleteEvents(m.target()) }))
}

// menuAt shows the menu of a row, which belongs to the selection or becomes
// it.
func (m *many) menuAt(seq int64, at fyne.Position) {
	if !m.rows[seq] {
		m.end()
		m.p.u.selectEvent(seq)
	}
	widget.ShowPopUpMenuAtPosition(fyne.NewMenu("", m.items()...), m.p.u.win.Canvas(), at)
}

// headMenu offers what can be done with the whole view, and with its feed.
func (p *eventsPane) headMenu(at fyne.Position) {
	u := p.u
	items := []*fyne.MenuItem{menuItem(words.Say("many.all"), theme.CheckButtonCheckedIcon(), p.many.all)}
	if u.o.Export != nil {
		items = append(items, menuItem(words.Say("export.button"), theme.DocumentSaveIcon(), func() { u.openExport(nil) }))
	}
	if f, ok := u.feed(p.view.feed); ok {
		items = append(append(items, fyne.NewMenuItemSeparator()), u.feedItems(f)...)
	} else {
		items = slices.Insert(items, 0, menuItem(words.Say("events.read"), theme.ConfirmIcon(), u.markViewRead))
	}
	u.popUp(at, items...)
}

// setRead draws rows as read or unread.
func (p *eventsPane) setRead(read bool, seqs ...int64) {
	changed := false
	for _, seq := range seqs {
		if i := p.hist.index(seq); i >= 0 && p.hist.rows[i].read != read && p.hist.rows[i].kind != subscriptions.KindGap {
			p.hist.rows[i].read, changed = read, true
		}
	}
	if changed {
		p.redraw(true)
	}
}
