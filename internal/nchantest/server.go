package nchantest

import (
	"context"
	"crypto/rand"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"text/template"
	"time"

	"bellwire/internal/porttest"
)

//go:embed nchan.conf
var config string

// patience bounds every wait for nginx; a busy machine needs less.
const patience = 3 * time.Minute

// The credential that /private wants, in the three ways it can be given.
const (
	Bearer = "Bearer s3cret"
	Basic  = "Basic dXNlcjpwYXNz" // user:pass
	Token  = "token=s3cret"       // as a query
)

// A Server is one nginx process of its own, on a loopback port of its own.
// Its methods fail the test rather than return errors, and are not safe for
// concurrent use, except for [Server.URL], [Server.WS], [Server.Addr] and
// [Server.Publish].
type Server struct {
	t       testing.TB
	nginx   string
	dir     string // nginx's prefix
	addr    string
	wide    *wide // nil: it listens at one address
	token   string
	process *process
}

// process is one run of nginx.
type process struct {
	cmd    *exec.Cmd
	worker *os.Process
	done   chan struct{} // closed when the master process is gone
}

// Start starts a server and stops it when the test ends. Where nginx or its
// module is missing the test fails: it never skips.
func Start(t testing.TB) *Server {
	t.Helper()
	return start(t, nil)
}

func start(t testing.TB, wide *wide) *Server {
	t.Helper()
	nginx, module, err := find()
	if err != nil {
		t.Fatal(err)
	}
	s := &Server{t: t, nginx: nginx, dir: t.TempDir(), token: rand.Text(), wide: wide}
	// nginx's own temporary folders are not made with their parents.
	if err := os.Mkdir(filepath.Join(s.dir, "tmp"), 0o700); err != nil {
		t.Fatal(err)
	}
	// nchan makes /var/lib/nginx/body whatever the configuration says, but
	// not its parent. Where that is missing and cannot be made, nginx says so.
	_ = os.MkdirAll("/var/lib/nginx", 0o755)
	t.Cleanup(s.cleanup)

	// A stranger may take the port before nginx does.
	for range 5 {
		s.addr = porttest.Reserve(t)
		if wide != nil {
			wide.secure = porttest.Reserve(t)
		}
		s.configure(module)
		if err = s.start(); err == nil {
			return s
		}
	}
	t.Fatalf("starting nginx: %v\n%s", err, s.log())
	return nil
}

// configure writes nginx's configuration.
func (s *Server) configure(module string) {
	s.t.Helper()
	listen, secure := []string{s.addr}, []string(nil)
	if s.wide != nil {
		listen, secure = s.wide.hostsOf(s.addr), s.wide.hostsOf(s.wide.secure)
		if err := writeCertificate(s.dir); err != nil {
			s.t.Fatal(err)
		}
	}
	var b strings.Builder
	err := template.Must(template.New("nchan.conf").Parse(config)).Execute(&b, map[string]any{
		"Module": module,
		"Root":   os.Getuid() == 0, // the workers would become "nobody", who cannot read our folder
		"Listen": listen,
		"TLS":    secure,
		"Token":  s.token,
	})
	if err != nil {
		s.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(s.dir, "nchan.conf"), []byte(b.String()), 0o600); err != nil {
		s.t.Fatal(err)
	}
}

// start runs nginx and waits until it answers.
func (s *Server) start() error {
	cmd := exec.Command(s.nginx, "-p", s.dir+"/", "-c", "nchan.conf", "-e", "error.log")
	dieWithParent(cmd)
	if err := cmd.Start(); err != nil {
		return err
	}
	p := &process{cmd: cmd, done: make(chan struct{})}
	go func() {
		defer close(p.done)
		_ = cmd.Wait() // how it ended is told by error.log
	}()

	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		if pid, ok := s.probe(ctx); ok {
			worker, err := os.FindProcess(pid)
			p.worker, s.process = worker, p
			return err
		}
		select {
		case <-p.done:
			return errors.New("nginx ended at once")
		case <-ctx.Done():
			p.kill()
			return errors.New("nginx does not answer")
		case <-tick.C:
		}
	}
}

// probe asks the server for its worker's process id; ok is false when nobody
// or another server answers.
func (s *Server) probe(ctx context.Context) (pid int, ok bool) {
	c := newClient()
	defer c.CloseIdleConnections()
	body, err := s.do(ctx, c, http.MethodGet, "/nchantest", nil, nil)
	if err != nil {
		return 0, false
	}
	token, id, _ := strings.Cut(body, " ")
	pid, err = strconv.Atoi(id)
	return pid, err == nil && token == s.token
}

// Stop ends the server and every connection to it, as a crash of the host
// would not: peers see their streams end. Channels and their messages are
// lost. Without effect when it is stopped already.
func (s *Server) Stop() {
	s.t.Helper()
	p := s.process
	if p == nil {
		return
	}
	s.process = nil
	resume(p.worker)
	terminate(p.cmd.Process)
	select {
	case <-p.done:
	case <-time.After(patience):
		p.kill()
		s.t.Errorf("nginx did not end when asked\n%s", s.log())
	}
}

// kill ends p without asking; the master first, or it would start another
// worker.
func (p *process) kill() {
	_ = p.cmd.Process.Kill()
	<-p.done
	if p.worker != nil {
		_ = p.worker.Kill() // may be gone already
	}
}

// Kill ends the server without asking it: its kernel ends the connections,
// in the middle of whatever was being said. Channels and their messages are
// lost. Without effect when it is stopped already.
func (s *Server) Kill() {
	if p := s.process; p != nil {
		s.process = nil
		p.kill()
	}
}

// Restart stops the server where it runs and starts it again at the same
// address. It returns when it answers.
func (s *Server) Restart() {
	s.t.Helper()
	s.Stop()
	if err := s.start(); err != nil {
		s.t.Fatalf("restarting nginx: %v\n%s", err, s.log())
	}
}

// Suspend makes the server a half-open peer: its kernel still accepts and
// acknowledges, and nothing ever answers.
func (s *Server) Suspend() {
	s.t.Helper()
	if err := suspend(s.process.worker); err != nil {
		s.t.Fatalf("suspending nginx: %v", err)
	}
}

// Continue undoes [Server.Suspend].
func (s *Server) Continue() {
	s.t.Helper()
	if err := resume(s.process.worker); err != nil {
		s.t.Fatalf("continuing nginx: %v", err)
	}
}

// Addr is the server's host and port; it never changes.
func (s *Server) Addr() string { return s.addr }

// PID is the process that serves now, for reading what it uses.
func (s *Server) PID() int { return s.process.worker.Pid }

// URL is the http address of path, which starts with a slash and may have a
// query.
func (s *Server) URL(path string) string { return "http://" + s.addr + path }

// WS is the ws address of path.
func (s *Server) WS(path string) string { return "ws://" + s.addr + path }

func (s *Server) cleanup() {
	s.Stop()
	if s.t.Failed() {
		s.t.Logf("nginx's error.log:\n%s", s.log())
	}
}

// log is the end of nginx's error.log.
func (s *Server) log() string {
	b, err := os.ReadFile(filepath.Join(s.dir, "error.log"))
	if err != nil {
		return err.Error()
	}
	return string(b[max(0, len(b)-4096):])
}

func newClient() *http.Client {
	return &http.Client{Transport: &http.Transport{}, Timeout: patience}
}

// do sends one request and returns the answer's body; every status but 2xx
// is an error.
func (s *Server) do(ctx context.Context, c *http.Client, method, path string, header http.Header, body io.Reader) (string, error) {
	req, err := http.NewRequestWithContext(ctx, method, s.URL(path), body)
	if err != nil {
		return "", err
	}
	for name, values := range header {
		req.Header[name] = values
	}
	resp, err := c.Do(req)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	if err != nil {
		return "", err
	}
	if resp.StatusCode/100 != 2 {
		return "", fmt.Errorf("%s %s: %s", method, path, resp.Status)
	}
	return string(b), nil
}
