package control

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"time"

	"github.com/tmaxmax/go-sse"
)

const (
	livePage = 200
	// feedsEvery is the shortest time between two "feeds" updates.
	feedsEvery = 500 * time.Millisecond
)

// live is the live stream's [sse.Provider]. It keeps no queue: every reader
// pulls rows from history at its own pace, so a slow one costs nobody
// anything, and any position can be resumed from.
type live struct {
	daemon Daemon
	closed chan struct{}
	once   sync.Once

	mu      sync.Mutex
	windows map[chan Show]struct{}
}

func newLive(d Daemon) *live {
	return &live{daemon: d, closed: make(chan struct{}), windows: make(map[chan Show]struct{})}
}

func (l *live) close() { l.once.Do(func() { close(l.closed) }) }

// show asks every open window to come to the front.
func (l *live) show(what Show) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	for w := range l.windows {
		select {
		case w <- what:
		default: // it has not yet done what it was asked before
		}
	}
	return len(l.windows) > 0
}

// session hands the request's parameters to Subscribe as its topic.
func (l *live) session(_ http.ResponseWriter, r *http.Request) (topics []string, allowed bool) {
	return []string{r.URL.RawQuery}, true
}

// Publish implements [sse.Provider]; rows come from history instead.
func (l *live) Publish(*sse.Message, []string) error { return sse.ErrProviderClosed }

// Shutdown implements [sse.Provider].
func (l *live) Shutdown(context.Context) error {
	l.close()
	return nil
}

// Subscribe implements [sse.Provider]: it serves one reader to its end.
func (l *live) Subscribe(ctx context.Context, sub sse.Subscription) error {
	params, _ := url.ParseQuery(sub.Topics[0])
	r := &reader{live: l, client: sub.Client, query: Query{Feed: params.Get("feed"), OldestFirst: true, Limit: livePage}}
	if after, err := strconv.ParseInt(sub.LastEventID.String(), 10, 64); err == nil && after >= 0 {
		r.query.After = after
	} else if r.query.After, err = l.daemon.LastSeq(ctx); err != nil {
		return err
	}
	if params.Get("window") != "" {
		r.show = make(chan Show, 4)
		l.mu.Lock()
		l.windows[r.show] = struct{}{}
		l.mu.Unlock()
		defer func() {
			l.mu.Lock()
			delete(l.windows, r.show)
			l.mu.Unlock()
		}()
	}
	// A reader that went away is no failure, and the answer's head is out.
	_ = r.run(ctx)
	return nil
}

// A reader is one live stream.
type reader struct {
	*live
	client sse.MessageWriter
	query  Query
	show   chan Show // nil unless a window reads
}

func (r *reader) run(ctx context.Context) error {
	if err := r.client.Flush(); err != nil { // the head of the answer
		return err
	}
	// The first "feeds" comes at once: what a client asked before it was
	// listening may have changed since.
	var told time.Time
	later := time.After(0)
	// Another one is asked for only when this one was closed: a change while
	// something is being sent closes it, and must not be forgotten.
	changed := r.daemon.Changed()
	for {
		more, err := r.rows(ctx)
		if err != nil {
			return err
		}
		if more {
			continue
		}
		select {
		case <-changed:
			changed = r.daemon.Changed()
			if later == nil {
				later = time.After(feedsEvery - time.Since(told))
			}
		case <-later:
			later, told = nil, time.Now()
			err = r.send(UpdateFeeds, "", nil)
		case what := <-r.show:
			err = r.send(UpdateShow, "", what)
		case <-ctx.Done():
			return ctx.Err()
		case <-r.closed:
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// rows sends a page of new rows; more says that others may wait (a page may
// be short because its rows are large).
func (r *reader) rows(ctx context.Context) (more bool, err error) {
	events, err := r.daemon.History(ctx, r.query)
	if err != nil {
		return false, err
	}
	for _, e := range events {
		if err := r.send(UpdateEvent, strconv.FormatInt(e.Seq, 10), e); err != nil {
			return false, err
		}
		r.query.After = e.Seq
	}
	return len(events) > 0, nil
}

func (r *reader) send(kind UpdateKind, id string, v any) error {
	m := &sse.Message{Type: sse.Type(string(kind))}
	if id != "" {
		m.ID = sse.ID(id)
	}
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	m.AppendData(string(b))
	if err := r.client.Send(m); err != nil {
		return err
	}
	return r.client.Flush()
}
