package window

import (
	"slices"
	"strings"

	"bellwire/internal/control"
	"bellwire/ui/words"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// A cell is one input of a row in a rowsInput.
type cell struct {
	key     string // of its words: form.KEY
	span    int    // of twelve
	kind    entryKind
	example string
	options []option[string] // of a choice; nil: a text
	// when says whether the cell means something; nil: always.
	when func(values []string) bool
}

// mostRows is how many lines of a text are shown at most.
const mostRows = 8

// rowsFor is how many lines of a text are shown, at least so many.
func rowsFor(text string, least int) int {
	return max(least, min(strings.Count(text, "\n")+1, mostRows))
}

// A rowsInput is a list of things with the same inputs each.
type rowsInput struct {
	base
	form  *form
	cells []cell
	limit int
	add   *formButton
	list  *fyne.Container
	rows  []*inputRow
	was   [][]string
	gone  bool // a row was removed
	// get is what each row shows. set makes the list anew of rows that each
	// tell which they were, -1 being a new one.
	get func(*control.NewFeed) [][]string
	set func(*control.NewFeed, []rowValue) error
}

// A rowValue is what a row holds now.
type rowValue struct {
	from   int
	values []string
}

// whereFrom is what a row was made of, with all that it does not show; the
// zero value for a new row.
func whereFrom[T any](old []T, r rowValue) (was T) {
	if r.from >= 0 {
		was = old[r.from]
	}
	return was
}

// An inputRow is one of them.
type inputRow struct {
	from    int
	surface *surface
	texts   []*formEntry // nil for a choice
	choices []*formSelect
	fields  []*formField
	line    *fyne.Container
}

func (f *form) rows(s spec, limit int, cells []cell, get func(*control.NewFeed) [][]string, set func(*control.NewFeed, []rowValue) error) *rowsInput {
	i := &rowsInput{form: f, cells: cells, limit: limit, list: column(8), get: get, set: set}
	i.add = f.newButton(words.Say("form."+s.key+".add"), theme.ContentAddIcon(), func() {
		i.form.u.win.Canvas().Focus(i.append(-1, make([]string, len(cells))).first())
		f.edited()
	})
	i.add.Importance = widget.LowImportance
	i.base = s.field(i.add, column(4, i.list, container.NewHBox(i.add)))
	return i
}

func (r *inputRow) first() fyne.Focusable {
	if r.texts[0] != nil {
		return r.texts[0]
	}
	return r.choices[0]
}

func (i *rowsInput) append(from int, values []string) *inputRow {
	r := &inputRow{from: from, texts: make([]*formEntry, len(i.cells)), choices: make([]*formSelect, len(i.cells))}
	grid := &spans{columns: 12}
	var objects []fyne.CanvasObject
	for at, c := range i.cells {
		var o fyne.CanvasObject
		if c.options == nil {
			r.texts[at] = i.form.newEntry(c.kind, c.example)
			if c.kind == entryLines {
				r.texts[at].SetMinRowsVisible(rowsFor(values[at], 2))
			}
			r.texts[at].set(values[at])
			o = r.texts[at]
		} else {
			r.choices[at] = i.form.newSelect(nil, func() { i.refreshRow(r) })
			i.offer(r, at, values[at])
			o = outlined(r.choices[at])
		}
		f := newField(words.Say("form."+c.key), "", nil, o)
		f.title.SizeName, f.title.TextStyle.Bold, f.title.Importance = sizeSmall, false, widget.LowImportance
		r.fields = append(r.fields, f)
		objects = append(objects, f.Container)
		grid.spans = append(grid.spans, c.span)
	}
	remove := i.form.newButton("", theme.DeleteIcon(), func() { i.remove(r) })
	remove.Importance = widget.LowImportance
	r.line = container.New(grid, objects...)
	r.surface = newSurface(colourSidebar, inset(framedRight(r.line, remove), 4, 12, 0, 0))
	r.surface.radius = 6
	i.rows = append(i.rows, r)
	i.list.Add(r.surface)
	i.refreshRow(r)
	i.bound()
	return r
}

// framedRight puts end at the right of what fills the rest, at its top.
func framedRight(rest, end fyne.CanvasObject) fyne.CanvasObject {
	return container.NewBorder(nil, nil, nil, inset(column(0, end), 20, 0, 0, 8), rest)
}

func (i *rowsInput) offer(r *inputRow, at int, value string) {
	options := i.cells[at].options
	chosen := slices.IndexFunc(options, func(o option[string]) bool { return o.value == value })
	names := []string{}
	for _, o := range options {
		names = append(names, o.text)
	}
	if chosen < 0 && value != "" { // one from the future
		names, chosen = append(names, value), len(names)
	}
	r.choices[at].Options = names
	i.form.quietly(func() { r.choices[at].SetSelectedIndex(max(0, chosen)) })
}

func (i *rowsInput) valueOf(r *inputRow) []string {
	values := make([]string, len(i.cells))
	for at, c := range i.cells {
		switch chosen := r.choices[at]; {
		case chosen == nil && c.kind == entryLines:
			values[at] = r.texts[at].Text
		case chosen == nil:
			values[at] = strings.TrimSpace(r.texts[at].Text)
		case chosen.SelectedIndex() >= len(c.options):
			values[at] = chosen.Selected
		default:
			values[at] = c.options[max(0, chosen.SelectedIndex())].value
		}
	}
	return values
}

// refreshRow shows the inputs that mean something.
func (i *rowsInput) refreshRow(r *inputRow) {
	if len(r.fields) < len(i.cells) {
		return
	}
	values := i.valueOf(r)
	for at, c := range i.cells {
		if c.when != nil {
			r.fields[at].Container.Hidden = !c.when(values)
		}
	}
	i.form.relayout()
}

func (i *rowsInput) bound() {
	if len(i.rows) >= i.limit {
		i.add.Disable()
	} else {
		i.add.Enable()
	}
}

func (i *rowsInput) remove(r *inputRow) {
	i.rows = slices.DeleteFunc(i.rows, func(o *inputRow) bool { return o == r })
	i.list.Remove(r.surface)
	i.gone = true
	i.bound()
	i.form.relayout()
	i.form.u.win.Canvas().Focus(i.add)
	i.form.edited()
}

func (i *rowsInput) load(n *control.NewFeed) {
	i.was = i.get(n)
	i.rows, i.gone = nil, false
	i.list.RemoveAll()
	for at, values := range i.was {
		i.append(at, values)
	}
	i.bound()
	i.say("", "")
}

func (i *rowsInput) values() (out []rowValue) {
	for _, r := range i.rows {
		values := i.valueOf(r)
		if r.from < 0 && blank(values, i.cells) {
			continue
		}
		out = append(out, rowValue{r.from, values})
	}
	return out
}

// blank reports whether nothing was written into a new row.
func blank(values []string, cells []cell) bool {
	for at, c := range cells {
		if c.options == nil && strings.TrimSpace(values[at]) != "" {
			return false
		}
	}
	return true
}

func (i *rowsInput) dirty() bool {
	return i.gone || slices.ContainsFunc(i.values(), func(v rowValue) bool {
		return v.from < 0 || !slices.Equal(v.values, i.was[v.from])
	})
}

func (i *rowsInput) store(n *control.NewFeed) bool {
	i.say("", "")
	if !i.dirty() {
		return true
	}
	if err := i.set(n, i.values()); err != nil {
		i.fail(err)
		return false
	}
	return true
}

// spans lays out objects in lines of columns, each taking some of them.
type spans struct {
	columns int
	spans   []int
}

// lines are the objects of each line that are shown.
func (s *spans) lines(objects []fyne.CanvasObject) (lines [][]int) {
	left := 0
	for at, o := range objects {
		if !o.Visible() {
			continue
		}
		if s.spans[at] > left || len(lines) == 0 {
			lines, left = append(lines, nil), s.columns
		}
		lines[len(lines)-1] = append(lines[len(lines)-1], at)
		left -= s.spans[at]
	}
	return lines
}

// Layout implements [fyne.Layout].
func (s *spans) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	y := float32(0)
	for _, line := range s.lines(objects) {
		x, high, all := float32(0), float32(0), 0
		for _, at := range line {
			all += s.spans[at]
		}
		for _, at := range line {
			w := size.Width * float32(s.spans[at]) / float32(all)
			h := objects[at].MinSize().Height
			objects[at].Move(fyne.NewPos(x, y))
			objects[at].Resize(fyne.NewSize(w, h))
			x, high = x+w, max(high, h)
		}
		y += high
	}
}

// MinSize implements [fyne.Layout].
func (s *spans) MinSize(objects []fyne.CanvasObject) (size fyne.Size) {
	for _, line := range s.lines(objects) {
		high := float32(0)
		for _, at := range line {
			m := objects[at].MinSize()
			high = max(high, m.Height)
			size.Width = max(size.Width, m.Width)
		}
		size.Height += high
	}
	return size
}
