package window

import (
	"strings"
	"unicode"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// A textBlock is text of many lines that can be selected. It breaks lines by
// itself: Fyne's labels take time by the square of a paragraph's length, and
// seconds for one of 12 KB.
type textBlock struct {
	widget.BaseWidget
	label   *widget.Label
	text    string
	wrapped float32 // the width text is broken for; 0 when it is not yet
	// broken is told when the lines have changed; nil for nobody.
	broken func()
}

func newTextBlock(size fyne.ThemeSizeName, style fyne.TextStyle) *textBlock {
	b := &textBlock{label: widget.NewLabel("")}
	b.label.SizeName, b.label.TextStyle, b.label.Selectable = size, style, true
	b.ExtendBaseWidget(b)
	return b
}

func (b *textBlock) set(text string) {
	if b.text != text {
		b.text, b.wrapped = text, 0
		b.wrap(b.Size().Width)
		b.Refresh()
	}
}

func (b *textBlock) wrap(width float32) {
	if width <= 0 || width == b.wrapped {
		return
	}
	b.wrapped = width
	size := theme.Size(b.label.SizeName)
	room := width - 2*theme.InnerPadding() - 2 // rounding of many widths
	b.label.SetText(breakLines(b.text, room, func(s string) float32 {
		return fyne.MeasureText(s, size, b.label.TextStyle).Width
	}))
	if b.broken != nil {
		b.broken()
	}
}

// CreateRenderer implements [fyne.Widget].
func (b *textBlock) CreateRenderer() fyne.WidgetRenderer { return &textBlockRenderer{b} }

type textBlockRenderer struct{ b *textBlock }

func (r *textBlockRenderer) Destroy() {}

func (r *textBlockRenderer) Layout(size fyne.Size) {
	r.b.wrap(size.Width)
	r.b.label.Resize(size)
}

func (r *textBlockRenderer) MinSize() fyne.Size {
	return fyne.NewSize(1, r.b.label.MinSize().Height)
}

func (r *textBlockRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.b.label}
}

func (r *textBlockRenderer) Refresh() { r.b.label.Refresh() }

// breakLines puts line breaks into text so that no line is wider than width:
// at spaces, between Chinese, Japanese and Korean characters, and inside a
// word only when it alone is too wide. Each different word is measured once.
func breakLines(text string, width float32, measure func(string) float32) string {
	known := map[string]float32{}
	wide := func(s string) float32 {
		w, ok := known[s]
		if !ok {
			w = measure(s)
			known[s] = w
		}
		return w
	}
	var b strings.Builder
	for i, paragraph := range strings.Split(strings.ReplaceAll(text, "\t", "    "), "\n") {
		if i > 0 {
			b.WriteByte('\n')
		}
		breakParagraph(&b, paragraph, width, wide)
	}
	return b.String()
}

func breakParagraph(b *strings.Builder, paragraph string, width float32, wide func(string) float32) {
	at := float32(0)
	space := "" // not written yet: dropped where the line breaks
	for paragraph != "" {
		word := firstWord(paragraph)
		paragraph = paragraph[len(word):]
		if word[0] == ' ' {
			space = word
			continue
		}
		w := wide(word)
		// A word wider than a whole line starts where it is.
		needs := w
		if w > width {
			needs = wide(firstRunes(word, 1))
		}
		if at > 0 && at+wide(space)+needs > width {
			b.WriteByte('\n')
			at, space = 0, ""
		}
		b.WriteString(space)
		at += wide(space)
		space = ""
		if at+w <= width {
			b.WriteString(word)
			at += w
			continue
		}
		for _, r := range word {
			c := string(r)
			if w := wide(c); at > 0 && at+w > width {
				b.WriteByte('\n')
				at = 0
			}
			b.WriteString(c)
			at += wide(c)
		}
	}
}

// firstWord is what text starts with and what is not broken: spaces, one
// character of a script without spaces, or a word. text is not empty.
func firstWord(text string) string {
	kind := kindOf(rune(text[0]))
	for i, r := range text {
		if i == 0 {
			if kind = kindOf(r); kind == kindIdeograph {
				return firstRunes(text, 1)
			}
			continue
		}
		if kindOf(r) != kind {
			return text[:i]
		}
	}
	return text
}

type wordKind string

const (
	kindSpace     wordKind = "space"
	kindIdeograph wordKind = "ideograph"
	kindLetter    wordKind = "letter"
)

func kindOf(r rune) wordKind {
	switch {
	case r == ' ':
		return kindSpace
	case r < 0x1100:
		return kindLetter
	case unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul):
		return kindIdeograph
	}
	return kindLetter
}
