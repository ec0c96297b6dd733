package window

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// Widths of panes, in pixels.
const (
	sidebarWidth = 240
	listWidth    = 400
	minSidebar   = 160
	minList      = 260
	minDetail    = 280
	// narrow is the width below which the detail covers the list.
	narrow = 1000
)

// panes lays out the sidebar, the list and the detail beside each other, with
// dividers that can be dragged. Extra width goes to the detail. A page, where
// there is one, covers list and detail.
type panes struct {
	widget.BaseWidget
	sidebar, list, detail fyne.CanvasObject
	page                  fyne.CanvasObject // nil is none
	first, second         *divider
	sidebarW, listW       float32
	// reading says that the detail is wanted where it covers the list.
	reading bool
	// isNarrow is told when the layout becomes narrow or wide.
	isNarrow  func(bool)
	wasNarrow bool
	moved     func()
}

func newPanes(sidebar, list, detail fyne.CanvasObject) *panes {
	p := &panes{sidebar: sidebar, list: list, detail: detail, sidebarW: sidebarWidth, listW: listWidth}
	p.first = newDivider(func(dx float32) { p.drag(&p.sidebarW, dx) }, func() { p.moved() })
	p.second = newDivider(func(dx float32) { p.drag(&p.listW, dx) }, func() { p.moved() })
	p.isNarrow, p.moved = func(bool) {}, func() {}
	p.ExtendBaseWidget(p)
	return p
}

func (p *panes) drag(width *float32, dx float32) {
	*width += dx
	p.sidebarW = max(minSidebar, min(p.sidebarW, p.Size().Width-minList))
	p.listW = max(minList, min(p.listW, p.Size().Width-p.sidebarW-minDetail))
	p.arrange(p.Size())
}

// cover shows a page over list and detail; nil takes it away.
func (p *panes) cover(page fyne.CanvasObject) {
	if p.page == page {
		return
	}
	p.page = page
	p.Refresh()
}

func (p *panes) read(yes bool) {
	if p.reading != yes {
		p.reading = yes
		p.Refresh()
	}
}

// arrange places everything for the given size.
func (p *panes) arrange(size fyne.Size) {
	if size.Width <= 0 {
		return
	}
	isNarrow := size.Width < narrow
	// The wanted widths stay as they are: a window that is small for a moment
	// must not forget them.
	sidebar := max(minSidebar, min(p.sidebarW, size.Width-minList))
	left := sidebar + 1
	rest := size.Width - left
	list := max(minList, min(p.listW, rest-minDetail-1))

	place := func(o fyne.CanvasObject, x, w float32, visible bool) {
		if o == nil {
			return
		}
		if !visible {
			o.Hide()
			return
		}
		o.Show()
		o.Move(fyne.NewPos(x, 0))
		o.Resize(fyne.NewSize(w, size.Height))
	}
	covered := p.page != nil
	place(p.sidebar, 0, sidebar, true)
	place(p.first, sidebar-dividerGrip, 1+2*dividerGrip, true)
	if isNarrow {
		place(p.list, left, rest, !covered && !p.reading)
		place(p.second, 0, 0, false)
		place(p.detail, left, rest, !covered && p.reading)
	} else {
		place(p.list, left, list, !covered)
		place(p.second, left+list-dividerGrip, 1+2*dividerGrip, !covered)
		place(p.detail, left+list+1, rest-list-1, !covered)
	}
	place(p.page, left, rest, covered)
	if isNarrow != p.wasNarrow {
		p.wasNarrow = isNarrow
		p.isNarrow(isNarrow)
	}
}

// CreateRenderer implements [fyne.Widget].
func (p *panes) CreateRenderer() fyne.WidgetRenderer { return &panesRenderer{p} }

type panesRenderer struct{ p *panes }

func (r *panesRenderer) Destroy() {}

func (r *panesRenderer) Layout(size fyne.Size) { r.p.arrange(size) }

func (r *panesRenderer) MinSize() fyne.Size {
	return fyne.NewSize(minSidebar+1+minList, 200)
}

func (r *panesRenderer) Objects() []fyne.CanvasObject {
	objects := []fyne.CanvasObject{r.p.sidebar, r.p.list, r.p.detail}
	if r.p.page != nil {
		objects = append(objects, r.p.page)
	}
	return append(objects, r.p.first, r.p.second)
}

func (r *panesRenderer) Refresh() {
	r.p.arrange(r.p.Size())
	for _, o := range r.Objects() {
		o.Refresh()
	}
	canvas.Refresh(r.p)
}

// dividerGrip is how far from its line a divider can be taken.
const dividerGrip = 3

// A divider is a line that can be dragged sideways.
type divider struct {
	widget.BaseWidget
	drag    func(dx float32)
	dropped func()
}

func newDivider(drag func(float32), dropped func()) *divider {
	d := &divider{drag: drag, dropped: dropped}
	d.ExtendBaseWidget(d)
	return d
}

// Cursor implements [desktop.Cursorable].
func (d *divider) Cursor() desktop.Cursor { return desktop.HResizeCursor }

// Dragged implements [fyne.Draggable].
func (d *divider) Dragged(e *fyne.DragEvent) { d.drag(e.Dragged.DX) }

// DragEnd implements [fyne.Draggable].
func (d *divider) DragEnd() { d.dropped() }

// CreateRenderer implements [fyne.Widget].
func (d *divider) CreateRenderer() fyne.WidgetRenderer {
	return &dividerRenderer{d, canvas.NewRectangle(theme.Color(theme.ColorNameSeparator))}
}

type dividerRenderer struct {
	d    *divider
	rule *canvas.Rectangle
}

func (r *dividerRenderer) Destroy() {}

func (r *dividerRenderer) Layout(size fyne.Size) {
	r.rule.Move(fyne.NewPos(dividerGrip, 0))
	r.rule.Resize(fyne.NewSize(1, size.Height))
}

func (r *dividerRenderer) MinSize() fyne.Size { return fyne.NewSize(1+2*dividerGrip, 1) }

func (r *dividerRenderer) Objects() []fyne.CanvasObject { return []fyne.CanvasObject{r.rule} }

func (r *dividerRenderer) Refresh() {
	r.rule.FillColor = theme.Color(theme.ColorNameSeparator)
	r.rule.Refresh()
}
