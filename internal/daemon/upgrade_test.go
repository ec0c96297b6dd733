package daemon

import (
	"context"
	"fmt"
	"os"
	"testing"

	"bellwire/internal/upgrade"
	"bellwire/storage"
)

// answered is whether this process is the program that a restart asks, and has
// answered.
func answered() bool {
	if len(os.Args) != 2 {
		return false
	}
	switch os.Args[1] {
	case "--version":
		fmt.Println("test")
	case "schema":
		fmt.Println(storage.Schema())
	default:
		return false
	}
	return true
}

// restartable is an app that could become this program.
func restartable(t *testing.T) (a *App, stop func()) {
	t.Helper()
	cfg := config(t, shortDir(t))
	var err error
	if cfg.Program, err = upgrade.Self(); err != nil {
		t.Fatal(err)
	}
	return running(t, cfg)
}

// Whoever asks for the end gets it, also while somebody else asks for a
// restart.
func TestNoRestartAfterQuit(t *testing.T) {
	a, stop := restartable(t)
	a.Quit()
	if err := a.Restart(t.Context()); err == nil {
		t.Error("a restart was promised")
	}
	stop()
	if a.Restarts() {
		t.Error("it restarts")
	}
}

// The second of two restarts is the first one, even where that has cut it off.
func TestTwoRestartsAreOne(t *testing.T) {
	a, stop := restartable(t)
	if err := a.Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	cut, cancel := context.WithCancel(t.Context())
	cancel()
	if err := a.Restart(cut); err != nil {
		t.Error(err)
	}
	stop()
	if !a.Restarts() {
		t.Error("it does not restart")
	}
}
