package tray

import (
	"context"

	"bellwire/ui/icon"

	"fyne.io/systray"
)

// probe: the menu bar is part of the system.
func probe(context.Context) (host bool, err error) { return true, nil }

func answers(context.Context) error { return nil }

func prepare() { setIcon(icon.Quiet, icon.Template) }

// run shows the icon until ctx ends: build makes the menu, begin begins to
// change it.
func run(ctx context.Context, build, begin func()) {
	systray.Run(func() {
		build()
		begin()
		context.AfterFunc(ctx, systray.Quit)
	}, nil)
}

// setIcon: the menu bar gives a template its colour, light or dark.
func setIcon(s icon.State, _ icon.Panel) {
	picture := icon.Tray(s, icon.Template)
	systray.SetTemplateIcon(picture, picture)
}

// watchDesktop: the system does.
func watchDesktop(context.Context, func(desktop)) error { return nil }

func escape(label string) string { return label }

// registerLate has nothing to do here: icons need no panel to be there.
func registerLate(context.Context) error { return nil }
