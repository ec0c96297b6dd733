// Package icon holds Bellwire's pictures: the application's icon and the tray
// icon in each of its states. All PNGs come from bellwire.svg, drawn by
// generate.go; the package knows nothing of who shows them.
package icon

import (
	"bytes"
	_ "embed"
	"slices"
)

//go:generate go run generate.go

// App256 and App512 are the application's icon, PNG, 256 and 512 pixels
// square.
var (
	//go:embed app-256.png
	App256 []byte
	//go:embed app-512.png
	App512 []byte
)

// SVG is the drawing everything is made from.
//
//go:embed bellwire.svg
var SVG []byte

// Muted is the bell with a slash through it, as an SVG in one colour.
//
//go:embed muted.svg
var Muted []byte

// Bookmark is a bookmark, as an SVG in one colour.
//
//go:embed bookmark.svg
var Bookmark []byte

// Glyph is the bell alone, as an SVG in one colour.
func Glyph() []byte {
	start := bytes.Index(SVG, []byte(`<rect id="tile"`))
	end := start + bytes.Index(SVG[start:], []byte("/>")) + len("/>")
	return slices.Concat(SVG[:start], SVG[end:])
}
