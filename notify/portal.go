package notify

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/godbus/dbus/v5"
)

// portalProtocol is the notification portal, which sandboxed applications
// speak with. It tells of clicks, but not of what has left the screen.
var portalProtocol = protocol{
	name:  "org.freedesktop.portal.Desktop",
	path:  "/org/freedesktop/portal/desktop",
	iface: portalIface,
	meet: func(o Options, tell func(report)) dialect {
		return &portal{o: o, shown: newShown[string](tell)}
	},
}

const (
	portalIface = "org.freedesktop.portal.Notification"
	portalError = "org.freedesktop.portal.Error."
)

// portal is the dialect of one owner of the portal's name.
type portal struct {
	o       Options
	version uint32
	shown   *shown[string]
}

func (p *portal) greet(ctx context.Context, peer dbus.BusObject) error {
	var version dbus.Variant
	err := peer.CallWithContext(ctx, "org.freedesktop.DBus.Properties.Get", 0, portalIface, "version").Store(&version)
	if err != nil {
		return err
	}
	p.version, _ = version.Value().(uint32)
	return nil
}

// notify replaces what has the same key: with a portal the key is the id.
func (p *portal) notify(ctx context.Context, peer dbus.BusObject, n Notification) error {
	id := keyTag(n.Key)
	var offered []Button
	if p.o.OnActivate != nil {
		offered = buttons(n, p.o)
	}
	p.shown.begin(n.Key)
	err := peer.CallWithContext(ctx, portalIface+".AddNotification", 0, id, p.notification(n, offered)).Err
	if err != nil {
		id = ""
	}
	p.shown.end(id, n, clickable(offered))
	return err
}

func (p *portal) heard(member string, args []any) {
	if member != "ActionInvoked" || len(args) != 3 {
		return
	}
	id, ok := args[0].(string)
	action, isAction := args[1].(string)
	values, isArray := args[2].([]dbus.Variant)
	if !ok || !isAction || !isArray {
		return
	}
	for _, v := range values { // version 2 has a token among them
		data, _ := v.Value().(map[string]dbus.Variant)
		if token, ok := data["activation-token"].Value().(string); ok {
			p.shown.token(id, token)
		}
	}
	p.shown.click(id, action)
}

// notification is the dictionary of AddNotification. Only version 2 knows
// sounds and hints, and that a body is plain text. Its categories are a closed
// list with nothing for us on it.
func (p *portal) notification(n Notification, offered []Button) map[string]dbus.Variant {
	body := lines(n.Body, maxBody)
	if p.version < 2 {
		body = neutralMarkup(body)
	}
	all := map[string]any{
		"title":    title(n, p.o),
		"body":     body,
		"priority": portalPriority(n),
	}
	if len(offered) > 0 {
		list := make([]map[string]dbus.Variant, len(offered))
		for i, b := range offered {
			list[i] = map[string]dbus.Variant{"label": dbus.MakeVariant(b.Label), "action": dbus.MakeVariant(b.ID)}
		}
		all["default-action"], all["buttons"] = actionDefault, list
	}
	if icon, err := portalIcon(n.Image); err == nil {
		all["icon"] = icon
	} else if n.Image != "" {
		p.o.logger().Debug("a notification is shown without its picture", "seq", n.Seq, "error", err)
	}
	if p.version >= 2 {
		p.addHints(all, n)
	}
	variants := make(map[string]dbus.Variant, len(all))
	for name, value := range all {
		variants[name] = dbus.MakeVariant(value)
	}
	return variants
}

// entity is what a reader of markup takes for another character.
var entity = regexp.MustCompile(`&(#?[0-9A-Za-z]+;)`)

// neutralMarkup is text with look-alikes for what begins markup. The first
// version of the portal does not say how a body is read, and some of its
// programs hand it to a service that reads markup (xdg-desktop-portal-gtk 1.14
// does) while others show it as it is: escaped text is wrong with these, plain
// text with those.
func neutralMarkup(s string) string {
	if strings.Contains(s, "<") {
		s = strings.NewReplacer("<", "‹", ">", "›").Replace(s)
	}
	return entity.ReplaceAllString(s, "＆$1")
}

func (p *portal) addHints(all map[string]any, n Notification) {
	switch {
	case n.Update || n.Sound == SoundNone:
		all["sound"] = "silent"
	case n.Sound != "":
		all["sound"] = "default" // it takes files, no names
	}
	hints := []string{}
	if n.Priority == 1 {
		hints = append(hints, "transient")
	}
	if !n.Update {
		hints = append(hints, "show-as-new") // what replaces another is news as well
	}
	all["display-hint"] = hints
}

func portalPriority(n Notification) string {
	switch {
	case n.Priority >= 5 && !n.Update:
		return "urgent"
	case n.Priority >= 4 && !n.Update:
		return "high"
	case n.Priority >= 3 || n.Priority < 1:
		return "normal"
	default:
		return "low"
	}
}

// serialIcon is the form of an icon that holds its picture: (sv).
type serialIcon struct {
	Kind  string
	Value dbus.Variant
}

// portalIcon is the picture at path. Without one the portal shows the
// application's own icon.
func portalIcon(path string) (serialIcon, error) {
	p, err := picture(path)
	if err != nil {
		return serialIcon{}, err
	}
	data, err := squarePNG(p)
	return serialIcon{Kind: "bytes", Value: dbus.MakeVariant(data)}, err
}

// sandboxed reports whether this process runs in a Flatpak or is a snap's
// program; what a snap starts outside itself has its variables too. root is
// "/".
func sandboxed(root string) bool {
	if _, err := os.Stat(filepath.Join(root, ".flatpak-info")); err == nil {
		return true
	}
	snap := os.Getenv("SNAP")
	program, err := os.Executable()
	return err == nil && filepath.IsAbs(snap) && strings.HasPrefix(program, filepath.Clean(snap)+"/")
}
