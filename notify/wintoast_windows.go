package notify

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"time"

	"git.sr.ht/~jackmordaunt/go-toast/wintoast"
	"github.com/go-ole/go-ole"
	"golang.org/x/sys/windows"
	"golang.org/x/sys/windows/registry"
)

const (
	toastAppID = "io.bellwire.Bellwire"
	// toastClass is the class of our activator, and of nobody else's.
	toastClass = "{CA895E21-601D-411A-8702-5069B2649A96}"
	// toastTimeout bounds the wait for Windows.
	toastTimeout = 10 * time.Second
)

// wintoastBackend shows toasts through the Windows Runtime. The library gives
// the object that is told of clicks; all else is done here, because it keeps
// what it makes for ever and cannot replace a toast.
//
// A click on a toast of a Bellwire that has ended does nothing: no program is
// registered that Windows could start for it. Windows does not tell us of
// toasts that leave the screen.
type wintoastBackend struct {
	o       Options
	calls   *solo
	relay   *relay
	tickets tickets
	build   uint32
	jobs    chan func(*toaster)
	ctx     context.Context // ends with Close
	cancel  context.CancelFunc
	thread  sync.WaitGroup
}

// openWintoast makes the backend. There is one at a time in a process: the
// library keeps the callback in a variable.
func openWintoast(ctx context.Context, o Options) (Backend, error) {
	if err := registerApp(o); err != nil {
		return nil, fmt.Errorf("registering the application for notifications: %w", err)
	}
	b := &wintoastBackend{o: o, calls: newSolo(), build: windows.RtlGetVersion().BuildNumber, jobs: make(chan func(*toaster))}
	b.ctx, b.cancel = context.WithCancel(context.Background())
	b.relay = newRelay(o)
	if o.OnActivate != nil {
		wintoast.SetActivationCallback(func(_, args string, _ []wintoast.UserData) {
			if a, ok := b.tickets.take(args); ok {
				b.relay.clicked(a)
			}
		})
	}
	ready := make(chan error, 1)
	b.thread.Go(func() { b.serve(ready) })
	ctx, done := context.WithTimeout(ctx, toastTimeout)
	defer done()
	var err error
	select {
	case err = <-ready:
	case <-ctx.Done():
		err = ctx.Err()
	}
	if err != nil {
		_ = b.Close()
		return nil, fmt.Errorf("the Windows Runtime: %w", err)
	}
	return b, nil
}

func (b *wintoastBackend) Name() string { return "wintoast" }

// Show waits up to 10 s. A call that hangs is left behind, one at most.
func (b *wintoastBackend) Show(ctx context.Context, n Notification) error {
	return b.calls.do(ctx, toastTimeout, n, func() error {
		ticket := ""
		if b.o.OnActivate != nil {
			ticket = b.tickets.issue(n, toastButtons(n))
		}
		content, err := toastXML(n, b.o, ticket, b.build)
		if err != nil {
			return fmt.Errorf("%w: %w", ErrRejected, err)
		}
		result := make(chan error, 1)
		job := func(t *toaster) { result <- t.show(content, toastTag(n.Key), n.Update) }
		select {
		case b.jobs <- job:
			return <-result
		case <-b.ctx.Done():
			return errClosed
		}
	})
}

// Close waits up to 2 s for a call that hangs: nothing can end it.
func (b *wintoastBackend) Close() error {
	b.cancel()
	b.relay.close()
	ended := make(chan struct{})
	go func() { defer close(ended); b.thread.Wait() }()
	patience := time.NewTimer(2 * time.Second)
	defer patience.Stop()
	select {
	case <-ended:
	case <-patience.C:
	}
	b.calls.close()
	return nil
}

// serve owns the thread on which everything of the Windows Runtime is made
// and used. As long as it lives, other threads can call the activator.
func (b *wintoastBackend) serve(ready chan<- error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	const multithreaded, already = 1, 1 // RO_INIT_MULTITHREADED, S_FALSE
	if err := ole.RoInitialize(multithreaded); err != nil {
		if e, ok := errors.AsType[*ole.OleError](err); !ok || e.Code() != already {
			ready <- err
			return
		}
	}
	defer ole.CoUninitialize()
	t, err := newToaster(toastAppID)
	if err != nil {
		ready <- err
		return
	}
	defer t.release()
	if b.o.OnActivate != nil {
		withdraw, err := offerActivator(ole.NewGUID(toastClass))
		if err != nil {
			ready <- err
			return
		}
		defer withdraw()
	}
	ready <- nil
	for {
		select {
		case job := <-b.jobs:
			job(t)
		case <-b.ctx.Done():
			return
		}
	}
}

// registerApp tells Windows our name, our picture, and who is told of clicks.
func registerApp(o Options) error {
	key, _, err := registry.CreateKey(registry.CURRENT_USER, `Software\Classes\AppUserModelId\`+toastAppID, registry.SET_VALUE)
	if err != nil {
		return err
	}
	defer key.Close()
	values := map[string]string{"DisplayName": oneLine(o.AppName, maxName), "CustomActivator": toastClass}
	if o.Icon != "" {
		values["IconUri"] = o.Icon
	}
	for name, value := range values {
		if err := key.SetStringValue(name, value); err != nil {
			return err
		}
	}
	return nil
}
