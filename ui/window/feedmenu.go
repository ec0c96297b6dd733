package window

import (
	"slices"

	"bellwire/internal/control"
	"bellwire/subscriptions"
	"bellwire/ui/words"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
)

func menuItem(text string, icon fyne.Resource, do func()) *fyne.MenuItem {
	i := fyne.NewMenuItem(text, do)
	i.Icon = icon
	return i
}

// feedMenu offers what can be done with a feed.
func (u *ui) feedMenu(id string, at fyne.Position) {
	if f, ok := u.feed(id); ok {
		u.popUp(at, u.feedItems(f)...)
	}
}

func (u *ui) feedItems(f control.Feed) []*fyne.MenuItem {
	id := f.ID
	hold := menuItem(words.Say("feed.pause"), theme.MediaPauseIcon(), func() { u.pauseFeed(id) })
	if isHeld(f) {
		hold = menuItem(words.Say("feed.resume"), theme.MediaPlayIcon(), func() { u.resumeFeed(id) })
	}
	again := menuItem(words.Say("feed.reconnect"), theme.ViewRefreshIcon(), func() { u.reconnectFeed(id) })
	again.Disabled = isHeld(f)
	mute := u.muteItems(f)
	if len(mute) > 1 {
		more := menuItem(words.Say("feed.mute.menu"), theme.NewThemedResource(mutedGlyph()), nil)
		more.ChildMenu = fyne.NewMenu("", mute...)
		mute = []*fyne.MenuItem{more}
	}
	read := menuItem(words.Say("feed.read"), theme.ConfirmIcon(), func() { u.markAllRead(id) })
	read.Disabled = f.Unread == 0
	move := menuItem(words.Say("move"), theme.FolderOpenIcon(), nil)
	move.ChildMenu = fyne.NewMenu("", u.moveItems(f)...)
	return slices.Concat([]*fyne.MenuItem{
		menuItem(words.Say("feed.edit"), theme.DocumentCreateIcon(), func() { u.show(control.Show{Page: control.PageEdit, Feed: id}) }),
		menuItem(words.Say("feed.status"), theme.InfoIcon(), func() { u.show(control.Show{Page: control.PageStatus, Feed: id}) }),
		fyne.NewMenuItemSeparator(), hold, again,
	}, mute, []*fyne.MenuItem{
		fyne.NewMenuItemSeparator(), read, move,
		menuItem(words.Say("feed.copy"), theme.ContentCopyIcon(), func() { fyne.CurrentApp().Clipboard().SetContent(f.URL) }),
		fyne.NewMenuItemSeparator(),
		menuItem(words.Say("feed.remove"), theme.DeleteIcon(), func() { u.removeFeed(f) }),
	})
}

// moveItems offer the places where a feed can go.
func (u *ui) moveItems(f control.Feed) []*fyne.MenuItem {
	all := u.places()
	can := func(up bool) bool { return !slices.Equal(stepped(all, f.ID, up), all) }
	items := []*fyne.MenuItem{
		movingItem(true, !can(true), func() { u.stepFeed(f.ID, true) }),
		movingItem(false, !can(false), func() { u.stepFeed(f.ID, false) }),
		fyne.NewMenuItemSeparator(),
	}
	to := func(folder string) func() {
		return func() { u.arrange(moved(u.places(), f.ID, folder, "")) }
	}
	if f.Look.Folder != "" {
		items = append(items, menuItem(words.Say("move.out"), theme.LogoutIcon(), to("")))
	}
	for _, folder := range folders(all) {
		i := fyne.NewMenuItem(clip(folder, subscriptions.MaxFolder), to(folder))
		i.Icon, i.Disabled = theme.FolderIcon(), folder == f.Look.Folder
		items = append(items, i)
	}
	return append(items, menuItem(words.Say("folder.new"), theme.FolderNewIcon(), func() {
		u.sidebar.ask(keyNewFolder, "", words.Say("folder.name"), checkFolder, func(name string) { to(name)() })
	}))
}

// stepFeed moves a feed one place up or down, and keeps the focus on it.
func (u *ui) stepFeed(id string, up bool) {
	all := stepped(u.places(), id, up)
	if i := placeOf(all, id); i >= 0 {
		u.sidebar.setClosed(all[i].Folder, false)
	}
	focused := u.win.Canvas().Focused()
	u.arrange(all)
	if r := u.sidebar.row(id); r != nil && focused == r {
		u.sidebar.reveal(r)
	}
}

// stepFocused moves the feed or folder that has the focus.
func (u *ui) stepFocused(up bool) {
	r, ok := u.win.Canvas().Focused().(*feedRow)
	switch {
	case !ok:
	case r.entry.search != "":
		u.moveSearch(r.entry.search, up)
	case r.entry.heading:
		u.arrange(steppedFolder(u.places(), r.entry.choice.folder, up))
	case r.entry.isFeed():
		u.stepFeed(r.entry.choice.feed, up)
	}
}

// folderMenu offers what can be done with a folder.
func (u *ui) folderMenu(folder string, at fyne.Position) {
	all := u.places()
	can := func(up bool) bool { return !slices.Equal(steppedFolder(all, folder, up), all) }
	var ids []string
	unread := int64(0)
	for _, f := range u.feeds() {
		if f.Look.Folder == folder {
			ids = append(ids, f.ID)
			unread += f.Unread
		}
	}
	read := menuItem(words.Say("feed.read"), theme.ConfirmIcon(), func() { u.markAllRead(ids...) })
	read.Disabled = unread == 0
	u.popUp(
		at, read, fyne.NewMenuItemSeparator(),
		menuItem(words.Say("rename"), theme.DocumentCreateIcon(), func() { u.renameFolder(folder) }),
		movingItem(true, !can(true), func() { u.arrange(steppedFolder(u.places(), folder, true)) }),
		movingItem(false, !can(false), func() { u.arrange(steppedFolder(u.places(), folder, false)) }),
		fyne.NewMenuItemSeparator(),
		menuItem(words.Say("folder.delete"), theme.DeleteIcon(), func() { u.deleteFolder(folder) }),
	)
}

func (u *ui) renameFolder(folder string) {
	u.sidebar.ask(choice{folder: folder}.key(), folder, words.Say("folder.name"), checkFolder, func(to string) {
		if to == folder {
			return
		}
		closed := u.sidebar.isClosed(folder)
		u.sidebar.setClosed(folder, false)
		u.sidebar.setClosed(to, closed)
		inView := u.choice == choice{folder: folder}
		u.arrange(renamed(u.places(), folder, to))
		if inView {
			u.choose(choice{folder: to})
		}
	})
}

// deleteFolder leaves its feeds without one.
func (u *ui) deleteFolder(folder string) {
	before := u.places()
	u.arrange(renamed(before, folder, ""))
	u.offerUndo(words.Say("folder.deleted", words.With{"Name": clip(folder, maxName)}), func() { u.arrange(before) })
}

// allMenu offers what can be done with everything.
func (u *ui) allMenu(at fyne.Position) {
	read := menuItem(words.Say("feed.read"), theme.ConfirmIcon(), func() { u.markAllRead("") })
	read.Disabled = u.status.Unread == 0
	u.popUp(at, read)
}
