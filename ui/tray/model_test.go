package tray

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"bellwire/internal/control"
	"bellwire/subscriptions"
	"bellwire/ui/icon"
	"bellwire/ui/words"

	"github.com/google/go-cmp/cmp"
)

func feed(s subscriptions.State) control.Feed {
	return control.Feed{Status: subscriptions.Status{State: s}}
}

func TestModel(t *testing.T) {
	t.Setenv("LC_ALL", "en_US.UTF-8")
	now := time.Date(2025, 6, 1, 12, 0, 0, 0, time.Local)
	live, waiting, blocked := feed(subscriptions.StateOpen), feed(subscriptions.StateWaiting), feed(subscriptions.StateBlocked)
	blocked.ID, blocked.Name, blocked.Code = "stocks", "Stocks\n\u202e", subscriptions.CodeForbidden
	needs := trouble{"■ Stocks: " + words.Trouble(blocked.Status), "stocks"}
	for name, c := range map[string]struct {
		status control.Status
		want   model
	}{
		"no feeds":        {control.Status{}, model{state: icon.Quiet, status: "No feeds yet"}},
		"quiet":           {control.Status{Feeds: []control.Feed{live, live}}, model{state: icon.Quiet, status: "2 live"}},
		"unread":          {control.Status{Feeds: []control.Feed{live}, Unread: 3}, model{state: icon.Unread, status: "1 live · 3 unread"}},
		"waiting is calm": {control.Status{Feeds: []control.Feed{live, waiting}}, model{state: icon.Quiet, status: "1 live · 1 waiting"}},
		"trouble beats unread": {
			control.Status{Feeds: []control.Feed{live, live, waiting, blocked}, Unread: 3},
			model{state: icon.Trouble, status: "2 live · 1 waiting · 1 needs you · 3 unread", trouble: needs},
		},
		"troubles": {
			control.Status{Feeds: []control.Feed{blocked, live, blocked}},
			model{state: icon.Trouble, status: "1 live · 2 need you", trouble: trouble{label: "■ 2 feeds need you"}},
		},
		"an upgrade": {
			control.Status{Version: "0.1.0", Feeds: []control.Feed{live}, Upgrade: &control.Upgrade{State: control.UpgradeReady, Version: "0.2.0"}},
			model{state: icon.Quiet, status: "1 live", upgrade: "Restart Bellwire to finish the upgrade to 0.2.0"},
		},
		"another build": {
			control.Status{Version: "0.1.0", Feeds: []control.Feed{live}, Upgrade: &control.Upgrade{State: control.UpgradeReady, Version: "0.1.0"}},
			model{state: icon.Quiet, status: "1 live", upgrade: "Restart Bellwire to use the new build"},
		},
		"an upgrade that does not start": {
			control.Status{Version: "0.1.0", Feeds: []control.Feed{live}, Upgrade: &control.Upgrade{State: control.UpgradeBroken, Problem: "no"}},
			model{state: icon.Quiet, status: "1 live"},
		},
		"paused beats all": {
			control.Status{Feeds: []control.Feed{blocked}, Unread: 3, PausedUntil: now.Add(time.Hour)},
			model{state: icon.Paused, status: "1 needs you · 3 unread · notifications paused until 13:00", trouble: needs, paused: true},
		},
		"paused without end": {
			control.Status{Feeds: []control.Feed{live}, PausedUntil: control.Forever},
			model{state: icon.Paused, status: "1 live · notifications paused", paused: true},
		},
		"a pause that is over": {
			control.Status{Feeds: []control.Feed{live}, PausedUntil: now.Add(-time.Second)},
			model{state: icon.Quiet, status: "1 live"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			c.want.panel = icon.AnyPanel
			if d := cmp.Diff(c.want, newModel(c.status, nil, now), cmp.AllowUnexported(model{}, trouble{}, entry{}, autostart{})); d != "" {
				t.Error(d)
			}
		})
	}
}

// The menu holds the five newest events; gaps are none.
func TestModelEvents(t *testing.T) {
	t.Setenv("LC_ALL", "en_US.UTF-8")
	page := []subscriptions.Event{
		{Seq: 20, Feed: "ci", Kind: subscriptions.KindEvent, Title: "Deploy 412\nfailed"},
		{Seq: 19, Feed: "ci", Kind: subscriptions.KindGap, Title: "gap"},
		{Seq: 18, Feed: "ops", Kind: subscriptions.KindEvent, Body: "no title", Read: true},
		{Seq: 17, Kind: subscriptions.KindNotice, Title: "a notice", Read: true},
		{Seq: 16, Feed: "gone", Kind: subscriptions.KindEvent, Title: strings.Repeat("x", 500), Read: true},
		{Seq: 15, Feed: "ci", Kind: subscriptions.KindEvent, Title: "fifth", Read: true},
		{Seq: 14, Feed: "ci", Kind: subscriptions.KindEvent, Title: "sixth"},
	}
	one := []control.Feed{{ID: "ci", Name: "ci"}}
	for name, c := range map[string]struct {
		feeds []control.Feed
		want  []entry
	}{
		"one feed": {one, []entry{
			{20, "● Deploy 412 failed"},
			{18, noMark + "no title"},
			{17, noMark + "a notice"},
			{16, noMark + strings.Repeat("x", maxTitle-1) + "…"},
			{15, noMark + "fifth"},
		}},
		"several": {append(one, control.Feed{ID: "ops", Name: "Opera\u202etions"}), []entry{
			{20, "● Deploy 412 failed · ci"},
			{18, noMark + "no title · Operations"},
			{17, noMark + "a notice"},
			{16, noMark + strings.Repeat("x", maxTitle-1) + "…"},
			{15, noMark + "fifth · ci"},
		}},
	} {
		t.Run(name, func(t *testing.T) {
			got := newModel(control.Status{Feeds: c.feeds}, page, time.Now()).events
			if d := cmp.Diff(c.want, got, cmp.AllowUnexported(entry{})); d != "" {
				t.Error(d)
			}
		})
	}
}

// Without a mark nothing is indented.
func TestModelWithoutMarks(t *testing.T) {
	page := []subscriptions.Event{{Seq: 2, Kind: subscriptions.KindEvent, Title: "read", Read: true}}
	got := newModel(control.Status{}, page, time.Now()).events
	if d := cmp.Diff([]entry{{2, "read"}}, got, cmp.AllowUnexported(entry{})); d != "" {
		t.Error(d)
	}
	got = newModel(control.Status{Feeds: []control.Feed{feed(subscriptions.StateBlocked)}}, page, time.Now()).events
	if d := cmp.Diff([]entry{{2, noMark + "read"}}, got, cmp.AllowUnexported(entry{})); d != "" {
		t.Error(d)
	}
}

// A notice is named in the tray's language, whatever the daemon's was.
func TestEntryOfNotice(t *testing.T) {
	t.Setenv("LC_ALL", "en_US.UTF-8")
	e := subscriptions.Event{Seq: 7, Kind: subscriptions.KindNotice, Title: "测试", Raw: `{"type":"test","count":0}`}
	if got := entryOf(e, "ci"); got != (entry{7, "A test notification"}) {
		t.Errorf("%+v", got)
	}
	e.Raw = ""
	if got := entryOf(e, ""); got != (entry{7, "测试"}) {
		t.Errorf("%+v", got)
	}
}

func TestClean(t *testing.T) {
	for name, c := range map[string]struct{ in, want string }{
		"plain":                {"Deploy 412 failed", "Deploy 412 failed"},
		"lines become spaces":  {" a\r\n\tb\x00c ", "a b c"},
		"direction overrides":  {"evil\u202egpj.exe", "evilgpj.exe"},
		"exactly the limit":    {strings.Repeat("x", maxTitle-1), strings.Repeat("x", maxTitle-1)},
		"too long":             {strings.Repeat("界", 5000), strings.Repeat("界", maxTitle-1) + "…"},
		"emoji and other text": {"🚀 部署完成", "🚀 部署完成"},
		"nothing":              {"\n\n", ""},
	} {
		t.Run(name, func(t *testing.T) {
			got := clean(c.in, maxTitle)
			if got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
			if n := utf8.RuneCountInString(got); n > maxTitle {
				t.Errorf("is %d characters long", n)
			}
		})
	}
}

func TestPauseUntil(t *testing.T) {
	now := time.Date(2025, 12, 31, 23, 30, 0, 0, time.UTC)
	for p, want := range map[pause]time.Time{
		pauseHalfHour: now.Add(30 * time.Minute),
		pauseHour:     now.Add(time.Hour),
		pauseTomorrow: time.Date(2026, 1, 1, 8, 0, 0, 0, time.UTC),
		pauseResume:   {},
	} {
		if got := p.until(now); !got.Equal(want) {
			t.Errorf("%s ends %v, want %v", p, got, want)
		}
	}
}
