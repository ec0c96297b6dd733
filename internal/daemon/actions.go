package daemon

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"bellwire/internal/control"
	"bellwire/notify"
	"bellwire/subscriptions"
	"bellwire/subscriptions/decode"
)

const (
	// actionTime bounds an action's request, its answer included.
	actionTime = 15 * time.Second
	// maxActionAnswer is how much, in bytes, is read of an answer that nobody
	// looks at, so that its server can end it in peace.
	maxActionAnswer = 64 << 10
	// maxOutcome bounds, in runes, what a timeline says of an action.
	maxOutcome = 250
	// noteTime bounds the writing of an outcome.
	noteTime = 5 * time.Second
)

// Act implements [control.Daemon].
func (a *App) Act(ctx context.Context, seq int64, n int) error {
	e, err := a.Event(ctx, seq)
	if err != nil {
		return err
	}
	return a.act(ctx, e, n)
}

// act does the nth thing, counted from 1, that e's payload says a person can
// do: it opens a link, or sends a request to where the feed allows that. What
// came of it is a step of e's timeline.
func (a *App) act(ctx context.Context, e subscriptions.Event, n int) error {
	if n < 1 || n > len(e.Actions) {
		return control.Refuse(http.StatusNotFound, "See them with: bellwire history --json", "event %d has no action %d", e.Seq, n)
	}
	action := e.Actions[n-1]
	done, err := a.perform(ctx, e, action)
	said := action.Label + ": " + done
	if err != nil {
		said = action.Label + ": failed: " + err.Error()
	}
	// A person who does not wait for the answer has pressed it all the same.
	note, cancel := context.WithTimeout(context.WithoutCancel(ctx), noteTime)
	defer cancel()
	return errors.Join(err, a.db.Deliver(note, subscriptions.Delivery{Seq: e.Seq, Step: subscriptions.Step{
		At: time.Now(), What: subscriptions.StepClicked, Detail: decode.Line(said, maxOutcome),
	}}))
}

// perform does what an action is about and says, in a word, what was done.
func (a *App) perform(ctx context.Context, e subscriptions.Event, action subscriptions.Action) (done string, err error) {
	f, err := a.db.Feed(ctx, e.Feed)
	if err != nil {
		return "", noSuchFeed(e.Feed, err)
	}
	own, err := f.AllowAction(action)
	if errors.Is(err, subscriptions.ErrHostNotAllowed) {
		return "", control.Refuse(http.StatusForbidden, "If you trust it, add it to notify.action_hosts with: bellwire edit "+f.ID, "%v", err)
	}
	if err != nil {
		return "", err
	}
	if action.IsLink() {
		return "opened", notify.OpenLink(ctx, action.URL)
	}
	return "sent", a.sendAction(ctx, f, action, own)
}

// sendAction sends an action's request. Where it goes to the feed's own host
// it has the feed's proxy and trusts what the feed trusts; it never says who
// the feed is, by credentials or by a certificate: whoever may write into the
// stream chose the request.
func (a *App) sendAction(ctx context.Context, f subscriptions.Feed, action subscriptions.Action, own bool) error {
	ctx, cancel := context.WithTimeout(ctx, actionTime)
	defer cancel()
	t := subscriptions.Target{URL: action.URL}
	if own {
		f.Auth = slices.DeleteFunc(slices.Clone(f.Auth), func(c subscriptions.Credential) bool { return c.By != subscriptions.AuthProxy })
		f.TLS.CertFile, f.TLS.KeyFile = "", ""
		if err := a.secrets.Prepare(ctx, f, &t); err != nil {
			return err
		}
	}
	req, err := actionRequest(ctx, action)
	if err != nil {
		return err
	}
	client := subscriptions.NewClient(t, subscriptions.ClientOptions{})
	defer client.CloseIdleConnections()
	client.CheckRedirect = staysOnHost
	resp, err := client.Do(req)
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return fmt.Errorf("no answer within %v", actionTime)
	case err != nil:
		return subscriptions.DialError(err) // the address may hold a secret
	}
	defer resp.Body.Close()
	_, _ = io.CopyN(io.Discard, resp.Body, maxActionAnswer)
	if resp.StatusCode >= http.StatusMultipleChoices {
		return fmt.Errorf("the server answered %s", strings.TrimSpace(strconv.Itoa(resp.StatusCode)+" "+http.StatusText(resp.StatusCode)))
	}
	return nil
}

func actionRequest(ctx context.Context, action subscriptions.Action) (*http.Request, error) {
	req, err := http.NewRequestWithContext(ctx, action.Method, action.URL, strings.NewReader(action.Body))
	if err != nil {
		return nil, errors.New("its address cannot be asked")
	}
	for _, h := range action.Headers {
		req.Header.Add(h.Name, h.Value)
	}
	if req.Header.Get("User-Agent") == "" {
		req.Header.Set("User-Agent", "bellwire")
	}
	if action.Body != "" && req.Header.Get("Content-Type") == "" {
		req.Header.Set("Content-Type", subscriptions.TextType(action.Body))
	}
	return req, nil
}

// staysOnHost is [subscriptions.CheckRedirect] for requests that were allowed
// for one host only.
func staysOnHost(req *http.Request, via []*http.Request) error {
	if !strings.EqualFold(req.URL.Hostname(), via[0].URL.Hostname()) {
		return errors.New("the server sent the request on to another host")
	}
	if req.URL.User != nil {
		return errors.New("the server sent the request on to an address with a user")
	}
	return subscriptions.CheckRedirect(req, via)
}

// buttons are what e's payload says a person can do, as far as the feed
// allows it.
func (a *App) buttons(ctx context.Context, e subscriptions.Event) (buttons []notify.Button) {
	if len(e.Actions) == 0 {
		return nil
	}
	f, err := a.db.Feed(ctx, e.Feed)
	if err != nil {
		return nil // removed meanwhile
	}
	for i, action := range e.Actions {
		if _, err := f.AllowAction(action); err != nil {
			a.log.Debug("an action is not offered", "feed", f.ID, "seq", e.Seq, "number", i+1, "because", err)
			continue
		}
		buttons = append(buttons, notify.Button{ID: "do-" + strconv.Itoa(i+1), Label: action.Label})
	}
	return buttons
}
