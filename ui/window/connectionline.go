package window

import (
	"time"

	"bellwire/subscriptions"
	"bellwire/ui/words"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"
)

// A connectionLine says how looking at an address goes. It is as high when it
// says nothing.
type connectionLine struct {
	*fyne.Container
	a      *addPage
	mark   *stateMark
	text   *widget.Label
	cancel *formButton
	since  time.Time
	tick   func() // stops the countdown to the next attempt
}

func newConnectionLine(a *addPage) *connectionLine {
	l := &connectionLine{a: a, tick: func() {}, mark: newStateMark(), text: newSmallLabel()}
	l.text.Wrapping, l.text.Truncation = fyne.TextWrapOff, fyne.TextTruncateEllipsis
	l.cancel = a.newButton(words.Say("cancel"), nil, a.giveUp)
	l.cancel.Importance = widget.LowImportance
	l.Container = container.New(atLeast{36}, container.NewBorder(nil, nil, inset(container.NewCenter(l.mark), 0, 0, 10, 0), l.cancel,
		container.New(middle{}, l.text)))
	return l
}

func (l *connectionLine) begin(now time.Time) {
	l.since = now
	l.refresh()
}

func (l *connectionLine) refresh() {
	text, state, slow := "", l.a.status.State, false
	switch s := l.a.status; {
	case s.State == subscriptions.StateBlocked && (l.a.url.ails() || l.a.token.ails()):
		// It stands beside the field, with what to do.
	case s.State == subscriptions.StateOpen && l.a.events == 0:
		text = words.Say("add.waiting")
	case s.State == subscriptions.StateOpen:
		text = words.Say("add.connected", words.With{"Events": words.Count("add.events", int64(l.a.events))})
	case s.State == subscriptions.StateBlocked:
		text = sentence(words.Trouble(s))
	case s.State != "":
		text = sentence(words.State(s, l.a.u.clock.now()))
	case l.a.looking && l.a.u.clock.now().Sub(l.since) >= progressAfter:
		text, state, slow = words.Say("add.looking"), subscriptions.StateConnecting, true
	}
	if s := l.a.status.State; l.a.looking && s == subscriptions.StateConnecting {
		slow = true
	}
	if l.text.Text != text {
		l.text.SetText(text)
	}
	l.tick()
	if s := l.a.status; l.a.looking && s.State == subscriptions.StateWaiting && s.Next.After(l.a.u.clock.now()) {
		l.tick = l.a.u.clock.after(time.Second, l.refresh)
	}
	l.mark.set(state)
	l.mark.Hidden, l.cancel.Hidden = text == "", !slow
	l.Container.Refresh()
}

// middle centres its child in its height.
type middle struct{}

// Layout implements [fyne.Layout].
func (middle) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	for _, o := range objects {
		h := min(o.MinSize().Height, size.Height)
		o.Resize(fyne.NewSize(size.Width, h))
		o.Move(fyne.NewPos(0, (size.Height-h)/2))
	}
}

// MinSize implements [fyne.Layout].
func (middle) MinSize(objects []fyne.CanvasObject) fyne.Size { return objects[0].MinSize() }

// twoColumns has the second of three objects beside the others where there is
// room, else between them.
type twoColumns struct{}

// Widths of the columns.
const (
	columnGap   = 24
	rightColumn = 340
	leftLeast   = 440
)

func (twoColumns) isWide(size fyne.Size) bool {
	return size.Width >= leftLeast+columnGap+rightColumn
}

// Layout implements [fyne.Layout].
func (t twoColumns) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	wide, width, y := t.isWide(size), min(formWidth, size.Width), float32(0)
	if wide {
		width = min(formWidth, size.Width-columnGap-rightColumn)
	}
	for at, o := range objects {
		switch {
		case !o.Visible():
		case wide && at == 1:
			o.Move(fyne.NewPos(width+columnGap, 0))
			o.Resize(fyne.NewSize(min(formWidth, size.Width-width-columnGap), o.MinSize().Height))
		default:
			if y > 0 && at == 1 {
				y += columnGap
			}
			h := o.MinSize().Height
			o.Move(fyne.NewPos(0, y))
			o.Resize(fyne.NewSize(width, h))
			y += h
		}
	}
}

// MinSize implements [fyne.Layout]. The width is not known here, but what
// stands beside the rest has been given its place.
func (t twoColumns) MinSize(objects []fyne.CanvasObject) (size fyne.Size) {
	for at, o := range objects {
		if !o.Visible() {
			continue
		}
		m := o.MinSize()
		size.Width = max(size.Width, m.Width)
		if at == 1 && o.Position().X > 0 {
			continue
		}
		size.Height += m.Height
		if at == 1 {
			size.Height += columnGap
		}
	}
	if o := objects[1]; o.Visible() && o.Position().X > 0 {
		size.Height = max(size.Height, o.MinSize().Height)
	}
	return size
}
