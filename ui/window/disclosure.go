package window

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// A disclosure is a heading that shows and hides a text.
type disclosure struct {
	*fyne.Container
	button *widget.Button
	text   *textBlock
	note   *widget.Label
	below  *fyne.Container // what else there is, below the text
	open   bool
	value  string
	// opened is told when it has been opened; nil for nobody. What is always
	// there has something to show only then.
	opened func()
	always bool
}

func newDisclosure(title string, style fyne.TextStyle) *disclosure {
	d := &disclosure{text: newTextBlock(sizeSmall, style), note: newSmallLabel(), below: column(0)}
	d.note.Importance = widget.LowImportance
	d.button = widget.NewButtonWithIcon(title, theme.MenuExpandIcon(), d.toggle)
	d.button.Importance, d.button.Alignment = widget.LowImportance, widget.ButtonAlignLeading
	back := newSurface(colourSidebar, column(-8, d.text, d.note, d.below))
	back.radius = 6
	d.Container = column(0, container.NewHBox(d.button), inset(back, 0, 8, 8, 8))
	d.refresh()
	return d
}

func (d *disclosure) set(text, note string) {
	d.value = text
	d.note.SetText(note)
	d.note.Hidden = note == ""
	d.refresh()
}

func (d *disclosure) toggle() {
	d.open = !d.open
	d.refresh()
	if d.open && d.opened != nil {
		d.opened()
	}
}

// refresh lays out the text only while it is shown: a long one takes time.
func (d *disclosure) refresh() {
	d.button.SetIcon(theme.MenuExpandIcon())
	if d.open {
		d.button.SetIcon(theme.MenuDropDownIcon())
		d.text.set(d.value)
	} else {
		d.text.set("")
	}
	d.Objects[1].(*fyne.Container).Hidden = !d.open || d.value == ""
	d.Container.Hidden = d.value == "" && !d.always
	d.Refresh()
}
