package window

import (
	"runtime"
	"strings"

	"bellwire/ui/words"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// A keysPage is the sheet of keys, made of the table that drives them.
type keysPage struct {
	*pageFrame
}

// Widths of the sheet, in pixels.
const (
	sheetWidth = 840
	capsWidth  = 116
)

func (u *ui) openKeys() {
	if p := u.pages.keys; p != nil && u.page == p { // the same key leaves it
		u.closePage()
		return
	}
	if u.pages.keys == nil {
		u.pages.keys = newKeysPage(u)
	}
	u.openPage(u.pages.keys)
}

func newKeysPage(u *ui) *keysPage {
	group := func(g keyGroup) *fyne.Container {
		c := column(4, heading(words.Say("keys.group."+string(g))))
		for _, b := range bindings() {
			if b.group == g {
				c.Add(keyLine(b))
			}
		}
		return c
	}
	left := column(16, group(keysList), group(keysEvent))
	p := &keysPage{newPageFrame(u, words.Say("keys.title"))}
	p.fill(sheetWidth, container.New(halves{24}, left, group(keysWindow)))
	return p
}

func (p *keysPage) opened() { p.top() }

func (p *keysPage) closed() {}

func (p *keysPage) refresh() {}

// keyLine is one line of the sheet: the keys, and what they do.
func keyLine(b binding) fyne.CanvasObject {
	caps := across(4)
	for _, name := range capsOf(b) {
		caps.Add(newKeyCap(name))
	}
	says := widget.NewLabel(words.Say("keys." + b.name))
	says.Truncation = fyne.TextTruncateEllipsis
	return container.New(leftColumn{capsWidth}, inset(caps, 6, 2, 8, 0), says)
}

// capsOf are the keys of b as they are written on keyboards.
func capsOf(b binding) (caps []string) {
	for _, r := range b.runes {
		if r >= 'A' && r <= 'Z' {
			caps = append(caps, words.Say("key.shift")+"+"+string(r))
		} else {
			caps = append(caps, strings.ToUpper(string(r)))
		}
	}
	for _, k := range b.keys {
		if k != fyne.KeyEnter { // the other Enter
			caps = append(caps, keyName(k))
		}
	}
	for _, k := range b.ctrl {
		if runtime.GOOS == "darwin" {
			caps = append(caps, "⌘"+keyName(k))
		} else {
			caps = append(caps, words.Say("key.ctrl")+"+"+keyName(k))
		}
	}
	return caps
}

// keyName is what people call a key.
func keyName(k fyne.KeyName) string {
	switch k {
	case fyne.KeyDown:
		return "↓"
	case fyne.KeyUp:
		return "↑"
	case fyne.KeyPageDown:
		return words.Say("key.page-down")
	case fyne.KeyPageUp:
		return words.Say("key.page-up")
	case fyne.KeyHome:
		return words.Say("key.home")
	case fyne.KeyEnd:
		return words.Say("key.end")
	case fyne.KeyReturn:
		return words.Say("key.enter")
	case fyne.KeyEscape:
		return words.Say("key.escape")
	case fyne.KeyDelete:
		return words.Say("key.delete")
	}
	return string(k)
}

// newKeyCap draws a key.
func newKeyCap(name string) fyne.CanvasObject {
	t := newTextLine(sizeSmall, theme.ColorNameForeground)
	t.full = name
	t.Text.Text = name
	t.TextSize = theme.Size(sizeSmall)
	t.paint()
	s := newSurface(colourResting, inset(newInk(t), 2, 3, 7, 7))
	s.radius = 4
	return s
}

// An ink is a text line that takes part in layouts and follows the theme.
type ink struct {
	widget.BaseWidget
	line *textLine
}

func newInk(t *textLine) *ink {
	i := &ink{line: t}
	i.ExtendBaseWidget(i)
	return i
}

// CreateRenderer implements [fyne.Widget].
func (i *ink) CreateRenderer() fyne.WidgetRenderer { return &inkRenderer{i} }

type inkRenderer struct{ i *ink }

func (r *inkRenderer) Destroy() {}

func (r *inkRenderer) Layout(size fyne.Size) { r.i.line.place(0, 0, size.Width) }

func (r *inkRenderer) MinSize() fyne.Size {
	h := fyne.MeasureText("X", theme.Size(r.i.line.size), r.i.line.TextStyle).Height
	return fyne.NewSize(r.i.line.natural()+1, h)
}

func (r *inkRenderer) Objects() []fyne.CanvasObject { return []fyne.CanvasObject{r.i.line.Text} }

func (r *inkRenderer) Refresh() { r.i.line.paint() }

// leftColumn puts the first object at the left, so wide, and the second, as high
// as it has to be, beside it.
type leftColumn struct{ left float32 }

// Layout implements [fyne.Layout].
func (b leftColumn) Layout(o []fyne.CanvasObject, size fyne.Size) {
	o[0].Move(fyne.NewPos(0, 0))
	o[0].Resize(fyne.NewSize(b.left, o[0].MinSize().Height))
	o[1].Move(fyne.NewPos(b.left, 0))
	o[1].Resize(fyne.NewSize(size.Width-b.left, size.Height))
}

// MinSize implements [fyne.Layout].
func (b leftColumn) MinSize(o []fyne.CanvasObject) fyne.Size {
	l, r := o[0].MinSize(), o[1].MinSize()
	return fyne.NewSize(b.left+r.Width, max(l.Height, r.Height))
}

// halves puts two objects beside each other, equally wide.
type halves struct{ space float32 }

// Layout implements [fyne.Layout].
func (h halves) Layout(o []fyne.CanvasObject, size fyne.Size) {
	w := (size.Width - h.space) / 2
	for i, x := range []float32{0, w + h.space} {
		o[i].Move(fyne.NewPos(x, 0))
		o[i].Resize(fyne.NewSize(w, o[i].MinSize().Height))
	}
}

// MinSize implements [fyne.Layout].
func (h halves) MinSize(o []fyne.CanvasObject) fyne.Size {
	a, b := o[0].MinSize(), o[1].MinSize()
	return fyne.NewSize(2*max(a.Width, b.Width)+h.space, max(a.Height, b.Height))
}
