package daemon

import (
	"cmp"
	"context"
	"iter"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"bellwire/internal/control"
	"bellwire/subscriptions"
	"bellwire/subscriptions/decode"
	"bellwire/subscriptions/supervisor"
)

const (
	// maxPreviews is how many previews run at once: each holds a connection.
	maxPreviews = 8
	// glimpsesAhead is how many glimpses wait for a slow reader; the
	// connection waits with them then.
	glimpsesAhead = 16
	// maxGlimpseEvents is how many events of one message a preview shows.
	maxGlimpseEvents = 20
	// maxTriedBytes bounds the payloads of one trial together.
	maxTriedBytes = 1 << 20

	// At first a preview shows up to previewBurst messages at once and one
	// more every previewEvery; beyond previewMessages, one every previewSlow.
	previewBurst    = 50
	previewEvery    = 100 * time.Millisecond
	previewMessages = 200
	previewSlow     = time.Second
)

// Preview implements [control.Desk]. It is a feed like any other, with a
// supervisor of its own and nothing behind it: no history, no notifications,
// no forwards.
func (a *App) Preview(ctx context.Context, n control.NewFeed) iter.Seq2[control.Glimpse, error] {
	return func(yield func(control.Glimpse, error) bool) {
		if a.previews.Add(1) > maxPreviews {
			a.previews.Add(-1)
			yield(control.Glimpse{}, control.Refuse(http.StatusTooManyRequests, "Close one of them.", "%d previews are open already", maxPreviews))
			return
		}
		defer a.previews.Add(-1)
		n, sure, err := a.identifyStream(ctx, n, func(d subscriptions.Detection) bool {
			return yield(control.Glimpse{Detection: &d}, nil)
		})
		if err != nil {
			yield(control.Glimpse{}, err)
		}
		if err != nil || !sure {
			return
		}
		d, err := a.previewed(ctx, n)
		if err != nil {
			yield(control.Glimpse{}, err)
			return
		}
		saved := saving(n, d)
		if yield(control.Glimpse{Feed: &saved}, nil) {
			a.follow(ctx, d, yield)
		}
	}
}

// identifyStream is n with the settings of its preset or of what its address
// turned out to be, which it tells; sure is false where a person has to choose
// or add something first, and where nobody listens any more.
func (a *App) identifyStream(ctx context.Context, n control.NewFeed, tell func(subscriptions.Detection) bool) (_ control.NewFeed, sure bool, err error) {
	if n.Preset != "" || n.Options != nil || !n.Detect || !canDetect(n) {
		n, err = a.choose(ctx, n)
		return n, err == nil, err
	}
	found, set, err := a.findOut(ctx, n)
	if err != nil || found == nil {
		return n, err == nil, err
	}
	if !tell(*found) {
		return n, false, nil
	}
	c := found.Choice()
	if c == nil {
		n.URL = found.Asked
		return n, len(found.Candidates) == 0, nil // the feed will tell why it is nothing
	}
	out, err := fromChoice(set, found, n)
	needs := func(need subscriptions.Need) bool { return !need.Optional }
	if err != nil && (len(c.Missing) > 0 || slices.ContainsFunc(c.Needs, needs)) {
		return n, false, nil // the detection says what
	}
	return out, err == nil, err
}

// previewed is the draft of a preview: of a feed that is there, where n names
// one, with its kept secrets.
func (a *App) previewed(ctx context.Context, n control.NewFeed) (draft, error) {
	var old *subscriptions.Feed
	if n.ID != "" {
		if f, err := a.db.Feed(ctx, n.ID); err == nil {
			old = &f
		}
	}
	d, err := a.draft(ctx, n, old)
	d.feed.ID = cmp.Or(d.feed.ID, n.ID, slug(d.feed.Name))
	d.feed.Paused = false
	return d, err
}

// saving is the request that adds what is previewed, so that it is not found
// out again, maybe with another outcome.
func saving(n control.NewFeed, d draft) control.NewFeed {
	n.Detect, n.URL, n.Name, n.Transport = false, strings.TrimSpace(n.URL), d.feed.Name, d.feed.Transport
	if n.AcceptCertificate { // this one, not what the server shows then
		n.AcceptCertificate, n.TLS = false, d.feed.TLS
	}
	return n
}

// follow connects as d says until ctx ends or yield wants no more.
func (a *App) follow(ctx context.Context, d draft, yield func(control.Glimpse, error) bool) {
	p := &preview{glimpses: make(chan control.Glimpse, glimpsesAhead)}
	s := supervisor.New(supervisor.Options{
		Store: nowhere{},
		Prepare: func(ctx context.Context, f subscriptions.Feed, t *subscriptions.Target) error {
			return a.secrets.PrepareGiven(ctx, f, d.given, t)
		},
		Script:     func(subscriptions.Feed) (supervisor.Script, error) { return a.script(d.whole()) },
		Decoder:    p.decoder,
		Transports: transports(),
		Logger:     a.log.With("preview", true),
		OnStatus:   func(_ string, st subscriptions.Status) { p.send(control.Glimpse{Status: &st}) },
	})
	defer s.Close()
	var cancel context.CancelFunc
	p.ctx, cancel = context.WithCancel(ctx)
	defer cancel() // before Close: what is to be sent is not awaited any more
	s.Start(d.feed)
	for {
		select {
		case g := <-p.glimpses:
			if !yield(g, nil) {
				return
			}
		case <-ctx.Done():
			return
		}
	}
}

// A preview is what looks over the shoulder of its feed.
type preview struct {
	ctx      context.Context // ends with the preview
	glimpses chan control.Glimpse
	pace     trickle
}

// send waits for a slow reader; so does the server then.
func (p *preview) send(g control.Glimpse) {
	select {
	case p.glimpses <- g:
	case <-p.ctx.Done():
	}
}

// decoder is f's, overheard.
func (p *preview) decoder(f subscriptions.Feed) (supervisor.Decoder, error) {
	d, err := decode.Compile(f)
	if err != nil {
		return nil, err
	}
	return overheard{d, p}, nil
}

type overheard struct {
	*decode.Decoder
	preview *preview
}

// Decode implements [supervisor.Decoder].
func (o overheard) Decode(m subscriptions.Message, before string) subscriptions.Decoded {
	d := o.Decoder.Decode(m, before)
	if !m.CursorOnly && o.preview.pace.allow(time.Now()) {
		out := outcome(d)
		out.Events = out.Events[:min(len(out.Events), maxGlimpseEvents)]
		o.preview.send(control.Glimpse{Payload: payload(m), Outcome: &out})
	}
	return d
}

// payload is m as a preview shows it.
func payload(m subscriptions.Message) *control.Payload {
	data := m.Data
	if len(data) > control.MaxPayload {
		cut := control.MaxPayload
		for cut > 0 && !utf8.RuneStart(data[cut]) {
			cut--
		}
		data = data[:cut]
	}
	return &control.Payload{
		ID: decode.Line(m.ID, decode.MaxID), Type: decode.Line(m.Type, decode.MaxType),
		Data: strings.ToValidUTF8(data, "\uFFFD"), Received: m.Received,
	}
}

// A trickle lets some of many messages through. Only the goroutine that owns
// the feed uses it.
type trickle struct {
	seen int
	full time.Time // when the whole burst would be there again
}

func (t *trickle) allow(now time.Time) bool {
	every, burst := previewEvery, previewBurst*previewEvery
	if t.seen >= previewMessages {
		every, burst = previewSlow, previewSlow
	}
	from := t.full
	if from.Before(now) {
		from = now
	}
	if from.Add(every).Sub(now) > burst {
		return false
	}
	t.full = from.Add(every)
	t.seen++
	return true
}

// nowhere is the storage of a preview.
type nowhere struct{}

// Position implements [supervisor.Store].
func (nowhere) Position(context.Context, string) (subscriptions.Position, error) {
	return subscriptions.Position{}, nil
}

// Ingest implements [supervisor.Store].
func (nowhere) Ingest(context.Context, subscriptions.Batch) (subscriptions.Receipt, error) {
	return subscriptions.Receipt{}, nil
}

// TryPayloads implements [control.Desk].
func (a *App) TryPayloads(ctx context.Context, n control.NewFeed, payloads []control.Payload) ([]control.Outcome, error) {
	size := 0
	for _, p := range payloads {
		size += len(p.Data)
	}
	switch {
	case len(payloads) > control.MaxTrials:
		return nil, control.Refuse(http.StatusBadRequest, "", "no more than %d payloads are tried at once", control.MaxTrials)
	case size > maxTriedBytes:
		return nil, control.Refuse(http.StatusBadRequest, "Try fewer at once.", "the payloads have more than %d bytes together", maxTriedBytes)
	}
	n.Detect, n.AcceptCertificate = false, false // nobody is asked anything
	n, err := a.choose(ctx, n)
	if err != nil {
		return nil, err
	}
	d, err := a.previewed(ctx, n)
	if err != nil {
		return nil, err
	}
	decoder, err := decode.Compile(d.whole())
	if err != nil {
		return nil, control.Refuse(http.StatusBadRequest, hintFor(err), "%v", err)
	}
	out := make([]control.Outcome, 0, len(payloads))
	for _, p := range payloads {
		m := subscriptions.Message{ID: p.ID, Type: cmp.Or(p.Type, "message"), Data: p.Data, Received: p.Received}
		if m.Received.IsZero() {
			m.Received = time.Now()
		}
		out = append(out, outcome(decoder.Decode(m, "")))
	}
	return out, nil
}
