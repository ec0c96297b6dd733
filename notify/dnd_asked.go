package notify

import (
	"context"
	"time"
)

// dndAgain is how often a desktop that never tells by itself is asked, while
// it said that it does not want to disturb, and only then.
const dndAgain = 15 * time.Second

// watchAsked asks state, which does not wait and returns who says that it is
// on, whenever somebody wants to know.
func (d *DND) watchAsked(ctx context.Context, state func() string) {
	watching := false // guarded by asking
	d.ask = func() {
		d.asking.Lock()
		defer d.asking.Unlock()
		if watching || ctx.Err() != nil {
			return
		}
		by := state()
		d.set(by)
		if watching = by != ""; !watching {
			return
		}
		d.done.Go(func() {
			for pause(ctx, dndAgain) {
				d.asking.Lock()
				by := state()
				d.set(by)
				watching = by != ""
				d.asking.Unlock()
				if by == "" {
					return
				}
			}
			d.set("")
		})
	}
}

// windowsDND reads a QUERY_USER_NOTIFICATION_STATE (shellapi.h): a full-screen
// program, a game, a presentation or quiet time. The focus of Windows 10 and 11
// is not among them; Windows keeps it by itself.
func windowsDND(state int32) string {
	const busy, game, presentation, quiet = 2, 3, 4, 6
	switch state {
	case busy, game, presentation, quiet:
		return "windows"
	}
	return ""
}
