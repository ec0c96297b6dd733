package window

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
)

// bindKeys makes the window work from the keyboard.
func (u *ui) bindKeys() {
	c := u.win.Canvas()
	c.SetOnTypedKey(u.typedKey)
	c.SetOnTypedRune(u.typedRune)
	for _, s := range u.shortcuts() {
		c.AddShortcut(&desktop.CustomShortcut{KeyName: s.key, Modifier: fyne.KeyModifierShortcutDefault},
			func(fyne.Shortcut) { s.do() })
	}
	for key, up := range map[fyne.KeyName]bool{fyne.KeyUp: true, fyne.KeyDown: false} {
		c.AddShortcut(&desktop.CustomShortcut{KeyName: key, Modifier: fyne.KeyModifierAlt},
			func(fyne.Shortcut) { u.stepFocused(up) })
	}
	c.AddShortcut(&fyne.ShortcutSelectAll{}, func(fyne.Shortcut) { u.events.many.all() })
	c.AddShortcut(&fyne.ShortcutCopy{}, func(fyne.Shortcut) { u.detail.copyText() })
}

type shortcut struct {
	key fyne.KeyName
	do  func()
}

func (u *ui) shortcuts() []shortcut {
	return []shortcut{
		{fyne.KeyF, u.focusSearch},
		{fyne.KeyN, u.openAdd},
		{fyne.KeyW, u.win.Close},
	}
}

// typedKey takes keys no input has taken.
func (u *ui) typedKey(e *fyne.KeyEvent) {
	u.tips.hide()
	l := u.events.list
	step := u.step
	if l.shift {
		step = u.events.many.step
	}
	switch e.Name {
	case fyne.KeyDown:
		step(1)
	case fyne.KeyUp:
		step(-1)
	case fyne.KeyPageDown:
		step(l.perPage())
	case fyne.KeyPageUp:
		step(-l.perPage())
	case fyne.KeyDelete:
		u.deleteEvents(u.events.many.target())
	case fyne.KeyHome:
		u.events.toTop()
	case fyne.KeyReturn, fyne.KeyEnter:
		u.detail.openLink()
	case fyne.KeyEscape:
		u.escape()
	}
}

// typedRune takes characters no input has taken.
func (u *ui) typedRune(r rune) {
	u.tips.hide()
	switch r {
	case 'j':
		u.step(1)
	case 'k':
		u.step(-1)
	case 'J':
		u.events.many.step(1)
	case 'K':
		u.events.many.step(-1)
	case 'R':
		u.markViewRead()
	case 'm':
		u.toggleMute()
	case 'r':
		if m := u.events.many; m.len() > 0 {
			m.mark(true)
			return
		}
		u.detail.toggleRead()
	case '/':
		u.focusSearch()
	}
}

// escape goes one step back: from a page, from the detail, from a search,
// from a summary.
func (u *ui) escape() {
	switch {
	case u.page != nil:
		u.closePage()
	case u.events.many.len() > 0:
		u.events.many.end()
	case u.panes.wasNarrow && u.panes.reading:
		u.backToList()
	case u.search.Text != "":
		u.clearSearch()
	case u.choice.summary != 0:
		u.choose(choice{})
	}
	u.focusList()
}

func (u *ui) focusSearch() {
	u.panes.read(false)
	u.win.Canvas().Focus(u.search)
}

func (u *ui) clearSearch() {
	u.search.SetText("")
	u.searchNow()
	u.focusList()
}
