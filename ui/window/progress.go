package window

import (
	"context"
	"time"

	"bellwire/ui/words"
)

// progressAfter is how long a call may take before the window says that it
// is at work.
const progressAfter = 300 * time.Millisecond

// progress is [askWithin] for what may take long: after a moment the window
// says so with text, and offers to give up, as cancel does. What was given up
// ends with [context.Canceled].
func progress[T any](u *ui, text string, limit time.Duration, call func(context.Context) (T, error), then func(T, error)) (cancel func()) {
	ctx, stop := context.WithCancel(u.ctx)
	over := false
	wake := u.clock.after(progressAfter, func() {
		if !over {
			u.notices.say(noticeProgress, text, words.Say("cancel"), cancel)
		}
	})
	u.working++
	end := func(v T, err error) {
		if over {
			return
		}
		over = true
		stop()
		wake()
		if u.working--; u.working == 0 {
			u.notices.clear(noticeProgress)
		}
		then(v, err)
	}
	cancel = func() {
		var none T
		end(none, context.Canceled)
	}
	askWithin(u, limit, func(outer context.Context) (T, error) {
		inner, done := context.WithCancel(outer)
		defer done()
		defer context.AfterFunc(ctx, done)()
		return call(inner)
	}, end)
	return cancel
}
