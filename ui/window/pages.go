package window

import (
	"bellwire/internal/control"

	"fyne.io/fyne/v2"
)

// A page covers list and detail: adding a feed, settings and the like. Its
// methods are called on the main goroutine.
type page interface {
	content() fyne.CanvasObject
	// opened is told when the page has come into view, closed when it has
	// gone.
	opened()
	closed()
	// refresh shows what the daemon last said; it may say so ten times a
	// second, and each second while a countdown is shown.
	refresh()
}

// openPage shows p in place of the reader, or of another page.
func (u *ui) openPage(p page) {
	if u.page != p {
		u.leavePage()
		u.page = p
	}
	u.panes.cover(p.content())
	u.notices.refresh() // those that float make room for its foot
	p.opened()
	p.refresh()
}

// closePage goes back to the reader.
func (u *ui) closePage() {
	u.leavePage()
	u.panes.cover(nil)
	u.notices.refresh()
	u.refreshPage()
	u.focusList()
}

// leavePage tells the page in view that it goes.
func (u *ui) leavePage() {
	if p := u.page; p != nil {
		u.page = nil
		p.closed()
	}
	u.panes.page = nil
}

// show shows what a notification, the tray or the command line asks for.
func (u *ui) show(what control.Show) {
	switch {
	case what.Page == control.PageAdd:
		u.openAdd()
	case what.Page == control.PageSettings:
		u.openSettings()
	case what.Page == control.PageStatus:
		u.openStatus(what.Feed)
	case what.Page == control.PageEdit && what.Feed != "":
		u.openEdit(what.Feed)
	case what.Summary != 0:
		u.showSummary(what.Summary)
	case what.Seq != 0:
		u.goTo(what.Seq)
	case what.Feed != "":
		u.choose(choice{feed: what.Feed})
	}
}
