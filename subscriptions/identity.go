package subscriptions

import (
	"crypto/tls"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
)

// Limits on a feed's identity.
const (
	MaxCredentials = 16
	MaxSecret      = 64 << 10 // bytes of one secret
)

// A Credential is one way a feed shows who it is. The secret itself is kept
// elsewhere: a Credential can be stored and shown.
type Credential struct {
	By AuthBy `json:"by"`
	// Name is the user of [AuthBasic] (empty: the secret is "user:password"),
	// the query parameter, the cookie or the header; empty with [AuthBearer],
	// [AuthProxy] and [AuthFrame].
	Name   string    `json:"name,omitempty"`
	Secret SecretRef `json:"secret"`
}

// AuthBy names a way to present a secret.
type AuthBy string

const (
	AuthBearer AuthBy = "bearer" // Authorization: Bearer … (RFC 6750 §2.1)
	AuthBasic  AuthBy = "basic"  // Authorization: Basic … (RFC 7617)
	AuthQuery  AuthBy = "query"  // a query parameter of the address
	AuthCookie AuthBy = "cookie" // one cookie (RFC 6265 §4.2)
	AuthHeader AuthBy = "header" // the whole value of a header
	AuthProxy  AuthBy = "proxy"  // "user:password" for the feed's proxy
	AuthFrame  AuthBy = "frame"  // what [SecretHole] in the opening frames stands for
	// AuthForward is shown not to the feed's server but to where the forward
	// of that name sends to: a token, or "user:password".
	AuthForward AuthBy = "forward"
)

// Validate reports what a person has to mend.
func (c Credential) Validate() error {
	switch c.By {
	case AuthBearer, AuthProxy, AuthFrame:
		if c.Name != "" {
			return fmt.Errorf("a %s credential has no name", c.By)
		}
	case AuthBasic:
		if strings.ContainsFunc(c.Name, func(r rune) bool { return r == ':' || isControl(r) }) {
			return fmt.Errorf("%q cannot be a user name", c.Name)
		}
	case AuthForward:
		if c.Name == "" {
			return fmt.Errorf("a forward's credential needs the name of the forward")
		}
	case AuthQuery:
		if c.Name == "" {
			return fmt.Errorf("a query credential needs the name of its parameter")
		}
	case AuthCookie, AuthHeader:
		if !isToken(c.Name) {
			return fmt.Errorf("%q is not a %s name", c.Name, c.By)
		}
	default:
		return fmt.Errorf("unknown kind of credential %q", c.By)
	}
	return c.Secret.Validate()
}

// A SecretRef says where a secret is, and is none itself:
//
//	keyring:ENTRY       in the system's keyring
//	stored:ENTRY        in Bellwire's own file
//	env:NAME            in a variable of the daemon's environment
//	file:/PATH          in a file
//	command:["prog",…]  what a program writes to standard output; no shell
type SecretRef string

// ParseSecretRef reads a reference as people may give it: env, file or
// command.
func ParseSecretRef(s string) (SecretRef, error) {
	r := SecretRef(s)
	if kind, _ := r.Split(); kind == "keyring" || kind == "stored" {
		return "", fmt.Errorf("%s: entries are Bellwire's own", kind)
	}
	return r, r.Validate()
}

// Split is the reference's kind and what follows it.
func (r SecretRef) Split() (kind, rest string) {
	kind, rest, _ = strings.Cut(string(r), ":")
	return kind, rest
}

// Argv is the command of a command reference.
func (r SecretRef) Argv() (argv []string, ok bool) {
	kind, rest := r.Split()
	err := json.Unmarshal([]byte(rest), &argv)
	return argv, kind == "command" && err == nil && len(argv) > 0 && argv[0] != ""
}

// Validate reports whether r can be followed. Its errors quote nothing: what
// is no reference may be a secret.
func (r SecretRef) Validate() error {
	if len(r) > MaxURL {
		return fmt.Errorf("the reference to the secret is longer than %d bytes", MaxURL)
	}
	kind, rest := r.Split()
	switch kind {
	case "keyring", "stored":
		if rest != "" {
			return nil
		}
	case "env":
		if rest != "" && !strings.ContainsAny(rest, "=\x00") {
			return nil
		}
	case "file":
		if filepath.IsAbs(rest) {
			return nil
		}
		return fmt.Errorf("the path of the secret's file must be absolute")
	case "command":
		if _, ok := r.Argv(); ok {
			return nil
		}
		return fmt.Errorf(`the secret's command must be a JSON array, like command:["pass","show","deploys"]`)
	}
	return fmt.Errorf(`a secret is named by env:NAME, file:PATH or command:["PROGRAM","ARGUMENT"]`)
}

// String is r as it may be shown: of a command its program alone.
func (r SecretRef) String() string {
	switch kind, _ := r.Split(); kind {
	case "keyring":
		return "keyring"
	case "stored":
		return "file"
	case "command":
		if argv, ok := r.Argv(); ok {
			return "command:" + argv[0]
		}
		return "command"
	default:
		return string(r)
	}
}

// TLS is what a feed asks of its server's certificate, and shows of its own.
// It holds for the feed's own origin only. The zero value is the system's
// trust and no certificate of ours.
type TLS struct {
	// CAFile is a PEM file of authorities trusted besides the system's.
	CAFile string `json:"ca_file,omitempty"`
	// Pins are SHA-256 digests of whole certificates in lower-case hex. The
	// server must show one of them; that it is signed by a known authority
	// is asked besides only with CAFile.
	Pins []string `json:"pins,omitempty"`
	// CertFile and KeyFile are the PEM files of our own certificate.
	CertFile string `json:"cert_file,omitempty"`
	KeyFile  string `json:"key_file,omitempty"`
}

// IsZero reports whether t asks for nothing.
func (t TLS) IsZero() bool {
	return t.CAFile == "" && len(t.Pins) == 0 && t.CertFile == "" && t.KeyFile == ""
}

// Validate reports what a person has to mend. It reads no file.
func (t TLS) Validate() error {
	if len(t.Pins) > MaxCredentials {
		return fmt.Errorf("more than %d pinned certificates", MaxCredentials)
	}
	for _, pin := range t.Pins {
		if b, err := hex.DecodeString(pin); err != nil || len(b) != 32 || pin != strings.ToLower(pin) {
			return fmt.Errorf("%q is not a SHA-256 digest", pin)
		}
	}
	if (t.CertFile == "") != (t.KeyFile == "") {
		return fmt.Errorf("a client certificate and its key go together")
	}
	for _, path := range []string{t.CAFile, t.CertFile, t.KeyFile} {
		if path != "" && !filepath.IsAbs(path) {
			return fmt.Errorf("the path %q must be absolute", path)
		}
	}
	return nil
}

// ProxyNone as a feed's proxy means a direct connection, whatever the
// environment says.
const ProxyNone = "none"

// ParseProxy reads a feed's proxy: http, socks5 or socks5h. Its errors
// quote nothing, since the address may hold a password.
func ParseProxy(raw string) (*url.URL, error) {
	u, err := url.Parse(raw)
	if err != nil || len(raw) > MaxURL || u.Hostname() == "" || !slices.Contains([]string{"http", "socks5", "socks5h"}, u.Scheme) {
		return nil, fmt.Errorf("a proxy is http://HOST:PORT, socks5://HOST:PORT or none")
	}
	return u, nil
}

// validateIdentity is the part of Validate about who the feed is.
func (f *Feed) validateIdentity() error {
	if len(f.Auth) > MaxCredentials {
		return fmt.Errorf("more than %d credentials", MaxCredentials)
	}
	for _, c := range f.Auth {
		if err := c.Validate(); err != nil {
			return err
		}
	}
	if f.Proxy != "" && f.Proxy != ProxyNone {
		if _, err := ParseProxy(f.Proxy); err != nil {
			return err
		}
	}
	return f.TLS.Validate()
}

// A Given is a credential with its secret in hand.
type Given struct {
	Credential
	Value string
}

// hidden stands in an address where a credential was.
const hidden = "***"

// TakeSecrets takes the credentials out of f's headers, address, proxy and
// frames. What is left of f can be stored; f with all of the credentials in
// Auth, each with a reference to its secret, is the same feed as before. Of
// frames with several secrets it takes one, and Validate refuses the rest.
func (f *Feed) TakeSecrets() (taken []Given) {
	take := func(by AuthBy, name, value string) {
		taken = append(taken, Given{Credential{By: by, Name: name}, value})
	}
	f.Headers = slices.DeleteFunc(slices.Clone(f.Headers), func(h Header) bool {
		secret := isCredential(h.Name) && h.Value != ""
		if secret {
			take(AuthHeader, h.Name, h.Value)
		}
		return secret
	})
	if u, err := url.Parse(f.URL); err == nil {
		if user := plainUser(u.User); user != "" {
			take(AuthBasic, "", user)
			u.User = url.User(hidden)
		}
		pairs := strings.Split(u.RawQuery, "&")
		for i, pair := range pairs {
			name, value, _ := strings.Cut(pair, "=")
			plainName, err := url.QueryUnescape(name)
			plain, verr := url.QueryUnescape(value)
			if verr != nil { // a secret all the same, with a % in it
				plain = value
			}
			if err == nil && plain != "" && plain != hidden && isSecretParam(plainName) {
				take(AuthQuery, plainName, plain)
				pairs[i] = name + "=" + hidden
			}
		}
		u.RawQuery = strings.Join(pairs, "&")
		if slices.ContainsFunc(taken, func(g Given) bool { return g.By != AuthHeader }) {
			f.URL = showStars(u)
		}
	}
	if u, err := url.Parse(f.Proxy); err == nil {
		if user := plainUser(u.User); user != "" {
			take(AuthProxy, "", user)
			u.User = url.User(hidden)
			f.Proxy = showStars(u)
		}
	}
	if secret := f.takeFrameSecret(); secret != "" {
		take(AuthFrame, "", secret)
	}
	return taken
}

// plainUser is "user:password" without any escapes; empty where there is
// neither, or where they have been taken.
func plainUser(u *url.Userinfo) string {
	password, _ := u.Password()
	if password == "" && (u.Username() == "" || u.Username() == hidden) {
		return ""
	}
	return u.Username() + ":" + password
}

// showStars is u as text, with a hidden user left legible.
func showStars(u *url.URL) string {
	return strings.ReplaceAll(u.String(), "%2A%2A%2A@", hidden+"@")
}

// credentialHeaders are headers whose values are credentials; so are all
// whose name has a telling part.
var (
	credentialHeaders = []string{"authorization", "cookie", "proxy-authorization", "sec-websocket-protocol"}
	tellingParts      = []string{"auth", "key", "token", "secret", "passw", "pwd", "session", "signature", "credential", "jwt"}
	vagueParts        = []string{"auth", "key", "session"}
)

func isCredential(header string) bool {
	name := strings.ToLower(header)
	return slices.Contains(credentialHeaders, name) ||
		slices.ContainsFunc(tellingParts, func(part string) bool { return strings.Contains(name, part) })
}

// Present puts a credential with its secret into the target. A proxy's goes
// to [Target.Proxy] instead, and is not for Present.
func (t *Target) Present(c Credential, secret string) error {
	if secret == "" || strings.ContainsFunc(secret, isControl) {
		return fmt.Errorf("the secret is empty or holds a control character")
	}
	if t.Header == nil {
		t.Header = make(http.Header)
	}
	switch c.By {
	case AuthBearer:
		t.Header.Set("Authorization", "Bearer "+secret)
	case AuthBasic:
		if c.Name != "" {
			secret = c.Name + ":" + secret
		}
		if c.Name != "" || t.Header.Get("Authorization") == "" { // a header goes before an address
			t.Header.Set("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(secret)))
		}
		return t.changeURL(func(u *url.URL) { u.User = nil })
	case AuthQuery:
		if t.QueryAuth == nil {
			t.QueryAuth = make(url.Values)
		}
		t.QueryAuth.Add(c.Name, secret)
		return t.changeURL(func(u *url.URL) { fillQuery(u, c.Name, secret) })
	case AuthCookie:
		if strings.Contains(secret, ";") {
			return fmt.Errorf("the secret holds a semicolon, where a cookie would end")
		}
		pair := c.Name + "=" + secret
		if have := t.Header.Get("Cookie"); have != "" {
			pair = have + "; " + pair
		}
		t.Header.Set("Cookie", pair)
	case AuthHeader:
		t.Header.Add(c.Name, secret)
	case AuthFrame:
		t.FrameSecret = secret
	default:
		return fmt.Errorf("a credential of kind %q is not for the server", c.By)
	}
	return nil
}

func (t *Target) changeURL(change func(*url.URL)) error {
	u, err := ParseURL(t.URL)
	if err != nil {
		return err
	}
	change(u)
	t.URL = u.String()
	return nil
}

// fillQuery puts value where the parameter's first hidden value stands, or at
// the end; everything else stays as it was written.
func fillQuery(u *url.URL, name, value string) {
	pairs := strings.Split(u.RawQuery, "&")
	for i, pair := range pairs {
		written, old, _ := strings.Cut(pair, "=")
		plain, err := url.QueryUnescape(written)
		if oldPlain, oerr := url.QueryUnescape(old); err == nil && oerr == nil && plain == name && oldPlain == hidden {
			pairs[i] = written + "=" + url.QueryEscape(value)
			u.RawQuery = strings.Join(pairs, "&")
			return
		}
	}
	if u.RawQuery != "" {
		u.RawQuery += "&"
	}
	u.RawQuery += url.QueryEscape(name) + "=" + url.QueryEscape(value)
}

// TLSFor is the configuration for a connection to u: nil, the default, for
// every other origin than the target's own. Neither our certificate nor trust
// in a pinned one follows a redirect.
func (t *Target) TLSFor(u *url.URL) *tls.Config {
	own, err := url.Parse(t.URL)
	if t.TLS == nil || err != nil {
		return nil
	}
	first := *own
	first.Scheme = HTTPScheme(own.Scheme)
	if !sameOrigin(&first, u) {
		return nil
	}
	return t.TLS
}
