package window

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"
)

// A strip is a line below a list that tells what goes on there, with a button
// that ends or resumes it.
type strip struct {
	*surface
	text   *widget.Label
	button *widget.Button
}

func newStrip() *strip {
	s := &strip{text: newSmallLabel(), button: widget.NewButton("", nil)}
	s.text.Wrapping, s.text.Truncation = fyne.TextWrapOff, fyne.TextTruncateEllipsis
	s.button.Importance = widget.LowImportance
	s.surface = newSurface(colourSidebar, column(0, rule(), inset(
		container.NewBorder(nil, nil, nil, s.button, s.text), 0, 0, 8, 8)))
	s.Hide()
	return s
}

func (s *strip) say(text, button string, action func()) {
	s.text.SetText(text)
	s.button.SetText(button)
	s.button.OnTapped = action
	s.Show()
	s.Refresh()
}
