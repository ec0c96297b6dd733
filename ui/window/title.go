package window

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// A textTitle is a pane's heading on one line.
type textTitle struct {
	widget.BaseWidget
	line *textLine
}

func newTextTitle() *textTitle {
	t := &textTitle{line: newTextLine(sizeSection, theme.ColorNameForeground)}
	t.line.TextStyle.Bold = true
	t.ExtendBaseWidget(t)
	return t
}

func (t *textTitle) set(s string) {
	t.line.full = s
	t.Refresh()
}

// CreateRenderer implements [fyne.Widget].
func (t *textTitle) CreateRenderer() fyne.WidgetRenderer { return &textTitleRenderer{t} }

type textTitleRenderer struct{ t *textTitle }

func (r *textTitleRenderer) Destroy() {}

func (r *textTitleRenderer) Layout(size fyne.Size) {
	r.t.line.place(0, (size.Height-r.t.line.MinSize().Height)/2, size.Width)
}

func (r *textTitleRenderer) MinSize() fyne.Size { return fyne.NewSize(40, 36) }

func (r *textTitleRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.t.line.Text}
}

func (r *textTitleRenderer) Refresh() {
	r.Layout(r.t.Size())
	r.t.line.paint()
}
