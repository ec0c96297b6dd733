//go:build !headless

package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"bellwire/internal/watch"
	"bellwire/notify"
	"bellwire/subscriptions"
)

// A build without a desktop says the same in English.
func TestNotificationWords(t *testing.T) {
	t.Setenv("LC_ALL", "en_US.UTF-8")
	here, english := notificationWords(), notify.English()
	if here.Open != english.Open || here.Read != english.Read || here.Mute != english.Mute {
		t.Errorf("%+v, %+v", here, english)
	}
	for _, why := range []subscriptions.Reason{
		subscriptions.ReasonBudget, subscriptions.ReasonCatchUp, subscriptions.ReasonPaused,
		subscriptions.ReasonMuted, subscriptions.ReasonDND, subscriptions.ReasonQuiet,
	} {
		for _, c := range []struct {
			n     int64
			feed  string
			feeds int
		}{{1, "ci", 1}, {37, "ci", 1}, {2, "", 2}} {
			if a, b := here.Summary(why, c.n, c.feed, c.feeds), english.Summary(why, c.n, c.feed, c.feeds); a != b {
				t.Errorf("%q, %q", a, b)
			}
		}
	}
	if a, b := here.New("ci"), english.New("ci"); a != b {
		t.Errorf("%q, %q", a, b)
	}
	if a, b := here.Part("ci", 30), english.Part("ci", 30); a != b {
		t.Errorf("%q, %q", a, b)
	}
	for _, n := range []int{1, 2} {
		if a, b := here.Rest(n), english.Rest(n); a != b {
			t.Errorf("%q, %q", a, b)
		}
	}
}

// affected are feeds in trouble, at most as many as a notice tells one by one.
func affected(count int, name string, states ...subscriptions.State) (f watch.Facts) {
	f = watch.Facts{Type: subscriptions.NoticeTrouble, Count: count}
	codes := []subscriptions.Code{subscriptions.CodeUnreachable, subscriptions.CodeUnauthorized, "from the future", ""}
	for i := range min(count, 50) {
		f.Feeds = append(f.Feeds, watch.About{
			ID: fmt.Sprint(i), Name: fmt.Sprint(name, i), Since: time.Date(2025, 1, 2, 3, 4, 5, 6, time.Local), For: subscriptions.Duration(200 * time.Minute),
			State: states[i%len(states)], Code: codes[i%len(codes)], Error: []string{"no route to host", "it ends.", "état"}[i%3], Hint: "Do something.",
		})
	}
	return f
}

// What notices say in English is said in two places: without a desktop, and in
// the person's language.
func TestNoticeWords(t *testing.T) {
	t.Setenv("LC_ALL", "en_US.UTF-8")
	const waiting, blocked, ended = subscriptions.StateWaiting, subscriptions.StateBlocked, subscriptions.StateEnded
	facts := []watch.Facts{
		{Type: subscriptions.NoticeTest},
		affected(1, "a", waiting), affected(1, "a", blocked), affected(1, "a", ended), affected(1, strings.Repeat("long ", 30), blocked),
		affected(2, "a", waiting), affected(2, "a", blocked, ended), affected(3, "a", waiting, ended),
		affected(8, strings.Repeat("界", 90), waiting), affected(8, strings.Repeat("w", 79), blocked), affected(300, "Feed ", waiting), affected(300, "Feed ", blocked),
	}
	bare := affected(2, "a", waiting)
	bare.Feeds[0].Error, bare.Feeds[1].Hint = "", ""
	facts = append(facts, bare, watch.Facts{Type: subscriptions.NoticeTrouble, Count: 1, Feeds: bare.Feeds[:1]}, watch.Facts{Type: subscriptions.NoticeTrouble, Count: 1, Feeds: bare.Feeds[1:]})
	for _, f := range slices.Clone(facts[1:]) {
		f.All = true
		facts = append(facts, f)
		f.Type = subscriptions.NoticeRecovered
		facts = append(facts, f)
		f.All = false
		facts = append(facts, f)
	}
	for _, d := range []time.Duration{0, time.Second, 59600 * time.Millisecond, 90 * time.Second, time.Hour, 59*time.Minute + 59600*time.Millisecond, 25 * time.Hour, 48*time.Hour + time.Minute} {
		for _, what := range []subscriptions.NoticeType{subscriptions.NoticeSilent, subscriptions.NoticeSpeaks, subscriptions.NoticeRecovered} {
			f := affected(1, "a", "")
			f.Type, f.Feeds[0].For = what, subscriptions.Duration(d)
			facts = append(facts, f)
		}
	}
	here, english := noticeWords(), watch.Words(nil)
	for _, f := range facts {
		title, body := here.Say(f)
		wantTitle, wantBody := english.Say(f)
		if title != wantTitle || body != wantBody {
			t.Errorf("%.300s:\n%q\n%q\nwant\n%q\n%q", f.Raw(), title, body, wantTitle, wantBody)
		}
	}
}

// What the words do not know is told as the daemon would.
func TestNoticeWordsOfTheFuture(t *testing.T) {
	f := affected(1, "a", subscriptions.StateWaiting)
	f.Type = "from the future"
	if title, body := noticeWords()(f); title == "" || body == "" {
		t.Errorf("%q, %q", title, body)
	}
}
