//go:build ignore

// Generate draws every PNG of this folder, and the icons of a Linux desktop's
// icon theme, from bellwire.svg. An argument is another folder to write to,
// for the test that asks whether they are current.
package main

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/fyne-io/oksvg"
	"github.com/srwiley/rasterx"
	"golang.org/x/image/draw"
)

// oversample is how much larger everything is drawn before it is scaled down.
const oversample = 8

// traySize is the size of a tray icon, in pixels.
const traySize = 48

// A palette is what a tray icon is drawn in: the bell, the dot and the square,
// and a line around everything, if any.
type palette struct {
	bell, dot, square string
	line              color.Color
}

// palettes are those of [icon.Panel]. No single tone is seen on every panel
// that there may be, hence light shapes with a dark line for "any".
var palettes = map[string]palette{
	"any":      {"#E5E7EB", "#2DD4BF", "#F87171", color.RGBA{0x30, 0x36, 0x3F, 0xFF}},
	"light":    {"#374151", "#0F766E", "#DC2626", nil},
	"dark":     {"#E5E7EB", "#2DD4BF", "#F87171", nil},
	"template": {"#000000", "#000000", "#000000", nil},
}

// lineWidth is that of the line, in pixels of the large drawing.
const lineWidth = 14

// A variant is the bell with a shape cut out of it, and a badge in the gap.
type variant struct {
	cut, badge string
	colour     func(palette) string // of the badge
}

// variants are those of [icon.State].
var variants = map[string]variant{
	"quiet": {},
	"unread": {
		`<circle cx="47.5" cy="17" r="15.5"/>`, `<circle cx="47.5" cy="17" r="11"/>`,
		func(p palette) string { return p.dot },
	},
	"trouble": {
		`<rect x="32" y="32" width="32" height="32"/>`, `<rect x="37" y="37" width="22" height="22" rx="2" ry="2"/>`,
		func(p palette) string { return p.square },
	},
	"paused": {
		`<path d="M2.5 15.5 L15.5 2.5 L63 50 L50 63 Z"/>`, `<path d="M6.5 12 L12 6.5 L58.5 53 L53 58.5 Z"/>`,
		func(p palette) string { return p.bell },
	},
}

// theme is where the icons of the icon theme go, and appID their name.
const (
	theme = "../../packaging/linux/icons/hicolor"
	appID = "io.bellwire.Bellwire"
)

// themeSizes are those that desktops ask for: 16 to 24 in menus and panels, 32
// and 48 in lists, the rest in launchers and software centres.
var themeSizes = []int{16, 22, 24, 32, 48, 64, 128, 256, 512}

// smallest are the sizes drawn without the margin around the tile: it would
// take two of sixteen pixels from the bell.
const smallest = 32

// margin matches everything in the drawing, to move it by the tile's margin:
// what rasters it does not place a viewBox that begins elsewhere than at 0.
var margin = regexp.MustCompile(`(?s)viewBox="0 0 64 64"([^>]*>)(.*)</svg>`)

const withoutMargin = `viewBox="0 0 60 60"$1<g transform="translate(-2,-2)">$2</g></svg>`

// themeIcons draws the icon in every size, and both drawings that scale.
func themeIcons(source, glyph string) {
	for _, size := range themeSizes {
		drawing := source
		if size <= smallest {
			drawing = margin.ReplaceAllString(source, withoutMargin)
		}
		write(fmt.Sprintf("%s/%dx%d/apps/%s.png", theme, size, size, appID), scale(raster(drawing, max(1024, 2*size)), size))
	}
	save(theme+"/scalable/apps/"+appID+".svg", []byte(source))
	// One colour, which the desktop replaces with that of its text.
	symbolic := `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 54 54" width="16" height="16">
  <g transform="translate(-5,-5.5)">
  ` + strings.ReplaceAll(glyph, "#FFFFFF", "#2E3436") + `
  </g>
</svg>
`
	save(theme+"/symbolic/apps/"+appID+"-symbolic.svg", []byte(symbolic))
}

// out is the folder to write to, where it is not this one.
var out string

func main() {
	if len(os.Args) > 1 {
		out = os.Args[1]
	}
	source, err := os.ReadFile("bellwire.svg")
	check(err)
	for _, size := range []int{256, 512} {
		write(fmt.Sprintf("app-%d.png", size), scale(raster(string(source), 1024), size))
	}
	glyph := regexp.MustCompile(`(?s)<g id="glyph".*</g>`).FindString(string(source))
	themeIcons(string(source), glyph)
	for panel, p := range palettes {
		for state, v := range variants {
			write("tray/"+panel+"-"+state+".png", scale(tray(glyph, p, v), traySize))
		}
	}
}

// tray draws one tray icon, large.
func tray(glyph string, p palette, v variant) image.Image {
	const size = traySize * oversample
	frame := tight
	if p.line != nil {
		frame = loose
	}
	img := raster(wrap(glyph, p.bell, frame), size)
	if v.cut != "" {
		hole := raster(wrap(v.cut, "#000000", frame), size)
		for i := 3; i < len(hole.Pix); i += 4 {
			if hole.Pix[i] > 127 {
				copy(img.Pix[i-3:i+1], []byte{0, 0, 0, 0})
			}
		}
		draw.Draw(img, img.Bounds(), raster(wrap(v.badge, v.colour(p), frame), size), image.Point{}, draw.Over)
	}
	if p.line == nil {
		return img
	}
	under := grown(img, lineWidth, p.line)
	draw.Draw(under, under.Bounds(), img, image.Point{}, draw.Over)
	return under
}

// grown is the shape of img made larger by r pixels all around.
func grown(img *image.RGBA, r int, c color.Color) *image.RGBA {
	out := image.NewRGBA(img.Bounds())
	for y := range img.Bounds().Dy() {
		for x := range img.Bounds().Dx() {
			if img.RGBAAt(x, y).A <= 127 {
				continue
			}
			for dy := -r; dy <= r; dy++ {
				for dx := -r; dx <= r; dx++ {
					if dx*dx+dy*dy <= r*r {
						out.Set(x+dx, y+dy, c)
					}
				}
			}
		}
	}
	return out
}

// Frames of a tray icon are tighter than the tile's: a tray has no room to
// give away. The loose one has room for the line.
const (
	tight = "0 0 54 54"
	loose = "-1.5 -2 58 58"
)

func wrap(shape, colour, frame string) string {
	shape = strings.ReplaceAll(shape, "#FFFFFF", colour)
	return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="` + frame + `"><g transform="translate(-5,-5.5)" fill="` + colour + `">` + shape + `</g></svg>`
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
	save(name, b.Bytes())
}

// save writes a file of this folder, or of the theme. In another folder both
// are side by side.
func save(name string, data []byte) {
	if out != "" {
		name = filepath.Join(out, strings.TrimPrefix(name, "../../"))
	}
	check(os.MkdirAll(filepath.Dir(name), 0o755))
	check(os.WriteFile(name, data, 0o644))
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
