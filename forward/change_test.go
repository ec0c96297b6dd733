package forward

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// What is under way when Bellwire ends is waited for, and not sent again.
func TestEndWaitsForTheAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMemory()
		f, to, _ := bench(t, m)
		to.answer = func(int, *http.Request) (*http.Response, error) {
			time.Sleep(2 * time.Second)
			return status(200), nil
		}
		f.Start(t.Context(), feed(hook("team")))
		m.add("ci", numbered(1, 3)...)
		synctest.Wait()
		f.Close()
		if d := cmp.Diff([]string{"1 forwarded  team"}, m.told()); d != "" {
			t.Errorf("(-want +got)\n%s", d)
		}
		f.Start(t.Context(), feed(hook("team"))) // too late
		again, next, _ := bench(t, m)
		again.Start(t.Context(), feed(hook("team")))
		synctest.Wait()
		again.Close()
		if d := cmp.Diff([]string{"e2", "e3"}, titles(next.requests())); d != "" || len(to.requests()) != 1 {
			t.Errorf("(-want +got)\n%s", d)
		}
	})
}

// A target that says nothing holds nobody up, and gets the event later.
func TestEndDoesNotWaitForEver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMemory()
		f, to, _ := bench(t, m)
		to.answer = func(_ int, req *http.Request) (*http.Response, error) {
			<-req.Context().Done()
			return nil, req.Context().Err()
		}
		f.Start(t.Context(), feed(hook("team")))
		m.add("ci", numbered(1, 1)...)
		synctest.Wait()
		began := time.Now()
		f.Close()
		if took := time.Since(began); took != grace || len(m.told()) != 0 || m.at("ci", "team") != 0 {
			t.Errorf("after %s: %q", took, m.told())
		}
	})
}

// A restart between two attempts goes on with the same event.
func TestRestartMidRetry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMemory()
		var got []string
		for _, code := range []int{503, 503, 200} {
			f, to, _ := bench(t, m)
			to.answer = func(int, *http.Request) (*http.Response, error) { return status(code), nil }
			f.Start(t.Context(), feed(hook("team")))
			if len(m.rows) == 0 {
				m.add("ci", numbered(1, 2)...)
			}
			synctest.Wait()
			began := time.Now()
			f.Close()
			if time.Since(began) != 0 {
				t.Error("it waited although nothing was under way")
			}
			if code == 200 {
				got = titles(to.requests())
			}
		}
		if d := cmp.Diff([]string{"e1", "e2"}, got); d != "" {
			t.Errorf("(-want +got)\n%s", d)
		}
	})
}

// A rule keeps its position by its name; another one begins with what comes.
func TestChangedRules(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMemory()
		f, to, _ := bench(t, m)
		defer f.Close()
		to.answer = func(int, *http.Request) (*http.Response, error) { return status(503), nil }
		f.Start(t.Context(), feed(hook("a"), hook("b")))
		m.add("ci", numbered(1, 2)...)
		synctest.Wait()

		to.mu.Lock()
		to.answer, to.got = nil, nil
		to.mu.Unlock()
		moved := hook("a")
		moved.URL = "https://hooks.example.org/moved"
		f.Change(t.Context(), feed(moved, hook("c")))
		synctest.Wait()
		m.add("ci", numbered(3, 1)...)
		synctest.Wait()
		f.Change(t.Context(), feed())
		if f.Waiting() || len(f.rules) != 0 {
			t.Error("rules are left")
		}
		m.mu.Lock()
		m.through["ci/b"] = 0 // left by a crash
		m.mu.Unlock()
		m.add("ci", numbered(4, 1)...)
		f.Change(t.Context(), feed(hook("b"))) // as if it had never been
		m.add("ci", numbered(5, 1)...)
		synctest.Wait()
		f.Stop("ci")
		m.add("ci", numbered(6, 1)...)
		synctest.Wait()
		got := map[string][]string{}
		for _, s := range to.requests() {
			got[s.URL] = append(got[s.URL], titles([]sent{s})...)
		}
		want := map[string][]string{
			"https://hooks.example.org/moved": {"e1", "e2", "e3"},
			"https://hooks.example.org/c":     {"e3"},
			"https://hooks.example.org/b":     {"e5"},
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("(-want +got)\n%s", d)
		}
	})
}
