package window

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"
)

// A footLine is a small line of text that leads somewhere.
type footLine struct {
	widget.Label
	u                *ui
	do               func()
	hovered, focused bool
}

func newFootLine(u *ui, do func()) *footLine {
	l := &footLine{u: u, do: do}
	l.SizeName, l.Importance, l.Truncation = sizeSmall, widget.LowImportance, fyne.TextTruncateEllipsis
	l.ExtendBaseWidget(l)
	return l
}

func (l *footLine) paint() {
	l.Importance, l.TextStyle.Bold = widget.LowImportance, l.focused
	if l.hovered || l.focused {
		l.Importance = widget.HighImportance
	}
	l.Refresh()
}

// Tapped implements [fyne.Tappable].
func (l *footLine) Tapped(*fyne.PointEvent) { l.do() }

// Cursor implements [desktop.Cursorable].
func (l *footLine) Cursor() desktop.Cursor { return desktop.PointerCursor }

// MouseIn implements [desktop.Hoverable].
func (l *footLine) MouseIn(*desktop.MouseEvent) { l.hovered = true; l.paint() }

// MouseMoved implements [desktop.Hoverable].
func (l *footLine) MouseMoved(*desktop.MouseEvent) {}

// MouseOut implements [desktop.Hoverable].
func (l *footLine) MouseOut() { l.hovered = false; l.paint() }

// FocusGained implements [fyne.Focusable].
func (l *footLine) FocusGained() { l.focused = true; l.paint() }

// FocusLost implements [fyne.Focusable].
func (l *footLine) FocusLost() { l.focused = false; l.paint() }

// TypedRune implements [fyne.Focusable].
func (l *footLine) TypedRune(r rune) {
	if r == ' ' {
		l.do()
		return
	}
	l.u.typedRune(r)
}

// TypedKey implements [fyne.Focusable].
func (l *footLine) TypedKey(e *fyne.KeyEvent) {
	switch e.Name {
	case fyne.KeyReturn, fyne.KeyEnter:
		l.do()
	default:
		l.u.typedKey(e)
	}
}
