//go:build linux && !headless

package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"bellwire/ui/window"
)

// A window keeps its size and its panes when it is closed: Fyne saves the last
// of them after its loop has ended.
func TestAClosedWindowIsRemembered(t *testing.T) {
	p, display, home := desktopProgram(t)
	p.start("--notifier", "none")
	w := p.window(display, "--settings")
	w.find("Start at login")
	w.key("ctrl+w")
	stuck := stuckAfter(t, w.cmd)
	<-w.ended
	stuck.Stop()
	b, err := os.ReadFile(filepath.Join(home, "fyne", window.ID, "preferences.json"))
	if err != nil {
		t.Fatal(err)
	}
	var kept map[string]any
	if err := json.Unmarshal(b, &kept); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"window.width", "window.height", "panes.sidebar", "panes.list"} {
		if size, _ := kept[key].(float64); size < 100 {
			t.Errorf("%s is not kept: %s", key, b)
		}
	}
}
