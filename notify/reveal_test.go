//go:build !windows && !darwin

package notify

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"bellwire/notify/notifytest"
	"bellwire/notify/policy"
	"bellwire/subscriptions"

	"github.com/google/go-cmp/cmp"
)

func TestWorkerRevealsAsMuchAsWanted(t *testing.T) {
	type seen struct {
		Title, Body string
		Tags        int
	}
	secret := subscriptions.Event{Title: "Ms Miller", Body: "is pregnant", Tags: []string{"baby"}, Priority: 5, Link: "https://example.org/", Feed: "ci"}
	notice := subscriptions.Event{Kind: subscriptions.KindNotice, Title: "ci is silent", Body: "the server said: Ms Miller"}
	for reveal, want := range map[subscriptions.Reveal][]seen{
		subscriptions.RevealAll:   {{"Ms Miller", "is pregnant", 1}, {"ci is silent", "the server said: Ms Miller", 0}},
		subscriptions.RevealTitle: {{"Ms Miller", "", 1}, {"ci is silent", "", 0}},
		subscriptions.RevealFeed:  {{"New event from CI", "", 0}, {"ci is silent", "", 0}},
	} {
		t.Run(string(reveal), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t, nil)
				b.feeds["ci"] = policy.Feed{Name: "CI"}
				if err := b.Prefer(subscriptions.Preferences{Reveal: reveal}); err != nil {
					t.Fatal(err)
				}
				synctest.Wait()
				one, two := secret, notice
				one.Seq, two.Seq = 1, 2
				b.outbox.put(one, two)
				b.run(time.Minute)
				var got []seen
				for _, n := range b.backend.shown() {
					got = append(got, seen{n.Title, n.Body, len(n.Tags)})
					if n.Seq == 1 && (n.Priority != 5 || n.Link == "" || len(n.Buttons) < 3) {
						t.Errorf("what is left of it: %+v", n)
					}
				}
				if d := cmp.Diff(want, got); d != "" {
					t.Error(d)
				}
			})
		})
	}
}

// The replacements of a group and the lines of a summary keep quiet as well.
func TestWorkerRevealsNothingLater(t *testing.T) {
	for reveal, shows := range map[subscriptions.Reveal]bool{subscriptions.RevealAll: true, subscriptions.RevealTitle: true, subscriptions.RevealFeed: false} {
		t.Run(string(reveal), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t, nil)
				if err := b.Prefer(subscriptions.Preferences{Reveal: reveal}); err != nil {
					t.Fatal(err)
				}
				synctest.Wait()
				for seq := range int64(5) {
					b.outbox.put(subscriptions.Event{Seq: seq + 1, Title: "hush", Body: "hidden", Group: "job"})
					b.run(2 * time.Second)
				}
				for seq := range int64(20) {
					b.outbox.put(subscriptions.Event{Seq: seq + 10, Title: "hush", Body: "hidden"})
				}
				b.run(time.Minute)
				all := b.backend.shown()
				last := all[len(all)-1]
				if last.Summary == 0 || !strings.Contains(last.Title, "more from deploys") {
					t.Errorf("the last is %+v", last)
				}
				for _, n := range all {
					if strings.Contains(n.Title+n.Body, "hush") != shows || strings.Contains(n.Body, "hidden") != (reveal == subscriptions.RevealAll && n.Summary == 0) {
						t.Errorf("shows %q, %q", n.Title, n.Body)
					}
				}
			})
		})
	}
}

func TestServiceHearsOnlyOfTheFeed(t *testing.T) {
	bus := notifytest.Bus(t)
	recorder := notifytest.Record(t, bus)
	d := openDesk(t, bus)
	diary := &diary{start: time.Now()}
	outbox := &fakeOutbox{diary: diary, changed: make(chan struct{}), held: map[int64]bool{}, told: map[int64]int64{}}
	w := NewWorker(WorkerOptions{Outbox: outbox, Backend: d, Logger: slog.New(slog.DiscardHandler)})
	if err := w.Prefer(subscriptions.Preferences{Reveal: subscriptions.RevealFeed}); err != nil {
		t.Fatal(err)
	}
	w.Speak(Words{New: func(feed string) string { return feed + " 有新事件" }})
	outbox.put(subscriptions.Event{Seq: 1, Title: "hush", Body: "hidden", Tags: []string{"hush"}})
	ctx, stop := context.WithCancel(t.Context())
	var ran sync.WaitGroup
	ran.Go(func() { _ = w.Run(ctx) }) // ends with ctx's error
	all, err := recorder.Wait(soon(t), 1)
	stop()
	ran.Wait()
	if err != nil || all[0].Summary != "deploys 有新事件" || all[0].Body != "" || strings.Contains(strings.Join(all[0].Actions, " "), "hush") {
		t.Errorf("%+v, %v", all, err)
	}
}
