package subscriptions

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"
)

// Limits on what a feed may hold; they keep a mistaken or hostile definition
// from growing without bound.
const (
	MaxURL     = 8 << 10 // bytes
	MaxName    = 200     // bytes
	MaxHeaders = 64
)

// A Feed is one subscription: an address, and how to talk to it. The zero
// value of every optional field means "the default".
type Feed struct {
	// ID is short and stable: lower-case ASCII letters, digits and hyphens,
	// made from the name when the feed was added.
	ID string `json:"id"`
	// Name is what people see. Never empty once stored.
	Name string `json:"name"`
	// URL is http, https, ws or wss. It may hold credentials; show it only
	// through [RedactURL].
	URL string `json:"url"`
	// Transport is never [TransportAuto] once stored.
	Transport TransportName `json:"transport"`
	// Headers are sent with every request. Show their names only; stored,
	// those that are credentials are in Auth instead.
	Headers []Header `json:"headers,omitempty"`
	Settings
	// Auth is what the feed shows of itself, beside Headers; references to
	// secrets, in the order in which they are presented.
	Auth []Credential `json:"auth,omitempty"`
	// TLS is about certificates, the server's and ours.
	TLS TLS `json:"tls,omitzero"`
	// Proxy is the proxy's address without its password, or [ProxyNone];
	// empty means what the environment says.
	Proxy string `json:"proxy,omitempty"`
	// Paused feeds hold no connection.
	Paused bool `json:"paused"`
	// Look is how the feed is shown.
	Look Look `json:"look,omitzero"`
	// Created is when the feed was added.
	Created time.Time `json:"created"`
}

// A Header is one request header.
type Header struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// TransportName says how a feed's bytes travel.
type TransportName string

const (
	TransportAuto      TransportName = "auto"      // decided from the URL when the feed is added
	TransportSSE       TransportName = "sse"       // Server-Sent Events (WHATWG HTML §9.2)
	TransportWebSocket TransportName = "websocket" // RFC 6455
	TransportPoll      TransportName = "poll"      // asked for news every [Poll.Interval]
	TransportLongPoll  TransportName = "longpoll"  // asked again at once; the server answers when it has news
)

// SameStream reports whether a position in the stream of f is one in that of
// g as well.
func (f *Feed) SameStream(g *Feed) bool {
	return f.URL == g.URL && f.Transport == g.Transport && f.Resume == g.Resume && f.Mapping.Cursor == g.Mapping.Cursor
}

// SameConnection reports whether f and g are talked with in the same way, and
// their payloads mean the same: they differ in nothing but what they are
// called, how they look, and what becomes of their events.
func (f *Feed) SameConnection(g *Feed) bool {
	a, b := *f, *g
	if !a.saysItsName() && !b.saysItsName() {
		a.Name, b.Name = "", ""
	}
	for _, x := range []*Feed{&a, &b} {
		x.Notify, x.Forwards, x.Auth = Notify{}, nil, connectionAuth(x.Auth)
		x.Keep, x.Look = Keep{}, Look{}
	}
	first, err1 := json.Marshal(a)
	second, err2 := json.Marshal(b)
	return err1 == nil && err2 == nil && bytes.Equal(first, second)
}

// saysItsName reports whether the server may get to hear the feed's name:
// what is sent is made once a connection. A text that merely holds the word is
// taken for one that does.
func (f *Feed) saysItsName() bool {
	b, err := json.Marshal([]any{f.Frames, f.Heartbeat, f.Conversation, f.Mapping.Cursor})
	return err != nil || bytes.Contains(b, []byte("feed"))
}

// connectionAuth is what of auth is shown to the feed's own server.
func connectionAuth(auth []Credential) []Credential {
	return slices.DeleteFunc(slices.Clone(auth), func(c Credential) bool { return c.By == AuthForward })
}

// Validate reports the first thing about f that a person has to mend. It
// resolves nothing and contacts nobody.
func (f *Feed) Validate() error {
	if len(f.Name) > MaxName {
		return fmt.Errorf("the name is longer than %d bytes", MaxName)
	}
	if _, err := ParseURL(f.URL); err != nil {
		return err
	}
	if !slices.Contains([]TransportName{TransportAuto, TransportSSE, TransportWebSocket, TransportPoll, TransportLongPoll}, f.Transport) {
		return fmt.Errorf("unknown transport %q", f.Transport)
	}
	if err := validateHeaders(f.Headers); err != nil {
		return err
	}
	if err := f.validateIdentity(); err != nil {
		return err
	}
	if err := f.validateNotify(); err != nil {
		return err
	}
	if err := f.Look.Validate(); err != nil {
		return err
	}
	return f.validateSettings()
}

func validateHeaders(headers []Header) error {
	if len(headers) > MaxHeaders {
		return fmt.Errorf("more than %d headers", MaxHeaders)
	}
	for _, h := range headers {
		if !isToken(h.Name) {
			return fmt.Errorf("%q is not a header name", h.Name)
		}
		if strings.ContainsFunc(h.Value, isControl) {
			return fmt.Errorf("the value of header %q holds a control character", h.Name)
		}
	}
	return nil
}

// isControl tells what a field value cannot hold (RFC 9110 §5.5).
func isControl(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }

// isToken reports whether s is a token of RFC 9110 §5.6.2.
func isToken(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool {
		return r <= ' ' || r >= 0x7f || strings.ContainsRune("\"(),/:;<=>?@[\\]{}", r)
	})
}

// ParseURL accepts the addresses a feed can have: absolute http, https, ws or
// wss with a host.
func ParseURL(raw string) (*url.URL, error) {
	if len(raw) > MaxURL {
		return nil, fmt.Errorf("the address is longer than %d bytes", MaxURL)
	}
	u, err := url.Parse(raw)
	if err != nil {
		return nil, fmt.Errorf("the address cannot be read")
	}
	switch u.Scheme {
	case "http", "https", "ws", "wss":
	default:
		return nil, fmt.Errorf("the address must start with http://, https://, ws:// or wss://")
	}
	if u.Hostname() == "" {
		return nil, fmt.Errorf("the address names no host")
	}
	return u, nil
}

// secretParams are query parameters that servers take credentials from.
var secretParams = []string{
	"access_token", "apikey", "api_key", "auth", "authorization", "jwt",
	"key", "pass", "passwd", "password", "secret", "sig", "signature", "token",
}

func isSecretParam(name string) bool { return slices.Contains(secretParams, strings.ToLower(name)) }

// RedactURL is raw as it may be shown: without a password and without the
// values of query parameters that usually are credentials.
func RedactURL(raw string) string {
	u, err := url.Parse(raw)
	if err != nil {
		return "(unreadable address)"
	}
	if u.User != nil {
		u.User = url.User("***")
	}
	pairs := strings.Split(u.RawQuery, "&")
	for i, pair := range pairs {
		name, _, found := strings.Cut(pair, "=")
		plain, err := url.QueryUnescape(name)
		if found && (err != nil || isSecretParam(plain)) {
			pairs[i] = name + "=***"
		}
	}
	u.RawQuery = strings.Join(pairs, "&")
	return strings.ReplaceAll(u.String(), "%2A%2A%2A@", "***@")
}
