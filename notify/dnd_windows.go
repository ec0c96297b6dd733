package notify

import (
	"context"
	"unsafe"

	"golang.org/x/sys/windows"
)

func (d *DND) start(ctx context.Context) {
	query := windows.NewLazySystemDLL("shell32.dll").NewProc("SHQueryUserNotificationState")
	if query.Find() != nil {
		return
	}
	d.watchAsked(ctx, func() string {
		var state int32
		// It returns an HRESULT: 0 is S_OK.
		if result, _, _ := query.Call(uintptr(unsafe.Pointer(&state))); result != 0 {
			return ""
		}
		return windowsDND(state)
	})
}
