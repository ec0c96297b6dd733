package subscriptions

// A Detection is what was found out about an address.
type Detection struct {
	// Asked is the address, complete.
	Asked string `json:"asked"`
	// Candidates are what it may be, the surest first; none: nothing that can
	// be followed was found.
	Candidates []Candidate `json:"candidates"`
	// Notes are words for people about what else was seen.
	Notes []string `json:"notes,omitempty"`
	// Requests is how many were made.
	Requests int `json:"requests"`
}

// A Candidate is one way to follow an address.
type Candidate struct {
	// Preset is the kind of server; empty: none is known, and the stream is
	// followed as it is.
	Preset     string        `json:"preset,omitempty"`
	Title      string        `json:"title"`
	Confidence Confidence    `json:"confidence"`
	Why        string        `json:"why"`
	Transport  TransportName `json:"transport"`
	// URL is the stream's; empty while options are missing.
	URL string `json:"url,omitempty"`
	// Options are those that the address holds.
	Options map[string]string `json:"options,omitempty"`
	// Missing are options that have to be given, and Needs credentials.
	Missing []MissingOption `json:"missing,omitempty"`
	Needs   []Need          `json:"needs,omitempty"`
	// Items is where a polled answer has its list; see [Poll.Items].
	Items string `json:"items,omitempty"`
	// Events are the first ones, where the stream told any at once.
	Events []Event `json:"events,omitempty"`
}

// A MissingOption is one that a person has to give.
type MissingOption struct {
	Name  string `json:"name"`
	About string `json:"about,omitempty"`
}

// A Need is a credential that a kind of server wants.
type Need struct {
	By   AuthBy `json:"by"`
	Name string `json:"name,omitempty"`
	// About says where a person finds it.
	About    string `json:"about,omitempty"`
	Optional bool   `json:"optional,omitempty"`
}

// Confidence says how sure a [Candidate] is.
type Confidence string

const (
	Certain  Confidence = "certain"  // the server itself said so
	Likely   Confidence = "likely"   // the address fits, and so does what answers there
	Possible Confidence = "possible" // the address fits
)

// Choice is the candidate that a feed can be made of without asking anybody:
// one that is certain, or the only one, if it is likely. Nil: there is none.
func (d *Detection) Choice() *Candidate {
	if len(d.Candidates) == 0 {
		return nil
	}
	first := &d.Candidates[0]
	switch {
	case first.Confidence == Certain && (len(d.Candidates) == 1 || d.Candidates[1].Confidence != Certain):
		return first
	case first.Confidence == Likely && len(d.Candidates) == 1:
		return first
	}
	return nil
}
