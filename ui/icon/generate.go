//go:build ignore

// Generate draws every PNG of this folder from bellwire.svg.
package main

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"regexp"
	"strings"

	"github.com/fyne-io/oksvg"
	"github.com/srwiley/rasterx"
	"golang.org/x/image/draw"
)

// Mid tones: at least 3:1 on a white panel and on a black one.
const (
	grey = "#7C838C"
	teal = "#0D9488"
	red  = "#E23B3B"
)

// oversample is how much larger everything is drawn before it is scaled down.
const oversample = 8

// A variant is the glyph in a colour, a shape cut out of it, and a badge.
type variant struct{ file, colour, cut, badge string }

var variants = []variant{
	{"tray-quiet.png", grey, "", ""},
	{
		"tray-unread.png", teal,
		`<circle cx="48.5" cy="15.5" r="14"/>`, `<circle cx="48.5" cy="15.5" r="10" fill="` + teal + `"/>`,
	},
	{
		"tray-trouble.png", grey,
		`<rect x="34.5" y="34.5" width="28" height="28"/>`, `<rect x="39" y="39" width="20" height="20" rx="2" ry="2" fill="` + red + `"/>`,
	},
	{
		"tray-paused.png", grey,
		`<path d="M3.5 14.5 L14.5 3.5 L62 51 L51 62 Z"/>`, `<path d="M7 11.5 L11.5 7 L58.5 54 L54 58.5 Z" fill="` + grey + `"/>`,
	},
}

func main() {
	source, err := os.ReadFile("bellwire.svg")
	check(err)
	for _, size := range []int{256, 512} {
		write(fmt.Sprintf("app-%d.png", size), scale(raster(string(source), 1024), size))
	}
	glyph := regexp.MustCompile(`(?s)<g id="glyph".*</g>`).FindString(string(source))
	for _, v := range variants {
		const size = 48 * oversample
		img := raster(wrap(strings.ReplaceAll(glyph, "#FFFFFF", v.colour)), size)
		if v.cut != "" {
			hole := raster(wrap(v.cut), size)
			for i := 3; i < len(hole.Pix); i += 4 {
				if hole.Pix[i] > 127 {
					copy(img.Pix[i-3:i+1], []byte{0, 0, 0, 0})
				}
			}
			draw.Draw(img, img.Bounds(), raster(wrap(v.badge), size), image.Point{}, draw.Over)
		}
		write(v.file, scale(img, 48))
	}
}

// wrap frames a shape a little tighter than the tile does: a tray has no room
// to give away.
func wrap(shape string) string {
	return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 54 54"><g transform="translate(-5,-5.5)">` + shape + `</g></svg>`
}

func raster(svg string, size int) *image.RGBA {
	icon, err := oksvg.ReadIconStream(bytes.NewReader([]byte(svg)))
	check(err)
	icon.SetTarget(0, 0, float64(size), float64(size))
	img := image.NewRGBA(image.Rect(0, 0, size, size))
	icon.Draw(rasterx.NewDasher(size, size, rasterx.NewScannerGV(size, size, img, img.Bounds())), 1)
	return img
}

func scale(src image.Image, size int) image.Image {
	dst := image.NewNRGBA(image.Rect(0, 0, size, size))
	draw.CatmullRom.Scale(dst, dst.Bounds(), src, src.Bounds(), draw.Src, nil)
	for i := 0; i < len(dst.Pix); i += 4 {
		if dst.Pix[i+3] == 0 {
			c := color.NRGBA{}
			dst.Pix[i], dst.Pix[i+1], dst.Pix[i+2] = c.R, c.G, c.B
		}
	}
	return dst
}

func write(name string, img image.Image) {
	var b bytes.Buffer
	check((&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&b, img))
	check(os.WriteFile(name, b.Bytes(), 0o644))
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
