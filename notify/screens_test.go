//go:build !windows && !darwin

package notify

import (
	"bufio"
	"context"
	"encoding/json"
	"net"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"

	"bellwire/notify/notifytest"
)

// A screen is the other end of a backend, for [TestEveryBackend].
type screen struct {
	// open makes the backend that shows on this screen.
	open func(t *testing.T) (Backend, error)
	// visible is what a person sees now; nil where nothing is. A screen that
	// cannot tell texts returns empty ones.
	visible func(t *testing.T) []seen
	// hang makes the other end stop answering until release is called; nil
	// where nobody answers.
	hang func(t *testing.T) (release func())
	// called waits until the other end was given that many notifications;
	// nil where it cannot tell.
	called func(ctx context.Context, n int) error
}

// seen is one notification as a person reads it.
type seen struct{ title, body string }

// Every backend is here, with every desktop that runs on this machine.
var screens = map[string]struct {
	name      string // of the backend
	screen    func(t *testing.T) screen
	replaces  bool // what has the same key; where not, both are seen
	blind     bool // the screen cannot tell texts
	named     bool // somebody names it otherwise than by Open
	oneLine   bool // body and title are one line, and no more of them
	stateless bool // there is nothing that Close could end
}{
	"freedesktop, recorded": {name: "freedesktop", screen: recordedScreen, replaces: true},
	"freedesktop, dunst":    {name: "freedesktop", screen: dunstScreen, replaces: true},
	"freedesktop, xfce":     {name: "freedesktop", screen: xfceScreen, replaces: true, blind: true},
	"portal, recorded":      {name: "portal", screen: portalScreen, replaces: true},
	"beeep":                 {name: "beeep", screen: beeepScreen},
	"exec":                  {name: "exec", screen: execScreen, named: true},
	"terminal":              {name: "terminal", screen: terminalScreen, oneLine: true},
	"none":                  {name: "none", screen: noScreen, blind: true, stateless: true},
}

// onBus opens a backend on a private bus.
func onBus(bus *notifytest.MessageBus, name string) func(t *testing.T) (Backend, error) {
	return func(t *testing.T) (Backend, error) {
		t.Helper()
		t.Setenv("DBUS_SESSION_BUS_ADDRESS", bus.Address)
		t.Setenv(beeepChild, "1")
		return Open(soon(t), name, Options{
			AppName: "Bellwire", BeeepChild: []string{os.Args[0]},
			OnActivate: func(Activation) {}, OnEnd: func(Ending) {},
		})
	}
}

func recordedScreen(t *testing.T) screen { return recorded(t, "freedesktop") }
func beeepScreen(t *testing.T) screen    { return recorded(t, "beeep") }

func recorded(t *testing.T, name string) screen {
	bus := notifytest.Bus(t)
	r := notifytest.Record(t, bus)
	return screen{
		open: onBus(bus, name),
		visible: func(t *testing.T) []seen {
			all := map[uint32]seen{}
			for _, n := range r.Notifications() {
				all[n.ID] = seen{n.Summary, readMarkup(t, n.Body)}
			}
			return values(all)
		},
		hang:   func(*testing.T) func() { r.Hang("Notify"); return r.Release },
		called: r.WaitCalls,
	}
}

func portalScreen(t *testing.T) screen {
	bus := notifytest.Bus(t)
	p := notifytest.RecordPortal(t, bus, 2)
	return screen{
		open: onBus(bus, "portal"),
		visible: func(*testing.T) []seen {
			all := map[string]seen{}
			for _, n := range p.Notifications() {
				head, _ := n.Values["title"].(string)
				body, _ := n.Values["body"].(string)
				all[n.ID] = seen{head, body}
			}
			return values(all)
		},
		hang:   func(*testing.T) func() { p.Hang("AddNotification"); return p.Release },
		called: p.WaitCalls,
	}
}

func dunstScreen(t *testing.T) screen {
	bus := notifytest.Bus(t)
	dunst := notifytest.Dunst(t, bus)
	return screen{
		open: onBus(bus, "freedesktop"),
		visible: func(t *testing.T) []seen {
			var all []seen
			for _, n := range dunst.History(t) {
				all = append(all, seen{n.Summary, readMarkup(t, n.Body)})
			}
			return all
		},
		hang: func(t *testing.T) func() { return stopped(t, dunst.Process()) },
	}
}

func xfceScreen(t *testing.T) screen {
	bus := notifytest.Bus(t)
	xfce := notifytest.Xfce(t, bus)
	return screen{
		open:    onBus(bus, "freedesktop"),
		visible: func(t *testing.T) []seen { return make([]seen, len(xfce.Windows(t))) },
		hang:    func(t *testing.T) func() { return stopped(t, xfce.Process()) },
	}
}

// stopped stops a process until release is called.
func stopped(t *testing.T, p *os.Process) (release func()) {
	t.Helper()
	if err := p.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	return func() { _ = p.Signal(syscall.SIGCONT) }
}

// A paper is written on, unless somebody holds it.
type paper struct {
	mu    sync.Mutex
	lines []string
	calls int
	hold  chan struct{} // nil unless held
	wrote *sync.Cond
}

func (p *paper) Write(b []byte) (int, error) {
	p.await()
	p.note(string(b))
	return len(b), nil
}

// await counts a call, and waits while somebody holds the paper.
func (p *paper) await() {
	p.mu.Lock()
	p.calls++
	hold := p.hold
	p.wrote.Broadcast()
	p.mu.Unlock()
	if hold != nil {
		<-hold
	}
}

func (p *paper) note(line string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.lines = append(p.lines, line)
}

// stop holds the paper until release is called.
func (p *paper) stop(*testing.T) (release func()) {
	hold := make(chan struct{})
	p.mu.Lock()
	p.hold = hold
	p.mu.Unlock()
	return sync.OnceFunc(func() {
		p.mu.Lock()
		p.hold = nil
		p.mu.Unlock()
		close(hold)
	})
}

// called waits until somebody wanted to write that often.
func (p *paper) called(_ context.Context, n int) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	for p.calls < n {
		p.wrote.Wait()
	}
	return nil
}

func terminalScreen(t *testing.T) screen {
	p := &paper{}
	p.wrote = sync.NewCond(&p.mu)
	return screen{
		open: func(t *testing.T) (Backend, error) { return Open(soon(t), "terminal", Options{Stdout: p}) },
		visible: func(t *testing.T) []seen {
			p.mu.Lock()
			defer p.mu.Unlock()
			var all []seen
			for _, line := range p.lines {
				_, text, ok := strings.Cut(line, " Deploys ")
				text, link := strings.CutSuffix(text, " — https://example.org/\n")
				if !ok || !link || strings.Contains(text, "\n") {
					t.Errorf("not one line: %q", line)
				}
				all = append(all, seen{title: text})
			}
			return all
		},
		hang:   p.stop,
		called: p.called,
	}
}

// execScreen is told by the programs that run, each over a connection. It
// sees what they tell when it has let them go on; one that was killed
// meanwhile does not answer to that.
func execScreen(t *testing.T) screen {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &paper{}
	p.wrote = sync.NewCond(&p.mu)
	var all sync.WaitGroup
	all.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			all.Go(func() { p.listen(conn) })
		}
	})
	t.Cleanup(func() { l.Close(); all.Wait() })
	return screen{
		open: func(t *testing.T) (Backend, error) {
			return execBackendFor(t, "screen", ExecOptions{}, l.Addr().String()), nil
		},
		visible: func(t *testing.T) []seen {
			p.mu.Lock()
			defer p.mu.Unlock()
			var all []seen
			for _, line := range p.lines {
				var got struct{ Title, Body string }
				if err := json.Unmarshal([]byte(line), &got); err != nil {
					t.Errorf("%q: %v", line, err)
				}
				all = append(all, seen{got.Title, got.Body})
			}
			return all
		},
		hang:   p.stop,
		called: p.called,
	}
}

// listen writes down what one program says, if it is alive when told to go on.
func (p *paper) listen(conn net.Conn) {
	defer conn.Close()
	said := bufio.NewReader(conn)
	line, err := said.ReadString('\n')
	if err != nil {
		return
	}
	p.await()
	if _, err := conn.Write([]byte("go on\n")); err != nil {
		return
	}
	if _, err := said.ReadString('\n'); err != nil {
		return
	}
	p.note(line)
}

func noScreen(*testing.T) screen {
	return screen{
		open: func(t *testing.T) (Backend, error) { return Open(soon(t), "none", Options{}) },
	}
}

func values[K comparable](all map[K]seen) []seen {
	var list []seen
	for _, v := range all {
		list = append(list, v)
	}
	return list
}
