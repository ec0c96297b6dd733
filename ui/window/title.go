package window

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// A textTitle is a pane's heading on one line, and a few words beside it
// where there is room.
type textTitle struct {
	widget.BaseWidget
	line *textLine
	note *textLine
}

// noteGap is the space between a title and the words beside it, in pixels.
const noteGap = 8

func newTextTitle() *textTitle {
	t := &textTitle{line: newTextLine(sizeSection, theme.ColorNameForeground), note: newTextLine(sizeSmall, colourSecondary)}
	t.line.TextStyle.Bold = true
	t.ExtendBaseWidget(t)
	return t
}

func (t *textTitle) set(s string) {
	t.line.full = s
	t.Refresh()
}

// say puts words beside the title; "" is none.
func (t *textTitle) say(note string) {
	if t.note.full != note {
		t.note.full = note
		t.Refresh()
	}
}

// CreateRenderer implements [fyne.Widget].
func (t *textTitle) CreateRenderer() fyne.WidgetRenderer { return &textTitleRenderer{t} }

type textTitleRenderer struct{ t *textTitle }

func (r *textTitleRenderer) Destroy() {}

func (r *textTitleRenderer) Layout(size fyne.Size) {
	line, note := r.t.line, r.t.note
	y := (size.Height - line.MinSize().Height) / 2
	line.place(0, y, size.Width)
	x, width := line.natural()+noteGap, note.natural()
	note.Hidden = note.full == "" || x+width > size.Width
	if !note.Hidden {
		base := y + ascent("", theme.Size(line.size))
		note.place(x, base-ascent("", theme.Size(note.size)), width+1)
	}
}

func (r *textTitleRenderer) MinSize() fyne.Size { return fyne.NewSize(40, 36) }

func (r *textTitleRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.t.line.Text, r.t.note.Text}
}

func (r *textTitleRenderer) Refresh() {
	r.Layout(r.t.Size())
	r.t.line.paint()
	r.t.note.paint()
}
