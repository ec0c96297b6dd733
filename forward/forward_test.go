package forward

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"bellwire/subscriptions"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestEventsGoOnInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMemory()
		m.add("ci", numbered(1, 3)...) // before there was a forward
		f, to, _ := bench(t, m)
		defer f.Close()
		f.Start(t.Context(), feed(hook("team")))
		synctest.Wait()
		m.add("other", numbered(1, 1)...)
		m.add("ci", numbered(4, 150)...)
		m.add("ci", subscriptions.Event{Title: "gap", Kind: subscriptions.KindGap}, subscriptions.Event{Title: "notice", Kind: subscriptions.KindNotice})
		synctest.Wait()
		want := append(titlesOf(numbered(4, 150)), "notice")
		if d := cmp.Diff(want, titles(to.requests())); d != "" {
			t.Errorf("(-want +got)\n%s", d)
		}
		told := m.told()
		if len(told) != 151 || told[0] != "5 forwarded  team" || m.at("ci", "team") != 156 {
			t.Errorf("%d: %q, at %d", len(told), told[0], m.at("ci", "team"))
		}
		if to.requests()[150].At != 0 || f.Waiting() {
			t.Error("it waited for something")
		}
	})
}

func titlesOf(events []subscriptions.Event) (out []string) {
	for _, e := range events {
		out = append(out, e.Title)
	}
	return out
}

func TestWhatARuleLeavesOutIsNoted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMemory()
		f, to, _ := bench(t, m)
		defer f.Close()
		loud, failed, broken := hook("loud"), hook("failed"), hook("broken")
		loud.MinPriority = 4
		failed.When = `data.result == "failed" and "ci" in event.tags`
		broken.When = `int(data.n) > 3` // no number: it fails
		f.Start(t.Context(), feed(loud, failed, broken))
		m.add("ci",
			subscriptions.Event{Title: "a", Priority: 5, Raw: `{"n":1}`},
			subscriptions.Event{Title: "b", Raw: `{"result":"failed","n":2}`, Tags: []string{"ci"}},
			subscriptions.Event{Title: "c", Raw: `{"n":"x"}`},
			subscriptions.Event{Kind: subscriptions.KindGap, Title: "gap"},
		)
		synctest.Wait()
		got := map[string][]string{}
		for _, s := range to.requests() {
			got[s.URL] = append(got[s.URL], titles([]sent{s})...)
		}
		want := map[string][]string{"https://hooks.example.org/loud": {"a"}, "https://hooks.example.org/failed": {"b"}, "https://hooks.example.org/broken": {"c"}}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("(-want +got)\n%s", d)
		}
		told := m.told()
		slices.Sort(told)
		if d := cmp.Diff([]string{
			"1 forwarded  loud",
			"1 kept forward-condition broken",
			"1 kept forward-condition failed",
			"2 forwarded  failed",
			"2 kept forward-condition broken",
			"2 kept forward-priority loud",
			"3 forwarded  broken",
			"3 kept forward-condition failed",
			"3 kept forward-priority loud",
		}, told); d != "" {
			t.Errorf("(-want +got)\n%s", d)
		}
		for _, name := range []string{"loud", "failed", "broken"} {
			if m.at("ci", name) != 4 {
				t.Errorf("%s stands at %d, want 4", name, m.at("ci", name))
			}
		}
	})
}

func TestBackoffGrows(t *testing.T) {
	for attempts, want := range []time.Duration{time.Second, 2 * time.Second, 4 * time.Second, 8 * time.Second, 16 * time.Second, 32 * time.Second, 64 * time.Second, 2 * time.Minute, 2 * time.Minute} {
		if got := backoff(attempts, 1); got != want {
			t.Errorf("behind %d attempts up to %s, want %s", attempts, got, want)
		}
	}
	if backoff(100, 0) != 0 {
		t.Error("full jitter begins at nothing")
	}
}

// A target that is down is asked again until it is back; the order stays.
func TestTargetComesBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMemory()
		f, to, log := bench(t, m)
		defer f.Close()
		codes := []int{503, 0, 408, 425, 429, 500, 0}
		to.answer = func(n int, _ *http.Request) (*http.Response, error) {
			switch {
			case n > len(codes):
				return status(204), nil
			case codes[n-1] == 0:
				return nil, errors.New("connection refused")
			}
			return status(codes[n-1]), nil
		}
		f.Start(t.Context(), feed(hook("team")))
		m.add("ci", numbered(1, 3)...)
		synctest.Wait()
		if w := f.Waits("ci"); !f.Waiting() || len(w) != 1 || w[0].Forward != "team" || w[0].Error != "the server answered 503 (Service Unavailable)" || time.Until(w[0].Next) > time.Second {
			t.Errorf("nobody knows that it waits: %+v", w)
		}
		time.Sleep(10 * time.Minute)
		if d := cmp.Diff([]string{"e1", "e1", "e1", "e1", "e1", "e1", "e1", "e1", "e2", "e3"}, titles(to.requests())); d != "" {
			t.Errorf("(-want +got)\n%s", d)
		}
		if d := cmp.Diff([]string{"1 forwarded  team", "2 forwarded  team", "3 forwarded  team"}, m.told()); d != "" {
			t.Errorf("(-want +got)\n%s", d)
		}
		if strings.Count(log.String(), "level=WARN") != 1 || !strings.Contains(log.String(), "forwarding goes on") || f.Waiting() {
			t.Errorf("the log says\n%s", log)
		}
		key := to.requests()[0].Header.Get("Idempotency-Key")
		if key != instance+"-1" || to.requests()[7].Header.Get("Idempotency-Key") != key {
			t.Errorf("the key is %q", key)
		}
	})
}

func TestRetryAfterIsObeyed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMemory()
		f, to, _ := bench(t, m)
		defer f.Close()
		to.answer = func(n int, _ *http.Request) (*http.Response, error) {
			if n == 1 {
				return status(429, "Retry-After", "600"), nil
			}
			return status(200), nil
		}
		f.Start(t.Context(), feed(hook("team")))
		m.add("ci", numbered(1, 1)...)
		time.Sleep(time.Minute)
		f.Kick() // not before the time
		time.Sleep(9*time.Minute - time.Second)
		if n := len(to.requests()); n != 1 {
			t.Errorf("%d requests in less than ten minutes", n)
		}
		time.Sleep(3 * time.Second)
		if got := to.requests(); len(got) != 2 || got[1].At < 600*time.Second {
			t.Errorf("%+v", got)
		}
	})
}

func TestKickMakesWaitingRulesTry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMemory()
		f, to, _ := bench(t, m)
		defer f.Close()
		to.answer = func(n int, _ *http.Request) (*http.Response, error) { return nil, errors.New("down") }
		f.Start(t.Context(), feed(hook("team")))
		m.add("ci", numbered(1, 1)...)
		time.Sleep(time.Hour)
		before := len(to.requests())
		for range 5 {
			f.Kick()
			synctest.Wait()
		}
		if n := len(to.requests()) - before; n < 5 {
			t.Errorf("five kicks, %d attempts", n)
		}
	})
}

// What will not be better the next time is kept, and the next one goes on.
func TestRefusedEventsAreKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMemory()
		f, to, log := bench(t, m)
		defer f.Close()
		to.secret = "hush"
		to.answer = func(n int, _ *http.Request) (*http.Response, error) {
			return status([]int{400, 401, 404, 410, 413, 304, 302, 200}[n-1], "X-Said", "hush"), nil
		}
		f.Start(t.Context(), feed(hook("team")))
		m.add("ci", numbered(1, 8)...)
		synctest.Wait()
		want := []string{
			"1 kept  team: the server answered 400 (Bad Request)",
			"2 kept  team: the server answered 401 (Unauthorized)",
			"3 kept  team: the server answered 404 (Not Found)",
			"4 kept  team: the server answered 410 (Gone)",
			"5 kept  team: the server answered 413 (Request Entity Too Large)",
			"6 kept  team: the server answered 304 (Not Modified)",
			"7 kept  team: the server answered 302 (Found) with no address to follow",
			"8 forwarded  team",
		}
		if d := cmp.Diff(want, m.told()); d != "" {
			t.Errorf("(-want +got)\n%s", d)
		}
		if strings.Contains(log.String(), "hush") || strings.Count(log.String(), "level=WARN") != 1 {
			t.Errorf("the log tells a secret:\n%s", log)
		}
	})
}

func TestRedirectsStayWithTheirHost(t *testing.T) {
	for name, tc := range map[string]struct {
		code     int
		location string
		want     string
	}{
		"the same host":   {307, "https://hooks.example.org/new", "1 forwarded  team"},
		"for good":        {308, "/new", "1 forwarded  team"},
		"another host":    {307, "https://evil.example.org/", "1 kept  team: redirected to another host, evil.example.org"},
		"another port":    {307, "https://hooks.example.org:444/", "1 kept  team: redirected to another host, hooks.example.org"},
		"as a GET":        {302, "https://hooks.example.org/new", "1 kept  team: redirected to a page, which would lose the event"},
		"to an open line": {307, "http://hooks.example.org/new", "1 kept  team: redirected to http://hooks.example.org/new, away from a secure connection"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m := newMemory()
				f, to, _ := bench(t, m)
				defer f.Close()
				to.secret = "hush"
				to.answer = func(n int, _ *http.Request) (*http.Response, error) {
					if n == 1 {
						return status(tc.code, "Location", tc.location), nil
					}
					return status(200), nil
				}
				f.Start(t.Context(), feed(hook("team")))
				m.add("ci", numbered(1, 1)...)
				synctest.Wait()
				if d := cmp.Diff([]string{tc.want}, m.told()); d != "" {
					t.Errorf("(-want +got)\n%s", d)
				}
				if got := to.requests(); len(got) == 2 && got[1].Body != got[0].Body {
					t.Error("the event was lost on the way")
				}
			})
		})
	}
}

// A secret that cannot be had, like any trouble of our own, loses nothing.
func TestSecretsAreAskedForAnew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMemory()
		f, to, _ := bench(t, m)
		defer f.Close()
		to.err = subscriptions.Failf(subscriptions.NeedsUser, subscriptions.CodeIdentity, "the keyring is locked")
		f.Start(t.Context(), feed(hook("team")))
		m.add("ci", numbered(1, 1)...)
		time.Sleep(time.Hour)
		to.mu.Lock()
		to.err, to.secret = nil, "t0ken"
		to.mu.Unlock()
		time.Sleep(5 * time.Minute)
		to.mu.Lock()
		to.secret = "user:pass"
		to.mu.Unlock()
		m.add("ci", numbered(2, 1)...)
		synctest.Wait()
		got := to.requests()
		if len(got) != 2 || got[0].Header.Get("Authorization") != "Bearer t0ken" || got[1].Header.Get("Authorization") != "Basic dXNlcjpwYXNz" {
			t.Errorf("%+v", got)
		}
	})
}

func TestSecretsInTheirPlaces(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMemory()
		f, to, _ := bench(t, m)
		defer f.Close()
		to.secret = "a/b&c"
		path, query, header := hook("path/***"), hook("query?key=***&x=1"), hook("header")
		header.Headers = []subscriptions.Header{{Name: "X-Api-Key", Value: "key ***"}}
		f.Start(t.Context(), feed(path, query, header))
		m.add("ci", numbered(1, 1)...)
		synctest.Wait()
		got := map[string]string{}
		for _, s := range to.requests() {
			got[s.URL] = s.Header.Get("X-Api-Key") + s.Header.Get("Authorization")
		}
		want := map[string]string{"https://hooks.example.org/path/a/b&c": "", "https://hooks.example.org/query?key=a%2Fb%26c&x=1": "", "https://hooks.example.org/header": "key a/b&c"}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("(-want +got)\n%s", d)
		}
	})
}

// Storage that is full keeps nothing from being sent, and nothing is sent
// twice.
func TestBrokenStorage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMemory()
		f, to, _ := bench(t, m)
		defer f.Close()
		m.breaks(errors.New("disk full"))
		f.Start(t.Context(), feed(hook("team")))
		time.Sleep(time.Hour)
		m.breaks(nil)
		time.Sleep(5 * time.Minute) // the position is known now
		to.answer = func(int, *http.Request) (*http.Response, error) {
			m.breaks(errors.New("disk full"))
			return status(200), nil
		}
		m.add("ci", numbered(1, 2)...)
		time.Sleep(time.Hour)
		if n := len(to.requests()); n != 1 {
			t.Errorf("%d requests while nothing could be noted", n)
		}
		to.mu.Lock()
		to.answer = nil
		to.mu.Unlock()
		m.breaks(nil)
		time.Sleep(10 * time.Minute)
		if d := cmp.Diff([]string{"e1", "e2"}, titles(to.requests())); d != "" {
			t.Errorf("(-want +got)\n%s", d)
		}
	})
}

// A rule without work costs nothing: it asks once for every commit, and no
// timer runs.
func TestIdle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMemory()
		f, _, _ := bench(t, m)
		defer f.Close()
		f.Start(t.Context(), feed(hook("team")))
		synctest.Wait()
		before := m.asked
		time.Sleep(24 * time.Hour)
		m.add("other", numbered(1, 1)...)
		synctest.Wait()
		if n := m.asked - before; n != 1 {
			t.Errorf("%d questions in a day with one commit", n)
		}
		f.Start(t.Context(), subscriptions.Feed{ID: "none"})
		if len(f.rules) != 1 {
			t.Error("something runs for a feed that forwards nothing")
		}
	})
}

// Events that come one at a time share a connection: whoever has to be shown a
// certificate for each would pay for a handshake each.
func TestOneClientForManyEvents(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMemory()
		f, to, _ := bench(t, m)
		defer f.Close()
		made, make := 0, f.newClient
		f.newClient = func(t subscriptions.Target) *http.Client {
			made++
			return make(t)
		}
		f.Start(t.Context(), feed(hook("team")))
		for i := range 5 {
			m.add("ci", numbered(i, 1)...)
			time.Sleep(time.Second)
		}
		if len(to.requests()) != 5 || made != 1 {
			t.Errorf("%d requests of %d clients, want 5 of one", len(to.requests()), made)
		}
	})
}
