package window

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"
)

func TestTooltips(t *testing.T) {
	h := open(t, plenty(), Options{})
	h.loaded()
	h.choose(choice{feed: "ci"})
	button := h.events.menu
	in := func() { button.MouseIn(&desktop.MouseEvent{}) }

	in()
	h.advance(tipDelay / 2)
	if got := h.tips.shown(); got != "" {
		t.Errorf("says %q before the pointer has rested", got)
	}
	h.advance(tipDelay)
	if got := h.tips.shown(); got != button.tip || got == "" {
		t.Errorf("says %q, want %q", got, button.tip)
	}
	focused := h.win.Canvas().Focused()
	if h.win.Canvas().Overlays().Top() != nil || focused != h.events.list {
		t.Error("it takes clicks or the focus")
	}
	for name, away := range map[string]func(){
		"the pointer leaves": func() { button.MouseOut() },
		"a click":            func() { test.Tap(button); h.win.Canvas().Overlays().Top().Hide() },
		"a key":              func() { h.key(fyne.KeyDown) },
		"typing":             func() { h.typed("x") },
	} {
		h.focusList()
		button.MouseOut()
		in()
		h.advance(tipDelay)
		if h.tips.shown() == "" {
			t.Errorf("%s: there was none", name)
		}
		away()
		if got := h.tips.shown(); got != "" {
			t.Errorf("%s: it still says %q", name, got)
		}
	}
	in()
	button.MouseOut()
	h.advance(tipDelay)
	if got := h.tips.shown(); got != "" {
		t.Errorf("says %q of what the pointer has left", got)
	}
}

// A tip stays inside the window, however long it is.
func TestTooltipsFit(t *testing.T) {
	h := open(t, plenty(), Options{})
	h.loaded()
	for name, text := range map[string]string{
		"short": "State", "long": strings.Repeat("many words ", 500), "one word": strings.Repeat("w", 2000), "Chinese": strings.Repeat("等待重连", 100),
	} {
		for _, what := range []fyne.CanvasObject{h.events.filter, h.footEnd, h.foot, h.search} {
			h.tips.over(what, text)
			h.advance(tipDelay)
			all := h.tips.Size()
			for _, o := range h.tips.Objects {
				end := o.Position().AddXY(o.Size().Width, o.Size().Height)
				if p := o.Position(); p.X < 0 || p.Y < 0 || end.X > all.Width || end.Y > all.Height {
					t.Errorf("%s: a part from %v to %v in %v", name, p, end, all)
				}
			}
			if len(h.tips.Objects) < 2 {
				t.Errorf("%s: no tip", name)
			}
		}
	}
}
