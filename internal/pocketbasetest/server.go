//go:build linux

package pocketbasetest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"bellwire/internal/porttest"
)

// patience bounds every wait for the server; a busy machine needs less. The
// first build may have to fetch modules.
const (
	patience      = 60 * time.Second
	buildPatience = 10 * time.Minute
)

// A Server is one process with one collection, posts, that everyone may read
// and write. Its methods fail the test rather than return errors, and are not
// safe for concurrent use.
type Server struct {
	// URL is its address, without a slash at the end.
	URL string

	t        testing.TB
	bin, dir string
	cmd      *exec.Cmd // nil while it is stopped
	client   *http.Client
}

// Start builds and starts a server, and stops it when the test ends.
func Start(t testing.TB) *Server {
	t.Helper()
	s := &Server{
		URL: "http://" + porttest.Reserve(t), t: t, dir: t.TempDir(),
		client: &http.Client{Transport: &http.Transport{DisableKeepAlives: true}},
	}
	s.bin = filepath.Join(s.dir, "pocketbase")
	folder, err := source()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), buildPatience)
	defer cancel()
	cmd := exec.CommandContext(ctx, "go", "build", "-o", s.bin, ".")
	cmd.Dir = folder
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("building the server: %v\n%s", err, out)
	}
	t.Cleanup(s.Stop)
	s.Restart()
	return s
}

// source is the folder of the server's module.
func source() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		folder := filepath.Join(dir, "internal", "pocketbasetest", "server")
		if _, err := os.Stat(filepath.Join(folder, "go.mod")); err == nil {
			return folder, nil
		}
		if dir == filepath.Dir(dir) {
			return "", errors.New("the working folder is not in Bellwire's source")
		}
		dir = filepath.Dir(dir)
	}
}

// Restart starts the server, stopped before or not, with the records it had.
// It returns when it answers.
func (s *Server) Restart() {
	s.t.Helper()
	s.Stop()
	out, err := os.OpenFile(filepath.Join(s.dir, "out"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		s.t.Fatal(err)
	}
	defer out.Close()
	cmd := exec.Command(s.bin, "serve", "--http", strings.TrimPrefix(s.URL, "http://"), "--dir", filepath.Join(s.dir, "data"))
	cmd.Stdout, cmd.Stderr = out, out
	// It ends with the test process, whatever becomes of that.
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	s.cmd = cmd
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		if err := s.do(ctx, http.MethodGet, "/api/health", nil); err == nil {
			return
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			said, _ := os.ReadFile(out.Name())
			s.t.Fatalf("the server does not answer:\n%s", said)
		}
	}
}

// Stop ends the server without a word to anybody.
func (s *Server) Stop() {
	if s.cmd == nil {
		return
	}
	_ = s.cmd.Process.Kill()
	_ = s.cmd.Wait()
	s.cmd = nil
}

// Post adds a record to posts.
func (s *Server) Post(title, message string) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	body, err := json.Marshal(map[string]string{"title": title, "message": message})
	if err == nil {
		err = s.do(ctx, http.MethodPost, "/api/collections/posts/records", body)
	}
	if err != nil {
		s.t.Fatal(err)
	}
}

func (s *Server) do(ctx context.Context, method, path string, body []byte) error {
	req, err := http.NewRequestWithContext(ctx, method, s.URL+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := s.client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode/100 != 2 {
		b, _ := io.ReadAll(io.LimitReader(resp.Body, 1000))
		return fmt.Errorf("%s %s: %s %s", method, path, resp.Status, b)
	}
	return nil
}
