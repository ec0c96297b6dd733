// Package tray is the icon in the desktop's panel and its menu: what the
// daemon does in one line, the latest events, and how to be left in peace.
//
// It drives fyne.io/systray directly: a Fyne app would run a 60 Hz loop for
// ever. It is a client of the control API, told by the live stream, and does
// nothing while nothing changes. It must not know how windows are made:
// opening one is a callback.
package tray

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"strconv"
	"sync"
	"time"

	"bellwire/internal/control"
	"bellwire/subscriptions"
	"bellwire/ui/icon"

	"fyne.io/systray"
)

// ErrNoTray means that this desktop has no place for an icon: there is no
// session bus to put it on.
var ErrNoTray = errors.New("no session bus for a tray icon")

// ErrBusGone means that the session bus has ended, as it does with its
// session. It ends the tray: systray cannot be started again.
var ErrBusGone = errors.New("the session bus of the tray icon is gone")

// Client is what the tray needs of [control.Client].
type Client interface {
	Status(ctx context.Context) (control.Status, error)
	History(ctx context.Context, q control.Query) ([]subscriptions.Event, error)
	Events(ctx context.Context, o control.EventsOptions) iter.Seq2[control.Update, error]
	PauseNotifications(ctx context.Context, until time.Time) error
	Restart(ctx context.Context) error
	Autostart(ctx context.Context) (control.Autostart, error)
	SetAutostart(ctx context.Context, on bool) (control.Autostart, error)
}

// Options are what [Run] works with. All fields are required.
type Options struct {
	Client Client
	// Open starts `bellwire window args…`. It must return soon.
	Open func(args ...string)
	// Quit asks the daemon to stop. It must return soon.
	Quit func()
	// Shown is told whether a panel shows the icon, at first and whenever that
	// changes. It must return soon.
	Shown  func(shown bool)
	Logger *slog.Logger
}

// tray is the state of a running [Run].
type tray struct {
	o       Options
	menu    *menu
	clicks  chan click
	changed chan struct{}
	asked   chan struct{} // a person waits to see what changed
	tasks   sync.WaitGroup
	fail    context.CancelCauseFunc // ends the tray

	// pausedUntil belongs to update.
	pausedUntil time.Time

	mu   sync.Mutex
	desk desktop
}

// A desktop is what the icon is shown on.
type desktop struct {
	host  bool // a panel shows icons
	panel icon.Panel
}

// Timing of the menu's updates.
const (
	// updateEvery is the shortest time between two updates: each makes the
	// panel ask for the icon and every line anew, which is most of what a
	// tray costs while events come.
	updateEvery = 2 * time.Second
	// updateAsked is the same where a person has just opened the menu or
	// chosen something of it.
	updateAsked = 500 * time.Millisecond
	// callTimeout bounds one request to the daemon.
	callTimeout = 10 * time.Second
	// restartTimeout bounds the daemon's look at the installed program.
	restartTimeout = time.Minute
	// The stream normally ends with this very process; otherwise it is asked
	// for again after retryMin, twice as long each time, up to retryMax.
	retryMin = time.Second
	retryMax = 30 * time.Second
	// A pause of longPause and more is one without an end.
	longPause = 10 * 365 * 24 * time.Hour
)

// Run shows the icon until ctx ends. Call it from the main goroutine (some
// systems insist), and once a process: systray cannot be started again. It
// returns [ErrNoTray] at once where there is no session bus, and [ErrBusGone]
// when that bus ends. Where no panel shows icons yet, it says so once and waits for
// one.
func Run(ctx context.Context, o Options) (err error) {
	host, err := probe(ctx)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrNoTray, err)
	}
	if !host {
		o.Logger.Info("no panel shows tray icons yet; bellwire's appears when one does")
	}
	life, fail := context.WithCancelCause(ctx)
	t := &tray{
		o: o, clicks: make(chan click, 16), changed: make(chan struct{}, 1), asked: make(chan struct{}, 1),
		fail: fail, desk: desktop{host: host, panel: icon.AnyPanel},
	}
	defer func() {
		fail(nil)
		t.tasks.Wait()
		if ctx.Err() == nil && err == nil {
			err = context.Cause(life)
		}
	}()
	defer recovered(func(panicked error) { err = panicked })
	systray.SetOnTapped(func() { t.click(life, click{action: actionOpen}) })
	prepare()
	o.Shown(host)
	// From the start: systray waits for ever for a bus that has just ended.
	t.tasks.Go(func() {
		err := watchDesktop(ctx, t.sit)
		switch {
		case err == nil || ctx.Err() != nil:
		case errors.Is(err, ErrBusGone):
			t.fail(err)
		default:
			t.o.Logger.Debug("the tray does not know what its panel looks like", "error", err)
		}
	})
	run(life, func() { t.menu = newMenu(life, t) }, func() { t.begin(life, host) })
	return nil
}

// HasBus reports whether there is a session bus that answers, within seconds;
// true on systems without one.
func HasBus(ctx context.Context) bool { return answers(ctx) == nil }

// recovered makes an error of a panic: systray panics when it finds its bus
// gone, and the process is the daemon's.
func recovered(fail func(error)) {
	if r := recover(); r != nil {
		fail(fmt.Errorf("%w (%v)", ErrBusGone, r))
	}
}

// begin starts everything that goes on until ctx ends.
func (t *tray) begin(ctx context.Context, host bool) {
	t.tasks.Go(func() { t.watch(ctx) })
	t.tasks.Go(func() { t.update(ctx) })
	t.tasks.Go(func() { t.act(ctx) })
	t.tasks.Go(func() { t.listen(ctx) })
	if !host {
		t.tasks.Go(func() {
			if err := registerLate(ctx); err != nil && ctx.Err() == nil {
				t.o.Logger.Warn("registering the tray icon", "error", err)
			}
		})
	}
}

// sit notes the desktop that there is now.
func (t *tray) sit(d desktop) {
	t.mu.Lock()
	was := t.desk
	t.desk = d
	t.mu.Unlock()
	if d.host != was.host {
		t.o.Shown(d.host)
	}
	if d != was {
		t.ask()
	}
}

// listen looks again when the menu opens, where the panel tells of that:
// whether Bellwire starts at login may have been changed elsewhere.
func (t *tray) listen(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-systray.TrayOpenedCh:
			t.ask()
		}
	}
}

// watch follows the live stream, which says when to look again; its first
// update comes at once.
func (t *tray) watch(ctx context.Context) {
	wait := retryMin
	for ctx.Err() == nil {
		var err error
		for _, streamErr := range t.o.Client.Events(ctx, control.EventsOptions{After: control.Live}) {
			if err = streamErr; err != nil {
				break
			}
			wait = retryMin
			t.notify()
		}
		if ctx.Err() != nil {
			return
		}
		t.o.Logger.Debug("the tray lost the daemon's stream", "error", err, "retry", wait)
		select {
		case <-ctx.Done():
		case <-time.After(wait):
		}
		wait = min(2*wait, retryMax)
	}
}

// notify wakes update, once for any number of changes.
func (t *tray) notify() { token(t.changed) }

// ask is notify for a person who waits.
func (t *tray) ask() {
	token(t.changed)
	token(t.asked)
}

// token leaves a token in a channel of capacity one.
func token(ch chan struct{}) {
	select {
	case ch <- struct{}{}:
	default:
	}
}

// update redraws icon and menu after changes, at once after a while without
// and then every [updateEvery]. While nothing changes it only waits; the end of
// a pause is such a change.
func (t *tray) update(ctx context.Context) {
	for {
		var pauseEnds <-chan time.Time
		if d := time.Until(t.pausedUntil); d > 0 && d < longPause {
			pauseEnds = time.After(d)
		}
		select {
		case <-ctx.Done():
			return
		case <-t.changed:
		case <-pauseEnds:
		}
		select {
		case <-t.asked: // this answers it
		default:
		}
		if err := t.redraw(ctx); err != nil && ctx.Err() == nil {
			t.o.Logger.Debug("the tray could not ask the daemon", "error", err)
		}
		t.pace(ctx)
	}
}

// pace waits until the next update may be.
func (t *tray) pace(ctx context.Context) {
	select {
	case <-ctx.Done():
		return
	case <-time.After(updateAsked):
	}
	select {
	case <-ctx.Done():
	case <-t.asked:
	case <-time.After(updateEvery - updateAsked):
	}
}

func (t *tray) redraw(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	s, err := t.o.Client.Status(ctx)
	if err != nil {
		return err
	}
	t.pausedUntil = s.PausedUntil
	// Gap rows are left out: a larger page, in which there are mostly enough.
	page, err := t.o.Client.History(ctx, control.Query{Limit: 4 * latest})
	if err != nil {
		return err
	}
	m := newModel(s, page, time.Now())
	// Without an answer there is nothing to tick.
	if a, err := t.o.Client.Autostart(ctx); err == nil {
		m.autostart = autostart{known: true, on: a.On, unavailable: clean(a.Unavailable, maxReason)}
	}
	t.mu.Lock()
	m.panel = t.desk.panel
	t.mu.Unlock()
	defer recovered(t.fail)
	t.menu.show(m)
	return nil
}

// click hands a click to act.
func (t *tray) click(ctx context.Context, c click) {
	select {
	case t.clicks <- c:
	case <-ctx.Done():
	}
}

// act does what was clicked.
func (t *tray) act(ctx context.Context) {
	for {
		var c click
		select {
		case <-ctx.Done():
			return
		case c = <-t.clicks:
		}
		switch c.action {
		case actionOpen:
			t.o.Open()
		case actionEvent:
			t.o.Open("--event", strconv.FormatInt(c.seq, 10))
		case actionFeed:
			t.o.Open("--status", "--feed", c.feed)
		case actionStatus:
			t.o.Open("--status")
		case actionAdd:
			t.o.Open("--add")
		case actionSettings:
			t.o.Open("--settings")
		case actionAutostart:
			t.setAutostart(ctx, !t.menu.autostarts.Load())
		case actionQuit:
			t.o.Quit()
		case actionRestart:
			t.restart(ctx)
		case actionPause:
			t.pause(ctx, c.pause.until(time.Now()))
		}
	}
}

// restart finishes an upgrade. What stands in its way is told by the window.
func (t *tray) restart(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, restartTimeout)
	defer cancel()
	if err := t.o.Client.Restart(ctx); err != nil {
		t.o.Logger.Warn("bellwire could not be restarted", "error", err)
		t.o.Open()
	}
}

func (t *tray) pause(ctx context.Context, until time.Time) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	if err := t.o.Client.PauseNotifications(ctx, until); err != nil {
		t.o.Logger.Warn("notifications could not be paused or resumed", "error", err)
	}
	t.ask()
}

// setAutostart changes whether Bellwire starts at login. What cannot be done
// is told by the settings page.
func (t *tray) setAutostart(ctx context.Context, on bool) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	if _, err := t.o.Client.SetAutostart(ctx, on); err != nil {
		t.o.Logger.Warn("starting at login could not be changed", "error", err)
		t.o.Open("--settings")
	}
	// Panels tick what was clicked by themselves, and have to be told again.
	t.menu.toggled.Store(true)
	t.ask()
}
