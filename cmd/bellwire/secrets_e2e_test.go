//go:build linux

package main

import (
	"context"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"bellwire/internal/control"
	"bellwire/internal/nchantest"
	"bellwire/notify/notifytest"
	"bellwire/secrets/secretstest"
	"bellwire/subscriptions"
)

// addSecret adds a feed whose secret comes from standard input.
func (p *program) addSecret(secret string, args ...string) string {
	p.t.Helper()
	cmd := exec.Command(p.bin, append([]string{"add"}, args...)...)
	cmd.Env, cmd.Stdin = p.env, strings.NewReader(secret+"\n")
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		p.t.Fatalf("bellwire add %q: %v\n%s", args, err, stderr.String())
	}
	return strings.TrimSpace(string(out))
}

// credentials are the ways nchan's private streams can be opened.
func credentials(t *testing.T, url string) map[string]func(p *program) string {
	file := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(file, []byte("s3cret\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return map[string]func(p *program) string{
		"bearer": func(p *program) string { return p.addSecret("s3cret", url, "--bearer", "-") },
		"basic":  func(p *program) string { return p.addSecret("pass", url, "--basic", "user") },
		"query":  func(p *program) string { return p.addSecret("s3cret", url, "--token-query", "token") },
		"header": func(p *program) string { return p.run("add", url, "--header", "Authorization: Bearer s3cret") },
		"secret header": func(p *program) string {
			return p.addSecret("Bearer s3cret", url, "--secret-header", "Authorization")
		},
		"address": func(p *program) string { return p.run("add", url+"?token=s3cret") },
		"user in the address": func(p *program) string {
			return p.run("add", strings.Replace(url, "://", "://user:pass@", 1))
		},
		"file":        func(p *program) string { return p.run("add", url, "--bearer", "file:"+file) },
		"environment": func(p *program) string { return p.run("add", url, "--bearer", "env:BELLWIRE_TEST_TOKEN") },
		"command":     func(p *program) string { return p.run("add", url, "--bearer", `command:["cat","`+file+`"]`) },
	}
}

// Every kind of credential opens a stream of a real server that wants one,
// before and after a restart, with a keyring and without.
func TestCredentialsOpenPrivateStreams(t *testing.T) {
	server := nchantest.Start(t)
	bus := notifytest.Bus(t)
	secretstest.Keyring(t, bus.Address)
	for name, address := range map[string]string{"with a keyring": bus.Address, "without": ""} {
		t.Run(name, func(t *testing.T) {
			p := newProgram(t, "BELLWIRE_TEST_TOKEN=s3cret", "XDG_RUNTIME_DIR=", "DBUS_SESSION_BUS_ADDRESS="+address)
			p.start("--headless", "--notifier", "none")
			var ids []string
			for _, url := range []string{server.URL("/private/p"), server.WS("/private/p")} {
				for _, add := range credentials(t, url) {
					ids = append(ids, add(p))
				}
			}
			for _, id := range ids {
				p.awaitState(id, subscriptions.StateOpen)
			}
			p.stop(syscall.SIGTERM)
			_, err := os.Stat(filepath.Join(p.dir, "secrets.json"))
			if kept := err == nil; kept != (address == "") {
				t.Errorf("a file of secrets: %v", kept)
			}
			noSecret(t, p, "s3cret", "pass@", "dXNlcjpwYXNz")
			p.start("--headless", "--notifier", "none")
			for _, id := range ids {
				p.awaitState(id, subscriptions.StateOpen)
			}
		})
	}
}

// Secrets show up nowhere, not even when everything is refused and logged.
func TestSecretsAreNeverTold(t *testing.T) {
	const secret = "hush-6f1c"
	refusing := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// A server that repeats all it was told.
		w.Header().Set("Content-Type", "text/"+r.Header.Get("Authorization"))
		w.Header().Set("X-Cookie", r.Header.Get("Cookie"))
		if strings.HasPrefix(r.URL.Path, "/away") {
			w.Header().Set("Location", "ftp://x/?token="+r.URL.Query().Get("token"))
			w.WriteHeader(http.StatusFound)
			return
		}
		w.WriteHeader(http.StatusUnauthorized)
		fmt.Fprintln(w, r.URL, r.Header)
	}))
	defer refusing.Close()
	nchan := nchantest.Start(t)
	file := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(file, []byte(secret), 0o600); err != nil {
		t.Fatal(err)
	}
	p := newProgram(t, "BELLWIRE_TEST_TOKEN="+secret, "XDG_RUNTIME_DIR=")
	p.start("--headless", "--notifier", "none", "-v")
	var ids []string
	for _, url := range []string{
		refusing.URL + "/e", refusing.URL + "/away", nchan.URL("/private/x"), nchan.WS("/private/x"),
		"ws" + strings.TrimPrefix(refusing.URL, "http") + "/e", "http://127.0.0.1:9/", "https" + strings.TrimPrefix(refusing.URL, "http"),
	} {
		ids = append(
			ids,
			p.addSecret(secret, url, "--bearer", "-"),
			p.addSecret(secret, url, "--basic", "ann"),
			p.addSecret(secret, url, "--token-query", "token"),
			p.addSecret(secret, url, "--cookie", "sid"),
			p.addSecret(secret, url, "--secret-header", "X-Gotify-Key"),
			p.run("add", url+"?token="+secret),
			p.run("add", strings.Replace(url, "://", "://ann:"+secret+"@", 1)),
			p.run("add", url, "--header", "X-Api-Key: "+secret),
			p.run("add", url, "--header", "Cookie: a="+secret, "--header", "Proxy-Authorization: Basic "+secret),
			p.run("add", url, "--bearer", "env:BELLWIRE_TEST_TOKEN"),
			p.run("add", url, "--bearer", "file:"+file),
			p.run("add", url, "--bearer", `command:["sh","-c","cat `+file+`; exit 1"]`),
			p.run("add", url, "--proxy", "http://ann:"+secret+"@127.0.0.1:9"),
			p.run("add", url, "--proxy", "socks5://ann:"+secret+"@127.0.0.1:9"),
		)
		if strings.HasPrefix(url, "ws") {
			ids = append(
				ids,
				p.run("add", url, "--frame", `{"type":"auth","access_token":"`+secret+`"}`),
				p.run("add", url+"?token="+secret, "--frame", `40{"token":"`+secret+`","last":{{ cursor }}}`, "--cursor-field", "id"),
				p.addSecret(secret, url, "--frame", "auth {{ secret }}", "--token-frame"),
			)
		}
	}
	troubled := []subscriptions.State{subscriptions.StateBlocked, subscriptions.StateWaiting}
	for _, id := range ids {
		p.await(func(ctx context.Context, c *controlClient) bool {
			feeds, err := c.Feeds(ctx)
			return err == nil && slices.ContainsFunc(feeds, func(f control.Feed) bool { return f.ID == id && slices.Contains(troubled, f.State) })
		}, "trouble with %s", id)
	}
	said := []string{p.run("feeds"), p.run("feeds", "--json"), p.run("status"), p.run("status", "--json"), p.run("history", "--json")}
	for _, id := range ids {
		said = append(said, p.run("log", id))
	}
	if strings.Contains(strings.Join(said, "\n"), secret) {
		t.Error("the command line tells a secret")
	}
	noSecret(t, p, secret)
	p.stop(syscall.SIGTERM)
	noSecret(t, p, secret)
}

// noSecret looks for secrets in everything the daemon wrote, but the file
// that is for them.
func noSecret(t *testing.T, p *program, secrets ...string) {
	t.Helper()
	written := map[string]string{"the daemon's output": p.said()}
	err := filepath.WalkDir(p.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() || d.Name() == "secrets.json" {
			return err
		}
		b, err := os.ReadFile(path)
		written[path] = string(b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.ContainsFunc(secrets, func(s string) bool { return s != "" }) || len(written) < 3 {
		t.Fatalf("nothing to look for or to look at: %d", len(written))
	}
	for where, text := range written {
		for _, s := range secrets {
			if strings.Contains(text, s) {
				t.Errorf("%s holds the secret %q", where, s)
			}
		}
	}
}
