package secrets

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"bellwire/subscriptions"
)

// Prepare makes t, which [subscriptions.NewTarget] made of f, ready for one
// attempt: it follows every reference anew. Its errors are
// [*subscriptions.Error] and name references, never secrets.
func (s *Store) Prepare(ctx context.Context, f subscriptions.Feed, t *subscriptions.Target) error {
	return s.PrepareGiven(ctx, f, nil, t)
}

// PrepareGiven is [Store.Prepare] for a feed some of whose secrets are not
// kept anywhere yet: given is presented before f.Auth.
func (s *Store) PrepareGiven(ctx context.Context, f subscriptions.Feed, given []subscriptions.Given, t *subscriptions.Target) error {
	proxyUser := ""
	for _, g := range given {
		switch g.By {
		case subscriptions.AuthForward: // of other servers
		case subscriptions.AuthProxy:
			proxyUser = g.Value
		default:
			if err := t.Present(g.Credential, g.Value); err != nil {
				return subscriptions.Failf(subscriptions.NeedsUser, subscriptions.CodeIdentity, "the %s secret cannot be used: %w", g.By, err)
			}
		}
	}
	for _, c := range f.Auth {
		if c.By == subscriptions.AuthForward {
			continue // of other servers
		}
		secret, err := s.get(ctx, c.Secret)
		if err != nil {
			return unavailable(ctx, c, err)
		}
		if c.By == subscriptions.AuthProxy {
			proxyUser = secret
			continue
		}
		if err := t.Present(c, secret); err != nil {
			return subscriptions.Failf(subscriptions.NeedsUser, subscriptions.CodeIdentity, "the %s secret from %s cannot be used: %w", c.By, c.Secret, err)
		}
	}
	var err error
	if t.Proxy, err = proxyFor(f.Proxy, proxyUser); err == nil {
		t.TLS, err = configure(f.TLS)
	}
	if err != nil {
		return subscriptions.Fail(subscriptions.NeedsUser, subscriptions.CodeIdentity, subscriptions.Terse(err))
	}
	return nil
}

// ForwardSecret is what one of f's forwards shows where it sends to; empty
// where it shows nothing. Errors are as those of Prepare.
func (s *Store) ForwardSecret(ctx context.Context, f subscriptions.Feed, name string) (string, error) {
	for _, c := range f.Auth {
		if c.By != subscriptions.AuthForward || c.Name != name {
			continue
		}
		secret, err := s.get(ctx, c.Secret)
		if err != nil {
			return "", unavailable(ctx, c, err)
		}
		return secret, nil
	}
	return "", nil
}

// ForwardTarget is for the clients of f's forwards: with f's certificates,
// for f's own origin, and the proxies of the environment.
func (s *Store) ForwardTarget(f subscriptions.Feed) (subscriptions.Target, error) {
	config, err := configure(f.TLS)
	if err != nil {
		return subscriptions.Target{}, subscriptions.Fail(subscriptions.NeedsUser, subscriptions.CodeIdentity, subscriptions.Terse(err))
	}
	return subscriptions.Target{URL: f.URL, TLS: config}, nil
}

// unavailable is a secret that cannot be had.
func unavailable(ctx context.Context, c subscriptions.Credential, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return subscriptions.Failf(class(err), subscriptions.CodeIdentity, "the %s secret cannot be had from %s: %w", c.By, c.Secret, subscriptions.Terse(err))
}

// class says whether the next attempt may have more luck by itself: a keyring
// can come later than we do, after login.
func class(err error) subscriptions.Class {
	if errors.Is(err, errNoKeyring) || errors.Is(err, errNoBus) {
		return subscriptions.Transient
	}
	return subscriptions.NeedsUser
}

// proxyFor is a feed's way to its proxy; nil for that of the environment.
func proxyFor(proxy, user string) (func(*http.Request) (*url.URL, error), error) {
	switch proxy {
	case "":
		return nil, nil
	case subscriptions.ProxyNone:
		return func(*http.Request) (*url.URL, error) { return nil, nil }, nil
	}
	u, err := subscriptions.ParseProxy(proxy)
	if err != nil {
		return nil, fmt.Errorf("the feed's proxy: %w", err)
	}
	u.User = nil
	if user != "" {
		name, password, _ := strings.Cut(user, ":")
		u.User = url.UserPassword(name, password)
	}
	return http.ProxyURL(u), nil
}
