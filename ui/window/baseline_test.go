package window

import (
	"image"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"
)

// Lines beside each other stand on one line, whatever they begin with.
func TestBaselines(t *testing.T) {
	app := test.NewTempApp(t)
	app.Settings().SetTheme(newLook("light"))
	for _, size := range []fyne.ThemeSizeName{sizeSmall, sizeBody, sizeSection} {
		plain := baseline(t, size, "xx")
		for _, text := range []string{"🚀 xx", "✅ xx"} {
			if got := baseline(t, size, text); got != plain {
				t.Errorf("%q in %s stands at %d, plain text at %d", text, size, got, plain)
			}
		}
	}
}

// baseline is the lowest line of pixels of the last letter of a text, which
// is placed at the top.
func baseline(t *testing.T, size fyne.ThemeSizeName, text string) int {
	t.Helper()
	line := newTextLine(size, theme.ColorNameForeground)
	line.full = text
	w := test.NewTempWindow(t, container.NewWithoutLayout(line.Text))
	w.SetPadded(false)
	w.Resize(fyne.NewSize(100, 40))
	line.place(0, 8, 100)
	line.paint()
	img := w.Canvas().Capture()
	end := int(line.natural())
	return lowestInk(img, end-int(theme.Size(size)/2)+1, end)
}

func lowestInk(img image.Image, from, to int) int {
	for y := img.Bounds().Max.Y - 1; y >= 0; y-- {
		for x := from; x < to; x++ {
			if r, _, _, _ := img.At(x, y).RGBA(); r < 0x8000 {
				return y
			}
		}
	}
	return -1
}
