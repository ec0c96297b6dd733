package notify

import (
	"cmp"
	"slices"
)

// actionDefault is a click on the notification itself (§2 of the Desktop
// Notifications Specification).
const actionDefault = "default"

const (
	// maxButtons is how many are offered; services show what they can.
	maxButtons = 5
	// maxLabel bounds a button's label, in characters.
	maxLabel = 40
)

// ours reports whether id is one that we give a button.
func ours(id string) bool {
	return slices.Contains([]string{ButtonOpen, ButtonRead, ButtonMute, "do-1", "do-2"}, id)
}

// buttons are those that n gets: Open first, since some services only close a
// notification whose body is clicked.
func buttons(n Notification, o Options) []Button {
	open := "Open"
	for _, label := range []string{o.OpenLabel, labelOf(n.Buttons, ButtonOpen)} {
		if label = oneLine(label, maxLabel); label != "" {
			open = label
		}
	}
	all := []Button{{ID: ButtonOpen, Label: open}}
	for _, b := range n.Buttons {
		b.Label = oneLine(b.Label, maxLabel)
		if len(all) < maxButtons && b.Label != "" && ours(b.ID) && labelOf(all, b.ID) == "" {
			all = append(all, b)
		}
	}
	return all
}

// labelFor is what b is called where every button needs a name.
func labelFor(b Button, o Options) string {
	label := oneLine(b.Label, maxName)
	if b.ID == ButtonOpen && label == "" {
		label = oneLine(o.OpenLabel, maxName)
	}
	return cmp.Or(label, b.ID)
}

func labelOf(all []Button, id string) string {
	i := slices.IndexFunc(all, func(b Button) bool { return b.ID == id })
	if i < 0 {
		return ""
	}
	return all[i].Label
}

// clickable are the ids that a click on a notification with these buttons
// may have.
func clickable(all []Button) []string {
	ids := []string{actionDefault}
	for _, b := range all {
		ids = append(ids, b.ID)
	}
	return ids
}
