//go:build darwin && cgo

package notify

/*
#cgo CFLAGS: -fobjc-arc -mmacosx-version-min=10.14
#cgo LDFLAGS: -framework Foundation -framework UserNotifications
#include <stdint.h>
#include <stdlib.h>

int bellwireBundled(void);
void bellwireStart(uintptr_t backend);
void bellwireStop(void);
void bellwireShow(uintptr_t answer, const char *json);
*/
import "C"

import (
	"context"
	"errors"
	"fmt"
	"runtime/cgo"
	"time"
	"unsafe"
)

// userTimeout bounds the wait for macOS.
const userTimeout = 10 * time.Second

// userNotifications is the backend "usernotifications": Apple's framework of
// that name, which serves programs in a bundle only. macOS does not say when
// a notification expires, only when a person closes one.
type userNotifications struct {
	o       Options
	calls   *solo
	relay   *relay
	tickets tickets
	handle  cgo.Handle
}

// openUserNotifications makes the backend. There is one at a time in a
// process. macOS asks the person once whether Bellwire may notify.
func openUserNotifications(_ context.Context, o Options) (Backend, error) {
	if C.bellwireBundled() == 0 {
		return nil, errors.New("macOS takes notifications from an application bundle only")
	}
	b := &userNotifications{o: o, calls: newSolo(), relay: newRelay(o)}
	b.handle = cgo.NewHandle(b)
	C.bellwireStart(C.uintptr_t(b.handle))
	return b, nil
}

func (b *userNotifications) Name() string { return "usernotifications" }

// Show waits up to 10 s. A call that hangs is left behind, one at most.
func (b *userNotifications) Show(ctx context.Context, n Notification) error {
	return b.calls.do(ctx, userTimeout, n, func() error {
		ticket := ""
		if b.o.OnActivate != nil {
			ticket = b.tickets.issue(n, userButtons(n, "any"))
		}
		text, err := userNoteJSON(n, b.o, ticket)
		if err != nil {
			return fmt.Errorf("%w: %w", ErrRejected, err)
		}
		answer := make(chan error, 1)
		handle := cgo.NewHandle(answer) // deleted by bellwireShown
		s := C.CString(text)
		defer C.free(unsafe.Pointer(s))
		C.bellwireShow(C.uintptr_t(handle), s)
		return <-answer
	})
}

// Close leaves what is shown. The handle stays: macOS may still be telling.
func (b *userNotifications) Close() error {
	b.calls.close()
	C.bellwireStop()
	b.relay.close()
	return nil
}

// bellwireShown ends a call of bellwireShow, exactly once. code is 0, or one
// of UNErrorCode.
//
//export bellwireShown
func bellwireShown(answer C.uintptr_t, code C.int, why *C.char) {
	h := cgo.Handle(answer)
	result := h.Value().(chan error)
	h.Delete()
	const notAllowed = 1 // UNErrorCodeNotificationsNotAllowed
	switch code {
	case 0:
		result <- nil
	case notAllowed:
		result <- fmt.Errorf("%w: the system settings do not allow Bellwire to notify", ErrRejected)
	default:
		result <- fmt.Errorf("macOS: %s (%d)", oneLine(C.GoString(why), maxTitle), int(code))
	}
}

// bellwireClicked tells of a click; button is a place, or empty for the
// notification itself.
//
//export bellwireClicked
func bellwireClicked(backend C.uintptr_t, ticket, button *C.char) {
	b := cgo.Handle(backend).Value().(*userNotifications)
	text := C.GoString(ticket)
	if place := C.GoString(button); place != "" {
		text += "." + place
	}
	if a, ok := b.tickets.take(text); ok {
		b.relay.clicked(a)
	}
}

// bellwireDismissed tells that a person closed a notification.
//
//export bellwireDismissed
func bellwireDismissed(backend C.uintptr_t, ticket *C.char) {
	b := cgo.Handle(backend).Value().(*userNotifications)
	if a, ok := b.tickets.look(C.GoString(ticket)); ok {
		b.relay.ended(Ending{Seq: a.Seq, Summary: a.Summary, Why: EndDismissed})
	}
}

// bellwireRefused tells that the person does not want notifications.
//
//export bellwireRefused
func bellwireRefused(backend C.uintptr_t) {
	b := cgo.Handle(backend).Value().(*userNotifications)
	b.o.logger().Warn("macOS does not let Bellwire notify: see Notifications in the system settings")
}
