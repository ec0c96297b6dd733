package storage

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"time"

	"bellwire/subscriptions"
)

// Sizes of a page.
const (
	DefaultLimit = 100
	MaxLimit     = 1000
	// maxPageText is how many bytes of payload make a page full before its
	// limit of rows does.
	maxPageText = 16 << 20
)

// A Query selects rows of history. The zero value is the newest page.
type Query struct {
	// Text is a search in the language of [bellwire/subscriptions/search].
	// Words are matched against title, body, tags and payload, the last one
	// also as the beginning of a word; case and accents do not count.
	Text string
	// Feed limits to one feed.
	Feed string
	// Before and After are exclusive Seq bounds; 0 means none.
	Before, After int64
	// Limit is the page's size: [DefaultLimit] when 0, at most [MaxLimit].
	Limit int
	// OldestFirst reverses the order. The default is newest first.
	OldestFirst bool
	// Unread limits to rows not read yet.
	Unread bool
	// Summary limits to the rows that one summary told; 0 does not.
	Summary int64
}

// eventColumns is what [scanEvent] reads.
const eventColumns = `e.seq, f.id, e.kind, e.message_id, e.type, e.title, e.body, e.link, e.priority,
	e.time, e.received, e.raw, e.read, e.tags, e.icon, e.image, e.event_group, e.warning, e.actions, e.late, e.hold`

// History is one page of rows. Go on from the last row's Seq with Before, or
// After when OldestFirst; an empty page is the end. A page of very large
// payloads may hold fewer rows than Limit. An unknown feed has no rows.
//
// A query with Text first waits for the search index to hold every row that
// was committed by now, and looks for as long as it takes to find a page: see
// [DB.Search] for people who wait. Text that cannot be read is a
// [*search.Error].
func (db *DB) History(ctx context.Context, q Query) ([]subscriptions.Event, error) {
	for {
		p, err := db.search(ctx, q, 0)
		if err != nil {
			return nil, fmt.Errorf("reading history: %w", failure(err))
		}
		if len(p.Events) > 0 || p.Through == 0 {
			return p.Events, nil
		}
		if q.OldestFirst {
			q.After = p.Through
		} else {
			q.Before = p.Through
		}
	}
}

// listed is a page of a query without Text.
func (db *DB) listed(ctx context.Context, q Query) ([]subscriptions.Event, error) {
	if q.After > 0 && q.After >= db.indexer.committed() {
		return []subscriptions.Event{}, ctx.Err() // who follows history asks after each commit, whatever that was of
	}
	if q.Feed == "" && !q.Unread && q.Summary == 0 {
		if events, ok, err := db.reads.page(ctx, q); ok || err != nil {
			return events, err
		}
	}
	query, args, err := db.historyQuery(ctx, q)
	if err != nil {
		return nil, err
	}
	if query == "" {
		return []subscriptions.Event{}, nil
	}
	return db.events(ctx, query, args...)
}

// historyQuery is q without its Text in SQL, empty where nothing can match.
// Its parameters: ?1 and ?2 the bounds, ?3 the limit, ?4 the feed, ?5 the
// summary.
func (db *DB) historyQuery(ctx context.Context, q Query) (query string, args []any, err error) {
	args = []any{max(q.After, 0), q.before(), pageSize(q.Limit), int64(0), q.Summary}
	if q.Feed != "" {
		nums, err := db.integers(ctx, "SELECT num FROM feeds WHERE id = ?", q.Feed)
		if err != nil || len(nums) == 0 {
			return "", nil, err
		}
		args[3] = nums[0]
	}
	if q.Feed != "" {
		return q.page(fmt.Sprintf("e.feed = ?4%s AND %s", q.only(), bounds)), args, nil
	}
	if q.Summary != 0 {
		return q.page(bounds + q.only()), args, nil
	}
	return q.merged(), args, nil
}

// before is the upper bound, exclusive.
func (q *Query) before() int64 {
	if q.Before <= 0 {
		return math.MaxInt64
	}
	return q.Before
}

// bounds of a page.
const bounds = "seq > ?1 AND seq < ?2"

func (q *Query) order() string {
	if q.OldestFirst {
		return "ASC"
	}
	return "DESC"
}

// only are the other conditions, beside bounds and feed.
func (q *Query) only() (where string) {
	if q.Unread {
		where = " AND read = 0"
	}
	if q.Summary != 0 {
		where += " AND seq IN (SELECT seq FROM delivery WHERE summary = ?5)"
	}
	return where
}

// page selects rows of events by their columns. Rows of removed feeds wait for
// their deletion, out of sight.
func (q *Query) page(where string) string {
	return "SELECT " + eventColumns + " FROM events e CROSS JOIN feeds f ON f.num = e.feed WHERE " + where +
		" AND f.id IS NOT NULL ORDER BY e.seq " + q.order() + " LIMIT ?3"
}

// merged looks at a page of every feed and takes the best of them: scanning
// rows in order would have to skip any number of read or removed ones.
func (q *Query) merged() string {
	return q.page(`e.seq IN (SELECT u.seq FROM feeds g CROSS JOIN events u WHERE g.id IS NOT NULL AND u.seq IN (
		SELECT seq FROM events WHERE feed = g.num` + q.only() + " AND " + bounds + " ORDER BY seq " + q.order() + " LIMIT ?3))")
}

// Event is one row; the error wraps [ErrNotFound] where there is none.
func (db *DB) Event(ctx context.Context, seq int64) (subscriptions.Event, error) {
	const query = "SELECT " + eventColumns + " FROM events e CROSS JOIN feeds f ON f.num = e.feed WHERE e.seq = ? AND f.id IS NOT NULL"
	e, err := scanEvent(db.readers.QueryRowContext(ctx, query, seq))
	if err != nil {
		return e, fmt.Errorf("event %d: %w", seq, missing(err))
	}
	return e, nil
}

// Counts are a feed's totals.
type Counts struct {
	// Events and Unread count rows of history.
	Events, Unread int64
	// LastEvent is when the newest row was received, which may have been
	// deleted since; zero when there never was one.
	LastEvent time.Time
	// MutedUntil is until when the feed's notifications are muted; zero when
	// they are not.
	MutedUntil time.Time
}

// Counts are the totals of every feed, by id. They are kept with each commit
// and cost nothing to ask for.
func (db *DB) Counts(ctx context.Context) (map[string]Counts, error) {
	rows, err := db.readers.QueryContext(ctx, "SELECT id, events, unread, last_event, muted_until FROM progress JOIN feeds ON num = feed WHERE id IS NOT NULL")
	if err != nil {
		return nil, fmt.Errorf("counting events: %w", failure(err))
	}
	defer rows.Close()
	counts := map[string]Counts{}
	for rows.Next() {
		var id string
		var c Counts
		var last, muted sql.NullInt64
		if err := rows.Scan(&id, &c.Events, &c.Unread, &last, &muted); err != nil {
			return nil, fmt.Errorf("counting events: %w", failure(err))
		}
		c.LastEvent, c.MutedUntil = toTime(last), toTime(muted)
		counts[id] = c
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("counting events: %w", failure(err))
	}
	return counts, nil
}

// LastSeq is the highest Seq that history has had, 0 when there was none.
func (db *DB) LastSeq(ctx context.Context) (int64, error) {
	var seq int64
	if err := db.readers.QueryRowContext(ctx, "SELECT coalesce(max(last_seq), 0) FROM progress").Scan(&seq); err != nil {
		return 0, fmt.Errorf("reading the last row's number: %w", failure(err))
	}
	return seq, nil
}

// events is a page of rows of the given query.
func (db *DB) events(ctx context.Context, query string, args ...any) ([]subscriptions.Event, error) {
	return eventsOf(db.readers.QueryContext(ctx, query, args...))
}

// eventsOf reads what a query gives, until the page is full.
func eventsOf(rows *sql.Rows, err error) ([]subscriptions.Event, error) {
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	events := []subscriptions.Event{}
	for size := 0; size < maxPageText && rows.Next(); {
		e, err := scanEvent(rows)
		if err != nil {
			return nil, err
		}
		size += len(e.Raw) + len(e.Body)
		events = append(events, e)
	}
	return events, rows.Err()
}

func scanEvent(row scanner) (e subscriptions.Event, err error) {
	var happened, received sql.NullInt64
	var tags, actions string
	err = row.Scan(&e.Seq, &e.Feed, &e.Kind, &e.MessageID, &e.Type, &e.Title, &e.Body, &e.Link, &e.Priority,
		&happened, &received, &e.Raw, &e.Read, &tags, &e.Icon, &e.Image, &e.Group, &e.Warning, &actions, &e.Late, &e.Hold)
	e.Time, e.Received = toTime(happened), toTime(received)
	if tags != "" {
		e.Tags = strings.Split(tags, "\n")
	}
	if err == nil && actions != "" {
		err = json.Unmarshal([]byte(actions), &e.Actions)
	}
	return e, err
}

// formatActions is what scanEvent reads of an event's actions.
func formatActions(actions []subscriptions.Action) (string, error) {
	if len(actions) == 0 {
		return "", nil
	}
	b, err := json.Marshal(actions)
	return string(b), err
}

// pageSize is a limit with its default and bounds.
func pageSize(limit int) int {
	if limit <= 0 {
		return DefaultLimit
	}
	return min(limit, MaxLimit)
}
