package window

import (
	"strconv"
	"strings"

	"bellwire/subscriptions"
	"bellwire/ui/words"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// Where things are in a row of the sidebar, in pixels.
const (
	entryHeight     = 34
	headingSpace    = 8 // above a folder, more than between its feeds
	entryNoteHeight = 50
	entryLeft       = 16
	entryText       = 36
	entryRight      = 16
	mutedSize       = 16
	countWidth      = 28 // whatever is counted, so that nothing beside it moves
	glyphWidth      = 40 // at most
	// wideRow is the width from which there is room for a sparkline.
	wideRow = 216
)

type feedRow struct {
	widget.BaseWidget
	u                *ui
	entry            feedEntry
	hovered, focused bool
	target           bool // a feed is dragged into it
	tall             bool // there is room for the second line
	view             *feedRowRenderer
}

func newFeedRow(u *ui) *feedRow {
	r := &feedRow{u: u}
	r.ExtendBaseWidget(r)
	return r
}

func (r *feedRow) set(e feedEntry) {
	if r.entry == e {
		return
	}
	first := r.entry.name == ""
	r.entry = e
	if first || r.u.sidebar.over == nil {
		r.fitHeight()
	}
	r.Refresh()
}

// fitHeight makes room for the second line, or takes it away.
func (r *feedRow) fitHeight() {
	if r.tall != r.entry.isTall() {
		r.tall = r.entry.isTall()
		r.Refresh()
		r.u.sidebar.box.Refresh()
	}
}

// act does what a click does.
func (r *feedRow) act() {
	if e := r.entry; e.search != "" {
		r.u.runSearch(e.text)
	} else {
		r.u.choose(e.choice)
	}
}

// Tapped implements [fyne.Tappable].
func (r *feedRow) Tapped(e *fyne.PointEvent) {
	r.u.tips.hide()
	if r.entry.heading && e.Position.X < entryText {
		r.u.sidebar.setClosed(r.entry.choice.folder, !r.entry.closed)
		return
	}
	r.act()
}

// TappedSecondary implements [fyne.SecondaryTappable].
func (r *feedRow) TappedSecondary(e *fyne.PointEvent) { r.openMenu(e.AbsolutePosition) }

func (r *feedRow) openMenu(at fyne.Position) {
	r.u.tips.hide()
	switch e := r.entry; {
	case e.search != "":
		r.u.searchMenu(e.search, at)
	case e.heading:
		r.u.folderMenu(e.choice.folder, at)
	case e.isFeed():
		r.u.feedMenu(e.choice.feed, at)
	default:
		r.u.allMenu(at)
	}
}

// MouseIn implements [desktop.Hoverable].
func (r *feedRow) MouseIn(e *desktop.MouseEvent) {
	r.u.sidebar.pointer(r)
	if r.u.sidebar.drag == nil {
		r.hovered = true
		r.Refresh()
		r.MouseMoved(e)
	}
}

// MouseMoved implements [desktop.Hoverable].
func (r *feedRow) MouseMoved(e *desktop.MouseEvent) {
	if r.view != nil && r.u.sidebar.drag == nil {
		r.u.tips.among(e.Position, r.view.tips()...)
	}
}

// MouseOut implements [desktop.Hoverable].
func (r *feedRow) MouseOut() {
	r.u.tips.hide()
	r.hovered = false
	r.Refresh()
	r.u.sidebar.pointer(nil)
}

// FocusGained implements [fyne.Focusable].
func (r *feedRow) FocusGained() {
	r.focused = true
	r.Refresh()
	r.u.sidebar.reveal(r)
}

// FocusLost implements [fyne.Focusable].
func (r *feedRow) FocusLost() { r.focused = false; r.Refresh() }

// TypedRune implements [fyne.Focusable].
func (r *feedRow) TypedRune(c rune) {
	if c == ' ' {
		r.act()
		return
	}
	r.u.typedRune(c)
}

// TypedKey implements [fyne.Focusable].
func (r *feedRow) TypedKey(e *fyne.KeyEvent) {
	r.u.tips.hide()
	s := r.u.sidebar
	switch e.Name {
	case fyne.KeyReturn, fyne.KeyEnter:
		r.act()
	case fyne.KeySpace: // comes as a rune too
	case fyne.KeyDown:
		s.focusBeside(r, 1)
	case fyne.KeyUp:
		s.focusBeside(r, -1)
	case fyne.KeyHome:
		s.focusBeside(r, -len(s.rows))
	case fyne.KeyEnd:
		s.focusBeside(r, len(s.rows))
	case fyne.KeyLeft, fyne.KeyRight:
		if r.entry.heading {
			s.setClosed(r.entry.choice.folder, e.Name == fyne.KeyLeft)
		}
	case desktop.KeyMenu, fyne.KeyF10:
		at := fyne.CurrentApp().Driver().AbsolutePositionForObject(r)
		r.openMenu(at.AddXY(entryText, r.Size().Height))
	case fyne.KeyEscape:
		if s.drag != nil {
			s.cancelDrag()
			return
		}
		r.u.typedKey(e)
	default:
		r.u.typedKey(e)
	}
}

// focusBeside moves the focus so many rows down, or to the last there is.
func (s *sidebar) focusBeside(r *feedRow, by int) {
	for i, other := range s.rows {
		if other == r {
			s.u.win.Canvas().Focus(s.rows[max(0, min(i+by, len(s.rows)-1))])
			return
		}
	}
}

// reveal scrolls as little as it takes to show a row.
func (s *sidebar) reveal(r *feedRow) {
	top, height := r.Position().Y, s.scroll.Size().Height
	switch y := s.scroll.Offset.Y; {
	case top < y:
		s.scroll.ScrollToOffset(fyne.NewPos(0, top))
	case top+r.Size().Height+16 > y+height: // the space around the rows
		s.scroll.ScrollToOffset(fyne.NewPos(0, top+r.Size().Height+16-height))
	}
}

// CreateRenderer implements [fyne.Widget].
func (r *feedRow) CreateRenderer() fyne.WidgetRenderer {
	v := &feedRowRenderer{
		row: r, back: canvas.NewRectangle(nil), bar: canvas.NewRectangle(nil), mark: newStateMark(), icon: widget.NewIcon(nil),
		muted: widget.NewIcon(theme.NewColoredResource(mutedGlyph(), colourSecondary)), spark: newSpark(),
		glyph: newTextLine(sizeBody, theme.ColorNameForeground),
		name:  newTextLine(sizeBody, theme.ColorNameForeground),
		note:  newTextLine(sizeSmall, colourSecondary),
		count: newTextLine(sizeSmall, colourSecondary),
	}
	v.back.CornerRadius, v.bar.CornerRadius = 6, 1.5
	r.view = v
	v.Refresh()
	return v
}

type feedRowRenderer struct {
	row                      *feedRow
	back, bar                *canvas.Rectangle
	mark                     *stateMark
	icon, muted              *widget.Icon
	spark                    *spark
	glyph, name, note, count *textLine
}

func (v *feedRowRenderer) Destroy() {}

func (v *feedRowRenderer) MinSize() fyne.Size {
	if v.row.entry.heading {
		return fyne.NewSize(80, headingSpace+entryHeight)
	}
	if v.row.tall {
		return fyne.NewSize(80, entryNoteHeight)
	}
	return fyne.NewSize(80, entryHeight)
}

func (v *feedRowRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{v.back, v.bar, v.mark, v.icon, v.glyph.Text, v.muted, v.spark.Raster, v.name.Text, v.note.Text, v.count.Text}
}

func (v *feedRowRenderer) Layout(size fyne.Size) {
	e := v.row.entry
	y := float32(0)
	if e.heading {
		y = headingSpace
	}
	v.back.Move(fyne.NewPos(8, y+1))
	v.back.Resize(fyne.NewSize(size.Width-16, size.Height-y-2))
	v.bar.Move(fyne.NewPos(10, 8))
	v.bar.Resize(fyne.NewSize(3, size.Height-16))
	v.icon.Move(fyne.NewPos(entryLeft-2, y+9))
	v.icon.Resize(fyne.NewSquareSize(16))
	end := size.Width - entryRight
	countW := min(v.count.natural(), countWidth)
	v.count.place(end-countW, y+9, countW+1)
	end -= countWidth + 4
	v.mark.Resize(fyne.NewSquareSize(markSize))
	if e.heading {
		v.mark.Move(fyne.NewPos(end-markSize, y+12))
		if e.state != "" {
			end -= markSize + 6
		}
	} else {
		v.mark.Move(fyne.NewPos(entryLeft+1, 12))
	}
	v.spark.Hidden = !e.isFeed() || size.Width < wideRow || !v.fitsBesideSpark(end-sparkWidth-6)
	if !v.spark.Hidden {
		end -= sparkWidth
		v.spark.Move(fyne.NewPos(end, 9))
		v.spark.Resize(fyne.NewSize(sparkWidth, sparkHeight))
		end -= 6
	}
	if e.muted != "" {
		end -= mutedSize
		v.muted.Resize(fyne.NewSquareSize(mutedSize))
		v.muted.Move(fyne.NewPos(end, 9))
		end -= 2
	}
	left := float32(entryText)
	if e.glyph != "" {
		w := min(v.glyph.natural(), glyphWidth)
		v.glyph.place(left, 8, w+1)
		left += w + 4
	}
	top := float32(8)
	if e.heading {
		top = y + 9
	}
	v.name.place(left, top, end-left)
	v.note.place(entryText, 26, size.Width-entryText-entryRight)
}

// fitsBesideSpark reports whether a row has room for a sparkline that begins
// at end: a name is worth more. It is measured as bold, which it becomes when
// something arrives.
func (v *feedRowRenderer) fitsBesideSpark(end float32) bool {
	e := v.row.entry
	if e.hours.sum() == 0 {
		return false
	}
	if e.muted != "" {
		end -= mutedSize + 2
	}
	left := float32(entryText)
	if e.glyph != "" {
		left += min(v.glyph.natural(), glyphWidth) + 4
	}
	size := theme.Size(sizeBody)
	name := firstRunes(e.name, int(6*(end-left)/size)+1) // as [fit] bounds it
	return fyne.MeasureText(name, size, fyne.TextStyle{Bold: true}).Width <= end-left
}

func (v *feedRowRenderer) Refresh() {
	e := v.row.entry
	v.glyph.full, v.name.full, v.note.full, v.count.full = e.glyph, e.name, e.note, briefCount(e.count)
	v.name.size, v.name.TextStyle.Bold = sizeBody, e.count > 0
	v.count.TextStyle.Bold = e.count > 0
	v.note.colour = e.noteColour
	v.name.colour = theme.ColorNameForeground
	v.icon.Resource = e.icon
	if e.heading {
		v.name.full, v.name.size, v.name.colour, v.name.TextStyle.Bold = strings.ToUpper(e.name), sizeSmall, colourSecondary, true
		v.icon.Resource = theme.MenuDropDownIcon()
		if e.closed {
			v.icon.Resource = theme.MenuExpandIcon()
		}
	}
	if e.state == subscriptions.StatePaused || e.state == subscriptions.StateEnded {
		v.name.colour = colourSecondary
	}
	v.icon.Hidden = v.icon.Resource == nil
	v.mark.Hidden = e.icon != nil || e.heading && e.state == ""
	v.muted.Hidden, v.glyph.Hidden = e.muted == "", e.glyph == ""
	v.note.Hidden = !v.row.tall
	v.mark.set(e.state)
	if v.spark.hours != e.hours {
		v.spark.hours = e.hours
	}
	v.paintBack()
	for _, t := range []*textLine{v.glyph, v.name, v.note, v.count} {
		t.paint()
	}
	v.icon.Refresh()
	v.spark.Refresh()
	v.Layout(v.row.Size())
	canvas.Refresh(v.row)
}

func (v *feedRowRenderer) paintBack() {
	e := v.row.entry
	v.bar.Hidden = e.colour == ""
	if e.colour != "" {
		v.bar.FillColor = theme.Color(e.colour)
	}
	v.back.StrokeWidth = 0
	switch {
	case e.selected:
		v.back.FillColor = theme.Color(colourResting)
	case v.row.hovered || v.row.target:
		v.back.FillColor = theme.Color(theme.ColorNameHover)
	default:
		v.back.FillColor = nil
	}
	if v.row.focused {
		v.back.StrokeColor, v.back.StrokeWidth = theme.Color(theme.ColorNamePrimary), 2
	}
}

// tips explain the parts of the row.
func (v *feedRowRenderer) tips() []tip {
	e := v.row.entry
	list := []tip{{v.mark, e.stateTip}, {v.muted, sentence(e.muted)}}
	if e.heading {
		hint := words.Say("folder.close")
		if e.closed {
			hint = words.Say("folder.open")
		}
		list = append(list, tip{v.icon, hint})
	}
	if e.count > 0 {
		list = append(list, tip{v.count.Text, words.Count("feed.unread", e.count)})
	}
	if e.isFeed() {
		list = append(list, tip{v.spark.Raster, words.Count("feed.activity", e.hours.sum())})
	}
	if e.note != "" {
		list = append(list, tip{v.note.Text, e.stateTip})
	}
	name := ""
	switch {
	case e.search != "":
		name = e.text
	case v.name.Text.Text != v.name.full:
		name = e.name
	}
	return append(list, tip{v.name.Text, name})
}

// briefCount is n in at most four characters; "" is none.
func briefCount(n int64) string {
	switch {
	case n <= 0:
		return ""
	case n < 10_000:
		return strconv.FormatInt(n, 10)
	case n < 1_000_000:
		return strconv.FormatInt(n/1000, 10) + "k"
	}
	return strconv.FormatInt(min(n/1_000_000, 999), 10) + "M"
}
