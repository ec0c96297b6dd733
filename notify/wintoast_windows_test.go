package notify

import (
	"log/slog"
	"runtime"
	"strings"
	"testing"
	"unsafe"

	"git.sr.ht/~jackmordaunt/go-toast/wintoast"
	"github.com/go-ole/go-ole"
	"golang.org/x/sys/windows"
	"golang.org/x/sys/windows/registry"
)

// A click reaches the callback the way Windows takes: by the class, its
// factory and the activator.
func TestActivatorIsReached(t *testing.T) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := ole.RoInitialize(1); err != nil {
		t.Fatal(err)
	}
	defer ole.CoUninitialize()
	class := ole.NewGUID(toastClass)
	withdraw, err := offerActivator(class)
	if err != nil {
		t.Fatal(err)
	}
	var k tickets
	clicked := make(chan Activation, 1)
	wintoast.SetActivationCallback(func(_, args string, _ []wintoast.UserData) {
		if a, ok := k.take(args); ok {
			clicked <- a
		}
	})
	var factory *ole.IUnknown
	get := windows.NewLazySystemDLL("combase.dll").NewProc("CoGetClassObject")
	ask := func() int32 {
		result, _, _ := get.Call(uintptr(unsafe.Pointer(class)), 4, 0, uintptr(unsafe.Pointer(wintoast.IID_IClassFactory)), uintptr(unsafe.Pointer(&factory)))
		return int32(result)
	}
	if result := ask(); result != 0 || factory == nil {
		t.Fatalf("CoGetClassObject: %#x", uint32(result))
	}
	var activator *ole.IUnknown
	const createInstance, activate = 3, 3
	if err := invoke(factory, createInstance, 0, uintptr(unsafe.Pointer(wintoast.IID_INotificationActivationCallback)), uintptr(unsafe.Pointer(&activator))); err != nil {
		t.Fatal(err)
	}
	press := func(args string) {
		id, _ := windows.UTF16PtrFromString(toastAppID)
		text, _ := windows.UTF16PtrFromString(args)
		if err := invoke(activator, activate, uintptr(unsafe.Pointer(id)), uintptr(unsafe.Pointer(text)), 0, 0); err != nil {
			t.Fatal(err)
		}
	}
	n := Notification{Seq: 7, Feed: "deploys", Buttons: []Button{{ID: "do-1"}}}
	press("something else")
	press(buttonTicket(k.issue(n, n.Buttons), 0))
	if got, want := <-clicked, (Activation{Seq: 7, Feed: "deploys", Button: "do-1"}); got != want {
		t.Errorf("%+v", got)
	}
	withdraw()
	if result := ask(); result == 0 {
		t.Error("it is offered for ever")
	}
}

func TestAppIsRegistered(t *testing.T) {
	const path = `Software\Classes\AppUserModelId\` + toastAppID
	for _, icon := range []string{`C:\old.png`, `C:\new.png`} {
		if err := registerApp(Options{AppName: "Bell\nwire", Icon: icon}); err != nil {
			t.Fatal(err)
		}
		key, err := registry.OpenKey(registry.CURRENT_USER, path, registry.QUERY_VALUE)
		if err != nil {
			t.Fatal(err)
		}
		defer key.Close()
		for name, want := range map[string]string{"DisplayName": "Bell wire", "CustomActivator": toastClass, "IconUri": icon} {
			if got, _, err := key.GetStringValue(name); err != nil || got != want {
				t.Errorf("%s is %q, %v", name, got, err)
			}
		}
	}
}

// Where the Windows Runtime cannot do it (and Wine cannot), beeep is left and
// somebody is told why; elsewhere a toast comes up.
func TestAutoOnWindows(t *testing.T) {
	var log strings.Builder
	b, err := Open(t.Context(), "auto", Options{
		AppName: "Bellwire", Logger: slog.New(slog.NewTextHandler(&log, nil)), OnActivate: func(Activation) {},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	t.Logf("%s %s", b.Name(), log.String())
	if b.Name() == "beeep" {
		if !strings.Contains(log.String(), "Windows Runtime") {
			t.Error("nobody knows why")
		}
		return
	}
	for _, n := range []Notification{{Seq: 1, Key: "k", Title: "one 🔔"}, {Seq: 1, Key: "k", Title: "two", Update: true}} {
		if err := b.Show(t.Context(), n); err != nil {
			t.Error(err)
		}
	}
}

func TestDNDOnWindows(t *testing.T) {
	d := WatchDND(t.Context(), nil)
	defer d.Close()
	on, by := d.On()
	if on != (by == "windows") {
		t.Errorf("%v %q", on, by)
	}
}
