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

// takeStopHook takes from Fyne what it does once its loop has ended, which is
// to save preferences, for the caller to do. Fyne 2.7.1 queues it for that very
// loop, and where the loop does not look any more, waits for it for ever: about
// one window in forty did not end on a busy machine (runGL in
// internal/driver/glfw/loop.go, and Lifecycle.WaitForEvents).
func takeStopHook(l fyne.Lifecycle) (stopped func()) {
	stopped = func() {}
	if hooks, ok := l.(stopHooks); ok {
		if f := hooks.OnStopped(); f != nil {
			stopped = f
		}
		hooks.SetOnStoppedHookExecuted(nil)
	}
	return stopped
}

// stopHooks are of Fyne's lifecycle what its interface does not have.
type stopHooks interface {
	OnStopped() func()
	SetOnStoppedHookExecuted(f func())
}

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
	prefTheme   = "look.theme" // light or dark; anything else is the system's
)

// Sizes of the window, in pixels.
const (
	defaultWidth, defaultHeight = 1180, 760
	minWidth, minHeight         = 880, 560
)

// maxWidth and maxHeight bound what is believed of a size that was kept.
const maxWidth, maxHeight = 7680, 4320

// restore gives the window the shape it had last time. The panes make do with
// less where it has become smaller.
func (u *ui) restore() {
	kept := func(key string, fallback, least, most float32) float32 {
		v := float32(u.prefs.FloatWithFallback(key, float64(fallback)))
		if !(v >= least && v <= most) { // also what is no number
			return max(least, min(fallback, most))
		}
		return v
	}
	u.panes.sidebarW = kept(prefSidebar, sidebarWidth, minSidebar, maxWidth)
	u.panes.listW = kept(prefList, listWidth, minList, maxWidth)
	u.win.Resize(fyne.NewSize(
		kept(prefWidth, defaultWidth, minWidth, maxWidth),
		kept(prefHeight, defaultHeight, minHeight, maxHeight),
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

// closeWindow ends the window as its frame's button does.
func (u *ui) closeWindow() {
	u.remember()
	u.win.Close()
}
