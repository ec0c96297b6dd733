package tray

import (
	"context"
	"sync/atomic"

	"bellwire/ui/words"

	"fyne.io/systray"
)

// An action is what a click asks for.
type action string

const (
	actionOpen      action = "open"
	actionEvent     action = "event"
	actionFeed      action = "feed"   // how a feed does
	actionStatus    action = "status" // how all feeds do
	actionAdd       action = "add"
	actionSettings  action = "settings"
	actionAutostart action = "autostart"
	actionPause     action = "pause"
	actionRestart   action = "restart" // to finish an upgrade
	actionQuit      action = "quit"
)

type click struct {
	action action
	seq    int64  // with actionEvent
	feed   string // with actionFeed
	pause  pause  // with actionPause
}

// menu is the systray menu. Its items are made once and only their labels
// change, and only where they differ: every change is traffic on the bus.
type menu struct {
	status    *systray.MenuItem
	trouble   *systray.MenuItem
	upgrade   *systray.MenuItem
	feed      atomic.Pointer[string] // that is in trouble; empty for several
	events    [latest]eventItem
	resume    *systray.MenuItem
	autostart *systray.MenuItem
	// autostarts is what the item shows; toggled says that a click may have
	// made a panel show something else.
	autostarts, toggled atomic.Bool
	shown               model
}

type eventItem struct {
	*systray.MenuItem
	seq atomic.Int64
}

// newMenu builds the menu; its clicks go to t until ctx ends. Systray drops a
// click nobody waits for, hence one waiting goroutine an item.
func newMenu(ctx context.Context, t *tray) *menu {
	on := func(item *systray.MenuItem, f func() click) *systray.MenuItem {
		t.tasks.Go(func() {
			for {
				select {
				case <-ctx.Done():
					return
				case <-item.ClickedCh:
					t.click(ctx, f())
				}
			}
		})
		return item
	}
	always := func(c click) func() click { return func() click { return c } }

	m := &menu{status: systray.AddMenuItem(" ", "")}
	m.status.Disable()
	m.trouble = on(systray.AddMenuItem(" ", ""), m.troubled)
	m.trouble.Hide()
	for i := range m.events {
		e := &m.events[i]
		e.MenuItem = on(systray.AddMenuItem(" ", ""), func() click { return click{action: actionEvent, seq: e.seq.Load()} })
		e.Hide()
	}
	systray.AddSeparator()
	sub := systray.AddMenuItem(words.Say("pause.notifications"), "")
	for _, p := range []pause{pauseHalfHour, pauseHour, pauseTomorrow, pauseForever} {
		on(sub.AddSubMenuItem(words.Say("pause."+string(p)), ""), always(click{action: actionPause, pause: p}))
	}
	m.resume = on(sub.AddSubMenuItem(words.Say("pause.resume"), ""), always(click{action: actionPause, pause: pauseResume}))
	m.resume.Disable()
	on(systray.AddMenuItem(words.Say("tray.add"), ""), always(click{action: actionAdd}))
	on(systray.AddMenuItem(words.Say("tray.open"), ""), always(click{action: actionOpen}))
	systray.AddSeparator()
	on(systray.AddMenuItem(words.Say("tray.settings"), ""), always(click{action: actionSettings}))
	m.autostart = on(systray.AddMenuItemCheckbox(words.Say("tray.autostart"), "", false), always(click{action: actionAutostart}))
	m.autostart.Hide()
	systray.AddSeparator()
	m.upgrade = on(systray.AddMenuItem(" ", ""), always(click{action: actionRestart}))
	m.upgrade.Hide()
	on(systray.AddMenuItem(words.Say("tray.quit"), ""), always(click{action: actionQuit}))
	return m
}

// troubled is a click on what needs the user.
func (m *menu) troubled() click {
	if feed := m.feed.Load(); feed != nil && *feed != "" {
		return click{action: actionFeed, feed: *feed}
	}
	return click{action: actionStatus}
}

// show brings icon, tooltip and menu to what the model says.
func (m *menu) show(to model) {
	if m.shown.state != to.state || m.shown.panel != to.panel {
		setIcon(to.state, to.panel)
	}
	if m.shown.status != to.status {
		m.status.SetTitle(escape(to.status))
		systray.SetTooltip("Bellwire" + words.Separator + to.status)
	}
	m.showTrouble(to.trouble)
	m.showUpgrade(to.upgrade)
	for i := range m.events {
		m.showEvent(i, at(to.events, i))
	}
	if m.shown.paused != to.paused {
		if to.paused {
			m.resume.Enable()
		} else {
			m.resume.Disable()
		}
	}
	m.showAutostart(to.autostart)
	m.shown = to
}

func (m *menu) showTrouble(is trouble) {
	was := m.shown.trouble
	m.feed.Store(&is.feed)
	switch {
	case was.label == is.label:
	case is.label == "":
		m.trouble.Hide()
	default:
		m.trouble.SetTitle(escape(is.label))
		if was.label == "" {
			m.trouble.Show()
		}
	}
}

// showUpgrade shows what finishes an upgrade; empty for nothing.
func (m *menu) showUpgrade(is string) {
	switch was := m.shown.upgrade; {
	case was == is:
	case is == "":
		m.upgrade.Hide()
	default:
		m.upgrade.SetTitle(escape(is))
		if was == "" {
			m.upgrade.Show()
		}
	}
}

func (m *menu) showEvent(i int, is entry) {
	was := at(m.shown.events, i)
	m.events[i].seq.Store(is.seq)
	switch {
	case was == is:
	case is.seq == 0:
		m.events[i].Hide()
	default:
		if was.label != is.label {
			m.events[i].SetTitle(escape(is.label))
		}
		if was.seq == 0 {
			m.events[i].Show()
		}
	}
}

func (m *menu) showAutostart(is autostart) {
	was := m.shown.autostart
	if toggled := m.toggled.Swap(false); was == is && !toggled {
		return
	}
	m.autostarts.Store(is.on)
	if !is.known {
		m.autostart.Hide()
		return
	}
	if was.unavailable != is.unavailable {
		m.autostart.SetTooltip(is.unavailable)
	}
	switch disabled := m.autostart.Disabled(); {
	case is.unavailable != "" && !disabled:
		m.autostart.Disable()
	case is.unavailable == "" && disabled:
		m.autostart.Enable()
	}
	if is.on {
		m.autostart.Check()
	} else {
		m.autostart.Uncheck()
	}
	if !was.known {
		m.autostart.Show()
	}
}

func at(events []entry, i int) entry {
	if i < len(events) {
		return events[i]
	}
	return entry{}
}
