package control

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"bellwire/subscriptions"
	"bellwire/subscriptions/sse"
)

// maxUpdate is above the largest row: a payload of the default limit in which
// every byte had to be escaped.
const maxUpdate = 16 << 20

// unknownField is what encoding/json says of a field that its reader has not.
const unknownField = "json: unknown field"

// ErrNoDaemon means that nobody answers on the socket.
var ErrNoDaemon = errors.New("bellwire is not running")

// A Client speaks with the daemon behind one socket. It is safe for
// concurrent use and holds no connection that needs closing while idle.
type Client struct {
	http *http.Client
}

// NewClient makes a client for the Unix-domain socket at path. It does not
// connect yet.
func NewClient(path string) *Client {
	return &Client{http: &http.Client{Transport: &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			conn, err := (&net.Dialer{}).DialContext(ctx, "unix", path)
			if err != nil {
				return nil, err
			}
			if err := checkServer(conn); err != nil {
				conn.Close()
				return nil, &net.OpError{Op: "dial", Net: "unix", Err: fmt.Errorf("%w: %w", fs.ErrPermission, err)}
			}
			return conn, nil
		},
		IdleConnTimeout: 10 * time.Second,
	}}}
}

// Status tells what the daemon does.
func (c *Client) Status(ctx context.Context) (Status, error) {
	return call[Status](ctx, c, http.MethodGet, "/v1/status", nil)
}

// Feeds lists the feeds in the order they were added.
func (c *Client) Feeds(ctx context.Context) ([]Feed, error) {
	return call[[]Feed](ctx, c, http.MethodGet, "/v1/feeds", nil)
}

// AddFeed adds and starts a feed.
func (c *Client) AddFeed(ctx context.Context, f NewFeed) (Feed, error) {
	return call[Feed](ctx, c, http.MethodPost, "/v1/feeds", f)
}

// Definitions are the feeds as they were asked for, without secrets, in the
// order they were added.
func (c *Client) Definitions(ctx context.Context) ([]NewFeed, error) {
	return call[[]NewFeed](ctx, c, http.MethodGet, "/v1/definitions", nil)
}

// ChangeFeed makes a feed what n says.
func (c *Client) ChangeFeed(ctx context.Context, id string, n NewFeed) (Change, error) {
	return call[Change](ctx, c, http.MethodPut, "/v1/feeds/"+url.PathEscape(id), n)
}

// TryFeed tells what adding n (id is empty) or changing a feed to it would do.
func (c *Client) TryFeed(ctx context.Context, id string, n NewFeed) (Change, error) {
	path := "/v1/try"
	if id != "" {
		path += "/" + url.PathEscape(id)
	}
	return call[Change](ctx, c, http.MethodPost, path, n)
}

// TestFeed tells what an edited feed makes of payloads in history.
func (c *Client) TestFeed(ctx context.Context, id string, t Test) ([]Trial, error) {
	return call[[]Trial](ctx, c, http.MethodPost, "/v1/feeds/"+url.PathEscape(id)+"/test", t)
}

// Presets are the kinds of servers that the daemon knows.
func (c *Client) Presets(ctx context.Context) (Presets, error) {
	return call[Presets](ctx, c, http.MethodGet, "/v1/presets", nil)
}

// Probe finds out what an address is.
func (c *Client) Probe(ctx context.Context, p Probe) (subscriptions.Detection, error) {
	return call[subscriptions.Detection](ctx, c, http.MethodPost, "/v1/probe", p)
}

// RemoveFeed stops a feed and deletes it with its history.
func (c *Client) RemoveFeed(ctx context.Context, id string) error {
	_, err := call[struct{}](ctx, c, http.MethodDelete, "/v1/feeds/"+url.PathEscape(id), nil)
	return err
}

// PauseFeed ends a feed's connection until it is resumed.
func (c *Client) PauseFeed(ctx context.Context, id string) (Feed, error) {
	return call[Feed](ctx, c, http.MethodPost, "/v1/feeds/"+url.PathEscape(id)+"/pause", nil)
}

// ResumeFeed starts a paused or ended feed, and makes a waiting or blocked
// one try at once.
func (c *Client) ResumeFeed(ctx context.Context, id string) (Feed, error) {
	return call[Feed](ctx, c, http.MethodPost, "/v1/feeds/"+url.PathEscape(id)+"/resume", nil)
}

// ReconnectFeed ends a feed's connection and makes another at once, or when
// the server next allows it.
func (c *Client) ReconnectFeed(ctx context.Context, id string) (Feed, error) {
	return call[Feed](ctx, c, http.MethodPost, "/v1/feeds/"+url.PathEscape(id)+"/reconnect", nil)
}

// Reconnect is ReconnectFeed for every feed that is not paused.
func (c *Client) Reconnect(ctx context.Context) error {
	_, err := call[struct{}](ctx, c, http.MethodPost, "/v1/reconnect", nil)
	return err
}

// FeedLog is the recent past of a feed's connection, oldest first.
func (c *Client) FeedLog(ctx context.Context, id string) ([]subscriptions.LogEntry, error) {
	return call[[]subscriptions.LogEntry](ctx, c, http.MethodGet, "/v1/feeds/"+url.PathEscape(id)+"/log", nil)
}

// History is one page.
func (c *Client) History(ctx context.Context, q Query) ([]subscriptions.Event, error) {
	return call[[]subscriptions.Event](ctx, c, http.MethodGet, "/v1/history?"+q.values().Encode(), nil)
}

// Event is one row of history.
func (c *Client) Event(ctx context.Context, seq int64) (subscriptions.Event, error) {
	return call[subscriptions.Event](ctx, c, http.MethodGet, "/v1/history/"+strconv.FormatInt(seq, 10), nil)
}

// Act does the nth thing, counted from 1, that an event's payload says a
// person can do.
func (c *Client) Act(ctx context.Context, seq int64, n int) error {
	_, err := call[struct{}](ctx, c, http.MethodPost, "/v1/history/"+strconv.FormatInt(seq, 10)+"/act", actRequest{n})
	return err
}

// MarkRead marks rows read or unread.
func (c *Client) MarkRead(ctx context.Context, m MarkRead) (Marked, error) {
	return call[Marked](ctx, c, http.MethodPost, "/v1/read", m)
}

// PauseNotifications holds notifications until the given time; [Forever]
// for no end, the zero time to go on now. Events still reach history.
func (c *Client) PauseNotifications(ctx context.Context, until time.Time) error {
	_, err := call[struct{}](ctx, c, http.MethodPost, "/v1/notifications/pause", pauseRequest{until})
	return err
}

// Show asks an open window to come to the front and show something. shown is
// false when no window is open.
func (c *Client) Show(ctx context.Context, what Show) (shown bool, err error) {
	r, err := call[showReply](ctx, c, http.MethodPost, "/v1/window/show", what)
	return r.Shown, err
}

// Quit asks the daemon to stop.
func (c *Client) Quit(ctx context.Context) error {
	_, err := call[struct{}](ctx, c, http.MethodPost, "/v1/quit", nil)
	return err
}

// Restart makes the daemon end and become the program that is installed now. It
// returns when the old one has begun to end; [Status.Started] is another when
// the new one answers. Where the new program cannot be started, it is refused
// with the reason, and the old one goes on.
func (c *Client) Restart(ctx context.Context) error {
	_, err := call[struct{}](ctx, c, http.MethodPost, "/v1/restart", nil)
	return err
}

// Live as After begins with what comes next.
const Live = -1

// EventsOptions says what the live stream carries.
type EventsOptions struct {
	// After begins behind the row with this Seq; 0 is the beginning of
	// history, [Live] what comes next.
	After int64
	// Feed limits events to one feed.
	Feed string
	// Window marks the reader as an open window: it gets [UpdateShow].
	Window bool
}

// Events reads the live stream until ctx ends, the daemon goes away or the
// loop stops. The last pair holds the error; it never reconnects.
func (c *Client) Events(ctx context.Context, o EventsOptions) iter.Seq2[Update, error] {
	return func(yield func(Update, error) bool) {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		q := url.Values{}
		if o.Feed != "" {
			q.Set("feed", o.Feed)
		}
		if o.Window {
			q.Set("window", "1")
		}
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://bellwire/v1/events?"+q.Encode(), nil)
		if err != nil {
			yield(Update{}, err)
			return
		}
		if o.After >= 0 {
			req.Header.Set("Last-Event-ID", strconv.FormatInt(o.After, 10))
		}
		resp, err := c.do(req)
		if err != nil {
			yield(Update{}, err)
			return
		}
		defer resp.Body.Close()
		for m, err := range sse.Read(resp.Body, sse.ReadOptions{MaxMessage: maxUpdate}) {
			u := Update{Kind: UpdateKind(m.Type)}
			switch {
			case err != nil:
			case u.Kind == UpdateEvent:
				err = json.Unmarshal([]byte(m.Data), &u.Event)
			case u.Kind == UpdateShow:
				err = json.Unmarshal([]byte(m.Data), &u.Show)
			}
			if !yield(u, err) || err != nil {
				return
			}
		}
		yield(Update{}, io.ErrUnexpectedEOF)
	}
}

type actRequest struct {
	N int `json:"n"`
}

type pauseRequest struct {
	Until time.Time `json:"until"`
}

type showReply struct {
	Shown bool `json:"shown"`
}

func (q Query) values() url.Values {
	v := url.Values{}
	set := func(name, value string) {
		if value != "" && value != "0" && value != "false" {
			v.Set(name, value)
		}
	}
	set("q", q.Text)
	set("feed", q.Feed)
	set("before", strconv.FormatInt(q.Before, 10))
	set("after", strconv.FormatInt(q.After, 10))
	set("limit", strconv.Itoa(q.Limit))
	set("oldest_first", strconv.FormatBool(q.OldestFirst))
	set("unread", strconv.FormatBool(q.Unread))
	set("summary", strconv.FormatInt(q.Summary, 10))
	return v
}

// call sends one request and decodes the answer; T struct{} ignores it.
func call[T any](ctx context.Context, c *Client, method, path string, body any) (T, error) {
	var out T
	resp, err := c.send(ctx, method, path, body)
	if err != nil {
		return out, err
	}
	defer resp.Body.Close()
	if _, ignore := any(out).(struct{}); ignore {
		return out, nil
	}
	if err := json.NewDecoder(resp.Body).Decode(&out); err != nil {
		return out, fmt.Errorf("reading the daemon's answer: %w", err)
	}
	return out, nil
}

// send sends one request; a nil body is none.
func (c *Client) send(ctx context.Context, method, path string, body any) (*http.Response, error) {
	var r io.Reader
	if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			return nil, err
		}
		r = bytes.NewReader(b)
	}
	req, err := http.NewRequestWithContext(ctx, method, "http://bellwire"+path, r)
	if err != nil {
		return nil, err
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	return c.do(req)
}

// do sends req and turns every refusal into an [*Error].
func (c *Client) do(req *http.Request) (*http.Response, error) {
	resp, err := c.http.Do(req)
	if errors.Is(err, fs.ErrPermission) {
		return nil, Refuse(http.StatusForbidden, "It belongs to another user: choose a folder of your own with --dir", "no permission to use Bellwire's socket")
	}
	if _, dial := errors.AsType[*net.OpError](err); dial && req.Context().Err() == nil {
		return nil, fmt.Errorf("%w (%w)", ErrNoDaemon, err)
	}
	if err != nil {
		return nil, err
	}
	if resp.StatusCode < 300 {
		return resp, nil
	}
	defer resp.Body.Close()
	e := &Error{Status: resp.StatusCode}
	b, _ := io.ReadAll(io.LimitReader(resp.Body, 64<<10))
	if json.Unmarshal(b, e) != nil || e.Message == "" {
		// Our own refusals have words: this one is the HTTP server's.
		e.Message = "the daemon answered " + resp.Status
		e.Unknown = resp.StatusCode == http.StatusNotFound || resp.StatusCode == http.StatusMethodNotAllowed
	}
	if resp.StatusCode == http.StatusBadRequest && strings.Contains(e.Message, unknownField) {
		e.Unknown = true
	}
	return nil, e
}
