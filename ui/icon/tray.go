package icon

import "embed"

// A State is what the tray icon tells. They differ by shape, not by colour
// alone.
type State string

const (
	Quiet   State = "quiet"   // nothing to see
	Unread  State = "unread"  // a dot: unread events
	Trouble State = "trouble" // a notch with a square: a feed needs the user
	Paused  State = "paused"  // a slash: notifications are paused
)

// States are all of them.
var States = []State{Quiet, Unread, Trouble, Paused}

// A Panel is what a tray icon is seen on.
type Panel string

const (
	AnyPanel   Panel = "any"   // nobody tells: a light bell with a dark line
	LightPanel Panel = "light" // a dark bell
	DarkPanel  Panel = "dark"  // a light bell
	// Template is black on nothing: the system gives it a colour (macOS).
	Template Panel = "template"
)

// Panels are all of them.
var Panels = []Panel{AnyPanel, LightPanel, DarkPanel, Template}

//go:embed tray/*.png
var trayFiles embed.FS

// Tray is the tray icon for a state and a panel: a PNG, 48 pixels square.
// There is one for every pair of [States] and [Panels]; nil for others.
func Tray(s State, p Panel) []byte {
	b, err := trayFiles.ReadFile("tray/" + string(p) + "-" + string(s) + ".png")
	if err != nil {
		return nil
	}
	return b
}
