package window

import (
	"sort"
	"time"

	"bellwire/ui/words"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// A rowList shows lines of two heights, makes widgets only for those in
// sight, and keeps its place while lines come and go above them. Fyne's own
// list needs one height for all, or walks all lines for each that differs.
type rowList struct {
	widget.BaseWidget
	scroll *container.Scroll
	body   *listBody
	head   *textLine // the day in sight, which stays while its rows scroll
	headBg *canvas.Rectangle
	top    *fyne.Container

	lines    []line
	ys       []float32 // ys[i] is where line i begins; one more for the end
	selected int64     // a row's seq; 0 is none
	focused  bool

	// pointed says that the pointer is over the list.
	pointed bool
	shift   bool // is held down

	// feed is how a feed is shown, now the time.
	feed func(id string) feedLook
	now  func() time.Time
	// chosen reports whether a row is one of many that are selected.
	chosen func(seq int64) bool
	// seen is told which lines are in sight.
	seen func(first, last int)
	// tapped is told which row was clicked, and with which keys held down;
	// menu where its menu is wanted.
	tapped func(seq int64, held fyne.KeyModifier)
	menu   func(seq int64, at fyne.Position)
	// tip shows words beside what the pointer is on; none hides them.
	tip func(over fyne.CanvasObject, text string)
	// key and runes take what is typed while the list has the focus.
	key   func(*fyne.KeyEvent)
	runes func(rune)
}

func newRowList() *rowList {
	l := &rowList{ys: []float32{0}, head: newTextLine(sizeSmall, colourSecondary), headBg: canvas.NewRectangle(nil)}
	l.head.TextStyle.Bold = true
	l.body = newListBody(l)
	l.scroll = container.NewVScroll(l.body)
	l.scroll.OnScrolled = func(fyne.Position) { l.body.update() }
	l.top = container.NewWithoutLayout(l.headBg, l.head.Text)
	l.ExtendBaseWidget(l)
	return l
}

// CreateRenderer implements [fyne.Widget].
func (l *rowList) CreateRenderer() fyne.WidgetRenderer {
	return &rowListRenderer{l}
}

type rowListRenderer struct{ l *rowList }

func (r *rowListRenderer) Destroy() {}

func (r *rowListRenderer) MinSize() fyne.Size { return fyne.NewSize(200, rowHeight) }

func (r *rowListRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.l.scroll, r.l.top}
}

func (r *rowListRenderer) Layout(size fyne.Size) {
	r.l.scroll.Resize(size)
	r.l.headBg.Resize(fyne.NewSize(size.Width-8, headingHeight))
	r.l.body.update()
}

func (r *rowListRenderer) Refresh() {
	r.l.headBg.FillColor = theme.Color(theme.ColorNameBackground)
	r.l.headBg.Refresh()
	r.l.head.paint()
	r.l.scroll.Refresh()
	r.l.body.Refresh()
}

// set replaces the lines. With keep, the first row in sight stays where it
// is; otherwise the list goes to its top.
func (l *rowList) set(lines []line, keep bool) {
	anchor, delta := int64(0), float32(0)
	if keep {
		for i := l.at(l.offset()); i < len(l.lines); i++ {
			if seq := l.lines[i].row.seq; seq != 0 {
				anchor, delta = seq, l.offset()-l.ys[i]
				break
			}
		}
	}
	l.lines = lines
	l.ys = make([]float32, len(lines)+1)
	for i, ln := range lines {
		l.ys[i+1] = l.ys[i] + ln.height()
	}
	offset := float32(0)
	if i := l.find(anchor); anchor != 0 && i >= 0 {
		offset = l.ys[i] + delta
	}
	l.scroll.Refresh()
	l.scrollTo(offset)
	l.body.Refresh()
}

// find is the line of the row with the given seq, or -1.
func (l *rowList) find(seq int64) int {
	for i, ln := range l.lines {
		if ln.heading == "" && ln.row.seq == seq {
			return i
		}
	}
	return -1
}

// at is the line at height y.
func (l *rowList) at(y float32) int {
	return max(0, sort.Search(len(l.ys), func(i int) bool { return l.ys[i] > y })-1)
}

func (l *rowList) offset() float32 { return l.scroll.Offset.Y }

func (l *rowList) scrollTo(y float32) {
	y = max(0, min(y, l.ys[len(l.lines)]-l.scroll.Size().Height))
	if y != l.scroll.Offset.Y {
		l.scroll.ScrollToOffset(fyne.NewPos(0, y))
	}
	l.body.update()
}

// canKeep reports whether what is in sight can stay where it is while rows
// come above it: they must have somewhere to go.
func (l *rowList) canKeep() bool {
	return l.ys[len(l.lines)]-l.scroll.Size().Height >= l.offset()
}

// atTop reports whether nothing is hidden above.
func (l *rowList) atTop() bool { return l.offset() < headingHeight }

// reveal scrolls as little as it takes to show line i.
func (l *rowList) reveal(i int) {
	height := l.scroll.Size().Height
	switch {
	case i <= 1:
		l.scrollTo(0)
	case l.ys[i]-headingHeight < l.offset():
		l.scrollTo(l.ys[i] - headingHeight)
	case l.ys[i+1] > l.offset()+height:
		l.scrollTo(l.ys[i+1] - height)
	}
}

// choose draws the row with the given seq as selected.
func (l *rowList) choose(seq int64) {
	if l.selected != seq {
		l.selected = seq
		l.body.update()
	}
}

// neighbour is the row by steps away from the selected one; where none is
// selected, the first in sight. 0 when there is none. Gaps and headings are
// stepped over.
func (l *rowList) neighbour(steps int) int64 { return l.beside(l.selected, steps) }

// beside is the row by steps away from the one with the given seq.
func (l *rowList) beside(seq int64, steps int) int64 {
	i, direction := l.find(seq), 1
	if steps < 0 {
		direction = -1
	}
	if seq == 0 || i < 0 {
		i, steps, direction = l.at(l.offset()+headingHeight-1)-1, 1, 1
	}
	found := int64(0)
	for i += direction; i >= 0 && i < len(l.lines) && steps != 0; i += direction {
		if ln := l.lines[i]; ln.heading == "" && ln.height() == rowHeight {
			found = ln.row.seq
			steps -= direction
		}
	}
	return found
}

// perPage is how many rows fit.
func (l *rowList) perPage() int { return max(1, int(l.scroll.Size().Height/rowHeight)-1) }

// FocusGained implements [fyne.Focusable].
func (l *rowList) FocusGained() { l.focused = true; l.body.update() }

// FocusLost implements [fyne.Focusable].
func (l *rowList) FocusLost() { l.focused, l.shift = false, false; l.body.update() }

// KeyDown implements [desktop.Keyable].
func (l *rowList) KeyDown(e *fyne.KeyEvent) { l.held(e.Name, true) }

// KeyUp implements [desktop.Keyable].
func (l *rowList) KeyUp(e *fyne.KeyEvent) { l.held(e.Name, false) }

func (l *rowList) held(key fyne.KeyName, down bool) {
	if key == desktop.KeyShiftLeft || key == desktop.KeyShiftRight {
		l.shift = down
	}
}

// TypedKey implements [fyne.Focusable].
func (l *rowList) TypedKey(e *fyne.KeyEvent) { l.key(e) }

// TypedRune implements [fyne.Focusable].
func (l *rowList) TypedRune(r rune) { l.runes(r) }

// listBody is what scrolls: as high as all lines, holding the rows in sight.
type listBody struct {
	widget.BaseWidget
	list  *rowList
	rows  map[int]*eventRow // by line
	spare []*eventRow
}

func newListBody(l *rowList) *listBody {
	b := &listBody{list: l, rows: map[int]*eventRow{}}
	b.ExtendBaseWidget(b)
	return b
}

// update makes the rows agree with the lines in sight.
func (b *listBody) update() {
	l := b.list
	height, width := l.scroll.Size().Height, l.scroll.Size().Width
	first, last := 0, -1
	if len(l.lines) > 0 && height > 0 {
		first = min(l.at(l.offset()), len(l.lines)-1)
		last = min(l.at(l.offset()+height), len(l.lines)-1)
	}
	for i, r := range b.rows {
		if i < first || i > last {
			delete(b.rows, i)
			b.spare = append(b.spare, r)
		}
	}
	for i := first; i <= last; i++ {
		r, ok := b.rows[i]
		if !ok {
			if n := len(b.spare); n > 0 {
				r, b.spare = b.spare[n-1], b.spare[:n-1]
			} else {
				r = newEventRow(l)
			}
			b.rows[i] = r
		}
		ln := l.lines[i]
		r.show(ln, l.looksOf(ln), l.focused)
		r.Move(fyne.NewPos(0, l.ys[i]))
		r.Resize(fyne.NewSize(width, ln.height()))
	}
	b.stickHead(first)
	canvas.Refresh(b)
	if last >= first && l.seen != nil {
		l.seen(first, last)
	}
}

// looksOf is how line ln is shown now.
func (l *rowList) looksOf(ln line) rowLooks {
	if ln.heading != "" {
		return rowLooks{}
	}
	seq := ln.row.seq
	return rowLooks{
		feed: l.feed(ln.row.feed), when: words.Ago(ln.row.at, l.now()),
		selected: seq != 0 && (seq == l.selected || l.chosen(seq)),
	}
}

// stickHead keeps the day of the first line in sight at the top.
func (b *listBody) stickHead(first int) {
	l := b.list
	heading, at := "", -1
	for i := min(first, len(l.lines)-1); i >= 0; i-- {
		if l.lines[i].heading != "" {
			heading, at = l.lines[i].heading, i
			break
		}
	}
	if heading == "" || l.offset() <= l.ys[at] {
		l.top.Hide()
		return
	}
	l.top.Show()
	if l.headBg.FillColor == nil { // no theme was asked for it yet
		l.headBg.FillColor = theme.Color(theme.ColorNameBackground)
	}
	y := float32(0)
	if next := first + 1; next < len(l.lines) && l.lines[next].heading != "" {
		y = min(0, l.ys[next]-l.offset()-headingHeight)
	}
	l.top.Move(fyne.NewPos(0, y))
	l.head.full = heading
	l.head.place(rowLeft, headingTop, l.scroll.Size().Width-2*rowLeft)
	l.head.paint()
}

// CreateRenderer implements [fyne.Widget].
func (b *listBody) CreateRenderer() fyne.WidgetRenderer { return &listBodyRenderer{b} }

type listBodyRenderer struct{ b *listBody }

func (r *listBodyRenderer) Destroy() {}

func (r *listBodyRenderer) Layout(fyne.Size) { r.b.update() }

func (r *listBodyRenderer) MinSize() fyne.Size {
	return fyne.NewSize(1, r.b.list.ys[len(r.b.list.lines)])
}

func (r *listBodyRenderer) Objects() []fyne.CanvasObject {
	objects := make([]fyne.CanvasObject, 0, len(r.b.rows))
	for _, row := range r.b.rows {
		objects = append(objects, row)
	}
	sort.Slice(objects, func(i, j int) bool { return objects[i].Position().Y < objects[j].Position().Y })
	return objects
}

func (r *listBodyRenderer) Refresh() {
	for _, row := range r.b.rows {
		row.Refresh()
	}
	r.b.update()
}
