package tray

import (
	"bytes"
	"context"
	"sync/atomic"

	"bellwire/ui/words"

	"fyne.io/systray"
)

// An action is what a click asks for.
type action string

const (
	actionOpen  action = "open"
	actionEvent action = "event"
	actionAdd   action = "add"
	actionPause action = "pause"
	actionQuit  action = "quit"
)

type click struct {
	action action
	seq    int64 // with actionEvent
	pause  pause // with actionPause
}

// menu is the systray menu. Its items are made once and only their labels
// change, and only where they differ: every change is traffic on the bus.
type menu struct {
	status *systray.MenuItem
	events [latest]eventItem
	resume *systray.MenuItem
	shown  model
	drawn  bool
}

type eventItem struct {
	*systray.MenuItem
	seq atomic.Int64
}

// newMenu builds the menu; its clicks go to t until ctx ends. Systray drops a
// click nobody waits for, hence one waiting goroutine an item.
func newMenu(ctx context.Context, t *tray) *menu {
	on := func(item *systray.MenuItem, f func() click) {
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
	}
	always := func(c click) func() click { return func() click { return c } }

	m := &menu{status: systray.AddMenuItem(" ", "")}
	m.status.Disable()
	systray.AddSeparator()
	for i := range m.events {
		e := &m.events[i]
		e.MenuItem = systray.AddMenuItem(" ", "")
		e.Hide()
		on(e.MenuItem, func() click { return click{action: actionEvent, seq: e.seq.Load()} })
	}
	on(systray.AddMenuItem(words.Say("tray.history"), ""), always(click{action: actionOpen}))
	on(systray.AddMenuItem(words.Say("tray.add"), ""), always(click{action: actionAdd}))
	systray.AddSeparator()
	sub := systray.AddMenuItem(words.Say("pause.notifications"), "")
	for _, p := range []pause{pauseHalfHour, pauseHour, pauseTomorrow} {
		on(sub.AddSubMenuItem(words.Say("pause."+string(p)), ""), always(click{action: actionPause, pause: p}))
	}
	m.resume = sub.AddSubMenuItem(words.Say("pause.resume"), "")
	on(m.resume, always(click{action: actionPause, pause: pauseResume}))
	systray.AddSeparator()
	on(systray.AddMenuItem(words.Say("tray.quit"), ""), always(click{action: actionQuit}))
	return m
}

// show brings icon, tooltip and menu to what the model says.
func (m *menu) show(to model) {
	first := !m.drawn
	m.drawn = true
	if to.icon != nil && (first || !bytes.Equal(m.shown.icon, to.icon)) {
		systray.SetIcon(nativeIcon(to.icon))
	}
	if to.status != "" && m.shown.status != to.status {
		m.status.SetTitle(escape(to.status))
		systray.SetTooltip("Bellwire" + words.Separator + to.status)
	}
	if first || m.shown.paused != to.paused {
		if to.paused {
			m.resume.Enable()
		} else {
			m.resume.Disable()
		}
	}
	for i := range m.events {
		was, is := at(m.shown.events, i), at(to.events, i)
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
	m.shown = to
}

func at(events []entry, i int) entry {
	if i < len(events) {
		return events[i]
	}
	return entry{}
}
