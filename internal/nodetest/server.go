//go:build linux

package nodetest

import (
	"context"
	"crypto/rand"
	"embed"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

//go:embed server.js socketio.js graphql.js events.js
var programs embed.FS

// patience bounds every wait for the server; a busy machine needs less.
const patience = 60 * time.Second

// A Server is one Node.js process of its own, on a loopback port of its own,
// with a history on disk that outlives it. Its methods fail the test rather
// than return errors. They are not safe for concurrent use, except for
// [Server.WS] and [Server.Publish].
type Server struct {
	t      testing.TB
	dir    string
	addr   string
	client *http.Client
	cmd    *exec.Cmd // nil while it is stopped
	out    string    // the file of its output
}

// Start starts a WebSocket server and stops it when the test ends. Where
// Node.js or its modules are missing the test fails: it never skips.
func Start(t testing.TB) *Server { t.Helper(); return run(t, "server.js") }

// StartSocketIO is Start for a Socket.IO server: see socketio.js.
func StartSocketIO(t testing.TB) *Server { t.Helper(); return run(t, "socketio.js") }

// StartGraphQL is Start for a server of GraphQL subscriptions: see graphql.js.
func StartGraphQL(t testing.TB) *Server { t.Helper(); return run(t, "graphql.js") }

// StartEvents is Start for a server of event streams: see events.js.
func StartEvents(t testing.TB) *Server { t.Helper(); return run(t, "events.js") }

func run(t testing.TB, name string) *Server {
	t.Helper()
	s := &Server{t: t, dir: t.TempDir(), client: &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}}
	s.out = filepath.Join(s.dir, "out")
	program, err := programs.ReadFile(name)
	if err == nil {
		err = os.WriteFile(filepath.Join(s.dir, "server.js"), program, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.cleanup)
	// Another process may take the port between the look and the bind.
	for range 5 {
		s.addr = freeAddr(t)
		if err = s.start(); err == nil {
			return s
		}
	}
	t.Fatalf("starting the server: %v\n%s", err, s.output())
	return nil
}

// freeAddr is a loopback address nobody listens at. Ports below the usual
// ephemeral range are used, so that no outgoing connection takes the port
// while the server is down for a moment.
func freeAddr(t testing.TB) string {
	t.Helper()
	for range 100 {
		n, err := rand.Int(rand.Reader, big.NewInt(12000))
		if err != nil {
			t.Fatal(err)
		}
		addr := net.JoinHostPort("127.0.0.1", strconv.FormatInt(20000+n.Int64(), 10))
		if l, err := net.Listen("tcp", addr); err == nil {
			l.Close()
			return addr
		}
	}
	t.Fatal("no free loopback port found")
	return ""
}

// modules is the folder that scripts/deps puts the modules into.
func modules() (string, error) {
	dir, err := os.Getwd()
	for err == nil {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			break
		}
		if dir == filepath.Dir(dir) {
			return "", errors.New("the working folder is in no module")
		}
		dir = filepath.Dir(dir)
	}
	dir = filepath.Join(dir, "build", "node", "node_modules")
	if _, err := os.Stat(filepath.Join(dir, "ws")); err != nil {
		return "", errors.New("the Node.js module ws is not installed: run `make deps`")
	}
	return dir, nil
}

// start runs the server and waits until it answers.
func (s *Server) start() error {
	folder, err := modules()
	if err != nil {
		return err
	}
	_, port, _ := net.SplitHostPort(s.addr)
	out, err := os.OpenFile(s.out, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer out.Close()
	cmd := exec.Command("node", filepath.Join(s.dir, "server.js"), port, s.dir)
	cmd.Env = append(os.Environ(), "NODE_PATH="+folder)
	cmd.Stdout, cmd.Stderr = out, out
	// It ends with the test process, whatever becomes of that.
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("%w (on Debian: nodejs): run `make deps`", err)
	}
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		_, _ = cmd.Process.Wait() // how it ended is told by its output
	}()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		if pid, err := s.do(ctx, http.MethodGet, "/", nil, ""); err == nil && pid == strconv.Itoa(cmd.Process.Pid) {
			s.cmd = cmd
			return nil
		}
		select {
		case <-gone:
			return errors.New("the server ended at once")
		case <-ctx.Done():
			_ = cmd.Process.Kill()
			return errors.New("the server does not answer")
		case <-tick.C:
		}
	}
}

// Kill ends the server without a word to anybody. Its history stays.
func (s *Server) Kill() {
	s.t.Helper()
	if s.cmd == nil {
		return
	}
	pid := s.cmd.Process.Pid
	_ = syscall.Kill(pid, syscall.SIGKILL)
	s.cmd = nil
	// The port is free once the process is gone.
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for syscall.Kill(pid, 0) == nil {
		select {
		case <-tick.C:
		case <-ctx.Done():
			s.t.Fatal("the server does not die")
		}
	}
}

// Restart starts a killed server again, at the same address and with the same
// history. It returns when it answers.
func (s *Server) Restart() {
	s.t.Helper()
	s.Kill()
	if err := s.start(); err != nil {
		s.t.Fatalf("restarting the server: %v\n%s", err, s.output())
	}
}

// Suspend makes the server a half-open peer: its kernel still accepts and
// acknowledges, and nothing ever answers.
func (s *Server) Suspend() { s.signal(syscall.SIGSTOP) }

// Continue undoes [Server.Suspend].
func (s *Server) Continue() { s.signal(syscall.SIGCONT) }

func (s *Server) signal(sig syscall.Signal) {
	s.t.Helper()
	if err := s.cmd.Process.Signal(sig); err != nil {
		s.t.Fatal(err)
	}
}

// WS is the ws address of path, which starts with a slash and may have a
// query.
func (s *Server) WS(path string) string { return "ws://" + s.addr + path }

// HTTP is the http address of path.
func (s *Server) HTTP(path string) string { return "http://" + s.addr + path }

// Acks is what a room of a WebSocket server has been told to be acknowledged,
// as a list in JSON.
func (s *Server) Acks(room string) string {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	answer, err := s.do(ctx, http.MethodGet, "/acks", url.Values{"room": {room}}, "")
	if err != nil {
		s.t.Fatal(err)
	}
	return answer
}

// Publish adds one message to a room, however often the server dies
// meanwhile: each key counts once. An error means that ctx has ended.
func (s *Server) Publish(ctx context.Context, room, key, data string) error {
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		_, err := s.do(ctx, http.MethodPost, "/publish", url.Values{"room": {room}, "key": {key}}, data)
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return err
		case <-tick.C:
		}
	}
}

// AwaitClients waits until n connections have joined a room.
func (s *Server) AwaitClients(room string, n int) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		got, err := s.do(ctx, http.MethodGet, "/clients", url.Values{"room": {room}}, "")
		if err == nil && got == strconv.Itoa(n) {
			return
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			s.t.Fatalf("room %s has %s connections, not %d: %v", room, got, n, err)
		}
	}
}

// Cut breaks all connections of a Socket.IO server and publishes, once they are
// gone, three texts.
func (s *Server) Cut() { s.tell("/cut") }

// Refuse makes a server of GraphQL subscriptions close its connections, as one
// does whose credentials it takes no more.
func (s *Server) Refuse() { s.tell("/refuse") }

// Drop breaks all connections.
func (s *Server) Drop() { s.tell("/drop") }

// Silent stops all answers to heartbeats, pings of the protocol excepted.
func (s *Server) Silent() { s.tell("/silent") }

func (s *Server) tell(path string) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if _, err := s.do(ctx, http.MethodPost, path, nil, ""); err != nil {
		s.t.Fatal(err)
	}
}

// do sends one request and returns the answer's body; every status but 2xx
// is an error.
func (s *Server) do(ctx context.Context, method, path string, query url.Values, body string) (string, error) {
	address := "http://" + s.addr + path + "?" + query.Encode()
	req, err := http.NewRequestWithContext(ctx, method, address, strings.NewReader(body))
	if err != nil {
		return "", err
	}
	resp, err := s.client.Do(req)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	if err == nil && resp.StatusCode/100 != 2 {
		err = fmt.Errorf("%s %s: %s", method, path, resp.Status)
	}
	return string(b), err
}

func (s *Server) cleanup() {
	s.Kill()
	if s.t.Failed() {
		s.t.Logf("the server's output:\n%s", s.output())
	}
}

// output is the end of what the server wrote.
func (s *Server) output() string {
	b, err := os.ReadFile(s.out)
	if err != nil {
		return err.Error()
	}
	return string(b[max(0, len(b)-4096):])
}
