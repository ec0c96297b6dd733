package subscriptions

// Format is how a feed's payloads are written.
type Format string

const (
	FormatAuto     Format = "auto"     // JSON where it is, else text; the default
	FormatJSON     Format = "json"     // one JSON value
	FormatLines    Format = "lines"    // one JSON value or text a line
	FormatForm     Format = "form"     // application/x-www-form-urlencoded
	FormatText     Format = "text"     // as it is, also where it looks like something else
	FormatHTML     Format = "html"     // shown as the text a person would read
	FormatMarkdown Format = "markdown" // shown with what of it a desktop can show
)

// A Mapping says what a feed's payloads mean. The zero value tries the usual
// names of fields. Conditions are expressions, everything else is a template;
// see package expression for what they see. An empty one is found by the usual
// names; one that fails is too, and a warning is shown with the event.
type Mapping struct {
	Format Format `json:"format,omitempty"`
	// KeepAlive is a condition: what only says that the server is there.
	KeepAlive string `json:"keep_alive,omitempty"`
	// Skip is a condition: what is no event, like an answer or a greeting.
	Skip string `json:"skip,omitempty"`
	// Events is an expression: what of the payload is the event, and data in
	// everything below. A list is several events; nil is none.
	Events string `json:"events,omitempty"`
	// Notify is a condition: what is worth a notification. Anything else is
	// stored silently. One that fails notifies: silence is the worse error.
	Notify string `json:"notify,omitempty"`

	Title    string `json:"title,omitempty"`
	Body     string `json:"body,omitempty"`
	Link     string `json:"link,omitempty"`
	Priority string `json:"priority,omitempty"` // number or word
	Tags     string `json:"tags,omitempty"`     // a list, or text with commas
	Icon     string `json:"icon,omitempty"`     // an address
	Image    string `json:"image,omitempty"`    // an address
	// Actions is an expression: what a person can do about the event, one
	// object or a list of them with label, url, method, headers, body and, as
	// in ntfy's, action. The first [MaxActions] count.
	Actions string `json:"actions,omitempty"`
	Time    string `json:"time,omitempty"`
	ID      string `json:"id,omitempty"`
	Type    string `json:"type,omitempty"`
	// Group is what belongs together: events of one group may replace each
	// other's notification.
	Group string `json:"group,omitempty"`
	// Cursor is the position after the event; it goes before
	// [Resume.Field].
	Cursor string `json:"cursor,omitempty"`
}
