package window

import (
	"strconv"
	"time"

	"bellwire/internal/control"
	"bellwire/subscriptions"
	"bellwire/ui/words"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// A choice is one entry of the sidebar: all events, the unread ones, or a
// feed; or what a summary told, which has no entry.
type choice struct {
	feed    string // "" is all
	unread  bool
	summary int64
}

// A sidebar lists the feeds and how they do.
type sidebar struct {
	*surface
	u     *ui
	rows  []*feedRow
	box   *fyne.Container
	label *widget.Label
}

func newSidebar(u *ui) *sidebar {
	s := &sidebar{u: u, label: widget.NewLabel(words.Say("feeds.heading"))}
	s.label.SizeName, s.label.TextStyle.Bold, s.label.Importance = sizeSmall, true, widget.LowImportance
	s.box = column(0)
	add := widget.NewButtonWithIcon(words.Say("feeds.add"), theme.ContentAddIcon(), u.openAdd)
	add.Importance, add.Alignment = widget.LowImportance, widget.ButtonAlignLeading
	body := framed(nil, column(0, rule(), inset(add, 6, 6, 8, 8)),
		container.NewVScroll(inset(s.box, 8, 8, 0, 0)))
	s.surface = newSurface(colourSidebar, body)
	return s
}

// refresh brings the rows to what the daemon last said.
func (s *sidebar) refresh() {
	st := s.u.status
	entries := []feedEntry{
		{choice: choice{}, name: words.Say("feeds.all"), icon: theme.ListIcon()},
		{choice: choice{unread: true}, name: words.Say("feeds.unread"), icon: theme.VisibilityIcon(), count: st.Unread},
	}
	now := s.u.clock.now()
	for _, f := range s.u.feeds() {
		if s.u.down {
			f.Status, f.MutedUntil = subscriptions.Status{}, time.Time{} // nobody knows
		}
		entries = append(entries, entryOf(f, now))
	}
	for len(s.rows) < len(entries) {
		s.rows = append(s.rows, newFeedRow(s.u))
	}
	s.rows = s.rows[:len(entries)]
	objects := make([]fyne.CanvasObject, 0, len(entries)+1)
	for i, e := range entries {
		e.selected = e.choice == s.u.choice
		if i == 2 {
			objects = append(objects, inset(s.label, 8, 0, 8, 0))
		}
		s.rows[i].set(e)
		objects = append(objects, s.rows[i])
	}
	if len(objects) != len(s.box.Objects) {
		s.box.Objects = objects
		s.box.Refresh()
	}
}

func entryOf(f control.Feed, now time.Time) feedEntry {
	e := feedEntry{
		choice: choice{feed: f.ID}, name: oneLine(f.Name, maxTitle), state: f.State,
		count: f.Unread, note: words.State(f.Status, now), noteColour: colourSecondary,
	}
	if muted := words.Muted(f.MutedUntil, now); muted != "" {
		e.muted = true
		if e.note != "" { // there is no room for both in full
			f.Next = time.Time{}
			muted = words.Say("feed.muted") + words.Separator + words.State(f.Status, now)
		}
		e.note = muted
	}
	switch f.State {
	case subscriptions.StateWaiting:
		e.noteColour = colourWaitText
	case subscriptions.StateBlocked:
		e.noteColour = colourNeedsText
	}
	return e
}

// A feedEntry is what a row of the sidebar shows.
type feedEntry struct {
	choice     choice
	name       string
	icon       fyne.Resource       // instead of a state
	state      subscriptions.State //
	count      int64               // unread
	note       string              // the second line; "" for none
	noteColour fyne.ThemeColorName
	muted      bool
	selected   bool
}

// Heights of sidebar rows, in pixels.
const (
	entryHeight     = 34
	entryNoteHeight = 50
	mutedSize       = 16
)

type feedRow struct {
	widget.BaseWidget
	u                *ui
	entry            feedEntry
	hovered, focused bool
}

func newFeedRow(u *ui) *feedRow {
	r := &feedRow{u: u}
	r.ExtendBaseWidget(r)
	return r
}

func (r *feedRow) set(e feedEntry) {
	if r.entry != e {
		resized := (r.entry.note == "") != (e.note == "")
		r.entry = e
		r.Refresh()
		if resized {
			r.u.sidebar.box.Refresh()
		}
	}
}

// Tapped implements [fyne.Tappable].
func (r *feedRow) Tapped(*fyne.PointEvent) { r.u.choose(r.entry.choice) }

// TappedSecondary implements [fyne.SecondaryTappable].
func (r *feedRow) TappedSecondary(e *fyne.PointEvent) {
	if r.entry.choice.feed != "" {
		r.u.feedMenu(r.entry.choice.feed, e.AbsolutePosition)
	}
}

// MouseIn implements [desktop.Hoverable].
func (r *feedRow) MouseIn(*desktop.MouseEvent) { r.hovered = true; r.Refresh() }

// MouseMoved implements [desktop.Hoverable].
func (r *feedRow) MouseMoved(*desktop.MouseEvent) {}

// MouseOut implements [desktop.Hoverable].
func (r *feedRow) MouseOut() { r.hovered = false; r.Refresh() }

// FocusGained implements [fyne.Focusable].
func (r *feedRow) FocusGained() { r.focused = true; r.Refresh() }

// FocusLost implements [fyne.Focusable].
func (r *feedRow) FocusLost() { r.focused = false; r.Refresh() }

// TypedRune implements [fyne.Focusable].
func (r *feedRow) TypedRune(c rune) {
	if c == ' ' {
		r.u.choose(r.entry.choice)
		return
	}
	r.u.typedRune(c)
}

// TypedKey implements [fyne.Focusable].
func (r *feedRow) TypedKey(e *fyne.KeyEvent) {
	switch e.Name {
	case fyne.KeyReturn, fyne.KeyEnter:
		r.u.choose(r.entry.choice)
	case fyne.KeyDown:
		r.u.win.Canvas().FocusNext()
	case fyne.KeyUp:
		r.u.win.Canvas().FocusPrevious()
	default:
		r.u.typedKey(e)
	}
}

// CreateRenderer implements [fyne.Widget].
func (r *feedRow) CreateRenderer() fyne.WidgetRenderer {
	v := &feedRowRenderer{
		row: r, back: canvas.NewRectangle(nil), mark: newStateMark(), icon: widget.NewIcon(nil),
		muted: widget.NewIcon(theme.NewColoredResource(mutedGlyph(), colourSecondary)),
		name:  newTextLine(sizeBody, theme.ColorNameForeground),
		note:  newTextLine(sizeSmall, colourSecondary),
		count: newTextLine(sizeSmall, colourSecondary),
	}
	v.back.CornerRadius = 6
	v.Refresh()
	return v
}

type feedRowRenderer struct {
	row               *feedRow
	back              *canvas.Rectangle
	mark              *stateMark
	icon, muted       *widget.Icon
	name, note, count *textLine
}

func (v *feedRowRenderer) Destroy() {}

func (v *feedRowRenderer) MinSize() fyne.Size {
	if v.row.entry.note != "" {
		return fyne.NewSize(80, entryNoteHeight)
	}
	return fyne.NewSize(80, entryHeight)
}

func (v *feedRowRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{v.back, v.mark, v.icon, v.muted, v.name.Text, v.note.Text, v.count.Text}
}

func (v *feedRowRenderer) Layout(size fyne.Size) {
	const left, text, right = 16, 36, 16
	v.back.Move(fyne.NewPos(8, 1))
	v.back.Resize(fyne.NewSize(size.Width-16, size.Height-2))
	v.mark.Move(fyne.NewPos(left+1, 12))
	v.mark.Resize(fyne.NewSquareSize(markSize))
	v.icon.Move(fyne.NewPos(left-2, 9))
	v.icon.Resize(fyne.NewSquareSize(16))
	countWidth := v.count.natural()
	v.count.place(size.Width-right-countWidth, 9, countWidth)
	end := right + countWidth + 6
	if v.row.entry.muted {
		v.muted.Resize(fyne.NewSquareSize(mutedSize))
		v.muted.Move(fyne.NewPos(size.Width-end-mutedSize+2, 9))
		end += mutedSize
	}
	v.name.place(text, 8, size.Width-text-end)
	v.note.place(text, 26, size.Width-text-right)
}

func (v *feedRowRenderer) Refresh() {
	e := v.row.entry
	v.name.full, v.note.full, v.count.full = e.name, e.note, ""
	if e.count > 0 {
		v.count.full = strconv.FormatInt(e.count, 10)
	}
	v.name.TextStyle.Bold = e.count > 0
	v.count.TextStyle.Bold = e.count > 0
	v.note.colour = e.noteColour
	if e.state == subscriptions.StatePaused || e.state == subscriptions.StateEnded {
		v.name.colour = colourSecondary
	} else {
		v.name.colour = theme.ColorNameForeground
	}
	v.mark.Hidden, v.icon.Hidden = e.icon != nil, e.icon == nil
	v.icon.Resource = e.icon
	v.muted.Hidden = !e.muted
	v.mark.set(e.state)
	v.back.StrokeWidth = 0
	switch {
	case e.selected:
		v.back.FillColor = theme.Color(colourResting)
	case v.row.hovered:
		v.back.FillColor = theme.Color(theme.ColorNameHover)
	default:
		v.back.FillColor = nil
	}
	if v.row.focused {
		v.back.StrokeColor, v.back.StrokeWidth = theme.Color(theme.ColorNamePrimary), 2
	}
	for _, t := range []*textLine{v.name, v.note, v.count} {
		t.paint()
	}
	v.icon.Refresh()
	v.Layout(v.row.Size())
	canvas.Refresh(v.row)
}
