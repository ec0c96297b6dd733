package control

import (
	"fmt"
	"time"

	"bellwire/subscriptions"
)

// A Feed is a feed as people and scripts see it: no credentials.
type Feed struct {
	ID        string                      `json:"id"`
	Name      string                      `json:"name"`
	URL       string                      `json:"url"` // credentials replaced by ***
	Transport subscriptions.TransportName `json:"transport"`
	subscriptions.Settings
	subscriptions.Status
	// Events and Unread count rows of history.
	Events int64 `json:"events"`
	Unread int64 `json:"unread"`
	// LastEvent is when the newest row was received, which may have been
	// deleted since; zero when there never was one.
	LastEvent time.Time `json:"last_event,omitzero"`
	// MutedUntil is when notifications of the feed go on, [Forever] when that
	// is never; zero when they are not muted.
	MutedUntil time.Time `json:"muted_until,omitzero"`
	Created    time.Time `json:"created"`
	// Look is how the feed is shown.
	Look subscriptions.Look `json:"look,omitzero"`
	// Auth tells how the feed shows who it is, and where its secrets are.
	Auth  []Credential      `json:"auth,omitempty"`
	TLS   subscriptions.TLS `json:"tls,omitzero"`
	Proxy string            `json:"proxy,omitempty"` // its password replaced by ***
	// Waiting are the forwards that wait for their targets to come back.
	Waiting []Forwarding `json:"waiting,omitempty"`
}

// A Credential is one of a feed's, without its secret.
type Credential struct {
	By   subscriptions.AuthBy `json:"by"`
	Name string               `json:"name,omitempty"`
	// From is keyring, file (Bellwire's own), env:NAME, file:PATH or
	// command:PROGRAM.
	From string `json:"from"`
}

// NewFeed is the request to add one, or to change one to what it says. Only
// URL is required.
type NewFeed struct {
	// ID is the id to have. Empty: one is made from the name. A change does
	// not look at it.
	ID        string                      `json:"id,omitempty"`
	URL       string                      `json:"url"`
	Name      string                      `json:"name,omitempty"`
	Transport subscriptions.TransportName `json:"transport,omitempty"`
	Headers   []subscriptions.Header      `json:"headers,omitempty"`
	// Preset is the kind of server; what Settings say goes before it. Options
	// are the preset's.
	Preset  string            `json:"preset,omitempty"`
	Options map[string]string `json:"options,omitempty"`
	// Detect finds out what the address is, where the rest leaves that open.
	Detect bool `json:"detect,omitempty"`
	subscriptions.Settings
	Auth []NewCredential   `json:"auth,omitempty"`
	TLS  subscriptions.TLS `json:"tls,omitzero"`
	// Proxy is an address, with its password if it has one, or "none".
	Proxy string `json:"proxy,omitempty"`
	// AcceptCertificate pins the certificate that the server shows now.
	AcceptCertificate bool `json:"accept_certificate,omitempty"`
	Paused            bool `json:"paused,omitempty"`
	// Look is how the feed is shown.
	Look subscriptions.Look `json:"look,omitzero"`
}

// KeptSecret is the reference of a secret that the daemon keeps itself. In a
// change it stands for the one that the feed has; nothing else can have it.
const KeptSecret subscriptions.SecretRef = "keyring"

// A Change is what a change of a feed does.
type Change struct {
	// Before and After are the definition as it is stored, the secrets that
	// the daemon keeps being [KeptSecret]. Before is nil for a new feed.
	Before *NewFeed `json:"before,omitempty"`
	After  NewFeed  `json:"after"`
	// ForgetsCursor says that the position is not one of the changed stream:
	// it begins anew.
	ForgetsCursor bool `json:"forgets_cursor,omitempty"`
	// NewSecrets counts the secrets that were given and are kept instead of
	// what was there.
	NewSecrets int `json:"new_secrets,omitempty"`
	// Feed is the feed as it is now; nil where nothing was done.
	Feed *Feed `json:"feed,omitempty"`
}

// A NewCredential has either a reference to its secret, or the secret itself
// as Value, which the daemon then keeps safe. Without By it is shown as the
// preset says.
type NewCredential struct {
	subscriptions.Credential
	Value string `json:"value,omitempty"`
}

// A Query selects rows of history. The zero value is the newest page.
type Query struct {
	// Text is a search: words that title, body, tags or payload have to hold,
	// "exact words", and conditions like from:deploys, priority:>=4,
	// before:2026-11-01, after:2026-10-01, is:unread, is:gap. Empty matches
	// everything. docs/search.md has all of it.
	Text string
	// Feed limits to one feed.
	Feed string
	// Before and After are exclusive Seq bounds; 0 means none.
	Before, After int64
	// Limit is the page's size: 100 when 0, at most [MaxLimit]. A page of
	// large rows may be shorter; only an empty one is the end.
	Limit int
	// OldestFirst reverses the order. The default is newest first.
	OldestFirst bool
	// Unread limits to rows not read yet.
	Unread bool
	// Summary limits to the rows that one summary told; 0 does not.
	Summary int64
}

// MaxLimit is the largest page.
const MaxLimit = 1000

// MarkRead is the request to mark rows read or unread. Give Seqs, or a feed
// ("" for all feeds) with Through.
type MarkRead struct {
	Seqs []int64 `json:"seqs,omitempty"`
	// Feed and Through mark every row of the feed with Seq <= Through.
	Feed    string `json:"feed,omitempty"`
	Through int64  `json:"through,omitempty"`
	// Unread marks the other way round.
	Unread bool `json:"unread,omitempty"`
}

// Status is the daemon as a whole.
type Status struct {
	Version string    `json:"version"`
	PID     int       `json:"pid"`
	Started time.Time `json:"started"`
	Dir     string    `json:"dir"`
	// Notifier is the backend in use; NotifierError its last trouble.
	Notifier      string `json:"notifier"`
	NotifierError string `json:"notifier_error"`
	// Held counts committed events whose notification is still owed.
	Held int64 `json:"held"`
	// Holds tell which of them are held for a reason.
	Holds []subscriptions.Hold `json:"holds,omitempty"`
	// PausedUntil is when notifications go on; zero when they are not
	// paused, year 9999 when paused without an end.
	PausedUntil time.Time `json:"paused_until,omitzero"`
	// DND says who asks not to disturb now: dunst, plasma, xfce or windows;
	// empty: nobody does, or nobody tells.
	DND string `json:"do_not_disturb,omitempty"`
	// Tray says whether there is an icon in a panel; empty: none is wanted.
	Tray    Tray   `json:"tray,omitempty"`
	Events  int64  `json:"events"`
	Unread  int64  `json:"unread"`
	LastSeq int64  `json:"last_seq"`
	Feeds   []Feed `json:"feeds"`
	// Upgrade tells of a program that has been installed in place of the one
	// that runs; nil: there is none.
	Upgrade *Upgrade `json:"upgrade,omitempty"`
	// Demo says that there are demo feeds, which [Client.SetDemo] removes.
	Demo bool `json:"demo,omitempty"`
}

// An Upgrade is what is installed now where the daemon was started from, when
// that is not the program that runs.
type Upgrade struct {
	State UpgradeState `json:"state"`
	// Version is set with [UpgradeReady]. It is that of [Status] where another
	// build of the same version is installed.
	Version string `json:"version,omitempty"`
	// Problem says why it cannot be started, with [UpgradeBroken].
	Problem string `json:"problem,omitempty"`
	// Path is where the program is, or was.
	Path string `json:"path"`
}

// UpgradeState says whether a restart would become the installed program.
type UpgradeState string

const (
	UpgradeReady   UpgradeState = "ready"   // [Client.Restart] finishes the upgrade
	UpgradeBroken  UpgradeState = "broken"  // it cannot be started; the old one stays
	UpgradeRemoved UpgradeState = "removed" // there is no program any more
)

// Tray is how the tray icon does.
type Tray string

const (
	TrayShown   Tray = "shown"
	TrayNoPanel Tray = "no-panel" // no panel shows tray icons
	TrayNone    Tray = "none"     // the desktop has no place for one
	TrayGone    Tray = "gone"     // the session has ended; so will Bellwire, unless its bus returns
)

// An Update is one thing told by the live stream.
type Update struct {
	Kind UpdateKind
	// Event is set with [UpdateEvent].
	Event subscriptions.Event
	// Show is set with [UpdateShow].
	Show Show
}

// Show is what a window is asked to show; the zero value is the window as it
// is.
type Show struct {
	// Seq is an event; Summary what one summary told.
	Seq     int64 `json:"seq,omitempty"`
	Summary int64 `json:"summary,omitempty"`
	// Feed is a feed's id; with Page a page of it.
	Feed string `json:"feed,omitempty"`
	// Page is one of the window's pages.
	Page WindowPage `json:"page,omitempty"`
}

// A WindowPage names a page of the window.
type WindowPage string

const (
	PageAdd      WindowPage = "add"      // adding a feed
	PageEdit     WindowPage = "edit"     // changing [Show.Feed]
	PageStatus   WindowPage = "status"   // how feeds do; with a feed, that one
	PageSettings WindowPage = "settings" // Bellwire's own
)

// UpdateKind is the type of a server-sent event on GET /v1/events.
type UpdateKind string

const (
	// UpdateEvent carries a new row of history; its id is the row's Seq.
	UpdateEvent UpdateKind = "event"
	// UpdateFeeds says that feeds, their states or counts have changed: ask
	// again. Comes first on every stream, then at most twice a second.
	UpdateFeeds UpdateKind = "feeds"
	// UpdateShow asks an open window to come to the front and show something.
	UpdateShow UpdateKind = "show"
)

// Forever as PausedUntil means paused without an end.
var Forever = time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC)

// An Error is a refusal by the daemon, in words for people.
type Error struct {
	// Status is the HTTP status: 404 no such thing, 409 exists already,
	// 400 bad request, anything else a failure.
	Status  int    `json:"-"`
	Message string `json:"error"`
	Hint    string `json:"hint,omitempty"`
	// Unknown says that the daemon does not know what it was asked: client and
	// daemon are of different versions.
	Unknown bool `json:"-"`
}

func (e *Error) Error() string { return e.Message }

// Refuse makes an Error.
func Refuse(status int, hint, format string, args ...any) *Error {
	return &Error{Status: status, Message: fmt.Sprintf(format, args...), Hint: hint}
}
