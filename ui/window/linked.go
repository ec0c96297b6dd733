package window

import (
	"strings"
	"unicode"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
)

// A linkedBlock is a [textBlock] whose addresses can be opened.
type linkedBlock struct {
	*fyne.Container
	text  *textBlock
	u     *ui
	links []textLink
}

func newLinkedBlock(u *ui) *linkedBlock {
	b := &linkedBlock{text: newTextBlock(sizeBody, fyne.TextStyle{}), u: u}
	b.Container = &fyne.Container{Layout: spotLayout{b}, Objects: []fyne.CanvasObject{b.text}}
	b.text.broken = b.place
	return b
}

func (b *linkedBlock) set(text string) {
	// As breakLines writes it.
	text = strings.ReplaceAll(text, "\t", "    ")
	b.links = findLinks(text)
	b.text.set(text)
	b.place()
}

// place lays a spot over each piece of a link.
func (b *linkedBlock) place() {
	b.Objects = b.Objects[:1]
	pieces := placeLinks(b.text.text, b.text.label.Text, b.links)
	if len(pieces) > 0 {
		b.placeSpots(pieces)
	}
	b.Container.Refresh()
}

func (b *linkedBlock) placeSpots(pieces []linkPiece) {
	size, style := theme.Size(b.text.label.SizeName), b.text.label.TextStyle
	measure := func(s string) fyne.Size { return fyne.MeasureText(s, size, style) }
	plain := measure("x").Height
	line, y := 0, theme.InnerPadding()
	was := -1
	lines := strings.Split(b.text.label.Text, "\n")
	for _, p := range pieces {
		for ; line < p.line; line++ {
			if isASCII(lines[line]) {
				y += plain
			} else {
				y += measure(lines[line]).Height
			}
		}
		text := lines[p.line]
		if p.to > len(text) {
			return
		}
		spot := newLinkSpot()
		var object fyne.CanvasObject = spot
		if p.link != was {
			first := newFirstSpot()
			spot, object = &first.linkSpot, first
		}
		was = p.link
		spot.url, spot.open, spot.tip = b.links[p.link].url, b.u.followLink, b.u.tip
		x := measure(text[:p.from]).Width
		object.Move(fyne.NewPos(theme.InnerPadding()+x, y))
		height := measure(text).Height
		if strings.ContainsFunc(text, func(r rune) bool { return r >= firstOther && !unicode.IsPunct(r) }) {
			height += otherDescent
		}
		object.Resize(fyne.NewSize(measure(text[p.from:p.to]).Width, height))
		b.Objects = append(b.Objects, object)
	}
}

// otherDescent is how much lower Fyne draws a line for which it needs another
// font, in pixels.
const otherDescent = 3

// firstOther is about where the letters begin that Fyne's own font lacks:
// Hebrew, Arabic and what follows.
const firstOther = 0x0590

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] > 0x7f {
			return false
		}
	}
	return true
}

// spotLayout fits the text to the width, and leaves the spots where they are.
type spotLayout struct{ b *linkedBlock }

// Layout implements [fyne.Layout].
func (l spotLayout) Layout(_ []fyne.CanvasObject, size fyne.Size) { l.b.text.Resize(size) }

// MinSize implements [fyne.Layout].
func (l spotLayout) MinSize([]fyne.CanvasObject) fyne.Size { return l.b.text.MinSize() }
