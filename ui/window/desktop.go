package window

import (
	"net/url"

	"bellwire/internal/control"
	"bellwire/subscriptions"
	"bellwire/ui/icon"

	"fyne.io/fyne/v2"
)

// onMain runs f on Fyne's goroutine; nothing else here calls [fyne.Do].
func onMain(f func()) { fyne.Do(f) }

// openURL opens a link the desktop's own way.
func openURL(link string) error {
	u, err := url.Parse(link)
	if err != nil {
		return err
	}
	return fyne.CurrentApp().OpenURL(u)
}

// bellGlyph is the bell of the application's icon, on its own.
func bellGlyph() fyne.Resource { return fyne.NewStaticResource("bell.svg", icon.Glyph()) }

// mutedGlyph is the bell with a slash.
func mutedGlyph() fyne.Resource { return fyne.NewStaticResource("muted.svg", icon.Muted) }

// isHeld reports whether a feed waits for a person to let it go on.
func isHeld(f control.Feed) bool {
	return f.State == subscriptions.StatePaused || f.State == subscriptions.StateEnded || f.Code == subscriptions.CodeGaveUp && f.State == subscriptions.StateBlocked
}

// Keys of the preferences. They hold the look of the window and nothing else.
const (
	prefWidth   = "window.width"
	prefHeight  = "window.height"
	prefSidebar = "panes.sidebar"
	prefList    = "panes.list"
)

// Sizes of the window, in pixels.
const (
	defaultWidth, defaultHeight = 1180, 760
	minWidth, minHeight         = 880, 560
)

// restore gives the window the shape it had last time.
func (u *ui) restore() {
	u.panes.sidebarW = float32(u.prefs.FloatWithFallback(prefSidebar, sidebarWidth))
	u.panes.listW = float32(u.prefs.FloatWithFallback(prefList, listWidth))
	u.win.Resize(fyne.NewSize(
		max(minWidth, float32(u.prefs.FloatWithFallback(prefWidth, defaultWidth))),
		max(minHeight, float32(u.prefs.FloatWithFallback(prefHeight, defaultHeight))),
	))
}

// remember keeps the window's shape for the next time.
func (u *ui) remember() {
	size := u.win.Canvas().Size()
	u.prefs.SetFloat(prefWidth, float64(size.Width))
	u.prefs.SetFloat(prefHeight, float64(size.Height))
	u.prefs.SetFloat(prefSidebar, float64(u.panes.sidebarW))
	u.prefs.SetFloat(prefList, float64(u.panes.listW))
}
