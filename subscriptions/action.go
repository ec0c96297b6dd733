package subscriptions

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Limits of what a payload may declare.
const (
	MaxActions       = 2
	MaxActionLabel   = 40      // runes
	MaxActionURL     = 2 << 10 // bytes
	MaxActionHeaders = 8
	MaxActionHeader  = 4 << 10 // bytes, a name and its value
	MaxActionBody    = 4 << 10 // bytes
)

// actionMethods are those an action's request may have.
var actionMethods = []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete}

// reserved are headers that say where a request goes, how it travels or who
// sends it: no payload decides that. Those that begin with Proxy- are, too.
var reserved = []string{
	"Connection", "Content-Length", "Cookie", "Expect", "Host", "Keep-Alive", "Te", "Trailer", "Transfer-Encoding", "Upgrade",
}

// IsLink reports whether a is a link to open; else it is a request to send.
func (a Action) IsLink() bool { return a.Method == "" }

// Validate says what is wrong with a. The error quotes nothing of it but
// names of headers.
func (a Action) Validate() error {
	if strings.TrimSpace(a.Label) == "" || utf8.RuneCountInString(a.Label) > MaxActionLabel || !utf8.ValidString(a.Label) || strings.ContainsFunc(a.Label, unicode.IsControl) {
		return fmt.Errorf("it needs a label of one line, of at most %d characters", MaxActionLabel)
	}
	if _, err := a.address(); err != nil {
		return err
	}
	if a.IsLink() {
		if len(a.Headers) > 0 || a.Body != "" {
			return errors.New("a link has neither headers nor a body")
		}
		return nil
	}
	if !slices.Contains(actionMethods, a.Method) {
		return fmt.Errorf("its method must be one of %s", strings.Join(actionMethods, ", "))
	}
	if len(a.Body) > MaxActionBody || !utf8.ValidString(a.Body) {
		return fmt.Errorf("its body must be UTF-8 of at most %d bytes", MaxActionBody)
	}
	return a.validateHeaders()
}

func (a Action) validateHeaders() error {
	if len(a.Headers) > MaxActionHeaders {
		return fmt.Errorf("it has more than %d headers", MaxActionHeaders)
	}
	if err := validateHeaders(a.Headers); err != nil {
		return err
	}
	for _, h := range a.Headers {
		name := http.CanonicalHeaderKey(h.Name)
		switch {
		case slices.Contains(reserved, name), strings.HasPrefix(name, "Proxy-"):
			return fmt.Errorf("the header %s is not a payload's to set", name)
		case len(h.Name)+len(h.Value) > MaxActionHeader || !utf8.ValidString(h.Value):
			return fmt.Errorf("a header must be UTF-8 of at most %d bytes", MaxActionHeader)
		}
	}
	return nil
}

// address is a's URL, if it can be one.
func (a Action) address() (*url.URL, error) {
	u, err := url.Parse(a.URL)
	switch {
	case err != nil, len(a.URL) > MaxActionURL, !utf8.ValidString(a.URL):
		return nil, fmt.Errorf("its address cannot be read or is longer than %d bytes", MaxActionURL)
	case u.Scheme == "mailto" && u.Opaque != "" && a.IsLink():
	case u.Scheme != "http" && u.Scheme != "https", u.Hostname() == "":
		return nil, errors.New("its address must start with http:// or https://")
	case u.User != nil:
		return nil, errors.New("its address must not name a user")
	}
	return u, nil
}

// ErrHostNotAllowed means that a payload wants a request to go where the
// person who has the feed did not say that one may.
var ErrHostNotAllowed = errors.New("requests to its host are not allowed")

// AllowAction reports, as an error, whether a may be offered: a link always,
// a request where it goes to f's own host (own, on any port) or to one of
// f.Notify.ActionHosts. Names are compared as they are written, but for case.
// The error wraps [ErrHostNotAllowed] where it is only about that.
func (f *Feed) AllowAction(a Action) (own bool, err error) {
	if err := a.Validate(); err != nil {
		return false, err
	}
	u, err := a.address()
	if err != nil {
		return false, err
	}
	if feed, err := ParseURL(f.URL); err == nil && strings.EqualFold(feed.Hostname(), u.Hostname()) {
		return true, nil
	}
	if a.IsLink() {
		return false, nil
	}
	for _, host := range f.Notify.ActionHosts {
		if strings.EqualFold(strings.Trim(host, "[]"), u.Hostname()) {
			return false, nil
		}
	}
	return false, fmt.Errorf("%w: %q", ErrHostNotAllowed, printable(u.Hostname(), MaxName))
}
