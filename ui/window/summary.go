package window

import (
	"context"
	"errors"
	"net/http"

	"bellwire/internal/control"
	"bellwire/subscriptions"
	"bellwire/ui/words"
)

// showSummary lists what one summary told.
func (u *ui) showSummary(id int64) {
	u.search.reset()
	u.summary = subscriptions.Summary{ID: id}
	u.choose(choice{summary: id})
	u.loadSummary()
}

// loadSummary asks how many events the summary in view tells by now.
func (u *ui) loadSummary() {
	id := u.choice.summary
	if id == 0 {
		return
	}
	ask(u, func(ctx context.Context) (subscriptions.Summary, error) {
		return u.o.Client.Summary(ctx, id)
	}, func(s subscriptions.Summary, err error) {
		if u.choice.summary != id {
			return
		}
		if err != nil {
			text, hint := errorWords(err)
			if e, ok := errors.AsType[*control.Error](err); ok && e.Status == http.StatusNotFound {
				text, hint = words.Say("summary.gone"), words.Say("summary.gone.text")
			}
			if u.summary.Count == 0 { // it was never seen
				u.choose(choice{})
			}
			u.notices.trouble(text, hint)
			return
		}
		grown := u.summary.Count != 0 && u.summary.Count != s.Count
		u.summary = s
		u.events.refreshHead()
		if grown {
			u.events.reload()
		}
	})
}

// summaryName is what the list of a summary is called.
func (u *ui) summaryName() string {
	if u.summary.Count == 0 {
		return words.Say("events.loading")
	}
	return words.Count("summary.events", u.summary.Count)
}
