package tray

import (
	"bytes"
	"context"
	"encoding/binary"
	"strings"

	"bellwire/ui/icon"

	"fyne.io/systray"
	"golang.org/x/sys/windows"
	"golang.org/x/sys/windows/registry"
)

// probe: the notification area is part of the shell.
func probe(context.Context) (host bool, err error) { return true, nil }

func answers(context.Context) error { return nil }

func prepare() { setIcon(icon.Quiet, icon.AnyPanel) }

// run shows the icon until ctx ends: build makes the menu, begin begins to
// change it.
func run(ctx context.Context, build, begin func()) {
	systray.Run(func() {
		build()
		begin()
		context.AfterFunc(ctx, systray.Quit)
	}, nil)
}

func setIcon(s icon.State, p icon.Panel) { systray.SetIcon(nativeIcon(icon.Tray(s, p))) }

// personalize is where Windows 10 and later keep the taskbar's colour.
const personalize = `Software\Microsoft\Windows\CurrentVersion\Themes\Personalize`

// watchDesktop tells the taskbar's colour, now and after every change, until
// ctx ends. Without the key there is nothing to tell.
func watchDesktop(ctx context.Context, tell func(desktop)) error {
	key, err := registry.OpenKey(registry.CURRENT_USER, personalize, registry.QUERY_VALUE|registry.NOTIFY)
	if err != nil {
		return err
	}
	defer key.Close()
	changed, err := windows.CreateEvent(nil, 0, 0, nil)
	if err != nil {
		return err
	}
	defer windows.CloseHandle(changed)
	wake := func() { _ = windows.SetEvent(changed) }
	// A wait that has not begun yet finds the event set.
	stopped := make(chan struct{})
	stop := context.AfterFunc(ctx, func() { defer close(stopped); wake() })
	defer func() {
		if !stop() {
			<-stopped // the handle is still in use
		}
	}()
	for ctx.Err() == nil {
		// Asked for before reading, so that no change falls between.
		const what = windows.REG_NOTIFY_CHANGE_LAST_SET | windows.REG_NOTIFY_THREAD_AGNOSTIC
		if err := windows.RegNotifyChangeKeyValue(windows.Handle(key), false, what, changed, true); err != nil {
			return err
		}
		light, _, err := key.GetIntegerValue("SystemUsesLightTheme")
		switch {
		case err != nil:
			tell(desktop{host: true, panel: icon.AnyPanel})
		case light != 0:
			tell(desktop{host: true, panel: icon.LightPanel})
		default:
			tell(desktop{host: true, panel: icon.DarkPanel})
		}
		if _, err := windows.WaitForSingleObject(changed, windows.INFINITE); err != nil {
			return err
		}
	}
	return nil
}

// nativeIcon wraps a PNG of 48 pixels in an ICO file of one image, which
// Windows has read since Vista.
func nativeIcon(png []byte) []byte {
	const header = 6 + 16
	var b bytes.Buffer
	for _, v := range []any{
		[]uint16{0, 1, 1},     // reserved, an icon, one image
		[]uint8{48, 48, 0, 0}, // width, height, no palette, reserved
		[]uint16{1, 32},       // planes, bits a pixel
		[]uint32{uint32(len(png)), header},
	} {
		_ = binary.Write(&b, binary.LittleEndian, v) // a buffer takes everything
	}
	b.Write(png)
	return b.Bytes()
}

// escape keeps ampersands in a label from becoming mnemonics.
func escape(label string) string { return strings.ReplaceAll(label, "&", "&&") }

// registerLate has nothing to do here: icons need no panel to be there.
func registerLate(context.Context) error { return nil }
