package window

import (
	"context"
	"slices"
	"time"

	"bellwire/internal/control"
	"bellwire/ui/words"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"
)

// choose shows what was chosen in the sidebar.
func (u *ui) choose(c choice) {
	u.choice = c
	u.leavePage()
	u.panes.reading = false
	u.events.list.choose(0)
	u.detail.none()
	u.panes.Refresh()
	u.refreshBack()
	u.events.open(u.viewNow(), 0)
	u.refresh()
	u.focusList()
}

// viewNow is the view that choice and search ask for.
func (u *ui) viewNow() view {
	return view{feed: u.choice.feed, folder: u.choice.folder, unread: u.choice.unread, summary: u.choice.summary, text: u.search.query()}
}

func (u *ui) setUnread(yes bool) {
	v := u.viewNow()
	v.unread = yes
	u.events.open(v, 0)
}

// goTo shows one event, wherever it is.
func (u *ui) goTo(seq int64) {
	u.choice = choice{}
	u.search.reset()
	u.leavePage()
	u.events.open(u.viewNow(), seq)
	u.refresh()
	u.selectEvent(seq)
}

// selectEvent shows an event beside the list.
func (u *ui) selectEvent(seq int64) {
	if seq == 0 {
		return
	}
	l := u.events.list
	l.choose(seq)
	if i := l.find(seq); i >= 0 {
		l.reveal(i)
	}
	u.detail.load(seq)
	u.panes.read(true)
	u.refreshBack()
}

// backToList leaves the detail where it covers the list.
func (u *ui) backToList() {
	u.panes.read(false)
	u.refreshBack()
	u.focusList()
}

func (u *ui) refreshBack() {
	if hidden := !u.panes.wasNarrow; u.detail.back.Hidden != hidden {
		u.detail.back.Hidden = hidden
		u.detail.Refresh()
	}
}

// step selects the row so many rows further down.
func (u *ui) step(rows int) {
	u.events.many.end()
	u.selectEvent(u.events.list.neighbour(rows))
}

func (u *ui) focusList() {
	if u.page == nil && u.events.Visible() {
		u.win.Canvas().Focus(u.events.list)
	} else {
		u.win.Canvas().Unfocus()
	}
}

// openAdd adds a feed; what is written already stays.
func (u *ui) openAdd() {
	if u.add == nil || u.page != page(u.add) {
		u.add = newAddPage(u)
	}
	u.openPage(u.add)
}

// added shows a feed that has just been added.
func (u *ui) added(f control.Feed) {
	if _, ok := u.feed(f.ID); !ok {
		u.status.Feeds = append(slices.Clone(u.status.Feeds), f)
	}
	u.choose(choice{feed: f.ID})
	u.loadStatus()
}

// followLink opens an address that a person has clicked, and says so where
// that fails.
func (u *ui) followLink(link string) {
	if !safeLink(link) {
		return
	}
	if err := u.openLink(link); err != nil {
		u.notices.trouble(words.Say("error.link"), err.Error())
	}
}

func (u *ui) openLink(link string) error {
	if u.o.OpenLink != nil {
		return u.o.OpenLink(link)
	}
	return openURL(link)
}

func (u *ui) pauseFeed(id string) {
	u.feedCall(func(ctx context.Context) (control.Feed, error) { return u.o.Client.PauseFeed(ctx, id) })
}

func (u *ui) resumeFeed(id string) {
	u.feedCall(func(ctx context.Context) (control.Feed, error) { return u.o.Client.ResumeFeed(ctx, id) })
}

func (u *ui) reconnectFeed(id string) {
	u.feedCall(func(ctx context.Context) (control.Feed, error) { return u.o.Client.ReconnectFeed(ctx, id) })
}

// feedCall does something to a feed and shows how it does now.
func (u *ui) feedCall(call func(context.Context) (control.Feed, error)) {
	ask(u, call, func(f control.Feed, err error) {
		if err != nil {
			u.notices.trouble(errorWords(err))
			return
		}
		if i := slices.IndexFunc(u.status.Feeds, func(g control.Feed) bool { return g.ID == f.ID }); i >= 0 {
			u.status.Feeds = slices.Clone(u.status.Feeds)
			u.status.Feeds[i] = f
		}
		u.refresh()
	})
	if u.page == nil {
		u.focusList()
	}
}

// A removal is a feed that goes unless somebody has second thoughts.
type removal struct {
	id   string
	stop func()
}

func (u *ui) isRemoving(id string) bool {
	return slices.ContainsFunc(u.removing, func(r removal) bool { return r.id == id })
}

// removeFeed hides the feed and removes it once nobody wants it back.
func (u *ui) removeFeed(f control.Feed) {
	stop := u.clock.after(undoFor, func() { u.finishRemoval(f.ID) })
	u.removing = append(u.removing, removal{f.ID, stop})
	u.endOffer() // the notice is this removal's now
	u.notices.say(noticeUndo, words.Say("feed.removed", words.With{"Name": clip(f.Name, 60)}), words.Say("undo"), func() {
		u.keepFeed(f.ID)
	})
	u.choose(choice{})
}

// keepFeed takes a removal back.
func (u *ui) keepFeed(id string) {
	u.removing = slices.DeleteFunc(u.removing, func(r removal) bool {
		if r.id == id {
			r.stop()
		}
		return r.id == id
	})
	u.notices.clear(noticeUndo)
	u.choose(choice{feed: id})
}

func (u *ui) finishRemoval(id string) {
	ask(u, func(ctx context.Context) (struct{}, error) {
		return struct{}{}, u.o.Client.RemoveFeed(ctx, id)
	}, func(_ struct{}, err error) {
		u.removing = slices.DeleteFunc(u.removing, func(r removal) bool { return r.id == id })
		if err != nil {
			u.notices.trouble(errorWords(err))
			u.refresh()
			return
		}
		u.status.Feeds = slices.DeleteFunc(slices.Clone(u.status.Feeds), func(f control.Feed) bool { return f.ID == id })
		if len(u.removing) == 0 && u.stopUndo == nil {
			u.notices.clear(noticeUndo)
		}
		u.loadStatus()
		u.events.reload()
	})
}

// finishRemovals removes what a closing window still owes.
func (u *ui) finishRemovals() {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(u.ctx), callTimeout)
	defer cancel()
	for _, r := range u.removing {
		r.stop()
		if err := u.o.Client.RemoveFeed(ctx, r.id); err != nil {
			u.o.Logger.Warn("a feed could not be removed", "feed", r.id, "error", err)
		}
	}
	u.removing = nil
}

// pauseMenu offers how long notifications may rest.
func (u *ui) pauseMenu() {
	now := u.clock.now()
	item := func(text string, until time.Time) *fyne.MenuItem {
		return fyne.NewMenuItem(text, func() { u.pauseUntil(until) })
	}
	items := []*fyne.MenuItem{
		item(words.Say("pause.30m"), now.Add(30*time.Minute)),
		item(words.Say("pause.1h"), now.Add(time.Hour)),
		item(words.Say("pause.tomorrow"), tomorrow(now)),
		item(words.Say("pause.forever"), control.Forever),
	}
	if words.Paused(u.status.PausedUntil, now) != "" {
		items = append(items, fyne.NewMenuItemSeparator(), item(words.Say("pause.resume"), time.Time{}))
	}
	at := fyne.CurrentApp().Driver().AbsolutePositionForObject(u.pause)
	menu := widget.NewPopUpMenu(fyne.NewMenu("", items...), u.win.Canvas())
	menu.ShowAtPosition(fyne.NewPos(at.X+u.pause.Size().Width-menu.MinSize().Width, at.Y+u.pause.Size().Height+4))
}

func (u *ui) pauseUntil(until time.Time) {
	ask(u, func(ctx context.Context) (struct{}, error) {
		return struct{}{}, u.o.Client.PauseNotifications(ctx, until)
	}, func(_ struct{}, err error) {
		if err != nil {
			u.notices.trouble(errorWords(err))
			return
		}
		u.status.PausedUntil = until
		u.refresh()
	})
	u.focusList()
}
