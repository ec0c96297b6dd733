package window

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// An emptyState fills a pane that has nothing to show: a glyph, what is the
// case, what to do, and at most one button that does it.
type emptyState struct {
	*fyne.Container
	glyph  *canvas.Image
	title  *widget.Label
	text   *widget.Label
	button *widget.Button
}

const (
	glyphSize      = 48
	emptyTextWidth = 340
)

func newEmptyState() *emptyState {
	e := &emptyState{
		glyph:  canvas.NewImageFromResource(nil),
		title:  widget.NewLabel(""),
		text:   widget.NewLabel(""),
		button: widget.NewButton("", nil),
	}
	e.glyph.FillMode = canvas.ImageFillContain
	e.glyph.SetMinSize(fyne.NewSquareSize(glyphSize))
	e.title.Alignment, e.text.Alignment = fyne.TextAlignCenter, fyne.TextAlignCenter
	e.title.SizeName = sizeSection
	e.title.TextStyle.Bold = true
	e.title.Wrapping = fyne.TextWrapWord
	e.text.Wrapping = fyne.TextWrapWord
	e.button.Importance = widget.HighImportance
	width := canvas.NewRectangle(nil)
	width.SetMinSize(fyne.NewSize(emptyTextWidth, 0))
	e.Container = container.NewCenter(column(-4,
		e.glyph, width, inset(e.title, 8, 0, 0, 0), e.text,
		inset(container.NewHBox(layout.NewSpacer(), e.button, layout.NewSpacer()), 12, 24, 0, 0),
	))
	return e
}

// say sets everything; without an action there is no button.
func (e *emptyState) say(glyph fyne.Resource, title, text, button string, action func()) {
	e.glyph.Resource = theme.NewColoredResource(glyph, theme.ColorNameDisabled)
	e.title.SetText(title)
	e.text.SetText(text)
	e.text.Hidden = text == ""
	e.button.SetText(button)
	e.button.OnTapped = action
	e.button.Hidden = action == nil
	e.Refresh()
}
