package control

import "bellwire/subscriptions"

// Presets are the kinds of servers that Bellwire knows.
type Presets struct {
	Presets []Preset `json:"presets"`
	// Broken tells what is wrong with files in the person's folder.
	Broken []string `json:"broken,omitempty"`
}

// A Preset is one of them, as a person who adds a feed needs it.
type Preset struct {
	Name     string `json:"name"`
	Title    string `json:"title"`
	About    string `json:"about,omitempty"`
	Homepage string `json:"homepage,omitempty"`
	// Own says that it is the person's and not Bellwire's.
	Own       bool                        `json:"own,omitempty"`
	Transport subscriptions.TransportName `json:"transport"`
	Options   []PresetOption              `json:"options,omitempty"`
	Needs     []subscriptions.Need        `json:"needs,omitempty"`
}

// A PresetOption is something a feed can be told; without a default it has to
// be.
type PresetOption struct {
	Name    string  `json:"name"`
	About   string  `json:"about,omitempty"`
	Default *string `json:"default,omitempty"`
}

// A Probe is the request to find out what an address is.
type Probe struct {
	URL string `json:"url"`
}
