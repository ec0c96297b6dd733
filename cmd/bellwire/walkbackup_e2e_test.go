//go:build linux && !headless

package main

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"bellwire/internal/nchantest"
	"bellwire/notify/notifytest"
)

// A backup, and a report for whoever helps, without a terminal.
func TestWalkBackup(t *testing.T) {
	bus := notifytest.Bus(t)
	p, display, _ := desktopProgram(t, "DBUS_SESSION_BUS_ADDRESS="+bus.Address)
	server := nchantest.Start(t)
	p.start("--notifier", "none")
	id := p.follow(server, "deploys")
	server.Publish(t, "deploys", "", `{"title":"kept"}`)
	p.awaitRows(id, 1)
	w := p.window(display, "--settings")
	down := func() {
		t.Helper()
		w.until("the end of the page", func(spots []spot) bool {
			end, ok := spotOf(spots, "Made with the work of others")
			foot, _ := spotOf(spots, "1 live")
			if ok && end.Y+end.H < foot.Y {
				return true
			}
			w.try("mousemove", "--window", w.id, "600", "400", "click", "--repeat", "5", "5")
			return false
		})
	}
	down()
	w.find("There is no backup yet.")
	file := filepath.Join(t.TempDir(), "mine.db")
	w.click("bellwire-" + time.Now().Format("2006-")) // the path
	w.key("ctrl+a")
	w.write(file)
	w.shot("backup-1")
	w.click("Back up")
	w.find("Your backup is in " + file)
	w.shot("backup-2")
	if i, err := os.Stat(file); err != nil || i.Mode().Perm() != 0o600 || i.Size() == 0 {
		t.Errorf("the file: %v, %v", i, err)
	}
	w.click("Dismiss")
	down()
	w.click("Copy report")
	w.find("The report is on the clipboard.")
	w.shot("backup-3")
}
