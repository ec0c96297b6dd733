//go:build linux && amd64

package window

import (
	"testing"
	"time"

	"bellwire/subscriptions"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/test"
)

// What is drawn and not written is held to its pixels: markup says where a
// mark is and not that it looks like one. Only shapes and Latin letters, which
// come from Fyne's own font, are the same on every machine.
func TestDrawn(t *testing.T) {
	for _, name := range []string{themeLight, themeDark} {
		for what, draw := range map[string]func() (fyne.CanvasObject, fyne.Size){
			"marks": drawnMarks, "colours": drawnColours, "day": drawnDay, "rows": drawnRows,
		} {
			t.Run(what+"-"+name, func(t *testing.T) {
				app := test.NewTempApp(t)
				app.Settings().SetTheme(newLook(name))
				o, size := draw()
				w := test.NewTempWindow(t, o)
				w.SetPadded(false)
				w.Resize(size)
				test.AssertRendersToImage(t, "drawn-"+what+"-"+name+".png", w.Canvas())
			})
		}
	}
}

func drawnMarks() (fyne.CanvasObject, fyne.Size) {
	line := container.NewWithoutLayout()
	states := []subscriptions.State{
		subscriptions.StateOpen, subscriptions.StateConnecting, subscriptions.StateWaiting,
		subscriptions.StateBlocked, subscriptions.StatePaused, subscriptions.StateEnded, "",
	}
	for i, s := range states {
		m := newStateMark()
		m.set(s)
		m.Move(fyne.NewPos(float32(8+20*i), 8))
		m.Resize(fyne.NewSquareSize(markSize))
		line.Add(m)
	}
	return line, fyne.NewSize(float32(8+20*len(states)), 26)
}

func drawnColours() (fyne.CanvasObject, fyne.Size) {
	line := container.NewWithoutLayout()
	for i, c := range subscriptions.Colours {
		name, _ := lookColour(subscriptions.Look{Colour: c})
		s := newSurface(name, container.NewWithoutLayout())
		s.Move(fyne.NewPos(float32(8+20*i), 8))
		s.Resize(fyne.NewSquareSize(12))
		line.Add(s)
	}
	return line, fyne.NewSize(float32(8+20*len(subscriptions.Colours)), 28)
}

// drawnDay is what a connection did in a day.
func drawnDay() (fyne.CanvasObject, fyne.Size) {
	p := newTimePicture(26, func(string) {})
	at := func(h int) time.Time { return noon.Add(time.Duration(h-24) * time.Hour) }
	p.set([]subscriptions.LogEntry{
		{At: at(3), State: subscriptions.StateOpen},
		{At: at(9), State: subscriptions.StateWaiting},
		{At: at(11), State: subscriptions.StateOpen},
		{At: at(15), State: subscriptions.StateBlocked},
		{At: at(18), State: subscriptions.StatePaused},
		{At: at(20), State: subscriptions.StateOpen},
	}, []subscriptions.Gap{{From: at(9), To: at(11)}}, noon)
	return p, fyne.NewSize(480, 32)
}

// drawnRows are an unread urgent event that is selected, a read one, and one
// of low priority.
func drawnRows() (fyne.CanvasObject, fyne.Size) {
	box := container.NewWithoutLayout()
	for i, r := range []row{
		{seq: 1, title: "Deploy 412 failed", preview: "step test ended with 1", priority: 5},
		{seq: 2, title: "Build 411 passed", preview: "main, 2 m 11 s", priority: 3, read: true},
		{seq: 3, title: "Washing machine finished", preview: "Cotton 60", priority: 1, read: true},
	} {
		r.kind, r.feed, r.at = subscriptions.KindEvent, "ci", noon
		e := newEventRow(newRowList())
		e.show(line{row: r}, rowLooks{feed: feedLook{name: "ci"}, when: "5 min", selected: i == 0}, true)
		e.Move(fyne.NewPos(0, float32(i*rowHeight)))
		e.Resize(fyne.NewSize(360, rowHeight))
		box.Add(e)
	}
	return box, fyne.NewSize(360, 3*rowHeight)
}
