package window

import (
	"testing"
	"time"

	"bellwire/subscriptions"

	"fyne.io/fyne/v2"
)

// A notice is shown in the window's language, whatever the daemon's was.
func TestNoticesAreToldInWords(t *testing.T) {
	f := newFake()
	f.fill(1, noon.Add(-time.Hour))
	notice := subscriptions.Event{
		Kind: subscriptions.KindNotice, Type: string(subscriptions.NoticeSpeaks), Title: "沉默后又有了新事件", Body: "一直没有事件。",
		Received: noon.Add(-time.Minute), Priority: 3,
		Raw: `{"type":"speaks","count":1,"feeds":[{"id":"a","name":"Backups","since":"2025-06-03T10:40:00Z","for":"1h20m0s"}]}`,
	}
	loaded := notice
	loaded.Seq = 2
	f.events = append(f.events, loaded)
	h := open(t, f, Options{})
	h.loaded()
	h.arrive(notice)
	h.until("the notice", func() bool { return h.events.hist.index(3) >= 0 })
	const title, body = "Backups speaks again after 1 h 20 min", "It had been silent since 3 Jun 10:40."
	for _, seq := range []int64{2, 3} {
		if r := h.events.hist.rows[h.events.hist.index(seq)]; r.title != title || r.preview != body {
			t.Errorf("row %d says %q, %q", seq, r.title, r.preview)
		}
	}
	h.selectEvent(3)
	h.read(3)
	if h.detail.title.Text != title || h.detail.body.text.text != body {
		t.Errorf("the detail says %q, %q", h.detail.title.Text, h.detail.body.text.text)
	}
	h.detail.copyText()
	if got := fyne.CurrentApp().Clipboard().Content(); got != title+"\n\n"+body {
		t.Errorf("copied: %q", got)
	}
}

func TestNoticesWithoutFactsAreAsStored(t *testing.T) {
	e := subscriptions.Event{Kind: subscriptions.KindNotice, Type: "new", Title: "title", Body: "body", Raw: `{"type":"new"}`}
	if r := rowOf(e); r.title != "title" || r.preview != "body" {
		t.Errorf("%+v", r)
	}
}
