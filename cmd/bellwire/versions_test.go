package main

import (
	"bytes"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"bellwire/internal/control"
)

// oldDaemon answers as one of an earlier version would: it knows its status,
// and adding feeds without anything that came later.
func oldDaemon(t *testing.T, version string) (dir string) {
	t.Helper()
	// Not t.TempDir: a socket's path is limited.
	dir, err := os.MkdirTemp("", "bw")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	l, err := control.Listen(filepath.Join(dir, "bellwire.sock"), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v1/status", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"version":"`+version+`","from_the_future":{"a":[1]},"tray":"on-the-moon",
			"upgrade":{"state":"staged","path":"/x","more":1},"feeds":[{"id":"a","name":"A","state":"dreaming","transport":"quic"}]}`)
	})
	mux.HandleFunc("POST /v1/feeds", func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusBadRequest)
		_, _ = io.WriteString(w, `{"error":"the request cannot be read: json: unknown field \"transport\""}`)
	})
	mux.HandleFunc("DELETE /v1/feeds/{id}", func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusNotFound)
		_, _ = io.WriteString(w, `{"error":"there is no feed \"a\"","hint":"See them with: bellwire feeds"}`)
	})
	server := &http.Server{Handler: mux}
	ended := make(chan struct{})
	go func() { defer close(ended); _ = server.Serve(l) }()
	t.Cleanup(func() { server.Close(); <-ended })
	return dir
}

// What a daemon of another version does not understand is told with what to
// do, what it refuses itself as ever, and what it says is shown as it is.
func TestDaemonOfAnotherVersion(t *testing.T) {
	const hint = "hint: Bellwire 0.0.1 is still running, and this is dev; restart it with: bellwire restart\n"
	for name, tc := range map[string]struct {
		version string
		args    []string
		code    int
		want    string // in what it says
		hinted  bool
	}{
		"unknown route":              {"0.0.1", []string{"keep"}, exitFailed, "error: the running Bellwire does not know what it was asked: ", true},
		"unknown field":              {"0.0.1", []string{"add", "http://127.0.0.1:9/", "--transport", "sse"}, exitUsage, `json: unknown field "transport"`, true},
		"the same version":           {"dev", []string{"keep"}, exitFailed, "error: the daemon answered 404 Not Found\n", false},
		"a refusal":                  {"0.0.1", []string{"remove", "a"}, exitNotFound, "error: there is no feed \"a\"\nhint: See them with: bellwire feeds\n", false},
		"values of a later version":  {"0.0.1", []string{"status"}, exitOK, "dreaming", false},
		"and of the tray":            {"0.0.1", []string{"status"}, exitOK, "\nTray: on-the-moon\n", false},
		"restart is not known there": {"0.0.1", []string{"restart"}, exitFailed, "hint: Stop it with: bellwire quit, and start it again with: bellwire\n", false},
	} {
		t.Run(name, func(t *testing.T) {
			dir := oldDaemon(t, tc.version)
			var out bytes.Buffer
			code := run(t.Context(), append([]string{"--dir", dir}, tc.args...), stdio{strings.NewReader(""), &out, &out})
			if code != tc.code || !strings.Contains(out.String(), tc.want) || strings.Contains(out.String(), hint) != tc.hinted {
				t.Errorf("code %d, want %d; it says\n%s", code, tc.code, out.String())
			}
		})
	}
}
