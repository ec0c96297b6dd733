package window

import (
	"bellwire/ui/words"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// A Message is why Bellwire did not start.
type Message struct {
	Title, Text string
	// Detail is said in small letters below, and can be selected: it names
	// files and commands.
	Detail string
}

// Sizes of a message, in Fyne's units.
const (
	messageWidth  = 640
	messageHeight = 440
)

// newMessage is the contents of a window that says m.
func newMessage(m Message, done func()) fyne.CanvasObject {
	e := newEmptyState()
	e.say(theme.WarningIcon(), m.Title, m.Text, "", nil)
	detail := widget.NewLabel(m.Detail)
	detail.Wrapping = fyne.TextWrapWord
	detail.Selectable = true
	detail.Importance = widget.LowImportance
	leave := widget.NewButton(words.Say("failure.close"), done)
	leave.Importance = widget.HighImportance
	return container.NewBorder(
		inset(e.Container, 24, 8, 24, 24),
		inset(container.NewCenter(leave), 16, 24, 24, 24),
		nil, nil,
		container.NewVScroll(inset(detail, 0, 0, 24, 24)),
	)
}
