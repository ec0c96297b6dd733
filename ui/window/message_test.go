package window

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
)

// A failure to start is told with all that is known of it, however long.
func TestAMessage(t *testing.T) {
	a := test.NewTempApp(t)
	a.Settings().SetTheme(newLook("light"))
	closed := false
	w := test.NewTempWindow(t, newMessage(Message{
		Title:  "Your history is damaged",
		Text:   "Bellwire has not started, so that nothing gets lost.",
		Detail: "opening the database \"/" + strings.Repeat("long/", 40) + "bellwire.db\": it is damaged\n\nGo back to a backup: bellwire restore FILE",
	}, func() { closed = true }))
	w.Resize(fyne.NewSize(messageWidth, messageHeight))
	test.AssertRendersToMarkup(t, "message.xml", w.Canvas())
	if size := w.Content().MinSize(); size.Width > messageWidth || size.Height > messageHeight {
		t.Errorf("it needs %v", size)
	}
	for _, o := range test.LaidOutObjects(w.Content()) {
		if b, ok := o.(fyne.Tappable); ok {
			b.Tapped(&fyne.PointEvent{})
		}
	}
	if !closed {
		t.Error("it cannot be closed")
	}
}
