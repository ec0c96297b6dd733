package daemon

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"bellwire/internal/control"
	"bellwire/secrets"
	"bellwire/storage"
	"bellwire/subscriptions"
)

// concealTime bounds what the keyring may take of a start.
const concealTime = 10 * time.Second

// openSecrets opens the store of secrets, and moves to it what feeds of an
// earlier version have in the database. The feeds are kept for startFeeds, for
// as long as nobody changes them: reading a thousand takes longer than all else
// before the first can connect.
func (a *App) openSecrets(ctx context.Context) error {
	a.secrets = secrets.New(secrets.Options{File: a.cfg.Dirs.secrets(), Keyring: a.cfg.KeyringChild, Logger: a.log})
	changed := a.db.Changed()
	feeds, err := a.db.Feeds(ctx)
	if err != nil {
		return err
	}
	keyring, cancel := context.WithTimeout(ctx, concealTime)
	defer cancel()
	moved := 0
	for _, f := range feeds {
		taken := f.TakeSecrets()
		if len(taken) == 0 {
			continue
		}
		auth, err := a.keep(keyring, f, taken)
		if err != nil {
			return err
		}
		f.Auth = append(auth, f.Auth...)
		if err := a.db.SetFeed(ctx, f); err != nil {
			return errors.Join(err, a.secrets.Remove(keyring, auth))
		}
		moved++
	}
	if moved == 0 {
		a.found, a.changed = feeds, changed
		return nil
	}
	a.log.Info("the credentials of feeds have been moved out of the database", "feeds", moved)
	// Opened anew, the database has no log left that would remember them.
	if err := a.db.Close(); err != nil {
		return err
	}
	a.db, err = storage.Open(ctx, a.cfg.Dirs.Database(), storage.Options{Logger: a.log, Program: a.cfg.Version})
	return err
}

// keep puts the secrets of f away, all or none.
func (a *App) keep(ctx context.Context, f subscriptions.Feed, given []subscriptions.Given) (auth []subscriptions.Credential, err error) {
	for _, g := range given {
		c := g.Credential
		if c.Secret, err = a.secrets.Put(ctx, slug(f.Name), g.Value); err != nil {
			return nil, errors.Join(fmt.Errorf("keeping the %s secret: %w", c.By, err), a.secrets.Remove(ctx, auth))
		}
		auth = append(auth, c)
	}
	return auth, nil
}

// forget removes the secrets of a feed that is gone.
func (a *App) forget(ctx context.Context, auth []subscriptions.Credential) {
	if err := a.secrets.Remove(ctx, auth); err != nil {
		a.log.Warn("a removed feed's secrets are still there", "error", err)
	}
}

// hintFor is what to do about a mistake in a feed; empty where it goes
// without saying.
func hintFor(err error) string {
	if e, ok := errors.AsType[interface {
		error
		Hint() string
	}](err); ok {
		return e.Hint()
	}
	return ""
}

// checkValue tries a secret on a target of no consequence.
func checkValue(g subscriptions.Given) error {
	by := g.Credential
	if by.By == subscriptions.AuthProxy || by.By == subscriptions.AuthForward { // for other servers
		by = subscriptions.Credential{By: subscriptions.AuthBearer}
	}
	t := subscriptions.Target{URL: "http://localhost/"}
	if err := t.Present(by, g.Value); err != nil {
		return fmt.Errorf("the %s credential %q: %w", g.By, cmp.Or(g.Name, string(g.By)), err)
	}
	return nil
}

// describeAuth is auth as people see it.
func describeAuth(auth []subscriptions.Credential) (out []control.Credential) {
	for _, c := range auth {
		out = append(out, control.Credential{By: c.By, Name: c.Name, From: c.Secret.String()})
	}
	return out
}
