package window

import (
	"context"
	"slices"
	"time"

	"bellwire/internal/control"
	"bellwire/subscriptions"
	"bellwire/ui/words"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"
)

const (
	// statusWidth is the widest the page gets, in pixels.
	statusWidth = 960
	// While the page is in view it is drawn again so often, and what it tells
	// is asked for again every few times.
	statusTick  = time.Second
	statusTicks = 5
	// gapsBack is where the search for gaps begins: a day is as far as it can
	// be told in a search, and the timeline begins within one.
	gapsBack = 2 * timelineSpan
)

// A statusPage tells how feeds do: all in a list, or one with all there is to
// know.
type statusPage struct {
	*pageFrame
	all   *statusList
	one   *feedStatus
	empty *emptyState
	feed  string // the one in view; empty: all are
	// fromAll says that the way back from the one leads to all.
	fromAll bool
	stop    func()
	ticks   int
	// asked tells answers about another feed from the current one's.
	asked int
	// heard is what a log was asked for last: of each feed its state and since
	// when.
	heard map[string]subscriptions.Status
	logs  map[string][]subscriptions.LogEntry
	gaps  map[string][]subscriptions.Gap
}

// openStatus shows how all feeds do, or one.
func (u *ui) openStatus(feed string) {
	p := u.pages.status
	if p == nil {
		p = newStatusPage(u)
		u.pages.status = p
	}
	p.fromAll = u.page == p && p.feed == "" && feed != ""
	p.view(feed)
	u.openPage(p)
}

func newStatusPage(u *ui) *statusPage {
	p := &statusPage{pageFrame: newPageFrame(u, words.Say("status.title")), stop: func() {}, empty: newEmptyState()}
	p.all, p.one = newStatusList(p, u), newFeedStatus(p.form)
	p.empty.say(bellGlyph(), words.Say("status.none"), words.Say("status.none.text"), words.Say("feeds.add"), u.openAdd)
	p.fill(statusWidth, column(0, p.all.Container, p.one.Container))
	for _, b := range []*formButton{p.one.reconnect, p.one.hold, p.one.edit} {
		p.head.right.Add(b)
	}
	p.body.Add(p.empty.Container)
	p.head.back.OnTapped = p.leave
	return p
}

// leave goes back to where the page was opened from.
func (p *statusPage) leave() {
	if p.feed != "" && p.fromAll {
		p.fromAll = false
		p.view("")
		p.opened()
		return
	}
	p.u.closePage()
}

// view chooses what the page shows.
func (p *statusPage) view(feed string) {
	if _, ok := p.u.feed(feed); !ok {
		feed = ""
	}
	p.feed = feed
	p.asked++
	p.heard, p.logs, p.gaps = nil, nil, nil
}

func (p *statusPage) opened() {
	p.top()
	p.stop()
	p.ticks = 0
	p.tick()
	p.refresh()
}

func (p *statusPage) closed() {
	p.stop()
	p.stop = func() {}
	p.asked++
}

// tick counts down while the page is in view.
func (p *statusPage) tick() {
	p.stop = p.u.clock.after(statusTick, func() {
		if p.ticks++; p.ticks%statusTicks == 0 && !p.u.down {
			p.u.loadStatus()
		}
		p.tick()
		p.refresh()
	})
}

func (p *statusPage) refresh() {
	if _, ok := p.u.feed(p.feed); p.feed != "" && !ok {
		p.view("") // it has been removed
	}
	feeds := p.u.feeds()
	none := len(feeds) == 0
	p.empty.Container.Hidden = !none
	if none {
		p.scroll.Hide()
	} else {
		p.scroll.Show()
	}
	if one := p.feed != ""; p.one.Container.Hidden == one || p.all.Container.Hidden != one {
		p.one.show(one)
		p.all.Container.Hidden = one
		defer p.relayout()
	}
	if p.feed == "" {
		p.head.title.set(words.Say("status.title"))
		p.all.set(feeds)
	} else {
		f, _ := p.u.feed(p.feed)
		p.head.title.set(oneLine(f.Name, maxTitle))
		p.one.set(f)
		feeds = []control.Feed{f}
	}
	p.draw(feeds)
	p.load(feeds)
}

// draw brings the pictures to the present.
func (p *statusPage) draw(feeds []control.Feed) {
	now := p.u.clock.now()
	for _, f := range feeds {
		if p.feed != "" {
			p.one.draw(p.logs[f.ID], p.gaps[f.ID], now)
		} else {
			p.all.draw(f.ID, p.logs[f.ID], p.gaps[f.ID], now)
		}
	}
}

// load asks for the logs of feeds that have changed, and for gaps with them.
func (p *statusPage) load(feeds []control.Feed) {
	if p.u.down {
		return
	}
	var changed []string
	heard := map[string]subscriptions.Status{}
	for _, f := range feeds {
		heard[f.ID] = subscriptions.Status{State: f.State, Since: f.Since, Gaps: f.Gaps, Reconnects: f.Reconnects}
		if was, ok := p.heard[f.ID]; !ok || was != heard[f.ID] {
			changed = append(changed, f.ID)
		}
	}
	p.heard = heard
	if len(changed) == 0 {
		return
	}
	asked, feed, now := p.asked, p.feed, p.u.clock.now()
	ask(p.u, func(ctx context.Context) (past, error) {
		return p.ask(ctx, changed, feed, now)
	}, func(t past, err error) {
		switch {
		case asked != p.asked:
		case err != nil:
			p.heard = nil // once more, when something changes
			p.u.notices.trouble(errorWords(err))
		default:
			p.take(t)
		}
	})
}

// past is what the daemon has told of feeds' past.
type past struct {
	logs map[string][]subscriptions.LogEntry
	gaps map[string][]subscriptions.Gap
}

// ask is called off the main goroutine.
func (p *statusPage) ask(ctx context.Context, feeds []string, feed string, now time.Time) (past, error) {
	t := past{map[string][]subscriptions.LogEntry{}, map[string][]subscriptions.Gap{}}
	for _, id := range feeds {
		log, err := p.u.o.Client.FeedLog(ctx, id)
		if err != nil {
			return t, err
		}
		t.logs[id] = log
	}
	page, err := p.u.o.Client.Search(ctx, control.Query{
		Text: "is:gap after:" + now.Add(-gapsBack).Local().Format(time.DateOnly), Feed: feed, Limit: control.MaxLimit,
	})
	for _, e := range page.Events {
		if g, ok := subscriptions.ParseGap(e); ok {
			t.gaps[e.Feed] = append(t.gaps[e.Feed], g)
		}
	}
	return t, err
}

func (p *statusPage) take(t past) {
	if p.logs == nil {
		p.logs = map[string][]subscriptions.LogEntry{}
	}
	for id, log := range t.logs {
		p.logs[id] = log
	}
	p.gaps = t.gaps
	p.refresh()
}

// A statusList is all feeds, a row each.
type statusList struct {
	*fyne.Container
	page  *statusPage
	u     *ui
	sum   *widget.Label
	box   *fyne.Container
	rows  map[string]*statusRow
	shown []string
}

func newStatusList(p *statusPage, u *ui) *statusList {
	l := &statusList{page: p, u: u, sum: newSmallLabel(), box: column(0), rows: map[string]*statusRow{}}
	l.sum.Importance = widget.LowImportance
	l.Container = column(4, l.sum, l.box, inset(newStatusAxis(), 0, 0, 0, 0), inset(newLegend(), 12, 0, 8, 0))
	return l
}

func (l *statusList) set(feeds []control.Feed) {
	now := l.u.clock.now()
	text := words.Summary(feeds, now)
	if l.u.down {
		text = words.Say("down.foot")
	}
	if l.sum.Text != text {
		l.sum.SetText(text)
	}
	var shown []string
	for _, f := range feeds {
		r := l.rows[f.ID]
		if r == nil {
			r = newStatusRow(l.u, f.ID)
			l.rows[f.ID] = r
		}
		r.set(f, now, l.u.down)
		shown = append(shown, f.ID)
	}
	if slices.Equal(shown, l.shown) {
		return
	}
	l.shown = shown
	l.box.RemoveAll()
	for i, id := range shown {
		if i > 0 {
			l.box.Add(rule())
		}
		l.box.Add(l.rows[id])
	}
	for id := range l.rows {
		if !slices.Contains(shown, id) {
			delete(l.rows, id)
		}
	}
	l.page.relayout()
}

func (l *statusList) draw(id string, log []subscriptions.LogEntry, gaps []subscriptions.Gap, now time.Time) {
	if r := l.rows[id]; r != nil {
		r.line.set(log, gaps, now)
	}
}

// newStatusAxis is an axis below the pictures of the list.
func newStatusAxis() fyne.CanvasObject {
	return container.New(statusColumns{}, newTimeAxis())
}

// statusColumns puts its only child where the pictures are.
type statusColumns struct{}

// Layout implements [fyne.Layout].
func (statusColumns) Layout(o []fyne.CanvasObject, size fyne.Size) {
	x, w := pictureAt(size.Width)
	o[0].Move(fyne.NewPos(x, 0))
	o[0].Resize(fyne.NewSize(w, size.Height))
}

// MinSize implements [fyne.Layout].
func (statusColumns) MinSize(o []fyne.CanvasObject) fyne.Size { return o[0].MinSize() }

// pictureAt is where the picture of a row so wide is.
func pictureAt(width float32) (x, w float32) {
	x = max(224, width*0.42)
	return x, width - x - 12
}
