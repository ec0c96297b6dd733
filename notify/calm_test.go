package notify

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"bellwire/notify/policy"
	"bellwire/subscriptions"
)

func TestWorkerIsCalm(t *testing.T) {
	late := func(seq int64) subscriptions.Event {
		return subscriptions.Event{Seq: seq, Title: fmt.Sprint("event ", seq), Late: true}
	}
	grouped := func(seq int64) subscriptions.Event {
		return subscriptions.Event{Seq: seq, Title: fmt.Sprint("event ", seq), Group: "job"}
	}
	tests := map[string]func(t *testing.T, b *bench){
		"beyond the budget there is one summary, updated in place": func(t *testing.T, b *bench) {
			for seq := range int64(100) { // 10 s of storm
				b.outbox.add(seq + 1)
				b.run(100 * time.Millisecond)
			}
			b.run(time.Minute)
			alone, summaries := 0, map[int64]int{}
			for _, n := range b.backend.shown() {
				if n.Summary == 0 {
					alone++
					continue
				}
				if summaries[n.Summary]++; n.Update != (summaries[n.Summary] > 1) || n.Update && n.Sound != SoundNone {
					t.Errorf("%s makes a noise: %+v", n.Title, n)
				}
			}
			if alone != 5 || len(summaries) != 1 || summaries[1] > 7 {
				t.Errorf("%d alone, summaries %v", alone, summaries)
			}
			if s := b.outbox.sums[0]; s.Count != 95 || s.Title != "95 more from deploys" || s.Why != subscriptions.ReasonBudget {
				t.Errorf("summary %+v", s)
			}
		},
		"a storm of several feeds": func(t *testing.T, b *bench) {
			for seq := range int64(60) {
				b.outbox.put(subscriptions.Event{Seq: seq + 1, Feed: fmt.Sprint("feed ", seq%6), Title: "t"})
			}
			b.run(time.Minute)
			all := b.backend.shown()
			if n := len(all); n != 11 || all[10].Title != "50 more from 6 feeds" || all[10].Body != "feed 4: 9\nfeed 5: 9\nfeed 0: 8\nand 3 more feeds" {
				t.Errorf("%d, the last %q %q", n, all[n-1].Title, all[n-1].Body)
			}
		},
		"what is urgent has a budget of its own": func(t *testing.T, b *bench) {
			for seq := range int64(20) {
				b.outbox.add(seq + 1)
			}
			b.outbox.put(subscriptions.Event{Seq: 21, Priority: 5, Title: "fire"})
			synctest.Wait()
			all := b.backend.shown()
			if n := len(all); n != 6 || all[5].Title != "fire" {
				t.Errorf("%+v", all)
			}
		},
		"a backlog is one summary": func(t *testing.T, b *bench) {
			for seq := range int64(500) {
				b.outbox.put(late(seq + 1))
				if seq%100 == 0 {
					b.run(time.Second)
				}
			}
			b.run(time.Minute)
			b.expect(t, "6.5s show summary 1: 500 events from deploys while you were away", "6.5s told 500 in 1")
		},
		"a few that came late are told one by one": func(t *testing.T, b *bench) {
			b.outbox.put(late(1), late(2))
			b.run(time.Minute)
			b.expect(t, "1.5s show 1", "1.5s shown [1]", "1.5s show 2", "1.5s shown [2]")
		},
		"a backlog without an end is told all the same": func(t *testing.T, b *bench) {
			for seq := range int64(40) {
				b.outbox.put(late(seq + 1))
				b.run(400 * time.Millisecond)
			}
			b.run(time.Minute)
			b.expect(t, "15s show summary 1: 38 events from deploys while you were away", "15s told 38 in 1",
				"17s show summary 1: 40 events from deploys while you were away", "17s told 2 in 1")
		},
		"what nobody could be told for a minute is a summary": func(t *testing.T, b *bench) {
			b.backend.answer(func(context.Context, Notification) error { return context.DeadlineExceeded })
			b.outbox.add(1, 2, 3, 4, 5)
			b.run(100 * time.Second)
			b.backend.answer(nil)
			b.run(100 * time.Second)
			all := b.backend.shown()
			if last := all[len(all)-1]; last.Title != "5 events from deploys while you were away" {
				t.Errorf("%+v", last)
			}
		},
		"quiet hours hold, and end with a summary": func(t *testing.T, b *bench) {
			from := time.Now().UTC()
			err := b.Prefer(subscriptions.Preferences{TimeZone: "UTC", Quiet: []subscriptions.QuietHours{{
				From: from.Format("15:04"), To: from.Add(time.Hour).Format("15:04"),
			}}})
			if err != nil {
				t.Fatal(err)
			}
			b.outbox.put(subscriptions.Event{Seq: 1}, subscriptions.Event{Seq: 2, Priority: 5}, subscriptions.Event{Seq: 3, Feed: "other"})
			b.run(2 * time.Hour)
			b.expect(t, "0s show 2", "0s shown [2]", "0s held quiet-hours [1 3]",
				"1h0m0.3s show summary 1: 2 events from 2 feeds in quiet hours", "1h0m0.3s told 2 in 1")
		},
		"do-not-disturb holds until it is over, with no timer": func(t *testing.T, b *bench) {
			b.dnd.set(true)
			b.outbox.add(1, 2)
			b.run(time.Hour)
			asked := b.outbox.asked()
			b.run(1000 * time.Hour)
			if n := b.outbox.asked() - asked; n != 0 {
				t.Errorf("the outbox was asked %d times", n)
			}
			b.dnd.set(false)
			b.run(time.Second)
			b.expect(t, "0s held do-not-disturb [1 2]",
				"1001h0m0.3s show summary 1: 2 events from deploys during do-not-disturb", "1001h0m0.3s told 2 in 1")
		},
		"one hold follows another": func(t *testing.T, b *bench) {
			b.dnd.set(true)
			b.outbox.add(1, 2)
			synctest.Wait()
			b.Pause(time.Now().Add(time.Hour))
			b.dnd.set(false)
			b.run(2 * time.Hour)
			b.expect(t, "0s held do-not-disturb [1 2]", "0s held paused [1 2]",
				"1h0m0.3s show summary 1: 2 events from deploys while paused", "1h0m0.3s told 2 in 1")
		},
		"a hold is known after a restart": func(t *testing.T, b *bench) {
			b.Pause(time.Now().Add(time.Hour))
			b.outbox.add(1, 2)
			synctest.Wait()
			b.stop()
			b.Worker = NewWorker(b.Worker.o)
			b.Pause(time.Now().Add(time.Minute))
			b.start(t)
			b.run(time.Hour)
			b.expect(t, "0s held paused [1 2]", "1m0.3s show summary 1: 2 events from deploys while paused", "1m0.3s told 2 in 1")
		},
		"a muted feed does not hold another": func(t *testing.T, b *bench) {
			b.stop()
			b.feeds["deploys"] = policy.Feed{Name: "Deploys", MutedUntil: time.Now().Add(time.Hour)}
			b.start(t)
			b.outbox.put(subscriptions.Event{Seq: 1}, subscriptions.Event{Seq: 2, Feed: "other"}, subscriptions.Event{Seq: 3})
			b.run(2 * time.Hour)
			b.expect(t, "0s show 2", "0s shown [2]", "0s held muted [1 3]",
				"1h0m0.3s show summary 1: 2 events from Deploys while muted", "1h0m0.3s told 2 in 1")
		},
		"a mute that becomes one for good": func(t *testing.T, b *bench) {
			b.stop()
			b.feeds["deploys"] = policy.Feed{MutedUntil: time.Now().Add(time.Hour)}
			b.start(t)
			b.outbox.add(1, 2)
			b.run(time.Minute)
			b.stop()
			b.feeds["deploys"] = policy.Feed{MutedUntil: policy.Forever}
			b.start(t)
			b.run(2 * time.Hour)
			b.expect(t, "0s held muted [1 2]", "1m0s filtered muted [1 2]")
		},
		"what a feed never tells": func(t *testing.T, b *bench) {
			b.stop()
			b.feeds["deploys"] = policy.Feed{Notify: subscriptions.Notify{MinPriority: 4}}
			b.start(t)
			b.outbox.put(subscriptions.Event{Seq: 1}, subscriptions.Event{Seq: 2, Priority: 4})
			b.run(time.Hour)
			b.expect(t, "0s show 2", "0s shown [2]", "0s filtered priority [1]")
		},
		"a group has one notification, and the newest of it wins": func(t *testing.T, b *bench) {
			var events []subscriptions.Event
			for seq := range int64(20) {
				events = append(events, grouped(seq+1))
			}
			b.outbox.put(events...)
			synctest.Wait()
			b.run(10 * time.Second)
			b.outbox.put(grouped(30))
			b.run(time.Hour)
			b.outbox.put(grouped(40))
			synctest.Wait()
			keys := map[string]bool{}
			for _, n := range b.backend.shown() {
				keys[n.Key] = true
			}
			if len(keys) != 1 {
				t.Errorf("keys %v", keys)
			}
			b.expect(t, "0s show 1", "0s shown [1]", "0s replaced 2 to 19", "1s show 20", "1s shown [20]",
				"10s show 30", "10s shown [30]", "1h0m10s show 40", "1h0m10s shown [40]")
		},
		"a group that goes up and down is not a way around the budget": func(t *testing.T, b *bench) {
			for seq := range int64(60) {
				e := grouped(seq + 1)
				e.Priority = 3 + int(seq%2)
				b.outbox.put(e)
				b.run(time.Second)
			}
			loud := 0
			for _, n := range b.backend.shown() {
				if !n.Update {
					loud++
				}
			}
			if loud < 5 || loud > 11 { // 5 at once, and 1 in 10 s
				t.Errorf("%d of 60 make a noise", loud)
			}
		},
		"a summary that expired goes on later, not at once": func(t *testing.T, b *bench) {
			for seq := range int64(10) {
				b.outbox.add(seq + 1)
			}
			b.run(2 * time.Second)
			b.Gone(Ending{Summary: 1, Why: EndExpired})
			for seq := range int64(5) {
				b.outbox.add(seq + 11)
			}
			b.run(2 * time.Minute)
			want := []string{"5 more from deploys", "10 more from deploys"}
			b.expectSummaries(t, want...)
		},
		"a summary that a person closed begins anew": func(t *testing.T, b *bench) {
			for seq := range int64(10) {
				b.outbox.add(seq + 1)
			}
			b.run(2 * time.Second)
			b.Gone(Ending{Summary: 1, Why: EndDismissed})
			for seq := range int64(5) {
				b.outbox.add(seq + 11)
			}
			b.run(2 * time.Minute)
			b.expectSummaries(t, "5 more from deploys", "5 more from deploys")
		},
		"a rejected summary fails its events": func(t *testing.T, b *bench) {
			b.backend.answer(func(_ context.Context, n Notification) error {
				if n.Summary != 0 {
					return fmt.Errorf("too odd: %w", ErrRejected)
				}
				return nil
			})
			b.outbox.put(late(1), late(2), late(3), late(4))
			b.run(time.Hour)
			b.expect(t, "1.5s show summary 1: 4 events from deploys while you were away",
				"1.5s log a notification will never be shown\" seq=0 summary=1 feed=deploys", "1.5s failed 1 to 4")
		},
		"a feed's program runs for what is shown, and for nothing else": func(t *testing.T, b *bench) {
			b.stop()
			b.feeds["deploys"] = policy.Feed{Notify: subscriptions.Notify{MinPriority: 4, Exec: []string{"/nonexistent/program"}}}
			b.start(t)
			b.outbox.put(subscriptions.Event{Seq: 1})
			synctest.Wait()
			b.outbox.put(subscriptions.Event{Seq: 2, Priority: 4})
			b.run(time.Minute)
			b.expect(t, "0s filtered priority [1]", "0s show 2", "0s shown [2]",
				"0s log the program of a feed\" feed=deploys seq=2 summary=0", "0s ran-failed [2]")
		},
		"a summary is told to the programs of its feeds, to each once": func(t *testing.T, b *bench) {
			b.stop()
			for id, name := range map[string]string{"one": "/nonexistent/a", "two": "/nonexistent/b", "three": "/nonexistent/b", "four": ""} {
				if name != "" {
					b.feeds[id] = policy.Feed{Notify: subscriptions.Notify{Exec: []string{name}}}
				}
			}
			b.start(t)
			for i, id := range []string{"one", "two", "three", "four"} {
				e := late(int64(i) + 1)
				e.Feed = id
				b.outbox.put(e)
			}
			b.run(time.Minute)
			program := "1.5s log the program of a feed\" feed=\"\" seq=0 summary=1"
			b.expect(t, "1.5s show summary 1: 4 events from 4 feeds while you were away", "1.5s told 4 in 1", program, program)
		},
		"too many programs": func(t *testing.T, b *bench) {
			b.stop()
			b.feeds["deploys"] = policy.Feed{Notify: subscriptions.Notify{Exec: []string{"/nonexistent/program"}}}
			for range maxPrograms {
				b.programs.places <- struct{}{}
			}
			b.start(t)
			b.outbox.add(1)
			b.run(time.Minute)
			b.expect(t, "0s show 1", "0s shown [1]", "0s log the program of a feed does not run\" feed=deploys seq=1 summary=0", "0s ran-failed [1]")
		},
		"the outbox refuses what was decided": func(t *testing.T, b *bench) {
			b.dnd.set(true)
			b.outbox.fail(nil, context.DeadlineExceeded)
			b.outbox.add(1, 2)
			b.run(2 * time.Second)
			b.outbox.fail(nil, nil)
			b.run(2 * time.Second)
			b.expect(t, "0s log notifications are held up", "3s held do-not-disturb [1 2]", "3s log notifications go on")
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { test(t, newBench(t, nil)) })
		})
	}
}

// The words of every summary there can be.
func TestSummariesHaveWords(t *testing.T) {
	w := Words{}.complete()
	for _, why := range []subscriptions.Reason{
		subscriptions.ReasonBudget, subscriptions.ReasonCatchUp, subscriptions.ReasonPaused,
		subscriptions.ReasonMuted, subscriptions.ReasonDND, subscriptions.ReasonQuiet,
	} {
		seen := map[string]bool{}
		for _, title := range []string{w.Summary(why, 1, "ci", 1), w.Summary(why, 2, "ci", 1), w.Summary(why, 2, "", 2)} {
			if title == "" || seen[title] {
				t.Errorf("%s: %q", why, title)
			}
			seen[title] = true
		}
	}
}
