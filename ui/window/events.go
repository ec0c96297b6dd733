package window

import (
	"context"
	"slices"

	"bellwire/internal/control"
	"bellwire/subscriptions"
	"bellwire/ui/words"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// nearEdge is how many lines before the end of what is loaded more is asked
// for.
const nearEdge = 20

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

	// generation tells answers to an older view from the current one's.
	generation   int
	loadingOlder bool
	loadingNewer bool
	// unseen counts what arrived above what is in sight.
	unseen int
}

func newEventsPane(u *ui) *eventsPane {
	p := &eventsPane{u: u, list: newRowList(), empty: newEmptyState(), title: newTextTitle(), ail: newAilment(u)}
	p.list.names = u.feedName
	p.list.tapped = func(seq int64) { u.focusList(); u.selectEvent(seq) }
	p.list.seen = p.inSight
	p.list.key, p.list.runes = u.typedKey, u.typedRune
	p.filter = widget.NewButton(words.Say("events.unread"), func() {
		u.setUnread(!p.view.unread)
		u.focusList()
	})
	p.menu = newTipButton(u, theme.MoreVerticalIcon(), words.Say("feed.menu"), func() {
		at := fyne.CurrentApp().Driver().AbsolutePositionForObject(p.menu)
		u.feedMenu(p.view.feed, at.AddXY(0, p.menu.Size().Height))
	})
	p.leave = newTipButton(u, theme.CancelIcon(), words.Say("events.leave"), func() { u.choose(choice{}) })
	p.leave.Hide()
	p.pill = widget.NewButton("", p.toTop)
	p.pill.Importance = widget.HighImportance
	p.pill.Hide()
	p.head = container.NewBorder(nil, nil, nil, across(4, p.filter, p.menu, p.leave), p.title)
	floating := container.NewVBox(inset(container.NewHBox(layout.NewSpacer(), p.pill, layout.NewSpacer()), 4, 0, 0, 0))
	p.Container = framed(
		column(0, inset(p.head, 6, 6, 16, 8), rule(), p.ail.surface), nil,
		container.NewStack(p.list, p.empty.Container, floating),
	)
	p.empty.say(theme.HistoryIcon(), words.Say("events.loading"), "", "", nil)
	return p
}

// open shows a view from its newest event; with around, from that event.
func (p *eventsPane) open(v view, around int64) {
	p.view = v
	p.generation++
	p.loadingOlder, p.loadingNewer = false, false
	p.clearPill()
	p.refreshHead()
	generation := p.generation
	q := v.query()
	if around > 0 {
		q.Before = around + 1
	}
	ask(p.u, func(ctx context.Context) ([]subscriptions.Event, error) {
		return p.u.o.Client.History(ctx, q)
	}, func(events []subscriptions.Event, err error) {
		if generation != p.generation {
			return
		}
		if err != nil {
			p.fail(err)
			return
		}
		p.hist.start(rowsOf(events), around == 0)
		p.redraw(false)
		if around > 0 {
			p.loadNewer()
		}
	})
}

func (p *eventsPane) reload() { p.open(p.view, 0) }

func (p *eventsPane) fail(err error) {
	p.hist = history{}
	p.list.set(nil, false)
	text, hint := errorWords(err)
	p.empty.say(theme.WarningIcon(), text, hint, words.Say("try.again"), p.reload)
	p.empty.Show()
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
	p.list.set(p.hist.lines(p.u.clock.now()), keep)
	p.empty.Hidden = len(p.hist.rows) > 0
	if !p.empty.Hidden {
		p.sayEmpty()
	}
	p.empty.Refresh()
}

func (p *eventsPane) sayEmpty() {
	switch {
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
	p.filter.Importance = widget.LowImportance
	if p.view.unread {
		p.filter.Importance = widget.MediumImportance
	}
	p.filter.Hidden = p.u.choice.unread || p.view.summary != 0
	p.leave.Hidden = p.view.summary == 0
	p.menu.Hidden = p.view.feed == ""
	p.filter.Refresh()
	p.head.Refresh() // its buttons come and go
}

// inSight is told by the list what can be seen, and loads on towards it.
func (p *eventsPane) inSight(first, last int) {
	if last >= len(p.list.lines)-nearEdge && !p.hist.end {
		p.loadOlder()
	}
	if first < nearEdge && !p.hist.top {
		p.loadNewer()
	}
	if p.hist.top && p.list.atTop() {
		p.clearPill()
	}
}

func (p *eventsPane) loadOlder() {
	if p.loadingOlder {
		return
	}
	p.loadingOlder = true
	q := p.view.query()
	q.Before = p.hist.oldest()
	p.page(q, func(rows []row) {
		p.loadingOlder = false
		p.hist.older(rows)
		p.redraw(true)
	})
}

func (p *eventsPane) loadNewer() {
	if p.loadingNewer {
		return
	}
	p.loadingNewer = true
	q := p.view.query()
	q.After, q.OldestFirst = p.hist.newest(), true
	p.page(q, func(rows []row) {
		p.loadingNewer = false
		slices.Reverse(rows)
		keep := !p.hist.top || !p.list.atTop()
		p.hist.newer(rows, len(rows) < pageSize)
		if len(rows) > 0 || !keep {
			p.redraw(keep)
		}
	})
}

// page fetches rows for the view as it is now. A failure is left alone: the
// next scroll asks again.
func (p *eventsPane) page(q control.Query, then func([]row)) {
	generation := p.generation
	ask(p.u, func(ctx context.Context) ([]subscriptions.Event, error) {
		return p.u.o.Client.History(ctx, q)
	}, func(events []subscriptions.Event, err error) {
		if generation != p.generation {
			return
		}
		if err != nil {
			p.loadingOlder, p.loadingNewer = false, false
			p.u.o.Logger.Warn("a page of history could not be read", "error", err)
			return
		}
		then(rowsOf(events))
	})
}

// arrive takes in new rows, newest first. missed says that there were more
// than these.
func (p *eventsPane) arrive(rows []row, missed bool) {
	rows = slices.DeleteFunc(rows, func(r row) bool { return !p.view.has(r) || r.seq <= p.hist.newest() })
	if len(rows) == 0 && !missed {
		return
	}
	if p.view.text != "" || p.view.folder != "" {
		// Only the daemon can tell which of them match.
		if p.hist.top {
			p.loadNewer()
		}
		return
	}
	atTop := p.list.atTop()
	switch {
	case missed && atTop:
		p.reload()
		return
	case missed, !atTop && len(p.hist.rows)+len(rows) > maxRows:
		p.hist.top = false
	case p.hist.top:
		p.hist.newer(rows, true)
		p.redraw(!atTop)
	}
	if !atTop {
		p.unseen += len(rows)
		p.pill.SetText(words.Count("events.new", int64(p.unseen)))
		p.pill.Show()
	}
}

func (p *eventsPane) clearPill() {
	if p.unseen > 0 || p.pill.Visible() {
		p.unseen = 0
		p.pill.Hide()
	}
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

// setRead draws a row as read or unread.
func (p *eventsPane) setRead(seq int64, read bool) {
	if i := p.hist.index(seq); i >= 0 && p.hist.rows[i].read != read {
		p.hist.rows[i].read = read
		p.redraw(true)
	}
}

// setAllRead draws every row of a feed ("" is all) as read, and tells which
// were not.
func (p *eventsPane) setAllRead(feed string) (were []int64) {
	for i := range p.hist.rows {
		if r := &p.hist.rows[i]; (feed == "" || r.feed == feed) && !r.read {
			r.read = true
			were = append(were, r.seq)
		}
	}
	p.redraw(true)
	return were
}

// setUnread draws rows as unread, as far as they are here.
func (p *eventsPane) setUnread(seqs []int64) {
	for _, seq := range seqs {
		if i := p.hist.index(seq); i >= 0 {
			p.hist.rows[i].read = false
		}
	}
	p.redraw(true)
}

// reloadFolder shows anew the events of a folder: its feeds may be others.
func (p *eventsPane) reloadFolder() {
	if p.view.folder != "" {
		p.reload()
	}
}

// A textTitle is a pane's heading on one line.
type textTitle struct {
	widget.BaseWidget
	line *textLine
}

func newTextTitle() *textTitle {
	t := &textTitle{line: newTextLine(sizeSection, theme.ColorNameForeground)}
	t.line.TextStyle.Bold = true
	t.ExtendBaseWidget(t)
	return t
}

func (t *textTitle) set(s string) {
	t.line.full = s
	t.Refresh()
}

// CreateRenderer implements [fyne.Widget].
func (t *textTitle) CreateRenderer() fyne.WidgetRenderer { return &textTitleRenderer{t} }

type textTitleRenderer struct{ t *textTitle }

func (r *textTitleRenderer) Destroy() {}

func (r *textTitleRenderer) Layout(size fyne.Size) {
	r.t.line.place(0, (size.Height-r.t.line.MinSize().Height)/2, size.Width)
}

func (r *textTitleRenderer) MinSize() fyne.Size { return fyne.NewSize(40, 36) }

func (r *textTitleRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.t.line.Text}
}

func (r *textTitleRenderer) Refresh() {
	r.Layout(r.t.Size())
	r.t.line.paint()
}
