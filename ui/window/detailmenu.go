package window

import (
	"strings"

	"bellwire/subscriptions"
	"bellwire/ui/words"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// menu shows what is wanted less often.
func (d *detail) menu() {
	at := fyne.CurrentApp().Driver().AbsolutePositionForObject(d.others)
	widget.ShowPopUpMenuAtPosition(fyne.NewMenu("", d.menuItems()...), d.u.win.Canvas(), at.AddXY(0, d.others.Size().Height+4))
}

func (d *detail) menuItems() []*fyne.MenuItem {
	e := d.event
	copied := []*fyne.MenuItem{menuItem(words.Say("copy.text"), nil, d.copyText)}
	if safeLink(e.Link) {
		copied = append(copied, menuItem(words.Say("copy.link"), nil, func() { d.copyThis(e.Link) }))
	}
	if e.Raw != "" && e.Kind == subscriptions.KindEvent {
		copied = append(copied, menuItem(words.Say("copy.raw"), nil, func() { d.copyThis(e.Raw) }))
	}
	items := []*fyne.MenuItem{menuItem(words.Say("detail.copy"), theme.ContentCopyIcon(), nil)}
	items[0].ChildMenu = fyne.NewMenu("", copied...)
	if f, ok := d.u.feed(e.Feed); ok {
		mute := menuItem(words.Say("detail.mute", words.With{"Name": clip(f.Name, 30)}), theme.NewThemedResource(mutedGlyph()), nil)
		mute.ChildMenu = fyne.NewMenu("", d.u.muteItems(f)...)
		items = append(items, mute)
	}
	if d.u.o.Export != nil {
		items = append(items, menuItem(words.Say("export.button"), theme.DocumentSaveIcon(), func() { d.u.openExport([]int64{e.Seq}) }))
	}
	return append(items, fyne.NewMenuItemSeparator(),
		menuItem(words.Say("many.delete"), theme.DeleteIcon(), func() { d.u.deleteEvents([]int64{e.Seq}) }))
}

func (d *detail) copyThis(text string) {
	fyne.CurrentApp().Clipboard().SetContent(text)
	d.u.focusList()
}

// copyText copies what the event says.
func (d *detail) copyText() {
	e := d.event
	if e.Seq == 0 {
		return
	}
	parts := []string{e.Title}
	for _, p := range []string{e.Body, e.Link} {
		if p != "" {
			parts = append(parts, p)
		}
	}
	d.copyThis(strings.Join(parts, "\n\n"))
}

func (d *detail) openLink() {
	if d.event.Seq != 0 {
		d.u.followLink(d.event.Link)
	}
	d.u.focusList()
}
