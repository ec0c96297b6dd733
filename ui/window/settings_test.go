package window

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"bellwire/internal/control"
	"bellwire/subscriptions"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"github.com/google/go-cmp/cmp"
)

// wellKnown is plenty with a day of history of each connection.
func wellKnown() *fake {
	f := plenty()
	at := func(hours float64) time.Time { return noon.Add(-time.Duration(hours * float64(time.Hour))) }
	f.desk.log = []subscriptions.LogEntry{
		{At: at(20), State: subscriptions.StateConnecting},
		{At: at(19.9), State: subscriptions.StateOpen},
		{At: at(12), State: subscriptions.StateWaiting, Code: subscriptions.CodeLost, Error: "unexpected EOF", Next: at(11.99)},
		{At: at(11), State: subscriptions.StateOpen},
		{At: at(5), State: subscriptions.StateBlocked, Code: subscriptions.CodeUnauthorized, Error: "401 Unauthorized"},
		{At: at(3.5), State: subscriptions.StateOpen},
		{At: at(2), State: subscriptions.StatePaused},
		{At: at(1), State: subscriptions.StateOpen},
		{At: at(0.01), State: subscriptions.StateWaiting, Code: subscriptions.CodeUnreachable, Error: "connect: connection refused", Next: noon.Add(12 * time.Second)},
	}
	gap := subscriptions.Gap{From: at(12), To: at(11), Reason: subscriptions.GapNoResume}.Event("hass")
	gap.Seq = int64(len(f.events) + 1)
	gap.Kind = subscriptions.KindGap
	f.events = append(f.events, gap)
	for i := range f.status.Feeds {
		g := &f.status.Feeds[i]
		g.URL = "https://events.example.org/" + g.ID
		g.Since = at(3)
		g.LastEvent, g.LastByte = at(0.1), noon.Add(-4*time.Second)
		g.Received, g.Duplicates, g.Gaps, g.Reconnects = 1204, 3, 1, 12
		g.RTT, g.Cadence, g.IdleLimit = 23*time.Millisecond, 15*time.Second, 38*time.Second
		g.LastError, g.LastHint, g.LastErrorAt = "connect: connection refused", "Check that the server is up.", at(0.01)
	}
	f.status.Dir, f.status.Version = "/home/ana/.local/share/bellwire", "1.0.0"
	f.desk.preferences.Quiet = []subscriptions.QuietHours{{Days: []string{"mon", "tue"}, From: "22:00", To: "07:00"}, {From: "12:00", To: "13:00"}}
	f.desk.autostart.On = true
	return f
}

// openedSettings waits for what the daemon keeps.
func (h *harness) openedSettings() *settingsPage {
	h.t.Helper()
	h.show(control.Show{Page: control.PageSettings})
	p := h.pages.settings
	h.until("the preferences", func() bool { return p.notify.burst.entry.Text != "" && h.fake.has("autostart") })
	h.until("whether it starts at login", func() bool { return p.general.login.Checked == h.fake.desk.autostart.On })
	return p
}

func (h *harness) kept() (p subscriptions.Preferences) {
	h.fake.with(func() { p = h.fake.desk.preferences })
	return p
}

func TestSettingsPage(t *testing.T) {
	atHome(t)
	o := backedUp()
	o.ExportFeeds = func(context.Context, string) error { return nil }
	o.ImportFeeds = func(context.Context, string) (string, error) { return "", nil }
	h := open(t, wellKnown(), o)
	h.loaded()
	p := h.openedSettings()
	h.until("all is known", func() bool { return !p.general.login.Disabled() && p.backup.newest.Visible() })
	h.golden("settings")
	p.notify.more.button.OnTapped()
	p.scroll.ScrollToBottom()
	h.golden("settings-end")
	test.Tap(p.backup.now)
	h.until("the backup fails", p.backup.outcome.error.Visible)
	p.scroll.ScrollToBottom()
	h.golden("settings-backup-failed")
}

func TestKeysPage(t *testing.T) {
	h := open(t, plenty(), Options{})
	h.loaded()
	h.openKeys()
	h.golden("keys")
}

// Every control saves by itself, says so for a moment, and leaves the others
// as somebody else may have set them meanwhile.
func TestSettingsAreSavedAtOnce(t *testing.T) {
	h := open(t, wellKnown(), Options{})
	h.loaded()
	p := h.openedSettings()
	n := p.notify
	type preferences = subscriptions.Preferences
	for name, c := range map[string]struct {
		do    func()
		saved func() *setting
		want  func(*preferences)
	}{
		"language": {func() { p.general.language.choose.SetSelected("简体中文") }, func() *setting { return p.general.language.setting }, func(w *preferences) { w.Language = "zh" }},
		"pass":     {func() { n.pass.choose.SetSelected("Nothing") }, func() *setting { return n.pass.setting }, func(w *preferences) { w.QuietPass = subscriptions.NothingPasses }},
		"trouble":  {func() { n.trouble.choose.SetSelected("Never") }, func() *setting { return n.trouble.setting }, func(w *preferences) { w.TroubleAfter = subscriptions.Never }},
		"reveal":   {func() { n.reveal.choose.SetSelected("The title only") }, func() *setting { return n.reveal.setting }, func(w *preferences) { w.Reveal = subscriptions.RevealTitle }},
		"days":     {func() { p.history.days.choose.SetSelected("For ever") }, func() *setting { return p.history.days.setting }, func(w *preferences) { w.Keep.Days = subscriptions.KeepAll }},
		"events":   {func() { p.history.events.choose.SetSelected("10,000 events") }, func() *setting { return p.history.events.setting }, func(w *preferences) { w.Keep.Events = 10_000 }},
		"burst":    {func() { n.burst.entry.SetText("7"); n.burst.entry.OnSubmitted("") }, func() *setting { return n.burst.setting }, func(w *preferences) { w.Burst = 7 }},
		"every":    {func() { n.every.entry.SetText("90"); n.every.entry.FocusLost() }, func() *setting { return n.every.setting }, func(w *preferences) { w.Every = subscriptions.Duration(90 * time.Second) }},
	} {
		t.Run(name, func(t *testing.T) {
			h.t = t
			want := h.kept()
			want.TimeZone = "Europe/Berlin" // set elsewhere
			h.fake.with(func() { h.fake.desk.preferences = want })
			c.want(&want)
			c.do()
			h.until("it says so", func() bool { return c.saved().saved.Visible() })
			if d := cmp.Diff(want, h.kept()); d != "" {
				t.Error("(-want +got):\n", d)
			}
			h.advance(savedFor)
			if c.saved().saved.Visible() {
				t.Error("it says so for ever")
			}
		})
	}
	h.t = t
	n.dnd.SetChecked(false)
	h.until("do-not-disturb", func() bool { return h.kept().IgnoreDND })
}

func TestSettingsThatAreRefused(t *testing.T) {
	h := open(t, wellKnown(), Options{})
	h.loaded()
	p := h.openedSettings()
	h.fake.with(func() { h.fake.failure = &control.Error{Message: "the disk is full", Hint: "Make room."} })
	p.history.days.choose.SetSelected("For ever")
	h.until("it says so", func() bool { return p.history.days.error.Visible() })
	if got := p.history.days.error.Text; got != "The disk is full. Make room." {
		t.Errorf("says %q", got)
	}
	h.fake.with(func() { h.fake.failure = nil })
	p.load()
	h.until("it is as it was", func() bool { return p.history.days.choose.Selected == "1 year" })

	n := p.notify.burst
	for _, text := range []string{"", "0", "many", "100000", "-3"} {
		n.entry.SetText(text)
		n.entry.OnSubmitted(text)
		if !n.error.Visible() {
			t.Errorf("%q is taken for a number", text)
		}
	}
	n.entry.SetText("10") // as it was
	n.entry.OnSubmitted("")
	if n.error.Visible() || h.kept().Burst != 0 {
		t.Errorf("%q, kept %d", n.error.Text, h.kept().Burst)
	}
}

func TestQuietHours(t *testing.T) {
	f := wellKnown()
	f.desk.preferences.Quiet = nil
	h := open(t, f, Options{})
	h.loaded()
	q := h.openedSettings().notify.quiet
	test.Tap(q.add)
	night := subscriptions.QuietHours{From: "22:00", To: "07:00"}
	is := func(want ...subscriptions.QuietHours) func() bool {
		return func() bool { return cmp.Equal(want, h.kept().Quiet) }
	}
	h.until("every night", is(night))
	h.until("it is told", func() bool { return len(q.setting.u.pages.settings.notify.quiet.saved) == 1 })
	r := q.rows[0]
	for _, text := range []string{"25:00", "late", "", "7:0x"} {
		r.from.SetText(text)
		r.from.OnSubmitted(text)
		if !r.error.Visible() || !is(night)() {
			t.Errorf("%q is taken for a time", text)
		}
	}
	r.from.SetText("9")
	r.from.FocusLost()
	night.From = "09:00"
	h.until("from nine", is(night))
	if r.error.Visible() {
		t.Errorf("it still says %q", r.error.Text)
	}
	for i := range 5 {
		test.Tap(r.days[i])
	}
	night.Days = []string{"sat", "sun"}
	h.until("at week-ends", is(night))
	test.Tap(r.days[5])
	night.Days = []string{"sun"}
	h.until("on Sundays", is(night))
	test.Tap(r.days[6])
	if got := r.error.Text; got != "Choose at least one day." {
		t.Errorf("without a day it says %q", got)
	}
	// What is being edited stays, whatever the daemon says meanwhile.
	test.Tap(q.add)
	q.set(h.kept().Quiet)
	h.page.refresh()
	q.remove(r)
	h.until("the other", func() bool { k := h.kept().Quiet; return len(k) == 1 && k[0].From == "22:00" })
}

func TestTestNotification(t *testing.T) {
	f := wellKnown()
	f.desk.tested = control.Delivery{Seq: 9, Steps: []subscriptions.Step{{What: subscriptions.StepReceived}}, Owed: true}
	shown := control.Delivery{Seq: 9, Steps: []subscriptions.Step{{What: subscriptions.StepReceived}, {What: subscriptions.StepShown, Detail: "freedesktop"}}}
	h := open(t, f, Options{})
	h.loaded()
	n := h.openedSettings().notify
	test.Tap(n.try)
	h.until("it is on its way", func() bool { return n.became.Text == "Received. Still to be shown." })
	if !n.try.Disabled() {
		t.Error("another one can be asked for")
	}
	h.fake.with(func() { h.fake.deliveries = map[int64]control.Delivery{9: shown} })
	h.advance(testEvery)
	h.until("it is shown", func() bool { return n.became.Text == "Received → shown by freedesktop." })
	if n.try.Disabled() {
		t.Error("no other one can be asked for")
	}
	h.fake.with(func() { h.fake.failure = errors.New("no bus") })
	test.Tap(n.try)
	h.until("it fails", func() bool { return n.tried.error.Visible() })
	if n.try.Disabled() || !strings.Contains(n.tried.error.Text, "no bus") {
		t.Errorf("says %q", n.tried.error.Text)
	}
}

// What is looked at in vain is not looked at for ever.
func TestTestNotificationIsGivenUp(t *testing.T) {
	f := wellKnown()
	f.desk.tested = control.Delivery{Seq: 9, Owed: true, Waiting: "no bus"}
	f.deliveries = map[int64]control.Delivery{9: f.desk.tested}
	f.status.Feeds, f.events = f.status.Feeds[:1], nil // nothing else keeps time
	h := open(t, f, Options{})
	h.loaded()
	n := h.openedSettings().notify
	test.Tap(n.try)
	for range testLooks {
		h.until("it is looked at", func() bool { return h.pending() > 0 })
		h.advance(testEvery)
	}
	h.until("it is given up", func() bool { return !n.try.Disabled() })
	if n.became.Text != "Still to be shown; it waits: no bus." {
		t.Errorf("says %q", n.became.Text)
	}
}

func TestStartAtLogin(t *testing.T) {
	h := open(t, wellKnown(), Options{})
	h.loaded()
	g := h.openedSettings().general
	h.until("it can be changed", func() bool { return !g.login.Disabled() })
	g.login.SetChecked(false)
	h.until("it is off", func() bool { return h.fake.has("set autostart false") && g.atLogin.saved.Visible() })
	h.fake.with(func() { h.fake.desk.autostart.Unavailable = "a package manager starts it" })
	h.pages.settings.load()
	h.until("it cannot be changed", g.login.Disabled)
	if got := g.atLogin.error.Text; got != "This cannot be changed here. A package manager starts it." {
		t.Errorf("says %q", got)
	}
}

// What there is to know of the entry stands in the place of the hint.
func TestStartAtLoginTellsWhy(t *testing.T) {
	h := open(t, wellKnown(), Options{})
	h.loaded()
	g := h.openedSettings().general
	for want, a := range map[string]control.Autostart{
		"The entry starts another command than this Bellwire: /opt/b run.": {On: true, Reason: "other-program", Detail: "/opt/b\n run", Why: "x"},
		"It is switched off in the desktop's settings.":                    {Reason: "switched-off"},
		"As a later version says.":                                         {Reason: "later", Why: "as a later version says"},
		"Bellwire then runs in the background from the start.":             {On: true},
	} {
		h.fake.with(func() { h.fake.desk.autostart = a })
		h.pages.settings.load()
		h.until("it says: "+want, func() bool { return g.atLogin.hint.Text == want && g.login.Checked == a.On })
	}
}

// atHome makes paths in goldens those of one home, whose ever runs the tests.
func atHome(t *testing.T) {
	t.Helper()
	t.Setenv("HOME", "/home/ana")
	t.Setenv("USERPROFILE", "/home/ana")
}

// Each line about the start at login, one after the other.
func TestStartAtLoginLooks(t *testing.T) {
	atHome(t)
	h := open(t, wellKnown(), Options{})
	h.loaded()
	g := h.openedSettings().general
	for name, a := range map[string]control.Autostart{
		"other-program": {On: true, Reason: "other-program", Detail: "/opt/bellwire-0.1.0/bin/bellwire run --hidden --notifier dbus --log-level debug --dir /srv/ana/bellwire"},
		"switched-off":  {Reason: "switched-off"},
		"gone":          {Reason: "gone", Detail: "/home/ana/Downloads/bellwire"},
		"hidden":        {Reason: "hidden"},
		"unavailable":   {On: true, Reason: "portal", Unavailable: "the desktop's portal refuses it"},
	} {
		h.fake.with(func() { h.fake.desk.autostart = a })
		before := g.atLogin.hint.Text
		h.pages.settings.load()
		h.until("it says why", func() bool { return g.atLogin.hint.Text != before && g.login.Disabled() == (a.Unavailable != "") })
		h.golden("settings-login-" + name)
	}
}

func TestTheme(t *testing.T) {
	h := open(t, wellKnown(), Options{})
	h.loaded()
	p := h.openedSettings()
	p.general.theme.choose.SetSelected("Dark")
	if got := h.prefs.String(prefTheme); got != themeDark {
		t.Errorf("kept %q", got)
	}
	if l, ok := fyne.CurrentApp().Settings().Theme().(look); !ok || l.follow || l != newLook(themeDark) {
		t.Error("it is not dark")
	}
}

func TestFilesFromSettings(t *testing.T) {
	gate, path := make(chan struct{}), ""
	var failure error
	h := open(t, wellKnown(), Options{
		ExportFeeds: func(_ context.Context, p string) error { path = p; return failure },
		ImportFeeds: func(ctx context.Context, p string) (string, error) {
			select {
			case <-gate:
				return "2 feeds added", nil
			case <-ctx.Done():
				return "", ctx.Err()
			}
		},
	})
	h.loaded()
	m := h.openedSettings().move
	m.path.SetText("feeds.yaml")
	test.Tap(m.to)
	if !m.outcome.error.Visible() {
		t.Error("a path from nowhere is taken")
	}
	file := filepath.Join(t.TempDir(), "feeds.yaml")
	m.path.SetText(file)
	test.Tap(m.to)
	h.until("it is exported", func() bool { return m.outcome.saved.Visible() })
	if path != file {
		t.Errorf("exported to %q", path)
	}
	failure = &control.Error{Message: "there is such a file already", Hint: "Choose another name."}
	test.Tap(m.to)
	h.until("it is refused", func() bool { return m.outcome.error.Text == "There is such a file already. Choose another name." })

	bar := h.notices.bars[noticeProgress]
	test.Tap(m.from)
	if bar.Visible() {
		t.Error("it is at work at once")
	}
	h.advance(progressAfter)
	if !bar.Visible() || bar.text.Text != "Working on the file…" {
		t.Errorf("it says %q", bar.text.Text)
	}
	test.Tap(bar.button)
	if bar.Visible() || m.from.Disabled() || m.outcome.error.Text != "Stopped." {
		t.Errorf("given up, it says %q", m.outcome.error.Text)
	}
	test.Tap(m.from)
	h.advance(progressAfter)
	close(gate)
	h.until("it is imported", func() bool { return h.notices.bars[noticeDone].text.Text == "2 feeds added" })
	if bar.Visible() {
		t.Error("it is still at work")
	}
}
