package window

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"

	"bellwire/internal/control"
	"bellwire/subscriptions"
	"bellwire/ui/words"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// A clock tells the time and wakes; a test has its own.
type clock struct {
	now func() time.Time
	// after calls f on the main goroutine once d has passed, unless stopped.
	after func(d time.Duration, f func()) (stop func())
}

// ui is the window's state. Everything but main, inbox, hurry and tasks
// belongs to the main goroutine.
type ui struct {
	o     Options
	win   fyne.Window
	prefs fyne.Preferences
	clock clock
	// main runs a function on Fyne's goroutine. It is the only way there.
	main  func(func())
	leave func() // closes the window
	ctx   context.Context
	tasks sync.WaitGroup
	inbox *inbox
	hurry chan struct{} // wakes follow from its wait

	says      bool // the desktop says whether it prefers light or dark
	status    control.Status
	everUp    bool // a daemon has answered
	down      bool // the daemon does not answer now
	asking    bool // a status request is on its way
	askAgain  bool // and what it will say is outdated already
	choice    choice
	summary   subscriptions.Summary // the one that choice names, once it is known
	removing  []removal
	deleting  []*deletion
	stopTick  func()
	stopTyped func()
	stopUndo  func() // ends what offerUndo offers; nil: it offers nothing

	arrangement arrangement
	lately      lately
	upgrading   upgrading

	tips    *tips
	notices *notices
	search  *searchEntry
	star    *tipButton // saves a search
	pause   *widget.Button
	gear    *tipButton
	sidebar *sidebar
	events  *eventsPane
	detail  *detail
	panes   *panes
	add     *addPage
	export  *exportPage // once it was wanted
	page    page        // that covers the reader; nil is none
	pages   pages
	lastKey fyne.KeyName // that came before a character
	working int          // calls that [progress] watches
	empty   *emptyState
	welcome *welcome // made when there is nothing to read
	foot    *footLine
	footEnd *widget.Label
	frame   *fyne.Container // everything
	topBar  *fyne.Container
	footBar *fyne.Container
	footer  *surface // the foot of the window
}

// newUI builds the window's content; start brings it to life.
func newUI(ctx context.Context, o Options, win fyne.Window, prefs fyne.Preferences) *ui {
	u := &ui{
		o: o, win: win, prefs: prefs, ctx: ctx, inbox: newInbox(), hurry: make(chan struct{}, 1), says: true,
		stopTick: func() {}, stopTyped: func() {},
	}
	u.main = func(f func()) {
		onMain(func() {
			if ctx.Err() == nil {
				f()
			}
		})
	}
	u.leave = u.closeWindow
	u.clock = clock{now: time.Now, after: func(d time.Duration, f func()) func() {
		t := time.AfterFunc(d, func() { u.main(f) })
		return func() { t.Stop() }
	}}
	return u
}

// build makes the widgets and puts them into the window.
func (u *ui) build() {
	u.tips = newTips(u)
	u.notices = newNotices(u)
	u.search = newSearchEntry(u)
	u.pause = widget.NewButtonWithIcon(words.Say("pause.button"), theme.MenuDropDownIcon(), u.pauseMenu)
	u.pause.IconPlacement = widget.ButtonIconTrailingText
	u.pause.Importance = widget.LowImportance
	u.star = newStar(u)
	u.sidebar = newSidebar(u)
	u.events = newEventsPane(u)
	u.detail = newDetail(u)
	u.empty = newEmptyState()
	u.panes = newPanes(u.sidebar.surface, u.events.Container, u.detail.Container)
	u.panes.isNarrow = func(bool) { u.refreshBack() }
	u.foot, u.footEnd = newFootLine(u, func() { u.openStatus("") }), widget.NewLabel("")
	u.footEnd.SizeName, u.footEnd.Importance = sizeSmall, widget.LowImportance
	u.gear = newTipButton(u, theme.SettingsIcon(), words.Say("keys.settings"), u.openSettings)

	u.topBar = container.NewBorder(nil, nil, nil, inset(across(4, u.pause, u.gear), 0, 0, 8, 0),
		container.New(bounded{formWidth}, container.NewBorder(nil, nil, nil, newSlot(u.star, fyne.NewSquareSize(34)), u.search)))
	top := newSurface(colourSidebar, column(0, inset(u.topBar, 8, 8, 16, 12), rule()))
	u.footBar = container.NewBorder(nil, nil, nil, u.footEnd, u.foot)
	u.footer = newSurface(colourSidebar, column(0, rule(), inset(u.footBar, -3, -3, 8, 8)))
	u.frame = framed(column(0, top, u.notices.lasting), u.footer, u.panes)
	u.win.SetContent(container.NewStack(
		u.frame,
		u.notices.floating,        // above the panes
		u.search.helper.Container, // and above that
		u.tips.Container,
	))
	u.restore()
	u.panes.moved = u.remember
	u.bindKeys()
	u.refresh()
	if u.o.Show.Page == control.PageAdd { // which needs no daemon to begin with
		u.openAdd()
	} else {
		u.focusList()
	}
}

// start follows the daemon until the context ends.
func (u *ui) start() {
	u.tasks.Go(func() { u.follow(u.ctx) })
	u.tasks.Go(func() { u.deliver(u.ctx) })
	// Another window may have changed them meanwhile.
	fyne.CurrentApp().Lifecycle().SetOnEnteredForeground(func() { u.main(u.freshenSearches) })
}

// close waits for everything start and ask have started. The context must
// have ended.
func (u *ui) close() {
	u.stopTick()
	u.stopTyped()
	u.endOffer()
	u.events.stopTime()
	u.tasks.Wait()
	u.finishRemovals()
	u.finishDeletions()
}

// ask calls the daemon off the main goroutine and hands the answer to then
// on it.
func ask[T any](u *ui, call func(context.Context) (T, error), then func(T, error)) {
	askWithin(u, callTimeout, call, then)
}

// askWithin is ask for calls that take their time.
func askWithin[T any](u *ui, limit time.Duration, call func(context.Context) (T, error), then func(T, error)) {
	u.tasks.Go(func() {
		ctx, cancel := context.WithTimeout(u.ctx, limit)
		defer cancel()
		v, err := call(ctx)
		if u.ctx.Err() == nil {
			u.main(func() { then(v, err) })
		}
	})
}

// askOnly is ask for calls that answer nothing; a failure becomes a notice.
func askOnly(u *ui, call func(context.Context) error) {
	ask(u, func(ctx context.Context) (struct{}, error) {
		return struct{}{}, call(ctx)
	}, func(_ struct{}, err error) {
		if err != nil {
			u.notices.trouble(errorWords(err))
		}
	})
}

// connected is told when the daemon answers, first and after a pause.
func (u *ui) connected(s control.Status) {
	first := !u.everUp
	u.everUp, u.down = true, false
	if !first {
		u.notices.say(noticeBack, words.Say("down.back"), "", nil)
		u.clock.after(backFor, func() { u.notices.clear(noticeBack) })
	}
	u.answered(s)
	u.setStatus(s)
	u.loadSearches()
	switch {
	case first && u.o.Show != (control.Show{}):
		u.show(u.o.Show)
		if u.events.generation == 0 {
			u.events.open(u.viewNow(), 0)
		}
	case u.events.generation == 0 || u.events.list.atTop():
		u.events.open(u.viewNow(), 0)
	default:
		u.events.hist.top = false // what came meanwhile is loaded when wanted
	}
}

func (u *ui) disconnected(err error) {
	if !u.down {
		u.o.Logger.Info("the daemon does not answer", "error", err)
	}
	u.down = true
	u.refresh()
}

// receive takes in what came since the last redraw.
func (u *ui) receive(m mail) {
	if m.feeds {
		u.loadStatus()
		u.freshenSearches()
		u.loadSummary()
		u.detail.delivery.reload()
	}
	if len(m.rows) > 0 {
		slices.Reverse(m.rows)
		u.events.arrive(m.rows, m.missed)
	}
	if m.show {
		u.win.Show()
		u.win.RequestFocus()
		u.show(m.what)
	}
}

// loadStatus asks for the status, one request at a time.
func (u *ui) loadStatus() {
	if u.asking {
		u.askAgain = true
		return
	}
	u.asking, u.askAgain = true, false
	ask(u, u.o.Client.Status, func(s control.Status, err error) {
		u.asking = false
		if err == nil {
			u.setStatus(s)
		}
		if u.askAgain {
			u.loadStatus()
		}
	})
}

func (u *ui) setStatus(s control.Status) {
	if wanted := u.arrangement.wanted; wanted != nil { // the daemon may not have heard yet
		s.Feeds = arranged(s.Feeds, wanted)
	}
	u.status = s
	u.freshenActivity()
	if folder := u.choice.folder; folder != "" && !slices.ContainsFunc(s.Feeds, func(f control.Feed) bool { return f.Look.Folder == folder }) {
		u.choose(choice{})
	}
	if _, ok := u.feed(u.choice.feed); !ok && u.choice.feed != "" {
		u.choose(choice{})
	}
	u.refresh()
}

// feeds are the daemon's, without those about to be removed.
func (u *ui) feeds() []control.Feed {
	return slices.DeleteFunc(slices.Clone(u.status.Feeds), func(f control.Feed) bool { return u.isRemoving(f.ID) })
}

func (u *ui) feed(id string) (control.Feed, bool) {
	for _, f := range u.status.Feeds {
		if f.ID == id && !u.isRemoving(id) {
			return f, true
		}
	}
	return control.Feed{}, false
}

// feedName is what people call a feed, or who tells of none.
func (u *ui) feedName(id string) string {
	if id == "" {
		return "Bellwire"
	}
	if f, ok := u.feed(id); ok {
		return oneLine(f.Name, maxTitle)
	}
	return id
}

// refresh shows what the daemon last said.
func (u *ui) refresh() {
	u.sidebar.refresh()
	u.events.refreshHead()
	u.refreshFoot()
	u.refreshNotices()
	u.refreshPage()
	if u.page != nil {
		u.page.refresh()
	}
	u.tick()
}

func (u *ui) refreshFoot() {
	text, end := words.Summary(u.feeds(), u.clock.now()), ""
	switch {
	case u.down:
		text = words.Say("down.foot")
	case !u.everUp:
		text = words.Say("events.loading")
	case u.status.Events > 0:
		end = words.Count("foot.events", u.status.Events)
	}
	if u.foot.Text != text {
		u.foot.SetText(text)
	}
	if u.footEnd.Text != end {
		u.footEnd.SetText(end)
		u.footBar.Refresh()
	}
}

func (u *ui) refreshNotices() {
	u.refreshUpgrade()
	if u.down && u.everUp && !u.upgrading.asked {
		u.notices.say(noticeDown, words.Say("down.notice"), words.Say("down.again"), u.startAction())
		u.notices.clear(noticeBack)
	} else {
		u.notices.clear(noticeDown)
	}
	if paused := words.Paused(u.status.PausedUntil, u.clock.now()); paused != "" {
		u.notices.say(noticePaused, sentence(paused)+" "+words.Say("paused.note"), words.Say("pause.go"), func() { u.pauseUntil(time.Time{}) })
	} else {
		u.notices.clear(noticePaused)
	}
	text := words.PauseLeft(u.status.PausedUntil, u.clock.now())
	if u.pause.Text != text {
		u.pause.SetText(text)
		u.topBar.Refresh()
	}
	if u.status.Demo && !u.down {
		u.notices.say(noticeDemo, words.Say("demo.notice"), words.Say("demo.remove"), u.stopDemo)
	} else {
		u.notices.clear(noticeDemo)
	}
	if e := u.status.NotifierError; e != "" {
		u.notices.say(noticeNotifier, words.Say("notifier.error", words.With{"Error": clip(e, maxTitle)}), "", nil)
	} else {
		u.notices.clear(noticeNotifier)
	}
}

// refreshPage covers the reader where there is nothing to read.
func (u *ui) refreshPage() {
	switch {
	case u.page != nil:
	case u.down && !u.everUp:
		u.empty.say(theme.WarningIcon(), words.Say("down.title"), words.Say("down.text"), words.Say("down.start"), u.startAction())
		u.panes.cover(u.empty.Container)
	case u.everUp && len(u.feeds()) == 0 && u.status.Events == 0:
		if u.welcome == nil {
			u.welcome = newWelcome(u)
		}
		u.panes.cover(u.welcome.Container)
	default:
		u.panes.cover(nil)
	}
}

// startAction starts the daemon; nil where that cannot be done.
func (u *ui) startAction() func() {
	if u.o.StartDaemon == nil {
		return nil
	}
	return func() {
		ask(u, func(context.Context) (struct{}, error) { return struct{}{}, u.o.StartDaemon() }, func(_ struct{}, err error) {
			if err != nil {
				u.notices.trouble(words.Say("down.failed"), err.Error())
				return
			}
			select {
			case u.hurry <- struct{}{}:
			default:
			}
		})
	}
}

// tick redraws what tells a time to come: each second while a countdown is
// shown, once when a pause or a mute ends, never otherwise.
func (u *ui) tick() {
	u.stopTick()
	u.stopTick = func() {}
	now := u.clock.now()
	counting := func(f control.Feed) bool { return f.State == subscriptions.StateWaiting && f.Next.After(now) }
	switch {
	case u.down:
	case slices.ContainsFunc(u.status.Feeds, counting):
		u.stopTick = u.clock.after(time.Second, u.refresh)
	default:
		next := u.nextEnd(now)
		if minute := now.Add(time.Minute); u.status.PausedUntil.After(minute) && u.status.PausedUntil.Before(control.Forever) {
			next = minute // what is left of the pause is told in minutes
		}
		if !next.IsZero() {
			u.stopTick = u.clock.after(next.Sub(now)+time.Second, u.refresh)
		}
	}
}

// errorWords tells an error and its remedy to people.
func errorWords(err error) (text, hint string) {
	if e, ok := errors.AsType[*control.Error](err); ok {
		return sentence(e.Message), e.Hint
	}
	switch {
	case errors.Is(err, control.ErrNoDaemon):
		return words.Say("down.title"), words.Say("down.short")
	case errors.Is(err, context.Canceled):
		return words.Say("error.stopped"), ""
	case errors.Is(err, context.DeadlineExceeded):
		return words.Say("error.timeout"), words.Say("error.timeout.hint")
	}
	return words.Say("error.other"), err.Error()
}

// sentence gives s a capital and a full stop.
func sentence(s string) string {
	s = strings.TrimSpace(s)
	if r, size := utf8.DecodeRuneInString(s); size > 0 {
		s = string(unicode.ToUpper(r)) + s[size:]
	}
	if s == "" || strings.ContainsAny(s[len(s)-1:], ".!?") || strings.HasSuffix(s, "。") {
		return s
	}
	if last, _ := utf8.DecodeLastRuneInString(s); unicode.Is(unicode.Han, last) {
		return s + "。"
	}
	return s + "."
}
