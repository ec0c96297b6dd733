package window

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"testing"
	"time"

	"bellwire/internal/control"
	"bellwire/subscriptions"
	"bellwire/ui/words"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"go.uber.org/goleak"
)

// noon is when every test takes place.
var noon = time.Date(2025, 6, 3, 12, 0, 0, 0, time.UTC)

// deadline bounds every wait; nothing asserts on it.
const deadline = 3 * time.Minute

func TestMain(m *testing.M) {
	time.Local = time.UTC
	if os.Getenv(screensEnv) == "" {
		os.Setenv("LC_ALL", "en_US.UTF-8")
	}
	os.Exit(m.Run())
}

// A harness is a window without a screen. The test's goroutine is its main
// goroutine: what is to run there waits in a queue until the test looks.
type harness struct {
	*ui
	t      testing.TB
	fake   *fake
	queue  chan func()
	timers []*timer
	time   time.Time
	stop   func()
}

type timer struct {
	at time.Time
	do func()
}

func open(t testing.TB, f *fake, o Options) *harness {
	t.Helper()
	h := prepare(t, f, o)
	h.ui.start()
	return h
}

// prepare builds the window and does not follow the daemon yet.
func prepare(t testing.TB, f *fake, o Options) *harness {
	t.Helper()
	goroutines := goleak.IgnoreCurrent()
	app := test.NewTempApp(t)
	app.Settings().SetTheme(newLook("light"))
	win := test.NewTempWindow(t, nil)
	win.SetPadded(false)
	ctx, cancel := context.WithCancel(context.Background())
	o.Client, o.Logger = f, slog.New(slog.DiscardHandler)
	h := &harness{t: t, fake: f, queue: make(chan func(), 256), time: noon}
	h.ui = newUI(ctx, o, win, app.Preferences())
	h.main = func(f func()) {
		select {
		case h.queue <- f:
		case <-ctx.Done():
		}
	}
	h.leave = func() {} // the test closes it
	h.clock = clock{now: func() time.Time { return h.time }, after: h.after}
	stopped := false
	h.stop = func() {
		if !stopped {
			stopped = true
			cancel()
			h.ui.close()
		}
	}
	t.Cleanup(func() {
		h.stop()
		goleak.VerifyNone(t, goroutines, goleak.IgnoreAnyFunction("fyne.io/fyne/v2/internal/async.NewUnboundedChan[...]"))
	})
	h.build()
	win.Resize(fyne.NewSize(1180, 760))
	return h
}

func (h *harness) after(d time.Duration, f func()) func() {
	tm := &timer{at: h.time.Add(d), do: f}
	h.timers = append(h.timers, tm)
	return func() { tm.do = nil }
}

// advance moves the clock and does what is due.
func (h *harness) advance(d time.Duration) {
	h.time = h.time.Add(d)
	due := h.timers
	h.timers = nil
	for _, tm := range due {
		switch {
		case tm.do == nil:
		case tm.at.After(h.time):
			h.timers = append(h.timers, tm)
		default:
			tm.do()
		}
	}
}

// pending counts what the clock will still do.
func (h *harness) pending() int {
	n := 0
	for _, tm := range h.timers {
		if tm.do != nil {
			n++
		}
	}
	return n
}

// nextTimer is when the clock does something next; zero when never.
func (h *harness) nextTimer() (next time.Time) {
	for _, tm := range h.timers {
		if tm.do != nil && (next.IsZero() || tm.at.Before(next)) {
			next = tm.at
		}
	}
	return next
}

// until runs what is queued for the main goroutine until ok.
func (h *harness) until(what string, ok func() bool) {
	h.t.Helper()
	timeout := time.After(deadline)
	for !ok() {
		select {
		case f := <-h.queue:
			f()
		case <-timeout:
			h.t.Fatalf("never: %s", what)
		}
	}
}

// settle runs what is queued already, such as a layout that comes after what
// changed it.
func (h *harness) settle() {
	for {
		select {
		case f := <-h.queue:
			f()
		default:
			return
		}
	}
}

// loaded waits for the first page.
func (h *harness) loaded() {
	h.t.Helper()
	h.until("the first page", func() bool {
		return h.everUp && h.events.empty.title.Text != words.Say("events.loading") || len(h.events.hist.rows) > 0
	})
	h.settled()
}

// settled waits until no older rows are on their way.
func (h *harness) settled() {
	h.t.Helper()
	h.until("the rows below", func() bool { return !h.events.loadingOlder })
}

// read waits until an event is shown and marked read, and its neighbours are
// loaded.
func (h *harness) read(seq int64) {
	h.t.Helper()
	h.until(fmt.Sprint("event ", seq, " is read"), func() bool {
		i := h.events.hist.index(seq)
		return i >= 0 && h.events.hist.rows[i].read && h.events.hist.top && h.detail.event.Seq == seq && h.fake.has(fmt.Sprintf(`mark [%d] "" 0 false`, seq))
	})
}

// send hands an update to the stream while the window goes on.
func (h *harness) send(u control.Update) {
	h.t.Helper()
	sent := make(chan struct{})
	go func() {
		defer close(sent)
		select {
		case h.fake.updates <- u:
		case <-h.ctx.Done():
		}
	}()
	timeout := time.After(deadline)
	for {
		select {
		case <-sent:
			return
		case f := <-h.queue:
			f()
		case <-timeout:
			h.t.Fatal("the window does not read the stream")
		}
	}
}

func (h *harness) arrive(e subscriptions.Event) {
	h.t.Helper()
	h.fake.with(func() {
		e.Seq = int64(len(h.fake.events) + 1)
		if e.Kind == "" {
			e.Kind = subscriptions.KindEvent
		}
		h.fake.events = append(h.fake.events, e)
	})
	h.send(control.Update{Kind: control.UpdateEvent, Event: e})
}

func (h *harness) key(name fyne.KeyName) {
	if w := h.win.Canvas().Focused(); w != nil {
		w.TypedKey(&fyne.KeyEvent{Name: name})
		return
	}
	h.win.Canvas().OnTypedKey()(&fyne.KeyEvent{Name: name})
}

func (h *harness) typed(text string) {
	for _, r := range text {
		if w := h.win.Canvas().Focused(); w != nil {
			w.TypedRune(r)
		} else {
			h.win.Canvas().OnTypedRune()(r)
		}
	}
}

func feedIn(id, name string, s subscriptions.State) control.Feed {
	return control.Feed{ID: id, Name: name, Status: subscriptions.Status{State: s}}
}

// plenty is a daemon with feeds in every state and events of every kind.
func plenty() *fake {
	f := newFake()
	waiting := feedIn("hass", "Home Assistant", subscriptions.StateWaiting)
	waiting.Code, waiting.Next = subscriptions.CodeUnreachable, noon.Add(12*time.Second)
	blocked := feedIn("stocks", "stocks", subscriptions.StateBlocked)
	blocked.Code = subscriptions.CodeUnauthorized
	live := feedIn("ci", "ci", subscriptions.StateOpen)
	live.Unread = 2
	f.status.Feeds = []control.Feed{
		live, waiting, blocked, feedIn("old", "old mirror", subscriptions.StatePaused), feedIn("done", "finished run", subscriptions.StateEnded),
	}
	f.status.Unread = 2
	gap := subscriptions.Gap{From: noon.Add(-26 * time.Hour), To: noon.Add(-25 * time.Hour), Reason: subscriptions.GapNoResume}.Event("hass")
	for _, e := range []subscriptions.Event{
		{Title: "Washing machine finished", Body: "Cotton 60", Feed: "hass", Priority: 1, Read: true, Received: noon.Add(-50 * time.Hour)},
		gap,
		{Title: "Front door opened", Body: "while nobody is at home", Feed: "hass", Priority: 4, Read: true, Received: noon.Add(-24 * time.Hour)},
		{Title: "Build 411 passed 🚀", Body: "main, 2 m 11 s", Feed: "ci", Priority: 3, Received: noon.Add(-2 * time.Hour)},
		{
			Title: "Deploy 412 failed", Body: "Step “test” ended with exit code 1.\n\nThe last green build is 411.", Feed: "ci", Priority: 5,
			Link: "https://ci.example.org/412", Raw: `{"id":412,"ok":false,"commit":{"author":"Ana"},"tags":[]}`, Received: noon.Add(-time.Minute),
		},
	} {
		e.Seq = int64(len(f.events) + 1)
		if e.Kind == "" {
			e.Kind = subscriptions.KindEvent
		}
		f.events = append(f.events, e)
	}
	f.status.Events, f.status.LastSeq = int64(len(f.events)), int64(len(f.events))
	return f
}

// unread are the loaded rows that are not read.
func (h *harness) unread() (seqs []int64) {
	for _, r := range h.events.hist.rows {
		if !r.read {
			seqs = append(seqs, r.seq)
		}
	}
	return seqs
}
