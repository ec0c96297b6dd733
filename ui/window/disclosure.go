package window

import (
	"bellwire/ui/words"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// A disclosure is a heading that shows and hides what is below it.
type disclosure struct {
	*fyne.Container
	button *widget.Button
	body   *fyne.Container
	open   bool
	filled bool // there is something to show
	// opened is told when a person has opened it; nil for nobody.
	opened func()
}

func newDisclosure(title string, content fyne.CanvasObject) *disclosure {
	d := &disclosure{}
	d.button = widget.NewButtonWithIcon(title, theme.MenuExpandIcon(), d.toggle)
	d.button.Importance, d.button.Alignment = widget.LowImportance, widget.ButtonAlignLeading
	back := newSurface(colourSidebar, content)
	back.radius = 6
	d.body = inset(back, 0, 8, 8, 8)
	d.Container = column(0, container.NewHBox(d.button), d.body)
	d.refresh()
	return d
}

func (d *disclosure) toggle() {
	d.open = !d.open
	d.refresh()
	if d.open && d.opened != nil {
		d.opened()
	}
}

func (d *disclosure) refresh() {
	d.button.SetIcon(theme.MenuExpandIcon())
	if d.open {
		d.button.SetIcon(theme.MenuDropDownIcon())
	}
	d.body.Hidden = !d.open || !d.filled
	d.Refresh()
}

// A textDisclosure is a disclosure of a text as it came.
type textDisclosure struct {
	*disclosure
	text  *textBlock
	note  *widget.Label
	copy  *widget.Button
	value string
}

func newTextDisclosure(title string) *textDisclosure {
	d := &textDisclosure{text: newTextBlock(sizeSmall, fyne.TextStyle{Monospace: true}), note: newSmallLabel()}
	d.note.Importance = widget.LowImportance
	d.copy = widget.NewButtonWithIcon(words.Say("detail.copy"), theme.ContentCopyIcon(), nil)
	d.copy.Importance = widget.LowImportance
	d.copy.Hide()
	d.disclosure = newDisclosure(title, column(-8, inset(container.NewHBox(layout.NewSpacer(), d.copy), 4, 0, 4, 4), d.text, d.note))
	d.opened = d.lay
	d.set("", "")
	return d
}

// offerCopy puts a button above the text that copies all of it.
func (d *textDisclosure) offerCopy(all func() string) {
	d.copy.Show()
	d.copy.OnTapped = func() {
		fyne.CurrentApp().Clipboard().SetContent(all())
		d.copy.SetText(words.Say("copied"))
	}
}

// set shows another text; without one there is nothing to disclose.
func (d *textDisclosure) set(text, note string) {
	if text != d.value {
		d.copy.SetText(words.Say("detail.copy"))
	}
	d.value, d.filled = text, text != ""
	d.note.SetText(note)
	d.note.Hidden = note == ""
	d.Container.Hidden = text == ""
	d.lay()
	d.refresh()
}

// lay breaks the text into lines only while it is shown: a long one takes
// time.
func (d *textDisclosure) lay() {
	if d.open {
		d.text.set(d.value)
	} else {
		d.text.set("")
	}
}
