package window

import (
	"fmt"
	"strings"
	"testing"

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
