package window

import (
	"testing"

	"fyne.io/fyne/v2/test"
)

// Fyne waits for ever for what it queues once its loop has ended.
func TestNothingIsQueuedForTheEnd(t *testing.T) {
	l := test.NewTempApp(t).Lifecycle()
	hooks, ok := l.(stopHooks)
	if !ok {
		t.Fatalf("%T has no hooks that could be taken: see whether this Fyne ends by itself", l)
	}
	saved := 0
	hooks.SetOnStoppedHookExecuted(func() { saved++ })
	stopped := takeStopHook(l)
	if hooks.OnStopped() != nil {
		t.Error("there is still something to be queued")
	}
	stopped()
	if saved != 1 {
		t.Errorf("preferences are saved %d times", saved)
	}
	takeStopHook(l)() // there may be none
}
