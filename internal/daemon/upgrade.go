package daemon

import (
	"context"
	"net/http"

	"bellwire/internal/control"
	"bellwire/internal/upgrade"
	"bellwire/storage"
)

// watchProgram notices until ctx ends that another program has been installed
// in place of this one.
func (a *App) watchProgram(ctx context.Context) {
	if a.cfg.Program == nil {
		return
	}
	if err := a.cfg.Program.Watch(ctx, func() { a.lookForUpgrade(ctx) }); err != nil {
		a.log.Warn("an upgrade will not be noticed; restart Bellwire by hand after one: bellwire restart", "error", err)
	}
}

// lookForUpgrade tells what is installed now.
func (a *App) lookForUpgrade(ctx context.Context) {
	f := a.cfg.Program.Look(ctx, storage.Schema())
	if ctx.Err() != nil {
		return
	}
	var is *control.Upgrade
	if f.State != upgrade.Same {
		is = &control.Upgrade{State: control.UpgradeState(f.State), Version: f.Version, Problem: f.Problem, Path: a.cfg.Program.Path()}
	}
	was := a.upgrade.Swap(is)
	if is == was || is != nil && was != nil && *is == *was {
		return
	}
	switch {
	case is == nil:
		a.log.Info("the installed program is the one that runs again")
	case is.State == control.UpgradeReady:
		a.log.Info("another version has been installed; finish the upgrade with: bellwire restart", "installed", is.Version, "running", a.cfg.Version)
	case is.State == control.UpgradeBroken:
		a.log.Warn("another version has been installed, but it cannot be started", "path", is.Path, "reason", is.Problem)
	default:
		a.log.Info("the program has been removed from where it was started", "path", is.Path)
	}
	a.changes.send()
}

// Restart implements [control.Daemon].
func (a *App) Restart(ctx context.Context) error {
	if a.cfg.Program == nil {
		return control.Refuse(http.StatusNotImplemented, "Stop it with: bellwire quit, and start it again", "this Bellwire cannot restart itself")
	}
	version, err := a.cfg.Program.Try(ctx, storage.Schema())
	switch {
	case a.Restarts():
		return nil // somebody else was faster, and may have cut this off
	case err != nil:
		return control.Refuse(http.StatusConflict, "Install Bellwire again, or a newer one, then: bellwire restart",
			"Bellwire %s goes on running: the program at %s cannot take its place: %v", a.cfg.Version, a.cfg.Program.Path(), err)
	}
	a.quitOne.Do(func() { // or whoever asked for the end would not get it
		a.log.Info("bellwire restarts", "from", a.cfg.Version, "to", version)
		a.restart.Store(true)
		close(a.quit)
	})
	if !a.Restarts() {
		return control.Refuse(http.StatusConflict, "Start it again with: bellwire", "bellwire is ending")
	}
	return nil
}

// Restarts says, after Run, that the program is to become the installed one.
func (a *App) Restarts() bool { return a.restart.Load() }
