package daemon

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/http"

	"bellwire/forward"
	"bellwire/internal/control"
	"bellwire/storage"
	"bellwire/subscriptions"
)

// settingInstance holds what this Bellwire calls itself where it sends events
// on.
const settingInstance = "instance"

// openForward makes the forwarder; rules start with their feeds.
func (a *App) openForward(ctx context.Context) error {
	instance, err := a.instance(ctx)
	if err != nil {
		return err
	}
	a.forwarder = forward.New(forward.Options{
		Store:    forwarding{a.db},
		Identity: a.secrets,
		Instance: instance,
		Logger:   a.log,
		OnWait: func() {
			a.changes.send()
			a.wake.Poke()
		},
	})
	return nil
}

// instance is random, and made once for each database.
func (a *App) instance(ctx context.Context) (string, error) {
	instance, err := a.db.Setting(ctx, settingInstance)
	if !errors.Is(err, storage.ErrNotFound) {
		return instance, err
	}
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	instance = hex.EncodeToString(b[:])
	return instance, a.db.SetSetting(ctx, settingInstance, instance)
}

// forwarding is the database as the forwarder sees it.
type forwarding struct{ *storage.DB }

// Behind implements [forward.Store].
func (db forwarding) Behind(ctx context.Context, feed string, seq int64, limit int) ([]subscriptions.Event, error) {
	return db.History(ctx, storage.Query{Feed: feed, After: seq, OldestFirst: true, Limit: limit})
}

// describeWaits are the forwards of a feed that wait, as people see them.
func (a *App) describeWaits(feed string) (out []control.Forwarding) {
	for _, w := range a.forwarder.Waits(feed) {
		out = append(out, control.Forwarding(w))
	}
	return out
}

// sameForwards reports whether what a feed forwards stays as it is.
func sameForwards(f, g subscriptions.Feed) bool {
	forwards := func(f subscriptions.Feed) []byte {
		var auth []subscriptions.Credential
		for _, c := range f.Auth {
			if c.By == subscriptions.AuthForward {
				auth = append(auth, c)
			}
		}
		if len(f.Forwards) == 0 {
			return nil
		}
		b, err := json.Marshal([]any{f.Forwards, auth, f.Name, f.URL, f.TLS})
		if err != nil {
			return nil // made of texts and numbers
		}
		return b
	}
	return bytes.Equal(forwards(f), forwards(g))
}

// checkLoop refuses forwards that would send events round and round.
func (a *App) checkLoop(ctx context.Context, f subscriptions.Feed) error {
	if len(f.Forwards) == 0 {
		return nil
	}
	others, err := a.db.Feeds(ctx)
	if err != nil {
		return err
	}
	if err := forward.Loop(f, others); err != nil {
		return control.Refuse(http.StatusBadRequest, "Forward to a topic or an address that none of these feeds reads.", "%v", err)
	}
	return nil
}

// forwardURL is where a feed's forward of the given name sends to; ok is
// false where there is none.
func forwardURL(f *subscriptions.Feed, name string) (url string, ok bool) {
	for _, w := range f.Forwards {
		if w.Name == name {
			return w.URL, true
		}
	}
	return "", false
}
