package notify

import (
	"bytes"
	"encoding/binary"
	"encoding/xml"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/godbus/dbus/v5"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// hostileNotification draws one whose every text comes from the wire.
func hostileNotification(t *rapid.T) Notification {
	return Notification{
		Seq: 1, Priority: rapid.IntRange(-1, 9).Draw(t, "priority"), Update: rapid.Bool().Draw(t, "update"),
		Key: nasty().Draw(t, "key"), Feed: nasty().Draw(t, "feed"), FeedName: nasty().Draw(t, "feed name"),
		Title: nasty().Draw(t, "title"), Body: nasty().Draw(t, "body"), Link: nasty().Draw(t, "link"),
		Sound: nasty().Draw(t, "sound"), Image: "/nowhere/" + nasty().Draw(t, "image"),
		Buttons: []Button{{nasty().Draw(t, "id"), nasty().Draw(t, "label")}, {"do-1", nasty().Draw(t, "label")}, {ButtonMute, "Mute"}},
	}
}

// The markup that a service reads has no element and no entity but those of
// its text, and the text is what was sent, cleaned.
func TestTextCannotChangeTheMarkup(t *testing.T) {
	f := &freedesktop{o: Options{OnActivate: func(Activation) {}}, caps: []string{"actions", "body", "body-markup"}}
	linux := &portable{os: "linux"}
	rapid.Check(t, func(t *rapid.T) {
		n := hostileNotification(t)
		clean := lines(n.Body, maxBody)
		head, body := f.text(n)
		if got := readMarkup(t, body); got != clean || head != title(n, f.o) {
			t.Fatalf("reads %q and %q, want %q", head, got, clean)
		}
		head, body, _ = linux.text(n)
		if strings.HasPrefix(head, "-") || strings.HasPrefix(body, "-") {
			t.Fatalf("notify-send would read an option: %q %q", head, body)
		}
		if clean == "" {
			clean = oneLine(n.FeedName, maxName)
		}
		if got := strings.TrimPrefix(readMarkup(t, body), "· "); got != strings.TrimPrefix(clean, "· ") {
			t.Fatalf("reads %q, want %q", got, clean)
		}
	})
}

// No text changes which hints and actions a service gets.
func TestTextCannotChangeTheHints(t *testing.T) {
	f := &freedesktop{o: Options{AppName: "Bellwire", OnActivate: func(Activation) {}}, caps: []string{"actions", "body", "body-markup"}}
	allowed := []string{
		"category", "desktop-entry", "image-data", "sound-name", "suppress-sound", "transient", "urgency",
		"x-dunst-stack-tag", "x-kde-origin-name",
	}
	rapid.Check(t, func(t *rapid.T) {
		n := hostileNotification(t)
		args := overTheWire(t, f.arguments(n, 7, f.buttons(n))...)
		if args[0] != "Bellwire" || args[1] != uint32(7) || len(args) != 8 {
			t.Fatalf("arguments %v", args)
		}
		actions := args[5].([]string)
		if d := cmp.Diff([]string{"default", "", "open", "Open"}, actions[:4]); d != "" {
			t.Fatalf("(-want +got):\n%s", d)
		}
		for i := 4; i < len(actions); i += 2 {
			if id, label := actions[i], actions[i+1]; !ours(id) || label == "" || strings.Contains(label, "\n") {
				t.Fatalf("action %q %q", id, label)
			}
		}
		for name, value := range args[6].(map[string]dbus.Variant) {
			if !slices.Contains(allowed, name) {
				t.Fatalf("hint %q", name)
			}
			if s, ok := value.Value().(string); ok && (s == "" || strings.ContainsAny(s, "\n\x00")) {
				t.Fatalf("hint %q is %q", name, s)
			}
		}
	})
}

// A service may send anything: nothing of it is a click on what was not
// offered, and nothing ends the process.
func TestSignalsOfAnyShape(t *testing.T) {
	arg := rapid.OneOf(
		rapid.Map(rapid.Uint32Range(0, 3), func(n uint32) any { return n }),
		rapid.Map(rapid.SampledFrom([]string{"k", "", "default", "open", "mute", "rm", "\x00"}), func(s string) any { return s }),
		rapid.Map(rapid.Int(), func(n int) any { return n }),
		rapid.Just[any](nil),
		rapid.Just[any]([]dbus.Variant{{}, dbus.MakeVariant(1), dbus.MakeVariant(map[string]dbus.Variant{"activation-token": {}})}),
	)
	members := rapid.SampledFrom([]string{"ActionInvoked", "NotificationClosed", "ActivationToken", "", "Other"})
	rapid.Check(t, func(t *rapid.T) {
		tell := func(r report) {
			if a := r.activation; r.ending.Why == "" && (a.Seq != 1 || a.Button != "" && a.Button != ButtonOpen) {
				t.Fatalf("a click %+v", a)
			}
		}
		n := Notification{Seq: 1, Key: "k"}
		service, box := &freedesktop{shown: newShown[uint32](tell)}, &portal{shown: newShown[string](tell)}
		service.shown.begin("k")
		service.shown.end(1, n, clickable(buttons(n, Options{})))
		box.shown.begin("k")
		box.shown.end("k", n, clickable(buttons(n, Options{})))
		for _, member := range rapid.SliceOf(members).Draw(t, "members") {
			args := rapid.SliceOfN(arg, 0, 4).Draw(t, "args")
			service.heard(member, args)
			box.heard(member, args)
		}
	})
}

// Two keys are never the same tag; a plain one can be read.
func TestKeyTag(t *testing.T) {
	if got := keyTag("bellwire/deploys/1"); got != "bellwire/deploys/1" {
		t.Errorf("%q", got)
	}
	long := strings.Repeat("k", maxTitle)
	if keyTag(long) != long || keyTag(long+"a") == keyTag(long+"b") {
		t.Error("long keys")
	}
	rapid.Check(t, func(t *rapid.T) {
		a, b := nasty().Draw(t, "a"), nasty().Draw(t, "b")
		tag := keyTag(a)
		if (tag == keyTag(b)) != (a == b) {
			t.Fatalf("%q and %q", a, b)
		}
		if tag == "" || oneLine(tag, maxTitle) != tag {
			t.Fatalf("no bus carries %q", tag)
		}
	})
}

func FuzzMarkup(f *testing.F) {
	f.Add("<b>&amp;</b> < > & \x00 ]]> <!-- <?x?>")
	f.Add(hostileText)
	service := &freedesktop{caps: []string{"body", "body-markup"}}
	f.Fuzz(func(t *testing.T, s string) {
		_, body := service.text(Notification{Body: s})
		if got, want := readMarkup(t, body), lines(s, maxBody); got != want {
			t.Errorf("reads %q, want %q", got, want)
		}
	})
}

const hostileText = "\xff\xfe<a href='x'>&#60;\u202e\u2028\r\n🔔"

// readMarkup is the text that a service shows for a body. An element in it is
// a failure: none is ours.
func readMarkup(t interface {
	Helper()
	Fatalf(string, ...any)
}, body string,
) string {
	t.Helper()
	var text strings.Builder
	d := xml.NewDecoder(strings.NewReader("<body>" + body + "</body>"))
	for depth := 0; ; {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return text.String()
		}
		if err != nil {
			t.Fatalf("%q is no markup: %v", body, err)
		}
		switch token := token.(type) {
		case xml.StartElement:
			if depth++; depth > 1 {
				t.Fatalf("%q has an element %s", body, token.Name.Local)
			}
		case xml.EndElement:
		case xml.CharData:
			text.Write(token)
		default:
			t.Fatalf("%q has a %T", body, token)
		}
	}
}

// overTheWire is args as the other end of a bus reads them.
func overTheWire(t interface{ Fatal(...any) }, args ...any) []any {
	var wire bytes.Buffer
	msg := &dbus.Message{Type: dbus.TypeSignal, Headers: map[dbus.HeaderField]dbus.Variant{
		dbus.FieldPath: dbus.MakeVariant(portalProtocol.path), dbus.FieldInterface: dbus.MakeVariant(portalIface),
		dbus.FieldMember: dbus.MakeVariant("Test"), dbus.FieldSignature: dbus.MakeVariant(dbus.SignatureOf(args...)),
	}, Body: args}
	if err := msg.EncodeTo(&wire, binary.LittleEndian); err != nil {
		t.Fatal("the bus does not carry it:", err)
	}
	back, err := dbus.DecodeMessage(&wire)
	if err != nil {
		t.Fatal(err)
	}
	return back.Body
}
