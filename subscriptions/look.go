package subscriptions

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// A Look is how a feed is shown among others. The zero value is plain.
type Look struct {
	// Folder is the group that the feed is shown in; empty: none.
	Folder string `json:"folder,omitempty"`
	// Icon stands beside the name: an emoji, or up to [MaxLookIcon] characters.
	Icon string `json:"icon,omitempty"`
	// Colour is one of [Colours]; empty: none.
	Colour string `json:"colour,omitempty"`
}

// Limits of a [Look].
const (
	MaxFolder   = 60 // characters
	MaxLookIcon = 8  // characters: an emoji may be of several
)

// Colours are what a feed can be marked with. Each is drawn so that it can be
// told apart on light and on dark ground.
var Colours = []string{"red", "orange", "yellow", "green", "teal", "blue", "purple", "pink", "grey"}

// Validate reports the first thing that a person has to mend.
func (l Look) Validate() error {
	switch {
	case utf8.RuneCountInString(l.Folder) > MaxFolder:
		return fmt.Errorf("the folder's name is longer than %d characters", MaxFolder)
	case utf8.RuneCountInString(l.Icon) > MaxLookIcon:
		return fmt.Errorf("the icon is longer than %d characters", MaxLookIcon)
	case strings.ContainsFunc(l.Folder+l.Icon, isControl) || !utf8.ValidString(l.Folder+l.Icon):
		return fmt.Errorf("the folder's name or the icon holds a character that cannot be shown")
	case l.Colour != "" && !slices.Contains(Colours, l.Colour):
		return fmt.Errorf("%q is not one of the colours %s", l.Colour, strings.Join(Colours, ", "))
	}
	return nil
}
