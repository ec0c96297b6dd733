//go:build linux

package tray_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"bellwire/internal/control"
	"bellwire/subscriptions"
	"bellwire/ui/tray"

	"go.uber.org/goleak"
)

// Systray runs once a process and on the process's own session bus, so the
// tests run it in a child: this very binary with roleEnv set. The child obeys
// orders on its standard input and reports on its standard output.
const roleEnv = "BELLWIRE_TRAY_TEST"

// deadline bounds every wait; nothing asserts on it.
const deadline = 3 * time.Minute

func TestMain(m *testing.M) {
	if os.Getenv(roleEnv) != "" {
		os.Exit(child())
	}
	os.Exit(m.Run())
}

// An order tells the child what the daemon now says; nil is what it said.
type order struct {
	Status    *control.Status
	Events    []subscriptions.Event
	Autostart *control.Autostart
	// Refuse makes starting at login refuse to be changed.
	Refuse bool
}

func child() int {
	ctx, cancel := context.WithCancel(context.Background())
	f := newFake()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		defer cancel()
		in := bufio.NewScanner(os.Stdin)
		in.Buffer(nil, 1<<20)
		for in.Scan() {
			var o order
			if json.Unmarshal(in.Bytes(), &o) != nil {
				return
			}
			select {
			case f.orders <- o:
			case <-ctx.Done():
				return
			}
		}
	}()
	err := tray.Run(ctx, tray.Options{
		Client: f,
		Open:   func(args ...string) { report("open " + strings.Join(args, " ")) },
		Quit:   func() { report("quit") },
		Shown:  func(shown bool) { report(fmt.Sprintf("shown %v", shown)) },
		Logger: slog.New(slog.NewTextHandler(os.Stdout, nil)),
	})
	if errors.Is(err, tray.ErrNoTray) {
		report("no tray")
		return 0
	}
	report(fmt.Sprintf("returned: %v", err))
	<-ended
	if err == nil {
		for range 20 { // each look takes about a second
			if err = goleak.Find(goleak.IgnoreTopFunction("fyne.io/systray.stayRegistered")); err == nil {
				break
			}
		}
	}
	report(fmt.Sprintf("ended: %v", err))
	return 0
}

func report(line string) { fmt.Println(line) }

// fake is a daemon that says what it was ordered to say.
type fake struct {
	orders chan order

	mu   sync.Mutex
	says order
}

// newFake has one feed that is live and one that needs the user.
func newFake() *fake {
	blocked := control.Feed{ID: "stocks", Name: "Stocks", Status: subscriptions.Status{State: subscriptions.StateBlocked, Error: "no_access"}}
	return &fake{orders: make(chan order), says: order{
		Status: &control.Status{
			Feeds:  []control.Feed{{ID: "ci", Name: "ci", Status: subscriptions.Status{State: subscriptions.StateOpen}}, blocked},
			Unread: 1,
		},
		Events: []subscriptions.Event{
			{Seq: 9, Feed: "ci", Kind: subscriptions.KindEvent, Title: "build_411 passed\nwith more"},
			{Seq: 8, Feed: "ci", Kind: subscriptions.KindGap, Title: "gap"},
			{Seq: 7, Feed: "ci", Kind: subscriptions.KindEvent, Title: "部署完成 🚀", Read: true},
		},
		Autostart: &control.Autostart{},
	}}
}

// obey takes an order.
func (f *fake) obey(o order) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if o.Status != nil {
		f.says.Status = o.Status
	}
	if o.Events != nil {
		f.says.Events = o.Events
	}
	if o.Autostart != nil {
		f.says.Autostart = o.Autostart
	}
	f.says.Refuse = o.Refuse
}

func (f *fake) Status(context.Context) (control.Status, error) {
	report("status asked")
	f.mu.Lock()
	defer f.mu.Unlock()
	return *f.says.Status, nil
}

func (f *fake) History(context.Context, control.Query) ([]subscriptions.Event, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.says.Events, nil
}

func (f *fake) Autostart(context.Context) (control.Autostart, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return *f.says.Autostart, nil
}

func (f *fake) Restart(context.Context) error {
	report("restart")
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.says.Refuse {
		return errors.New("it lacks a library")
	}
	return nil
}

func (f *fake) SetAutostart(_ context.Context, on bool) (control.Autostart, error) {
	report(fmt.Sprintf("autostart %v", on))
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.says.Refuse {
		return control.Autostart{}, errors.New("the folder is not writable")
	}
	f.says.Autostart = &control.Autostart{On: on}
	return *f.says.Autostart, nil
}

func (f *fake) Events(ctx context.Context, _ control.EventsOptions) iter.Seq2[control.Update, error] {
	return func(yield func(control.Update, error) bool) {
		report("following")
		for yield(control.Update{Kind: control.UpdateFeeds}, nil) {
			select {
			case <-ctx.Done():
				yield(control.Update{}, ctx.Err())
				return
			case o := <-f.orders:
				f.obey(o)
			}
		}
	}
}

func (f *fake) PauseNotifications(_ context.Context, until time.Time) error {
	switch {
	case until.IsZero():
		report("resume")
	case until.Equal(control.Forever):
		report("pause forever")
	default:
		report(fmt.Sprintf("pause %v", time.Until(until).Round(time.Minute)))
	}
	return nil
}
