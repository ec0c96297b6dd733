package window

import (
	"slices"
	"strings"

	"bellwire/subscriptions"
	"bellwire/ui/words"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// A fieldList is the fields of a payload. A click on one says what it is to
// be.
type fieldList struct {
	*fyne.Container
	form   *form
	fields []payloadField
	rows   []*payloadRow
	// uses are the names of what a template is used for, in words.
	uses func(template string) []string
	menu func(template string) *fyne.Menu
}

func newFieldList(f *form, uses func(string) []string, menu func(string) *fyne.Menu) *fieldList {
	return &fieldList{Container: column(0), form: f, uses: uses, menu: menu}
}

// set shows the fields of another payload. Rows are kept: one that has the
// focus must not lose it.
func (l *fieldList) set(raw string) {
	l.fields = payloadFields(raw)
	for len(l.rows) < len(l.fields) {
		r := newPayloadRow(l)
		l.rows = append(l.rows, r)
		l.Add(r)
	}
	for at, r := range l.rows {
		r.Hidden = at >= len(l.fields)
	}
	l.refresh()
}

// refresh shows what the fields are used for.
func (l *fieldList) refresh() {
	width := float32(0)
	for _, f := range l.fields {
		width = max(width, fyne.MeasureText(f.name, theme.Size(sizeSmall), fyne.TextStyle{Monospace: true}).Width)
	}
	for at, f := range l.fields {
		r := l.rows[at]
		r.template, r.nameWidth = subscriptions.FieldTemplate(f.path), width
		r.name.full, r.value.full = f.name, f.value
		r.use.full = strings.Join(l.uses(r.template), ", ")
		r.Refresh()
	}
	l.Container.Refresh()
}

const fieldRowHeight = 28

// A payloadRow is one of them.
type payloadRow struct {
	widget.BaseWidget
	list             *fieldList
	template         string
	nameWidth        float32
	name, value, use *textLine
	hovered, focused bool
}

func newPayloadRow(l *fieldList) *payloadRow {
	r := &payloadRow{
		list: l, name: newTextLine(sizeSmall, theme.ColorNameForeground),
		value: newTextLine(sizeSmall, colourSecondary), use: newTextLine(sizeSmall, theme.ColorNamePrimary),
	}
	r.name.TextStyle.Monospace = true
	r.use.TextStyle.Bold = true
	r.ExtendBaseWidget(r)
	return r
}

// Cursor implements [desktop.Cursorable].
func (r *payloadRow) Cursor() desktop.Cursor { return desktop.PointerCursor }

// Tapped implements [fyne.Tappable].
func (r *payloadRow) Tapped(e *fyne.PointEvent) { r.open(e.AbsolutePosition) }

func (r *payloadRow) open(at fyne.Position) {
	widget.ShowPopUpMenuAtPosition(r.list.menu(r.template), r.list.form.u.win.Canvas(), at)
}

// MouseIn implements [desktop.Hoverable].
func (r *payloadRow) MouseIn(*desktop.MouseEvent) { r.hovered = true; r.Refresh() }

// MouseMoved implements [desktop.Hoverable].
func (r *payloadRow) MouseMoved(*desktop.MouseEvent) {}

// MouseOut implements [desktop.Hoverable].
func (r *payloadRow) MouseOut() { r.hovered = false; r.Refresh() }

// FocusGained implements [fyne.Focusable].
func (r *payloadRow) FocusGained() { r.focused = true; r.Refresh(); r.list.form.reveal(r) }

// FocusLost implements [fyne.Focusable].
func (r *payloadRow) FocusLost() { r.focused = false; r.Refresh() }

// TypedRune implements [fyne.Focusable].
func (r *payloadRow) TypedRune(rune) {}

// TypedKey implements [fyne.Focusable].
func (r *payloadRow) TypedKey(k *fyne.KeyEvent) {
	switch k.Name {
	case fyne.KeyEscape:
		r.list.form.u.escape()
	case fyne.KeyReturn, fyne.KeyEnter, fyne.KeySpace:
		at := fyne.CurrentApp().Driver().AbsolutePositionForObject(r)
		r.open(at.AddXY(16, fieldRowHeight))
	case fyne.KeyUp:
		r.step(-1)
	case fyne.KeyDown:
		r.step(1)
	}
}

// TypedShortcut implements [fyne.Shortcutable].
func (r *payloadRow) TypedShortcut(s fyne.Shortcut) { r.list.form.own(s) }

func (r *payloadRow) step(by int) {
	at := slices.Index(r.list.rows, r) + by
	if at >= 0 && at < len(r.list.fields) {
		r.list.form.u.win.Canvas().Focus(r.list.rows[at])
	}
}

// CreateRenderer implements [fyne.Widget].
func (r *payloadRow) CreateRenderer() fyne.WidgetRenderer {
	w := &payloadRowRenderer{row: r, back: canvas.NewRectangle(nil)}
	w.back.CornerRadius = 6
	w.Refresh()
	return w
}

type payloadRowRenderer struct {
	row  *payloadRow
	back *canvas.Rectangle
}

func (w *payloadRowRenderer) Destroy() {}

func (w *payloadRowRenderer) MinSize() fyne.Size { return fyne.NewSize(200, fieldRowHeight) }

func (w *payloadRowRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{w.back, w.row.name.Text, w.row.value.Text, w.row.use.Text}
}

func (w *payloadRowRenderer) Layout(size fyne.Size) {
	r := w.row
	w.back.Resize(size)
	const side, gap = 8, 16
	use := min(r.use.natural(), size.Width/3)
	r.use.place(size.Width-side-use, 6, use)
	name := min(r.nameWidth, size.Width*2/5)
	r.name.place(side, 6, name)
	left := side + name + gap
	r.value.place(left, 6, size.Width-left-side-use-gap)
}

func (w *payloadRowRenderer) Refresh() {
	r := w.row
	w.back.FillColor, w.back.StrokeWidth = theme.Color(theme.ColorNameBackground), 0
	switch {
	case r.focused:
		w.back.FillColor = theme.Color(colourSelected)
	case r.hovered:
		w.back.FillColor = theme.Color(colourResting)
	default:
		w.back.FillColor = theme.Color(colourSidebar)
	}
	w.Layout(r.Size())
	for _, t := range []*textLine{r.name, r.value, r.use} {
		t.paint()
	}
	w.back.Refresh()
}

// targets are what a field can be clicked to be.
var targets = [...]string{"title", "body", "link", "priority", "time", "image", "group", "tags", "id"}

// targetName is one of them in words.
func targetName(target string) string { return words.Say("form.mapping." + target) }
