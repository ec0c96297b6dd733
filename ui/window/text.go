package window

import (
	"math"
	"unicode"
	"unicode/utf8"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
)

// A textLine is one line of text that ends in an ellipsis where there is no
// room. Unlike a label it has no padding of its own, so rows can be exact.
type textLine struct {
	*canvas.Text
	full   string
	colour fyne.ThemeColorName
	size   fyne.ThemeSizeName
}

func newTextLine(size fyne.ThemeSizeName, colour fyne.ThemeColorName) *textLine {
	return &textLine{Text: canvas.NewText("", nil), size: size, colour: colour}
}

// natural is the width of the whole text.
func (t *textLine) natural() float32 {
	return fyne.MeasureText(t.full, theme.Size(t.size), t.TextStyle).Width
}

// place puts the line at x, y with the given width and shortens it to fit. Its
// baseline is that of plain text at y, whatever it begins with: an emoji has
// another font, and Fyne hangs the whole line by the first one.
func (t *textLine) place(x, y, width float32) {
	t.TextSize = theme.Size(t.size)
	t.Text.Text = fit(t.full, width, t.TextSize, t.TextStyle)
	t.Move(fyne.NewPos(x, y+ascent("", t.TextSize)-ascent(t.Text.Text, t.TextSize)))
	t.Resize(fyne.NewSize(width, t.MinSize().Height))
}

// ascent is how far below its top Fyne draws a line's baseline, in whole
// pixels. Fyne does not tell where it is for a text; these are the fonts it
// brings along, for all but the scripts that the system must have a font for.
func ascent(text string, size float32) float32 {
	const plain, emoji = 1.069, 0.851
	part := float64(plain)
	if first, _ := utf8.DecodeRuneInString(text); isEmoji(first) {
		part = emoji
	}
	return float32(math.Ceil(part * float64(size)))
}

// isEmoji reports whether r is drawn in the font of emoji.
func isEmoji(r rune) bool {
	return r >= 0x1F000 && r < 0x20000 || r >= 0x2600 && r < 0x27C0
}

// paint takes the colour from the current theme.
func (t *textLine) paint() {
	t.Color = theme.Color(t.colour)
	t.Refresh()
}

// fit shortens text to width with an ellipsis.
func fit(text string, width, size float32, style fyne.TextStyle) string {
	if width <= 0 {
		return ""
	}
	// No character worth reading is narrower than a sixth of its size; this
	// bounds what has to be measured.
	text = firstRunes(text, int(6*width/size)+1)
	wide := func(s string) bool { return fyne.MeasureText(s, size, style).Width > width }
	if !wide(text) {
		return text
	}
	runes := []rune(text)
	low, high := 0, len(runes)
	for low < high {
		mid := (low + high + 1) / 2
		if wide(string(runes[:mid]) + "…") {
			high = mid - 1
		} else {
			low = mid
		}
	}
	for low > 0 && unicode.IsSpace(runes[low-1]) {
		low--
	}
	return string(runes[:low]) + "…"
}

// firstRunes is the start of s, at most n characters.
func firstRunes(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for i := range s {
		if n == 0 {
			return s[:i]
		}
		n--
	}
	return s
}

// firstBytes is the start of s, at most n bytes and never half a character.
func firstBytes(s string, n int) (start string, cut bool) {
	if len(s) <= n {
		return s, false
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n], true
}

// oneLine folds white space and drops what a single line cannot show, taking
// at most n characters.
func oneLine(s string, n int) string {
	out := make([]rune, 0, min(n, len(s)))
	space := false
	for _, r := range s {
		if len(out) >= n {
			break
		}
		switch {
		case unicode.IsSpace(r) || unicode.IsControl(r):
			space = len(out) > 0
			continue
		case unicode.Is(unicode.Bidi_Control, r):
			continue
		case space:
			out = append(out, ' ')
			space = false
		}
		out = append(out, r)
	}
	return string(out)
}

// oneLines are short lines, none of them empty.
func oneLines(lines []string) (short []string) {
	for _, l := range lines {
		if l = oneLine(l, maxTitle); l != "" {
			short = append(short, l)
		}
	}
	return short
}
