package notify

import (
	"context"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/godbus/dbus/v5"
)

// freedesktopProtocol is the Desktop Notifications Specification 1.2.
var freedesktopProtocol = protocol{
	name:  "org.freedesktop.Notifications",
	path:  "/org/freedesktop/Notifications",
	iface: freedesktopIface,
	meet: func(o Options, tell func(report)) dialect {
		return &freedesktop{o: o, shown: newShown[uint32](tell)}
	},
}

const freedesktopIface = "org.freedesktop.Notifications"

// How long a notification stays, in milliseconds (§9.1.1).
const (
	stayServiceDecides int32 = -1
	stayForEver        int32 = 0
	stayLowest         int32 = 4000
	stayLow            int32 = 6000
)

// Urgency levels (§5).
const (
	urgencyLow byte = iota
	urgencyNormal
	urgencyCritical
)

// freedesktop is the dialect of one notification service.
type freedesktop struct {
	o     Options
	caps  []string
	shown *shown[uint32]
}

func (f *freedesktop) greet(ctx context.Context, peer dbus.BusObject) error {
	return peer.CallWithContext(ctx, freedesktopIface+".GetCapabilities", 0).Store(&f.caps)
}

func (f *freedesktop) notify(ctx context.Context, peer dbus.BusObject, n Notification) error {
	offered := f.buttons(n)
	args := f.arguments(n, f.shown.begin(n.Key), offered)
	var id uint32
	err := peer.CallWithContext(ctx, freedesktopIface+".Notify", 0, args...).Store(&id)
	if err != nil {
		id = 0
	}
	f.shown.end(id, n, clickable(offered))
	return err
}

func (f *freedesktop) heard(member string, args []any) {
	if len(args) != 2 {
		return
	}
	id, ok := args[0].(uint32)
	if !ok {
		return
	}
	switch arg := args[1].(type) {
	case string:
		switch member {
		case "ActivationToken":
			f.shown.token(id, arg)
		case "ActionInvoked":
			f.shown.click(id, arg)
		}
	case uint32:
		if member == "NotificationClosed" {
			f.shown.closed(id, endReason(arg))
		}
	}
}

// endReason reads the reasons of §9.2.1; services invent others.
func endReason(reason uint32) EndReason {
	switch reason {
	case 1:
		return EndExpired
	case 2:
		return EndDismissed
	default:
		return EndClosed
	}
}

func (f *freedesktop) capable(what string) bool { return slices.Contains(f.caps, what) }

// buttons are those that this service can show: none where it has no actions.
func (f *freedesktop) buttons(n Notification) []Button {
	if f.o.OnActivate == nil || !f.capable("actions") {
		return nil
	}
	return buttons(n, f.o)
}

// arguments are those of Notify (§9.1.1).
func (f *freedesktop) arguments(n Notification, replaces uint32, offered []Button) []any {
	head, body := f.text(n)
	actions := []string{}
	if len(offered) > 0 {
		// Without a label: xfce4-notifyd would make a second Open of it.
		actions = append(actions, actionDefault, "")
	}
	for _, b := range offered {
		actions = append(actions, b.ID, b.Label)
	}
	icon := f.o.Icon
	if !utf8.ValidString(icon) || strings.ContainsRune(icon, 0) {
		icon = "" // a path may hold what the bus does not carry
	}
	return []any{oneLine(f.o.AppName, maxName), replaces, icon, head, body, actions, f.hints(n), stay(n.Priority)}
}

// text is the summary and the body. Markup is escaped for those who read it;
// we send none of our own, so that body-hyperlinks and body-images are never
// used.
func (f *freedesktop) text(n Notification) (head, body string) {
	head, body = title(n, f.o), lines(n.Body, maxBody)
	if body == "" {
		return head, ""
	}
	if len(f.caps) > 0 && !f.capable("body") {
		return oneLine(head+" — "+body, 2*maxTitle), ""
	}
	if f.capable("body-markup") {
		body = escapeMarkup(body)
	}
	return head, body
}

func (f *freedesktop) hints(n Notification) map[string]dbus.Variant {
	category := "x-bellwire.event" // none of the registered ones is true
	if n.Summary != 0 {
		category = "x-bellwire.summary"
	}
	hints := map[string]any{
		"urgency":  urgency(n),
		"category": category,
		// dunst forgets what replaces what with its caller's connection;
		// with a tag a repeat after a crash takes the first one's place.
		"x-dunst-stack-tag": keyTag(n.Key),
	}
	if feed := oneLine(n.FeedName, maxName); feed != "" {
		hints["x-kde-origin-name"] = feed // Plasma shows it beside the application
	}
	if f.o.DesktopEntry != "" {
		hints["desktop-entry"] = oneLine(f.o.DesktopEntry, maxName)
	}
	if n.Priority == 1 {
		hints["transient"] = true // not kept in the service's own history
	}
	if n.Update || n.Sound == SoundNone {
		hints["suppress-sound"] = true
	} else if soundName(n.Sound) {
		hints["sound-name"] = n.Sound
	}
	if p, err := picture(n.Image); err == nil {
		hints["image-data"] = pixelsOf(p)
	} else if n.Image != "" {
		f.o.logger().Debug("a notification is shown without its picture", "seq", n.Seq, "error", err)
	}
	all := make(map[string]dbus.Variant, len(hints))
	for name, value := range hints {
		all[name] = dbus.MakeVariant(value)
	}
	return all
}

// urgency is n's level. What only updates another is never critical: some
// services make a noise of their own for that.
func urgency(n Notification) byte {
	switch {
	case n.Priority >= 5 && !n.Update:
		return urgencyCritical
	case n.Priority >= 3 || n.Priority < 1: // 0 is no priority at all
		return urgencyNormal
	default:
		return urgencyLow
	}
}

func stay(priority int) int32 {
	switch {
	case priority >= 5:
		return stayForEver
	case priority == 2:
		return stayLow
	case priority == 1:
		return stayLowest
	default:
		return stayServiceDecides
	}
}

// soundName reports whether s can be a name of the sound naming
// specification, such as "message-new-instant".
func soundName(s string) bool {
	const maxSound = 64
	strange := func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-'
	}
	return s != "" && len(s) <= maxSound && !strings.ContainsFunc(s, strange)
}
