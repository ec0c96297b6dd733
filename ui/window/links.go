package window

import (
	"image/color"
	"net/url"
	"strings"
	"unicode"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// Bounds of the links that a text is searched for.
const (
	maxLinks = 50
	maxLink  = 2048 // bytes of one
)

// A textLink is an address inside a text, by bytes.
type textLink struct {
	from, to int
	url      string
}

// findLinks finds http, https and mailto addresses in text.
func findLinks(text string) (links []textLink) {
	lower := strings.ToLower(text)
	if len(lower) != len(text) { // a rare letter changes its length
		lower = text
	}
	for at := 0; at < len(text) && len(links) < maxLinks; {
		next := -1
		for _, scheme := range []string{"https://", "http://", "mailto:"} {
			if i := strings.Index(lower[at:], scheme); i >= 0 && (next < 0 || i < next) {
				next = i
			}
		}
		if next < 0 {
			break
		}
		from := at + next
		to := from + linkLength(text[from:])
		at = max(to, from+1)
		if address := text[from:to]; isLink(address) && !(from > 0 && isWordByte(text[from-1])) {
			links = append(links, textLink{from, to, address})
		}
	}
	return links
}

func isWordByte(b byte) bool {
	return b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= '0' && b <= '9'
}

// linkLength is how much of the start of s belongs to an address: not the
// full stop after it, nor the bracket that it stands in.
func linkLength(s string) int {
	end := len(s)
	for i, r := range s {
		if unicode.IsSpace(r) || unicode.IsControl(r) || strings.ContainsRune("<>\"`{}|\\^", r) ||
			r > unicode.MaxASCII && (unicode.IsPunct(r) || unicode.Is(unicode.Cf, r)) {
			end = i
			break
		}
	}
	for end > 0 {
		c := s[end-1]
		open := strings.IndexByte(")]", c)
		if strings.IndexByte(".,;:!?'*_~", c) < 0 &&
			(open < 0 || strings.Count(s[:end], "(["[open:open+1]) >= strings.Count(s[:end], ")]"[open:open+1])) {
			break
		}
		end--
	}
	return end
}

func isLink(address string) bool {
	u, err := url.Parse(address)
	if err != nil || len(address) > maxLink || !safeLink(address) {
		return false
	}
	if u.Scheme == "mailto" {
		return strings.Contains(u.Opaque, "@")
	}
	return u.Hostname() != "" && u.User == nil // a name before the host is there to deceive
}

// A linkPiece is the part of a link on one line of broken text.
type linkPiece struct {
	link     int
	line     int
	from, to int // bytes of the line
}

// placeLinks finds the links of text in what [breakLines] made of it.
func placeLinks(text, broken string, links []textLink) (pieces []linkPiece) {
	if len(links) == 0 {
		return nil
	}
	line, start, next := 0, 0, 0
	i, j := 0, 0
	for i < len(text) && j < len(broken) && next < len(links) {
		switch {
		case text[i] == ' ' && broken[j] != ' ': // dropped where a line ends
			i++
			continue
		case broken[j] == '\n' && text[i] != '\n':
			j++
			line, start = line+1, j
			continue
		case text[i] != broken[j]:
			return pieces // not of one text
		}
		if l := links[next]; i >= l.from && i < l.to {
			if n := len(pieces); n > 0 && pieces[n-1].link == next && pieces[n-1].line == line {
				pieces[n-1].to = j + 1 - start
			} else {
				pieces = append(pieces, linkPiece{next, line, j - start, j + 1 - start})
			}
			if i == l.to-1 {
				next++
			}
		}
		if broken[j] == '\n' {
			line, start = line+1, j+1
		}
		i, j = i+1, j+1
	}
	return pieces
}

// A linkSpot lies over a link in a text: a line below it, and what a click,
// the pointer and the keyboard need.
type linkSpot struct {
	widget.BaseWidget
	url              string
	open             func(url string)
	tip              func(over fyne.CanvasObject, text string)
	first            bool // of its link's pieces: the keyboard stops here
	focused, pointed bool
}

func newLinkSpot() *linkSpot {
	s := &linkSpot{}
	s.ExtendBaseWidget(s)
	return s
}

// Tapped implements [fyne.Tappable].
func (s *linkSpot) Tapped(*fyne.PointEvent) { s.open(s.url) }

// Cursor implements [desktop.Cursorable].
func (s *linkSpot) Cursor() desktop.Cursor { return desktop.PointerCursor }

// MouseIn implements [desktop.Hoverable].
func (s *linkSpot) MouseIn(*desktop.MouseEvent) {
	s.pointed = true
	s.tip(s, clip(s.url, maxTitle))
	s.Refresh()
}

// MouseMoved implements [desktop.Hoverable].
func (s *linkSpot) MouseMoved(*desktop.MouseEvent) {}

// MouseOut implements [desktop.Hoverable].
func (s *linkSpot) MouseOut() {
	s.pointed = false
	s.tip(nil, "")
	s.Refresh()
}

// A firstSpot is one that the keyboard reaches, once for each link.
type firstSpot struct{ linkSpot }

func newFirstSpot() *firstSpot {
	s := &firstSpot{linkSpot{first: true}}
	s.ExtendBaseWidget(s)
	return s
}

// FocusGained implements [fyne.Focusable].
func (s *firstSpot) FocusGained() {
	s.focused = true
	s.tip(s, clip(s.url, maxTitle))
	s.Refresh()
}

// FocusLost implements [fyne.Focusable].
func (s *firstSpot) FocusLost() {
	s.focused = false
	s.tip(nil, "")
	s.Refresh()
}

// TypedRune implements [fyne.Focusable].
func (s *firstSpot) TypedRune(r rune) {
	if r == ' ' {
		s.open(s.url)
	}
}

// TypedKey implements [fyne.Focusable].
func (s *firstSpot) TypedKey(e *fyne.KeyEvent) {
	switch e.Name {
	case fyne.KeyReturn, fyne.KeyEnter:
		s.open(s.url)
	case fyne.KeyEscape:
		if c := fyne.CurrentApp().Driver().CanvasForObject(s); c != nil {
			c.Unfocus()
		}
	}
}

// CreateRenderer implements [fyne.Widget].
func (s *linkSpot) CreateRenderer() fyne.WidgetRenderer {
	r := &spotRenderer{s: s, back: canvas.NewRectangle(color.Transparent), rule: canvas.NewRectangle(nil)}
	r.back.CornerRadius = 2
	r.Refresh()
	return r
}

type spotRenderer struct {
	s          *linkSpot
	back, rule *canvas.Rectangle
}

func (r *spotRenderer) Destroy() {}

func (r *spotRenderer) MinSize() fyne.Size { return fyne.NewSize(1, 1) }

func (r *spotRenderer) Objects() []fyne.CanvasObject { return []fyne.CanvasObject{r.back, r.rule} }

func (r *spotRenderer) Layout(size fyne.Size) {
	r.back.Resize(size)
	r.rule.Move(fyne.NewPos(0, size.Height-2))
	r.rule.Resize(fyne.NewSize(size.Width, 1))
}

func (r *spotRenderer) Refresh() {
	r.rule.FillColor = theme.Color(theme.ColorNameHyperlink)
	r.back.FillColor = color.Transparent
	switch {
	case r.s.focused:
		r.back.FillColor = theme.Color(theme.ColorNameFocus)
	case r.s.pointed:
		r.back.FillColor = theme.Color(theme.ColorNameSelection)
	}
	r.back.Refresh()
	r.rule.Refresh()
}
