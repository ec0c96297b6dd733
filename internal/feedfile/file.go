package feedfile

import (
	"net/url"
	"strings"

	"bellwire/internal/control"
	"bellwire/subscriptions"
)

// Version is the format's.
const Version = 1

// Bounds of a file.
const (
	MaxSize  = 1 << 20 // bytes
	MaxFeeds = 10_000
)

// A File is Bellwire's own format as a whole.
type File struct {
	Version int    `json:"version"`
	Feeds   []Feed `json:"feeds"`
}

// A Feed is one feed in a file. Only URL is required.
type Feed struct {
	// ID is short and stable; empty: made from the name when it is added.
	ID string `json:"id,omitempty"`
	// Name is what people see; empty: made from the address.
	Name string `json:"name,omitempty"`
	// URL is http, https, ws or wss. *** in it stands for a credential that
	// is in Auth.
	URL string `json:"url"`
	// Transport is how the bytes travel; empty: decided by the address.
	Transport subscriptions.TransportName `json:"transport,omitempty"`
	// Paused feeds hold no connection.
	Paused bool `json:"paused,omitempty"`
	// Headers are sent with every request; those that are credentials belong
	// to Auth.
	Headers []subscriptions.Header `json:"headers,omitempty"`
	// Auth is what the feed shows of itself, by references to secrets.
	Auth []Credential `json:"auth,omitempty"`
	// TLS is about certificates, the server's and ours.
	TLS subscriptions.TLS `json:"tls,omitzero"`
	// Proxy is an address without its password, or none; empty: as the
	// environment of the daemon says.
	Proxy string `json:"proxy,omitempty"`
	// Look is how the feed is shown among others.
	Look subscriptions.Look `json:"look,omitzero"`
	subscriptions.Settings
}

// A Credential is one way a feed shows who it is.
type Credential struct {
	By subscriptions.AuthBy `json:"by"`
	// Name is the user of basic, the query parameter, the cookie or the
	// header.
	Name string `json:"name,omitempty"`
	// Secret is env:NAME, file:PATH, command:["PROGRAM","ARGUMENT"], or
	// keyring: kept by Bellwire and in no file.
	Secret subscriptions.SecretRef `json:"secret"`

	value string // the secret itself, in a file of another kind
}

// FromDefinition is a feed of the daemon as a file has it. No secret is in
// it, nor what looks like one.
func FromDefinition(n control.NewFeed) Feed {
	f := Feed{
		ID:        n.ID,
		Name:      n.Name,
		URL:       hideSecrets(n.URL),
		Transport: n.Transport,
		Paused:    n.Paused,
		Headers:   n.Headers,
		TLS:       n.TLS,
		Proxy:     hideSecrets(n.Proxy),
		Look:      n.Look,
		Settings:  n.Settings,
	}
	for _, c := range n.Auth {
		f.Auth = append(f.Auth, Credential{By: c.By, Name: c.Name, Secret: c.Secret})
	}
	return f
}

// Definition is f as a request.
func (f Feed) Definition() control.NewFeed {
	n := control.NewFeed{
		ID:        f.ID,
		Name:      f.Name,
		URL:       f.URL,
		Transport: f.Transport,
		Paused:    f.Paused,
		Headers:   f.Headers,
		TLS:       f.TLS,
		Proxy:     f.Proxy,
		Look:      f.Look,
		Settings:  f.Settings,
	}
	for _, c := range f.Auth {
		n.Auth = append(n.Auth, control.NewCredential{
			Credential: subscriptions.Credential{By: c.By, Name: c.Name, Secret: c.Secret},
			Value:      c.value,
		})
	}
	return n
}

// hideSecrets is raw without what [subscriptions.RedactURL] hides; unlike
// there a parameter without a value keeps having none.
func hideSecrets(raw string) string {
	before, err := url.Parse(raw)
	if err != nil || raw == "" {
		return raw
	}
	shown := subscriptions.RedactURL(raw)
	after, err := url.Parse(shown)
	if err != nil || shown == raw {
		return shown
	}
	old, pairs := strings.Split(before.RawQuery, "&"), strings.Split(after.RawQuery, "&")
	for i := range pairs {
		if _, value, _ := strings.Cut(old[i], "="); value == "" {
			pairs[i] = old[i]
		}
	}
	after.RawQuery = strings.Join(pairs, "&")
	return strings.ReplaceAll(after.String(), "%2A%2A%2A@", "***@")
}
