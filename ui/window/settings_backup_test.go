package window

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"bellwire/internal/control"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
)

func TestBackupFromSettings(t *testing.T) {
	t.Setenv("HOME", t.TempDir())
	t.Setenv("USERPROFILE", t.TempDir())
	gate, gaveUp, asked := make(chan struct{}, 1), make(chan struct{}), ""
	var failure error
	var own string
	h := open(t, wellKnown(), Options{
		Backup: func(ctx context.Context, path string) (Backup, error) {
			asked = path
			select {
			case <-gate:
				return Backup{path, noon, "12.4 MB"}, failure
			case <-ctx.Done():
				close(gaveUp)
				return Backup{}, ctx.Err()
			}
		},
		NewestBackup: func(_ context.Context, path string) (Backup, error) {
			own = path
			return Backup{}, nil
		},
	})
	h.loaded()
	b := h.openedSettings().backup
	h.until("there is none", func() bool { return b.newest.Visible() && b.newest.Text == "There is no backup yet." })
	if name := filepath.Base(b.path.Text); name != "bellwire-2025-06-03.db" || !filepath.IsAbs(b.path.Text) {
		t.Errorf("it suggests %q", b.path.Text)
	}
	b.path.SetText("mine.db")
	test.Tap(b.now)
	if !b.outcome.error.Visible() || asked != "" {
		t.Error("a path from nowhere is taken")
	}
	file := filepath.Join(t.TempDir(), "mine.db")
	b.path.SetText(file)
	test.Tap(b.now)
	bar := h.notices.bars[noticeProgress]
	h.advance(progressAfter)
	if !bar.Visible() || bar.text.Text != "Making a backup…" || !b.now.Disabled() {
		t.Errorf("at work it says %q", bar.text.Text)
	}
	test.Tap(bar.button)
	if bar.Visible() || b.now.Disabled() || b.outcome.error.Text != "Stopped." {
		t.Errorf("given up, it says %q", b.outcome.error.Text)
	}
	<-gaveUp // or it would take what is meant for the next
	failure = control.Refuse(409, "Choose another name.", "there is such a file already")
	gate <- struct{}{}
	test.Tap(b.now)
	h.until("it is refused", func() bool {
		return b.outcome.error.Text == "There is such a file already. Choose another name."
	})
	if b.path.Text != file {
		t.Errorf("the path is %q by now", b.path.Text)
	}
	failure = nil
	gate <- struct{}{}
	test.Tap(b.now)
	h.until("it is made", func() bool { return b.outcome.saved.Visible() })
	if got, want := h.notices.bars[noticeDone].text.Text, "Your backup is in "+file+" (12.4 MB). To go back to it: bellwire restore"; got != want || asked != file {
		t.Errorf("says %q; of %q", got, asked)
	}
	if got, want := b.newest.Text, "Newest: Today, 12:00:00, 12.4 MB\n"+file; got != want {
		t.Errorf("the newest: %q, want %q", got, want)
	}
	if filepath.Base(b.path.Text) != "bellwire-2025-06-03.db" {
		t.Errorf("the next goes to %q", b.path.Text)
	}
	h.pages.settings.load()
	h.until("the next time it is known", func() bool { return b.newest.Text == "There is no backup yet." })
	if own != file {
		t.Errorf("it asks about %q", own)
	}
}

func TestReportFromSettings(t *testing.T) {
	var failure error
	h := open(t, wellKnown(), Options{Version: "0.2.0", Report: func(context.Context) (string, error) { return "display\n  ok\n", failure }})
	h.loaded()
	a := h.openedSettings().about
	if a.version.Text != "Version 0.2.0 · 1.0.0 is running" {
		t.Errorf("the version: %q", a.version.Text)
	}
	test.Tap(a.copy)
	h.until("it is copied", func() bool { return fyne.CurrentApp().Clipboard().Content() == "display\n  ok\n" })
	if text := h.notices.bars[noticeDone].text.Text; !strings.Contains(text, "clipboard") {
		t.Errorf("says %q", text)
	}
	failure = errors.New("no such program")
	test.Tap(a.copy)
	h.until("it fails", func() bool { return a.report.error.Visible() && !a.copy.Disabled() })
}

// The window tells its version whether a daemon answers or not.
func TestVersionWithoutADaemon(t *testing.T) {
	f := wellKnown()
	f.down = true
	h := open(t, f, Options{Version: "0.2.0"})
	h.until("nobody answers", func() bool { return h.down })
	h.openSettings()
	h.pages.settings.refresh()
	if got := h.pages.settings.about.version.Text; got != "Version 0.2.0" {
		t.Errorf("the version: %q", got)
	}
}

// backedUp is what the pictures show: one backup was made yesterday.
func backedUp() Options {
	return Options{
		Backup: func(context.Context, string) (Backup, error) {
			return Backup{}, control.Refuse(400, "Free some space there, or choose another disk.", "there is not enough room for a backup")
		},
		NewestBackup: func(context.Context, string) (Backup, error) {
			return Backup{"/home/ana/.local/share/bellwire/backups/bellwire-schema12-20250602T080000.db", noon.Add(-28 * time.Hour), "12.4 MB"}, nil
		},
		Report: func(context.Context) (string, error) { return "", nil },
	}
}
