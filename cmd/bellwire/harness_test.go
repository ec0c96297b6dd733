//go:build linux

package main

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"bellwire/internal/control"
	"bellwire/subscriptions"
)

// patience bounds every wait; a busy machine needs less. It is longer than
// the longest wait between two attempts of a feed.
const patience = 3 * time.Minute

// A program is Bellwire as a user has it: a process, a folder, a command
// line.
type program struct {
	t   testing.TB
	bin string
	dir string
	env []string
	// user is who examines and obeys; nil: who tests.
	user *syscall.Credential
	cmd  *exec.Cmd
	// groups are the process groups to end with the test.
	groups []*exec.Cmd
	// log is what the daemon says. A file and no pipe: a window that outlives
	// the daemon writes there too, and a broken pipe would end it.
	log *os.File
}

// newProgram makes a folder; nothing runs yet. env is added to the
// environment of every process.
func newProgram(t testing.TB, env ...string) *program {
	t.Helper()
	// Not t.TempDir: a socket's path is limited.
	dir, err := os.MkdirTemp("", "bw")
	if err != nil {
		t.Fatal(err)
	}
	p := &program{t: t, bin: "bellwire", dir: filepath.Join(dir, "b")}
	if p.log, err = os.OpenFile(filepath.Join(dir, "log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600); err != nil {
		t.Fatal(err)
	}
	p.env = append(os.Environ(), "DISPLAY=", "WAYLAND_DISPLAY=", "DBUS_SESSION_BUS_ADDRESS=", "BELLWIRE_DIR="+p.dir)
	p.env = append(p.env, "GORACE=atexit_sleep_ms=0") // or each command takes a second more under -race
	p.env = append(p.env, env...)
	t.Cleanup(func() {
		p.stop(syscall.SIGTERM)
		for _, g := range p.groups {
			_ = syscall.Kill(-g.Process.Pid, syscall.SIGKILL)
		}
		if t.Failed() {
			t.Logf("the daemon's log:\n%s", p.said())
		}
		p.log.Close()
		os.RemoveAll(dir)
	})
	return p
}

// said is what the daemon has said so far.
func (p *program) said() string {
	b, err := os.ReadFile(p.log.Name())
	if err != nil {
		p.t.Error(err)
	}
	return string(b)
}

// start starts the daemon and waits until it answers.
func (p *program) start(args ...string) {
	p.t.Helper()
	p.launch(append([]string{"run"}, args...)...)
}

// launch starts what is the daemon by other arguments than run.
func (p *program) launch(args ...string) {
	p.t.Helper()
	p.execute(args...)
	p.run("status", "--wait", patience.String())
}

// execute starts a daemon and does not wait.
func (p *program) execute(args ...string) {
	p.t.Helper()
	p.cmd = exec.Command(p.bin, args...)
	p.cmd.Env, p.cmd.Stderr, p.cmd.Stdout = p.env, p.log, p.log
	// A window it opens outlives it.
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	p.groups = append(p.groups, p.cmd)
	if err := p.cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
}

// stop ends the daemon with a signal and waits for its end.
func (p *program) stop(sig syscall.Signal) {
	if p.cmd == nil {
		return
	}
	_ = p.cmd.Process.Signal(sig)
	stuck := stuckAfter(p.t, p.cmd)
	_ = p.cmd.Wait()
	stuck.Stop()
	p.cmd = nil
}

// stuckAfter fails the test, and has a process tell where it hangs, unless it
// is stopped within patience.
func stuckAfter(t testing.TB, cmd *exec.Cmd) *time.Timer {
	return time.AfterFunc(patience, func() {
		t.Errorf("%q does not end; what it does is in its log", cmd.Args)
		_ = cmd.Process.Signal(syscall.SIGQUIT)
	})
}

// run runs a command that has to succeed.
func (p *program) run(args ...string) string {
	p.t.Helper()
	// A wait of patience may be what it is asked for.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(p.t.Context()), patience+time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, p.bin, args...)
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGQUIT) } // it tells where it hangs
	cmd.Env = p.env
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		p.t.Fatalf("bellwire %s: %v\n%s", strings.Join(args, " "), err, stderr.String())
	}
	return strings.TrimSpace(string(out))
}

func (p *program) client() *control.Client {
	return control.NewClient(filepath.Join(p.dir, "bellwire.sock"))
}

// awaitState waits until a feed is in a state.
func (p *program) awaitState(id string, want subscriptions.State) {
	p.t.Helper()
	p.await(func(ctx context.Context, c *control.Client) bool {
		feeds, err := c.Feeds(ctx)
		return err == nil && slices.ContainsFunc(feeds, func(f control.Feed) bool { return f.ID == id && f.State == want })
	}, "feed %s to be %s", id, want)
}

// awaitRows waits until a feed has at least n rows.
func (p *program) awaitRows(id string, n int) {
	p.t.Helper()
	p.await(func(ctx context.Context, c *control.Client) bool {
		feeds, err := c.Feeds(ctx)
		return err == nil && slices.ContainsFunc(feeds, func(f control.Feed) bool { return f.ID == id && f.Events >= int64(n) })
	}, "%d rows of %s", n, id)
}

// await looks again at every change that the daemon tells.
func (p *program) await(done func(context.Context, *control.Client) bool, what string, args ...any) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.t.Context(), patience)
	defer cancel()
	c := p.client()
	if done(ctx, c) {
		return
	}
	for _, err := range c.Events(ctx, control.EventsOptions{After: control.Live}) {
		if err != nil {
			break
		}
		if done(ctx, c) {
			return
		}
	}
	if !done(ctx, c) {
		p.t.Fatalf("waited in vain for "+what, args...)
	}
}

// awaitPolled is await for what the daemon does not announce, or too often
// to look every time.
func (p *program) awaitPolled(done func() bool, what string, args ...any) {
	p.t.Helper()
	if !polled(p.t, done) {
		p.t.Fatalf("waited in vain for "+what, args...)
	}
}

// polled looks twenty times a second and reports whether done was true within
// patience.
func polled(t testing.TB, done func() bool) bool {
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for !done() {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return false
		}
	}
	return true
}

// row is what the tests look at in a line of history --json.
type row struct {
	Seq       int64  `json:"seq"`
	Kind      string `json:"kind"`
	MessageID string `json:"message_id"`
	Title     string `json:"title"`
	Raw       string `json:"raw"`

	Received time.Time `json:"received"`
}

// history is a feed's rows, oldest first, from the command line.
func (p *program) history(id string) (rows []row) {
	p.t.Helper()
	for line := range strings.Lines(p.run("history", "--json", "--oldest-first", "--limit", "0", "--feed", id)) {
		var r row
		if err := json.Unmarshal([]byte(line), &r); err != nil {
			p.t.Fatalf("history line %q: %v", line, err)
		}
		rows = append(rows, r)
	}
	return rows
}

// raws is the payloads of events; gaps are told by their kind.
func raws(rows []row) (out []string) {
	for _, r := range rows {
		if r.Kind != string(subscriptions.KindEvent) {
			out = append(out, r.Kind)
			continue
		}
		out = append(out, r.Raw)
	}
	return out
}

type controlClient = control.Client

// awaitWindow waits until a window is open.
func (p *program) awaitWindow(ctx context.Context) {
	p.t.Helper()
	p.awaitPolled(func() bool {
		open, err := p.client().Show(ctx, control.Show{})
		return err == nil && open
	}, "the window")
}

// awaitFile waits for a file that appears whole.
func awaitFile(t *testing.T, path string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		b, err := os.ReadFile(path)
		if err == nil {
			return string(b)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatal(err)
		}
	}
}

// statusField is a number in a file like /proc/PID/status.
func statusField(tb testing.TB, path, name string) int {
	tb.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		tb.Fatal(err)
	}
	m := regexp.MustCompile(`(?m)^` + name + `:\s+(\d+)`).FindSubmatch(data)
	if m == nil {
		tb.Fatalf("%s has no %s", path, name)
	}
	n, _ := strconv.Atoi(string(m[1]))
	return n
}
