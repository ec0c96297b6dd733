package notifytest

import (
	"encoding/binary"
	"fmt"
	"image"
	"image/color"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// A Panel is a real xfce4-panel with a tray on a private bus and a private X
// display, with a pointer and a keyboard.
type Panel struct {
	// Display is the X display, as for DISPLAY.
	Display string

	env    []string
	screen string // a file that holds what is on the screen
	cmd    *exec.Cmd
}

// panelSettings are one panel at the top, with a tray.
const panelSettings = `<?xml version="1.0" encoding="UTF-8"?>
<channel name="xfce4-panel" version="1.0">
  <property name="configver" type="int" value="2"/>
  <property name="panels" type="array">
    <value type="int" value="1"/>
    <property name="dark-mode" type="bool" value="%t"/>
    <property name="panel-1" type="empty">
      <property name="position" type="string" value="p=6;x=0;y=0"/>
      <property name="length" type="uint" value="100"/>
      <property name="position-locked" type="bool" value="true"/>
      <property name="size" type="uint" value="32"/>
      <property name="plugin-ids" type="array">
        <value type="int" value="1"/>
        <value type="int" value="2"/>
      </property>
    </property>
  </property>
  <property name="plugins" type="empty">
    <property name="plugin-1" type="string" value="separator">
      <property name="expand" type="bool" value="true"/>
      <property name="style" type="uint" value="0"/>
    </property>
    <property name="plugin-2" type="string" value="systray">
      <property name="square-icons" type="bool" value="true"/>
    </property>
  </property>
</channel>
`

// XfcePanel starts Xvfb and xfce4-panel, light or dark, on b. Both end with
// the test.
func XfcePanel(t testing.TB, b *MessageBus, dark bool) *Panel {
	t.Helper()
	home := t.TempDir()
	p := &Panel{screen: filepath.Join(home, "Xvfb_screen0")}
	p.Display = XvfbOf(t, "1024x768x24", "-fbdir", home)
	folders := []string{"HOME=" + home, "XDG_CONFIG_HOME=" + home, "XDG_CACHE_HOME=" + home, "XDG_DATA_HOME=" + home, "XDG_RUNTIME_DIR=" + home}
	p.env = append(os.Environ(), "DISPLAY="+p.Display, "WAYLAND_DISPLAY=", "DBUS_SESSION_BUS_ADDRESS="+b.Address,
		"NO_AT_BRIDGE=1", "GSETTINGS_BACKEND=memory", "GTK_THEME=", "GIO_USE_VFS=local")
	p.env = append(p.env, folders...)
	xfconf(t, b, folders, home, "xfce4-panel", fmt.Sprintf(panelSettings, dark))
	p.Start(t)
	t.Cleanup(func() { p.Stop(t) })
	return p
}

// Start starts a stopped panel again.
func (p *Panel) Start(t testing.TB) {
	t.Helper()
	p.cmd = exec.Command(program(t, "xfce4-panel"), "--disable-wm-check")
	p.cmd.Env = p.env
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
}

// Stop kills the panel and what it has started: its tray is a process of its
// own. It may be stopped already.
func (p *Panel) Stop(testing.TB) {
	if p.cmd != nil {
		end(p.cmd)
		p.cmd = nil
	}
}

// Xdotool moves the pointer and presses keys.
func (p *Panel) Xdotool(t testing.TB, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), program(t, "xdotool"), args...)
	cmd.Env = p.env
	out, err := cmd.Output()
	if err != nil {
		t.Logf("xdotool %q: %v", args, err)
	}
	return strings.TrimSpace(string(out))
}

// Click presses a button of the pointer at a place of the screen.
func (p *Panel) Click(t testing.TB, at image.Point, button int) {
	t.Helper()
	p.Xdotool(t, "mousemove", strconv.Itoa(at.X), strconv.Itoa(at.Y), "click", strconv.Itoa(button))
}

// Screen is what is on the screen.
func (p *Panel) Screen(t testing.TB) *image.RGBA {
	t.Helper()
	b, err := os.ReadFile(p.screen)
	if err != nil {
		t.Fatal(err)
	}
	img, err := readXWD(b)
	if err != nil {
		t.Fatal(err)
	}
	return img
}

// readXWD reads an X window dump (X11/XWDFile.h) of 32 bits a pixel, which is
// what Xvfb writes.
func readXWD(b []byte) (*image.RGBA, error) {
	field := func(i int) int {
		if len(b) < 4*i+4 {
			return 0
		}
		return int(binary.BigEndian.Uint32(b[4*i:]))
	}
	const colours = 12 // bytes of an entry of the colour map
	width, height, order, bits, stride := field(4), field(5), field(7), field(11), field(12)
	start := field(0) + colours*field(19)
	if bits != 32 || width <= 0 || height <= 0 || stride < 4*width || len(b) < start+stride*height {
		return nil, fmt.Errorf("no window dump of 32 bits: %d bytes, %d x %d of %d bits", len(b), width, height, bits)
	}
	var endian binary.ByteOrder = binary.LittleEndian
	if order == 1 {
		endian = binary.BigEndian
	}
	img := image.NewRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			v := endian.Uint32(b[start+y*stride+4*x:])
			img.SetRGBA(x, y, color.RGBA{byte(v >> 16), byte(v >> 8), byte(v), 0xFF})
		}
	}
	return img, nil
}
