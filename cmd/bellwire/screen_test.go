//go:build linux && !headless

package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/app"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"
)

// treeEnv names a socket on which a window tells what it shows and where, for
// a test that then uses mouse and keyboard as a person does.
const treeEnv = "BELLWIRE_TEST_TREE"

// A spot is a text on a window, in pixels from the window's corner.
type spot struct {
	Text       string
	Kind       string // text, button or entry
	X, Y, W, H int
	Focused    bool
}

// emptyEnv makes the program a window with nothing but a word in it, for
// comparison.
const emptyEnv = "BELLWIRE_TEST_EMPTY"

// programMain is main, with a window that a test can look at.
func programMain() {
	if path := os.Getenv(treeEnv); path != "" && len(os.Args) > 1 && os.Args[1] == "window" {
		if l, err := net.Listen("unix", path); err == nil {
			go tellTree(l)
		}
		if os.Getenv(emptyEnv) != "" {
			w := app.New().NewWindow("empty")
			w.SetContent(widget.NewLabel("empty"))
			w.Resize(fyne.NewSize(1180, 760))
			w.ShowAndRun()
			return
		}
	}
	main()
}

// tellTree answers one question a connection: "tree", or "scroll" for how
// many frames a second are drawn while the longest list scrolls.
func tellTree(l net.Listener) {
	for {
		c, err := l.Accept()
		if err != nil {
			return
		}
		question, _ := bufio.NewReader(c).ReadString('\n')
		var answer any
		if a := fyne.CurrentApp(); a != nil {
			if question == "scroll\n" {
				answer = scrollRate()
			} else {
				fyne.DoAndWait(func() {
					if all := a.Driver().AllWindows(); len(all) > 0 {
						answer = spotsOf(all[0].Canvas())
					}
				})
			}
		}
		_ = json.NewEncoder(c).Encode(answer)
		c.Close()
	}
}

// scrollFor is how long scrollRate looks.
const scrollFor = 3 * time.Second

// scrollRate scrolls by a row with each frame. Fyne ticks animations once
// before it draws a frame.
func scrollRate() float64 {
	type rate struct {
		frames int
		took   time.Duration
	}
	done := make(chan rate, 1)
	fyne.DoAndWait(func() {
		var longest *container.Scroll
		walkObjects(fyne.CurrentApp().Driver().AllWindows()[0].Canvas().Content(), func(o fyne.CanvasObject) bool {
			if s, ok := o.(*container.Scroll); ok && (longest == nil || s.Content.Size().Height > longest.Content.Size().Height) {
				longest = s
			}
			return true
		})
		begun, frames := time.Now(), 0
		var a *fyne.Animation
		a = &fyne.Animation{Duration: time.Hour, Tick: func(float32) {
			frames++
			longest.ScrollToOffset(longest.Offset.AddXY(0, 56))
			if took := time.Since(begun); took > scrollFor {
				a.Stop()
				select {
				case done <- rate{frames, took}:
				default:
				}
			}
		}}
		a.Start()
	})
	r := <-done
	return float64(r.frames) / r.took.Seconds()
}

// walkObjects visits what is visible, children only where visit wants them.
func walkObjects(o fyne.CanvasObject, visit func(fyne.CanvasObject) bool) {
	if o == nil || !o.Visible() || !visit(o) {
		return
	}
	switch o := o.(type) {
	case *fyne.Container:
		for _, child := range o.Objects {
			walkObjects(child, visit)
		}
	case fyne.Widget:
		for _, child := range test.WidgetRenderer(o).Objects() {
			walkObjects(child, visit)
		}
	}
}

// spotsOf lists what a canvas shows: what lies above, where there is
// something above, and all else otherwise.
func spotsOf(c fyne.Canvas) (spots []spot) {
	roots := []fyne.CanvasObject{c.Content()}
	if top := c.Overlays().Top(); top != nil {
		roots = []fyne.CanvasObject{top}
	}
	size, scale := c.Size(), c.Scale()
	for _, root := range roots {
		walkObjects(root, func(o fyne.CanvasObject) bool {
			kind, text := "text", ""
			switch o := o.(type) {
			case *widget.Label:
				text = o.Text
			case *canvas.Text:
				text = o.Text
			case *widget.Button:
				kind, text = "button", o.Text
			case interface{ SelectedText() string }:
				kind, text = "entry", textsIn(o.(fyne.CanvasObject))
			default:
				return true
			}
			if fyne.CurrentApp().Driver().CanvasForObject(o) == nil {
				return false // not drawn yet: where it will be is not known, and told as the corner
			}
			at := fyne.CurrentApp().Driver().AbsolutePositionForObject(o)
			x, y := at.X+o.Size().Width/2, at.Y+o.Size().Height/2
			if kind != "entry" && strings.TrimSpace(text) == "" || x < 0 || y < 0 || x > size.Width || y > size.Height {
				return false
			}
			f, _ := o.(fyne.Focusable)
			px := func(v float32) int { return int(v * scale) }
			spots = append(spots, spot{text, kind, px(at.X), px(at.Y), px(o.Size().Width), px(o.Size().Height), f != nil && c.Focused() == f})
			return false
		})
	}
	return spots
}

// textsIn are the texts that make up an input: what it holds, or its example.
func textsIn(o fyne.CanvasObject) string {
	var texts []string
	walkObjects(o, func(o fyne.CanvasObject) bool {
		if t, ok := o.(*canvas.Text); ok {
			texts = append(texts, t.Text)
		}
		return true
	})
	return strings.TrimSpace(strings.Join(texts, " "))
}

// A screen is a display with a window manager, and Bellwire's window on it.
type screen struct {
	t       testing.TB
	display string
	tree    string // the socket
	cmd     *exec.Cmd
	ended   chan struct{}
	id      string // of the window, to the display
}

// manageWindows runs openbox on a display until the test ends: with it, windows
// have borders, and are raised and focused as on a desktop.
func manageWindows(t testing.TB, display string) {
	t.Helper()
	home := t.TempDir()
	cmd := exec.Command("openbox", "--sm-disable")
	cmd.Env = append(os.Environ(), "DISPLAY="+display, "HOME="+home, "XDG_CONFIG_HOME="+home, "XDG_CACHE_HOME="+home, "XDG_DATA_HOME="+home)
	if err := cmd.Start(); err != nil {
		t.Fatalf("%v: run `make deps`", err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	s := &screen{t: t, display: display}
	if !polled(t, func() bool { return s.try("get_desktop") }) {
		t.Fatal("waited in vain for the window manager")
	}
}

// window starts Bellwire's window as a person does and waits until it shows
// something.
func (p *program) window(display string, args ...string) *screen {
	p.t.Helper()
	s := p.startWindow(display, nil, args...)
	s.until("something", func(spots []spot) bool { return len(spots) > 3 })
	s.locate()
	return s
}

// startWindow starts the process of a window, with more in its environment.
func (p *program) startWindow(display string, env []string, args ...string) *screen {
	p.t.Helper()
	s := &screen{t: p.t, display: display, tree: filepath.Join(filepath.Dir(p.dir), "tree")}
	_ = os.Remove(s.tree)
	s.cmd = exec.Command(p.bin, append([]string{"window"}, args...)...)
	s.cmd.Env = append(append(p.env, treeEnv+"="+s.tree), env...)
	s.cmd.Stdout, s.cmd.Stderr = p.log, p.log
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	p.groups = append(p.groups, s.cmd)
	if err := s.cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	s.ended = make(chan struct{})
	go func() { defer close(s.ended); _ = s.cmd.Wait() }()
	return s
}

// end ends the window's process with a signal and waits for it.
func (s *screen) end(sig syscall.Signal) {
	_ = s.cmd.Process.Signal(sig)
	stuck := stuckAfter(s.t, s.cmd)
	<-s.ended
	stuck.Stop()
}

// locate finds the window, and gives it the keyboard. None of it waits for the
// display's server to oblige, which may forget: it is asked again.
func (s *screen) locate() {
	s.t.Helper()
	managed := s.try("get_desktop") // there is a window manager
	if !polled(s.t, func() bool {
		found, err := s.command("search", "--onlyvisible", "--pid", strconv.Itoa(s.cmd.Process.Pid))
		ids := strings.Fields(found)
		if err != nil || len(ids) == 0 {
			return false
		}
		s.id = ids[0]
		if !managed {
			return s.try("windowfocus", s.id)
		}
		active, err := s.command("getactivewindow")
		if err == nil && strings.TrimSpace(active) == s.id {
			return true
		}
		_ = s.try("windowactivate", s.id)
		return false
	}) {
		s.t.Fatal("waited in vain for the window to be active")
	}
}

// try tells whether an xdotool command does what it is to.
func (s *screen) try(args ...string) bool {
	_, err := s.command(args...)
	return err == nil
}

func (s *screen) xdotool(args ...string) string {
	s.t.Helper()
	out, err := s.command(args...)
	if err != nil {
		s.t.Fatal(err)
	}
	return out
}

// command runs xdotool and returns what it says.
func (s *screen) command(args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(s.t.Context(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, "xdotool", args...)
	cmd.Env = append(os.Environ(), "DISPLAY="+s.display)
	out, err := cmd.Output()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		err = fmt.Errorf("xdotool %q: %w\n%s", args, err, exit.Stderr)
	}
	return string(out), err
}

// look is what the window shows now; nothing while there is none.
func (s *screen) look() (spots []spot) {
	s.ask("tree", &spots)
	return spots
}

func (s *screen) ask(question string, answer any) {
	c, err := net.Dial("unix", s.tree)
	if err != nil {
		return
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(patience))
	_, _ = c.Write([]byte(question + "\n"))
	_ = json.NewDecoder(c).Decode(answer)
}

// until waits until the window shows what ok wants to see.
func (s *screen) until(what string, ok func([]spot) bool) {
	s.t.Helper()
	var spots []spot
	if polled(s.t, func() bool { spots = s.look(); return ok(spots) }) {
		return
	}
	s.shot("failed")
	var b strings.Builder
	for _, at := range spots {
		b.WriteString(at.Kind + " " + strconv.Quote(at.Text) + "\n")
	}
	s.t.Fatalf("never shown: %s; instead:\n%s", what, b.String())
}

// find waits for a text and tells where it is.
func (s *screen) find(text string) (found spot) {
	s.t.Helper()
	s.until(text, func(spots []spot) (ok bool) {
		found, ok = spotOf(spots, text)
		return ok
	})
	return found
}

// spotOf is the last spot of that very text, else the first that contains it.
func spotOf(spots []spot, text string) (found spot, ok bool) {
	for _, at := range spots {
		if at.Text == text || !ok && strings.Contains(at.Text, text) {
			found, ok = at, true
		}
	}
	return found, ok
}

// click waits for a text and clicks on it.
func (s *screen) click(text string) { s.t.Helper(); s.clickWith(text, "click", "1") }

// clickWith points at a text that has come to rest, and does something there.
func (s *screen) clickWith(text string, args ...string) {
	s.t.Helper()
	var at spot
	same := 0
	s.until(text+", at rest", func(spots []spot) bool {
		now, ok := spotOf(spots, text)
		if same++; !ok || now != at {
			at, same = now, 0
		}
		return ok && same == 2
	})
	s.point(at)
	s.xdotool(args...)
}

// point moves the pointer over something. The display's server knows where
// the window is, whatever borders it has.
func (s *screen) point(at spot) {
	s.t.Helper()
	s.xdotool("mousemove", "--window", s.id, strconv.Itoa(at.X+min(at.W/2, 60)), strconv.Itoa(at.Y+at.H/2))
}

// awaitInput waits until an input has the focus.
func (s *screen) awaitInput() {
	s.t.Helper()
	s.until("an input with the focus", func(spots []spot) bool {
		return slices.ContainsFunc(spots, func(at spot) bool { return at.Kind == "entry" && at.Focused })
	})
}

// write types a text into what has the focus.
func (s *screen) write(text string) { s.t.Helper(); s.xdotool("type", "--delay", "20", text) }

// key presses a key, as in ctrl+n.
func (s *screen) key(name string) { s.t.Helper(); s.xdotool("key", name) }

// shot keeps a picture of the display where BELLWIRE_SHOTS names a folder.
func (s *screen) shot(name string) {
	if dir := os.Getenv("BELLWIRE_SHOTS"); dir != "" {
		cmd := exec.Command("import", "-window", "root", filepath.Join(dir, name+".png"))
		cmd.Env = append(os.Environ(), "DISPLAY="+s.display)
		_ = cmd.Run() // only a picture
	}
}
