package main

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"bellwire/internal/control"
	"bellwire/secrets"
	"bellwire/subscriptions"
)

// identityFlags say who a feed is and whom it trusts. Secrets themselves are
// never among them: command lines are seen by every process of the machine.
type identityFlags struct {
	Bearer       string `group:"Credentials:" xor:"auth" placeholder:"FROM" help:"Show a bearer token, read from FROM: - (standard input, then kept in the keyring), env:NAME, file:PATH or command:[\"PROGRAM\",\"ARGUMENT\"] (asked again for every attempt)."`
	Basic        string `group:"Credentials:" xor:"auth" placeholder:"USER" help:"Log in as USER; the password comes from --secret-from."`
	TokenQuery   string `group:"Credentials:" xor:"auth" placeholder:"PARAM" help:"Show a token as this query parameter; it comes from --secret-from."`
	Cookie       string `group:"Credentials:" xor:"auth" placeholder:"NAME" help:"Show a cookie; its value comes from --secret-from."`
	SecretHeader string `group:"Credentials:" xor:"auth" placeholder:"NAME" help:"Show a secret as this header; its value comes from --secret-from."`
	TokenFrame   bool   `group:"Credentials:" xor:"auth" help:"Show a token in the frames: it takes the place of {{ secret }} in them, and comes from --secret-from. One that is written out, as in {\"token\":\"…\"}, is kept apart as well."`
	SecretFrom   string `group:"Credentials:" default:"-" placeholder:"FROM" help:"Where the secret comes from: see --bearer. Default: standard input."`

	CA                string `group:"Certificates and proxy:" name:"ca" type:"path" placeholder:"FILE" help:"Trust the authorities in this PEM file as well."`
	Pin               string `group:"Certificates and proxy:" placeholder:"SHA256" help:"Trust the certificate with this SHA-256 and no other."`
	AcceptCertificate bool   `group:"Certificates and proxy:" help:"Trust the certificate the server shows now and no other; its SHA-256 is printed."`
	ClientCert        string `group:"Certificates and proxy:" type:"path" placeholder:"FILE" help:"Show this certificate (PEM)."`
	ClientKey         string `group:"Certificates and proxy:" type:"path" placeholder:"FILE" help:"The key of --client-cert (PEM)."`
	Proxy             string `group:"Certificates and proxy:" placeholder:"URL" help:"Connect through http://HOST:PORT or socks5://HOST:PORT, or through none. Default: what the environment of the daemon says."`
}

// apply puts the flags into n.
func (c *identityFlags) apply(e *env, n *control.NewFeed) error {
	n.Proxy, n.AcceptCertificate = c.Proxy, c.AcceptCertificate
	n.TLS = subscriptions.TLS{CAFile: c.CA, CertFile: c.ClientCert, KeyFile: c.ClientKey}
	if c.Pin != "" {
		n.TLS.Pins = []string{strings.ToLower(strings.ReplaceAll(c.Pin, ":", ""))}
	}
	var auth control.NewCredential
	from := c.SecretFrom
	switch {
	case c.Bearer != "":
		auth.By = subscriptions.AuthBearer
		if c.Bearer != "-" {
			from = c.Bearer
		}
	case c.Basic != "":
		auth.By, auth.Name = subscriptions.AuthBasic, c.Basic
	case c.TokenQuery != "":
		auth.By, auth.Name = subscriptions.AuthQuery, c.TokenQuery
	case c.Cookie != "":
		auth.By, auth.Name = subscriptions.AuthCookie, c.Cookie
	case c.SecretHeader != "":
		auth.By, auth.Name = subscriptions.AuthHeader, c.SecretHeader
	case c.TokenFrame:
		auth.By = subscriptions.AuthFrame
	case from != "-":
		return withHint(&usageError{errors.New("--secret-from says where a secret is, but not what it is for")}, "Add --bearer -, --basic USER, --token-query PARAM, --token-frame, --cookie NAME or --secret-header NAME")
	default:
		return nil
	}
	if from == "-" {
		value, err := secrets.Read(e.in)
		if err != nil {
			return withHint(&usageError{fmt.Errorf("reading the secret from standard input: %w", err)}, "Like this: bellwire add URL --bearer - <FILE")
		}
		auth.Value = value
	} else {
		ref, err := reference(from)
		if err != nil {
			return withHint(&usageError{err}, "The secret itself does not belong on the command line, where every process sees it: give - and write it to standard input")
		}
		auth.Secret = ref
	}
	n.Auth = append(n.Auth, auth)
	return nil
}

// reference reads a reference whose path may be relative to here; the daemon
// has another working folder.
func reference(from string) (subscriptions.SecretRef, error) {
	if path, ok := strings.CutPrefix(from, "file:"); ok && path != "" {
		abs, err := filepath.Abs(path)
		if err != nil {
			return "", err
		}
		from = "file:" + abs
	}
	return subscriptions.ParseSecretRef(from)
}

// keyringCmd is the child process that asks the system's keyring.
type keyringCmd struct{}

func (c *keyringCmd) Run(e *env) error { return secrets.ServeKeyring(e.in, e.out) }

// tellPins prints the certificates that a new feed has been pinned to.
func tellPins(e *env, f control.Feed) {
	for _, pin := range f.TLS.Pins {
		fmt.Fprintf(e.err, "%s trusts the certificate with the SHA-256 %s and no other.\n", f.ID, pin)
	}
}

// keyringChild is how to start a [keyringCmd].
func keyringChild() []string {
	name, err := executable()
	if err != nil {
		return nil
	}
	return []string{name, "keyring"}
}
