package tray

import (
	"bytes"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"bellwire/internal/control"
	"bellwire/subscriptions"
	"bellwire/ui/icon"
)

func feed(s subscriptions.State) control.Feed {
	return control.Feed{Status: subscriptions.Status{State: s}}
}

func TestModel(t *testing.T) {
	t.Setenv("LC_ALL", "en_US.UTF-8")
	now := time.Date(2025, 6, 1, 12, 0, 0, 0, time.Local)
	live, waiting, blocked := feed(subscriptions.StateOpen), feed(subscriptions.StateWaiting), feed(subscriptions.StateBlocked)
	for name, c := range map[string]struct {
		status control.Status
		icon   []byte
		line   string
		paused bool
	}{
		"no feeds":        {control.Status{}, icon.TrayQuiet, "No feeds yet", false},
		"quiet":           {control.Status{Feeds: []control.Feed{live, live}}, icon.TrayQuiet, "2 live", false},
		"unread":          {control.Status{Feeds: []control.Feed{live}, Unread: 3}, icon.TrayUnread, "1 live", false},
		"waiting is calm": {control.Status{Feeds: []control.Feed{live, waiting}}, icon.TrayQuiet, "1 live · 1 waiting", false},
		"trouble beats unread": {
			control.Status{Feeds: []control.Feed{live, live, waiting, blocked}, Unread: 3},
			icon.TrayTrouble, "2 live · 1 waiting · 1 needs you", false,
		},
		"paused beats all": {
			control.Status{Feeds: []control.Feed{blocked}, Unread: 3, PausedUntil: now.Add(time.Hour)},
			icon.TrayPaused, "1 needs you · notifications paused until 13:00", true,
		},
		"paused without end": {
			control.Status{Feeds: []control.Feed{live}, PausedUntil: control.Forever},
			icon.TrayPaused, "1 live · notifications paused", true,
		},
		"a pause that is over": {
			control.Status{Feeds: []control.Feed{live}, PausedUntil: now.Add(-time.Second)},
			icon.TrayQuiet, "1 live", false,
		},
	} {
		t.Run(name, func(t *testing.T) {
			m := newModel(c.status, nil, now)
			if !bytes.Equal(m.icon, c.icon) {
				t.Error("shows the wrong icon")
			}
			if m.status != c.line {
				t.Errorf("says %q, want %q", m.status, c.line)
			}
			if m.paused != c.paused {
				t.Errorf("paused is %v, want %v", m.paused, c.paused)
			}
		})
	}
}

// A notice is named in the tray's language, whatever the daemon's was.
func TestEntryOfNotice(t *testing.T) {
	t.Setenv("LC_ALL", "en_US.UTF-8")
	e := subscriptions.Event{Seq: 7, Kind: subscriptions.KindNotice, Title: "测试", Raw: `{"type":"test","count":0}`}
	if got := entryOf(e); got != (entry{7, "A test notification"}) {
		t.Errorf("%+v", got)
	}
	e.Raw = ""
	if got := entryOf(e); got != (entry{7, "测试"}) {
		t.Errorf("%+v", got)
	}
}

func TestClean(t *testing.T) {
	for name, c := range map[string]struct{ in, want string }{
		"plain":                {"Deploy 412 failed", "Deploy 412 failed"},
		"lines become spaces":  {" a\r\n\tb\x00c ", "a b c"},
		"direction overrides":  {"evil\u202egpj.exe", "evilgpj.exe"},
		"exactly the limit":    {strings.Repeat("x", maxLabel-1), strings.Repeat("x", maxLabel-1)},
		"too long":             {strings.Repeat("界", 5000), strings.Repeat("界", maxLabel-1) + "…"},
		"emoji and other text": {"🚀 部署完成", "🚀 部署完成"},
		"nothing":              {"\n\n", ""},
	} {
		t.Run(name, func(t *testing.T) {
			got := clean(c.in, maxLabel)
			if got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
			if n := utf8.RuneCountInString(got); n > maxLabel {
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
