package notifytest

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// A DunstService is a real dunst on a private bus and, unless a test brings
// its own, a private X display.
type DunstService struct {
	// Display is the X display, as for DISPLAY.
	Display string

	bus    *MessageBus
	config string
	choice string // a file with the action that the menu takes
	cmd    *exec.Cmd
	env    []string
}

// Shown is one entry of dunst's history.
type Shown struct {
	ID                     int
	AppName, Summary, Body string
	Message                string // what dunst renders: Pango markup
	Category, Icon         string
}

// DunstConfig is what dunst runs with unless told otherwise: nothing expires,
// nothing is merged, no group leader of its own is asked for.
func DunstConfig(markup string) string {
	return "[global]\nmarkup = " + markup + `
stack_duplicates = false
history_length = 500
idle_threshold = 0
notification_limit = 0
format = "<b>%s</b>\n%b"
[urgency_low]
timeout = 0
[urgency_normal]
timeout = 0
[urgency_critical]
timeout = 0
`
}

// Dunst starts Xvfb and dunst on b, with [DunstConfig]("full"). Both end with
// the test.
func Dunst(t testing.TB, b *MessageBus) *DunstService {
	t.Helper()
	return DunstWith(t, b, DunstConfig("full"))
}

// DunstWith is [Dunst] with a dunstrc of the test's own.
func DunstWith(t testing.TB, b *MessageBus, config string) *DunstService {
	t.Helper()
	return DunstOn(t, b, config, Xvfb(t))
}

// DunstOn is [DunstWith] on a display that other programs use too.
func DunstOn(t testing.TB, b *MessageBus, config, display string) *DunstService {
	t.Helper()
	program(t, "dunstctl")
	home := t.TempDir()
	d := &DunstService{bus: b, config: filepath.Join(home, "dunstrc"), choice: filepath.Join(home, "choice")}
	menu := filepath.Join(home, "menu")
	config = strings.Replace(config, "[global]\n", "[global]\ndmenu = "+menu+"\n", 1)
	if err := os.WriteFile(d.config, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	script := "#!/bin/sh\nexec grep -m 1 -F -f " + d.choice + "\n"
	if err := os.WriteFile(menu, []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	d.Display = display
	d.env = append(os.Environ(),
		"DISPLAY="+d.Display, "WAYLAND_DISPLAY=", "DBUS_SESSION_BUS_ADDRESS="+b.Address,
		"HOME="+home, "XDG_CONFIG_HOME="+home, "XDG_CACHE_HOME="+home, "XDG_DATA_HOME="+home)
	d.Start(t)
	t.Cleanup(d.Kill)
	return d
}

// Start starts dunst again after [DunstService.Kill] and returns when it
// owns the name.
func (d *DunstService) Start(t testing.TB) {
	t.Helper()
	d.cmd = exec.Command(program(t, "dunst"), "-config", d.config)
	d.cmd.Env = d.env
	awaitOwner(t, d.bus, d.cmd)
}

// Kill ends dunst at once. It may be dead already.
func (d *DunstService) Kill() {
	if d.cmd != nil {
		end(d.cmd)
		d.cmd = nil
	}
}

// Process is the running dunst, for tests that stop it with a signal.
func (d *DunstService) Process() *os.Process { return d.cmd.Process }

// Ctl runs dunstctl and returns what it printed.
func (d *DunstService) Ctl(t testing.TB, args ...string) string {
	t.Helper()
	cmd := exec.Command(program(t, "dunstctl"), args...)
	cmd.Env = d.env
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("dunstctl %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

// Displayed counts the notifications on the screen.
func (d *DunstService) Displayed(t testing.TB) int {
	t.Helper()
	n, err := strconv.Atoi(strings.TrimSpace(d.Ctl(t, "count", "displayed")))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// Action clicks: it invokes the default action of the notification at the
// given position on the screen, 0 being the topmost.
func (d *DunstService) Action(t testing.TB, position int) {
	t.Helper()
	d.Ctl(t, "action", strconv.Itoa(position))
}

// Click clicks with a mouse on the notifications until none is on the screen.
// The service must have been told what a click does, with mouse_left_click.
func (d *DunstService) Click(t testing.TB) {
	t.Helper()
	xdotool := func(args ...string) string {
		cmd := exec.CommandContext(t.Context(), program(t, "xdotool"), args...)
		cmd.Env = d.env
		out, _ := cmd.Output() // it fails where there is no window
		return string(out)
	}
	deadline := time.Now().Add(3 * time.Minute)
	for clicked := false; !clicked || d.Displayed(t) > 0; {
		if time.Now().After(deadline) {
			t.Fatalf("no click made the notification go; clicked: %v", clicked)
		}
		windows := strings.Fields(xdotool("search", "--onlyvisible", "--class", "Dunst"))
		if len(windows) == 0 || d.Displayed(t) == 0 {
			continue
		}
		xdotool("mousemove", "--window", windows[0], "20", "20", "click", "1")
		clicked = true
	}
}

// Choose takes the button with that label from dunst's menu.
func (d *DunstService) Choose(t testing.TB, label string) {
	t.Helper()
	if err := os.WriteFile(d.choice, []byte("#"+label+" ("), 0o600); err != nil {
		t.Fatal(err)
	}
	d.Ctl(t, "context")
}

// History closes what is on the screen, as a user would, and returns
// everything that was shown since dunst started, newest first.
func (d *DunstService) History(t testing.TB) []Shown {
	t.Helper()
	d.Ctl(t, "close-all")
	var reply struct {
		Data [][]map[string]struct {
			Data any `json:"data"`
		} `json:"data"`
	}
	out := d.Ctl(t, "history")
	if err := json.Unmarshal([]byte(out), &reply); err != nil {
		t.Fatalf("dunst's history: %v\n%s", err, out)
	}
	var all []Shown
	for _, list := range reply.Data {
		for _, entry := range list {
			text := func(key string) string {
				s, _ := entry[key].Data.(string)
				return s
			}
			id, _ := entry["id"].Data.(float64)
			all = append(all, Shown{
				ID: int(id), AppName: text("appname"), Summary: text("summary"), Body: text("body"),
				Message: text("message"), Category: text("category"), Icon: text("icon_path"),
			})
		}
	}
	return all
}

// Xvfb starts an X server without a screen and returns its display.
func Xvfb(t testing.TB) string { return XvfbOf(t, "1024x768x24") }

// XvfbOf is [Xvfb] with a screen of the given size, WIDTHxHEIGHTxDEPTH.
func XvfbOf(t testing.TB, size string, args ...string) string {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	// Without -noreset the server begins anew when its last client leaves, and
	// throws out one that is just coming.
	cmd := exec.Command(program(t, "Xvfb"), append([]string{"-noreset", "-displayfd", "3", "-screen", "0", size, "-nolisten", "tcp"}, args...)...)
	cmd.ExtraFiles = []*os.File{w}
	err = cmd.Start()
	w.Close()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { end(cmd) })
	line, err := bufio.NewReader(r).ReadString('\n')
	if err != nil {
		t.Fatalf("Xvfb gave no display: %v", err)
	}
	return fmt.Sprintf(":%s", strings.TrimSpace(line))
}
