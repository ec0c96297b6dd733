package window

import (
	"maps"
	"slices"

	"bellwire/internal/control"
	"bellwire/subscriptions"
	"bellwire/ui/words"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// A lookForm is the inputs of how a feed is shown.
type lookForm struct {
	inputs []input
	name   *textInput
	icon   *textInput
	folder *textInput
	colour *colourInput
}

func newLookForm(f *form) *lookForm {
	l := &lookForm{}
	l.name = f.text(spec{key: "name", example: words.Say("add.name.example"), names: []string{"the name"}}, func(n *control.NewFeed) *string { return &n.Name })
	l.icon = f.text(spec{key: "icon", example: words.Say("form.icon.example"), names: []string{"the icon"}}, func(n *control.NewFeed) *string { return &n.Look.Icon })
	grid := newPalette(f, 12, emojis, drawEmoji, func(v string) { l.icon.entry.SetText(v) })
	changed := l.icon.entry.OnChanged
	l.icon.entry.OnChanged = func(v string) { grid.set(v); changed(v) }
	l.icon.entry.Move(fyne.Position{}) // the inset had moved it
	box := l.icon.Container.Objects[1].(*fyne.Container)
	box.Objects = []fyne.CanvasObject{column(4, container.New(bounded{shortInput}, l.icon.entry), grid)}
	l.colour = newColourInput(f)
	l.folder = f.text(spec{key: "folder", example: words.Say("form.folder.example"), names: []string{"the folder"}}, func(n *control.NewFeed) *string { return &n.Look.Folder })
	l.folder.entry.ActionItem = folderButton(f, l.folder.entry)
	l.inputs = []input{l.name, l.icon, l.colour, l.folder}
	return l
}

// folderButton offers the folders there are.
func folderButton(f *form, e *formEntry) fyne.CanvasObject {
	b := widget.NewButtonWithIcon("", theme.MenuDropDownIcon(), nil)
	b.Importance = widget.LowImportance
	b.OnTapped = func() {
		var items []*fyne.MenuItem
		for _, name := range f.u.folders() {
			items = append(items, fyne.NewMenuItem(clip(name, subscriptions.MaxFolder), func() { e.SetText(name) }))
		}
		at := fyne.CurrentApp().Driver().AbsolutePositionForObject(e)
		widget.ShowPopUpMenuAtPosition(fyne.NewMenu("", items...), f.u.win.Canvas(), at.AddXY(0, e.Size().Height+2))
	}
	b.Hidden = len(f.u.folders()) == 0
	return b
}

// folders are those that feeds are in.
func (u *ui) folders() []string {
	names := map[string]bool{}
	for _, f := range u.feeds() {
		if f.Look.Folder != "" {
			names[f.Look.Folder] = true
		}
	}
	return slices.Sorted(maps.Keys(names))
}

// A colourInput is the colour that marks a feed.
type colourInput struct {
	base
	palette *palette
	was     string
}

func newColourInput(f *form) *colourInput {
	i := &colourInput{}
	i.palette = newPalette(f, len(subscriptions.Colours)+1, subscriptions.Colours, drawColour, func(string) { f.edited() })
	i.base = spec{key: "colour"}.field(i.palette, container.NewHBox(i.palette))
	return i
}

func (i *colourInput) load(n *control.NewFeed) {
	i.was = n.Look.Colour
	i.palette.set(i.was)
}

func (i *colourInput) dirty() bool { return i.palette.value != i.was }

func (i *colourInput) store(n *control.NewFeed) bool {
	i.say("", "")
	if i.dirty() {
		n.Look.Colour = i.palette.value
	}
	return true
}
