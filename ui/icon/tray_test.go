package icon_test

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"math"
	"testing"

	"bellwire/ui/icon"
)

// panels are colours of panels that a set has to be seen on.
var panels = map[icon.Panel][]color.Gray{
	icon.AnyPanel:   {{0xFF}, {0xCE}, {0x80}, {0x3C}, {0x00}},
	icon.LightPanel: {{0xFF}, {0xCE}},
	icon.DarkPanel:  {{0x3C}, {0x00}},
	icon.Template:   {{0xFF}},
}

func decode(t *testing.T, s icon.State, p icon.Panel) image.Image {
	t.Helper()
	img, err := png.Decode(bytes.NewReader(icon.Tray(s, p)))
	if err != nil {
		t.Fatal(err)
	}
	return img
}

func TestTray(t *testing.T) {
	for _, p := range icon.Panels {
		for _, s := range icon.States {
			t.Run(string(p)+" "+string(s), func(t *testing.T) {
				img := decode(t, s, p)
				if b := img.Bounds(); b.Dx() != 48 || b.Dy() != 48 {
					t.Errorf("is %v, want 48 square", b)
				}
				if _, _, _, a := img.At(0, 0).RGBA(); a != 0 {
					t.Error("has no transparent corner")
				}
				for _, panel := range panels[p] {
					// The bell's outline alone is more than this.
					if n := distinct(img, panel); n < 130 {
						t.Errorf("on %v only %d pixels have 3:1", panel, n)
					}
				}
			})
		}
	}
	if icon.Tray("strange", icon.AnyPanel) != nil {
		t.Error("a strange state has an icon")
	}
}

// distinct counts the pixels that have at least 3:1 on a panel.
func distinct(img image.Image, panel color.Gray) (n int) {
	b := img.Bounds()
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			if contrast(over(img.At(x, y), panel), luminance(panel)) >= 3 {
				n++
			}
		}
	}
	return n
}

// Without any colour the states still differ, by their shapes.
func TestTrayStatesDiffer(t *testing.T) {
	for _, p := range icon.Panels {
		for i, a := range icon.States {
			for _, b := range icon.States[:i] {
				x, y := decode(t, a, p), decode(t, b, p)
				differ := 0
				for i := range 48 * 48 {
					_, _, _, ax := x.At(i%48, i/48).RGBA()
					_, _, _, ay := y.At(i%48, i/48).RGBA()
					if (ax > 0x8000) != (ay > 0x8000) {
						differ++
					}
				}
				if differ < 48 {
					t.Errorf("%s and %s for %s differ in %d pixels only", a, b, p, differ)
				}
			}
		}
	}
}

// over is the luminance of c drawn on a panel.
func over(c color.Color, panel color.Gray) float64 {
	r, g, b, a := c.RGBA()
	rest := (0xFFFF - a) * uint32(panel.Y) / 0xFF
	return luminance(color.RGBA64{uint16(r + rest), uint16(g + rest), uint16(b + rest), 0xFFFF})
}

// luminance is WCAG 2.2's relative luminance.
func luminance(c color.Color) float64 {
	linear := func(v uint32) float64 {
		f := float64(v) / 0xFFFF
		if f <= 0.04045 {
			return f / 12.92
		}
		return math.Pow((f+0.055)/1.055, 2.4)
	}
	r, g, b, _ := c.RGBA()
	return 0.2126*linear(r) + 0.7152*linear(g) + 0.0722*linear(b)
}

func contrast(a, b float64) float64 { return (max(a, b) + 0.05) / (min(a, b) + 0.05) }
