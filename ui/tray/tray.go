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
	"time"

	"bellwire/internal/control"
	"bellwire/subscriptions"

	"fyne.io/systray"
)

// ErrNoTray means that this desktop has no place for an icon: there is no
// session bus to put it on.
var ErrNoTray = errors.New("no session bus for a tray icon")

// Client is what the tray needs of [control.Client].
type Client interface {
	Status(ctx context.Context) (control.Status, error)
	History(ctx context.Context, q control.Query) ([]subscriptions.Event, error)
	Events(ctx context.Context, o control.EventsOptions) iter.Seq2[control.Update, error]
	PauseNotifications(ctx context.Context, until time.Time) error
}

// Options are what [Run] works with. All fields are required.
type Options struct {
	Client Client
	// Open starts `bellwire window args…`. It must return soon.
	Open func(args ...string)
	// Quit asks the daemon to stop. It must return soon.
	Quit   func()
	Logger *slog.Logger
}

// Timing of the menu's updates.
const (
	// updateEvery is the shortest time between two updates.
	updateEvery = 500 * time.Millisecond
	// callTimeout bounds one request to the daemon.
	callTimeout = 10 * time.Second
	// The stream normally ends with this very process; otherwise it is asked
	// for again after retryMin, twice as long each time, up to retryMax.
	retryMin = time.Second
	retryMax = 30 * time.Second
)

// Run shows the icon until ctx ends. Call it from the main goroutine (some
// systems insist), and once a process: systray cannot be started again. It
// returns [ErrNoTray] at once where there is no session bus. Where no panel
// shows icons yet, it says so once and waits for one.
func Run(ctx context.Context, o Options) (err error) {
	host, err := probe(ctx)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrNoTray, err)
	}
	if !host {
		o.Logger.Info("no panel shows tray icons yet; bellwire's appears when one does")
	}
	// Systray panics at its end when the bus broke in between.
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("the tray failed: %v", r)
		}
	}()
	ctx, cancel := context.WithCancel(ctx)
	t := &tray{o: o, clicks: make(chan click, 16), changed: make(chan struct{}, 1)}
	defer t.tasks.Wait()
	defer cancel()
	systray.SetOnTapped(func() { t.click(ctx, click{action: actionOpen}) })
	prepare()
	systray.Run(func() {
		t.menu = newMenu(ctx, t)
		t.menu.show(model{})
		t.tasks.Go(func() { t.watch(ctx) })
		t.tasks.Go(func() { t.update(ctx) })
		t.tasks.Go(func() { t.act(ctx) })
		if !host {
			t.tasks.Go(func() {
				if err := registerLate(ctx); err != nil && ctx.Err() == nil {
					o.Logger.Warn("registering the tray icon", "error", err)
				}
			})
		}
		context.AfterFunc(ctx, systray.Quit)
	}, nil)
	return nil
}

// watch follows the live stream and notes what has changed.
func (t *tray) watch(ctx context.Context) {
	wait := retryMin
	for ctx.Err() == nil {
		after, err := t.load(ctx)
		if err == nil {
			t.notify()
			for u, streamErr := range t.o.Client.Events(ctx, control.EventsOptions{After: after}) {
				if err = streamErr; err != nil {
					break
				}
				wait = retryMin
				t.note(u)
			}
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

// load fetches the latest events and returns the Seq to follow from.
func (t *tray) load(ctx context.Context) (after int64, err error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	page, err := t.o.Client.History(ctx, control.Query{Limit: 4 * latest})
	if err != nil {
		return 0, err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.events = t.events[:0]
	for _, e := range page {
		after = max(after, e.Seq)
		if e.Kind != subscriptions.KindGap && len(t.events) < latest {
			t.events = append(t.events, entryOf(e))
		}
	}
	return after, nil
}

// note takes in one update of the stream.
func (t *tray) note(u control.Update) {
	switch u.Kind {
	case control.UpdateEvent:
		if u.Event.Kind != subscriptions.KindGap {
			t.mu.Lock()
			t.events = append([]entry{entryOf(u.Event)}, t.events[:min(len(t.events), latest-1)]...)
			t.mu.Unlock()
		}
	case control.UpdateFeeds:
	default:
		return
	}
	t.notify()
}

// notify wakes update, once for any number of changes.
func (t *tray) notify() {
	select {
	case t.changed <- struct{}{}:
	default:
	}
}

// update redraws icon and menu after changes, at most twice a second. While
// nothing changes it only waits; the end of a pause is such a change.
func (t *tray) update(ctx context.Context) {
	for {
		var pauseEnds <-chan time.Time
		if d := time.Until(t.pausedUntil); d > 0 && d < 48*time.Hour {
			pauseEnds = time.After(d + time.Second)
		}
		select {
		case <-ctx.Done():
			return
		case <-t.changed:
		case <-pauseEnds:
		}
		if err := t.redraw(ctx); err != nil && ctx.Err() == nil {
			t.o.Logger.Debug("the tray could not ask the daemon", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(updateEvery):
		}
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
	t.mu.Lock()
	events := append([]entry(nil), t.events...)
	t.mu.Unlock()
	t.menu.show(newModel(s, events, time.Now()))
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
		case actionAdd:
			t.o.Open("--add")
		case actionQuit:
			t.o.Quit()
		case actionPause:
			t.pause(ctx, c.pause.until(time.Now()))
		}
	}
}

func (t *tray) pause(ctx context.Context, until time.Time) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	if err := t.o.Client.PauseNotifications(ctx, until); err != nil {
		t.o.Logger.Warn("notifications could not be paused or resumed", "error", err)
	}
	t.notify()
}
