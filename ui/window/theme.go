package window

import (
	"image/color"

	"bellwire/subscriptions"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
)

// Colours of our own, beside Fyne's.
const (
	colourSidebar   fyne.ThemeColorName = "bellwire.sidebar"
	colourSecondary fyne.ThemeColorName = "bellwire.secondary"   // text of the second order
	colourSelected  fyne.ThemeColorName = "bellwire.selected"    // the selected row of a pane with the focus
	colourResting   fyne.ThemeColorName = "bellwire.resting"     // the selected row of a pane without it
	colourNotice    fyne.ThemeColorName = "bellwire.notice"      // behind a calm notice
	colourAlarm     fyne.ThemeColorName = "bellwire.alarm"       // behind a notice of trouble
	colourLive      fyne.ThemeColorName = "bellwire.live"        // marks of states
	colourWaiting   fyne.ThemeColorName = "bellwire.waiting"     //
	colourNeeds     fyne.ThemeColorName = "bellwire.needs"       //
	colourPaused    fyne.ThemeColorName = "bellwire.paused"      //
	colourUrgent    fyne.ThemeColorName = "bellwire.urgent"      // priority 5
	colourHigh      fyne.ThemeColorName = "bellwire.high"        // priority 4
	colourWaitText  fyne.ThemeColorName = "bellwire.waitingText" // the states in words
	colourNeedsText fyne.ThemeColorName = "bellwire.needsText"   //
	colourSpark     fyne.ThemeColorName = "bellwire.spark"       // bars of a sparkline
)

// Text sizes beside Fyne's.
const (
	sizeBody    = theme.SizeNameText
	sizeSmall   = theme.SizeNameCaptionText
	sizeSection = theme.SizeNameSubHeadingText
	sizeTitle   = theme.SizeNameHeadingText
)

// A tone is one colour in light and in dark surroundings, as 0xRRGGBBAA.
type tone struct{ light, dark uint32 }

// tones is the whole look in one table. Text on its surface has a contrast of
// at least 4.5:1 (WCAG 2.2 §1.4.3), marks of 3:1 (§1.4.11); the
// waiting mark falls short by a hair on the sidebar and is known by its shape.
var tones = map[fyne.ThemeColorName]tone{
	theme.ColorNameBackground:          {0xFFFFFFFF, 0x1B1E21FF},
	theme.ColorNameForeground:          {0x1B1F23FF, 0xE7E9EBFF},
	theme.ColorNamePrimary:             {0x0F766EFF, 0x2DD4BFFF},
	theme.ColorNameForegroundOnPrimary: {0xFFFFFFFF, 0x06251FFF},
	theme.ColorNameHyperlink:           {0x0F766EFF, 0x2DD4BFFF},
	theme.ColorNameFocus:               {0x0F766E55, 0x2DD4BF55},
	theme.ColorNameSelection:           {0x0F766E33, 0x2DD4BF3D},
	theme.ColorNameHover:               {0x0F172A0C, 0xFFFFFF0E},
	theme.ColorNamePressed:             {0x0F172A1A, 0xFFFFFF1F},
	theme.ColorNameButton:              {0xEBEEF0FF, 0x2C3136FF},
	theme.ColorNameDisabledButton:      {0xF3F5F6FF, 0x24282CFF},
	theme.ColorNameDisabled:            {0x646D76FF, 0x8C949CFF},
	theme.ColorNamePlaceHolder:         {0x66707AFF, 0x98A0A8FF},
	theme.ColorNameInputBackground:     {0xFFFFFFFF, 0x15171AFF},
	theme.ColorNameInputBorder:         {0xCFD5DAFF, 0x3A4046FF},
	theme.ColorNameHeaderBackground:    {0xF4F6F7FF, 0x16181BFF},
	theme.ColorNameMenuBackground:      {0xFFFFFFFF, 0x25292DFF},
	theme.ColorNameOverlayBackground:   {0xFFFFFFFF, 0x25292DFF},
	theme.ColorNameSeparator:           {0xE2E6E9FF, 0x2E3338FF},
	theme.ColorNameScrollBar:           {0x0F172A4D, 0xFFFFFF4D},
	theme.ColorNameScrollBarBackground: {0x00000000, 0x00000000},
	theme.ColorNameShadow:              {0x0000001F, 0x00000066},
	theme.ColorNameError:               {0xC81E1EFF, 0xF87171FF},
	theme.ColorNameForegroundOnError:   {0xFFFFFFFF, 0x2A0808FF},
	theme.ColorNameSuccess:             {0x15803DFF, 0x4ADE80FF},
	theme.ColorNameForegroundOnSuccess: {0xFFFFFFFF, 0x052E14FF},
	theme.ColorNameWarning:             {0xB45309FF, 0xFBBF24FF},
	theme.ColorNameForegroundOnWarning: {0xFFFFFFFF, 0x2B1A02FF},

	colourSidebar:   {0xF4F6F7FF, 0x16181BFF},
	colourSecondary: {0x5B646DFF, 0xA9B1B9FF},
	colourSelected:  {0xD5EBE8FF, 0x1F4742FF},
	colourResting:   {0xE9ECEEFF, 0x2C3136FF},
	colourNotice:    {0xE6F2F0FF, 0x1A302DFF},
	colourAlarm:     {0xFDEBEBFF, 0x3A2022FF},
	colourLive:      {0x16A34AFF, 0x22C55EFF},
	colourWaiting:   {0xD97706FF, 0xF59E0BFF},
	colourNeeds:     {0xDC2626FF, 0xEF4444FF},
	colourPaused:    {0x6B7280FF, 0x8B929CFF},
	colourUrgent:    {0xDC2626FF, 0xEF4444FF},
	colourHigh:      {0xD97706FF, 0xF59E0BFF},
	colourWaitText:  {0x9A4B08FF, 0xFBBF24FF},
	colourNeedsText: {0xB91C1CFF, 0xFCA5A5FF},
	colourSpark:     {0x7E8791FF, 0x7A838CFF},

	lookPrefix + "red":    {0xE5484DFF, 0xF2555AFF},
	lookPrefix + "orange": {0xD9660AFF, 0xF97316FF},
	lookPrefix + "yellow": {0xA67F00FF, 0xEAB308FF},
	lookPrefix + "green":  {0x2F9E44FF, 0x40C057FF},
	lookPrefix + "teal":   {0x0D9488FF, 0x14B8A6FF},
	lookPrefix + "blue":   {0x2F6FDEFF, 0x4C8DF6FF},
	lookPrefix + "purple": {0x8B5CF6FF, 0xA78BFAFF},
	lookPrefix + "pink":   {0xDB2E88FF, 0xF472B6FF},
	lookPrefix + "grey":   {0x6B7280FF, 0x9CA3AFFF},
}

// lookPrefix stands before the name of a colour that a feed can be marked
// with, as one of the theme.
const lookPrefix = "bellwire.look."

// lookColour is a feed's own colour in the theme; ok is false without one.
func lookColour(l subscriptions.Look) (name fyne.ThemeColorName, ok bool) {
	name = fyne.ThemeColorName(lookPrefix + l.Colour)
	if _, ok = tones[name]; !ok {
		name = ""
	}
	return name, ok
}

// sizes replace Fyne's. The grid is 4 pixels.
var sizes = map[fyne.ThemeSizeName]float32{
	theme.SizeNameText:               13,
	theme.SizeNameCaptionText:        12,
	theme.SizeNameSubHeadingText:     15,
	theme.SizeNameHeadingText:        20,
	theme.SizeNamePadding:            4,
	theme.SizeNameInnerPadding:       8,
	theme.SizeNameLineSpacing:        4,
	theme.SizeNameInputRadius:        6,
	theme.SizeNameSelectionRadius:    6,
	theme.SizeNameScrollBar:          10,
	theme.SizeNameScrollBarSmall:     4,
	theme.SizeNameInlineIcon:         18,
	theme.SizeNameSeparatorThickness: 1,
}

// look is Bellwire's theme. With follow it takes light or dark from the
// system, else variant.
type look struct {
	fyne.Theme
	follow  bool
	variant fyne.ThemeVariant
}

func newLook(name string) look {
	l := look{Theme: theme.DefaultTheme()}
	switch name {
	case "light":
		l.variant = theme.VariantLight
	case "dark":
		l.variant = theme.VariantDark
	default:
		l.follow = true
	}
	return l
}

// lookWhere is newLook on a desktop that may not say what it prefers: then
// what follows it is light.
func lookWhere(says bool, name string) look {
	l := newLook(name)
	if l.follow && !says {
		return newLook(themeLight)
	}
	return l
}

// Color implements [fyne.Theme].
func (l look) Color(name fyne.ThemeColorName, variant fyne.ThemeVariant) color.Color {
	if !l.follow {
		variant = l.variant
	}
	t, ok := tones[name]
	if !ok {
		return l.Theme.Color(name, variant)
	}
	v := t.light
	if variant == theme.VariantDark {
		v = t.dark
	}
	return color.NRGBA{R: uint8(v >> 24), G: uint8(v >> 16), B: uint8(v >> 8), A: uint8(v)}
}

// Size implements [fyne.Theme].
func (l look) Size(name fyne.ThemeSizeName) float32 {
	if s, ok := sizes[name]; ok {
		return s
	}
	return l.Theme.Size(name)
}
