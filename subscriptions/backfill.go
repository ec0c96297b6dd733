package subscriptions

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// A Backfill is an address of JSON pages that hold what a stream has sent.
type Backfill struct {
	// URL is relative to the feed's, or of the same origin; credentials go
	// there too. [CursorHole] stands for the position.
	URL string `json:"url,omitempty"`
	// Order says which way the pages go; empty means [BackfillForwards].
	Order BackfillOrder `json:"order,omitempty"`
	// Param is the query parameter that takes the position: forwards, the id
	// of the newest item known; backwards, that of the oldest item of the page
	// before. Empty: forwards, the address has a [CursorHole] or there is one
	// page only; backwards, there is one page only.
	Param string `json:"param,omitempty"`
	// Items is the path of the list in a page; empty: the page is a list.
	Items string `json:"items,omitempty"`
	// ID is the path of an item's id, in the item; empty means
	// [Resume.Field].
	ID string `json:"id,omitempty"`
	// Payload is the path of what the stream would have sent, in the item;
	// empty: the item itself.
	Payload string `json:"payload,omitempty"`
}

// BackfillOrder is the way a backfill's pages go.
type BackfillOrder string

const (
	// BackfillForwards: each page holds what follows the position.
	BackfillForwards BackfillOrder = "forwards"
	// BackfillBackwards: the first page holds the newest items, each further
	// one what was before the position.
	BackfillBackwards BackfillOrder = "backwards"
)

func (f *Feed) validateBackfill() error {
	b := f.Resume.Backfill
	switch {
	case f.Transport.Polls():
		return fmt.Errorf("a feed that is polled needs no backfill")
	case b.URL == "":
		return fmt.Errorf("resuming by backfill needs its address")
	case f.Resume.Field == "":
		return fmt.Errorf("resuming by backfill needs to know where a payload holds its position")
	case b.Order != "" && b.Order != BackfillForwards && b.Order != BackfillBackwards:
		return fmt.Errorf("unknown order of pages %q", b.Order)
	}
	if _, err := b.At(f.URL, "1"); err != nil {
		return err
	}
	if ref, err := b.reference("1"); err != nil || ref.User != nil || slices.ContainsFunc(paramNames(ref), isSecretParam) {
		return fmt.Errorf("the address of the backfill must hold no credentials: those of the feed are sent there too")
	}
	return nil
}

// paramNames are the names of u's query parameters, also of pairs that
// [url.ParseQuery] would leave out.
func paramNames(u *url.URL) (names []string) {
	for pair := range strings.FieldsFuncSeq(u.RawQuery, func(r rune) bool { return r == '&' || r == ';' }) {
		name, _, _ := strings.Cut(pair, "=")
		if plain, err := url.QueryUnescape(name); err == nil {
			name = plain
		}
		names = append(names, name)
	}
	return names
}

// Positioned reports whether a page can be asked for by a position. Where
// none can, there is one page only.
func (b Backfill) Positioned() bool {
	return b.Param != "" || b.Order != BackfillBackwards && hasHole(b.URL, cursorName)
}

// At is the absolute address of the page at position; without one, the
// address as it is for a feed that has none yet. It is of feedURL's origin.
func (b Backfill) At(feedURL, position string) (*url.URL, error) {
	ref, err := b.reference(position)
	if err != nil {
		return nil, err
	}
	u, err := sameServer(feedURL, ref)
	if err != nil {
		return nil, err
	}
	if b.Param != "" && position != "" {
		setQuery(u, b.Param, position)
	}
	return u, nil
}

// reference is b.URL with its holes filled.
func (b Backfill) reference(position string) (*url.URL, error) {
	escaped := strings.ReplaceAll(url.QueryEscape(position), "+", "%20") // fit for a path too
	ref, err := url.Parse(fillHole(b.URL, cursorName, escaped))
	if err != nil {
		return nil, fmt.Errorf("the address of the backfill cannot be read")
	}
	return ref, nil
}

// SameServer is the absolute http address that ref is for a feed; an error
// where it is of another origin, which must not see the feed's credentials.
func SameServer(feedURL, ref string) (*url.URL, error) {
	u, err := url.Parse(ref)
	if err != nil {
		return nil, fmt.Errorf("the address cannot be read")
	}
	return sameServer(feedURL, u)
}

func sameServer(feedURL string, ref *url.URL) (*url.URL, error) {
	base, err := ParseURL(feedURL)
	if err != nil {
		return nil, err
	}
	base.Scheme, ref.Scheme = HTTPScheme(base.Scheme), HTTPScheme(ref.Scheme)
	u := base.ResolveReference(ref)
	if !sameOrigin(base, u) {
		return nil, fmt.Errorf("%s must be of the same server as the feed: its credentials go there", printable(RedactURL(u.String()), maxErrorText))
	}
	return u, nil
}

// HTTPScheme is the scheme of the origin that ws and wss are of.
func HTTPScheme(scheme string) string {
	switch scheme {
	case "ws":
		return "http"
	case "wss":
		return "https"
	default:
		return scheme
	}
}

// BackfillAt is the request for the page at position, with the credentials
// that t presents to its stream.
func (t *Target) BackfillAt(position string) (u *url.URL, header http.Header, err error) {
	u, err = t.Resume.Backfill.At(t.URL, position)
	if err != nil {
		return nil, nil, Fail(NeedsUser, CodeBadFeed, err)
	}
	return u, t.credentials(u), nil
}

// credentials are the headers that t presents to its stream, for a request to
// u, which gets the rest of them.
func (t *Target) credentials(u *url.URL) http.Header {
	if own, err := url.Parse(t.URL); err == nil && u.User == nil {
		u.User = own.User
	}
	if len(t.QueryAuth) > 0 {
		if u.RawQuery != "" {
			u.RawQuery += "&"
		}
		u.RawQuery += t.QueryAuth.Encode()
	}
	header := t.Header.Clone()
	if header == nil {
		header = make(http.Header)
	}
	for name := range header { // those of the stream's own handshake
		if name == "Connection" || name == "Upgrade" || name == "Last-Event-Id" || strings.HasPrefix(name, "Sec-Websocket-") {
			header.Del(name)
		}
	}
	return header
}
