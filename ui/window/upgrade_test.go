package window

import (
	"errors"
	"strings"
	"testing"

	"bellwire/internal/control"

	"fyne.io/fyne/v2/test"
	"github.com/google/go-cmp/cmp"
)

// installed is a daemon of 0.1.0 that tells of an upgrade.
func installed(up *control.Upgrade) *fake {
	f := wellKnown()
	f.status.Version, f.status.Upgrade = "0.1.0", up
	return f
}

func TestWhatIsSaidOfVersions(t *testing.T) {
	for name, tc := range map[string]struct {
		own          string
		upgrade      *control.Upgrade
		text, button string
	}{
		"nothing":                 {own: "0.1.0"},
		"ready":                   {"0.1.0", &control.Upgrade{State: control.UpgradeReady, Version: "0.2.0"}, "Bellwire 0.2.0 is installed. 0.1.0 runs until it is restarted; nothing is missed meanwhile.", "Restart Bellwire"},
		"ready, of the new one":   {"0.2.0", &control.Upgrade{State: control.UpgradeReady, Version: "0.2.0"}, "Bellwire 0.2.0 is installed. 0.1.0 runs until it is restarted; nothing is missed meanwhile.", "Restart Bellwire"},
		"a build":                 {"0.1.0", &control.Upgrade{State: control.UpgradeReady, Version: "0.1.0"}, "Another build of Bellwire 0.1.0 is installed. The old one runs until it is restarted.", "Restart Bellwire"},
		"broken":                  {"0.1.0", &control.Upgrade{State: control.UpgradeBroken, Problem: "exit status 127\x1b[31m\nno"}, "Bellwire 0.1.0 goes on: what has been installed over it cannot be started, and may have to be installed again. Exit status 127 [31m no.", "Dismiss"},
		"removed":                 {own: "0.1.0", upgrade: &control.Upgrade{State: control.UpgradeRemoved}},
		"what nobody knows yet":   {own: "0.1.0", upgrade: &control.Upgrade{State: "staged"}},
		"another version, no way": {own: "0.3.0", text: "This window is Bellwire 0.3.0, but 0.1.0 is running. To use 0.3.0, quit Bellwire and start it again."},
	} {
		t.Run(name, func(t *testing.T) {
			h := open(t, installed(tc.upgrade), Options{Version: tc.own, Reopen: func(control.Show) { t.Error("reopened") }})
			h.loaded()
			bar := h.notices.bars[noticeUpgrade]
			if bar.Visible() != (tc.text != "") {
				t.Fatalf("it says %v: %q", bar.Visible(), bar.text.Text)
			}
			if bar.Visible() && (bar.text.Text != tc.text || bar.button.Text != tc.button || bar.button.Hidden != (tc.button == "")) {
				t.Errorf("it says %q, and offers %q", bar.text.Text, bar.button.Text)
			}
			if tc.button == "Dismiss" {
				test.Tap(bar.button)
				if h.send(control.Update{Kind: control.UpdateFeeds}); bar.Visible() {
					t.Error("it stays")
				}
			}
		})
	}
}

func TestUpgradeNoticeLooks(t *testing.T) {
	ready := &control.Upgrade{State: control.UpgradeReady, Version: "0.2.0"}
	for name, c := range map[string]struct {
		own     string
		upgrade *control.Upgrade
		then    func(*harness)
	}{
		"upgrade":       {"0.1.0", ready, nil},
		"upgrade-build": {"0.1.0", &control.Upgrade{State: control.UpgradeReady, Version: "0.1.0"}, nil},
		"upgrade-broken": {"0.1.0", &control.Upgrade{
			State:   control.UpgradeBroken,
			Problem: "exit status 127: /usr/bin/bellwire: error while loading shared libraries: libEGL.so.1: cannot open shared object file: No such file or directory",
		}, nil},
		"upgrade-other":      {"0.3.0", nil, nil},
		"upgrade-restarting": {"0.1.0", ready, func(h *harness) { h.notices.bars[noticeUpgrade].button.OnTapped() }},
		"upgrade-window": {"0.1.0", nil, func(h *harness) {
			h.openSettings()
			h.fake.with(func() { h.fake.status.Version = "0.2.0" })
			h.upgrading.changed, h.status.Version, h.upgrading.daemon = true, "0.2.0", "0.2.0"
			h.refreshUpgrade()
			h.closePage()
		}},
	} {
		t.Run(name, func(t *testing.T) {
			h := open(t, installed(c.upgrade), Options{Version: c.own, Reopen: func(control.Show) {}})
			h.loaded()
			if c.then != nil {
				c.then(h)
			}
			h.golden(name)
		})
	}
}

// A restart that is refused says why, and can be asked for again.
func TestRestartFromTheWindow(t *testing.T) {
	f := installed(&control.Upgrade{State: control.UpgradeReady, Version: "0.2.0"})
	var shown []control.Show
	h := open(t, f, Options{Version: "0.1.0", Reopen: func(s control.Show) { shown = append(shown, s) }})
	h.loaded()
	h.selectEvent(5)
	bar := h.notices.bars[noticeUpgrade]
	f.with(func() { f.failure = errors.New("it lacks a library") })
	test.Tap(bar.button)
	h.until("the refusal", func() bool { return h.notices.bars[noticeTrouble].Visible() })
	if text := h.notices.bars[noticeTrouble].text.Text; !strings.Contains(text, "lacks a library") || bar.button.Hidden {
		t.Errorf("it says %q; offers again: %v", text, !bar.button.Hidden)
	}
	f.with(func() { f.failure = nil })
	test.Tap(bar.button)
	if bar.text.Text != "Bellwire is restarting…" || !bar.button.Hidden {
		t.Errorf("it says %q", bar.text.Text)
	}
	h.until("the restart", func() bool { return f.has("restart") && h.upgrading.stop != nil })
	f.with(func() { f.down = true })
	f.cut <- struct{}{}
	h.until("the loss", func() bool { return h.down })
	if h.notices.bars[noticeDown].Visible() || !bar.Visible() {
		t.Error("an ordinary restart is told as a loss")
	}
	f.with(func() { f.down, f.status.Version, f.status.Upgrade = false, "0.2.0", nil })
	h.advance(retryMax)
	h.until("the window opens anew", func() bool { return len(shown) > 0 })
	if d := cmp.Diff([]control.Show{{Seq: 5}}, shown); d != "" {
		t.Error(d)
	}
}

// A daemon that does not come back is not told as restarting for ever.
func TestRestartWithoutAnEnd(t *testing.T) {
	f := installed(&control.Upgrade{State: control.UpgradeReady, Version: "0.2.0"})
	h := open(t, f, Options{Version: "0.1.0"})
	h.loaded()
	test.Tap(h.notices.bars[noticeUpgrade].button)
	h.until("the restart", func() bool { return h.upgrading.stop != nil })
	f.with(func() { f.down = true })
	f.cut <- struct{}{}
	h.until("the loss", func() bool { return h.down })
	h.advance(restartPatience)
	if !h.notices.bars[noticeDown].Visible() || h.notices.bars[noticeUpgrade].Visible() {
		t.Error("it is not told")
	}
}

// Nothing that somebody works on is taken away by an upgrade.
func TestWorkIsNotTakenAway(t *testing.T) {
	for name, work := range map[string]func(*harness){
		"adding a feed": func(h *harness) { h.openAdd(); h.add.address.SetText("https://half.example") },
		"settings":      func(h *harness) { h.openSettings() },
		"a search":      func(h *harness) { h.search.SetText("deploy") },
	} {
		t.Run(name, func(t *testing.T) {
			f := installed(nil)
			var shown []control.Show
			h := open(t, f, Options{Version: "0.1.0", Reopen: func(s control.Show) { shown = append(shown, s) }})
			h.loaded()
			work(h)
			f.with(func() { f.down = true })
			f.cut <- struct{}{}
			h.until("the loss", func() bool { return h.down })
			f.with(func() { f.down, f.status.Version = false, "0.2.0" })
			h.until("the daemon is back", func() bool {
				select {
				case h.hurry <- struct{}{}:
				default:
				}
				return !h.down
			})
			bar := h.notices.bars[noticeUpgrade]
			if len(shown) != 0 || bar.text.Text != "Bellwire is now 0.2.0. This window is still 0.1.0; reopen it when you have finished here." {
				t.Fatalf("reopened %v; says %q", shown, bar.text.Text)
			}
			test.Tap(bar.button)
			if len(shown) != 1 {
				t.Error("it cannot be opened again")
			}
		})
	}
}

func TestReopenedPage(t *testing.T) {
	h := open(t, wellKnown(), Options{})
	h.loaded()
	feed := h.feeds()[0].ID
	for _, tc := range []struct {
		do   func()
		want control.Show
	}{
		{func() {}, control.Show{}},
		{func() { h.choose(choice{feed: feed}) }, control.Show{Feed: feed}},
		{func() { h.openStatus(feed) }, control.Show{Page: control.PageStatus, Feed: feed}},
	} {
		tc.do()
		if d := cmp.Diff(tc.want, h.inView()); d != "" {
			t.Error(d)
		}
	}
}
