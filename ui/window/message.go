package window

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"bellwire/ui/words"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// A Message is why Bellwire did not start.
type Message struct {
	Title, Text string
	// Detail is said in small letters below, in paragraphs, and can be selected
	// and copied: it names files and commands.
	Detail string
}

// Sizes of a message, in Fyne's units.
const (
	messageWidth  = 640
	messageHeight = 400
)

// newMessage is the contents of a window that says m; done closes it, and
// copied gets the whole of it to put on the clipboard.
func newMessage(m Message, copied func(string), done func()) fyne.CanvasObject {
	glyph := canvas.NewImageFromResource(theme.NewWarningThemedResource(theme.WarningIcon()))
	glyph.FillMode = canvas.ImageFillContain
	glyph.SetMinSize(fyne.NewSquareSize(glyphSize))
	title, text := widget.NewLabel(m.Title), newTextBlock(sizeBody, fyne.TextStyle{})
	title.SizeName, title.TextStyle.Bold = sizeTitle, true
	title.Wrapping = fyne.TextWrapWord
	text.set(m.Text)

	paragraphs := strings.Split(m.Detail, "\n\n")
	for i, p := range paragraphs {
		if r, size := utf8.DecodeRuneInString(p); size > 0 { // no full stop: some end with a command
			paragraphs[i] = string(unicode.ToUpper(r)) + p[size:]
		}
	}
	detail := newSmallLabel()
	detail.Wrapping = fyne.TextWrapWord
	detail.Selectable = true
	detail.SetText(strings.Join(paragraphs, "\n\n"))
	box := newSurface(colourSidebar, container.NewVScroll(inset(detail, 8, 8, 8, 8)))
	box.radius = theme.Size(theme.SizeNameInputRadius)

	all := widget.NewButtonWithIcon(words.Say("failure.copy"), theme.ContentCopyIcon(), func() {
		copied(m.Title + "\n" + m.Text + "\n\n" + detail.Text + "\n")
	})
	leave := widget.NewButton(words.Say("failure.close"), done)
	leave.Importance = widget.HighImportance
	head := container.NewBorder(nil, nil, inset(container.NewVBox(glyph), 8, 0, 0, 12), nil, column(-8, title, text))
	content := container.NewBorder(
		inset(head, 0, 16, 0, 0),
		inset(container.NewBorder(nil, nil, all, leave), 16, 0, 0, 0),
		nil, nil, box,
	)
	text.broken = func() { content.Layout.Layout(content.Objects, content.Size()) }
	return inset(content, 24, 24, 24, 24)
}
