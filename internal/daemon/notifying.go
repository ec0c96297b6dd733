package daemon

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"bellwire/notify"
	"bellwire/notify/policy"
	"bellwire/storage"
)

// settingPausedUntil holds when notifications go on, as RFC 3339.
const settingPausedUntil = "notifications.paused_until"

// openNotify opens the backend and the worker that feeds it.
func (a *App) openNotify(ctx context.Context) error {
	icon := ""
	if a.cfg.Icon != nil {
		icon = a.cfg.Dirs.icon()
		if old, err := os.ReadFile(icon); err != nil || !bytes.Equal(old, a.cfg.Icon) {
			if err := os.WriteFile(icon, a.cfg.Icon, 0o600); err != nil {
				return fmt.Errorf("writing the notifications' icon: %w", err)
			}
		}
	}
	name := a.cfg.Notifier
	if name == "" {
		name = "auto"
	}
	var err error
	a.backend, err = notify.Open(ctx, name, notify.Options{
		AppName:      "Bellwire",
		Icon:         icon,
		DesktopEntry: "io.bellwire.Bellwire",
		Desktop:      a.cfg.OpenWindow != nil,
		BeeepChild:   a.cfg.BeeepChild,
		OnActivate:   a.activate,
		OnEnd:        a.ended,
		OpenLabel:    a.cfg.Words.Open,
		Logger:       a.log,
		Stdout:       a.cfg.Stdout,
	})
	if err != nil {
		return err
	}
	options := notify.WorkerOptions{
		Outbox:  a.db,
		Backend: a.backend,
		Feed:    a.notifying,
		Buttons: a.buttons,
		Words:   a.cfg.Words,
		Logger:  a.log,
	}
	if shown := a.backend.Name(); shown != "terminal" && shown != "none" {
		a.dnd = notify.WatchDND(context.WithoutCancel(ctx), a.log)
		options.DND = a.dnd
	}
	a.worker = notify.NewWorker(options)
	if err := a.loadPreferences(ctx); err != nil {
		return err
	}
	until, err := a.db.Setting(ctx, settingPausedUntil)
	if errors.Is(err, storage.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	if t, err := time.Parse(time.RFC3339, until); err == nil {
		a.worker.Pause(t)
	}
	return nil
}

// notifying is what the policy has to know of a feed.
func (a *App) notifying(ctx context.Context, id string) (policy.Feed, error) {
	if id == "" {
		return policy.Feed{Name: "Bellwire"}, nil
	}
	f, err := a.db.Feed(ctx, id)
	if errors.Is(err, storage.ErrNotFound) { // removed meanwhile
		return policy.Feed{Name: id}, nil
	}
	if err != nil {
		return policy.Feed{}, err
	}
	muted, err := a.db.MutedUntil(ctx, id)
	return policy.Feed{Name: f.Name, Notify: f.Notify, MutedUntil: muted}, err
}
