package daemon

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"bellwire/internal/control"
	"bellwire/storage"
	"bellwire/subscriptions"
)

// What an earlier version kept in the database is moved out of it at start,
// to the last byte, and goes on working.
func TestStoredCredentialsAreMoved(t *testing.T) {
	const secret = "hush-hush"
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		user, password, _ := r.BasicAuth()
		if r.Header.Get("X-Api-Key") != secret || r.URL.RawQuery != "a=1&token="+secret || user != "ann" || password != secret {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		w.Header().Set("Content-Type", "text/event-stream")
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
	}))
	defer server.Close()
	dir, ctx := shortDir(t), t.Context()
	dirs, err := FindDirs(dir)
	if err != nil {
		t.Fatal(err)
	}
	db, err := storage.Open(ctx, dirs.Database(), storage.Options{})
	if err != nil {
		t.Fatal(err)
	}
	old := subscriptions.Feed{
		ID: "old", Name: "Old", Transport: subscriptions.TransportSSE,
		URL:     strings.Replace(server.URL, "://", "://ann:"+secret+"@", 1) + "/?a=1&token=" + secret,
		Headers: []subscriptions.Header{{Name: "X-Api-Key", Value: secret}, {Name: "X-Trace", Value: "t"}},
	}
	if err := db.AddFeed(ctx, old); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if !holds(t, dir, secret) {
		t.Fatal("the database does not hold the secret to begin with")
	}
	for _, run := range []string{"the move", "a restart"} {
		a, stop := open(t, dir)
		if holds(t, dir, secret) {
			t.Errorf("after %s the database still holds the secret", run)
		}
		await(t, a, "the connection", func() bool {
			st, _ := a.supervisor.Status("old")
			return st.State == subscriptions.StateOpen
		})
		f, err := a.db.Feed(ctx, "old")
		if err != nil || len(f.Auth) != 3 || len(f.Headers) != 1 {
			t.Errorf("after %s the feed is %+v, %v", run, f, err)
		}
		if run == "a restart" {
			if err := a.RemoveFeed(ctx, "old"); err != nil {
				t.Error(err)
			}
			if b, err := os.ReadFile(dirs.secrets()); err != nil || string(b) != "{}" {
				t.Errorf("secrets left: %s, %v", b, err)
			}
		}
		server.CloseClientConnections()
		stop()
	}
}

// holds looks for a secret in every file of the database.
func holds(t *testing.T, dir, secret string) (found bool) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "bellwire.db*"))
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, path := range files {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		found = found || strings.Contains(string(b), secret)
	}
	return found
}

// A credential that cannot be used is refused, and nothing of it is kept.
func TestBadIdentityIsRefused(t *testing.T) {
	a, _ := open(t, shortDir(t))
	auth := func(by subscriptions.AuthBy, name, value string, ref subscriptions.SecretRef) control.NewFeed {
		return control.NewFeed{URL: "http://127.0.0.1:9/", Auth: []control.NewCredential{{Credential: subscriptions.Credential{By: by, Name: name, Secret: ref}, Value: value}}}
	}
	for name, n := range map[string]control.NewFeed{
		"line break in the secret": auth(subscriptions.AuthBearer, "", "hush\r\nX: y", ""),
		"line break in a header":   {URL: "http://127.0.0.1:9/", Headers: []subscriptions.Header{{Name: "X-Api-Key", Value: "hush\ny"}}},
		"no secret":                auth(subscriptions.AuthBearer, "", "", ""),
		"another's entry":          auth(subscriptions.AuthBearer, "", "", "keyring:other"),
		"no name":                  auth(subscriptions.AuthQuery, "", "hush", ""),
		"unknown kind":             auth("dance", "", "hush", ""),
		"two secrets in frames":    {URL: "ws://127.0.0.1:9/", Settings: subscriptions.Settings{Frames: []subscriptions.Frame{{Send: `{"token":"hush"}`}, {Send: `{"token":"hush-hush"}`}}}},
		"a frame without a secret": {URL: "ws://127.0.0.1:9/", Settings: subscriptions.Settings{Frames: []subscriptions.Frame{{Send: "{{ secret }}"}}}},
		"a secret without a frame": auth(subscriptions.AuthFrame, "", "hush", ""),
		"relative authority":       {URL: "https://127.0.0.1:9/", TLS: subscriptions.TLS{CAFile: "ca.pem"}},
		"nobody to accept":         {URL: "https://127.0.0.1:9/", AcceptCertificate: true},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := a.AddFeed(t.Context(), n)
			e, ok := err.(*control.Error)
			if !ok || e.Status != http.StatusBadRequest || strings.Contains(e.Message, "hush") {
				t.Errorf("error %v", err)
			}
		})
	}
	if _, err := os.Stat(a.cfg.Dirs.secrets()); err == nil {
		t.Error("something was kept")
	}
}
