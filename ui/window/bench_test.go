package window

import (
	"fmt"
	"strings"
	"testing"

	"bellwire/internal/control"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
)

// A long text in one paragraph must not hold up the window.
func BenchmarkLongText(b *testing.B) {
	test.NewTempApp(b).Settings().SetTheme(newLook("light"))
	block := newTextBlock(sizeBody, fyne.TextStyle{})
	w := test.NewTempWindow(b, block)
	w.Resize(fyne.NewSize(500, 700))
	for i := 0; b.Loop(); i++ {
		block.set(fmt.Sprint(i, strings.Repeat(" Very long body text without end.", 1000)))
	}
}

// BenchmarkOpenEdit is what opening the page of a feed that uses everything
// costs.
func BenchmarkOpenEdit(b *testing.B) {
	f := wellKnown()
	f.desk.definitions = []control.NewFeed{everything()}
	h := open(b, f, Options{})
	h.loaded()
	for b.Loop() {
		h.openEdit("ci")
		h.until("the definition", func() bool { e, ok := h.page.(*editPage); return ok && e.loaded })
		h.closePage()
	}
}
