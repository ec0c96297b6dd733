package window

import (
	"time"

	"bellwire/ui/words"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// An eventsPane lists a view's events.
type eventsPane struct {
	*fyne.Container
	u    *ui
	view view
	hist history

	list   *rowList
	empty  *emptyState
	title  *textTitle
	filter *widget.Button
	menu   *tipButton
	leave  *tipButton
	head   *fyne.Container
	pill   *widget.Button
	ail    *ailment
	many   *many
	// further goes on with a long search.
	further *further

	// generation tells answers to an older view from the current one's.
	generation   int
	opening      bool // a view has been asked for, and not been answered
	early        arrivals
	loadingOlder bool
	loadingNewer bool
	newerAgain   bool // something came while that was on its way
	// held says that new rows are left out until somebody asks for them.
	held bool
	// nextTime is when the list is redrawn for its times; zero is never.
	nextTime time.Time
	stopTime func()
	redraws  int // how often all lines were laid anew
	// unseen counts what arrived above what is in sight.
	unseen int
}

func newEventsPane(u *ui) *eventsPane {
	p := &eventsPane{u: u, list: newRowList(), empty: newEmptyState(), title: newTextTitle(), ail: newAilment(u), stopTime: func() {}}
	p.many, p.further = newMany(p), newFurther(p)
	p.list.feed, p.list.now = u.feedLook, u.clockNow
	p.list.tapped, p.list.menu = p.many.tapped, p.many.menuAt
	p.list.chosen, p.list.tip = p.many.has, u.tip
	p.list.seen = p.inSight
	p.list.key, p.list.runes = u.typedKey, u.typedRune
	p.filter = widget.NewButton(words.Say("events.unread"), func() {
		u.setUnread(!p.view.unread)
		u.focusList()
	})
	p.menu = newTipButton(u, theme.MoreVerticalIcon(), words.Say("feed.menu"), func() {
		at := fyne.CurrentApp().Driver().AbsolutePositionForObject(p.menu)
		p.headMenu(at.AddXY(0, p.menu.Size().Height))
	})
	p.leave = newTipButton(u, theme.CancelIcon(), words.Say("events.leave"), func() { u.choose(choice{}) })
	p.leave.Hide()
	p.pill = widget.NewButton("", p.toTop)
	p.pill.Importance = widget.HighImportance
	p.pill.Hide()
	p.head = container.NewBorder(nil, nil, nil, across(4, p.filter, p.menu, p.leave), p.title)
	floating := container.NewVBox(inset(container.NewHBox(layout.NewSpacer(), p.pill, layout.NewSpacer()), 4, 0, 0, 0))
	p.Container = framed(
		column(0, container.NewStack(inset(p.head, 6, 6, 16, 8), p.many.surface), rule(), p.ail.surface), p.further.strip.surface,
		container.NewStack(p.list, p.empty.Container, floating),
	)
	p.empty.say(theme.HistoryIcon(), words.Say("events.loading"), "", "", nil)
	return p
}

// redraw shows the loaded rows; keep leaves what is in sight where it is.
func (p *eventsPane) redraw(keep bool) {
	// A page asked for before the event in view was marked tells of it as it
	// was.
	if e := p.u.detail.event; e.Seq != 0 {
		if i := p.hist.index(e.Seq); i >= 0 {
			p.hist.rows[i].read = e.Read
		}
	}
	p.redraws++
	lines := p.hist.lines(p.u.clock.now(), p.u.isDeleting)
	p.list.set(lines, keep)
	p.many.refresh()
	p.sayCount()
	p.empty.Hidden = len(lines) > 0
	p.u.detail.refreshNone()
	p.sayEmptyAgain()
}

// sayEmptyAgain says why there is nothing, where there is nothing.
func (p *eventsPane) sayEmptyAgain() {
	if p.empty.Visible() {
		p.sayEmpty()
	}
	p.empty.Refresh()
}

func (p *eventsPane) sayEmpty() {
	switch {
	case !p.hist.end && p.further.stopped:
		p.empty.say(theme.SearchIcon(), words.Say("events.nothing.yet"), "", "", nil)
	case !p.hist.end && len(p.hist.rows) == 0:
		p.empty.say(theme.SearchIcon(), words.Say("events.looking"), "", "", nil)
	case p.view.text != "":
		p.empty.say(theme.SearchIcon(), words.Say("events.nothing"), words.Say("events.nothing.text", words.With{"Text": clip(p.view.text, 60)}),
			words.Say("search.clear"), p.u.clearSearch)
	case p.view.summary != 0:
		p.empty.say(theme.HistoryIcon(), words.Say("summary.gone"), words.Say("summary.gone.text"), "", nil)
	case p.view.unread:
		p.empty.say(theme.ConfirmIcon(), words.Say("events.allread"), words.Say("events.allread.text"), "", nil)
	default:
		p.empty.say(theme.HistoryIcon(), words.Say("events.none"), words.Say("events.none.text"), "", nil)
	}
}

// refreshHead shows what the view is called and how its feed does.
func (p *eventsPane) refreshHead() {
	name := words.Say("feeds.all")
	switch f, ok := p.u.feed(p.view.feed); {
	case ok:
		name = oneLine(f.Name, maxTitle)
		p.ail.set(f)
	case p.view.summary != 0:
		name = p.u.summaryName()
		p.ail.Hide()
	case p.view.folder != "":
		name = oneLine(p.view.folder, maxTitle)
		p.ail.Hide()
	case p.view.text != "" && p.u.choice == choice{} && p.u.sidebar.saved.named(p.view.text) != "":
		name = oneLine(p.u.sidebar.saved.named(p.view.text), maxTitle)
		p.ail.Hide()
	case p.u.choice.unread:
		name = words.Say("feeds.unread")
		fallthrough
	default:
		p.ail.Hide()
	}
	p.title.set(name)
	p.sayCount()
	p.filter.Importance = widget.LowImportance
	if p.view.unread {
		p.filter.Importance = widget.MediumImportance
	}
	p.filter.Hidden = p.u.choice.unread || p.view.summary != 0
	p.leave.Hidden = p.view.summary == 0
	p.filter.Refresh()
	p.head.Refresh() // its buttons come and go
}

// sayCount tells beside the view's name how many events wait there, or how
// many a search has found so far.
func (p *eventsPane) sayCount() {
	u, n := p.u, int64(0)
	switch f, isFeed := u.feed(p.view.feed); {
	case p.view.summary != 0 || u.down:
		p.title.say("")
		return
	case p.view.text != "":
		for _, ln := range p.list.lines {
			if ln.heading == "" {
				n++
			}
		}
		found := words.Count("head.found", n)
		if !p.hist.end || !p.hist.top {
			found = words.Count("head.found.more", n)
		}
		p.sayWhere(n > 0, found)
		return
	case isFeed:
		n = f.Unread
	case p.view.folder != "":
		for _, f := range u.feeds() {
			if f.Look.Folder == p.view.folder {
				n += f.Unread
			}
		}
	default:
		n = u.status.Unread
	}
	if u.choice.unread { // the name says so
		p.sayWhere(n > 0, words.Count("foot.events", n))
	} else {
		p.sayWhere(n > 0, words.Count("head.unread", n))
	}
}

func (p *eventsPane) sayWhere(any bool, note string) {
	if !any {
		note = ""
	}
	p.title.say(note)
}

// toTop shows the newest events.
func (p *eventsPane) toTop() {
	if p.hist.top {
		p.list.scrollTo(0)
		p.clearPill()
	} else {
		p.reload()
	}
	p.u.focusList()
}

// reloadFolder shows anew the events of a folder: its feeds may be others.
func (p *eventsPane) reloadFolder() {
	if p.view.folder != "" {
		p.reload()
	}
}
