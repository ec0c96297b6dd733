package daemon

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"bellwire/internal/control"
	"bellwire/subscriptions"
)

// maxGivenID is the longest id that somebody may choose.
const maxGivenID = 40

// A draft is the feed that a request asks for, with its secrets still to be
// kept.
type draft struct {
	feed  subscriptions.Feed // Auth: what has a reference already
	given []subscriptions.Given
}

// with is the feed with its secrets kept.
func (d draft) with(kept []subscriptions.Credential) subscriptions.Feed {
	f := d.feed
	f.Auth = append(slices.Clone(kept), f.Auth...)
	return f
}

// whole is the feed as it could be stored, to look at.
func (d draft) whole() subscriptions.Feed {
	var kept []subscriptions.Credential
	for _, g := range d.given {
		g.Secret = "stored:x" // as good as any
		kept = append(kept, g.Credential)
	}
	return d.with(kept)
}

// draft makes a feed of what n asks for; old is the feed that is to become
// it, nil for a new one. A mistake is refused with words for people.
func (a *App) draft(ctx context.Context, n control.NewFeed, old *subscriptions.Feed) (d draft, err error) {
	f := &d.feed
	*f = subscriptions.Feed{
		Name:      strings.Join(strings.Fields(n.Name), " "),
		URL:       strings.TrimSpace(n.URL),
		Transport: cmp.Or(n.Transport, subscriptions.TransportAuto),
		Headers:   n.Headers,
		Settings:  n.Settings,
		TLS:       n.TLS,
		Proxy:     n.Proxy,
		Paused:    n.Paused,
		Look:      n.Look,
		Created:   time.Now().UTC(),
	}
	u, err := subscriptions.ParseURL(f.URL)
	if err != nil {
		return d, control.Refuse(http.StatusBadRequest, "An address looks like https://example.org/events or wss://example.org/live", "%v", err)
	}
	if f.Transport == subscriptions.TransportAuto {
		f.Transport = transportFor(u)
	}
	switch {
	case old != nil:
		f.ID, f.Created = old.ID, old.Created
		f.Name = cmp.Or(f.Name, old.Name)
	case n.ID != "" && !isID(n.ID):
		return d, control.Refuse(http.StatusBadRequest, "", "an id has 1 to %d lower-case letters, digits and hyphens", maxGivenID)
	}
	f.Name = cmp.Or(f.Name, nameFor(u))
	d.given = f.TakeSecrets()
	if err := d.identify(n.Auth, old); err != nil {
		return d, err
	}
	if err := d.check(); err != nil {
		return d, err
	}
	if err := a.checkLoop(ctx, *f); err != nil {
		return d, err
	}
	if n.AcceptCertificate {
		return d, a.acceptCertificate(ctx, &d)
	}
	return d, nil
}

// identify adds the credentials asked for.
func (d *draft) identify(auth []control.NewCredential, old *subscriptions.Feed) error {
	taken := slices.Clone(d.given)
	var left []subscriptions.Credential // of the old feed's, those that nothing has asked for yet
	if old != nil {
		left = slices.Clone(old.Auth)
	}
	for _, c := range auth {
		switch {
		case c.Value != "":
			d.given = append(d.given, subscriptions.Given{Credential: c.Credential, Value: c.Value})
		case c.Secret == control.KeptSecret:
			same := func(o subscriptions.Credential) bool { return o.By == c.By && o.Name == c.Name && isKept(o) }
			if slices.ContainsFunc(taken, func(g subscriptions.Given) bool { return g.By == c.By && g.Name == c.Name }) {
				continue // the address or a header has a new one
			}
			i := slices.IndexFunc(left, same)
			if i < 0 {
				return control.Refuse(http.StatusBadRequest, "Say where it is: env:NAME, file:PATH or command:[…].", "the %s secret is not kept here", c.By)
			}
			if err := staysWith(old, &d.feed, left[i]); err != nil {
				return err
			}
			d.feed.Auth = append(d.feed.Auth, left[i])
			left = slices.Delete(left, i, i+1)
		default:
			if _, err := subscriptions.ParseSecretRef(string(c.Secret)); err != nil {
				return control.Refuse(http.StatusBadRequest, "", "%v", err)
			}
			d.feed.Auth = append(d.feed.Auth, c.Credential)
		}
	}
	return nil
}

// isKept reports whether Bellwire keeps the secret itself.
func isKept(c subscriptions.Credential) bool {
	kind, _ := c.Secret.Split()
	return kind == "keyring" || kind == "stored"
}

// staysWith reports why a secret that was given for old must not be shown by
// f: a file that somebody made could lead it elsewhere.
func staysWith(old, f *subscriptions.Feed, c subscriptions.Credential) error {
	before, after, what := old.URL, f.URL, "the address"
	switch c.By {
	case subscriptions.AuthProxy:
		before, after, what = old.Proxy, f.Proxy, "the proxy"
	case subscriptions.AuthForward:
		var there bool
		before, _ = forwardURL(old, c.Name)
		if after, there = forwardURL(f, c.Name); !there {
			return nil // which the feed's validation tells
		}
		what = "the forward's address"
	}
	b, berr := url.Parse(before)
	n, nerr := url.Parse(after)
	if berr != nil || nerr != nil || subscriptions.HTTPScheme(b.Scheme) != subscriptions.HTTPScheme(n.Scheme) || !strings.EqualFold(b.Host, n.Host) {
		return control.Refuse(http.StatusBadRequest, "Give the secret again, or say where it is: env:NAME, file:PATH or command:[…].", "%s is another server's, which must not see the %s secret given for the old one", what, c.By)
	}
	return nil
}

// check reports what a person has to mend about the draft.
func (d *draft) check() error {
	whole := d.whole()
	for _, g := range d.given {
		g.Secret = "stored:x"
		if err := errors.Join(g.Validate(), checkValue(g)); err != nil {
			return control.Refuse(http.StatusBadRequest, "", "%v", err)
		}
	}
	if err := whole.Validate(); err != nil {
		return control.Refuse(http.StatusBadRequest, hintFor(err), "%v", err)
	}
	return check(whole)
}

// acceptCertificate pins what the server shows now.
func (a *App) acceptCertificate(ctx context.Context, d *draft) error {
	user := ""
	for _, g := range d.given {
		if g.By == subscriptions.AuthProxy {
			user = g.Value
		}
	}
	shown, err := a.secrets.Shown(ctx, d.feed, user)
	if err != nil {
		return control.Refuse(http.StatusBadRequest, "Check the address, or pin the certificate with --pin SHA256.", "the server's certificate cannot be fetched: %v", err)
	}
	d.feed.TLS.Pins = append(slices.Clone(d.feed.TLS.Pins), shown)
	return nil
}

// isID reports whether somebody may choose s as an id.
func isID(s string) bool {
	ok := s != "" && len(s) <= maxGivenID && !strings.HasPrefix(s, "-")
	return ok && !strings.ContainsFunc(s, func(r rune) bool {
		return r != '-' && (r < 'a' || r > 'z') && (r < '0' || r > '9')
	})
}

func idTaken(id string) error {
	return control.Refuse(http.StatusConflict, "See it with: bellwire feeds", "there is a feed %q already", id)
}
