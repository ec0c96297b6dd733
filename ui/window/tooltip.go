package window

import (
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

const (
	// tipDelay is how long the pointer has to rest before a tip shows.
	tipDelay = 600 * time.Millisecond
	// Of a tip's text, in pixels and in characters.
	tipWidth = 320
	maxTip   = 600
	// Spaces around a tip and in it, in pixels.
	tipGap, tipPadding = 4, 8
)

// tips shows one tooltip at a time, in a layer above everything else. A
// layer that is only painted takes neither clicks nor the focus, which an
// overlay of Fyne's would.
type tips struct {
	*fyne.Container
	u    *ui
	back *canvas.Rectangle
	what fyne.CanvasObject // that the pointer is over; nil is none
	text string
	stop func()
}

func newTips(u *ui) *tips {
	t := &tips{u: u, back: canvas.NewRectangle(nil), stop: func() {}}
	t.back.CornerRadius, t.back.StrokeWidth = 4, 1
	t.Container = container.NewWithoutLayout()
	t.Hide()
	return t
}

// over says that the pointer is over what, which text explains. Widgets tell
// it when the pointer comes and as often as it moves; what may be a part of
// theirs. An empty text is no tip.
func (t *tips) over(what fyne.CanvasObject, text string) {
	if t.what == what && t.text == text {
		return
	}
	t.hide()
	if text == "" {
		return
	}
	t.what, t.text = what, text
	t.stop = t.u.clock.after(tipDelay, t.show)
}

// A tip explains a part of a widget.
type tip struct {
	part fyne.CanvasObject
	text string
}

// among is [tips.over] for a widget of parts: the first that holds the
// pointer, which is at a position within the widget, explains itself.
func (t *tips) among(at fyne.Position, parts ...tip) {
	const near = 3 // small marks are easy to miss
	for _, p := range parts {
		from, size := p.part.Position(), p.part.Size()
		if p.text != "" && p.part.Visible() && at.X >= from.X-near && at.X < from.X+size.Width+near &&
			at.Y >= from.Y-near && at.Y < from.Y+size.Height+near {
			t.over(p.part, p.text)
			return
		}
	}
	t.hide()
}

// hide takes the tip away, and one that is still to come.
func (t *tips) hide() {
	t.stop()
	t.stop = func() {}
	t.what, t.text = nil, ""
	if t.Visible() {
		t.Hide()
		canvas.Refresh(t.u.win.Content())
	}
}

// shown is the text in sight; empty: none is.
func (t *tips) shown() string {
	if !t.Visible() {
		return ""
	}
	return t.text
}

func (t *tips) show() {
	driver := fyne.CurrentApp().Driver()
	at := driver.AbsolutePositionForObject(t.what)
	if !t.what.Visible() || at.IsZero() { // it has gone meanwhile
		t.hide()
		return
	}
	content := t.u.win.Content()
	at = at.Subtract(driver.AbsolutePositionForObject(content))
	t.Resize(content.Size())
	t.back.FillColor, t.back.StrokeColor = theme.Color(theme.ColorNameOverlayBackground), theme.Color(theme.ColorNameInputBorder)
	t.Objects = []fyne.CanvasObject{t.back}

	size := theme.Size(sizeSmall)
	room := min(tipWidth, t.Size().Width-2*(tipGap+tipPadding))
	broken := breakLines(clip(t.text, maxTip), room, func(s string) float32 {
		return fyne.MeasureText(s, size, fyne.TextStyle{}).Width
	})
	var box fyne.Size
	var lines []*canvas.Text
	for _, s := range strings.Split(broken, "\n") {
		line := canvas.NewText(s, theme.Color(theme.ColorNameForeground))
		line.TextSize = size
		m := line.MinSize()
		box = fyne.NewSize(max(box.Width, m.Width), box.Height+m.Height)
		line.Resize(m)
		lines = append(lines, line)
		t.Objects = append(t.Objects, line)
	}
	box = box.AddWidthHeight(2*tipPadding, tipPadding)
	x := max(tipGap, min(at.X, t.Size().Width-box.Width-tipGap))
	y := at.Y + t.what.Size().Height + tipGap
	if y+box.Height > t.Size().Height-tipGap { // there is room above
		y = max(tipGap, at.Y-box.Height-tipGap)
	}
	t.back.Move(fyne.NewPos(x, y))
	t.back.Resize(box)
	y += tipPadding / 2
	for _, line := range lines {
		line.Move(fyne.NewPos(x+tipPadding, y))
		y += line.Size().Height
	}
	t.Show()
	canvas.Refresh(content)
}

// A tipButton is a button whose icon alone does not say what it does.
type tipButton struct {
	widget.Button
	u   *ui
	tip string
}

func newTipButton(u *ui, icon fyne.Resource, tip string, tapped func()) *tipButton {
	b := &tipButton{u: u, tip: tip}
	b.Icon, b.OnTapped, b.Importance = icon, tapped, widget.LowImportance
	b.ExtendBaseWidget(b)
	return b
}

// MouseIn implements [desktop.Hoverable].
func (b *tipButton) MouseIn(e *desktop.MouseEvent) {
	b.Button.MouseIn(e)
	b.u.tips.over(b, b.tip)
}

// MouseOut implements [desktop.Hoverable].
func (b *tipButton) MouseOut() {
	b.u.tips.hide()
	b.Button.MouseOut()
}

// Tapped implements [fyne.Tappable].
func (b *tipButton) Tapped(e *fyne.PointEvent) {
	b.u.tips.hide()
	b.Button.Tapped(e)
}
