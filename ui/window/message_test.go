package window

import (
	"os"
	"strings"
	"testing"

	"bellwire/ui/words"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
)

// A failure to start is told with all that is known of it, however long.
func TestAMessage(t *testing.T) {
	long := "opening the database \"/" + strings.Repeat("long/", 40) + "bellwire.db\": it is damaged\n\nGo back to a backup: bellwire restore FILE"
	for kind, detail := range map[string]string{
		"damaged": long,
		"newer":   `opening the database "/home/ana/.local/share/bellwire/bellwire.db": it has schema 14, and this Bellwire knows 12` + "\n\nNothing has been changed. Install the newer version",
		"foreign": `opening the database "/home/ana/.local/share/bellwire/bellwire.db": the file is a database, but not Bellwire's`,
		"room":    `opening the database "/home/ana/.local/share/bellwire/bellwire.db": there is not enough room: 466.8 MB are needed in "/home/ana/.local/share/bellwire", 12.1 MB are free`,
		"upgrade": `opening the database "/home/ana/.local/share/bellwire/bellwire.db": upgrading from schema 11 to 12: disk I/O error`,
		"folder":  `/home/ana/.local/share/bellwire: permission denied`,
	} {
		t.Run(kind, func(t *testing.T) {
			a := test.NewTempApp(t)
			a.Settings().SetTheme(newLook("light"))
			words.Use("")
			title, text := words.Failure(kind)
			closed, copied := false, ""
			w := test.NewTempWindow(t, newMessage(Message{Title: title, Text: text, Detail: detail}, func(s string) { copied = s }, func() { closed = true }))
			w.Resize(fyne.NewSize(messageWidth, messageHeight))
			if os.Getenv(screensEnv) != "" {
				drawCanvas(t, w.Canvas(), "message-"+kind)
				return
			}
			test.AssertRendersToMarkup(t, "message-"+kind+".xml", w.Canvas())
			if size := w.Content().MinSize(); size.Width > messageWidth || size.Height > messageHeight {
				t.Errorf("it needs %v", size)
			}
			for _, o := range test.LaidOutObjects(w.Content()) {
				if b, ok := o.(fyne.Tappable); ok {
					b.Tapped(&fyne.PointEvent{})
				}
			}
			if !strings.HasPrefix(copied, title+"\n"+text+"\n\n"+strings.ToUpper(detail[:1])+detail[1:]) {
				t.Errorf("it copies %q", copied)
			}
			if !closed {
				t.Error("it cannot be closed")
			}
		})
	}
}
