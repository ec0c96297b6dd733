package window

import (
	"encoding/json"
	"image/color"
	"strings"

	"bellwire/ui/words"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// fieldsOf are a JSON object's fields in their order; none for anything else.
func fieldsOf(raw string) (fields []field) {
	dec := json.NewDecoder(strings.NewReader(raw))
	dec.UseNumber()
	if t, err := dec.Token(); err != nil || t != json.Delim('{') {
		return nil
	}
	collect(dec, "", 1, &fields)
	return fields
}

// A fieldsDisclosure shows a payload's fields in two columns. A click copies
// a value.
type fieldsDisclosure struct {
	*disclosure
	fields []field
	rows   *fyne.Container
	copied *fieldRow
}

func newFieldsDisclosure() *fieldsDisclosure {
	d := &fieldsDisclosure{rows: column(0)}
	d.disclosure = newDisclosure(words.Say("detail.fields"), inset(d.rows, 4, 4, 4, 4))
	d.opened = d.lay
	d.Hide()
	return d
}

// set shows other fields; without any there is nothing to disclose.
func (d *fieldsDisclosure) set(fields []field) {
	d.fields, d.filled = fields, len(fields) > 0
	d.Container.Hidden = !d.filled
	d.rows.RemoveAll()
	d.lay()
	d.refresh()
}

// lay makes the rows only once they are shown.
func (d *fieldsDisclosure) lay() {
	if !d.open || len(d.rows.Objects) > 0 {
		return
	}
	d.copied = nil
	for _, f := range d.fields {
		r := newFieldRow(f)
		r.tapped = func() { d.copy(r) }
		d.rows.Add(r)
	}
}

func (d *fieldsDisclosure) copy(r *fieldRow) {
	fyne.CurrentApp().Clipboard().SetContent(r.field.whole)
	if d.copied != nil {
		d.copied.copied = false
		d.copied.Refresh()
	}
	d.copied, r.copied = r, true
	r.Refresh()
}

// A fieldRow is one field: its name, and its value on as many lines as it
// takes.
type fieldRow struct {
	widget.BaseWidget
	field   field
	value   *widget.Label
	tapped  func()
	pointed bool
	copied  bool
	wrapped float32
}

func newFieldRow(f field) *fieldRow {
	r := &fieldRow{field: f, value: widget.NewLabel(f.value)}
	r.value.SizeName, r.value.TextStyle.Monospace = sizeSmall, true
	r.ExtendBaseWidget(r)
	return r
}

// Tapped implements [fyne.Tappable].
func (r *fieldRow) Tapped(*fyne.PointEvent) { r.tapped() }

// Cursor implements [desktop.Cursorable].
func (r *fieldRow) Cursor() desktop.Cursor { return desktop.PointerCursor }

// MouseIn implements [desktop.Hoverable].
func (r *fieldRow) MouseIn(*desktop.MouseEvent) { r.pointed = true; r.Refresh() }

// MouseMoved implements [desktop.Hoverable].
func (r *fieldRow) MouseMoved(*desktop.MouseEvent) {}

// MouseOut implements [desktop.Hoverable].
func (r *fieldRow) MouseOut() { r.pointed = false; r.Refresh() }

// CreateRenderer implements [fyne.Widget].
func (r *fieldRow) CreateRenderer() fyne.WidgetRenderer {
	v := &fieldRenderer{
		row: r, back: canvas.NewRectangle(color.Transparent), name: newTextLine(sizeSmall, colourSecondary),
		note: newTextLine(sizeSmall, theme.ColorNamePrimary),
	}
	v.back.CornerRadius = 4
	v.name.full, v.note.full = r.field.name, words.Say("copied")
	v.Refresh()
	return v
}

// copiedWidth is kept free for saying that a value was copied.
const copiedWidth = 48

type fieldRenderer struct {
	row        *fieldRow
	back       *canvas.Rectangle
	name, note *textLine
}

func (v *fieldRenderer) Destroy() {}

func (v *fieldRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{v.back, v.name.Text, v.row.value, v.note.Text}
}

// column is where the values begin.
func (v *fieldRenderer) column(width float32) float32 { return min(160, width*0.36) }

func (v *fieldRenderer) wrap(width float32) {
	r := v.row
	if width <= 0 || width == r.wrapped {
		return
	}
	r.wrapped = width
	size := theme.Size(sizeSmall)
	room := width - v.column(width) - 2*theme.InnerPadding() - 2 - copiedWidth
	r.value.SetText(breakLines(r.field.value, room, func(s string) float32 {
		return fyne.MeasureText(s, size, r.value.TextStyle).Width
	}))
}

func (v *fieldRenderer) Layout(size fyne.Size) {
	v.wrap(size.Width)
	at := v.column(size.Width)
	v.back.Resize(size)
	v.name.place(8, 4, at-12)
	v.row.value.Move(fyne.NewPos(at, -4))
	v.row.value.Resize(fyne.NewSize(size.Width-at, size.Height+8))
	width := v.note.natural()
	v.note.place(size.Width-width-8, 4, width+1)
}

func (v *fieldRenderer) MinSize() fyne.Size {
	return fyne.NewSize(1, max(24, v.row.value.MinSize().Height-8))
}

func (v *fieldRenderer) Refresh() {
	v.back.FillColor = color.Transparent
	if v.row.pointed || v.row.copied {
		v.back.FillColor = theme.Color(theme.ColorNameHover)
	}
	v.back.Refresh()
	v.name.paint()
	v.note.paint()
	v.note.Hidden = !v.row.copied
	v.row.value.Refresh()
}
