package control

import (
	"context"
	"encoding/json"
	"io"
	"iter"
	"net/http"
	"strconv"
	"time"

	"bellwire/subscriptions"
	"bellwire/subscriptions/sse"
)

// Desk is the part of a daemon for people who sit before a window.
type Desk interface {
	// Search is one page of history, which tells how far it looked.
	Search(ctx context.Context, q Query) (Page, error)
	// DeleteEvents deletes rows for good, at most [MaxDelete]; what they told
	// does not come again. Rows that do not exist are left out.
	DeleteEvents(ctx context.Context, seqs []int64) error
	// UndoRead takes back what [Marked.Undo] names.
	UndoRead(ctx context.Context, undo string) error
	Activity(ctx context.Context) (Activity, error)
	// Arrange puts feeds in order; those that are not named come last, as they
	// were.
	Arrange(ctx context.Context, places []Place) error
	// Preview follows what n asks for until ctx ends, and stores nothing. It
	// ends by itself, after a [Glimpse] with a Detection, where a person has
	// to choose or add something first. Where n.ID names a feed, [KeptSecret]
	// stands for what that feed has. Of many messages some are left out.
	Preview(ctx context.Context, n NewFeed) iter.Seq2[Glimpse, error]
	// TryPayloads tells what n would make of up to [MaxTrials] payloads. The
	// refusal of a mapping names its field: "mapping.title: column 12: …".
	TryPayloads(ctx context.Context, n NewFeed, payloads []Payload) ([]Outcome, error)
	// Picture fetches an event's image from where its payload says it is.
	Picture(ctx context.Context, seq int64) (Picture, error)
	Autostart(ctx context.Context) (Autostart, error)
	SetAutostart(ctx context.Context, on bool) (Autostart, error)
	Searches(ctx context.Context) ([]SavedSearch, error)
	// SetSearches replaces them; no two have the same name.
	SetSearches(ctx context.Context, s []SavedSearch) error
	// SetDemo adds feeds that the daemon itself serves, or removes them with
	// their history. What is so already stays.
	SetDemo(ctx context.Context, on bool) error
}

// A Page is a page of history.
type Page struct {
	Events []subscriptions.Event `json:"events"`
	// Through is the Seq down to which all was looked at, up to it where the
	// oldest come first: go on from there with Before, or After. A page that
	// took too long may be short, even empty, and not be the last. 0: there is
	// nothing more.
	Through int64 `json:"through"`
}

// Marked is what marking rows read did.
type Marked struct {
	// Undo takes it back with [Client.UndoRead] for some minutes; empty:
	// nothing changed, or it cannot be taken back.
	Undo string `json:"undo,omitempty"`
}

// Activity is how many events there were.
type Activity struct {
	// Until is the end of the last hour that is counted.
	Until time.Time `json:"until"`
	// Feeds are the events of each of the last [ActivityHours] hours, by
	// feed, the oldest first. A feed without any is left out.
	Feeds map[string][]int64 `json:"feeds"`
}

// ActivityHours is how far [Activity] reaches back.
const ActivityHours = 24

// MaxDelete is how many rows one request can delete.
const MaxDelete = 100_000

// A Place is where a feed is shown.
type Place struct {
	Feed   string `json:"feed"`
	Folder string `json:"folder,omitempty"`
}

// A Glimpse is something that a preview saw. Each sets one or more fields.
type Glimpse struct {
	// Feed is what saving would add, once that is known: the preset applied,
	// the kind of stream found. It holds secrets only as they were given.
	Feed *NewFeed `json:"feed,omitempty"`
	// Detection is what was found out about the address, where it was asked.
	// Its addresses hold what the address asked for holds, secrets too.
	Detection *subscriptions.Detection `json:"detection,omitempty"`
	// Status is how the connection does.
	Status *subscriptions.Status `json:"status,omitempty"`
	// Payload is what came, and Outcome what the feed makes of it.
	Payload *Payload `json:"payload,omitempty"`
	Outcome *Outcome `json:"outcome,omitempty"`
}

// MaxPayload is how many bytes of a message a preview shows.
const MaxPayload = 64 << 10

// A Payload is a message as it came.
type Payload struct {
	ID       string    `json:"id,omitempty"`
	Type     string    `json:"type,omitempty"`
	Data     string    `json:"data"`
	Received time.Time `json:"received"`
}

// A Picture is an image as its server sent it.
type Picture struct {
	Type string `json:"type"` // its media type, image/…
	Data []byte `json:"data"`
}

// Autostart is whether Bellwire starts at login.
type Autostart struct {
	On bool `json:"on"`
	// Unavailable says why it cannot be changed from here; empty: it can.
	Unavailable string `json:"unavailable,omitempty"`
	// Reason is a word for why it is off although there is an entry, or for
	// what is to be known of one that is on; empty for nothing: other-program,
	// system-wide, portal, hidden, switched-off, not-here, gone or broken.
	Reason string `json:"reason,omitempty"`
	// Detail is what Reason is about: a command, a file or a desktop.
	Detail string `json:"detail,omitempty"`
	// Why is both as an English sentence.
	Why string `json:"why,omitempty"`
}

// A SavedSearch is a search with a name.
type SavedSearch struct {
	Name string `json:"name"`
	Text string `json:"text"`
}

// Limits of saved searches.
const (
	MaxSearches   = 50
	MaxSearchName = 60      // characters
	MaxSearchText = 1 << 10 // bytes
)

type deleteRequest struct {
	Seqs []int64 `json:"seqs"`
}

type undoRequest struct {
	Undo string `json:"undo"`
}

type tryRequest struct {
	Feed     NewFeed   `json:"feed"`
	Payloads []Payload `json:"payloads"`
}

type autostartRequest struct {
	On bool `json:"on"`
}

type demoRequest struct {
	On bool `json:"on"`
}

// handleDesk adds what d answers. Previews end with ending.
func handleDesk(ending context.Context, mux *routes, d Desk) {
	mux.HandleFunc("GET /v1/search", answer(func(r *http.Request) (any, error) {
		q, err := parseQuery(r)
		if err != nil {
			return nil, err
		}
		p, err := d.Search(r.Context(), q)
		if p.Events == nil {
			p.Events = []subscriptions.Event{}
		}
		return p, err
	}))
	handle(mux, "POST /v1/delete", func(ctx context.Context, q deleteRequest) (any, error) {
		return struct{}{}, d.DeleteEvents(ctx, q.Seqs)
	})
	handle(mux, "POST /v1/read/undo", func(ctx context.Context, q undoRequest) (any, error) {
		return struct{}{}, d.UndoRead(ctx, q.Undo)
	})
	mux.HandleFunc("GET /v1/activity", answer(func(r *http.Request) (any, error) { return d.Activity(r.Context()) }))
	handle(mux, "PUT /v1/arrangement", func(ctx context.Context, q []Place) (any, error) {
		return struct{}{}, d.Arrange(ctx, q)
	})
	mux.HandleFunc("POST /v1/preview", func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithCancel(r.Context())
		defer cancel()
		defer context.AfterFunc(ending, cancel)()
		preview(w, r.WithContext(ctx), d)
	})
	handle(mux, "POST /v1/decode", func(ctx context.Context, q tryRequest) (any, error) {
		return d.TryPayloads(ctx, q.Feed, q.Payloads)
	})
	mux.HandleFunc("GET /v1/history/{seq}/picture", answer(func(r *http.Request) (any, error) {
		seq, err := pathNumber(r, "seq")
		if err != nil {
			return nil, err
		}
		return d.Picture(r.Context(), seq)
	}))
	mux.HandleFunc("GET /v1/autostart", answer(func(r *http.Request) (any, error) { return d.Autostart(r.Context()) }))
	handle(mux, "PUT /v1/autostart", func(ctx context.Context, q autostartRequest) (any, error) {
		return d.SetAutostart(ctx, q.On)
	})
	mux.HandleFunc("GET /v1/searches", answer(func(r *http.Request) (any, error) { return d.Searches(r.Context()) }))
	handle(mux, "PUT /v1/searches", func(ctx context.Context, q []SavedSearch) (any, error) {
		return struct{}{}, d.SetSearches(ctx, q)
	})
	handle(mux, "PUT /v1/demo", func(ctx context.Context, q demoRequest) (any, error) {
		return struct{}{}, d.SetDemo(ctx, q.On)
	})
}

// handle answers requests that have a body.
func handle[T any](mux *routes, pattern string, do func(context.Context, T) (any, error)) {
	mux.HandleFunc(pattern, answer(func(r *http.Request) (any, error) {
		q, err := request[T](r)
		if err != nil {
			return nil, err
		}
		return do(r.Context(), q)
	}))
}

// preview streams glimpses as server-sent events: "glimpse", and at most one
// "error" at the end.
func preview(w http.ResponseWriter, r *http.Request, d Desk) {
	n, err := request[NewFeed](r)
	if err != nil {
		answer(func(*http.Request) (any, error) { return nil, err })(w, r)
		return
	}
	w.Header().Set("Content-Type", "text/event-stream")
	flush := http.NewResponseController(w)
	send := func(kind string, v any) error {
		b, err := json.Marshal(v)
		if err == nil {
			_, err = io.WriteString(w, "event: "+kind+"\ndata: "+string(b)+"\n\n")
		}
		if err == nil {
			err = flush.Flush()
		}
		return err
	}
	if flush.Flush() != nil { // finding out what an address is takes a while
		return
	}
	for g, err := range d.Preview(r.Context(), n) {
		if err != nil {
			_ = send("error", asError(err)) // the reader may be gone
			return
		}
		if send("glimpse", g) != nil {
			return
		}
	}
}

// Search is one page of history.
func (c *Client) Search(ctx context.Context, q Query) (Page, error) {
	return call[Page](ctx, c, http.MethodGet, "/v1/search?"+q.values().Encode(), nil)
}

// DeleteEvents deletes rows of history for good, at most [MaxDelete].
func (c *Client) DeleteEvents(ctx context.Context, seqs []int64) error {
	_, err := call[struct{}](ctx, c, http.MethodPost, "/v1/delete", deleteRequest{seqs})
	return err
}

// UndoRead takes back what [Marked.Undo] names.
func (c *Client) UndoRead(ctx context.Context, undo string) error {
	_, err := call[struct{}](ctx, c, http.MethodPost, "/v1/read/undo", undoRequest{undo})
	return err
}

// Activity is how many events there were lately.
func (c *Client) Activity(ctx context.Context) (Activity, error) {
	return call[Activity](ctx, c, http.MethodGet, "/v1/activity", nil)
}

// Arrange puts feeds in order.
func (c *Client) Arrange(ctx context.Context, places []Place) error {
	_, err := call[struct{}](ctx, c, http.MethodPut, "/v1/arrangement", places)
	return err
}

// Preview follows what n asks for, and stores nothing, until ctx or the loop
// ends. The last pair may hold an error.
func (c *Client) Preview(ctx context.Context, n NewFeed) iter.Seq2[Glimpse, error] {
	return func(yield func(Glimpse, error) bool) {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		resp, err := c.send(ctx, http.MethodPost, "/v1/preview", n)
		if err != nil {
			yield(Glimpse{}, err)
			return
		}
		defer resp.Body.Close()
		for m, err := range sse.Read(resp.Body, sse.ReadOptions{MaxMessage: maxUpdate}) {
			var g Glimpse
			switch {
			case err != nil:
			case m.Type == "error":
				e := &Error{}
				if err = json.Unmarshal([]byte(m.Data), e); err == nil {
					err = e
				}
			default:
				err = json.Unmarshal([]byte(m.Data), &g)
			}
			if !yield(g, err) || err != nil {
				return
			}
		}
	}
}

// TryPayloads tells what n would make of payloads, in their order.
func (c *Client) TryPayloads(ctx context.Context, n NewFeed, payloads []Payload) ([]Outcome, error) {
	return call[[]Outcome](ctx, c, http.MethodPost, "/v1/decode", tryRequest{n, payloads})
}

// Picture fetches the image of an event, from a host that its payload names:
// only ask when a person does.
func (c *Client) Picture(ctx context.Context, seq int64) (Picture, error) {
	return call[Picture](ctx, c, http.MethodGet, "/v1/history/"+strconv.FormatInt(seq, 10)+"/picture", nil)
}

// Autostart tells whether Bellwire starts at login.
func (c *Client) Autostart(ctx context.Context) (Autostart, error) {
	return call[Autostart](ctx, c, http.MethodGet, "/v1/autostart", nil)
}

// SetAutostart changes that, and tells how it is now.
func (c *Client) SetAutostart(ctx context.Context, on bool) (Autostart, error) {
	return call[Autostart](ctx, c, http.MethodPut, "/v1/autostart", autostartRequest{on})
}

// Searches are the saved ones, in order.
func (c *Client) Searches(ctx context.Context) ([]SavedSearch, error) {
	return call[[]SavedSearch](ctx, c, http.MethodGet, "/v1/searches", nil)
}

// SetSearches replaces them.
func (c *Client) SetSearches(ctx context.Context, s []SavedSearch) error {
	_, err := call[struct{}](ctx, c, http.MethodPut, "/v1/searches", s)
	return err
}

// SetDemo adds feeds that the daemon itself serves, so that there is
// something to see; or removes them, with their history.
func (c *Client) SetDemo(ctx context.Context, on bool) error {
	_, err := call[struct{}](ctx, c, http.MethodPut, "/v1/demo", demoRequest{on})
	return err
}
