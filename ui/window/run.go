//go:build cgo

package window

import (
	"cmp"
	"context"

	"bellwire/ui/icon"
	"bellwire/ui/words"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/app"
)

// Run shows the window until it is closed or ctx ends. It must be called on
// the main goroutine, and once a process.
func Run(ctx context.Context, o Options) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	says := askDesktop(ctx)
	words.Use(o.Language)
	a := app.NewWithID(ID)
	a.SetIcon(fyne.NewStaticResource("bellwire.png", icon.App256))
	a.Settings().SetTheme(lookWhere(says, cmp.Or(o.Theme, a.Preferences().String(prefTheme))))
	win := a.NewWindow("Bellwire")
	win.SetMaster()
	win.SetPadded(false)
	u := newUI(ctx, o, win, a.Preferences())
	u.says = says
	u.build()
	stop := context.AfterFunc(ctx, func() { onMain(a.Quit) })
	win.SetCloseIntercept(u.closeWindow)
	// Once Fyne has stopped, onMain runs things on the caller's goroutine:
	// the context ends before that.
	win.SetOnClosed(func() {
		stop()
		cancel()
	})
	u.start()
	stopped := takeStopHook(a.Lifecycle())
	win.ShowAndRun()
	stopped()
	stop()
	cancel()
	u.close()
	return nil
}

// Tell shows m until it is closed or ctx ends. It must be called on the main
// goroutine, in a process that does not call [Run].
func Tell(ctx context.Context, m Message) error {
	says := askDesktop(ctx)
	a := app.NewWithID(ID)
	a.SetIcon(fyne.NewStaticResource("bellwire.png", icon.App256))
	a.Settings().SetTheme(lookWhere(says, a.Preferences().String(prefTheme)))
	win := a.NewWindow("Bellwire")
	win.SetMaster()
	win.SetContent(newMessage(m, a.Clipboard().SetContent, a.Quit))
	win.Canvas().SetOnTypedKey(func(k *fyne.KeyEvent) {
		switch k.Name {
		case fyne.KeyEscape, fyne.KeyReturn, fyne.KeyEnter:
			a.Quit()
		}
	})
	win.Resize(fyne.NewSize(messageWidth, messageHeight))
	win.CenterOnScreen()
	stop := context.AfterFunc(ctx, func() { onMain(a.Quit) })
	defer stop()
	defer takeStopHook(a.Lifecycle())()
	win.ShowAndRun()
	return nil
}
