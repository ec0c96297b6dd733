package window

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"bellwire/ui/words"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
)

// The sheet shows every key with words of its own, and no key does two
// things.
func TestSheetOfKeys(t *testing.T) {
	taken := map[string]string{}
	for _, b := range bindings() {
		if key := "keys." + b.name; words.Say(key) == key {
			t.Errorf("%s has no words", b.name)
		}
		caps := capsOf(b)
		if len(caps) == 0 {
			t.Errorf("%s has no key", b.name)
		}
		for _, c := range caps {
			if other := taken[c]; other != "" {
				t.Errorf("%s is for %s and for %s", c, other, b.name)
			}
			taken[c] = b.name
			if strings.HasPrefix(c, "key.") || c == "" {
				t.Errorf("a key of %s is called %q", b.name, c)
			}
		}
	}
	for _, want := range []string{"J", "K", "↓", "↑", "Page ↓", "Page ↑", "Home", "End", "Enter", "R", "Shift+R", "M", "/", "Ctrl+F", "Ctrl+N", "Ctrl+,", "Ctrl+1", "Ctrl+2", "Ctrl+3", "Ctrl+W", "Esc", "?"} {
		if taken[want] == "" {
			t.Errorf("nothing is done by %s", want)
		}
	}
}

func (h *harness) selected() int64 { return h.events.list.selected }

// press is a key as a driver tells of it: its name, then what it types.
func (h *harness) press(name fyne.KeyName, types rune) {
	h.key(name)
	h.typed(string(types))
}

func TestKeysOfOtherAlphabets(t *testing.T) {
	h := open(t, plenty(), Options{})
	h.loaded()
	h.focusList()
	h.press(fyne.KeyJ, 'о') // Cyrillic
	if h.selected() != 5 {
		t.Fatalf("selected %d", h.selected())
	}
	h.press(fyne.KeyJ, 'j')
	if h.selected() != 4 {
		t.Errorf("selected %d: one press is one step", h.selected())
	}
	h.press(fyne.KeyK, 'ㅏ') // Korean
	if h.selected() != 5 {
		t.Errorf("selected %d", h.selected())
	}
	h.press(fyne.KeyR, 'К')
	h.until("all are read", func() bool { return h.fake.has(`mark [] "" 5 false`) })
	h.press(fyne.KeyJ, 'é') // a dead key before it, or not: it is no j
	h.typed("é")
}

// What a page covers is not moved through, and not marked read unseen.
func TestKeysOnPages(t *testing.T) {
	h := open(t, wellKnown(), Options{})
	h.loaded()
	h.win.Resize(fyne.NewSize(880, 560))
	h.openSettings()
	h.typed("jR")
	h.key(fyne.KeyReturn)
	if h.selected() != 0 || h.fake.has(`mark [] "" 5 false`) {
		t.Error("a key went through the page")
	}
	scroll := h.pages.settings.scroll
	for _, c := range []struct {
		key  fyne.KeyName
		down bool
	}{{fyne.KeyPageDown, true}, {fyne.KeyPageUp, false}, {fyne.KeyEnd, true}, {fyne.KeyHome, false}, {fyne.KeyDown, true}, {fyne.KeyUp, false}} {
		h.key(c.key)
		if (scroll.Offset.Y > 0) != c.down {
			t.Errorf("after %s the page is at %v", c.key, scroll.Offset.Y)
		}
	}
	h.typed("?")
	if h.page != h.pages.keys {
		t.Fatal("no sheet")
	}
	h.typed("?")
	if h.page != nil {
		t.Error("the sheet stays")
	}
}

// Escape leaves a page wherever the focus is on it, and the window's own
// shortcuts work there.
func TestPagesLeaveTheWindowItsKeys(t *testing.T) {
	h := open(t, wellKnown(), Options{})
	h.loaded()
	s := func() *settingsPage { return h.pages.settings }
	for name, focus := range map[string]func() fyne.Focusable{
		"button": func() fyne.Focusable { return s().notify.try },
		"check":  func() fyne.Focusable { return s().general.login },
		"select": func() fyne.Focusable { return s().general.theme.choose },
		"entry":  func() fyne.Focusable { return s().move.path },
	} {
		h.openSettings()
		h.until("the settings", func() bool { return !s().general.login.Disabled() })
		h.win.Canvas().Focus(focus())
		h.key(fyne.KeyEscape)
		if h.page != nil {
			t.Errorf("Escape on a %s does not leave the page", name)
		}
	}
	h.openSettings()
	h.win.Canvas().Focus(s().move.path)
	h.win.Canvas().Focused().(fyne.Shortcutable).TypedShortcut(&desktop.CustomShortcut{KeyName: fyne.KeyN, Modifier: fyne.KeyModifierShortcutDefault})
	if h.page != page(h.add) {
		t.Error("Ctrl+N in an input does not add a feed")
	}
}

func TestPanesByKey(t *testing.T) {
	h := open(t, plenty(), Options{})
	h.loaded()
	ctrl := func(k fyne.KeyName) {
		h.shortcut(&desktop.CustomShortcut{KeyName: k, Modifier: fyne.KeyModifierShortcutDefault})
	}
	ctrl(fyne.Key1)
	if h.win.Canvas().Focused() != h.sidebar.rows[0] {
		t.Errorf("Ctrl+1 focuses %T", h.win.Canvas().Focused())
	}
	ctrl(fyne.Key2)
	if h.win.Canvas().Focused() != h.events.list {
		t.Errorf("Ctrl+2 focuses %T", h.win.Canvas().Focused())
	}
	h.typed("j")
	h.read(5)
	ctrl(fyne.Key3)
	if f := h.win.Canvas().Focused(); f == nil || f == fyne.Focusable(h.events.list) {
		t.Errorf("Ctrl+3 focuses %T", f)
	}
	ctrl(fyne.KeyComma)
	if h.page == nil || h.page != page(h.pages.settings) {
		t.Error("Ctrl+, opens no settings")
	}
	ctrl(fyne.Key2)
	if h.page != nil {
		t.Error("Ctrl+2 does not lead to the list")
	}
}

// A window is as it was, whatever nonsense is kept of it.
func TestShapeIsKept(t *testing.T) {
	h := prepare(t, plenty(), Options{})
	for _, c := range []struct{ kept, want float64 }{{300, 300}, {-4, sidebarWidth}, {math.NaN(), sidebarWidth}, {1e9, sidebarWidth}, {math.Inf(1), sidebarWidth}} {
		h.prefs.SetFloat(prefSidebar, c.kept)
		h.restore()
		if float64(h.panes.sidebarW) != c.want {
			t.Errorf("%v is restored as %v", c.kept, h.panes.sidebarW)
		}
	}
	h.prefs.SetFloat(prefSidebar, 7000)
	h.restore()
	h.win.Resize(fyne.NewSize(minWidth, minHeight))
	if got := h.sidebar.surface.Size().Width; got > minWidth-minList {
		t.Errorf("the sidebar takes %v of %v", got, minWidth)
	}
	h.panes.drag(&h.panes.sidebarW, -100)
	h.panes.moved()
	if got := h.prefs.Float(prefSidebar); fmt.Sprint(got) != fmt.Sprint(h.panes.sidebarW) {
		t.Errorf("kept %v of %v", got, h.panes.sidebarW)
	}
	h.win.Resize(fyne.NewSize(1000, 700))
	h.remember()
	if got := h.prefs.Float(prefWidth); got != 1000 {
		t.Errorf("kept a width of %v", got)
	}
}
