package daemon

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"bellwire/internal/control"
	"bellwire/storage"
	"bellwire/subscriptions"
)

// settingPreferences holds [subscriptions.Preferences] as JSON.
const settingPreferences = "notifications.preferences"

// Preferences implements [control.Delivering]. What is stored and cannot be
// used is left out, with a warning: people are then told too much, not too
// little.
func (a *App) Preferences(ctx context.Context) (subscriptions.Preferences, error) {
	p, _, err := a.storedPreferences(ctx)
	return p, err
}

// storedPreferences are what is stored, where that can be used.
func (a *App) storedPreferences(ctx context.Context) (p subscriptions.Preferences, usable bool, err error) {
	value, err := a.db.Setting(ctx, settingPreferences)
	if errors.Is(err, storage.ErrNotFound) {
		return p, true, nil
	}
	if err != nil {
		return p, false, err
	}
	if err = json.Unmarshal([]byte(value), &p); err == nil {
		err = p.Validate()
	}
	if err != nil {
		a.log.Warn("the stored preferences of notifications cannot be used", "error", err)
		return subscriptions.Preferences{}, false, nil
	}
	return p, true, nil
}

// SetPreferences implements [control.Delivering].
func (a *App) SetPreferences(ctx context.Context, p subscriptions.Preferences) error {
	if err := p.Validate(); err != nil {
		return control.Refuse(http.StatusBadRequest, "", "%v", err)
	}
	value, err := json.Marshal(p)
	if err != nil {
		return err
	}
	// Two at the same time must not end with one stored and the other in use.
	a.editing.Lock()
	defer a.editing.Unlock()
	if err := a.db.SetSetting(ctx, settingPreferences, string(value)); err != nil {
		return err
	}
	defer a.changes.send() // when everybody follows them
	return a.prefer(p)
}

// prefer makes everybody follow p.
func (a *App) prefer(p subscriptions.Preferences) error {
	if a.cfg.Speak != nil && p.Language != a.preferred().Language {
		words := a.cfg.Speak(p.Language)
		a.words.Store(&words)
		a.worker.Speak(words)
	}
	a.preferences.Store(&p)
	if a.supervisor != nil { // while Bellwire starts there is more urgent work: see keepStored
		a.db.SetKeep(p.Keep)
	}
	if a.trouble != nil { // not made yet while Bellwire starts
		a.trouble.Look()
	}
	return a.worker.Prefer(p)
}

// preferred are the preferences in use.
func (a *App) preferred() subscriptions.Preferences {
	if p := a.preferences.Load(); p != nil {
		return *p
	}
	return subscriptions.Preferences{}
}

// loadPreferences tells the worker what was stored.
func (a *App) loadPreferences(ctx context.Context) error {
	p, usable, err := a.storedPreferences(ctx)
	if err != nil {
		return err
	}
	if !usable { // nor is it known how much history somebody wants to keep
		p.Keep = subscriptions.Keep{Days: subscriptions.KeepAll, Events: subscriptions.KeepAll}
	}
	return a.prefer(p)
}

// keepStored makes history follow the preferences that Bellwire has started
// with.
func (a *App) keepStored() {
	a.editing.Lock()
	defer a.editing.Unlock()
	a.db.SetKeep(a.preferred().Keep)
}

// MuteFeed implements [control.Delivering].
func (a *App) MuteFeed(ctx context.Context, id string, until time.Time) (control.Feed, error) {
	if !until.IsZero() && !until.After(time.Now()) {
		return control.Feed{}, control.Refuse(http.StatusBadRequest, "", "%s has passed already", until.Local().Format(time.DateTime))
	}
	if err := a.db.SetMuted(ctx, id, until); err != nil {
		return control.Feed{}, noSuchFeed(id, err)
	}
	a.worker.Reconsider()
	f, err := a.db.Feed(ctx, id)
	if err != nil {
		return control.Feed{}, noSuchFeed(id, err)
	}
	counts, err := a.db.Counts(ctx)
	return a.describe(f, counts[id]), err
}

// mutedUntil is when a feed's mute ends; zero when there is none any more.
func mutedUntil(c storage.Counts) time.Time {
	if !c.MutedUntil.After(time.Now()) {
		return time.Time{}
	}
	return c.MutedUntil
}
