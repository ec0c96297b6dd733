package window

import (
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
)

// screensEnv names a folder for pictures of every page instead of comparing
// them: light and dark, at one and two pixels a point, to be looked at. With
// LC_ALL=zh_CN.UTF-8 beside it they speak Chinese.
const screensEnv = "BELLWIRE_SCREENS"

// golden compares what the window shows with testdata/NAME.xml.
func (h *harness) golden(name string) {
	h.t.Helper()
	if os.Getenv(screensEnv) != "" {
		h.draw(name)
		return
	}
	h.settle()
	test.AssertRendersToMarkup(h.t.(*testing.T), name+".xml", h.win.Canvas())
}

// draw draws what the window shows, and keeps it where screensEnv says.
func (h *harness) draw(name string) {
	h.t.Helper()
	h.settle()
	dir := os.Getenv(screensEnv)
	if dir == "" {
		h.win.Canvas().Capture()
		return
	}
	drawCanvas(h.t, h.win.Canvas(), name)
}

// drawCanvas keeps pictures of a canvas where screensEnv says.
func drawCanvas(t testing.TB, canvas fyne.Canvas, name string) {
	t.Helper()
	dir := os.Getenv(screensEnv)
	c, ok := canvas.(test.WindowlessCanvas)
	if !ok {
		t.Fatal("this canvas cannot be scaled")
	}
	for _, theme := range []string{"light", "dark"} {
		fyne.CurrentApp().Settings().SetTheme(newLook(theme))
		for suffix, scale := range map[string]float32{"": 1, "@2x": 2} {
			c.SetScale(scale)
			f, err := os.Create(filepath.Join(dir, name+"-"+theme+suffix+".png"))
			if err != nil {
				t.Fatal(err)
			}
			if err := png.Encode(f, c.Capture()); err != nil {
				t.Fatal(err)
			}
			if err := f.Close(); err != nil {
				t.Fatal(err)
			}
		}
	}
	c.SetScale(1)
}
