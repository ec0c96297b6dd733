package window

import (
	"image/color"

	"bellwire/ui/words"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
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

// order is how notices are stacked.
var order = [...]noticeKind{noticeDown, noticeNotifier, noticeBack, noticeUpgrade, noticePaused, noticeDemo, noticeTrouble, noticeProgress, noticeDone, noticeUndo}

// notices are the bars below the top of the window.
type notices struct {
	*fyne.Container
	u    *ui
	bars map[noticeKind]*bar
}

func newNotices(u *ui) *notices {
	n := &notices{Container: column(0), u: u, bars: map[noticeKind]*bar{}}
	for _, kind := range order {
		b := newBar(kind)
		b.Hide()
		n.bars[kind] = b
		n.Add(b.surface)
	}
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
	n.Refresh()
}

// relay makes room for the bars that are shown, and no more.
func (n *notices) relay() {
	if f := n.u.frame; f != nil { // while the window is being built there is none
		f.Layout.Layout(f.Objects, f.Size())
	}
}

func (n *notices) clear(kind noticeKind) {
	if b := n.bars[kind]; b.Visible() {
		b.Hide()
		n.relay()
		n.Refresh()
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
	content := container.NewBorder(nil, rule(),
		inset(container.NewCenter(b.icon), 0, 0, 16, 0),
		inset(container.NewStack(room, container.NewCenter(b.edge)), 6, 6, 0, 16),
		container.NewVBox(layout.NewSpacer(), b.text, layout.NewSpacer()))
	b.surface = newSurface(colour, content)
	return b
}
