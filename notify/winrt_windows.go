package notify

import (
	"errors"
	"fmt"
	"syscall"
	"unsafe"

	"git.sr.ht/~jackmordaunt/go-toast/wintoast"
	"github.com/go-ole/go-ole"
	"golang.org/x/sys/windows"
)

// The interfaces of windows.ui.notifications.idl and windows.data.xml.dom.idl
// that are used, and where their methods stand: after three of IUnknown and
// three of IInspectable.
const (
	iidManager     = "{50AC103F-D235-4598-BBEF-98FE4D1A3AD4}" // IToastNotificationManagerStatics
	iidFactory     = "{04124B20-82C6-4229-B109-FD9ED4662B53}" // IToastNotificationFactory
	iidToast2      = "{9DFB9FD1-143A-490E-90BF-B9FBA7132DE7}" // IToastNotification2
	iidDocument    = "{F7F3A506-1E87-42D6-BCFB-B8C809FA5494}" // IXmlDocument
	iidDocumentIO  = "{6CD0E74E-EE65-4489-9EBF-CA43E87BA637}" // IXmlDocumentIO
	createNotifier = 7                                        // CreateToastNotifierWithId
	createToast    = 6                                        // CreateToastNotification
	loadXML        = 6
	putTag         = 6
	putGroup       = 8
	putSuppress    = 10 // put_SuppressPopup
	showToast      = 6  // IToastNotifier.Show
)

// invoke calls the method in a slot of an object's table. Pointers among args
// are converted in the call, so that they stay where they are meanwhile.
//
//go:uintptrescapes
func invoke(object *ole.IUnknown, slot int, args ...uintptr) error {
	table := unsafe.Slice((*uintptr)(unsafe.Pointer(object.RawVTable)), slot+1)
	result, _, _ := syscall.SyscallN(table[slot], append([]uintptr{uintptr(unsafe.Pointer(object))}, args...)...)
	if int32(result) < 0 {
		return ole.NewError(result)
	}
	return nil
}

// create calls a method with one argument and a place for a new object.
//
//go:uintptrescapes
func create(object *ole.IUnknown, slot int, arg uintptr) (*ole.IUnknown, error) {
	var made *ole.IUnknown
	err := invoke(object, slot, arg, uintptr(unsafe.Pointer(&made)))
	if err == nil && made == nil {
		err = errors.New("nothing was made")
	}
	return made, err
}

// query is another interface of an object. Slot 0 is QueryInterface.
func query(object *ole.IUnknown, iid string) (*ole.IUnknown, error) {
	return create(object, 0, uintptr(unsafe.Pointer(ole.NewGUID(iid))))
}

// withText calls do with s as Windows holds text.
func withText(s string, do func(uintptr) error) error {
	h, err := ole.NewHString(s)
	if err != nil {
		return err
	}
	defer func() { _ = ole.DeleteHString(h) }()
	return do(uintptr(h))
}

func factoryOf(class, iid string) (*ole.IUnknown, error) {
	f, err := ole.RoGetActivationFactory(class, ole.NewGUID(iid))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", class, err)
	}
	return &f.IUnknown, nil
}

// A toaster shows toasts of one application. It belongs to the thread that
// made it.
type toaster struct{ notifier, factory *ole.IUnknown }

func newToaster(application string) (*toaster, error) {
	manager, err := factoryOf("Windows.UI.Notifications.ToastNotificationManager", iidManager)
	if err != nil {
		return nil, err
	}
	defer manager.Release()
	t := &toaster{}
	err = withText(application, func(id uintptr) (err error) {
		t.notifier, err = create(manager, createNotifier, id)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("making a notifier: %w", err)
	}
	if t.factory, err = factoryOf("Windows.UI.Notifications.ToastNotification", iidFactory); err != nil {
		t.notifier.Release()
		return nil, err
	}
	return t, nil
}

func (t *toaster) release() {
	t.factory.Release()
	t.notifier.Release()
}

// show hands a toast over. One with the same tag is replaced; a quiet one
// goes to the notification centre alone.
func (t *toaster) show(content, tag string, quiet bool) error {
	doc, err := document(content)
	if err != nil {
		return err
	}
	defer doc.Release()
	toast, err := create(t.factory, createToast, uintptr(unsafe.Pointer(doc)))
	if err != nil {
		return fmt.Errorf("making a toast: %w", err)
	}
	defer toast.Release()
	if err := markToast(toast, tag, quiet); err != nil {
		return fmt.Errorf("marking a toast: %w", err)
	}
	if err := invoke(t.notifier, showToast, uintptr(unsafe.Pointer(toast))); err != nil {
		return fmt.Errorf("showing a toast: %w", err)
	}
	return nil
}

// document parses XML, which is ASCII.
func document(content string) (*ole.IUnknown, error) {
	made, err := ole.RoActivateInstance("Windows.Data.Xml.Dom.XmlDocument")
	if err != nil {
		return nil, fmt.Errorf("making a document: %w", err)
	}
	defer made.Release()
	io, err := query(&made.IUnknown, iidDocumentIO)
	if err != nil {
		return nil, fmt.Errorf("making a document: %w", err)
	}
	defer io.Release()
	if err := withText(content, func(text uintptr) error { return invoke(io, loadXML, text) }); err != nil {
		return nil, fmt.Errorf("%w: reading the toast: %w", ErrRejected, err)
	}
	return query(&made.IUnknown, iidDocument)
}

func markToast(toast *ole.IUnknown, tag string, quiet bool) error {
	marks, err := query(toast, iidToast2)
	if err != nil {
		return err
	}
	defer marks.Release()
	set := func(slot int) func(uintptr) error {
		return func(text uintptr) error { return invoke(marks, slot, text) }
	}
	if err := withText(tag, set(putTag)); err != nil {
		return err
	}
	if err := withText("events", set(putGroup)); err != nil {
		return err
	}
	if !quiet {
		return nil
	}
	return invoke(marks, putSuppress, 1)
}

// offerActivator tells Windows where clicks go: to the object of the library,
// under a class of our own. It returns how to withdraw that.
func offerActivator(class *ole.GUID) (withdraw func(), err error) {
	const localServer, multipleUse = 4, 1 // CLSCTX_LOCAL_SERVER, REGCLS_MULTIPLEUSE
	combase := windows.NewLazySystemDLL("combase.dll")
	var cookie uint32
	result, _, _ := combase.NewProc("CoRegisterClassObject").Call(uintptr(unsafe.Pointer(class)),
		uintptr(unsafe.Pointer(wintoast.ClassFactory)), localServer, multipleUse, uintptr(unsafe.Pointer(&cookie)))
	if int32(result) < 0 {
		return nil, fmt.Errorf("offering an activator: %w", ole.NewError(result))
	}
	return func() { _, _, _ = combase.NewProc("CoRevokeClassObject").Call(uintptr(cookie)) }, nil
}
