package window

import (
	"image/color"
	"slices"

	"bellwire/ui/words"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// A noticeKind is one place among the notices; each holds one at a time.
type noticeKind string

const (
	noticeDown     noticeKind = "down"     // the daemon does not answer
	noticeNotifier noticeKind = "notifier" // notifications do not work
	noticePaused   noticeKind = "paused"   // notifications are paused
	noticeTrouble  noticeKind = "trouble"  // something a person asked for failed
	noticeUndo     noticeKind = "undo"     // something can be undone
	noticeProgress noticeKind = "progress" // something takes long
	noticeDone     noticeKind = "done"     // something long has been done
	noticeBack     noticeKind = "back"     // the daemon answers again
	noticeDemo     noticeKind = "demo"     // the demo feeds are there
	noticeUpgrade  noticeKind = "upgrade"  // versions differ
)

// lasting are the states, which have room of their own while they last: bars
// below the top of the window. passing is what happens: it floats above the
// foot, moves nothing and goes again. Both are in the order of their stack.
var (
	lasting = [...]noticeKind{noticeDown, noticeNotifier, noticeUpgrade, noticePaused, noticeDemo}
	passing = [...]noticeKind{noticeBack, noticeTrouble, noticeProgress, noticeDone, noticeUndo}
)

// notices tell what is the matter, and what has happened.
type notices struct {
	u        *ui
	lasting  *fyne.Container
	floating *fyne.Container // the layer of those that pass
	bars     map[noticeKind]*bar
}

func newNotices(u *ui) *notices {
	n := &notices{u: u, lasting: column(0), floating: container.NewWithoutLayout(), bars: map[noticeKind]*bar{}}
	for _, kind := range lasting {
		b := newBar(kind)
		b.content = container.NewBorder(nil, rule(), nil, nil, b.content)
		b.Hide()
		n.bars[kind] = b
		n.lasting.Add(b.surface)
	}
	for _, kind := range passing {
		b := newBar(kind)
		b.content = container.NewStack(newShield(), b.content)
		b.radius, b.border = 8, true
		b.Hide()
		n.bars[kind] = b
		n.floating.Add(b.surface)
	}
	n.floating.Layout = cornerLayout{n}
	n.floating.Hide()
	return n
}

func (n *notices) say(kind noticeKind, text, button string, action func()) {
	b := n.bars[kind]
	b.text.SetText(text)
	b.button.SetText(button)
	b.button.Hidden, b.edge.Hidden = action == nil, action == nil
	b.button.OnTapped = func() {
		n.u.focusList()
		action()
	}
	if !b.Visible() {
		b.Show()
		n.relay()
	}
	n.refresh()
}

// relay makes room for the bars that are shown, and no more.
func (n *notices) relay() {
	if f := n.u.frame; f != nil { // while the window is being built there is none
		f.Layout.Layout(f.Objects, f.Size())
	}
}

func (n *notices) refresh() {
	n.floating.Hidden = !slices.ContainsFunc(passing[:], func(k noticeKind) bool { return n.bars[k].Visible() })
	n.lasting.Refresh()
	n.floating.Refresh()
}

func (n *notices) clear(kind noticeKind) {
	if b := n.bars[kind]; b.Visible() {
		b.Hide()
		n.relay()
		n.refresh()
	}
}

// trouble says that something a person asked for did not work.
func (n *notices) trouble(text, hint string) {
	if hint != "" {
		text = sentence(text) + " " + hint
	}
	n.say(noticeTrouble, clip(text, 2*maxTitle), words.Say("dismiss"), func() { n.clear(noticeTrouble) })
}

// A bar is one notice.
type bar struct {
	*surface
	icon   *widget.Icon
	text   *widget.Label
	button *widget.Button
	edge   *surface // of the button, which would hardly differ from the bar
}

func newBar(kind noticeKind) *bar {
	b := &bar{text: widget.NewLabel(""), button: widget.NewButton(" ", nil)}
	b.text.Wrapping = fyne.TextWrapWord
	b.button.Importance = widget.LowImportance
	b.edge = newSurface(theme.ColorNameBackground, b.button)
	b.edge.radius, b.edge.border = theme.Size(theme.SizeNameInputRadius), true
	// The room of the button is there without one: what is below does not move
	// when a notice changes.
	room := canvas.NewRectangle(color.Transparent)
	room.SetMinSize(fyne.NewSize(0, b.button.MinSize().Height))
	colour, icon := colourNotice, theme.InfoIcon()
	switch kind {
	case noticeDown, noticeTrouble, noticeNotifier:
		colour, icon = colourAlarm, theme.WarningIcon()
	case noticePaused:
		icon = theme.MediaPauseIcon()
	case noticeBack, noticeDone:
		icon = theme.ConfirmIcon()
	case noticeUndo:
		icon = theme.ContentUndoIcon()
	}
	b.icon = widget.NewIcon(icon)
	b.surface = newSurface(colour, container.NewBorder(nil, nil,
		inset(container.NewCenter(b.icon), 0, 0, 16, 0),
		inset(container.NewStack(room, container.NewCenter(b.edge)), 6, 6, 0, 16),
		container.NewVBox(layout.NewSpacer(), b.text, layout.NewSpacer())))
	return b
}

const (
	// A notice that floats is as wide as its text, within limits.
	maxFloat = 480
	// floatGap is between it and the edges of the window, and its foot.
	floatGap = 16
	// pageFoot is what a page may have at its foot: its buttons stay free.
	pageFoot = 52
)

// cornerLayout puts what is visible above each other in the lower right corner,
// where it covers the least. It needs no room.
type cornerLayout struct{ n *notices }

// Layout implements [fyne.Layout].
func (l cornerLayout) Layout(_ []fyne.CanvasObject, size fyne.Size) {
	y := size.Height - l.n.u.footer.MinSize().Height - floatGap
	if l.n.u.page != nil {
		y -= pageFoot
	}
	for _, kind := range slices.Backward(passing[:]) {
		b := l.n.bars[kind]
		if !b.Visible() {
			continue
		}
		width := min(b.width(), size.Width-2*floatGap)
		b.Resize(fyne.NewSize(width, 1)) // labels find their lines by it
		height := b.MinSize().Height
		y -= height
		b.Move(fyne.NewPos(size.Width-width-floatGap, y))
		b.Resize(fyne.NewSize(width, height))
		y -= floatGap / 2
	}
}

// MinSize implements [fyne.Layout].
func (cornerLayout) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.Size{} }

// width is how wide a notice that floats wants to be: all on one line, if that
// is not too wide.
func (b *bar) width() float32 {
	line := fyne.MeasureText(b.text.Text, theme.TextSize(), b.text.TextStyle).Width + 2*theme.InnerPadding()
	return min(line+b.content.MinSize().Width-b.text.MinSize().Width, maxFloat)
}

// A shield takes the clicks and the pointer of what floats from what lies
// below it.
type shield struct{ widget.BaseWidget }

func newShield() *shield {
	s := &shield{}
	s.ExtendBaseWidget(s)
	return s
}

// CreateRenderer implements [fyne.Widget].
func (s *shield) CreateRenderer() fyne.WidgetRenderer {
	return widget.NewSimpleRenderer(container.NewWithoutLayout())
}

// Tapped implements [fyne.Tappable].
func (*shield) Tapped(*fyne.PointEvent) {}

// TappedSecondary implements [fyne.SecondaryTappable].
func (*shield) TappedSecondary(*fyne.PointEvent) {}

// MouseIn implements [desktop.Hoverable].
func (*shield) MouseIn(*desktop.MouseEvent) {}

// MouseMoved implements [desktop.Hoverable].
func (*shield) MouseMoved(*desktop.MouseEvent) {}

// MouseOut implements [desktop.Hoverable].
func (*shield) MouseOut() {}
